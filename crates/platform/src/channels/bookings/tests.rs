//! Calendars on both databases.

use std::collections::BTreeMap;

use super::*;
use crate::channels::claims::{self, Taken};
use crate::channels::{Claim, assignments};
use crate::testing::{self, Clock, Database, Dice, START_MS};
use crate::{Caller, ErrorKind, Page, Platform, on_both_databases};

on_both_databases!(
    whatever_is_asked_at_the_same_time_no_two_windows_overlap,
    a_calendar_takes_what_a_list_of_windows_would_take,
    a_calendar_in_force_admits_its_hosts_only,
    only_hosts_of_the_channel_are_booked,
    a_calendar_has_an_end,
    a_host_who_is_unassigned_loses_his_windows,
    the_host_is_told_of_his_windows,
    foreigners_are_refused,
);

const MINUTE_MS: i64 = 60_000;

struct Story {
    platform: Platform,
    channel_id: String,
    ada: Caller,
    bob: Caller,
}

impl Story {
    /// A channel that Ada and Bob share.
    async fn begin(database: &Database, clock: &Clock) -> Self {
        let platform = database.platform(clock).await;
        let channel_id = testing::channel(&platform, "Main Stage").await;
        let ada = testing::person(&platform, "ada", &[Role::Host]).await;
        let bob = testing::person(&platform, "bob", &[Role::Host]).await;
        let story = Self {
            platform,
            channel_id,
            ada,
            bob,
        };
        for host in [&story.ada, &story.bob] {
            let to = assignments::AssignTo::UserId(host.id().unwrap().to_owned());
            assignments::assign(&story.system(), &story.channel_id, &to)
                .await
                .unwrap();
        }
        story
    }

    fn system(&self) -> Context {
        self.platform.context(Caller::System)
    }

    /// Books minutes from the start of the test.
    async fn add(&self, host: &Caller, from: i64, to: i64) -> Result<Booking, Error> {
        add_to(&self.platform, &self.channel_id, host, from, to).await
    }

    async fn all(&self) -> Vec<Booking> {
        list(&self.system(), &self.channel_id, Some(0), None).await.unwrap()
    }

    async fn may_start(&self, host: &Caller) -> Result<(), Option<Window>> {
        let now_ms = self.platform.environment().now_ms();
        let answer = may_start(self.platform.db().read(), &self.channel_id, host.id().unwrap(), now_ms).await;
        answer.unwrap().map_err(|refused| refused.next_window)
    }

    async fn told(&self, host: &Caller) -> Vec<String> {
        let list = notifications::list(&self.platform.context(host.clone()), Page::default())
            .await
            .unwrap();
        list.notifications
            .into_iter()
            .map(|notice| format!("{}: {}", notice.title, notice.text))
            .collect()
    }
}

async fn add_to(platform: &Platform, channel_id: &str, host: &Caller, from: i64, to: i64) -> Result<Booking, Error> {
    let new = NewBooking {
        host_user_id: host.id().unwrap().to_owned(),
        starts_at_ms: START_MS + from * MINUTE_MS,
        ends_at_ms: START_MS + to * MINUTE_MS,
        note: None,
    };
    add(&platform.context(Caller::System), channel_id, new).await
}

fn window(from: i64, to: i64) -> Window {
    Window {
        starts_at_ms: START_MS + from * MINUTE_MS,
        ends_at_ms: START_MS + to * MINUTE_MS,
    }
}

fn check_apart(bookings: &[Booking]) {
    for pair in bookings.windows(2) {
        assert!(pair[0].window.ends_at_ms <= pair[1].window.starts_at_ms, "{pair:?}");
    }
}

async fn whatever_is_asked_at_the_same_time_no_two_windows_overlap(database: Database) {
    const WRITERS: u64 = 8;
    const ACTS: u64 = 12;
    let clock = Clock::new();
    let story = Story::begin(&database, &clock).await;
    // Another process, where the database allows one.
    let other = if database.is_shared() {
        database.platform(&clock).await
    } else {
        story.platform.clone()
    };
    let mut writers = tokio::task::JoinSet::new();
    for seed in 0..WRITERS {
        let platform = if seed % 2 == 0 {
            story.platform.clone()
        } else {
            other.clone()
        };
        let host = if seed % 3 == 0 {
            story.ada.clone()
        } else {
            story.bob.clone()
        };
        let channel_id = story.channel_id.clone();
        writers.spawn(async move {
            let mut dice = Dice::new(seed);
            let mut kept: BTreeMap<String, Booking> = BTreeMap::new();
            for _ in 0..ACTS {
                if dice.once_in(4)
                    && let Some((id, _)) = kept.pop_first()
                {
                    remove(&platform.context(Caller::System), &channel_id, &id)
                        .await
                        .unwrap();
                }
                let from = dice.between(0, 120);
                match add_to(&platform, &channel_id, &host, from, from + dice.between(1, 20)).await {
                    Ok(booking) => {
                        kept.insert(booking.id.clone(), booking);
                    }
                    Err(error) => assert_eq!(error.message, "Booking overlaps another one"),
                }
            }
            kept
        });
    }
    let mut kept: BTreeMap<String, Booking> = BTreeMap::new();
    while let Some(of_writer) = writers.join_next().await {
        kept.extend(of_writer.unwrap());
    }
    let all = story.all().await;
    check_apart(&all);
    assert!(all.len() > 3, "the test must not be about an empty calendar");
    let all: BTreeMap<_, _> = all.into_iter().map(|booking| (booking.id.clone(), booking)).collect();
    assert_eq!(all, kept, "what was answered is what is there");
}

