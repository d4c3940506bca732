//! Chat beside an auction: who may be in it and speak, what was said, and who keeps order.
//!
//! People talk to each other through the provider's room, directly. We make the room and the tokens, and one of our processes
//! sits in every room that somebody may be in, hears what is said ([`listener`]), keeps it, and tells those who only watch
//! ([`NEWS`]). A watcher without an account so costs no connection to the provider.
//!
//! **Invariants**
//! - Who somebody is in the room stands in the token and nowhere else: a public id and an alias, never the account's id, name
//!   or address.
//! - A room belongs to its auction as the channel does ([`crate::video`]), from its making to the auction's end. A provider
//!   that refuses chat does not keep an auction from being held: the room is made later.
//! - Mute and ban are about chat alone: whoever may bid goes on bidding.
//! - What was said while no process listened is not kept; people in the room read it all the same.
//!
//! **Where to start.** [`enter`], then [`listener`].

pub(crate) mod desk;
pub(crate) mod jobs;
pub mod listener;
pub mod model;
mod moderation;
pub(crate) mod rooms;
mod socket;
pub(crate) mod store;

use std::time::Duration;

pub(crate) use desk::Desk;
pub use model::{Line, Measure, Part, Restriction, Ticket};
pub use moderation::{MINUTES_MAX, Order, REASON_CHARS_MAX, delete_message, lift, restrict, restrictions};

use crate::video::{Bearer, Capability, ProviderErrorKind};
use crate::{Context, Error, ErrorKind, Role, auctions, id};
use model::Member;
use store::Room;

/// Lines in one answer at most, and when nobody says how many.
pub const LINES_MAX: i64 = 100;
/// Lines that the state of an auction carries.
pub const RECENT_LINES: i64 = 50;
/// Kind of the event that tells what was said and what was taken back.
pub const NEWS: &str = "chat_messages";

const NOT_FOUND: &str = "Auction not found";
const LOCKED: &str = "Chat is locked: the auction has ended";
/// How long one connection lasts; the client then fetches another token.
const SESSION_MINUTES: i32 = 60;
/// How long a token that nobody used can still open a connection, with room for clocks that differ.
const CONNECT_MS: i64 = 2 * 60_000;
/// How long somebody who enters waits for us to listen.
const LISTENER_WAIT: Duration = Duration::from_secs(3);
const LISTENER_LOOK: Duration = Duration::from_millis(50);
/// When to try again while there is no room.
const NO_ROOM_RETRY_S: u64 = 5;

/// Lets a signed-in person into the chat of an auction: a token for one connection. Returns when somebody of us listens, or
/// after three seconds.
///
/// *errors*: [`ErrorKind::NotFound`], [`ErrorKind::Conflict`] when the auction has ended, [`ErrorKind::Forbidden`] for those
/// who are banned, [`ErrorKind::LimitReached`], [`ErrorKind::Unavailable`] while there is no room, [`ErrorKind::Provider`].
pub async fn enter(ctx: &Context, auction_id: &str) -> Result<Ticket, Error> {
    let account_id = ctx.require_signed_in()?;
    let auction_id = id::parse(auction_id, NOT_FOUND)?;
    ctx.platform.chat().tickets.count(account_id, ctx.now_ms)?;
    let (host_user_id, room) = open_room(ctx, &auction_id).await?;
    let newcomer = member(ctx, &auction_id, &host_user_id, account_id);
    let listen_until_ms = ctx.now_ms + i64::from(SESSION_MINUTES) * 60_000 + CONNECT_MS;
    let mut tx = ctx.db().begin().await?;
    let member = store::join(tx.conn(), &auction_id, &newcomer).await?;
    if member.is_banned(ctx.now_ms) {
        return Err(Error::forbidden("You are banned from this chat"));
    }
    store::listen_until(tx.conn(), &auction_id, listen_until_ms).await?;
    tx.commit().await?;
    ctx.platform.chat().wake.notify_one();

    let bearer = bearer(&member, ctx.now_ms);
    let capabilities = bearer.capabilities.clone();
    let token = match ctx.platform.video().create_chat_token(&room.arn, bearer).await {
        Ok(token) => token,
        Err(error) => {
            if error.kind == ProviderErrorKind::NotFound {
                rooms::replace_lost(&ctx.platform, &auction_id, &room).await?;
            }
            return Err(Error::provider("Failed to create a chat token", error));
        }
    };
    wait_for_listener(ctx, &auction_id).await?;
    Ok(Ticket {
        token: token.token,
        url: ctx.platform.config().chat_url.clone(),
        capabilities,
        session_expires_at_ms: token.session_expires_at_ms.unwrap_or(listen_until_ms),
        muted_until_ms: member.is_muted(ctx.now_ms).then_some(member.muted_until_ms),
        user_id: member.user_id,
        username: member.username,
    })
}

