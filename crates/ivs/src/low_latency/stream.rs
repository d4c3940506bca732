//! Live streams, answered by the engine. A channel is LIVE from the first playable part on.

use engine::{Health, Status};
use serde::Serialize;

use crate::arn::{self, Kind};
use crate::call::Call;
use crate::error::ApiError;
use crate::input::Members;
use crate::paging::Page;
use crate::tags::Empty;
use crate::time;

use super::channel;

/// AWS's page size of ListStreams, also its largest.
const PAGE_MAX: usize = 100;

/// The wire object.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stream {
    channel_arn: String,
    stream_id: String,
    /// Left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    playback_url: Option<String>,
    #[serde(serialize_with = "time::serialize")]
    start_time: i64,
    state: &'static str,
    health: &'static str,
    viewer_count: u64,
}

/// Answer of GetStream.
#[derive(Debug, Serialize)]
pub struct Got {
    stream: Stream,
}

/// Answer of ListStreams.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    streams: Vec<Stream>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// GetStream: `ChannelNotBroadcasting` unless LIVE.
pub async fn get(call: &Call<'_>, members: &Members) -> Result<Got, ApiError> {
    let arn = members.arn("channelArn", Kind::Channel)?;
    let channel = channel::find(call, arn).await?;
    let status = call.engine.status(&arn::feed(arn).unwrap_or_default());
    let mut stream = status
        .and_then(|status| live(arn.to_owned(), status))
        .ok_or_else(|| ApiError::not_broadcasting(arn))?;
    stream.playback_url = Some(channel.playback_url(call.config()));
    Ok(Got { stream })
}

/// ListStreams: LIVE ones, in the order of their feed names.
pub fn list(call: &Call<'_>, members: &Members) -> Result<Listed, ApiError> {
    let page = Page::read(members, "streams", PAGE_MAX, PAGE_MAX)?;
    let filter = members.object("filterBy")?.unwrap_or_default();
    let health = filter.choice::<HealthFilter>("health")?;
    let mut live_feeds = call.engine.live();
    live_feeds.sort_unstable_by(|a, b| a.feed.cmp(&b.feed));
    let mut streams: Vec<(String, Stream)> = live_feeds
        .into_iter()
        .filter(|status| page.after.as_ref().is_none_or(|after| status.feed > *after))
        .filter(|status| health.is_none_or(|wanted| wanted.matches(status.health)))
        .filter_map(|status| {
            let arn = call.shared.directory.channel_arn(&status.feed)?;
            Some((status.feed.clone(), live(arn, status)?))
        })
        .collect();
    let next_token = page.cut(&mut streams, |(feed, _)| feed.clone());
    Ok(Listed {
        streams: streams.into_iter().map(|(_, stream)| stream).collect(),
        next_token,
    })
}

/// StopStream: disconnects the encoder and ends the stream at once. The key stays valid.
pub async fn stop(call: &Call<'_>, members: &Members) -> Result<Empty, ApiError> {
    let arn = members.arn("channelArn", Kind::Channel)?;
    channel::find(call, arn).await?;
    let was_live = call.stop(&arn::feed(arn).unwrap_or_default()).await;
    if !was_live.ok_or_else(|| ApiError::stream_unavailable(arn))? {
        return Err(ApiError::not_broadcasting(arn));
    }
    tracing::info!(channel.arn = %arn, "stream stopped by a call");
    Ok(Empty {})
}

/// `None` before the first playable part.
fn live(channel_arn: String, status: Status) -> Option<Stream> {
    Some(Stream {
        channel_arn,
        stream_id: status.stream_id,
        playback_url: None,
        start_time: status.started_at_ms?,
        state: "LIVE",
        health: match status.health {
            Health::Healthy => "HEALTHY",
            Health::Starving => "STARVING",
            Health::Unknown => "UNKNOWN",
        },
        viewer_count: status.viewers,
    })
}

#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum HealthFilter {
    Healthy,
    Starving,
    Unknown,
}

impl HealthFilter {
    fn matches(self, health: Health) -> bool {
        matches!(
            (self, health),
            (Self::Healthy, Health::Healthy) | (Self::Starving, Health::Starving) | (Self::Unknown, Health::Unknown)
        )
    }
}
