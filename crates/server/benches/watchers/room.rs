//! Facts of the machine: the clock that processes share, and what a process has used.

use std::time::Duration;

use anyhow::Context as _;

/// CPU time and memory of a process at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// User and system time.
    pub cpu: Duration,
    /// Resident bytes.
    pub resident_bytes: u64,
}

/// Clock ticks a second in /proc: 100 on every Linux that Rostrum runs on.
const TICKS_PER_SECOND: u32 = 100;

impl Usage {
    /// Of one process.
    pub fn of(process: u32) -> anyhow::Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).context("the server died")?;
        // The name may hold spaces; fields are counted behind its closing bracket (proc(5): utime is field 14).
        let fields: Vec<_> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let field = |number: usize| {
            fields
                .get(number - 3)
                .and_then(|text| text.parse::<u32>().ok())
                .unwrap_or(0)
        };
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = resident.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok());
        Ok(Self {
            cpu: Duration::from_secs(u64::from(field(14) + field(15))) / TICKS_PER_SECOND,
            resident_bytes: kib.context("no resident size")? * 1024,
        })
    }
}

/// Microseconds since the epoch: the one clock of the processes of a run.
#[expect(clippy::disallowed_methods, reason = "two processes measure by one clock")]
pub fn now_us() -> u64 {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since_epoch.map_or(0, |since| u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}
