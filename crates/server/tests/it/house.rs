//! Rules about the code itself: who may use whom, how long a file may be, and that generated files are current.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Longer files are several things under one name.
const FILE_LINES_MAX: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// The only arrows between our crates. Tests may start the real video tower.
#[test]
fn crates_depend_only_along_the_arrows() {
    let allowed = BTreeMap::from([
        ("media", vec![]),
        ("engine", vec!["media"]),
        ("ivs", vec!["engine"]),
        ("platform", vec![]),
        ("api", vec!["platform"]),
        ("server", vec!["api", "engine", "ivs", "platform"]),
        // A bad network for tests: nothing that ships uses it.
        ("impair", vec![]),
    ]);
    let metadata = MetadataCommand::new().current_dir(root()).no_deps().exec().unwrap();
    let ours: BTreeSet<_> = allowed.keys().copied().collect();
    let found: BTreeSet<_> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(found, ours, "the workspace has exactly these crates");
    for package in &metadata.packages {
        for dependency in &package.dependencies {
            if dependency.kind == DependencyKind::Development || !ours.contains(dependency.name.as_str()) {
                continue;
            }
            assert!(
                allowed[package.name.as_str()].contains(&dependency.name.as_str()),
                "{} must not use {}",
                package.name,
                dependency.name
            );
        }
    }
}

/// What a crate must never reach for, whatever it is called there.
#[test]
fn crates_keep_away_from_what_is_not_theirs() {
    let forbidden = BTreeMap::from([
        ("media", vec!["tokio", "sqlx", "axum", "hyper", "rand"]),
        ("engine", vec!["sqlx", "aws-sdk-ivs"]),
        ("ivs", vec!["aws-sdk-ivs", "aws-config"]),
        ("platform", vec!["axum", "hyper"]),
        ("api", vec!["sqlx", "aws-sdk-ivs"]),
    ]);
    let metadata = MetadataCommand::new().current_dir(root()).no_deps().exec().unwrap();
    for package in &metadata.packages {
        let Some(names) = forbidden.get(package.name.as_str()) else {
            continue;
        };
        for dependency in package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind == DependencyKind::Normal)
        {
            assert!(
                !names.contains(&dependency.name.as_str()),
                "{} must not use {}",
                package.name,
                dependency.name
            );
        }
    }
}

/// The files that git knows, without generated ones.
fn sources() -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "-co", "--exclude-standard", "-z"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "this test needs a git checkout");
    let listing = String::from_utf8(output.stdout).unwrap();
    let is_source = |path: &&str| {
        let extension = Path::new(path)
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or_default();
        ["rs", "ts", "tsx", "mjs", "py", "css", "html", "sql"].contains(&extension) && !path.ends_with("schema.d.ts")
    };
    listing
        .split('\0')
        .filter(is_source)
        .map(|path| root().join(path))
        .filter(|path| path.exists())
        .collect()
}

#[test]
fn no_file_is_longer_than_six_hundred_lines() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|path| (std::fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > FILE_LINES_MAX)
        .collect();
    assert!(long.is_empty(), "split these: {long:?}");
}

#[test]
fn unfinished_work_is_not_committed() {
    // Written in two halves so that this file does not find itself.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("#[", "ignore"),
        concat!("#[", "allow("),
    ];
    for path in sources() {
        let text = std::fs::read_to_string(&path).unwrap();
        for mark in marks {
            assert!(!text.contains(mark), "{} contains {mark}", path.display());
        }
    }
}

fn generated(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_rostrum"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_example_configuration_is_current() {
    let committed = std::fs::read_to_string(root().join("config.example.toml")).unwrap();
    assert_eq!(committed, generated(&["config", "example"]), "run `make gen`");
}

/// Every relative link in our documents leads to a file.
#[test]
fn links_in_documents_lead_somewhere() {
    let output = Command::new("git")
        .args(["ls-files", "-co", "--exclude-standard", "*.md"])
        .current_dir(root())
        .output()
        .unwrap();
    for document in String::from_utf8(output.stdout).unwrap().lines() {
        let path = root().join(document);
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let resolved = path.parent().unwrap().join(target);
            assert!(resolved.exists(), "{document} links to {target}, which does not exist");
        }
    }
}
