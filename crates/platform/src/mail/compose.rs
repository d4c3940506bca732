//! From a letter to the bytes that a mail server takes.

use std::time::{Duration, UNIX_EPOCH};

use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

use super::Sender;
use super::outbox::Content;
use super::store::Queued;
use crate::Error;

/// Envelope and text of a mail: plain text and HTML as alternatives, in UTF-8.
///
/// *shape*: `Message-ID` and `Date` are those of the mail, not of the attempt, so that a second delivery is recognised.
/// *source*: RFC 5322, RFC 2046 §5.1.4, RFC 3834 §5 (`Auto-Submitted` keeps auto-responders quiet).
pub(super) fn compose(sender: &Sender, mail: &Queued, content: Content) -> Result<(Envelope, Vec<u8>), Error> {
    let refused = |error: &dyn std::fmt::Display| Error::internal(format_args!("mail {}: {error}", mail.id));
    let to = mail.recipient.parse().map_err(|error| refused(&error))?;
    let created = Duration::from_millis(u64::try_from(mail.created_at_ms).unwrap_or(0));
    let message = lettre::Message::builder()
        .from(sender.0.clone())
        .to(Mailbox::new(None, to))
        .subject(content.subject)
        .message_id(Some(message_id(&mail.id, sender)))
        .date(UNIX_EPOCH + created)
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .multipart(MultiPart::alternative_plain_html(content.text, content.html))
        .map_err(|error| refused(&error))?;
    Ok((message.envelope().clone(), message.formatted()))
}

fn message_id(id: &str, sender: &Sender) -> String {
    format!("<{id}@{}>", sender.host())
}
