//! One list out of several: pure.

use std::collections::HashMap;

use serde::Deserialize;

use super::store::{Rows, Use};
use crate::audit::Line;
use crate::broadcasts::{Broadcast, EndCause};

/// Something that happened on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When, epoch ms.
    pub at_ms: i64,
    /// What kind of thing.
    pub kind: MomentKind,
    /// A sentence for people.
    pub text: String,
    /// The broadcast it is about.
    pub stream_id: Option<String>,
    /// Who did it, by name where that is known.
    pub actor: Option<String>,
}

/// Kinds of things that happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MomentKind {
    /// A broadcast began.
    BroadcastStarted,
    /// A broadcast ended.
    BroadcastEnded,
    /// Media stopped arriving.
    Interrupted,
    /// Media arrives again.
    Restored,
    /// A session took the channel.
    SessionStarted,
    /// A session gave it back.
    SessionEnded,
    /// Somebody did something to the channel.
    Done,
}

impl MomentKind {
    /// The word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BroadcastStarted => "broadcast_started",
            Self::BroadcastEnded => "broadcast_ended",
            Self::Interrupted => "interrupted",
            Self::Restored => "restored",
            Self::SessionStarted => "session_started",
            Self::SessionEnded => "session_ended",
            Self::Done => "audit",
        }
    }
}

/// The newest `limit` moments before `before_ms`, newest first.
pub(super) fn compose(rows: Rows, names: &HashMap<String, String>, before_ms: i64, limit: usize) -> Vec<Moment> {
    let mut moments: Vec<Moment> = rows.broadcasts.iter().flat_map(of_broadcast).collect();
    // Who began and ended a session is told with it, not once more.
    let (sessions, others): (Vec<Line>, Vec<Line>) = rows
        .audit
        .into_iter()
        .partition(|line| line.action.starts_with("sessions."));
    moments.extend(rows.uses.iter().flat_map(|used| of_use(used, &sessions, names)));
    moments.extend(others.into_iter().map(|line| of_line(line, names)));
    moments.extend(interruptions(&rows.video));
    moments.retain(|moment| moment.at_ms < before_ms);
    // What began and ended in the same millisecond stays in the order it was listed: the end first.
    moments.sort_by_key(|moment| std::cmp::Reverse(moment.at_ms));
    // Whoever asks for what came before the last one must not miss another of the same moment.
    let last_ms = moments.get(limit.saturating_sub(1)).map(|moment| moment.at_ms);
    moments.retain(|moment| last_ms.is_none_or(|last_ms| moment.at_ms >= last_ms));
    moments
}

fn of_broadcast(broadcast: &Broadcast) -> Vec<Moment> {
    let moment = |at_ms, kind, text: String| Moment {
        at_ms,
        kind,
        text,
        stream_id: Some(broadcast.stream_id.clone()),
        actor: None,
    };
    let ended = broadcast.ended.map(|ended| {
        let minutes = broadcast.minutes(ended.at_ms);
        let why = match ended.cause {
            EndCause::Ended => "",
            EndCause::Failed => ": the provider reported a failure",
            EndCause::Superseded => ": another stream took the channel",
            EndCause::Gone => ": the provider had no such stream any more",
        };
        let viewers = broadcast.peak_viewers;
        let text = format!("Broadcast ended after {minutes} min, {viewers} viewers at most{why}");
        moment(ended.at_ms, MomentKind::BroadcastEnded, text)
    });
    let started = moment(
        broadcast.started_at_ms,
        MomentKind::BroadcastStarted,
        "Broadcast started".to_owned(),
    );
    ended.into_iter().chain([started]).collect()
}

fn of_use(used: &Use, audit: &[Line], names: &HashMap<String, String>) -> Vec<Moment> {
    let moment = |at_ms, kind, action: &str, verb: &str| {
        let line = audit
            .iter()
            .find(|line| line.action == action && line.detail.as_deref() == Some(&*used.claim_id));
        Moment {
            at_ms,
            kind,
            text: format!("Session {verb}"),
            stream_id: None,
            actor: line.map(|line| name_of(&line.actor, names)),
        }
    };
    let ended = used
        .until_ms
        .map(|at_ms| moment(at_ms, MomentKind::SessionEnded, "sessions.end", "ended"));
    let started = moment(used.since_ms, MomentKind::SessionStarted, "sessions.create", "started");
    ended.into_iter().chain([started]).collect()
}

fn of_line(line: Line, names: &HashMap<String, String>) -> Moment {
    let detail = line.detail.filter(|detail| !detail.is_empty());
    // A detail that is the id of an account is told by its name.
    let detail = detail.map(|detail| names.get(&format!("account:{detail}")).cloned().unwrap_or(detail));
    let text = match (line.action.as_str(), detail) {
        ("channels.create", Some(name)) => format!("Channel “{name}” made"),
        ("channels.assign", Some(host)) => format!("Given to {host}"),
        ("channels.unassign", Some(host)) => format!("Taken from {host}"),
        ("channels.book", Some(window)) => format!("Window booked: {window}"),
        ("channels.unbook", Some(window)) => format!("Window removed: {window}"),
        ("channels.set_state", Some(state)) => format!("State set: {state}"),
        ("channels.reveal_stream_key", _) => "Stream key shown".to_owned(),
        ("channels.rotate_stream_key", _) => "New stream key asked for".to_owned(),
        ("channels.stream_key_changed", _) => "Stream key changed".to_owned(),
        (action, None) => action.to_owned(),
        (action, Some(detail)) => format!("{action}: {detail}"),
    };
    Moment {
        at_ms: line.at_ms,
        kind: MomentKind::Done,
        text,
        stream_id: None,
        actor: Some(name_of(&line.actor, names)),
    }
}

