//! Auctions: a lot, a deadline, and a video channel that lives exactly as long.
//!
//! **Invariants**
//! - An auction's channel is made before its row and owned by it from the same commit on. When the provider fails there
//!   is no row; when we are killed in between, the channel is deleted ([`crate::video`]).
//! - An auction ends exactly once, however many try, at its scheduled time or when its seller or an admin closes it; the
//!   end lets go of the channel in the same commit. A server that was down settles at start, with the scheduled end.
//! - The stream key is answered by [`create`] and [`reveal_stream_key`] and by nothing else.
//!
//! **Where to start.** [`rules`] for what a bid does, [`bidding`] for how it is taken, [`create`] for the saga.

mod alias;
pub mod bidding;
mod find;
pub(crate) mod jobs;
pub mod listing;
pub mod model;
mod new_terms;
mod news;
pub(crate) mod outcome;
pub mod pictures;
pub mod rules;
mod store;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod testing;
mod view;

pub use alias::{Person, alias, display_name, public_id};
pub use listing::NewAuction;
pub use model::{Auction, Channel, ClosedBy, EndReason, Listing, Status};
pub use new_terms::NewTerms;
pub use view::{Created, Filter, Ingest, List, Now, RECENT_BIDS_MAX, State, TopBid, View};

use jobs::{CloseAuction, OpenAuction};
use news::rfc3339;

use crate::config::Sellers;
use crate::video::{self, IngestUrls, Owner};
use crate::{Context, Error, Page, Role, Secret, audit, broadcasts, chat, costs, events, id};

const NOT_FOUND: &str = "Auction not found";
const NOT_ACTIVE: &str = "Auction not found or not active";
const PURPOSE: &str = "auction video";
/// Live auctions in one answer of [`now`] at most.
const NOW_MAX: i64 = 100;

/// Creates an auction with a channel of its own; it is live at once, or at its start, and ends by itself.
///
/// *errors*: [`crate::ErrorKind::Invalid`] with the field, [`crate::ErrorKind::Forbidden`] where only hosts may sell,
/// [`crate::ErrorKind::Provider`] with the provider's cause; nothing is left behind then.
pub async fn create(ctx: &Context, mut input: NewAuction) -> Result<Created, Error> {
    let host_user_id = ctx.require_signed_in()?.to_owned();
    if ctx.platform.config().auctions.sellers == Sellers::Host {
        ctx.require_role(Role::Host)?;
    }
    let sources = pictures::source::read(input.image_url.take(), std::mem::take(&mut input.images))?;
    let new_terms = std::mem::take(&mut input.terms);
    let listing = input.validate(ctx.caller.name().unwrap_or_default())?;
    let new_terms = new_terms.validate(listing.starting_bid, ctx.now_ms)?;
    let pictures = pictures::prepare(ctx, sources).await?;
    let auction_id = ctx.new_id();
    let owner = Owner::auction(&auction_id);
    let channel = video::create_channel(ctx, &owner, PURPOSE, &format!("auction_{auction_id}"))
        .await
        .map_err(|failure| failure.into_error("Failed to create IVS channel"))?;
    ctx.platform.failpoint().reached("auction.channel_created");

    // The clock of the auction starts now: the provider may have taken seconds.
    let now_ms = ctx.platform.environment().now_ms();
    let terms = new_terms.begin(&auction_id, &host_user_id, &listing, now_ms);
    let video_channel = Channel {
        arn: channel.created.arn.clone(),
        playback_url: channel.created.playback_url.clone(),
        ingest_endpoint: channel.created.ingest_endpoint.clone(),
        resource_id: channel.resource_id.clone(),
    };
    let auction = Auction::new(listing, terms, video_channel, now_ms);
    let stream_key = Secret::new(channel.created.stream_key.clone());
    if let Err(error) = save(ctx, &auction, &pictures, &channel, &stream_key).await {
        video::give_up(ctx, &channel, &format!("the auction was not saved: {error}")).await?;
        return Err(error);
    }
    ctx.platform.failpoint().reached("auction.saved");
    tracing::info!(
        auction.id = auction.id,
        channel.arn = auction.channel.arn,
        "auction {} is live",
        auction.id
    );
    let ingest = ingest(ctx, &auction, stream_key);
    let mut view = view_of(ctx, auction, None, None, now_ms);
    view.pictures = pictures;
    view.chat_room_arn = chat::rooms::open_now(ctx, &view.auction.id).await;
    Ok(Created { view, ingest })
}

