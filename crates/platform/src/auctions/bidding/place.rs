//! Placing a bid.

use std::sync::Arc;

use super::desk::Request;
use super::keys::Key;
use super::{bid_id, terms_of};
use crate::auctions::rules::{Answer, Bid, Command, Id, Reason, Terms, Verdict};
use crate::money::MINOR_MAX;
use crate::{Context, Error, Money};

/// What a bidder sent.
#[derive(Debug, Clone)]
pub struct NewBid {
    /// The auction, UUID.
    pub auction_id: String,
    /// What everybody sees; above zero.
    pub amount: Money,
    /// Secret maximum, at least `amount`.
    pub max_amount: Option<Money>,
    /// Whether an unusually high amount is meant.
    pub is_confirmed: bool,
    /// With the same key the same bid can be sent again: it is judged once.
    pub idempotency_key: Option<String>,
}

/// What became of a bid, and the auction right after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BidAnswer {
    /// What kind of answer this is.
    pub outcome: BidOutcome,
    /// A sentence for the bidder.
    pub message: String,
    /// The auction.
    pub auction_id: String,
    /// Id of the bid; `None` where it left no trace.
    pub bid_id: Option<String>,
    /// Number of its entry in the history.
    pub seq: Option<i64>,
    /// The price; `None` before the first bid.
    pub current_high_bid: Option<Money>,
    /// What was bid.
    pub your_bid: Money,
    /// The bidder's maximum, while the bidder leads; what was bid at most otherwise.
    pub your_max_bid: Money,
    /// By how much the bid moved the end; 0 if it did not.
    pub late_extension_ms: i64,
    /// Accepted bids.
    pub bid_count: i64,
    /// The least that a newcomer may bid.
    pub next_minimum_bid: Money,
    /// The end, epoch ms.
    pub ends_at_ms: i64,
    /// The server's clock when it answered, epoch ms.
    pub server_time_ms: i64,
}

/// The kinds of answers to a bid that could be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BidOutcome {
    /// It leads.
    Success,
    /// The price is higher already, or the leader's maximum beat it at once.
    Outbid,
    /// It is unusually high: send it again with `confirm`.
    ConfirmationRequired,
    /// It is below the next minimum.
    TooLow,
    /// It came at or after the end.
    Closed,
}

impl BidAnswer {
    /// True when the bidder leads now.
    pub fn is_highest(&self) -> bool {
        self.outcome == BidOutcome::Success
    }
}

/// Places a bid. The answer comes after the bid is on disk.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`], [`crate::ErrorKind::NotFound`],
/// [`crate::ErrorKind::Forbidden`] for the seller, [`crate::ErrorKind::Invalid`] with the field,
/// [`crate::ErrorKind::Conflict`] before the start, while paused, and for a key that was used with another bid,
/// [`crate::ErrorKind::LimitReached`] for bidders who bid too often, [`crate::ErrorKind::Unavailable`] when too many wait
/// or when nobody knows what became of the bid: send it again with the same key.
pub async fn place_bid(ctx: &Context, bid: NewBid) -> Result<BidAnswer, Error> {
    let bidder: Id = ctx.require_signed_in()?.into();
    let terms = terms_of(ctx, &bid.auction_id).await?;
    let (amount, max_amount) = amounts(&terms, &bid)?;
    let is_confirmed = bid.is_confirmed;
    let key = bid.idempotency_key.as_deref();
    let key = key.map(|key| {
        let numbers = [amount, max_amount.unwrap_or(0), i64::from(is_confirmed)].map(|number| number.to_string());
        let [amount, max_amount, confirmed] = &numbers;
        Key::new(&bidder, key, &["bid", &terms.auction_id, amount, max_amount, confirmed])
    });
    let key = key.transpose()?;
    let platform = &ctx.platform;
    platform.bidding().count(&bidder, platform.environment().now_ms())?;
    let request = Request {
        terms: terms.clone(),
        command: Command::Bid(Bid {
            bidder,
            amount,
            max_amount,
            is_confirmed,
        }),
        key,
        audit: None,
    };
    let answer = platform.bidding().desk.ask(platform, request).await?;
    told(ctx, &terms, &answer, amount, max_amount)
}

