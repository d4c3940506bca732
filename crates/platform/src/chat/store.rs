//! SQL of chat.

use std::collections::HashMap;

use sqlx::{AnyConnection, AnyExecutor, AssertSqlSafe};

use super::model::{HOST_ID, Line, Measure, Member, Part};
use crate::Error;

/// What chat needs to know of an auction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auction {
    pub host_user_id: String,
    pub is_live: bool,
}

/// The room of an auction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    pub arn: String,
    pub resource_id: String,
    pub created_at_ms: i64,
    /// Until then a process of ours certainly hears what is said, unless it dies.
    pub heard_until_ms: i64,
}

/// A room that this process is to listen to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    pub auction_id: String,
    pub room: Room,
}

/// Something that was said and is not kept yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub message_id: String,
    pub user_id: String,
    pub username: String,
    pub text: String,
    pub sent_at_ms: i64,
}

type AuctionColumns = (String, String, Option<String>, Option<String>, Option<i64>, Option<i64>);
type MemberColumns = (String, String, String, String, i64, i64, Option<String>);
type LineColumns = (String, String, String, String, i64, i64);

/// An auction with its room.
pub async fn auction(executor: impl AnyExecutor<'_>, id: &str) -> Result<Option<(Auction, Option<Room>)>, Error> {
    let row: Option<AuctionColumns> = sqlx::query_as(
        "select a.host_user_id, a.status, r.arn, r.resource_id, r.created_at_ms, r.heard_until_ms
         from auctions a left join chat_rooms r on r.auction_id = a.id where a.id = $1",
    )
    .bind(id)
    .fetch_optional(executor)
    .await?;
    Ok(row.map(
        |(host_user_id, status, arn, resource_id, created_at_ms, heard_until_ms)| {
            let is_live = status == "live";
            let room = arn.zip(resource_id).map(|(arn, resource_id)| Room {
                arn,
                resource_id,
                created_at_ms: created_at_ms.unwrap_or_default(),
                heard_until_ms: heard_until_ms.unwrap_or_default(),
            });
            (Auction { host_user_id, is_live }, room)
        },
    ))
}

/// Locks the row of an auction; false unless it is live.
pub async fn lock_live(connection: &mut AnyConnection, auction_id: &str) -> Result<bool, Error> {
    let locked = sqlx::query("update auctions set status = status where id = $1 and status = 'live'")
        .bind(auction_id)
        .execute(connection)
        .await?;
    Ok(locked.rows_affected() == 1)
}

