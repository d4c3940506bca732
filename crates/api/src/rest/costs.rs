//! What video costs.

use platform::auctions;
use platform::costs::{self, Estimate, Item, Line, Status};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Json, Query};
use crate::rest::time::rfc3339;

/// What an auction's video has cost.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuctionCost {
    auction_id: String,
    #[serde(flatten)]
    cost: Cost,
}

/// What a channel's broadcasts have cost.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChannelCost {
    #[serde(rename = "channelId")]
    pub(crate) channel_id: String,
    #[serde(flatten)]
    pub(crate) cost: Cost,
}

/// What video has cost, as of a moment. Each line is use times price, rounded once to a millionth, half up;
/// totals are sums of lines.
#[derive(Serialize, ToSchema)]
pub(crate) struct Cost {
    /// ISO 4217 code of every amount here.
    currency: String,
    /// Name of the price list.
    price_list: String,
    /// Name of the price list for people.
    price_list_title: String,
    /// What its figures hold for.
    price_list_note: String,
    /// When its figures were looked up, `2026-11-21`.
    price_date: String,
    /// Hours on air.
    input_hours: f64,
    input_price_per_hour: f64,
    input_cost: f64,
    /// Hours that viewers watched, all together.
    viewer_hours: f64,
    /// Null when pictures of several resolutions were watched: then each line has its own.
    #[schema(required)]
    viewer_price_per_hour: Option<f64>,
    output_cost: f64,
    total_cost: f64,
    /// What the next hour costs if everything stays as it is; 0 while nothing is on air.
    cost_per_hour: f64,
    /// Viewers at the last count.
    viewers: i64,
    /// Always true: the provider counts by its own clock and by what each viewer fetched.
    is_estimate: bool,
    /// Whether somebody sends a bill. False on our own engine: then this is what it would cost on Amazon IVS.
    is_billed: bool,
    /// Whether something is on air, so that it grows.
    is_running: bool,
    /// `STANDARD` or `BASIC`, as the channel was made.
    channel_type: String,
    lines: Vec<CostLine>,
    /// How the total grew during the newest broadcast, oldest first.
    points: Vec<CostPoint>,
    /// RFC 3339.
    as_of: String,
    as_of_ms: i64,
}

/// One line of the estimate.
#[derive(Serialize, ToSchema)]
pub(crate) struct CostLine {
    item: CostItem,
    /// `SD`, `HD` or `FULL_HD` for output, by the shorter side of the picture sent; null for input.
    #[schema(required)]
    resolution: Option<&'static str>,
    /// Hours on air, or hours that viewers watched.
    hours: f64,
    price_per_hour: f64,
    cost: f64,
    /// Whether a second source confirms the price.
    price_is_verified: bool,
    /// Where the price is from.
    price_source: String,
    /// When the price was looked up.
    price_date: String,
}

/// `input`: time on air. `output`: time that viewers watched.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CostItem {
    Input,
    Output,
}

/// The total at a moment.
#[derive(Serialize, ToSchema)]
pub(crate) struct CostPoint {
    at_ms: i64,
    total_cost: f64,
}

/// What the auction's video has cost so far, for its seller and administrators.
#[utoipa::path(get, path = "/api/auctions/{id}/cost", operation_id = "get_auction_cost", tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction.")),
    responses((status = 200, description = "An estimate.", body = AuctionCost)))]
pub(crate) async fn of_auction(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<AuctionCost>, Problem> {
    let estimate = auctions::cost(&ctx, &id).await?;
    Ok(Json(AuctionCost {
        auction_id: id,
        cost: Cost::new(estimate),
    }))
}

/// What one owner's video has cost.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnerCost {
    /// `auction` or `channel`; more may come.
    owner_kind: String,
    owner_id: String,
    /// What people call it; the id where it is gone.
    name: String,
    /// Hours on air.
    input_hours: f64,
    /// Hours that viewers watched, all together.
    viewer_hours: f64,
    total_cost: f64,
}

/// What the broadcasts of a day have cost; each belongs to the day it began on.
#[derive(Serialize, ToSchema)]
pub(crate) struct DayCost {
    /// `2026-11-21`, UTC.
    date: String,
    total_cost: f64,
}

/// What all video has cost in a span of days.
#[derive(Serialize, ToSchema)]
pub(crate) struct Costs {
    /// ISO 4217 code of every amount here.
    currency: String,
    /// Name of the price list.
    price_list: String,
    /// Whether somebody sends a bill. False on our own engine: then this is what it would cost on Amazon IVS.
    is_billed: bool,
    /// The dearest first.
    items: Vec<OwnerCost>,
    total_cost: f64,
    /// Oldest first; days without a broadcast are left out.
    days: Vec<DayCost>,
}

/// Which span.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CostsQuery {
    /// Days up to now, 1 to 366; 30 without it.
    days: Option<i64>,
}

/// Days when the caller names none.
const DAYS_DEFAULT: i64 = 30;

