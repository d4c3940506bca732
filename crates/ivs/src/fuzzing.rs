//! What the fuzz targets of the signature gate and of chat may see. No part of the crate's interface.

use http::request::Parts;

use crate::chat::wire::{self, Action, Attributes, Request, Stamp};
use crate::config::Secret;
use crate::sigv4::{Authorization, Gate, canonical};

pub use crate::chat::wire::REQUEST_SIZE_MAX as CHAT_FRAME_SIZE_MAX;
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

/// What the messaging WebSocket of chat makes of a frame that may do everything: the one it sends to the room, or the
/// refusal.
pub fn chat_answer(text: &str) -> String {
    let stamp = Stamp {
        id: "abcdefghijkl".to_owned(),
        at_ms: NOW_MS,
    };
    let frame = match Request::parse(text) {
        Err(refusal) => wire::error(&stamp, &refusal),
        Ok(Request { request_id, action }) => match action {
            Action::Send { content, attributes } => {
                wire::message(&stamp, &request_id, &content, &attributes, ("user", &Attributes::new()))
            }
            Action::Delete { message_id, reason } => {
                let attributes = wire::deleted(&message_id, reason.as_deref());
                wire::event(&stamp, &request_id, wire::DELETE_EVENT, &attributes)
            }
            Action::Disconnect { user_id, reason } => {
                let attributes = wire::disconnected(&user_id, reason.as_deref());
                wire::event(&stamp, &request_id, wire::DISCONNECT_EVENT, &attributes)
            }
        },
    };
    frame.as_str().to_owned()
}
