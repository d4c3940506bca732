//! The ledger of stored files.
//!
//! | state | meaning | next |
//! |---|---|---|
//! | `pending` | written soon or already, and nobody refers to it | `kept` by [`keep`], `dropping` when due |
//! | `kept` | somebody refers to it | `pending`, due at once, by [`release`] |
//! | `dropping` | being removed; for good | the row goes after the file |

use sqlx::AnyConnection;

use crate::db::{Params, Row, Tx, insert_rows};
use crate::storage::jobs::DropFiles;
use crate::{Context, Error};

/// How long a file may be without anybody who refers to it: far longer than any request that makes one.
pub(crate) const PENDING_MS: i64 = 60 * 60 * 1000;

struct Pending<'a> {
    path: &'a str,
    now_ms: i64,
}

impl Row for Pending<'_> {
    const COLUMNS: usize = 4;

    fn bind<'q>(&'q self, query: Params<'q>) -> Params<'q> {
        query
            .bind(self.path)
            .bind("pending")
            .bind(self.now_ms)
            .bind(self.now_ms + PENDING_MS)
    }
}

/// Writes down, in a transaction of its own, files that are about to be written.
pub(crate) async fn plan(ctx: &Context, paths: &[&str]) -> Result<(), Error> {
    let now_ms = ctx.platform.environment().now_ms();
    let rows: Vec<Pending<'_>> = paths.iter().map(|path| Pending { path, now_ms }).collect();
    let mut tx = ctx.db().begin().await?;
    insert_rows(
        tx.conn(),
        "insert into stored_files (path, state, created_at_ms, drop_at_ms) values",
        &rows,
        "",
    )
    .await?;
    tx.enqueue_no_later(&DropFiles {}, now_ms + PENDING_MS).await?;
    tx.commit().await
}

/// Keeps a file, in the transaction that begins to refer to it.
///
/// *errors*: [`crate::ErrorKind::Conflict`] when it took so long that the file was given up.
pub(crate) async fn keep(connection: &mut AnyConnection, path: &str) -> Result<(), Error> {
    let kept =
        sqlx::query("update stored_files set state = 'kept', drop_at_ms = null where path = $1 and state = 'pending'")
            .bind(path)
            .execute(connection)
            .await?;
    crate::db::exactly_one(kept.rows_affected(), "The upload took too long")
}

/// Lets go of a file, in the transaction that ceases to refer to it; it is removed after the commit.
pub(crate) async fn release(tx: &mut Tx, path: &str, now_ms: i64) -> Result<(), Error> {
    sqlx::query("update stored_files set state = 'pending', drop_at_ms = $1 where path = $2 and state = 'kept'")
        .bind(now_ms)
        .bind(path)
        .execute(tx.conn())
        .await?;
    tx.enqueue_no_later(&DropFiles {}, now_ms).await
}

/// Claims files that are due for removal and returns them, with those that an earlier attempt left, at most `limit`.
pub(super) async fn claim_due(connection: &mut AnyConnection, now_ms: i64, limit: i64) -> Result<Vec<String>, Error> {
    sqlx::query("update stored_files set state = 'dropping' where state = 'pending' and drop_at_ms <= $1")
        .bind(now_ms)
        .execute(&mut *connection)
        .await?;
    let rows: Vec<(String,)> =
        sqlx::query_as("select path from stored_files where state = 'dropping' order by path limit $1")
            .bind(limit)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|(path,)| path).collect())
}

/// Forgets a file that was removed.
pub(super) async fn forget(connection: &mut AnyConnection, path: &str) -> Result<(), Error> {
    sqlx::query("delete from stored_files where path = $1 and state = 'dropping'")
        .bind(path)
        .execute(connection)
        .await?;
    Ok(())
}

/// When the next file is due; `None` while every file is kept.
pub(super) async fn next_due_ms(connection: &mut AnyConnection) -> Result<Option<i64>, Error> {
    let (due,): (Option<i64>,) = sqlx::query_as("select min(drop_at_ms) from stored_files where state <> 'kept'")
        .fetch_one(connection)
        .await?;
    Ok(due)
}