async fn save(
    ctx: &Context,
    auction: &Auction,
    pictures: &[pictures::Picture],
    channel: &video::NewChannel,
    stream_key: &Secret,
) -> Result<(), Error> {
    let sealed = ctx.platform.seal().seal(&seal_purpose(&auction.id), stream_key)?;
    let mut tx = ctx.db().begin().await?;
    video::activate(&mut tx, channel, auction.created_at_ms).await?;
    broadcasts::jobs::expect(&mut tx, auction.created_at_ms).await?;
    store::insert(tx.conn(), auction, &sealed).await?;
    pictures::attach(&mut tx, &auction.id, pictures, 0, auction.created_at_ms).await?;
    news::created(&mut tx, auction)?;
    chat::rooms::plan(&mut tx, &auction.id, auction.created_at_ms).await?;
    let auction_id = auction.id.clone();
    if let Some(starts_at_ms) = auction.terms.starts_at_ms {
        let auction_id = auction_id.clone();
        tx.enqueue(&OpenAuction { auction_id }, starts_at_ms).await?;
    }
    tx.enqueue(&CloseAuction { auction_id }, jobs::close_at_ms(auction.ends_at_ms()))
        .await?;
    tx.audit(audit::Entry {
        actor: &ctx.caller,
        action: "auctions.create",
        target: &topic(&auction.id),
        detail: None,
    })
    .await?;
    tx.commit().await
}

/// One auction, live or closed.
///
/// *errors*: [`crate::ErrorKind::NotFound`].
pub async fn get(ctx: &Context, id: &str) -> Result<View, Error> {
    let id = id::parse(id, NOT_FOUND)?;
    let mut snapshot = ctx.db().snapshot().await?;
    let auction = store::find(&mut *snapshot.conn(), &id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    view(ctx, &mut snapshot, auction).await
}

/// Auctions, newest first.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`] when an anonymous caller asks for its own,
/// [`crate::ErrorKind::Invalid`] naming the part of the filter that no auction can meet.
pub async fn list(ctx: &Context, filter: Filter, page: Page) -> Result<List, Error> {
    let host_user_id = filter.is_mine.then(|| ctx.require_signed_in()).transpose()?;
    let narrow = find::Narrow::new(filter, host_user_id, ctx.now_ms)?;
    let mut snapshot = ctx.db().snapshot().await?;
    let auctions = store::list(&mut *snapshot.conn(), &narrow, page).await?;
    let total = store::count(&mut *snapshot.conn(), &narrow).await?;
    let auctions = views(ctx, &mut snapshot, auctions).await?;
    Ok(List { auctions, page, total })
}

/// The moving part of a live auction.
///
/// *errors*: [`crate::ErrorKind::NotFound`] also when it is closed.
pub async fn state(ctx: &Context, id: &str) -> Result<State, Error> {
    let state = snapshot(ctx, id).await?;
    if state.view.auction.status == Status::Closed {
        return Err(Error::not_found(NOT_ACTIVE));
    }
    Ok(state)
}

/// The moving part of an auction, live or closed, and the number of the last event that is part of it: what somebody who
/// begins to watch is told first.
///
/// *errors*: [`crate::ErrorKind::NotFound`].
pub async fn snapshot(ctx: &Context, id: &str) -> Result<State, Error> {
    let id = id::parse(id, NOT_ACTIVE)?;
    let mut snapshot = ctx.db().snapshot().await?;
    let auction = store::find(&mut *snapshot.conn(), &id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_ACTIVE))?;
    let seq = events::last_seq(&mut *snapshot.conn(), &topic(&id)).await?;
    let page = Page::new(Some(RECENT_BIDS_MAX), None)?;
    let recent_bids = bidding::rows(ctx, snapshot.conn(), &auction, page).await?;
    let top_bid = |standing: &rules::Standing| TopBid {
        bidder: Person::of(&ctx.platform, &id, &standing.bidder),
        is_you: ctx.caller.id() == Some(&*standing.bidder),
        amount: auction.terms.money(standing.amount),
        at_ms: standing.at_ms,
    };
    let chat_lines = chat::recent(snapshot.conn(), &id).await?;
    Ok(State {
        top_bids: auction.lot.top.iter().map(top_bid).collect(),
        view: view(ctx, &mut snapshot, auction).await?,
        seq,
        recent_bids,
        chat_lines,
    })
}

