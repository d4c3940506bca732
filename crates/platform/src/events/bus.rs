//! The topics that somebody in this process watches.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::Event;
use crate::Error;

/// All watched topics; a topic nobody watches costs nothing.
#[derive(Clone, Default)]
pub(crate) struct Bus {
    /// Guards a lookup by name, never held across `.await` or while events are copied.
    topics: Arc<Mutex<Watching>>,
}

#[derive(Default)]
struct Watching {
    topics: HashMap<String, (Arc<Topic>, usize)>,
    watchers: usize,
}

/// One watched topic: its newest number, and its newest events for watchers that keep up.
pub(super) struct Topic {
    name: String,
    latest: watch::Sender<i64>,
    /// Consecutive events, newest last. Guards copying a few pointers.
    recent: Mutex<VecDeque<Arc<Event>>>,
    /// Held by the one watcher that reads the log on behalf of the others.
    pub(super) fetching: tokio::sync::Mutex<()>,
}

/// A watcher's membership; leaving is dropping it.
pub(super) struct Joined {
    bus: Bus,
    topic: Arc<Topic>,
}

/// Watchers of one process at most, about 2 KiB each with their connection's buffers on top.
const WATCHERS_MAX: usize = 20_000;
/// Events that a topic keeps in memory.
const RECENT_MAX: usize = 256;
/// Seconds a client should wait when there are too many watchers.
const FULL_RETRY_S: u64 = 10;

impl Bus {
    /// Hands committed events to their watchers.
    pub(crate) fn committed(&self, events: Vec<Arc<Event>>) {
        for of_topic in events.chunk_by(|a, b| a.topic == b.topic) {
            if let Some(topic) = of_topic.first().and_then(|event| self.find(&event.topic)) {
                topic.push(of_topic);
            }
        }
    }

    /// Tells the watchers of `topic` that the log reaches to `seq`.
    pub(crate) fn wake(&self, topic: &str, seq: i64) {
        if let Some(topic) = self.find(topic) {
            topic.wake(seq);
        }
    }

    /// Names of the watched topics.
    pub(crate) fn watched(&self) -> Vec<String> {
        self.lock().topics.keys().cloned().collect()
    }

    /// Adds a watcher to `topic`.
    pub(super) fn join(&self, topic: &str) -> Result<Joined, Error> {
        let mut watching = self.lock();
        if watching.watchers >= WATCHERS_MAX {
            return Err(Error::unavailable(FULL_RETRY_S, "too many event watchers"));
        }
        watching.watchers += 1;
        let (found, watchers) = watching
            .topics
            .entry(topic.to_owned())
            .or_insert_with(|| (Arc::new(Topic::new(topic)), 0));
        *watchers += 1;
        Ok(Joined {
            bus: self.clone(),
            topic: found.clone(),
        })
    }

