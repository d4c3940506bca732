//! What follows from commands besides rows of bids: jobs, and the end.

use super::news;
use super::round::Outcome;
use crate::auctions::jobs::{CloseAuction, OpenAuction, close_at_ms};
use crate::auctions::outcome::{TellOutbid, TellOutcome, outbid_job, remember_outbid};
use crate::auctions::rules::{Effect, End};
use crate::auctions::{self, Status};
use crate::db::Tx;
use crate::video::{self, Owner};
use crate::{Context, Error, broadcasts};

/// Writes what follows from the effects of one auction; returns the job that must tell those who were outbid, which the
/// round plans for all its auctions at once.
pub(super) async fn apply(ctx: &Context, tx: &mut Tx, outcome: &Outcome) -> Result<Option<TellOutbid>, Error> {
    let (terms, judged) = (outcome.terms(), outcome.judged());
    let auction_id = terms.auction_id.to_string();
    let mut end = None;
    for effect in &judged.effects {
        news::publish_effect(ctx, tx, outcome, effect)?;
        if let Effect::Ended(ended) = effect {
            end = Some(ended);
        }
    }
    if let Some(ended) = end {
        settle(ctx, tx, outcome, ended).await?;
        return Ok(None);
    }
    let tell_outbid = outbid_job(&ctx.platform, &auction_id, outcome.before(), &judged.entries);
    let lot = &judged.lot;
    if lot.paused_remaining_ms.is_some() && outcome.before().paused_remaining_ms.is_none() {
        tx.cancel_job::<CloseAuction>(&auction_id).await?;
    } else if lot.paused_remaining_ms.is_none()
        && (lot.ends_at_ms != outcome.before().ends_at_ms || outcome.before().paused_remaining_ms.is_some())
    {
        tx.enqueue(&CloseAuction { auction_id }, close_at_ms(lot.ends_at_ms))
            .await?;
    }
    Ok(tell_outbid)
}

/// The end: status, the channel's release, and everybody is told, in the same commit.
async fn settle(ctx: &Context, tx: &mut Tx, outcome: &Outcome, ended: &End) -> Result<(), Error> {
    let auction_id = &*outcome.terms().auction_id;
    auctions::store::close(tx.conn(), auction_id).await?;
    let owner = Owner::auction(auction_id);
    video::release(tx, &owner, ctx.now_ms).await?;
    broadcasts::tell_watchers(tx, &owner.topic(), &broadcasts::Video::ended(ended.at_ms))?;
    news::publish_end(ctx, tx, outcome, ended)?;
    tx.cancel_job::<CloseAuction>(auction_id).await?;
    tx.cancel_job::<OpenAuction>(auction_id).await?;
    tx.enqueue(&TellOutcome::of(auction_id), ctx.now_ms).await?;
    ctx.platform.failpoint().reached("auction.close_begun");
    Ok(())
}

/// After the commit: remembers who must hear that they were outbid, and says in the log what an operator would tell a
/// colleague.
pub(super) fn after_commit(ctx: &Context, outcome: &Outcome) {
    remember_outbid(
        &ctx.platform,
        &outcome.terms().auction_id,
        outcome.before(),
        &outcome.judged().entries,
    );
    for effect in &outcome.judged().effects {
        if let Effect::Ended(ended) = effect {
            ctx.platform.failpoint().reached("auction.closed");
            let (id, reason) = (&outcome.terms().auction_id, ended.reason.as_str());
            tracing::info!(
                auction.id = &**id,
                reason,
                status = Status::Closed.as_str(),
                "auction {id} ended by {reason}"
            );
        }
    }
}
