//! What operations on auctions take and give.

use super::bidding::{BidRow, Contact};
use super::pictures::Picture;
use super::{Auction, Person, Status};
use crate::broadcasts::Video;
use crate::chat::Line;
use crate::video::IngestUrls;
use crate::{Money, Page, Secret};

/// An auction as one caller sees it at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The auction.
    pub auction: Auction,
    /// Its video.
    pub video: Video,
    /// Its pictures, in the order they are shown; left out where only the moving part is asked for.
    pub pictures: Vec<Picture>,
    /// The ARN of its chat room; `None` until there is one.
    pub chat_room_arn: Option<String>,
    /// People who watch it now.
    pub participant_count: i64,
    /// Whether the caller sells it; `None` when nobody is signed in.
    pub is_mine: Option<bool>,
    /// Who leads, as others may know them.
    pub high_bidder: Option<Person>,
    /// Who won, as others may know them.
    pub winner: Option<Person>,
    /// Who won, by name and address: for the seller and admins.
    pub winner_contact: Option<Contact>,
    /// What stands for the caller in this auction; `None` when nobody is signed in.
    pub you: Option<Person>,
    /// Whether the caller leads, or won; `None` for callers who have not bid.
    pub you_are_winning: Option<bool>,
    /// The caller's own maximum.
    pub your_max_bid: Option<Money>,
    /// Below this nothing is sold; for the seller and admins.
    pub reserve_price: Option<Money>,
    /// The moment, epoch milliseconds: countdowns are counted from here.
    pub server_time_ms: i64,
}

impl View {
    /// The address of the first picture.
    pub fn image_url(&self) -> Option<String> {
        match self.pictures.first() {
            Some(picture) => Some(picture.url()),
            None => self.auction.listing.image_url.clone(),
        }
    }

    /// The address of the first picture's small version.
    pub fn thumbnail_url(&self) -> Option<String> {
        match self.pictures.first() {
            Some(picture) => Some(picture.thumbnail_url()),
            None => self.auction.listing.image_url.clone(),
        }
    }

    /// Whole seconds until the end, rounded up so that zero means over.
    pub fn time_remaining_seconds(&self) -> i64 {
        (self.auction.time_remaining_ms(self.server_time_ms) + 999) / 1000
    }

    /// The least that a newcomer may bid.
    pub fn next_minimum_bid(&self) -> Money {
        let Auction { terms, lot, .. } = &self.auction;
        terms.money(lot.next_minimum(terms))
    }

    /// Whether the reserve is met; `None` without one.
    pub fn is_reserve_met(&self) -> Option<bool> {
        self.auction.lot.is_reserve_met(&self.auction.terms)
    }

    /// The buy-now price, while it is offered.
    pub fn buy_now_price(&self) -> Option<Money> {
        let Auction { terms, lot, .. } = &self.auction;
        lot.buy_now_offered(terms).map(|price| terms.money(price))
    }
}

/// A new auction, for its seller.
#[derive(Debug, Clone)]
pub struct Created {
    /// The auction.
    pub view: View,
    /// Where to publish.
    pub ingest: Ingest,
}

/// Where an encoder publishes to; for the seller and admins only.
#[derive(Debug, Clone)]
pub struct Ingest {
    /// The provider's ingest host.
    pub endpoint: String,
    /// Server addresses, without the key.
    pub servers: IngestUrls,
    /// The key.
    pub stream_key: Secret,
}

impl Ingest {
    /// `rtmp://host:port/app/KEY`, where plain ingest is allowed.
    pub fn rtmp_url(&self) -> Option<Secret> {
        self.servers.rtmp.as_ref().map(|server| self.with_key(server))
    }

    /// `rtmps://host:port/app/KEY`.
    pub fn rtmps_url(&self) -> Secret {
        self.with_key(&self.servers.rtmps)
    }

    fn with_key(&self, server: &str) -> Secret {
        Secret::new(format!("{server}{}", self.stream_key.reveal()))
    }
}

/// Which auctions to list; everything by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those of this status.
    pub status: Option<Status>,
    /// Only those of this category.
    pub category: Option<String>,
    /// Only those the caller sells.
    pub is_mine: bool,
    /// Only those with all of these words in the title or the seller's name: up to [`crate::words::WORDS_LEN_MAX`]
    /// characters, [`crate::words::WORDS_MAX`] words.
    pub words: Option<String>,
    /// Only with at least this price: the highest bid, or the starting bid before the first.
    pub price_min: Option<Money>,
    /// Only with a price below this.
    pub price_below: Option<Money>,
    /// Only live ones that end within so many seconds, at most [`super::listing::DURATION_S_MAX`].
    pub ends_within_s: Option<i64>,
}

/// A page of auctions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Newest first.
    pub auctions: Vec<View>,
    /// Which page this is.
    pub page: Page,
    /// How many there are on all pages.
    pub total: i64,
}

/// The moving part of an auction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The auction.
    pub view: View,
    /// Number of the last event on `auction:{id}` that this state includes.
    pub seq: i64,
    /// The best three bidders, the leader first.
    pub top_bids: Vec<TopBid>,
    /// The newest [`RECENT_BIDS_MAX`] bids that counted, newest first.
    pub recent_bids: Vec<BidRow>,
    /// What was said lately, oldest first.
    pub chat_lines: Vec<Line>,
}

/// Bids in a [`State`] at most; a screenful.
pub const RECENT_BIDS_MAX: i64 = 20;

/// The best bid of one bidder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopBid {
    /// Whose it is.
    pub bidder: Person,
    /// Whether it is the caller's.
    pub is_you: bool,
    /// The highest amount that everybody saw.
    pub amount: Money,
    /// When it was placed, epoch ms.
    pub at_ms: i64,
}

/// What is live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Now {
    /// Auctions on air first, then those that end first.
    pub live: Vec<View>,
    /// Live auctions, also those beyond the list.
    pub auctions: i64,
    /// Of those, with a broadcast on air.
    pub on_air: i64,
    /// Viewers of all of them.
    pub viewers: i64,
}
