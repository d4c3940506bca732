//! SQL of auctions.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, Row as _};

use super::Filter;
use super::model::{Auction, Channel, EndReason, Ended, HighBid, Listing, Status};
use crate::{Error, Money, Page};

/// The columns that [`read`] reads; a macro so that every statement stays one literal.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, host_user_id, title, description, category, seller_name, condition, image_url, duration_s, currency, ",
            "starting_bid, status, created_at_ms, ends_at_ms, ended_at_ms, end_reason, current_high_bid, high_bidder_id, ",
            "high_bidder_username, bid_count, anti_snipe_count, winner_id, winner_username, winning_bid, ivs_channel_arn, ",
            "ivs_playback_url, ivs_ingest_endpoint, video_resource_id from auctions ",
            $rest
        )
    };
}

/// Writes a new auction with its sealed stream key.
pub async fn insert(connection: &mut AnyConnection, auction: &Auction, sealed_stream_key: &str) -> Result<(), Error> {
    let listing = &auction.listing;
    sqlx::query(
        "insert into auctions (id, host_user_id, title, description, category, seller_name, condition, image_url, duration_s,
             currency, starting_bid, status, created_at_ms, ends_at_ms, ivs_channel_arn, ivs_stream_key, ivs_playback_url,
             ivs_ingest_endpoint, video_resource_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
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
    .bind(auction.ends_at_ms)
    .bind(&auction.channel.arn)
    .bind(sealed_stream_key)
    .bind(&auction.channel.playback_url)
    .bind(&auction.channel.ingest_endpoint)
    .bind(&auction.channel.resource_id)
    .execute(connection)
    .await?;
    Ok(())
}

/// One auction.
pub async fn find(executor: impl AnyExecutor<'_>, id: &str) -> Result<Option<Auction>, Error> {
    let row = sqlx::query(select!("where id = $1"))
        .bind(id)
        .fetch_optional(executor)
        .await?;
    row.as_ref().map(read).transpose()
}

/// One auction, held against other writers until the transaction ends.
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

/// Writes how a live auction ended.
///
/// *errors*: [`crate::ErrorKind::Conflict`] when it is closed already.
pub async fn close(connection: &mut AnyConnection, id: &str, ended: &Ended) -> Result<(), Error> {
    let winner = ended.winner.as_ref();
    let closed = sqlx::query(
        "update auctions set status = 'closed', ended_at_ms = $1, end_reason = $2, winner_id = $3, winner_username = $4,
             winning_bid = $5 where id = $6 and status = 'live'",
    )
    .bind(ended.at_ms)
    .bind(ended.reason.as_str())
    .bind(winner.map(|bid| bid.bidder_id.as_str()))
    .bind(winner.map(|bid| bid.bidder_username.as_str()))
    .bind(winner.map(|bid| bid.amount.minor))
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

/// The auctions of a filter, newest first.
pub async fn list(
    executor: impl AnyExecutor<'_>,
    filter: &Filter,
    host_user_id: Option<&str>,
    page: Page,
) -> Result<Vec<Auction>, Error> {
    let rows = sqlx::query(select!(
        "where ($1 is null or status = $1) and ($2 is null or category = $2) and ($3 is null or host_user_id = $3)
         order by created_at_ms desc, id desc limit $4 offset $5"
    ))
    .bind(filter.status.map(Status::as_str))
    .bind(filter.category.as_deref())
    .bind(host_user_id)
    .bind(page.limit)
    .bind(page.offset)
    .fetch_all(executor)
    .await?;
    rows.iter().map(read).collect()
}

/// How many auctions a filter has.
pub async fn count(executor: impl AnyExecutor<'_>, filter: &Filter, host_user_id: Option<&str>) -> Result<i64, Error> {
    let (count,): (i64,) = sqlx::query_as(
        "select count(*) from auctions
         where ($1 is null or status = $1) and ($2 is null or category = $2) and ($3 is null or host_user_id = $3)",
    )
    .bind(filter.status.map(Status::as_str))
    .bind(filter.category.as_deref())
    .bind(host_user_id)
    .fetch_one(executor)
    .await?;
    Ok(count)
}

/// Live auctions: those on air first, then those that end first.
pub async fn live(executor: impl AnyExecutor<'_>, limit: i64) -> Result<Vec<Auction>, Error> {
    let rows = sqlx::query(select!(
        "where status = 'live' order by
             case when exists (select 1 from broadcasts where channel_arn = ivs_channel_arn and ended_at_ms is null) then 0 else 1 end,
             ends_at_ms, id limit $1"
    ))
    .bind(limit)
    .fetch_all(executor)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<Auction, Error> {
    let id: String = row.try_get("id")?;
    let currency = row.try_get::<String, _>("currency")?.parse()?;
    let unknown = |what: &str| Error::internal(format_args!("auction {id} has an unknown {what}"));
    let status: String = row.try_get("status")?;
    let bid = |amount: &str, bidder: &str, name: &str| -> Result<Option<HighBid>, Error> {
        let parts = (
            row.try_get::<Option<i64>, _>(amount)?,
            row.try_get::<Option<String>, _>(bidder)?,
            row.try_get::<Option<String>, _>(name)?,
        );
        let (Some(minor), Some(bidder_id), Some(bidder_username)) = parts else {
            return Ok(None);
        };
        Ok(Some(HighBid {
            amount: Money::new(minor, currency),
            bidder_id,
            bidder_username,
        }))
    };
    let ended = match (
        row.try_get::<Option<i64>, _>("ended_at_ms")?,
        row.try_get::<Option<String>, _>("end_reason")?,
    ) {
        (Some(at_ms), Some(reason)) => Some(Ended {
            at_ms,
            reason: EndReason::parse(&reason).ok_or_else(|| unknown("end reason"))?,
            winner: bid("winning_bid", "winner_id", "winner_username")?,
        }),
        _ => None,
    };
    Ok(Auction {
        host_user_id: row.try_get("host_user_id")?,
        listing: Listing {
            title: row.try_get("title")?,
            description: row.try_get("description")?,
            category: row.try_get("category")?,
            seller_name: row.try_get("seller_name")?,
            condition: row.try_get("condition")?,
            image_url: row.try_get("image_url")?,
            duration_s: row.try_get("duration_s")?,
            starting_bid: Money::new(row.try_get("starting_bid")?, currency),
        },
        status: Status::parse(&status).ok_or_else(|| unknown("status"))?,
        created_at_ms: row.try_get("created_at_ms")?,
        ends_at_ms: row.try_get("ends_at_ms")?,
        ended,
        high_bid: bid("current_high_bid", "high_bidder_id", "high_bidder_username")?,
        bid_count: row.try_get("bid_count")?,
        anti_snipe_count: row.try_get("anti_snipe_count")?,
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
