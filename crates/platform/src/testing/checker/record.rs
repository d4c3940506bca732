//! What the checker reads: the clients' log and the committed history of one auction. Serialises to one line of JSON.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Act, Phase, Terms, Verdict};

/// Everything about one auction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its id.
    pub auction: String,
    /// What was agreed.
    pub terms: Terms,
    /// What clients did, in any order.
    pub ops: Vec<Op>,
    /// What was committed, in order.
    pub history: Vec<Entry>,
    /// What was read when all was quiet again.
    pub outcome: Option<Final>,
    /// True when all servers read one clock, so that stamps can be compared with answers.
    pub is_one_clock: bool,
}

/// An operation as its client saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Op {
    /// Names it in a violation.
    pub id: u64,
    /// Before it was sent, ns of the clients' one monotonic clock.
    pub invoked: u64,
    /// After the answer was read; `None`: no answer came.
    pub completed: Option<u64>,
    /// Idempotency key: operations of one client with one key are one operation, sent again.
    pub key: Option<String>,
    /// What was asked.
    pub ask: Ask,
    /// What came back.
    pub got: Got,
}

/// What a client asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Change something.
    Do(Act),
    /// Read the state.
    Read,
}

/// What a client gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Got {
    /// The command was judged.
    Answer(Answer),
    /// The state.
    Seen(Seen),
    /// An answer which says that nothing was done.
    Failed,
    /// No answer, or one which does not say.
    Unknown,
}

/// What the answer to a command said; `None`: it did not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What became of it, in the words of the answer.
    pub verdict: Verdict,
    /// Number of its entry.
    pub seq: Option<u64>,
    /// The price after it.
    pub price: Option<i64>,
    /// Bids that count, after it.
    pub bid_count: Option<u64>,
    /// The end after it.
    pub ends_at_ms: Option<i64>,
    /// Whether it extended the auction.
    pub is_extending: Option<bool>,
    /// The server's clock when it answered.
    pub server_time_ms: Option<i64>,
}

impl Answer {
    /// The same facts; a repeated answer is sent later.
    pub fn is_same(&self, other: &Self) -> bool {
        let timeless = |answer: &Self| Self {
            server_time_ms: None,
            ..answer.clone()
        };
        timeless(self) == timeless(other)
    }
}

/// What a read of the state said; `None`: it did not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The price; inner `None`: no bid yet.
    pub price: Option<Option<i64>>,
    /// Bids that count.
    pub bid_count: Option<u64>,
    /// Name of the leader, or of the winner, whatever stands for the account; inner `None`: nobody.
    pub leader: Option<Option<String>>,
    /// When it ends.
    pub ends_at_ms: Option<i64>,
    /// How often it was extended by late bids.
    pub extensions: Option<u32>,
    /// Where it is in its life.
    pub phase: Option<Phase>,
}

/// One entry of the committed history; `None`: it does not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 1, 2, 3 …
    pub seq: u64,
    /// Its stamp.
    pub at_ms: i64,
    /// What was asked.
    pub act: Act,
    /// What became of it.
    pub verdict: Verdict,
    /// The price after it; inner `None`: no bid yet.
    pub price: Option<Option<i64>>,
    /// Account of the leader after it; inner `None`: nobody.
    pub leader: Option<Option<String>>,
    /// The end after it.
    pub ends_at_ms: Option<i64>,
    /// Hash over the hash before and its own facts.
    pub hash: String,
    /// The hash before.
    pub previous_hash: String,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Final {
    /// Where it is in its life.
    pub phase: Phase,
    /// Name of the winner, as reads name leaders.
    pub winner: Option<String>,
    /// The winning price.
    pub winning_bid: Option<i64>,
    /// Bids that count.
    pub bid_count: u64,
    /// Announcements of an end that were published.
    pub announcements: u64,
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.ask {
            Ask::Do(act) => write!(f, "op {} ({act})", self.id),
            Ask::Read => write!(f, "op {} (read)", self.id),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {} ({}: {:?})", self.seq, self.act, self.verdict)
    }
}
