//! The data folder: made private, with the secrets that the first start generates.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::config::Secret;

/// The folder that must survive a restart.
#[derive(Debug, Clone)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// Makes the folder when it is missing, readable for its owner only.
    ///
    /// # Errors
    /// The path and why it cannot be made.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .with_context(|| format!("cannot make the data folder {}", path.display()))?;
        let path = fs::canonicalize(path).with_context(|| format!("cannot find {}", path.display()))?;
        Ok(Self(path))
    }

    /// A file in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The secret kept under this name; made by `make` and kept when it is not there yet.
    ///
    /// # Errors
    /// The path and why it cannot be read or written. An empty file is an error: guessing a new key would make
    /// everything sealed with the old one unreadable.
    pub fn secret(&self, name: &str, make: impl FnOnce() -> String) -> anyhow::Result<Secret> {
        let path = self.file(name);
        match fs::read_to_string(&path) {
            Ok(text) => {
                let text = text.trim();
                anyhow::ensure!(
                    !text.is_empty(),
                    "{} is empty: restore it from a backup",
                    path.display()
                );
                Ok(Secret::from(text.to_owned()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let text = make();
                self.keep(name, &text)?;
                Ok(Secret::from(text))
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Keeps a text under this name, whole or not at all, readable for its owner only.
    ///
    /// # Errors
    /// The path and why it cannot be written.
    pub fn keep(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let path = self.file(name);
        self.write_private(&path, text)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Whole or not at all: a crash leaves either no file or the complete one.
    fn write_private(&self, path: &Path, text: &str) -> std::io::Result<()> {
        let unfinished = path.with_extension("unfinished");
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        writeln!(file, "{text}")?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        fs::File::open(&self.0)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(&folder.path().join("data")).unwrap();
        let first = data.secret("key", || "one".to_owned()).unwrap();
        let second = data.secret("key", || "two".to_owned()).unwrap();
        assert_eq!((first.expose(), second.expose()), ("one", "one"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(data.path()), mode(&data.file("key"))), (0o700, 0o600));
    }

    #[test]
    fn an_emptied_secret_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        fs::write(data.file("key"), "\n").unwrap();
        let error = data.secret("key", || "new".to_owned()).unwrap_err().to_string();
        assert!(error.ends_with("is empty: restore it from a backup"), "{error}");
    }
}
