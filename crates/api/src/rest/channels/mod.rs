//! Persistent channels, for administrators: the pool, one channel, its state and statistics.

pub(crate) mod answer;

use http::StatusCode;
use platform::channels::{self, NewChannel, State, Switch, capacity, listing};
use serde::Deserialize;
use utoipa::ToSchema;

use self::answer::{
    Capacity, ChannelDeleted, ChannelFound, ChannelList, ChannelMade, ChannelState, ChannelStats, StateSet,
};
use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Json, Query};

/// A channel that stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatePersistentChannel {
    /// 1 to 100 characters.
    #[schema(required)]
    name: Option<String>,
    /// Whether what is on air is recorded; it is when absent.
    recording_enabled: Option<bool>,
}

/// Which channels.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListQuery {
    /// Only channels in this state: `IDLE`, `LIVE` or `OFFLINE`.
    #[param(value_type = Option<ChannelState>, inline)]
    state: Option<String>,
    /// Text in the channel's name, or in a host's name or e-mail address; at most 100 characters.
    q: Option<String>,
    /// Rows at most, 1 to 100; 50 when absent.
    limit: Option<i64>,
    /// Where the page before ended: its `nextToken`, under the same `state` and `q`.
    next_token: Option<String>,
}

/// The state to bring about.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetChannelState {
    /// `LIVE` takes the channel, `IDLE` gives it back and puts it into service, `OFFLINE` puts it out of service.
    #[schema(required, value_type = ChannelState)]
    new_state: Option<String>,
    /// The session to name as the current one, for `LIVE`; at most 100 characters.
    session_id: Option<String>,
    /// `true`: `OFFLINE` although the channel is LIVE; whoever is on air stays on air.
    #[serde(default)]
    force: bool,
}

/// Makes a channel whose playback URL stays the same for ever. Its stream key is not part of any answer here.
#[utoipa::path(post, path = "/admin/channels", operation_id = "create_persistent_channel", tag = "channels",
    request_body = CreatePersistentChannel,
    responses((status = 201, description = "Made.", body = ChannelMade),
        (status = 429, description = "The pool, or the provider's quota, is full: `currentCount` and `maxLimit` say how.", body = crate::error::ErrorBody)))]
pub(crate) async fn create(
    Admitted(ctx): Admitted,
    Json(body): Json<CreatePersistentChannel>,
) -> Result<(StatusCode, Json<ChannelMade>), Problem> {
    let input = NewChannel {
        name: body.name.unwrap_or_default(),
        recording_enabled: body.recording_enabled.unwrap_or(true),
    };
    let made = channels::create(&ctx, input).await.map_err(platform::Error::from);
    let channel = made.map_err(failing("Failed to create persistent channel"))?;
    Ok((StatusCode::CREATED, Json(channel.into())))
}

/// Lists channels, newest first. Every page but the last is full.
#[utoipa::path(get, path = "/admin/channels", operation_id = "list_persistent_channels", tag = "channels", params(ListQuery),
    responses((status = 200, description = "One page.", body = ChannelList)))]
pub(crate) async fn list(
    Admitted(ctx): Admitted,
    Query(query): Query<ListQuery>,
) -> Result<Json<ChannelList>, Problem> {
    let filter = listing::Filter {
        state: query.state.as_deref().map(State::parse).transpose()?,
        text: query.q,
        limit: query.limit,
        next_token: query.next_token,
    };
    let listed = channels::list(&ctx, filter).await;
    Ok(Json(listed.map_err(failing("Failed to list channels"))?.into()))
}

/// How full the pool is.
#[utoipa::path(get, path = "/admin/channels/capacity", operation_id = "get_channel_capacity", tag = "channels",
    responses((status = 200, description = "Places taken and free.", body = Capacity)))]
pub(crate) async fn capacity(Admitted(ctx): Admitted) -> Result<Json<Capacity>, Problem> {
    let capacity = capacity::capacity(&ctx).await;
    Ok(Json(
        capacity.map_err(failing("Failed to get channel capacity"))?.into(),
    ))
}

/// One channel.
#[utoipa::path(get, path = "/admin/channels/{id}", operation_id = "get_persistent_channel", tag = "channels",
    params(("id" = String, Path, description = "Id of the channel.")),
    responses((status = 200, description = "The channel.", body = ChannelFound)))]
pub(crate) async fn show(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<ChannelFound>, Problem> {
    let view = channels::get(&ctx, &id).await;
    Ok(Json(view.map_err(failing("Failed to get channel"))?.into()))
}

/// Deletes a channel that is not live and has no hosts.
#[utoipa::path(delete, path = "/admin/channels/{id}", operation_id = "delete_persistent_channel", tag = "channels",
    params(("id" = String, Path, description = "Id of the channel.")),
    responses((status = 200, description = "Deleted; its place in the pool is free.", body = ChannelDeleted)))]
pub(crate) async fn delete(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<ChannelDeleted>, Problem> {
    let deleted = channels::delete(&ctx, &id).await;
    deleted.map_err(failing("Failed to delete channel"))?;
    Ok(Json(ChannelDeleted::new(id)))
}

/// What was broadcast on a channel.
#[utoipa::path(get, path = "/admin/channels/{id}/stats", operation_id = "get_channel_stats", tag = "channels",
    params(("id" = String, Path, description = "Id of the channel.")),
    responses((status = 200, description = "Totals since it was made.", body = ChannelStats)))]
pub(crate) async fn stats(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<ChannelStats>, Problem> {
    let stats = channels::stats(&ctx, &id).await;
    Ok(Json(stats.map_err(failing("Failed to get channel statistics"))?.into()))
}

/// Sets a channel's state by hand.
#[utoipa::path(put, path = "/admin/channels/{id}/state", operation_id = "set_channel_state", tag = "channels",
    params(("id" = String, Path, description = "Id of the channel.")), request_body = SetChannelState,
    responses((status = 200, description = "Done; `newState` is what the channel is now.", body = StateSet)))]
pub(crate) async fn set_state(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Json(body): Json<SetChannelState>,
) -> Result<Json<StateSet>, Problem> {
    let Some(word) = body.new_state else {
        return Err(Problem::validation(
            "newState",
            "Missing required fields: channelId, newState",
        ));
    };
    let switch = Switch {
        state: State::parse(&word)?,
        session_id: body.session_id,
        is_forced: body.force,
    };
    let switched = channels::set_state(&ctx, &id, switch).await;
    Ok(Json(
        switched.map_err(failing("Failed to update channel state"))?.into(),
    ))
}

/// What failed, for failures that are nobody's business.
fn failing(message: &'static str) -> impl Fn(platform::Error) -> Problem {
    move |error| Problem::from(error).failing(message)
}
