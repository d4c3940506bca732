//! What operations on auctions take and give.

use super::pictures::Picture;
use super::{Auction, Status};
use crate::broadcasts::Video;
use crate::video::IngestUrls;
use crate::{Page, Secret};

/// An auction as one caller sees it at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The auction.
    pub auction: Auction,
    /// Its video.
    pub video: Video,
    /// Its pictures, in the order they are shown; left out where only the moving part is asked for.
    pub pictures: Vec<Picture>,
    /// People who watch it now.
    pub participant_count: i64,
    /// Whether the caller sells it; `None` when nobody is signed in.
    pub is_mine: Option<bool>,
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
