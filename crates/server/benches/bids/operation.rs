//! Our own design at the operation: `auctions::bidding::place_bid`.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use platform::auctions::{NewAuction, NewTerms};
use platform::testing::{self, Database};
use platform::{Caller, Currency, Environment, Money, Platform, auctions};

use crate::ROUND;
use crate::callers::{self, Figures};

/// A running application with auctions.
pub struct Ground {
    pub platform: Platform,
    /// Ids of the auctions.
    pub lots: Vec<String>,
    /// Whoever bids, in turn.
    bidders: Vec<Caller>,
    currency: Currency,
    /// What the next bid on each auction offers, in cents.
    offers: Vec<AtomicI64>,
    metrics: PrometheusHandle,
}

/// Bidders that take turns.
const BIDDERS: usize = 500;
/// Every bid offers this much more than the one made before it: exactly the increment.
const STEP: i64 = 100;

impl Ground {
    /// Opens the application on `database` and lists `count` auctions.
    pub async fn open(database: &Database, count: usize) -> anyhow::Result<Self> {
        let environment = Environment {
            now_ms: Arc::new(wall_clock_ms),
            ..testing::Clock::new().environment()
        };
        let platform = Platform::open(database.config(), environment).await?;
        let currency = Currency::new("USD")?;
        let mut lots = Vec::new();
        let seller = platform.context(testing::account("seller"));
        for number in 0..count {
            lots.push(testing::auction(&seller, listing(number, currency)).await?);
        }
        // The process has one recorder, for both databases.
        static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
        if METRICS.get().is_none() {
            let _ = METRICS.set(PrometheusBuilder::new().install_recorder()?);
        }
        let metrics = METRICS.get().cloned().context("no recorder")?;
        Ok(Self {
            platform,
            bidders: (0..BIDDERS)
                .map(|number| testing::account(&format!("bidder-{number}")))
                .collect(),
            currency,
            offers: (0..count).map(|_| AtomicI64::new(10_000)).collect(),
            lots,
            metrics,
        })
    }

    /// The next bid on an auction: who, and how much in cents.
    pub fn next(&self, lot: usize) -> (&Caller, i64) {
        let offer = self.offers[lot].fetch_add(STEP, Ordering::Relaxed);
        let turn = usize::try_from(offer / STEP).unwrap_or(0);
        (&self.bidders[turn % self.bidders.len()], offer)
    }

    fn commits(&self) -> f64 {
        let text = self.metrics.render();
        let line = text.lines().find(|line| line.starts_with("rostrum_bid_commits_total"));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok())
            .unwrap_or(0.0)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement brings its own clock, as a process does"
)]
fn wall_clock_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

fn listing(number: usize, currency: Currency) -> NewAuction {
    NewAuction {
        title: format!("Lot {number}"),
        description: None,
        duration_s: 24 * 3600,
        category: None,
        starting_bid: Money::new(100, currency),
        seller_name: None,
        condition: None,
        image_url: None,
        images: Vec::new(),
        terms: NewTerms::default(),
    }
}

/// One round on the first `lots` auctions.
pub async fn round(ground: &Arc<Ground>, lots: usize, callers: usize) -> anyhow::Result<Figures> {
    let before = ground.commits();
    let shared = ground.clone();
    let figures = callers::run(callers, ROUND, move |caller| {
        let ground = shared.clone();
        async move {
            let lot = caller % lots;
            let (bidder, cents) = ground.next(lot);
            let ctx = ground.platform.context(bidder.clone());
            let bid = auctions::bidding::NewBid {
                auction_id: ground.lots[lot].clone(),
                amount: Money::new(cents, ground.currency),
                max_amount: None,
                is_confirmed: true,
                idempotency_key: None,
            };
            auctions::bidding::place_bid(&ctx, bid).await?;
            Ok(())
        }
    })
    .await?;
    let commits = ground.commits() - before;
    Ok(Figures {
        batch: figures.per_second * ROUND.as_secs_f64() / commits.max(1.0),
        ..figures
    })
}
