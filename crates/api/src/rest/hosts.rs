//! Who broadcasts on a channel, and what a host sees of his own.

use platform::Error;
use platform::channels::assignments::{self, AssignTo, Assignment};
use platform::channels::{State, host, keys};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Ids, Json};
use crate::rest::broadcasts::{Advice, Broadcast, Sample, parts};
use crate::rest::channel_bookings::Booking;
use crate::rest::time::rfc3339;
use crate::rest::video::Video;

/// Who is to get the channel: one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssignChannel {
    /// Id of the host's account.
    host_user_id: Option<String>,
    /// E-mail address of the host's account; read where `hostUserId` is absent.
    email: Option<String>,
}

/// A channel was given to a host.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChannelAssigned {
    message: &'static str,
    assignment: ChannelAssignment,
}

/// A host's channel.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelAssignment {
    channel_id: String,
    host_user_id: String,
    /// RFC 3339.
    assigned_at: String,
    /// Id of the administrator's account or service key, or `system`.
    assigned_by: String,
}

/// A channel was taken from a host.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelUnassigned {
    message: &'static str,
    channel_id: String,
    host_user_id: String,
}

/// A host's channel and what it takes to go live on it; never with the stream key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HostChannel {
    channel_id: String,
    channel_arn: String,
    channel_name: String,
    /// Multivariant playlist; the same for ever.
    playback_url: String,
    /// Host name of the ingest server.
    ingest_endpoint: String,
    /// `IDLE`, `LIVE` or `OFFLINE`.
    #[schema(value_type = crate::rest::channels::answer::ChannelState)]
    state: &'static str,
    /// RFC 3339.
    assigned_at: String,
    /// The session that uses it.
    #[schema(required)]
    current_session_id: Option<String>,
    /// Whether the provider receives a broadcast.
    on_air: bool,
    video: Video,
    /// The host's own windows that are not over, in order.
    bookings: Vec<Booking>,
}

/// How the video of a host's channel does.
#[derive(Serialize, ToSchema)]
pub(crate) struct HostChannelHealth {
    #[serde(rename = "channelId")]
    channel_id: String,
    /// The current or last period on air; null before the first.
    #[schema(required)]
    broadcast: Option<Broadcast>,
    /// Measurements of that period, oldest first.
    samples: Vec<Sample>,
    /// What to change, worst first.
    advice: Vec<Advice>,
}

/// Where and with which key to publish.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelStreamKey {
    channel_id: String,
    /// The secret that lets an encoder publish.
    stream_key: String,
    /// Host name of the ingest server.
    ingest_endpoint: String,
    servers: IngestServers,
}

/// The field "Server" of an encoder.
#[derive(Serialize, ToSchema)]
pub(crate) struct IngestServers {
    /// Unencrypted; null unless the installation allows it.
    #[schema(required)]
    rtmp: Option<String>,
    /// Encrypted.
    rtmps: String,
}

/// Gives a host a channel. The same again changes nothing; a host of another channel is a conflict that names it.
#[utoipa::path(post, path = "/admin/channels/{id}/assign", operation_id = "assign_channel", tag = "channels",
    params(("id" = String, Path, description = "Id of the channel.")), request_body = AssignChannel,
    responses((status = 200, description = "It is the host's.", body = ChannelAssigned)))]
pub(crate) async fn assign(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Json(body): Json<AssignChannel>,
) -> Result<Json<ChannelAssigned>, Problem> {
    let to = match (body.host_user_id, body.email) {
        (Some(user_id), _) if !user_id.is_empty() => AssignTo::UserId(user_id),
        (_, Some(email)) if !email.is_empty() => AssignTo::Email(email),
        _ => {
            let text = "Missing required fields: channelId, hostUserId";
            return Err(Error::invalid("hostUserId", text).into());
        }
    };
    Ok(Json(ChannelAssigned {
        message: "Channel assigned successfully",
        assignment: assignments::assign(&ctx, &id, &to).await?.into(),
    }))
}

/// Takes a channel from a host. Its stream key stops working at once and whoever publishes with it is cut off; the other
/// hosts of the channel get a new key. The host's bookings that are not over go.
#[utoipa::path(delete, path = "/admin/channels/{id}/assign/{user_id}", operation_id = "unassign_channel", tag = "channels",
    params(("id" = String, Path, description = "Id of the channel."), ("user_id" = String, Path, description = "Id of the host's account.")),
    responses((status = 200, description = "It is his no more.", body = ChannelUnassigned)))]
