//! The chat of an auction: getting in, reading back, keeping order.

use platform::chat::{self, Line, Measure, Order};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Json, Query, TwoIds};
use crate::rest::time::rfc3339;

/// The way into a chat, for one connection.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChatToken {
    /// To be offered as the one WebSocket subprotocol, within a minute.
    token: String,
    /// Where to connect.
    url: String,
    /// What the bearer may do besides reading: `SEND_MESSAGE`, `DELETE_MESSAGE`, `DISCONNECT_USER`.
    capabilities: Vec<&'static str>,
    /// When the connection ends, RFC 3339; then another token is due.
    session_expires_at: String,
    /// The caller's public id in this chat.
    user_id: String,
    /// What others call the caller.
    username: String,
    is_muted: bool,
    /// RFC 3339; null when not muted, or muted for good.
    #[schema(required)]
    muted_until: Option<String>,
}

/// Something that was said in the chat.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChatMessage {
    message_id: String,
    auction_id: String,
    /// Public id of who said it; `host` is the seller.
    user_id: String,
    /// What others call who said it.
    username: String,
    /// The text; empty once deleted.
    message: String,
    /// Epoch milliseconds.
    timestamp: i64,
    /// `chat`.
    r#type: &'static str,
    is_host: bool,
    is_deleted: bool,
}

/// What was said, oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChatMessages {
    messages: Vec<ChatMessage>,
}

/// Which messages.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// Messages at most, 1 to 100; 50 when absent.
    limit: Option<i64>,
    /// Only those before this `message_id`.
    before: Option<String>,
}

/// What a message is deleted for.
#[derive(Deserialize, Default, ToSchema)]
pub(crate) struct DeleteMessage {
    /// One line of at most 200 characters; everybody in the chat may read it.
    #[serde(default)]
    reason: Option<String>,
}

/// A message that was taken back.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeletedChatMessage {
    message_id: String,
    is_deleted: bool,
}

/// A measure against somebody.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Moderate {
    /// Public id of whom it concerns.
    user_id: String,
    /// 1 to 43200; for good when absent.
    #[serde(default)]
    minutes: Option<i64>,
    /// One line of at most 200 characters; everybody in the chat may read it.
    #[serde(default)]
    reason: Option<String>,
}

/// The end of a measure.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Pardon {
    /// Public id of whom it concerns.
    user_id: String,
}

/// Somebody who is muted or banned.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChatRestriction {
    user_id: String,
    username: String,
    is_muted: bool,
    /// RFC 3339; null when not muted, or muted for good.
    #[schema(required)]
    muted_until: Option<String>,
    is_banned: bool,
    /// RFC 3339; null when not banned, or banned for good.
    #[schema(required)]
    banned_until: Option<String>,
    /// What the latest measure was for.
    #[schema(required)]
    reason: Option<String>,
}

/// Who is muted or banned, the latest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChatRestrictions {
    restrictions: Vec<ChatRestriction>,
}

/// Lets the caller into the chat of a live auction. Muted people get a token to read; banned people get none (403); an auction
/// that has ended has no chat any more (409). Watchers without an account read the history and the events `chat_messages`.
#[utoipa::path(post, path = "/api/auctions/{id}/chat/token", operation_id = "create_chat_token", tag = "chat",
    params(("id" = String, Path, description = "Id of the auction.")),
    responses((status = 200, description = "A token for one connection.", body = ChatToken)))]
pub(crate) async fn token(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<ChatToken>, Problem> {
    let ticket = chat::enter(&ctx, &id).await?;
    Ok(Json(ChatToken {
        token: ticket.token.reveal().to_owned(),
        url: ticket.url,
        capabilities: ticket.capabilities.iter().map(|one| one.as_str()).collect(),
        session_expires_at: rfc3339(ticket.session_expires_at_ms),
        user_id: ticket.user_id,
        username: ticket.username,
        is_muted: ticket.muted_until_ms.is_some(),
        muted_until: ticket.muted_until_ms.and_then(until),
    }))
}

/// What was said, oldest first: the newest messages, or those before one. The last 500 of an auction are kept.
#[utoipa::path(get, path = "/api/auctions/{id}/chat/messages", operation_id = "list_chat_messages", tag = "chat",
    params(("id" = String, Path, description = "Id of the auction."), HistoryQuery),
    responses((status = 200, description = "Messages.", body = ChatMessages)))]
pub(crate) async fn messages(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<ChatMessages>, Problem> {
    let lines = chat::messages(&ctx, &id, query.limit, query.before.as_deref()).await?;
    let messages = lines.into_iter().map(ChatMessage::from).collect();
    Ok(Json(ChatMessages { messages }))
}

/// Takes a message back; the seller and administrators may. Written to the audit log.
#[utoipa::path(post, path = "/api/auctions/{id}/chat/messages/{message_id}/delete", operation_id = "delete_chat_message",
    tag = "chat",
    params(("id" = String, Path, description = "Id of the auction."),
           ("message_id" = String, Path, description = "Id of the message.")),
    request_body = Option<DeleteMessage>,
    responses((status = 200, description = "Deleted, for everybody.", body = DeletedChatMessage)))]
