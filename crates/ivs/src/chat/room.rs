//! Rooms.

use engine::chat::Settings;
use serde::{Deserialize, Serialize};

use crate::arn::{self, Kind};
use crate::call::Call;
use crate::error::ApiError;
use crate::ids;
use crate::input::{Members, constraint};
use crate::paging::Page;
use crate::store::rooms::{self, Filter};
use crate::tags::{self, Tags};
use crate::time;

/// AWS's page size of ListRooms, also its largest.
const PAGE_MAX: usize = 50;
/// AWS's largest and first message rate of a room.
const RATE_MAX: usize = 100;
const RATE: usize = 10;
/// AWS's largest and first message length, in code points.
const LENGTH_MAX: usize = 500;
/// AWS's limit on the URI of a message review handler.
const REVIEW_URI_LENGTH_MAX: usize = 170;
/// AWS's limit on the logging configurations of a room.
const LOGGINGS_MAX: usize = 3;

/// A room as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Room {
    /// Its ARN.
    pub arn: String,
    /// Its name, possibly empty, not unique.
    pub name: String,
    /// Messages a second, of everyone together.
    pub message_rate: usize,
    /// Longest message, in code points.
    pub message_length: usize,
    /// Who reviews messages.
    pub review: Review,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created_at_ms: i64,
    /// When UpdateRoom changed it last.
    pub updated_at_ms: i64,
}

/// `messageReviewHandler`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// ARN of a Lambda function; empty when messages are not reviewed.
    pub uri: String,
    fallback_result: Fallback,
}

/// `fallbackResult`: what happens to a message when its reviewer does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Fallback {
    Allow,
    Deny,
}

/// The wire object.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    #[serde(flatten)]
    summary: Summary,
    maximum_message_rate_per_second: usize,
    maximum_message_length: usize,
}

/// The wire object of lists.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    id: String,
    arn: String,
    name: String,
    #[serde(serialize_with = "time::serialize")]
    create_time: i64,
    #[serde(serialize_with = "time::serialize")]
    update_time: i64,
    message_review_handler: Review,
    logging_configuration_identifiers: [&'static str; 0],
    tags: Tags,
}

/// Answer of ListRooms.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    rooms: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Room {
    fn new(arn: String, now_ms: i64) -> Self {
        Self {
            arn,
            name: String::new(),
            message_rate: RATE,
            message_length: LENGTH_MAX,
            review: Review {
                uri: String::new(),
                fallback_result: Fallback::Allow,
            },
            tags: Tags::new(),
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
        }
    }

    /// What the hub is told.
    pub fn settings(&self) -> Settings {
        Settings {
            messages_per_second: self.message_rate,
            content_length_max: self.message_length,
            is_silent: !self.review.uri.is_empty() && self.review.fallback_result == Fallback::Deny,
        }
    }

    /// Takes over the members that are present.
    fn apply(&mut self, members: &Members) -> Result<(), ApiError> {
        if let Some(arn) = loggings(members)?.first() {
            return Err(ApiError::not_found(arn));
        }
        if let Some(name) = members.name("name")? {
            name.clone_into(&mut self.name);
        }
        let rate = members.size("maximumMessageRatePerSecond", RATE_MAX)?;
        self.message_rate = rate.unwrap_or(self.message_rate);
        let length = members.size("maximumMessageLength", LENGTH_MAX)?;
        self.message_length = length.unwrap_or(self.message_length);
        if let Some(review) = members.object("messageReviewHandler")? {
            self.review = Review {
                uri: review_uri(&review, "uri")?.unwrap_or_default().to_owned(),
                fallback_result: review.choice("fallbackResult")?.unwrap_or(Fallback::Allow),
            };
        }
        Ok(())
    }

    fn describe(self) -> Description {
        Description {
            maximum_message_rate_per_second: self.message_rate,
            maximum_message_length: self.message_length,
            summary: self.summarise(),
        }
    }

    fn summarise(self) -> Summary {
        Summary {
            id: arn::id(&self.arn).unwrap_or_default().to_owned(),
            arn: self.arn,
            name: self.name,
            create_time: self.created_at_ms,
            update_time: self.updated_at_ms,
            message_review_handler: self.review,
            logging_configuration_identifiers: [],
            tags: self.tags,
        }
    }
}

/// CreateRoom.
pub async fn create(call: &Call<'_>, members: &Members) -> Result<Description, ApiError> {
    let arn = arn::new(call.config(), Kind::Room, &ids::resource(call.env()));
    let mut room = Room::new(arn, call.now_ms());
    room.apply(members)?;
    room.tags = tags::read(members)?.unwrap_or_default();

    let quota = call.config().quotas.rooms;
    let mut write = call.store().write().await?;
    if rooms::count(write.connection()).await? >= i64::from(quota) {
        return Err(ApiError::quota(format!("Quota exceeded: {quota} rooms")).of_resource(&room.arn, Some(quota)));
    }
    rooms::insert(write.connection(), &room).await?;
    let committed = write.commit().await?;
    call.shared.chat.hub.open(&room.arn, room.settings());
    drop(committed);
    tracing::info!(room.arn = %room.arn, "chat room created");
    Ok(room.describe())
}

