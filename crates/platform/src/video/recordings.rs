//! Recording configurations: one per installation and bucket, found in the ledger or made.

use std::time::Duration;

use aws_sdk_ivs::types::{
    DestinationConfiguration, RecordingConfigurationState as WireState, RecordingMode, S3DestinationConfiguration,
    ThumbnailConfiguration,
};

use super::client::{Client, Listed, OnlyWhenThrottled, PAGE_SIZE, PAGES_MAX, found};
use super::{
    Failure, Kind, Leftover, ProviderError, ProviderErrorKind, Resource, ResourceTags, State, Wanted, begin_once,
    let_go, own, refused, store,
};
use crate::{Context, Error};

/// Text of the owner: the installation itself.
const OWNER: &str = "installation:recordings";
const NAME: &str = "rostrum-recordings";
/// An encoder that comes back within so many seconds goes on with the same recording.
const RECONNECT_WINDOW_S: i32 = 60;
/// Seconds between two thumbnails.
const THUMBNAIL_EVERY_S: i64 = 60;
/// How often, and after which pause, somebody else's creation is looked at; together less than an HTTP client waits.
const LOOKS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(250);
/// Seconds after which asking again makes sense.
const BUSY_RETRY_S: u64 = 5;

/// Where a recording configuration is in its life at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Creating,
    Active,
    Failed,
}

/// The recording configuration of this installation for `bucket`; it is made when there is none.
///
/// However many ask at the same time, here or in other processes, one is made.
/// *errors*: the provider's, with the cause; what was made in vain is deleted.
pub async fn recording_configuration(ctx: &Context, bucket: &str) -> Result<String, Failure> {
    let purpose = format!("recordings to {bucket}");
    for _ in 0..LOOKS {
        let known = store::recording(ctx.db().read(), &purpose).await?;
        match known.map(|row| (row.state, row.arn)) {
            Some((State::Active, Some(arn))) => return Ok(arn),
            // Whoever makes it is at it, or died; the settling job sees to that.
            Some(_) => tokio::time::sleep(PAUSE).await,
            None => {
                if let Some((row, tags)) = begin_once(ctx, Wanted::Recording, OWNER, &purpose, NAME).await? {
                    return make(ctx, &row, &tags, bucket).await;
                }
            }
        }
    }
    Err(Error::unavailable(BUSY_RETRY_S, "another process makes the recording configuration").into())
}

async fn make(ctx: &Context, row: &Resource, tags: &ResourceTags, bucket: &str) -> Result<String, Failure> {
    let client = ctx.platform.video();
    let arn = match client.create_recording_configuration(NAME, bucket, tags).await {
        Ok(arn) => arn,
        Err(error) => return Err(refused(ctx, row, error).await?),
    };
    if let Err(error) = until_active(client, &arn, bucket).await {
        let_go(ctx, &row.id, row.kind, Leftover::Known(&arn), &error.to_string()).await?;
        return Err(Failure::Provider(error));
    }
    let now_ms = ctx.platform.environment().now_ms();
    let mut tx = ctx.db().begin().await?;
    if !own(&mut tx, &row.id, &arn, now_ms).await? {
        tx.rollback().await?;
        let_go(
            ctx,
            &row.id,
            row.kind,
            Leftover::Known(&arn),
            "its creation took too long",
        )
        .await?;
        return Err(Error::unavailable(BUSY_RETRY_S, "the recording configuration took too long").into());
    }
    tx.commit().await?;
    tracing::info!(recording.arn = arn, "channels are recorded to the bucket {bucket}");
    Ok(arn)
}

async fn until_active(client: &Client, arn: &str, bucket: &str) -> Result<(), ProviderError> {
    const OPERATION: &str = "GetRecordingConfiguration";
    for _ in 0..LOOKS {
        match client.recording_progress(arn).await? {
            Some(Progress::Active) => return Ok(()),
            Some(Progress::Creating) => tokio::time::sleep(PAUSE).await,
            Some(Progress::Failed) | None => {
                let text = format!("the bucket {bucket} cannot be used: it must exist, in the region of the channels");
                return Err(ProviderError::told(OPERATION, ProviderErrorKind::Invalid, text));
            }
        }
    }
    let text = format!("the recording configuration for the bucket {bucket} does not become active");
    Err(ProviderError::told(OPERATION, ProviderErrorKind::Failed, text))
}

