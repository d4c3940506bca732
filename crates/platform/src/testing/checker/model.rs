//! The rules of an auction, stated a second time and for nothing but checking: a register that takes one command after
//! the other.

use super::{Act, By, Phase, Refusal, Terms, Verdict};

/// More than so many times the price asks for confirmation.
const FAT_FINGER_FACTOR: i64 = 5;

/// What everybody may know of an auction at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Where it is in its life.
    pub phase: Phase,
    /// The price; `None` before the first bid.
    pub price: Option<i64>,
    /// Account of the leader.
    pub leader: Option<String>,
    /// Bids that count.
    pub bid_count: u64,
    /// When it ends; while paused, when it would have ended.
    pub ends_at_ms: i64,
    /// How often late bids extended it.
    pub extensions: u32,
}

/// A bid that counts.
#[derive(Debug, Clone)]
struct Counted {
    seq: u64,
    bidder: String,
    amount: i64,
    max: i64,
}

/// Price and leader, with the leader's secret maximum.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Standing {
    price: Option<i64>,
    leader: Option<(String, i64)>,
}

/// An auction.
#[derive(Debug, Clone)]
pub struct Model {
    terms: Terms,
    counted: Vec<Counted>,
    standing: Standing,
    phase: Phase,
    ends_at_ms: i64,
    extensions: u32,
    remaining_ms: i64,
}

impl Model {
    /// One that nobody has touched.
    pub fn new(terms: &Terms) -> Self {
        Self {
            terms: terms.clone(),
            counted: Vec::new(),
            standing: Standing::default(),
            phase: match terms.starts_at_ms {
                Some(_) => Phase::Scheduled,
                None => Phase::Open,
            },
            ends_at_ms: terms.ends_at_ms,
            extensions: 0,
            remaining_ms: 0,
        }
    }

    /// What everybody may know.
    pub fn state(&self) -> State {
        State {
            phase: self.phase,
            price: self.standing.price,
            leader: self.standing.leader.as_ref().map(|(leader, _)| leader.clone()),
            bid_count: self.counted.len() as u64,
            ends_at_ms: self.ends_at_ms,
            extensions: self.extensions,
        }
    }

    /// Takes the command that was stamped `at_ms` and is entry `seq`.
    pub fn step(&mut self, seq: u64, at_ms: i64, act: &Act) -> Verdict {
        let outcome = match act {
            Act::Bid {
                bidder,
                amount,
                max_amount,
                is_confirmed,
            } => self.bid(seq, at_ms, bidder, (*amount, *max_amount), *is_confirmed),
            Act::BuyNow { buyer } => self.buy_now(at_ms, buyer),
            other => self.command(at_ms, other),
        };
        outcome.unwrap_or_else(Verdict::Refused)
    }

    fn bid(
        &mut self,
        seq: u64,
        at_ms: i64,
        bidder: &str,
        (amount, max_amount): (i64, Option<i64>),
        is_confirmed: bool,
    ) -> Result<Verdict, Refusal> {
        self.takes_bids(at_ms)?;
        let max = max_amount.unwrap_or(amount);
        let is_odd = amount < 1 || max < amount || (max > amount && !self.terms.is_proxy_allowed);
        if bidder == self.terms.seller {
            return Err(Refusal::OwnAuction);
        } else if is_odd {
            return Err(Refusal::NotNow);
        }
        let own_max = self.standing.leader.as_ref().filter(|(leader, _)| leader == bidder);
        let own_max = own_max.map(|(_, max)| *max);
        let raises_only = own_max.is_some_and(|own| max > own) && self.standing.price >= Some(amount);
        if !raises_only {
            self.is_enough(amount, own_max.is_some())?;
            let reference = self.standing.price.unwrap_or(self.terms.starting_bid);
            if amount > FAT_FINGER_FACTOR * reference && !is_confirmed {
                return Err(Refusal::NotConfirmed);
            }
        }
        let before = self.standing.clone();
        self.counted.push(Counted {
            seq,
            bidder: bidder.to_owned(),
            amount,
            max,
        });
        self.standing = contest(&self.terms, std::mem::take(&mut self.standing), self.counted.last());
        let is_led_by = |standing: &Standing| standing.leader.as_ref().map(|(leader, _)| leader.clone());
        let has_moved = before.price != self.standing.price || is_led_by(&before) != is_led_by(&self.standing);
        self.phase = Phase::Open;
        self.extend_late(at_ms, has_moved && !raises_only);
        match is_led_by(&self.standing).as_deref() == Some(bidder) {
            true => Ok(Verdict::Done),
            false => Ok(Verdict::Beaten),
        }
    }

    fn takes_bids(&self, at_ms: i64) -> Result<(), Refusal> {
        match self.phase {
            Phase::Paused => Err(Refusal::Paused),
            phase if phase.is_end() || at_ms >= self.ends_at_ms => Err(Refusal::Ended),
            Phase::Scheduled if self.terms.starts_at_ms > Some(at_ms) => Err(Refusal::NotStarted),
            _ => Ok(()),
        }
    }

