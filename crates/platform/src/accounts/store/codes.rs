//! SQL of sign-in codes.

use sqlx::{AnyConnection, AnyExecutor};

use crate::Error;

/// One attempt to sign in by a code.
pub(in crate::accounts) struct Attempt {
    /// Keyed hash of what the client holds.
    pub(in crate::accounts) session: String,
    /// Normalised.
    pub(in crate::accounts) email: String,
    /// As it is spelt on the wire.
    pub(in crate::accounts) challenge: String,
    /// Given at the beginning; may be empty.
    pub(in crate::accounts) name: String,
    /// Keyed hash of the code; empty when none was sent.
    pub(in crate::accounts) code_hash: String,
}

/// Begins an attempt.
pub(in crate::accounts) async fn insert(
    connection: &mut AnyConnection,
    attempt: &Attempt,
    now_ms: i64,
    expires_at_ms: i64,
) -> Result<(), Error> {
    sqlx::query(
        "insert into sign_in_codes (session, email, challenge, name, code_hash, tries, created_at_ms, expires_at_ms) \
         values ($1, $2, $3, $4, $5, 0, $6, $7)",
    )
    .bind(&attempt.session)
    .bind(&attempt.email)
    .bind(&attempt.challenge)
    .bind(&attempt.name)
    .bind(&attempt.code_hash)
    .bind(now_ms)
    .bind(expires_at_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// The attempt of this address that was begun last, or the one with this session; none begun at or before `after_ms`.
pub(in crate::accounts) async fn find(
    on: impl AnyExecutor<'_>,
    email: &str,
    session: Option<&str>,
    after_ms: i64,
) -> Result<Option<Attempt>, Error> {
    let row: Option<(String, String, String, String, String)> = sqlx::query_as(
        "select session, email, challenge, name, code_hash from sign_in_codes \
         where email = $1 and created_at_ms > $2 and ($3 = '' or session = $3) \
         order by created_at_ms desc, session desc limit 1",
    )
    .bind(email)
    .bind(after_ms)
    .bind(session.unwrap_or_default())
    .fetch_optional(on)
    .await?;
    Ok(row.map(attempt))
}

fn attempt((session, email, challenge, name, code_hash): (String, String, String, String, String)) -> Attempt {
    Attempt {
        session,
        email,
        challenge,
        name,
        code_hash,
    }
}

/// Gives an attempt another code, with all its tries.
pub(in crate::accounts) async fn renew(
    connection: &mut AnyConnection,
    session: &str,
    code_hash: &str,
    expires_at_ms: i64,
) -> Result<(), Error> {
    sqlx::query("update sign_in_codes set code_hash = $2, tries = 0, expires_at_ms = $3 where session = $1")
        .bind(session)
        .bind(code_hash)
        .bind(expires_at_ms)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes one try of an attempt and keeps others from it until the transaction ends; `None` when there is no such attempt, or
/// its code expired, or `tries_max` were taken.
pub(in crate::accounts) async fn take_try(
    connection: &mut AnyConnection,
    session: &str,
    email: &str,
    challenge: &str,
    tries_max: i64,
    now_ms: i64,
) -> Result<Option<Attempt>, Error> {
    let row: Option<(String, String, String, String, String)> = sqlx::query_as(
        "update sign_in_codes set tries = tries + 1 \
         where session = $1 and email = $2 and challenge = $3 and tries < $4 and expires_at_ms > $5 \
         returning session, email, challenge, name, code_hash",
    )
    .bind(session)
    .bind(email)
    .bind(challenge)
    .bind(tries_max)
    .bind(now_ms)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(attempt))
}

/// Removes an attempt that succeeded.
pub(in crate::accounts) async fn delete(connection: &mut AnyConnection, session: &str) -> Result<(), Error> {
    sqlx::query("delete from sign_in_codes where session = $1")
        .bind(session)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes attempts that were begun at or before `until_ms`.
pub(in crate::accounts) async fn delete_old(connection: &mut AnyConnection, until_ms: i64) -> Result<(), Error> {
    sqlx::query("delete from sign_in_codes where created_at_ms <= $1")
        .bind(until_ms)
        .execute(connection)
        .await?;
    Ok(())
}
