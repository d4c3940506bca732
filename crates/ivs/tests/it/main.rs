//! The Amazon half of the video tower, through its HTTP surface.

mod sdk;
mod support;
