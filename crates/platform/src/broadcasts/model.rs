//! What a broadcast is and how news about it changes it: pure rules.
//!
//! News comes as **events** (pushed; may be lost, doubled, late or out of order) and as **observations** (pulled; the
//! provider's truth at one moment). An event can only speak about its own stream; an observation speaks about the channel.
//! Whatever the events did, one observation that was begun after them leaves the provider's truth.

/// One on-air period of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broadcast {
    /// Identity of the live period at the provider; unique, never used again.
    pub stream_id: String,
    /// When it began, epoch milliseconds; the earliest moment we know of.
    pub started_at_ms: i64,
    /// When it ended; `None` while on air.
    pub ended: Option<Ended>,
    /// Whether media arrives.
    pub health: Health,
    /// When the health last changed, epoch milliseconds, by the provider's clock.
    pub health_at_ms: i64,
    /// Viewers at the last count.
    pub viewers: i64,
    /// Most viewers at any count.
    pub peak_viewers: i64,
    /// When this row last changed, epoch milliseconds, by our clock: observations begun earlier say nothing about it.
    pub changed_at_ms: i64,
}

/// The end of a broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// When, epoch milliseconds.
    pub at_ms: i64,
    /// How we know.
    pub cause: EndCause,
}

/// Why a broadcast ended, as far as we were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndCause {
    /// The provider said so: the encoder stopped, or was stopped.
    Ended,
    /// The provider reported a failure.
    Failed,
    /// Another stream took the channel.
    Superseded,
    /// The provider had no such stream any more when we asked.
    Gone,
}

impl EndCause {
    /// The word in the database and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
            Self::Gone => "gone",
        }
    }

    /// Reads the word in the database.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Ended, Self::Failed, Self::Superseded, Self::Gone]
            .into_iter()
            .find(|cause| cause.as_str() == word)
    }
}

/// Whether media arrives from the encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It does.
    Healthy,
    /// The encoder is silent or away, and may come back.
    Starving,
    /// The provider cannot tell.
    Unknown,
}

impl Health {
    /// The word in the database and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Starving => "starving",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the word in the database; what we do not know is unknown.
    pub fn parse(word: &str) -> Self {
        match word {
            "healthy" => Self::Healthy,
            "starving" => Self::Starving,
            _ => Self::Unknown,
        }
    }
}

/// What an event says about its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// It can be played.
    Started,
    /// It is over.
    Ended(EndCause),
    /// Media stopped arriving.
    StarvationStarted,
    /// Media arrives again.
    StarvationEnded,
    /// It was measured, with that many viewers.
    Measured {
        /// Concurrent views.
        viewers: i64,
    },
}

/// The provider's truth about one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// A stream is on air.
    Live {
        /// Identity of the live period.
        stream_id: String,
        /// When it began, epoch milliseconds.
        started_at_ms: i64,
        /// Whether media arrives.
        health: Health,
        /// Concurrent views, when they were counted.
        viewers: Option<i64>,
    },
    /// Nothing is on air.
    Offline {
        /// When the broadcast that we believed in ended, if the provider knows.
        ended_at_ms: Option<i64>,
    },
}

impl Broadcast {
    fn new(stream_id: &str, started_at_ms: i64, now_ms: i64) -> Self {
        Self {
            stream_id: stream_id.to_owned(),
            started_at_ms,
            ended: None,
            health: Health::Unknown,
            health_at_ms: started_at_ms,
            viewers: 0,
            peak_viewers: 0,
            changed_at_ms: now_ms,
        }
    }

    /// Whole minutes on air until its end, or until now.
    pub fn minutes(&self, now_ms: i64) -> i64 {
        let end = self.ended.map_or(now_ms, |ended| ended.at_ms);
        end.saturating_sub(self.started_at_ms).max(0) / 60_000
    }

    /// True while on air.
    pub fn is_live(&self) -> bool {
        self.ended.is_none()
    }

    fn end(&mut self, at_ms: i64, cause: EndCause) {
        self.ended = Some(Ended {
            at_ms: at_ms.max(self.started_at_ms),
            cause,
        });
        self.viewers = 0;
    }

    fn count(&mut self, viewers: i64) {
        self.viewers = viewers.max(0);
        self.peak_viewers = self.peak_viewers.max(self.viewers);
    }

    fn apply(&mut self, fact: Fact, at_ms: i64) {
        let is_live = self.is_live();
        match fact {
            // A start that arrives after the end still tells when the broadcast began.
            Fact::Started => {
                self.started_at_ms = self.started_at_ms.min(at_ms);
                if is_live && self.health == Health::Unknown {
                    self.set_health(Health::Healthy, at_ms);
                }
            }
            // An exact end replaces one that we inferred.
            Fact::Ended(cause) => match self.ended.map(|ended| ended.cause) {
                None | Some(EndCause::Gone | EndCause::Superseded) => self.end(at_ms, cause),
                Some(EndCause::Ended | EndCause::Failed) => {}
            },
            Fact::StarvationStarted if is_live && at_ms >= self.health_at_ms => {
                self.set_health(Health::Starving, at_ms)
            }
            Fact::StarvationEnded if is_live && at_ms >= self.health_at_ms => self.set_health(Health::Healthy, at_ms),
            Fact::Measured { viewers } if is_live => self.count(viewers),
            Fact::StarvationStarted | Fact::StarvationEnded | Fact::Measured { .. } => {}
        }
    }

    fn set_health(&mut self, health: Health, at_ms: i64) {
        if self.health != health {
            self.health = health;
            self.health_at_ms = at_ms;
        }
    }
}

