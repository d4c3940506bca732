//! The calls about who is publishing.

use aws_sdk_ivs::types::StreamHealth;

use super::client::{Client, OnlyWhenThrottled, PAGE_SIZE, PAGES_MAX, found};
use super::{ProviderError, ProviderErrorKind};
use crate::Secret;

/// A live stream as the provider sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveStream {
    /// Channel it is on.
    pub channel_arn: String,
    /// Identity of the live period.
    pub stream_id: String,
    /// When it began, epoch milliseconds.
    pub started_at_ms: Option<i64>,
    /// True while media arrives, false while it starves, `None` when the provider cannot tell.
    pub is_healthy: Option<bool>,
    /// Concurrent views; `None` when the provider did not count in time.
    pub viewers: Option<i64>,
}

impl Client {
    /// Takes all stream keys of a channel away, so that an encoder that was thrown out stays out.
    ///
    /// *errors*: [`ProviderError`]; not found counts as done.
    pub async fn delete_stream_keys(&self, channel_arn: &str) -> Result<(), ProviderError> {
        const LIST: &str = "ListStreamKeys";
        const DELETE: &str = "DeleteStreamKey";
        self.turn(LIST).await?;
        // One key per channel is Amazon's limit; a page of this operation holds at most 50.
        let listed = self
            .sdk
            .list_stream_keys()
            .channel_arn(channel_arn)
            .max_results(50)
            .send()
            .await;
        let listed = found(
            listed.map_err(|error| self.failed(LIST, &error)),
            ProviderErrorKind::NotFound,
        )?;
        for key in listed.map(|page| page.stream_keys).unwrap_or_default() {
            let Some(arn) = key.arn else { continue };
            self.turn(DELETE).await?;
            let deleted = self.sdk.delete_stream_key().arn(arn).send().await;
            found(
                deleted.map_err(|error| self.failed(DELETE, &error)),
                ProviderErrorKind::NotFound,
            )?;
        }
        Ok(())
    }

    /// Makes a channel's stream key, the only copy that we are told.
    ///
    /// *errors*: [`ProviderError`] of kind quota while the channel has one.
    pub async fn create_stream_key(&self, channel_arn: &str) -> Result<Secret, ProviderError> {
        const OPERATION: &str = "CreateStreamKey";
        self.turn(OPERATION).await?;
        let answer = self
            .sdk
            .create_stream_key()
            .channel_arn(channel_arn)
            .customize()
            .config_override(aws_sdk_ivs::config::Builder::new().retry_classifier(OnlyWhenThrottled))
            .send()
            .await
            .map_err(|error| self.failed(OPERATION, &error))?;
        let value = answer.stream_key.and_then(|key| key.value);
        value
            .map(Secret::new)
            .ok_or_else(|| ProviderError::incomplete(OPERATION, "streamKey.value"))
    }

    /// Disconnects the encoder. Nobody publishing counts as done.
    ///
    /// *errors*: [`ProviderError`].
    pub async fn stop_stream(&self, channel_arn: &str) -> Result<(), ProviderError> {
        const OPERATION: &str = "StopStream";
        self.turn(OPERATION).await?;
        let answer = self.sdk.stop_stream().channel_arn(channel_arn).send().await;
        match found(
            answer.map_err(|error| self.failed(OPERATION, &error)),
            ProviderErrorKind::NotBroadcasting,
        ) {
            Err(error) if error.kind == ProviderErrorKind::NotFound => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// All live streams of the account and region.
    ///
    /// *errors*: [`ProviderError`]; nothing is returned unless every page was read.
    pub async fn list_streams(&self) -> Result<Vec<LiveStream>, ProviderError> {
        const OPERATION: &str = "ListStreams";
        let mut streams = Vec::new();
        let mut token = None;
        for _ in 0..PAGES_MAX {
            self.turn(OPERATION).await?;
            let request = self.sdk.list_streams().max_results(PAGE_SIZE).set_next_token(token);
            let page = request.send().await.map_err(|error| self.failed(OPERATION, &error))?;
            streams.extend(page.streams.into_iter().filter_map(|stream| {
                Some(LiveStream {
                    channel_arn: stream.channel_arn?,
                    stream_id: stream.stream_id?,
                    started_at_ms: stream.start_time.and_then(|at| at.to_millis().ok()),
                    is_healthy: health(stream.health.as_ref()),
                    viewers: Some(stream.viewer_count).filter(|count| *count >= 0),
                })
            }));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(streams);
            }
        }
        Err(ProviderError::incomplete(OPERATION, "last page"))
    }

    /// The live stream of one channel; `None` when nobody publishes or the channel is gone.
    ///
    /// *errors*: [`ProviderError`].
    pub async fn stream(&self, channel_arn: &str) -> Result<Option<LiveStream>, ProviderError> {
        const OPERATION: &str = "GetStream";
        self.turn(OPERATION).await?;
        let answer = self.sdk.get_stream().channel_arn(channel_arn).send().await;
        let stream = match found(
            answer.map_err(|error| self.failed(OPERATION, &error)),
            ProviderErrorKind::NotBroadcasting,
        ) {
            Err(error) if error.kind == ProviderErrorKind::NotFound => None,
            answer => answer?.and_then(|answer| answer.stream),
        };
        Ok(stream.and_then(|stream| {
            Some(LiveStream {
                channel_arn: channel_arn.to_owned(),
                stream_id: stream.stream_id?,
                started_at_ms: stream.start_time.and_then(|at| at.to_millis().ok()),
                is_healthy: health(stream.health.as_ref()),
                viewers: Some(stream.viewer_count).filter(|count| *count >= 0),
            })
        }))
    }

    /// When a live period ended, epoch milliseconds; `None` while it runs and when the provider does not know it.
    ///
    /// *errors*: [`ProviderError`].
    pub async fn stream_ended_at_ms(&self, channel_arn: &str, stream_id: &str) -> Result<Option<i64>, ProviderError> {
        const OPERATION: &str = "GetStreamSession";
        self.turn(OPERATION).await?;
        let answer = self
            .sdk
            .get_stream_session()
            .channel_arn(channel_arn)
            .stream_id(stream_id)
            .send()
            .await;
        let answer = found(
            answer.map_err(|error| self.failed(OPERATION, &error)),
            ProviderErrorKind::NotFound,
        )?;
        Ok(answer
            .and_then(|answer| answer.stream_session)
            .and_then(|session| session.end_time)
            .and_then(|at| at.to_millis().ok()))
    }
}

fn health(health: Option<&StreamHealth>) -> Option<bool> {
    match health? {
        StreamHealth::StreamHealthy => Some(true),
        StreamHealth::Starving => Some(false),
        _ => None,
    }
}
