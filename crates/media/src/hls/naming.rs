//! Names of the resources, relative to the playlist.

use std::fmt;

/// Where parts, segments and initialisation sections live, relative to the playlist that names them.
///
/// Shape: `{stream}/{init}.init.mp4`, `{stream}/{msn}.m4s`, `{stream}/{msn}.{part}.m4s`.
/// `stream` tells apart two streams of one feed, so that a cache can keep every resource for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Naming<'a> {
    /// Folder; a URI path without a slash at its end, already percent-encoded.
    pub stream: &'a str,
}

impl<'a> Naming<'a> {
    /// Names in folder `stream`.
    pub const fn new(stream: &'a str) -> Self {
        Self { stream }
    }

    /// Writes the name of an initialisation section.
    pub fn init(&self, to: &mut impl fmt::Write, id: u32) -> fmt::Result {
        write!(to, "{}/{id}.init.mp4", self.stream)
    }

    /// Writes the name of a segment.
    pub fn segment(&self, to: &mut impl fmt::Write, msn: u64) -> fmt::Result {
        write!(to, "{}/{msn}.m4s", self.stream)
    }

    /// Writes the name of a part.
    pub fn part(&self, to: &mut impl fmt::Write, msn: u64, part: usize) -> fmt::Result {
        write!(to, "{}/{msn}.{part}.m4s", self.stream)
    }
}
