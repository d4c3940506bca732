//! SQL about who took part.

use sqlx::{AnyConnection, AnyExecutor};

use crate::{Error, mail};

/// Somebody who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    /// Account, or service key.
    pub(super) id: String,
    /// Display name; none for programs and closed accounts.
    pub(super) name: Option<String>,
    /// Address; none for programs and closed accounts.
    pub(super) email: Option<String>,
}

impl Person {
    fn new(id: String, name: Option<String>, email: Option<String>) -> Self {
        Self {
            id,
            name,
            email: email.filter(|email| !mail::goes_nowhere(email)),
        }
    }
}

/// Bids that were taken, or came too late against somebody's maximum; those that an admin struck out do not count.
macro_rules! bids {
    () => {
        "e.auction_id = $1 and e.bidder_id is not null and e.verdict in ('leading', 'raised', 'beaten', 'outbid', 'done') \
         and not exists (select 1 from auction_entries r where r.auction_id = e.auction_id and r.target_seq = e.seq \
             and r.kind = 'retract' and r.verdict = 'done')"
    };
}

/// Up to `limit` people who bid, in the order of their ids, behind `after`.
pub(super) async fn bidders(
    on: impl AnyExecutor<'_>,
    auction_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Person>, Error> {
    let rows: Vec<(String, Option<String>, Option<String>)> = sqlx::query_as(concat!(
        "select b.bidder_id, a.name, a.email from (select distinct e.bidder_id from auction_entries e where ",
        bids!(),
        " and e.bidder_id > $2 order by e.bidder_id limit $3) b \
         left join accounts a on a.id = b.bidder_id and a.closed_at_ms is null order by b.bidder_id"
    ))
    .bind(auction_id)
    .bind(after)
    .bind(limit)
    .fetch_all(on)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, name, email)| Person::new(id, name, email))
        .collect())
}

/// How many people bid.
pub(super) async fn count_bidders(on: impl AnyExecutor<'_>, auction_id: &str) -> Result<i64, Error> {
    let (count,): (i64,) = sqlx::query_as(concat!(
        "select count(distinct e.bidder_id) from auction_entries e where ",
        bids!()
    ))
    .bind(auction_id)
    .fetch_one(on)
    .await?;
    Ok(count)
}

/// Somebody by id; without name and address when there is no such account.
pub(super) async fn person(connection: &mut AnyConnection, id: &str) -> Result<Person, Error> {
    let row: Option<(String, String)> =
        sqlx::query_as("select name, email from accounts where id = $1 and closed_at_ms is null")
            .bind(id)
            .fetch_optional(connection)
            .await?;
    let (name, email) = row.unzip();
    Ok(Person::new(id.to_owned(), name, email))
}

/// Most viewers at a time of any broadcast of the channel.
pub(super) async fn peak_viewers(on: impl AnyExecutor<'_>, channel_arn: &str) -> Result<i64, Error> {
    let (peak,): (Option<i64>,) = sqlx::query_as("select max(peak_viewers) from broadcasts where channel_arn = $1")
        .bind(channel_arn)
        .fetch_one(on)
        .await?;
    Ok(peak.unwrap_or(0))
}

/// Number of the last entry up to which the outbid were told.
pub(super) async fn outbid_seq(on: impl AnyExecutor<'_>, auction_id: &str) -> Result<i64, Error> {
    let row: Option<(i64,)> = sqlx::query_as("select outbid_seq from auction_notices where auction_id = $1")
        .bind(auction_id)
        .fetch_optional(on)
        .await?;
    Ok(row.map_or(0, |(seq,)| seq))
}

/// Up to `limit` of those who led at entry `from` or later, besides `leader`, and have no unread notice about it.
pub(super) async fn dethroned(
    on: impl AnyExecutor<'_>,
    auction_id: &str,
    from: i64,
    leader: &str,
    subject_key: &str,
    limit: i64,
) -> Result<Vec<String>, Error> {
    let rows: Vec<(String,)> = sqlx::query_as(
        "select distinct e.leader_id from auction_entries e \
         where e.auction_id = $1 and e.seq >= $2 and e.leader_id is not null and e.leader_id <> $3 and not exists \
             (select 1 from notifications n where n.account_id = e.leader_id and n.subject_key = $4 \
              and n.read_at_ms is null) \
         order by e.leader_id limit $5",
    )
    .bind(auction_id)
    .bind(from)
    .bind(leader)
    .bind(subject_key)
    .bind(limit)
    .fetch_all(on)
    .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Remembers up to which entry the outbid were told.
pub(super) async fn put_outbid_seq(connection: &mut AnyConnection, auction_id: &str, seq: i64) -> Result<(), Error> {
    sqlx::query(
        "insert into auction_notices (auction_id, outbid_seq) values ($1, $2) \
         on conflict (auction_id) do update set outbid_seq = excluded.outbid_seq",
    )
    .bind(auction_id)
    .bind(seq)
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets how far the outbid were told: the auction is over.
pub(super) async fn forget_outbid(connection: &mut AnyConnection, auction_id: &str) -> Result<(), Error> {
    sqlx::query("delete from auction_notices where auction_id = $1")
        .bind(auction_id)
        .execute(connection)
        .await?;
    Ok(())
}
