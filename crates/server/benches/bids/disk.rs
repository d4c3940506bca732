//! What the disk allows: nobody commits faster than it syncs, except by putting more into one commit.

use std::io::Write as _;
use std::time::Duration;

use tokio::time::Instant;

/// Appends of a 4 KiB page with `fdatasync` a second, where the databases of this run are.
pub fn syncs_per_second() -> anyhow::Result<f64> {
    let mut file = tempfile::tempfile()?;
    let page = [7_u8; 4_096];
    let start = Instant::now();
    let mut count = 0_u32;
    while start.elapsed() < Duration::from_secs(1) {
        file.write_all(&page)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}
