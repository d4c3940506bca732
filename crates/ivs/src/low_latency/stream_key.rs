//! Stream keys. The value is shown by CreateChannel, CreateStreamKey, GetStreamKey and BatchGetStreamKey only.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::arn::{self, Kind};
use crate::call::Call;
use crate::config::Secret;
use crate::error::ApiError;
use crate::ids;
use crate::input::Members;
use crate::paging::Page;
use crate::seal::Digest;
use crate::store::stream_keys::StoredKey;
use crate::store::{Write, channels, stream_keys};
use crate::tags::{self, Tags};

use super::BatchError;

/// AWS's largest page of ListStreamKeys.
const PAGE_MAX: usize = 50;
/// AWS's documented default page of ListStreamKeys.
const PAGE_DEFAULT: usize = 1;

/// The wire object, with its value.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamKey {
    arn: String,
    channel_arn: String,
    value: Shown,
    tags: Tags,
}

/// A stream key on its way to who asked for it: serialised, never printed.
struct Shown(Secret);

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

/// The wire object of lists, without the value.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    arn: String,
    channel_arn: String,
    tags: Tags,
}

/// A key that was just made.
pub struct Made {
    /// For the caller.
    pub shown: StreamKey,
    /// For the directory.
    pub digest: Digest,
}

/// Answer of CreateStreamKey and GetStreamKey.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Got {
    stream_key: StreamKey,
}

/// Answer of BatchGetStreamKey.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchGot {
    stream_keys: Vec<StreamKey>,
    errors: Vec<BatchError>,
}

/// Answer of ListStreamKeys.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    stream_keys: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// Makes a key for a channel inside the caller's transaction.
///
/// # Errors
/// `InternalServerException` when the store fails.
pub async fn make(call: &Call<'_>, write: &mut Write<'_>, channel_arn: &str, tags: Tags) -> Result<Made, ApiError> {
    let shared = call.shared;
    let arn = arn::new(call.config(), Kind::StreamKey, &ids::resource(call.env()));
    let value = Secret::new(ids::stream_key(call.env(), &call.config().region));
    let digest = shared.seal.digest(value.expose());
    let sealed = shared.seal.seal(call.env(), &arn, &value)?;
    let stored = StoredKey {
        arn,
        channel_arn: channel_arn.to_owned(),
        sealed,
        tags,
    };
    stream_keys::insert(write.connection(), &stored, &digest, call.now_ms()).await?;
    let StoredKey {
        arn, channel_arn, tags, ..
    } = stored;
    Ok(Made {
        shown: StreamKey {
            arn,
            channel_arn,
            value: Shown(value),
            tags,
        },
        digest,
    })
}

/// CreateStreamKey, within the quota of the channel.
pub async fn create(call: &Call<'_>, members: &Members) -> Result<Got, ApiError> {
    let channel_arn = members.arn("channelArn", Kind::Channel)?;
    let tags = tags::read(members)?.unwrap_or_default();
    let mut write = call.store().write().await?;
    if channels::find(write.connection(), channel_arn).await?.is_none() {
        return Err(ApiError::not_found(channel_arn));
    }
    let quota = call.config().quotas.stream_keys_per_channel;
    if stream_keys::count(write.connection(), channel_arn).await? >= i64::from(quota) {
        return Err(ApiError::quota(format!(
            "Quota exceeded: {quota} stream key(s) for the channel {channel_arn}"
        )));
    }
    let key = make(call, &mut write, channel_arn, tags).await?;
    let committed = write.commit().await?;
    call.shared.directory.put_key(key.digest, channel_arn);
    drop(committed);
    Ok(Got { stream_key: key.shown })
}

/// GetStreamKey.
pub async fn get(call: &Call<'_>, members: &Members) -> Result<Got, ApiError> {
    let arn = members.arn("arn", Kind::StreamKey)?;
    let mut reader = call.store().read().await?;
    let stored = stream_keys::find(&mut reader, arn)
        .await?
        .ok_or_else(|| ApiError::not_found(arn))?;
    Ok(Got {
        stream_key: show(call, stored)?,
    })
}

/// BatchGetStreamKey: unknown ARNs become `errors`, in the order asked.
pub async fn batch_get(call: &Call<'_>, members: &Members) -> Result<BatchGot, ApiError> {
    let mut reader = call.store().read().await?;
    let mut answer = BatchGot {
        stream_keys: Vec::new(),
        errors: Vec::new(),
    };
    for arn in members.arns("arns", Kind::StreamKey)? {
        match stream_keys::find(&mut reader, arn).await? {
            Some(stored) => answer.stream_keys.push(show(call, stored)?),
            None => answer.errors.push(BatchError::not_found(arn)),
        }
    }
    Ok(answer)
}

/// ListStreamKeys: oldest first, without values.
pub async fn list(call: &Call<'_>, members: &Members) -> Result<Listed, ApiError> {
    let channel_arn = members.arn("channelArn", Kind::Channel)?;
    let page = Page::read(members, "stream-keys", PAGE_DEFAULT, PAGE_MAX)?;
    let mut reader = call.store().read().await?;
    if channels::find(&mut reader, channel_arn).await?.is_none() {
        return Err(ApiError::not_found(channel_arn));
    }
    let after = page.after_number()?.unwrap_or(0);
    let mut rows = stream_keys::list(&mut reader, channel_arn, after, page.fetch()).await?;
    let next_token = page.cut(&mut rows, |(seq, _)| seq.to_string());
    let summary = |(_, key): (i64, StoredKey)| Summary {
        arn: key.arn,
        channel_arn: key.channel_arn,
        tags: key.tags,
    };
    Ok(Listed {
        stream_keys: rows.into_iter().map(summary).collect(),
        next_token,
    })
}

/// DeleteStreamKey: a running stream goes on, the next connection with the key is refused.
pub async fn delete(call: &Call<'_>, members: &Members) -> Result<(), ApiError> {
    let arn = members.arn("arn", Kind::StreamKey)?;
    let mut write = call.store().write().await?;
    let digest = stream_keys::delete(write.connection(), arn)
        .await?
        .ok_or_else(|| ApiError::not_found(arn))?;
    let committed = write.commit().await?;
    call.shared.directory.remove_key(&digest);
    drop(committed);
    Ok(())
}

fn show(call: &Call<'_>, stored: StoredKey) -> Result<StreamKey, ApiError> {
    let value = call.shared.seal.open(&stored.arn, &stored.sealed)?;
    let StoredKey {
        arn, channel_arn, tags, ..
    } = stored;
    Ok(StreamKey {
        arn,
        channel_arn,
        value: Shown(value),
        tags,
    })
}
