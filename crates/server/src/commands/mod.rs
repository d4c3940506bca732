//! Commands that do one thing and end.

pub mod config;
pub mod generate;
pub mod operator;
