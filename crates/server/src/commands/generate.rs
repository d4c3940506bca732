//! `rostrum gen`: the generated files of a source checkout.

use std::path::Path;

use anyhow::Context as _;

/// Writes `config.example.toml` and `docs/api/openapi.json` below `root`.
///
/// # Errors
/// The file that cannot be written.
pub fn run(root: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        root.join("Cargo.toml").exists(),
        "{} is not a source checkout",
        root.display()
    );
    for (path, text) in [
        ("config.example.toml", crate::config::example()),
        ("docs/api/openapi.json", api::openapi_json()),
    ] {
        let path = root.join(path);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
