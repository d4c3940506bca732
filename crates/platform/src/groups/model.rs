//! What a group says about itself, and the rules of that.

use super::channel_requests::Request;
use crate::Error;
use crate::pictures::Stored;
use crate::text::{optional, text};

/// Longest name, characters.
pub const NAME_LEN_MAX: usize = 200;
/// Longest description, characters; a page of text.
pub const DESCRIPTION_LEN_MAX: usize = 5_000;
/// Longest category, characters.
pub const CATEGORY_LEN_MAX: usize = 100;
/// Most tags of one thing: more are not read by anybody.
pub const TAGS_MAX: usize = 20;
/// Longest tag, characters.
pub const TAG_LEN_MAX: usize = 50;

/// Programmes that are planned together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// UUID v7.
    pub id: String,
    /// The account whose it is.
    pub owner_id: String,
    /// What it says about itself.
    pub about: About,
    /// Its picture.
    pub picture: Option<Stored>,
    /// How many programmes are in it.
    pub programs: i64,
    /// The last time that a channel was asked for, unless that was withdrawn.
    pub request: Option<Request>,
    /// Epoch ms.
    pub created_at_ms: i64,
    /// Epoch ms.
    pub updated_at_ms: i64,
}

/// What a group says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// 1 to [`NAME_LEN_MAX`] characters.
    pub name: String,
    /// Up to [`DESCRIPTION_LEN_MAX`] characters.
    pub description: Option<String>,
    /// Up to [`CATEGORY_LEN_MAX`] characters.
    pub category: Option<String>,
    /// Whom it is meant for.
    pub visibility: Visibility,
    /// Up to [`TAGS_MAX`] different words.
    pub tags: Vec<String>,
}

/// Whom a group is meant for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Its owner.
    #[default]
    Private,
    /// Everybody.
    Public,
}

/// What shall be different; what is `None` stays, what is `Some(None)` goes away.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Another name.
    pub name: Option<String>,
    /// Another description.
    pub description: Option<Option<String>>,
    /// Another category.
    pub category: Option<Option<String>>,
    /// Another visibility.
    pub visibility: Option<Visibility>,
    /// Other tags, all of them.
    pub tags: Option<Vec<String>>,
}

impl About {
    /// The same, trimmed.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] with the first field that breaks its rule.
    pub fn validate(self) -> Result<Self, Error> {
        Ok(Self {
            name: text("name", &self.name, 1, NAME_LEN_MAX)?,
            description: optional("description", self.description, DESCRIPTION_LEN_MAX)?,
            category: optional("category", self.category, CATEGORY_LEN_MAX)?,
            visibility: self.visibility,
            tags: tags(self.tags)?,
        })
    }

    /// The same with `changes`; not validated.
    pub(super) fn with(self, changes: Changes) -> Self {
        Self {
            name: changes.name.unwrap_or(self.name),
            description: changes.description.unwrap_or(self.description),
            category: changes.category.unwrap_or(self.category),
            visibility: changes.visibility.unwrap_or(self.visibility),
            tags: changes.tags.unwrap_or(self.tags),
        }
    }
}

impl Visibility {
    /// The one spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }

    /// What is spelt `word`.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Private, Self::Public]
            .into_iter()
            .find(|known| known.as_str() == word)
    }
}

/// Trimmed tags, each once, in the order they were given.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `tags`.
pub(super) fn tags(given: Vec<String>) -> Result<Vec<String>, Error> {
    let mut tags: Vec<String> = Vec::new();
    if given.len() > TAGS_MAX {
        return Err(Error::invalid("tags", format!("tags must be at most {TAGS_MAX}")));
    }
    for tag in given {
        let tag = text("tags", &tag, 1, TAG_LEN_MAX)?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn about() -> About {
        About {
            name: " Morning shows ".into(),
            description: Some(" ".into()),
            category: None,
            visibility: Visibility::Public,
            tags: vec!["news".into(), " news ".into(), "Daily".into()],
        }
    }

    fn check(field: &'static str, change: impl FnOnce(&mut About)) {
        let mut wrong = about();
        change(&mut wrong);
        let error = wrong.validate().unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid { field: field.into() }, "{error}");
    }

    #[test]
    fn what_a_group_says_is_trimmed_and_its_tags_are_different() {
        let valid = about().validate().unwrap();
        assert_eq!((valid.name.as_str(), valid.description), ("Morning shows", None));
        assert_eq!(valid.tags, ["news", "Daily"]);
    }

    #[test]
    fn every_field_names_its_rule() {
        check("name", |about| about.name = " ".into());
        check("name", |about| about.name = "x".repeat(NAME_LEN_MAX + 1));
        check("description", |about| {
            about.description = Some("x".repeat(DESCRIPTION_LEN_MAX + 1))
        });
        check("category", |about| {
            about.category = Some("x".repeat(CATEGORY_LEN_MAX + 1))
        });
        check("tags", |about| about.tags = vec![String::new()]);
        check("tags", |about| about.tags = vec!["x".repeat(TAG_LEN_MAX + 1)]);
        check("tags", |about| {
            about.tags = (0..=TAGS_MAX).map(|n| n.to_string()).collect()
        });
    }

    #[test]
    fn changes_replace_what_they_name_and_nothing_else() {
        let before = about().validate().unwrap();
        let changes = Changes {
            category: Some(Some("Talk".into())),
            description: Some(None),
            ..Changes::default()
        };
        let after = before.clone().with(changes);
        assert_eq!(after.category.as_deref(), Some("Talk"));
        assert_eq!((after.name, after.tags), (before.name, before.tags));
    }

    #[test]
    fn visibilities_have_one_spelling() {
        for visibility in [Visibility::Private, Visibility::Public] {
            assert_eq!(Visibility::parse(visibility.as_str()), Some(visibility));
        }
        assert_eq!(Visibility::parse("Public"), None);
    }
}
