//! Channels.
//!
//! Stored and echoed without effect on the media yet: `type`, `latencyMode`, `preset`, `containerFormat` (media is
//! always fragmented MP4, passed through) and `multitrackInputConfiguration` (one video and one audio track are read).
//! `srt` is left out because there is no SRT listener. Restriction, ad and slate configurations cannot be made here, so
//! every ARN of one is "not found" and the empty ARN is echoed. A recording configuration is attached and records nothing
//! yet.

mod settings;

use serde::Serialize;

use crate::arn::{self, Kind};
use crate::call::Call;
use crate::config::Config;
use crate::error::ApiError;
use crate::ids;
use crate::input::Members;
use crate::paging::Page;
use crate::store::channels::Filter;
use crate::store::{Write, channels, recordings};
use crate::tags::{self, Tags};

use super::BatchError;
use super::stream_key::{self, StreamKey};

pub use settings::Channel;
use settings::{ATTACHMENTS, ChannelType, LatencyMode, Preset, preset};

/// The wire object.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    #[serde(flatten)]
    channel: Channel,
    ingest_endpoint: String,
    playback_url: String,
    #[serde(flatten)]
    attachments: Attachments,
}

/// The wire object of lists.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    arn: String,
    name: String,
    latency_mode: LatencyMode,
    #[serde(rename = "type")]
    channel_type: ChannelType,
    authorized: bool,
    insecure_ingest: bool,
    #[serde(with = "preset")]
    preset: Option<Preset>,
    recording_configuration_arn: String,
    tags: Tags,
    #[serde(flatten)]
    attachments: Attachments,
}

/// ARNs of configurations this server does not make: always empty, which means "none".
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachments {
    playback_restriction_policy_arn: &'static str,
    ad_configuration_arn: &'static str,
    failover_slate_configuration_arn: &'static str,
}

/// The filters of ListChannels on them, in the same order.
const ATTACHMENT_FILTERS: [&str; 3] = [
    "filterByPlaybackRestrictionPolicyArn",
    "filterByAdConfigurationArn",
    "filterByFailoverSlateConfigurationArn",
];
/// AWS's page size of ListChannels, also its largest.
const PAGE_MAX: usize = 100;

impl Channel {
    /// The wire object.
    pub fn describe(self, config: &Config) -> Description {
        let playback_url = self.playback_url(config);
        let ingest_endpoint = config.ingest_host.clone();
        Description {
            channel: self,
            ingest_endpoint,
            playback_url,
            attachments: Attachments::default(),
        }
    }

    /// Where players find it, also while it is offline.
    pub fn playback_url(&self, config: &Config) -> String {
        let base = config.playback_url_base.as_str().trim_end_matches('/');
        format!("{base}/api/video/v1/{}.m3u8", arn::feed(&self.arn).unwrap_or_default())
    }

    fn summarise(self) -> Summary {
        Summary {
            arn: self.arn,
            name: self.name,
            latency_mode: self.latency_mode,
            channel_type: self.channel_type,
            authorized: self.authorized,
            insecure_ingest: self.insecure_ingest,
            preset: self.preset,
            recording_configuration_arn: self.recording_configuration_arn,
            tags: self.tags,
            attachments: Attachments::default(),
        }
    }
}

/// Answer of CreateChannel.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    channel: Description,
    stream_key: StreamKey,
}

/// Answer of GetChannel and UpdateChannel.
#[derive(Debug, Serialize)]
pub struct Got {
    channel: Description,
}

/// Answer of BatchGetChannel.
#[derive(Debug, Serialize)]
pub struct BatchGot {
    channels: Vec<Description>,
    errors: Vec<BatchError>,
}

/// Answer of ListChannels.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    channels: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// CreateChannel: a channel and its first stream key.
pub async fn create(call: &Call<'_>, members: &Members) -> Result<Created, ApiError> {
    let config = call.config();
    let mut channel = Channel::new(arn::new(config, Kind::Channel, &ids::resource(call.env())));
    channel.apply(members)?;
    channel.tags = tags::read(members)?.unwrap_or_default();

    let mut write = call.store().write().await?;
    if channels::count(write.connection()).await? >= i64::from(config.quotas.channels) {
        return Err(ApiError::quota(format!(
            "Quota exceeded: {} channels",
            config.quotas.channels
        )));
    }
    check_recording(&mut write, &channel).await?;
    channels::insert(write.connection(), &channel, call.now_ms()).await?;
    let key = stream_key::make(call, &mut write, &channel.arn, Tags::new()).await?;
    let committed = write.commit().await?;
    call.shared.directory.put_channel(&channel);
    call.shared.directory.put_key(key.digest, &channel.arn);
    drop(committed);
    tracing::info!(channel.arn = %channel.arn, "channel created");
    Ok(Created {
        channel: channel.describe(config),
        stream_key: key.shown,
    })
}

/// Refuses a recording configuration that does not exist.
async fn check_recording(write: &mut Write<'_>, channel: &Channel) -> Result<(), ApiError> {
    let arn = &channel.recording_configuration_arn;
    if arn.is_empty() || recordings::find(write.connection(), arn).await?.is_some() {
        return Ok(());
    }
    Err(ApiError::not_found(arn))
}

