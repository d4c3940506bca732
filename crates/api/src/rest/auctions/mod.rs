//! Auctions: creating, finding, watching, closing.

mod answer;
pub(crate) mod chat;
pub(crate) mod controls;
mod health;
pub(crate) mod pictures;
mod terms;
pub(crate) mod verification;

use http::StatusCode;
use platform::{Context, Error, Page, auctions};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Json, Query};
use crate::rest::money::{Amount, money_in_query};
use crate::rest::time::parse_rfc3339;

use self::answer::{ClosedAuction, CreatedAuction, Ingest};
use self::health::AuctionHealth;
use self::terms::AntiSnipe;
pub(crate) use answer::{Auction, AuctionState, Auctions, Status};
pub(crate) use controls::Reason;
pub(crate) use terms::{Phase, TopBid};

/// A lot to be sold, live at once or at its start.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CreateAuction {
    /// 1 to 500 characters.
    title: String,
    #[serde(default)]
    description: Option<String>,
    /// Seconds until it ends, more than 0.
    duration: i64,
    /// At most 100 characters.
    #[serde(default)]
    category: Option<String>,
    /// First acceptable bid, more than 0.
    starting_bid: Amount,
    /// 1 to 100 characters; the account's name when absent.
    #[serde(default)]
    seller_name: Option<String>,
    /// 1 to 100 characters; `used` when absent.
    #[serde(default)]
    condition: Option<String>,
    /// The first picture: an http(s) address, which is linked to, or a `data:image/…;base64` file, which is stored.
    #[serde(default)]
    image_url: Option<String>,
    /// More pictures, likewise; ten in all. Files may also be uploaded one by one afterwards.
    #[serde(default)]
    images: Vec<String>,
    /// The least step from the price to the next bid; one whole unit of the currency when absent.
    bid_increment: Option<Amount>,
    /// At least `starting_bid`: below it nothing is sold. Others see only whether it is met.
    reserve_price: Option<Amount>,
    /// At least `starting_bid` and `reserve_price`: whoever pays it before the first bid has the lot.
    buy_now_price: Option<Amount>,
    /// When bidding begins, RFC 3339: in the future, in at most 90 days; at once when absent.
    starts_at: Option<String>,
    /// Whether maximum bids are taken; they are when absent.
    proxy_bidding: Option<bool>,
    /// What a bid in the last moments does; 30 s, 30 s and 5 times when absent.
    anti_snipe: Option<AntiSnipe>,
}

/// Largest request that creates an auction: one picture of the largest size as base64, or several usual ones.
const CREATE_BYTES_MAX: usize = 20 * 1024 * 1024;

/// Which auctions.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Only auctions in this state.
    #[param(inline)]
    status: Option<Status>,
    /// Only auctions of this category.
    category: Option<String>,
    /// `true`: only the caller's own.
    mine: Option<bool>,
    /// Words that all occur in the title or the seller's name; at most 100 characters.
    q: Option<String>,
    /// Only with at least this price: the highest bid or the starting bid, in units of the currency.
    #[param(value_type = Option<f64>)]
    price_min: Option<String>,
    /// Only with a price below this.
    #[param(value_type = Option<f64>)]
    price_below: Option<String>,
    /// Only running auctions that end within so many seconds, 1 to 2592000.
    ends_within: Option<i64>,
    /// Rows at most, 1 to 100; 20 when absent.
    limit: Option<i64>,
    /// Rows to skip; 0 when absent.
    offset: Option<i64>,
}

/// Creates an auction with a channel of its own; it is live at once, or at its start.
#[utoipa::path(post, path = "/api/auctions", operation_id = "create_auction", tag = "auctions",
    request_body = CreateAuction,
    responses((status = 201, description = "Created, with what the seller needs to go on air.", body = CreatedAuction)))]
pub(crate) async fn create(
    Admitted(ctx): Admitted,
    Json(body): Json<CreateAuction, CREATE_BYTES_MAX>,
) -> Result<(StatusCode, Json<CreatedAuction>), Problem> {
    let created = auctions::create(&ctx, body.into_input(&ctx)?).await?;
    Ok((StatusCode::CREATED, Json(created.into())))
}

