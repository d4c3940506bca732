//! What sellers, admins and buyers do to a running auction besides bidding.

use std::sync::Arc;

use super::desk::Request;
use super::place::refusal;
use super::{bid_seq, terms_of};
use crate::auctions::rules::{By, Command, Id, Reason, Terms, Verdict};
use crate::auctions::{self, View};
use crate::{Context, Error};

/// Longest reason for a withdrawal or a retraction, characters.
pub const REASON_LEN_MAX: usize = 500;
/// Longest extension at once, seconds: a day.
pub const EXTEND_S_MAX: i64 = 24 * 3600;
const HOST_ONLY: &str = "Only the host can do this";

/// Stops the clock; bids are refused until [`resume`].
///
/// *errors*: [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for others than the seller and admins,
/// [`crate::ErrorKind::Conflict`] when it has not begun, is paused already or is over.
pub async fn pause(ctx: &Context, id: &str) -> Result<View, Error> {
    let (terms, by) = seller_or_admin(ctx, id, HOST_ONLY).await?;
    control(ctx, terms, Command::Pause { by }, "auctions.pause").await
}

/// Lets the remaining time run on.
///
/// *errors*: as [`pause`]; [`crate::ErrorKind::Conflict`] when it is not paused.
pub async fn resume(ctx: &Context, id: &str) -> Result<View, Error> {
    let (terms, by) = seller_or_admin(ctx, id, HOST_ONLY).await?;
    control(ctx, terms, Command::Resume { by }, "auctions.resume").await
}

/// Moves the end by 1 to [`EXTEND_S_MAX`] seconds.
///
/// *errors*: as [`pause`]; [`crate::ErrorKind::Invalid`] for other numbers, and when more than 30 days would be left.
pub async fn extend(ctx: &Context, id: &str, seconds: i64) -> Result<View, Error> {
    let (terms, by) = seller_or_admin(ctx, id, HOST_ONLY).await?;
    if !(1..=EXTEND_S_MAX).contains(&seconds) {
        return Err(Error::invalid("seconds", "seconds must be between 1 and 86400"));
    }
    let by_ms = seconds * 1000;
    control(ctx, terms, Command::Extend { by, by_ms }, "auctions.extend").await
}

/// Ends it without a winner.
///
/// *errors*: as [`pause`]; [`crate::ErrorKind::Conflict`] also for its seller once somebody has bid.
pub async fn withdraw(ctx: &Context, id: &str, reason: &str) -> Result<View, Error> {
    let (terms, by) = seller_or_admin(ctx, id, HOST_ONLY).await?;
    let reason = valid_reason(reason)?;
    control(ctx, terms, Command::Withdraw { by, reason }, "auctions.withdraw").await
}

/// Strikes an accepted bid; price and leader become what they would be without it.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than admins, [`crate::ErrorKind::NotFound`] when there is no such
/// auction or accepted bid, [`crate::ErrorKind::Conflict`] when the auction is over.
pub async fn retract(ctx: &Context, id: &str, bid_id: &str, reason: &str) -> Result<View, Error> {
    let (terms, by) = seller_or_admin(ctx, id, HOST_ONLY).await?;
    if !ctx.caller.is_admin() {
        return Err(Error::forbidden("Only an administrator can retract a bid"));
    }
    let reason = valid_reason(reason)?;
    let seq = bid_seq(&terms.auction_id, bid_id).ok_or_else(|| refusal(Reason::UnknownBid, id))?;
    control(ctx, terms, Command::Retract { by, seq, reason }, "auctions.retract").await
}

/// Buys it at the buy-now price, which ends it.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`], [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for
/// the seller, [`crate::ErrorKind::Conflict`] when there is no such price any more.
pub async fn buy_now(ctx: &Context, id: &str) -> Result<View, Error> {
    let buyer: Id = ctx.require_signed_in()?.into();
    let terms = terms_of(ctx, id).await?;
    ctx.platform.bidding().count(&buyer, ctx.now_ms)?;
    control(ctx, terms, Command::BuyNow { buyer }, "auctions.buy_now").await
}

/// Ends it now.
///
/// *errors*: as [`pause`].
pub(in crate::auctions) async fn close(ctx: &Context, id: &str) -> Result<View, Error> {
    let (terms, by) = seller_or_admin(ctx, id, "Only the host can close this auction").await?;
    control(ctx, terms, Command::Close { by }, "auctions.close").await
}

/// Carries out a command that the clock gives.
pub(in crate::auctions) async fn by_clock(ctx: &Context, id: &str, command: Command) -> Result<Verdict, Error> {
    let terms = terms_of(ctx, id).await?;
    let request = Request {
        terms,
        command,
        key: None,
        audit: None,
    };
    let answer = ctx.platform.bidding().desk.ask(&ctx.platform, request).await?;
    Ok(answer.verdict)
}

async fn control(ctx: &Context, terms: Arc<Terms>, command: Command, action: &'static str) -> Result<View, Error> {
    let request = Request {
        terms: terms.clone(),
        command,
        key: None,
        audit: Some((ctx.caller.clone(), action)),
    };
    let answer = ctx.platform.bidding().desk.ask(&ctx.platform, request).await?;
    if let Verdict::Rejected(reason) = answer.verdict {
        return Err(refusal(reason, &terms.auction_id));
    }
    auctions::get(&ctx.platform.context(ctx.caller.clone()), &terms.auction_id).await
}

async fn seller_or_admin(ctx: &Context, id: &str, refusal: &'static str) -> Result<(Arc<Terms>, By), Error> {
    ctx.require_signed_in()?;
    let terms = terms_of(ctx, id).await?;
    let caller: Id = ctx.caller.id().unwrap_or_default().into();
    if caller == terms.seller_id {
        Ok((terms, By::Seller(caller)))
    } else if ctx.caller.is_admin() {
        Ok((terms, By::Admin(caller)))
    } else {
        Err(Error::forbidden(refusal))
    }
}

fn valid_reason(text: &str) -> Result<String, Error> {
    let text = text.trim();
    let has_length = (1..=REASON_LEN_MAX).contains(&text.chars().count());
    if has_length && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err(Error::invalid(
            "reason",
            "reason must have 1 to 500 characters without line breaks",
        ))
    }
}
