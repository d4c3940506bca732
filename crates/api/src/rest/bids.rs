//! Bids: placing them, one's own, those of an auction.

use http::StatusCode;
use platform::auctions::bidding;
use platform::auctions::pictures::Picture;
use platform::{Context, Error, Page};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::idempotency::IdempotencyKey;
use crate::json::{Id, Ids, Json, Query};
use crate::rest::auctions::{Auction, Reason, Status};
use crate::rest::money::Amount;
use crate::rest::time::rfc3339;

/// A bid.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PlaceBid {
    /// UUID.
    auction_id: String,
    /// What everybody sees, in the auction's currency; at least the next minimum.
    amount: Amount,
    /// At least `amount`; the house then bids for the bidder up to it. Nobody else is ever shown it.
    #[serde(default)]
    max_amount: Option<Amount>,
    /// `true` where an amount of more than five times the price is meant.
    #[serde(default)]
    confirm: bool,
}

/// What became of a bid that was judged, and the auction right after it.
#[derive(Serialize, ToSchema)]
pub(crate) struct BidAnswer {
    status: BidOutcome,
    /// Whether the bidder leads now.
    is_highest: bool,
    /// A sentence for the bidder.
    message: String,
    /// The same, where the bid does not lead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<String>,
    auction_id: String,
    /// UUID; null for a bid that left no trace.
    #[schema(required)]
    bid_id: Option<String>,
    /// Number of the bid in the auction's history.
    #[schema(required)]
    seq: Option<i64>,
    /// The price; null before the first bid.
    #[schema(required)]
    current_high_bid: Option<Amount>,
    /// What was bid.
    your_bid: Amount,
    /// The bidder's maximum; what was bid, without one.
    your_max_bid: Amount,
    /// Whether the bid moved the end.
    anti_snipe_triggered: bool,
    /// Bids that counted so far.
    bid_count: i64,
    /// The least that the next bidder may bid.
    next_minimum_bid: Amount,
    /// RFC 3339.
    ends_at: String,
    ends_at_ms: i64,
    /// RFC 3339.
    server_time: String,
    server_time_ms: i64,
}

/// `success`: it leads. `outbid`: the price is higher, or somebody's maximum beat it at once. `confirmation_required`: send
/// it again with `confirm`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BidOutcome {
    Success,
    Outbid,
    ConfirmationRequired,
}

/// Which page.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Rows at most, 1 to 100; 50 when absent.
    limit: Option<i64>,
    /// Rows to skip; 0 when absent.
    offset: Option<i64>,
}

/// Rows of a page of bids, unless the client says otherwise.
const LIMIT_DEFAULT: i64 = 50;

impl PageQuery {
    pub(crate) fn page(&self) -> Result<Page, Error> {
        Page::new(Some(self.limit.unwrap_or(LIMIT_DEFAULT)), self.offset)
    }
}

/// Which of the caller's bids.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MyBidsQuery {
    /// `true`: of each auction only the newest bid.
    latest: Option<bool>,
    /// Rows at most, 1 to 100; 50 when absent.
    limit: Option<i64>,
    /// Rows to skip; 0 when absent.
    offset: Option<i64>,
}

/// A bid of an auction, as everybody may see it. Never a maximum.
#[derive(Serialize, ToSchema)]
pub(crate) struct Bid {
    bid_id: String,
    /// Number of the bid in the auction's history.
    seq: i64,
    /// Stands for the bidder in this auction only.
    bidder_id: String,
    /// `Bidder K7QX`, or `(You)`.
    bidder: String,
    is_you: bool,
    /// The amount that everybody saw.
    amount: Amount,
    /// The price right after it.
    #[schema(required)]
    price: Option<Amount>,
    /// RFC 3339.
    at: String,
    at_ms: i64,
    kind: BidKind,
    status: BidStatus,
    /// Who it is: for the seller and administrators, after the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    bidder_name: Option<String>,
    /// As `bidder_name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    bidder_email: Option<String>,
}

/// What set the amount: the bidder, a maximum, or the buy-now price.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BidKind {
    Bid,
    Proxy,
    BuyNow,
}

/// `leading` also once it has won; `retracted` by an administrator.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BidStatus {
    Leading,
    Outbid,
    Retracted,
}

/// A page of an auction's bids, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Bids {
    bids: Vec<Bid>,
    limit: i64,
    offset: i64,
    /// Bids on all pages.
    total: i64,
}

