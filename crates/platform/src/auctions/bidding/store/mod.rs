//! SQL of bids: the lots, their histories, what bidders and sellers read of them, and idempotency keys.

mod bids;
mod entries;
mod keys;
mod lots;

pub(super) use bids::{Counted, Own, contacts, counted, newest_bid, of_bidder, own_maxima, retracted};
pub(super) use entries::{EntryRow, accepted_bids, entries, insert_entries, own_max};
pub(super) use keys::{NewKey, Used, insert as insert_keys, remove_expired, used as used_keys};
pub(super) use lots::lock;
pub(in crate::auctions) use lots::{LotRow, lot_columns, put_lots, read_lot};

/// Parameters of one `in` list.
const PER_STATEMENT: usize = 1_024;
