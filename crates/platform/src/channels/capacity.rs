//! The pool's places: counted under one lock, and reserved before the provider is asked for a channel.

use sqlx::{AnyConnection, AnyExecutor};

use crate::db::Tx;
use crate::{Context, Error, Platform, Role};

/// How full the pool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Channels there are.
    pub current: i64,
    /// Channels there may be.
    pub max: i64,
}

impl Capacity {
    /// Places that are free; none when the limit was lowered below what there is.
    pub fn remaining(self) -> i64 {
        (self.max - self.current).max(0)
    }

    /// Hundredths of a per cent of the pool in use, rounded down; a pool without places is full.
    pub fn utilization_hundredths(self) -> i64 {
        match self.max {
            ..=0 => 10_000,
            max => self.current.saturating_mul(10_000) / max,
        }
    }
}

/// How full the pool is.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than admins.
pub async fn capacity(ctx: &Context) -> Result<Capacity, Error> {
    ctx.require_role(Role::Admin)?;
    now(ctx).await
}

/// The same for whoever has been let in already.
pub(super) async fn now(ctx: &Context) -> Result<Capacity, Error> {
    Ok(Capacity {
        current: count(ctx.db().read()).await?,
        max: ctx.platform.config().channels.capacity,
    })
}

/// A place held for a channel that is being made.
#[derive(Debug)]
pub(super) struct Reservation {
    channel_id: String,
    attempt: String,
}

/// Holds a place for a channel. `Err` in `Ok`: there is none, and how full the pool is.
///
/// A creation that died is not waited for longer than it could have taken.
pub(super) async fn reserve(ctx: &Context, channel_id: &str) -> Result<Result<Reservation, Capacity>, Error> {
    let now_ms = ctx.platform.environment().now_ms();
    let reservation = Reservation {
        channel_id: channel_id.to_owned(),
        attempt: ctx.platform.new_id(now_ms),
    };
    let mut tx = ctx.db().begin().await?;
    lock(&mut tx).await?;
    drop_dead(tx.conn(), now_ms - grace_ms(&ctx.platform)).await?;
    let channels = count(&mut *tx.conn()).await?;
    let others = count_others(tx.conn(), channel_id).await?;
    let max = ctx.platform.config().channels.capacity;
    if channels + others >= max {
        tx.rollback().await?;
        let current = channels + others;
        return Ok(Err(Capacity { current, max }));
    }
    put(tx.conn(), &reservation, now_ms).await?;
    tx.commit().await?;
    Ok(Ok(reservation))
}

/// Turns a place that is held into one that is taken, in the transaction that saves the channel.
///
/// *errors*: [`crate::ErrorKind::Conflict`] when it took so long that the place was given to others.
pub(super) async fn take(tx: &mut Tx, reservation: &Reservation) -> Result<(), Error> {
    lock(tx).await?;
    if remove(tx.conn(), reservation).await? {
        return Ok(());
    }
    Err(Error::conflict(
        "The channel's place was given up because its creation took too long",
    ))
}

/// Gives a place back that nothing came of.
pub(super) async fn give_back(ctx: &Context, reservation: &Reservation) -> Result<(), Error> {
    let mut tx = ctx.db().begin().await?;
    remove(tx.conn(), reservation).await?;
    tx.commit().await
}

/// How long a creation may take: two things of the provider, a recording configuration and a channel.
fn grace_ms(platform: &Platform) -> i64 {
    let grace = platform.video().config().creation_grace.saturating_mul(2);
    i64::try_from(grace.as_millis()).unwrap_or(i64::MAX / 2)
}

async fn lock(tx: &mut Tx) -> Result<(), Error> {
    sqlx::query("update channel_pool set version = version + 1 where id = 1")
        .execute(tx.conn())
        .await?;
    Ok(())
}

async fn count(executor: impl AnyExecutor<'_>) -> Result<i64, Error> {
    let (count,): (i64,) = sqlx::query_as("select count(*) from channels where deleted_at_ms is null")
        .fetch_one(executor)
        .await?;
    Ok(count)
}

async fn count_others(connection: &mut AnyConnection, channel_id: &str) -> Result<i64, Error> {
    let (count,): (i64,) = sqlx::query_as("select count(*) from channel_reservations where channel_id <> $1")
        .bind(channel_id)
        .fetch_one(connection)
        .await?;
    Ok(count)
}

async fn drop_dead(connection: &mut AnyConnection, before_ms: i64) -> Result<(), Error> {
    sqlx::query("delete from channel_reservations where reserved_at_ms <= $1")
        .bind(before_ms)
        .execute(connection)
        .await?;
    Ok(())
}

async fn put(connection: &mut AnyConnection, reservation: &Reservation, now_ms: i64) -> Result<(), Error> {
    sqlx::query(
        "insert into channel_reservations (channel_id, attempt, reserved_at_ms) values ($1, $2, $3)
         on conflict (channel_id) do update set attempt = excluded.attempt, reserved_at_ms = excluded.reserved_at_ms",
    )
    .bind(&reservation.channel_id)
    .bind(&reservation.attempt)
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(())
}

async fn remove(connection: &mut AnyConnection, reservation: &Reservation) -> Result<bool, Error> {
    let done = sqlx::query("delete from channel_reservations where channel_id = $1 and attempt = $2")
        .bind(&reservation.channel_id)
        .bind(&reservation.attempt)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

#[cfg(test)]
mod tests {
    use super::Capacity;

    #[test]
    fn what_is_left_and_how_full_it_is_never_leave_their_ranges() {
        for (current, max, remaining, hundredths) in [
            (0, 20, 20, 0),
            (5, 20, 15, 2_500),
            (1, 3, 2, 3_333),
            (20, 20, 0, 10_000),
            (21, 20, 0, 10_500),
            (0, 0, 0, 10_000),
        ] {
            let capacity = Capacity { current, max };
            let found = (capacity.remaining(), capacity.utilization_hundredths());
            assert_eq!(found, (remaining, hundredths), "{capacity:?}");
        }
    }
}
