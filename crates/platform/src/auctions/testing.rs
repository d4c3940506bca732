//! Auctions without a video channel, for tests and measurements of everything else.

use super::jobs::{CloseAuction, OpenAuction, close_at_ms};
use super::{Auction, Channel, NewAuction, store};
use crate::video::{Owner, ledger_row_without_resource};
use crate::{Context, Error};

/// Writes an auction of the caller as [`super::create`] does, without asking the video provider; returns its id.
pub(crate) async fn insert(ctx: &Context, input: NewAuction) -> Result<String, Error> {
    let host_user_id = ctx.require_signed_in()?;
    let new_terms = input.terms.clone();
    let listing = input.validate(ctx.caller.name().unwrap_or_default())?;
    let new_terms = new_terms.validate(listing.starting_bid, ctx.now_ms)?;
    let id = ctx.new_id();
    let terms = new_terms.begin(&id, host_user_id, &listing, ctx.now_ms);
    let channel = Channel {
        arn: format!("arn:aws:ivs:us-east-1:000000000000:channel/{id}"),
        playback_url: "http://localhost/none.m3u8".to_owned(),
        ingest_endpoint: "localhost".to_owned(),
        resource_id: ctx.new_id(),
    };
    let auction = Auction::new(listing, terms, channel, ctx.now_ms);
    let mut tx = ctx.db().begin().await?;
    let owner = Owner::auction(&*id);
    ledger_row_without_resource(tx.conn(), &owner, &auction.channel.resource_id, ctx.now_ms).await?;
    store::insert(tx.conn(), &auction, "").await?;
    super::news::created(&mut tx, &auction)?;
    if let Some(starts_at_ms) = auction.terms.starts_at_ms {
        let auction_id = id.clone();
        tx.enqueue(&OpenAuction { auction_id }, starts_at_ms).await?;
    }
    let auction_id = id.clone();
    tx.enqueue(&CloseAuction { auction_id }, close_at_ms(auction.ends_at_ms()))
        .await?;
    tx.commit().await?;
    Ok(id)
}
