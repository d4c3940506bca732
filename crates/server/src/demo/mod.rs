//! Synthetic hosts: somebody to watch when nobody is there.

mod auction;
mod picture;

pub use auction::run as auction;
