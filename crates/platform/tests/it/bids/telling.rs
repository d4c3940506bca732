//! Who is told what: that they were outbid while it runs, and the outcome when it ends.

use std::collections::BTreeMap;
use std::time::Duration;

use platform::auctions::bidding;
use platform::mail::{self, Kept};
use platform::notifications::{self, Notification};
use platform::testing::{self, Database};
use platform::{Page, on_both_databases};

use super::{House, usd};

on_both_databases! {
    everybody_is_told_the_outcome_once,
    a_job_that_is_killed_leaves_nobody_out_and_tells_nobody_twice,
    an_end_without_a_sale_says_why,
    whoever_buys_at_once_has_won,
    who_cannot_be_reached_by_mail_still_has_the_bell,
    the_outbid_have_one_unread_notice_while_it_runs,
    a_hot_auction_plans_one_job_a_second,
}

const TITLE: &str = "Vintage watch";

impl House {
    /// Somebody the database knows, whose id is also the name before the `@`.
    async fn resident(&self, id: &str) {
        let mut tx = self.platform.db().begin().await.unwrap();
        sqlx::query(
            "insert into accounts (id, email, name, password_hash, roles, created_at_ms) values ($1, $2, $3, '', '[]', 0)",
        )
        .bind(id)
        .bind(format!("{id}@example.com"))
        .bind(format!("Name of {id}"))
        .execute(tx.conn())
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// Lets the time of the auction pass.
    async fn end(&self) {
        self.clock.advance_ms(300_200);
        self.run_jobs().await;
    }

    async fn mails(&self) -> Vec<Kept> {
        mail::kept(&self.admin()).await.unwrap().unwrap()
    }

    /// The one mail to `id`.
    async fn mail_to(&self, id: &str) -> Kept {
        let mut mails = self.mails().await;
        mails.retain(|mail| mail.to == format!("{id}@example.com"));
        assert_eq!(mails.len(), 1, "mails to {id}");
        mails.remove(0)
    }

    async fn notices(&self, id: &str) -> Vec<Notification> {
        let list = notifications::list(&self.account(id), Page::default()).await.unwrap();
        list.notifications
    }

    /// Kind and title of each notice, with a star when it is unread.
    async fn told(&self, id: &str) -> Vec<String> {
        let notices = self.notices(id).await.into_iter();
        let line = |notice: Notification| {
            let star = if notice.read_at_ms.is_none() { "*" } else { "" };
            format!("{star}{} {}", notice.kind, notice.title)
        };
        notices.map(line).collect()
    }

    async fn number(&self, sql: &'static str) -> i64 {
        let (number,): (i64,) = sqlx::query_as(sql).fetch_one(self.platform.db().read()).await.unwrap();
        number
    }

    /// Plans the telling from the start, as a retry would.
    async fn tell_again(&self, auction_id: &str) {
        let mut tx = self.platform.db().begin().await.unwrap();
        sqlx::query(
            "insert into jobs (name, key, payload, run_at_ms, created_at_ms) \
             values ('auctions.tell_outcome', $1, $2, 0, 0)",
        )
        .bind(auction_id)
        .bind(serde_json::json!({ "auction_id": auction_id }).to_string())
        .execute(tx.conn())
        .await
        .unwrap();
        tx.commit().await.unwrap();
        self.run_jobs().await;
    }
}

/// Bidders of a crowd, more than two pages of the job.
const CROWD: i64 = 120;

fn member(number: i64) -> String {
    format!("bidder-{number:03}")
}

/// An auction that a crowd bid on; the last of it leads.
async fn crowded(house: &House) -> String {
    house.resident("seller").await;
    let id = house.auction().await;
    for number in 0..CROWD {
        house.resident(&member(number)).await;
        house.leads(&id, &member(number), 100 + number * 10).await;
    }
    id
}

/// How many mails and notices of an outcome each person has.
async fn tellings(house: &House) -> BTreeMap<String, (i64, i64)> {
    let mut tellings: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for mail in house.mails().await {
        let id = mail.to.trim_end_matches("@example.com").to_owned();
        tellings.entry(id).or_default().0 += 1;
    }
    let rows: Vec<(String,)> = sqlx::query_as("select account_id from notifications where kind <> 'outbid'")
        .fetch_all(house.platform.db().read())
        .await
        .unwrap();
    for (id,) in rows {
        tellings.entry(id).or_default().1 += 1;
    }
    tellings
}

async fn assert_everybody_once(house: &House) {
    let tellings = tellings(house).await;
    assert_eq!(tellings.len(), usize::try_from(CROWD).unwrap() + 1);
    assert!(tellings.values().all(|counts| *counts == (1, 1)), "{tellings:?}");
}

async fn everybody_is_told_the_outcome_once(database: Database) {
    let house = House::open(database).await;
    let id = crowded(&house).await;
    house.end().await;
    assert_everybody_once(&house).await;
    let (won, lost, sold) = (
        house.mail_to(&member(CROWD - 1)).await,
        house.mail_to(&member(0)).await,
        house.mail_to("seller").await,
    );
    assert_eq!(won.subject, format!("You won: {TITLE}"));
    assert_eq!(lost.subject, format!("Auction ended: {TITLE}"));
    assert_eq!(sold.subject, format!("Sold: {TITLE}"));
    let page = format!("https://live.example.com/ui/auctions/{id}");
    for (mail, words) in [
        (
            &won,
            vec![
                "Your bid won. The price is 1290.00 USD.",
                "What happens next",
                "Name of seller",
            ],
        ),
        (&lost, vec!["You were outbid at the end.", "Final price", "1290.00 USD"]),
        (
            &sold,
            vec![
                "Sold to Name of bidder-119 for 1290.00 USD.",
                "bidder-119@example.com",
                "Bidders",
                "120",
                "Most viewers",
            ],
        ),
    ] {
        for word in words.into_iter().chain([page.as_str()]) {
            assert!(
                mail.text.contains(word) && mail.html.contains(word),
                "{word}: {}",
                mail.text
            );
        }
    }
    assert!(
        !lost.text.contains("bidder-119"),
        "the winner is nobody's business: {}",
        lost.text
    );
    let notices = house.notices(&member(0)).await;
    let lost = notices.iter().find(|notice| notice.kind == "auction_lost").unwrap();
    assert_eq!(lost.href, format!("/ui/auctions/{id}"));
    assert_eq!(house.told("seller").await, [format!("*auction_sold Sold: {TITLE}")]);
    for _ in 0..2 {
        house.tell_again(&id).await;
        assert_everybody_once(&house).await;
    }
}

async fn a_job_that_is_killed_leaves_nobody_out_and_tells_nobody_twice(database: Database) {
    let house = House::open(database).await;
    crowded(&house).await;
    house.clock.advance_ms(300_200);
    for kill_after in [1, 60] {
        let platform = house.platform.clone();
        let running = tokio::spawn(async move { testing::run_due_jobs(&platform).await });
        let begun = async {
            while house.number("select count(*) from mails").await < kill_after && !running.is_finished() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), begun).await.unwrap();
        running.abort();
        // Not before the dead worker's lease ends.
        house.clock.advance_ms(16_000);
    }
    house.run_jobs().await;
    assert_everybody_once(&house).await;
}

