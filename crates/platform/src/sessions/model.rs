//! What a session is, and the rules that need no database.

use crate::Error;
use crate::text::{optional, text};

/// Longest name of an episode, characters: programs choose it.
pub const EPISODE_LEN_MAX: usize = 100;
/// Longest id that is looked for, characters: a UUID, with room.
const ID_LEN_MAX: usize = 100;

/// A host's claim on a channel, from start to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// UUID v7.
    pub id: String,
    /// The account that started it.
    pub host_user_id: String,
    /// What it goes on air with.
    pub show_id: String,
    /// Which episode of the show, in the host's words.
    pub episode_id: Option<String>,
    /// The channel that it holds, or held.
    pub channel_id: String,
    /// Started, epoch ms.
    pub created_at_ms: i64,
    /// Last changed, epoch ms.
    pub updated_at_ms: i64,
    /// The end; `None` while it runs.
    pub ended: Option<Ended>,
}

/// The end of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// When, epoch ms.
    pub at_ms: i64,
    /// Why.
    pub cause: EndCause,
    /// The account that ended it; `None` for the clock.
    pub by: Option<String>,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndCause {
    /// Its host ended it.
    Host,
    /// An administrator ended it.
    Admin,
    /// An administrator took the channel back.
    Operator,
    /// Nothing was heard of its host, and nothing was on air.
    Lease,
    /// The booked time of another host began.
    Booking,
    /// It could not be prepared.
    Failed,
}

/// Whether a session runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It holds its channel.
    Active,
    /// It is over.
    Ended,
}

/// What a session has shown so far, from the broadcasts of its channel while it ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Streaming {
    /// On air at this moment.
    pub is_live: bool,
    /// First moment on air within the session, epoch ms.
    pub started_at_ms: Option<i64>,
    /// Last moment on air, epoch ms; `None` while on air, and before.
    pub last_at_ms: Option<i64>,
    /// Time on air within the session, ms.
    pub on_air_ms: i64,
}

/// What a host asks for.
#[derive(Debug, Clone, Default)]
pub struct NewSession {
    /// One of the caller's shows.
    pub show_id: Option<String>,
    /// At most [`EPISODE_LEN_MAX`] characters.
    pub episode_id: Option<String>,
}

/// What the clock says about a session that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is over.
    Over(EndCause),
    /// It goes on.
    Held {
        /// The end of its lease, epoch ms; never earlier than before.
        until_ms: i64,
        /// When to look again, epoch ms.
        look_at_ms: i64,
    },
}

impl Session {
    /// Whether it runs.
    pub fn status(&self) -> Status {
        match self.ended {
            None => Status::Active,
            Some(_) => Status::Ended,
        }
    }
}

impl Streaming {
    /// Whole minutes on air.
    pub fn minutes(&self) -> i64 {
        self.on_air_ms / 60_000
    }
}

impl Status {
    /// The word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Ended => "ENDED",
        }
    }

    /// Reads the word.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] naming `status`.
    pub fn parse(word: &str) -> Result<Self, Error> {
        let known = [Self::Active, Self::Ended]
            .into_iter()
            .find(|status| status.as_str() == word);
        known.ok_or_else(|| Error::invalid("status", "Invalid status. Must be one of: ACTIVE, ENDED"))
    }
}

impl EndCause {
    const ALL: [Self; 6] = [
        Self::Host,
        Self::Admin,
        Self::Operator,
        Self::Lease,
        Self::Booking,
        Self::Failed,
    ];

    /// The word in the database, in answers and events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Lease => "lease",
            Self::Booking => "booking",
            Self::Failed => "failed",
        }
    }

    /// Reads the word in the database.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == word)
    }

    /// True when a session that ended so counts as a broadcast of its channel: one that never began does not.
    pub(super) fn counts(self) -> bool {
        self != Self::Failed
    }
}

impl NewSession {
    /// The show's id and the episode.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] naming `showId` or `episodeId`.
    pub(super) fn validated(self) -> Result<(String, Option<String>), Error> {
        let show_id = self.show_id.unwrap_or_default();
        if show_id.trim().is_empty() {
            return Err(Error::invalid("showId", "Missing required field: showId"));
        }
        let show_id = text("showId", &show_id, 1, ID_LEN_MAX)?;
        Ok((show_id, optional("episodeId", self.episode_id, EPISODE_LEN_MAX)?))
    }
}

