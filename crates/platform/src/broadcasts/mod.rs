//! What is on air: the only place that turns the provider's truth into the application's.
//!
//! **Invariants**
//! - One row per on-air period ([`Broadcast`]), at most one of them on air per channel.
//! - Events push ([`record_event`]), the reconciler pulls ([`jobs`]); both go through the rules in [`model`] under a lock of
//!   the channel's ledger row. Events may be lost, doubled, late or reordered: the next pull leaves the provider's truth.
//! - Whoever owns the channel is told in the same transaction, on its own topic and on the topic of its kind. What an owner
//!   is (an auction, …) stays unknown here: the ledger names it.
//!   A persistent channel is also asked to tell of its state, which follows from being on air.

pub mod jobs;
pub mod model;
mod reconcile;
pub mod samples;
pub(crate) mod store;
pub(crate) mod thumbnails;
mod wire;

pub use model::{Broadcast, EndCause, Ended, Health, Video, VideoState};
pub use samples::{Advice, Ingest, Level, Sample};

use std::collections::HashMap;

use serde_json::{Value, json};
use sqlx::AnyExecutor;

use crate::db::Tx;
use crate::video::{self, Owner, OwnerKind, Resource, State};
use crate::{Context, Error, channels};
use model::{Fact, apply_fact};
use wire::{Event, Parsed};

/// Samples in one answer at most: half an hour of one every five seconds.
pub const SAMPLES_MAX: i64 = 360;
/// Watchers hear of a changed number of viewers this often at most; state changes are told at once.
const VIEWERS_PAUSE_MS: i64 = 10_000;

/// Takes one event in EventBridge's envelope: Amazon's stream state and health changes, and our engine's figures.
///
/// Events about channels that are not ours, and of kinds we do not act on, are taken and ignored.
/// *errors*: [`crate::ErrorKind::Invalid`] when it is no such event.
pub async fn record_event(ctx: &Context, body: Value) -> Result<(), Error> {
    let event = match wire::parse(body).map_err(|rule| Error::invalid("body", rule))? {
        Parsed::Event(event) => event,
        Parsed::Ignored => return Ok(()),
    };
    // Events of other applications in the account cost one read.
    if video::store::find_by_arn(ctx.db().read(), &event.channel_arn)
        .await?
        .is_none()
    {
        return Ok(());
    }
    let mut tx = ctx.db().begin().await?;
    let Some(mut channel) = ChannelRows::lock(&mut tx, &event.channel_arn, &event.stream_id).await? else {
        return Ok(());
    };
    // A sample has a key of its own; only news that change a state need to be remembered.
    let is_measurement = matches!(event.fact, Fact::Measured { .. });
    if !is_measurement && !store::remember_event(tx.conn(), &event.id, ctx.now_ms).await? {
        return Ok(());
    }
    let changes = apply_fact(&channel.rows, &event.stream_id, event.fact, event.at_ms, ctx.now_ms);
    channel.save(&mut tx, changes, ctx.now_ms, VIEWERS_PAUSE_MS).await?;
    keep_measurement(&mut tx, &event).await?;
    tx.commit().await
}

async fn keep_measurement(tx: &mut Tx, event: &Event) -> Result<(), Error> {
    let Some((sample, ingest)) = &event.measured else {
        return Ok(());
    };
    store::insert_sample(tx.conn(), &event.stream_id, sample).await?;
    let Some(ingest) = ingest else { return Ok(()) };
    if store::ingest(&mut *tx.conn(), &event.stream_id).await?.as_ref() == Some(ingest) {
        return Ok(());
    }
    store::put_ingest(tx.conn(), &event.stream_id, ingest).await
}

/// How the latest broadcast of a channel does.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The broadcast on air, or the last one; `None` before the first.
    pub broadcast: Option<Broadcast>,
    /// What its encoder said about itself.
    pub ingest: Option<Ingest>,
    /// Its newest samples, oldest first, at most [`SAMPLES_MAX`].
    pub samples: Vec<Sample>,
    /// What they mean, the most important first.
    pub advice: Vec<Advice>,
}

/// Reports on a channel; whoever calls this has checked that the caller may know.
pub async fn health(ctx: &Context, channel_arn: &str) -> Result<Report, Error> {
    let mut snapshot = ctx.db().snapshot().await?;
    let Some(broadcast) = store::latest(&mut *snapshot.conn(), channel_arn).await? else {
        return Ok(Report {
            broadcast: None,
            ingest: None,
            samples: Vec::new(),
            advice: Vec::new(),
        });
    };
    let ingest = store::ingest(&mut *snapshot.conn(), &broadcast.stream_id).await?;
    let samples = store::samples(&mut *snapshot.conn(), &broadcast.stream_id, SAMPLES_MAX).await?;
    let is_starving = broadcast.is_live() && broadcast.health == Health::Starving;
    let advice = if broadcast.is_live() {
        samples::advice(&samples, is_starving)
    } else {
        Vec::new()
    };
    Ok(Report {
        broadcast: Some(broadcast),
        ingest,
        samples,
        advice,
    })
}

/// The video of one channel that was made at `owned_since_ms`.
pub async fn video(executor: impl AnyExecutor<'_>, channel_arn: &str, owned_since_ms: i64) -> Result<Video, Error> {
    Ok(Video::of(
        store::latest(executor, channel_arn).await?.as_ref(),
        owned_since_ms,
    ))
}

