//! Deleting a channel, also while somebody is on air.

use std::time::Duration;

use super::{Client, ProviderError, ProviderErrorKind};

/// How often a stopped channel is asked to go before the job pauses; a stream takes a moment to end.
const ATTEMPTS: u32 = 6;
const PAUSE: Duration = Duration::from_millis(250);

/// Deletes a channel. One that is live loses its keys first, so that its encoder cannot come back between stop and delete.
///
/// *errors*: [`ProviderError`]; every step may be repeated.
pub async fn delete_channel(client: &Client, arn: &str) -> Result<(), ProviderError> {
    match client.delete_channel(arn).await {
        Err(error) if error.kind == ProviderErrorKind::Conflict => {}
        answer => return answer,
    }
    client.delete_stream_keys(arn).await?;
    client.stop_stream(arn).await?;
    for attempt in 1..ATTEMPTS {
        match client.delete_channel(arn).await {
            Err(error) if error.kind == ProviderErrorKind::Conflict => tokio::time::sleep(PAUSE * attempt).await,
            answer => return answer,
        }
    }
    client.delete_channel(arn).await
}
