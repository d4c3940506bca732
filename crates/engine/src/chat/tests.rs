//! Rooms without sockets, on a clock that the tests move.

use std::time::Duration;

use super::super::{End, Frame, Guest, JoinRefused, Limits, SayRefused, Settings};
use super::{FRAMES_WAITING_MAX, Hub};

const SETTINGS: Settings = Settings {
    messages_per_second: 1_000,
    content_length_max: 5,
    is_silent: false,
};

fn guest(user: &str) -> Guest {
    guest_from(user, 1)
}

fn guest_from(user: &str, address: u8) -> Guest {
    Guest {
        user: user.to_owned(),
        address: [127, 0, 0, address].into(),
    }
}

fn hub() -> Hub {
    let hub = Hub::new(Limits::default());
    hub.open("a", SETTINGS);
    hub
}

fn frame(text: &str) -> Frame {
    text.into()
}

#[tokio::test]
async fn everyone_in_the_room_and_nobody_else_gets_the_same_bytes() {
    let hub = hub();
    hub.open("b", SETTINGS);
    let (ann, mut to_ann) = hub.join("a", guest("ann")).unwrap();
    let (_bob, mut to_bob) = hub.join("a", guest("bob")).unwrap();
    let (_eve, mut to_eve) = hub.join("b", guest("eve")).unwrap();
    ann.say("hello", &frame("hello")).unwrap();
    hub.announce("a", &frame("event"));
    ann.tell(frame("private"));
    let first = to_ann.next().await.unwrap();
    let same = to_bob.next().await.unwrap();
    assert_eq!(first.as_str().as_ptr(), same.as_str().as_ptr(), "one copy for all");
    assert_eq!(to_ann.next().await.unwrap(), frame("event"));
    assert_eq!(to_ann.next().await.unwrap(), frame("private"));
    assert_eq!((to_bob.ready(), to_bob.ready()), (Some(frame("event")), None));
    assert_eq!(to_eve.ready(), None);
    assert!(!hub.announce("c", &frame("nowhere")));
}

#[tokio::test(start_paused = true)]
async fn a_room_keeps_its_limits_and_takes_new_ones_at_once() {
    let hub = hub();
    let (ann, _inbox) = hub.join("a", guest("ann")).unwrap();
    assert_eq!(ann.say("ÄÖÜ🎉é", &frame("x")), Ok(()), "five code points");
    assert_eq!(ann.say("123456", &frame("x")), Err(SayRefused::TooLong { max: 5 }));
    let slower = Settings {
        messages_per_second: 2,
        ..SETTINGS
    };
    hub.open("a", slower);
    assert_eq!(ann.settings(), slower);
    assert_eq!(ann.say("1", &frame("x")), Ok(()));
    assert_eq!(ann.say("2", &frame("x")), Err(SayRefused::TooFast { max: 2 }));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(ann.say("3", &frame("x")), Ok(()));
    hub.open(
        "a",
        Settings {
            is_silent: true,
            ..SETTINGS
        },
    );
    assert_eq!(ann.say("4", &frame("x")), Err(SayRefused::Silent));
    assert!(ann.announce(&frame("events are no messages")));
}

#[tokio::test]
async fn whoever_does_not_read_is_ended_and_nobody_waits_for_them() {
    let hub = hub();
    let (ann, mut to_ann) = hub.join("a", guest("ann")).unwrap();
    let (bob, mut to_bob) = hub.join("a", guest("bob")).unwrap();
    for _ in 0..FRAMES_WAITING_MAX {
        ann.announce(&frame("x"));
        to_ann.next().await.unwrap();
    }
    ann.announce(&frame("one too many"));
    assert_eq!(
        to_bob.next().await,
        Err(End::TooSlow),
        "what waited is not worth reading"
    );
    assert_eq!(to_ann.next().await.unwrap(), frame("one too many"));
    drop(bob);
    for _ in 0..=FRAMES_WAITING_MAX {
        ann.tell(frame("an answer nobody reads"));
    }
    assert_eq!(to_ann.next().await, Err(End::TooSlow));
}

#[tokio::test]
async fn a_disconnected_user_reads_the_news_of_it_and_ends_everywhere_in_the_room() {
    let hub = hub();
    hub.open("b", SETTINGS);
    let (_one, mut first) = hub.join("a", guest("ann")).unwrap();
    let (_two, mut second) = hub.join("a", guest("ann")).unwrap();
    let (_else, mut elsewhere) = hub.join("b", guest("ann")).unwrap();
    let (_bob, mut to_bob) = hub.join("a", guest("bob")).unwrap();
    assert!(hub.disconnect("a", "ann", &frame("ann is out")));
    for inbox in [&mut first, &mut second] {
        assert_eq!(inbox.next().await, Ok(frame("ann is out")));
        assert_eq!(inbox.next().await, Err(End::Disconnected));
    }
    assert_eq!((to_bob.ready(), to_bob.ready()), (Some(frame("ann is out")), None));
    assert_eq!(elsewhere.ready(), None);
    let (again, _) = hub.join("a", guest("ann")).unwrap();
    assert_eq!(again.say("back", &frame("x")), Ok(()), "a new connection may come");
}

#[tokio::test]
async fn a_closed_room_ends_everyone_and_takes_nobody() {
    let hub = hub();
    let (ann, mut to_ann) = hub.join("a", guest("ann")).unwrap();
    ann.say("last", &frame("last")).unwrap();
    hub.close("a");
    assert_eq!(to_ann.next().await, Ok(frame("last")));
    assert_eq!(to_ann.next().await, Err(End::RoomClosed));
    assert_eq!(ann.say("late", &frame("x")), Err(SayRefused::RoomClosed));
    assert!(!ann.announce(&frame("x")) && !ann.disconnect("ann", &frame("x")));
    assert_eq!(hub.join("a", guest("bob")).err(), Some(JoinRefused::RoomClosed));
    hub.open("a", SETTINGS);
    assert_eq!(
        ann.say("late", &frame("x")),
        Err(SayRefused::RoomClosed),
        "another room of that name"
    );
}

#[tokio::test]
async fn connections_are_counted_in_all_by_room_and_by_address() {
    let hub = Hub::new(Limits {
        connections: 4,
        per_room: 3,
        per_address: 2,
    });
    hub.open("a", SETTINGS);
    hub.open("b", SETTINGS);
    let join = |room, address| hub.join(room, guest_from("u", address)).map(|(seat, _)| seat);
    let full = Some(JoinRefused::Full);
    let first = join("a", 1).unwrap();
    let _second = join("a", 1).unwrap();
    assert_eq!(join("b", 1).err(), full, "the third of one address");
    let _third = join("a", 2).unwrap();
    assert_eq!(join("a", 2).err(), full, "the fourth of one room");
    let _fourth = join("b", 2).unwrap();
    assert_eq!(join("b", 3).err(), full, "the fifth of all");
    drop(first);
    assert_eq!(hub.connections(), 3);
    assert!(join("b", 1).is_ok());
    hub.drain();
    assert_eq!(join("a", 4).err(), Some(JoinRefused::Draining));
}
