use proptest::prelude::*;

use super::*;

fn live(stream_id: &str, started_at_ms: i64) -> Broadcast {
    Broadcast {
        health: Health::Healthy,
        ..Broadcast::new(stream_id, started_at_ms, started_at_ms)
    }
}

fn ended(row: &Broadcast, at_ms: i64, cause: EndCause) -> Broadcast {
    Broadcast {
        ended: Some(Ended { at_ms, cause }),
        ..row.clone()
    }
}

fn check_fact(row: Option<&Broadcast>, fact: Fact, at_ms: i64, expected: Option<Broadcast>) {
    let now_ms = 9_000;
    let expected: Vec<Broadcast> = expected
        .map(|row| Broadcast {
            changed_at_ms: now_ms,
            ..row
        })
        .into_iter()
        .collect();
    assert_eq!(
        apply_fact(row.map_or(&[], std::slice::from_ref), "st-a", fact, at_ms, now_ms),
        expected,
        "{fact:?} at {at_ms}"
    );
}

#[test]
fn an_observation_that_is_older_than_the_next_stream_changes_nothing() {
    let observed = Observation::Live {
        stream_id: "st-a".into(),
        started_at_ms: 1_000,
        health: Health::Healthy,
        viewers: None,
    };
    let next = Broadcast {
        changed_at_ms: 6_000,
        ..live("st-b", 5_500)
    };
    // Unknown to us until now, and ended by an event before the observation began.
    for rows in [
        vec![next.clone()],
        vec![next.clone(), ended(&live("st-a", 1_000), 4_000, EndCause::Ended)],
    ] {
        assert_eq!(apply_observation(&rows, &observed, 5_000, 7_000), []);
    }
}

#[test]
fn events_in_order_make_one_broadcast() {
    check_fact(None, Fact::Started, 1_000, Some(live("st-a", 1_000)));
    let row = live("st-a", 1_000);
    check_fact(
        Some(&row),
        Fact::StarvationStarted,
        2_000,
        Some(Broadcast {
            health: Health::Starving,
            health_at_ms: 2_000,
            ..row.clone()
        }),
    );
    check_fact(
        Some(&row),
        Fact::Measured { viewers: 7 },
        2_000,
        Some(Broadcast {
            viewers: 7,
            peak_viewers: 7,
            ..row.clone()
        }),
    );
    check_fact(
        Some(&row),
        Fact::Ended(EndCause::Ended),
        3_000,
        Some(ended(&row, 3_000, EndCause::Ended)),
    );
}

#[test]
fn an_encoder_that_is_measured_before_its_first_picture_is_not_on_air() {
    check_fact(None, Fact::Measured { viewers: 0 }, 1_000, None);
    check_fact(None, Fact::StarvationStarted, 1_000, None);
    check_fact(None, Fact::StarvationEnded, 1_000, None);
}

#[test]
fn a_repeated_event_changes_nothing() {
    let row = live("st-a", 1_000);
    check_fact(Some(&row), Fact::Started, 1_000, None);
    let over = ended(&row, 3_000, EndCause::Ended);
    check_fact(Some(&over), Fact::Ended(EndCause::Ended), 3_000, None);
    check_fact(Some(&over), Fact::Ended(EndCause::Failed), 3_500, None);
}

#[test]
fn nothing_but_an_observation_brings_an_ended_broadcast_back() {
    let over = ended(&live("st-a", 1_000), 3_000, EndCause::Ended);
    check_fact(Some(&over), Fact::StarvationEnded, 2_500, None);
    check_fact(Some(&over), Fact::Measured { viewers: 3 }, 2_500, None);
    check_fact(
        Some(&over),
        Fact::Started,
        500,
        Some(Broadcast {
            started_at_ms: 500,
            ..over.clone()
        }),
    );
}

#[test]
fn an_end_without_a_start_is_kept_and_a_late_start_completes_it() {
    let only_end = ended(&Broadcast::new("st-a", 3_000, 9_000), 3_000, EndCause::Ended);
    check_fact(None, Fact::Ended(EndCause::Ended), 3_000, Some(only_end.clone()));
    check_fact(
        Some(&only_end),
        Fact::Started,
        1_000,
        Some(Broadcast {
            started_at_ms: 1_000,
            ..only_end.clone()
        }),
    );
}

