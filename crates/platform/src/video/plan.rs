//! What the janitor does about the difference between ledger and provider: a pure decision, the same for channels and rooms.

use std::collections::{HashMap, HashSet};

use super::client::Listed;
use super::{Resource, ResourceTags, State};

/// One repair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// A creation that nobody finished: let the settling job decide.
    Settle {
        /// Ledger id.
        id: String,
        /// Its name, when the provider has it.
        arn: Option<String>,
    },
    /// The provider has something that the ledger calls deleted: delete it again.
    Reopen {
        /// Ledger id.
        id: String,
        /// Its name at the provider.
        arn: String,
    },
    /// The provider has something of this installation that no ledger row stands for: write one down, to be deleted after the grace period.
    Adopt {
        /// Its name at the provider.
        arn: String,
        /// What it says about itself.
        tags: ResourceTags,
    },
    /// Something owned is not listed: ask for it by name before calling it lost.
    Verify {
        /// Ledger id.
        id: String,
        /// Its name at the provider.
        arn: String,
    },
    /// What was lost is there after all.
    Recover {
        /// Ledger id.
        id: String,
    },
}

/// Compares the ledger with a complete list of what the provider has, which was begun at `listed_at_ms`.
///
/// What does not carry this installation's tag is never mentioned in a repair.
/// Rows changed since the listing began are left for the next time: the list may be older than they are.
pub fn plan(
    ledger: &[Resource],
    listed: &[Listed],
    installation: &str,
    listed_at_ms: i64,
    grace_ms: i64,
) -> Vec<Repair> {
    let by_id: HashMap<&str, &Resource> = ledger.iter().map(|row| (row.id.as_str(), row)).collect();
    let known: HashMap<&str, &Resource> = ledger
        .iter()
        .filter_map(|row| Some((row.arn.as_deref()?, row)))
        .collect();
    let mut settled = HashSet::new();
    let mut repairs = Vec::new();

    for channel in listed {
        let Some(tags) = channel.tags.as_ref().filter(|tags| tags.installation == installation) else {
            continue;
        };
        match known
            .get(channel.arn.as_str())
            .or_else(|| by_id.get(tags.resource.as_str()).filter(|row| row.arn.is_none()))
        {
            Some(row) => {
                settled.insert(row.id.as_str());
                repairs.extend(present_channel(row, &channel.arn, listed_at_ms, grace_ms));
            }
            None => repairs.push(Repair::Adopt {
                arn: channel.arn.clone(),
                tags: tags.clone(),
            }),
        }
    }
    for row in ledger
        .iter()
        .filter(|row| row.changed_at_ms < listed_at_ms && !settled.contains(row.id.as_str()))
    {
        let id = row.id.clone();
        match (row.state, row.arn.as_ref()) {
            (State::Active, Some(arn)) => repairs.push(Repair::Verify { id, arn: arn.clone() }),
            (State::Creating, _) if is_overdue(row, listed_at_ms, grace_ms) => {
                repairs.push(Repair::Settle { id, arn: None })
            }
            (State::Deleting, _) => repairs.push(Repair::Settle { id, arn: None }),
            _ => {}
        }
    }
    repairs
}

fn present_channel(row: &Resource, arn: &str, listed_at_ms: i64, grace_ms: i64) -> Option<Repair> {
    let id = row.id.clone();
    let arn = arn.to_owned();
    match row.state {
        _ if row.changed_at_ms >= listed_at_ms => None,
        State::Active => None,
        State::Lost => Some(Repair::Recover { id }),
        State::Creating => is_overdue(row, listed_at_ms, grace_ms).then_some(Repair::Settle { id, arn: Some(arn) }),
        State::Deleting => Some(Repair::Settle { id, arn: Some(arn) }),
        State::Deleted => Some(Repair::Reopen { id, arn }),
    }
}

