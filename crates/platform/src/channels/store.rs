//! SQL of channels and their claims.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, Row as _};

use super::model::{Channel, Claim, ClaimKind};
use crate::Error;
use crate::db::Tx;

/// The columns that [`read`] reads, of the table as `c`; a macro so that every statement stays one literal.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select c.id, c.name, c.ivs_name, c.arn, c.playback_url, c.ingest_endpoint, c.video_resource_id, ",
            "c.recording_enabled, c.recording_configuration_arn, c.disabled_at_ms, c.claim_kind, c.claim_id, ",
            "c.claim_session_id, c.claimed_by, c.claimed_at_ms, c.claim_lease_ms, c.sessions_ended, c.created_at_ms, ",
            "c.updated_at_ms from channels c ",
            $rest
        )
    };
}
pub(super) use select; // For lists.

/// Writes a new channel with its sealed stream key. False when there is one of this id, or was.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    channel: &Channel,
    sealed_stream_key: &str,
) -> Result<bool, Error> {
    let inserted = sqlx::query(
        "insert into channels (id, name, ivs_name, arn, playback_url, ingest_endpoint, video_resource_id, stream_key,
             recording_enabled, recording_configuration_arn, created_at_ms, updated_at_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (id) do nothing",
    )
    .bind(&channel.id)
    .bind(&channel.name)
    .bind(&channel.ivs_name)
    .bind(&channel.arn)
    .bind(&channel.playback_url)
    .bind(&channel.ingest_endpoint)
    .bind(&channel.resource_id)
    .bind(sealed_stream_key)
    .bind(i64::from(channel.recording_enabled))
    .bind(channel.recording_configuration_arn.as_deref())
    .bind(channel.created_at_ms)
    .bind(channel.updated_at_ms)
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// One channel.
pub(crate) async fn find(executor: impl AnyExecutor<'_>, id: &str) -> Result<Option<Channel>, Error> {
    let row = sqlx::query(select!("where c.id = $1 and c.deleted_at_ms is null"))
        .bind(id)
        .fetch_optional(executor)
        .await?;
    row.as_ref().map(read).transpose()
}

/// One channel, held against everybody else who locks or changes it until the transaction ends: claims, assignments,
/// bookings and keys of one channel come one after the other.
pub(crate) async fn lock(tx: &mut Tx, channel_id: &str) -> Result<Option<Channel>, Error> {
    let touched =
        sqlx::query("update channels set updated_at_ms = updated_at_ms where id = $1 and deleted_at_ms is null")
            .bind(channel_id)
            .execute(tx.conn())
            .await?;
    if touched.rows_affected() == 0 {
        return Ok(None);
    }
    find(&mut *tx.conn(), channel_id).await
}

/// Claims a channel that is in service and that nobody has. False when it is not so.
pub(super) async fn claim(
    connection: &mut AnyConnection,
    channel_id: &str,
    claim: &Claim,
    now_ms: i64,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "update channels set claim_kind = $1, claim_id = $2, claim_session_id = $3, claimed_by = $4, claimed_at_ms = $5,
             claim_lease_ms = $6, updated_at_ms = $7
         where id = $8 and claim_id is null and disabled_at_ms is null and deleted_at_ms is null",
    )
    .bind(claim.kind.as_str())
    .bind(&claim.id)
    .bind(claim.session_id.as_deref())
    .bind(&claim.by)
    .bind(claim.since_ms)
    .bind(claim.lease_until_ms)
    .bind(now_ms)
    .bind(channel_id)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes which session an operator's claim is for.
pub(super) async fn name_session(
    connection: &mut AnyConnection,
    channel_id: &str,
    session_id: Option<&str>,
    now_ms: i64,
) -> Result<(), Error> {
    sqlx::query(
        "update channels set claim_session_id = $1, updated_at_ms = $2 where id = $3 and claim_kind = 'operator'",
    )
    .bind(session_id)
    .bind(now_ms)
    .bind(channel_id)
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts a channel out of service since a moment, or into it; one that is out of service keeps the moment that it has.
pub(super) async fn set_disabled(
    connection: &mut AnyConnection,
    channel_id: &str,
    since_ms: Option<i64>,
    now_ms: i64,
) -> Result<(), Error> {
    sqlx::query(
        "update channels set disabled_at_ms = case when $1 is null then null else coalesce(disabled_at_ms, $1) end,
             updated_at_ms = $2 where id = $3",
    )
    .bind(since_ms)
    .bind(now_ms)
    .bind(channel_id)
    .execute(connection)
    .await?;
    Ok(())
}

/// Marks a channel as deleted and forgets its key.
pub(super) async fn delete(connection: &mut AnyConnection, channel_id: &str, now_ms: i64) -> Result<(), Error> {
    sqlx::query("update channels set deleted_at_ms = $1, updated_at_ms = $1, stream_key = null where id = $2")
        .bind(now_ms)
        .bind(channel_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Moves the end of a claim's lease. False when the channel is not claimed by it.
pub(super) async fn renew(
    connection: &mut AnyConnection,
    channel_id: &str,
    claim_id: &str,
    lease_until_ms: i64,
) -> Result<bool, Error> {
    let done = sqlx::query("update channels set claim_lease_ms = $1 where id = $2 and claim_id = $3")
        .bind(lease_until_ms)
        .bind(channel_id)
        .bind(claim_id)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a claim away and counts a session that is over. False when the channel is not claimed by it.
pub(super) async fn release(
    connection: &mut AnyConnection,
    channel_id: &str,
    claim_id: &str,
    now_ms: i64,
    counts_session: bool,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "update channels set claim_kind = null, claim_id = null, claim_session_id = null, claimed_by = null,
             claimed_at_ms = null, claim_lease_ms = null, sessions_ended = sessions_ended + $1,
             session_ended_at_ms = case when $1 = 1 then $2 else session_ended_at_ms end, updated_at_ms = $2
         where id = $3 and claim_id = $4",
    )
    .bind(i64::from(counts_session))
    .bind(now_ms)
    .bind(channel_id)
    .bind(claim_id)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that a session uses a channel from now on.
pub(super) async fn begin_use(connection: &mut AnyConnection, channel_id: &str, claim: &Claim) -> Result<(), Error> {
    sqlx::query("insert into channel_uses (channel_id, claim_id, since_ms) values ($1, $2, $3)")
        .bind(channel_id)
        .bind(&claim.id)
        .bind(claim.since_ms)
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes that a session is over.
pub(super) async fn end_use(
    connection: &mut AnyConnection,
    channel_id: &str,
    claim_id: &str,
    now_ms: i64,
) -> Result<(), Error> {
    sqlx::query("update channel_uses set until_ms = $1 where channel_id = $2 and claim_id = $3")
        .bind(now_ms)
        .bind(channel_id)
        .bind(claim_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets a use that came to nothing.
pub(super) async fn forget_use(connection: &mut AnyConnection, channel_id: &str, claim_id: &str) -> Result<(), Error> {
    sqlx::query("delete from channel_uses where channel_id = $1 and claim_id = $2")
        .bind(channel_id)
        .bind(claim_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Reads the columns of `select!`.
pub(super) fn read(row: &AnyRow) -> Result<Channel, Error> {
    Ok(Channel {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        ivs_name: row.try_get("ivs_name")?,
        arn: row.try_get("arn")?,
        playback_url: row.try_get("playback_url")?,
        ingest_endpoint: row.try_get("ingest_endpoint")?,
        resource_id: row.try_get("video_resource_id")?,
        recording_enabled: row.try_get::<i64, _>("recording_enabled")? != 0,
        recording_configuration_arn: row.try_get("recording_configuration_arn")?,
        disabled_at_ms: row.try_get("disabled_at_ms")?,
        claim: read_claim(row)?,
        sessions_ended: row.try_get("sessions_ended")?,
        created_at_ms: row.try_get("created_at_ms")?,
        updated_at_ms: row.try_get("updated_at_ms")?,
    })
}

fn read_claim(row: &AnyRow) -> Result<Option<Claim>, Error> {
    let Some(id) = row.try_get::<Option<String>, _>("claim_id")? else {
        return Ok(None);
    };
    let word: String = row.try_get("claim_kind")?;
    let kind = ClaimKind::parse(&word)
        .ok_or_else(|| Error::internal(format_args!("claim {id} is of the unknown kind {word}")))?;
    Ok(Some(Claim {
        kind,
        id,
        session_id: row.try_get("claim_session_id")?,
        by: row.try_get("claimed_by")?,
        since_ms: row.try_get("claimed_at_ms")?,
        lease_until_ms: row.try_get("claim_lease_ms")?,
    }))
}
