//! Comparing ledger and provider: the operation behind `rostrum leaks`, and the job that repairs.

use super::client::Listed;
use super::jobs::{SettleResource, grace_ms};
use super::plan::{Repair, plan};
use super::{Kind, ProviderErrorKind, Resource, State, recordings, store};
use crate::{Context, Error, Platform, Role};

/// Something at the provider that costs money or quota and has no owner, or an owner that lost its resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// Ledger row, when there is one.
    pub resource_id: Option<String>,
    /// Text of the owner, such as `auction:{id}`.
    pub owner: String,
    /// Provider's name, when known.
    pub arn: Option<String>,
    /// What is wrong and what happens next, as a sentence.
    pub what: String,
    /// Failed attempts to delete it.
    pub attempts: i64,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

/// Compares ledger and provider and reports the difference; changes nothing.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than admins, [`crate::ErrorKind::Provider`].
pub async fn leaks(ctx: &Context) -> Result<Vec<Leak>, Error> {
    ctx.require_role(Role::Admin)?;
    let view = look(&ctx.platform).await?;
    let mut leaks: Vec<Leak> = view
        .repairs
        .iter()
        .map(|repair| describe(repair, &view.ledger))
        .collect();
    for row in &view.ledger {
        let is_mentioned = leaks.iter().any(|leak| leak.resource_id.as_ref() == Some(&row.id));
        let what = match row.state {
            State::Lost => format!(
                "its {} is gone at the provider; it ends with its owner",
                row.kind.noun()
            ),
            State::Deleting => "waits to be deleted".to_owned(),
            State::Creating | State::Active | State::Deleted => continue,
        };
        if !is_mentioned {
            leaks.push(leak_of(row, what));
        }
    }
    Ok(leaks)
}

/// Compares and repairs.
///
/// An installation that never asked for anything has nothing to compare, and may have no credentials to ask with.
pub(super) async fn compare(platform: &Platform) -> Result<(), Error> {
    if !store::is_used(platform.db().read()).await? {
        return Ok(());
    }
    let view = look(platform).await?;
    for repair in view.repairs {
        tracing::warn!(repair = ?repair, "ledger and provider differ: {}", describe(&repair, &view.ledger).what);
        apply(platform, repair).await?;
    }
    Ok(())
}

struct View {
    ledger: Vec<Resource>,
    repairs: Vec<Repair>,
}

async fn look(platform: &Platform) -> Result<View, Error> {
    let installation = platform.video().config().installation.clone();
    let listed_at_ms = platform.environment().now_ms();
    let mut listed = platform
        .video()
        .list_channels(None)
        .await
        .map_err(|error| Error::provider("Failed to list IVS channels", error))?;
    let rooms = rooms(platform).await?;
    let mut ledger = store::open(platform.db().read()).await?;
    let recordings = recordings::listed(platform.video(), &ledger).await;
    match recordings.map_err(|error| Error::provider("Failed to list IVS recording configurations", error))? {
        Some(recordings) => listed.extend(recordings),
        None => ledger.retain(|row| row.kind != Kind::Recording),
    }
    match rooms {
        Some(rooms) => listed.extend(rooms),
        None => ledger.retain(|row| row.kind != Kind::Room),
    }
    for resource in &listed {
        add_deleted(platform, &mut ledger, resource, &installation).await?;
    }
    let repairs = plan(&ledger, &listed, &installation, listed_at_ms, grace_ms(platform));
    Ok(View { ledger, repairs })
}

/// Every chat room; `None` where the credentials may not ask, so that video is looked after all the same.
async fn rooms(platform: &Platform) -> Result<Option<Vec<Listed>>, Error> {
    match platform.video().list_rooms(None).await {
        Ok(rooms) => Ok(Some(rooms)),
        Err(error) if error.kind == ProviderErrorKind::AccessDenied => {
            tracing::warn!(%error, "chat rooms cannot be compared");
            Ok(None)
        }
        Err(error) => Err(Error::provider("Failed to list IVS chat rooms", error)),
    }
}

