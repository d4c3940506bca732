//! SQL of the ledger.

use sqlx::{AnyConnection, AnyExecutor};

use super::{Kind, Owner, Resource, State};
use crate::Error;

type Columns = (
    String,
    String,
    String,
    String,
    String,
    Option<String>,
    i64,
    Option<String>,
    i64,
    i64,
    String,
);

/// Writes a row down, with the type that its channel is made as, where that is known.
///
/// *errors*: [`crate::ErrorKind::Conflict`] where there may be only one of its kind and purpose.
pub async fn insert(connection: &mut AnyConnection, row: &Resource, channel_type: Option<&str>) -> Result<(), Error> {
    let is_written = insert_if_free(connection, row, channel_type).await?;
    crate::db::exactly_one(u64::from(is_written), "The resource is in the ledger already")
}

/// As [`insert`]; false where there may be only one of its kind and purpose, and there is.
pub async fn insert_if_free(
    connection: &mut AnyConnection,
    row: &Resource,
    channel_type: Option<&str>,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "insert into video_resources (id, owner, purpose, name, state, arn, attempts, last_error, created_at_ms, changed_at_ms,
             channel_type, kind)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing",
    )
    .bind(&row.id)
    .bind(&row.owner)
    .bind(&row.purpose)
    .bind(&row.name)
    .bind(row.state.as_str())
    .bind(row.arn.as_deref())
    .bind(row.attempts)
    .bind(row.last_error.as_deref())
    .bind(row.created_at_ms)
    .bind(row.changed_at_ms)
    .bind(channel_type)
    .bind(row.kind.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The recording configuration for a purpose that is there or being made.
pub async fn recording(executor: impl AnyExecutor<'_>, purpose: &str) -> Result<Option<Resource>, Error> {
    let row: Option<Columns> = sqlx::query_as(
        "select id, owner, purpose, name, state, arn, attempts, last_error, created_at_ms, changed_at_ms, kind
         from video_resources where purpose = $1 and kind = 'recording' and state in ('creating', 'active')",
    )
    .bind(purpose)
    .fetch_optional(executor)
    .await?;
    row.map(read).transpose()
}

/// Moves a row from one state to another and sets its ARN when given. False when it is not in that state (any more).
pub async fn advance(
    connection: &mut AnyConnection,
    id: &str,
    from: State,
    to: State,
    arn: Option<&str>,
    now_ms: i64,
) -> Result<bool, Error> {
    let done = sqlx::query("update video_resources set state = $1, arn = coalesce($2, arn), changed_at_ms = $3 where id = $4 and state = $5")
        .bind(to.as_str())
        .bind(arn)
        .bind(now_ms)
        .bind(id)
        .bind(from.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes why an attempt failed.
pub async fn note_failure(connection: &mut AnyConnection, id: &str, error: &str) -> Result<(), Error> {
    sqlx::query("update video_resources set attempts = attempts + 1, last_error = $1 where id = $2")
        .bind(error)
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}

/// One row.
pub async fn find(executor: impl AnyExecutor<'_>, id: &str) -> Result<Option<Resource>, Error> {
    let row: Option<Columns> = sqlx::query_as(
        "select id, owner, purpose, name, state, arn, attempts, last_error, created_at_ms, changed_at_ms, kind
         from video_resources where id = $1",
    )
    .bind(id)
    .fetch_optional(executor)
    .await?;
    row.map(read).transpose()
}

/// The row of a channel, in whatever state.
pub async fn find_by_arn(executor: impl AnyExecutor<'_>, arn: &str) -> Result<Option<Resource>, Error> {
    let row: Option<Columns> = sqlx::query_as(
        "select id, owner, purpose, name, state, arn, attempts, last_error, created_at_ms, changed_at_ms, kind
         from video_resources where arn = $1",
    )
    .bind(arn)
    .fetch_optional(executor)
    .await?;
    row.map(read).transpose()
}

/// Every row that may stand for something at the provider, oldest first.
pub async fn open(executor: impl AnyExecutor<'_>) -> Result<Vec<Resource>, Error> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select id, owner, purpose, name, state, arn, attempts, last_error, created_at_ms, changed_at_ms, kind
         from video_resources where state <> 'deleted' order by created_at_ms, id",
    )
    .fetch_all(executor)
    .await?;
    rows.into_iter().map(read).collect()
}

/// Moves everything an owner has to deletion and returns the ids. One statement: what the janitor does to a row meanwhile
/// comes before or after it.
pub async fn release(connection: &mut AnyConnection, owner: &Owner, now_ms: i64) -> Result<Vec<String>, Error> {
    let rows: Vec<(String,)> = sqlx::query_as(
        "update video_resources set state = 'deleting', changed_at_ms = $1
         where owner = $2 and state in ('creating', 'active', 'lost') returning id",
    )
    .bind(now_ms)
    .bind(owner.topic())
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

fn read(
    (id, owner, purpose, name, state, arn, attempts, last_error, created_at_ms, changed_at_ms, kind): Columns,
) -> Result<Resource, Error> {
    let state = State::parse(&state)
        .ok_or_else(|| Error::internal(format_args!("video resource {id} has the unknown state {state}")))?;
    let kind = Kind::parse(&kind)
        .ok_or_else(|| Error::internal(format_args!("video resource {id} is of the unknown kind {kind}")))?;
    Ok(Resource {
        id,
        kind,
        owner,
        purpose,
        name,
        state,
        arn,
        attempts,
        last_error,
        created_at_ms,
        changed_at_ms,
    })
}

/// Ends a creation that failed, in whatever state the settling job has put it meanwhile.
pub async fn abandon(
    connection: &mut AnyConnection,
    id: &str,
    state: State,
    arn: Option<&str>,
    reason: &str,
    now_ms: i64,
) -> Result<(), Error> {
    sqlx::query("update video_resources set state = $1, arn = coalesce($2, arn), last_error = $3, changed_at_ms = $4 where id = $5 and state <> 'active'")
        .bind(state.as_str())
        .bind(arn)
        .bind(reason)
        .bind(now_ms)
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes the provider's name of a resource that did not have one.
pub async fn set_arn(connection: &mut AnyConnection, id: &str, arn: &str) -> Result<(), Error> {
    sqlx::query("update video_resources set arn = $1 where id = $2 and arn is null")
        .bind(arn)
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}

/// True once anything was written down.
pub async fn is_used(executor: impl AnyExecutor<'_>) -> Result<bool, Error> {
    let row: Option<(String,)> = sqlx::query_as("select id from video_resources limit 1")
        .fetch_optional(executor)
        .await?;
    Ok(row.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Clock, Database, until_one_is_held_up};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_channel_called_lost_meanwhile_is_let_go_all_the_same() {
        let database = Database::postgres().await;
        let platform = database.platform(&Clock::new()).await;
        let owner = Owner::auction("1");
        let row = Resource {
            id: "r".into(),
            kind: Kind::Channel,
            owner: owner.topic(),
            purpose: "auction video".into(),
            name: "auction_1".into(),
            state: State::Active,
            arn: Some("a".into()),
            attempts: 0,
            last_error: None,
            created_at_ms: 1,
            changed_at_ms: 1,
        };
        let mut tx = platform.db().begin().await.unwrap();
        insert(tx.conn(), &row, None).await.unwrap();
        tx.commit().await.unwrap();
        let mut janitor = platform.db().begin().await.unwrap();
        assert!(
            advance(janitor.conn(), "r", State::Active, State::Lost, None, 2)
                .await
                .unwrap()
        );
        let mut ending = platform.db().begin().await.unwrap();
        let released = tokio::spawn(async move {
            let ids = release(ending.conn(), &owner, 3).await.unwrap();
            ending.commit().await.unwrap();
            ids
        });
        until_one_is_held_up(&platform).await;
        janitor.commit().await.unwrap();
        assert_eq!(released.await.unwrap(), ["r"]);
        let row = find(platform.db().read(), "r").await.unwrap().unwrap();
        assert_eq!(row.state, State::Deleting);
    }
}