/// What every auction and channel has cost lately.
#[utoipa::path(get, path = "/api/costs", operation_id = "list_costs", tag = "health", params(CostsQuery),
    responses((status = 200, description = "An estimate.", body = Costs)))]
pub(crate) async fn overview(Admitted(ctx): Admitted, Query(query): Query<CostsQuery>) -> Result<Json<Costs>, Problem> {
    let overview = costs::overview(&ctx, query.days.unwrap_or(DAYS_DEFAULT)).await?;
    let item = |owner: costs::OwnerCost| OwnerCost {
        name: owner.name.unwrap_or_else(|| owner.id.clone()),
        owner_kind: owner.kind,
        owner_id: owner.id,
        input_hours: hours(owner.input_ms),
        viewer_hours: hours(owner.viewer_ms),
        total_cost: units(owner.micros),
    };
    let day = |(start_ms, micros): (i64, i64)| DayCost {
        date: rfc3339(start_ms).chars().take_while(|c| *c != 'T').collect(),
        total_cost: units(micros),
    };
    Ok(Json(Costs {
        items: overview.owners.into_iter().map(item).collect(),
        total_cost: units(overview.total_micros),
        days: overview.days.into_iter().map(day).collect(),
        is_billed: overview.is_billed,
        currency: overview.prices.currency,
        price_list: overview.prices.name,
    }))
}

impl Cost {
    pub(crate) fn new(estimate: Estimate) -> Self {
        let (input, output): (Vec<&Line>, Vec<&Line>) =
            estimate.lines.iter().partition(|line| line.item == Item::Input);
        let hours_of = |lines: &[&Line]| hours(lines.iter().map(|line| line.used_ms).fold(0, i64::saturating_add));
        let cost_of = |lines: &[&Line]| units(lines.iter().map(|line| line.micros).fold(0, i64::saturating_add));
        let prices = estimate.prices;
        Self {
            input_hours: hours_of(&input),
            input_price_per_hour: units(input.first().map_or(0, |line| line.micros_per_hour)),
            input_cost: cost_of(&input),
            viewer_hours: hours_of(&output),
            viewer_price_per_hour: match output.as_slice() {
                [line] => Some(units(line.micros_per_hour)),
                _ => None,
            },
            output_cost: cost_of(&output),
            total_cost: units(estimate.total_micros),
            cost_per_hour: units(estimate.micros_per_hour),
            viewers: estimate.viewers,
            is_estimate: true,
            is_billed: estimate.is_billed,
            is_running: estimate.is_running,
            channel_type: estimate.channel_type,
            lines: estimate.lines.iter().map(CostLine::from).collect(),
            points: estimate
                .points
                .iter()
                .map(|point| CostPoint {
                    at_ms: point.at_ms,
                    total_cost: units(point.micros),
                })
                .collect(),
            currency: prices.currency,
            price_list: prices.name,
            price_list_title: prices.title,
            price_list_note: prices.note,
            price_date: prices.date,
            as_of: rfc3339(estimate.as_of_ms),
            as_of_ms: estimate.as_of_ms,
        }
    }
}

impl From<&Line> for CostLine {
    fn from(line: &Line) -> Self {
        let (item, resolution) = match line.item {
            Item::Input => (CostItem::Input, None),
            Item::Output(resolution) => (CostItem::Output, Some(resolution.as_str())),
        };
        Self {
            item,
            resolution,
            hours: hours(line.used_ms),
            price_per_hour: units(line.micros_per_hour),
            cost: units(line.micros),
            price_is_verified: line.origin.status == Status::Verified,
            price_source: line.origin.source.clone(),
            price_date: line.origin.date.clone(),
        }
    }
}

/// Millionths as a number for JSON: the nearest double to the exact decimal, which prints as that decimal.
fn units(micros: i64) -> f64 {
    decimal(micros, 1_000_000)
}

/// Milliseconds as hours, to a ten-thousandth: for reading; amounts are never computed from it.
fn hours(ms: i64) -> f64 {
    let tenths_of_thousandths = (i128::from(ms) * 10_000 + 1_800_000) / 3_600_000;
    decimal(i64::try_from(tenths_of_thousandths).unwrap_or(i64::MAX), 10_000)
}

fn decimal(count: i64, scale: i64) -> f64 {
    let text = format!("{}.{:0>6}", count / scale, count % scale * (1_000_000 / scale));
    text.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_counts_print_as_their_decimals() {
        for (micros, text) in [
            (0, "0.0"),
            (1, "1e-6"),
            (37_500, "0.0375"),
            (2_000_000, "2.0"),
            (1_234_567_890_123, "1234567.890123"),
        ] {
            assert_eq!(format!("{:?}", units(micros)), text);
        }
        for (ms, text) in [
            (0, "0.0"),
            (3_600_000, "1.0"),
            (1_800_000, "0.5"),
            (180, "0.0001"),
            (179, "0.0"),
            (i64::MAX, "2562047788015.2153"),
        ] {
            assert_eq!(format!("{:?}", hours(ms)), text, "{ms}");
        }
    }
}