/// What is live: auctions on air first, then those that end first, at most a hundred.
pub async fn now(ctx: &Context) -> Result<Now, Error> {
    let mut snapshot = ctx.db().snapshot().await?;
    let live = store::live(&mut *snapshot.conn(), NOW_MAX).await?;
    let (auctions, on_air, viewers) = store::live_counts(&mut *snapshot.conn()).await?;
    let live = views(ctx, &mut snapshot, live).await?;
    Ok(Now {
        live,
        auctions,
        on_air,
        viewers,
    })
}

/// Closes an auction before its time.
///
/// *errors*: [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for others than its seller and admins,
/// [`crate::ErrorKind::Conflict`] when it is closed already.
pub async fn close(ctx: &Context, id: &str) -> Result<View, Error> {
    bidding::close(ctx, id).await
}

/// Where to publish, and the key. Each reveal is audited.
///
/// *errors*: [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for others than its seller and admins,
/// [`crate::ErrorKind::Conflict`] when the auction is closed and its channel gone.
pub async fn reveal_stream_key(ctx: &Context, id: &str) -> Result<Ingest, Error> {
    let auction = own(ctx, id, "Only the host can see the stream key").await?;
    if auction.status == Status::Closed {
        return Err(Error::conflict("Auction is already closed"));
    }
    let sealed = store::sealed_stream_key(ctx.db().read(), &auction.id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    let stream_key = ctx.platform.seal().open(&seal_purpose(&auction.id), &sealed)?;
    let mut tx = ctx.db().begin().await?;
    tx.audit(audit::Entry {
        actor: &ctx.caller,
        action: "auctions.reveal_stream_key",
        target: &topic(&auction.id),
        detail: None,
    })
    .await?;
    tx.commit().await?;
    Ok(ingest(ctx, &auction, stream_key))
}

/// How its video does.
///
/// *errors*: as [`reveal_stream_key`]; closed auctions answer with their last broadcast.
pub async fn health(ctx: &Context, id: &str) -> Result<broadcasts::Report, Error> {
    let auction = own(ctx, id, "Only the host can see the health of this auction").await?;
    broadcasts::health(ctx, &auction.channel.arn).await
}

/// What its video has cost, or would cost where nobody sends a bill.
///
/// *errors*: as [`reveal_stream_key`]; closed auctions answer too.
pub async fn cost(ctx: &Context, id: &str) -> Result<costs::Estimate, Error> {
    let auction = own(ctx, id, "Only the host can see the cost of this auction").await?;
    costs::of_channel(ctx, &auction.channel.arn).await
}

/// An auction that the caller sells or administrates.
async fn own(ctx: &Context, id: &str, refusal: &'static str) -> Result<Auction, Error> {
    let id = id::parse(id, NOT_FOUND)?;
    ctx.require_signed_in()?;
    let auction = store::find(ctx.db().read(), &id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    match auction.closer(&ctx.caller) {
        Some(_) => Ok(auction),
        None => Err(Error::forbidden(refusal)),
    }
}

async fn views(ctx: &Context, snapshot: &mut crate::db::Snapshot, auctions: Vec<Auction>) -> Result<Vec<View>, Error> {
    let live = auctions.iter().filter(|auction| auction.status == Status::Live);
    let arns: Vec<&str> = live.map(|auction| auction.channel.arn.as_str()).collect();
    let latest = broadcasts::latest(&mut *snapshot.conn(), &arns).await?;
    let ids: Vec<&str> = auctions.iter().map(|auction| auction.id.as_str()).collect();
    let maxima = bidding::own_maxima(ctx, snapshot.conn(), &ids).await?;
    let winners: Vec<&str> = auctions
        .iter()
        .filter_map(|auction| told_winner(ctx, auction))
        .collect();
    let contacts = bidding::contacts_of(snapshot.conn(), &winners).await?;
    let view = |auction: Auction| {
        let latest = latest.get(&auction.channel.arn);
        let own_max = maxima.get(&auction.id).copied();
        let winner_contact = told_winner(ctx, &auction).and_then(|winner| contacts.get(winner).cloned());
        View {
            winner_contact,
            ..view_of(ctx, auction, latest, own_max, ctx.now_ms)
        }
    };
    let mut views: Vec<View> = auctions.into_iter().map(view).collect();
    pictures::fill(snapshot.conn(), &mut views).await?;
    chat::rooms::fill(snapshot.conn(), &mut views).await?;
    Ok(views)
}

/// One auction as the caller sees it.
async fn view(ctx: &Context, snapshot: &mut crate::db::Snapshot, auction: Auction) -> Result<View, Error> {
    let latest = broadcasts::store::latest(&mut *snapshot.conn(), &auction.channel.arn).await?;
    let maxima = bidding::own_maxima(ctx, snapshot.conn(), &[&auction.id]).await?;
    let own_max = maxima.get(&auction.id).copied();
    let winner_contact = match told_winner(ctx, &auction) {
        Some(winner) => bidding::contact_of(snapshot.conn(), winner).await?,
        None => None,
    };
    let mut view = View {
        winner_contact,
        ..view_of(ctx, auction, latest.as_ref(), own_max, ctx.now_ms)
    };
    pictures::fill(snapshot.conn(), std::slice::from_mut(&mut view)).await?;
    chat::rooms::fill(snapshot.conn(), std::slice::from_mut(&mut view)).await?;
    Ok(view)
}

/// The winner's account, where the caller may know who that is.
fn told_winner<'a>(ctx: &Context, auction: &'a Auction) -> Option<&'a str> {
    let winner = auction.ended()?.winner.as_ref()?;
    auction.closer(&ctx.caller).map(|_| &*winner.bidder)
}

