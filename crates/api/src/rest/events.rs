//! What happens, as it happens, and what the video provider reports.

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use platform::events::{self, Watch};
use platform::{Context, auctions, broadcasts, notifications};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::client::Client;
use crate::error::Problem;
use crate::gate::{Admitted, App};
use crate::json::{Json, Query};
use crate::rest::auctions::{AuctionState, Phase, TopBid};
use crate::rest::bids::Bid;
use crate::rest::money::Amount;
use crate::rest::notifications::Unread;
use crate::rest::now::Now;
use crate::rest::video::Video;
use crate::sse::{Feed, snapshot_frame};

/// Which events.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WatchQuery {
    /// `auctions`, `auction:{id}`, `channel:{id}`, `channels` for administrators, or `account:{id}` with the caller's own id.
    topic: String,
    /// Number of the last event the client has seen; header `Last-Event-ID` does the same. Without it the stream
    /// begins with a snapshot.
    after: Option<i64>,
    /// A random text by which one person with several tabs is counted once; not needed when signed in.
    viewer: Option<String>,
}

/// The `data` of every event; `kind` decides which of the optional members it has.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "payloads come from the event log as JSON; this type only describes them"
)]
pub(crate) struct EventMessage {
    topic: String,
    /// Number within the topic, without gaps.
    seq: i64,
    kind: EventKind,
    /// When it happened, RFC 3339.
    at: String,
    /// The server's clock when it was sent.
    server_time_ms: i64,
    /// `notification`: UUID of the notification.
    #[schema(nullable = false)]
    id: Option<String>,
    /// `notification`: what it is about, such as `outbid`.
    #[schema(nullable = false)]
    notification_kind: Option<String>,
    /// `notification`: one line.
    #[schema(nullable = false)]
    title: Option<String>,
    /// `notification`: one or two sentences.
    #[schema(nullable = false)]
    text: Option<String>,
    /// `notification`: path on this server to look at.
    #[schema(nullable = false)]
    href: Option<String>,
    /// `notifications_read`: how many are unread now.
    #[schema(nullable = false)]
    unread_count: Option<i64>,
    /// Which auction it is about.
    #[schema(nullable = false)]
    auction_id: Option<String>,
    /// `channel_update`, `session_started`, `session_ended`, and `video_update` of a channel: which one it is about.
    #[schema(rename = "channelId", nullable = false)]
    channel_id: Option<String>,
    /// `channel_update`: `IDLE`, `LIVE` or `OFFLINE`.
    #[schema(nullable = false)]
    state: Option<String>,
    /// `channel_update`: whether the provider has it on air.
    #[schema(rename = "onAir", nullable = false)]
    on_air: Option<bool>,
    /// `channel_update`: the session that has it.
    #[schema(rename = "currentSessionId")]
    current_session_id: Option<String>,
    /// `session_started`, `session_ended`.
    #[schema(rename = "sessionId", nullable = false)]
    session_id: Option<String>,
    /// `session_started`.
    #[schema(rename = "showId", nullable = false)]
    show_id: Option<String>,
    /// `session_started`.
    #[schema(rename = "showTitle", nullable = false)]
    show_title: Option<String>,
    /// `session_started`, RFC 3339.
    #[schema(rename = "startedAt", nullable = false)]
    started_at: Option<String>,
    /// `session_ended`, RFC 3339.
    #[schema(rename = "endedAt", nullable = false)]
    ended_at: Option<String>,
    /// `session_ended`: as `endCause` of the session.
    #[schema(nullable = false)]
    cause: Option<String>,
    /// `session_ended`: whole minutes on air within the session.
    #[schema(nullable = false)]
    minutes: Option<i64>,
    /// `video_update`: what the video does now.
    #[schema(nullable = false)]
    video: Option<Video>,
    /// `auction_ended`.
    winner_id: Option<String>,
    /// `auction_ended`.
    winner_username: Option<String>,
    /// `auction_ended`.
    winning_bid: Option<Amount>,
    /// `auction_ended`, RFC 3339.
    #[schema(nullable = false)]
    end_time: Option<String>,
    /// `bid_update`, `timer_update`, `auction_ended`: where the auction is in its life.
    #[schema(nullable = false)]
    phase: Option<Phase>,
    /// As `phase`: when it ends, RFC 3339.
    #[schema(nullable = false)]
    ends_at: Option<String>,
    /// As `phase`.
    #[schema(nullable = false)]
    ends_at_ms: Option<i64>,
    /// As `phase`: the server's clock when it happened, RFC 3339.
    #[schema(nullable = false)]
    server_time: Option<String>,
    /// As `phase`: frozen while paused.
    #[schema(nullable = false)]
    time_remaining_ms: Option<i64>,
    /// `bid_update`: `bid_update`; `timer_update`: `timer_sync`, `anti_snipe`, `extended`, `paused`, `resumed` or `final`.
    #[schema(nullable = false)]
    r#type: Option<String>,
    /// `bid_update`, one for all bids of a commit: the price.
    high_bid: Option<Amount>,
    /// `bid_update`: stands for the leader in this auction.
    high_bidder_id: Option<String>,
    /// `bid_update`: `Bidder K7QX`.
    high_bidder_username: Option<String>,
    /// `bid_update`: the best three bidders.
    #[schema(nullable = false)]
    top_bids: Option<Vec<TopBid>>,
    /// `bid_update`: up to twenty bids of the commit, newest first; each without `is_you`, `at` and `status`.
    #[schema(nullable = false)]
    recent_bids: Option<Vec<Bid>>,
    /// `bid_update`: bids that count by now.
    #[schema(nullable = false)]
    bid_count: Option<i64>,
    /// `bid_update`: bids of the commit; 0 when one was taken back.
    #[schema(nullable = false)]
    bids_in_update: Option<i64>,
    /// `bid_update`, `presence`.
    #[schema(nullable = false)]
    participant_count: Option<i64>,
    /// `bid_update`.
    #[schema(nullable = false)]
    next_minimum_bid: Option<Amount>,
    /// `bid_update`, `auction_ended`: null without a reserve.
    reserve_met: Option<bool>,
    /// `bid_update`: null when it is not offered, or no longer.
    buy_now_price: Option<Amount>,
    /// `timer_update`: by how many milliseconds the end moved.
    #[schema(nullable = false)]
    extended_by: Option<i64>,
    /// `timer_update`: how often late bids have moved the end.
    #[schema(nullable = false)]
    extension_count: Option<i64>,
    /// `timer_update`.
    #[schema(nullable = false)]
    max_extensions: Option<i64>,
    /// `timer_update`, RFC 3339.
    #[schema(nullable = false)]
    new_end_time: Option<String>,
    /// `auction_ended`; in `timer_update` it is a sentence.
    #[schema(nullable = false)]
    reason: Option<EndReason>,
}