/// What was said, oldest first: the newest `limit` lines, or those before the line `before`.
///
/// *errors*: [`ErrorKind::NotFound`], [`ErrorKind::Invalid`] naming `limit` or `before`.
pub async fn messages(
    ctx: &Context,
    auction_id: &str,
    limit: Option<i64>,
    before: Option<&str>,
) -> Result<Vec<Line>, Error> {
    let auction_id = id::parse(auction_id, NOT_FOUND)?;
    let limit = limit.unwrap_or(RECENT_LINES);
    if !(1..=LINES_MAX).contains(&limit) {
        return Err(Error::invalid("limit", "limit must be between 1 and 100"));
    }
    let db = ctx.db().read();
    if store::auction(db, &auction_id).await?.is_none() {
        return Err(Error::not_found(NOT_FOUND));
    }
    let before_seq = match before {
        None => None,
        Some(message_id) => Some(
            store::seq_of(db, &auction_id, message_id)
                .await?
                .ok_or_else(|| Error::invalid("before", "before must be the message_id of a kept message"))?,
        ),
    };
    store::lines(db, &auction_id, before_seq, limit).await
}

/// What was said lately, oldest first, at most [`RECENT_LINES`].
pub(crate) async fn recent(connection: &mut sqlx::AnyConnection, auction_id: &str) -> Result<Vec<Line>, Error> {
    store::lines(connection, auction_id, None, RECENT_LINES).await
}

/// The seller of a live auction, and its room.
async fn open_room(ctx: &Context, auction_id: &str) -> Result<(String, Room), Error> {
    let (auction, room) = store::auction(ctx.db().read(), auction_id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    if !auction.is_live {
        return Err(Error::conflict(LOCKED));
    }
    let room = room.ok_or_else(|| Error {
        message: "Chat is not available yet".into(),
        ..Error::unavailable(NO_ROOM_RETRY_S, "the auction has no chat room yet")
    })?;
    Ok((auction.host_user_id, room))
}

/// Who the caller is in a chat.
fn part(ctx: &Context, host_user_id: &str) -> Part {
    if ctx.caller.id() == Some(host_user_id) {
        Part::Host
    } else if ctx.caller.has_role(Role::Admin) {
        Part::Moderator
    } else {
        Part::Member
    }
}

fn member(ctx: &Context, auction_id: &str, host_user_id: &str, account_id: &str) -> Member {
    let part = part(ctx, host_user_id);
    let platform = &ctx.platform;
    let (user_id, username) = match part {
        Part::Host => (
            model::HOST_ID.to_owned(),
            auctions::display_name(platform, auction_id, host_user_id, account_id),
        ),
        // Another purpose than a bidder's alias: who moderates is not to be recognised among those who bid.
        Part::Moderator => {
            let alias = auctions::alias(platform, &format!("moderators of {auction_id}"), account_id);
            (format!("moderator_{alias}"), "Moderator".to_owned())
        }
        Part::Member => (
            auctions::public_id(platform, auction_id, account_id),
            auctions::display_name(platform, auction_id, host_user_id, account_id),
        ),
    };
    Member {
        user_id,
        account_id: account_id.to_owned(),
        username,
        part,
        muted_until_ms: 0,
        banned_until_ms: 0,
        reason: None,
    }
}

/// A session of somebody who is muted for a while ends with the mute, so that the client comes back for the right to speak.
fn bearer(member: &Member, now_ms: i64) -> Bearer {
    let (capabilities, session_minutes) = if member.is_muted(now_ms) {
        let left = (member.muted_until_ms - now_ms).div_euclid(60_000) + 1;
        let left = i32::try_from(left).unwrap_or(SESSION_MINUTES);
        (Vec::new(), left.min(SESSION_MINUTES))
    } else {
        (capabilities(member.part), SESSION_MINUTES)
    };
    let attributes = [
        ("username".to_owned(), member.username.clone()),
        ("role".to_owned(), member.part.as_str().to_owned()),
    ];
    Bearer {
        user_id: member.user_id.clone(),
        attributes: attributes.into(),
        capabilities,
        session_minutes,
    }
}

fn capabilities(part: Part) -> Vec<Capability> {
    match part {
        Part::Member => vec![Capability::SendMessage],
        Part::Host | Part::Moderator => vec![
            Capability::SendMessage,
            Capability::DeleteMessage,
            Capability::DisconnectUser,
        ],
    }
}

/// The first message of the first person is to be kept too. Whoever listens may be another process.
async fn wait_for_listener(ctx: &Context, auction_id: &str) -> Result<(), Error> {
    let heard = async {
        loop {
            let room = store::auction(ctx.db().read(), auction_id).await?;
            let now_ms = ctx.platform.environment().now_ms();
            if room
                .and_then(|(_, room)| room)
                .is_some_and(|room| room.heard_until_ms > now_ms)
            {
                return Ok(());
            }
            tokio::time::sleep(LISTENER_LOOK).await;
        }
    };
    match tokio::time::timeout(LISTENER_WAIT, heard).await {
        Ok(outcome) => outcome,
        Err(_) => {
            tracing::warn!(
                auction.id = auction_id,
                "somebody enters a chat that nobody listens to yet"
            );
            Ok(())
        }
    }
}

/// The error for whoever asked the provider to act in a room.
fn refusal(message: &'static str, error: crate::video::ProviderError) -> Error {
    match error.kind {
        ProviderErrorKind::NotFound => Error::conflict(LOCKED),
        ProviderErrorKind::Busy => Error {
            kind: ErrorKind::Unavailable { retry_after_s: 1 },
            ..Error::provider(message, error)
        },
        _ => Error::provider(message, error),
    }
}
