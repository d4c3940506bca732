//! What an auction is and when it may change: pure rules.

use super::rules::{End, Lot, Terms};
use crate::broadcasts::Video;
use crate::{Caller, Money};

/// One auction, as stored. The stream key is not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auction {
    /// UUID v7.
    pub id: String,
    /// Account of the seller.
    pub host_user_id: String,
    /// What the seller entered.
    pub listing: Listing,
    /// Live or closed.
    pub status: Status,
    /// When it began, epoch milliseconds.
    pub created_at_ms: i64,
    /// What the seller fixed about bidding.
    pub terms: Terms,
    /// Everything about bidding that changes.
    pub lot: Lot,
    /// Its video channel.
    pub channel: Channel,
}

/// What the seller enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// 1 to 500 characters.
    pub title: String,
    /// More words.
    pub description: Option<String>,
    /// Such as `watches`.
    pub category: Option<String>,
    /// Name shown to bidders.
    pub seller_name: String,
    /// Such as `used`.
    pub condition: String,
    /// Address of the one picture, where an earlier release wrote the row; see [`super::pictures`].
    pub image_url: Option<String>,
    /// Seconds from creation to the end.
    pub duration_s: i64,
    /// The first bid must be at least this.
    pub starting_bid: Money,
}

/// Where its video is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Provider's name.
    pub arn: String,
    /// Multivariant playlist.
    pub playback_url: String,
    /// Host, or `host:port`, that encoders connect to. For the seller only.
    pub ingest_endpoint: String,
    /// Row of the ledger.
    pub resource_id: String,
}

/// Whether bids are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// From creation to the end.
    Live,
    /// For good.
    Closed,
}

impl Status {
    /// The word in the database and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Closed => "closed",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Live, Self::Closed]
            .into_iter()
            .find(|status| status.as_str() == word)
    }
}

/// What ended an auction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// Its time was over.
    Time,
    /// The seller closed it.
    Host,
    /// An admin closed it.
    Admin,
    /// Somebody bought it at the buy-now price.
    BuyNow,
    /// It was withdrawn.
    Withdrawn,
}

impl EndReason {
    /// The word in the database, in answers and in events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Host => "host",
            Self::Admin => "admin",
            Self::BuyNow => "buy_now",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the word in the database.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Time, Self::Host, Self::Admin, Self::BuyNow, Self::Withdrawn]
            .into_iter()
            .find(|reason| reason.as_str() == word)
    }
}

/// Who wants to close an auction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedBy {
    /// The seller.
    Host,
    /// An admin who is not the seller.
    Admin,
}

impl Auction {
    /// An auction that begins its life at `now_ms`.
    pub(super) fn new(listing: Listing, terms: Terms, channel: Channel, now_ms: i64) -> Self {
        Self {
            id: terms.auction_id.to_string(),
            host_user_id: terms.seller_id.to_string(),
            listing,
            status: Status::Live,
            created_at_ms: now_ms,
            lot: Lot::new(&terms),
            terms,
            channel,
        }
    }

    /// True for the seller.
    pub fn is_hosted_by(&self, caller: &Caller) -> bool {
        caller.id() == Some(self.host_user_id.as_str())
    }

    /// As whom the caller may close it and see its key: the seller, or an admin. `None` for anybody else.
    pub fn closer(&self, caller: &Caller) -> Option<ClosedBy> {
        if self.is_hosted_by(caller) {
            return Some(ClosedBy::Host);
        }
        caller.is_admin().then_some(ClosedBy::Admin)
    }

    /// Milliseconds until the end, never negative; frozen while paused, zero once closed.
    pub fn time_remaining_ms(&self, now_ms: i64) -> i64 {
        self.lot.remaining_ms(now_ms)
    }

    /// When it ends, was to end, or ended by its clock, epoch ms.
    pub fn ends_at_ms(&self) -> i64 {
        self.lot.ends_at_ms
    }

    /// How it ended; `None` while live.
    pub fn ended(&self) -> Option<&End> {
        self.lot.ended.as_ref()
    }

    /// The price; `None` before the first bid.
    pub fn high_bid(&self) -> Option<Money> {
        self.lot.price.map(|price| self.terms.money(price))
    }

    /// True when it ended at the buy-now price.
    pub fn is_bought(&self) -> bool {
        self.ended().is_some_and(|end| end.reason == EndReason::BuyNow)
    }

    /// Its video, when this is what the channel says.
    pub fn video(&self, of_channel: Video) -> Video {
        match &self.lot.ended {
            Some(ended) => Video::ended(ended.at_ms),
            None => of_channel,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use crate::auctions::rules::{AntiSnipe, Phase};
    use crate::broadcasts::VideoState;

    fn auction() -> Auction {
        let terms = Terms {
            auction_id: "a".into(),
            seller_id: "host".into(),
            currency: "USD".parse().unwrap(),
            starting_bid: 10_000,
            increment: 100,
            reserve: None,
            buy_now: None,
            is_proxy_allowed: true,
            anti_snipe: AntiSnipe::DEFAULT,
            starts_at_ms: None,
            scheduled_end_ms: 301_000,
        };
        let listing = Listing {
            title: "Watch".into(),
            description: None,
            category: None,
            seller_name: "Ann".into(),
            condition: "used".into(),
            image_url: None,
            duration_s: 300,
            starting_bid: Money::new(10_000, "USD".parse().unwrap()),
        };
        let channel = Channel {
            arn: "arn".into(),
            playback_url: "p".into(),
            ingest_endpoint: "i".into(),
            resource_id: "r".into(),
        };
        Auction::new(listing, terms, channel, 1_000)
    }

    #[test]
    fn sellers_and_admins_may_close_and_nobody_else() {
        let caller = |id: &str, roles: &[Role]| Caller::Account {
            id: id.into(),
            email: "e".into(),
            name: "n".into(),
            roles: roles.to_vec(),
        };
        let auction = auction();
        assert_eq!(auction.closer(&caller("host", &[])), Some(ClosedBy::Host));
        assert_eq!(auction.closer(&caller("host", &[Role::Admin])), Some(ClosedBy::Host));
        assert_eq!(auction.closer(&caller("boss", &[Role::Admin])), Some(ClosedBy::Admin));
        assert_eq!(auction.closer(&caller("other", &[Role::Host])), None);
        assert_eq!(auction.closer(&Caller::Anonymous), None);
    }

    #[test]
    fn time_and_video_end_with_the_auction() {
        let mut auction = auction();
        assert_eq!(auction.time_remaining_ms(300_000), 1_000);
        assert_eq!(auction.time_remaining_ms(400_000), 0);
        let live = Video {
            state: VideoState::Live,
            since_ms: 5,
            viewers: 3,
            stream_id: Some("st".into()),
        };
        assert_eq!(auction.video(live.clone()), live);
        auction.status = Status::Closed;
        auction.lot.phase = Phase::Unsold;
        auction.lot.ended = Some(End {
            at_ms: 200_000,
            reason: EndReason::Host,
            winner: None,
        });
        assert_eq!(auction.time_remaining_ms(100_000), 0);
        assert_eq!(auction.video(live).state, VideoState::Ended);
    }
}
