//! Sans-IO media: bytes and frames in, bytes and events out.

pub mod codec;
pub mod fmp4;
pub mod frame;
pub mod hls;
pub mod time;

pub use frame::{CodecConfig, Frame, TrackKind};
pub use time::Timestamp;