#[test]
fn an_exact_end_replaces_an_inferred_one() {
    let inferred = ended(&live("st-a", 1_000), 8_000, EndCause::Gone);
    check_fact(
        Some(&inferred),
        Fact::Ended(EndCause::Failed),
        3_000,
        Some(ended(&inferred, 3_000, EndCause::Failed)),
    );
}

#[test]
fn older_health_news_do_not_overrule_newer() {
    let row = Broadcast {
        health_at_ms: 5_000,
        ..live("st-a", 1_000)
    };
    check_fact(Some(&row), Fact::StarvationStarted, 4_000, None);
}

#[test]
fn a_channel_carries_the_stream_that_began_last() {
    let (early, late) = (live("st-a", 1_000), live("st-b", 5_000));
    let changes = apply_fact(std::slice::from_ref(&early), "st-b", Fact::Started, 5_000, 9_000);
    assert_eq!(
        changes,
        [
            Broadcast {
                changed_at_ms: 9_000,
                ..ended(&early, 5_000, EndCause::Superseded)
            },
            Broadcast {
                changed_at_ms: 9_000,
                ..late.clone()
            }
        ]
    );
    let changes = apply_fact(std::slice::from_ref(&late), "st-a", Fact::Started, 1_000, 9_000);
    assert_eq!(
        changes,
        [Broadcast {
            changed_at_ms: 9_000,
            ..ended(&early, 5_000, EndCause::Superseded)
        }]
    );
}

#[test]
fn an_observation_ends_what_is_gone_and_replaces_what_was_superseded() {
    let row = live("st-a", 1_000);
    let gone = apply_observation(
        std::slice::from_ref(&row),
        &Observation::Offline { ended_at_ms: None },
        9_000,
        9_100,
    );
    assert_eq!(
        gone,
        [Broadcast {
            changed_at_ms: 9_100,
            ..ended(&row, 9_000, EndCause::Gone)
        }]
    );
    let told = apply_observation(
        std::slice::from_ref(&row),
        &Observation::Offline {
            ended_at_ms: Some(4_000),
        },
        9_000,
        9_100,
    );
    assert_eq!(
        told,
        [Broadcast {
            changed_at_ms: 9_100,
            ..ended(&row, 4_000, EndCause::Ended)
        }]
    );
    let other = Observation::Live {
        stream_id: "st-b".into(),
        started_at_ms: 6_000,
        health: Health::Healthy,
        viewers: None,
    };
    let changes = apply_observation(std::slice::from_ref(&row), &other, 9_000, 9_100);
    assert_eq!(changes.len(), 2);
    assert_eq!(
        changes[0],
        Broadcast {
            changed_at_ms: 9_100,
            ..ended(&row, 6_000, EndCause::Superseded)
        }
    );
    assert_eq!(
        (
            changes[1].stream_id.as_str(),
            changes[1].started_at_ms,
            changes[1].is_live()
        ),
        ("st-b", 6_000, true)
    );
}

#[test]
fn an_observation_says_nothing_about_rows_that_changed_after_it_began() {
    let row = Broadcast {
        changed_at_ms: 9_000,
        ..live("st-a", 8_500)
    };
    assert_eq!(
        apply_observation(
            std::slice::from_ref(&row),
            &Observation::Offline { ended_at_ms: None },
            8_400,
            9_100
        ),
        []
    );
    let over = Broadcast {
        changed_at_ms: 9_000,
        ..ended(&row, 8_900, EndCause::Ended)
    };
    let stale = Observation::Live {
        stream_id: "st-a".into(),
        started_at_ms: 8_500,
        health: Health::Healthy,
        viewers: None,
    };
    assert_eq!(apply_observation(&[over], &stale, 8_800, 9_100), []);
}

#[test]
fn viewers_are_told_four_states() {
    let row = live("st-a", 1_000);
    let starving = Broadcast {
        health: Health::Starving,
        health_at_ms: 2_000,
        ..row.clone()
    };
    let over = ended(&row, 3_000, EndCause::Ended);
    let state = |row: Option<&Broadcast>| (Video::of(row, 500).state, Video::of(row, 500).since_ms);
    assert_eq!(state(None), (VideoState::Waiting, 500));
    assert_eq!(state(Some(&row)), (VideoState::Live, 1_000));
    assert_eq!(state(Some(&starving)), (VideoState::Interrupted, 2_000));
    assert_eq!(state(Some(&over)), (VideoState::Waiting, 3_000));
    assert_eq!(Video::ended(4_000).state, VideoState::Ended);
}

