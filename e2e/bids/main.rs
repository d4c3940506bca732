//! Bids under fire: real server processes, many clients, and everything that may go wrong at once.
//!
//! `bids_under_fire run --rostrum PATH --database postgres|sqlite` starts servers of its own (three replicas on one
//! PostgreSQL and a remote engine, or one process on SQLite), lets clients bid over HTTP while processes are killed and
//! stopped and the database crashes, and judges the clients' log against the committed history: no acknowledged bid is
//! lost, doubled or accepted after the end, every auction has one outcome, and the final state is what the history makes.
//! `bids_under_fire check FILE` judges the log of an earlier run again.

mod arena;
mod controls;
mod faults;
mod fleet;
mod harvest;

mod load;
mod postgres;
mod web;
mod words;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::{Parser, ValueEnum};
use platform::testing::Dice;
use platform::testing::checker::{self, Record};
use tokio::time::Instant;

use arena::Arena;
use fleet::Process;

use postgres::Postgres;
use web::Client;

/// Accounts that bid; an address may register fifty at once.
const BIDDERS: usize = 32;
const REPLICAS: usize = 3;
/// How many times its seconds a run may take until enough has happened.
const PATIENCE: u32 = 5;

#[derive(Parser)]
enum Cli {
    /// Run servers and clients, and judge what happened
    Run(Run),
    /// Judge the log of an earlier run again
    Check {
        /// One record of an auction per line
        log: PathBuf,
    },
}

