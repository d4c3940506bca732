//! What a calendar allows: pure rules.

use crate::Error;

/// A period of a channel that one host has to himself: from `starts_at_ms` to before `ends_at_ms`, epoch ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First moment.
    pub starts_at_ms: i64,
    /// First moment after it.
    pub ends_at_ms: i64,
}

/// One window of a calendar and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Who may broadcast then.
    pub(crate) host_user_id: String,
    /// When.
    pub(crate) window: Window,
}

/// Why a host may not start now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// For the host to read.
    pub(crate) message: &'static str,
    /// When his next window is, if he has one.
    pub(crate) next_window: Option<Window>,
}

/// Longest window: a month. Whoever needs a channel for longer needs one of his own.
pub const WINDOW_MS_MAX: i64 = 31 * 24 * 3600 * 1000;
/// Characters of a note at most: a line or two for the reader of a calendar.
pub const NOTE_CHARS_MAX: usize = 500;

impl Window {
    /// A window that may be booked at `now_ms`.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] naming `endsAt`.
    pub(super) fn bookable(starts_at_ms: i64, ends_at_ms: i64, now_ms: i64) -> Result<Self, Error> {
        let refuse = |rule| Err(Error::invalid("endsAt", rule));
        if ends_at_ms <= starts_at_ms {
            return refuse("endsAt must be after startsAt");
        }
        if ends_at_ms <= now_ms {
            return refuse("endsAt must be in the future");
        }
        if ends_at_ms.saturating_sub(starts_at_ms) > WINDOW_MS_MAX {
            return refuse("a booking must be at most 31 days long");
        }
        Ok(Self {
            starts_at_ms,
            ends_at_ms,
        })
    }

    /// True when both have a moment in common. A window may begin at the moment another ends.
    #[cfg(test)]
    pub(super) fn overlaps(self, other: Self) -> bool {
        self.starts_at_ms < other.ends_at_ms && other.starts_at_ms < self.ends_at_ms
    }

    fn covers(self, at_ms: i64) -> bool {
        self.starts_at_ms <= at_ms && at_ms < self.ends_at_ms
    }
}

/// Whether a host may start a session now. `calendar` is every window of the channel that is not over, in order of their
/// starts: while there is one, it is in force for everybody; without one, whoever comes first may start.
pub(super) fn judge(calendar: &[Entry], host_user_id: &str, now_ms: i64) -> Result<(), Refused> {
    let mut own = calendar.iter().filter(|entry| entry.host_user_id == host_user_id);
    let next = own.next().map(|entry| entry.window);
    if calendar.is_empty() || next.is_some_and(|window| window.covers(now_ms)) {
        return Ok(());
    }
    Err(Refused {
        message: "Outside your booked time on this channel",
        next_window: next,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000;

    fn window(starts_at_ms: i64, ends_at_ms: i64) -> Window {
        Window {
            starts_at_ms,
            ends_at_ms,
        }
    }

    #[test]
    fn a_window_ends_in_the_future_after_its_start_within_31_days() {
        for (start, end, refusal) in [
            (NOW, NOW + 1, None),
            (NOW - WINDOW_MS_MAX + 1, NOW + 1, None),
            (NOW, NOW + WINDOW_MS_MAX, None),
            (NOW, NOW + WINDOW_MS_MAX + 1, Some("31 days")),
            (NOW + 2, NOW + 2, Some("after startsAt")),
            (NOW + 2, NOW + 1, Some("after startsAt")),
            (NOW - 2, NOW, Some("in the future")),
            (i64::MIN, i64::MAX, Some("31 days")),
        ] {
            let answer = Window::bookable(start, end, NOW);
            match refusal {
                None => assert_eq!(answer.unwrap(), window(start, end)),
                Some(text) => assert!(answer.unwrap_err().message.contains(text), "{start}..{end}"),
            }
        }
    }

    #[test]
    fn windows_that_touch_do_not_overlap() {
        for (a, b, expected) in [
            ((0, 10), (10, 20), false),
            ((0, 10), (9, 20), true),
            ((0, 10), (2, 3), true),
            ((0, 10), (0, 10), true),
            ((0, 10), (11, 12), false),
        ] {
            let (a, b) = (window(a.0, a.1), window(b.0, b.1));
            assert_eq!((a.overlaps(b), b.overlaps(a)), (expected, expected), "{a:?} {b:?}");
        }
    }

    fn check(calendar: &[(&str, i64, i64)], host: &str, expected: Result<(), Option<Window>>) {
        let entry = |(host, start, end): &(&str, i64, i64)| Entry {
            host_user_id: (*host).to_owned(),
            window: window(*start, *end),
        };
        let calendar: Vec<Entry> = calendar.iter().map(entry).collect();
        let answer = judge(&calendar, host, NOW).map_err(|refused| refused.next_window);
        assert_eq!(answer, expected, "{calendar:?}");
    }

    #[test]
    fn a_calendar_that_is_in_force_needs_a_window_of_ones_own_now() {
        check(&[], "ada", Ok(()));
        check(&[("ada", NOW, NOW + 1)], "ada", Ok(()));
        check(&[("ada", NOW - 5, NOW + 5), ("bob", NOW + 5, NOW + 9)], "ada", Ok(()));
        check(&[("bob", NOW - 5, NOW + 5)], "ada", Err(None));
        check(&[("bob", NOW + 500, NOW + 600)], "ada", Err(None));
        check(
            &[
                ("bob", NOW - 5, NOW + 5),
                ("ada", NOW + 5, NOW + 9),
                ("ada", NOW + 20, NOW + 30),
            ],
            "ada",
            Err(Some(window(NOW + 5, NOW + 9))),
        );
        check(&[("ada", NOW + 1, NOW + 2)], "ada", Err(Some(window(NOW + 1, NOW + 2))));
    }
}
