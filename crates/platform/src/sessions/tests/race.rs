//! Two hosts who want one channel at the same moment, a thousand times.

use std::sync::Arc;

use tokio::sync::Barrier;

use super::*;
use crate::{ErrorKind, on_both_databases};

on_both_databases!(two_hosts_race_for_one_channel_and_one_wins);

const ROUNDS: i64 = 1_000;

/// Where two processes may share the database, each host has his own.
async fn two_hosts_race_for_one_channel_and_one_wins(database: Database) {
    let scene = Scene::open(&database).await;
    let other = match database.is_shared() {
        true => database.platform(&scene.clock).await,
        false => scene.platform.clone(),
    };
    let mut won = [0; 2];
    for round in 0..ROUNDS {
        let barrier = Arc::new(Barrier::new(2));
        let racers = [(&scene.platform, &scene.ann), (&other, &scene.bea)];
        let [ann, bea] = racers.map(|(platform, host)| {
            let (platform, host, barrier) = (platform.clone(), host.clone(), barrier.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                start_on(&platform, &host).await
            })
        });
        let (winner, view, loser) = match (ann.await.unwrap(), bea.await.unwrap()) {
            (Ok(view), Err(error)) => (0, view, error),
            (Err(error), Ok(view)) => (1, view, error),
            outcome => unreachable!("round {round}: {outcome:?}"),
        };
        won[winner] += 1;
        assert_eq!(loser.kind, ErrorKind::Conflict, "{round}: {loser:?}");
        assert_eq!(fact(&loser, "currentSessionId"), Some(&Value::from(&*view.session.id)));
        assert_eq!(scene.state().await, State::Live);
        assert_eq!(active(&scene).await, 1);
        end_somehow(&scene, &other, racers[winner].1, &view, round).await;
        assert_eq!((scene.state().await, active(&scene).await), (State::Idle, 0), "{round}");
        let channel = scene.channel().await;
        assert_eq!((channel.claim, channel.sessions_ended), (None, round + 1));
    }
    assert!(won.iter().all(|wins| *wins > 0), "both had their chance: {won:?}");
}

async fn active(scene: &Scene) -> i64 {
    scene
        .number("select count(*) from sessions where ended_at_ms is null")
        .await
}

/// Each end has its turn: host and admin at the same moment, the lease, the operator.
async fn end_somehow(scene: &Scene, other: &Platform, host: &Caller, view: &View, round: i64) {
    let id = &view.session.id;
    match round % 3 {
        0 => {
            let admin = other.context(scene.admin().caller);
            let host = scene.ctx(host);
            let (one, two) = tokio::join!(end(&host, id, false), end(&admin, id, false));
            assert_eq!(one.unwrap(), two.unwrap(), "both are told of the one end");
        }
        1 => scene.pass(LEASE).await,
        _ => {
            let mut tx = other.db().begin().await.unwrap();
            let channel = channels::lock(&mut tx, &scene.channel_id).await.unwrap().unwrap();
            let admin = other.context(scene.admin().caller);
            assert!(end_by_operator(&mut tx, &admin, &channel).await.unwrap());
            tx.commit().await.unwrap();
        }
    }
}
