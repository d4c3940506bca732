//! Sans-IO media: bytes and frames in, bytes and events out.
//!
//! # Invariants
//! - Nothing here opens a socket or file, reads a clock, draws a random number or spawns a task. Time and randomness are
//!   arguments.
//! - Every protocol engine has the same two verbs: `handle_input` is the only thing that changes it, `poll_output` says
//!   what to do about it until it returns `None`.
//! - Malformed input is an error, never a panic, and never makes memory grow beyond a documented constant. Buffers
//!   follow bytes received, not lengths announced.
//! - A payload byte is copied twice: from the socket's buffer into its message, of which frames are slices, and from there
//!   into its fragment. What outlives its message, such as a decoder configuration, is copied out of it.
//!
//! # Specifications
//! | what | version | deliberate deviations |
//! |---|---|---|
//! | RTMP | Adobe 1.0 (2012) | publish only; the peer's bandwidth limits are read and not obeyed (we send almost nothing); a format 1 header may open a chunk stream (librtmp); an extended timestamp missing from format 3 headers is tolerated; chunk sizes above 16 MiB mean 16 MiB; C2 is not verified |
//! | RTMP digest handshake | undocumented, as Flash Media Server 3.5 | RTMPE is refused |
//! | Enhanced RTMP | v2 (2024) | `avc1` and `mp4a` only; other codecs and multitrack are refused by name |
//! | AMF0 | Adobe (2007) | references read as undefined; AMF3 values are refused |
//! | FLV | Adobe 10.1 Annex E | H.264 and AAC only |
//! | H.264 | ITU-T H.264 (08/2021), ISO/IEC 14496-15:2019 | SPS facts only; a frame is a keyframe if it has an IDR slice, whatever its tag says |
//! | AAC | ISO/IEC 14496-3:2019 | General Audio types 1 to 4 with explicit SBR and parametric stereo; no 960-sample frames |
//! | fMP4 / CMAF | ISO/IEC 14496-12, ISO/IEC 23000-19 | both tracks in one fragment |
//! | LL-HLS | RFC 8216bis | fMP4 only, one muxed rendition and so no rendition reports; no byte ranges, gaps or keys |
//!
//! # Where to start reading
//! [`Frame`] and [`CodecConfig`] are what flows between the parts. [`rtmp::Session`] produces them from a connection;
//! [`testing::Publisher`] is its counterpart. [`hls::Segmenter`] takes them on to parts and segments.

pub mod amf0;
pub mod codec;
pub mod flv;
pub mod fmp4;
pub mod frame;
pub mod hls;
pub mod rtmp;
pub mod testing;
pub mod time;

pub use frame::{CodecConfig, Frame, TrackKind};
pub use time::Timestamp;
