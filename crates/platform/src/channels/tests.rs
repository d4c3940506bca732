//! Stories of channels without video, on both databases.

use super::claims::{self, Taken};
use super::{Channel, Claim, State, Switch, assignments, capacity, listing, testing};
use crate::broadcasts::{self, Broadcast, EndCause, Ended, Health};
use crate::testing::{Clock, Database, START_MS};
use crate::{Caller, Context, ErrorKind, Platform, Role, accounts, on_both_databases};

on_both_databases! {
    one_of_many_claims_succeeds_and_is_given_back_once,
    a_claim_that_came_to_nothing_counts_nothing,
    what_is_offline_or_missing_is_not_claimed,
    a_lease_is_moved_by_its_claim_only,
    totals_count_sessions_and_what_was_on_air_outside_them,
    states_are_set_by_hand,
    pages_are_full_under_every_filter,
    a_token_continues_its_own_list_only,
    a_channel_in_use_is_not_deleted,
    places_are_reserved_and_forgotten,
}

async fn admin(platform: &Platform) -> Context {
    platform.context(Caller::Account {
        id: "admin".into(),
        email: "admin@example.com".into(),
        name: "Ada".into(),
        roles: vec![Role::Admin],
    })
}

async fn found(platform: &Platform, id: &str) -> Channel {
    super::find(platform.db().read(), id).await.unwrap().unwrap()
}

async fn claim(platform: &Platform, channel_id: &str, claim: &Claim) -> Taken {
    let mut tx = platform.db().begin().await.unwrap();
    let now_ms = platform.environment().now_ms();
    let taken = claims::claim(&mut tx, channel_id, claim, now_ms).await.unwrap();
    tx.commit().await.unwrap();
    taken
}

async fn release(platform: &Platform, channel_id: &str, claim_id: &str, counts_session: bool) -> bool {
    let mut tx = platform.db().begin().await.unwrap();
    let now_ms = platform.environment().now_ms();
    let is_released = claims::release(&mut tx, channel_id, claim_id, now_ms, counts_session)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    is_released
}

/// A broadcast of the channel, in seconds since the start of the test.
async fn broadcast(platform: &Platform, channel_id: &str, stream_id: &str, from_s: i64, to_s: Option<i64>) {
    let channel = found(platform, channel_id).await;
    let started_at_ms = START_MS + from_s * 1000;
    let row = Broadcast {
        stream_id: stream_id.into(),
        started_at_ms,
        ended: to_s.map(|to_s| Ended {
            at_ms: START_MS + to_s * 1000,
            cause: EndCause::Ended,
        }),
        health: Health::Healthy,
        health_at_ms: started_at_ms,
        viewers: 0,
        peak_viewers: 0,
        changed_at_ms: started_at_ms,
    };
    let mut tx = platform.db().begin().await.unwrap();
    broadcasts::store::put(tx.conn(), &channel.arn, &row).await.unwrap();
    tx.commit().await.unwrap();
}

/// The states told on a topic, with the session named.
async fn told(platform: &Platform, topic: &str) -> Vec<(String, Option<String>)> {
    let rows: Vec<(String,)> =
        sqlx::query_as("select payload from events where topic = $1 and kind = 'channel_update' order by seq")
            .bind(topic)
            .fetch_all(platform.db().read())
            .await
            .unwrap();
    let read = |(text,): (String,)| {
        let payload: serde_json::Value = serde_json::from_str(&text).unwrap();
        let session = payload["currentSessionId"].as_str().map(str::to_owned);
        (payload["state"].as_str().unwrap().to_owned(), session)
    };
    rows.into_iter().map(read).collect()
}

