//! What is known of a live feed at a moment.

use std::time::Duration;

/// How the source does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Media arrives.
    Healthy,
    /// Connected or expected back, but no media arrives.
    Starving,
    /// Too early to tell.
    Unknown,
}

/// One live feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// Feed name.
    pub feed: String,
    /// Identity of the live period.
    pub stream_id: String,
    /// When its first part could be played, milliseconds since the Unix epoch; `None` before that.
    pub started_at_ms: Option<i64>,
    /// State of the source.
    pub health: Health,
    /// Distinct playback sessions seen within the counting window.
    pub viewers: u64,
    /// The newest codec facts.
    pub ingest: IngestInfo,
}

/// What the codec headers and `onMetaData` say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IngestInfo {
    /// Video, when the encoder sends it.
    pub video: Option<VideoInfo>,
    /// Audio, when the encoder sends it.
    pub audio: Option<AudioInfo>,
    /// The encoder's own name, from `onMetaData`.
    pub encoder: String,
}

/// Facts of the video track.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VideoInfo {
    /// RFC 6381 codec string, for instance `avc1.64001f`.
    pub codec: String,
    /// Profile name, for instance `High`.
    pub profile: String,
    /// Level, for instance `3.1`.
    pub level: String,
    /// Luma samples.
    pub width: u32,
    /// Luma samples.
    pub height: u32,
    /// What `onMetaData` promises, bits per second; 0 when it does not say.
    pub target_bitrate_bps: u64,
    /// What `onMetaData` promises, frames per second; 0 when it does not say.
    pub target_frame_rate: u64,
}

/// Facts of the audio track.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AudioInfo {
    /// RFC 6381 codec string, for instance `mp4a.40.2`.
    pub codec: String,
    /// What `onMetaData` promises, bits per second; 0 when it does not say.
    pub target_bitrate_bps: u64,
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// Channels.
    pub channels: u8,
}

/// Measured over one period of [`Sample::period`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sample {
    /// End of the period, milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// Length of the period.
    pub period: Duration,
    /// Video payload, bits per second.
    pub video_bitrate_bps: u64,
    /// Audio payload, bits per second.
    pub audio_bitrate_bps: u64,
    /// Frames per second.
    pub frame_rate: f64,
    /// Newest distance between keyframes, milliseconds; 0 until two were seen.
    pub keyframe_interval_ms: u64,
    /// Viewers at the end of the period.
    pub viewers: u64,
}
