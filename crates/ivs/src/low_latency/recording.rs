//! Recording configurations: where the streams of a channel are to be recorded, and how.
//!
//! They are kept, listed and attached to channels, and nothing is recorded yet: there is no recorder, and the bucket is
//! not looked at. As on AWS the answer of CreateRecordingConfiguration says CREATING and everything later says ACTIVE,
//! so that clients which wait for it are exercised. There is no operation to change one.

use serde::{Deserialize, Serialize};

use crate::arn::{self, Kind};
use crate::call::Call;
use crate::error::ApiError;
use crate::ids;
use crate::input::{Members, constraint, missing};
use crate::paging::Page;
use crate::store::{channels, recordings};
use crate::tags::{self, Tags};

/// A recording configuration as it is stored; the wire object adds its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recording {
    /// Its ARN.
    pub arn: String,
    name: String,
    destination_configuration: Destination,
    thumbnail_configuration: Thumbnails,
    recording_reconnect_window_seconds: u64,
    rendition_configuration: Renditions,
    /// Its tags.
    pub tags: Tags,
}

/// `destinationConfiguration`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Destination {
    s3: S3Destination,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct S3Destination {
    bucket_name: String,
}

/// `thumbnailConfiguration`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thumbnails {
    recording_mode: RecordingMode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target_interval_seconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resolution: Option<Resolution>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    storage: Vec<ThumbnailStorage>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum RecordingMode {
    Disabled,
    Interval,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum ThumbnailStorage {
    Sequential,
    Latest,
}

/// A class of picture heights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Resolution {
    Sd,
    Hd,
    FullHd,
    #[serde(rename = "LOWEST_RESOLUTION")]
    Lowest,
}

/// `renditionConfiguration`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Renditions {
    rendition_selection: RenditionSelection,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    renditions: Vec<Resolution>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum RenditionSelection {
    All,
    None,
    Custom,
}

/// `state`. AWS's third one, CREATE_FAILED, cannot happen: nothing is made outside the data file.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    Creating,
    Active,
}

/// The wire object.
#[derive(Debug, Serialize)]
pub struct Description {
    #[serde(flatten)]
    recording: Recording,
    state: State,
}

/// The wire object of lists.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    arn: String,
    name: String,
    destination_configuration: Destination,
    state: State,
    tags: Tags,
}

/// Answer of CreateRecordingConfiguration and GetRecordingConfiguration.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Got {
    recording_configuration: Description,
}

/// Answer of ListRecordingConfigurations.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    recording_configurations: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// AWS's rule on a bucket's name: this long, of `[a-z0-9-.]`.
const BUCKET_NAME_LENGTH: std::ops::RangeInclusive<usize> = 3..=63;
/// AWS's longest time between two streams that are recorded as one.
const RECONNECT_WINDOW_MAX_S: u64 = 300;
/// AWS's longest time between two thumbnails, also its default.
const THUMBNAIL_INTERVAL_MAX_S: u64 = 60;
/// Each value of an enumeration twice is more than anybody means; AWS's model leaves these lists without a limit.
const CHOICES_MAX: usize = 8;
/// AWS's page size of ListRecordingConfigurations, also its largest.
const PAGE_MAX: usize = 100;

impl Recording {
    fn read(arn: String, members: &Members) -> Result<Self, ApiError> {
        Ok(Self {
            arn,
            name: members.name("name")?.unwrap_or_default().to_owned(),
            destination_configuration: destination(members)?,
            thumbnail_configuration: thumbnails(&members.object("thumbnailConfiguration")?.unwrap_or_default())?,
            recording_reconnect_window_seconds: members
                .whole("recordingReconnectWindowSeconds", 0..=RECONNECT_WINDOW_MAX_S)?
                .unwrap_or(0),
            rendition_configuration: renditions(&members.object("renditionConfiguration")?.unwrap_or_default())?,
            tags: tags::read(members)?.unwrap_or_default(),
        })
    }

    fn describe(self, state: State) -> Got {
        Got {
            recording_configuration: Description { recording: self, state },
        }
    }

    fn summarise(self) -> Summary {
        Summary {
            arn: self.arn,
            name: self.name,
            destination_configuration: self.destination_configuration,
            state: State::Active,
            tags: self.tags,
        }
    }
}

/// CreateRecordingConfiguration.
pub async fn create(call: &Call<'_>, members: &Members) -> Result<Got, ApiError> {
    let config = call.config();
    let id = ids::resource(call.env());
    let recording = Recording::read(arn::new(config, Kind::RecordingConfiguration, &id), members)?;
    let quota = config.quotas.recording_configurations;
    let mut write = call.store().write().await?;
    if recordings::count(write.connection()).await? >= i64::from(quota) {
        return Err(ApiError::quota(format!(
            "Quota exceeded: {quota} recording configurations"
        )));
    }
    recordings::insert(write.connection(), &recording, call.now_ms()).await?;
    drop(write.commit().await?);
    tracing::info!(recording.arn = %recording.arn, "recording configuration created");
    Ok(recording.describe(State::Creating))
}

