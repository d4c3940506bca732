//! SQL of the accounts area.

pub(super) mod codes;
pub(super) mod keys;
pub(super) mod mailings;
pub(super) mod refresh;
pub(super) mod resets;
pub(super) mod sessions;
pub(super) mod setup;

use sqlx::{AnyConnection, AnyExecutor};

use crate::accounts::model::Account;
use crate::db::{exactly_one, is_unique_violation};
use crate::words::WORDS_MAX;
use crate::{Error, Page, Role};

/// An account with what only this area may see; not printable, so that no log can hold a hash.
#[derive(Clone)]
pub(in crate::accounts) struct Stored {
    pub(in crate::accounts) account: Account,
    /// `None` for an account without a password.
    pub(in crate::accounts) password_hash: Option<String>,
    pub(in crate::accounts) token_version: i64,
    pub(in crate::accounts) is_closed: bool,
}

type Row = (String, String, String, String, String, i64, i64, Option<i64>);

/// Adds an account.
///
/// *errors*: [`crate::ErrorKind::Conflict`] when the e-mail has one.
pub(in crate::accounts) async fn insert(
    connection: &mut AnyConnection,
    account: &Account,
    hash: Option<&str>,
) -> Result<(), Error> {
    sqlx::query(
        "insert into accounts (id, email, name, password_hash, roles, created_at_ms) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&account.id)
    .bind(&account.email)
    .bind(&account.name)
    .bind(hash.unwrap_or_default())
    .bind(roles_text(&account.roles)?)
    .bind(account.created_at_ms)
    .execute(connection)
    .await
    .map_err(
        |error| match is_unique_violation(&error, "accounts_email_key", "accounts.email") {
            true => Error::conflict("Email already registered"),
            false => error.into(),
        },
    )?;
    Ok(())
}

pub(in crate::accounts) async fn by_email(on: impl AnyExecutor<'_>, email: &str) -> Result<Option<Stored>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "select id, email, name, roles, password_hash, token_version, created_at_ms, closed_at_ms \
         from accounts where email = $1",
    )
    .bind(email)
    .fetch_optional(on)
    .await?;
    row.map(stored).transpose()
}

pub(in crate::accounts) async fn by_id(on: impl AnyExecutor<'_>, id: &str) -> Result<Option<Stored>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "select id, email, name, roles, password_hash, token_version, created_at_ms, closed_at_ms \
         from accounts where id = $1",
    )
    .bind(id)
    .fetch_optional(on)
    .await?;
    row.map(stored).transpose()
}

/// The account of this id, while it has this session.
pub(in crate::accounts) async fn by_session(
    on: impl AnyExecutor<'_>,
    id: &str,
    session: &str,
) -> Result<Option<Stored>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "select id, email, name, roles, password_hash, token_version, created_at_ms, closed_at_ms from accounts \
         where id = $1 and exists (select 1 from account_sessions session \
             where session.id = $2 and session.account_id = accounts.id)",
    )
    .bind(id)
    .bind(session)
    .fetch_optional(on)
    .await?;
    row.map(stored).transpose()
}

/// Keeps an account as it is until the transaction ends.
///
/// *errors*: [`crate::ErrorKind::Conflict`] when it is no longer as it was at `version`.
pub(in crate::accounts) async fn hold(connection: &mut AnyConnection, id: &str, version: i64) -> Result<(), Error> {
    // Not "select … for update", which SQLite does not know.
    let done = sqlx::query(
        "update accounts set token_version = token_version \
         where id = $1 and token_version = $2 and closed_at_ms is null",
    )
    .bind(id)
    .bind(version)
    .execute(connection)
    .await?;
    exactly_one(done.rows_affected(), "Account was changed meanwhile, sign in again")
}

/// Open accounts that all of `patterns` find in name or e-mail, newest first.
pub(in crate::accounts) async fn list(
    on: impl AnyExecutor<'_>,
    patterns: &[Option<String>; WORDS_MAX],
    page: Page,
) -> Result<Vec<Account>, Error> {
    let query = sqlx::query_as::<_, Row>(
        "select id, email, name, roles, password_hash, token_version, created_at_ms, closed_at_ms \
         from accounts where closed_at_ms is null \
           and ($3 is null or lower(name || ' ' || email) like $3 escape '!') \
           and ($4 is null or lower(name || ' ' || email) like $4 escape '!') \
           and ($5 is null or lower(name || ' ' || email) like $5 escape '!') \
           and ($6 is null or lower(name || ' ' || email) like $6 escape '!') \
           and ($7 is null or lower(name || ' ' || email) like $7 escape '!') \
         order by id desc limit $1 offset $2",
    )
    .bind(page.limit)
    .bind(page.offset);
    let query = patterns
        .iter()
        .fold(query, |query, pattern| query.bind(pattern.as_deref()));
    let rows = query.fetch_all(on).await?;
    rows.into_iter()
        .map(|row| stored(row).map(|stored| stored.account))
        .collect()
}

