//! SQL of idempotency keys.

use std::collections::HashMap;

use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

use super::PER_STATEMENT;
use crate::Error;
use crate::auctions::bidding::keys::Key;
use crate::db::{Params, Row, insert_rows, list, padded};

/// A key that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::auctions) struct Used {
    pub(in crate::auctions) request: String,
    pub(in crate::auctions) auction_id: String,
    /// The entry that answered; 0 when the bid came too late for one.
    pub(in crate::auctions) seq: i64,
}

/// A key to write.
pub(in crate::auctions) struct NewKey<'a> {
    pub(in crate::auctions) key: &'a Key,
    pub(in crate::auctions) auction_id: &'a str,
    pub(in crate::auctions) seq: i64,
    pub(in crate::auctions) expires_at_ms: i64,
}

/// Those of `ids` that were used, by id.
pub(in crate::auctions) async fn used(
    connection: &mut AnyConnection,
    ids: &[&str],
) -> Result<HashMap<String, Used>, Error> {
    let mut found = HashMap::new();
    for ids in ids.chunks(PER_STATEMENT) {
        let text = format!(
            "select id, request, auction_id, seq from bid_keys where id in {}",
            list(connection, ids.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for id in padded(ids) {
            query = query.bind(*id);
        }
        for row in query.fetch_all(&mut *connection).await? {
            let used = Used {
                request: row.try_get("request")?,
                auction_id: row.try_get("auction_id")?,
                seq: row.try_get("seq")?,
            };
            found.insert(row.try_get("id")?, used);
        }
    }
    Ok(found)
}

/// Writes new keys.
///
/// *errors*: [`crate::ErrorKind::Unavailable`] when another process used one of them in between; nothing must be
/// committed then.
pub(in crate::auctions) async fn insert(connection: &mut AnyConnection, keys: &mut [NewKey<'_>]) -> Result<(), Error> {
    // In one order everywhere, so that two processes never wait for each other.
    keys.sort_by(|a, b| a.key.id.cmp(&b.key.id));
    let inserted = insert_rows(
        connection,
        "insert into bid_keys (id, request, auction_id, seq, expires_at_ms) values",
        keys,
        "on conflict (id) do nothing",
    )
    .await?;
    if usize::try_from(inserted) == Ok(keys.len()) {
        Ok(())
    } else {
        Err(Error::unavailable(
            1,
            "an idempotency key was used twice at the same time",
        ))
    }
}

impl Row for NewKey<'_> {
    const COLUMNS: usize = 5;

    fn bind<'q>(&'q self, query: Params<'q>) -> Params<'q> {
        query
            .bind(&*self.key.id)
            .bind(&*self.key.request)
            .bind(self.auction_id)
            .bind(self.seq)
            .bind(self.expires_at_ms)
    }
}

/// Removes at most `limit` keys that expired before `now_ms`; returns how many that were.
pub(in crate::auctions) async fn remove_expired(
    connection: &mut AnyConnection,
    now_ms: i64,
    limit: i64,
) -> Result<u64, Error> {
    let removed =
        sqlx::query("delete from bid_keys where id in (select id from bid_keys where expires_at_ms < $1 limit $2)")
            .bind(now_ms)
            .bind(limit)
            .execute(connection)
            .await?;
    Ok(removed.rows_affected())
}
