//! Bugs planted one by one into a right record; each must be refused, and for the right reason.

use platform::testing::checker::{Act, Ask, By, Got, Op, Phase, Record, Refusal, Rule, Terms, Verdict, check};

use super::accept;
use super::story::{START_MS, Story, bid, close, terms};

/// Each named entry is the one with this number in [`right`].
const FIRST: usize = 1;
const BOB_LEADS: usize = 2;
const ANN_BEATEN: usize = 3;
const TIE: usize = 4;
const TOO_LOW: usize = 5;
const SELLERS: usize = 7;
const OWN_RAISE: usize = 8;
const FIRST_LATE: usize = 9;
const LATE_REFUSED: usize = 10;
const RETRACTION: usize = 12;
const LAST_BID: usize = 13;
const CLOSE: usize = 14;

fn s(second: i64) -> i64 {
    START_MS + second * 1000
}

/// A record with one of everything.
fn right_under(terms: Terms) -> Record {
    let mut story = Story::new(terms);
    story.read();
    story.act(s(1), bid("ann", 100, None));
    story.act(s(2), bid("bob", 150, Some(300)));
    story.act(s(3), bid("ann", 200, None));
    story.read();
    story.act(s(4), bid("cat", 220, Some(300)));
    story.act(s(5), bid("dan", 305, None));
    story.act(s(6), bid("dan", 300, None));
    story.act(s(7), bid("seller", 500, None));
    story.act(s(8), bid("bob", 300, Some(600)));
    story.act(s(580), bid("dan", 310, None));
    story.act(s(610), bid("dan", 315, None));
    story.act(s(611), bid("eve", 700, None));
    story.act(s(612), Act::Retract { bid: 11 });
    story.read();
    story.act(s(613), bid("ann", 700, None));
    story.read();
    story.act(s(663), close());
    story.read();
    story.finish()
}

fn right() -> Record {
    right_under(terms())
}

/// The operation whose answer names this entry.
fn op_of(record: &mut Record, seq: usize) -> &mut Op {
    let is_it = |op: &&mut Op| matches!(&op.got, Got::Answer(answer) if answer.seq == Some(seq as u64));
    record.ops.iter_mut().find(is_it).unwrap()
}

fn answer_of(record: &mut Record, seq: usize) -> &mut platform::testing::checker::Answer {
    match &mut op_of(record, seq).got {
        Got::Answer(answer) => answer,
        _ => unreachable!(),
    }
}

fn renumber(record: &mut Record) {
    for (seq, entry) in (1..).zip(&mut record.history) {
        entry.seq = seq;
    }
    for index in 1..record.history.len() {
        record.history[index].previous_hash = record.history[index - 1].hash.clone();
    }
}

fn check_bug(name: &str, rule: Rule, plant: impl FnOnce(&mut Record)) {
    let mut record = right();
    plant(&mut record);
    let violations = check(&record);
    assert!(
        violations.iter().any(|violation| violation.rule == rule),
        "{name}: not refused as {rule:?}, but {violations:#?}"
    );
}

#[test]
fn the_record_without_a_bug_is_accepted() {
    accept(&right());
    let record = right();
    assert_eq!(record.history.len(), CLOSE);
    assert_eq!(record.outcome.as_ref().unwrap().winner.as_deref(), Some("bidder_ann"));
    assert_eq!(record.history[FIRST_LATE - 1].ends_at_ms, Some(s(630)));
    assert_eq!(record.history[OWN_RAISE - 1].verdict, Verdict::Done);
    assert_eq!(record.history[TOO_LOW - 1].verdict, Verdict::Refused(Refusal::TooLow));
}

#[test]
fn lost_and_doubled_operations_are_refused() {
    check_bug("an acknowledged bid is lost", Rule::Lost, |record| {
        record.history.remove(LAST_BID - 1);
    });
    check_bug(
        "the last acknowledged bid is lost without a gap",
        Rule::Lost,
        |record| {
            record.history.remove(TIE - 1);
            renumber(record);
        },
    );
    check_bug("a bid is doubled", Rule::Doubled, |record| {
        let twin = record.history[ANN_BEATEN - 1].clone();
        record.history.insert(ANN_BEATEN, twin);
        renumber(record);
    });
    check_bug("two bids are told they are the same entry", Rule::Doubled, |record| {
        let mut twin = op_of(record, BOB_LEADS).clone();
        (twin.id, twin.key) = (99, Some("another".into()));
        record.ops.push(twin);
    });
    check_bug("a bid that failed took effect", Rule::Unasked, |record| {
        op_of(record, ANN_BEATEN).got = Got::Failed;
    });
    check_bug("an entry came from nowhere", Rule::Unasked, |record| {
        record
            .ops
            .retain(|op| !matches!(&op.ask, Ask::Do(Act::Bid { bidder, .. }) if bidder == "eve"));
    });
    check_bug("a bid of unknown outcome took effect twice", Rule::Doubled, |record| {
        let op = op_of(record, LAST_BID);
        (op.got, op.completed) = (Got::Unknown, None);
        let twin = record.history[LAST_BID - 1].clone();
        record.history.insert(LAST_BID, twin);
        renumber(record);
    });
    check_bug("a refused bid has vanished", Rule::Lost, |record| {
        record.history.remove(TOO_LOW - 1);
        renumber(record);
    });
}

