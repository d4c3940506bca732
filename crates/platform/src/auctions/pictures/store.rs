//! SQL of an auction's pictures.

use std::collections::HashMap;

use sqlx::{AnyConnection, AnyExecutor, AssertSqlSafe};

use super::{Image, Picture};
use crate::Error;
use crate::pictures::Stored;

type Columns = (
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<i64>,
);

/// Adds a picture at a place.
pub async fn insert(
    connection: &mut AnyConnection,
    auction_id: &str,
    picture: &Picture,
    position: i64,
    now_ms: i64,
) -> Result<(), Error> {
    let (name, thumbnail, link, size) = match &picture.image {
        Image::Stored(stored) => (
            Some(&stored.name),
            Some(&stored.thumbnail),
            None,
            Some((stored.width, stored.height)),
        ),
        Image::Link(link) => (None, None, Some(link), None),
    };
    sqlx::query(
        "insert into auction_pictures (id, auction_id, position, name, thumbnail, link, width, height, created_at_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&picture.id)
    .bind(auction_id)
    .bind(position)
    .bind(name)
    .bind(thumbnail)
    .bind(link)
    .bind(size.map(|(width, _)| width))
    .bind(size.map(|(_, height)| height))
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// The pictures of auctions, each in its order; auctions without any are not in it.
pub async fn of(executor: impl AnyExecutor<'_>, auction_ids: &[&str]) -> Result<HashMap<String, Vec<Picture>>, Error> {
    let mut found: HashMap<String, Vec<Picture>> = HashMap::new();
    if auction_ids.is_empty() {
        return Ok(found);
    }
    let places: Vec<String> = (1..=auction_ids.len()).map(|place| format!("${place}")).collect();
    // The text consists of constants and numbers only.
    let text = format!(
        "select auction_id, id, name, thumbnail, link, width, height from auction_pictures where auction_id in ({})
         order by auction_id, position, id",
        places.join(", ")
    );
    let mut query = sqlx::query_as::<_, Columns>(AssertSqlSafe(text));
    for id in auction_ids {
        query = query.bind(*id);
    }
    for (auction_id, id, name, thumbnail, link, width, height) in query.fetch_all(executor).await? {
        let image = match (name, thumbnail, link) {
            (Some(name), Some(thumbnail), _) => Image::Stored(Stored {
                name,
                thumbnail,
                width: width.unwrap_or_default(),
                height: height.unwrap_or_default(),
            }),
            (_, _, Some(link)) => Image::Link(link),
            _ => {
                return Err(Error::internal(format_args!(
                    "picture {id} has neither a file nor a link"
                )));
            }
        };
        found.entry(auction_id).or_default().push(Picture { id, image });
    }
    Ok(found)
}

/// Moves a picture to a place.
pub async fn place(connection: &mut AnyConnection, id: &str, position: i64) -> Result<(), Error> {
    sqlx::query("update auction_pictures set position = $1 where id = $2")
        .bind(position)
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes a picture.
pub async fn delete(connection: &mut AnyConnection, auction_id: &str, id: &str) -> Result<(), Error> {
    let deleted = sqlx::query("delete from auction_pictures where id = $1 and auction_id = $2")
        .bind(id)
        .bind(auction_id)
        .execute(&mut *connection)
        .await?;
    // Releases before this one kept the address of an auction's one picture in its row.
    sqlx::query("update auctions set image_url = null where id = $1")
        .bind(auction_id)
        .execute(connection)
        .await?;
    crate::db::exactly_one(deleted.rows_affected(), "The picture was removed meanwhile")
}
