//! Many bidders at once, each sending its next bid when the last was answered.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

/// What a round came to.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// Answers a second.
    pub per_second: f64,
    /// Half of the answers took no longer.
    pub p50: Duration,
    /// 99 of 100 answers took no longer.
    pub p99: Duration,
    /// Answers per commit.
    pub batch: f64,
    /// CPU time of this process per answer, bidders included.
    pub cpu_per_bid: Duration,
}

/// Lets `callers` bid for `time`; `bid(caller)` is one bid and its answer.
///
/// *errors*: the first bid that failed.
pub async fn run<B, F>(callers: usize, time: Duration, bid: B) -> anyhow::Result<Figures>
where
    B: Fn(usize) -> F + Send + Sync + 'static,
    F: Future<Output = anyhow::Result<()>> + Send,
{
    let bid = Arc::new(bid);
    let (start, cpu) = (Instant::now(), cpu_time()?);
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let bid = bid.clone();
            tokio::spawn(async move {
                let mut waits = Vec::new();
                while start.elapsed() < time {
                    let asked = Instant::now();
                    bid(caller).await?;
                    waits.push(asked.elapsed());
                }
                anyhow::Ok(waits)
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await??);
    }
    figures(waits, start.elapsed(), cpu_time()? - cpu)
}

/// CPU time that this process has used so far, in all its threads.
pub fn cpu_time() -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name may hold spaces; fields are counted behind its closing bracket (proc(5): utime is field 14).
    let fields: Vec<_> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks: u64 = fields
        .iter()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Ok(Duration::from_millis(ticks * 10))
}

/// Sums waits up.
pub fn figures(mut waits: Vec<Duration>, time: Duration, cpu: Duration) -> anyhow::Result<Figures> {
    anyhow::ensure!(!waits.is_empty(), "nothing was answered");
    waits.sort_unstable();
    let at = |percent: usize| waits[(waits.len() * percent / 100).min(waits.len() - 1)];
    let count = u32::try_from(waits.len())?;
    Ok(Figures {
        per_second: f64::from(count) / time.as_secs_f64(),
        cpu_per_bid: cpu / count,
        p50: at(50),
        p99: at(99),
        batch: 1.0,
    })
}
