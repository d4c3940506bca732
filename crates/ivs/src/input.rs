//! Members of a request body, read one by one with AWS's constraints.
//!
//! Unknown members are ignored and `null` counts as absent, as AWS does. Every refusal names its member.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde::de::{DeserializeOwned, IntoDeserializer};
use serde_json::{Map, Value};

use crate::arn;
use crate::chat::wire::{self, Attributes};
use crate::error::ApiError;

/// AWS's limit on every `name` of the service.
const NAME_LENGTH_MAX: usize = 128;
/// AWS's limit on the ARNs of one batch call.
const BATCH_MAX: usize = 50;

/// A JSON object of a request.
#[derive(Debug, Default)]
pub struct Members(Map<String, Value>);

impl Members {
    /// Parses a request body. An empty body reads as `{}`.
    ///
    /// # Errors
    /// `ValidationException` when the body is no JSON object.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(ApiError::validation("The request body must be a JSON object")),
            Err(cause) => Err(ApiError::validation(format!(
                "The request body is not valid JSON: {cause}"
            ))),
        }
    }

    /// A text member.
    pub fn text(&self, member: &str) -> Result<Option<&str>, ApiError> {
        match self.value(member) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(constraint(member, "Member must be a string")),
        }
    }

    /// A boolean member.
    pub fn flag(&self, member: &str) -> Result<Option<bool>, ApiError> {
        match self.value(member) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(constraint(member, "Member must be a boolean")),
        }
    }

    /// A whole number from 1 to `max`.
    pub fn size(&self, member: &str, max: usize) -> Result<Option<usize>, ApiError> {
        let range = 1..=u64::try_from(max).unwrap_or(u64::MAX);
        let number = self.whole(member, range)?;
        Ok(number.and_then(|number| usize::try_from(number).ok()))
    }

    /// A whole number within a range.
    pub fn whole(&self, member: &str, range: RangeInclusive<u64>) -> Result<Option<u64>, ApiError> {
        let Some(value) = self.value(member) else {
            return Ok(None);
        };
        match value.as_u64() {
            Some(number) if range.contains(&number) => Ok(Some(number)),
            _ => {
                let (min, max) = range.into_inner();
                let rule = format!("Member must be a whole number between {min} and {max}");
                Err(constraint(member, rule))
            }
        }
    }

    /// One of the values of an enumeration.
    pub fn choice<T: DeserializeOwned>(&self, member: &str) -> Result<Option<T>, ApiError> {
        // Only texts: serde would also take `{"LOW": null}` for the value `LOW`.
        let Some(value) = self
            .text(member)?
            .map(IntoDeserializer::<serde_json::Error>::into_deserializer)
        else {
            return Ok(None);
        };
        // serde's own text lists the values: "unknown variant `X`, expected one of `A`, `B`".
        T::deserialize(value)
            .map(Some)
            .map_err(|cause| constraint(member, format!("Member must be in the enum: {cause}")))
    }

    /// An object member.
    pub fn object(&self, member: &str) -> Result<Option<Self>, ApiError> {
        match self.value(member) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self(members.clone()))),
            Some(_) => Err(constraint(member, "Member must be an object")),
        }
    }

    /// A name: `[a-zA-Z0-9-_]*`, up to 128 characters.
    pub fn name(&self, member: &str) -> Result<Option<&str>, ApiError> {
        let Some(text) = self.text(member)? else {
            return Ok(None);
        };
        if text.len() > NAME_LENGTH_MAX {
            let rule = format!("Member must have length less than or equal to {NAME_LENGTH_MAX}");
            return Err(constraint(member, rule));
        }
        if !text
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'))
        {
            return Err(constraint(
                member,
                "Member must satisfy regular expression pattern: [a-zA-Z0-9-_]*",
            ));
        }
        Ok(Some(text))
    }

    /// A required ARN of one type.
    pub fn arn(&self, member: &str, kind: arn::Kind) -> Result<&str, ApiError> {
        let text = self.text(member)?.ok_or_else(|| missing(member))?;
        arn::check_of(kind.service(), member, text, kind.as_str())?;
        Ok(text)
    }

    /// An optional ARN of a type, where the empty text means "none".
    pub fn optional_arn(&self, member: &str, resource_type: &str) -> Result<Option<&str>, ApiError> {
        let Some(text) = self.text(member)? else {
            return Ok(None);
        };
        if !text.is_empty() {
            arn::check(member, text, resource_type)?;
        }
        Ok(Some(text))
    }

    /// The required list of 1 to 50 ARNs of a batch call, in the caller's order and without repeats.
    pub fn arns(&self, member: &str, kind: arn::Kind) -> Result<Vec<&str>, ApiError> {
        let list = match self.value(member) {
            None => return Err(missing(member)),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(constraint(member, "Member must be a list")),
        };
        if !(1..=BATCH_MAX).contains(&list.len()) {
            return Err(constraint(
                member,
                format!("Member must have between 1 and {BATCH_MAX} items"),
            ));
        }
        let mut arns: Vec<&str> = Vec::with_capacity(list.len());
        for item in list {
            let text = item
                .as_str()
                .ok_or_else(|| constraint(member, "Every item must be a string"))?;
            arn::check_of(kind.service(), member, text, kind.as_str())?;
            if !arns.contains(&text) {
                arns.push(text);
            }
        }
        Ok(arns)
    }

    /// A text of 1 to `max` characters.
    pub fn characters(&self, member: &str, max: usize) -> Result<Option<&str>, ApiError> {
        let Some(text) = self.text(member)? else {
            return Ok(None);
        };
        if !(1..=max).contains(&text.chars().count()) {
            let rule = format!("Member must have between 1 and {max} characters");
            return Err(constraint(member, rule));
        }
        Ok(Some(text))
    }

    /// A required text of 1 to `max` characters.
    pub fn required_characters(&self, member: &str, max: usize) -> Result<&str, ApiError> {
        self.characters(member, max)?.ok_or_else(|| missing(member))
    }

    /// A list of at most `max` texts.
    pub fn texts(&self, member: &str, max: usize) -> Result<Option<Vec<&str>>, ApiError> {
        let list = match self.value(member) {
            None => return Ok(None),
            Some(Value::Array(list)) if list.len() <= max => list,
            Some(Value::Array(_)) => return Err(constraint(member, format!("Member must have at most {max} items"))),
            Some(_) => return Err(constraint(member, "Member must be a list")),
        };
        let texts = list.iter().map(|item| {
            item.as_str()
                .ok_or_else(|| constraint(member, "Every item must be a string"))
        });
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// A list of at most `max` values of an enumeration; absent is empty.
    pub fn choices<T: DeserializeOwned>(&self, member: &str, max: usize) -> Result<Vec<T>, ApiError> {
        let texts = self.texts(member, max)?.unwrap_or_default();
        let choices = texts.into_iter().map(|text| {
            T::deserialize(IntoDeserializer::<serde_json::Error>::into_deserializer(text))
                .map_err(|cause| constraint(member, format!("Member must be in the enum: {cause}")))
        });
        choices.collect()
    }

    /// Names and values of chat, a kilobyte at most; absent is empty.
    pub fn attributes(&self, member: &str) -> Result<Attributes, ApiError> {
        wire::attributes(self.value(member)).map_err(|(_, rule)| constraint(member, rule))
    }

    /// The required id of a chat message.
    pub fn message_id(&self, member: &str) -> Result<&str, ApiError> {
        let id = self.text(member)?.ok_or_else(|| missing(member))?;
        if wire::is_id(id) {
            return Ok(id);
        }
        let rule = "Member must satisfy regular expression pattern: [a-zA-Z0-9]+ and have length 12";
        Err(constraint(member, rule))
    }

    /// The member as it is; `None` when absent or `null`.
    pub fn value(&self, member: &str) -> Option<&Value> {
        self.0.get(member).filter(|value| !value.is_null())
    }
}

/// `ValidationException` for a member that breaks a rule.
pub fn constraint(member: &str, rule: impl Display) -> ApiError {
    let rule = rule.to_string();
    ApiError::validation(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: {rule}"
    ))
    .of_field(member, rule)
}

/// `ValidationException` for a required member that is absent.
pub fn missing(member: &str) -> ApiError {
    constraint(member, "Member must not be null")
}
