//! SQL of channel requests.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, Row as _};

use super::model::UnderWay;
use super::{Request, Status};
use crate::Error;
use crate::db::exactly_one;
use crate::groups::store::read_picture;

const DECIDED: &str = "Channel request was decided meanwhile";

/// Adds a request. False when its group has a pending one.
pub(super) async fn insert(connection: &mut AnyConnection, request: &Request) -> Result<bool, Error> {
    let done = sqlx::query(
        "insert into channel_requests (id, group_id, group_name, owner_id, requested_by, proposed_name, note, status,
             requested_at_ms) values ($1, $2, $3, $4, $5, $6, $7, 'PENDING', $8)
         on conflict (group_id) where status = 'PENDING' do nothing",
    )
    .bind(&request.id)
    .bind(&request.group_id)
    .bind(&request.group_name)
    .bind(&request.owner_id)
    .bind(&request.requested_by)
    .bind(&request.proposed_name)
    .bind(request.note.as_deref())
    .bind(request.requested_at_ms)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// When the request that came `back` requests before an owner's next one was made, withdrawn ones included; epoch ms.
pub(super) async fn requested_before(
    on: impl AnyExecutor<'_>,
    owner_id: &str,
    back: i64,
) -> Result<Option<i64>, Error> {
    let row: Option<(i64,)> = sqlx::query_as(
        "select requested_at_ms from channel_requests where owner_id = $1 order by id desc limit 1 offset $2",
    )
    .bind(owner_id)
    .bind(back - 1)
    .fetch_optional(on)
    .await?;
    Ok(row.map(|(at_ms,)| at_ms))
}

/// Makes other decisions about a request wait until the transaction ends; false when there is none.
pub(super) async fn hold(connection: &mut AnyConnection, request_id: &str) -> Result<bool, Error> {
    let done = sqlx::query("update channel_requests set status = status where id = $1")
        .bind(request_id)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Begins an approval of a pending request, or goes on with one.
pub(super) async fn begin(connection: &mut AnyConnection, request_id: &str, approval: &UnderWay) -> Result<(), Error> {
    let done = sqlx::query(
        "update channel_requests set channel_id = $2, approval_id = $3, approval_until_ms = $4
         where id = $1 and status = 'PENDING'",
    )
    .bind(request_id)
    .bind(&approval.channel_id)
    .bind(&approval.id)
    .bind(approval.until_ms)
    .execute(connection)
    .await?;
    exactly_one(done.rows_affected(), DECIDED)
}

/// Forgets an approval that came to nothing, and the channel's id with it: a deleted channel's id is never used again.
pub(super) async fn forget_approval(
    connection: &mut AnyConnection,
    request_id: &str,
    approval_id: &str,
) -> Result<(), Error> {
    sqlx::query(
        "update channel_requests set channel_id = null, approval_id = null, approval_until_ms = null
         where id = $1 and approval_id = $2",
    )
    .bind(request_id)
    .bind(approval_id)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes how a pending request was decided, by whom and when.
pub(super) async fn decide(connection: &mut AnyConnection, decided: &Request) -> Result<(), Error> {
    let done = sqlx::query(
        "update channel_requests set status = $2, reason = $3, decided_at_ms = $4, decided_by = $5
         where id = $1 and status = 'PENDING'",
    )
    .bind(&decided.id)
    .bind(decided.status.as_str())
    .bind(decided.reason.as_deref())
    .bind(decided.decided_at_ms)
    .bind(decided.decided_by.as_deref())
    .execute(connection)
    .await?;
    exactly_one(done.rows_affected(), DECIDED)
}

/// The approval of a request is through: nothing is under way.
pub(super) async fn end_approval(connection: &mut AnyConnection, request_id: &str) -> Result<(), Error> {
    let done = sqlx::query("update channel_requests set approval_id = null, approval_until_ms = null where id = $1")
        .bind(request_id)
        .execute(connection)
        .await?;
    exactly_one(done.rows_affected(), DECIDED)
}

/// A select of requests `r`, ended by the text given.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "select r.id, r.group_id, coalesce(g.name, r.group_name) as group_name, g.picture_name, g.picture_thumbnail, \
             g.picture_width, g.picture_height, r.owner_id, a.name as owner_name, a.email as owner_email, \
             r.requested_by, r.proposed_name, r.note, r.status, r.reason, r.channel_id, r.approval_id, \
             r.approval_until_ms, r.requested_at_ms, r.decided_at_ms, r.decided_by from channel_requests r \
             join accounts a on a.id = r.owner_id left join program_groups g on g.id = r.group_id ",
            $tail
        )
    };
}

