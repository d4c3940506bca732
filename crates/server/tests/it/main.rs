//! The house rules, and the binary as people run it.

mod crash;
mod house;
mod support;