fn name_of(actor: &str, names: &HashMap<String, String>) -> String {
    names.get(actor).cloned().unwrap_or_else(|| actor.to_owned())
}

#[derive(Deserialize)]
struct Payload {
    video: Video,
}

#[derive(Deserialize)]
struct Video {
    state: String,
    stream_id: Option<String>,
}

/// The moments at which the video of one stream was interrupted or came back; `events` are newest first.
fn interruptions(events: &[(i64, String)]) -> Vec<Moment> {
    let mut moments = Vec::new();
    let mut before: Option<Video> = None;
    for (at_ms, payload) in events.iter().rev() {
        let Ok(Payload { video }) = serde_json::from_str(payload) else {
            continue;
        };
        let was = before
            .as_ref()
            .filter(|before| before.stream_id == video.stream_id)
            .map_or("live", |before| before.state.as_str());
        let change = match (was, video.state.as_str()) {
            ("live", "interrupted") => Some((MomentKind::Interrupted, "Media stopped arriving from the encoder")),
            ("interrupted", "live") => Some((MomentKind::Restored, "Media arrives again")),
            _ => None,
        };
        moments.extend(change.map(|(kind, text)| Moment {
            at_ms: *at_ms,
            kind,
            text: text.to_owned(),
            stream_id: video.stream_id.clone(),
            actor: None,
        }));
        before = Some(video);
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broadcasts::{Ended, Health};

    fn video(at_ms: i64, state: &str) -> (i64, String) {
        let payload =
            serde_json::json!({ "channelId": "c", "video": { "state": state, "stream_id": "s", "viewers": 1 } });
        (at_ms, payload.to_string())
    }

    fn rows() -> Rows {
        let broadcast = Broadcast {
            stream_id: "s".to_owned(),
            started_at_ms: 1_000,
            ended: Some(Ended {
                at_ms: 121_000,
                cause: EndCause::Superseded,
            }),
            health: Health::Healthy,
            health_at_ms: 1_000,
            viewers: 0,
            peak_viewers: 7,
            changed_at_ms: 121_000,
        };
        let line = |at_ms, action: &str, detail: Option<&str>, actor: &str| Line {
            at_ms,
            actor: actor.to_owned(),
            action: action.to_owned(),
            target: "channel:c".to_owned(),
            detail: detail.map(str::to_owned),
        };
        Rows {
            broadcasts: vec![broadcast],
            uses: vec![Use {
                claim_id: "u".to_owned(),
                since_ms: 500,
                until_ms: None,
            }],
            audit: vec![
                line(500, "sessions.create", Some("u"), "account:2"),
                line(200, "channels.assign", Some("2"), "account:1"),
                line(100, "channels.create", Some("Main"), "system"),
            ],
            video: vec![
                video(90_000, "live"),
                video(60_000, "live"),
                video(50_000, "interrupted"),
                video(1_000, "live"),
            ],
        }
    }

    #[test]
    fn everything_that_happened_is_one_list_newest_first() {
        let names =
            HashMap::from([("1", "Mona"), ("2", "Ann")].map(|(id, name)| (format!("account:{id}"), name.to_owned())));
        let moments = compose(rows(), &names, i64::MAX, 100);
        let told: Vec<_> = moments
            .iter()
            .map(|moment| {
                (
                    moment.at_ms,
                    moment.kind.as_str(),
                    moment.text.as_str(),
                    moment.actor.as_deref(),
                )
            })
            .collect();
        let ended = "Broadcast ended after 2 min, 7 viewers at most: another stream took the channel";
        assert_eq!(
            told,
            [
                (121_000, "broadcast_ended", ended, None),
                (60_000, "restored", "Media arrives again", None),
                (50_000, "interrupted", "Media stopped arriving from the encoder", None),
                (1_000, "broadcast_started", "Broadcast started", None),
                (500, "session_started", "Session started", Some("Ann")),
                (200, "audit", "Given to Ann", Some("Mona")),
                (100, "audit", "Channel “Main” made", Some("system")),
            ]
        );
    }

    #[test]
    fn pages_join_without_a_gap() {
        let names = HashMap::new();
        let whole = compose(rows(), &names, i64::MAX, 100);
        let first = compose(rows(), &names, i64::MAX, 3);
        let last_ms = first.last().unwrap().at_ms;
        let rest = compose(rows(), &names, last_ms, 100);
        assert_eq!([first, rest].concat(), whole);
    }
}