/// Deleted rows are many and rarely matter: only those that a listed channel points to are read.
async fn add_deleted(
    platform: &Platform,
    ledger: &mut Vec<Resource>,
    listed: &Listed,
    installation: &str,
) -> Result<(), Error> {
    let Some(tags) = listed.tags.as_ref().filter(|tags| tags.installation == installation) else {
        return Ok(());
    };
    if ledger
        .iter()
        .any(|row| row.arn.as_ref() == Some(&listed.arn) || row.id == tags.resource)
    {
        return Ok(());
    }
    let db = platform.db().read();
    let row = match store::find_by_arn(db, &listed.arn).await? {
        Some(row) => Some(row),
        None => store::find(db, &tags.resource).await?,
    };
    ledger.extend(row);
    Ok(())
}

async fn apply(platform: &Platform, repair: Repair) -> Result<(), Error> {
    let now_ms = platform.environment().now_ms();
    // Asked before the transaction: a call may take seconds, and writers wait for each other.
    if let Repair::Verify { arn, .. } = &repair {
        let client = platform.video();
        let exists = match Kind::of_arn(arn) {
            Kind::Channel => client.channel_exists(arn).await,
            Kind::Room => client.room_exists(arn).await,
            Kind::Recording => client.recording_progress(arn).await.map(|known| known.is_some()),
        };
        if exists.map_err(|error| Error::provider("Failed to read an IVS resource", error))? {
            return Ok(());
        }
    }
    let mut tx = platform.db().begin().await?;
    match repair {
        Repair::Settle { id, arn } => {
            if let Some(arn) = &arn {
                store::set_arn(tx.conn(), &id, arn).await?;
            }
            tx.enqueue_no_later(&SettleResource { resource_id: id }, now_ms).await?;
        }
        Repair::Reopen { id, arn } => {
            store::advance(tx.conn(), &id, State::Deleted, State::Deleting, Some(&arn), now_ms).await?;
            tx.enqueue(&SettleResource { resource_id: id }, now_ms).await?;
        }
        Repair::Adopt { arn, tags } => {
            let row = Resource {
                id: platform.new_id(now_ms),
                kind: Kind::of_arn(&arn),
                owner: tags.owner,
                purpose: tags.purpose,
                name: String::new(),
                state: State::Creating,
                arn: Some(arn),
                attempts: 0,
                last_error: None,
                created_at_ms: now_ms,
                changed_at_ms: now_ms,
            };
            store::insert(tx.conn(), &row, None).await?;
            tx.enqueue(&SettleResource { resource_id: row.id }, now_ms + grace_ms(platform))
                .await?;
        }
        Repair::Verify { id, .. } => {
            store::advance(tx.conn(), &id, State::Active, State::Lost, None, now_ms).await?;
        }
        Repair::Recover { id } => {
            store::advance(tx.conn(), &id, State::Lost, State::Active, None, now_ms).await?;
        }
    }
    tx.commit().await
}

fn describe(repair: &Repair, ledger: &[Resource]) -> Leak {
    let noun_of = |id: &str| {
        let row = ledger.iter().find(|row| row.id == id);
        row.map_or(Kind::Channel, |row| row.kind).noun()
    };
    let (id, what) = match repair {
        Repair::Adopt { arn, tags } => {
            let noun = Kind::of_arn(arn).noun();
            return Leak {
                resource_id: None,
                owner: tags.owner.clone(),
                arn: Some(arn.clone()),
                what: format!("a {noun} of this installation that nobody wrote down; it will be deleted"),
                attempts: 0,
                last_error: None,
            };
        }
        Repair::Settle { id, arn: Some(_) } => (
            id,
            format!("a {} that nobody owns any more; it will be deleted", noun_of(id)),
        ),
        Repair::Settle { id, arn: None } => (id, "an unfinished creation or deletion; it will be settled".to_owned()),
        Repair::Reopen { id, .. } => (
            id,
            format!(
                "a {} that came back after its deletion; it will be deleted again",
                noun_of(id)
            ),
        ),
        Repair::Verify { id, .. } => (id, format!("an owned {} that the provider does not list", noun_of(id))),
        Repair::Recover { id } => (id, format!("a {} thought lost is there again", noun_of(id))),
    };
    match ledger.iter().find(|row| row.id == *id) {
        Some(row) => leak_of(row, what),
        None => Leak {
            resource_id: Some(id.clone()),
            owner: String::new(),
            arn: None,
            what,
            attempts: 0,
            last_error: None,
        },
    }
}

fn leak_of(row: &Resource, what: String) -> Leak {
    Leak {
        resource_id: Some(row.id.clone()),
        owner: row.owner.clone(),
        arn: row.arn.clone(),
        what,
        attempts: row.attempts,
        last_error: row.last_error.clone(),
    }
}