/// GetRoom.
pub async fn get(call: &Call<'_>, members: &Members) -> Result<Description, ApiError> {
    let arn = members.arn("identifier", Kind::Room)?;
    Ok(find(call, arn).await?.describe())
}

/// The room of an ARN that was checked.
///
/// # Errors
/// `ResourceNotFoundException` when there is none.
pub async fn find(call: &Call<'_>, arn: &str) -> Result<Room, ApiError> {
    let mut reader = call.store().read().await?;
    rooms::find(&mut reader, arn)
        .await?
        .ok_or_else(|| ApiError::not_found(arn))
}

/// ListRooms: oldest first. An empty filter counts as absent, and several must all fit.
pub async fn list(call: &Call<'_>, members: &Members) -> Result<Listed, ApiError> {
    let page = Page::read(members, "rooms", PAGE_MAX, PAGE_MAX)?;
    let filter = Filter {
        name: members.name("name")?.filter(|name| !name.is_empty()),
        review_uri: review_uri(members, "messageReviewHandlerUri")?.filter(|uri| !uri.is_empty()),
    };
    let member = "loggingConfigurationIdentifier";
    if let Some(arn) = members.text(member)? {
        arn::check_of("ivschat", member, arn, "logging-configuration")?;
        // None can be made here, so no room has this one.
        return Ok(Listed {
            rooms: Vec::new(),
            next_token: None,
        });
    }
    let mut reader = call.store().read().await?;
    let mut rows = rooms::list(&mut reader, filter, page.after_number()?.unwrap_or(0), page.fetch()).await?;
    let next_token = page.cut(&mut rows, |(seq, _)| seq.to_string());
    Ok(Listed {
        rooms: rows.into_iter().map(|(_, room)| room.summarise()).collect(),
        next_token,
    })
}

/// UpdateRoom: changes the members that are present, for open connections at once.
pub async fn update(call: &Call<'_>, members: &Members) -> Result<Description, ApiError> {
    let arn = members.arn("identifier", Kind::Room)?;
    let mut write = call.store().write().await?;
    let found = rooms::find(write.connection(), arn).await?;
    let mut room = found.ok_or_else(|| ApiError::not_found(arn))?;
    room.apply(members)?;
    room.updated_at_ms = call.now_ms();
    rooms::update(write.connection(), &room).await?;
    let committed = write.commit().await?;
    call.shared.chat.hub.open(&room.arn, room.settings());
    drop(committed);
    Ok(room.describe())
}

/// DeleteRoom: everyone in it is disconnected.
pub async fn delete(call: &Call<'_>, members: &Members) -> Result<(), ApiError> {
    let arn = members.arn("identifier", Kind::Room)?;
    let mut write = call.store().write().await?;
    if !rooms::delete(write.connection(), arn).await? {
        return Err(ApiError::not_found(arn));
    }
    let committed = write.commit().await?;
    call.shared.chat.hub.close(arn);
    drop(committed);
    tracing::info!(room.arn = %arn, "chat room deleted");
    Ok(())
}

/// The ARNs of `loggingConfigurationIdentifiers`.
fn loggings(members: &Members) -> Result<Vec<&str>, ApiError> {
    const MEMBER: &str = "loggingConfigurationIdentifiers";
    let arns = members.texts(MEMBER, LOGGINGS_MAX)?.unwrap_or_default();
    for arn in &arns {
        arn::check_of("ivschat", MEMBER, arn, "logging-configuration")?;
    }
    Ok(arns)
}

/// Empty, or `arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:.+.*`.
fn review_uri<'a>(members: &'a Members, member: &str) -> Result<Option<&'a str>, ApiError> {
    let Some(uri) = members.text(member)? else {
        return Ok(None);
    };
    let is_region = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let is_function = |rest: &str| {
        let mut parts = rest.splitn(4, ':');
        let (region, account) = (parts.next()?, parts.next()?);
        let (kind, name) = (parts.next()?, parts.next()?);
        let is_valid = !region.is_empty()
            && region.bytes().all(is_region)
            && account.len() == 12
            && account.bytes().all(|c| c.is_ascii_digit())
            && kind == "function"
            && !name.is_empty();
        is_valid.then_some(())
    };
    let is_lambda = uri
        .strip_prefix("arn:aws:lambda:")
        .is_some_and(|rest| is_function(rest).is_some());
    if uri.len() <= REVIEW_URI_LENGTH_MAX && (uri.is_empty() || is_lambda) {
        return Ok(Some(uri));
    }
    let rule = format!(
        "Member must satisfy regular expression pattern: ^$|^arn:aws:lambda:[a-z0-9-]+:[0-9]{{12}}:function:.+ and have \
         length less than or equal to {REVIEW_URI_LENGTH_MAX}"
    );
    Err(constraint(member, rule))
}
