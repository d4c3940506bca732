//! Making the room of an auction.

use std::time::Duration;

use serde_json::json;

use super::jobs::OpenRoom;
use super::store::{self, Room};
use crate::auctions::View;
use crate::db::Tx;
use crate::video::{self, Owner};
use crate::{Caller, Context, Error, Platform};

const PURPOSE: &str = "auction chat";
/// How long the creation of an auction waits for its room.
const CREATION_WAIT: Duration = Duration::from_secs(4);
/// When the job looks whether the room was made with the auction.
const JOB_AFTER_MS: i64 = 10_000;
/// A room that the provider does not know so soon after making it is not lost; the provider is slow.
const LOST_AFTER_MS: i64 = 60_000;

/// Plans the room of an auction in the transaction that saves it, for the case that it is not made at once.
pub(crate) async fn plan(tx: &mut Tx, auction_id: &str, now_ms: i64) -> Result<(), Error> {
    let auction_id = auction_id.to_owned();
    tx.enqueue(&OpenRoom { auction_id }, now_ms + JOB_AFTER_MS).await
}

/// Tells of each auction which room it has.
pub(crate) async fn fill(connection: &mut sqlx::AnyConnection, views: &mut [View]) -> Result<(), Error> {
    let ids: Vec<&str> = views.iter().map(|view| view.auction.id.as_str()).collect();
    let mut arns = store::arns(connection, &ids).await?;
    for view in views {
        view.chat_room_arn = arns.remove(&view.auction.id);
    }
    Ok(())
}

/// Makes the room of an auction that was just saved. Whatever goes wrong is left to the job that was planned with the auction.
pub(crate) async fn open_now(ctx: &Context, auction_id: &str) -> Option<String> {
    match tokio::time::timeout(CREATION_WAIT, open(ctx, auction_id)).await {
        Ok(Ok(arn)) => arn,
        Ok(Err(error)) => {
            let detail = error.detail.as_deref().unwrap_or_default();
            tracing::warn!(auction.id = auction_id, %error, "the chat room will be made later: {detail}");
            None
        }
        Err(_) => {
            tracing::warn!(
                auction.id = auction_id,
                "the chat room will be made later: no answer in time"
            );
            None
        }
    }
}

/// Makes the room unless there is one, and returns its ARN; `None` when the auction has ended.
pub(crate) async fn open(ctx: &Context, auction_id: &str) -> Result<Option<String>, Error> {
    match store::auction(ctx.db().read(), auction_id).await? {
        Some((auction, room)) if auction.is_live => {
            if let Some(room) = room {
                return Ok(Some(room.arn));
            }
        }
        _ => return Ok(None),
    }
    let owner = Owner::auction(auction_id);
    let made = video::create_room(ctx, &owner, PURPOSE, &format!("auction_{auction_id}"))
        .await
        .map_err(|failure| failure.into_error("Failed to create IVS chat room"))?;
    ctx.platform.failpoint().reached("chat.room_created");
    match save(ctx, auction_id, &made).await {
        Ok(true) => Ok(Some(made.arn)),
        Ok(false) => {
            video::give_up_room(ctx, &made, "the auction has a room already or has ended").await?;
            Ok(None)
        }
        Err(error) => {
            video::give_up_room(ctx, &made, &format!("the room was not saved: {error}")).await?;
            Err(error)
        }
    }
}

/// False when the auction has a room or an end by now.
async fn save(ctx: &Context, auction_id: &str, made: &video::NewRoom) -> Result<bool, Error> {
    let now_ms = ctx.platform.environment().now_ms();
    let mut tx = ctx.db().begin().await?;
    // Locks the auction: its end, which lets go of everything it owns, comes before or after this.
    if !store::lock_live(tx.conn(), auction_id).await? {
        return Ok(false);
    }
    let room = Room {
        arn: made.arn.clone(),
        resource_id: made.resource_id.clone(),
        created_at_ms: now_ms,
        heard_until_ms: 0,
    };
    if !store::insert_room(tx.conn(), auction_id, &room).await? {
        return Ok(false);
    }
    video::activate_room(&mut tx, made, now_ms).await?;
    tell(&mut tx, auction_id, Some(&room.arn))?;
    tx.commit().await?;
    Ok(true)
}

/// The provider does not have the room of a live auction any more: it gets another one.
pub(crate) async fn replace_lost(platform: &Platform, auction_id: &str, room: &Room) -> Result<(), Error> {
    let ctx = platform.context(Caller::System);
    if ctx.now_ms < room.created_at_ms + LOST_AFTER_MS {
        return Ok(());
    }
    let mut tx = ctx.db().begin().await?;
    if !store::lock_live(tx.conn(), auction_id).await? || !store::remove_room(tx.conn(), auction_id, &room.arn).await? {
        return Ok(());
    }
    video::release_one(&mut tx, &room.resource_id, ctx.now_ms).await?;
    tell(&mut tx, auction_id, None)?;
    let auction_id = auction_id.to_owned();
    tracing::warn!(
        auction.id = auction_id,
        room.arn = room.arn,
        "the chat room is gone at the provider: another one is made"
    );
    tx.enqueue(&OpenRoom { auction_id }, ctx.now_ms).await?;
    tx.commit().await
}

fn tell(tx: &mut Tx, auction_id: &str, arn: Option<&str>) -> Result<(), Error> {
    let now_ms = tx.now_ms();
    let payload = json!({
        "auction_id": auction_id,
        "chat_room_arn": arn,
        "server_time": super::listener::rfc3339(now_ms),
        "server_time_ms": now_ms,
    });
    tx.publish(&Owner::auction(auction_id).topic(), "chat_room", &payload)
}
