//! Tags of resources: the rules of a tag map, and TagResource, UntagResource and ListTagsForResource.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::arn;
use crate::call::Call;
use crate::error::ApiError;
use crate::input::{Members, constraint, missing};
use crate::store::{channels, recordings, rooms, stream_keys};

/// The tags of one resource, by key.
pub type Tags = BTreeMap<String, String>;

/// AWS's limit on the tags of one resource.
const TAGS_MAX: usize = 50;
/// AWS's limit on a key, in characters.
const KEY_LENGTH_MAX: usize = 128;
/// AWS's limit on a value, in characters.
const VALUE_LENGTH_MAX: usize = 256;

/// Reads the `tags` member; absent reads as no tags.
///
/// # Errors
/// `ValidationException` for a map, key or value outside AWS's rules.
pub fn read(members: &Members) -> Result<Option<Tags>, ApiError> {
    let map = match members.value("tags") {
        None => return Ok(None),
        Some(Value::Object(map)) => map,
        Some(_) => return Err(constraint("tags", "Member must be a map")),
    };
    if map.len() > TAGS_MAX {
        return Err(too_many());
    }
    let mut tags = Tags::new();
    for (key, value) in map {
        let value = value
            .as_str()
            .ok_or_else(|| constraint("tags", format!("The value of '{key}' must be a string")))?;
        check_key("tags", key)?;
        if value.chars().count() > VALUE_LENGTH_MAX || !value.chars().all(is_tag_char) {
            let rule = format!(
                "The value of '{key}' must have at most {VALUE_LENGTH_MAX} characters of [\\p{{L}}\\p{{Z}}\\p{{N}}_.:/=+\\-@]"
            );
            return Err(constraint("tags", rule));
        }
        tags.insert(key.clone(), value.to_owned());
    }
    Ok(Some(tags))
}

fn check_key(member: &str, key: &str) -> Result<(), ApiError> {
    if !(1..=KEY_LENGTH_MAX).contains(&key.chars().count()) || !key.chars().all(is_tag_char) {
        let rule = format!("A key must have 1 to {KEY_LENGTH_MAX} characters of [\\p{{L}}\\p{{Z}}\\p{{N}}_.:/=+\\-@]");
        return Err(constraint(member, rule));
    }
    if key.to_ascii_lowercase().starts_with("aws:") {
        return Err(constraint(member, "Keys that start with 'aws:' are reserved"));
    }
    Ok(())
}

fn is_tag_char(c: char) -> bool {
    let is_separator = c.is_whitespace() && !c.is_control();
    c.is_alphanumeric() || is_separator || matches!(c, '_' | '.' | ':' | '/' | '=' | '+' | '-' | '@')
}

fn too_many() -> ApiError {
    constraint("tags", format!("Member must have at most {TAGS_MAX} tags"))
}

/// An answer without members.
#[derive(Debug, Serialize)]
pub struct Empty {}

/// Answer of ListTagsForResource.
#[derive(Debug, Serialize)]
pub struct Listed {
    tags: Tags,
}

/// ListTagsForResource: the tags of a channel, stream key, recording configuration or room.
pub async fn list(call: &Call<'_>, resource_arn: &str) -> Result<Listed, ApiError> {
    let mut reader = call.store().read().await?;
    let tags = match kind(resource_arn)? {
        arn::Kind::Channel => channels::find(&mut reader, resource_arn)
            .await?
            .map(|channel| channel.tags),
        arn::Kind::StreamKey => stream_keys::find(&mut reader, resource_arn).await?.map(|key| key.tags),
        arn::Kind::RecordingConfiguration => recordings::find(&mut reader, resource_arn)
            .await?
            .map(|recording| recording.tags),
        arn::Kind::Room => rooms::find(&mut reader, resource_arn).await?.map(|room| room.tags),
    };
    Ok(Listed {
        tags: tags.ok_or_else(|| ApiError::not_found(resource_arn))?,
    })
}

/// TagResource: adds tags and replaces those of the same key.
pub async fn add(call: &Call<'_>, resource_arn: &str, members: &Members) -> Result<Empty, ApiError> {
    let added = read(members)?.ok_or_else(|| missing("tags"))?;
    change(call, resource_arn, |tags| {
        tags.extend(added);
        if tags.len() > TAGS_MAX { Err(too_many()) } else { Ok(()) }
    })
    .await
}

/// UntagResource: removes tags by key; keys that are not there are no error.
pub async fn remove(call: &Call<'_>, resource_arn: &str, keys: &[String]) -> Result<Empty, ApiError> {
    if keys.is_empty() {
        return Err(missing("tagKeys"));
    }
    if keys.len() > TAGS_MAX {
        return Err(constraint(
            "tagKeys",
            format!("Member must have at most {TAGS_MAX} items"),
        ));
    }
    for key in keys {
        check_key("tagKeys", key)?;
    }
    change(call, resource_arn, |tags| {
        tags.retain(|key, _| !keys.contains(key));
        Ok(())
    })
    .await
}

async fn change(
    call: &Call<'_>,
    resource_arn: &str,
    edit: impl FnOnce(&mut Tags) -> Result<(), ApiError>,
) -> Result<Empty, ApiError> {
    let kind = kind(resource_arn)?;
    let mut write = call.store().write().await?;
    let not_found = || ApiError::not_found(resource_arn);
    match kind {
        arn::Kind::Channel => {
            let mut channel = channels::find(write.connection(), resource_arn)
                .await?
                .ok_or_else(not_found)?;
            edit(&mut channel.tags)?;
            channels::update(write.connection(), &channel).await?;
        }
        arn::Kind::StreamKey => {
            let mut key = stream_keys::find(write.connection(), resource_arn)
                .await?
                .ok_or_else(not_found)?;
            edit(&mut key.tags)?;
            stream_keys::update_tags(write.connection(), &key).await?;
        }
        arn::Kind::RecordingConfiguration => {
            let mut recording = recordings::find(write.connection(), resource_arn)
                .await?
                .ok_or_else(not_found)?;
            edit(&mut recording.tags)?;
            recordings::update(write.connection(), &recording).await?;
        }
        arn::Kind::Room => {
            let mut room = rooms::find(write.connection(), resource_arn)
                .await?
                .ok_or_else(not_found)?;
            edit(&mut room.tags)?;
            rooms::update(write.connection(), &room).await?;
        }
    }
    drop(write.commit().await?);
    Ok(Empty {})
}

/// Well-formed ARNs of types this server does not make name nothing, so they are "not found".
fn kind(resource_arn: &str) -> Result<arn::Kind, ApiError> {
    let parts = arn::split(resource_arn)
        .filter(|_| resource_arn.len() <= arn::ARN_LENGTH_MAX)
        .ok_or_else(|| {
            constraint(
                "resourceArn",
                "Member must satisfy regular expression pattern: \
                 arn:aws:(ivs|ivschat):[a-z0-9-]+:[0-9]+:[a-z-]+/[a-zA-Z0-9-]+",
            )
        })?;
    match (parts.service, parts.resource_type) {
        ("ivs", "channel") => Ok(arn::Kind::Channel),
        ("ivs", "stream-key") => Ok(arn::Kind::StreamKey),
        ("ivs", "recording-configuration") => Ok(arn::Kind::RecordingConfiguration),
        ("ivschat", "room") => Ok(arn::Kind::Room),
        _ => Err(ApiError::not_found(resource_arn)),
    }
}
