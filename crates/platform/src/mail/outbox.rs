//! Writing mails down, and what admins and developers see of them.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::jobs::SendMail;
use super::{Delivery, KEPT_MAX, LANES, store};
use crate::db::Tx;
use crate::seal::Seal;
use crate::{Context, Error, Page, Role, Secret};

/// One mail to one person.
#[derive(Clone)]
pub struct Message {
    /// Address; one, without a name.
    pub to: String,
    /// At most [`SUBJECT_CHARS_MAX`] characters are sent; line ends become spaces.
    pub subject: String,
    /// For readers of plain text.
    pub text: String,
    /// The same as a whole HTML document; make it with [`super::Letter`].
    pub html: String,
    /// What makes the mail unique, such as `auction:{id}:{account}`: the same key is the same mail, for thirty days.
    pub key: String,
}

/// Characters of a subject at most: more is cut off by every mail program.
pub const SUBJECT_CHARS_MAX: usize = 200;
/// Bytes of text and of HTML at most: our letters have a few KiB; large ones are clipped by mail programs.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// Bytes of an address at most (RFC 5321 §4.5.3.1.3, less the brackets).
const ADDRESS_BYTES_MAX: usize = 254;

/// What a transaction needs to write a mail down; the default takes mails and drops them.
#[derive(Clone, Default)]
pub(crate) struct Outbox(Option<Arc<Open>>);

struct Open {
    seal: Arc<Seal>,
    is_kept: bool,
}

/// What is sealed of a mail.
#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// How far a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits for the mail server.
    Queued,
    /// The mail server took it.
    Sent,
    /// The mail server refused it, or could not be reached for a day.
    Failed,
    /// A development server keeps it.
    Kept,
}

/// A mail as administrators see it: never its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Keyed hash of its key; also the first part of its `Message-ID`.
    pub id: String,
    /// Address.
    pub to: String,
    /// How far it is.
    pub state: State,
    /// Attempts so far.
    pub attempts: i64,
    /// Why the last attempt failed, in the mail server's words.
    pub last_error: Option<String>,
    /// Epoch ms.
    pub created_at_ms: i64,
    /// When it was delivered or given up, epoch ms.
    pub settled_at_ms: Option<i64>,
}

/// A mail that a development server keeps.
pub struct Kept {
    /// Keyed hash of its key.
    pub id: String,
    /// Address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML document.
    pub html: String,
    /// Epoch ms.
    pub created_at_ms: i64,
}

impl Outbox {
    /// An outbox for mail that goes where `delivery` says.
    pub(crate) fn new(seal: Arc<Seal>, delivery: &Delivery) -> Self {
        match delivery {
            Delivery::Off => Self(None),
            Delivery::Kept => Self(Some(Arc::new(Open { seal, is_kept: true }))),
            Delivery::Smtp(_) => Self(Some(Arc::new(Open { seal, is_kept: false }))),
        }
    }
}

impl State {
    /// The state's one spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Kept => "kept",
        }
    }

    /// The state spelt `text`.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Queued, Self::Sent, Self::Failed, Self::Kept]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Message {
    /// Texts carry codes and names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Message(***)")
    }
}

/// Where no mail goes (RFC 2606 §2).
const NOWHERE: &str = ".invalid";

/// True for an address that stands for having none.
pub(crate) fn goes_nowhere(address: &str) -> bool {
    address.ends_with(NOWHERE)
}

/// Writes `message` down; it is sent after the commit, or kept to be read on a development server. Call it late in the
/// transaction: it locks the row of a job that others wait for. Does nothing when mail is not configured, and for addresses
/// under `.invalid`, which people without an address have.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `email`, [`crate::ErrorKind::Internal`] when a text is too long.
pub async fn send(tx: &mut Tx, message: Message) -> Result<(), Error> {
    write_down(tx, [sealed_for(tx, message)?].into_iter().flatten()).await
}

/// [`send`] for many; a mail that cannot be written, for an address that is none, is left out and reported.
///
/// *errors*: the database's.
pub async fn send_all(tx: &mut Tx, messages: Vec<Message>) -> Result<(), Error> {
    let mut mails = Vec::with_capacity(messages.len());
    for message in messages {
        match sealed_for(tx, message) {
            Ok(mail) => mails.extend(mail),
            Err(error) => tracing::warn!(%error, "a mail is left out: {error}"),
        }
    }
    write_down(tx, mails.into_iter()).await
}

fn sealed_for(tx: &Tx, message: Message) -> Result<Option<store::NewMail>, Error> {
    match &tx.outbox().0 {
        Some(_) if goes_nowhere(&message.to) => Ok(None),
        Some(outbox) => sealed(outbox, message, tx.now_ms()).map(Some),
        None => {
            tracing::debug!("mail is not configured; a mail is dropped");
            Ok(None)
        }
    }
}

