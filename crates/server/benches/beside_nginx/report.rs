//! The table that is printed, with the targets of the design beside the figures.

use std::io::Write as _;
use std::time::Duration;

use crate::clip::{BITRATE_KBPS, Clip, SECONDS};
use crate::process::Usage;

/// Cost of ingest at one number of publishers.
pub struct Ingest {
    server: &'static str,
    publishers: usize,
    cpu_s_per_stream_minute: f64,
    mib_per_stream: f64,
}

impl Ingest {
    /// From the books before anything was published, and before and after the measured time.
    pub fn new(
        server: &'static str,
        publishers: usize,
        measured: Duration,
        idle: &Usage,
        before: &Usage,
        after: &Usage,
    ) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
        let (streams, grown) = (
            publishers as f64,
            after.resident_bytes.saturating_sub(idle.resident_bytes) as f64 / 1_048_576.0,
        );
        let cpu = (after.cpu - before.cpu).as_secs_f64();
        Self {
            server,
            publishers,
            cpu_s_per_stream_minute: cpu / streams / (measured.as_secs_f64() / 60.0),
            mib_per_stream: grown / streams,
        }
    }
}

/// Ages of media when it reached a player.
pub struct Age {
    server: &'static str,
    pictures: usize,
    p50: Duration,
    p99: Duration,
    max: Duration,
}

impl Age {
    /// From every picture's age.
    pub fn new(server: &'static str, mut ages: Vec<Duration>) -> Self {
        ages.sort_unstable();
        let at = |percent: usize| {
            let last = ages.len().saturating_sub(1);
            ages.get((ages.len() * percent / 100).min(last))
                .copied()
                .unwrap_or_default()
        };
        Self {
            server,
            pictures: ages.len(),
            p50: at(50),
            p99: at(99),
            max: at(100),
        }
    }
}

/// Prints both tables.
pub fn print(clip: &Clip, ingest: &[Ingest], ages: &[Age]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let kbps = clip.bytes * 8 / 1_000 / usize::try_from(SECONDS)?;
    writeln!(
        out,
        "\nIngest with HLS packaging; {kbps} kbit/s per publisher (aim {BITRATE_KBPS}), replayed in real time"
    )?;
    writeln!(
        out,
        "{:<12} {:>10} {:>22} {:>16}",
        "server", "publishers", "CPU s / stream-minute", "MiB / stream"
    )?;
    for row in ingest {
        writeln!(
            out,
            "{:<12} {:>10} {:>22.4} {:>16.2}",
            row.server, row.publishers, row.cpu_s_per_stream_minute, row.mib_per_stream
        )?;
    }
    writeln!(
        out,
        "{:<12} {:>10} {:>22} {:>16}",
        "target", 100, "<= 0.0450", "<= 2.50"
    )?;
    writeln!(
        out,
        "\nAge of media at the client: rostrum by blocking LL-HLS, nginx-rtmp by polling 2 s segments every 100 ms"
    )?;
    writeln!(
        out,
        "{:<12} {:>10} {:>10} {:>10} {:>10}",
        "server", "pictures", "p50 ms", "p99 ms", "max ms"
    )?;
    for row in ages {
        let ms = |age: Duration| age.as_secs_f64() * 1_000.0;
        writeln!(
            out,
            "{:<12} {:>10} {:>10.1} {:>10.1} {:>10.1}",
            row.server,
            row.pictures,
            ms(row.p50),
            ms(row.p99),
            ms(row.max)
        )?;
    }
    writeln!(out, "{:<12} {:>10} {:>10} {:>10}", "target", "", "<= 30", "<= 100")?;
    Ok(())
}
