//! The calls we make to Amazon IVS and IVS Chat: through the rate budget, with one time limit, answers in our own words.
//!
//! Retries are the SDK's (standard mode, its own token budget; they back off and do not wait for another turn of ours).
//! A creation is the exception: it is repeated only when the provider said that it did nothing (429), because an
//! unanswered one may have made a channel.

use std::fmt::Display;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_ivs::config::retry::RetryConfig;
use aws_sdk_ivs::config::timeout::TimeoutConfig;
use aws_sdk_ivs::types::{ChannelLatencyMode, ChannelType as WireType};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::budget::Budget;
use super::{ChannelType, Config, ProviderError, ProviderErrorKind, ResourceTags};

const ATTEMPTS_MAX: u32 = 3;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
pub(super) const PAGE_SIZE: i32 = 100; // The most that a list operation gives at once.
// A provider that hands out page after page is broken; 5,000 channels is Amazon's default quota.
pub(super) const PAGES_MAX: usize = 500;

/// A channel to be made.
#[derive(Debug, Clone, Copy)]
pub struct ChannelSpec<'a> {
    /// Up to 128 letters, digits, hyphens and underscores; not unique at the provider.
    pub name: &'a str,
    /// What the provider does with the picture.
    pub kind: ChannelType,
    /// How far viewers are behind.
    pub latency: Latency,
    /// How it is recorded; `None` for not at all.
    pub recording_configuration_arn: Option<&'a str>,
}

/// How far viewers are behind the encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latency {
    /// A few seconds.
    Low,
    /// What any player copes with.
    Normal,
}

/// A channel that was just made, with the only copy of its key that we are told.
#[derive(Clone)]
pub struct CreatedChannel {
    /// Name of the channel at the provider.
    pub arn: String,
    /// Where encoders connect: a host, or `host:port`.
    pub ingest_endpoint: String,
    /// Multivariant playlist.
    pub playback_url: String,
    /// Stream key, in the clear; seal it before it is stored.
    pub stream_key: String,
}

/// A channel or room as the provider lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Name of the channel at the provider.
    pub arn: String,
    /// Our tags on it; `None` for those of others.
    pub tags: Option<ResourceTags>,
}

/// Handle to the provider; cheap to clone.
#[derive(Clone)]
pub struct Client {
    pub(super) sdk: aws_sdk_ivs::Client,
    pub(super) chat: aws_sdk_ivschat::Client,
    budget: std::sync::Arc<Budget>,
    config: std::sync::Arc<Config>,
    // Endpoint and region, for error texts.
    place: std::sync::Arc<str>,
}

