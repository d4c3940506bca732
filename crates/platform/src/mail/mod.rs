//! Outgoing mail: written down in the transaction that makes it necessary, sent after the commit.
//!
//! **Invariants**
//! - A key is one mail: sending it again changes nothing, and every attempt carries the same `Message-ID`. When the
//!   outcome of an attempt is unknown the mail is sent again; the receiver can tell that it has it already.
//! - Subjects and bodies are sealed at rest, for they may carry codes, and wiped when the mail is delivered or given up.
//! - A mail server that is busy or away is asked again for [`QUEUED_MS_MAX`]; one that refuses is not.
//! - Nothing here is a log line but counts and reply codes: addresses and texts are personal.
//!
//! **When full**: [`LANES`] mails are on their way at a time; the others wait in the table.
//!
//! **Where to start.** [`send`], then `jobs.rs`.

mod compose;
mod config;
pub(crate) mod jobs;
mod letter;
mod outbox;
mod smtp;
pub(crate) mod store;

pub use config::{Config, Delivery, Sender, Smtp};
pub use letter::{Letter, escape_html};
pub use outbox::{Kept, Listed, Message, State, kept, kept_one, list, send, send_all};
pub(crate) use outbox::{Outbox, goes_nowhere};

use crate::Platform;

/// Mails that are on their way at a time. Each takes one of the places of [`crate::jobs::AT_ONCE`], so a mail server
/// that hangs cannot hold up anything but mail.
pub const LANES: i64 = 4;
/// How long a mail may wait for the mail server: later the news it carries is of no use.
pub const QUEUED_MS_MAX: i64 = 24 * 3600 * 1000;
/// Mails a development server keeps to be read, the newest.
pub const KEPT_MAX: i64 = 200;

/// False when mail goes nowhere: neither a mail server is configured nor is this a development server. [`send`] then
/// does nothing.
pub fn is_configured(platform: &Platform) -> bool {
    !matches!(platform.config().mail.delivery, Delivery::Off)
}
