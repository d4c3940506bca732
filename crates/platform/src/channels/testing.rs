//! Channels without video, for tests of everything else.

use super::{Channel, store, stream_key_purpose};
use crate::video::{Owner, ledger_row_without_resource};
use crate::{Caller, Error, Platform, Secret};

/// Writes a channel as [`super::create`] does, without asking the video provider or counting places; returns its id.
pub(crate) async fn insert(platform: &Platform, name: &str) -> Result<String, Error> {
    let ctx = platform.context(Caller::System);
    let id = ctx.new_id();
    let channel = Channel {
        name: name.to_owned(),
        ivs_name: format!("persistent-{id}"),
        arn: format!("arn:aws:ivs:us-east-1:000000000000:channel/{id}"),
        playback_url: "http://localhost/none.m3u8".to_owned(),
        ingest_endpoint: "localhost".to_owned(),
        resource_id: ctx.new_id(),
        recording_enabled: false,
        recording_configuration_arn: None,
        disabled_at_ms: None,
        claim: None,
        sessions_ended: 0,
        created_at_ms: ctx.now_ms,
        updated_at_ms: ctx.now_ms,
        id,
    };
    let stream_key = Secret::new("sk_us-east-1_test");
    let sealed = platform.seal().seal(&stream_key_purpose(&channel.id), &stream_key)?;
    let mut tx = platform.db().begin().await?;
    let owner = Owner::channel(&*channel.id);
    ledger_row_without_resource(tx.conn(), &owner, &channel.resource_id, ctx.now_ms).await?;
    store::insert(tx.conn(), &channel, &sealed).await?;
    tx.commit().await?;
    Ok(channel.id)
}
