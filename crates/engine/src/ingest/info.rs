//! What an encoder says about its tracks, gathered for people.

use media::CodecConfig;
use media::codec::{aac, h264};
use media::rtmp::Metadata;

use crate::status::{AudioInfo, IngestInfo, VideoInfo};

/// What was said so far; `onMetaData` and the codec headers come in any order.
#[derive(Default)]
pub(crate) struct Gathered {
    metadata: Metadata,
    video: Option<h264::Config>,
    audio: Option<aac::Config>,
}

impl Gathered {
    pub(crate) fn metadata(&mut self, metadata: Metadata) {
        self.metadata = metadata;
    }

    pub(crate) fn config(&mut self, config: &CodecConfig) {
        match config {
            CodecConfig::H264(config) => self.video = Some(config.clone()),
            CodecConfig::Aac(config) => self.audio = Some(config.clone()),
        }
    }

    /// Sizes come from the codec headers, which decoders believe; targets only `onMetaData` knows.
    pub(crate) fn info(&self) -> IngestInfo {
        let metadata = &self.metadata;
        IngestInfo {
            video: self.video.as_ref().map(|config| VideoInfo {
                codec: config.codec_string(),
                profile: config.profile_name().to_owned(),
                level: config.level_name(),
                width: config.width.into(),
                height: config.height.into(),
                target_bitrate_bps: metadata.video_bitrate_bps.unwrap_or_default(),
                target_frame_rate: metadata
                    .frame_rate_millihz
                    .map_or(0, |rate| u64::from((rate + 500) / 1_000)),
            }),
            audio: self.audio.as_ref().map(|config| AudioInfo {
                codec: config.codec_string(),
                target_bitrate_bps: metadata.audio_bitrate_bps.unwrap_or_default(),
                sample_rate_hz: config.sample_rate_hz,
                channels: config.channels,
            }),
            encoder: metadata.encoder.clone().unwrap_or_default(),
        }
    }
}