async fn one_of_many_claims_succeeds_and_is_given_back_once(database: Database) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    let channel_id = testing::insert(&platform, "Main").await.unwrap();
    for round in 0..20 {
        let attempts = (0..8).map(|host| {
            let (platform, channel_id) = (platform.clone(), channel_id.clone());
            tokio::spawn(async move {
                let session = Claim::session(format!("s-{round}-{host}"), format!("h-{host}"), START_MS, START_MS + 1);
                (session.id.clone(), claim(&platform, &channel_id, &session).await)
            })
        });
        let mut winners = Vec::new();
        let mut holders = Vec::new();
        for attempt in attempts.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                (id, Taken::Claimed(channel)) => {
                    assert_eq!(channel.current_session_id(), Some(id.as_str()));
                    winners.push(id);
                }
                (_, Taken::Busy { current_session_id, .. }) => holders.extend(current_session_id),
                (id, other) => panic!("{id}: {other:?}"),
            }
        }
        assert_eq!((winners.len(), holders.len()), (1, 7), "round {round}");
        assert!(holders.iter().all(|holder| *holder == winners[0]), "{holders:?}");
        assert!(!release(&platform, &channel_id, "somebody else", true).await);
        assert!(release(&platform, &channel_id, &winners[0], true).await);
        assert!(
            !release(&platform, &channel_id, &winners[0], true).await,
            "a second end ends nothing"
        );
    }
    let channel = found(&platform, &channel_id).await;
    assert_eq!((channel.sessions_ended, channel.claim), (20, None));
    for topic in [format!("channel:{channel_id}"), "channels".to_owned()] {
        let told = told(&platform, &topic).await;
        assert_eq!(told.len(), 40);
        for pair in told.chunks(2) {
            assert!(
                pair[0].0 == "LIVE" && pair[0].1.is_some() && pair[1] == ("IDLE".to_owned(), None),
                "{pair:?}"
            );
        }
    }
}

async fn a_claim_that_came_to_nothing_counts_nothing(database: Database) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    let channel_id = testing::insert(&platform, "Main").await.unwrap();
    let session = Claim::session("s", "h", START_MS, START_MS + 1);
    assert!(matches!(
        claim(&platform, &channel_id, &session).await,
        Taken::Claimed(_)
    ));
    assert!(release(&platform, &channel_id, "s", false).await);
    // What is on air now is outside any session.
    broadcast(&platform, &channel_id, "st-1", 0, Some(60)).await;
    let stats = super::stats(&admin(&platform).await, &channel_id).await.unwrap();
    assert_eq!((stats.channel.sessions_ended, stats.totals.broadcasts), (0, 1));
}

async fn what_is_offline_or_missing_is_not_claimed(database: Database) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    let channel_id = testing::insert(&platform, "Main").await.unwrap();
    let session = Claim::session("s", "h", START_MS, START_MS + 1);
    set(&platform, &channel_id, State::Offline, None, false).await.unwrap();
    assert_eq!(claim(&platform, &channel_id, &session).await, Taken::Offline);
    let nobodys = platform.new_id(START_MS);
    assert_eq!(claim(&platform, &nobodys, &session).await, Taken::Missing);
    assert_eq!(found(&platform, &channel_id).await.claim, None);
}

async fn a_lease_is_moved_by_its_claim_only(database: Database) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    let channel_id = testing::insert(&platform, "Main").await.unwrap();
    let session = Claim::session("s", "h", START_MS, START_MS + 1);
    claim(&platform, &channel_id, &session).await;
    let mut tx = platform.db().begin().await.unwrap();
    assert!(
        !claims::renew(&mut tx, &channel_id, "other", START_MS + 9)
            .await
            .unwrap()
    );
    assert!(claims::renew(&mut tx, &channel_id, "s", START_MS + 5).await.unwrap());
    tx.commit().await.unwrap();
    let lease = found(&platform, &channel_id).await.claim.unwrap().lease_until_ms;
    assert_eq!(lease, Some(START_MS + 5));
}

