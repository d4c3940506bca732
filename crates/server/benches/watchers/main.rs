//! How soon a bid reaches everybody: thousands of watchers of one auction, and some that stopped reading, beside the bare
//! floor of the same bytes over the same sockets, in one run on one machine. The servers are processes of their own; the
//! watchers are this one. `cargo bench --bench watchers -- 500` asks for another number of them.

mod crowd;
mod room;
mod server;

use std::time::Duration;

use anyhow::Context as _;
use tokio::time::{Instant, sleep};

use crate::crowd::{Crowd, Seen};
use crate::room::Usage;
use crate::server::{Kind, Server};

/// Watchers, unless the command line says otherwise.
const WATCHERS: usize = 5_000;
/// Watchers besides that never read.
const STALLED: usize = 200;
/// Bids that are measured, and the pause between two.
const BIDS: usize = 100;
const BID_EVERY: Duration = Duration::from_millis(200);
/// Bids before that, which nobody measures: connections warm up.
const WARM_UP_BIDS: usize = 10;
/// The design target for the slowest healthy watcher, 99 of 100 bids.
const TARGET_MS: f64 = 250.0;
/// The design target for a stalled watcher, in the process.
const STALLED_TARGET_KIB: f64 = 64.0;

/// What one server did.
struct Outcome {
    name: &'static str,
    /// Milliseconds from before the bid to each watcher, sorted.
    delivered_ms: Vec<f64>,
    /// The same for the slowest watcher of each bid, sorted.
    slowest_ms: Vec<f64>,
    /// Milliseconds from before the bid to its answer, sorted.
    answered_ms: Vec<f64>,
    cpu_us_per_delivery: f64,
    kib_per_watcher: f64,
    kib_per_stalled: f64,
    frame_bytes: usize,
}

#[expect(clippy::print_stdout, reason = "the report is what a benchmark is for")]
fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().collect();
    let word = |after: &str| {
        words
            .iter()
            .position(|word| word == after)
            .and_then(|at| words.get(at + 1))
    };
    if let Some(kind) = word("--serve") {
        let size = word("--frame-bytes").and_then(|size| size.parse().ok()).unwrap_or(1000);
        return tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(server::serve(kind, size));
    }
    let watchers = words.iter().find_map(|word| word.parse().ok()).unwrap_or(WATCHERS);
    // One thread: the watchers are the measuring device, not the measured.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (ours, floor) = runtime.block_on(async {
        let ours = measure(Kind::Rostrum, watchers, 0).await.context("rostrum")?;
        let floor = measure(Kind::Floor, watchers, ours.frame_bytes)
            .await
            .context("the floor")?;
        anyhow::Ok((ours, floor))
    })?;
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!(
        "{watchers} watchers and {STALLED} stalled ones, {BIDS} bids, one every {} ms; load of the machine: {load}",
        BID_EVERY.as_millis()
    );
    for outcome in [&ours, &floor] {
        outcome.print();
    }
    println!(
        "the slowest of all, p99: {:.1} times the floor",
        last(&ours.slowest_ms, 99) / last(&floor.slowest_ms, 99)
    );
    let is_met = |is_met: bool| if is_met { "met" } else { "MISSED" };
    println!(
        "target {TARGET_MS} ms for the slowest healthy watcher, p99: {}",
        is_met(last(&ours.slowest_ms, 99) <= TARGET_MS)
    );
    println!(
        "target {STALLED_TARGET_KIB} KiB for a stalled watcher: {}",
        is_met(ours.kib_per_stalled <= STALLED_TARGET_KIB)
    );
    Ok(())
}

