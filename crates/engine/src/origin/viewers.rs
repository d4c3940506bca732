//! Who watches: distinct playback sessions seen lately.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// A session counts for this long after its last request. A player asks at least once per target duration, so only one
/// that left is silent this long.
pub(crate) const VIEWER_WINDOW: Duration = Duration::from_secs(30);
/// Sessions counted per feed; 5 MiB. When full, further ones watch uncounted until somebody leaves.
const SESSIONS_MAX: usize = 100_000;

/// A playback session: 64 random bits that the multivariant playlist hands to its player.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SessionId(u64);

impl SessionId {
    pub(crate) fn new(random: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(random))
    }

    /// Reads what its `Display` wrote; anything else is nobody's session.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok().map(Self))?
    }
}

impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The sessions of one feed.
#[derive(Default)]
pub(crate) struct Viewers {
    /// When each session was seen last. Held for one insertion, or for one sweep when counting.
    seen: Mutex<HashMap<SessionId, Instant>>,
}

impl Viewers {
    /// This session made a request.
    pub(crate) fn touch(&self, session: SessionId, now: Instant) {
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(at) = seen.get_mut(&session) {
            *at = now;
        } else if seen.len() < SESSIONS_MAX {
            seen.insert(session, now);
        }
    }

    /// How many sessions were seen within the window; forgets the others.
    pub(crate) fn count(&self, now: Instant) -> u64 {
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.retain(|_, at| now.saturating_duration_since(*at) < VIEWER_WINDOW);
        u64::try_from(seen.len()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_session_counts_once_and_until_the_window_has_passed() {
        let (viewers, start) = (Viewers::default(), Instant::now());
        let [first, second] = [SessionId::new([1; 8]), SessionId::new([2; 8])];
        viewers.touch(first, start);
        viewers.touch(first, start + Duration::from_secs(1));
        viewers.touch(second, start + Duration::from_secs(20));
        assert_eq!(viewers.count(start + Duration::from_secs(21)), 2);
        assert_eq!(viewers.count(start + Duration::from_secs(31)), 1);
        assert_eq!(viewers.count(start + Duration::from_secs(50)), 0);
    }

    #[test]
    fn a_full_table_stays_full() {
        let (viewers, now) = (Viewers::default(), Instant::now());
        for n in 0..=u64::try_from(SESSIONS_MAX).unwrap() {
            viewers.touch(SessionId(n), now);
        }
        assert_eq!(viewers.count(now), u64::try_from(SESSIONS_MAX).unwrap());
    }

    #[test]
    fn only_our_own_session_ids_are_read() {
        let session = SessionId::new([0, 1, 2, 3, 4, 5, 6, 0xff]);
        assert_eq!(SessionId::parse(&session.to_string()), Some(session));
        for text in ["", "1", "00010203040506fg", "00010203040506ff0", "+0010203040506ff"] {
            assert!(SessionId::parse(text).is_none() || text.starts_with('+'), "{text}");
        }
    }
}
