//! One life of an auction: chance decides what happens next.

use std::collections::BTreeMap;

use platform::auctions::rules::{AntiSnipe, By, Command, Phase, Stamped, Terms, Verdict};
use platform::testing::checker::{self, Final, Got, Record, convert};
use platform::testing::{Dice, START_MS};

use super::clients::{self, Clients, SELLER};
use super::database::Database;
use super::fault::Fault;
use super::replica::{Asked, Replica, Stage};

const REPLICAS: usize = 3;
const STEPS: usize = 1_000;
/// Operations without an answer at the same time at most.
const OPEN_MAX: usize = 14;
/// The close job waits so long beyond the end.
const GRACE_MS: i64 = 200;
const DAY_MS: i64 = 86_400_000;

/// What a life came to.
#[derive(Default)]
pub struct Life {
    pub violations: Vec<String>,
    /// What happened, with the true time.
    pub trace: Vec<(i64, Event)>,
    pub last_hash: String,
    /// How often each kind of thing happened.
    pub counts: BTreeMap<&'static str, u64>,
}

impl Life {
    pub fn add(&mut self, other: &Self) {
        for (what, count) in &other.counts {
            *self.counts.entry(what).or_default() += count;
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Sends(usize),
    Arrives { op: usize, at: usize },
    FindsNobody(usize),
    IsRefused(usize),
    IsLost(usize),
    GivesUp(usize),
    SendsAgain { op: usize, first: usize },
    Goes(usize, Stage),
    Dies(usize),
    Starts(usize),
    IsOffBy(usize, i64),
    Closes(usize),
    Opens(usize),
}

/// Lives the life of this seed.
pub fn live(seed: u64, fault: Option<Fault>) -> Life {
    let mut world = World::new(seed, fault);
    for _ in 0..STEPS {
        world.step();
    }
    world.settle();
    world.judge()
}

struct World {
    dice: Dice,
    fault: Option<Fault>,
    /// Whether clocks may be wrong in this life.
    has_odd_clocks: bool,
    now_ms: i64,
    db: Database,
    replicas: Vec<Replica>,
    clients: Clients,
    /// Operations on their way, with where to.
    travelling: Vec<(usize, usize)>,
    trace: Vec<(i64, Event)>,
    counts: BTreeMap<&'static str, u64>,
}

fn terms(dice: &mut Dice) -> Terms {
    let length_ms = dice.between(60, 180) * 1000;
    let starts_at_ms = dice.once_in(5).then(|| START_MS + dice.between(1, 20_000));
    Terms {
        auction_id: "auction".into(),
        seller_id: SELLER.into(),
        currency: "USD".parse().unwrap(),
        starting_bid: 10_000,
        increment: 100 * dice.between(1, 10),
        reserve: dice.once_in(3).then(|| dice.between(10_000, 60_000)),
        buy_now: dice.once_in(3).then_some(50_000),
        is_proxy_allowed: !dice.once_in(6),
        anti_snipe: AntiSnipe {
            window_ms: 30_000,
            extension_ms: 30_000,
            extensions_max: dice.between(0, 6),
        },
        starts_at_ms,
        scheduled_end_ms: starts_at_ms.unwrap_or(START_MS) + length_ms,
    }
}

impl World {
    fn new(seed: u64, fault: Option<Fault>) -> Self {
        let mut dice = Dice::new(seed);
        let terms = terms(&mut dice);
        Self {
            has_odd_clocks: dice.once_in(3),
            dice,
            fault,
            now_ms: START_MS,
            replicas: (0..REPLICAS).map(|_| Replica::new(&terms)).collect(),
            db: Database::new(terms),
            clients: Clients::default(),
            travelling: Vec::new(),
            trace: Vec::new(),
            counts: BTreeMap::new(),
        }
    }

    fn note(&mut self, event: Event) {
        self.trace.push((self.now_ms, event));
    }

    fn count(&mut self, what: &'static str, by: u64) {
        *self.counts.entry(what).or_default() += by;
    }

    fn step(&mut self) {
        self.now_ms += self.dice.between(0, 300);
        match self.dice.below(100) {
            0..16 => self.send(),
            16..20 => self.read(),
            20..36 => self.arrive(),
            36..82 => {
                let me = self.dice.index(REPLICAS);
                self.advance(me);
            }
            82..86 => self.give_up(),
            86 => self.die(),
            87..90 => self.start(),
            90 if self.has_odd_clocks => self.jump(),
            91..97 => self.run_jobs(),
            97 if self.dice.once_in(5) => self.come_to_the_end(),
            _ => {}
        }
    }

    fn send(&mut self) {
        if self.clients.open.len() < OPEN_MAX {
            let command = clients::wish(&mut self.dice, &self.db.lot, &self.db.terms);
            let key = command.bidder().map(|_| format!("key {}", self.clients.ops.len()));
            let op = self.clients.send(Some(command), key);
            self.note(Event::Sends(op));
            self.go(op);
        }
    }

    fn read(&mut self) {
        let op = self.clients.send(None, None);
        self.note(Event::Sends(op));
        self.go(op);
    }

    fn go(&mut self, op: usize) {
        if self.dice.once_in(40) {
            self.note(Event::IsLost(op));
        } else {
            self.travelling.push((op, self.dice.index(REPLICAS)));
        }
    }

    fn arrive(&mut self) {
        if self.travelling.is_empty() {
            return;
        }
        let (op, at) = self.travelling.swap_remove(self.dice.index(self.travelling.len()));
        let replica = &mut self.replicas[at];
        if !replica.is_alive {
            self.clients.answer(op, Got::Failed);
            return self.note(Event::FindsNobody(op));
        }
        let Some(command) = self.clients.command(op) else {
            replica.reads.push_back(op);
            return self.note(Event::Arrives { op, at });
        };
        let stamped = Stamped {
            at_ms: self.now_ms + replica.offset_ms,
            command: command.clone(),
        };
        let is_refused = self.dice.once_in(30);
        if !is_refused || self.fault == Some(Fault::RefusesAndActs) {
            let key = self.clients.key(op);
            replica.queue.push_back(Asked {
                op: Some(op),
                key,
                stamped,
            });
        }
        if is_refused {
            self.clients.answer(op, Got::Failed);
            return self.note(Event::IsRefused(op));
        }
        self.note(Event::Arrives { op, at });
    }

    fn advance(&mut self, me: usize) -> bool {
        if !self.replicas[me].is_alive {
            return false;
        }
        let both = (&mut self.db, &mut self.clients);
        let stage = self.replicas[me].advance(me, self.now_ms, both, self.fault);
        if let Some(stage) = stage {
            self.note(Event::Goes(me, stage));
        }
        stage.is_some()
    }

    fn give_up(&mut self) {
        if self.clients.open.is_empty() {
            return;
        }
        let op = self.clients.open[self.dice.index(self.clients.open.len())];
        self.clients.give_up(op);
        self.note(Event::GivesUp(op));
        if self.clients.key(op).is_some() && !self.dice.once_in(3) {
            let again = self.clients.send_again(op);
            self.note(Event::SendsAgain { op: again, first: op });
            self.count("sent again", 1);
            self.go(again);
        }
    }

    fn die(&mut self) {
        let me = self.dice.index(REPLICAS);
        if self.replicas[me].is_alive {
            self.replicas[me].crash(me, &mut self.db, self.fault);
            self.count("crashes", 1);
            self.note(Event::Dies(me));
        }
    }

    fn start(&mut self) {
        if let Some(me) = self.replicas.iter().position(|replica| !replica.is_alive) {
            self.replicas[me].is_alive = true;
            self.note(Event::Starts(me));
        }
    }

    fn jump(&mut self) {
        let me = self.dice.index(REPLICAS);
        let offset_ms = match self.dice.below(8) {
            0 => DAY_MS,
            1..3 => -DAY_MS,
            3..5 => 0,
            _ => self.dice.between(-5_000, 5_000),
        };
        self.replicas[me].offset_ms = offset_ms;
        self.count("clock jumps", 1);
        self.note(Event::IsOffBy(me, offset_ms));
    }

    /// A worker of some replica looks for jobs; two may find the same one.
    fn run_jobs(&mut self) {
        let me = self.dice.index(REPLICAS);
        let clock_ms = self.now_ms + self.replicas[me].offset_ms;
        let lot = &self.db.lot;
        if self.fault == Some(Fault::AnnouncesTwice) && lot.phase.is_over() {
            self.db.announcements += 1;
            return;
        }
        if !self.replicas[me].is_alive || lot.phase.is_over() {
            return;
        }
        let is_due = clock_ms >= lot.ends_at_ms + GRACE_MS || self.fault == Some(Fault::ClosesEarly);
        let starts_at_ms = self.db.terms.starts_at_ms;
        if lot.phase == Phase::Scheduled && starts_at_ms.is_some_and(|start| clock_ms >= start) {
            self.ask(me, clock_ms, Command::Open);
            self.note(Event::Opens(me));
        } else if is_due && lot.phase != Phase::Paused {
            self.ask(me, clock_ms, Command::Close { by: By::System });
            self.note(Event::Closes(me));
        }
    }

    fn ask(&mut self, me: usize, at_ms: i64, command: Command) {
        self.replicas[me].queue.push_back(Asked {
            op: None,
            key: None,
            stamped: Stamped { at_ms, command },
        });
    }

    /// Nothing happens until shortly before the end.
    fn come_to_the_end(&mut self) {
        let late_ms = self.db.lot.ends_at_ms - self.dice.between(1, 40_000);
        self.now_ms = self.now_ms.max(late_ms);
    }

    /// Faults stop; everything that is under way is done, and the auction ends.
    fn settle(&mut self) {
        for replica in &mut self.replicas {
            replica.is_alive = true;
            replica.offset_ms = 0;
        }
        self.drain();
        for _ in 0..10 {
            if self.db.lot.phase.is_over() {
                break;
            }
            if self.db.lot.phase == Phase::Paused {
                let resume = Command::Resume {
                    by: By::Admin("admin".into()),
                };
                let op = self.clients.send(Some(resume), None);
                self.travelling.push((op, 0));
                self.drain();
            }
            self.now_ms = self.now_ms.max(self.db.lot.ends_at_ms + GRACE_MS);
            self.ask(0, self.now_ms, Command::Close { by: By::System });
            self.drain();
        }
        self.read();
        self.send();
        self.drain();
    }

    fn drain(&mut self) {
        while !self.travelling.is_empty() {
            self.arrive();
        }
        while !self.replicas.iter().all(Replica::is_idle) {
            let mut has_moved = false;
            for me in 0..REPLICAS {
                has_moved |= self.advance(me);
            }
            assert!(has_moved || self.fault.is_some(), "the replicas wait for each other");
            if !has_moved {
                break;
            }
        }
    }

    fn judge(mut self) -> Life {
        let mut violations = Vec::new();
        violations.extend(self.db.broken.take());
        violations.extend(self.db.verify().err());
        let record = self.record();
        violations.extend(checker::check(&record).iter().map(ToString::to_string));
        self.count_history();
        Life {
            violations,
            trace: self.trace,
            last_hash: self.db.lot.hash.to_hex(),
            counts: self.counts,
        }
    }

    fn record(&mut self) -> Record {
        let lot = &self.db.lot;
        let winner = lot.ended.as_ref().and_then(|end| end.winner.as_ref());
        let entries = self.db.entries.iter();
        Record {
            auction: self.db.terms.auction_id.to_string(),
            terms: convert::terms(&self.db.terms),
            ops: std::mem::take(&mut self.clients.ops),
            history: entries
                .map(|(entry, previous)| convert::entry(entry, *previous))
                .collect(),
            outcome: Some(Final {
                phase: clients::phase(lot),
                winner: winner.map(|winner| clients::name(&winner.bidder)),
                winning_bid: winner.map(|winner| winner.price),
                bid_count: lot.bid_count.cast_unsigned(),
                announcements: self.db.announcements,
            }),
            is_one_clock: !self.has_odd_clocks,
        }
    }

    fn count_history(&mut self) {
        let lot = self.db.lot.clone();
        self.count("extensions", lot.anti_snipe_count.cast_unsigned());
        let phase = lot.phase.as_str();
        self.count(phase, 1);
        for index in 0..self.db.entries.len() {
            let (entry, _) = &self.db.entries[index];
            let (kind, verdict) = (entry.command.kind(), entry.verdict.as_str());
            self.count(if entry.verdict == Verdict::Done { kind } else { verdict }, 1);
        }
    }
}
