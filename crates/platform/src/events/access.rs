//! Who may listen to which topic.

use crate::{Context, Error, Role};

/// Who may listen to a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, signed in or not.
    Public,
    /// The account that the topic is named after, and nobody else.
    Owner,
    /// Admins only.
    Admin,
}

/// Every kind of topic. A name that ends in `:` stands for all topics that begin with it.
const TOPICS: &[(&str, Access)] = &[
    ("auctions", Access::Public),
    ("auction:", Access::Public),
    ("channels", Access::Admin),
    ("channel:", Access::Public),
    ("account:", Access::Owner),
    ("accounts", Access::Admin),
];

/// Characters in a topic's name at most: a prefix and a UUID, with room.
const TOPIC_CHARS_MAX: usize = 100;

/// Who may listen to `topic`; `None` when there is no such topic.
pub fn access(topic: &str) -> Option<Access> {
    if topic.len() > TOPIC_CHARS_MAX || topic.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let is_named = |name: &str| match name.strip_suffix(':') {
        Some(_) => topic.len() > name.len() && topic.starts_with(name),
        None => topic == name,
    };
    TOPICS
        .iter()
        .find(|(name, _)| is_named(name))
        .map(|(_, access)| *access)
}

/// Passes callers who may listen to `topic`.
///
/// *errors*: [`crate::ErrorKind::NotFound`] for a topic that does not exist, [`crate::ErrorKind::Unauthenticated`] or
/// [`crate::ErrorKind::Forbidden`] where the caller may not listen.
pub fn check(ctx: &Context, topic: &str) -> Result<(), Error> {
    match access(topic) {
        None => Err(Error::not_found("Topic not found")),
        Some(Access::Public) => Ok(()),
        Some(Access::Owner) => {
            let id = ctx.require_signed_in()?;
            match topic.split_once(':') {
                Some((_, owner)) if owner == id => Ok(()),
                _ => Err(Error::forbidden("You are not allowed to do this")),
            }
        }
        Some(Access::Admin) => ctx.require_role(Role::Admin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_has_its_rule() {
        for (topic, expected) in [
            ("auctions", Some(Access::Public)),
            ("auction:018f", Some(Access::Public)),
            ("account:018f", Some(Access::Owner)),
            ("channels", Some(Access::Admin)),
            ("channel:018f", Some(Access::Public)),
            ("account:", None),
            ("accounts", Some(Access::Admin)),
            ("auction:", None),
            ("auctionsx", None),
            ("auction:a b", None),
            ("auction:a\0b", None),
            ("jobs", None),
            ("", None),
        ] {
            assert_eq!(access(topic), expected, "{topic}");
        }
        assert_eq!(access(&format!("auction:{}", "a".repeat(200))), None);
    }
}
