//! Low-Latency HLS: frames in; fragments, parts, segments and playlists out (RFC 8216bis, fMP4 only).
//!
//! The path of a frame: [`Segmenter`] places it on the timeline and packs it into a fragment; fragments make a part, parts
//! make a segment. Every [`Output`] is given to the [`Window`], which knows what the playlist offers; [`playlist::media`]
//! renders the window, once per part, for all viewers. [`request`] reads the delivery directives and says whether a
//! request can be answered now.
//!
//! Decisions, all with one aim, media that is young when it arrives and players that never stall:
//! - One muxed rendition: video and audio are two tracks of the same fragments, so the two can never be fetched apart.
//! - A part is sent while it grows: [`Output::Fragment`] is one `moof` + `mdat` of about one frame, and the origin
//!   streams fragments to whoever asked for the part behind `EXT-X-PRELOAD-HINT`. The part's length therefore sets the
//!   number of requests (5 per second and viewer at the default of 0.2 s) and the hold-back (0.66 s), not the age of media.
//! - No look-ahead: a frame leaves when it arrives. Its duration is predicted and what the prediction missed is carried
//!   by the next frame's composition offset, see [`segmenter`].

mod naming;
mod output;
mod window;

pub mod playlist;
pub mod request;
pub mod segmenter;

pub use naming::Naming;
pub use output::{Fragment, Init, Output, Part, Segment, SegmentHead};
pub use segmenter::Segmenter;
pub use window::Window;
