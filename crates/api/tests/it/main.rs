//! The HTTP surface over a real platform on SQLite, in process, with a clock that tests move.

mod access;
mod auctions;
mod auth;
mod errors;
mod events;
mod openapi;
mod operations;
mod pages;
mod server;
mod tower;