async fn a_calendar_takes_what_a_list_of_windows_would_take(database: Database) {
    let story = Story::begin(&database, &Clock::new()).await;
    let mut dice = Dice::new(42);
    let mut model: Vec<Booking> = Vec::new();
    for _ in 0..120 {
        if dice.once_in(3) && !model.is_empty() {
            let gone = model.swap_remove(dice.index(model.len()));
            assert_eq!(
                remove(&story.system(), &story.channel_id, &gone.id).await.unwrap(),
                gone
            );
        }
        let from = dice.between(0, 300);
        let to = from + dice.between(1, 60);
        let in_the_way: Vec<_> = model
            .iter()
            .filter(|known| known.window.overlaps(window(from, to)))
            .collect();
        match story
            .add(if dice.once_in(2) { &story.ada } else { &story.bob }, from, to)
            .await
        {
            Ok(booking) => {
                assert!(in_the_way.is_empty(), "{from} to {to} is taken by {in_the_way:?}");
                model.push(booking);
            }
            Err(error) => {
                let (name, id) = &error.facts[0];
                assert_eq!((error.kind, *name), (ErrorKind::Conflict, "conflictingBookingId"));
                assert!(
                    in_the_way.iter().any(|known| known.id == id.as_str().unwrap()),
                    "{from} to {to} is free"
                );
            }
        }
    }
    model.sort_by_key(|booking| booking.window.starts_at_ms);
    assert_eq!(story.all().await, model);
}

async fn a_calendar_in_force_admits_its_hosts_only(database: Database) {
    let clock = Clock::new();
    let story = Story::begin(&database, &clock).await;
    assert_eq!(
        story.may_start(&story.bob).await,
        Ok(()),
        "an empty calendar is nobody's"
    );
    story.add(&story.ada, 10, 20).await.unwrap();
    story.add(&story.bob, 20, 30).await.unwrap();
    let starts = async |host: &Caller, after: i64| {
        let after_ms = START_MS + after * MINUTE_MS;
        let start = next_foreign_start(
            story.platform.db().read(),
            &story.channel_id,
            host.id().unwrap(),
            after_ms,
        );
        start.await.unwrap().map(|at_ms| (at_ms - START_MS) / MINUTE_MS)
    };
    for (minute, ada, bob) in [
        (0, Err(Some(window(10, 20))), Err(Some(window(20, 30)))),
        (10, Ok(()), Err(Some(window(20, 30)))),
        (19, Ok(()), Err(Some(window(20, 30)))),
        (20, Err(None), Ok(())),
        (29, Err(None), Ok(())),
        (30, Ok(()), Ok(())),
    ] {
        clock.advance_ms(START_MS + minute * MINUTE_MS - clock.now_ms());
        let answers = (story.may_start(&story.ada).await, story.may_start(&story.bob).await);
        assert_eq!(answers, (ada, bob), "minute {minute}");
    }
    assert_eq!(
        (starts(&story.ada, 0).await, starts(&story.bob, 0).await),
        (Some(20), Some(10))
    );
    assert_eq!(
        (starts(&story.ada, 25).await, starts(&story.bob, 25).await),
        (Some(20), None)
    );
    assert_eq!(starts(&story.ada, 30).await, None);
}

async fn only_hosts_of_the_channel_are_booked(database: Database) {
    let story = Story::begin(&database, &Clock::new()).await;
    let eve = testing::person(&story.platform, "eve", &[Role::Host]).await;
    for stranger in [eve, testing::account("nobody")] {
        let error = story.add(&stranger, 1, 2).await.unwrap_err();
        assert_eq!(
            (error.kind, &*error.message),
            (ErrorKind::Conflict, assignments::NOT_ASSIGNED)
        );
    }
    let error = add_to(&story.platform, &story.system().new_id(), &story.ada, 1, 2)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, &*error.message),
        (ErrorKind::NotFound, "Channel not found")
    );
    assert_eq!(
        story.add(&story.ada, -5, 0).await.unwrap_err().kind,
        ErrorKind::Invalid { field: "endsAt".into() }
    );
    assert!(story.all().await.is_empty());
}

