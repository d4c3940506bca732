//! Sessions: a host takes his channel for a show, and gives it back.

use http::StatusCode;
use platform::sessions::{self, Publisher};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Json, Query};
use crate::rest::time::rfc3339;

/// What a host goes on air with.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateSession {
    /// One of the caller's shows.
    #[schema(required, nullable = false)]
    show_id: Option<String>,
    /// At most 100 characters.
    #[schema(nullable = false)]
    episode_id: Option<String>,
}

/// A host's claim on a channel, from start to end.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChannelSession)]
pub(crate) struct Session {
    /// UUID.
    session_id: String,
    host_user_id: String,
    show_id: String,
    #[schema(required)]
    episode_id: Option<String>,
    status: Status,
    ivs: SessionIvs,
    participants: SessionParticipants,
    program_state: ProgramState,
    tracklist: Tracklist,
    streaming: Streaming,
    recording: SessionRecording,
    /// Media that is played into the session; none.
    #[schema(required, value_type = Option<Object>)]
    playlist_state: Option<serde_json::Value>,
    /// Until when it holds its channel unless it is heard of, RFC 3339; null when it is over.
    #[schema(required)]
    lease_until: Option<String>,
    /// RFC 3339; null while it runs.
    #[schema(required)]
    ended_at: Option<String>,
    /// Why it ended: `host`, `admin`, `operator` (the channel was taken back), `lease` (nothing was heard of the host and
    /// nothing was on air), `booking` (another host's booked time began) or `failed`; null while it runs.
    #[schema(required)]
    end_cause: Option<&'static str>,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339.
    updated_at: String,
}

/// `ACTIVE` while it holds its channel, then `ENDED`.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = SessionStatus)]
pub(crate) enum Status {
    Active,
    Ended,
}

/// Video resources of a session.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionIvs {
    persistent_channel_id: String,
    persistent_channel_arn: String,
    /// The same in every session on this channel.
    persistent_channel_playback_url: String,
    persistent_channel_ingest_endpoint: String,
}

/// Who takes part in front of a camera.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionParticipants {
    /// None yet.
    #[schema(value_type = Vec<Object>)]
    callers: Vec<serde_json::Value>,
}

/// What is seen and heard.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProgramState {
    /// `host`.
    active_video_source: &'static str,
    /// Per source, 0 to 1.
    #[schema(value_type = Object)]
    audio_levels: serde_json::Value,
    #[serde(rename = "overlayImageS3Key")]
    #[schema(required)]
    overlay_image_s3_key: Option<String>,
}

/// What is played.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tracklist {
    #[schema(required)]
    playlist_id: Option<String>,
    current_index: i64,
}

/// What the provider has on air, within the session.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SessionStreaming)]
pub(crate) struct Streaming {
    /// On air at this moment.
    is_live: bool,
    /// First moment on air within the session, RFC 3339.
    #[schema(required)]
    started_at: Option<String>,
    /// Whole minutes on air within the session.
    minutes: i64,
}

/// What is kept of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionRecording {
    is_recording: bool,
    #[serde(rename = "s3Prefix")]
    #[schema(required)]
    s3_prefix: Option<String>,
}

/// A session that was started.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionCreated {
    message: &'static str,
    session: Session,
    persistent_channel: PersistentChannel,
}

/// Where to publish, and where to watch. The stream key is on the host's page.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SessionChannel)]
pub(crate) struct PersistentChannel {
    channel_id: String,
    channel_arn: String,
    playback_url: String,
    ingest_endpoint: String,
}

/// One session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionFound {
    session: Session,
}

/// A page of sessions, newest first.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChannelSessions)]
pub(crate) struct Sessions {
    sessions: Vec<Session>,
    count: usize,
    /// For the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_token: Option<String>,
}

/// How long a session holds its channel from now on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionLease {
    session_id: String,
    /// RFC 3339.
    lease_until: String,
}

/// A session that is over.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionEnded {
    message: &'static str,
    session_id: String,
    cleanup_results: CleanupResults,
    /// What the host should know, if anything.
    #[schema(required)]
    warning: Option<&'static str>,
}