impl Client {
    /// Makes a recording configuration and returns its ARN; it may not be active yet.
    ///
    /// *errors*: [`ProviderError`]; ask [`ProviderError::is_outcome_unknown`] whether one may exist now.
    async fn create_recording_configuration(
        &self,
        name: &str,
        bucket: &str,
        tags: &ResourceTags,
    ) -> Result<String, ProviderError> {
        const OPERATION: &str = "CreateRecordingConfiguration";
        self.turn(OPERATION).await?;
        let bucket = S3DestinationConfiguration::builder().bucket_name(bucket).build();
        let bucket = bucket.map_err(|_| ProviderError::incomplete(OPERATION, "bucketName"))?;
        let thumbnails = ThumbnailConfiguration::builder()
            .recording_mode(RecordingMode::Interval)
            .target_interval_seconds(THUMBNAIL_EVERY_S)
            .build();
        let answer = self
            .sdk
            .create_recording_configuration()
            .name(name)
            .destination_configuration(DestinationConfiguration::builder().s3(bucket).build())
            .thumbnail_configuration(thumbnails)
            .recording_reconnect_window_seconds(RECONNECT_WINDOW_S)
            .set_tags(Some(tags.to_map()))
            .customize()
            .config_override(aws_sdk_ivs::config::Builder::new().retry_classifier(OnlyWhenThrottled))
            .send()
            .await
            .map_err(|error| self.failed(OPERATION, &error))?;
        answer
            .recording_configuration
            .map(|made| made.arn)
            .filter(|arn| !arn.is_empty())
            .ok_or_else(|| ProviderError::incomplete(OPERATION, "recordingConfiguration.arn"))
    }

    /// Where a recording configuration is; `None` when it does not exist.
    ///
    /// *errors*: [`ProviderError`] of any other kind than not found.
    pub(super) async fn recording_progress(&self, arn: &str) -> Result<Option<Progress>, ProviderError> {
        const OPERATION: &str = "GetRecordingConfiguration";
        self.turn(OPERATION).await?;
        let answer = self.sdk.get_recording_configuration().arn(arn).send().await;
        let answer = answer.map_err(|error| self.failed(OPERATION, &error));
        let known = found(answer, ProviderErrorKind::NotFound)?;
        let state = known.and_then(|answer| answer.recording_configuration);
        Ok(state.map(|known| match known.state {
            WireState::Active => Progress::Active,
            WireState::CreateFailed => Progress::Failed,
            _ => Progress::Creating,
        }))
    }

    /// All recording configurations of the account and region, ours and others'.
    ///
    /// *errors*: [`ProviderError`]; nothing is returned unless every page was read.
    pub async fn list_recording_configurations(&self) -> Result<Vec<Listed>, ProviderError> {
        const OPERATION: &str = "ListRecordingConfigurations";
        let mut listed = Vec::new();
        let mut token = None;
        for _ in 0..PAGES_MAX {
            self.turn(OPERATION).await?;
            let request = self.sdk.list_recording_configurations().max_results(PAGE_SIZE);
            let answer = request.set_next_token(token).send().await;
            let page = answer.map_err(|error| self.failed(OPERATION, &error))?;
            listed.extend(page.recording_configurations.into_iter().map(|one| Listed {
                tags: one.tags.as_ref().and_then(ResourceTags::from_map),
                arn: one.arn,
            }));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(listed);
            }
        }
        Err(ProviderError::incomplete(OPERATION, "last page"))
    }

    /// Deletes a recording configuration that no channel uses. One that does not exist counts as deleted.
    ///
    /// *errors*: [`ProviderError`] of kind conflict while a channel uses it.
    pub(super) async fn delete_recording_configuration(&self, arn: &str) -> Result<(), ProviderError> {
        const OPERATION: &str = "DeleteRecordingConfiguration";
        self.turn(OPERATION).await?;
        let answer = self.sdk.delete_recording_configuration().arn(arn).send().await;
        let answer = answer.map_err(|error| self.failed(OPERATION, &error));
        found(answer, ProviderErrorKind::NotFound).map(drop)
    }
}

/// Every recording configuration, for an installation that has one; `None` where the credentials may not ask.
pub(super) async fn listed(client: &Client, ledger: &[Resource]) -> Result<Option<Vec<Listed>>, ProviderError> {
    if !ledger.iter().any(|row| row.kind == Kind::Recording) {
        return Ok(None);
    }
    match client.list_recording_configurations().await {
        Ok(listed) => Ok(Some(listed)),
        Err(error) if error.kind == ProviderErrorKind::AccessDenied => {
            tracing::warn!(%error, "recording configurations cannot be compared");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
