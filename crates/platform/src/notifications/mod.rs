//! What a person is told in the application: the bell.
//!
//! **Invariants**
//! - One notice per person and subject: telling again changes nothing ([`notify`]) or makes the one notice unread again
//!   ([`notify_again`]), so nobody is flooded by one auction.
//! - A notice is one commit with its event on `account:{id}`, a topic that only this account may listen to.
//! - Notices are read by their owner alone, and forgotten after [`KEPT_MS`].
//!
//! **Where to start.** [`notify`].

pub(crate) mod jobs;
mod store;

use serde::Serialize;

use crate::db::Tx;
use crate::{Context, Error, Page, events};

/// One thing a person was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// UUID v7.
    pub id: String,
    /// What it is about, such as `auction_won`.
    pub kind: String,
    /// One line.
    pub title: String,
    /// One or two sentences.
    pub text: String,
    /// Where it leads: a path below the public address, such as `/ui/auctions/{id}`.
    pub href: String,
    /// When it was told, or last told again, epoch ms.
    pub created_at_ms: i64,
    /// When its owner read it, epoch ms.
    pub read_at_ms: Option<i64>,
}

/// Something to tell a person.
#[derive(Debug, Clone)]
pub struct NewNotification {
    /// Who is told.
    pub account_id: String,
    /// What it is about, such as `auction_won`; programs go by it.
    pub kind: &'static str,
    /// What makes it one notice, such as `outcome:{auction}`.
    pub subject_key: String,
    /// One line; at most [`TITLE_CHARS_MAX`] characters are kept.
    pub title: String,
    /// One or two sentences; at most [`TEXT_CHARS_MAX`] characters are kept.
    pub text: String,
    /// A path such as `/ui/auctions/{id}`.
    pub href: String,
}

/// A page of the caller's notifications, newest first.
#[derive(Debug)]
pub struct List {
    /// The page.
    pub notifications: Vec<Notification>,
    /// How many of all the caller's are unread.
    pub unread: i64,
    /// Which page.
    pub page: Page,
}

/// How many notifications are unread, as of one event of the caller's topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    /// Unread ones.
    pub count: i64,
    /// Number of the last event that is part of it.
    pub seq: i64,
}

/// Characters of a title at most: the title of an auction and a few words.
pub const TITLE_CHARS_MAX: usize = 200;
/// Characters of a text at most: two sentences.
pub const TEXT_CHARS_MAX: usize = 400;
/// How long a notice is kept.
pub const KEPT_MS: i64 = 90 * 24 * 3600 * 1000;
const NOT_FOUND: &str = "Notification not found";

/// The topic of one account's own news.
pub fn topic(account_id: &str) -> String {
    format!("account:{account_id}")
}

/// Tells a person something once: a second notice about the same subject changes nothing. True when it was new.
pub async fn notify(tx: &mut Tx, new: NewNotification) -> Result<bool, Error> {
    let (account_id, subject_key) = (new.account_id.clone(), new.subject_key.clone());
    let notification = written(tx, new);
    let is_new = store::insert(tx.conn(), &account_id, &subject_key, &notification).await?;
    if is_new {
        publish(tx, &account_id, &notification)?;
    }
    Ok(is_new)
}

/// Tells a person something anew: an unread notice about the same subject only gets the new words, silently; a read one
/// becomes unread. True when the person is told, which is when it was not unread before.
pub async fn notify_again(tx: &mut Tx, new: NewNotification) -> Result<bool, Error> {
    let (account_id, subject_key) = (new.account_id.clone(), new.subject_key.clone());
    let notification = written(tx, new);
    if store::reword_unread(tx.conn(), &account_id, &subject_key, &notification).await? {
        return Ok(false);
    }
    let id = store::put(tx.conn(), &account_id, &subject_key, &notification).await?;
    publish(tx, &account_id, &Notification { id, ..notification })?;
    Ok(true)
}

/// Marks the notice about `subject_key` as read, because it is no longer true.
pub(crate) async fn retract(tx: &mut Tx, account_id: &str, subject_key: &str) -> Result<(), Error> {
    let now_ms = tx.now_ms();
    if store::read_subject(tx.conn(), account_id, subject_key, now_ms).await? {
        tell_read(tx, account_id).await?;
    }
    Ok(())
}

fn written(tx: &Tx, new: NewNotification) -> Notification {
    Notification {
        id: tx.new_id(),
        kind: new.kind.to_owned(),
        title: new.title.chars().take(TITLE_CHARS_MAX).collect(),
        text: new.text.chars().take(TEXT_CHARS_MAX).collect(),
        href: new.href,
        created_at_ms: tx.now_ms(),
        read_at_ms: None,
    }
}

#[derive(Serialize)]
struct Told<'a> {
    id: &'a str,
    notification_kind: &'a str,
    title: &'a str,
    text: &'a str,
    href: &'a str,
    created_at_ms: i64,
}

fn publish(tx: &mut Tx, account_id: &str, notification: &Notification) -> Result<(), Error> {
    let told = Told {
        id: &notification.id,
        notification_kind: &notification.kind,
        title: &notification.title,
        text: &notification.text,
        href: &notification.href,
        created_at_ms: notification.created_at_ms,
    };
    tx.publish(&topic(account_id), "notification", &told)
}

/// Tells the account's other windows how many are left.
async fn tell_read(tx: &mut Tx, account_id: &str) -> Result<(), Error> {
    let unread_count = store::unread(tx.conn(), account_id).await?;
    let payload = serde_json::json!({ "unread_count": unread_count });
    tx.publish(&topic(account_id), "notifications_read", &payload)
}

/// The caller's notifications, newest first.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`].
pub async fn list(ctx: &Context, page: Page) -> Result<List, Error> {
    let account_id = ctx.require_signed_in()?;
    let mut snapshot = ctx.db().snapshot().await?;
    Ok(List {
        notifications: store::list(&mut *snapshot.conn(), account_id, page).await?,
        unread: store::unread(&mut *snapshot.conn(), account_id).await?,
        page,
    })
}

/// What somebody who begins to listen to the caller's topic is told first.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`].
pub async fn unread(ctx: &Context) -> Result<Unread, Error> {
    let account_id = ctx.require_signed_in()?;
    let mut snapshot = ctx.db().snapshot().await?;
    Ok(Unread {
        count: store::unread(&mut *snapshot.conn(), account_id).await?,
        seq: events::last_seq(&mut *snapshot.conn(), &topic(account_id)).await?,
    })
}

/// Marks one of the caller's notifications as read; a second time changes nothing.
///
/// *errors*: [`crate::ErrorKind::NotFound`], also for somebody else's.
pub async fn read(ctx: &Context, id: &str) -> Result<(), Error> {
    let account_id = ctx.require_signed_in()?;
    let id = crate::id::parse(id, NOT_FOUND)?;
    let mut tx = ctx.db().begin().await?;
    match store::read(tx.conn(), account_id, &id, ctx.now_ms).await? {
        store::Read::Now => tell_read(&mut tx, account_id).await?,
        store::Read::Before => {}
        store::Read::Missing => return Err(Error::not_found(NOT_FOUND)),
    }
    tx.commit().await
}

/// Marks all of the caller's notifications as read.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`].
pub async fn read_all(ctx: &Context) -> Result<(), Error> {
    let account_id = ctx.require_signed_in()?;
    let mut tx = ctx.db().begin().await?;
    if store::read_all(tx.conn(), account_id, ctx.now_ms).await? {
        tell_read(&mut tx, account_id).await?;
    }
    tx.commit().await
}

#[cfg(test)]
mod tests;
