//! Finding channels: filtered in the database, so that every page but the last is full.

use serde::{Deserialize, Serialize};
use sqlx::AnyExecutor;

use super::model::{Channel, State};
use super::store::{read, select};
use super::view::{View, views};
use crate::page::LIMIT_MAX;
use crate::{Context, Error, Role, Secret};

/// Rows when the caller names no limit. *source*: systems §2.1.
const LIMIT_DEFAULT: i64 = 50;
/// Longest text to search for, characters: longer than the names and addresses that it is found in would help nobody.
const TEXT_CHARS_MAX: usize = 100;
/// Longest token that is read, bytes; ours have less than half of it.
const TOKEN_BYTES_MAX: usize = 512;

/// Which channels to list; all by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those in this state.
    pub state: Option<State>,
    /// Only those with this text in their name or in a host's name or e-mail address.
    pub text: Option<String>,
    /// Rows at most, 1 to 100.
    pub limit: Option<i64>,
    /// Where the page before ended, as it said.
    pub next_token: Option<String>,
}

/// A page of channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Newest first.
    pub channels: Vec<View>,
    /// For the page after this one; `None` when this is the last.
    pub next_token: Option<String>,
}

/// The last row of a page.
#[derive(Serialize, Deserialize)]
struct Place {
    created_at_ms: i64,
    id: String,
}

/// Channels, newest first.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than admins; [`crate::ErrorKind::Invalid`] naming `limit`, `q` or
/// `nextToken`: a token continues the list that gave it, under the same filter.
pub async fn list(ctx: &Context, filter: Filter) -> Result<Listed, Error> {
    ctx.require_role(Role::Admin)?;
    let limit = filter.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Error::invalid("limit", "limit must be between 1 and 100"));
    }
    let pattern = filter.text.as_deref().map(pattern).transpose()?.flatten();
    let state = filter.state.map(State::as_str);
    let purpose = purpose(state, pattern.as_deref());
    let after = match &filter.next_token {
        Some(token) => Some(read_token(ctx, &purpose, token)?),
        None => None,
    };
    let mut snapshot = ctx.db().snapshot().await?;
    // One more tells whether there is a next page.
    let mut channels = page(&mut *snapshot.conn(), state, pattern.as_deref(), after, limit + 1).await?;
    let is_full = i64::try_from(channels.len()).is_ok_and(|count| count > limit);
    channels.truncate(usize::try_from(limit).unwrap_or(0));
    let next_token = match channels.last().filter(|_| is_full) {
        Some(last) => Some(write_token(ctx, &purpose, last)?),
        None => None,
    };
    let channels = views(ctx, &mut snapshot, channels).await?;
    Ok(Listed { channels, next_token })
}

/// The text as a pattern that finds it anywhere; what has a meaning in patterns stands for itself.
fn pattern(text: &str) -> Result<Option<String>, Error> {
    let text = text.trim();
    if text.chars().count() > TEXT_CHARS_MAX || text.chars().any(char::is_control) {
        let rule = format!("q must have at most {TEXT_CHARS_MAX} characters");
        return Err(Error::invalid("q", rule));
    }
    let lower = text.to_lowercase();
    let escaped = lower.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    Ok((!text.is_empty()).then(|| format!("%{escaped}%")))
}

/// What a token is sealed for: it opens under the same filter only.
fn purpose(state: Option<&str>, pattern: Option<&str>) -> String {
    format!(
        "channels.list:{}:{}",
        state.unwrap_or_default(),
        pattern.unwrap_or_default()
    )
}

fn write_token(ctx: &Context, purpose: &str, last: &Channel) -> Result<String, Error> {
    let place = Place {
        created_at_ms: last.created_at_ms,
        id: last.id.clone(),
    };
    let text = serde_json::to_string(&place).map_err(Error::internal)?;
    ctx.platform.seal().seal(purpose, &Secret::new(text))
}

fn read_token(ctx: &Context, purpose: &str, token: &str) -> Result<Place, Error> {
    let invalid = || Error::invalid("nextToken", "Invalid nextToken");
    if token.len() > TOKEN_BYTES_MAX {
        return Err(invalid());
    }
    let text = ctx.platform.seal().open(purpose, token).map_err(|_| invalid())?;
    serde_json::from_str(text.reveal()).map_err(|_| invalid())
}

async fn page(
    executor: impl AnyExecutor<'_>,
    state: Option<&str>,
    pattern: Option<&str>,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Channel>, Error> {
    let query = sqlx::query(select!(
        "where c.deleted_at_ms is null
         and ($1 is null or $1 = case when c.disabled_at_ms is not null then 'OFFLINE'
             when c.claim_id is not null then 'LIVE'
             when exists (select 1 from broadcasts b where b.channel_arn = c.arn and b.ended_at_ms is null) then 'LIVE'
             else 'IDLE' end)
         and ($2 is null or lower(c.name) like $2 escape '!' or exists (select 1 from channel_assignments a
             join accounts p on p.id = a.host_user_id
             where a.channel_id = c.id and lower(p.name || ' ' || p.email) like $2 escape '!'))
         and ($3 is null or c.created_at_ms < $3 or (c.created_at_ms = $3 and c.id < $4))
         order by c.created_at_ms desc, c.id desc limit $5"
    ));
    let query = query
        .bind(state)
        .bind(pattern)
        .bind(after.as_ref().map(|place| place.created_at_ms))
        .bind(after.as_ref().map(|place| place.id.as_str()))
        .bind(limit);
    query.fetch_all(executor).await?.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_a_pattern_that_means_itself() {
        assert_eq!(pattern(" Main 100%_! ").unwrap().as_deref(), Some("%main 100!%!_!!%"));
        assert_eq!(pattern("  ").unwrap(), None);
        for wrong in ["a\0b", &"x".repeat(TEXT_CHARS_MAX + 1)] {
            assert!(pattern(wrong).is_err(), "{wrong}");
        }
    }
}
