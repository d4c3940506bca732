//! Persistent channels: a playback URL that stays, lent to one session after another.
//!
//! **Invariants**
//! - A channel's state is derived ([`Channel::state`]): OFFLINE while disabled, else LIVE while claimed or on air, else IDLE.
//! - A channel has one claim at most. It is taken by one compare-and-set statement and given back by whoever holds it
//!   ([`claims`]); a claim of a session has a lease.
//! - There are never more channels than the pool has places ([`capacity`]): a place is reserved under a lock before the
//!   provider is asked.
//! - The channel at the provider is made before its row and owned by it from the same commit on. When the provider fails
//!   there is no row; when we are killed in between, what was made is deleted ([`crate::video`]).
//! - No answer, list or event of this folder carries a stream key.
//!
//! **Where to start.** [`model`] for what a channel is, [`create()`] for the saga, [`claims`] for who uses it.

pub mod assignments;
pub mod bookings;
pub mod capacity;
pub(crate) mod claims;
mod create;
mod delete;
pub mod host;
pub mod insight;
pub mod keys;
pub mod listing;
pub mod model;
mod news;
pub mod stats;
pub(crate) mod store;
mod switch;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod view;

pub(crate) use create::create_as;
pub use create::{CreateError, create, stream_key_purpose};
pub use delete::delete;
pub use listing::list;
pub use model::{Channel, Claim, ClaimKind, NewChannel, State};
pub(crate) use news::{retell, tell};
pub use stats::stats;
pub(crate) use store::{find, lock};
pub use switch::{Switch, Switched, set_state};
pub use view::{View, get};

/// A small JPEG of what is on air on a channel, for everybody.
///
/// *errors*: [`crate::ErrorKind::NotFound`] for an unknown channel and one that is not on air,
/// [`crate::ErrorKind::Unavailable`] when no picture can be made.
pub async fn thumbnail(ctx: &crate::Context, channel_id: &str) -> Result<bytes::Bytes, crate::Error> {
    let channel = find(ctx.db().read(), channel_id).await?;
    let channel = channel.ok_or_else(|| crate::Error::not_found(NOT_FOUND))?;
    crate::broadcasts::thumbnail(ctx, &channel.arn, &channel.playback_url).await
}

/// What callers read about an id that no channel has.
pub(crate) const NOT_FOUND: &str = "Channel not found";

/// `channel:{id}`: the channel's topic, and the target of audit lines about it.
pub(crate) fn topic(channel_id: &str) -> String {
    crate::video::Owner::channel(channel_id).topic()
}
