//! Synthetic hosts: somebody to watch when nobody is there.

mod auction;
mod channel;
mod picture;

pub use auction::run as auction;
pub use channel::run as channel;

fn println(line: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
