//! Codec headers: what the packager and the statistics need to know of a bitstream, and no more.

pub mod aac;
pub(crate) mod bits;
pub mod h264;
