//! Shows: what a host announces and goes on air with.
//!
//! **Invariants**
//! - A show belongs to the account that made it, which is a host's or an admin's.
//! - A show does not go on air by itself: a session ([`crate::sessions`]) takes a channel for it.
//!
//! **Where to start.** [`create`].

mod store;

pub(crate) use store::find;

use crate::channels::assignments;
use crate::text::{optional, text};
use crate::{Context, Error, Page, Role, audit};

/// Longest title, characters: a long headline.
pub const TITLE_LEN_MAX: usize = 200;
/// Longest description, characters: several pages of text.
pub const DESCRIPTION_LEN_MAX: usize = 20_000;

/// One show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Show {
    /// UUID v7.
    pub id: String,
    /// 1 to [`TITLE_LEN_MAX`] characters.
    pub title: String,
    /// Up to [`DESCRIPTION_LEN_MAX`] characters.
    pub description: Option<String>,
    /// The account it belongs to.
    pub host_user_id: String,
    /// Where it is in its life.
    pub status: Status,
    /// When it was made, epoch ms.
    pub created_at_ms: i64,
    /// When it last changed, epoch ms.
    pub updated_at_ms: i64,
}

/// Where a show is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Announced.
    Scheduled,
}

impl Status {
    /// The word in the database and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
        }
    }

    /// Reads the word in the database.
    pub fn parse(word: &str) -> Option<Self> {
        (word == Self::Scheduled.as_str()).then_some(Self::Scheduled)
    }
}

/// What a host enters.
#[derive(Debug, Clone)]
pub struct NewShow {
    /// 1 to [`TITLE_LEN_MAX`] characters.
    pub title: String,
    /// Up to [`DESCRIPTION_LEN_MAX`] characters.
    pub description: Option<String>,
}

/// A page of shows, newest first.
#[derive(Debug)]
pub struct List {
    /// The page.
    pub shows: Vec<Show>,
    /// Which page.
    pub page: Page,
    /// Shows on all pages.
    pub total: i64,
}

/// Makes a show of the caller.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for callers who are neither host nor admin and have no channel,
/// [`crate::ErrorKind::Invalid`] with the field that breaks its rule.
pub async fn create(ctx: &Context, new: NewShow) -> Result<Show, Error> {
    let host_user_id = ctx.require_signed_in()?.to_owned();
    // An issuer that decides roles may not know of the channel that its person was given here.
    if assignments::of_host(ctx.db().read(), &host_user_id).await?.is_none() {
        ctx.require_role(Role::Host)?;
    }
    let show = Show {
        id: ctx.new_id(),
        title: text("title", &new.title, 1, TITLE_LEN_MAX)?,
        description: optional("description", new.description, DESCRIPTION_LEN_MAX)?,
        host_user_id,
        status: Status::Scheduled,
        created_at_ms: ctx.now_ms,
        updated_at_ms: ctx.now_ms,
    };
    let mut tx = ctx.db().begin().await?;
    store::insert(tx.conn(), &show).await?;
    tx.audit(audit::Entry {
        actor: &ctx.caller,
        action: "shows.create",
        target: &format!("show:{}", show.id),
        detail: None,
    })
    .await?;
    tx.commit().await?;
    Ok(show)
}

/// Shows, newest first; only the caller's where `is_mine`.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`].
pub async fn list(ctx: &Context, is_mine: bool, page: Page) -> Result<List, Error> {
    let caller = ctx.require_signed_in()?;
    let host_user_id = is_mine.then_some(caller);
    let mut snapshot = ctx.db().snapshot().await?;
    Ok(List {
        shows: store::list(&mut *snapshot.conn(), host_user_id, page).await?,
        page,
        total: store::count(&mut *snapshot.conn(), host_user_id).await?,
    })
}

#[cfg(test)]
mod tests;
