//! Who watches a topic right now: people, not tabs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{Context, Error};

/// The people who watch topics through this process. Nothing is stored: after a restart everybody connects again.
#[derive(Clone, Default)]
pub(crate) struct Presence {
    /// Open connections of each person by topic. Guards a lookup and a count, never held across `.await`; its size is
    /// bounded by the number of open event streams.
    topics: Arc<Mutex<HashMap<String, HashMap<String, usize>>>>,
}

/// One open connection of one person; leaving is dropping it.
pub struct Present {
    presence: Presence,
    topic: String,
    person: String,
}

/// Characters in the name that a client gives itself at most: a UUID fits.
const VIEWER_CHARS_MAX: usize = 64;

/// Counts the caller among those who watch `topic`, until the result is dropped.
///
/// A signed-in caller is known by its id, another by `viewer`, a random text its client keeps; one with neither counts
/// once per connection.
/// *errors*: [`crate::ErrorKind::Invalid`] naming `viewer` when it is longer than 64 characters.
pub fn enter(ctx: &Context, topic: &str, viewer: Option<&str>) -> Result<Present, Error> {
    if viewer.is_some_and(|viewer| viewer.chars().count() > VIEWER_CHARS_MAX) {
        return Err(Error::invalid("viewer", "viewer must be at most 64 characters"));
    }
    // The prefixes keep a client from taking the name of an account.
    let person = match (ctx.caller.id(), viewer) {
        (Some(id), _) => format!("caller:{id}"),
        (None, Some(viewer)) => format!("viewer:{viewer}"),
        (None, None) => format!("stream:{}", ctx.new_id()),
    };
    let presence = ctx.platform.presence().clone();
    *presence
        .lock()
        .entry(topic.to_owned())
        .or_default()
        .entry(person.clone())
        .or_default() += 1;
    Ok(Present {
        presence,
        topic: topic.to_owned(),
        person,
    })
}

/// How many people watch `topic` through this process.
pub fn present(ctx: &Context, topic: &str) -> i64 {
    let people = ctx.platform.presence().lock().get(topic).map_or(0, HashMap::len);
    i64::try_from(people).unwrap_or(i64::MAX)
}

impl Presence {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, HashMap<String, usize>>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut topics = self.presence.lock();
        let Some(people) = topics.get_mut(&self.topic) else {
            return;
        };
        if let Some(connections) = people.get_mut(&self.person) {
            *connections -= 1;
            if *connections == 0 {
                people.remove(&self.person);
            }
        }
        if people.is_empty() {
            topics.remove(&self.topic);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Clock, Database};
    use crate::{Caller, Platform};

    #[tokio::test]
    async fn people_are_counted_and_not_their_tabs() {
        let database = Database::sqlite();
        let platform = Platform::open(database.config(), Clock::new().environment())
            .await
            .unwrap();
        let anonymous = platform.context(Caller::Anonymous);
        let account = Caller::Account {
            id: "a".into(),
            email: "a@b.c".into(),
            name: "A".into(),
            roles: Vec::new(),
        };
        let signed_in = platform.context(account);
        let tabs = [
            enter(&anonymous, "t", Some("x")).unwrap(),
            enter(&anonymous, "t", Some("x")).unwrap(),
            enter(&signed_in, "t", Some("x")).unwrap(),
            enter(&signed_in, "t", None).unwrap(),
            enter(&anonymous, "other", Some("y")).unwrap(),
        ];
        assert_eq!((present(&anonymous, "t"), present(&anonymous, "other")), (2, 1));
        let nameless = [
            enter(&anonymous, "t", None).unwrap(),
            enter(&anonymous, "t", None).unwrap(),
        ];
        assert_eq!(present(&anonymous, "t"), 4);
        drop(nameless);
        drop(tabs);
        assert!(platform.presence().lock().is_empty());
        assert!(enter(&anonymous, "t", Some(&"x".repeat(65))).is_err());
    }
}