fn is_overdue(row: &Resource, now_ms: i64, grace_ms: i64) -> bool {
    now_ms.saturating_sub(row.created_at_ms) >= grace_ms
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000;
    const GRACE: i64 = 45_000;

    fn row(id: &str, state: State, arn: Option<&str>, age_ms: i64) -> Resource {
        Resource {
            id: id.into(),
            kind: crate::video::Kind::Channel,
            owner: "auction:1".into(),
            purpose: "auction video".into(),
            name: "auction_1".into(),
            state,
            arn: arn.map(str::to_owned),
            attempts: 0,
            last_error: None,
            created_at_ms: NOW - age_ms,
            changed_at_ms: NOW - age_ms,
        }
    }

    fn tags(installation: &str, resource: &str) -> ResourceTags {
        ResourceTags {
            installation: installation.into(),
            owner: "auction:1".into(),
            purpose: "auction video".into(),
            resource: resource.into(),
        }
    }

    fn listed(arn: &str, resource: &str) -> Listed {
        Listed {
            arn: arn.into(),
            tags: Some(tags("ours", resource)),
        }
    }

    fn check(ledger: &[Resource], channels: &[Listed], expected: &[Repair]) {
        assert_eq!(plan(ledger, channels, "ours", NOW, GRACE), expected);
    }

    #[test]
    fn agreement_needs_no_repair() {
        check(&[row("r", State::Active, Some("a"), 60_000)], &[listed("a", "r")], &[]);
        check(&[row("r", State::Deleted, Some("a"), 60_000)], &[], &[]);
    }

    #[test]
    fn channels_of_others_are_never_mentioned() {
        let foreign = Listed {
            arn: "x".into(),
            tags: None,
        };
        let neighbour = Listed {
            arn: "y".into(),
            tags: Some(tags("theirs", "r")),
        };
        check(
            &[row("r", State::Creating, None, 60_000)],
            &[foreign, neighbour],
            &[Repair::Settle {
                id: "r".into(),
                arn: None,
            }],
        );
    }

    #[test]
    fn a_creation_nobody_finished_is_settled_after_the_grace_period_only() {
        check(&[row("r", State::Creating, None, 10_000)], &[listed("a", "r")], &[]);
        check(&[row("r", State::Creating, None, 10_000)], &[], &[]);
        let found = Repair::Settle {
            id: "r".into(),
            arn: Some("a".into()),
        };
        check(
            &[row("r", State::Creating, None, 60_000)],
            &[listed("a", "r")],
            &[found],
        );
    }

    #[test]
    fn a_channel_without_a_row_and_a_second_one_of_the_same_row_are_adopted() {
        check(
            &[],
            &[listed("a", "gone")],
            &[Repair::Adopt {
                arn: "a".into(),
                tags: tags("ours", "gone"),
            }],
        );
        let twin = Repair::Adopt {
            arn: "b".into(),
            tags: tags("ours", "r"),
        };
        check(
            &[row("r", State::Active, Some("a"), 60_000)],
            &[listed("a", "r"), listed("b", "r")],
            &[twin],
        );
    }

    #[test]
    fn an_owned_channel_that_is_not_listed_is_verified_and_a_lost_one_that_is_listed_recovers() {
        check(
            &[row("r", State::Active, Some("a"), 60_000)],
            &[],
            &[Repair::Verify {
                id: "r".into(),
                arn: "a".into(),
            }],
        );
        check(
            &[row("r", State::Lost, Some("a"), 60_000)],
            &[listed("a", "r")],
            &[Repair::Recover { id: "r".into() }],
        );
        check(&[row("r", State::Lost, Some("a"), 60_000)], &[], &[]);
    }

    #[test]
    fn deleted_channels_that_are_still_there_are_deleted_again() {
        check(
            &[row("r", State::Deleted, Some("a"), 60_000)],
            &[listed("a", "r")],
            &[Repair::Reopen {
                id: "r".into(),
                arn: "a".into(),
            }],
        );
    }

    #[test]
    fn rows_that_changed_after_the_listing_began_wait_for_the_next_time() {
        check(&[row("r", State::Active, Some("a"), -5)], &[], &[]);
        check(&[row("r", State::Deleted, Some("a"), -5)], &[listed("a", "r")], &[]);
    }
}
