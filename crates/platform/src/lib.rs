//! The application: rules, storage, jobs, events and the AWS SDK clients.
//!
//! **Purpose.** Everything a person can do with Rostrum is a public function of an area (`accounts`, …) that takes a
//! [`Context`] and returns a value or an [`Error`]. The wire layers translate; they decide nothing.
//!
//! **Invariants**
//! - Time, randomness and settings come in through [`Environment`] and [`Config`]; nothing here reads a clock or the
//!   process environment.
//! - A change, its events, its jobs and its audit line are one transaction ([`db::Tx`]); watchers and workers hear of it
//!   only after the commit.
//! - Events of a topic are numbered 1, 2, 3 … without gaps ([`events`]); a job runs at least once and never on two
//!   workers at the same time ([`jobs`]).
//! - SQL lives in `store.rs` files and in `db/`, `jobs/`, `events/`; one text serves SQLite and PostgreSQL, and the
//!   suite runs every store on both.
//! - Secrets at rest are sealed or hashed ([`seal`]); a [`Secret`] prints `***`.
//! - This crate names no HTTP framework, no media engine and no IVS server: video is reached through the AWS SDK.
//!
//! **Where to start.** [`Platform::open`], then [`accounts`] for the shape of an area, then [`db`] for what an
//! operation may do inside a transaction.

pub mod accounts;
pub mod auctions;
pub mod audit;
pub mod broadcasts;
pub mod channels;
pub mod chat;
pub mod config;
pub mod context;
pub mod costs;
pub mod db;
pub mod doctor;
pub mod error;
pub mod events;
pub mod failpoint;
pub mod groups;
pub mod health;
pub mod id;
pub mod jobs;
pub mod mail;
pub mod money;
pub mod notifications;
pub mod page;
pub mod pictures;
pub mod platform;
pub mod seal;
pub mod secret;
pub mod sessions;
pub mod shows;
pub mod storage;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod text;
pub mod video;
pub mod words;

pub use config::Config;
pub use context::{Caller, Context, Role};
pub use error::{Error, ErrorKind};
pub use money::{Currency, Money};
pub use page::Page;
pub use platform::{Environment, Platform};
pub use secret::Secret;
