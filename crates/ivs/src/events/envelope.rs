//! The JSON of an event, as Amazon EventBridge wraps it.

use engine::Environment;
use serde_json::{Map, Value, json};

use crate::arn;
use crate::ids;
use crate::time;

/// Detail type of a stream's life.
pub const STATE_CHANGE: &str = "IVS Stream State Change";
/// Detail type of starvation.
pub const HEALTH_CHANGE: &str = "IVS Stream Health Change";
/// Detail type of health figures, ours.
pub const INGEST_METRICS: &str = "Rostrum Ingest Metrics";

/// What an event tells.
pub struct Telling<'a> {
    /// `aws.ivs`, or `rostrum.engine` for ours.
    pub source: &'a str,
    /// One of the constants above.
    pub detail_type: &'a str,
    /// The channel it is about.
    pub channel_arn: &'a str,
    /// When it happened, milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// What happened.
    pub detail: Map<String, Value>,
}

/// The envelope with a fresh `id`, which stays the same over every attempt to deliver it.
pub fn wrap(env: &Environment, telling: Telling<'_>) -> String {
    let parts = arn::split(telling.channel_arn);
    let (region, account) = parts.map(|parts| (parts.region, parts.account)).unwrap_or_default();
    json!({
        "version": "0",
        "id": ids::uuid(env),
        "detail-type": telling.detail_type,
        "source": telling.source,
        "account": account,
        "time": time::iso_seconds(telling.at_ms),
        "region": region,
        "resources": [telling.channel_arn],
        "detail": telling.detail,
    })
    .to_string()
}
