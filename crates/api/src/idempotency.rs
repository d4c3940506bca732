//! The header by which a client may send a request again without doing it twice.

use axum::extract::FromRequestParts;
use http::request::Parts;
use platform::auctions::bidding::KEY_LEN_MAX;

use crate::error::Problem;

/// The value of `Idempotency-Key`, if there is one: 1 to [`KEY_LEN_MAX`] printable ASCII characters.
/// *source*: draft-ietf-httpapi-idempotency-key-header, without its quotes, which clients leave out.
#[derive(Debug)]
pub(crate) struct IdempotencyKey(pub(crate) Option<String>);

const NAME: &str = "Idempotency-Key";

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all(NAME).iter();
        let Some(value) = values.next() else {
            return Ok(Self(None));
        };
        let bytes = value.as_bytes();
        let is_printable = bytes.iter().all(|byte| (0x20..0x7f).contains(byte));
        if values.next().is_some() || !(1..=KEY_LEN_MAX).contains(&bytes.len()) || !is_printable {
            let message = format!("{NAME} must be one text of 1 to {KEY_LEN_MAX} printable ASCII characters");
            return Err(Problem::validation(NAME, message));
        }
        Ok(Self(Some(String::from_utf8_lossy(bytes).into_owned())))
    }
}
