//! The events of bids. Everything in them may be read by everybody: bidders appear under their aliases.

use serde_json::{Map, Value, json};

use super::bid_id;
use super::round::Outcome;
use crate::auctions::rules::{Command, Effect, End, Entry, Lot, Terms, Verdict};
use crate::auctions::{Person, rfc3339, topic};
use crate::db::Tx;
use crate::video::Owner;
use crate::{Context, Error, Platform, events};

/// Bids that one event names at most; the others are in the history.
const RECENT_MAX: usize = 20;

/// `bid_update`: one event for all bids of the commit, if any counted.
pub(super) fn publish(ctx: &Context, tx: &mut Tx, outcome: &Outcome) -> Result<(), Error> {
    let judged = outcome.judged();
    let counted = || judged.entries.iter().filter(|entry| entry.verdict.is_accepted_bid());
    let is_retraction = |effect: &Effect| matches!(effect, Effect::Retracted { .. });
    let bids = counted().count();
    if bids == 0 && !judged.effects.iter().any(is_retraction) {
        return Ok(());
    }
    let (platform, terms, lot) = (&ctx.platform, outcome.terms(), &judged.lot);
    let leader = |lot: &Lot| {
        lot.leader
            .as_ref()
            .map(|leader| person(platform, terms, &leader.bidder))
    };
    let high = leader(lot);
    let recent: Vec<Value> = counted()
        .rev()
        .take(RECENT_MAX)
        .map(|entry| bid(platform, terms, entry))
        .collect();
    let mut payload = facts(ctx, outcome, "bid_update")?;
    let members = json!({
        "high_bid": lot.price.map(|price| terms.money(price)),
        "high_bidder_id": high.as_ref().map(|person| &person.id),
        "high_bidder_username": high.as_ref().map(|person| &person.name),
        // Whose lead ended with this commit: readers learn from it that they were outbid.
        "previous_high_bidder_id": leader(outcome.before()).map(|person| person.id),
        "top_bids": top(platform, terms, lot),
        "recent_bids": recent,
        "bid_count": lot.bid_count,
        "bids_in_update": bids,
        "participant_count": events::present(ctx, &topic(&terms.auction_id)),
        "next_minimum_bid": terms.money(lot.next_minimum(terms)),
        "reserve_met": lot.is_reserve_met(terms),
        "buy_now_price": lot.buy_now_offered(terms).map(|price| terms.money(price)),
    });
    extend(&mut payload, members);
    tx.publish(&topic(&terms.auction_id), "bid_update", &payload)
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
    let mut payload = facts(ctx, outcome, kind)?;
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
    extend(&mut payload, members);
    tx.publish(&topic(&terms.auction_id), "timer_update", &payload)
}

/// `auction_ended`: the outcome, for the auction's watchers and for those of the list.
pub(super) fn publish_end(ctx: &Context, tx: &mut Tx, outcome: &Outcome, ended: &End) -> Result<(), Error> {
    let (terms, lot) = (outcome.terms(), &outcome.judged().lot);
    let winner = ended.winner.as_ref();
    let person = winner.map(|winner| person(&ctx.platform, terms, &winner.bidder));
    let mut payload = facts(ctx, outcome, "auction_end")?;
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
    extend(&mut payload, members);
    let owner = Owner::auction(&*terms.auction_id);
    tx.publish(&owner.topic(), "auction_ended", &payload)?;
    tx.publish(owner.kind.list_topic(), "auction_ended", &payload)
}

/// What every event of an auction carries: which auction, the clock and the phase.
fn facts(ctx: &Context, outcome: &Outcome, kind: &str) -> Result<Map<String, Value>, Error> {
    let lot = &outcome.judged().lot;
    let now_ms = ctx.platform.environment().now_ms();
    let mut facts = Map::new();
    let members = json!({
        "type": kind,
        "auction_id": &*outcome.terms().auction_id,
        "phase": lot.phase.as_str(),
        "server_time": rfc3339(now_ms)?,
        "server_time_ms": now_ms,
        "ends_at": rfc3339(lot.ends_at_ms)?,
        "ends_at_ms": lot.ends_at_ms,
        "time_remaining_ms": lot.remaining_ms(now_ms),
    });
    extend(&mut facts, members);
    Ok(facts)
}

fn extend(payload: &mut Map<String, Value>, members: Value) {
    if let Value::Object(members) = members {
        payload.extend(members);
    }
}

fn person(platform: &Platform, terms: &Terms, account_id: &str) -> Person {
    Person::of(platform, &terms.auction_id, account_id)
}

/// The best bidders, the leader first.
pub(super) fn top(platform: &Platform, terms: &Terms, lot: &Lot) -> Vec<Value> {
    let standing = |standing: &crate::auctions::rules::Standing| {
        let person = person(platform, terms, &standing.bidder);
        json!({
            "bidder_id": person.id,
            "bidder": person.name,
            "amount": terms.money(standing.amount),
            "at_ms": standing.at_ms,
        })
    };
    lot.top.iter().map(standing).collect()
}

/// A bid that counts, as everybody sees it.
fn bid(platform: &Platform, terms: &Terms, entry: &Entry) -> Value {
    let Command::Bid(asked) = &entry.command else {
        return Value::Null;
    };
    let person = person(platform, terms, &asked.bidder);
    let (amount, is_proxy) = shown(entry.verdict, asked.amount, entry.price);
    json!({
        "bid_id": bid_id(&terms.auction_id, entry.seq),
        "seq": entry.seq,
        "bidder_id": person.id,
        "bidder": person.name,
        "amount": terms.money(amount),
        "price": entry.price.map(|price| terms.money(price)),
        "at_ms": entry.at_ms,
        "kind": if is_proxy { "proxy" } else { "bid" },
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
