//! The HTTP surface over a real platform on SQLite, in process, with a clock that tests move.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod acceptance;
mod access;
mod auctions;
mod auth;
mod auth_email;
mod bids;
mod channel_insight;
mod channel_requests;
mod channels;
mod chat;
mod controls;
mod costs;
mod errors;
mod events;
mod groups;
mod hosts;
mod images;
mod notifications;
mod oidc;
mod openapi;
mod operations;
mod pages;
mod scenarios;
mod server;
mod sessions;
mod tower;
mod watchers;
