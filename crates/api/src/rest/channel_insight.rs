//! What happened on a channel, for administrators, and the little that everybody may know.

use platform::Page;
use platform::channels::insight::{self, Moment, TIMELINE_MAX};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Json, Query};
use crate::rest::broadcasts::{Advice, Broadcast, Sample, parts};
use crate::rest::costs::{ChannelCost, Cost};
use crate::rest::time::rfc3339;
use crate::rest::users::PageQuery;
use crate::rest::video::Video;

/// How a channel's latest broadcast does or did.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChannelHealthReport)]
pub(crate) struct ChannelHealth {
    channel_id: String,
    /// The current or last period on air; null before the first.
    #[schema(required)]
    broadcast: Option<Broadcast>,
    /// Measurements of that period, oldest first.
    samples: Vec<Sample>,
    /// What to change, worst first.
    advice: Vec<Advice>,
}

/// One on-air period of a channel.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelBroadcast {
    /// The provider's id of the stream.
    stream_id: String,
    /// RFC 3339.
    started_at: String,
    /// RFC 3339; null while on air.
    #[schema(required)]
    ended_at: Option<String>,
    /// Whole minutes on air so far.
    minutes: i64,
    /// Most people who watched at one time.
    peak_viewers: i64,
    /// At its last news.
    #[schema(value_type = crate::rest::channels::answer::ChannelHealth)]
    health: &'static str,
    /// `ended`, `failed`, `superseded` or `gone`; null while on air.
    #[schema(required)]
    end_cause: Option<&'static str>,
}

/// A page of a channel's on-air periods, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChannelBroadcasts {
    broadcasts: Vec<ChannelBroadcast>,
    limit: i64,
    offset: i64,
    total: i64,
}

/// Something that happened on a channel.
#[derive(Serialize, ToSchema)]
pub(crate) struct TimelineEntry {
    /// RFC 3339.
    at: String,
    at_ms: i64,
    /// `broadcast_started`, `broadcast_ended`, `interrupted`, `restored`, `session_started`, `session_ended`, `audit`;
    /// more may come.
    kind: &'static str,
    /// A sentence for people.
    text: String,
    /// The broadcast it is about.
    #[serde(rename = "streamId")]
    #[schema(required)]
    stream_id: Option<String>,
    /// Who did it, by name where that is known.
    #[schema(required)]
    actor: Option<String>,
}

/// What happened on a channel, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Timeline {
    entries: Vec<TimelineEntry>,
}

/// Which part of a timeline.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TimelineQuery {
    /// Entries at most, 1 to 200; 50 without it. Entries of the same millisecond as the last one come too.
    limit: Option<i64>,
    /// Only what happened before this moment, epoch ms.
    before: Option<i64>,
}

/// A line of a channel's audit.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    /// RFC 3339.
    at: String,
    at_ms: i64,
    /// What was done, such as `channels.assigned`.
    kind: String,
    /// More words, where there are any.
    text: String,
    /// Who did it: a name, or `system`, `service:{id}`.
    actor: String,
}

/// A page of a channel's audit, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Audit {
    entries: Vec<AuditEntry>,
    limit: i64,
    offset: i64,
    total: i64,
}

/// A channel as its viewers know it.
#[derive(Serialize, ToSchema)]
pub(crate) struct PublicChannel {
    #[serde(rename = "channelId")]
    channel_id: String,
    name: String,
    /// A picture to show while nothing is on air.
    #[serde(rename = "imageUrl")]
    #[schema(required)]
    image_url: Option<String>,
    /// Multivariant playlist; the same for ever.
    #[serde(rename = "playbackUrl")]
    playback_url: String,
    #[schema(value_type = crate::rest::channels::answer::ChannelState)]
    state: &'static str,
    /// Whether the provider receives a broadcast.
    #[serde(rename = "onAir")]
    on_air: bool,
    video: Video,
    /// The booked window that is running or comes next.
    #[serde(rename = "nextWindow")]
    #[schema(required)]
    next_window: Option<NextWindow>,
    server_time_ms: i64,
}

/// A booked window.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NextWindow {
    /// RFC 3339.
    starts_at: String,
    /// RFC 3339.
    ends_at: String,
}

/// Entries of a timeline when the caller names no limit.
const TIMELINE_DEFAULT: i64 = 50;
const _: () = assert!(TIMELINE_DEFAULT <= TIMELINE_MAX);

/// How the channel's latest broadcast does: measurements for plots, and what they mean.
#[utoipa::path(get, path = "/admin/channels/{id}/health", operation_id = "get_channel_health", tag = "channels",
    params(("id" = String, Path, description = "Id of the channel.")),
    responses((status = 200, description = "The report.", body = ChannelHealth)))]
pub(crate) async fn health(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<ChannelHealth>, Problem> {
    let (broadcast, samples, advice) = parts(insight::health(&ctx, &id).await?);
    Ok(Json(ChannelHealth {
        channel_id: id,
        broadcast,
        samples,
        advice,
    }))
}

/// Lists the channel's on-air periods.
#[utoipa::path(get, path = "/admin/channels/{id}/broadcasts", operation_id = "list_channel_broadcasts", tag = "channels",
    params(("id" = String, Path, description = "Id of the channel."), PageQuery),
    responses((status = 200, description = "One page.", body = ChannelBroadcasts)))]
