//! One reader of a topic.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::watch;

use super::bus::Joined;
use super::{Event, LAG_MAX, store};
use crate::Error;
use crate::db::Db;

/// Reads a topic in order, without gaps and without repeats; waits at its end.
pub struct Watch {
    db: Db,
    joined: Joined,
    latest: watch::Receiver<i64>,
    /// Number of the last event that was handed out.
    last: i64,
    has_caught_up: bool,
    /// Read and not handed out yet; at most one page of the log.
    page: VecDeque<Arc<Event>>,
}

/// What a watcher receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watched {
    /// The next event.
    Event(Arc<Event>),
    /// The reader is too slow and gets nothing more. It may subscribe again after this number, the last it received.
    Lagged {
        /// Number of the last event that was handed out.
        resume_from: i64,
    },
}

/// Events read from the log at once.
const PAGE: i64 = 256;

impl Watch {
    pub(super) fn new(db: Db, joined: Joined, after: i64) -> Self {
        let latest = joined.topic().latest();
        Self {
            db,
            joined,
            latest,
            last: after,
            has_caught_up: false,
            page: VecDeque::new(),
        }
    }

    /// Waits for the next event.
    ///
    /// *errors*: the database's; the watch can be asked again. *cancel*: safe, nothing is lost.
    pub async fn next(&mut self) -> Result<Watched, Error> {
        loop {
            let behind = *self.latest.borrow_and_update() - self.last;
            if self.has_caught_up && behind > LAG_MAX {
                return Ok(Watched::Lagged { resume_from: self.last });
            }
            if let Some(event) = self.page.pop_front() {
                self.last = event.seq;
                self.has_caught_up |= behind <= 1;
                return Ok(Watched::Event(event));
            }
            if behind > 0 {
                self.fill().await?;
                if self.page.front().is_none_or(|event| event.seq != self.last + 1) {
                    // Pruned while we were reading: the next number is gone for ever.
                    return Ok(Watched::Lagged { resume_from: self.last });
                }
                continue;
            }
            self.has_caught_up = true;
            // The sender lives as long as we are joined.
            if self.latest.changed().await.is_err() {
                return Err(Error::internal("the topic's sender is gone"));
            }
        }
    }

    /// Takes what memory has, else a page of the log. One watcher reads the log, the others find its page in memory.
    async fn fill(&mut self) -> Result<(), Error> {
        let topic = self.joined.topic();
        self.page = topic.recent_after(self.last).into();
        if !self.page.is_empty() {
            return Ok(());
        }
        let _turn = topic.fetching.lock().await;
        self.page = topic.recent_after(self.last).into();
        if self.page.is_empty() {
            let read = store::after(self.db.read(), topic.name(), self.last, PAGE).await?;
            topic.push(&read);
            self.page = read.into();
        }
        Ok(())
    }
}
