//! The one thing that survives: what was committed, and whose turn it is.

use std::collections::{HashMap, VecDeque};

use platform::auctions::rules::{self, Answer, Command, Effect, Entry, Hash, Judged, Lot, PastBid, Terms};

/// Account and idempotency key.
pub type Key = (String, String);

pub struct Database {
    pub terms: Terms,
    pub lot: Lot,
    /// Each entry with the hash before it.
    pub entries: Vec<(Entry, Hash)>,
    /// What each key was answered, and the time it was judged by.
    pub keys: HashMap<Key, (Answer, i64)>,
    /// Ends that were announced.
    pub announcements: u64,
    /// Replicas that wait for the row, the holder first.
    pub waiting: VecDeque<usize>,
    /// The first invariant that a commit broke.
    pub broken: Option<String>,
}

/// What one transaction writes.
pub struct Batch {
    pub judged: Judged,
    pub keys: Vec<(Key, (Answer, i64))>,
    /// The lot that the batch was judged on.
    pub base: Lot,
}

impl Database {
    pub fn new(terms: Terms) -> Self {
        Self {
            lot: Lot::new(&terms),
            terms,
            entries: Vec::new(),
            keys: HashMap::new(),
            announcements: 0,
            waiting: VecDeque::new(),
            broken: None,
        }
    }

    /// The accepted bids that were not struck.
    pub fn past(&self) -> Vec<PastBid> {
        let struck = |bid: &PastBid| {
            self.entries.iter().any(|(entry, _)| {
                let is_done = entry.verdict == rules::Verdict::Done;
                is_done && matches!(entry.command, Command::Retract { seq, .. } if seq == bid.seq)
            })
        };
        let bids = self.entries.iter().filter_map(|(entry, _)| entry.accepted_bid());
        bids.filter(|bid| !struck(bid)).collect()
    }

    /// One transaction.
    pub fn commit(&mut self, batch: &Batch) {
        let before = self.lot.clone();
        self.write_entries(batch);
        self.write_row(batch);
        if self.broken.is_none() {
            self.broken = self.broken_invariant(&before);
        }
    }

    /// Writes the entries; later ones of the same number replace earlier ones, as without a lock they would.
    fn write_entries(&mut self, batch: &Batch) {
        let mut previous = batch.base.hash;
        for entry in &batch.judged.entries {
            let index = usize::try_from(entry.seq - 1).unwrap();
            self.entries.truncate(index);
            self.entries.push((entry.clone(), previous));
            previous = entry.hash;
        }
    }

    /// Writes the row, keys and announcements.
    pub fn write_row(&mut self, batch: &Batch) {
        self.lot = batch.judged.lot.clone();
        self.keys.extend(batch.keys.iter().cloned());
        let ends = batch
            .judged
            .effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Ended(_)));
        self.announcements += ends.count() as u64;
    }

    /// What must hold after every commit, beside what the checker finds at the end.
    fn broken_invariant(&self, before: &Lot) -> Option<String> {
        let lot = &self.lot;
        let mut new = self
            .entries
            .iter()
            .rev()
            .take_while(|(entry, _)| entry.seq > before.seq);
        let is_struck = new.any(|(entry, _)| matches!(entry.command, Command::Retract { .. }));
        let leader_max = lot.leader.as_ref().map(|leader| leader.max);
        let broken = [
            (lot.price > leader_max, "the price is above the leader's maximum"),
            (lot.price < before.price && !is_struck, "the price fell"),
            (lot.ends_at_ms < before.ends_at_ms, "the end came nearer"),
            (lot.seq < before.seq, "the history became shorter"),
            (
                before.phase.is_over() && *lot != *before,
                "something changed after the end",
            ),
            (
                lot.anti_snipe_count > self.terms.anti_snipe.extensions_max,
                "it was extended too often",
            ),
            (
                self.entries.len() as u64 != lot.seq.cast_unsigned(),
                "row and history differ in length",
            ),
        ];
        let found = broken.iter().find(|(is_broken, _)| *is_broken);
        found.map(|(_, what)| format!("{what}: {before:?} became {lot:?}"))
    }

    /// Replays the hashes.
    pub fn verify(&self) -> Result<(), String> {
        let entries = self.entries.iter().map(|(entry, _)| entry);
        let lot = rules::verify(&self.terms, entries).map_err(|wrong| wrong.to_string())?;
        match lot == self.lot {
            true => Ok(()),
            false => Err(format!("the replay leads to {lot:?}, the row says {:?}", self.lot)),
        }
    }
}
