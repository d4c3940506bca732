//! SQL of auctions.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, Row as _};

use super::bidding::store::{LotRow, lot_columns, put_lots, read_lot};
use super::find::Narrow;
use super::model::{Auction, Channel, Listing, Status};
use super::rules::{AntiSnipe, Terms};
use crate::{Error, Money, Page};

/// The columns that [`read`] reads; a macro so that every statement stays one literal.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select a.id, a.host_user_id, a.title, a.description, a.category, a.seller_name, a.condition, a.image_url, ",
            "a.duration_s, a.currency, a.starting_bid, a.bid_increment, a.reserve_price, a.buy_now_price, a.proxy_bidding, ",
            "a.late_window_ms, a.late_extension_ms, a.late_extensions_max, a.starts_at_ms, a.status, a.created_at_ms, ",
            "a.ends_at_ms, a.ivs_channel_arn, a.ivs_playback_url, a.ivs_ingest_endpoint, a.video_resource_id, ",
            lot_columns!(),
            " from auctions a join lots l on l.auction_id = a.id ",
            $rest
        )
    };
}

/// Writes a new auction with its sealed stream key.
pub async fn insert(connection: &mut AnyConnection, auction: &Auction, sealed_stream_key: &str) -> Result<(), Error> {
    let (listing, terms) = (&auction.listing, &auction.terms);
    sqlx::query(
        "insert into auctions (id, host_user_id, title, description, category, seller_name, condition, image_url, duration_s,
             currency, starting_bid, status, created_at_ms, ends_at_ms, ivs_channel_arn, ivs_stream_key, ivs_playback_url,
             ivs_ingest_endpoint, video_resource_id, bid_increment, reserve_price, buy_now_price, proxy_bidding,
             late_window_ms, late_extension_ms, late_extensions_max, starts_at_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
             $25, $26, $27)",
    )
    .bind(&auction.id)
    .bind(&auction.host_user_id)
    .bind(&listing.title)
    .bind(listing.description.as_deref())
    .bind(listing.category.as_deref())
    .bind(&listing.seller_name)
    .bind(&listing.condition)
    .bind(listing.image_url.as_deref())
    .bind(listing.duration_s)
    .bind(listing.starting_bid.currency.code())
    .bind(listing.starting_bid.minor)
    .bind(auction.status.as_str())
    .bind(auction.created_at_ms)
    .bind(terms.scheduled_end_ms)
    .bind(&auction.channel.arn)
    .bind(sealed_stream_key)
    .bind(&auction.channel.playback_url)
    .bind(&auction.channel.ingest_endpoint)
    .bind(&auction.channel.resource_id)
    .bind(terms.increment)
    .bind(terms.reserve)
    .bind(terms.buy_now)
    .bind(i64::from(terms.is_proxy_allowed))
    .bind(terms.anti_snipe.window_ms)
    .bind(terms.anti_snipe.extension_ms)
    .bind(terms.anti_snipe.extensions_max)
    .bind(terms.starts_at_ms)
    .execute(&mut *connection)
    .await?;
    put_lots(connection, &[LotRow::new(&auction.id, &auction.lot)?]).await
}

/// One auction.
pub async fn find(executor: impl AnyExecutor<'_>, id: &str) -> Result<Option<Auction>, Error> {
    let row = sqlx::query(select!("where a.id = $1"))
        .bind(id)
        .fetch_optional(executor)
        .await?;
    row.as_ref().map(read).transpose()
}

/// One auction, its listing held against other writers until the transaction ends; its lot moves on.
pub async fn lock(connection: &mut AnyConnection, id: &str) -> Result<Option<Auction>, Error> {
    let touched = sqlx::query("update auctions set version = version + 1 where id = $1")
        .bind(id)
        .execute(&mut *connection)
        .await?;
    if touched.rows_affected() == 0 {
        return Ok(None);
    }
    find(connection, id).await
}

/// Marks a live auction as closed; how it ended is on its lot.
///
/// *errors*: [`crate::ErrorKind::Conflict`] when it is closed already.
pub async fn close(connection: &mut AnyConnection, id: &str) -> Result<(), Error> {
    let closed =
        sqlx::query("update auctions set status = 'closed', version = version + 1 where id = $1 and status = 'live'")
            .bind(id)
            .execute(connection)
            .await?;
    crate::db::exactly_one(closed.rows_affected(), "Auction is already closed")
}

/// The sealed stream key.
pub async fn sealed_stream_key(executor: impl AnyExecutor<'_>, id: &str) -> Result<Option<String>, Error> {
    let row: Option<(String,)> = sqlx::query_as("select ivs_stream_key from auctions where id = $1")
        .bind(id)
        .fetch_optional(executor)
        .await?;
    Ok(row.map(|(key,)| key))
}