#[test]
fn minutes_are_the_floor_of_the_time_on_air() {
    let row = live("st-a", 0);
    assert_eq!(row.minutes(59_999), 0);
    assert_eq!(row.minutes(60_000), 1);
    assert_eq!(ended(&row, 119_999, EndCause::Ended).minutes(900_000), 1);
}

/// What really happened on a channel: streams one after another, the last possibly still on air.
fn history() -> impl Strategy<Value = Vec<(i64, Option<i64>)>> {
    (
        proptest::collection::vec((1..5_000_i64, 1..5_000_i64), 1..4),
        any::<bool>(),
    )
        .prop_map(|(gaps, is_last_live)| {
            let mut at = 0;
            let count = gaps.len();
            let periods = gaps.into_iter().enumerate().map(|(index, (pause, length))| {
                let start = at + pause;
                at = start + length;
                (start, (index + 1 < count || !is_last_live).then_some(at))
            });
            periods.collect()
        })
}

fn events_of(periods: &[(i64, Option<i64>)]) -> Vec<(String, Fact, i64)> {
    let mut events = Vec::new();
    for (index, (start, end)) in periods.iter().enumerate() {
        let stream_id = format!("st-{index}");
        events.push((stream_id.clone(), Fact::Started, *start));
        events.push((stream_id.clone(), Fact::StarvationStarted, start + 1));
        events.push((stream_id.clone(), Fact::Measured { viewers: 3 }, start + 1));
        events.push((stream_id.clone(), Fact::StarvationEnded, start + 2));
        if let Some(end) = end {
            events.push((stream_id, Fact::Ended(EndCause::Ended), *end));
        }
    }
    events
}

fn store(rows: &mut Vec<Broadcast>, change: Broadcast) {
    match rows.iter_mut().find(|row| row.stream_id == change.stream_id) {
        Some(row) => *row = change,
        None => rows.push(change),
    }
}

proptest! {
    #[test]
    fn after_any_events_one_observation_leaves_the_providers_truth(
        periods in history(),
        deliveries in proptest::collection::vec(any::<proptest::sample::Index>(), 0..40),
    ) {
        let events = events_of(&periods);
        let mut rows: Vec<Broadcast> = Vec::new();
        // Loss, doubling and reordering at once: any multiset of the events in any order.
        for (now_ms, delivery) in (100_000..).zip(deliveries) {
            let (stream_id, fact, at_ms) = delivery.get(&events);
            for change in apply_fact(&rows, stream_id, *fact, *at_ms, now_ms) {
                store(&mut rows, change);
            }
            prop_assert!(rows.iter().filter(|row| row.is_live()).count() <= 1);
        }
        let last = periods.last().unwrap();
        let truth = match last.1 {
            None => Observation::Live {
                stream_id: format!("st-{}", periods.len() - 1),
                started_at_ms: last.0,
                health: Health::Healthy,
                viewers: Some(5),
            },
            Some(end) => Observation::Offline { ended_at_ms: Some(end) },
        };
        for change in apply_observation(&rows, &truth, 200_000, 200_001) {
            store(&mut rows, change);
        }
        let on_air: Vec<&Broadcast> = rows.iter().filter(|row| row.is_live()).collect();
        match &truth {
            Observation::Live { stream_id, started_at_ms, .. } => {
                prop_assert_eq!(on_air.len(), 1);
                prop_assert_eq!(&on_air[0].stream_id, stream_id);
                prop_assert_eq!(on_air[0].started_at_ms, *started_at_ms);
                prop_assert_eq!((on_air[0].health, on_air[0].viewers), (Health::Healthy, 5));
            }
            Observation::Offline { .. } => prop_assert!(on_air.is_empty()),
        }
        for row in &rows {
            prop_assert!(row.ended.is_none_or(|ended| ended.at_ms >= row.started_at_ms));
        }
        // Telling the same truth again changes nothing.
        prop_assert!(apply_observation(&rows, &truth, 200_002, 200_003).is_empty());
    }
}