/// False when the auction has a room already.
pub async fn insert_room(connection: &mut AnyConnection, auction_id: &str, room: &Room) -> Result<bool, Error> {
    let inserted = sqlx::query(
        "insert into chat_rooms (auction_id, arn, resource_id, created_at_ms) values ($1, $2, $3, $4)
         on conflict (auction_id) do nothing",
    )
    .bind(auction_id)
    .bind(&room.arn)
    .bind(&room.resource_id)
    .bind(room.created_at_ms)
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// False when the auction has another room by now.
pub async fn remove_room(connection: &mut AnyConnection, auction_id: &str, arn: &str) -> Result<bool, Error> {
    let removed = sqlx::query("delete from chat_rooms where auction_id = $1 and arn = $2")
        .bind(auction_id)
        .bind(arn)
        .execute(connection)
        .await?;
    Ok(removed.rows_affected() == 1)
}

/// The rooms of auctions, by auction.
pub async fn arns(executor: impl AnyExecutor<'_>, auction_ids: &[&str]) -> Result<HashMap<String, String>, Error> {
    if auction_ids.is_empty() {
        return Ok(HashMap::new());
    }
    let places: Vec<String> = (1..=auction_ids.len()).map(|place| format!("${place}")).collect();
    let text = format!(
        "select auction_id, arn from chat_rooms where auction_id in ({})",
        places.join(", ")
    );
    let mut query = sqlx::query_as(AssertSqlSafe(text));
    for id in auction_ids {
        query = query.bind(*id);
    }
    let rows: Vec<(String, String)> = query.fetch_all(executor).await?;
    Ok(rows.into_iter().collect())
}

/// Lets somebody in: writes them down, or reads what was written down about them with today's name and part.
pub async fn join(connection: &mut AnyConnection, auction_id: &str, newcomer: &Member) -> Result<Member, Error> {
    let row: MemberColumns = sqlx::query_as(
        "insert into chat_members (auction_id, user_id, account_id, username, role) values ($1, $2, $3, $4, $5)
         on conflict (auction_id, user_id) do update set username = excluded.username, role = excluded.role
         returning user_id, account_id, username, role, muted_until_ms, banned_until_ms, reason",
    )
    .bind(auction_id)
    .bind(&newcomer.user_id)
    .bind(&newcomer.account_id)
    .bind(&newcomer.username)
    .bind(newcomer.part.as_str())
    .fetch_one(connection)
    .await?;
    Ok(read_member(row))
}

/// Somebody who was let in once.
pub async fn member(executor: impl AnyExecutor<'_>, auction_id: &str, user_id: &str) -> Result<Option<Member>, Error> {
    let row: Option<MemberColumns> = sqlx::query_as(
        "select user_id, account_id, username, role, muted_until_ms, banned_until_ms, reason
         from chat_members where auction_id = $1 and user_id = $2",
    )
    .bind(auction_id)
    .bind(user_id)
    .fetch_optional(executor)
    .await?;
    Ok(row.map(read_member))
}

/// Who is muted or banned, the latest first.
pub async fn restricted(
    executor: impl AnyExecutor<'_>,
    auction_id: &str,
    now_ms: i64,
    limit: i64,
) -> Result<Vec<Member>, Error> {
    let rows: Vec<MemberColumns> = sqlx::query_as(
        "select user_id, account_id, username, role, muted_until_ms, banned_until_ms, reason from chat_members
         where auction_id = $1 and (muted_until_ms > $2 or banned_until_ms > $2)
         order by restricted_at_ms desc, user_id limit $3",
    )
    .bind(auction_id)
    .bind(now_ms)
    .bind(limit)
    .fetch_all(executor)
    .await?;
    Ok(rows.into_iter().map(read_member).collect())
}

/// Takes a measure until a moment; 0 lifts it and leaves the reason of the other.
pub async fn restrict(
    connection: &mut AnyConnection,
    auction_id: &str,
    user_id: &str,
    (measure, until_ms): (Measure, i64),
    reason: Option<&str>,
    now_ms: i64,
) -> Result<(), Error> {
    let text = match measure {
        Measure::Mute => {
            "update chat_members set muted_until_ms = $1, reason = coalesce($2, reason), restricted_at_ms = $3
             where auction_id = $4 and user_id = $5"
        }
        Measure::Ban => {
            "update chat_members set banned_until_ms = $1, reason = coalesce($2, reason), restricted_at_ms = $3
             where auction_id = $4 and user_id = $5"
        }
    };
    sqlx::query(text)
        .bind(until_ms)
        .bind(reason)
        .bind(now_ms)
        .bind(auction_id)
        .bind(user_id)
        .execute(connection)
        .await?;
    Ok(())
}

fn read_member(
    (user_id, account_id, username, role, muted_until_ms, banned_until_ms, reason): MemberColumns,
) -> Member {
    Member {
        user_id,
        account_id,
        username,
        part: Part::parse(&role),
        muted_until_ms,
        banned_until_ms,
        reason,
    }
}

/// Asks for a listener until that moment at least.
pub async fn listen_until(connection: &mut AnyConnection, auction_id: &str, until_ms: i64) -> Result<(), Error> {
    sqlx::query("update chat_rooms set listen_until_ms = $1 where auction_id = $2 and listen_until_ms < $1")
        .bind(until_ms)
        .bind(auction_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes or renews the lease of every room that somebody may be in and nobody else listens to, at most `limit`.
pub async fn claim(
    connection: &mut AnyConnection,
    listener: &str,
    (now_ms, lease_until_ms): (i64, i64),
    limit: i64,
) -> Result<Vec<Claimed>, Error> {
    let rows: Vec<(String, String, String, i64, i64)> = sqlx::query_as(
        "update chat_rooms set listener = $1, lease_until_ms = $2
         where listen_until_ms > $3 and (listener = $1 or lease_until_ms <= $3) and auction_id in (
             select r.auction_id from chat_rooms r join auctions a on a.id = r.auction_id
             where r.listen_until_ms > $3 and (r.listener = $1 or r.lease_until_ms <= $3) and a.status = 'live'
             order by case when r.listener = $1 then 0 else 1 end, r.created_at_ms limit $4)
         returning auction_id, arn, resource_id, created_at_ms, heard_until_ms",
    )
    .bind(listener)
    .bind(lease_until_ms)
    .bind(now_ms)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    let claimed = rows.into_iter().map(
        |(auction_id, arn, resource_id, created_at_ms, heard_until_ms)| Claimed {
            auction_id,
            room: Room {
                arn,
                resource_id,
                created_at_ms,
                heard_until_ms,
            },
        },
    );
    Ok(claimed.collect())
}

/// Says until when this listener hears everything; false when the room is another's by now.
pub async fn heard_until(
    connection: &mut AnyConnection,
    auction_id: &str,
    listener: &str,
    until_ms: i64,
) -> Result<bool, Error> {
    let done = sqlx::query("update chat_rooms set heard_until_ms = $1 where auction_id = $2 and listener = $3")
        .bind(until_ms)
        .bind(auction_id)
        .bind(listener)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives every lease of a listener back; of all listeners when there can be no other process.
pub async fn release_leases(connection: &mut AnyConnection, listener: Option<&str>) -> Result<(), Error> {
    sqlx::query(
        "update chat_rooms set lease_until_ms = 0, heard_until_ms = 0
         where lease_until_ms > 0 and (listener = $1 or $1 is null)",
    )
    .bind(listener)
    .execute(connection)
    .await?;
    Ok(())
}

/// Locks a room for writing down what was said and returns the number of its last line; `None` when it is another's by now.
pub async fn lock_lines(
    connection: &mut AnyConnection,
    auction_id: &str,
    listener: &str,
) -> Result<Option<i64>, Error> {
    let row: Option<(i64,)> = sqlx::query_as(
        "update chat_rooms set last_seq = last_seq where auction_id = $1 and listener = $2 returning last_seq",
    )
    .bind(auction_id)
    .bind(listener)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(seq,)| seq))
}

/// Writes a line down; false when it was written down before.
pub async fn insert_line(
    connection: &mut AnyConnection,
    auction_id: &str,
    seq: i64,
    heard: &Heard,
) -> Result<bool, Error> {
    let inserted = sqlx::query(
        "insert into chat_messages (auction_id, seq, message_id, user_id, username, message, sent_at_ms)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (auction_id, message_id) do nothing",
    )
    .bind(auction_id)
    .bind(seq)
    .bind(&heard.message_id)
    .bind(&heard.user_id)
    .bind(&heard.username)
    .bind(&heard.text)
    .bind(heard.sent_at_ms)
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Sets the number of a room's last line and drops the lines up to `dropped_seq`.
pub async fn end_lines(
    connection: &mut AnyConnection,
    auction_id: &str,
    last_seq: i64,
    dropped_seq: i64,
) -> Result<(), Error> {
    sqlx::query("update chat_rooms set last_seq = $1 where auction_id = $2")
        .bind(last_seq)
        .bind(auction_id)
        .execute(&mut *connection)
        .await?;
    sqlx::query("delete from chat_messages where auction_id = $1 and seq <= $2")
        .bind(auction_id)
        .bind(dropped_seq)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes the text of a message away; false when there is none, or it was taken away before.
pub async fn delete_line(connection: &mut AnyConnection, auction_id: &str, message_id: &str) -> Result<bool, Error> {
    let deleted = sqlx::query(
        "update chat_messages set is_deleted = 1, message = '' where auction_id = $1 and message_id = $2 and is_deleted = 0",
    )
    .bind(auction_id)
    .bind(message_id)
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// The number of a line.
pub async fn seq_of(executor: impl AnyExecutor<'_>, auction_id: &str, message_id: &str) -> Result<Option<i64>, Error> {
    let row: Option<(i64,)> = sqlx::query_as("select seq from chat_messages where auction_id = $1 and message_id = $2")
        .bind(auction_id)
        .bind(message_id)
        .fetch_optional(executor)
        .await?;
    Ok(row.map(|(seq,)| seq))
}

/// The last `limit` lines, or those before a number; oldest first.
pub async fn lines(
    executor: impl AnyExecutor<'_>,
    auction_id: &str,
    before_seq: Option<i64>,
    limit: i64,
) -> Result<Vec<Line>, Error> {
    let rows: Vec<LineColumns> = sqlx::query_as(
        "select message_id, user_id, username, message, sent_at_ms, is_deleted from chat_messages
         where auction_id = $1 and seq < $2 order by seq desc limit $3",
    )
    .bind(auction_id)
    .bind(before_seq.unwrap_or(i64::MAX))
    .bind(limit)
    .fetch_all(executor)
    .await?;
    let newest_first = rows.into_iter().map(
        |(message_id, user_id, username, message, sent_at_ms, is_deleted)| Line {
            is_host: user_id == HOST_ID,
            message_id,
            auction_id: auction_id.to_owned(),
            user_id,
            username,
            message,
            timestamp: sent_at_ms,
            kind: "chat",
            is_deleted: is_deleted != 0,
        },
    );
    Ok(newest_first.rev().collect())
}
