//! Chat tokens: who may connect to which room, as whom, and what for.
//!
//! A token is 48 random characters. It is in memory only, by its digest, until it is used or a minute has passed: both
//! must be true of every token exactly once, which a signature alone cannot promise.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use engine::chat::Frame;
use serde::{Deserialize, Serialize};

use super::room;
use super::wire::Attributes;
use crate::arn::Kind;
use crate::call::Call;
use crate::error::ApiError;
use crate::ids;
use crate::input::Members;
use crate::time;

/// How long a token may wait for its connection.
const TOKEN_LIFETIME_MS: i64 = 60_000;
/// Tokens made within a minute. AWS makes 200 a second, which is 12,000; each is held with up to a kilobyte of attributes.
const TOKENS_MAX: usize = 20_000;
/// AWS's limit on `sessionDurationInMinutes`, and what absent means.
const SESSION_MINUTES_MAX: usize = 180;
const SESSION_MINUTES: i64 = 60;
/// AWS's limit on a user id, in characters.
pub const USER_ID_LENGTH_MAX: usize = 128;
/// One of each; more would say nothing new.
const CAPABILITIES_MAX: usize = 3;

/// What a connection may do besides reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Capability {
    /// Speak.
    SendMessage,
    /// Show somebody out.
    DisconnectUser,
    /// Take a message back.
    DeleteMessage,
}

/// What a token stands for. The connection knows nobody but this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The room.
    pub room_arn: String,
    /// Chosen by whoever made the token.
    pub user_id: String,
    /// Sent with everything the user says.
    pub attributes: Attributes,
    /// What it may do.
    pub capabilities: Vec<Capability>,
    /// Until when it may connect.
    pub token_expires_at_ms: i64,
    /// When its session ends.
    pub session_expires_at_ms: i64,
}

type Digest = [u8; 32];

/// Every token that nobody has used yet.
#[derive(Default)]
pub struct Tokens {
    /// Held for a lookup, and while a connection takes its seat: nobody is between the two when a user is shown out.
    made: Mutex<Made>,
}

#[derive(Default)]
struct Made {
    unused: HashMap<Digest, Grant>,
    /// Every token of the last minute, oldest first, used or not.
    order: VecDeque<(i64, Digest)>,
}

impl Tokens {
    /// Keeps a token. False when too many were made within a minute.
    fn put(&self, token: &str, grant: Grant, now_ms: i64) -> bool {
        let mut made = self.lock();
        while let Some((expires_at_ms, old)) = made.order.front().copied() {
            if expires_at_ms > now_ms {
                break;
            }
            made.order.pop_front();
            made.unused.remove(&old);
        }
        if made.order.len() >= TOKENS_MAX {
            return false;
        }
        let key = key(token);
        made.order.push_back((grant.token_expires_at_ms, key));
        made.unused.insert(key, grant);
        true
    }

    /// Uses a token up and lets `enter` in with what it stands for. `None` for one that is unknown, used or expired.
    pub fn redeem<T>(&self, token: &str, now_ms: i64, enter: impl FnOnce(Grant) -> T) -> Option<T> {
        let mut made = self.lock();
        let grant = made.unused.remove(&key(token))?;
        (now_ms < grant.token_expires_at_ms).then(|| enter(grant))
    }

