//! Replaying a history.

use std::fmt;

use super::{Entry, Lot, PastBid, Terms};

/// The first entry that is not what the rules and the entries before make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongLink {
    /// Number of the entry; one more than the last when the state stored beside the history differs from it.
    pub seq: i64,
    /// What differs, such as `hash` or `price`.
    pub what: &'static str,
    /// What the replay came to.
    pub expected: String,
    /// What is written.
    pub found: String,
}

impl fmt::Display for WrongLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seq,
            what,
            expected,
            found,
        } = self;
        write!(f, "entry {seq}: {what} should be {expected}, found {found}")
    }
}

/// The lot that `entries` lead to, when each of them follows from the terms and the entries before it.
///
/// *errors*: the first that does not, and in what.
pub fn verify<'a>(terms: &Terms, entries: impl IntoIterator<Item = &'a Entry>) -> Result<Lot, WrongLink> {
    let mut lot = Lot::new(terms);
    let mut bids: Vec<PastBid> = Vec::new();
    for entry in entries {
        follow(terms, &mut lot, &mut bids, entry)?;
    }
    Ok(lot)
}

/// Replays one entry; `bids` are the accepted ones so far.
pub(crate) fn follow(terms: &Terms, lot: &mut Lot, bids: &mut Vec<PastBid>, entry: &Entry) -> Result<(), WrongLink> {
    let seq = lot.seq + 1;
    let wrong = |what, expected: &dyn fmt::Debug, found: &dyn fmt::Debug| {
        Err(WrongLink {
            seq,
            what,
            expected: format!("{expected:?}"),
            found: format!("{found:?}"),
        })
    };
    if entry.seq != seq {
        return wrong("seq", &seq, &entry.seq);
    }
    if entry.at_ms < lot.at_ms {
        return wrong("at_ms", &lot.at_ms, &entry.at_ms);
    }
    let previous = lot.hash;
    let (answer, expected) = lot.take(terms, bids, entry.command.clone(), entry.at_ms, &mut Vec::new());
    let Some(expected) = expected else {
        return wrong("verdict", &answer.verdict, &entry.verdict);
    };
    let hash = entry.hash_after(&terms.auction_id, previous);
    if hash != entry.hash {
        return wrong("hash", &hash, &entry.hash);
    }
    if expected.verdict != entry.verdict {
        return wrong("verdict", &expected.verdict, &entry.verdict);
    }
    if expected.price != entry.price {
        return wrong("price", &expected.price, &entry.price);
    }
    if expected.leader != entry.leader {
        return wrong("leader", &expected.leader, &entry.leader);
    }
    if expected.bid_count != entry.bid_count {
        return wrong("bid_count", &expected.bid_count, &entry.bid_count);
    }
    if expected.ends_at_ms != entry.ends_at_ms {
        return wrong("ends_at_ms", &expected.ends_at_ms, &entry.ends_at_ms);
    }
    if expected.late_extension_ms != entry.late_extension_ms {
        return wrong(
            "late_extension_ms",
            &expected.late_extension_ms,
            &entry.late_extension_ms,
        );
    }
    bids.extend(entry.accepted_bid());
    Ok(())
}

impl Lot {
    /// In what the state `stored` beside a history differs from this, to which the history leads.
    pub(crate) fn difference(&self, stored: &Self) -> Option<WrongLink> {
        let fields: [(&'static str, String, String); 8] = [
            (
                "number of entries",
                format!("{:?}", self.seq),
                format!("{:?}", stored.seq),
            ),
            (
                "hash of the state",
                format!("{:?}", self.hash),
                format!("{:?}", stored.hash),
            ),
            (
                "price of the state",
                format!("{:?}", self.price),
                format!("{:?}", stored.price),
            ),
            (
                "leader of the state",
                format!("{:?}", self.leader),
                format!("{:?}", stored.leader),
            ),
            (
                "end of the state",
                format!("{:?}", self.ends_at_ms),
                format!("{:?}", stored.ends_at_ms),
            ),
            (
                "phase of the state",
                format!("{:?}", self.phase),
                format!("{:?}", stored.phase),
            ),
            ("outcome", format!("{:?}", self.ended), format!("{:?}", stored.ended)),
            ("rest of the state", format!("{self:?}"), format!("{stored:?}")),
        ];
        let (what, expected, found) = fields.into_iter().find(|(_, expected, found)| expected != found)?;
        Some(WrongLink {
            seq: self.seq + 1,
            what,
            expected,
            found,
        })
    }
}
