//! Work on the ledger that happens later.

use serde::{Deserialize, Serialize};

use super::{Kind, ProviderError, Resource, State, deletion, janitor, store};
use crate::jobs::{Job, JobError, Outcome};
use crate::{Error, Platform};

/// Pause between two looks for a channel whose creation was not confirmed.
const LOOK_AGAIN_MS: i64 = 5_000;
/// Pause between two comparisons of the whole ledger with the provider.
const COMPARE_EVERY_MS: i64 = 10 * 60 * 1000;

/// Brings one resource to its end: gives up a creation that nobody finished, deletes what is to be deleted.
#[derive(Serialize, Deserialize)]
pub(crate) struct SettleResource {
    pub(crate) resource_id: String,
}

/// Compares ledger and provider and repairs the difference.
#[derive(Serialize, Deserialize)]
pub(crate) struct CompareLedger {}

impl Job for SettleResource {
    const NAME: &'static str = "video.settle";

    fn key(&self) -> String {
        self.resource_id.clone()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let Some(row) = store::find(platform.db().read(), &self.resource_id).await? else {
            return Ok(Outcome::Done);
        };
        match row.state {
            State::Creating => give_up_creation(platform, &row).await,
            State::Deleting => delete(platform, &row).await,
            State::Active | State::Lost | State::Deleted => Ok(Outcome::Done),
        }
    }
}

impl Job for CompareLedger {
    const NAME: &'static str = "video.compare";

    fn key(&self) -> String {
        String::new()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        janitor::compare(platform).await?;
        Ok(Outcome::Again {
            run_at_ms: platform.environment().now_ms() + COMPARE_EVERY_MS,
        })
    }
}

/// How long a creation may stay undecided, milliseconds.
pub(super) fn grace_ms(platform: &Platform) -> i64 {
    i64::try_from(platform.video().config().creation_grace.as_millis()).unwrap_or(i64::MAX / 2)
}

async fn give_up_creation(platform: &Platform, row: &Resource) -> Result<Outcome, JobError> {
    let now_ms = platform.environment().now_ms();
    let given_up_at_ms = row.created_at_ms + grace_ms(platform);
    if now_ms < given_up_at_ms {
        return Ok(Outcome::Again {
            run_at_ms: given_up_at_ms,
        });
    }
    let mut tx = platform.db().begin().await?;
    let is_ours = store::advance(tx.conn(), &row.id, State::Creating, State::Deleting, None, now_ms).await?;
    tx.commit().await?;
    if !is_ours {
        return Ok(Outcome::Done);
    }
    tracing::warn!(
        video.resource = row.id,
        owner = row.owner,
        "nobody finished creating {} for {}: it is cleaned up",
        row.name,
        row.owner
    );
    delete(
        platform,
        &Resource {
            state: State::Deleting,
            ..row.clone()
        },
    )
    .await
}

async fn delete(platform: &Platform, row: &Resource) -> Result<Outcome, JobError> {
    let now_ms = platform.environment().now_ms();
    let arn = match &row.arn {
        Some(arn) => Some(arn.clone()),
        None => match look_up(platform, row).await {
            Ok(arn) => arn,
            Err(error) => return Err(failed(platform, row, &error).await?),
        },
    };
    match &arn {
        Some(arn) => {
            if let Err(error) = delete_resource(platform, row.kind, arn).await {
                return Err(failed(platform, row, &error).await?);
            }
        }
        // An unconfirmed creation may still become visible.
        None if now_ms < row.created_at_ms + grace_ms(platform) => {
            return Ok(Outcome::Again {
                run_at_ms: (now_ms + LOOK_AGAIN_MS).min(row.created_at_ms + grace_ms(platform)),
            });
        }
        None => {}
    }
    platform.failpoint().reached("video.channel_deleted");
    let mut tx = platform.db().begin().await?;
    store::advance(
        tx.conn(),
        &row.id,
        State::Deleting,
        State::Deleted,
        arn.as_deref(),
        platform.environment().now_ms(),
    )
    .await?;
    tx.commit().await?;
    tracing::info!(
        video.resource = row.id,
        owner = row.owner,
        "{} {} of {} is deleted",
        row.kind.noun(),
        row.name,
        row.owner
    );
    Ok(Outcome::Done)
}

async fn delete_resource(platform: &Platform, kind: Kind, arn: &str) -> Result<(), ProviderError> {
    match kind {
        Kind::Channel => deletion::delete_channel(platform.video(), arn).await,
        Kind::Room => platform.video().delete_room(arn).await,
        Kind::Recording => platform.video().delete_recording_configuration(arn).await,
    }
}

/// What carries this row's id as a tag, if the provider has it.
async fn look_up(platform: &Platform, row: &Resource) -> Result<Option<String>, ProviderError> {
    let client = platform.video();
    let listed = match row.kind {
        Kind::Channel => client.list_channels(Some(&row.name)).await?,
        Kind::Room => client.list_rooms(Some(&row.name)).await?,
        Kind::Recording => client.list_recording_configurations().await?,
    };
    let ours = listed.into_iter().find(|resource| {
        resource
            .tags
            .as_ref()
            .is_some_and(|tags| tags.resource == row.id && tags.installation == client.config().installation)
    });
    Ok(ours.map(|resource| resource.arn))
}

async fn failed(platform: &Platform, row: &Resource, error: &ProviderError) -> Result<JobError, Error> {
    let mut tx = platform.db().begin().await?;
    store::note_failure(tx.conn(), &row.id, &error.to_string()).await?;
    tx.commit().await?;
    let message = match row.kind {
        Kind::Channel => "Failed to delete IVS channel",
        Kind::Room => "Failed to delete IVS chat room",
        Kind::Recording => "Failed to delete IVS recording configuration",
    };
    Ok(JobError::Retry(Error::provider(message, error)))
}
