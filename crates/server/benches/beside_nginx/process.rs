//! What processes have used, from the kernel's own books.

use std::time::Duration;

use anyhow::Context as _;

/// CPU time and memory of a group of processes at one moment.
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
    /// The sum over the processes.
    pub fn of(processes: &[u32]) -> anyhow::Result<Self> {
        let mut sum = Self {
            cpu: Duration::ZERO,
            resident_bytes: 0,
        };
        for process in processes {
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).context("a server died")?;
            // The name may hold spaces; fields are counted behind its closing bracket (proc(5): utime is field 14).
            let fields: Vec<_> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
            let field = |number: usize| {
                fields
                    .get(number - 3)
                    .and_then(|text| text.parse::<u32>().ok())
                    .unwrap_or(0)
            };
            sum.cpu += Duration::from_secs(u64::from(field(14) + field(15))) / TICKS_PER_SECOND;
            let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
            let resident = status
                .lines()
                .find_map(|line| line.strip_prefix("VmRSS:"))
                .unwrap_or_default();
            let kib: u64 = resident.trim().trim_end_matches(" kB").trim().parse().unwrap_or(0);
            sum.resident_bytes += kib * 1_024;
        }
        Ok(sum)
    }
}

/// A TCP port that is free now.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
