//! What an auction is and when it may change: pure rules.

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
    /// When it ends or was to end, epoch milliseconds.
    pub ends_at_ms: i64,
    /// How it ended; `None` while live.
    pub ended: Option<Ended>,
    /// The leading bid.
    pub high_bid: Option<HighBid>,
    /// Bids so far.
    pub bid_count: i64,
    /// How often a late bid extended it.
    pub anti_snipe_count: i64,
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

/// The leading bid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HighBid {
    /// Its amount.
    pub amount: Money,
    /// Account of the bidder.
    pub bidder_id: String,
    /// Name shown to others.
    pub bidder_username: String,
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

/// How an auction ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// When, epoch milliseconds: the scheduled end, or the moment somebody closed it.
    pub at_ms: i64,
    /// What ended it.
    pub reason: EndReason,
    /// Who won, and for how much.
    pub winner: Option<HighBid>,
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
    /// The job that was planned for its end.
    Deadline,
    /// The seller.
    Host,
    /// An admin who is not the seller.
    Admin,
}

/// Why an auction was not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotClosed {
    /// Somebody was first.
    AlreadyClosed,
    /// The deadline was moved: come back then.
    NotYet {
        /// The end as it is now, epoch milliseconds.
        ends_at_ms: i64,
    },
}

impl Auction {
    /// Decides whether and how the auction ends at `now_ms`.
    ///
    /// | status | now | by | outcome |
    /// |---|---|---|---|
    /// | closed | any | any | already closed |
    /// | live | before the end | deadline | not yet |
    /// | live | before the end | host, admin | ends now, by them |
    /// | live | at or after the end | any | ended at its scheduled end, by time: being late (the server was down) changes nothing |
    pub fn close(&self, now_ms: i64, by: ClosedBy) -> Result<Ended, NotClosed> {
        if self.status == Status::Closed {
            return Err(NotClosed::AlreadyClosed);
        }
        let (at_ms, reason) = match by {
            _ if now_ms >= self.ends_at_ms => (self.ends_at_ms, EndReason::Time),
            ClosedBy::Deadline => {
                return Err(NotClosed::NotYet {
                    ends_at_ms: self.ends_at_ms,
                });
            }
            ClosedBy::Host => (now_ms, EndReason::Host),
            ClosedBy::Admin => (now_ms, EndReason::Admin),
        };
        Ok(Ended {
            at_ms,
            reason,
            winner: self.high_bid.clone(),
        })
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

    /// Milliseconds until the end, never negative; zero once closed.
    pub fn time_remaining_ms(&self, now_ms: i64) -> i64 {
        match self.status {
            Status::Live => self.ends_at_ms.saturating_sub(now_ms).max(0),
            Status::Closed => 0,
        }
    }

    /// Its video, when this is what the channel says.
    pub fn video(&self, of_channel: Video) -> Video {
        match &self.ended {
            Some(ended) => Video::ended(ended.at_ms),
            None => of_channel,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use crate::broadcasts::VideoState;

    fn auction() -> Auction {
        Auction {
            id: "a".into(),
            host_user_id: "host".into(),
            listing: Listing {
                title: "Watch".into(),
                description: None,
                category: None,
                seller_name: "Ann".into(),
                condition: "used".into(),
                image_url: None,
                duration_s: 300,
                starting_bid: Money::new(10_000, "USD".parse().unwrap()),
            },
            status: Status::Live,
            created_at_ms: 1_000,
            ends_at_ms: 301_000,
            ended: None,
            high_bid: None,
            bid_count: 0,
            anti_snipe_count: 0,
            channel: Channel {
                arn: "arn".into(),
                playback_url: "p".into(),
                ingest_endpoint: "i".into(),
                resource_id: "r".into(),
            },
        }
    }

    fn check(now_ms: i64, by: ClosedBy, expected: Result<(i64, EndReason), NotClosed>) {
        let outcome = auction().close(now_ms, by).map(|ended| (ended.at_ms, ended.reason));
        assert_eq!(outcome, expected, "{by:?} at {now_ms}");
    }

    #[test]
    fn the_end_is_decided_by_the_table() {
        check(
            300_999,
            ClosedBy::Deadline,
            Err(NotClosed::NotYet { ends_at_ms: 301_000 }),
        );
        check(300_999, ClosedBy::Host, Ok((300_999, EndReason::Host)));
        check(300_999, ClosedBy::Admin, Ok((300_999, EndReason::Admin)));
        check(301_000, ClosedBy::Deadline, Ok((301_000, EndReason::Time)));
        check(999_000, ClosedBy::Deadline, Ok((301_000, EndReason::Time)));
        check(999_000, ClosedBy::Host, Ok((301_000, EndReason::Time)));
        let closed = Auction {
            status: Status::Closed,
            ..auction()
        };
        for by in [ClosedBy::Deadline, ClosedBy::Host, ClosedBy::Admin] {
            assert_eq!(closed.close(999_000, by), Err(NotClosed::AlreadyClosed));
        }
    }

    #[test]
    fn the_leading_bidder_wins() {
        let bid = HighBid {
            amount: Money::new(15_000, "USD".parse().unwrap()),
            bidder_id: "b".into(),
            bidder_username: "Bob".into(),
        };
        let auction = Auction {
            high_bid: Some(bid.clone()),
            ..auction()
        };
        assert_eq!(auction.close(301_000, ClosedBy::Deadline).unwrap().winner, Some(bid));
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
        auction.ended = Some(Ended {
            at_ms: 200_000,
            reason: EndReason::Host,
            winner: None,
        });
        assert_eq!(auction.time_remaining_ms(100_000), 0);
        assert_eq!(auction.video(live).state, VideoState::Ended);
    }
}
