//! Whatever happens in whatever order: a channel is LIVE for a reason, and never for longer than its reason lasts.

use super::*;
use crate::channels::claims;
use crate::on_both_databases;
use crate::testing::Dice;

on_both_databases!(a_channel_is_never_live_without_a_claim_or_a_broadcast);

const SEEDS: u64 = 6;
const STEPS: u64 = 150;

/// What the walk believes; compared with the database after every step.
#[derive(Default)]
struct Belief {
    session_id: Option<String>,
    operator: Option<String>,
    on_air: Option<(String, i64)>,
    is_disabled: bool,
    streams: u64,
}

async fn a_channel_is_never_live_without_a_claim_or_a_broadcast(database: Database) {
    let scene = Scene::open(&database).await;
    for seed in 0..SEEDS {
        let mut dice = Dice::new(seed);
        let mut belief = Belief {
            streams: seed * STEPS,
            ..Belief::default()
        };
        for step in 0..STEPS {
            let what = act(&scene, &mut dice, &mut belief).await;
            check(&scene, &belief, &format!("seed {seed}, step {step}: {what}")).await;
        }
        settle(&scene, &mut belief).await;
    }
}

async fn act(scene: &Scene, dice: &mut Dice, belief: &mut Belief) -> &'static str {
    let host = if dice.once_in(2) { &scene.ann } else { &scene.bea };
    match dice.below(10) {
        0 | 1 => start(scene, host, belief).await,
        2 => match belief.session_id.clone() {
            Some(id) => {
                heartbeat(&scene.admin(), &id).await.unwrap();
                "heartbeat"
            }
            None => "nobody to hear of",
        },
        3 => match belief.session_id.take() {
            Some(id) => {
                end(&scene.admin(), &id, false).await.unwrap();
                "end"
            }
            None => "nothing to end",
        },
        4 => claim_by_hand(scene, belief).await,
        5 => release_by_hand(scene, belief).await,
        6 => {
            pass(scene, dice.between(0, 2 * LEASE), belief).await;
            "time passes"
        }
        7 => go_on_air(scene, belief).await,
        8 => go_off_air(scene, belief).await,
        _ => {
            belief.is_disabled = !belief.is_disabled;
            let text = match belief.is_disabled {
                true => "update channels set disabled_at_ms = 1",
                false => "update channels set disabled_at_ms = null",
            };
            let mut tx = scene.platform.db().begin().await.unwrap();
            sqlx::query(text).execute(tx.conn()).await.unwrap();
            tx.commit().await.unwrap();
            "disable or enable"
        }
    }
}

async fn start(scene: &Scene, host: &Caller, belief: &mut Belief) -> &'static str {
    let is_free = belief.session_id.is_none() && belief.operator.is_none() && !belief.is_disabled;
    match scene.start(host).await {
        Ok(view) => {
            assert!(is_free);
            belief.session_id = Some(view.session.id);
            "start"
        }
        Err(error) => {
            assert!(!is_free, "{error:?}");
            "start refused"
        }
    }
}

async fn claim_by_hand(scene: &Scene, belief: &mut Belief) -> &'static str {
    let id = scene.platform.new_id(scene.now_ms());
    let claim = channels::Claim::operator(&*id, "admin", None, scene.now_ms());
    let mut tx = scene.platform.db().begin().await.unwrap();
    let taken = claims::claim(&mut tx, &scene.channel_id, &claim, scene.now_ms())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    if matches!(taken, claims::Taken::Claimed(_)) {
        assert!(belief.session_id.is_none() && belief.operator.is_none() && !belief.is_disabled);
        belief.operator = Some(id);
    }
    "claim by hand"
}

async fn release_by_hand(scene: &Scene, belief: &mut Belief) -> &'static str {
    let admin = scene.admin();
    let mut tx = admin.db().begin().await.unwrap();
    let channel = channels::lock(&mut tx, &scene.channel_id).await.unwrap().unwrap();
    let was_session = end_by_operator(&mut tx, &admin, &channel).await.unwrap();
    assert_eq!(was_session, belief.session_id.take().is_some());
    if let Some(id) = belief.operator.take() {
        assert!(
            claims::release(&mut tx, &channel.id, &id, scene.now_ms(), false)
                .await
                .unwrap()
        );
    }
    tx.commit().await.unwrap();
    "release by hand"
}

/// Time passes; the session that is not heard of and not on air is over when its lease is.
async fn pass(scene: &Scene, ms: i64, belief: &mut Belief) {
    scene.pass(ms).await;
    let Some(id) = &belief.session_id else { return };
    let view = get(&scene.admin(), id).await.unwrap();
    if view.session.ended.is_some() {
        assert!(belief.on_air.is_none(), "what is on air is heard of");
        belief.session_id = None;
    } else {
        assert!(
            view.lease_until_ms.unwrap() > scene.now_ms(),
            "it is not over only because nobody looked"
        );
    }
}

async fn go_on_air(scene: &Scene, belief: &mut Belief) -> &'static str {
    if belief.on_air.is_none() {
        belief.streams += 1;
        let stream_id = format!("st-{}", belief.streams);
        scene.broadcast(&stream_id, scene.now_ms(), None).await;
        belief.on_air = Some((stream_id, scene.now_ms()));
    }
    "on air"
}

async fn go_off_air(scene: &Scene, belief: &mut Belief) -> &'static str {
    if let Some((stream_id, from_ms)) = belief.on_air.take() {
        scene.broadcast(&stream_id, from_ms, Some(scene.now_ms())).await;
    }
    "off air"
}

async fn check(scene: &Scene, belief: &Belief, what: &str) {
    let channel = scene.channel().await;
    let claim_id = channel.claim.as_ref().map(|claim| claim.id.as_str());
    let expected = belief.session_id.as_deref().or(belief.operator.as_deref());
    assert_eq!(claim_id, expected, "{what}");
    let state = if belief.is_disabled {
        State::Offline
    } else if expected.is_some() || belief.on_air.is_some() {
        State::Live
    } else {
        State::Idle
    };
    assert_eq!(scene.state().await, state, "{what}");
    let running = store::active_on(scene.platform.db().read(), &scene.channel_id)
        .await
        .unwrap();
    let running = running.map(|row| row.session.id);
    assert_eq!(
        running, belief.session_id,
        "{what}: a session runs exactly while it has the claim"
    );
}

/// Whatever the walk left, the clock and one hand bring it to rest.
async fn settle(scene: &Scene, belief: &mut Belief) {
    go_off_air(scene, belief).await;
    if belief.operator.is_some() {
        release_by_hand(scene, belief).await;
    }
    pass(scene, 2 * LEASE, belief).await;
    assert_eq!(belief.session_id, None);
    check(scene, belief, "at rest").await;
    if belief.is_disabled {
        let mut tx = scene.platform.db().begin().await.unwrap();
        sqlx::query("update channels set disabled_at_ms = null")
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        belief.is_disabled = false;
    }
    check(scene, belief, "in service").await;
    assert_eq!(scene.state().await, State::Idle);
}