pub(crate) async fn delete(
    Admitted(ctx): Admitted,
    TwoIds(id, message_id): TwoIds,
    body: Option<Json<DeleteMessage>>,
) -> Result<Json<DeletedChatMessage>, Problem> {
    let reason = body.map(|Json(body)| body).unwrap_or_default().reason;
    chat::delete_message(&ctx, &id, &message_id, reason).await?;
    Ok(Json(DeletedChatMessage {
        message_id,
        is_deleted: true,
    }))
}

/// Lets somebody read and not write, for some minutes or for good. Bidding is not concerned.
#[utoipa::path(post, path = "/api/auctions/{id}/chat/mute", operation_id = "mute_in_chat", tag = "chat",
    params(("id" = String, Path, description = "Id of the auction.")), request_body = Moderate,
    responses((status = 200, description = "Who is muted or banned now.", body = ChatRestrictions)))]
pub(crate) async fn mute(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Json(body): Json<Moderate>,
) -> Result<Json<ChatRestrictions>, Problem> {
    chat::restrict(&ctx, &id, Measure::Mute, body.into()).await?;
    listed(&ctx, &id).await
}

/// Ends a mute.
#[utoipa::path(post, path = "/api/auctions/{id}/chat/unmute", operation_id = "unmute_in_chat", tag = "chat",
    params(("id" = String, Path, description = "Id of the auction.")), request_body = Pardon,
    responses((status = 200, description = "Who is muted or banned now.", body = ChatRestrictions)))]
pub(crate) async fn unmute(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Json(body): Json<Pardon>,
) -> Result<Json<ChatRestrictions>, Problem> {
    chat::lift(&ctx, &id, Measure::Mute, &body.user_id).await?;
    listed(&ctx, &id).await
}

/// Keeps somebody out of the chat, for some minutes or for good. Bidding is not concerned.
#[utoipa::path(post, path = "/api/auctions/{id}/chat/ban", operation_id = "ban_from_chat", tag = "chat",
    params(("id" = String, Path, description = "Id of the auction.")), request_body = Moderate,
    responses((status = 200, description = "Who is muted or banned now.", body = ChatRestrictions)))]
pub(crate) async fn ban(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Json(body): Json<Moderate>,
) -> Result<Json<ChatRestrictions>, Problem> {
    chat::restrict(&ctx, &id, Measure::Ban, body.into()).await?;
    listed(&ctx, &id).await
}

/// Ends a ban.
#[utoipa::path(post, path = "/api/auctions/{id}/chat/unban", operation_id = "unban_from_chat", tag = "chat",
    params(("id" = String, Path, description = "Id of the auction.")), request_body = Pardon,
    responses((status = 200, description = "Who is muted or banned now.", body = ChatRestrictions)))]
pub(crate) async fn unban(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Json(body): Json<Pardon>,
) -> Result<Json<ChatRestrictions>, Problem> {
    chat::lift(&ctx, &id, Measure::Ban, &body.user_id).await?;
    listed(&ctx, &id).await
}

/// Who is muted or banned; the seller and administrators may ask.
#[utoipa::path(get, path = "/api/auctions/{id}/chat/restrictions", operation_id = "list_chat_restrictions", tag = "chat",
    params(("id" = String, Path, description = "Id of the auction.")),
    responses((status = 200, description = "At most five hundred, the latest first.", body = ChatRestrictions)))]
pub(crate) async fn restrictions(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<ChatRestrictions>, Problem> {
    listed(&ctx, &id).await
}

async fn listed(ctx: &platform::Context, id: &str) -> Result<Json<ChatRestrictions>, Problem> {
    let restrictions = chat::restrictions(ctx, id).await?;
    let restrictions = restrictions.into_iter().map(ChatRestriction::from).collect();
    Ok(Json(ChatRestrictions { restrictions }))
}

/// "For good" has no date.
fn until(epoch_ms: i64) -> Option<String> {
    (epoch_ms != chat::model::FOREVER_MS).then(|| rfc3339(epoch_ms))
}

impl From<Line> for ChatMessage {
    fn from(line: Line) -> Self {
        Self {
            message_id: line.message_id,
            auction_id: line.auction_id,
            user_id: line.user_id,
            username: line.username,
            message: line.message,
            timestamp: line.timestamp,
            r#type: line.kind,
            is_host: line.is_host,
            is_deleted: line.is_deleted,
        }
    }
}

impl From<Moderate> for Order {
    fn from(body: Moderate) -> Self {
        Self {
            user_id: body.user_id,
            minutes: body.minutes,
            reason: body.reason,
        }
    }
}

impl From<chat::Restriction> for ChatRestriction {
    fn from(restriction: chat::Restriction) -> Self {
        Self {
            user_id: restriction.user_id,
            username: restriction.username,
            is_muted: restriction.muted_until_ms.is_some(),
            muted_until: restriction.muted_until_ms.and_then(until),
            is_banned: restriction.banned_until_ms.is_some(),
            banned_until: restriction.banned_until_ms.and_then(until),
            reason: restriction.reason,
        }
    }
}
