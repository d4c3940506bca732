//! The price list that the settings name.

use std::path::Path;

use anyhow::Context as _;
use platform::costs::PriceList;

/// A price list larger than this is a mistake.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// Reads a list that comes with Rostrum by its name, any other by its path.
///
/// # Errors
/// The path, and what is wrong with it.
pub fn load(name: &str) -> anyhow::Result<PriceList> {
    if let Some(list) = PriceList::built_in(name) {
        return Ok(list);
    }
    let known: Vec<_> = PriceList::names().collect();
    let about = || {
        format!(
            "costs.price_list = {name:?}: neither one of {} nor a file",
            known.join(", ")
        )
    };
    let path = Path::new(name);
    let size = std::fs::metadata(path).with_context(about)?.len();
    anyhow::ensure!(
        size <= FILE_BYTES_MAX,
        "{name} has {size} bytes, a price list has at most {FILE_BYTES_MAX}"
    );
    let text = std::fs::read_to_string(path).with_context(about)?;
    PriceList::parse(&text).map_err(|error| anyhow::anyhow!("{name}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_found_by_its_name_or_its_path() {
        assert_eq!(load("quick-reference").unwrap().name, "quick-reference");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ours.toml");
        let text = include_str!("../../platform/prices/quick-reference.toml").replace("\"0.09\"", "\"0.11\"");
        std::fs::write(&path, text).unwrap();
        assert_eq!(
            load(path.to_str().unwrap()).unwrap().input("BASIC").unwrap().micros,
            110_000
        );
        std::fs::write(&path, "name = 1").unwrap();
        assert!(
            load(path.to_str().unwrap())
                .unwrap_err()
                .to_string()
                .contains("ours.toml")
        );
        let error = load("awz").unwrap_err().to_string();
        assert!(error.contains("aws, quick-reference"), "{error}");
    }
}
