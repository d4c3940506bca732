//! The rules of bidding: pure functions over values, without clock, randomness or database.
//!
//! [`Terms`] are what the seller fixed, [`Lot`] is everything that changes, a [`Command`] is what somebody asks for, and
//! [`judge`] answers a batch of commands in the order of their arrival. Every command that was judged before the end
//! makes exactly one [`Entry`] of an append-only, hash-chained history; [`verify`] replays it.
//!
//! **Invariants**
//! - The same terms and commands give the same lot, the same entries and the same hashes.
//! - Numbers of entries run 1, 2, 3 … without gaps; their times never fall, whatever the clocks do.
//! - The end seals the history. A command that comes at or after the end, or finds the auction ended, is answered
//!   [`Reason::Closed`] and makes no entry; so a bid stamped late on one replica cannot push out a bid stamped in time on
//!   another. The deadline that comes too early, and an opening that is not due, make no entry either
//!   ([`Verdict::makes_entry`]).
//! - The leader is the earliest holder of the highest maximum; the price is at most the leader's maximum, at least the
//!   runner-up's, and falls only by a retraction.
//!
//! | bid | when | becomes |
//! |---|---|---|
//! | first | `amount` ≥ starting bid | leads at `amount` |
//! | anybody | `amount` ≤ price | refused: outbid (the leader: too low) |
//! | anybody | below price + increment | refused: too low |
//! | anybody | `amount` > 5 × price, unconfirmed | refused: confirmation required |
//! | newcomer | maximum > leader's | leads at max(`amount`, min(maximum, leader's + increment)) |
//! | newcomer | maximum = leader's | beaten at once, price = maximum: the earlier stays |
//! | newcomer | maximum < leader's | beaten at once, price = min(leader's, maximum + increment) |
//! | leader | `amount` ≥ price + increment | leads at `amount` |
//! | leader | `amount` ≤ price, higher maximum | raised: leader and clock stay, the price moves only up to the reserve |
//!
//! Whenever the leader's maximum reaches the reserve the price is at least the reserve. An accepted bid that changes
//! leader or price in the last `window` extends the end, except one that only raises the leader's own maximum.

mod command;
mod entry;
mod judge;
mod lot;
mod place;
mod terms;
mod verify;

pub use command::{Bid, By, Command, Reason, Stamped, Verdict};
pub use entry::{Entry, Hash};
pub use judge::{Answer, Effect, Judged, judge};
pub use lot::{End, Leader, Lot, Phase, Standing, Winner};
pub use place::PastBid;
pub use terms::{AntiSnipe, Terms};
pub(crate) use verify::follow;
pub use verify::{WrongLink, verify};

/// An account's or auction's id; cheap to share between a command, its entry and the lot.
pub type Id = std::sync::Arc<str>;

#[cfg(test)]
mod tests;