#[test]
fn wrong_answers_are_refused() {
    check_bug("a repetition is answered otherwise", Rule::Answer, |record| {
        let mut again = op_of(record, ANN_BEATEN).clone();
        (again.id, again.invoked, again.completed) = (99, 5_000, Some(5_001));
        if let Got::Answer(answer) = &mut again.got {
            answer.price = Some(999);
        }
        record.ops.push(again);
    });
    check_bug("one key, two bodies, both answered", Rule::Answer, |record| {
        let key = op_of(record, FIRST).key.clone();
        let ask = op_of(record, FIRST).ask.clone();
        let mut other = op_of(record, ANN_BEATEN).clone();
        (other.id, other.key) = (99, key);
        assert_ne!(other.ask, ask);
        record.ops.push(other);
    });
    check_bug("an outbid bidder is told that he leads", Rule::Answer, |record| {
        answer_of(record, ANN_BEATEN).verdict = Verdict::Done;
    });
    check_bug("an answer tells a wrong price", Rule::Answer, |record| {
        answer_of(record, TIE).price = Some(310);
    });
    check_bug(
        "an answer tells of an extension that was none",
        Rule::Answer,
        |record| {
            answer_of(record, TIE).is_extending = Some(true);
        },
    );
}

#[test]
fn orders_against_real_time_are_refused() {
    check_bug("answered before it was sent, by the order", Rule::Order, |record| {
        let begin = op_of(record, ANN_BEATEN).invoked;
        let op = op_of(record, TIE);
        (op.invoked, op.completed) = (begin - 9, Some(begin - 8));
    });
    check_bug("two entries are swapped", Rule::Order, |record| {
        let (first, second) = (op_of(record, ANN_BEATEN).clone(), op_of(record, TIE).clone());
        let op = op_of(record, ANN_BEATEN);
        (op.invoked, op.completed) = (second.invoked, second.completed);
        let op = op_of(record, TIE);
        (op.invoked, op.completed) = (first.invoked, first.completed);
    });
    check_bug("stamped before it was sent", Rule::Order, |record| {
        record.history[TIE - 1].at_ms = s(3) - 1;
    });
    check_bug("a read does not see what was answered before", Rule::Stale, |record| {
        let first = record.ops.iter().find(|op| op.ask == Ask::Read).unwrap().got.clone();
        let last = record.ops.iter_mut().rfind(|op| op.ask == Ask::Read).unwrap();
        last.got = first;
    });
    check_bug(
        "a bid is seen before it is sent: answered before its commit",
        Rule::Stale,
        |record| {
            let last = record.ops.iter().rfind(|op| op.ask == Ask::Read).unwrap().got.clone();
            let first = record.ops.iter_mut().find(|op| op.ask == Ask::Read).unwrap();
            first.got = last;
        },
    );
    check_bug("a second read sees less than the first", Rule::Stale, |record| {
        // Both run while the bid has no answer yet: the first has seen it, the second has not.
        let (begun, ended) = (op_of(record, FIRST).invoked, op_of(record, FIRST).completed.unwrap());
        let reads: Vec<Op> = record.ops.iter().filter(|op| op.ask == Ask::Read).cloned().collect();
        let after = record.history[FIRST - 1].price;
        for (id, at, got) in [(98, begun + 1, after), (99, begun + 3, Some(None))] {
            let mut read = reads[0].clone();
            (read.id, read.invoked, read.completed) = (id, at, Some(at + 1));
            if let Got::Seen(seen) = &mut read.got {
                (seen.price, seen.leader) = (got, None);
                seen.bid_count = Some(u64::from(got.flatten().is_some()));
            }
            record.ops.push(read);
        }
        assert!(begun + 4 < ended);
    });
    check_bug("two people are shown as the leader", Rule::Stale, |record| {
        let reads = record.ops.iter_mut().filter(|op| op.ask == Ask::Read);
        if let Some(Got::Seen(seen)) = reads.last().map(|op| &mut op.got) {
            seen.leader = Some(Some("bidder_bob".into()));
        }
    });
}