/// A bid of the caller's, with its auction.
#[derive(Serialize, ToSchema)]
pub(crate) struct MyBid {
    bid_id: String,
    auction_id: String,
    title: String,
    /// Of the first picture, small.
    #[schema(required)]
    image_url: Option<String>,
    gallery_images: Vec<String>,
    amount: Amount,
    /// The caller's own; null without one.
    #[schema(required)]
    max_amount: Option<Amount>,
    /// RFC 3339.
    created_at: String,
    status: MyBidStatus,
    auction_status: Status,
    #[schema(required)]
    current_high_bid: Option<Amount>,
    starting_bid: Amount,
    /// ISO 4217 code of every amount here.
    currency: String,
    /// Whole seconds left; 0 once closed.
    time_remaining_seconds: i64,
    ends_at_ms: i64,
    /// People who watch the room now.
    participant_count: i64,
}

/// How the caller stands in the auction of the bid.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MyBidStatus {
    Winning,
    Outbid,
    Won,
    Lost,
    Retracted,
}

/// A page of the caller's bids, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct MyBids {
    bids: Vec<MyBid>,
    limit: i64,
    offset: i64,
    /// Bids on all pages.
    total: i64,
    /// The server's clock when it answered.
    server_time_ms: i64,
}

/// Places a bid; the answer comes once it is on disk.
///
/// With an `Idempotency-Key` the same bid can be sent again for 24 hours: it is judged once and answered alike. A bid that
/// was judged but does not lead is answered with status 400 and the same facts.
#[utoipa::path(post, path = "/api/bids", operation_id = "place_bid", tag = "bids", request_body = PlaceBid,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 printable ASCII characters.")),
    responses(
        (status = 200, description = "It leads.", body = BidAnswer),
        (status = 400, description = "Judged, but it does not lead; refusals carry `error` alone.", body = BidAnswer),
    ))]
pub(crate) async fn place(
    Admitted(ctx): Admitted,
    IdempotencyKey(key): IdempotencyKey,
    Json(body): Json<PlaceBid>,
) -> Result<(StatusCode, Json<BidAnswer>), Problem> {
    let answer = bidding::place_bid(&ctx, body.into_input(&ctx, key)?).await?;
    let (code, status) = match answer.outcome {
        bidding::BidOutcome::Success => (StatusCode::OK, BidOutcome::Success),
        bidding::BidOutcome::Outbid => (StatusCode::BAD_REQUEST, BidOutcome::Outbid),
        bidding::BidOutcome::ConfirmationRequired => (StatusCode::BAD_REQUEST, BidOutcome::ConfirmationRequired),
        bidding::BidOutcome::TooLow | bidding::BidOutcome::Closed => {
            return Err(Problem::new(StatusCode::BAD_REQUEST, answer.message));
        }
    };
    Ok((code, Json(BidAnswer::new(status, answer))))
}

/// The caller's own bids, newest first.
#[utoipa::path(get, path = "/api/bids", operation_id = "list_my_bids", tag = "bids", params(MyBidsQuery),
    responses((status = 200, description = "One page.", body = MyBids)))]
pub(crate) async fn mine(Admitted(ctx): Admitted, Query(query): Query<MyBidsQuery>) -> Result<Json<MyBids>, Problem> {
    let page = Page::new(Some(query.limit.unwrap_or(LIMIT_DEFAULT)), query.offset)?;
    let bids = bidding::mine(&ctx, query.latest.unwrap_or(false), page).await?;
    Ok(Json(MyBids::new(bids, ctx.now_ms)))
}

/// The bids of an auction that counted, newest first, under the bidders' aliases.
#[utoipa::path(get, path = "/api/auctions/{id}/bids", operation_id = "list_bids", tag = "bids",
    params(("id" = String, Path, description = "Id of the auction."), PageQuery),
    responses((status = 200, description = "One page.", body = Bids)))]
pub(crate) async fn of_auction(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Query(query): Query<PageQuery>,
) -> Result<Json<Bids>, Problem> {
    Ok(Json(bidding::of_auction(&ctx, &id, query.page()?).await?.into()))
}

/// Strikes a bid; price and leader become what they would be without it. For administrators.
#[utoipa::path(post, path = "/api/auctions/{id}/bids/{bid_id}/retract", operation_id = "retract_bid", tag = "bids",
    params(("id" = String, Path, description = "Id of the auction."),
        ("bid_id" = String, Path, description = "Id of the bid.")),
    request_body = Reason,
    responses((status = 200, description = "The auction without it.", body = Auction)))]
pub(crate) async fn retract(
    Admitted(ctx): Admitted,
    Ids(id, bid_id): Ids,
    Json(body): Json<Reason>,
) -> Result<Json<Auction>, Problem> {
    Ok(Json(bidding::retract(&ctx, &id, &bid_id, &body.reason).await?.into()))
}

