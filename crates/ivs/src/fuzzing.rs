//! What the fuzz target of the signature gate may see. No part of the crate's interface.

use http::request::Parts;

use crate::config::Secret;
use crate::sigv4::{Authorization, Gate, canonical};

pub use crate::sigv4::canonical::{BYTES_MORE, BYTES_PER_BYTE};

/// The key id that the gate knows here. Its secret is not told.
pub const ACCESS_KEY: &str = "AKIDFUZZ";
/// 2023-11-14T22:13:20Z, the time it is here.
pub const NOW_MS: i64 = 1_700_000_000_000;

/// The canonical request, when the `Authorization` header can be read and every header it names is there.
pub fn canonical_request(parts: &Parts) -> Option<String> {
    let authorization = Authorization::read(&parts.headers).ok()?;
    canonical::request(parts, &authorization.signed_headers, "").ok()
}

/// The canonical form of a query.
pub fn canonical_query(query: &str) -> String {
    canonical::query(query)
}

/// How far a request comes: no further than its form, as far as the comparison of signatures, or in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Refused for its form.
    Form,
    /// Refused for its signature.
    Signature,
    /// Let in.
    In,
}

/// Takes a request through the gate.
pub fn reach(parts: &Parts, body: &[u8]) -> Reach {
    let secret = Secret::new("a secret that no input of a fuzzer holds");
    let gate = Gate::new(ACCESS_KEY.to_owned(), secret);
    match gate.open(NOW_MS, "ivs", parts).map(|claim| claim.verify(parts, body)) {
        Err(_) => Reach::Form,
        Ok(Err(_)) => Reach::Signature,
        Ok(Ok(_)) => Reach::In,
    }
}