async fn an_end_without_a_sale_says_why(database: Database) {
    let house = House::open(database).await;
    for id in ["seller", "ann", "bob"] {
        house.resident(id).await;
    }
    let id = house.auction_with(|terms| terms.reserve_price = Some(usd(500))).await;
    house.leads(&id, "ann", 100).await;
    house.leads(&id, "bob", 110).await;
    house.end().await;
    assert!(
        house
            .mail_to("ann")
            .await
            .text
            .contains("the seller's reserve price was not met")
    );
    assert!(house.mail_to("bob").await.text.contains("Yours was the highest bid"));
    let seller = house.mail_to("seller").await;
    assert_eq!(seller.subject, format!("Not sold: {TITLE}"));
    assert!(
        seller
            .text
            .contains("110.00 USD, did not meet your reserve price of 500.00 USD"),
        "{}",
        seller.text
    );
    for id in ["ann", "bob"] {
        let mail = house.mail_to(id).await;
        assert!(!mail.text.contains("500.00"), "the reserve is secret: {}", mail.text);
    }

    house.clock.advance_ms(1);
    let withdrawn = house.auction().await;
    house.leads(&withdrawn, "ann", 100).await;
    bidding::withdraw(&house.admin(), &withdrawn, "Broken.").await.unwrap();
    house.run_jobs().await;
    assert_eq!(
        house.told("ann").await[0],
        format!("*auction_withdrawn Auction ended: {TITLE}")
    );
    assert_eq!(
        house.told("seller").await[0],
        format!("*auction_withdrawn Withdrawn: {TITLE}")
    );

    let unnoticed = house.auction().await;
    house.end().await;
    let last = house.notices("seller").await.remove(0);
    assert_eq!(
        (last.kind.as_str(), last.text.as_str()),
        ("auction_unsold", "Nobody bid.")
    );
    assert!(last.href.ends_with(&unnoticed));
}