/// What the clock says. A session is heard of by its host's heartbeats, which the lease `lease_until_ms` stands for, and by
/// what is on air: being away ends it after `lease_ms`. `foreign_start_ms` is when the next window of another host begins,
/// or began.
pub(super) fn judge(
    lease_until_ms: i64,
    lease_ms: i64,
    streaming: &Streaming,
    foreign_start_ms: Option<i64>,
    now_ms: i64,
) -> Verdict {
    if foreign_start_ms.is_some_and(|start| start <= now_ms) {
        return Verdict::Over(EndCause::Booking);
    }
    let on_air_at_ms = if streaming.is_live {
        Some(now_ms)
    } else {
        streaming.last_at_ms
    };
    let until_ms = on_air_at_ms.map_or(lease_until_ms, |at| lease_until_ms.max(at + lease_ms));
    if until_ms <= now_ms {
        return Verdict::Over(EndCause::Lease);
    }
    Verdict::Held {
        until_ms,
        look_at_ms: foreign_start_ms.map_or(until_ms, |start| until_ms.min(start)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    const NOW: i64 = 1_000_000;
    const LEASE: i64 = 300_000;

    fn check(lease_until_ms: i64, streaming: Streaming, foreign: Option<i64>, expected: Verdict) {
        let verdict = judge(lease_until_ms, LEASE, &streaming, foreign, NOW);
        assert_eq!(verdict, expected, "{lease_until_ms} {streaming:?} {foreign:?}");
    }

    fn held(until_ms: i64, look_at_ms: i64) -> Verdict {
        Verdict::Held { until_ms, look_at_ms }
    }

    fn was_on_air(at_ms: i64) -> Streaming {
        Streaming {
            last_at_ms: Some(at_ms),
            ..Streaming::default()
        }
    }

    #[test]
    fn a_lease_holds_until_its_last_millisecond() {
        let silent = Streaming::default();
        check(NOW + 1, silent, None, held(NOW + 1, NOW + 1));
        check(NOW, silent, None, Verdict::Over(EndCause::Lease));
        check(NOW - LEASE, silent, None, Verdict::Over(EndCause::Lease));
    }

    #[test]
    fn what_is_on_air_is_heard_of() {
        let live = Streaming {
            is_live: true,
            ..Streaming::default()
        };
        check(NOW - 9, live, None, held(NOW + LEASE, NOW + LEASE));
        check(NOW + 2 * LEASE, live, None, held(NOW + 2 * LEASE, NOW + 2 * LEASE));
        // A cut shortly before the lease's end leaves time to come back.
        check(NOW, was_on_air(NOW - 1), None, held(NOW - 1 + LEASE, NOW - 1 + LEASE));
        check(NOW, was_on_air(NOW - LEASE), None, Verdict::Over(EndCause::Lease));
    }

    #[test]
    fn another_hosts_window_ends_it_and_is_waited_for() {
        let silent = Streaming::default();
        check(NOW + LEASE, silent, Some(NOW), Verdict::Over(EndCause::Booking));
        check(NOW - 1, silent, Some(NOW - 5), Verdict::Over(EndCause::Booking));
        check(NOW + LEASE, silent, Some(NOW + 7), held(NOW + LEASE, NOW + 7));
        check(
            NOW + LEASE,
            silent,
            Some(NOW + 2 * LEASE),
            held(NOW + LEASE, NOW + LEASE),
        );
        check(
            NOW - 1,
            was_on_air(NOW - 1),
            Some(NOW + 7),
            held(NOW - 1 + LEASE, NOW + 7),
        );
    }

    #[test]
    fn words_are_read_back() {
        for cause in EndCause::ALL {
            assert_eq!(EndCause::parse(cause.as_str()), Some(cause));
            assert_eq!(cause.counts(), cause != EndCause::Failed);
        }
        for status in [Status::Active, Status::Ended] {
            assert_eq!(Status::parse(status.as_str()), Ok(status));
        }
        assert!(Status::parse("active").is_err());
    }

    #[test]
    fn a_show_is_named_and_an_episode_may_be() {
        let new = |show: Option<&str>, episode: Option<&str>| {
            let new = NewSession {
                show_id: show.map(str::to_owned),
                episode_id: episode.map(str::to_owned),
            };
            new.validated()
        };
        assert_eq!(new(Some(" s "), Some(" ")).unwrap(), ("s".to_owned(), None));
        assert_eq!(new(Some("s"), Some("e1")).unwrap().1.as_deref(), Some("e1"));
        let (long, longer) = ("x".repeat(EPISODE_LEN_MAX + 1), "x".repeat(ID_LEN_MAX + 1));
        for (show, episode, field) in [
            (None, None, "showId"),
            (Some(" "), None, "showId"),
            (Some(longer.as_str()), None, "showId"),
            (Some("s"), Some(long.as_str()), "episodeId"),
            (Some("s"), Some("a\0"), "episodeId"),
        ] {
            let error = new(show, episode).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Invalid { field: field.into() });
        }
    }
}