#[derive(clap::Args)]
struct Run {
    /// The binary under test
    #[arg(long)]
    rostrum: PathBuf,
    #[arg(long)]
    database: Kind,
    /// Bids to send
    #[arg(long, default_value_t = 2_000)]
    bids: u64,
    #[arg(long, default_value_t = 64)]
    auctions: usize,
    /// Clients at the same time
    #[arg(long, default_value_t = 48)]
    clients: u64,
    /// A fault every so many milliseconds
    #[arg(long, default_value_t = 3_000)]
    fault_every_ms: u64,
    /// The load ends after so many seconds, however many bids were sent, unless they are too few to prove anything
    #[arg(long, default_value_t = 200)]
    seconds: u64,
    /// Chooses bids and faults
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to write the log
    #[arg(long)]
    log: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Kind {
    Sqlite,
    Postgres,
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse() {
        Cli::Run(options) => run(&options).await,
        Cli::Check { log } => read_log(&log).and_then(|records| judge(&records)),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn say(line: &str) {
    // Nobody may be reading.
    let _ = writeln!(std::io::stdout(), "{line}");
}

async fn run(options: &Run) -> anyhow::Result<bool> {
    let started = Instant::now();
    let folder = tempfile::tempdir()?;
    let rostrum = options.rostrum.canonicalize().context("the binary under test")?;
    let mut postgres = match options.database {
        Kind::Postgres => Some(Postgres::start()?),
        Kind::Sqlite => None,
    };
    let client = Client::new();
    let (mut fleet, _engine) = start(&rostrum, folder.path(), postgres.as_ref(), &client).await?;
    let bases = fleet.iter().map(|process| process.base.clone()).collect();
    let mut dice = Dice::new(options.seed);
    let load = Duration::from_secs(options.seconds);
    let sizes = (options.auctions, BIDDERS);
    // Auctions that end by the clock do so within the time that the bids will roughly take.
    let expected = load.min(Duration::from_millis(options.bids * 2));
    let arena = Arena::open(client.clone(), bases, sizes, expected, &mut dice).await?;
    let began = Instant::now();
    let prepared = began - started;
    let injected = under_fire(&arena, options, &mut fleet, postgres.as_mut()).await?;
    let took = began.elapsed();
    for process in &mut fleet {
        process.ready(&client).await?;
    }
    harvest::end_all(&arena, options.seed ^ 3).await?;
    let quiet = began.elapsed();
    let records = harvest::records(&arena).await?;
    if let Some(log) = &options.log {
        write_log(log, &records)?;
    }
    report(&arena, &injected, took);
    ensure!(
        arena.is_proof(options.bids) && injected.kills > 0 && injected.stops > 0,
        "too few bids or faults to prove anything; give it more time"
    );
    let mut is_right = judge(&records)?;
    let wrong = harvest::verify(&arena, &fleet[0]).await?;
    let panics = fleet.iter().flat_map(Process::panics);
    for line in wrong.into_iter().chain(panics) {
        is_right = false;
        say(&line);
    }
    if is_right {
        say(&format!(
            "`rostrum auction verify` agrees on all {} auctions.",
            arena.lots.len()
        ));
    }
    say(&format!(
        "Ready after {:.1} s, under fire for {:.1} s, quiet {:.1} s later, judged {:.1} s later.",
        prepared.as_secs_f64(),
        took.as_secs_f64(),
        (quiet - took).as_secs_f64(),
        (began.elapsed() - quiet).as_secs_f64(),
    ));
    Ok(is_right)
}

/// The servers under test, ready, and the engine beside them if it is a process of its own.
async fn start(
    rostrum: &Path,
    folder: &Path,
    postgres: Option<&Postgres>,
    client: &Client,
) -> anyhow::Result<(Vec<Process>, Option<Process>)> {
    let Some(postgres) = postgres else {
        let mut alone = Process::new(rostrum, "serve", folder.join("alone"), &[])?;
        alone.start()?;
        alone.ready(client).await?;
        return Ok((vec![alone], None));
    };
    let mut engine = Process::new(rostrum, "engine", folder.join("engine"), &[])?;
    engine.start()?;
    let ivs = format!("http://{}", engine.setting("ROSTRUM_IVS_ADDR").context("an address")?);
    let rtmp = engine
        .setting("ROSTRUM_RTMP_ADDR")
        .and_then(|addr| addr.rsplit(':').next());
    let shared = [
        ("ROSTRUM_VIDEO", "aws"),
        ("AWS_ENDPOINT_URL_IVS", ivs.as_str()),
        ("AWS_ENDPOINT_URL_IVSCHAT", ivs.as_str()),
        ("ROSTRUM_INSECURE_INGEST", "true"),
        ("ROSTRUM_VIDEO_RTMP_PORT", rtmp.unwrap_or_default()),
        ("ROSTRUM_DATABASE_URL", postgres.url.as_str()),
        ("ROSTRUM_EVENTS_SECRET", "fire-drill-events-secret"),
        (
            "ROSTRUM_SECRET_KEY",
            "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f",
        ),
    ];
    let mut fleet = Vec::new();
    for number in 0..REPLICAS {
        let mut replica = Process::new(rostrum, "serve", folder.join(format!("replica{number}")), &shared)?;
        replica.start()?;
        // The first one writes the schema; the others need not wait for each other.
        if number == 0 {
            replica.ready(client).await?;
        }
        fleet.push(replica);
    }
    for replica in &mut fleet {
        replica.ready(client).await?;
    }
    Ok((fleet, Some(engine)))
}

/// Load, interference and faults at the same time, until the bids are sent or the time is up.
async fn under_fire(
    arena: &Arena,
    options: &Run,
    fleet: &mut [Process],
    postgres: Option<&mut Postgres>,
) -> anyhow::Result<faults::Injected> {
    let every = Duration::from_millis(options.fault_every_ms);
    let between = Duration::from_millis(100 + options.fault_every_ms / 10);
    let bidders = (0..options.clients).map(|number| load::bid(arena, number, options.seed, options.bids));
    let clients = async {
        let all = futures_util::future::join_all(bidders);
        let deadline = async {
            tokio::time::sleep(Duration::from_secs(options.seconds)).await;
            // A machine that is busy with other things gets the time that a proof takes.
            let patience = Instant::now() + Duration::from_secs(options.seconds) * PATIENCE;
            while !arena.is_proof(options.bids) && Instant::now() < patience {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            // Everybody still finishes the bid at hand.
            arena.is_over.store(true, Ordering::Relaxed);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            _ = all => {}
            () = deadline => {}
        }
        arena.is_over.store(true, Ordering::Relaxed);
    };
    let faults = faults::inject(arena, fleet, postgres, options.seed ^ 1, every);
    let interference = controls::interfere(arena, options.seed ^ 2, options.bids, between);
    let ((), injected, ()) = tokio::join!(clients, faults, interference);
    injected
}

fn report(arena: &Arena, injected: &faults::Injected, took: Duration) {
    injected.lines.iter().for_each(|line| say(line));
    let number = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let counts = &arena.counts;
    say(&format!(
        "{} bids on {} auctions in {:.1} s: {} acknowledged ({} led, {} outbid or refused), {} answered again with the same key;",
        number(&counts.sent),
        arena.lots.len(),
        took.as_secs_f64(),
        number(&counts.acknowledged),
        number(&counts.led),
        number(&counts.refused),
        number(&counts.repeated),
    ));
    say(&format!(
        "{} sendings of unknown outcome, {} not sent; {} reads, {} commands of sellers and admins.",
        number(&counts.unknown),
        number(&counts.failed),
        number(&counts.reads),
        number(&counts.controls),
    ));
    say(&format!(
        "Faults: {} kill -9, {} SIGSTOP and SIGCONT, {} crashes of the database.",
        injected.kills, injected.stops, injected.database_crashes
    ));
}

/// True when every record is accepted.
fn judge(records: &[Record]) -> anyhow::Result<bool> {
    ensure!(!records.is_empty(), "there is nothing to judge");
    let (mut entries, mut operations, mut found) = (0, 0, 0);
    for record in records {
        entries += record.history.len();
        operations += record.ops.len();
        for violation in checker::check(record) {
            found += 1;
            say(&violation.to_string());
        }
    }
    say(&format!(
        "The checker {} {operations} operations against {entries} entries of {} auctions{}.",
        if found == 0 { "accepts" } else { "refuses" },
        records.len(),
        if found == 0 {
            String::new()
        } else {
            format!(": {found} violations")
        },
    ));
    Ok(found == 0)
}

fn write_log(path: &Path, records: &[Record]) -> anyhow::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for record in records {
        serde_json::to_writer(&mut file, record)?;
        file.write_all(b"\n")?;
    }
    Ok(file.flush()?)
}

fn read_log(path: &Path) -> anyhow::Result<Vec<Record>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}