pub(crate) async fn broadcasts(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Query(query): Query<PageQuery>,
) -> Result<Json<ChannelBroadcasts>, Problem> {
    let page = Page::new(query.limit, query.offset)?;
    let (broadcasts, total) = insight::broadcasts(&ctx, &id, page).await?;
    let row = |row: platform::broadcasts::Broadcast| ChannelBroadcast {
        started_at: rfc3339(row.started_at_ms),
        ended_at: row.ended.map(|ended| rfc3339(ended.at_ms)),
        minutes: row.minutes(row.ended.map_or(ctx.now_ms, |ended| ended.at_ms)),
        peak_viewers: row.peak_viewers,
        health: row.health.as_str(),
        end_cause: row.ended.map(|ended| ended.cause.as_str()),
        stream_id: row.stream_id,
    };
    Ok(Json(ChannelBroadcasts {
        broadcasts: broadcasts.into_iter().map(row).collect(),
        limit: page.limit,
        offset: page.offset,
        total,
    }))
}

/// Tells what happened on the channel: broadcasts and their interruptions, sessions, and what people did to it.
#[utoipa::path(get, path = "/admin/channels/{id}/timeline", operation_id = "get_channel_timeline", tag = "channels",
    params(("id" = String, Path, description = "Id of the channel."), TimelineQuery),
    responses((status = 200, description = "Newest first.", body = Timeline)))]
pub(crate) async fn timeline(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Query(query): Query<TimelineQuery>,
) -> Result<Json<Timeline>, Problem> {
    let limit = query.limit.unwrap_or(TIMELINE_DEFAULT);
    let moments = insight::timeline(&ctx, &id, query.before, limit).await?;
    Ok(Json(Timeline {
        entries: moments.into_iter().map(TimelineEntry::from).collect(),
    }))
}

/// Lists who did what to the channel.
#[utoipa::path(get, path = "/admin/channels/{id}/audit", operation_id = "get_channel_audit", tag = "channels",
    params(("id" = String, Path, description = "Id of the channel."), PageQuery),
    responses((status = 200, description = "One page, newest first.", body = Audit)))]
pub(crate) async fn audit(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Query(query): Query<PageQuery>,
) -> Result<Json<Audit>, Problem> {
    let page = Page::new(query.limit, query.offset)?;
    let (lines, total) = insight::audit(&ctx, &id, page).await?;
    let entry = |(line, name): (platform::audit::Line, Option<String>)| AuditEntry {
        at: rfc3339(line.at_ms),
        at_ms: line.at_ms,
        kind: line.action,
        text: line.detail.unwrap_or_default(),
        actor: name.unwrap_or(line.actor),
    };
    Ok(Json(Audit {
        entries: lines.into_iter().map(entry).collect(),
        limit: page.limit,
        offset: page.offset,
        total,
    }))
}

/// What the channel's broadcasts have cost so far.
#[utoipa::path(get, path = "/admin/channels/{id}/cost", operation_id = "get_channel_cost", tag = "channels",
    params(("id" = String, Path, description = "Id of the channel.")),
    responses((status = 200, description = "An estimate.", body = ChannelCost)))]
pub(crate) async fn cost(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<ChannelCost>, Problem> {
    let estimate = insight::cost(&ctx, &id).await?;
    Ok(Json(ChannelCost {
        channel_id: id,
        cost: Cost::new(estimate),
    }))
}

/// Shows a channel to its viewers: its playback URL never changes, so this page can be bookmarked.
#[utoipa::path(get, path = "/api/channels/{id}", operation_id = "get_channel", tag = "channels",
    params(("id" = String, Path, description = "Id of the channel.")),
    responses((status = 200, description = "The channel.", body = PublicChannel)))]
pub(crate) async fn public(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<PublicChannel>, Problem> {
    let public = insight::public(&ctx, &id).await?;
    Ok(Json(PublicChannel {
        image_url: public.picture.as_ref().map(platform::pictures::Stored::url),
        state: public.state.as_str(),
        on_air: public.is_on_air,
        video: Video::from(public.video),
        next_window: public.next_window.map(|window| NextWindow {
            starts_at: rfc3339(window.starts_at_ms),
            ends_at: rfc3339(window.ends_at_ms),
        }),
        channel_id: public.channel.id,
        name: public.channel.name,
        playback_url: public.channel.playback_url,
        server_time_ms: ctx.now_ms,
    }))
}

impl From<Moment> for TimelineEntry {
    fn from(moment: Moment) -> Self {
        Self {
            at: rfc3339(moment.at_ms),
            at_ms: moment.at_ms,
            kind: moment.kind.as_str(),
            text: moment.text,
            stream_id: moment.stream_id,
            actor: moment.actor,
        }
    }
}