    fn is_enough(&self, amount: i64, is_leader: bool) -> Result<(), Refusal> {
        match self.standing.price {
            None if amount < self.terms.starting_bid => Err(Refusal::TooLow),
            Some(price) if amount <= price && !is_leader => Err(Refusal::Outbid),
            Some(price) if amount < price + self.terms.increment => Err(Refusal::TooLow),
            _ => Ok(()),
        }
    }

    fn extend_late(&mut self, at_ms: i64, has_moved: bool) {
        let remaining_ms = self.ends_at_ms - at_ms;
        let is_late = 0 < remaining_ms && remaining_ms < self.terms.window_ms;
        if has_moved && is_late && self.extensions < self.terms.extensions_max {
            self.ends_at_ms += self.terms.extension_ms;
            self.extensions += 1;
        }
    }

    fn buy_now(&mut self, at_ms: i64, buyer: &str) -> Result<Verdict, Refusal> {
        self.takes_bids(at_ms)?;
        if buyer == self.terms.seller {
            return Err(Refusal::OwnAuction);
        }
        let offered = self.terms.buy_now.filter(|_| self.standing.price.is_none());
        let price = offered.ok_or(Refusal::NotNow)?;
        self.standing = Standing {
            price: Some(price),
            leader: Some((buyer.to_owned(), price)),
        };
        self.phase = Phase::Sold;
        Ok(Verdict::Done)
    }

    fn command(&mut self, at_ms: i64, act: &Act) -> Result<Verdict, Refusal> {
        let is_over = self.phase.is_end() || (self.phase != Phase::Paused && at_ms >= self.ends_at_ms);
        match act {
            Act::Close { by } if !self.phase.is_end() => self.close(*by, is_over)?,
            _ if is_over => return Err(Refusal::Ended),
            Act::Open if self.phase == Phase::Scheduled && self.terms.starts_at_ms <= Some(at_ms) => {
                self.phase = Phase::Open;
            }
            Act::Pause => {
                self.takes_bids(at_ms)?;
                self.phase = Phase::Paused;
                self.remaining_ms = self.ends_at_ms - at_ms;
            }
            Act::Resume if self.phase == Phase::Paused => {
                self.phase = Phase::Open;
                self.ends_at_ms = at_ms + self.remaining_ms;
            }
            Act::Extend { by_ms } => {
                self.ends_at_ms += by_ms;
                self.remaining_ms += by_ms;
            }
            Act::Withdraw { by } if *by == By::Admin || self.counted.is_empty() => self.phase = Phase::Withdrawn,
            Act::Retract { bid } => self.retract(*bid)?,
            _ => return Err(Refusal::NotNow),
        }
        Ok(Verdict::Done)
    }

    fn close(&mut self, by: By, is_over: bool) -> Result<(), Refusal> {
        if by == By::Deadline && !is_over {
            return Err(Refusal::NotNow);
        }
        let is_met = self
            .terms
            .reserve
            .is_none_or(|reserve| self.standing.price >= Some(reserve));
        self.phase = match self.standing.leader {
            Some(_) if is_met => Phase::Sold,
            _ => Phase::Unsold,
        };
        Ok(())
    }

    /// The auction as if the bid had never been made, but for the clock.
    fn retract(&mut self, bid: u64) -> Result<(), Refusal> {
        let position = self.counted.iter().position(|counted| counted.seq == bid);
        self.counted.remove(position.ok_or(Refusal::NotNow)?);
        let contested = |standing, counted| contest(&self.terms, standing, Some(counted));
        self.standing = self.counted.iter().fold(Standing::default(), contested);
        Ok(())
    }
}

/// What becomes of price and leader when one more bid counts.
fn contest(terms: &Terms, before: Standing, bid: Option<&Counted>) -> Standing {
    let Some(bid) = bid else { return before };
    let own = (bid.bidder.clone(), bid.max);
    // What was enough once stays so when an earlier bid is struck, so the price is never below these.
    let price = before.price.unwrap_or(terms.starting_bid);
    let (price, leader) = match before.leader {
        Some((leader, max)) if leader == bid.bidder => (price.max(bid.amount), (leader, max.max(bid.max))),
        Some((_, max)) if bid.max > max => {
            let needed = bid.max.min(max + terms.increment);
            (price.max(bid.amount).max(needed), own)
        }
        Some((leader, max)) if bid.max == max => (price.max(max), (leader, max)),
        Some((leader, max)) => (price.max(max.min(bid.max + terms.increment)), (leader, max)),
        None => (price.max(bid.amount), own),
    };
    // The secret reserve is bid for the leader as soon as the maximum allows it.
    let jump = terms.reserve.filter(|reserve| leader.1 >= *reserve);
    Standing {
        price: Some(price.max(jump.unwrap_or(price))),
        leader: Some(leader),
    }
}
