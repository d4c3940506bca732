//! Telling people how an auction ended, and while it runs that they were outbid.
//!
//! **Invariants**
//! - Everybody who took part, and the seller, is told the outcome once: by a notice and by a mail whose keys name
//!   auction and account. A page of people and the place to go on from are one commit, so a job that is killed or run
//!   again neither leaves anybody out nor tells anybody twice.
//! - The bidding path writes no notice. It plans [`TellOutbid`], at most once a second per auction and process.
//!
//! **Where to start.** [`TellOutcome::run`], then [`letters`] for the words.

mod letters;
mod outbid;
mod store;

use serde::{Deserialize, Serialize};

use super::rules::Phase;
use super::{Auction, store as auctions};
use crate::db::Tx;
use crate::jobs::{Job, JobError, Outcome};
use crate::notifications::{self, NewNotification};
use crate::{Error, Money, Platform, mail};
use letters::Words;
pub(crate) use outbid::{Hints, TellOutbid, outbid_job, plan_outbid, remember_outbid};
use store::Person;

/// Tells winner, other bidders and seller. Planned by the commit that ends the auction.
#[derive(Serialize, Deserialize)]
pub(crate) struct TellOutcome {
    auction_id: String,
    /// The last bidder who was told; `None` before the first page.
    #[serde(default)]
    after: Option<String>,
}

/// Bidders that one transaction tells: on SQLite nobody else bids meanwhile.
const PAGE: i64 = 50;

/// What everybody is told about.
struct Facts {
    auction: Auction,
    /// Who has it, and for how much.
    sold: Option<(Person, Money)>,
    bidders: i64,
    peak_viewers: i64,
}

impl TellOutcome {
    /// The job for an auction that ended.
    pub(crate) fn of(auction_id: &str) -> Self {
        Self {
            auction_id: auction_id.to_owned(),
            after: None,
        }
    }
}

impl Job for TellOutcome {
    const NAME: &'static str = "auctions.tell_outcome";

    fn key(&self) -> String {
        self.auction_id.clone()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let Some(facts) = facts(platform, &self.auction_id).await? else {
            return Ok(Outcome::Done);
        };
        let after = self.after.as_deref().unwrap_or_default();
        let page = store::bidders(platform.db().read(), &self.auction_id, after, PAGE).await?;
        let mut tx = platform.db().begin().await?;
        let mut telling = Telling::new(platform, &facts);
        if self.after.is_none() {
            let seller = store::person(tx.conn(), &facts.auction.host_user_id).await?;
            telling.tell(&mut tx, &seller, letters::to_seller(&facts)).await?;
        }
        for bidder in &page {
            telling
                .tell(&mut tx, bidder, letters::to_bidder(&facts, bidder))
                .await?;
        }
        let is_last = i64::try_from(page.len()).unwrap_or(i64::MAX) < PAGE;
        match page.last().filter(|_| !is_last) {
            // Moving the running job gives it the new place; its end then leaves the new plan alone.
            Some(last) => {
                let next = Self {
                    auction_id: self.auction_id.clone(),
                    after: Some(last.id.clone()),
                };
                tx.enqueue(&next, tx.now_ms()).await?;
            }
            None => store::forget_outbid(tx.conn(), &self.auction_id).await?,
        }
        mail::send_all(&mut tx, telling.mails).await?;
        tx.commit().await?;
        Ok(Outcome::Done)
    }
}

async fn facts(platform: &Platform, auction_id: &str) -> Result<Option<Facts>, Error> {
    let mut snapshot = platform.db().snapshot().await?;
    let Some(auction) = auctions::find(&mut *snapshot.conn(), auction_id).await? else {
        return Ok(None);
    };
    let Some(ended) = auction.lot.ended.as_ref() else {
        return Ok(None);
    };
    let sold = match &ended.winner {
        Some(winner) => {
            let price = auction.terms.money(winner.price);
            Some((store::person(snapshot.conn(), &winner.bidder).await?, price))
        }
        None => None,
    };
    Ok(Some(Facts {
        bidders: store::count_bidders(&mut *snapshot.conn(), auction_id).await?,
        peak_viewers: store::peak_viewers(&mut *snapshot.conn(), &auction.channel.arn).await?,
        sold,
        auction,
    }))
}

/// One page of telling.
struct Telling<'a> {
    auction_id: &'a str,
    public_url: &'a str,
    /// Sent together at the end of the page.
    mails: Vec<mail::Message>,
}

impl<'a> Telling<'a> {
    fn new(platform: &'a Platform, facts: &'a Facts) -> Self {
        Self {
            auction_id: &facts.auction.id,
            public_url: platform.config().public_url.as_str().trim_end_matches('/'),
            mails: Vec::new(),
        }
    }

    async fn tell(&mut self, tx: &mut Tx, person: &Person, words: Words) -> Result<(), Error> {
        notifications::retract(tx, &person.id, &outbid::subject_key(self.auction_id)).await?;
        let notice = NewNotification {
            account_id: person.id.clone(),
            kind: words.kind,
            subject_key: format!("outcome:{}", self.auction_id),
            title: words.subject.clone(),
            text: words.summary.clone(),
            href: page(self.auction_id),
        };
        notifications::notify(tx, notice).await?;
        // Programs and closed accounts have no address.
        if let Some(email) = &person.email {
            let letter = words
                .letter
                .button(
                    "See the auction",
                    format!("{}{}", self.public_url, page(self.auction_id)),
                )
                .small(format!(
                    "You get this message because you took part in an auction at {}.",
                    self.public_url
                ));
            self.mails.push(mail::Message {
                to: email.clone(),
                subject: words.subject,
                text: letter.text(),
                html: letter.html(),
                key: format!("auction:{}:{}", self.auction_id, person.id),
            });
        }
        Ok(())
    }
}

/// The page of an auction, below the public address.
fn page(auction_id: &str) -> String {
    format!("/ui/auctions/{auction_id}")
}

impl Facts {
    fn phase(&self) -> Phase {
        self.auction.lot.phase
    }

    /// The highest bid, also when nothing was sold.
    fn price(&self) -> Option<Money> {
        let lot = &self.auction.lot;
        lot.price.map(|price| self.auction.terms.money(price))
    }
}
