//! A channel with everything that belongs to it at one moment.

use std::collections::HashMap;

use super::assignments::{self, Host};
use super::model::{Channel, State};
use super::stats::{self, Totals};
use super::{NOT_FOUND, store};
use crate::broadcasts::{self, Broadcast, Video};
use crate::db::Snapshot;
use crate::{Context, Error, Role, id};

/// A channel as admins see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The channel.
    pub channel: Channel,
    /// The broadcast on air.
    pub on_air: Option<Broadcast>,
    /// Its video.
    pub video: Video,
    /// What was broadcast all in all.
    pub totals: Totals,
    /// Who may broadcast.
    pub hosts: Vec<Host>,
}

impl View {
    /// The channel's state.
    pub fn state(&self) -> State {
        self.channel.state(self.on_air.is_some())
    }
}

/// One channel.
///
/// *errors*: [`crate::ErrorKind::NotFound`]; [`crate::ErrorKind::Forbidden`] for others than admins.
pub async fn get(ctx: &Context, channel_id: &str) -> Result<View, Error> {
    ctx.require_role(Role::Admin)?;
    one(ctx, channel_id).await
}

/// One channel, for whoever has been let in already.
pub(super) async fn one(ctx: &Context, channel_id: &str) -> Result<View, Error> {
    let channel_id = id::parse(channel_id, NOT_FOUND)?;
    let mut snapshot = ctx.db().snapshot().await?;
    let channel = store::find(&mut *snapshot.conn(), &channel_id).await?;
    let views = views(ctx, &mut snapshot, channel.into_iter().collect()).await?;
    views.into_iter().next().ok_or_else(|| Error::not_found(NOT_FOUND))
}

/// Channels of one moment, in the same order.
pub(super) async fn views(ctx: &Context, snapshot: &mut Snapshot, channels: Vec<Channel>) -> Result<Vec<View>, Error> {
    let arns: Vec<&str> = channels.iter().map(|channel| channel.arn.as_str()).collect();
    let mut latest = broadcasts::latest(&mut *snapshot.conn(), &arns).await?;
    let totals = stats::totals(snapshot.conn(), &channels, ctx.now_ms).await?;
    let mut totals: HashMap<String, Totals> = totals.into_iter().collect();
    let ids: Vec<&str> = channels.iter().map(|channel| channel.id.as_str()).collect();
    let mut hosts = assignments::hosts_of(&mut *snapshot.conn(), &ids).await?;
    let view = |channel: Channel| {
        let latest = latest.remove(&channel.arn);
        View {
            video: Video::of(latest.as_ref(), channel.created_at_ms),
            on_air: latest.filter(Broadcast::is_live),
            totals: totals.remove(&channel.id).unwrap_or_default(),
            hosts: hosts.remove(&channel.id).unwrap_or_default(),
            channel,
        }
    };
    Ok(channels.into_iter().map(view).collect())
}
