//! The words in which an auction's end is told.

use super::store::Person;
use super::{Facts, Phase};
use crate::auctions::EndReason;
use crate::mail::Letter;

/// What one person is told.
pub(super) struct Words {
    /// For programs.
    pub(super) kind: &'static str,
    /// Subject of the mail and title of the notice.
    pub(super) subject: String,
    /// Text of the notice.
    pub(super) summary: String,
    /// The mail.
    pub(super) letter: Letter,
}

/// For somebody who bid.
pub(super) fn to_bidder(facts: &Facts, bidder: &Person) -> Words {
    let title = &facts.auction.listing.title;
    match &facts.sold {
        Some((winner, price)) if winner.id == bidder.id => {
            let how = match facts.auction.lot.ended.as_ref().map(|end| end.reason) {
                Some(EndReason::BuyNow) => "You bought it at the buy-now price.",
                _ => "Your bid won.",
            };
            let subject = format!("You won: {title}");
            let seller = &facts.auction.listing.seller_name;
            let letter = Letter::new(&subject)
                .paragraph(format!("{how} The price is {price}."))
                .facts([
                    ("Item", title.clone()),
                    ("Price", price.to_string()),
                    ("Seller", seller.clone()),
                ])
                .paragraph(format!(
                    "What happens next: {seller} has your name and e-mail address and will write to you about payment \
                     and delivery."
                ));
            let summary = format!("{how} The price is {price}. The seller will write to you.");
            words("auction_won", subject, summary, letter)
        }
        _ => lost(facts, bidder, title),
    }
}

fn lost(facts: &Facts, bidder: &Person, title: &str) -> Words {
    let subject = format!("Auction ended: {title}");
    let leads = facts
        .auction
        .lot
        .leader
        .as_ref()
        .is_some_and(|leader| *leader.bidder == *bidder.id);
    let (kind, summary) = match (&facts.sold, facts.phase()) {
        (Some((_, price)), _) => (
            "auction_lost",
            format!("You were outbid at the end. It was sold for {price}."),
        ),
        (None, Phase::Withdrawn) => (
            "auction_withdrawn",
            "The auction was withdrawn. Nothing was sold, and your bid no longer binds you.".to_owned(),
        ),
        (None, _) if leads => (
            "auction_unsold",
            "Yours was the highest bid, but the seller's reserve price was not met. Nothing was sold.".to_owned(),
        ),
        (None, _) => (
            "auction_unsold",
            "Nothing was sold: the seller's reserve price was not met.".to_owned(),
        ),
    };
    let mut known = vec![("Item", title.to_owned())];
    // The price of what was withdrawn is nobody's news.
    if let Some(price) = facts.price().filter(|_| facts.phase() != Phase::Withdrawn) {
        let name = if facts.sold.is_some() {
            "Final price"
        } else {
            "Highest bid"
        };
        known.push((name, price.to_string()));
    }
    let letter = Letter::new(&subject).paragraph(&summary).facts(known);
    words(kind, subject, summary, letter)
}

/// For the seller.
pub(super) fn to_seller(facts: &Facts) -> Words {
    let auction = &facts.auction;
    let title = &auction.listing.title;
    let (kind, subject, summary) = match (&facts.sold, facts.phase()) {
        (Some((winner, price)), _) => {
            let name = winner.name.as_deref().unwrap_or("a bidder without an account here");
            (
                "auction_sold",
                format!("Sold: {title}"),
                format!("Sold to {name} for {price}."),
            )
        }
        (None, Phase::Withdrawn) => (
            "auction_withdrawn",
            format!("Withdrawn: {title}"),
            "The auction was withdrawn. Nothing was sold.".to_owned(),
        ),
        (None, _) => ("auction_unsold", format!("Not sold: {title}"), why_unsold(facts)),
    };
    let mut known = vec![("Item", title.clone())];
    if let Some((winner, price)) = &facts.sold {
        known.push(("Price", price.to_string()));
        known.extend(winner.name.clone().map(|name| ("Winner", name)));
        known.extend(winner.email.clone().map(|email| ("E-mail", email)));
    }
    known.extend([
        ("Bids", auction.lot.bid_count.to_string()),
        ("Bidders", facts.bidders.to_string()),
        ("Most viewers", facts.peak_viewers.to_string()),
    ]);
    let letter = Letter::new(&subject).paragraph(&summary).facts(known);
    let letter = if facts.sold.is_some() {
        letter.paragraph("What happens next: write to the winner about payment and delivery. They expect it.")
    } else {
        letter
    };
    words(kind, subject, summary, letter)
}

fn why_unsold(facts: &Facts) -> String {
    let terms = &facts.auction.terms;
    match (facts.price(), terms.reserve) {
        (None, _) => "Nobody bid.".to_owned(),
        (Some(price), Some(reserve)) => {
            format!(
                "The highest bid, {price}, did not meet your reserve price of {}.",
                terms.money(reserve)
            )
        }
        (Some(price), None) => format!("The highest bid was {price}."),
    }
}

fn words(kind: &'static str, subject: String, summary: String, letter: Letter) -> Words {
    Words {
        kind,
        subject,
        summary,
        letter,
    }
}