impl Client {
    /// A client for the configured endpoint. Makes no call.
    pub async fn new(config: Config) -> Self {
        let loader = aws_config::defaults(BehaviorVersion::latest()).region(Region::new(config.region.clone()));
        let loader = match &config.credentials {
            Some(fixed) => loader.credentials_provider(aws_credential_types::Credentials::new(
                &fixed.access_key,
                &fixed.secret_key,
                fixed.session_token.clone(),
                None,
                "rostrum",
            )),
            None => loader,
        };
        let shared = loader.load().await;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_timeout(config.call_timeout)
            .build();
        let mut builder = aws_sdk_ivs::config::Builder::from(&shared)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX))
            .timeout_config(timeouts.clone());
        if let Some(endpoint) = &config.endpoint_url {
            builder = builder.endpoint_url(endpoint);
        }
        let mut chat = aws_sdk_ivschat::config::Builder::from(&shared)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX))
            .timeout_config(timeouts);
        // Whoever stands in for Amazon's video stands in for its chat; only Amazon has two hosts.
        if let Some(endpoint) = config.chat_endpoint_url.as_ref().or(config.endpoint_url.as_ref()) {
            chat = chat.endpoint_url(endpoint);
        }
        let place = match &config.endpoint_url {
            Some(endpoint) => format!("{endpoint} in {}", config.region),
            None => format!("Amazon IVS in {}", config.region),
        };
        let budget = Budget::new(config.calls_per_second);
        Self {
            sdk: aws_sdk_ivs::Client::from_conf(builder.build()),
            chat: aws_sdk_ivschat::Client::from_conf(chat.build()),
            budget: budget.into(),
            config: config.into(),
            place: place.into(),
        }
    }

    /// The settings in use.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Makes a channel with its stream key.
    ///
    /// *errors*: [`ProviderError`]; ask [`ProviderError::is_outcome_unknown`] whether a channel may exist now.
    pub async fn create_channel(
        &self,
        spec: &ChannelSpec<'_>,
        tags: &ResourceTags,
    ) -> Result<CreatedChannel, ProviderError> {
        const OPERATION: &str = "CreateChannel";
        self.turn(OPERATION).await?;
        let kind = match spec.kind {
            ChannelType::Standard => WireType::StandardChannelType,
            ChannelType::Basic => WireType::BasicChannelType,
        };
        let latency = match spec.latency {
            Latency::Low => ChannelLatencyMode::LowLatency,
            Latency::Normal => ChannelLatencyMode::NormalLatency,
        };
        let answer = self
            .sdk
            .create_channel()
            .name(spec.name)
            .r#type(kind)
            .latency_mode(latency)
            .set_recording_configuration_arn(spec.recording_configuration_arn.map(str::to_owned))
            .insecure_ingest(self.config.insecure_ingest)
            .set_tags(Some(tags.to_map()))
            .customize()
            .config_override(aws_sdk_ivs::config::Builder::new().retry_classifier(OnlyWhenThrottled))
            .send()
            .await
            .map_err(|error| self.failed(OPERATION, &error))?;
        let missing = |member| ProviderError::incomplete(OPERATION, member);
        let channel = answer.channel.ok_or_else(|| missing("channel"))?;
        Ok(CreatedChannel {
            arn: channel
                .arn
                .filter(|arn| !arn.is_empty())
                .ok_or_else(|| missing("channel.arn"))?,
            ingest_endpoint: channel
                .ingest_endpoint
                .ok_or_else(|| missing("channel.ingestEndpoint"))?,
            playback_url: channel.playback_url.ok_or_else(|| missing("channel.playbackUrl"))?,
            stream_key: answer
                .stream_key
                .and_then(|key| key.value)
                .ok_or_else(|| missing("streamKey.value"))?,
        })
    }

    /// True when the channel exists.
    ///
    /// *errors*: [`ProviderError`] of any other kind than not found.
    pub async fn channel_exists(&self, arn: &str) -> Result<bool, ProviderError> {
        const OPERATION: &str = "GetChannel";
        self.turn(OPERATION).await?;
        let answer = self.sdk.get_channel().arn(arn).send().await;
        found(
            answer.map_err(|error| self.failed(OPERATION, &error)),
            ProviderErrorKind::NotFound,
        )
        .map(|channel| channel.is_some())
    }

    /// All channels of the account and region, ours and others', or those of one name.
    ///
    /// *errors*: [`ProviderError`]; nothing is returned unless every page was read.
    pub async fn list_channels(&self, name: Option<&str>) -> Result<Vec<Listed>, ProviderError> {
        const OPERATION: &str = "ListChannels";
        let mut channels = Vec::new();
        let mut token = None;
        for _ in 0..PAGES_MAX {
            self.turn(OPERATION).await?;
            let request = self
                .sdk
                .list_channels()
                .set_filter_by_name(name.map(str::to_owned))
                .max_results(PAGE_SIZE)
                .set_next_token(token);
            let page = request.send().await.map_err(|error| self.failed(OPERATION, &error))?;
            channels.extend(page.channels.into_iter().filter_map(|channel| {
                let tags = channel.tags.as_ref().and_then(ResourceTags::from_map);
                Some(Listed {
                    arn: channel.arn?,
                    tags,
                })
            }));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(channels);
            }
        }
        Err(ProviderError::incomplete(OPERATION, "last page"))
    }

    /// Deletes a channel and its keys. A channel that does not exist counts as deleted.
    ///
    /// *errors*: [`ProviderError`] of kind conflict while it is live.
    pub async fn delete_channel(&self, arn: &str) -> Result<(), ProviderError> {
        const OPERATION: &str = "DeleteChannel";
        self.turn(OPERATION).await?;
        let answer = self.sdk.delete_channel().arn(arn).send().await;
        found(
            answer.map_err(|error| self.failed(OPERATION, &error)),
            ProviderErrorKind::NotFound,
        )
        .map(drop)
    }

    pub(super) async fn turn(&self, operation: &'static str) -> Result<(), ProviderError> {
        metrics::counter!("rostrum_video_calls_total", "operation" => operation).increment(1);
        self.budget
            .turn(operation)
            .await
            .map_err(|full| self.counted(ProviderError::busy(operation, full.retry_after)))
    }

    pub(super) fn failed<E>(&self, operation: &'static str, error: &SdkError<E, HttpResponse>) -> ProviderError
    where
        E: ProvideErrorMetadata + std::error::Error + Display + 'static,
    {
        self.counted(ProviderError::from_sdk(operation, &self.place, error))
    }

    fn counted(&self, error: ProviderError) -> ProviderError {
        let kind = format!("{:?}", error.kind);
        metrics::counter!("rostrum_video_call_failures_total", "operation" => error.operation, "kind" => kind)
            .increment(1);
        error
    }
}

pub(super) fn found<T>(
    answer: Result<T, ProviderError>,
    absent: ProviderErrorKind,
) -> Result<Option<T>, ProviderError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind == absent => Ok(None),
        Err(error) => Err(error),
    }
}

/// Repeats a creation only when it certainly did nothing.
#[derive(Debug)]
pub(super) struct OnlyWhenThrottled;

impl ClassifyRetry for OnlyWhenThrottled {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let is_throttled = context
            .response()
            .is_some_and(|response| response.status().as_u16() == 429);
        if is_throttled {
            RetryAction::NoActionIndicated
        } else {
            RetryAction::RetryForbidden
        }
    }

    fn name(&self) -> &'static str {
        "creations are repeated only when throttled"
    }
}
