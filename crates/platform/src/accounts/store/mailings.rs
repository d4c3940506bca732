//! SQL of how often mail was asked for an address.

use sqlx::AnyConnection;

use crate::Error;

/// When mail was asked for this address, oldest first; nobody else asks until the transaction ends.
pub(in crate::accounts) async fn hold(
    connection: &mut AnyConnection,
    email_hash: &str,
    expires_at_ms: i64,
) -> Result<Vec<i64>, Error> {
    let (text,): (String,) = sqlx::query_as(
        "insert into account_mailings (email_hash, sent_at_ms, expires_at_ms) values ($1, '[]', $2) \
         on conflict (email_hash) do update set expires_at_ms = excluded.expires_at_ms returning sent_at_ms",
    )
    .bind(email_hash)
    .bind(expires_at_ms)
    .fetch_one(connection)
    .await?;
    serde_json::from_str(&text).map_err(|error| Error::internal(format_args!("stored mailings {text}: {error}")))
}

/// Replaces the times of an address that is held.
pub(in crate::accounts) async fn put(
    connection: &mut AnyConnection,
    email_hash: &str,
    sent_at_ms: &[i64],
) -> Result<(), Error> {
    sqlx::query("update account_mailings set sent_at_ms = $2 where email_hash = $1")
        .bind(email_hash)
        .bind(serde_json::to_string(sent_at_ms).map_err(Error::internal)?)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes addresses for which no mail was asked lately.
pub(in crate::accounts) async fn delete_expired(connection: &mut AnyConnection, now_ms: i64) -> Result<(), Error> {
    sqlx::query("delete from account_mailings where expires_at_ms <= $1")
        .bind(now_ms)
        .execute(connection)
        .await?;
    Ok(())
}