/// GetChannel.
pub async fn get(call: &Call<'_>, members: &Members) -> Result<Got, ApiError> {
    let arn = members.arn("arn", Kind::Channel)?;
    let channel = find(call, arn).await?;
    Ok(Got {
        channel: channel.describe(call.config()),
    })
}

/// The channel of an ARN that was checked.
///
/// # Errors
/// `ResourceNotFoundException` when there is none.
pub async fn find(call: &Call<'_>, arn: &str) -> Result<Channel, ApiError> {
    let mut reader = call.store().read().await?;
    channels::find(&mut reader, arn)
        .await?
        .ok_or_else(|| ApiError::not_found(arn))
}

/// BatchGetChannel: unknown ARNs become `errors`, in the order asked.
pub async fn batch_get(call: &Call<'_>, members: &Members) -> Result<BatchGot, ApiError> {
    let mut reader = call.store().read().await?;
    let mut answer = BatchGot {
        channels: Vec::new(),
        errors: Vec::new(),
    };
    for arn in members.arns("arns", Kind::Channel)? {
        match channels::find(&mut reader, arn).await? {
            Some(channel) => answer.channels.push(channel.describe(call.config())),
            None => answer.errors.push(BatchError::not_found(arn)),
        }
    }
    Ok(answer)
}

/// ListChannels: oldest first. An empty filter counts as absent.
pub async fn list(call: &Call<'_>, members: &Members) -> Result<Listed, ApiError> {
    let page = Page::read(members, "channels", PAGE_MAX, PAGE_MAX)?;
    let name = members.name("filterByName")?.filter(|name| !name.is_empty());
    let recording_type = Kind::RecordingConfiguration.as_str();
    let recording = members
        .optional_arn("filterByRecordingConfigurationArn", recording_type)?
        .filter(|arn| !arn.is_empty());
    let mut attachment_filters = 0;
    for (filter, (_, resource_type)) in ATTACHMENT_FILTERS.into_iter().zip(ATTACHMENTS) {
        let arn = members.optional_arn(filter, resource_type)?;
        attachment_filters += usize::from(arn.is_some_and(|arn| !arn.is_empty()));
    }
    if attachment_filters + usize::from(name.is_some()) + usize::from(recording.is_some()) > 1 {
        return Err(ApiError::conflict("Only one filter may be given"));
    }
    if attachment_filters > 0 {
        // None of these can be attached here, so nothing has this one.
        return Ok(Listed {
            channels: Vec::new(),
            next_token: None,
        });
    }
    let filter = match (name, recording) {
        (Some(name), _) => Filter::Name(name),
        (None, Some(arn)) => Filter::Recording(arn),
        (None, None) => Filter::All,
    };
    let mut reader = call.store().read().await?;
    let mut rows = channels::list(&mut reader, filter, page.after_number()?.unwrap_or(0), page.fetch()).await?;
    let next_token = page.cut(&mut rows, |(seq, _)| seq.to_string());
    Ok(Listed {
        channels: rows.into_iter().map(|(_, channel)| channel.summarise()).collect(),
        next_token,
    })
}

/// UpdateChannel: changes the members that are present. What players and encoders may do changes at once.
pub async fn update(call: &Call<'_>, members: &Members) -> Result<Got, ApiError> {
    let arn = members.arn("arn", Kind::Channel)?;
    let mut write = call.store().write().await?;
    let found = channels::find(write.connection(), arn).await?;
    let mut channel = found.ok_or_else(|| ApiError::not_found(arn))?;
    channel.apply(members)?;
    check_recording(&mut write, &channel).await?;
    channels::update(write.connection(), &channel).await?;
    let committed = write.commit().await?;
    call.shared.directory.put_channel(&channel);
    drop(committed);
    Ok(Got {
        channel: channel.describe(call.config()),
    })
}

/// DeleteChannel with its stream keys; refused while the channel is live.
pub async fn delete(call: &Call<'_>, members: &Members) -> Result<(), ApiError> {
    let arn = members.arn("arn", Kind::Channel)?;
    let feed = arn::feed(arn).unwrap_or_default();
    let mut write = call.store().write().await?;
    if channels::find(write.connection(), arn).await?.is_none() {
        return Err(ApiError::not_found(arn));
    }
    if call.engine.status(&feed).is_some() {
        return Err(ApiError::conflict(format!(
            "The channel is live, stop the stream first: {arn}"
        )));
    }
    channels::delete(write.connection(), arn).await?;
    let committed = write.commit().await?;
    call.shared.directory.remove_channel(arn);
    drop(committed);
    // An encoder may have been let in between the look at the engine and the commit.
    if call.stop(&feed).await != Some(false) {
        tracing::info!(channel.arn = %arn, "stopped a stream that began while its channel was deleted");
    }
    tracing::info!(channel.arn = %arn, "channel deleted");
    Ok(())
}
