//! What processes tell each other of their watchers: `p {replica} {topic} {others} {hash,hash,…}`, a line each.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use super::{Elsewhere, Here, KEPT_MS, NAMED_MAX, Presence, number};
use crate::Error;
use crate::db::{Backend, Db};

/// What this process told last, by topic.
#[derive(Default)]
pub(super) struct Exchange {
    told: HashMap<String, Told>,
}

struct Told {
    others: i64,
    named: BTreeSet<u64>,
    at_ms: i64,
}

/// An unchanged number is repeated this often.
const REPEAT_MS: i64 = KEPT_MS / 3;

impl Exchange {
    /// Tells what changed and repeats what is about to be forgotten; on SQLite nobody listens.
    pub(super) async fn tell(&mut self, presence: &Presence, db: &Db, now_ms: i64) -> Result<(), Error> {
        if db.backend() == Backend::Sqlite {
            return Ok(());
        }
        for (topic, told) in self.news(presence, now_ms) {
            db.tell(&line(&presence.replica, &topic, &told)).await?;
            if told.others == 0 && told.named.is_empty() {
                self.told.remove(&topic);
            } else {
                self.told.insert(topic, told);
            }
        }
        Ok(())
    }

    /// Topics to speak of now; those that everybody left are told as empty once.
    fn news(&self, presence: &Presence, now_ms: i64) -> Vec<(String, Told)> {
        let topics = presence.lock();
        let nobody = || Told {
            others: 0,
            named: BTreeSet::new(),
            at_ms: now_ms,
        };
        let left = self.told.keys().filter(|topic| !topics.here.contains_key(*topic));
        let mut news: Vec<_> = left.map(|topic| (topic.clone(), nobody())).collect();
        for (topic, here) in &topics.here {
            let told = summary(here, now_ms);
            let is_known = self.told.get(topic).is_some_and(|last| {
                last.others == told.others && last.named == told.named && now_ms - last.at_ms < REPEAT_MS
            });
            if !is_known {
                news.push((topic.clone(), told));
            }
        }
        news
    }
}

/// The people with the smallest hashes by hash: two processes that share people then mostly name the same ones.
fn summary(here: &Here, at_ms: i64) -> Told {
    let mut named: BTreeSet<u64> = here.people.keys().copied().collect();
    let others = named.len().saturating_sub(NAMED_MAX);
    if others > 0 {
        named = named.into_iter().take(NAMED_MAX).collect();
    }
    Told {
        others: number(others),
        named,
        at_ms,
    }
}

fn line(replica: &str, topic: &str, told: &Told) -> String {
    let mut line = format!("p {replica} {topic} {} ", told.others);
    for person in &told.named {
        // Writing to a String cannot fail.
        let _ = write!(line, "{person:016x},");
    }
    line
}

/// The replica, the topic and its watchers there, from what follows `p `.
pub(super) fn parse(text: &str, until_ms: i64) -> Option<(&str, &str, Elsewhere)> {
    let mut words = text.splitn(4, ' ');
    let (replica, topic) = (words.next()?, words.next()?);
    let others = words.next()?.parse().ok()?;
    let hashes = words.next()?.split(',').filter(|hash| !hash.is_empty());
    let named = hashes
        .map(|hash| u64::from_str_radix(hash, 16).ok())
        .collect::<Option<_>>()?;
    Some((
        replica,
        topic,
        Elsewhere {
            named,
            others,
            until_ms,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_what_is_heard() {
        let told = Told {
            others: 3,
            named: BTreeSet::from([1, u64::MAX]),
            at_ms: 0,
        };
        let line = line("here", "auction:1", &told);
        let (replica, topic, heard) = parse(line.strip_prefix("p ").unwrap(), 9).unwrap();
        assert_eq!((replica, topic, heard.others), ("here", "auction:1", 3));
        assert_eq!((heard.named, heard.until_ms), (told.named, 9));
        assert!(parse("a b c d", 0).is_none());
        assert!(parse("a b 1 xyz", 0).is_none());
    }

    #[test]
    fn the_longest_line_fits_a_notification() {
        let told = Told {
            others: i64::MAX,
            named: (0..400).map(|at| u64::MAX - at).collect(),
            at_ms: 0,
        };
        let id = "018f0000-0000-7000-8000-000000000001";
        assert!(line(id, &format!("auction:{id}"), &told).len() < 7900);
    }
}
