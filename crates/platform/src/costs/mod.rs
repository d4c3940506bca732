//! What video costs at the provider, while it is used: hours on air by channel type, and hours that viewers watched.
//!
//! An estimate, always: the provider counts by its own clock, by what each viewer fetched and by where that viewer is. On
//! our own engine nobody sends a bill, and the estimate says what the same broadcast would cost on Amazon IVS.
//!
//! **Where to start.** [`model`] for the arithmetic and its rounding, [`PriceList`] for where figures come from.

pub mod model;
mod overview;
pub mod prices;
mod store;

use sqlx::AnyConnection;

pub use model::{Item, Line, Point};
pub use overview::{DAYS_MAX, Overview, OwnerCost, overview};
pub use prices::{PriceList, Resolution, Status};

use crate::broadcasts::{self, SAMPLES_MAX};
use crate::{Context, Error};
use model::{Count, Use};
use store::Used;

/// Settings of the estimate.
#[derive(Debug, Clone)]
pub struct Config {
    /// The prices to reckon with.
    pub prices: PriceList,
    /// Whether somebody sends a bill: true on Amazon, false on our own engine.
    pub is_billed: bool,
}

impl Default for Config {
    #[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
    fn default() -> Self {
        Self {
            prices: PriceList::built_in(prices::DEFAULT).expect("the default price list"),
            is_billed: false,
        }
    }
}

/// What the broadcasts of one channel have cost up to a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// Input first, then output by resolution.
    pub lines: Vec<Line>,
    /// The sum of the lines, millionths of the currency's unit.
    pub total_micros: i64,
    /// What the next hour costs if everything stays as it is, millionths; zero while nothing is on air.
    pub micros_per_hour: i64,
    /// Viewers at the last count.
    pub viewers: i64,
    /// How the total grew during the newest broadcast, oldest first.
    pub points: Vec<Point>,
    /// What the channel was made as.
    pub channel_type: String,
    /// Whether something is on air.
    pub is_running: bool,
    /// Whether somebody sends a bill.
    pub is_billed: bool,
    /// The prices.
    pub prices: PriceList,
    /// The moment, epoch milliseconds.
    pub as_of_ms: i64,
}

/// Estimates the cost of a channel; whoever calls this has checked that the caller may know.
pub async fn of_channel(ctx: &Context, channel_arn: &str) -> Result<Estimate, Error> {
    let config = &ctx.platform.config().costs;
    let mut snapshot = ctx.db().snapshot().await?;
    let channel_type = store::channel_type(&mut *snapshot.conn(), channel_arn)
        .await?
        .unwrap_or_else(|| ctx.platform.video().config().channel_type.as_str().to_owned());
    let used = store::used(snapshot.conn(), channel_arn).await?;
    let uses: Vec<Use> = used.iter().map(|used| used.until(ctx.now_ms)).collect();
    let lines = model::lines(&config.prices, &channel_type, &uses);
    let total_micros = lines.iter().map(|line| line.micros).fold(0, i64::saturating_add);
    let newest = used.last();
    let points = match newest {
        Some(newest) => curve(ctx, snapshot.conn(), newest, &channel_type, total_micros).await?,
        None => Vec::new(),
    };
    let running = newest.filter(|used| used.ended_at_ms.is_none());
    let (input, output) = rates(&config.prices, &channel_type, newest);
    Ok(Estimate {
        lines,
        total_micros,
        micros_per_hour: running.map_or(0, |used| {
            input.saturating_add(output.saturating_mul(used.viewers.max(0)))
        }),
        viewers: running.map_or(0, |used| used.viewers),
        points,
        channel_type,
        is_running: running.is_some(),
        is_billed: config.is_billed,
        prices: config.prices.clone(),
        as_of_ms: ctx.now_ms,
    })
}

async fn curve(
    ctx: &Context,
    connection: &mut AnyConnection,
    newest: &Used,
    channel_type: &str,
    total_micros: i64,
) -> Result<Vec<Point>, Error> {
    let samples = broadcasts::store::samples(connection, &newest.stream_id, SAMPLES_MAX).await?;
    let counts: Vec<Count> = samples
        .iter()
        .map(|sample| Count {
            at_ms: sample.at_ms,
            viewers: sample.viewers,
        })
        .collect();
    let (input, output) = rates(&ctx.platform.config().costs.prices, channel_type, Some(newest));
    let end_ms = newest.ended_at_ms.unwrap_or(ctx.now_ms);
    Ok(model::curve(total_micros, end_ms, &counts, input, output))
}

/// Prices of an hour on air and of a viewer's hour, millionths.
fn rates(prices: &PriceList, channel_type: &str, newest: Option<&Used>) -> (i64, i64) {
    let resolution = newest.map_or(Resolution::FullHd, Used::resolution);
    (
        prices.input(channel_type).map_or(0, |price| price.micros),
        prices.output(resolution).map_or(0, |price| price.micros),
    )
}

impl Used {
    /// What it has used at a moment: its row, and what has passed since the row last changed.
    fn until(&self, now_ms: i64) -> Use {
        let end_ms = self.ended_at_ms.unwrap_or(now_ms);
        let since_ms = end_ms.saturating_sub(self.changed_at_ms).max(0);
        Use {
            on_air_ms: end_ms.saturating_sub(self.started_at_ms).max(0),
            viewer_ms: self
                .viewer_ms
                .saturating_add(self.viewers.max(0).saturating_mul(since_ms)),
            resolution: self.resolution(),
        }
    }

    fn resolution(&self) -> Resolution {
        Resolution::of(self.ingest.width, self.ingest.height)
    }
}