/// The amounts in minor units, inside their limits.
fn amounts(terms: &Terms, bid: &NewBid) -> Result<(i64, Option<i64>), Error> {
    let minor = |field: &'static str, money: Money| {
        let invalid = |rule: &str| Error::invalid(field, format!("{field} {rule}"));
        if money.currency != terms.currency {
            return Err(invalid("must be in the currency of the auction"));
        }
        match money.minor {
            1..=MINOR_MAX => Ok(money.minor),
            ..1 => Err(invalid("must be greater than 0")),
            _ => Err(invalid("is too large")),
        }
    };
    let amount = minor("amount", bid.amount)?;
    let max_amount = bid.max_amount.map(|max| minor("max_amount", max)).transpose()?;
    if max_amount.is_some_and(|max| max < amount) {
        return Err(Error::invalid("max_amount", "max_amount must not be below amount"));
    }
    Ok((amount, max_amount))
}

fn told(
    ctx: &Context,
    terms: &Arc<Terms>,
    answer: &Answer,
    amount: i64,
    max_amount: Option<i64>,
) -> Result<BidAnswer, Error> {
    let id = &terms.auction_id;
    let price = |minor: i64| terms.money(minor).to_price();
    let (outcome, message) = match answer.verdict {
        Verdict::Leading | Verdict::Raised | Verdict::Done => {
            (BidOutcome::Success, "Bid placed successfully".to_owned())
        }
        Verdict::Beaten | Verdict::Rejected(Reason::Outbid) => (BidOutcome::Outbid, "Your bid was outbid".to_owned()),
        Verdict::Rejected(Reason::TooLow) => {
            let message = format!("Invalid bid: Bid must be at least {}", price(answer.next_minimum));
            (BidOutcome::TooLow, message)
        }
        Verdict::Rejected(Reason::ConfirmationRequired) => {
            let message = format!(
                "Confirm a bid of {}: it is more than 5 times the current price",
                price(amount)
            );
            (BidOutcome::ConfirmationRequired, message)
        }
        Verdict::Rejected(Reason::Closed) => (BidOutcome::Closed, format!("Auction is closed: {id}")),
        Verdict::Rejected(reason) => return Err(refusal(reason, id)),
    };
    Ok(BidAnswer {
        outcome,
        message,
        auction_id: id.to_string(),
        bid_id: answer.seq.map(|seq| bid_id(id, seq)),
        seq: answer.seq,
        current_high_bid: answer.price.map(|price| terms.money(price)),
        your_bid: terms.money(amount),
        your_max_bid: terms.money(answer.own_max.unwrap_or_else(|| max_amount.unwrap_or(amount))),
        late_extension_ms: answer.late_extension_ms,
        bid_count: answer.bid_count,
        next_minimum_bid: terms.money(answer.next_minimum),
        ends_at_ms: answer.ends_at_ms,
        server_time_ms: ctx.platform.environment().now_ms(),
    })
}

/// The error that a refused command is answered with.
pub(super) fn refusal(reason: Reason, auction_id: &str) -> Error {
    match reason {
        Reason::Closed => Error::conflict("Auction is already closed"),
        Reason::Seller => Error::forbidden("Host cannot place bids on their own auction"),
        Reason::Paused => Error::conflict(format!("Auction is paused: {auction_id}")),
        Reason::NotPaused => Error::conflict(format!("Auction is not paused: {auction_id}")),
        Reason::NotStarted => Error::conflict(format!("Auction has not started: {auction_id}")),
        Reason::NoProxy => Error::invalid("max_amount", "This auction takes no maximum bids"),
        Reason::NotOffered => Error::conflict(format!("Buy now is not offered: {auction_id}")),
        Reason::HasBids => Error::conflict("An auction with bids can be withdrawn by an administrator only"),
        Reason::UnknownBid => Error::not_found("Bid not found"),
        Reason::BadExtension => Error::invalid("seconds", "the auction would end more than 30 days from now"),
        Reason::BadAmount => Error::invalid("amount", "amount is outside its limits"),
        Reason::NotDue | Reason::Outbid | Reason::TooLow | Reason::ConfirmationRequired => {
            Error::internal(format_args!("{reason:?} is no refusal of auction {auction_id}"))
        }
    }
}
