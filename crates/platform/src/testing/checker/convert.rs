//! The application's history in the checker's words.

use super::{Act, Answer, By, Entry, Refusal, Terms, Verdict};
use crate::auctions::rules;

/// What the seller fixed.
pub fn terms(terms: &rules::Terms) -> Terms {
    Terms {
        seller: terms.seller_id.to_string(),
        starting_bid: terms.starting_bid,
        increment: terms.increment,
        reserve: terms.reserve,
        buy_now: terms.buy_now,
        is_proxy_allowed: terms.is_proxy_allowed,
        window_ms: terms.anti_snipe.window_ms,
        extension_ms: terms.anti_snipe.extension_ms,
        extensions_max: u32::try_from(terms.anti_snipe.extensions_max).unwrap_or(u32::MAX),
        starts_at_ms: terms.starts_at_ms,
        ends_at_ms: terms.scheduled_end_ms,
    }
}

/// One entry that stands behind the hash `previous`.
pub fn entry(entry: &rules::Entry, previous: rules::Hash) -> Entry {
    Entry {
        seq: entry.seq.cast_unsigned(),
        at_ms: entry.at_ms,
        act: act(&entry.command),
        verdict: verdict(entry.verdict),
        price: Some(entry.price),
        leader: Some(entry.leader.as_ref().map(ToString::to_string)),
        ends_at_ms: Some(entry.ends_at_ms),
        hash: entry.hash.to_hex(),
        previous_hash: previous.to_hex(),
    }
}

/// What a client that is told everything hears at `server_time_ms`.
pub fn answer(answer: &rules::Answer, server_time_ms: i64) -> Answer {
    Answer {
        verdict: verdict(answer.verdict),
        seq: answer.seq.map(i64::cast_unsigned),
        price: answer.price,
        bid_count: Some(answer.bid_count.cast_unsigned()),
        ends_at_ms: Some(answer.ends_at_ms),
        is_extending: Some(answer.late_extension_ms != 0),
        server_time_ms: Some(server_time_ms),
    }
}

/// What was asked.
pub fn act(command: &rules::Command) -> Act {
    match command {
        rules::Command::Open => Act::Open,
        rules::Command::Bid(bid) => Act::Bid {
            bidder: bid.bidder.to_string(),
            amount: bid.amount,
            max_amount: bid.max_amount,
            is_confirmed: bid.is_confirmed,
        },
        rules::Command::BuyNow { buyer } => Act::BuyNow {
            buyer: buyer.to_string(),
        },
        rules::Command::Pause { .. } => Act::Pause,
        rules::Command::Resume { .. } => Act::Resume,
        rules::Command::Extend { by_ms, .. } => Act::Extend { by_ms: *by_ms },
        rules::Command::Withdraw { by: who, .. } => Act::Withdraw { by: by(who) },
        rules::Command::Retract { seq, .. } => Act::Retract {
            bid: seq.cast_unsigned(),
        },
        rules::Command::Close { by: who } => Act::Close { by: by(who) },
    }
}

fn by(by: &rules::By) -> By {
    match by {
        rules::By::System => By::Deadline,
        rules::By::Seller(_) => By::Seller,
        rules::By::Admin(_) => By::Admin,
    }
}

/// What came of it.
pub fn verdict(verdict: rules::Verdict) -> Verdict {
    use rules::Reason;
    let rules::Verdict::Rejected(reason) = verdict else {
        return match verdict {
            rules::Verdict::Beaten => Verdict::Beaten,
            _ => Verdict::Done,
        };
    };
    Verdict::Refused(match reason {
        Reason::Closed => Refusal::Ended,
        Reason::NotStarted => Refusal::NotStarted,
        Reason::Paused => Refusal::Paused,
        Reason::Seller => Refusal::OwnAuction,
        Reason::Outbid => Refusal::Outbid,
        Reason::TooLow => Refusal::TooLow,
        Reason::ConfirmationRequired => Refusal::NotConfirmed,
        _ => Refusal::NotNow,
    })
}
