//! The rooms of auctions and the ledger, against a provider that fails.

use platform::video::Kind;
use platform::{ErrorKind, auctions, chat};

use crate::support::{Fault, INSTALLATION, World, account, watch};

on_every_database! {
    a_room_comes_and_goes_with_its_auction
    a_provider_that_refuses_chat_does_not_keep_an_auction_from_being_held
    a_room_that_was_made_and_not_answered_is_found_and_deleted
    the_janitor_finds_rooms_nobody_wrote_down_and_leaves_others_alone
    credentials_without_chat_keep_the_janitor_at_its_work
    a_lost_room_is_replaced
}

async fn a_room_comes_and_goes_with_its_auction(world: World) {
    let created = world.auction().await;
    let id = &created.view.auction.id;
    let arn = created.view.chat_room_arn.unwrap();
    assert_eq!(Kind::of_arn(&arn), Kind::Room);
    assert_eq!(world.tower.room_names().await, [format!("auction_{id}")]);
    assert_eq!(
        auctions::get(&world.anonymous(), id)
            .await
            .unwrap()
            .chat_room_arn
            .as_ref(),
        Some(&arn)
    );
    world.pass_ms(20_000).await;
    assert_eq!(world.tower.faults.calls("CreateRoom"), 1, "the job finds the room made");
    let tags = world
        .tower
        .chat_client()
        .get_room()
        .identifier(&arn)
        .send()
        .await
        .unwrap()
        .tags
        .unwrap();
    assert_eq!(tags["rostrum:owner"], format!("auction:{id}"));
    auctions::close(&world.host(), id).await.unwrap();
    world.run_jobs().await;
    assert_eq!(
        (world.tower.room_names().await.len(), world.open_resources().await),
        (0, 0)
    );
}

async fn a_provider_that_refuses_chat_does_not_keep_an_auction_from_being_held(world: World) {
    let refusal = Fault::Refused(403, "AccessDeniedException");
    world.tower.faults.plan("CreateRoom", refusal, 2);
    let created = world.auction().await;
    let id = &created.view.auction.id;
    assert_eq!(created.view.chat_room_arn, None);
    let error = chat::enter(&world.context(account("ann")), id).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable { retry_after_s: 5 });
    assert_eq!(error.message, "Chat is not available yet");
    world.pass_ms(60_000).await;
    let view = auctions::get(&world.anonymous(), id).await.unwrap();
    let events = world.events(&format!("auction:{id}")).await;
    let told = events.iter().find(|(kind, _)| kind == "chat_room").unwrap();
    assert_eq!(told.1["chat_room_arn"], view.chat_room_arn.unwrap());
    assert_eq!(world.tower.room_names().await.len(), 1);
}

async fn a_room_that_was_made_and_not_answered_is_found_and_deleted(world: World) {
    world.tower.faults.plan("CreateRoom", Fault::DoneAndFailed, 1);
    let created = world.auction().await;
    assert_eq!(created.view.chat_room_arn, None);
    assert_eq!(
        world.tower.room_names().await.len(),
        1,
        "the provider made it all the same"
    );
    world.run_jobs().await;
    assert_eq!(world.tower.room_names().await.len(), 0);
    world.pass_ms(20_000).await;
    assert_eq!(world.tower.room_names().await.len(), 1, "and then made another one");
    auctions::close(&world.host(), &created.view.auction.id).await.unwrap();
    world.pass_ms(60_000).await;
    assert_eq!(
        (world.tower.room_names().await.len(), world.open_resources().await),
        (0, 0)
    );
}

async fn the_janitor_finds_rooms_nobody_wrote_down_and_leaves_others_alone(world: World) {
    world.auction().await;
    let client = world.tower.chat_client();
    // More than one page of them.
    for _ in 0..51 {
        client.create_room().name("foreign").send().await.unwrap();
    }
    for (name, installation) in [("neighbour", "another"), ("orphan", INSTALLATION)] {
        let room = client
            .create_room()
            .name(name)
            .tags("rostrum:installation", installation);
        let room = room
            .tags("rostrum:owner", "auction:1")
            .tags("rostrum:purpose", "auction chat");
        room.tags("rostrum:resource", "r1").send().await.unwrap();
    }
    let leaks = world.leaks().await;
    assert_eq!(leaks.len(), 1, "{leaks:?}");
    assert!(
        leaks[0]
            .what
            .contains("a chat room of this installation that nobody wrote down"),
        "{leaks:?}"
    );
    world.pass_ms(1_300_000).await;
    let kept = world.tower.room_names().await;
    assert_eq!(kept.len(), 52, "the auction ended meanwhile, the orphan is gone");
    assert!(
        kept.iter().all(|name| name == "foreign" || name == "neighbour"),
        "{kept:?}"
    );
    assert_eq!((world.leaks().await, world.open_resources().await), (vec![], 0));
}

async fn credentials_without_chat_keep_the_janitor_at_its_work(world: World) {
    world.auction().await;
    let refusal = Fault::Refused(403, "AccessDeniedException");
    world.tower.faults.plan("ListRooms", refusal, 1);
    assert_eq!(world.leaks().await, [], "the auction's own room is not taken for lost");
}

async fn a_lost_room_is_replaced(world: World) {
    let long = auctions::NewAuction {
        duration_s: 86_400,
        ..watch()
    };
    let created = auctions::create(&world.host(), long).await.unwrap();
    let (id, arn) = (created.view.auction.id, created.view.chat_room_arn.unwrap());
    world
        .tower
        .chat_client()
        .delete_room()
        .identifier(&arn)
        .send()
        .await
        .unwrap();
    world.clock.advance_ms(61_000);
    let error = chat::enter(&world.context(account("ann")), &id).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Provider);
    world.run_jobs().await;
    let replaced = auctions::get(&world.anonymous(), &id)
        .await
        .unwrap()
        .chat_room_arn
        .unwrap();
    assert_ne!(replaced, arn);
    assert_eq!(world.tower.room_names().await.len(), 1);
    auctions::close(&world.host(), &id).await.unwrap();
    world.pass_ms(60_000).await;
    assert_eq!((world.leaks().await, world.open_resources().await), (vec![], 0));
}