/// Applies an event about one stream to the rows of its channel.
///
/// `rows` are the live ones and the one of that stream, if there is any. Returns the rows that change, ended ones first;
/// none when the event tells nothing new.
pub fn apply_fact(rows: &[Broadcast], stream_id: &str, fact: Fact, at_ms: i64, now_ms: i64) -> Vec<Broadcast> {
    let row = rows.iter().find(|row| row.stream_id == stream_id);
    // An encoder is measured before its first picture can be played; only a start (or an end) makes a broadcast.
    if row.is_none() && !matches!(fact, Fact::Started | Fact::Ended(_)) {
        return Vec::new();
    }
    let mut next = row.cloned().unwrap_or_else(|| Broadcast::new(stream_id, at_ms, now_ms));
    next.apply(fact, at_ms);
    let mut changes = Vec::new();
    if next.is_live() {
        // A channel carries one stream at a time: the one that began last.
        for other in rows
            .iter()
            .filter(|other| other.is_live() && other.stream_id != stream_id)
        {
            if other.started_at_ms > next.started_at_ms {
                next.end(other.started_at_ms, EndCause::Superseded);
            } else {
                let mut other = other.clone();
                other.end(next.started_at_ms, EndCause::Superseded);
                changes.push(other);
            }
        }
    }
    if row != Some(&next) {
        changes.push(next);
    }
    for change in &mut changes {
        change.changed_at_ms = now_ms;
    }
    changes
}

/// Applies an observation of a channel, begun at `observed_at_ms` by our clock, to the rows of that channel.
///
/// `rows` are the live ones and the one of the observed stream, if there is any. Returns the rows that change.
pub fn apply_observation(
    rows: &[Broadcast],
    observation: &Observation,
    observed_at_ms: i64,
    now_ms: i64,
) -> Vec<Broadcast> {
    let mut changes = Vec::new();
    let observed_id = match observation {
        Observation::Live { stream_id, .. } => Some(stream_id.as_str()),
        Observation::Offline { .. } => None,
    };
    let is_older = |row: &Broadcast| row.changed_at_ms <= observed_at_ms;
    for row in rows
        .iter()
        .filter(|row| row.is_live() && is_older(row) && Some(row.stream_id.as_str()) != observed_id)
    {
        let mut next = row.clone();
        match observation {
            Observation::Live { started_at_ms, .. } => next.end(*started_at_ms, EndCause::Superseded),
            Observation::Offline {
                ended_at_ms: Some(at_ms),
            } => next.end(*at_ms, EndCause::Ended),
            Observation::Offline { ended_at_ms: None } => next.end(observed_at_ms, EndCause::Gone),
        }
        next.changed_at_ms = now_ms;
        changes.push(next);
    }
    if let Observation::Live {
        stream_id,
        started_at_ms,
        health,
        viewers,
    } = observation
    {
        let row = rows.iter().find(|row| row.stream_id == *stream_id);
        // A stream that we heard of since the observation began has taken the channel; a channel carries one at a time.
        let is_overtaken = rows
            .iter()
            .any(|row| row.is_live() && row.stream_id != *stream_id && !is_older(row));
        if !is_overtaken && row.is_none_or(is_older) {
            let mut next = row
                .cloned()
                .unwrap_or_else(|| Broadcast::new(stream_id, *started_at_ms, now_ms));
            next.started_at_ms = next.started_at_ms.min(*started_at_ms);
            next.ended = None;
            next.set_health(*health, observed_at_ms);
            if let Some(viewers) = viewers {
                next.count(*viewers);
            }
            if row != Some(&next) {
                next.changed_at_ms = now_ms;
                changes.push(next);
            }
        }
    }
    changes
}

/// What viewers of an owner are told about its video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VideoState {
    /// Nobody publishes; it may begin any moment.
    Waiting,
    /// On air.
    Live,
    /// On air, but the encoder is silent or away and may come back.
    Interrupted,
    /// Over for good: the owner let go of its channel.
    Ended,
}

impl VideoState {
    /// The word in answers and events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Live => "live",
            Self::Interrupted => "interrupted",
            Self::Ended => "ended",
        }
    }
}

/// State of the video of one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Video {
    /// What viewers are told.
    pub state: VideoState,
    /// Since when, epoch milliseconds.
    pub since_ms: i64,
    /// Concurrent views.
    pub viewers: i64,
    /// The live period, while there is one.
    pub stream_id: Option<String>,
}

impl Video {
    /// The video of a channel whose latest broadcast this is; waiting since `owned_since_ms` when there was none.
    pub fn of(latest: Option<&Broadcast>, owned_since_ms: i64) -> Self {
        let Some(row) = latest else {
            return Self {
                state: VideoState::Waiting,
                since_ms: owned_since_ms,
                viewers: 0,
                stream_id: None,
            };
        };
        match (row.ended, row.health) {
            (Some(ended), _) => Self {
                state: VideoState::Waiting,
                since_ms: ended.at_ms,
                viewers: 0,
                stream_id: None,
            },
            (None, Health::Starving) => Self {
                state: VideoState::Interrupted,
                since_ms: row.health_at_ms,
                viewers: row.viewers,
                stream_id: Some(row.stream_id.clone()),
            },
            (None, _) => Self {
                state: VideoState::Live,
                since_ms: row.started_at_ms,
                viewers: row.viewers,
                stream_id: Some(row.stream_id.clone()),
            },
        }
    }

    /// The video of an owner that let go of its channel.
    pub fn ended(since_ms: i64) -> Self {
        Self {
            state: VideoState::Ended,
            since_ms,
            viewers: 0,
            stream_id: None,
        }
    }

    /// The member `video` of answers and events.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "state": self.state.as_str(), "since_ms": self.since_ms, "viewers": self.viewers, "stream_id": self.stream_id })
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
