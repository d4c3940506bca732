//! Bids from end to end, on both databases.

mod commands;
mod crowd;
mod ending;
mod keys;
mod placing;
mod telling;

use std::sync::Arc;

use platform::auctions::bidding::{self, BidAnswer, BidOutcome, NewBid};
use platform::auctions::{NewAuction, NewTerms};
use platform::testing::{self, Clock, Database};
use platform::{Caller, Context, Error, Money, Platform, Role};

use crate::support::watch;

/// A platform on a database of its own, with a clock that stands still; no video.
struct House {
    clock: Clock,
    database: Database,
    platform: Platform,
}

impl House {
    async fn open(database: Database) -> Self {
        let clock = Clock::new();
        let platform = database.platform(&clock).await;
        Self {
            clock,
            database,
            platform,
        }
    }

    fn context(&self, caller: Caller) -> Context {
        self.platform.context(caller)
    }

    fn account(&self, id: &str) -> Context {
        self.context(testing::account(id))
    }

    fn admin(&self) -> Context {
        self.context(admin())
    }

    /// An auction of `seller` from $100 in steps of $10 that ends in five minutes.
    async fn auction(&self) -> String {
        self.auction_with(|_| {}).await
    }

    async fn auction_with(&self, change: impl FnOnce(&mut NewTerms)) -> String {
        let mut input = NewAuction { ..watch() };
        input.terms.bid_increment = Some(usd(10));
        change(&mut input.terms);
        testing::auction(&self.account("seller"), input).await.unwrap()
    }

    async fn bid(&self, auction_id: &str, bidder: &str, dollars: i64) -> Result<BidAnswer, Error> {
        bidding::place_bid(&self.account(bidder), new_bid(auction_id, dollars)).await
    }

    /// The bid leads.
    async fn leads(&self, auction_id: &str, bidder: &str, dollars: i64) -> BidAnswer {
        let answer = self.bid(auction_id, bidder, dollars).await.unwrap();
        assert_eq!(answer.outcome, BidOutcome::Success, "{}", answer.message);
        answer
    }

    async fn run_jobs(&self) {
        testing::run_due_jobs(&self.platform).await.unwrap();
    }

    /// Another process on the same database where that is allowed, another handle where it is not.
    async fn replica(&self) -> Platform {
        match self.database.is_shared() {
            true => self.database.platform(&self.clock).await,
            false => self.platform.clone(),
        }
    }

    /// Stops the platform and starts it again on the same database.
    async fn restart(&mut self) {
        self.platform.db().close().await;
        let other = Database::sqlite();
        self.platform = other.platform(&self.clock).await;
        self.platform = self.database.platform(&self.clock).await;
    }

    /// The payloads of an auction's events of one kind.
    async fn events(&self, auction_id: &str, kind: &str) -> Vec<serde_json::Value> {
        let rows: Vec<(String,)> =
            sqlx::query_as("select payload from events where topic = $1 and kind = $2 order by seq")
                .bind(format!("auction:{auction_id}"))
                .bind(kind)
                .fetch_all(self.platform.db().read())
                .await
                .unwrap();
        rows.into_iter()
            .map(|(payload,)| serde_json::from_str(&payload).unwrap())
            .collect()
    }

    /// The history verifies, and leads to the stored row.
    async fn verifies(&self, auction_id: &str) -> bidding::Verified {
        let verified = bidding::verify(&self.admin(), auction_id).await.unwrap();
        assert_eq!(verified.wrong, None);
        verified
    }
}

fn admin() -> Caller {
    Caller::Account {
        id: "admin".into(),
        email: "admin@example.com".into(),
        name: "Ada".into(),
        roles: vec![Role::Admin],
    }
}

fn usd(dollars: i64) -> Money {
    Money::new(dollars * 100, "USD".parse().unwrap())
}

fn new_bid(auction_id: &str, dollars: i64) -> NewBid {
    NewBid {
        auction_id: auction_id.to_owned(),
        amount: usd(dollars),
        max_amount: None,
        is_confirmed: true,
        idempotency_key: None,
    }
}

fn keyed(auction_id: &str, dollars: i64, key: &str) -> NewBid {
    NewBid {
        idempotency_key: Some(key.to_owned()),
        ..new_bid(auction_id, dollars)
    }
}

/// Places a bid for `bidder` on `platform` in a task of its own.
fn spawn_bid(
    platform: &Arc<Platform>,
    bidder: String,
    bid: NewBid,
) -> tokio::task::JoinHandle<Result<BidAnswer, Error>> {
    let platform = platform.clone();
    tokio::spawn(async move { bidding::place_bid(&platform.context(testing::account(&bidder)), bid).await })
}
