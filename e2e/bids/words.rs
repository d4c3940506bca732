//! The API's answers in the checker's words.

use platform::testing::checker::{Answer, By, Entry, Got, Phase, Refusal, Seen, Verdict};
use serde_json::Value;

use crate::web::Reply;

/// JSON decimals as minor units; dollars have two.
pub fn cents(amount: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "amounts of this run are far below 2^53")]
    amount.as_f64().map(|amount| (amount * 100.0).round() as i64)
}

/// Minor units as a JSON number.
pub fn dollars(cents: i64) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "amounts of this run are far below 2^53")]
    Value::from(cents as f64 / 100.0)
}

/// What a command was told. `now_ms` stands in where the answer does not say when it was given.
pub fn got(reply: &Reply, now_ms: i64) -> Got {
    let (status, body) = match reply {
        Reply::Answer(status, body) => (*status, body),
        Reply::NotSent => return Got::Failed,
        Reply::Unknown => return Got::Unknown,
    };
    let error = body["error"].as_str().unwrap_or_default();
    let verdict = match status {
        200 => Verdict::Done,
        503 if error == "Too many bids are waiting" => return Got::Failed,
        // Refused before it was looked at.
        401 | 429 => return Got::Failed,
        500.. => return Got::Unknown,
        _ => match refusal(body, error) {
            Some(refusal) => Verdict::Refused(refusal),
            None => return Got::Failed,
        },
    };
    Got::Answer(Answer {
        verdict,
        seq: body["seq"].as_u64(),
        price: cents(&body["current_high_bid"]).filter(|_| body["seq"].is_u64()),
        bid_count: body["bid_count"].as_u64().filter(|_| body["seq"].is_u64()),
        ends_at_ms: body["ends_at_ms"].as_i64().filter(|_| body["seq"].is_u64()),
        is_extending: body["anti_snipe_triggered"].as_bool(),
        server_time_ms: Some(body["server_time_ms"].as_i64().unwrap_or(now_ms)),
    })
}

fn refusal(body: &Value, error: &str) -> Option<Refusal> {
    let beginnings = [
        ("Your bid was outbid", Refusal::Outbid),
        ("Invalid bid: Bid must be at least", Refusal::TooLow),
        ("Auction is closed", Refusal::Ended),
        ("Auction is already closed", Refusal::Ended),
        ("Auction is paused", Refusal::Paused),
        ("Auction has not started", Refusal::NotStarted),
        ("Host cannot place bids", Refusal::OwnAuction),
        ("Auction is not paused", Refusal::NotNow),
        ("An auction with bids", Refusal::NotNow),
        ("Buy now is not offered", Refusal::NotNow),
        ("Bid not found", Refusal::NotNow),
    ];
    if body["status"] == "confirmation_required" {
        return Some(Refusal::NotConfirmed);
    }
    beginnings
        .iter()
        .find(|(text, _)| error.starts_with(text))
        .map(|(_, refusal)| *refusal)
}

/// What a read of an auction showed.
pub fn seen(auction: &Value) -> Seen {
    let leader = &auction["high_bidder_id"];
    Seen {
        price: Some(cents(&auction["current_high_bid"]).filter(|_| !leader.is_null())),
        bid_count: auction["bid_count"].as_u64(),
        leader: Some(leader.as_str().map(str::to_owned)),
        ends_at_ms: auction["end_time_ms"].as_i64().filter(|_| auction["status"] == "live"),
        extensions: auction["anti_snipe_count"]
            .as_u64()
            .and_then(|count| count.try_into().ok()),
        phase: phase(auction),
    }
}

/// Where it is in its life.
pub fn phase(auction: &Value) -> Option<Phase> {
    serde_json::from_value(auction["phase"].clone()).ok()
}

/// One entry of the history as an admin reads it after the end; `bid` finds the entry of a bid's id.
pub fn entry(entry: &Value, bid: impl Fn(&str) -> Option<u64>) -> Option<Entry> {
    use platform::testing::checker::Act;
    let data = &entry["data"];
    let text = |member: &str| data[member].as_str().map(str::to_owned);
    let by = || match data["by"].as_str()? {
        "system" => Some(By::Deadline),
        "seller" => Some(By::Seller),
        _ => Some(By::Admin),
    };
    let act = match entry["kind"].as_str()? {
        "bid" => Act::Bid {
            bidder: text("bidder")?,
            amount: cents(&data["amount"])?,
            max_amount: cents(&data["max_amount"]),
            is_confirmed: data["confirmed"].as_bool()?,
        },
        "buy_now" => Act::BuyNow { buyer: text("buyer")? },
        "open" => Act::Open,
        "pause" => Act::Pause,
        "resume" => Act::Resume,
        "extend" => Act::Extend {
            by_ms: data["by_ms"].as_i64()?,
        },
        "withdraw" => Act::Withdraw { by: by()? },
        "retract" => Act::Retract {
            bid: bid(data["bid_id"].as_str()?)?,
        },
        "close" => Act::Close { by: by()? },
        _ => return None,
    };
    Some(Entry {
        seq: entry["seq"].as_u64()?,
        at_ms: entry["at_ms"].as_i64()?,
        act,
        verdict: verdict(data["verdict"].as_str()?),
        price: Some(cents(&data["price"])),
        leader: Some(text("leader")),
        ends_at_ms: data["ends_at_ms"].as_i64(),
        hash: entry["hash"].as_str()?.to_owned(),
        previous_hash: entry["previous_hash"].as_str()?.to_owned(),
    })
}

fn verdict(word: &str) -> Verdict {
    Verdict::Refused(match word {
        "leading" | "raised" | "done" => return Verdict::Done,
        "beaten" => return Verdict::Beaten,
        "outbid" => Refusal::Outbid,
        "too_low" => Refusal::TooLow,
        "confirmation_required" => Refusal::NotConfirmed,
        "seller" => Refusal::OwnAuction,
        "not_started" => Refusal::NotStarted,
        "paused" => Refusal::Paused,
        "closed" => Refusal::Ended,
        _ => Refusal::NotNow,
    })
}
