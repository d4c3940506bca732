//! IVS low-latency streaming: one file per resource, with its wire types and its operations.

pub mod channel;
pub mod recording;
pub mod session;
pub mod stream;
pub mod stream_key;

use serde::Serialize;

/// An ARN of a batch call that could not be answered.
#[derive(Debug, Serialize)]
pub struct BatchError {
    arn: String,
    code: &'static str,
    message: String,
}

impl BatchError {
    fn not_found(arn: &str) -> Self {
        let error = crate::error::ApiError::not_found(arn);
        Self {
            arn: arn.to_owned(),
            code: error.name,
            message: error.message,
        }
    }
}
