//! What callers may do with auctions and what they read.

use platform::auctions::{self, Filter, Status};
use platform::broadcasts::VideoState;
use platform::{ErrorKind, Page, audit, events};

use crate::support::{World, account, watch};

on_every_database! {
    only_the_seller_and_admins_may_close_and_see_the_key
    lists_filter_count_and_order
    sellers_may_be_limited_to_hosts
    the_state_belongs_to_its_event_number
}

async fn only_the_seller_and_admins_may_close_and_see_the_key(world: World) {
    let id = world.auction().await.view.auction.id;
    let other = world.context(account("other"));
    let refused = auctions::close(&other, &id).await.unwrap_err();
    assert_eq!(
        (refused.kind, refused.message.as_ref()),
        (ErrorKind::Forbidden, "Only the host can close this auction")
    );
    assert_eq!(
        auctions::reveal_stream_key(&other, &id).await.unwrap_err().kind,
        ErrorKind::Forbidden
    );
    assert_eq!(
        auctions::health(&other, &id).await.unwrap_err().kind,
        ErrorKind::Forbidden
    );
    assert_eq!(
        auctions::close(&world.anonymous(), &id).await.unwrap_err().kind,
        ErrorKind::Unauthenticated
    );
    auctions::reveal_stream_key(&world.admin(), &id).await.unwrap();
    auctions::close(&world.admin(), &id).await.unwrap();
    let again = auctions::close(&world.host(), &id).await.unwrap_err();
    assert_eq!(again.kind, ErrorKind::Conflict);
    assert_eq!(
        auctions::reveal_stream_key(&world.host(), &id).await.unwrap_err().kind,
        ErrorKind::Conflict
    );
    let unknown = auctions::get(&other, "018f0000-0000-7000-8000-000000000000")
        .await
        .unwrap_err();
    assert_eq!(
        (unknown.kind, unknown.message.as_ref()),
        (ErrorKind::NotFound, "Auction not found")
    );
    let mut lines: Vec<_> = audit::about(world.platform.db(), &format!("auction:{id}"))
        .await
        .unwrap();
    lines.sort_by(|a, b| a.action.cmp(&b.action));
    let lines: Vec<_> = lines
        .iter()
        .map(|line| (line.action.as_str(), line.actor.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            ("auctions.close", "account:admin"),
            ("auctions.create", "account:host"),
            ("auctions.reveal_stream_key", "account:admin")
        ]
    );
}

async fn lists_filter_count_and_order(world: World) {
    let first = world.auction().await.view.auction.id;
    world.clock.advance_ms(10);
    let second = auctions::create(
        &world.context(account("other")),
        auctions::NewAuction {
            category: Some("art".into()),
            ..watch()
        },
    )
    .await
    .unwrap()
    .view
    .auction
    .id;
    world.clock.advance_ms(10);
    let third = world.auction().await.view.auction.id;
    auctions::close(&world.host(), &third).await.unwrap();
    let all = Filter::default();
    let cases = [
        (all.clone(), 20, 0, vec![&third, &second, &first], 3),
        (all.clone(), 1, 1, vec![&second], 3),
        (
            Filter {
                status: Some(Status::Live),
                ..all.clone()
            },
            20,
            0,
            vec![&second, &first],
            2,
        ),
        (
            Filter {
                category: Some("art".into()),
                ..all.clone()
            },
            20,
            0,
            vec![&second],
            1,
        ),
        (
            Filter {
                is_mine: true,
                ..all.clone()
            },
            20,
            0,
            vec![&third, &first],
            2,
        ),
        (
            Filter {
                is_mine: true,
                status: Some(Status::Closed),
                category: Some("watches".into()),
                ..Filter::default()
            },
            20,
            0,
            vec![&third],
            1,
        ),
    ];
    for (filter, limit, offset, ids, total) in cases {
        let list = auctions::list(&world.host(), filter.clone(), Page { limit, offset })
            .await
            .unwrap();
        let listed: Vec<&String> = list.auctions.iter().map(|view| &view.auction.id).collect();
        assert_eq!((listed, list.total), (ids, total), "{filter:?}");
    }
    let mine = Filter { is_mine: true, ..all };
    assert_eq!(
        auctions::list(&world.anonymous(), mine, Page::default())
            .await
            .unwrap_err()
            .kind,
        ErrorKind::Unauthenticated
    );
    for category in ["a\0b".to_owned(), "x".repeat(101)] {
        let filter = Filter {
            category: Some(category),
            ..Filter::default()
        };
        let refused = auctions::list(&world.anonymous(), filter, Page::default()).await;
        let field = "category".into();
        assert_eq!(refused.unwrap_err().kind, ErrorKind::Invalid { field });
    }
    let now = auctions::now(&world.anonymous()).await.unwrap();
    let live: Vec<&String> = now.live.iter().map(|view| &view.auction.id).collect();
    assert_eq!(
        (live, now.auctions, now.on_air, now.viewers),
        (vec![&first, &second], 2, 0, 0)
    );
}

async fn sellers_may_be_limited_to_hosts(mut world: World) {
    world
        .restart_with(Default::default(), |config| {
            config.auctions.sellers = platform::config::Sellers::Host
        })
        .await;
    assert_eq!(
        auctions::create(&world.host(), watch()).await.unwrap_err().kind,
        ErrorKind::Forbidden
    );
    assert_eq!(
        auctions::create(&world.anonymous(), watch()).await.unwrap_err().kind,
        ErrorKind::Unauthenticated
    );
    assert_eq!(world.tower.faults.calls("CreateChannel"), 0);
    auctions::create(&world.admin(), watch()).await.unwrap();
}

async fn the_state_belongs_to_its_event_number(world: World) {
    let auction = world.auction().await.view.auction;
    let topic = format!("auction:{}", auction.id);
    let state = auctions::state(&world.anonymous(), &auction.id).await.unwrap();
    // The auction and its chat room were told of.
    assert_eq!((state.seq, state.view.time_remaining_seconds()), (2, 300));
    world.clock.advance_ms(1_500);
    assert_eq!(
        auctions::state(&world.anonymous(), &auction.id)
            .await
            .unwrap()
            .view
            .time_remaining_seconds(),
        299
    );
    let mut watch = events::subscribe(&world.anonymous(), &topic, state.seq)
        .await
        .unwrap()
        .unwrap();
    auctions::close(&world.host(), &auction.id).await.unwrap();
    let mut seen = Vec::new();
    while seen.len() < 3 {
        match tokio::time::timeout(std::time::Duration::from_secs(5), watch.next())
            .await
            .unwrap()
            .unwrap()
        {
            events::Watched::Event(event) => seen.push((event.seq, event.kind.clone())),
            events::Watched::Lagged { .. } => unreachable!("three events are no lag"),
        }
    }
    let numbered: Vec<_> = seen.iter().map(|(seq, kind)| (*seq, kind.as_str())).collect();
    assert_eq!(
        numbered,
        [(3, "timer_update"), (4, "video_update"), (5, "auction_ended")]
    );
    let closed = auctions::state(&world.anonymous(), &auction.id).await.unwrap_err();
    assert_eq!(
        (closed.kind, closed.message.as_ref()),
        (ErrorKind::NotFound, "Auction not found or not active")
    );
    let snapshot = auctions::snapshot(&world.anonymous(), &auction.id).await.unwrap();
    assert_eq!(
        (
            snapshot.seq,
            snapshot.view.time_remaining_seconds(),
            snapshot.view.video.state
        ),
        (5, 0, VideoState::Ended)
    );
}
