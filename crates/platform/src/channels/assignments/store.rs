//! SQL of assignments.

use std::collections::HashMap;

use sqlx::{AnyConnection, AnyExecutor, AssertSqlSafe};

use super::{Assignment, Host};
use crate::Error;

type HostColumns = (String, String, String, String, i64, String);

pub(super) async fn of_host(executor: impl AnyExecutor<'_>, host_user_id: &str) -> Result<Option<Assignment>, Error> {
    let row: Option<(String, i64, String)> = sqlx::query_as(
        "select channel_id, assigned_at_ms, assigned_by from channel_assignments where host_user_id = $1",
    )
    .bind(host_user_id)
    .fetch_optional(executor)
    .await?;
    Ok(row.map(|(channel_id, assigned_at_ms, assigned_by)| Assignment {
        host_user_id: host_user_id.to_owned(),
        channel_id,
        assigned_at_ms,
        assigned_by,
    }))
}

/// False when the host has a channel, this one or another.
pub(super) async fn insert(connection: &mut AnyConnection, assignment: &Assignment) -> Result<bool, Error> {
    let done = sqlx::query(
        "insert into channel_assignments (host_user_id, channel_id, assigned_at_ms, assigned_by) \
         values ($1, $2, $3, $4) on conflict (host_user_id) do nothing",
    )
    .bind(&assignment.host_user_id)
    .bind(&assignment.channel_id)
    .bind(assignment.assigned_at_ms)
    .bind(&assignment.assigned_by)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// True when the host had this channel.
pub(super) async fn remove(
    connection: &mut AnyConnection,
    channel_id: &str,
    host_user_id: &str,
) -> Result<bool, Error> {
    let done = sqlx::query("delete from channel_assignments where host_user_id = $1 and channel_id = $2")
        .bind(host_user_id)
        .bind(channel_id)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The hosts of these channels, each channel's in the order of their assignment.
pub(super) async fn hosts_of(
    executor: impl AnyExecutor<'_>,
    channel_ids: &[&str],
) -> Result<HashMap<String, Vec<Host>>, Error> {
    let places: Vec<String> = (1..=channel_ids.len()).map(|place| format!("${place}")).collect();
    // The text consists of constants and numbers only.
    let text = format!(
        "select assignment.channel_id, host.id, host.name, host.email, assignment.assigned_at_ms, assignment.assigned_by \
         from channel_assignments assignment join accounts host on host.id = assignment.host_user_id \
         where assignment.channel_id in ({}) order by assignment.assigned_at_ms, host.id",
        places.join(", ")
    );
    let mut query = sqlx::query_as::<_, HostColumns>(AssertSqlSafe(text));
    for id in channel_ids {
        query = query.bind(*id);
    }
    let mut hosts: HashMap<String, Vec<Host>> = HashMap::new();
    for (channel_id, user_id, name, email, assigned_at_ms, assigned_by) in query.fetch_all(executor).await? {
        hosts.entry(channel_id).or_default().push(Host {
            user_id,
            name,
            email,
            assigned_at_ms,
            assigned_by,
        });
    }
    Ok(hosts)
}
