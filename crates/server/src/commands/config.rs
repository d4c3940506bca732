//! `rostrum config`: what is active, and why.

use std::io::Write as _;

use crate::config::{Config, Source, sections};

/// Prints every setting with its value and source. Secrets are named, never shown.
///
/// # Errors
/// Standard output cannot be written.
pub fn check(config: &Config) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for (section, _, fields) in sections() {
        writeln!(out, "[{section}]")?;
        for field in fields {
            let set = config.values.get(&format!("{section}.{}", field.key));
            let (text, source) = set.map_or((field.default, Source::Default), |(text, source)| (text, *source));
            let shown = match (text.is_empty(), field.is_secret) {
                (true, _) => "(unset)",
                (false, true) => "***",
                (false, false) => text,
            };
            writeln!(out, "  {:<20} {shown:<30} {source}", field.key)?;
        }
    }
    Ok(())
}

/// Prints the example file.
///
/// # Errors
/// Standard output cannot be written.
pub fn example() -> anyhow::Result<()> {
    Ok(std::io::stdout()
        .lock()
        .write_all(crate::config::example().as_bytes())?)
}