/// What was attempted at the end, by what a session may have.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CleanupResults {
    ecs_task: Attempt,
    composition: Attempt,
    relay_channel: Attempt,
    /// Giving the channel back.
    persistent_channel: Attempt,
    /// Disconnecting the encoder, where that was asked for.
    publisher: Attempt,
    raw_stage: Attempt,
    program_stage: Attempt,
    media_live_channel: Attempt,
    media_live_inputs: AttemptOnMany,
}

/// One thing that may be attempted.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = CleanupAttempt)]
pub(crate) struct Attempt {
    attempted: bool,
    /// Null when it was not attempted.
    #[schema(required)]
    success: Option<bool>,
    /// What went wrong.
    #[schema(required)]
    error: Option<String>,
}

/// One thing that may be attempted on several.
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CleanupAttempts)]
pub(crate) struct AttemptOnMany {
    #[serde(flatten)]
    attempt: Attempt,
    deleted_count: i64,
}

/// Which sessions.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct SessionsQuery {
    /// `ACTIVE` or `ENDED`.
    #[param(value_type = Option<Status>)]
    status: Option<String>,
    /// Only those on this channel.
    channel_id: Option<String>,
    /// Rows at most, 1 to 100; 50 when absent.
    limit: Option<i64>,
    /// From the page before.
    next_token: Option<String>,
}

/// How a session ends.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EndQuery {
    /// Disconnect the encoder as well.
    #[serde(default)]
    stop: bool,
}

/// Takes the caller's channel for a show. A broadcast that is on air already becomes the session's. The session holds the
/// channel until it ends: by `DELETE`, by its lease (heartbeats and being on air renew it), or when another host's booked
/// time begins.
///
/// 400 without `showId`; 404 `Show not found`; 403 when no channel is assigned to the caller (with `hostUserId`); 409 while
/// the channel is in use (with `channelId` and `currentSessionId`) or outside the caller's booked time (with `nextWindow`);
/// 503 while the channel is out of service; 500 when the assigned channel does not exist.
#[utoipa::path(post, path = "/sessions", operation_id = "create_session", tag = "sessions", request_body = CreateSession,
    responses((status = 201, description = "It holds the channel.", body = SessionCreated)))]
pub(crate) async fn create(
    Admitted(ctx): Admitted,
    Json(body): Json<CreateSession>,
) -> Result<(StatusCode, Json<SessionCreated>), Problem> {
    let new = sessions::NewSession {
        show_id: body.show_id,
        episode_id: body.episode_id,
    };
    let view = sessions::create(&ctx, new).await?;
    let created = SessionCreated {
        message: "Session created successfully",
        persistent_channel: PersistentChannel {
            channel_id: view.session.channel_id.clone(),
            channel_arn: view.channel.arn.clone(),
            playback_url: view.channel.playback_url.clone(),
            ingest_endpoint: view.channel.ingest_endpoint.clone(),
        },
        session: view.into(),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// One session, running or over. Its host and administrators may ask.
#[utoipa::path(get, path = "/sessions/{id}", operation_id = "get_session", tag = "sessions",
    params(("id" = String, Path, description = "Id of the session.")),
    responses((status = 200, description = "The session.", body = SessionFound)))]
pub(crate) async fn show(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<SessionFound>, Problem> {
    let session = sessions::get(&ctx, &id).await?.into();
    Ok(Json(SessionFound { session }))
}

/// Lists the caller's sessions, or everybody's for administrators, newest first.
#[utoipa::path(get, path = "/sessions", operation_id = "list_channel_sessions", tag = "sessions", params(SessionsQuery),
    responses((status = 200, description = "One page.", body = Sessions)))]
pub(crate) async fn list(
    Admitted(ctx): Admitted,
    Query(query): Query<SessionsQuery>,
) -> Result<Json<Sessions>, Problem> {
    let filter = sessions::Filter {
        status: query.status.as_deref().map(sessions::Status::parse).transpose()?,
        channel_id: query.channel_id,
        limit: query.limit,
        next_token: query.next_token,
    };
    let list = sessions::list(&ctx, filter).await?;
    Ok(Json(Sessions {
        count: list.sessions.len(),
        sessions: list.sessions.into_iter().map(Session::from).collect(),
        next_token: list.next_token,
    }))
}

/// Hears of the session's host: its lease begins anew. The host's page sends one every minute; 409 `Session has ended` tells it
/// to stop.
#[utoipa::path(post, path = "/sessions/{id}/heartbeat", operation_id = "heartbeat_session", tag = "sessions",
    params(("id" = String, Path, description = "Id of the session.")),
    responses((status = 200, description = "Its new lease.", body = SessionLease)))]