async fn whoever_buys_at_once_has_won(database: Database) {
    let house = House::open(database).await;
    for id in ["seller", "ann"] {
        house.resident(id).await;
    }
    let id = house.auction_with(|terms| terms.buy_now_price = Some(usd(900))).await;
    bidding::buy_now(&house.account("ann"), &id).await.unwrap();
    house.run_jobs().await;
    assert_eq!(house.told("ann").await, [format!("*auction_won You won: {TITLE}")]);
    let mail = house.mail_to("ann").await;
    assert!(
        mail.text
            .contains("You bought it at the buy-now price. The price is 900.00 USD."),
        "{}",
        mail.text
    );
}

async fn who_cannot_be_reached_by_mail_still_has_the_bell(database: Database) {
    let house = House::open(database).await;
    house.resident("seller").await;
    house.resident("broken address").await;
    let id = house.auction().await;
    // A program: the database knows no such account.
    house.leads(&id, "program", 100).await;
    house.leads(&id, "broken address", 110).await;
    house.end().await;
    let told = house.told("program").await;
    assert!(
        told.contains(&format!("*auction_lost Auction ended: {TITLE}")),
        "{told:?}"
    );
    assert_eq!(
        house.told("broken address").await,
        [format!("*auction_won You won: {TITLE}")]
    );
    let mails: Vec<_> = house.mails().await.into_iter().map(|mail| mail.to).collect();
    assert_eq!(mails, ["seller@example.com"]);
}

async fn the_outbid_have_one_unread_notice_while_it_runs(database: Database) {
    let house = House::open(database).await;
    let id = house.auction().await;
    house.leads(&id, "ann", 100).await;
    house.run_jobs().await;
    house.leads(&id, "bob", 110).await;
    house.run_jobs().await;
    assert!(
        house.told("ann").await.is_empty(),
        "the bids of a second are told together"
    );
    house.clock.advance_ms(1000);
    house.run_jobs().await;
    let unread = [format!("*outbid You were outbid: {TITLE}")];
    let read = [format!("outbid You were outbid: {TITLE}")];
    assert_eq!(house.told("ann").await, unread);
    assert!(house.told("bob").await.is_empty());

    house.leads(&id, "ann", 120).await;
    house.leads(&id, "cid", 130).await;
    house.clock.advance_ms(1000);
    house.run_jobs().await;
    assert_eq!(house.told("ann").await, unread, "still one");
    assert_eq!(house.told("bob").await, unread);
    assert!(house.told("cid").await.is_empty());

    house.leads(&id, "ann", 140).await;
    house.clock.advance_ms(1000);
    house.run_jobs().await;
    assert_eq!(house.told("ann").await, read, "who leads again is not outbid");
    assert_eq!(house.told("cid").await, unread);

    house.leads(&id, "bob", 150).await;
    house.clock.advance_ms(1000);
    house.run_jobs().await;
    assert_eq!(house.told("ann").await, unread, "told anew");
    assert_eq!(house.told("bob").await, read);

    // The last word replaces it, and nothing about the auction is left to do.
    house.end().await;
    let told = house.told("ann").await;
    assert_eq!(told, [format!("*auction_lost Auction ended: {TITLE}"), read[0].clone()]);
    house.clock.advance_ms(2000);
    house.run_jobs().await;
    assert_eq!(
        house
            .number("select count(*) from jobs where name like 'auctions.%'")
            .await,
        0
    );
    assert_eq!(house.number("select count(*) from auction_notices").await, 0);
}

async fn a_hot_auction_plans_one_job_a_second(database: Database) {
    let house = House::open(database).await;
    let id = house.auction().await;
    for second in 0..3 {
        for number in 0..50 {
            let bidder = member(second * 50 + number);
            house.leads(&id, &bidder, 100 + (second * 50 + number) * 10).await;
        }
        // A job that is planned again, or moved, has another generation.
        let planned = "select count(*) from jobs where name = 'auctions.tell_outbid' and generation = 0";
        assert_eq!(house.number(planned).await, 1, "second {second}");
        house.clock.advance_ms(1000);
        house.run_jobs().await;
        let told = house
            .number("select count(*) from notifications where kind = 'outbid'")
            .await;
        assert_eq!(told, second * 50 + 49, "everybody but the leader");
    }
}
