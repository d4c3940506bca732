//! The one picture of a group.

use bytes::Bytes;

use super::{Group, lock, record, store};
use crate::{Context, Error, pictures};

/// Gives a group a picture; the one it had goes after the commit.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `image` when it is none that we read, [`crate::ErrorKind::Unavailable`]
/// when too many are being read; [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for others than the owner
/// and admins.
pub async fn set(ctx: &Context, user_id: &str, group_id: &str, content: Bytes) -> Result<Group, Error> {
    // Whoever may not change it gives us no work.
    super::get(ctx, user_id, group_id).await?;
    let picture = pictures::store(ctx, "image", content).await?;
    let (mut tx, group) = lock(ctx, user_id, group_id).await?;
    picture.keep(tx.conn()).await?;
    if let Some(before) = &group.picture {
        before.release(&mut tx, ctx.now_ms).await?;
    }
    let group = Group {
        picture: Some(picture),
        updated_at_ms: ctx.now_ms,
        ..group
    };
    store::update(tx.conn(), &group).await?;
    record(ctx, &mut tx, "groups.set_picture", &group.id).await?;
    tx.commit().await?;
    ctx.platform.failpoint().reached("picture.saved");
    Ok(group)
}

/// Takes a group's picture away; one without any is fine.
///
/// *errors*: as [`set`].
pub async fn remove(ctx: &Context, user_id: &str, group_id: &str) -> Result<Group, Error> {
    let (mut tx, group) = lock(ctx, user_id, group_id).await?;
    let Some(before) = &group.picture else { return Ok(group) };
    before.release(&mut tx, ctx.now_ms).await?;
    let group = Group {
        picture: None,
        updated_at_ms: ctx.now_ms,
        ..group
    };
    store::update(tx.conn(), &group).await?;
    record(ctx, &mut tx, "groups.remove_picture", &group.id).await?;
    tx.commit().await?;
    Ok(group)
}
