//! What the backend sends into a room.

use serde::Serialize;

use super::token::{self, USER_ID_LENGTH_MAX};
use super::{room, wire};
use crate::arn::Kind;
use crate::call::Call;
use crate::error::ApiError;
use crate::ids;
use crate::input::Members;
use crate::tags::Empty;

/// AWS's limit on an event's name, in characters.
const EVENT_NAME_LENGTH_MAX: usize = 100;

/// Answer of SendEvent and DeleteMessage.
#[derive(Debug, Serialize)]
pub struct Sent {
    /// Id of the event that everyone gets.
    id: String,
}

/// SendEvent: an event of the application to everyone in the room. A room without connections takes it too.
pub async fn send_event(call: &Call<'_>, members: &Members) -> Result<Sent, ApiError> {
    let room_arn = members.arn("roomIdentifier", Kind::Room)?;
    let name = members.required_characters("eventName", EVENT_NAME_LENGTH_MAX)?;
    let attributes = members.attributes("attributes")?;
    announce(call, room_arn, name, &attributes).await
}

/// DeleteMessage: tells everyone to take a message off their screens. Nothing is kept here that could be deleted.
pub async fn delete(call: &Call<'_>, members: &Members) -> Result<Sent, ApiError> {
    let room_arn = members.arn("roomIdentifier", Kind::Room)?;
    let message_id = members.message_id("id")?;
    let reason = members.characters("reason", wire::REASON_LENGTH_MAX)?;
    let attributes = wire::deleted(message_id, reason);
    announce(call, room_arn, wire::DELETE_EVENT, &attributes).await
}

/// DisconnectUser: ends every connection of a user to the room.
pub async fn disconnect_user(call: &Call<'_>, members: &Members) -> Result<Empty, ApiError> {
    let room_arn = members.arn("roomIdentifier", Kind::Room)?;
    let user_id = members.required_characters("userId", USER_ID_LENGTH_MAX)?;
    let reason = members.characters("reason", wire::REASON_LENGTH_MAX)?;
    room::find(call, room_arn).await?;
    let attributes = wire::disconnected(user_id, reason);
    let stamp = wire::Stamp::new(call.env());
    let event = wire::event(&stamp, "", wire::DISCONNECT_EVENT, &attributes);
    if token::disconnect(&call.shared.chat, room_arn, user_id, &event) {
        Ok(Empty {})
    } else {
        Err(ApiError::not_found(room_arn))
    }
}

async fn announce(
    call: &Call<'_>,
    room_arn: &str,
    name: &str,
    attributes: &wire::Attributes,
) -> Result<Sent, ApiError> {
    room::find(call, room_arn).await?;
    let stamp = wire::Stamp {
        id: ids::resource(call.env()),
        at_ms: call.now_ms(),
    };
    // Deleted in between.
    if !call
        .shared
        .chat
        .hub
        .announce(room_arn, &wire::event(&stamp, "", name, attributes))
    {
        return Err(ApiError::not_found(room_arn));
    }
    Ok(Sent { id: stamp.id })
}
