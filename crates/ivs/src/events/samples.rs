//! Health figures on their way out: best effort, never queued on disk.

use std::sync::Arc;
use std::time::Duration;

use engine::status::{IngestInfo, Sample};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use crate::shared::Shared;

use super::envelope::{self, INGEST_METRICS, Telling};
use super::target::Target;

/// A sample that takes longer is worth less than the next one.
const PATIENCE: Duration = Duration::from_secs(2);

/// Figures of one feed.
pub struct Measured {
    /// Feed name.
    pub feed: String,
    /// Identity of the live period.
    pub stream_id: String,
    /// The figures.
    pub sample: Sample,
    /// The newest codec facts.
    pub ingest: IngestInfo,
}

/// Sends samples until the senders are gone.
pub async fn run(shared: Arc<Shared>, target: Target, mut waiting: mpsc::Receiver<Measured>) {
    while let Some(measured) = waiting.recv().await {
        let Some((channel_arn, channel_name)) = shared.directory.channel(&measured.feed) else {
            continue;
        };
        let telling = Telling {
            source: "rostrum.engine",
            detail_type: INGEST_METRICS,
            channel_arn: &channel_arn,
            at_ms: measured.sample.at_ms,
            detail: detail(&channel_name, &measured),
        };
        let body = envelope::wrap(&shared.env, telling);
        if let Err(cause) = target.post(body, PATIENCE).await {
            metrics::counter!("ivs_samples_dropped_total").increment(1);
            tracing::debug!(%cause, stream.id = %measured.stream_id, "a health sample was not taken");
        }
    }
}

fn detail(channel_name: &str, measured: &Measured) -> Map<String, Value> {
    let Measured {
        stream_id,
        sample,
        ingest,
        ..
    } = measured;
    let video = ingest.video.clone().unwrap_or_default();
    let audio = ingest.audio.clone().unwrap_or_default();
    let members = [
        ("channel_name", json!(channel_name)),
        ("stream_id", json!(stream_id)),
        (
            "period_ms",
            json!(u64::try_from(sample.period.as_millis()).unwrap_or(u64::MAX)),
        ),
        ("video_bitrate_bps", json!(sample.video_bitrate_bps)),
        ("audio_bitrate_bps", json!(sample.audio_bitrate_bps)),
        ("frame_rate", json!(sample.frame_rate)),
        ("keyframe_interval_ms", json!(sample.keyframe_interval_ms)),
        ("viewers", json!(sample.viewers)),
        (
            "ingest",
            json!({
                "width": video.width, "height": video.height, "video_codec": video.codec,
                "audio_codec": audio.codec, "encoder": ingest.encoder,
            }),
        ),
    ];
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