/// The condition of [`Narrow`]; its values are $1 to $11, as [`narrowed!`] binds them.
macro_rules! narrow {
    () => {
        "($1 is null or a.status = $1) and ($2 is null or a.category = $2) and ($3 is null or a.host_user_id = $3)
         and ($4 is null or coalesce(l.price, a.starting_bid) >= $4)
         and ($5 is null or coalesce(l.price, a.starting_bid) < $5)
         and ($6 is null or (a.status = 'live' and l.phase <> 'paused' and l.ends_at_ms <= $6))
         and ($7 is null or lower(a.title || ' ' || a.seller_name) like $7 escape '!')
         and ($8 is null or lower(a.title || ' ' || a.seller_name) like $8 escape '!')
         and ($9 is null or lower(a.title || ' ' || a.seller_name) like $9 escape '!')
         and ($10 is null or lower(a.title || ' ' || a.seller_name) like $10 escape '!')
         and ($11 is null or lower(a.title || ' ' || a.seller_name) like $11 escape '!') "
    };
}

/// Binds what [`narrow!`] names.
macro_rules! narrowed {
    ($query:expr, $narrow:expr) => {{
        let narrow: &Narrow = $narrow;
        let query = $query
            .bind(narrow.status)
            .bind(narrow.category.as_deref())
            .bind(narrow.host_user_id.as_deref())
            .bind(narrow.price_min)
            .bind(narrow.price_below)
            .bind(narrow.ends_until_ms);
        narrow
            .words
            .iter()
            .fold(query, |query, word| query.bind(word.as_deref()))
    }};
}

/// The auctions of a filter, newest first.
pub async fn list(executor: impl AnyExecutor<'_>, narrow: &Narrow, page: Page) -> Result<Vec<Auction>, Error> {
    let query = sqlx::query(concat!(
        select!("where "),
        narrow!(),
        "order by a.created_at_ms desc, a.id desc limit $12 offset $13"
    ));
    let query = narrowed!(query, narrow).bind(page.limit).bind(page.offset);
    query.fetch_all(executor).await?.iter().map(read).collect()
}

/// How many auctions a filter has.
pub async fn count(executor: impl AnyExecutor<'_>, narrow: &Narrow) -> Result<i64, Error> {
    let query = sqlx::query_as(concat!(
        "select count(*) from auctions a join lots l on l.auction_id = a.id where ",
        narrow!()
    ));
    let (count,): (i64,) = narrowed!(query, narrow).fetch_one(executor).await?;
    Ok(count)
}

/// Live auctions: those on air first, then those that end first.
pub async fn live(executor: impl AnyExecutor<'_>, limit: i64) -> Result<Vec<Auction>, Error> {
    let rows = sqlx::query(select!(
        "where a.status = 'live' order by
             case when exists (select 1 from broadcasts b where b.channel_arn = a.ivs_channel_arn and b.ended_at_ms is null)
                  then 0 else 1 end,
             l.ends_at_ms, a.id limit $1"
    ))
    .bind(limit)
    .fetch_all(executor)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<Auction, Error> {
    let id: String = row.try_get("id")?;
    let currency = row.try_get::<String, _>("currency")?.parse()?;
    let status: String = row.try_get("status")?;
    let host_user_id: String = row.try_get("host_user_id")?;
    let starting_bid = row.try_get("starting_bid")?;
    let terms = Terms {
        auction_id: id.as_str().into(),
        seller_id: host_user_id.as_str().into(),
        currency,
        starting_bid,
        increment: row.try_get("bid_increment")?,
        reserve: row.try_get("reserve_price")?,
        buy_now: row.try_get("buy_now_price")?,
        is_proxy_allowed: row.try_get::<i64, _>("proxy_bidding")? != 0,
        anti_snipe: AntiSnipe {
            window_ms: row.try_get("late_window_ms")?,
            extension_ms: row.try_get("late_extension_ms")?,
            extensions_max: row.try_get("late_extensions_max")?,
        },
        starts_at_ms: row.try_get("starts_at_ms")?,
        scheduled_end_ms: row.try_get("ends_at_ms")?,
    };
    Ok(Auction {
        host_user_id,
        listing: Listing {
            title: row.try_get("title")?,
            description: row.try_get("description")?,
            category: row.try_get("category")?,
            seller_name: row.try_get("seller_name")?,
            condition: row.try_get("condition")?,
            image_url: row.try_get("image_url")?,
            duration_s: row.try_get("duration_s")?,
            starting_bid: Money::new(starting_bid, currency),
        },
        status: Status::parse(&status)
            .ok_or_else(|| Error::internal(format_args!("auction {id} has an unknown status")))?,
        created_at_ms: row.try_get("created_at_ms")?,
        lot: read_lot(row, &terms)?,
        terms,
        channel: Channel {
            arn: row.try_get("ivs_channel_arn")?,
            playback_url: row.try_get("ivs_playback_url")?,
            ingest_endpoint: row.try_get("ivs_ingest_endpoint")?,
            resource_id: row.try_get("video_resource_id")?,
        },
        id,
    })
}

/// How many auctions are live, how many of them are on air, and how many people watch those.
pub async fn live_counts(executor: impl AnyExecutor<'_>) -> Result<(i64, i64, i64), Error> {
    let counts: (i64, i64, i64) = sqlx::query_as(
        "select count(*), count(b.stream_id), cast(coalesce(sum(b.viewers), 0) as bigint) from auctions a
         left join broadcasts b on b.channel_arn = a.ivs_channel_arn and b.ended_at_ms is null where a.status = 'live'",
    )
    .fetch_one(executor)
    .await?;
    Ok(counts)
}