    /// Takes back the unused tokens of a user in a room, and then does `leave` before another token can be used.
    pub fn revoke<T>(&self, room_arn: &str, user_id: &str, leave: impl FnOnce() -> T) -> T {
        let mut made = self.lock();
        made.unused
            .retain(|_, grant| grant.room_arn != room_arn || grant.user_id != user_id);
        leave()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Made> {
        // A panic while the lock is held leaves a token that nobody can use, no more.
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lookups take as long for a wrong token as for a right one, because they compare digests.
fn key(token: &str) -> Digest {
    let mut key = [0; 32];
    key.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    key
}

/// Answer of CreateChatToken.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    token: String,
    #[serde(serialize_with = "time::serialize")]
    token_expiration_time: i64,
    #[serde(serialize_with = "time::serialize")]
    session_expiration_time: i64,
}

/// CreateChatToken.
pub async fn create(call: &Call<'_>, members: &Members) -> Result<Created, ApiError> {
    let room_arn = members.arn("roomIdentifier", Kind::Room)?;
    let user_id = members.required_characters("userId", USER_ID_LENGTH_MAX)?;
    let minutes = members.size("sessionDurationInMinutes", SESSION_MINUTES_MAX)?;
    let minutes = minutes.and_then(|minutes| i64::try_from(minutes).ok());
    let now_ms = call.now_ms();
    let grant = Grant {
        room_arn: room_arn.to_owned(),
        user_id: user_id.to_owned(),
        attributes: members.attributes("attributes")?,
        capabilities: members.choices("capabilities", CAPABILITIES_MAX)?,
        token_expires_at_ms: now_ms + TOKEN_LIFETIME_MS,
        session_expires_at_ms: now_ms + minutes.unwrap_or(SESSION_MINUTES) * 60_000,
    };
    room::find(call, room_arn).await?;
    let created = Created {
        token: ids::chat_token(call.env()),
        token_expiration_time: grant.token_expires_at_ms,
        session_expiration_time: grant.session_expires_at_ms,
    };
    if !call.shared.chat.tokens.put(&created.token, grant, now_ms) {
        return Err(ApiError::throttled("Too many chat tokens were made within a minute").of_resource(room_arn, None));
    }
    Ok(created)
}

/// Shows a user out of a room: an event to everyone, the end of their connections, their unused tokens taken back. False
/// when the room is gone.
pub fn disconnect(chat: &super::Chat, room_arn: &str, user_id: &str, event: &Frame) -> bool {
    chat.tokens
        .revoke(room_arn, user_id, || chat.hub.disconnect(room_arn, user_id, event))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(user: &str, expires_at_ms: i64) -> Grant {
        Grant {
            room_arn: "r".to_owned(),
            user_id: user.to_owned(),
            attributes: Attributes::new(),
            capabilities: Vec::new(),
            token_expires_at_ms: expires_at_ms,
            session_expires_at_ms: expires_at_ms,
        }
    }

    fn redeem(tokens: &Tokens, token: &str, now_ms: i64) -> Option<String> {
        tokens.redeem(token, now_ms, |grant| grant.user_id)
    }

    #[test]
    fn a_token_is_good_once_and_for_a_minute() {
        let tokens = Tokens::default();
        for (token, user) in [("a", "ann"), ("b", "bob")] {
            assert!(tokens.put(token, grant(user, 60_000), 0));
        }
        assert_eq!(redeem(&tokens, "a", 59_999).as_deref(), Some("ann"));
        assert_eq!(redeem(&tokens, "a", 59_999), None);
        assert_eq!(redeem(&tokens, "b", 60_000), None);
        assert_eq!(redeem(&tokens, "", 0), None);
    }

    #[test]
    fn tokens_of_a_minute_are_bounded_and_old_ones_make_room() {
        let tokens = Tokens::default();
        for index in 0..TOKENS_MAX {
            assert!(tokens.put(&index.to_string(), grant("u", 60_000), 0));
        }
        redeem(&tokens, "0", 0);
        assert!(!tokens.put("x", grant("u", 60_000), 59_999), "used ones count as well");
        assert!(tokens.put("x", grant("u", 120_000), 60_000));
        assert_eq!(tokens.lock().unused.len(), 1);
    }

    #[test]
    fn who_is_shown_out_has_no_token_left() {
        let tokens = Tokens::default();
        tokens.put("a", grant("ann", 60_000), 0);
        tokens.put("b", grant("bob", 60_000), 0);
        tokens.revoke("another room", "ann", || ());
        tokens.revoke("r", "bob", || ());
        assert_eq!(redeem(&tokens, "a", 0).as_deref(), Some("ann"));
        assert_eq!(redeem(&tokens, "b", 0), None);
        tokens.put("b2", grant("bob", 60_000), 0);
        assert_eq!(redeem(&tokens, "b2", 0).as_deref(), Some("bob"), "made afterwards");
    }
}
