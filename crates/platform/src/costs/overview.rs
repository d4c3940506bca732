//! What everything has cost lately, by whose it was.

use std::collections::BTreeMap;

use super::model::{self, Use};
use super::store::{self, OwnerUse};
use super::{Item, PriceList};
use crate::{Context, Error, Role};

/// How far back one can look: broadcasts are kept for longer.
pub const DAYS_MAX: i64 = 366;
/// Broadcasts that are reckoned at most, the newest.
const BROADCASTS_MAX: i64 = 20_000;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// What everything has cost since a moment.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The dearest first.
    pub owners: Vec<OwnerCost>,
    /// The sum, millionths of the currency's unit.
    pub total_micros: i64,
    /// Cost per day that a broadcast began on, UTC: start of the day in epoch ms, millionths; oldest first.
    pub days: Vec<(i64, i64)>,
    /// The prices.
    pub prices: PriceList,
    /// Whether somebody sends a bill.
    pub is_billed: bool,
}

/// What one owner's video has cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerCost {
    /// `auction`, `channel`.
    pub kind: String,
    /// The owner's id.
    pub id: String,
    /// What people call it; `None` for an owner whose row is gone.
    pub name: Option<String>,
    /// On air, milliseconds.
    pub input_ms: i64,
    /// Viewers' time, milliseconds.
    pub viewer_ms: i64,
    /// Millionths of the currency's unit.
    pub micros: i64,
}

/// What the broadcasts of the last `days` days have cost; each belongs to the day it began on.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than admins, [`crate::ErrorKind::Invalid`] naming `days`.
pub async fn overview(ctx: &Context, days: i64) -> Result<Overview, Error> {
    ctx.require_role(Role::Admin)?;
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(Error::invalid("days", "days must be between 1 and 366"));
    }
    let config = &ctx.platform.config().costs;
    let own_type = ctx.platform.video().config().channel_type.as_str();
    let mut snapshot = ctx.db().snapshot().await?;
    let uses = store::since(snapshot.conn(), ctx.now_ms - days * DAY_MS, BROADCASTS_MAX).await?;
    let mut by_owner: BTreeMap<&str, OwnerCost> = BTreeMap::new();
    let mut by_day: BTreeMap<i64, i64> = BTreeMap::new();
    for used in &uses {
        let (cost, day_ms) = (
            cost(&config.prices, own_type, used, ctx.now_ms),
            day(used.used.started_at_ms),
        );
        *by_day.entry(day_ms).or_default() += cost.micros;
        let entry = by_owner.entry(&used.owner);
        entry.and_modify(|sum| sum.add(&cost)).or_insert(cost);
    }
    let mut owners: Vec<OwnerCost> = by_owner.into_values().collect();
    owners.sort_by(|a, b| b.micros.cmp(&a.micros).then_with(|| a.id.cmp(&b.id)));
    Ok(Overview {
        total_micros: owners.iter().map(|owner| owner.micros).fold(0, i64::saturating_add),
        owners,
        days: by_day.into_iter().collect(),
        prices: config.prices.clone(),
        is_billed: config.is_billed,
    })
}

fn cost(prices: &PriceList, own_type: &str, used: &OwnerUse, now_ms: i64) -> OwnerCost {
    let (kind, id) = used.owner.split_once(':').unwrap_or(("", &used.owner));
    let channel_type = used.channel_type.as_deref().unwrap_or(own_type);
    let usage: Use = used.used.until(now_ms);
    let lines = model::lines(prices, channel_type, std::slice::from_ref(&usage));
    let time = |is_wanted: fn(&Item) -> bool| {
        let wanted = lines.iter().filter(|line| is_wanted(&line.item));
        wanted.map(|line| line.used_ms).fold(0, i64::saturating_add)
    };
    OwnerCost {
        kind: kind.to_owned(),
        id: id.to_owned(),
        name: used.name.clone(),
        input_ms: time(|item| *item == Item::Input),
        viewer_ms: time(|item| *item != Item::Input),
        micros: lines.iter().map(|line| line.micros).fold(0, i64::saturating_add),
    }
}

fn day(at_ms: i64) -> i64 {
    at_ms - at_ms.rem_euclid(DAY_MS)
}

impl OwnerCost {
    fn add(&mut self, other: &Self) {
        self.input_ms = self.input_ms.saturating_add(other.input_ms);
        self.viewer_ms = self.viewer_ms.saturating_add(other.viewer_ms);
        self.micros = self.micros.saturating_add(other.micros);
    }
}
