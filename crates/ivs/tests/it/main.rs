//! The Amazon half of the video tower, through its HTTP surface.

mod events;
mod persistence;
mod policy;
mod receiver;
mod sdk;
mod signature;
mod support;
mod validation;