pub(crate) async fn unassign(
    Admitted(ctx): Admitted,
    Ids(channel_id, host_user_id): Ids,
) -> Result<Json<ChannelUnassigned>, Problem> {
    assignments::unassign(&ctx, &channel_id, &host_user_id).await?;
    Ok(Json(ChannelUnassigned {
        message: "Channel unassigned successfully",
        channel_id,
        host_user_id,
    }))
}

/// A host's channel, for the host and for administrators.
#[utoipa::path(get, path = "/hosts/{user_id}/channel", operation_id = "get_host_channel", tag = "channels",
    params(("user_id" = String, Path, description = "Id of the host's account.")),
    responses((status = 200, description = "The channel.", body = HostChannel)))]
pub(crate) async fn channel(Admitted(ctx): Admitted, Id(user_id): Id) -> Result<Json<HostChannel>, Problem> {
    Ok(Json(host::channel(&ctx, &user_id).await?.into()))
}

/// How the video of a host's channel does, with advice in plain words.
#[utoipa::path(get, path = "/hosts/{user_id}/channel/health", operation_id = "get_host_channel_health", tag = "channels",
    params(("user_id" = String, Path, description = "Id of the host's account.")),
    responses((status = 200, description = "The report.", body = HostChannelHealth)))]
pub(crate) async fn health(Admitted(ctx): Admitted, Id(user_id): Id) -> Result<Json<HostChannelHealth>, Problem> {
    let (channel_id, report) = host::health(&ctx, &user_id).await?;
    let (broadcast, samples, advice) = parts(report);
    Ok(Json(HostChannelHealth {
        channel_id,
        broadcast,
        samples,
        advice,
    }))
}

/// Where to publish, and the key: for the host and for administrators. Each time is audited.
#[utoipa::path(post, path = "/hosts/{user_id}/channel/stream-key/reveal", operation_id = "reveal_channel_stream_key", tag = "channels",
    params(("user_id" = String, Path, description = "Id of the host's account.")),
    responses((status = 200, description = "The key.", body = ChannelStreamKey)))]
pub(crate) async fn reveal_key(Admitted(ctx): Admitted, Id(user_id): Id) -> Result<Json<ChannelStreamKey>, Problem> {
    Ok(Json(keys::reveal(&ctx, &user_id).await?.into()))
}

/// Replaces the key: for the host and for administrators. Whoever publishes is cut off, and the old key opens nothing any
/// more, for all hosts of the channel.
#[utoipa::path(post, path = "/hosts/{user_id}/channel/stream-key/rotate", operation_id = "rotate_channel_stream_key", tag = "channels",
    params(("user_id" = String, Path, description = "Id of the host's account.")),
    responses((status = 200, description = "The new key.", body = ChannelStreamKey)))]
pub(crate) async fn rotate_key(Admitted(ctx): Admitted, Id(user_id): Id) -> Result<Json<ChannelStreamKey>, Problem> {
    Ok(Json(keys::rotate(&ctx, &user_id).await?.into()))
}

impl From<Assignment> for ChannelAssignment {
    fn from(assignment: Assignment) -> Self {
        Self {
            channel_id: assignment.channel_id,
            host_user_id: assignment.host_user_id,
            assigned_at: rfc3339(assignment.assigned_at_ms),
            assigned_by: assignment.assigned_by,
        }
    }
}

impl From<host::HostChannel> for HostChannel {
    fn from(of_host: host::HostChannel) -> Self {
        let current_session_id = of_host.channel.current_session_id().map(str::to_owned);
        Self {
            state: State::as_str(of_host.state),
            assigned_at: rfc3339(of_host.assigned_at_ms),
            current_session_id,
            on_air: of_host.is_on_air,
            video: of_host.video.into(),
            bookings: of_host.bookings.into_iter().map(Booking::from).collect(),
            channel_id: of_host.channel.id,
            channel_arn: of_host.channel.arn,
            channel_name: of_host.channel.name,
            playback_url: of_host.channel.playback_url,
            ingest_endpoint: of_host.channel.ingest_endpoint,
        }
    }
}

impl From<keys::Ingest> for ChannelStreamKey {
    fn from(ingest: keys::Ingest) -> Self {
        Self {
            channel_id: ingest.channel_id,
            stream_key: ingest.stream_key.reveal().to_owned(),
            ingest_endpoint: ingest.endpoint,
            servers: IngestServers {
                rtmp: ingest.servers.rtmp,
                rtmps: ingest.servers.rtmps,
            },
        }
    }
}
