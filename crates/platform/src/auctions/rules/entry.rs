//! One line of the history, and how it is chained to the one before.

use std::fmt;

use aws_lc_rs::digest;

use super::{By, Command, Id, PastBid, Terms, Verdict};

/// One command that was judged, and the lot right after it. Amounts are minor units, times epoch ms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// 1, 2, 3 … within the auction.
    pub seq: i64,
    /// When the command arrived, but never before the entry before.
    pub at_ms: i64,
    /// What was asked.
    pub command: Command,
    /// What came of it.
    pub verdict: Verdict,
    /// The price afterwards.
    pub price: Option<i64>,
    /// The leader afterwards.
    pub leader: Option<Id>,
    /// Accepted bids afterwards.
    pub bid_count: i64,
    /// The end afterwards.
    pub ends_at_ms: i64,
    /// By how much the entry moved the end as a late bid.
    pub late_extension_ms: i64,
    /// Over this entry and the hash of the one before.
    pub hash: Hash,
}

/// A SHA-256; prints as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

/// Names the encoding; another encoding gets another name.
const ENTRY_V1: &str = "rostrum auction entry v1";
const TERMS_V1: &str = "rostrum auction terms v1";
/// In place of the length of a value that is absent.
const ABSENT: [u8; 4] = u32::MAX.to_be_bytes();

impl Entry {
    /// The hash that an entry with these facts has behind `previous`.
    ///
    /// *shape*: SHA-256 over these values in this order, each behind its length in bytes (32 bits, big endian; all ones
    /// for an absent value), numbers as 64 bits, big endian, in two's complement, texts in UTF-8: `rostrum auction entry
    /// v1`, hash before (32 bytes), auction, seq, at, kind, verdict, price, leader, bid count, end, late extension; then
    /// bid: bidder, amount, maximum, confirmed (0 or 1) · `buy_now`: buyer · pause, resume, close: by, account · extend:
    /// by, account, milliseconds · withdraw: by, account, reason · retract: by, account, seq of the bid, reason.
    /// *source*: FIPS 180-4.
    pub fn hash_after(&self, auction_id: &str, previous: Hash) -> Hash {
        let mut encoder = Encoder::new(ENTRY_V1);
        encoder.bytes(&previous.0);
        encoder.text(auction_id);
        encoder.number(self.seq);
        encoder.number(self.at_ms);
        encoder.text(self.command.kind());
        encoder.text(self.verdict.as_str());
        encoder.maybe_number(self.price);
        encoder.maybe_text(self.leader.as_ref());
        encoder.number(self.bid_count);
        encoder.number(self.ends_at_ms);
        encoder.number(self.late_extension_ms);
        encoder.command(&self.command);
        encoder.finish()
    }

    /// The bid, if this is one that counts.
    pub fn accepted_bid(&self) -> Option<PastBid> {
        match &self.command {
            Command::Bid(bid) if self.verdict.is_accepted_bid() => Some(PastBid {
                seq: self.seq,
                at_ms: self.at_ms,
                bidder: bid.bidder.clone(),
                amount: bid.amount,
                max: bid.maximum(),
            }),
            _ => None,
        }
    }
}

/// The hash before the first entry: over the terms, encoded as an entry is.
///
/// *shape*: `rostrum auction terms v1`, auction, seller, currency, starting bid, increment, reserve, buy-now price, proxy
/// allowed (0 or 1), window, extension and number of extensions of late bids, start, scheduled end.
pub(super) fn genesis(terms: &Terms) -> Hash {
    let mut encoder = Encoder::new(TERMS_V1);
    encoder.text(&terms.auction_id);
    encoder.text(&terms.seller_id);
    encoder.text(terms.currency.code());
    encoder.number(terms.starting_bid);
    encoder.number(terms.increment);
    encoder.maybe_number(terms.reserve);
    encoder.maybe_number(terms.buy_now);
    encoder.number(i64::from(terms.is_proxy_allowed));
    encoder.number(terms.anti_snipe.window_ms);
    encoder.number(terms.anti_snipe.extension_ms);
    encoder.number(terms.anti_snipe.extensions_max);
    encoder.maybe_number(terms.starts_at_ms);
    encoder.number(terms.scheduled_end_ms);
    encoder.finish()
}

/// Collects the values of one hash; an entry of a bid fits the first allocation.
struct Encoder(Vec<u8>);

impl Encoder {
    fn new(version: &str) -> Self {
        let mut encoder = Self(Vec::with_capacity(512));
        encoder.text(version);
        encoder
    }

    fn command(&mut self, command: &Command) {
        match command {
            Command::Open => {}
            Command::Bid(bid) => {
                self.text(&bid.bidder);
                self.number(bid.amount);
                self.maybe_number(bid.max_amount);
                self.number(i64::from(bid.is_confirmed));
            }
            Command::BuyNow { buyer } => self.text(buyer),
            Command::Pause { by } | Command::Resume { by } | Command::Close { by } => self.by(by),
            Command::Extend { by, by_ms } => {
                self.by(by);
                self.number(*by_ms);
            }
            Command::Withdraw { by, reason } => {
                self.by(by);
                self.text(reason);
            }
            Command::Retract { by, seq, reason } => {
                self.by(by);
                self.number(*seq);
                self.text(reason);
            }
        }
    }

    fn by(&mut self, by: &By) {
        self.text(by.as_str());
        self.maybe_text(by.id());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        // Every text here is limited to a few kilobytes where it came in.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX - 1);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn number(&mut self, number: i64) {
        self.bytes(&number.to_be_bytes());
    }

    fn maybe_number(&mut self, number: Option<i64>) {
        match number {
            Some(number) => self.number(number),
            None => self.0.extend_from_slice(&ABSENT),
        }
    }

    fn maybe_text(&mut self, text: Option<&Id>) {
        match text {
            Some(text) => self.text(text),
            None => self.0.extend_from_slice(&ABSENT),
        }
    }

    fn finish(self) -> Hash {
        let mut hash = [0; 32];
        let digest = digest::digest(&digest::SHA256, &self.0);
        hash.copy_from_slice(digest.as_ref());
        Hash(hash)
    }
}

impl Hash {
    /// 64 lowercase hex digits.
    pub fn to_hex(self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
    }

    /// Reads what [`Hash::to_hex`] writes; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if !rest.is_empty() || pairs.len() != 32 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(bytes))
    }
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}