/// Seconds: |--10 st-1 20--|  [30 session 100: st-2 40..50, st-3 60..130, which runs over]  |--200 st-4--
async fn totals_count_sessions_and_what_was_on_air_outside_them(database: Database) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    let channel_id = testing::insert(&platform, "Main").await.unwrap();
    let other = testing::insert(&platform, "Other").await.unwrap();
    let totals = async || {
        let stats = super::stats(&admin(&platform).await, &channel_id).await.unwrap();
        (
            stats.totals.broadcasts,
            stats.totals.on_air_ms / 1000,
            stats.totals.last_at_ms,
        )
    };
    let at = |second: i64| Some(START_MS + second * 1000);
    assert_eq!(totals().await, (0, 0, None));
    broadcast(&platform, &channel_id, "st-1", 10, Some(20)).await;
    broadcast(&platform, &other, "st-9", 0, Some(500)).await;
    assert_eq!(totals().await, (1, 10, at(20)));
    clock.advance_ms(30_000);
    claim(
        &platform,
        &channel_id,
        &Claim::session("s", "h", clock.now_ms(), clock.now_ms() + 1),
    )
    .await;
    broadcast(&platform, &channel_id, "st-2", 40, Some(50)).await;
    broadcast(&platform, &channel_id, "st-3", 60, Some(130)).await;
    assert_eq!(totals().await, (1, 90, at(130)), "the session counts when it ends");
    clock.advance_ms(70_000);
    assert!(release(&platform, &channel_id, "s", true).await);
    assert_eq!(
        totals().await,
        (2, 90, at(130)),
        "and then once for all of its broadcasts"
    );
    clock.advance_ms(160_000);
    broadcast(&platform, &channel_id, "st-4", 200, None).await;
    assert_eq!(
        totals().await,
        (2, 150, at(200)),
        "what is on air counts its time, and itself when it ends"
    );
    broadcast(&platform, &channel_id, "st-4", 200, Some(290)).await;
    assert_eq!(totals().await, (3, 180, at(290)));
}

async fn set(
    platform: &Platform,
    channel_id: &str,
    state: State,
    session_id: Option<&str>,
    is_forced: bool,
) -> Result<(State, State, Option<String>), crate::Error> {
    let switch = Switch {
        state,
        session_id: session_id.map(str::to_owned),
        is_forced,
    };
    let switched = super::set_state(&admin(platform).await, channel_id, switch).await?;
    let session_id = switched.channel.current_session_id().map(str::to_owned);
    Ok((switched.previous, switched.state, session_id))
}

async fn states_are_set_by_hand(database: Database) {
    use State::{Idle, Live, Offline};
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    let channel_id = testing::insert(&platform, "Main").await.unwrap();
    let set = async |state, session_id, is_forced| {
        set(&platform, &channel_id, state, session_id, is_forced)
            .await
            .map_err(|error| error.message.into_owned())
    };
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(set(Idle, None, false).await, Ok((Idle, Idle, None)));
    assert_eq!(set(Live, None, false).await, Ok((Idle, Live, None)));
    assert_eq!(set(Live, Some("x"), false).await, Ok((Live, Live, named("x"))));
    assert_eq!(
        set(Live, None, false).await,
        Ok((Live, Live, named("x"))),
        "the name stays"
    );
    assert_eq!(set(Offline, None, false).await, Err("Channel is live".into()));
    assert_eq!(set(Offline, None, true).await, Ok((Live, Offline, named("x"))));
    let refusal = "Channel is offline. Set it to IDLE first.";
    assert_eq!(set(Live, None, false).await, Err(refusal.into()));
    assert_eq!(set(Idle, None, false).await, Ok((Offline, Idle, None)));
    assert_eq!(
        found(&platform, &channel_id).await.sessions_ended,
        0,
        "an operator is no session"
    );

    claim(
        &platform,
        &channel_id,
        &Claim::session("s", "h", START_MS, START_MS + 1),
    )
    .await;
    let in_use = "Channel is currently in use. Please try again later.";
    assert_eq!(set(Live, Some("x"), false).await, Err(in_use.into()));
    assert_eq!(set(Live, Some("s"), false).await, Ok((Live, Live, named("s"))));
    broadcast(&platform, &channel_id, "st-1", 0, None).await;
    assert_eq!(
        set(Idle, None, false).await,
        Ok((Live, Live, None)),
        "an encoder is on air"
    );
    assert_eq!(set(Offline, None, false).await, Err("Channel is live".into()));
    broadcast(&platform, &channel_id, "st-1", 0, Some(1)).await;
    assert_eq!(set(Offline, None, false).await, Ok((Idle, Offline, None)));
    assert_eq!(
        found(&platform, &channel_id).await.sessions_ended,
        1,
        "its session was ended"
    );

    let error = super::set_state(
        &platform.context(crate::testing::account("host")),
        &channel_id,
        Switch {
            state: Idle,
            session_id: None,
            is_forced: false,
        },
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Forbidden);
}

