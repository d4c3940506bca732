//! One room: its members and what it hands out to them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::Instant;

use super::member::Ending;
use super::window::Window;
use super::{End, Frame, SayRefused, Settings};
use crate::metrics::ChatMetrics;

pub(super) struct Room {
    /// Held while a frame is put into every queue, which waits for nobody.
    members: Mutex<Members>,
    metrics: ChatMetrics,
}

struct Members {
    is_open: bool,
    settings: Settings,
    connections: HashMap<u64, Connection>,
    spoken: Window,
}

struct Connection {
    user: String,
    queue: mpsc::Sender<Frame>,
    ending: Ending,
}

impl Room {
    pub(super) fn new(settings: Settings, metrics: ChatMetrics) -> Self {
        let members = Members {
            is_open: true,
            settings,
            connections: HashMap::new(),
            spoken: Window::default(),
        };
        Self {
            members: Mutex::new(members),
            metrics,
        }
    }

    pub(super) fn set(&self, settings: Settings) {
        self.lock().settings = settings;
    }

    pub(super) fn settings(&self) -> Settings {
        self.lock().settings
    }

    pub(super) fn size(&self) -> usize {
        self.lock().connections.len()
    }

    pub(super) fn enter(&self, id: u64, user: String, queue: mpsc::Sender<Frame>, ending: Ending) {
        self.lock().connections.insert(id, Connection { user, queue, ending });
    }

    pub(super) fn leave(&self, id: u64) {
        self.lock().connections.remove(&id);
    }

    /// A member's message to everyone.
    pub(super) fn say(&self, content: &str, frame: &Frame) -> Result<(), SayRefused> {
        let mut members = self.lock();
        let settings = members.settings;
        if !members.is_open {
            return Err(SayRefused::RoomClosed);
        }
        if settings.is_silent {
            return Err(SayRefused::Silent);
        }
        // A code point has four bytes at most, so most texts need no counting.
        let max = settings.content_length_max;
        if content.len() > max && content.chars().count() > max {
            return Err(SayRefused::TooLong { max });
        }
        if !members.spoken.admit(Instant::now(), settings.messages_per_second) {
            return Err(SayRefused::TooFast {
                max: settings.messages_per_second,
            });
        }
        self.metrics.messages.increment(1);
        members.deliver(frame, &self.metrics);
        Ok(())
    }

    /// A frame to everyone, which no limit of the room concerns. False when the room is closed.
    pub(super) fn announce(&self, frame: &Frame) -> bool {
        let mut members = self.lock();
        if members.is_open {
            members.deliver(frame, &self.metrics);
        }
        members.is_open
    }

    /// [`Self::announce`], after which every connection of the user ends.
    pub(super) fn disconnect(&self, user: &str, frame: &Frame) -> bool {
        let mut members = self.lock();
        if !members.is_open {
            return false;
        }
        members.deliver(frame, &self.metrics);
        members.connections.retain(|_, connection| {
            let is_meant = connection.user == user;
            if is_meant {
                connection.ending.set(End::Disconnected);
            }
            !is_meant
        });
        true
    }

    /// Ends everyone and lets nobody speak again.
    pub(super) fn close(&self, end: End) {
        let mut members = self.lock();
        members.is_open = false;
        for (_, connection) in members.connections.drain() {
            connection.ending.set(end);
        }
    }

    // A panic while the lock is held leaves the table whole: every change is one insert, remove or retain.
    fn lock(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Members {
    fn deliver(&mut self, frame: &Frame, metrics: &ChatMetrics) {
        metrics.deliveries.increment(self.connections.len() as u64);
        self.connections
            .retain(|_, connection| match connection.queue.try_send(frame.clone()) {
                Ok(()) => true,
                Err(TrySendError::Full(_)) => {
                    metrics.slow.increment(1);
                    connection.ending.set(End::TooSlow);
                    false
                }
                Err(TrySendError::Closed(_)) => false,
            });
    }
}