/// Why an auction ended: its time was over, its seller closed it, an administrator did, somebody bought it at once, or it
/// was withdrawn.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "payloads come from the event log as JSON; this type only describes them"
)]
pub(crate) enum EndReason {
    Time,
    Host,
    Admin,
    BuyNow,
    Withdrawn,
}

/// What happened.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "payloads come from the event log as JSON; this type only describes them"
)]
pub(crate) enum EventKind {
    AuctionCreated,
    ChannelUpdate,
    SessionStarted,
    SessionEnded,
    VideoUpdate,
    BidUpdate,
    TimerUpdate,
    Presence,
    AuctionEnded,
    Notification,
    NotificationsRead,
}

/// Watches a topic as server-sent events.
///
/// First comes `event: snapshot` with the state at event N as `id`, then every later event in order. With `after` (or
/// `Last-Event-ID`) the stream resumes behind that event instead. A comment follows 10 to 20 s of silence. A reader who falls too
/// far behind gets `event: resume` with `{"after": N}` and the end of the stream; it connects again with that number.
#[utoipa::path(get, path = "/api/events", operation_id = "watch_events", tag = "events",
    params(WatchQuery, ("last-event-id" = Option<i64>, Header, description = "As `after`.")),
    responses((status = 200, description = "The stream.", body = EventMessage, content_type = "text/event-stream")))]
pub(crate) async fn watch(
    State(app): State<App>,
    Admitted(ctx): Admitted,
    client: Client,
    Query(query): Query<WatchQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let slot = app.streams().reserve(client.address)?;
    // A browser that reconnects by itself repeats the address it was given and adds the header.
    let seen = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok()?.parse().ok());
    // Entered first, so that the snapshot counts its own reader.
    let present = events::enter(&ctx, &query.topic, query.viewer.as_deref())?;
    let (first, watch) = begin(&ctx, &query.topic, seen.or(query.after)).await?;
    Ok(app.streams().answer(
        slot,
        Feed {
            ctx,
            topic: query.topic,
            first,
            watch,
            present,
        },
    ))
}

/// Continues after event `after` where the log still can, else begins with a snapshot.
async fn begin(ctx: &Context, topic: &str, after: Option<i64>) -> Result<(Option<Bytes>, Watch), Problem> {
    // Who has seen nothing begins with a snapshot, which also tells a topic that is empty from one that is not there.
    if let Some(after) = after.filter(|after| *after > 0)
        && let Some(watch) = events::subscribe(ctx, topic, after).await?
    {
        return Ok((None, watch));
    }
    let (seq, first) = snapshot(ctx, topic).await?;
    match events::subscribe(ctx, topic, seq).await? {
        Some(watch) => Ok((Some(first), watch)),
        // Only if thousands of events happened since the line above.
        None => Err(Problem::unavailable("The topic is too busy", 1)),
    }
}

/// The state of a topic and the number of the last event in it; a state that is read after its number may hold more, and
/// then the watcher hears of something twice but never misses it.
async fn snapshot(ctx: &Context, topic: &str) -> Result<(i64, Bytes), Problem> {
    if let Some(id) = topic.strip_prefix("auction:") {
        let state = auctions::snapshot(ctx, id).await?;
        return Ok((state.seq, snapshot_frame(state.seq, &AuctionState::from(state))?));
    }
    if topic.starts_with("account:") {
        // Whose it is was not asked yet: nobody counts for a stranger.
        events::check(ctx, topic)?;
        let unread = notifications::unread(ctx).await?;
        return Ok((unread.seq, snapshot_frame(unread.seq, &Unread::from(unread))?));
    }
    let seq = events::last_seq(ctx.db().read(), topic).await?;
    let frame = match topic {
        "auctions" => snapshot_frame(seq, &Now::of(ctx).await?)?,
        _ => snapshot_frame(seq, &serde_json::json!({}))?,
    };
    Ok((seq, frame))
}

/// Takes one event from Amazon EventBridge or from our own engine.
#[utoipa::path(post, path = "/events/ivs", operation_id = "receive_ivs_event", tag = "events", request_body = Object,
    responses((status = 204, description = "Taken, or known already.")))]
pub(crate) async fn receive_ivs(
    Admitted(ctx): Admitted,
    Json(event): Json<serde_json::Value, EVENT_BYTES_MAX>,
) -> Result<StatusCode, Problem> {
    broadcasts::record_event(&ctx, event).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Largest event: EventBridge's own limit is 256 KiB, and those about video stay below 4 KiB.
const EVENT_BYTES_MAX: usize = 64 * 1024;