/// Lists auctions, newest first.
#[utoipa::path(get, path = "/api/auctions", operation_id = "list_auctions", tag = "auctions", params(ListQuery),
    responses((status = 200, description = "One page.", body = Auctions)))]
pub(crate) async fn list(Admitted(ctx): Admitted, Query(query): Query<ListQuery>) -> Result<Json<Auctions>, Problem> {
    let page = Page::new(query.limit, query.offset)?;
    let money = |text: Option<String>, field| text.map(|text| money_in_query(&ctx, field, &text)).transpose();
    let filter = auctions::Filter {
        status: query.status.map(auctions::Status::from),
        is_mine: query.mine.unwrap_or(false),
        words: query.q,
        price_min: money(query.price_min, "price_min")?,
        price_below: money(query.price_below, "price_below")?,
        ends_within_s: query.ends_within,
        category: query.category,
    };
    Ok(Json(auctions::list(&ctx, filter, page).await?.into()))
}

/// One auction.
#[utoipa::path(get, path = "/api/auctions/{id}", operation_id = "get_auction", tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction.")),
    responses((status = 200, description = "The auction.", body = Auction)))]
pub(crate) async fn show(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<Auction>, Problem> {
    Ok(Json(auctions::get(&ctx, &id).await?.into()))
}

/// The moving part of a live auction.
#[utoipa::path(get, path = "/api/auctions/{id}/state", operation_id = "get_auction_state", tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction.")),
    responses((status = 200, description = "Its state as of event `seq`.", body = AuctionState)))]
pub(crate) async fn state(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<AuctionState>, Problem> {
    Ok(Json(auctions::state(&ctx, &id).await?.into()))
}

/// Ends an auction now; its seller or an administrator may.
#[utoipa::path(post, path = "/api/auctions/{id}/close", operation_id = "close_auction", tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction.")),
    responses((status = 200, description = "Closed.", body = ClosedAuction)))]
pub(crate) async fn close(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<ClosedAuction>, Problem> {
    Ok(Json(auctions::close(&ctx, &id).await?.into()))
}

/// Shows the stream key again; its seller or an administrator may, and it is written to the audit log.
#[utoipa::path(post, path = "/api/auctions/{id}/stream-key/reveal", operation_id = "reveal_stream_key", tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction.")),
    responses((status = 200, description = "Where and with which key to publish.", body = Ingest)))]
pub(crate) async fn reveal_key(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<Ingest>, Problem> {
    Ok(Json(auctions::reveal_stream_key(&ctx, &id).await?.into()))
}

/// How the auction's video does, for its seller and administrators.
#[utoipa::path(get, path = "/api/auctions/{id}/health", operation_id = "get_auction_health", tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction.")),
    responses((status = 200, description = "Measurements and advice.", body = AuctionHealth)))]
pub(crate) async fn health(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<AuctionHealth>, Problem> {
    Ok(Json(AuctionHealth::new(id.clone(), auctions::health(&ctx, &id).await?)))
}

impl CreateAuction {
    fn into_input(self, ctx: &Context) -> Result<auctions::NewAuction, Error> {
        let money =
            |amount: &Option<Amount>, field| amount.as_ref().map(|amount| amount.to_money(ctx, field)).transpose();
        let terms = auctions::NewTerms {
            bid_increment: money(&self.bid_increment, "bid_increment")?,
            reserve_price: money(&self.reserve_price, "reserve_price")?,
            buy_now_price: money(&self.buy_now_price, "buy_now_price")?,
            starts_at_ms: self
                .starts_at
                .as_deref()
                .map(|text| parse_rfc3339("starts_at", text))
                .transpose()?,
            proxy_bidding: self.proxy_bidding,
            anti_snipe: self.anti_snipe.map(AntiSnipe::into_rule).transpose()?,
        };
        Ok(auctions::NewAuction {
            starting_bid: self.starting_bid.to_money(ctx, "starting_bid")?,
            title: self.title,
            description: self.description,
            duration_s: self.duration,
            category: self.category,
            seller_name: self.seller_name,
            condition: self.condition,
            image_url: self.image_url,
            images: self.images,
            terms,
        })
    }
}
