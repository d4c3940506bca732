//! Channels as these routes write them.

use platform::broadcasts;
use platform::channels::assignments::Host;
use platform::channels::{self, Switched, View, capacity, listing, stats};
use serde::Serialize;
use utoipa::ToSchema;

use crate::rest::time::rfc3339;
use crate::rest::video::Video;

/// Free, in use or on air, or out of service.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = PersistentChannelState)]
pub(crate) enum ChannelState {
    Idle,
    Live,
    Offline,
}

/// A persistent channel.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PersistentChannel)]
pub(crate) struct Channel {
    channel_id: String,
    /// The provider's id of it.
    channel_arn: String,
    channel_name: String,
    /// Multivariant playlist; the same for ever.
    playback_url: String,
    /// Where encoders connect.
    ingest_endpoint: String,
    state: ChannelState,
    /// Whether an encoder is on air, by the provider's word.
    on_air: bool,
    /// Whether it is out of service.
    disabled: bool,
    recording_enabled: bool,
    #[schema(required)]
    recording_configuration_arn: Option<String>,
    /// The session that uses it.
    #[schema(required)]
    current_session_id: Option<String>,
    /// Sessions that are over, and what was on air outside any session.
    total_broadcasts: i64,
    /// Whole minutes on air.
    total_streaming_minutes: i64,
    /// When the last broadcast ended, or the one under way began, RFC 3339.
    #[schema(required)]
    last_broadcast_at: Option<String>,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339.
    updated_at: String,
    /// Who may broadcast.
    hosts: Vec<ChannelHost>,
    video: Video,
    /// Whether media arrives; null while nobody is on air.
    #[schema(required)]
    health: Option<ChannelHealth>,
    /// People watching.
    viewers: i64,
    /// A picture of what is on air; null while nobody is.
    #[schema(required)]
    thumbnail_url: Option<String>,
}

/// Somebody who may broadcast on a channel.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelHost {
    host_user_id: String,
    name: String,
    email: String,
    /// RFC 3339.
    assigned_at: String,
    /// Account that assigned it.
    assigned_by: String,
}

/// Whether media arrives from the encoder; `unknown` until the provider can tell.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = PersistentChannelHealth)]
pub(crate) enum ChannelHealth {
    Healthy,
    Starving,
    Unknown,
}

/// A channel that was just made.
#[derive(Serialize, ToSchema)]
#[schema(as = PersistentChannelMade)]
pub(crate) struct ChannelMade {
    message: &'static str,
    channel: NewChannel,
}

/// What is known of a channel that was just made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewPersistentChannel)]
pub(crate) struct NewChannel {
    channel_id: String,
    channel_arn: String,
    channel_name: String,
    playback_url: String,
    ingest_endpoint: String,
    state: ChannelState,
    /// RFC 3339.
    created_at: String,
}

/// One channel.
#[derive(Serialize, ToSchema)]
#[schema(as = PersistentChannelFound)]
pub(crate) struct ChannelFound {
    channel: Channel,
}

/// A page of channels.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PersistentChannels)]
pub(crate) struct ChannelList {
    channels: Vec<Channel>,
    /// Channels on this page.
    count: usize,
    /// For the page after this one; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_token: Option<String>,
}

/// A channel is deleted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PersistentChannelDeleted)]
pub(crate) struct ChannelDeleted {
    message: &'static str,
    channel_id: String,
}

/// What was broadcast on a channel.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelStats {
    channel_id: String,
    channel_name: String,
    total_broadcasts: i64,
    /// Hours with two decimals.
    #[schema(example = "25.50")]
    total_streaming_hours: String,
    total_streaming_minutes: i64,
    #[schema(required)]
    last_broadcast_at: Option<String>,
    current_state: ChannelState,
    /// RFC 3339.
    created_at: String,
}

/// What a change of state brought about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChannelStateSet)]
pub(crate) struct StateSet {
    message: &'static str,
    channel_id: String,
    previous_state: ChannelState,
    /// LIVE also when IDLE was asked for and an encoder is on air.
    new_state: ChannelState,
    /// The session that uses the channel now.
    #[schema(required)]
    session_id: Option<String>,
    /// RFC 3339.
    updated_at: String,
}

/// How full the pool is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChannelCapacity)]
pub(crate) struct Capacity {
    current_channel_count: i64,
    max_channel_limit: i64,
    remaining_capacity: i64,
    /// Per cent with two decimals.
    #[schema(example = "25.00")]
    utilization_percentage: String,
}

impl From<channels::State> for ChannelState {
    fn from(state: channels::State) -> Self {
        match state {
            channels::State::Idle => Self::Idle,
            channels::State::Live => Self::Live,
            channels::State::Offline => Self::Offline,
        }
    }
}