/// Every page of a filter, each with its length.
async fn pages(platform: &Platform, filter: &listing::Filter) -> (Vec<String>, Vec<usize>) {
    let ctx = admin(platform).await;
    let (mut names, mut lengths, mut next_token) = (Vec::new(), Vec::new(), None);
    loop {
        let filter = listing::Filter {
            next_token,
            ..filter.clone()
        };
        let listed = super::list(&ctx, filter).await.unwrap();
        lengths.push(listed.channels.len());
        names.extend(listed.channels.into_iter().map(|view| view.channel.name));
        next_token = listed.next_token;
        if next_token.is_none() {
            return (names, lengths);
        }
    }
}

async fn pages_are_full_under_every_filter(database: Database) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    let host = accounts::NewUser {
        account: accounts::NewAccount {
            email: "omar@studio.example.com".into(),
            password: crate::Secret::new("correct horse battery"),
            name: "Omar".into(),
        },
        roles: vec![Role::Host],
    };
    let host = accounts::create_account(&platform.context(Caller::System), host)
        .await
        .unwrap();
    for index in 0..9 {
        // Three at a time are of the same moment: ids order them.
        if index % 3 == 0 {
            clock.advance_ms(1);
        }
        let id = testing::insert(&platform, &format!("Stage_{index}")).await.unwrap();
        match index % 3 {
            1 => drop(claim(&platform, &id, &Claim::session("s", "h", START_MS, START_MS + 1)).await),
            2 if index == 5 => broadcast(&platform, &id, "st-1", 0, None).await,
            2 if index == 8 => {
                let to = assignments::AssignTo::UserId(host.id.clone());
                assignments::assign(&admin(&platform).await, &id, &to).await.unwrap();
                drop(set(&platform, &id, State::Offline, None, false).await.unwrap());
            }
            _ => {}
        }
    }
    let by = |state: Option<State>, text: Option<&str>| listing::Filter {
        state,
        text: text.map(str::to_owned),
        limit: Some(2),
        next_token: None,
    };
    let sorted = |names: &[String]| {
        let mut names: Vec<u32> = names.iter().map(|name| name[6..].parse().unwrap()).collect();
        names.sort_unstable();
        names
    };
    let table: [(listing::Filter, &[u32], &[usize]); 7] = [
        (by(None, None), &[0, 1, 2, 3, 4, 5, 6, 7, 8], &[2, 2, 2, 2, 1]),
        (by(Some(State::Live), None), &[1, 4, 5, 7], &[2, 2]),
        (by(Some(State::Idle), None), &[0, 2, 3, 6], &[2, 2]),
        (by(Some(State::Offline), None), &[8], &[1]),
        (by(None, Some("STAGE_7")), &[7], &[1]),
        (by(None, Some("studio.example")), &[8], &[1]),
        (by(Some(State::Live), Some("e%7")), &[], &[0]),
    ];
    for (filter, names, lengths) in table {
        let found = pages(&platform, &filter).await;
        assert_eq!(
            (sorted(&found.0).as_slice(), found.1.as_slice()),
            (names, lengths),
            "{filter:?}"
        );
    }
    let (names, _) = pages(&platform, &by(None, None)).await;
    assert!(
        sorted(&names[..3]) == [6, 7, 8] && sorted(&names[6..]) == [0, 1, 2],
        "newest first: {names:?}"
    );
}

