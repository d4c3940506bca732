//! Rostrum beside nginx with its RTMP module, in one run on one machine: what ingest costs, and how old media is when it
//! reaches a player. Servers are separate processes on loopback; the load is a Rust publisher that replays a clip.

mod clip;
mod nginx;
mod player;
mod process;
mod publisher;
mod report;
mod rostrum;
mod stamp;

use std::time::Duration;

use anyhow::Context as _;

use crate::clip::Clip;
use crate::process::Usage;
use crate::publisher::Publisher;
use crate::report::{Age, Ingest};

/// Publishers of each step, unless the command line names others: `cargo bench --bench beside_nginx -- 100`.
const PUBLISHERS: [usize; 3] = [1, 20, 100];
/// How long one step is measured, after its streams have settled.
const MEASURE: Duration = Duration::from_secs(20);
/// Time for windows to fill before a step is measured.
const SETTLE: Duration = Duration::from_secs(10);

/// A server under measurement.
pub trait Server {
    /// Its name in the report.
    fn name(&self) -> &'static str;
    /// Address for publisher number `index`: `host:port`, application and key.
    fn ingest(&self, index: usize) -> (std::net::SocketAddr, String, String);
    /// Playback URL of publisher number `index`.
    fn playback(&self, index: usize) -> String;
    /// Processes whose work counts.
    fn processes(&self) -> Vec<u32>;
}

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run())
}

async fn run() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let clip = Clip::make(folder.path()).context("the clip cannot be made")?;
    let named: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let steps = if named.is_empty() { PUBLISHERS.to_vec() } else { named };
    let mut ingest = Vec::new();
    let mut age = Vec::new();
    let count = steps.iter().copied().max().unwrap_or(1);
    {
        let server = rostrum::Rostrum::start(folder.path(), count).await?;
        measure(&server, &clip, &steps, &mut ingest).await?;
        age.push(measure_age(&server, &clip, true).await?);
    }
    {
        let server = nginx::Nginx::start(folder.path()).await?;
        measure(&server, &clip, &steps, &mut ingest).await?;
        age.push(measure_age(&server, &clip, false).await?);
    }
    report::print(&clip, &ingest, &age)
}

async fn measure(server: &dyn Server, clip: &Clip, steps: &[usize], rows: &mut Vec<Ingest>) -> anyhow::Result<()> {
    let idle = Usage::of(&server.processes())?;
    for &count in steps {
        let mut publishers = Vec::new();
        for index in 0..count {
            publishers.push(Publisher::start(server.ingest(index), clip.clone(), index).await?);
        }
        tokio::time::sleep(SETTLE).await;
        let before = Usage::of(&server.processes())?;
        tokio::time::sleep(MEASURE).await;
        let after = Usage::of(&server.processes())?;
        for publisher in publishers {
            publisher
                .stop()
                .await
                .with_context(|| format!("{} lost a publisher", server.name()))?;
        }
        rows.push(Ingest::new(server.name(), count, MEASURE, &idle, &before, &after));
        eprintln!("{}: {count} publishers measured", server.name());
    }
    Ok(())
}

async fn measure_age(server: &dyn Server, clip: &Clip, is_low_latency: bool) -> anyhow::Result<Age> {
    let publisher = Publisher::start(server.ingest(0), clip.clone(), 0).await?;
    tokio::time::sleep(SETTLE).await;
    let ages = if is_low_latency {
        player::low_latency(&server.playback(0), MEASURE).await?
    } else {
        player::plain(&server.playback(0), MEASURE).await?
    };
    publisher.stop().await?;
    Ok(Age::new(server.name(), ages))
}
