//! What to tell of a feed: the difference between what is and what was told.
//!
//! Comparing instead of queueing bounds it: however fast an encoder changes its mind, the reader hears the newest.

use std::sync::Arc;

use crate::status::IngestInfo;
use crate::{EndReason, EventKind};

/// What is, at one moment.
#[derive(Clone, Default)]
pub(super) struct View {
    /// Known once media flows.
    pub ingest: Option<Arc<IngestInfo>>,
    pub started_at_ms: Option<i64>,
    pub is_starving: bool,
    pub takeovers: u64,
    pub ended: Option<EndReason>,
}

/// What was told.
#[derive(Default)]
pub(super) struct Told {
    session_created: bool,
    view: View,
}

impl Told {
    /// The events that lead from what was told to `view`, in the order of a healthy broadcast, each with its time.
    pub(super) fn news(&mut self, view: View, now_ms: i64) -> Vec<(i64, EventKind)> {
        let mut news = Vec::new();
        if !std::mem::replace(&mut self.session_created, true) {
            news.push((now_ms, EventKind::SessionCreated));
        }
        if view.takeovers > self.view.takeovers {
            news.push((now_ms, EventKind::TakenOver));
        }
        if let Some(ingest) = &view.ingest
            && self.view.ingest.as_ref() != Some(ingest)
        {
            news.push((now_ms, EventKind::IngestConfigured(IngestInfo::clone(ingest))));
        }
        if let (Some(at_ms), None) = (view.started_at_ms, self.view.started_at_ms) {
            news.push((at_ms, EventKind::StreamStarted));
        }
        match (self.view.is_starving, view.is_starving) {
            // The end of a starving feed is told as its end, not as a recovery.
            _ if view.ended.is_some() => {}
            (false, true) => news.push((now_ms, EventKind::StarvationStarted)),
            (true, false) => news.push((now_ms, EventKind::StarvationEnded)),
            _ => {}
        }
        if let Some(reason) = view.ended {
            news.push((now_ms, EventKind::SessionEnded));
            news.push((now_ms, EventKind::StreamEnded(reason)));
        }
        self.view = view;
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(news: Vec<(i64, EventKind)>) -> Vec<EventKind> {
        news.into_iter().map(|(_, kind)| kind).collect()
    }

    #[test]
    fn a_broadcast_is_told_in_order_and_once() {
        let mut told = Told::default();
        let ingest = Arc::new(IngestInfo {
            encoder: "obs".into(),
            ..IngestInfo::default()
        });
        let mut view = View::default();
        assert_eq!(kinds(told.news(view.clone(), 1)), [EventKind::SessionCreated]);
        assert_eq!(kinds(told.news(view.clone(), 2)), []);

        view.ingest = Some(ingest.clone());
        view.started_at_ms = Some(5);
        let news = told.news(view.clone(), 9);
        let configured = EventKind::IngestConfigured(IngestInfo::clone(&ingest));
        assert_eq!(
            news,
            [(9, configured), (5, EventKind::StreamStarted)],
            "with the time it happened"
        );

        view.is_starving = true;
        assert_eq!(kinds(told.news(view.clone(), 10)), [EventKind::StarvationStarted]);
        (view.is_starving, view.takeovers) = (false, 1);
        assert_eq!(
            kinds(told.news(view.clone(), 11)),
            [EventKind::TakenOver, EventKind::StarvationEnded]
        );

        view.is_starving = true;
        told.news(view.clone(), 11);
        (view.is_starving, view.ended) = (false, Some(EndReason::Stopped));
        let end = [EventKind::SessionEnded, EventKind::StreamEnded(EndReason::Stopped)];
        assert_eq!(kinds(told.news(view, 12)), end);
    }

    #[test]
    fn a_period_that_is_over_before_it_was_looked_at_is_told_whole() {
        let view = View {
            ended: Some(EndReason::Failed),
            ..View::default()
        };
        let all = [
            EventKind::SessionCreated,
            EventKind::SessionEnded,
            EventKind::StreamEnded(EndReason::Failed),
        ];
        assert_eq!(kinds(Told::default().news(view, 1)), all);
    }
}
