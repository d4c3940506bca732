//! Sans-IO media: bytes and frames in, bytes and events out.

pub mod codec;
pub mod frame;
pub mod time;

pub use frame::{CodecConfig, Frame, TrackKind};
pub use time::Timestamp;