/// One request, also a withdrawn one.
pub(super) async fn find(on: impl AnyExecutor<'_>, request_id: &str) -> Result<Option<Request>, Error> {
    let row = sqlx::query(select!("where r.id = $1"))
        .bind(request_id)
        .fetch_optional(on)
        .await?;
    row.as_ref().map(read).transpose()
}

/// The last request of a group.
pub(in crate::groups) async fn latest(on: impl AnyExecutor<'_>, group_id: &str) -> Result<Option<Request>, Error> {
    let row = sqlx::query(select!(
        "where r.group_id = $1 and r.status <> 'WITHDRAWN' order by r.id desc limit 1"
    ))
    .bind(group_id)
    .fetch_optional(on)
    .await?;
    row.as_ref().map(read).transpose()
}

/// The last request of each of an owner's groups.
pub(in crate::groups) async fn latest_of_owner(
    on: impl AnyExecutor<'_>,
    owner_id: &str,
) -> Result<Vec<Request>, Error> {
    let rows = sqlx::query(select!(
        "where r.id in (select max(l.id) from channel_requests l where l.owner_id = $1 and l.status <> 'WITHDRAWN' \
             group by l.group_id)"
    ))
    .bind(owner_id)
    .fetch_all(on)
    .await?;
    rows.iter().map(read).collect()
}

/// Up to `limit` requests behind the one with id `after`: pending ones oldest first, others newest first; `status` and
/// `owner_id` narrow.
pub(super) async fn list(
    on: impl AnyExecutor<'_>,
    status: Option<Status>,
    owner_id: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Request>, Error> {
    let text = match status {
        Some(Status::Pending) => select!(
            "where r.status <> 'WITHDRAWN' and ($1 is null or r.status = $1) and ($2 is null or r.owner_id = $2) \
             and ($3 is null or r.id > $3) order by r.id limit $4"
        ),
        _ => select!(
            "where r.status <> 'WITHDRAWN' and ($1 is null or r.status = $1) and ($2 is null or r.owner_id = $2) \
             and ($3 is null or r.id < $3) order by r.id desc limit $4"
        ),
    };
    let rows = sqlx::query(text)
        .bind(status.map(Status::as_str))
        .bind(owner_id)
        .bind(after)
        .bind(limit)
        .fetch_all(on)
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<Request, Error> {
    let status: String = row.try_get("status")?;
    let status = Status::parse(&status).ok_or_else(|| Error::internal(format_args!("unknown status {status}")))?;
    let channel_id: Option<String> = row.try_get("channel_id")?;
    let approval_id: Option<String> = row.try_get("approval_id")?;
    let until_ms: Option<i64> = row.try_get("approval_until_ms")?;
    let under_way = match (approval_id, &channel_id, until_ms) {
        (Some(id), Some(channel_id), Some(until_ms)) => Some(UnderWay {
            id,
            channel_id: channel_id.clone(),
            until_ms,
        }),
        _ => None,
    };
    Ok(Request {
        id: row.try_get("id")?,
        group_id: row.try_get("group_id")?,
        group_name: row.try_get("group_name")?,
        picture: read_picture(row)?,
        owner_id: row.try_get("owner_id")?,
        owner_name: row.try_get("owner_name")?,
        owner_email: row.try_get("owner_email")?,
        requested_by: row.try_get("requested_by")?,
        proposed_name: row.try_get("proposed_name")?,
        note: row.try_get("note")?,
        status,
        reason: row.try_get("reason")?,
        channel_id: channel_id.filter(|_| status == Status::Approved),
        under_way,
        requested_at_ms: row.try_get("requested_at_ms")?,
        decided_at_ms: row.try_get("decided_at_ms")?,
        decided_by: row.try_get("decided_by")?,
    })
}
