//! SQL of groups and of who owns them.

use std::collections::HashMap;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, Row as _};

use super::channel_requests::{self, Request};
use super::{About, Group, Visibility};
use crate::Error;
use crate::db::exactly_one;
use crate::pictures::Stored;

/// Somebody with an open account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    /// Account.
    pub(super) id: String,
    /// Display name.
    pub(super) name: String,
    /// Address.
    pub(super) email: String,
}

type PersonRow = (String, String, String);

/// An open account.
pub(super) async fn person(on: impl AnyExecutor<'_>, id: &str) -> Result<Option<Person>, Error> {
    let row: Option<PersonRow> =
        sqlx::query_as("select id, name, email from accounts where id = $1 and closed_at_ms is null")
            .bind(id)
            .fetch_optional(on)
            .await?;
    Ok(row.map(read_person))
}

/// The open accounts of admins.
pub(super) async fn admins(on: impl AnyExecutor<'_>) -> Result<Vec<Person>, Error> {
    let rows: Vec<PersonRow> = sqlx::query_as(
        "select id, name, email from accounts where closed_at_ms is null and roles like '%\"admin\"%' order by id",
    )
    .fetch_all(on)
    .await?;
    Ok(rows.into_iter().map(read_person).collect())
}

fn read_person((id, name, email): PersonRow) -> Person {
    Person { id, name, email }
}

/// Makes an owner's other changes wait until the transaction ends.
pub(super) async fn hold_owner(connection: &mut AnyConnection, owner_id: &str) -> Result<(), Error> {
    sqlx::query(
        "insert into group_owners (owner_id, version) values ($1, 1)
         on conflict (owner_id) do update set version = group_owners.version + 1",
    )
    .bind(owner_id)
    .execute(connection)
    .await?;
    Ok(())
}

/// How many groups an owner has.
pub(super) async fn count(on: impl AnyExecutor<'_>, owner_id: &str) -> Result<i64, Error> {
    let (count,): (i64,) = sqlx::query_as("select count(*) from program_groups where owner_id = $1")
        .bind(owner_id)
        .fetch_one(on)
        .await?;
    Ok(count)
}

/// Adds a group without a picture.
pub(super) async fn insert(connection: &mut AnyConnection, group: &Group) -> Result<(), Error> {
    sqlx::query(
        "insert into program_groups (id, owner_id, name, description, category, visibility, tags, created_at_ms,
             updated_at_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&group.id)
    .bind(&group.owner_id)
    .bind(&group.about.name)
    .bind(group.about.description.as_deref())
    .bind(group.about.category.as_deref())
    .bind(group.about.visibility.as_str())
    .bind(words_text(&group.about.tags)?)
    .bind(group.created_at_ms)
    .bind(group.updated_at_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what may change of a group.
pub(super) async fn update(connection: &mut AnyConnection, group: &Group) -> Result<(), Error> {
    let picture = group.picture.as_ref();
    let done = sqlx::query(
        "update program_groups set name = $2, description = $3, category = $4, visibility = $5, tags = $6,
             picture_name = $7, picture_thumbnail = $8, picture_width = $9, picture_height = $10, updated_at_ms = $11
         where id = $1",
    )
    .bind(&group.id)
    .bind(&group.about.name)
    .bind(group.about.description.as_deref())
    .bind(group.about.category.as_deref())
    .bind(group.about.visibility.as_str())
    .bind(words_text(&group.about.tags)?)
    .bind(picture.map(|picture| picture.name.as_str()))
    .bind(picture.map(|picture| picture.thumbnail.as_str()))
    .bind(picture.map(|picture| picture.width))
    .bind(picture.map(|picture| picture.height))
    .bind(group.updated_at_ms)
    .execute(connection)
    .await?;
    exactly_one(done.rows_affected(), "The group was removed meanwhile")
}

/// Removes a group that no programme is in.
pub(super) async fn delete(connection: &mut AnyConnection, group_id: &str) -> Result<(), Error> {
    let done = sqlx::query("delete from program_groups where id = $1")
        .bind(group_id)
        .execute(connection)
        .await?;
    exactly_one(done.rows_affected(), "The group was removed meanwhile")
}

/// A select of groups `g`, ended by the text given.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "select g.id, g.owner_id, g.name, g.description, g.category, g.visibility, g.tags, g.picture_name, \
             g.picture_thumbnail, g.picture_width, g.picture_height, g.created_at_ms, g.updated_at_ms, \
             (select count(*) from programs p where p.group_id = g.id) as programs from program_groups g ",
            $tail
        )
    };
}

