//! What sellers, administrators and buyers do to a running auction besides bidding.

use platform::auctions::bidding;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Auction;
use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Json, Query};
use crate::rest::bids::PageQuery;
use crate::rest::time::rfc3339;

/// How much longer.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Extend {
    /// 1 to 86400.
    seconds: i64,
}

/// Why.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Reason {
    /// 1 to 500 characters; kept in the auction's history.
    pub(crate) reason: String,
}

/// One entry of the hash-chained log.
#[derive(Serialize, ToSchema)]
pub(crate) struct HistoryEntry {
    /// 1, 2, 3 … within the auction.
    seq: i64,
    /// What was asked: `open`, `bid`, `buy_now`, `pause`, `resume`, `extend`, `withdraw`, `retract` or `close`.
    kind: &'static str,
    /// RFC 3339.
    at: String,
    at_ms: i64,
    /// SHA-256 over this entry and the hash before, 64 hex digits.
    hash: String,
    previous_hash: String,
    /// What came of it, and what was asked in particular.
    #[schema(value_type = Object)]
    data: serde_json::Value,
}

/// A page of the log, oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct History {
    entries: Vec<HistoryEntry>,
    limit: i64,
    offset: i64,
    /// Entries on all pages.
    total: i64,
}

/// Stops the clock; bids are refused until it goes on. Its seller or an administrator may.
#[utoipa::path(post, path = "/api/auctions/{id}/pause", operation_id = "pause_auction", tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction.")),
    responses((status = 200, description = "Paused.", body = Auction)))]
pub(crate) async fn pause(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<Auction>, Problem> {
    Ok(Json(bidding::pause(&ctx, &id).await?.into()))
}

/// Lets the remaining time run on. Its seller or an administrator may.
#[utoipa::path(post, path = "/api/auctions/{id}/resume", operation_id = "resume_auction", tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction.")),
    responses((status = 200, description = "Running.", body = Auction)))]
pub(crate) async fn resume(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<Auction>, Problem> {
    Ok(Json(bidding::resume(&ctx, &id).await?.into()))
}

/// Moves the end. Its seller or an administrator may.
#[utoipa::path(post, path = "/api/auctions/{id}/extend", operation_id = "extend_auction", tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction.")), request_body = Extend,
    responses((status = 200, description = "Ends later.", body = Auction)))]
pub(crate) async fn extend(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Json(body): Json<Extend>,
) -> Result<Json<Auction>, Problem> {
    Ok(Json(bidding::extend(&ctx, &id, body.seconds).await?.into()))
}

/// Ends an auction without a winner. An administrator may, and its seller while nobody has bid.
#[utoipa::path(post, path = "/api/auctions/{id}/withdraw", operation_id = "withdraw_auction", tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction.")), request_body = Reason,
    responses((status = 200, description = "Withdrawn.", body = Auction)))]
pub(crate) async fn withdraw(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Json(body): Json<Reason>,
) -> Result<Json<Auction>, Problem> {
    Ok(Json(bidding::withdraw(&ctx, &id, &body.reason).await?.into()))
}

/// Buys the lot at the seller's price, which ends the auction. Anybody but its seller may, while nobody has bid.
#[utoipa::path(post, path = "/api/auctions/{id}/buy-now", operation_id = "buy_now", tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction.")),
    responses((status = 200, description = "It is the caller's.", body = Auction)))]
pub(crate) async fn buy_now(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<Auction>, Problem> {
    Ok(Json(bidding::buy_now(&ctx, &id).await?.into()))
}

/// Everything that was asked of an auction and what came of it, each entry chained to the one before by its hash.
#[utoipa::path(get, path = "/api/auctions/{id}/history", operation_id = "get_auction_history", tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction."), PageQuery),
    responses((status = 200, description = "One page.", body = History)))]
pub(crate) async fn history(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Query(query): Query<PageQuery>,
) -> Result<Json<History>, Problem> {
    Ok(Json(bidding::history(&ctx, &id, query.page()?).await?.into()))
}

impl From<bidding::History> for History {
    fn from(history: bidding::History) -> Self {
        let entry = |entry: bidding::HistoryEntry| HistoryEntry {
            seq: entry.seq,
            kind: entry.kind,
            at: rfc3339(entry.at_ms),
            at_ms: entry.at_ms,
            hash: entry.hash,
            previous_hash: entry.previous_hash,
            data: entry.data,
        };
        Self {
            entries: history.entries.into_iter().map(entry).collect(),
            limit: history.page.limit,
            offset: history.page.offset,
            total: history.total,
        }
    }
}
