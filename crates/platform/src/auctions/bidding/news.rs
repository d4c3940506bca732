//! The events of bids. Everything in them may be read by everybody: bidders appear under their aliases.

use serde::Serialize;
use serde_json::json;

use super::bid_id;
use super::round::Outcome;
use crate::auctions::rules::{Command, Effect, End, Entry, Id, Lot, Standing, Terms, Verdict};
use crate::auctions::{Person, rfc3339, topic};
use crate::db::Tx;
use crate::events::Draft;
use crate::video::Owner;
use crate::{Context, Error, Money, Platform, events};

/// Bids that one event names at most; the others are in the history.
const RECENT_MAX: usize = 20;

/// `bid_update` and its topic: one event for all bids of the commit, if any counted.
pub(super) fn bid_update(ctx: &Context, outcome: &Outcome) -> Result<Option<(String, Draft)>, Error> {
    let judged = outcome.judged();
    let counted = || judged.entries.iter().filter(|entry| entry.verdict.is_accepted_bid());
    let is_retraction = |effect: &Effect| matches!(effect, Effect::Retracted { .. });
    let bids = counted().count();
    if bids == 0 && !judged.effects.iter().any(is_retraction) {
        return Ok(None);
    }
    let (terms, lot) = (outcome.terms(), &judged.lot);
    let topic = topic(&terms.auction_id);
    let mut people = People::of(&ctx.platform, terms);
    let mut recent = Vec::with_capacity(bids.min(RECENT_MAX));
    for entry in counted().rev().take(RECENT_MAX) {
        recent.extend(bid(&mut people, terms, entry));
    }
    let mut leader = |lot: &Lot| lot.leader.as_ref().map(|leader| people.person(&leader.bidder));
    let high = leader(lot);
    let update = BidUpdate {
        high_bid: lot.price.map(|price| terms.money(price)),
        previous_high_bidder_id: leader(outcome.before()).map(|person| person.id),
        top_bids: lot
            .top
            .iter()
            .map(|standing| top_bid(&mut people, terms, standing))
            .collect(),
        recent_bids: recent,
        bid_count: lot.bid_count,
        bids_in_update: bids,
        participant_count: events::present(ctx, &topic),
        next_minimum_bid: terms.money(lot.next_minimum(terms)),
        reserve_met: lot.is_reserve_met(terms),
        buy_now_price: lot.buy_now_offered(terms).map(|price| terms.money(price)),
        high_bidder_id: high.as_ref().map(|person| person.id.clone()),
        high_bidder_username: high.map(|person| person.name),
    };
    let draft = Draft::of_both("bid_update", &facts(ctx, outcome, "bid_update")?, &update)?;
    Ok(Some((topic, draft)))
}

/// What a `bid_update` tells besides [`Facts`].
#[derive(Serialize)]
struct BidUpdate {
    high_bid: Option<Money>,
    high_bidder_id: Option<String>,
    high_bidder_username: Option<String>,
    /// Whose lead ended with this commit: readers learn from it that they were outbid.
    previous_high_bidder_id: Option<String>,
    top_bids: Vec<TopBid>,
    recent_bids: Vec<RecentBid>,
    bid_count: i64,
    bids_in_update: usize,
    participant_count: i64,
    next_minimum_bid: Money,
    reserve_met: Option<bool>,
    buy_now_price: Option<Money>,
}

/// One of the best bidders.
#[derive(Serialize)]
struct TopBid {
    bidder_id: String,
    bidder: String,
    amount: Money,
    at_ms: i64,
}

/// A bid that counts.
#[derive(Serialize)]
struct RecentBid {
    bid_id: String,
    seq: i64,
    bidder_id: String,
    bidder: String,
    amount: Money,
    price: Option<Money>,
    at_ms: i64,
    kind: &'static str,
}

/// The bidders of one commit by their aliases; each is a keyed hash, so it is made once.
struct People<'a> {
    platform: &'a Platform,
    terms: &'a Terms,
    known: Vec<(Id, Person)>,
}

impl<'a> People<'a> {
    fn of(platform: &'a Platform, terms: &'a Terms) -> Self {
        Self {
            platform,
            terms,
            known: Vec::new(),
        }
    }

    fn person(&mut self, bidder: &Id) -> Person {
        if let Some((_, person)) = self.known.iter().find(|(id, _)| id == bidder) {
            return person.clone();
        }
        let person = Person::of(self.platform, &self.terms.auction_id, bidder);
        self.known.push((bidder.clone(), person.clone()));
        person
    }
}

