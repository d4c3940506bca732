//! Pulling the provider's truth: one list of live streams, and a closer look only where it would change something.

use std::collections::{BTreeSet, HashMap};

use super::model::{Broadcast, Health, Observation, apply_observation};
use super::{ChannelRows, store};
use crate::video::{self, LiveStream, ProviderError, ProviderErrorKind, State};
use crate::{Error, Platform};

/// Channels asked one by one in a pass when the list is denied: what Amazon's rate allows in the pause between passes.
const ONE_BY_ONE_MAX: usize = 75;

/// Brings every broadcast in line with the provider; false when there is no channel that anybody could publish to.
///
/// *errors*: [`crate::ErrorKind::Provider`] when it cannot be asked; what was applied by then stays.
pub(super) async fn reconcile(platform: &Platform) -> Result<bool, Error> {
    let on_air = store::on_air(platform.db().read()).await?;
    let mut channels: BTreeSet<String> = on_air.keys().cloned().collect();
    for row in video::store::open(platform.db().read()).await? {
        channels.extend(row.arn.filter(|_| row.state != State::Lost));
    }
    if channels.is_empty() {
        return Ok(false);
    }
    let listed_at_ms = platform.environment().now_ms();
    match platform.video().list_streams().await {
        Ok(streams) => {
            let streams = streams
                .into_iter()
                .map(|stream| (stream.channel_arn.clone(), stream))
                .collect();
            compare(platform, &channels, &streams, &on_air, listed_at_ms).await?;
        }
        Err(error) if error.kind == ProviderErrorKind::AccessDenied => {
            tracing::warn!("live streams cannot be listed, channels are asked one by one: {error}");
            one_by_one(platform, channels, &on_air).await?;
        }
        Err(error) => return Err(unanswered(error)),
    }
    Ok(true)
}

async fn compare(
    platform: &Platform,
    channels: &BTreeSet<String>,
    streams: &HashMap<String, LiveStream>,
    on_air: &HashMap<String, Broadcast>,
    listed_at_ms: i64,
) -> Result<(), Error> {
    for arn in channels {
        match (streams.get(arn), on_air.get(arn)) {
            (None, None) => {}
            (Some(stream), Some(row)) if stream.stream_id == row.stream_id => {
                let observed = observation(stream, row.started_at_ms);
                // Most passes change nothing; those need no transaction.
                if !apply_observation(std::slice::from_ref(row), &observed, listed_at_ms, listed_at_ms).is_empty() {
                    apply(platform, arn, observed, listed_at_ms).await?;
                }
            }
            // The list may be a moment old: a start or an end is confirmed first.
            (_, row) => look(platform, arn, row).await?,
        }
    }
    Ok(())
}

async fn one_by_one(
    platform: &Platform,
    channels: BTreeSet<String>,
    on_air: &HashMap<String, Broadcast>,
) -> Result<(), Error> {
    let mut channels: Vec<String> = channels.into_iter().collect();
    // Those on air first; the others take turns, beginning at another place in every pass.
    let (passes, count) = (
        platform.environment().now_ms() / super::jobs::RECONCILE_EVERY_MS,
        channels.len(),
    );
    let shift = usize::try_from(passes).unwrap_or(0).wrapping_mul(ONE_BY_ONE_MAX) % count.max(1);
    channels.rotate_left(shift);
    channels.sort_by_key(|arn| !on_air.contains_key(arn));
    for arn in channels.iter().take(ONE_BY_ONE_MAX.max(on_air.len())) {
        look(platform, arn, on_air.get(arn)).await?;
    }
    Ok(())
}

/// Asks about one channel and applies the answer.
async fn look(platform: &Platform, arn: &str, row: Option<&Broadcast>) -> Result<(), Error> {
    let client = platform.video();
    let observed_at_ms = platform.environment().now_ms();
    let observed = match (client.stream(arn).await.map_err(unanswered)?, row) {
        (Some(stream), _) => observation(&stream, observed_at_ms),
        (None, Some(row)) => {
            // When the end is not known exactly, the moment of this look stands in for it.
            let ended_at_ms = client
                .stream_ended_at_ms(arn, &row.stream_id)
                .await
                .unwrap_or_else(|error| {
                    tracing::debug!(
                        stream.id = row.stream_id,
                        "the end of stream {} is not known: {error}",
                        row.stream_id
                    );
                    None
                });
            Observation::Offline { ended_at_ms }
        }
        (None, None) => return Ok(()),
    };
    apply(platform, arn, observed, observed_at_ms).await
}

fn observation(stream: &LiveStream, started_at_ms: i64) -> Observation {
    Observation::Live {
        stream_id: stream.stream_id.clone(),
        started_at_ms: stream.started_at_ms.unwrap_or(started_at_ms),
        health: match stream.is_healthy {
            Some(true) => Health::Healthy,
            Some(false) => Health::Starving,
            None => Health::Unknown,
        },
        viewers: stream.viewers,
    }
}

async fn apply(platform: &Platform, arn: &str, observed: Observation, observed_at_ms: i64) -> Result<(), Error> {
    let stream_id = match &observed {
        Observation::Live { stream_id, .. } => stream_id.as_str(),
        Observation::Offline { .. } => "",
    };
    let now_ms = platform.environment().now_ms();
    let mut tx = platform.db().begin().await?;
    let Some(mut channel) = ChannelRows::lock(&mut tx, arn, stream_id).await? else {
        return Ok(());
    };
    let changes = apply_observation(&channel.rows, &observed, observed_at_ms, now_ms);
    if changes.is_empty() {
        return tx.rollback().await;
    }
    // Passes are far enough apart: each may tell.
    channel.save(&mut tx, changes, now_ms, 0).await?;
    tx.commit().await
}

fn unanswered(error: ProviderError) -> Error {
    Error::provider("The video provider could not be asked what is on air", error)
}
