//! What was broadcast on a channel, all in all.

use sqlx::{AnyConnection, AssertSqlSafe};

use super::model::{Channel, State};
use super::view;
use crate::{Context, Error, Role, db};

/// What was broadcast on a channel since it was made.
///
/// A session counts once, however often its encoder came and went; what was on air outside any session counts for itself.
/// *source*: design §9.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Sessions that are over, and broadcasts that are over and outside any session.
    pub broadcasts: i64,
    /// Time on air, with that of the broadcast under way, milliseconds.
    pub on_air_ms: i64,
    /// When the last of them ended, or the one under way began, epoch ms.
    pub last_at_ms: Option<i64>,
}

impl Totals {
    /// Whole minutes on air.
    pub fn minutes(&self) -> i64 {
        self.on_air_ms / 60_000
    }

    /// Whole minutes on air as hundredths of an hour, rounded.
    pub fn hours_hundredths(&self) -> i64 {
        (self.minutes() * 100 + 30) / 60
    }
}

/// A channel's statistics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// The channel.
    pub channel: Channel,
    /// Its state now.
    pub state: State,
    /// What was broadcast.
    pub totals: Totals,
}

/// What was broadcast on a channel.
///
/// *errors*: [`crate::ErrorKind::NotFound`]; [`crate::ErrorKind::Forbidden`] for others than admins.
pub async fn stats(ctx: &Context, channel_id: &str) -> Result<Stats, Error> {
    ctx.require_role(Role::Admin)?;
    let view = view::one(ctx, channel_id).await?;
    Ok(Stats {
        state: view.state(),
        channel: view.channel,
        totals: view.totals,
    })
}

type Columns = (String, i64, Option<i64>, i64, i64, Option<i64>);

/// The totals of these channels, with one statement.
pub(super) async fn totals(
    connection: &mut AnyConnection,
    channels: &[Channel],
    now_ms: i64,
) -> Result<Vec<(String, Totals)>, Error> {
    if channels.is_empty() {
        return Ok(Vec::new());
    }
    // The text consists of constants, marks and numbers only.
    let text = format!(
        "select c.id, c.sessions_ended, c.session_ended_at_ms,
             (select count(*) from broadcasts b where b.channel_arn = c.arn and b.ended_at_ms is not null and not exists
                 (select 1 from channel_uses u where u.channel_id = c.id and u.since_ms <= b.ended_at_ms
                      and coalesce(u.until_ms, b.started_at_ms) >= b.started_at_ms)),
             (select cast(coalesce(sum(case when b.ended_at_ms is not null then b.ended_at_ms - b.started_at_ms
                      when b.started_at_ms < {now_ms} then {now_ms} - b.started_at_ms else 0 end), 0) as bigint)
                  from broadcasts b where b.channel_arn = c.arn),
             (select max(coalesce(b.ended_at_ms, b.started_at_ms)) from broadcasts b where b.channel_arn = c.arn)
         from channels c where c.id in {}",
        db::list(connection, channels.len())
    );
    let query = db::padded(channels).fold(sqlx::query_as(AssertSqlSafe(text)), |query, channel| {
        query.bind(channel.id.as_str())
    });
    let rows: Vec<Columns> = query.fetch_all(connection).await?;
    let totals = |(id, sessions, session_at_ms, others, on_air_ms, air_at_ms): Columns| {
        let totals = Totals {
            broadcasts: sessions + others,
            on_air_ms,
            last_at_ms: session_at_ms.max(air_at_ms),
        };
        (id, totals)
    };
    Ok(rows.into_iter().map(totals).collect())
}

#[cfg(test)]
mod tests {
    use super::Totals;

    #[test]
    fn minutes_are_whole_and_hours_are_made_of_them() {
        for (on_air_ms, minutes, hundredths) in [
            (0, 0, 0),
            (59_999, 0, 0),
            (60_000, 1, 2),
            (1_530 * 60_000 + 59_999, 1_530, 2_550),
            (100 * 60_000, 100, 167),
        ] {
            let totals = Totals {
                on_air_ms,
                ..Totals::default()
            };
            assert_eq!((totals.minutes(), totals.hours_hundredths()), (minutes, hundredths));
        }
    }
}
