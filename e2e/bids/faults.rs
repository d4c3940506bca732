//! What goes wrong, one thing after the other, until the arena is over.

use std::time::Duration;

use platform::testing::Dice;
use tokio::time::sleep;

use crate::arena::{Arena, count};
use crate::fleet::Process;
use crate::postgres::Postgres;
use crate::web::Client;

/// A crash of the database, a stop and a kill; without a database of its own, a kill instead.
pub const FAULT_KINDS: u64 = 3;

/// How often what was done.
#[derive(Default, Debug)]
pub struct Injected {
    pub kills: u64,
    pub stops: u64,
    pub database_crashes: u64,
    /// What was done when, in seconds since the run began.
    pub lines: Vec<String>,
}

/// Does harm every `every` or so; leaves everything running.
pub async fn inject(
    arena: &Arena,
    fleet: &mut [Process],
    mut postgres: Option<&mut Postgres>,
    seed: u64,
    every: Duration,
) -> anyhow::Result<Injected> {
    let mut dice = Dice::new(seed);
    let mut injected = Injected::default();
    let client = Client::new();
    // Each kind once, and then as chance has it.
    let mut next = 0;
    loop {
        let pause_ms = u64::try_from(every.as_millis())?;
        sleep(Duration::from_millis(pause_ms / 2 + dice.below(pause_ms))).await;
        if arena.has_ended() {
            return Ok(injected);
        }
        let process = dice.index(fleet.len());
        let process = &mut fleet[process];
        let kind = if next < FAULT_KINDS { next } else { dice.below(6) };
        next += 1;
        let began = arena.seconds();
        let what = match (kind, &mut postgres) {
            (0, Some(postgres)) => {
                injected.database_crashes += 1;
                tokio::task::block_in_place(|| postgres.crash())?;
                "the database crashed"
            }
            (1 | 3, _) => {
                injected.stops += 1;
                process.signal("-STOP")?;
                sleep(Duration::from_millis(300 + dice.below(1_500))).await;
                process.signal("-CONT")?;
                "a server was stopped"
            }
            _ => {
                injected.kills += 1;
                process.kill()?;
                sleep(Duration::from_millis(dice.below(400))).await;
                process.start()?;
                process.ready(&client).await?;
                "a server was killed"
            }
        };
        count(&arena.counts.faults);
        injected
            .lines
            .push(format!("{began:.1} s: {what}, back at {:.1} s", arena.seconds()));
    }
}