fn view_of(
    ctx: &Context,
    auction: Auction,
    latest: Option<&broadcasts::Broadcast>,
    own_max: Option<i64>,
    now_ms: i64,
) -> View {
    let person = |account: &str| Person::of(&ctx.platform, &auction.id, account);
    let winner = auction.ended().and_then(|end| end.winner.as_ref());
    let leads = |caller: &str| match auction.ended() {
        Some(_) => winner.is_some_and(|winner| *winner.bidder == *caller),
        None => auction.lot.is_led_by(caller),
    };
    let (caller, terms) = (ctx.caller.id(), &auction.terms);
    let is_told = auction.closer(&ctx.caller).is_some();
    View {
        video: auction.video(broadcasts::Video::of(latest, auction.created_at_ms)),
        pictures: Vec::new(),
        chat_room_arn: None,
        participant_count: events::present(ctx, &topic(&auction.id)),
        is_mine: caller.map(|id| id == auction.host_user_id),
        high_bidder: auction.lot.leader.as_ref().map(|leader| person(&leader.bidder)),
        winner: winner.map(|winner| person(&winner.bidder)),
        winner_contact: None,
        you: caller.map(person),
        you_are_winning: own_max.and(caller).map(leads),
        your_max_bid: own_max.map(|max| terms.money(max)),
        reserve_price: terms.reserve.filter(|_| is_told).map(|reserve| terms.money(reserve)),
        server_time_ms: now_ms,
        auction,
    }
}

fn ingest(ctx: &Context, auction: &Auction, stream_key: Secret) -> Ingest {
    let endpoint = auction.channel.ingest_endpoint.clone();
    Ingest {
        servers: IngestUrls::new(ctx.platform.video().config(), &endpoint),
        endpoint,
        stream_key,
    }
}

fn topic(id: &str) -> String {
    Owner::auction(id).topic()
}

fn seal_purpose(id: &str) -> String {
    format!("auction-stream-key:{id}")
}
