//! The frames of the messaging WebSocket: JSON objects with PascalCase members.

use std::collections::BTreeMap;

use engine::Environment;
use engine::chat::Frame;
use serde::Serialize;
use serde_json::{Map, Value};

use super::token::USER_ID_LENGTH_MAX;
use crate::{ids, time};

/// Names and values of an application's own, as AWS allows them on tokens, messages and events.
pub type Attributes = BTreeMap<String, String>;

/// AWS's limit on the names and values of one set of attributes together, in bytes.
pub const ATTRIBUTES_SIZE_MAX: usize = 1_024;
/// AWS's limit on a reason, in characters.
pub const REASON_LENGTH_MAX: usize = 256;
/// Characters of a message's or event's id.
pub const ID_LENGTH: usize = 12;
/// Larger requests are refused. The largest that can be accepted, 500 code points and a kilobyte of attributes with every
/// character escaped, has about 12,500 bytes.
pub const REQUEST_SIZE_MAX: usize = 16 * 1_024;
/// Request ids are UUIDs of 36 characters; they are sent back, to everyone.
const REQUEST_ID_LENGTH_MAX: usize = 128;
/// The event that takes a message back.
pub const DELETE_EVENT: &str = "aws:DELETE_MESSAGE";
/// The event that tells who was shown out.
pub const DISCONNECT_EVENT: &str = "aws:DISCONNECT_USER";

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Chosen by the client; possibly empty.
    pub request_id: String,
    /// What to do.
    pub action: Action,
}

/// `Action` and its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `SEND_MESSAGE`
    Send {
        /// Text for people.
        content: String,
        /// Of the application.
        attributes: Attributes,
    },
    /// `DELETE_MESSAGE`
    Delete {
        /// The message.
        message_id: String,
        /// Told to everyone.
        reason: Option<String>,
    },
    /// `DISCONNECT_USER`
    Disconnect {
        /// Who.
        user_id: String,
        /// Told to everyone.
        reason: Option<String>,
    },
}

/// Why a request is not carried out; sent as `ERROR`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Of the request; empty when it could not be read.
    pub request_id: String,
    /// As AWS numbers them, after HTTP.
    pub code: u16,
    /// For the developer of the client.
    pub message: String,
}

impl Request {
    /// Reads a frame. Unknown members are ignored and `null` counts as absent.
    ///
    /// # Errors
    /// [`Refusal`] with 400 or 413.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let members = match serde_json::from_str(text) {
            Ok(Value::Object(members)) => members,
            _ => return Err(Refusal::new("", 400, "The frame is no JSON object")),
        };
        let fields = Fields(&members);
        let request_id = match fields.text("RequestId") {
            Ok(id) if id.is_none_or(|id| id.len() <= REQUEST_ID_LENGTH_MAX) => id.unwrap_or_default(),
            _ => return Err(Refusal::new("", 400, "RequestId must be a string of at most 128 bytes")),
        };
        if text.len() > REQUEST_SIZE_MAX {
            let message = format!("The frame is larger than {REQUEST_SIZE_MAX} bytes");
            return Err(Refusal::new(request_id, 413, message));
        }
        match fields.action() {
            Ok(action) => Ok(Self {
                request_id: request_id.to_owned(),
                action,
            }),
            Err((code, message)) => Err(Refusal::new(request_id, code, message)),
        }
    }
}

impl Refusal {
    /// A refusal of the request with this id.
    pub fn new(request_id: &str, code: u16, message: impl Into<String>) -> Self {
        Self {
            request_id: request_id.to_owned(),
            code,
            message: message.into(),
        }
    }
}

/// Error code and message.
type Wrong = (u16, String);

/// The members of a frame.
struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    fn action(&self) -> Result<Action, Wrong> {
        match self.text("Action")? {
            Some("SEND_MESSAGE") => Ok(Action::Send {
                content: self.required("Content", usize::MAX)?.to_owned(),
                attributes: attributes(self.0.get("Attributes"))?,
            }),
            Some("DELETE_MESSAGE") => {
                let message_id = self.required("Id", ID_LENGTH)?;
                if !is_id(message_id) {
                    return Err((400, format!("Id must have {ID_LENGTH} letters and digits")));
                }
                Ok(Action::Delete {
                    message_id: message_id.to_owned(),
                    reason: self.reason()?,
                })
            }
            Some("DISCONNECT_USER") => Ok(Action::Disconnect {
                user_id: self.required("UserId", USER_ID_LENGTH_MAX)?.to_owned(),
                reason: self.reason()?,
            }),
            _ => Err((
                400,
                "Action must be SEND_MESSAGE, DELETE_MESSAGE or DISCONNECT_USER".to_owned(),
            )),
        }
    }

    fn text(&self, member: &str) -> Result<Option<&'a str>, Wrong> {
        match self.0.get(member) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err((400, format!("{member} must be a string"))),
        }
    }

    fn required(&self, member: &str, length_max: usize) -> Result<&'a str, Wrong> {
        let text = self.text(member)?.unwrap_or_default();
        if text.is_empty() || text.chars().count() > length_max {
            let limit = if length_max == usize::MAX {
                String::new()
            } else {
                format!(" and {length_max} at most")
            };
            return Err((400, format!("{member} must have at least one character{limit}")));
        }
        Ok(text)
    }

    fn reason(&self) -> Result<Option<String>, Wrong> {
        let reason = self.text("Reason")?.filter(|reason| !reason.is_empty());
        if reason.is_some_and(|reason| reason.chars().count() > REASON_LENGTH_MAX) {
            return Err((400, format!("Reason must have at most {REASON_LENGTH_MAX} characters")));
        }
        Ok(reason.map(str::to_owned))
    }
}