/// GetRecordingConfiguration.
pub async fn get(call: &Call<'_>, members: &Members) -> Result<Got, ApiError> {
    let arn = members.arn("arn", Kind::RecordingConfiguration)?;
    let found = recordings::find(&mut *call.store().read().await?, arn).await?;
    let recording = found.ok_or_else(|| ApiError::not_found(arn))?;
    Ok(recording.describe(State::Active))
}

/// ListRecordingConfigurations: oldest first.
pub async fn list(call: &Call<'_>, members: &Members) -> Result<Listed, ApiError> {
    let page = Page::read(members, "recording-configurations", PAGE_MAX, PAGE_MAX)?;
    let mut reader = call.store().read().await?;
    let mut rows = recordings::list(&mut reader, page.after_number()?.unwrap_or(0), page.fetch()).await?;
    let next_token = page.cut(&mut rows, |(seq, _)| seq.to_string());
    Ok(Listed {
        recording_configurations: rows.into_iter().map(|(_, recording)| recording.summarise()).collect(),
        next_token,
    })
}

/// DeleteRecordingConfiguration; refused while a channel has it.
pub async fn delete(call: &Call<'_>, members: &Members) -> Result<(), ApiError> {
    let arn = members.arn("arn", Kind::RecordingConfiguration)?;
    let mut write = call.store().write().await?;
    if let Some(channel_arn) = channels::any_recorded_by(write.connection(), arn).await? {
        let message = format!("The recording configuration is attached to a channel: {channel_arn}");
        return Err(ApiError::conflict(message));
    }
    if !recordings::delete(write.connection(), arn).await? {
        return Err(ApiError::not_found(arn));
    }
    drop(write.commit().await?);
    tracing::info!(recording.arn = %arn, "recording configuration deleted");
    Ok(())
}

/// Of the two destinations that AWS's model has room for, exactly one exists.
fn destination(members: &Members) -> Result<Destination, ApiError> {
    const MEMBER: &str = "destinationConfiguration";
    let given = members.object(MEMBER)?.ok_or_else(|| missing(MEMBER))?;
    let s3 = given
        .object("s3")?
        .ok_or_else(|| constraint(MEMBER, "Member must have exactly one destination, 's3'"))?;
    let bucket_name = s3.text("bucketName")?.ok_or_else(|| missing("bucketName"))?;
    let is_valid = BUCKET_NAME_LENGTH.contains(&bucket_name.len())
        && bucket_name
            .bytes()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'-' | b'.'));
    if !is_valid {
        let rule = format!(
            "Member must satisfy regular expression pattern: [a-z0-9-.]+ and have length between {} and {}",
            BUCKET_NAME_LENGTH.start(),
            BUCKET_NAME_LENGTH.end()
        );
        return Err(constraint("bucketName", rule));
    }
    Ok(Destination {
        s3: S3Destination {
            bucket_name: bucket_name.to_owned(),
        },
    })
}

/// The defaults are those AWS documents, and those of INTERVAL apply to INTERVAL only.
fn thumbnails(given: &Members) -> Result<Thumbnails, ApiError> {
    let recording_mode = given.choice("recordingMode")?.unwrap_or(RecordingMode::Interval);
    let mut thumbnails = Thumbnails {
        recording_mode,
        target_interval_seconds: given.whole("targetIntervalSeconds", 1..=THUMBNAIL_INTERVAL_MAX_S)?,
        resolution: given.choice("resolution")?,
        storage: given.choices("storage", CHOICES_MAX)?,
    };
    if recording_mode == RecordingMode::Interval {
        thumbnails
            .target_interval_seconds
            .get_or_insert(THUMBNAIL_INTERVAL_MAX_S);
        if thumbnails.storage.is_empty() {
            thumbnails.storage.push(ThumbnailStorage::Sequential);
        }
    }
    Ok(thumbnails)
}

fn renditions(given: &Members) -> Result<Renditions, ApiError> {
    let rendition_selection = given.choice("renditionSelection")?.unwrap_or(RenditionSelection::All);
    let renditions: Vec<Resolution> = given.choices("renditions", CHOICES_MAX)?;
    if rendition_selection == RenditionSelection::Custom && renditions.is_empty() {
        return Err(constraint(
            "renditions",
            "Member must not be empty when 'renditionSelection' is CUSTOM",
        ));
    }
    Ok(Renditions {
        rendition_selection,
        renditions,
    })
}