async fn measure(kind: Kind, watchers: usize, frame_bytes: usize) -> anyhow::Result<Outcome> {
    let mut server = Server::start(kind, frame_bytes).await?;
    // First contact pays for what is made once.
    drop(Crowd::open(&server.address, 50, true).await?);
    for _ in 0..WARM_UP_BIDS {
        server.bid().await?;
    }
    let empty = Usage::of(server.pid())?;
    let stalled = Crowd::open(&server.address, STALLED, false).await?;
    for _ in 0..WARM_UP_BIDS * 5 {
        server.bid().await?;
        sleep(BID_EVERY / 10).await;
    }
    let with_stalled = Usage::of(server.pid())?;
    let crowd = Crowd::open(&server.address, watchers, true).await?;
    for _ in 0..WARM_UP_BIDS {
        server.bid().await?;
        sleep(BID_EVERY).await;
    }
    sleep(Duration::from_secs(3)).await;
    let before = Usage::of(server.pid())?;
    let mut bids = Vec::new();
    let mut next_at = Instant::now();
    for _ in 0..BIDS {
        bids.push(server.bid().await?);
        next_at += BID_EVERY;
        tokio::time::sleep_until(next_at).await;
    }
    sleep(Duration::from_secs(3)).await;
    let after = Usage::of(server.pid())?;
    let seen = crowd.close().await;
    drop(stalled);
    let kib = |from: Usage, to: Usage, people: usize| {
        to.resident_bytes.saturating_sub(from.resident_bytes) as f64 / 1024.0 / people.max(1) as f64
    };
    let mut outcome = judge(kind.name(), &bids, &seen)?;
    outcome.cpu_us_per_delivery = (after.cpu - before.cpu).as_secs_f64() * 1e6 / (BIDS * watchers) as f64;
    outcome.kib_per_stalled = kib(empty, with_stalled, STALLED);
    outcome.kib_per_watcher = kib(with_stalled, after, watchers);
    Ok(outcome)
}

/// Joins what was bid with what was seen; every watcher must have seen every bid, and every number.
fn judge(name: &'static str, bids: &[server::Bid], seen: &[Seen]) -> anyhow::Result<Outcome> {
    let ms = |from: u64, to: u64| to.saturating_sub(from) as f64 / 1000.0;
    let mut delivered_ms = Vec::new();
    let mut slowest_ms = vec![0.0; bids.len()];
    for (index, seen) in seen.iter().enumerate() {
        anyhow::ensure!(seen.gaps == 0, "{name}: watcher {index} missed {} numbers", seen.gaps);
        anyhow::ensure!(
            seen.updates_us.len() >= bids.len(),
            "{name}: watcher {index} saw {} bids",
            seen.updates_us.len()
        );
        let measured = seen.updates_us.iter().skip(seen.updates_us.len() - bids.len());
        for ((bid, at), slowest) in bids.iter().zip(measured).zip(&mut slowest_ms) {
            let took = ms(bid.before_us, *at);
            delivered_ms.push(took);
            *slowest = f64::max(*slowest, took);
        }
    }
    let mut answered_ms: Vec<f64> = bids.iter().map(|bid| ms(bid.before_us, bid.after_us)).collect();
    for list in [&mut delivered_ms, &mut slowest_ms, &mut answered_ms] {
        list.sort_by(f64::total_cmp);
    }
    Ok(Outcome {
        name,
        delivered_ms,
        slowest_ms,
        answered_ms,
        cpu_us_per_delivery: 0.0,
        kib_per_watcher: 0.0,
        kib_per_stalled: 0.0,
        frame_bytes: seen.iter().map(|seen| seen.frame_bytes).max().unwrap_or_default(),
    })
}

/// The value that `percent` of 100 do not exceed.
fn last(sorted: &[f64], percent: usize) -> f64 {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

impl Outcome {
    #[expect(clippy::print_stdout, reason = "the report is what a benchmark is for")]
    fn print(&self) {
        let line = |what: &str, sorted: &[f64]| {
            let [p50, p99, max] = [50, 99, 100].map(|percent| last(sorted, percent));
            println!("  {what:34} p50 {p50:7.1} ms   p99 {p99:7.1} ms   max {max:7.1} ms");
        };
        println!("{} ({} bytes an event)", self.name, self.frame_bytes);
        line("bid to its answer", &self.answered_ms);
        line("bid to a watcher", &self.delivered_ms);
        line("bid to the slowest healthy watcher", &self.slowest_ms);
        println!(
            "  {:.1} µs of CPU a delivery; resident memory: {:.1} KiB a watcher, {:.1} KiB a stalled one",
            self.cpu_us_per_delivery, self.kib_per_watcher, self.kib_per_stalled
        );
    }
}