/// Jobs are planned in the order of their lanes, so that two transactions never wait for each other.
async fn write_down(tx: &mut Tx, mails: impl Iterator<Item = store::NewMail>) -> Result<(), Error> {
    let now_ms = tx.now_ms();
    let (mut lanes, mut has_kept) = (BTreeSet::new(), false);
    for mail in mails {
        if store::insert(tx.conn(), &mail).await? {
            match mail.state {
                State::Kept => has_kept = true,
                _ => _ = lanes.insert(mail.lane),
            }
        }
    }
    if has_kept {
        store::forget_kept(tx.conn(), KEPT_MAX).await?;
    }
    for lane in lanes {
        tx.enqueue_no_later(&SendMail { lane }, now_ms).await?;
    }
    Ok(())
}

fn sealed(outbox: &Open, message: Message, now_ms: i64) -> Result<store::NewMail, Error> {
    let id = outbox.seal.lookup("mail-key", &message.key);
    let is_address = message.to.len() <= ADDRESS_BYTES_MAX && message.to.parse::<lettre::Address>().is_ok();
    if !is_address {
        return Err(Error::invalid("email", "email must be a valid e-mail address"));
    }
    if message.text.len() > BODY_BYTES_MAX || message.html.len() > BODY_BYTES_MAX {
        return Err(Error::internal(format_args!(
            "mail {id} is longer than {BODY_BYTES_MAX} bytes"
        )));
    }
    let content = Content {
        subject: one_line(&message.subject),
        text: message.text,
        html: message.html,
    };
    let content =
        serde_json::to_string(&content).map_err(|error| Error::internal(format_args!("mail {id}: {error}")))?;
    Ok(store::NewMail {
        sealed: outbox.seal.seal(&purpose(&id), &Secret::new(content))?,
        lane: i64::from(id.bytes().fold(0_u8, u8::wrapping_add)) % LANES,
        recipient: message.to,
        state: if outbox.is_kept { State::Kept } else { State::Queued },
        created_at_ms: now_ms,
        id,
    })
}

/// Titles that people typed end up in subjects: no line ends, no other control characters, not endless.
fn one_line(text: &str) -> String {
    let visible = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    visible.take(SUBJECT_CHARS_MAX).collect::<String>().trim().to_owned()
}

/// The texts inside a sealed mail.
pub(super) fn opened(seal: &Seal, id: &str, sealed: &str) -> Result<Content, Error> {
    let content = seal.open(&purpose(id), sealed)?;
    serde_json::from_str(content.reveal()).map_err(|error| Error::internal(format_args!("mail {id}: {error}")))
}

fn purpose(id: &str) -> String {
    format!("mail:{id}")
}

/// Mails in `state`, newest first, and how many there are.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than admins.
pub async fn list(ctx: &Context, state: State, page: Page) -> Result<(Vec<Listed>, i64), Error> {
    ctx.require_role(Role::Admin)?;
    let mut snapshot = ctx.db().snapshot().await?;
    let mails = store::list(&mut *snapshot.conn(), state, page).await?;
    let total = store::count(&mut *snapshot.conn(), state).await?;
    Ok((mails, total))
}

/// The mails that a development server keeps, newest first, at most [`KEPT_MAX`]; `None` where mails are not kept.
pub async fn kept(ctx: &Context) -> Result<Option<Vec<Kept>>, Error> {
    if !matches!(ctx.platform.config().mail.delivery, Delivery::Kept) {
        return Ok(None);
    }
    let rows = store::kept(ctx.db().read(), KEPT_MAX).await?;
    rows.into_iter()
        .map(|row| open_kept(ctx, row))
        .collect::<Result<_, _>>()
        .map(Some)
}

/// One kept mail; `None` when there is none such, or mails are not kept.
pub async fn kept_one(ctx: &Context, id: &str) -> Result<Option<Kept>, Error> {
    if !matches!(ctx.platform.config().mail.delivery, Delivery::Kept) {
        return Ok(None);
    }
    let row = store::kept_one(ctx.db().read(), id).await?;
    row.map(|row| open_kept(ctx, row)).transpose()
}

fn open_kept(ctx: &Context, row: store::KeptRow) -> Result<Kept, Error> {
    let content = opened(ctx.platform.seal(), &row.id, &row.sealed)?;
    Ok(Kept {
        id: row.id,
        to: row.recipient,
        subject: content.subject,
        text: content.text,
        html: content.html,
        created_at_ms: row.created_at_ms,
    })
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn a_subject_is_one_short_line() {
        assert_eq!(
            one_line("You won: Cam\r\nBcc: evil@example.com\u{7}"),
            "You won: Cam  Bcc: evil@example.com"
        );
        assert_eq!(one_line(&"ü".repeat(500)).chars().count(), SUBJECT_CHARS_MAX);
    }
}