/// Keeps every admin's account as it is until the transaction ends.
pub(in crate::accounts) async fn hold_admins(connection: &mut AnyConnection) -> Result<(), Error> {
    // Not "select … for update", which SQLite does not know.
    sqlx::query("update accounts set token_version = token_version where roles like '%\"admin\"%'")
        .execute(connection)
        .await?;
    Ok(())
}

/// Sets the roles of an account.
pub(in crate::accounts) async fn set_roles(
    connection: &mut AnyConnection,
    id: &str,
    roles: &[Role],
) -> Result<(), Error> {
    let done = sqlx::query("update accounts set roles = $2 where id = $1")
        .bind(id)
        .bind(roles_text(roles)?)
        .execute(connection)
        .await?;
    exactly_one(done.rows_affected(), "Account was removed meanwhile")
}

/// True when some open account is an admin's.
pub(in crate::accounts) async fn has_admin(on: impl AnyExecutor<'_>) -> Result<bool, Error> {
    let (count,): (i64,) =
        sqlx::query_as("select count(*) from accounts where closed_at_ms is null and roles like '%\"admin\"%'")
            .fetch_one(on)
            .await?;
    Ok(count > 0)
}

/// Sets roles and password of an account, opens it, and ends its access tokens.
pub(in crate::accounts) async fn overwrite(
    connection: &mut AnyConnection,
    id: &str,
    roles: &[Role],
    hash: &str,
) -> Result<(), Error> {
    let done = sqlx::query(
        "update accounts set roles = $2, password_hash = $3, token_version = token_version + 1, closed_at_ms = null \
         where id = $1",
    )
    .bind(id)
    .bind(roles_text(roles)?)
    .bind(hash)
    .execute(connection)
    .await?;
    exactly_one(done.rows_affected(), "Account was removed meanwhile")
}

/// Sets the password of an account as it was at `version`, and ends its access tokens.
///
/// *errors*: [`crate::ErrorKind::Conflict`] when it is no longer so.
pub(in crate::accounts) async fn set_password(
    connection: &mut AnyConnection,
    id: &str,
    version: i64,
    hash: &str,
) -> Result<(), Error> {
    let done = sqlx::query(
        "update accounts set password_hash = $3, token_version = token_version + 1 \
         where id = $1 and token_version = $2 and closed_at_ms is null",
    )
    .bind(id)
    .bind(version)
    .bind(hash)
    .execute(connection)
    .await?;
    exactly_one(done.rows_affected(), "Account was changed meanwhile, sign in again")
}

/// Sets the display name of an account.
pub(in crate::accounts) async fn set_name(connection: &mut AnyConnection, id: &str, name: &str) -> Result<(), Error> {
    let done = sqlx::query("update accounts set name = $2 where id = $1")
        .bind(id)
        .bind(name)
        .execute(connection)
        .await?;
    exactly_one(done.rows_affected(), "Account was removed meanwhile")
}

/// Roles as they are stored.
pub(in crate::accounts) fn roles_text(roles: &[Role]) -> Result<String, Error> {
    serde_json::to_string(roles).map_err(Error::internal)
}

/// Roles as they were stored.
pub(in crate::accounts) fn roles_of(text: &str) -> Result<Vec<Role>, Error> {
    serde_json::from_str(text).map_err(|error| Error::internal(format_args!("stored roles {text}: {error}")))
}

fn stored(row: Row) -> Result<Stored, Error> {
    let (id, email, name, roles, password_hash, token_version, created_at_ms, closed_at_ms) = row;
    let account = Account {
        id,
        email,
        name,
        roles: roles_of(&roles)?,
        created_at_ms,
    };
    Ok(Stored {
        account,
        password_hash: Some(password_hash).filter(|hash| !hash.is_empty()),
        token_version,
        is_closed: closed_at_ms.is_some(),
    })
}