#[test]
fn wrong_verdicts_are_refused() {
    check_bug("the price after a tie of maxima is wrong", Rule::Rules, |record| {
        record.history[TIE - 1].price = Some(Some(310));
    });
    check_bug("the price falls", Rule::Rules, |record| {
        record.history[TIE - 1].price = Some(Some(160));
    });
    check_bug("the later of two equal maxima leads", Rule::Rules, |record| {
        record.history[TIE - 1].leader = Some(Some("cat".into()));
    });
    check_bug("the seller's bid is accepted", Rule::Rules, |record| {
        record.history[SELLERS - 1].verdict = Verdict::Done;
    });
    check_bug("a bid below the minimum is accepted", Rule::Rules, |record| {
        record.history[TOO_LOW - 1].verdict = Verdict::Done;
    });
    check_bug("a refused bid extends", Rule::Rules, |record| {
        record.history[LATE_REFUSED - 1].ends_at_ms = Some(s(660));
    });
    check_bug("a retraction is ignored", Rule::Rules, |record| {
        let before = record.history[RETRACTION - 2].clone();
        let entry = &mut record.history[RETRACTION - 1];
        (entry.price, entry.leader) = (before.price, before.leader);
    });
    check_bug("accepted after the end", Rule::Rules, |record| {
        record.history[CLOSE - 2].at_ms = s(660);
    });
    check_bug("closed before the end", Rule::Rules, |record| {
        record.history[CLOSE - 1].at_ms = s(659);
    });
    check_bug("a refused bid was stamped in time", Rule::Rules, |record| {
        record.history[FIRST - 1].verdict = Verdict::Refused(Refusal::Ended);
    });
}

/// Histories of servers that are wrong all the way: everything in them agrees, but for the terms.
#[test]
fn servers_with_other_rules_are_refused() {
    type Wrong = (&'static str, fn(&mut Terms));
    let servers: [Wrong; 6] = [
        ("takes another increment", |terms| terms.increment = 5),
        ("never extends", |terms| terms.extensions_max = 0),
        ("extends for too long", |terms| terms.extension_ms = 31_000),
        ("extends too early", |terms| terms.window_ms = 60_000),
        ("knows no reserve", |terms| terms.reserve = None),
        ("begins elsewhere", |terms| terms.starting_bid = 110),
    ];
    let agreed = Terms {
        reserve: Some(300),
        ..terms()
    };
    for (name, change) in servers {
        let mut wrong = agreed.clone();
        change(&mut wrong);
        let mut record = right_under(wrong);
        record.terms = agreed.clone();
        let violations = check(&record);
        assert!(
            violations.iter().any(|violation| violation.rule == Rule::Rules),
            "{name}: {violations:#?}"
        );
    }
    accept(&right_under(agreed));
}

#[test]
fn an_extension_after_the_last_and_one_by_an_own_raise_are_refused() {
    let story = |terms: Terms| {
        let mut story = Story::new(terms);
        story.act(s(1), bid("ann", 100, None));
        for (round, second) in (1..=6).zip((590..).step_by(30)) {
            story.act(s(second), bid(["ann", "bob"][round % 2], 100 + 10 * round as i64, None));
        }
        story.act(s(1_000), close());
        story.finish()
    };
    accept(&story(terms()));
    let mut record = story(Terms {
        extensions_max: 6,
        ..terms()
    });
    record.terms = terms();
    assert_eq!(check(&record)[0].rule, Rule::Rules);

    let mut story = Story::new(terms());
    story.act(s(1), bid("ann", 100, None));
    story.act(s(590), bid("ann", 100, Some(200)));
    let mut record = story.record.clone();
    accept(&record);
    record.history[1].ends_at_ms = Some(s(630));
    assert_eq!(check(&record)[0].rule, Rule::Rules);
}

#[test]
fn broken_chains_are_refused() {
    check_bug("a number is missing", Rule::Chain, |record| {
        record.history.remove(LATE_REFUSED - 1);
    });
    check_bug("two entries have one number", Rule::Chain, |record| {
        record.history[TIE - 1].seq = 3;
    });
    check_bug("a hash does not continue the one before", Rule::Chain, |record| {
        record.history[TIE - 1].previous_hash = "forged".into();
    });
    check_bug("a stamp goes back", Rule::Chain, |record| {
        record.history[TIE - 1].at_ms = s(5) + 1;
    });
}

#[test]
fn wrong_ends_are_refused() {
    check_bug("it never ends", Rule::Outcome, |record| {
        record.history.pop();
    });
    check_bug("it ends twice", Rule::Outcome, |record| {
        let twin = record.history[CLOSE - 1].clone();
        record.history.push(twin);
        renumber(record);
    });
    check_bug("its end is announced twice", Rule::Outcome, |record| {
        record.outcome.as_mut().unwrap().announcements = 2;
    });
    check_bug("its end is never announced", Rule::Outcome, |record| {
        record.outcome.as_mut().unwrap().announcements = 0;
    });
    check_bug("another wins", Rule::Outcome, |record| {
        record.outcome.as_mut().unwrap().winner = Some("bidder_bob".into());
    });
    check_bug("the winner pays another price", Rule::Outcome, |record| {
        record.outcome.as_mut().unwrap().winning_bid = Some(1);
    });
    check_bug("somebody wins below the reserve", Rule::Outcome, |record| {
        record.terms.reserve = Some(10_000);
    });
    check_bug("it is withdrawn and sold", Rule::Outcome, |record| {
        record.history[CLOSE - 1].act = Act::Withdraw { by: By::Admin };
        let outcome = record.outcome.as_mut().unwrap();
        outcome.phase = Phase::Sold;
    });
}
