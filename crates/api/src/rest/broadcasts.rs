//! How a channel's video does, wherever it is told.

use platform::broadcasts;
use serde::Serialize;
use utoipa::ToSchema;

use crate::rest::time::rfc3339;

/// One period on air.
#[derive(Serialize, ToSchema)]
pub(crate) struct Broadcast {
    /// The provider's id of the stream.
    pub(crate) stream_id: String,
    /// RFC 3339.
    pub(crate) started_at: String,
    /// RFC 3339; null while on air.
    #[schema(required)]
    pub(crate) ended_at: Option<String>,
    /// Null while on air.
    #[schema(required)]
    pub(crate) end_cause: Option<EndCause>,
    pub(crate) health: Health,
    /// People watching through the provider at the last count.
    pub(crate) viewers: i64,
    /// Most people who watched at one time.
    pub(crate) peak_viewers: i64,
    /// What the encoder sends; null until known.
    #[schema(required)]
    pub(crate) ingest: Option<IngestInfo>,
}

/// Whether media arrives from the encoder; `unknown` until the provider can tell.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = BroadcastHealth)]
pub(crate) enum Health {
    Healthy,
    Starving,
    Unknown,
}

/// Why a broadcast ended: the encoder stopped, the provider reported a failure, another stream took the channel, or the
/// provider knew it no more when asked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = BroadcastEndCause)]
pub(crate) enum EndCause {
    Ended,
    Failed,
    Superseded,
    Gone,
}

/// What the encoder sends.
#[derive(Serialize, ToSchema)]
pub(crate) struct IngestInfo {
    /// Pixels.
    #[schema(required)]
    pub(crate) width: Option<i64>,
    /// Pixels.
    #[schema(required)]
    pub(crate) height: Option<i64>,
    /// For instance `avc1.64001f`.
    #[schema(required)]
    pub(crate) video_codec: Option<String>,
    /// For instance `mp4a.40.2`.
    #[schema(required)]
    pub(crate) audio_codec: Option<String>,
    /// The encoder's own name.
    #[schema(required)]
    pub(crate) encoder: Option<String>,
}

/// One measurement.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sample {
    pub(crate) at_ms: i64,
    pub(crate) video_bitrate_bps: i64,
    pub(crate) audio_bitrate_bps: i64,
    pub(crate) frame_rate: f64,
    /// Between the last two keyframes; null before the second.
    #[schema(required)]
    pub(crate) keyframe_interval_ms: Option<i64>,
    pub(crate) viewers: i64,
}

/// One remark for whoever broadcasts.
#[derive(Serialize, ToSchema)]
pub(crate) struct Advice {
    pub(crate) level: AdviceLevel,
    pub(crate) text: String,
}

/// How bad it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AdviceLevel {
    Info,
    Warn,
    Error,
}

/// A report as answers carry it: the current or last period on air, its measurements, what to change.
pub(crate) fn parts(report: broadcasts::Report) -> (Option<Broadcast>, Vec<Sample>, Vec<Advice>) {
    let ingest = report.ingest.map(IngestInfo::from);
    (
        report.broadcast.map(|broadcast| Broadcast::new(broadcast, ingest)),
        report.samples.into_iter().map(Sample::from).collect(),
        report.advice.into_iter().map(Advice::from).collect(),
    )
}

impl Broadcast {
    fn new(broadcast: broadcasts::Broadcast, ingest: Option<IngestInfo>) -> Self {
        Self {
            stream_id: broadcast.stream_id,
            started_at: rfc3339(broadcast.started_at_ms),
            ended_at: broadcast.ended.map(|ended| rfc3339(ended.at_ms)),
            end_cause: broadcast.ended.map(|ended| ended.cause.into()),
            health: broadcast.health.into(),
            viewers: broadcast.viewers,
            peak_viewers: broadcast.peak_viewers,
            ingest,
        }
    }
}

impl From<broadcasts::EndCause> for EndCause {
    fn from(cause: broadcasts::EndCause) -> Self {
        match cause {
            broadcasts::EndCause::Ended => Self::Ended,
            broadcasts::EndCause::Failed => Self::Failed,
            broadcasts::EndCause::Superseded => Self::Superseded,
            broadcasts::EndCause::Gone => Self::Gone,
        }
    }
}

impl From<broadcasts::Health> for Health {
    fn from(health: broadcasts::Health) -> Self {
        match health {
            broadcasts::Health::Healthy => Self::Healthy,
            broadcasts::Health::Starving => Self::Starving,
            broadcasts::Health::Unknown => Self::Unknown,
        }
    }
}

impl From<broadcasts::Ingest> for IngestInfo {
    fn from(ingest: broadcasts::Ingest) -> Self {
        let broadcasts::Ingest {
            width,
            height,
            video_codec,
            audio_codec,
            encoder,
        } = ingest;
        Self {
            width,
            height,
            video_codec,
            audio_codec,
            encoder,
        }
    }
}

impl From<broadcasts::Sample> for Sample {
    fn from(sample: broadcasts::Sample) -> Self {
        Self {
            at_ms: sample.at_ms,
            video_bitrate_bps: sample.video_bitrate_bps,
            audio_bitrate_bps: sample.audio_bitrate_bps,
            frame_rate: sample.frame_rate,
            keyframe_interval_ms: sample.keyframe_interval_ms,
            viewers: sample.viewers,
        }
    }
}

impl From<broadcasts::Advice> for Advice {
    fn from(advice: broadcasts::Advice) -> Self {
        let level = match advice.level {
            broadcasts::Level::Info => AdviceLevel::Info,
            broadcasts::Level::Warn => AdviceLevel::Warn,
            broadcasts::Level::Error => AdviceLevel::Error,
        };
        Self {
            level,
            text: advice.text,
        }
    }
}