/// Whether a text is the id of a message.
pub fn is_id(text: &str) -> bool {
    text.len() == ID_LENGTH && text.bytes().all(|c| c.is_ascii_alphanumeric())
}

/// A map of texts to texts within AWS's size; absent is empty.
///
/// # Errors
/// 400 or 413, and why.
pub fn attributes(value: Option<&Value>) -> Result<Attributes, Wrong> {
    let map = match value {
        None | Some(Value::Null) => return Ok(Attributes::new()),
        Some(Value::Object(map)) => map,
        Some(_) => return Err((400, "Attributes must be a map".to_owned())),
    };
    let mut attributes = Attributes::new();
    let mut size = 0;
    for (name, value) in map {
        let Value::String(value) = value else {
            return Err((400, "Every value in Attributes must be a string".to_owned()));
        };
        size += name.len() + value.len();
        if size > ATTRIBUTES_SIZE_MAX {
            return Err((413, format!("Attributes are larger than {ATTRIBUTES_SIZE_MAX} bytes")));
        }
        attributes.insert(name.clone(), value.clone());
    }
    Ok(attributes)
}

/// Identity and time of something that is sent.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// 12 letters and digits.
    pub id: String,
    /// Milliseconds since the Unix epoch.
    pub at_ms: i64,
}

impl Stamp {
    /// A fresh one.
    pub fn new(env: &Environment) -> Self {
        Self {
            id: ids::resource(env),
            at_ms: (env.now_ms)(),
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "Type", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "PascalCase")]
enum Outgoing<'a> {
    Message {
        id: &'a str,
        request_id: &'a str,
        attributes: &'a Attributes,
        content: &'a str,
        send_time: String,
        sender: Sender<'a>,
    },
    Event {
        id: &'a str,
        request_id: &'a str,
        event_name: &'a str,
        attributes: &'a Attributes,
        send_time: String,
    },
    Error {
        id: &'a str,
        request_id: &'a str,
        error_code: u16,
        error_message: &'a str,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sender<'a> {
    user_id: &'a str,
    attributes: &'a Attributes,
}

/// What a user says, with who says it.
pub fn message(
    stamp: &Stamp,
    request_id: &str,
    content: &str,
    attributes: &Attributes,
    sender: (&str, &Attributes),
) -> Frame {
    frame(&Outgoing::Message {
        id: &stamp.id,
        request_id,
        attributes,
        content,
        send_time: time::iso(stamp.at_ms),
        sender: Sender {
            user_id: sender.0,
            attributes: sender.1,
        },
    })
}

/// What happens in the room.
pub fn event(stamp: &Stamp, request_id: &str, name: &str, attributes: &Attributes) -> Frame {
    frame(&Outgoing::Event {
        id: &stamp.id,
        request_id,
        event_name: name,
        attributes,
        send_time: time::iso(stamp.at_ms),
    })
}

/// Why nothing happened.
pub fn error(stamp: &Stamp, refusal: &Refusal) -> Frame {
    frame(&Outgoing::Error {
        id: &stamp.id,
        request_id: &refusal.request_id,
        error_code: refusal.code,
        error_message: &refusal.message,
    })
}

/// Attributes of [`DELETE_EVENT`]. Clients read the id by either name.
pub fn deleted(message_id: &str, reason: Option<&str>) -> Attributes {
    with_reason([("MessageID", message_id), ("MessageId", message_id)], reason)
}

/// Attributes of [`DISCONNECT_EVENT`].
pub fn disconnected(user_id: &str, reason: Option<&str>) -> Attributes {
    with_reason([("UserId", user_id)], reason)
}

fn with_reason<const N: usize>(members: [(&str, &str); N], reason: Option<&str>) -> Attributes {
    let reason = reason.map(|reason| ("Reason", reason));
    let all = members.into_iter().chain(reason);
    all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn frame(outgoing: &Outgoing<'_>) -> Frame {
    // Texts and maps of texts cannot fail to serialise.
    serde_json::to_string(outgoing).unwrap_or_default().into()
}