async fn a_token_continues_its_own_list_only(database: Database) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    for name in ["A", "B"] {
        testing::insert(&platform, name).await.unwrap();
    }
    let ctx = admin(&platform).await;
    let first = listing::Filter {
        limit: Some(1),
        ..listing::Filter::default()
    };
    let token = super::list(&ctx, first.clone()).await.unwrap().next_token.unwrap();
    let with = |token: &str, state| listing::Filter {
        next_token: Some(token.to_owned()),
        state,
        ..first.clone()
    };
    assert_eq!(super::list(&ctx, with(&token, None)).await.unwrap().channels.len(), 1);
    let damaged = format!("{token}A");
    for (token, state) in [
        (token.as_str(), Some(State::Idle)),
        (damaged.as_str(), None),
        ("", None),
        ("eyJpZCI6MX0", None),
        (&"x".repeat(10_000), None),
    ] {
        let error = super::list(&ctx, with(token, state)).await.unwrap_err();
        assert_eq!(error.message, "Invalid nextToken");
        assert_eq!(
            error.kind,
            ErrorKind::Invalid {
                field: "nextToken".into()
            }
        );
    }
    for limit in [0, -1, 101] {
        let filter = listing::Filter {
            limit: Some(limit),
            ..listing::Filter::default()
        };
        let error = super::list(&ctx, filter).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid { field: "limit".into() });
    }
}

async fn a_channel_in_use_is_not_deleted(database: Database) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    let ctx = admin(&platform).await;
    let channel_id = testing::insert(&platform, "Main").await.unwrap();
    let refusal = async || {
        super::delete(&ctx, &channel_id)
            .await
            .map_err(|error| error.message.into_owned())
    };
    claim(
        &platform,
        &channel_id,
        &Claim::session("s", "h", START_MS, START_MS + 1),
    )
    .await;
    assert_eq!(refusal().await, Err("Channel is live".into()));
    release(&platform, &channel_id, "s", true).await;
    broadcast(&platform, &channel_id, "st-1", 0, None).await;
    assert_eq!(refusal().await, Err("Channel is live".into()));
    broadcast(&platform, &channel_id, "st-1", 0, Some(1)).await;
    assert_eq!(refusal().await, Ok(()));
    assert_eq!(refusal().await, Err("Channel not found".into()));
    let row: (Option<String>,) = sqlx::query_as("select stream_key from channels where id = $1")
        .bind(&channel_id)
        .fetch_one(platform.db().read())
        .await
        .unwrap();
    assert_eq!(row.0, None, "its key is gone");
    assert_eq!(capacity::capacity(&ctx).await.unwrap().current, 0);
}

async fn places_are_reserved_and_forgotten(database: Database) {
    let clock = Clock::new();
    let mut config = database.config();
    config.channels.capacity = 2;
    let platform = Platform::open(config, clock.environment()).await.unwrap();
    testing::insert(&platform, "Main").await.unwrap();
    let ctx = platform.context(Caller::System);
    let (one, other) = (ctx.new_id(), ctx.new_id());
    let held = capacity::reserve(&ctx, &one).await.unwrap().unwrap();
    let full = capacity::reserve(&ctx, &other).await.unwrap().unwrap_err();
    assert_eq!((full.current, full.max), (2, 2));
    // Who asks again for the same channel has the place already, and the first attempt has it no more.
    let again = capacity::reserve(&ctx, &one).await.unwrap().unwrap();
    let mut tx = platform.db().begin().await.unwrap();
    let late = capacity::take(&mut tx, &held).await.unwrap_err();
    assert_eq!(late.kind, ErrorKind::Conflict);
    tx.rollback().await.unwrap();
    capacity::give_back(&ctx, &again).await.unwrap();
    // A creation that died is forgotten after the grace of what it could have waited for.
    capacity::reserve(&ctx, &one).await.unwrap().unwrap();
    clock.advance_ms(2 * 45_000 - 1);
    assert!(capacity::reserve(&ctx, &other).await.unwrap().is_err());
    clock.advance_ms(1);
    assert!(capacity::reserve(&ctx, &other).await.unwrap().is_ok());
}
