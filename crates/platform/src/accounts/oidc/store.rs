//! SQL of the issuer's people.

use sqlx::{AnyConnection, AnyExecutor};

use super::claims::Identity;
use crate::Error;
use crate::accounts::model::Account;
use crate::accounts::store::{self as accounts, Stored};
use crate::db::{exactly_one, is_unique_violation};

/// An account with how new the tokens are that it was made from.
pub(super) struct Known {
    pub(super) stored: Stored,
    /// When the newest token was made that the roles are from, epoch s.
    pub(super) roles_at_s: i64,
    /// The same for name and e-mail; 0 while no token had any.
    pub(super) profile_at_s: i64,
}

impl Known {
    /// Whether `identity` may say something new.
    pub(super) fn is_older_than(&self, identity: &Identity) -> bool {
        self.roles_at_s < identity.issued_at_s || (identity.has_profile() && self.profile_at_s < identity.issued_at_s)
    }
}

type Row = (String, String, String, String, String, i64, i64, Option<i64>, i64, i64);

/// The account of an identity.
pub(super) async fn find(on: impl AnyExecutor<'_>, identity: &Identity) -> Result<Option<Known>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "select a.id, a.email, a.name, a.roles, a.password_hash, a.token_version, a.created_at_ms, a.closed_at_ms, \
         i.roles_at_s, i.profile_at_s from oidc_identities i join accounts a on a.id = i.account_id \
         where i.issuer = $1 and i.subject = $2",
    )
    .bind(&identity.issuer)
    .bind(&identity.subject)
    .fetch_optional(on)
    .await?;
    let Some((id, email, name, roles, password_hash, token_version, created_at_ms, closed, roles_at_s, profile_at_s)) =
        row
    else {
        return Ok(None);
    };
    let account = Account {
        id,
        email,
        name,
        roles: accounts::roles_of(&roles)?,
        created_at_ms,
    };
    Ok(Some(Known {
        stored: Stored {
            account,
            password_hash: Some(password_hash).filter(|hash| !hash.is_empty()),
            token_version,
            is_closed: closed.is_some(),
        },
        roles_at_s,
        profile_at_s,
    }))
}

/// Whether an account has an identity already.
pub(super) async fn has_identity(on: impl AnyExecutor<'_>, account_id: &str) -> Result<bool, Error> {
    let (count,): (i64,) = sqlx::query_as("select count(*) from oidc_identities where account_id = $1")
        .bind(account_id)
        .fetch_one(on)
        .await?;
    Ok(count > 0)
}

/// Ties an identity to an account.
///
/// *errors*: [`crate::ErrorKind::Conflict`] when it is tied already, or the account to another.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    identity: &Identity,
    account_id: &str,
    now_ms: i64,
) -> Result<(), Error> {
    sqlx::query(
        "insert into oidc_identities (issuer, subject, account_id, roles_at_s, profile_at_s, created_at_ms) \
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&identity.issuer)
    .bind(&identity.subject)
    .bind(account_id)
    .bind(identity.issued_at_s)
    .bind(profile_at_s(identity))
    .bind(now_ms)
    .execute(connection)
    .await
    .map_err(|error| {
        let by_subject = (
            "oidc_identities_pkey",
            "oidc_identities.issuer, oidc_identities.subject",
        );
        let by_account = ("oidc_identities_account_key", "oidc_identities.account_id");
        let is_tied = [by_subject, by_account]
            .iter()
            .any(|(name, columns)| is_unique_violation(&error, name, columns));
        if is_tied {
            Error::conflict("Identity is known meanwhile")
        } else {
            error.into()
        }
    })?;
    Ok(())
}

/// Remembers how new the token of `identity` is.
pub(super) async fn mark(connection: &mut AnyConnection, identity: &Identity) -> Result<(), Error> {
    let done = sqlx::query(
        "update oidc_identities set roles_at_s = case when roles_at_s < $3 then $3 else roles_at_s end, \
         profile_at_s = case when profile_at_s < $4 then $4 else profile_at_s end where issuer = $1 and subject = $2",
    )
    .bind(&identity.issuer)
    .bind(&identity.subject)
    .bind(identity.issued_at_s)
    .bind(profile_at_s(identity))
    .execute(connection)
    .await?;
    exactly_one(done.rows_affected(), "Identity was removed meanwhile")
}

/// Sets name, e-mail and roles.
///
/// *errors*: [`crate::ErrorKind::Conflict`] when the e-mail was taken meanwhile.
pub(super) async fn overwrite(connection: &mut AnyConnection, account: &Account) -> Result<(), Error> {
    let done = sqlx::query("update accounts set email = $2, name = $3, roles = $4 where id = $1")
        .bind(&account.id)
        .bind(&account.email)
        .bind(&account.name)
        .bind(accounts::roles_text(&account.roles)?)
        .execute(connection)
        .await
        .map_err(
            |error| match is_unique_violation(&error, "accounts_email_key", "accounts.email") {
                true => Error::conflict("Email already registered"),
                false => error.into(),
            },
        )?;
    exactly_one(done.rows_affected(), "Account was removed meanwhile")
}

fn profile_at_s(identity: &Identity) -> i64 {
    if identity.has_profile() {
        identity.issued_at_s
    } else {
        0
    }
}