pub(crate) async fn heartbeat(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<SessionLease>, Problem> {
    let lease = sessions::heartbeat(&ctx, &id).await?;
    Ok(Json(SessionLease {
        session_id: lease.session_id,
        lease_until: rfc3339(lease.until_ms),
    }))
}

/// Ends a session and gives its channel back; the channel and its playback URL stay. Ending it again answers the same and
/// counts nothing. Its host and administrators may.
///
/// The encoder is left alone: a session is a claim on the channel, not its broadcast, and a host who hands over to the next
/// one must not go dark in between. With `stop=true` the encoder is disconnected before the channel is given back; one that
/// connects again by itself is let in, so keep it out by rotating the stream key.
#[utoipa::path(delete, path = "/sessions/{id}", operation_id = "end_channel_session", tag = "sessions",
    params(("id" = String, Path, description = "Id of the session."), EndQuery),
    responses((status = 200, description = "It is over.", body = SessionEnded)))]
pub(crate) async fn end(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Query(query): Query<EndQuery>,
) -> Result<Json<SessionEnded>, Problem> {
    let closing = sessions::end(&ctx, &id, query.stop).await?;
    Ok(Json(closing.into()))
}

impl From<sessions::View> for Session {
    fn from(view: sessions::View) -> Self {
        let session = view.session;
        Self {
            status: session.status().into(),
            session_id: session.id,
            host_user_id: session.host_user_id,
            show_id: session.show_id,
            episode_id: session.episode_id,
            ivs: SessionIvs {
                persistent_channel_id: session.channel_id,
                persistent_channel_arn: view.channel.arn,
                persistent_channel_playback_url: view.channel.playback_url,
                persistent_channel_ingest_endpoint: view.channel.ingest_endpoint,
            },
            participants: SessionParticipants { callers: Vec::new() },
            program_state: ProgramState {
                active_video_source: "host",
                audio_levels: json!({ "host": 1.0 }),
                overlay_image_s3_key: None,
            },
            tracklist: Tracklist {
                playlist_id: None,
                current_index: 0,
            },
            streaming: Streaming {
                is_live: view.streaming.is_live,
                started_at: view.streaming.started_at_ms.map(rfc3339),
                minutes: view.streaming.minutes(),
            },
            recording: SessionRecording {
                is_recording: false,
                s3_prefix: None,
            },
            playlist_state: None,
            lease_until: view.lease_until_ms.map(rfc3339),
            ended_at: session.ended.as_ref().map(|ended| rfc3339(ended.at_ms)),
            end_cause: session.ended.as_ref().map(|ended| ended.cause.as_str()),
            created_at: rfc3339(session.created_at_ms),
            updated_at: rfc3339(session.updated_at_ms),
        }
    }
}

impl From<sessions::Status> for Status {
    fn from(status: sessions::Status) -> Self {
        match status {
            sessions::Status::Active => Self::Active,
            sessions::Status::Ended => Self::Ended,
        }
    }
}

impl From<sessions::Closing> for SessionEnded {
    fn from(closing: sessions::Closing) -> Self {
        let (publisher, warning) = match closing.publisher {
            Publisher::Silent => (Attempt::default(), None),
            Publisher::Left => (Attempt::default(), Some(STILL_PUBLISHING)),
            Publisher::Stopped => (Attempt::made(None), None),
            Publisher::Failed(error) => (Attempt::made(Some(error)), Some("The encoder could not be stopped.")),
        };
        Self {
            message: "Session ended successfully",
            session_id: closing.session.id,
            cleanup_results: CleanupResults {
                persistent_channel: Attempt::made(None),
                publisher,
                ecs_task: Attempt::default(),
                composition: Attempt::default(),
                relay_channel: Attempt::default(),
                raw_stage: Attempt::default(),
                program_stage: Attempt::default(),
                media_live_channel: Attempt::default(),
                media_live_inputs: AttemptOnMany::default(),
            },
            warning,
        }
    }
}

impl Attempt {
    fn made(error: Option<String>) -> Self {
        Self {
            attempted: true,
            success: Some(error.is_none()),
            error,
        }
    }
}

const STILL_PUBLISHING: &str = "The encoder was still publishing: until it stops, the channel stays LIVE.";
