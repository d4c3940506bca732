//! Rows of `rooms`.

use sqlx::SqliteConnection;

use crate::chat::room::Room;
use crate::error::Error;

use super::corrupt;

/// Adds a room.
pub async fn insert(connection: &mut SqliteConnection, room: &Room) -> Result<(), Error> {
    sqlx::query("insert into rooms (arn, name, review_uri, document, created_at_ms) values ($1, $2, $3, $4, $5)")
        .bind(&room.arn)
        .bind(&room.name)
        .bind(&room.review.uri)
        .bind(document(room)?)
        .bind(room.created_at_ms)
        .execute(connection)
        .await?;
    Ok(())
}

/// Replaces a room that exists.
pub async fn update(connection: &mut SqliteConnection, room: &Room) -> Result<(), Error> {
    let done = sqlx::query("update rooms set name = $2, review_uri = $3, document = $4 where arn = $1")
        .bind(&room.arn)
        .bind(&room.name)
        .bind(&room.review.uri)
        .bind(document(room)?)
        .execute(connection)
        .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(corrupt(&room.arn, "the row to update is gone"))
    }
}

/// Removes a room. False when there was none.
pub async fn delete(connection: &mut SqliteConnection, arn: &str) -> Result<bool, Error> {
    let done = sqlx::query("delete from rooms where arn = $1")
        .bind(arn)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The room of this ARN.
pub async fn find(connection: &mut SqliteConnection, arn: &str) -> Result<Option<Room>, Error> {
    let row: Option<String> = sqlx::query_scalar("select document from rooms where arn = $1")
        .bind(arn)
        .fetch_optional(connection)
        .await?;
    row.map(|text| parse(arn, &text)).transpose()
}

/// What a list is narrowed to; `None` and the empty text mean everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// This name exactly.
    pub name: Option<&'a str>,
    /// This message review handler exactly.
    pub review_uri: Option<&'a str>,
}

/// Rooms with their row numbers, oldest first, after row `after`.
pub async fn list(
    connection: &mut SqliteConnection,
    filter: Filter<'_>,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, Room)>, Error> {
    // The first text can use the index.
    let text = match filter.name {
        Some(_) => {
            "select seq, document from rooms \
             where name = $1 and ($2 is null or review_uri = $2) and seq > $3 order by seq limit $4"
        }
        None => {
            "select seq, document from rooms \
             where $1 is null and ($2 is null or review_uri = $2) and seq > $3 order by seq limit $4"
        }
    };
    let rows: Vec<(i64, String)> = sqlx::query_as(text)
        .bind(filter.name)
        .bind(filter.review_uri)
        .bind(after)
        .bind(limit)
        .fetch_all(connection)
        .await?;
    rows.into_iter()
        .map(|(seq, text)| Ok((seq, parse("room", &text)?)))
        .collect()
}

/// How many there are.
pub async fn count(connection: &mut SqliteConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("select count(*) from rooms")
        .fetch_one(connection)
        .await?)
}

fn document(room: &Room) -> Result<String, Error> {
    serde_json::to_string(room).map_err(|cause| corrupt(&room.arn, cause))
}

fn parse(what: &str, text: &str) -> Result<Room, Error> {
    serde_json::from_str(text).map_err(|cause| corrupt(what, cause))
}
