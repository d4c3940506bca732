//! "You were outbid", while the auction runs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::{page, store};
use crate::auctions::rules::{Entry, Lot};
use crate::auctions::store as auctions;
use crate::db::Tx;
use crate::jobs::{Job, JobError, Outcome};
use crate::notifications::{self, NewNotification};
use crate::{Error, Platform};

/// Tells those who lost the lead since it last ran. Planned by the commits that take it from them.
#[derive(Serialize, Deserialize)]
pub(crate) struct TellOutbid {
    auction_id: String,
}

/// How long the job waits after the bid that planned it: the bids of a second are one run.
const PAUSE_MS: i64 = 1000;
/// People that one transaction tells: on SQLite nobody else bids meanwhile.
const PAGE: i64 = 50;
/// Auctions that are remembered at most; beyond that, those whose plan is past are forgotten.
const HINTS_MAX: usize = 1024;

/// Until when the job of an auction is known to be planned, so that a hot auction does not plan it with every commit.
/// Guards a lookup, never held across `.await`. A hint that is lost costs one statement.
#[derive(Clone, Default)]
pub(crate) struct Hints(Arc<Mutex<HashMap<String, i64>>>);

impl Hints {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_planned(&self, auction_id: &str, now_ms: i64) -> bool {
        self.lock().get(auction_id).is_some_and(|at_ms| *at_ms > now_ms)
    }

    fn put(&self, auction_id: &str, at_ms: i64, now_ms: i64) {
        let mut hints = self.lock();
        if hints.len() >= HINTS_MAX {
            hints.retain(|_, at_ms| *at_ms > now_ms);
        }
        // Of two commits the earlier plan holds.
        let known = hints.entry(auction_id.to_owned()).or_insert(at_ms);
        if *known <= now_ms {
            *known = at_ms;
        }
    }
}

/// What the notice of one auction is about.
pub(super) fn subject_key(auction_id: &str) -> String {
    format!("outbid:{auction_id}")
}

/// The job that the commit of `entries` must plan: somebody lost the lead in them and it is not planned already.
pub(crate) fn outbid_job(platform: &Platform, auction_id: &str, before: &Lot, entries: &[Entry]) -> Option<TellOutbid> {
    let now_ms = platform.environment().now_ms();
    let is_needed = has_loser(before, entries) && !platform.outbid().is_planned(auction_id, now_ms);
    is_needed.then(|| TellOutbid {
        auction_id: auction_id.to_owned(),
    })
}

/// Plans the jobs of one commit.
pub(crate) async fn plan_outbid(tx: &mut Tx, jobs: &[TellOutbid]) -> Result<(), Error> {
    let run_at_ms = tx.now_ms() + PAUSE_MS;
    tx.enqueue_all_no_later(jobs, run_at_ms).await
}

/// Remembers after the commit of [`plan_outbid`] that the job is planned: a commit that fails must leave no hint.
pub(crate) fn remember_outbid(platform: &Platform, auction_id: &str, before: &Lot, entries: &[Entry]) {
    let now_ms = platform.environment().now_ms();
    if has_loser(before, entries) {
        platform.outbid().put(auction_id, now_ms + PAUSE_MS, now_ms);
    }
}

/// Whether the lead passed from somebody to somebody else.
fn has_loser(before: &Lot, entries: &[Entry]) -> bool {
    let first = before.leader.as_ref().map(|leader| &leader.bidder);
    let mut leaders = first
        .into_iter()
        .chain(entries.iter().filter_map(|entry| entry.leader.as_ref()));
    leaders
        .next()
        .is_some_and(|first| leaders.any(|leader| leader != first))
}

impl Job for TellOutbid {
    const NAME: &'static str = "auctions.tell_outbid";

    fn key(&self) -> String {
        self.auction_id.clone()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let now_ms = platform.environment().now_ms();
        let mut snapshot = platform.db().snapshot().await?;
        let auction = auctions::find(&mut *snapshot.conn(), &self.auction_id).await?;
        // Who took part is told the outcome anyway.
        let Some(auction) = auction.filter(|auction| !auction.lot.phase.is_over()) else {
            return Ok(Outcome::Done);
        };
        let told = store::outbid_seq(&mut *snapshot.conn(), &self.auction_id).await?;
        if told >= auction.lot.seq {
            return Ok(Outcome::Done);
        }
        let leader = auction.lot.leader.as_ref().map_or("", |leader| &leader.bidder);
        let key = subject_key(&self.auction_id);
        let page = store::dethroned(&mut *snapshot.conn(), &self.auction_id, told, leader, &key, PAGE).await?;
        drop(snapshot);
        let is_last = i64::try_from(page.len()).unwrap_or(i64::MAX) < PAGE;
        let mut tx = platform.db().begin().await?;
        let now = auctions::find(tx.conn(), &self.auction_id).await?;
        if now.is_none_or(|auction| auction.lot.phase.is_over()) {
            // It ended meanwhile: "you can bid again" must not follow the outcome.
            return Ok(Outcome::Done);
        }
        for account_id in page {
            notifications::notify_again(&mut tx, notice(&self.auction_id, account_id, &auction.listing.title)).await?;
        }
        // Whoever took the lead back is no longer outbid.
        notifications::retract(&mut tx, leader, &key).await?;
        if is_last {
            store::put_outbid_seq(tx.conn(), &self.auction_id, auction.lot.seq).await?;
        }
        tx.commit().await?;
        // A commit that trusted the hint may have come too late for this run; one more finds it, or nothing.
        let run_at_ms = if is_last { now_ms + PAUSE_MS } else { now_ms };
        Ok(Outcome::Again { run_at_ms })
    }
}

fn notice(auction_id: &str, account_id: String, title: &str) -> NewNotification {
    NewNotification {
        account_id,
        kind: "outbid",
        subject_key: subject_key(auction_id),
        title: format!("You were outbid: {title}"),
        text: "Somebody bid more than you. You can bid again while the auction runs.".to_owned(),
        href: page(auction_id),
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn a_hint_holds_until_its_plan_is_past_and_the_earlier_plan_wins() {
        let hints = Hints::default();
        assert!(!hints.is_planned("a", 0));
        hints.put("a", 1000, 0);
        hints.put("a", 1500, 500);
        assert!(hints.is_planned("a", 999) && !hints.is_planned("a", 1000) && !hints.is_planned("b", 0));
        hints.put("a", 2100, 1100);
        assert!(hints.is_planned("a", 2099));
        for number in 0..2 * HINTS_MAX {
            hints.put(
                &number.to_string(),
                3000 + i64::try_from(number).unwrap(),
                3000 + i64::try_from(number).unwrap(),
            );
        }
        assert!(hints.lock().len() <= HINTS_MAX);
    }
}