/// The latest broadcast of each of these channels, with one statement.
pub async fn latest(
    executor: impl AnyExecutor<'_>,
    channel_arns: &[&str],
) -> Result<HashMap<String, Broadcast>, Error> {
    if channel_arns.is_empty() {
        return Ok(HashMap::new());
    }
    store::latest_of(executor, channel_arns).await
}

/// A small JPEG of what is on air on a channel.
///
/// *errors*: [`crate::ErrorKind::NotFound`] when nothing is, [`crate::ErrorKind::Unavailable`] when no picture can be made.
pub async fn thumbnail(ctx: &Context, channel_arn: &str, playback_url: &str) -> Result<bytes::Bytes, Error> {
    let latest = store::latest(ctx.db().read(), channel_arn).await?;
    let broadcast = latest
        .filter(Broadcast::is_live)
        .ok_or_else(|| Error::not_found("Nothing is on air on this channel"))?;
    let thumbnails = ctx.platform.thumbnails();
    thumbnails.newest(&broadcast.stream_id, playback_url).await
}

/// A channel's ledger row and the broadcasts that news can change, locked for one transaction.
pub(crate) struct ChannelRows {
    resource: Resource,
    arn: String,
    pub(crate) rows: Vec<Broadcast>,
    latest: Option<Broadcast>,
}

impl ChannelRows {
    /// `None` when the channel is not in the ledger.
    pub(crate) async fn lock(tx: &mut Tx, channel_arn: &str, stream_id: &str) -> Result<Option<Self>, Error> {
        if !store::lock_channel(tx.conn(), channel_arn).await? {
            return Ok(None);
        }
        let Some(resource) = video::store::find_by_arn(&mut *tx.conn(), channel_arn).await? else {
            return Ok(None);
        };
        // The latest is the one on air, if there is one.
        let latest = store::latest(&mut *tx.conn(), channel_arn).await?;
        let named = store::find(&mut *tx.conn(), channel_arn, stream_id).await?;
        let is_named = |row: &&Broadcast| named.as_ref().is_none_or(|named| named.stream_id != row.stream_id);
        let mut rows: Vec<Broadcast> = latest
            .iter()
            .filter(|row| row.is_live())
            .filter(is_named)
            .cloned()
            .collect();
        rows.extend(named);
        Ok(Some(Self {
            resource,
            arn: channel_arn.to_owned(),
            rows,
            latest,
        }))
    }

    /// Writes changes (ended rows first) and tells the owner what its viewers do not know yet: a state at once, a number
    /// of viewers when the last telling is `pause_ms` ago.
    pub(crate) async fn save(
        &mut self,
        tx: &mut Tx,
        changes: Vec<Broadcast>,
        now_ms: i64,
        pause_ms: i64,
    ) -> Result<(), Error> {
        for change in &changes {
            store::put(tx.conn(), &self.arn, change).await?;
            tell_operator(&self.resource, self.latest.as_ref(), change);
        }
        let latest = store::latest(&mut *tx.conn(), &self.arn).await?;
        let since_ms = self.resource.created_at_ms;
        let (before, after) = (
            Video::of(self.latest.as_ref(), since_ms),
            Video::of(latest.as_ref(), since_ms),
        );
        let is_new_state = (before.state, &before.stream_id) != (after.state, &after.stream_id);
        let is_owned = matches!(self.resource.state, State::Active | State::Lost);
        if is_owned {
            let pause_ms = if is_new_state { 0 } else { pause_ms };
            let has_news = match &after.stream_id {
                Some(stream_id) => store::claim_telling(tx.conn(), stream_id, now_ms, pause_ms).await?,
                None => false,
            };
            if has_news || is_new_state {
                tell_watchers(tx, &self.resource.owner, &after)?;
            }
            if is_new_state {
                tell_owner(tx, &self.resource.owner).await?;
            }
        }
        self.latest = latest;
        Ok(())
    }
}

/// Publishes an owner's video on its topic and on the topic of its kind.
pub(crate) fn tell_watchers(tx: &mut Tx, owner: &str, video: &Video) -> Result<(), Error> {
    let Some(owner) = Owner::parse(owner) else {
        return Ok(());
    };
    let payload = json!({ owner.kind.id_member(): owner.id, "video": video.to_json() });
    tx.publish(&owner.topic(), "video_update", &payload)?;
    tx.publish(owner.kind.list_topic(), "video_update", &payload)
}

/// Lets an owner whose own state follows from being on air tell of it, ordered with whatever else changes that state.
async fn tell_owner(tx: &mut Tx, owner: &str) -> Result<(), Error> {
    match Owner::parse(owner) {
        Some(owner) if owner.kind == OwnerKind::Channel => channels::retell(tx, &owner.id).await,
        _ => Ok(()),
    }
}

fn tell_operator(resource: &Resource, before: Option<&Broadcast>, now: &Broadcast) {
    let was_live = before.is_some_and(|before| before.stream_id == now.stream_id && before.is_live());
    let (stream_id, owner) = (&now.stream_id, &resource.owner);
    match (was_live, now.ended) {
        (false, None) => tracing::info!(
            stream.id = stream_id,
            owner,
            "{owner} is on air with stream {stream_id}"
        ),
        (true, Some(ended)) => {
            let minutes = now.minutes(ended.at_ms);
            tracing::info!(
                stream.id = stream_id,
                owner,
                minutes,
                "stream {stream_id} of {owner} is over after {minutes} min: {}",
                ended.cause.as_str()
            );
        }
        _ => {}
    }
}