impl From<View> for Channel {
    fn from(view: View) -> Self {
        let state = view.state().into();
        let View {
            channel,
            on_air,
            video,
            totals,
            hosts,
        } = view;
        Self {
            state,
            on_air: on_air.is_some(),
            disabled: channel.disabled_at_ms.is_some(),
            current_session_id: channel.current_session_id().map(str::to_owned),
            thumbnail_url: on_air
                .as_ref()
                .map(|_| format!("/api/channels/{}/thumbnail.jpg", channel.id)),
            health: on_air.map(|broadcast| broadcast.health.into()),
            viewers: video.viewers,
            video: video.into(),
            total_broadcasts: totals.broadcasts,
            total_streaming_minutes: totals.minutes(),
            last_broadcast_at: totals.last_at_ms.map(rfc3339),
            hosts: hosts.into_iter().map(ChannelHost::from).collect(),
            channel_id: channel.id,
            channel_arn: channel.arn,
            channel_name: channel.name,
            playback_url: channel.playback_url,
            ingest_endpoint: channel.ingest_endpoint,
            recording_enabled: channel.recording_enabled,
            recording_configuration_arn: channel.recording_configuration_arn,
            created_at: rfc3339(channel.created_at_ms),
            updated_at: rfc3339(channel.updated_at_ms),
        }
    }
}

impl From<Host> for ChannelHost {
    fn from(host: Host) -> Self {
        Self {
            host_user_id: host.user_id,
            name: host.name,
            email: host.email,
            assigned_at: rfc3339(host.assigned_at_ms),
            assigned_by: host.assigned_by,
        }
    }
}

impl From<broadcasts::Health> for ChannelHealth {
    fn from(health: broadcasts::Health) -> Self {
        match health {
            broadcasts::Health::Healthy => Self::Healthy,
            broadcasts::Health::Starving => Self::Starving,
            broadcasts::Health::Unknown => Self::Unknown,
        }
    }
}

impl From<channels::Channel> for ChannelMade {
    fn from(channel: channels::Channel) -> Self {
        Self {
            message: "Persistent channel created successfully",
            channel: channel.into(),
        }
    }
}

impl From<channels::Channel> for NewChannel {
    fn from(channel: channels::Channel) -> Self {
        Self {
            // Nobody has its key yet.
            state: channel.state(false).into(),
            created_at: rfc3339(channel.created_at_ms),
            channel_id: channel.id,
            channel_arn: channel.arn,
            channel_name: channel.name,
            playback_url: channel.playback_url,
            ingest_endpoint: channel.ingest_endpoint,
        }
    }
}

impl From<View> for ChannelFound {
    fn from(view: View) -> Self {
        Self { channel: view.into() }
    }
}

impl From<listing::Listed> for ChannelList {
    fn from(listed: listing::Listed) -> Self {
        let channels: Vec<Channel> = listed.channels.into_iter().map(Channel::from).collect();
        Self {
            count: channels.len(),
            channels,
            next_token: listed.next_token,
        }
    }
}

impl ChannelDeleted {
    pub(super) fn new(channel_id: String) -> Self {
        Self {
            message: "Channel deleted successfully",
            channel_id,
        }
    }
}

impl From<stats::Stats> for ChannelStats {
    fn from(stats: stats::Stats) -> Self {
        Self {
            total_broadcasts: stats.totals.broadcasts,
            total_streaming_hours: two_decimals(stats.totals.hours_hundredths()),
            total_streaming_minutes: stats.totals.minutes(),
            last_broadcast_at: stats.totals.last_at_ms.map(rfc3339),
            current_state: stats.state.into(),
            created_at: rfc3339(stats.channel.created_at_ms),
            channel_id: stats.channel.id,
            channel_name: stats.channel.name,
        }
    }
}

impl From<Switched> for StateSet {
    fn from(switched: Switched) -> Self {
        Self {
            message: "Channel state updated successfully",
            previous_state: switched.previous.into(),
            new_state: switched.state.into(),
            session_id: switched.channel.current_session_id().map(str::to_owned),
            updated_at: rfc3339(switched.at_ms),
            channel_id: switched.channel.id,
        }
    }
}

impl From<capacity::Capacity> for Capacity {
    fn from(capacity: capacity::Capacity) -> Self {
        Self {
            current_channel_count: capacity.current,
            max_channel_limit: capacity.max,
            remaining_capacity: capacity.remaining(),
            utilization_percentage: two_decimals(capacity.utilization_hundredths()),
        }
    }
}

fn two_decimals(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