/// One group of an owner.
pub(super) async fn find(
    connection: &mut AnyConnection,
    owner_id: &str,
    group_id: &str,
) -> Result<Option<Group>, Error> {
    let row = sqlx::query(select!("where g.id = $1 and g.owner_id = $2"))
        .bind(group_id)
        .bind(owner_id)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let request = channel_requests::store::latest(connection, group_id).await?;
    read(&row, request).map(Some)
}

/// The groups of an owner, by name.
pub(super) async fn list(connection: &mut AnyConnection, owner_id: &str) -> Result<Vec<Group>, Error> {
    let rows = sqlx::query(select!("where g.owner_id = $1 order by lower(g.name), g.id"))
        .bind(owner_id)
        .fetch_all(&mut *connection)
        .await?;
    let requests = channel_requests::store::latest_of_owner(connection, owner_id).await?;
    let mut requests: HashMap<String, Request> = requests
        .into_iter()
        .map(|request| (request.group_id.clone(), request))
        .collect();
    rows.iter()
        .map(|row| read(row, requests.remove(&row.try_get::<String, _>("id")?)))
        .collect()
}

fn read(row: &AnyRow, request: Option<Request>) -> Result<Group, Error> {
    let visibility: String = row.try_get("visibility")?;
    Ok(Group {
        id: row.try_get("id")?,
        owner_id: row.try_get("owner_id")?,
        about: About {
            name: row.try_get("name")?,
            description: row.try_get("description")?,
            category: row.try_get("category")?,
            visibility: Visibility::parse(&visibility)
                .ok_or_else(|| Error::internal(format_args!("unknown visibility {visibility}")))?,
            tags: words_of(&row.try_get::<String, _>("tags")?)?,
        },
        picture: read_picture(row)?,
        programs: row.try_get("programs")?,
        request,
        created_at_ms: row.try_get("created_at_ms")?,
        updated_at_ms: row.try_get("updated_at_ms")?,
    })
}

/// The picture in the columns that begin with `picture_`.
pub(super) fn read_picture(row: &AnyRow) -> Result<Option<Stored>, Error> {
    let Some(name) = row.try_get("picture_name")? else {
        return Ok(None);
    };
    Ok(Some(Stored {
        name,
        thumbnail: row.try_get("picture_thumbnail")?,
        width: row.try_get("picture_width")?,
        height: row.try_get("picture_height")?,
    }))
}

/// The picture of the group that a channel was made for.
pub(crate) async fn picture_of_channel(on: impl AnyExecutor<'_>, channel_id: &str) -> Result<Option<Stored>, Error> {
    let row = sqlx::query(
        "select g.picture_name, g.picture_thumbnail, g.picture_width, g.picture_height from channel_requests r \
         join program_groups g on g.id = r.group_id where r.channel_id = $1 and r.status = 'APPROVED'",
    )
    .bind(channel_id)
    .fetch_optional(on)
    .await?;
    row.as_ref().map_or(Ok(None), read_picture)
}

/// A list of words as it is stored.
pub(super) fn words_text(words: &[String]) -> Result<String, Error> {
    serde_json::to_string(words).map_err(Error::internal)
}

/// A list of words as it was stored.
pub(super) fn words_of(text: &str) -> Result<Vec<String>, Error> {
    serde_json::from_str(text).map_err(|error| Error::internal(format_args!("stored words: {error}")))
}
