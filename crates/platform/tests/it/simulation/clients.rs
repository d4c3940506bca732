//! What clients send and see, logged as the checker reads it.

use platform::auctions::rules::{Bid, By, Command, Id, Lot, Terms};
use platform::testing::Dice;
use platform::testing::checker::{Answer, Ask, Got, Op, Phase, Seen, convert};

pub const SELLER: &str = "seller";
const BIDDERS: [&str; 6] = ["ann", "bob", "cat", "dan", "eve", "fay"];

/// The log of all clients; its clock counts events.
#[derive(Default)]
pub struct Clients {
    pub ops: Vec<Op>,
    /// Indices of operations that have neither an answer nor been given up.
    pub open: Vec<usize>,
    commands: Vec<Option<Command>>,
    moment: u64,
}

impl Clients {
    fn tick(&mut self) -> u64 {
        self.moment += 1;
        self.moment
    }

    /// Logs a sending; `None` reads. Returns its index.
    pub fn send(&mut self, command: Option<Command>, key: Option<String>) -> usize {
        let invoked = self.tick();
        let index = self.ops.len();
        self.ops.push(Op {
            id: index as u64,
            invoked,
            completed: None,
            key,
            ask: command
                .as_ref()
                .map_or(Ask::Read, |command| Ask::Do(convert::act(command))),
            got: Got::Unknown,
        });
        self.commands.push(command);
        self.open.push(index);
        index
    }

    pub fn command(&self, index: usize) -> Option<&Command> {
        self.commands[index].as_ref()
    }

    /// Account and key of an operation that may be sent again.
    pub fn key(&self, index: usize) -> Option<(String, String)> {
        let bidder = self.commands[index].as_ref()?.bidder()?;
        Some((bidder.to_string(), self.ops[index].key.clone()?))
    }

    /// Delivers an answer, unless nobody waits for it any more.
    pub fn answer(&mut self, index: usize, got: Got) {
        let Some(place) = self.open.iter().position(|open| *open == index) else {
            return;
        };
        self.open.swap_remove(place);
        let completed = self.tick();
        self.ops[index].completed = Some(completed);
        self.ops[index].got = got;
    }

    /// Waits no longer.
    pub fn give_up(&mut self, index: usize) {
        self.open.retain(|open| *open != index);
    }

    /// Sends an operation again, with the same key.
    pub fn send_again(&mut self, index: usize) -> usize {
        self.send(self.commands[index].clone(), self.ops[index].key.clone())
    }
}

/// How others see a bidder.
pub fn name(bidder: &str) -> String {
    format!("bidder {bidder}")
}

/// What a client of a right server reads.
pub fn seen(lot: &Lot) -> Seen {
    let leader = lot.leader.as_ref().map(|leader| name(&leader.bidder));
    Seen {
        price: Some(lot.price),
        bid_count: Some(lot.bid_count.cast_unsigned()),
        leader: Some(leader),
        ends_at_ms: Some(lot.ends_at_ms),
        extensions: Some(u32::try_from(lot.anti_snipe_count).unwrap()),
        phase: Some(phase(lot)),
    }
}

pub fn phase(lot: &Lot) -> Phase {
    use platform::auctions::rules;
    match lot.phase {
        rules::Phase::Scheduled => Phase::Scheduled,
        rules::Phase::Open => Phase::Open,
        rules::Phase::Paused => Phase::Paused,
        rules::Phase::Sold => Phase::Sold,
        rules::Phase::Unsold => Phase::Unsold,
        rules::Phase::Withdrawn => Phase::Withdrawn,
    }
}

/// The answer as HTTP would tell it: refusals other than outbid say no more.
pub fn told(answer: Answer) -> Got {
    use platform::testing::checker::{Refusal, Verdict};
    let is_terse = matches!(answer.verdict, Verdict::Refused(refusal) if refusal != Refusal::Outbid);
    Got::Answer(match is_terse {
        false => answer,
        true => Answer {
            verdict: answer.verdict,
            seq: None,
            price: None,
            bid_count: None,
            ends_at_ms: None,
            is_extending: None,
            server_time_ms: answer.server_time_ms,
        },
    })
}

/// What somebody might want, given what everybody sees. Most want to bid.
pub fn wish(dice: &mut Dice, lot: &Lot, terms: &Terms) -> Command {
    let by = |dice: &mut Dice| match dice.once_in(2) {
        true => By::Seller(SELLER.into()),
        false => By::Admin("admin".into()),
    };
    match dice.below(100) {
        0..5 if lot.price.is_none() => Command::BuyNow {
            buyer: BIDDERS[dice.index(BIDDERS.len())].into(),
        },
        0 => Command::BuyNow {
            buyer: BIDDERS[dice.index(BIDDERS.len())].into(),
        },
        1 => Command::Pause { by: by(dice) },
        2..30 if lot.paused_remaining_ms.is_some() => Command::Resume { by: by(dice) },
        2 => Command::Resume { by: by(dice) },
        12..14 => Command::Extend {
            by: by(dice),
            by_ms: dice.between(1, 60) * 1000,
        },
        14..18 => Command::Retract {
            by: By::Admin("admin".into()),
            seq: dice.between(1, lot.seq + 2),
            reason: "a slip".into(),
        },
        18 if dice.once_in(4) => Command::Withdraw {
            by: by(dice),
            reason: "broken".into(),
        },
        19 if dice.once_in(8) => Command::Close { by: by(dice) },
        _ => Command::Bid(bid(dice, lot, terms)),
    }
}

fn bid(dice: &mut Dice, lot: &Lot, terms: &Terms) -> Bid {
    let next = lot.next_minimum(terms);
    let amount = match dice.below(12) {
        0 => next - dice.between(1, 2 * terms.increment),
        1 => next * dice.between(4, 8),
        _ => next + dice.between(0, 3) * terms.increment,
    };
    let bidder: Id = match dice.once_in(40) {
        true => SELLER.into(),
        false => BIDDERS[dice.index(BIDDERS.len())].into(),
    };
    Bid {
        bidder,
        amount: amount.max(1),
        max_amount: dice
            .once_in(3)
            .then(|| amount.max(1) + dice.between(0, 8) * terms.increment),
        is_confirmed: dice.once_in(2),
    }
}
