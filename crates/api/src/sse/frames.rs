//! Events as bytes: rendered once, shared by everybody who reads them.
//!
//! Signed-in readers of an auction learn from a `bid_update` whether they lead (`you_are_winning`) and whether this very
//! update took the lead from them (`outbid`). The event says who leads and who led under the names that everybody may
//! know, so there is nothing secret to leave out, and there are four texts of it at most, however many people read.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use platform::events::Event;
use serde_json::{Map, Value};

use crate::error::Problem;
use crate::rest::time::rfc3339;

/// Keeps a quiet connection open.
pub(super) const PING: Bytes = Bytes::from_static(b": ping\n\n");

/// The events that were rendered last.
///
/// The lock guards a search of a few pointers, and one rendering per event and kind of reader, which the others wait for
/// because they want its result.
#[derive(Default)]
pub(super) struct Frames {
    events: Mutex<VecDeque<Rendered>>,
    /// The number of people that was told last, in whichever topic.
    told: Mutex<Option<Told>>,
}

struct Told {
    topic: String,
    count: i64,
    at_ms: i64,
    frame: Bytes,
}

/// One event, and what it reads like to each kind of reader.
struct Rendered {
    event: Arc<Event>,
    at_ms: i64,
    message: Message,
    frames: [Option<Bytes>; KINDS],
}

struct Message {
    members: Map<String, Value>,
    /// Who leads, and who led before, as everybody knows them; `None` for other kinds of events.
    leads: Option<(Option<String>, Option<String>)>,
}

/// What a reader is to an event.
#[derive(Clone, Copy)]
enum Reader {
    /// Not signed in, or the event is not about bids.
    Anybody,
    Watching,
    Leading,
    Outbid,
}

/// Number of [`Reader`]s.
const KINDS: usize = 4;
/// Events kept; watchers that keep up ask for the newest few.
const RENDERED_MAX: usize = 64;
/// A rendered event says what time it is. Whoever sets a clock by it must not be told an old time, as a reader who comes
/// back would be.
const FRESH_MS: i64 = 100;

impl Frames {
    /// `event` as the reader known as `alias` in this auction receives it.
    pub(super) fn event(&self, event: &Arc<Event>, alias: Option<&str>, now_ms: i64) -> Bytes {
        let mut rendered = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |known: &Rendered| Arc::ptr_eq(&known.event, event) && now_ms - known.at_ms < FRESH_MS;
        let at = rendered.iter().rposition(is_it).unwrap_or_else(|| {
            if rendered.len() >= RENDERED_MAX {
                rendered.pop_front();
            }
            rendered.push_back(Rendered {
                event: event.clone(),
                at_ms: now_ms,
                message: Message::of(event, now_ms),
                frames: Default::default(),
            });
            rendered.len() - 1
        });
        match rendered.get_mut(at) {
            Some(known) => known.frame(alias),
            None => Bytes::new(),
        }
    }

    /// How many events are kept.
    #[cfg(test)]
    pub(super) fn rendered(&self) -> usize {
        self.events.lock().unwrap().len()
    }

    /// How many people watch `topic`. It has no number: it is no part of the log, and who missed it hears the next one.
    pub(super) fn presence(&self, topic: &str, count: i64, now_ms: i64) -> Bytes {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(told) = told.as_ref()
            && (told.topic.as_str(), told.count) == (topic, count)
            && now_ms - told.at_ms < FRESH_MS
        {
            return told.frame.clone();
        }
        let frame = presence(topic, count, now_ms);
        *told = Some(Told {
            topic: topic.to_owned(),
            count,
            at_ms: now_ms,
            frame: frame.clone(),
        });
        frame
    }
}

impl Rendered {
    fn frame(&mut self, alias: Option<&str>) -> Bytes {
        let reader = self.message.reader(alias);
        let Some(frame) = self.frames.get_mut(reader as usize) else {
            return Bytes::new();
        };
        frame
            .get_or_insert_with(|| self.message.frame(&self.event, reader))
            .clone()
    }
}

impl Message {
    /// The payload's members and those of the envelope, which win: the time is now, also when an old event is replayed.
    fn of(event: &Event, now_ms: i64) -> Self {
        let mut members: Map<String, Value> = serde_json::from_str(&event.payload).unwrap_or_default();
        let person = |member: &str| members.get(member).and_then(Value::as_str).map(str::to_owned);
        let leads = (event.kind == "bid_update").then(|| (person("high_bidder_id"), person("previous_high_bidder_id")));
        for (member, value) in [
            ("topic", Value::from(event.topic.as_str())),
            ("seq", event.seq.into()),
            ("kind", event.kind.as_str().into()),
            ("at", rfc3339(event.at_ms).into()),
            ("server_time", rfc3339(now_ms).into()),
            ("server_time_ms", now_ms.into()),
        ] {
            members.insert(member.to_owned(), value);
        }
        Self { members, leads }
    }

    fn reader(&self, alias: Option<&str>) -> Reader {
        let (Some((leader, previous)), Some(_)) = (&self.leads, alias) else {
            return Reader::Anybody;
        };
        if leader.as_deref() == alias {
            Reader::Leading
        } else if previous.as_deref() == alias {
            Reader::Outbid
        } else {
            Reader::Watching
        }
    }

    fn frame(&mut self, event: &Event, reader: Reader) -> Bytes {
        let (is_winning, is_outbid) = match reader {
            Reader::Anybody => (None, None),
            Reader::Watching => (Some(false), Some(false)),
            Reader::Leading => (Some(true), Some(false)),
            Reader::Outbid => (Some(false), Some(true)),
        };
        for (member, value) in [("you_are_winning", is_winning), ("outbid", is_outbid)] {
            match value {
                Some(value) => self.members.insert(member.to_owned(), value.into()),
                None => self.members.remove(member),
            };
        }
        // Writing a map of values as JSON cannot fail.
        let data = serde_json::to_string(&self.members).unwrap_or_default();
        format!("id: {}\nevent: {}\ndata: {data}\n\n", event.seq, event.kind).into()
    }
}

/// `event: snapshot` with the state at event number `seq`.
pub(crate) fn snapshot(seq: i64, state: &impl serde::Serialize) -> Result<Bytes, Problem> {
    let data = serde_json::to_string(state).map_err(|error| Problem::internal(format!("snapshot: {error}")))?;
    Ok(format!("id: {seq}\nevent: snapshot\ndata: {data}\n\n").into())
}

fn presence(topic: &str, count: i64, now_ms: i64) -> Bytes {
    let data = serde_json::json!({
        "topic": topic,
        "kind": "presence",
        "participant_count": count,
        "server_time": rfc3339(now_ms),
        "server_time_ms": now_ms,
    });
    format!("event: presence\ndata: {data}\n\n").into()
}

/// The last words to a reader who lags.
pub(super) fn resume(after: i64) -> Bytes {
    format!("event: resume\ndata: {{\"after\":{after}}}\n\n").into()
}
