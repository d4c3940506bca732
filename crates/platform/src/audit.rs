//! Who did what to which thing when. Lines are only ever added.

use sqlx::AnyConnection;

use crate::{Caller, Environment, Error, id};

/// One line of the audit.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Who did it.
    pub actor: &'a Caller,
    /// What was done, as `area.verb` (`accounts.login_failed`).
    pub action: &'static str,
    /// What it was done to, as `kind:id`.
    pub target: &'a str,
    /// More words for the reader; never a secret.
    pub detail: Option<&'a str>,
}

/// A line as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, epoch ms.
    pub at_ms: i64,
    /// `account:{id}`, `service:{id}`, `system` or `anonymous`.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub target: String,
    /// More words for the reader.
    pub detail: Option<String>,
}

/// Lines in one answer at most.
const LINES_MAX: i64 = 100;

/// Adds a line; operations use [`crate::db::Tx::audit`], so that the line is committed with what it tells of.
pub(crate) async fn append(
    connection: &mut AnyConnection,
    environment: &Environment,
    entry: Entry<'_>,
) -> Result<(), Error> {
    let now_ms = environment.now_ms();
    sqlx::query("insert into audit (id, at_ms, actor, action, target, detail) values ($1, $2, $3, $4, $5, $6)")
        .bind(id::new(now_ms, environment.random_bytes()))
        .bind(now_ms)
        .bind(actor(entry.actor))
        .bind(entry.action)
        .bind(entry.target)
        .bind(entry.detail)
        .execute(connection)
        .await?;
    Ok(())
}

/// The newest lines about `target`, newest first, at most a hundred.
pub async fn about(db: &crate::db::Db, target: &str) -> Result<Vec<Line>, Error> {
    let rows: Vec<(i64, String, String, String, Option<String>)> = sqlx::query_as(
        "select at_ms, actor, action, target, detail from audit where target = $1 order by at_ms desc, id desc limit $2",
    )
    .bind(target)
    .bind(LINES_MAX)
    .fetch_all(db.read())
    .await?;
    let line = |(at_ms, actor, action, target, detail)| Line {
        at_ms,
        actor,
        action,
        target,
        detail,
    };
    Ok(rows.into_iter().map(line).collect())
}

fn actor(caller: &Caller) -> String {
    match caller {
        Caller::Anonymous => "anonymous".to_owned(),
        Caller::Account { id, .. } => format!("account:{id}"),
        Caller::Service { id, .. } => format!("service:{id}"),
        Caller::System => "system".to_owned(),
    }
}
