//! Named steps at which a test may kill the process, to prove that what is half done is finished or undone afterwards.

use std::fmt;
use std::sync::Arc;

/// Hears the name of each step as it is reached; does nothing unless somebody listens.
#[derive(Clone, Default)]
pub struct Failpoint {
    listener: Option<Listener>,
    failing: Option<&'static str>,
}

/// What hears of the steps.
pub type Listener = Arc<dyn Fn(&'static str) + Send + Sync>;

/// Every step, in the order of an auction's life.
pub const STEPS: [&str; 9] = [
    "video.resource_written",
    "auction.channel_created",
    "auction.saved",
    "chat.room_created",
    "bids.before_commit",
    "bids.after_commit",
    "auction.close_begun",
    "auction.closed",
    "video.channel_deleted",
];

/// The steps of an upload.
pub const PICTURE_STEPS: [&str; 3] = ["picture.planned", "picture.files_written", "picture.saved"];

/// The steps of making a persistent channel.
pub const CHANNEL_STEPS: [&str; 3] = ["channel.reserved", "channel.created", "channel.saved"];

/// The steps of changing a stream key.
pub const KEY_STEPS: [&str; 5] = [
    "key.change_planned",
    "key.deleted",
    "key.stream_stopped",
    "key.created",
    "key.stored",
];

/// The steps of a session's life.
pub const SESSION_STEPS: [&str; 5] = [
    "session.claimed",
    "session.saved",
    "session.prepared",
    "session.end_begun",
    "session.ended",
];

/// The steps of approving a channel request.
pub const REQUEST_STEPS: [&str; 3] = ["request.begun", "request.channel_made", "request.approved"];

impl Failpoint {
    /// Calls `listener` with the name of every step that is reached.
    pub fn new(listener: Listener) -> Self {
        Self {
            listener: Some(listener),
            failing: None,
        }
    }

    /// Lets the work at `step` fail, where it can.
    pub fn failing(step: &'static str) -> Self {
        Self {
            listener: None,
            failing: Some(step),
        }
    }

    /// Tells the listener, and fails where a test wants it.
    ///
    /// *errors*: what to tell the operator.
    pub(crate) fn attempt(&self, step: &'static str) -> Result<(), String> {
        self.reached(step);
        match self.failing {
            Some(failing) if failing == step => Err(format!("{step} fails in this test")),
            _ => Ok(()),
        }
    }

    /// Tells the listener, if there is one.
    pub(crate) fn reached(&self, step: &'static str) {
        let lists: [&[&str]; 6] = [
            &STEPS,
            &PICTURE_STEPS,
            &CHANNEL_STEPS,
            &KEY_STEPS,
            &SESSION_STEPS,
            &REQUEST_STEPS,
        ];
        let is_listed = lists.iter().any(|list| list.contains(&step));
        debug_assert!(is_listed, "{step} is not listed");
        if let Some(listener) = &self.listener {
            listener(step);
        }
    }
}

impl fmt::Debug for Failpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.listener.is_some() {
            "Failpoint(listening)"
        } else {
            "Failpoint"
        })
    }
}
