//! The calls about chat rooms and who is in them.

use std::collections::HashMap;

use aws_sdk_ivschat::types::ChatTokenCapability;

use super::client::{Client, Listed, OnlyWhenThrottled, PAGES_MAX, found};
use super::{ProviderError, ProviderErrorKind, ResourceTags};

/// The most that ListRooms gives at once.
const PAGE_SIZE: i32 = 50;

/// Longest message of our rooms, in code points: the provider's default and most.
pub const MESSAGE_CHARS_MAX: i32 = 500;
/// Messages that a room takes in a second, of all together: the provider's default.
pub const MESSAGES_PER_SECOND: i32 = 10;

/// What the bearer of a chat token may do besides reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// Speak.
    SendMessage,
    /// Take any message back.
    DeleteMessage,
    /// Show anybody out.
    DisconnectUser,
}

impl Capability {
    /// The provider's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SendMessage => "SEND_MESSAGE",
            Self::DeleteMessage => "DELETE_MESSAGE",
            Self::DisconnectUser => "DISCONNECT_USER",
        }
    }
}

/// Who a chat token is for. The provider shows `user_id` and `attributes` to everybody in the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// 1 to 128 characters.
    pub user_id: String,
    /// What others read about the user; 1 KB in all.
    pub attributes: HashMap<String, String>,
    /// What the user may do.
    pub capabilities: Vec<Capability>,
    /// 1 to 180.
    pub session_minutes: i32,
}

/// A token for one connection, to be made within a minute.
#[derive(Clone)]
pub struct ChatToken {
    /// To be offered as WebSocket subprotocol.
    pub token: crate::Secret,
    /// When the session of that connection ends, epoch ms; `None` when the provider does not say.
    pub session_expires_at_ms: Option<i64>,
}

impl Client {
    /// Makes a chat room and returns its ARN.
    ///
    /// *errors*: [`ProviderError`]; ask [`ProviderError::is_outcome_unknown`] whether a room may exist now.
    pub async fn create_room(&self, name: &str, tags: &ResourceTags) -> Result<String, ProviderError> {
        const OPERATION: &str = "CreateRoom";
        self.turn(OPERATION).await?;
        let answer = self
            .chat
            .create_room()
            .name(name)
            .maximum_message_length(MESSAGE_CHARS_MAX)
            .maximum_message_rate_per_second(MESSAGES_PER_SECOND)
            .set_tags(Some(tags.to_map()))
            .customize()
            .config_override(aws_sdk_ivschat::config::Builder::new().retry_classifier(OnlyWhenThrottled))
            .send()
            .await
            .map_err(|error| self.failed(OPERATION, &error))?;
        answer
            .arn
            .filter(|arn| !arn.is_empty())
            .ok_or_else(|| ProviderError::incomplete(OPERATION, "arn"))
    }

    /// True when the room exists.
    ///
    /// *errors*: [`ProviderError`] of any other kind than not found.
    pub async fn room_exists(&self, arn: &str) -> Result<bool, ProviderError> {
        const OPERATION: &str = "GetRoom";
        self.turn(OPERATION).await?;
        let answer = self.chat.get_room().identifier(arn).send().await;
        let answer = answer.map_err(|error| self.failed(OPERATION, &error));
        found(answer, ProviderErrorKind::NotFound).map(|room| room.is_some())
    }

    /// All rooms of the account and region, ours and others', or those of one name.
    ///
    /// *errors*: [`ProviderError`]; nothing is returned unless every page was read.
    pub async fn list_rooms(&self, name: Option<&str>) -> Result<Vec<Listed>, ProviderError> {
        const OPERATION: &str = "ListRooms";
        let mut rooms = Vec::new();
        let mut token = None;
        for _ in 0..PAGES_MAX {
            self.turn(OPERATION).await?;
            let request = self
                .chat
                .list_rooms()
                .set_name(name.map(str::to_owned))
                .max_results(PAGE_SIZE)
                .set_next_token(token);
            let page = request.send().await.map_err(|error| self.failed(OPERATION, &error))?;
            rooms.extend(page.rooms.into_iter().filter_map(|room| {
                let tags = room.tags.as_ref().and_then(ResourceTags::from_map);
                Some(Listed { arn: room.arn?, tags })
            }));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(rooms);
            }
        }
        Err(ProviderError::incomplete(OPERATION, "last page"))
    }

    /// Deletes a room, with everybody in it. A room that does not exist counts as deleted.
    ///
    /// *errors*: [`ProviderError`].
    pub async fn delete_room(&self, arn: &str) -> Result<(), ProviderError> {
        const OPERATION: &str = "DeleteRoom";
        self.turn(OPERATION).await?;
        let answer = self.chat.delete_room().identifier(arn).send().await;
        let answer = answer.map_err(|error| self.failed(OPERATION, &error));
        found(answer, ProviderErrorKind::NotFound).map(drop)
    }

    /// Makes a token for one connection to a room.
    ///
    /// *errors*: [`ProviderError`] of kind not found when the room is gone.
    pub async fn create_chat_token(&self, room_arn: &str, bearer: Bearer) -> Result<ChatToken, ProviderError> {
        const OPERATION: &str = "CreateChatToken";
        self.turn(OPERATION).await?;
        let capabilities = bearer
            .capabilities
            .into_iter()
            .map(|one| ChatTokenCapability::from(one.as_str()));
        let answer = self
            .chat
            .create_chat_token()
            .room_identifier(room_arn)
            .user_id(bearer.user_id)
            .set_capabilities(Some(capabilities.collect()))
            .session_duration_in_minutes(bearer.session_minutes)
            .set_attributes((!bearer.attributes.is_empty()).then_some(bearer.attributes))
            .send()
            .await
            .map_err(|error| self.failed(OPERATION, &error))?;
        let token = answer
            .token
            .filter(|token| !token.is_empty())
            .ok_or_else(|| ProviderError::incomplete(OPERATION, "token"))?;
        let expires_at = answer.session_expiration_time.and_then(|time| time.to_millis().ok());
        Ok(ChatToken {
            token: crate::Secret::new(token),
            session_expires_at_ms: expires_at,
        })
    }

    /// Tells everybody in a room to take a message away.
    ///
    /// *errors*: [`ProviderError`] of kind not found when the room is gone.
    pub async fn delete_message(
        &self,
        room_arn: &str,
        message_id: &str,
        reason: Option<&str>,
    ) -> Result<(), ProviderError> {
        const OPERATION: &str = "DeleteMessage";
        self.turn(OPERATION).await?;
        let request = self.chat.delete_message().room_identifier(room_arn).id(message_id);
        let answer = request.set_reason(reason.map(str::to_owned)).send().await;
        answer.map(drop).map_err(|error| self.failed(OPERATION, &error))
    }

    /// Ends every connection of a user to a room.
    ///
    /// *errors*: [`ProviderError`] of kind not found when the room is gone.
    pub async fn disconnect_user(
        &self,
        room_arn: &str,
        user_id: &str,
        reason: Option<&str>,
    ) -> Result<(), ProviderError> {
        const OPERATION: &str = "DisconnectUser";
        self.turn(OPERATION).await?;
        let request = self.chat.disconnect_user().room_identifier(room_arn).user_id(user_id);
        let answer = request.set_reason(reason.map(str::to_owned)).send().await;
        answer.map(drop).map_err(|error| self.failed(OPERATION, &error))
    }
}