/// `timer_update`: the end moved, or the clock stands still or runs again.
pub(super) fn publish_effect(ctx: &Context, tx: &mut Tx, outcome: &Outcome, effect: &Effect) -> Result<(), Error> {
    let (kind, by_ms, reason) = match effect {
        Effect::Opened => ("timer_sync", 0, "Bidding has begun"),
        Effect::LateBid { by_ms, .. } => ("anti_snipe", *by_ms, "A bid came in the last moments"),
        Effect::Extended { by_ms } => ("extended", *by_ms, "The seller extended the auction"),
        Effect::Paused => ("paused", 0, "The auction is paused"),
        Effect::Resumed => ("resumed", 0, "The auction goes on"),
        Effect::Ended(_) => ("final", 0, "The auction has ended"),
        Effect::Retracted { .. } => return Ok(()),
    };
    let (terms, lot) = (outcome.terms(), &outcome.judged().lot);
    let count = match effect {
        Effect::LateBid { count, .. } => *count,
        _ => lot.anti_snipe_count,
    };
    let new_end_ms = match effect {
        Effect::LateBid { ends_at_ms, .. } => *ends_at_ms,
        Effect::Ended(end) => end.at_ms,
        _ => lot.ends_at_ms,
    };
    let members = json!({
        "new_end_time": rfc3339(new_end_ms)?,
        "new_end_time_ms": new_end_ms,
        "extended_by": by_ms,
        "extension_count": count,
        "max_extensions": terms.anti_snipe.extensions_max,
        "reason": reason,
    });
    let draft = Draft::of_both("timer_update", &facts(ctx, outcome, kind)?, &members)?;
    tx.publish_all(&topic(&terms.auction_id), [draft]);
    Ok(())
}

/// `auction_ended`: the outcome, for the auction's watchers and for those of the list.
pub(super) fn publish_end(ctx: &Context, tx: &mut Tx, outcome: &Outcome, ended: &End) -> Result<(), Error> {
    let (terms, lot) = (outcome.terms(), &outcome.judged().lot);
    let winner = ended.winner.as_ref();
    let person = winner.map(|winner| Person::of(&ctx.platform, &terms.auction_id, &winner.bidder));
    let members = json!({
        "winner_id": person.as_ref().map(|person| &person.id),
        "winner_username": person.as_ref().map(|person| &person.name),
        "winning_bid": winner.map(|winner| terms.money(winner.price)),
        "end_time": rfc3339(ended.at_ms)?,
        "end_time_ms": ended.at_ms,
        "reason": ended.reason.as_str(),
        "reserve_met": lot.is_reserve_met(terms),
        "bid_count": lot.bid_count,
    });
    let draft = Draft::of_both("auction_ended", &facts(ctx, outcome, "auction_end")?, &members)?;
    let owner = Owner::auction(&*terms.auction_id);
    tx.publish_all(&owner.topic(), [draft.clone()]);
    tx.publish_all(owner.kind.list_topic(), [draft]);
    Ok(())
}

/// What every event of an auction carries: which auction, the clock and the phase.
#[derive(Serialize)]
struct Facts<'a> {
    r#type: &'a str,
    auction_id: &'a str,
    phase: &'static str,
    server_time: String,
    server_time_ms: i64,
    ends_at: String,
    ends_at_ms: i64,
    time_remaining_ms: i64,
}

fn facts<'a>(ctx: &Context, outcome: &'a Outcome, kind: &'a str) -> Result<Facts<'a>, Error> {
    let lot = &outcome.judged().lot;
    let now_ms = ctx.platform.environment().now_ms();
    Ok(Facts {
        r#type: kind,
        auction_id: &outcome.terms().auction_id,
        phase: lot.phase.as_str(),
        server_time: rfc3339(now_ms)?,
        server_time_ms: now_ms,
        ends_at: rfc3339(lot.ends_at_ms)?,
        ends_at_ms: lot.ends_at_ms,
        time_remaining_ms: lot.remaining_ms(now_ms),
    })
}

fn top_bid(people: &mut People<'_>, terms: &Terms, standing: &Standing) -> TopBid {
    let person = people.person(&standing.bidder);
    TopBid {
        bidder_id: person.id,
        bidder: person.name,
        amount: terms.money(standing.amount),
        at_ms: standing.at_ms,
    }
}

/// A bid that counts, as everybody sees it.
fn bid(people: &mut People<'_>, terms: &Terms, entry: &Entry) -> Option<RecentBid> {
    let Command::Bid(asked) = &entry.command else {
        return None;
    };
    let person = people.person(&asked.bidder);
    let (amount, is_proxy) = shown(entry.verdict, asked.amount, entry.price);
    Some(RecentBid {
        bid_id: bid_id(&terms.auction_id, entry.seq),
        seq: entry.seq,
        bidder_id: person.id,
        bidder: person.name,
        amount: terms.money(amount),
        price: entry.price.map(|price| terms.money(price)),
        at_ms: entry.at_ms,
        kind: if is_proxy { "proxy" } else { "bid" },
    })
}

/// The amount that everybody saw of a bid, and whether a maximum set it: a bid that led shows the price, one that was
/// beaten at once what was entered. Never a maximum.
pub(super) fn shown(verdict: Verdict, amount: i64, price: Option<i64>) -> (i64, bool) {
    match verdict {
        Verdict::Leading | Verdict::Raised => {
            let price = price.unwrap_or(amount);
            (price, price != amount)
        }
        _ => (amount, false),
    }
}
