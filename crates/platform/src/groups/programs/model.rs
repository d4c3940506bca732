//! What a programme says about itself, and the rules of that.

use crate::Error;
use crate::groups::model::tags;
use crate::text::{link, optional, text};

/// Longest title, characters.
pub const TITLE_LEN_MAX: usize = 200;
/// Longest description, characters; several paragraphs.
pub const DESCRIPTION_LEN_MAX: usize = 2_000;
/// Longest kind of broadcast and of source, characters.
pub const KIND_LEN_MAX: usize = 100;
/// Longest key of an object in a bucket, characters (Amazon S3's limit, in bytes there).
pub const S3_KEY_LEN_MAX: usize = 1_024;
/// Longest programme, seconds: a week, for loops that run on.
pub const DURATION_S_MAX: i64 = 7 * 24 * 3600;

const BROADCAST_TYPE_DEFAULT: &str = "Video HLS";

/// Something to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// UUID v7.
    pub id: String,
    /// The account whose it is.
    pub owner_id: String,
    /// The group it is in.
    pub group_id: Option<String>,
    /// Its place there, from 0; programmes of no group are at 0.
    pub position: i64,
    /// What it says about itself.
    pub about: About,
    /// Epoch ms.
    pub created_at_ms: i64,
    /// Epoch ms.
    pub updated_at_ms: i64,
}

/// What a programme says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// 1 to [`TITLE_LEN_MAX`] characters.
    pub title: String,
    /// Up to [`DESCRIPTION_LEN_MAX`] characters.
    pub description: Option<String>,
    /// Up to [`KIND_LEN_MAX`] characters; empty stands for `Video HLS`.
    pub broadcast_type: String,
    /// http(s) address of what is shown.
    pub program_url: Option<String>,
    /// http(s) address of a picture.
    pub program_image: Option<String>,
    /// For those who pay.
    pub is_premium: bool,
    /// Seconds, 0 to [`DURATION_S_MAX`].
    pub duration_s: Option<i64>,
    /// As of groups.
    pub tags: Vec<String>,
    /// Up to [`KIND_LEN_MAX`] characters.
    pub source_type: Option<String>,
    /// Up to [`S3_KEY_LEN_MAX`] characters.
    pub s3_key: Option<String>,
}

/// What shall be different; what is `None` stays, what is `Some(None)` goes away.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Another title.
    pub title: Option<String>,
    /// Another description.
    pub description: Option<Option<String>>,
    /// Another group, where it comes last; or none.
    pub group_id: Option<Option<String>>,
    /// Another kind of broadcast.
    pub broadcast_type: Option<String>,
    /// Another address.
    pub program_url: Option<Option<String>>,
    /// Another picture.
    pub program_image: Option<Option<String>>,
    /// For those who pay, or no longer.
    pub is_premium: Option<bool>,
    /// Another length.
    pub duration_s: Option<Option<i64>>,
    /// Other tags, all of them.
    pub tags: Option<Vec<String>>,
    /// Another kind of source.
    pub source_type: Option<Option<String>>,
    /// Another key.
    pub s3_key: Option<Option<String>>,
}

impl About {
    /// The same, trimmed and with its default.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] with the first field that breaks its rule, as the wire spells it.
    pub fn validate(self) -> Result<Self, Error> {
        if self
            .duration_s
            .is_some_and(|seconds| !(0..=DURATION_S_MAX).contains(&seconds))
        {
            let rule = format!("duration must be between 0 and {DURATION_S_MAX} seconds");
            return Err(Error::invalid("duration", rule));
        }
        let broadcast_type = optional("broadcast_type", Some(self.broadcast_type), KIND_LEN_MAX)?;
        Ok(Self {
            title: text("title", &self.title, 1, TITLE_LEN_MAX)?,
            description: optional("description", self.description, DESCRIPTION_LEN_MAX)?,
            broadcast_type: broadcast_type.unwrap_or_else(|| BROADCAST_TYPE_DEFAULT.to_owned()),
            program_url: link("program_url", self.program_url)?,
            program_image: link("program_image", self.program_image)?,
            is_premium: self.is_premium,
            duration_s: self.duration_s,
            tags: tags(self.tags)?,
            source_type: optional("sourceType", self.source_type, KIND_LEN_MAX)?,
            s3_key: optional("s3Key", self.s3_key, S3_KEY_LEN_MAX)?,
        })
    }

    /// The same with `changes`; not validated.
    pub(super) fn with(self, changes: Changes) -> Self {
        Self {
            title: changes.title.unwrap_or(self.title),
            description: changes.description.unwrap_or(self.description),
            broadcast_type: changes.broadcast_type.unwrap_or(self.broadcast_type),
            program_url: changes.program_url.unwrap_or(self.program_url),
            program_image: changes.program_image.unwrap_or(self.program_image),
            is_premium: changes.is_premium.unwrap_or(self.is_premium),
            duration_s: changes.duration_s.unwrap_or(self.duration_s),
            tags: changes.tags.unwrap_or(self.tags),
            source_type: changes.source_type.unwrap_or(self.source_type),
            s3_key: changes.s3_key.unwrap_or(self.s3_key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn check(field: &'static str, change: impl FnOnce(&mut About)) {
        let mut wrong = About {
            title: "News".into(),
            ..About::default()
        };
        change(&mut wrong);
        let error = wrong.validate().unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid { field: field.into() }, "{error}");
    }

    #[test]
    fn every_field_names_its_rule() {
        check("title", |about| about.title = String::new());
        check("title", |about| about.title = "x".repeat(TITLE_LEN_MAX + 1));
        check("description", |about| {
            about.description = Some("x".repeat(DESCRIPTION_LEN_MAX + 1))
        });
        check("broadcast_type", |about| {
            about.broadcast_type = "x".repeat(KIND_LEN_MAX + 1)
        });
        check("program_url", |about| {
            about.program_url = Some("javascript:alert(1)".into())
        });
        check("program_image", |about| {
            about.program_image = Some("/picture.jpg".into())
        });
        check("duration", |about| about.duration_s = Some(-1));
        check("duration", |about| about.duration_s = Some(DURATION_S_MAX + 1));
        check("tags", |about| about.tags = vec![" ".into()]);
        check("sourceType", |about| {
            about.source_type = Some("x".repeat(KIND_LEN_MAX + 1))
        });
        check("s3Key", |about| about.s3_key = Some("x".repeat(S3_KEY_LEN_MAX + 1)));
    }

    #[test]
    fn a_programme_is_completed_and_changed_by_what_is_named() {
        let about = About {
            title: " News ".into(),
            duration_s: Some(DURATION_S_MAX),
            ..About::default()
        };
        let about = about.validate().unwrap();
        assert_eq!(
            (about.title.as_str(), about.broadcast_type.as_str()),
            ("News", "Video HLS")
        );
        let changes = Changes {
            broadcast_type: Some(String::new()),
            duration_s: Some(None),
            is_premium: Some(true),
            ..Changes::default()
        };
        let after = about.with(changes).validate().unwrap();
        assert_eq!(after.broadcast_type, "Video HLS", "empty is the default again");
        assert_eq!(
            (after.duration_s, after.is_premium, after.title.as_str()),
            (None, true, "News")
        );
    }
}