async fn a_calendar_has_an_end(database: Database) {
    let clock = Clock::new();
    let story = Story::begin(&database, &clock).await;
    let mut tx = story.platform.db().begin().await.unwrap();
    for minute in 0..FUTURE_MAX {
        let booking = Booking {
            id: format!("booking {minute}"),
            channel_id: story.channel_id.clone(),
            host_user_id: story.ada.id().unwrap().to_owned(),
            host_name: String::new(),
            window: window(minute, minute + 1),
            note: None,
            created_by: "system".into(),
        };
        store::insert(tx.conn(), &booking, START_MS).await.unwrap();
    }
    tx.commit().await.unwrap();
    let error = story.add(&story.ada, 2_000, 2_001).await.unwrap_err();
    assert_eq!(
        (error.kind, error.message.contains("1000")),
        (ErrorKind::Conflict, true)
    );
    // What is over makes room.
    clock.advance_ms(MINUTE_MS);
    story.add(&story.ada, 2_000, 2_001).await.unwrap();
}

async fn a_host_who_is_unassigned_loses_his_windows(database: Database) {
    let clock = Clock::new();
    let story = Story::begin(&database, &clock).await;
    for (host, from) in [(&story.ada, 0), (&story.bob, 10), (&story.ada, 20), (&story.ada, 30)] {
        story.add(host, from, from + 10).await.unwrap();
    }
    clock.advance_ms(25 * MINUTE_MS);
    assignments::unassign(&story.system(), &story.channel_id, story.ada.id().unwrap())
        .await
        .unwrap();
    let left: Vec<_> = story
        .all()
        .await
        .into_iter()
        .map(|booking| (booking.host_name, booking.window))
        .collect();
    let (ada, bob) = (
        story.ada.name().unwrap().to_owned(),
        story.bob.name().unwrap().to_owned(),
    );
    // What is over stays as it was, what runs ends now, what was to come is gone.
    assert_eq!(
        left,
        [
            (ada.clone(), window(0, 10)),
            (bob, window(10, 20)),
            (ada, window(20, 25))
        ]
    );
}

async fn the_host_is_told_of_his_windows(database: Database) {
    let story = Story::begin(&database, &Clock::new()).await;
    let first = story.add(&story.ada, 0, 10).await.unwrap();
    let second = story.add(&story.ada, 20, 30).await.unwrap();
    remove(&story.system(), &story.channel_id, &second.id).await.unwrap();
    let claim = Claim::session(
        story.system().new_id(),
        story.ada.id().unwrap(),
        START_MS,
        START_MS + MINUTE_MS,
    );
    let mut tx = story.platform.db().begin().await.unwrap();
    let taken = claims::claim(&mut tx, &story.channel_id, &claim, START_MS)
        .await
        .unwrap();
    assert!(matches!(taken, Taken::Claimed(_)), "{taken:?}");
    tx.commit().await.unwrap();
    remove(&story.system(), &story.channel_id, &first.id).await.unwrap();
    let told = story.told(&story.ada).await;
    for words in [
        "Main Stage is booked for you: From 2026-11-21 08:00 UTC to 2026-11-21 08:10 UTC the channel is yours.",
        "Your booked time on Main Stage was removed: It was from 2026-11-21 08:20 UTC to 2026-11-21 08:30 UTC.",
        "Your booked time on Main Stage was removed: You are live: your session goes on until somebody else's booked time begins.",
    ] {
        assert!(told.iter().any(|notice| notice == words), "{words}\n{told:#?}");
    }
    let lines = audit::about(story.platform.db(), &topic(&story.channel_id))
        .await
        .unwrap();
    let count = |action| lines.iter().filter(|line| line.action == action).count();
    assert_eq!((count("channels.book"), count("channels.unbook")), (2, 2));
    let error = remove(&story.system(), &story.channel_id, &first.id).await.unwrap_err();
    assert_eq!((error.kind, &*error.message), (ErrorKind::NotFound, NOT_FOUND));
}

async fn foreigners_are_refused(database: Database) {
    let story = Story::begin(&database, &Clock::new()).await;
    let booking = story.add(&story.ada, 0, 10).await.unwrap();
    for (caller, kind) in [
        (Caller::Anonymous, ErrorKind::Unauthenticated),
        (story.ada.clone(), ErrorKind::Forbidden),
    ] {
        let ctx = story.platform.context(caller);
        let new = NewBooking {
            host_user_id: story.ada.id().unwrap().to_owned(),
            starts_at_ms: START_MS + MINUTE_MS,
            ends_at_ms: START_MS + 2 * MINUTE_MS,
            note: None,
        };
        assert_eq!(add(&ctx, &story.channel_id, new).await.unwrap_err().kind, kind);
        assert_eq!(
            remove(&ctx, &story.channel_id, &booking.id).await.unwrap_err().kind,
            kind
        );
        assert_eq!(list(&ctx, &story.channel_id, None, None).await.unwrap_err().kind, kind);
    }
}
