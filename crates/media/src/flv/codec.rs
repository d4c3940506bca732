//! Names of codecs, for the message that tells an operator what to change.

use std::fmt;

/// Four ASCII characters that name a codec in enhanced RTMP.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FourCc(pub [u8; 4]);

impl fmt::Display for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            let shown = if byte.is_ascii_graphic() { char::from(byte) } else { '?' };
            write!(f, "{shown}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FourCc({self})")
    }
}

/// A codec that is recognised and not carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// `CodecID` of a legacy video tag (FLV 10.1 §E.4.3.1).
    LegacyVideo(u8),
    /// `SoundFormat` of a legacy audio tag (FLV 10.1 §E.4.2.1).
    LegacyAudio(u8),
    /// Video of an enhanced tag (Enhanced RTMP v2).
    EnhancedVideo(FourCc),
    /// Audio of an enhanced tag (Enhanced RTMP v2).
    EnhancedAudio(FourCc),
}

impl Codec {
    /// What the operator should choose instead.
    pub fn alternative(self) -> &'static str {
        match self {
            Self::LegacyVideo(_) | Self::EnhancedVideo(_) => "H.264",
            Self::LegacyAudio(_) | Self::EnhancedAudio(_) => "AAC",
        }
    }

    fn name(self) -> Option<&'static str> {
        match self {
            Self::LegacyVideo(2) => Some("Sorenson H.263"),
            Self::LegacyVideo(3 | 6) => Some("Screen Video"),
            Self::LegacyVideo(4 | 5) => Some("VP6"),
            // Not in the specification; sent by Chinese encoders and old FFmpeg forks.
            Self::LegacyVideo(12) => Some("HEVC"),
            Self::LegacyVideo(13) => Some("AV1"),
            Self::LegacyAudio(0 | 3) => Some("PCM"),
            Self::LegacyAudio(1) => Some("ADPCM"),
            Self::LegacyAudio(2 | 14) => Some("MP3"),
            Self::LegacyAudio(4..=6) => Some("Nellymoser"),
            Self::LegacyAudio(7) => Some("G.711 A-law"),
            Self::LegacyAudio(8) => Some("G.711 mu-law"),
            Self::LegacyAudio(11) => Some("Speex"),
            Self::LegacyVideo(_) | Self::LegacyAudio(_) => None,
            Self::EnhancedVideo(four_cc) | Self::EnhancedAudio(four_cc) => match &four_cc.0 {
                b"hvc1" | b"hev1" => Some("HEVC"),
                b"vvc1" => Some("VVC"),
                b"av01" => Some("AV1"),
                b"vp08" => Some("VP8"),
                b"vp09" => Some("VP9"),
                b"Opus" => Some("Opus"),
                b"fLaC" => Some("FLAC"),
                b"ac-3" => Some("AC-3"),
                b"ec-3" => Some("E-AC-3"),
                b".mp3" => Some("MP3"),
                _ => None,
            },
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match self {
            Self::LegacyVideo(id) => write!(f, "{} (video codec {id})", name.unwrap_or("this codec")),
            Self::LegacyAudio(id) => write!(f, "{} (audio format {id})", name.unwrap_or("this codec")),
            Self::EnhancedVideo(four_cc) | Self::EnhancedAudio(four_cc) => {
                write!(f, "{} ({four_cc})", name.unwrap_or("this codec"))
            }
        }
    }
}
