//! AWS Signature Version 4, the `Authorization` header form.
//!
//! One gate: [`Gate::open`] reads what a request claims, [`verify::Claim::verify`] checks it against the body, and only that
//! yields the [`Authenticated`] value every operation needs. Presigned (query) requests, session tokens and any other
//! scheme are refused. Everything refused here is HTTP 403.

pub mod canonical;
mod credentials;
mod verify;

pub use canonical::{decode, pairs};

pub use credentials::Authorization;
pub use verify::{Authenticated, Gate};