    fn find(&self, topic: &str) -> Option<Arc<Topic>> {
        self.lock().topics.get(topic).map(|(topic, _)| topic.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Watching> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Topic {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            latest: watch::Sender::new(0),
            recent: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Raises the newest number; waiting watchers look when it moved.
    pub(super) fn wake(&self, seq: i64) {
        self.latest.send_if_modified(|latest| {
            let is_news = seq > *latest;
            *latest = seq.max(*latest);
            is_news
        });
    }

    pub(super) fn latest(&self) -> watch::Receiver<i64> {
        self.latest.subscribe()
    }

    /// Keeps `events`, which are consecutive, for watchers that keep up, and wakes them.
    pub(super) fn push(&self, events: &[Arc<Event>]) {
        let Some(newest) = events.last() else { return };
        keep(&mut self.recent.lock().unwrap_or_else(PoisonError::into_inner), events);
        self.wake(newest.seq);
    }

    /// The kept events after number `after`, or nothing when number `after + 1` is not among them.
    pub(super) fn recent_after(&self, after: i64) -> Vec<Arc<Event>> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(first) = recent.front() else { return Vec::new() };
        match usize::try_from(after + 1 - first.seq) {
            Ok(skip) => recent.iter().skip(skip).cloned().collect(),
            Err(_) => Vec::new(),
        }
    }
}

/// Joins `events` to `recent` where they continue or precede it, and starts anew where they leave a gap before them: two
/// transactions may arrive in the other order than they were committed in, and pages of the log come in between.
fn keep(recent: &mut VecDeque<Arc<Event>>, events: &[Arc<Event>]) {
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return;
    };
    let kept = recent
        .front()
        .map(|event| event.seq)
        .zip(recent.back().map(|event| event.seq));
    match kept {
        Some((_, newest)) if first.seq <= newest + 1 && last.seq > newest => {
            recent.extend(events.iter().filter(|event| event.seq > newest).cloned());
        }
        Some((oldest, _)) if first.seq < oldest && last.seq + 1 >= oldest => {
            let free = RECENT_MAX.saturating_sub(recent.len());
            events
                .iter()
                .rev()
                .filter(|event| event.seq < oldest)
                .take(free)
                .for_each(|e| recent.push_front(e.clone()));
        }
        Some((_, newest)) if last.seq <= newest => {}
        _ => *recent = events.iter().cloned().collect(),
    }
    let surplus = recent.len().saturating_sub(RECENT_MAX);
    recent.drain(..surplus);
}

impl Joined {
    pub(super) fn topic(&self) -> &Topic {
        &self.topic
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        let mut watching = self.bus.lock();
        watching.watchers -= 1;
        if let Some((_, watchers)) = watching.topics.get_mut(&self.topic.name) {
            *watchers -= 1;
            if *watchers == 0 {
                watching.topics.remove(&self.topic.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: i64) -> Arc<Event> {
        Arc::new(Event {
            topic: "t".into(),
            seq,
            kind: "k".into(),
            payload: "{}".into(),
            at_ms: 0,
        })
    }

    fn seqs(topic: &Topic, after: i64) -> Vec<i64> {
        topic.recent_after(after).iter().map(|event| event.seq).collect()
    }

    #[test]
    fn a_topic_keeps_consecutive_events_only() {
        let topic = Topic::new("t");
        topic.push(&[event(5), event(6)]);
        topic.push(&[event(6), event(7)]);
        assert_eq!(seqs(&topic, 4), [5, 6, 7]);
        topic.push(&[event(9)]);
        assert_eq!((seqs(&topic, 8), seqs(&topic, 7)), (vec![9], vec![]));
        topic.push(&[event(8)]);
        assert_eq!(seqs(&topic, 7), [8, 9]);
        topic.push(&[event(1), event(2)]);
        assert_eq!((seqs(&topic, 7), seqs(&topic, 0)), (vec![8, 9], vec![]));
        assert_eq!(*topic.latest().borrow(), 9);
    }

    #[test]
    fn a_topic_keeps_a_bounded_number_of_events() {
        let topic = Topic::new("t");
        (1..=1000).for_each(|seq| topic.push(&[event(seq)]));
        assert_eq!(seqs(&topic, 1000 - 256).len(), 256);
        assert!(seqs(&topic, 10).is_empty());
    }

    #[test]
    fn a_topic_nobody_watches_is_forgotten() {
        let bus = Bus::default();
        let (first, second) = (bus.join("t").unwrap(), bus.join("t").unwrap());
        drop(first);
        assert_eq!(bus.watched(), ["t"]);
        drop(second);
        assert!(bus.watched().is_empty());
    }

    #[test]
    fn watchers_are_bounded() {
        let bus = Bus::default();
        let all: Vec<_> = (0..WATCHERS_MAX).map(|_| bus.join("t").unwrap()).collect();
        assert!(bus.join("t").is_err());
        drop(all);
        assert!(bus.join("t").is_ok());
    }
}