impl PlaceBid {
    fn into_input(self, ctx: &Context, idempotency_key: Option<String>) -> Result<bidding::NewBid, Error> {
        let max_amount = self.max_amount.map(|max| max.to_money(ctx, "max_amount"));
        Ok(bidding::NewBid {
            amount: self.amount.to_money(ctx, "amount")?,
            max_amount: max_amount.transpose()?,
            auction_id: self.auction_id,
            is_confirmed: self.confirm,
            idempotency_key,
        })
    }
}

impl BidAnswer {
    fn new(status: BidOutcome, answer: bidding::BidAnswer) -> Self {
        let is_highest = answer.is_highest();
        Self {
            status,
            is_highest,
            error: (!is_highest).then(|| answer.message.clone()),
            message: answer.message,
            auction_id: answer.auction_id,
            bid_id: answer.bid_id,
            seq: answer.seq,
            current_high_bid: answer.current_high_bid.map(Amount::from),
            your_bid: answer.your_bid.into(),
            your_max_bid: answer.your_max_bid.into(),
            anti_snipe_triggered: answer.late_extension_ms > 0,
            bid_count: answer.bid_count,
            next_minimum_bid: answer.next_minimum_bid.into(),
            ends_at: rfc3339(answer.ends_at_ms),
            ends_at_ms: answer.ends_at_ms,
            server_time: rfc3339(answer.server_time_ms),
            server_time_ms: answer.server_time_ms,
        }
    }
}

impl From<bidding::BidRow> for Bid {
    fn from(row: bidding::BidRow) -> Self {
        let (bidder_name, bidder_email) = row.contact.map(|contact| (contact.name, contact.email)).unzip();
        Self {
            bid_id: row.bid_id,
            seq: row.seq,
            bidder_id: row.bidder.id,
            bidder: if row.is_you { YOU.to_owned() } else { row.bidder.name },
            is_you: row.is_you,
            amount: row.amount.into(),
            price: row.price.map(Amount::from),
            at: rfc3339(row.at_ms),
            at_ms: row.at_ms,
            kind: match row.kind {
                bidding::BidKind::Bid => BidKind::Bid,
                bidding::BidKind::Proxy => BidKind::Proxy,
                bidding::BidKind::BuyNow => BidKind::BuyNow,
            },
            status: match row.status {
                bidding::BidStatus::Leading => BidStatus::Leading,
                bidding::BidStatus::Outbid => BidStatus::Outbid,
                bidding::BidStatus::Retracted => BidStatus::Retracted,
            },
            bidder_name,
            bidder_email,
        }
    }
}

/// What readers are called in their own lists.
pub(crate) const YOU: &str = "(You)";

impl From<bidding::Bids> for Bids {
    fn from(bids: bidding::Bids) -> Self {
        Self {
            bids: bids.bids.into_iter().map(Bid::from).collect(),
            limit: bids.page.limit,
            offset: bids.page.offset,
            total: bids.total,
        }
    }
}

impl From<bidding::MyBid> for MyBid {
    fn from(bid: bidding::MyBid) -> Self {
        let auction = bid.auction;
        let time_remaining_seconds = (auction.time_remaining_ms(bid.server_time_ms) + 999) / 1000;
        Self {
            bid_id: bid.bid_id,
            amount: bid.amount.into(),
            max_amount: bid.max_amount.map(Amount::from),
            created_at: rfc3339(bid.at_ms),
            status: match bid.status {
                bidding::MyStatus::Winning => MyBidStatus::Winning,
                bidding::MyStatus::Outbid => MyBidStatus::Outbid,
                bidding::MyStatus::Won => MyBidStatus::Won,
                bidding::MyStatus::Lost => MyBidStatus::Lost,
                bidding::MyStatus::Retracted => MyBidStatus::Retracted,
            },
            auction_status: auction.status.into(),
            current_high_bid: auction.high_bid().map(Amount::from),
            time_remaining_seconds,
            ends_at_ms: auction.ends_at_ms(),
            participant_count: bid.participant_count,
            starting_bid: auction.listing.starting_bid.into(),
            currency: auction.listing.starting_bid.currency.code().to_owned(),
            auction_id: auction.id,
            title: auction.listing.title,
            image_url: bid
                .pictures
                .first()
                .map(Picture::thumbnail_url)
                .or(auction.listing.image_url),
            gallery_images: bid.pictures.iter().map(Picture::url).collect(),
        }
    }
}

impl MyBids {
    fn new(bids: bidding::MyBids, server_time_ms: i64) -> Self {
        Self {
            bids: bids.bids.into_iter().map(MyBid::from).collect(),
            limit: bids.page.limit,
            offset: bids.page.offset,
            total: bids.total,
            server_time_ms,
        }
    }
}
