//! Opening the two databases.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AnyPool, Connection as _};

use super::Backend;
use crate::Error;

/// What [`open`] found.
pub(super) struct Opened {
    pub(super) backend: Backend,
    pub(super) writers: AnyPool,
    pub(super) readers: AnyPool,
    pub(super) lock: Option<File>,
}

/// How long a request waits for a connection before it is answered "unavailable".
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// After resting this long a connection may have been closed by the server or by something in between.
const RESTED: Duration = Duration::from_secs(5);
/// SQLite readers do not disturb each other; more than the cores of an ordinary machine bring nothing.
const SQLITE_READERS: u32 = 8;
/// PostgreSQL connections of one process; a default server allows 100 for all of them. Reads have their own, so that
/// transactions that wait for a row never starve them.
const POSTGRES_WRITERS: u32 = 12;
const POSTGRES_READERS: u32 = 8;

/// WAL lets readers go on while one writes; FULL makes a commit survive a power cut. Bids on a thousand lots change the
/// same few thousand pages with every commit: a checkpoint after 64 MiB writes each of them once for many commits, and the
/// cache keeps them (both grow only when they are needed).
const SQLITE_WRITER: &str = "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; \
    pragma busy_timeout = 10000; pragma wal_autocheckpoint = 16384; pragma cache_size = -65536; pragma temp_store = memory";
const SQLITE_READER: &str = "pragma query_only = on; pragma busy_timeout = 10000; pragma temp_store = memory";
/// A statement that takes longer than these holds others up; it is better to fail it and say so.
const POSTGRES_SESSION: &str = "set statement_timeout = '30s'; set lock_timeout = '10s'; \
    set idle_in_transaction_session_timeout = '60s'; set timezone = 'UTC'; set synchronous_commit = 'on'";

/// Opens the pools for `url`.
pub(super) async fn open(url: &str) -> Result<Opened, Error> {
    sqlx::any::install_default_drivers();
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return open_postgres(url).await;
    }
    match url.strip_prefix("sqlite:") {
        Some(rest) => open_sqlite(Path::new(rest.strip_prefix("//").unwrap_or(rest))).await,
        None => Err(Error::internal("the database URL must start with sqlite: or postgres:")),
    }
}

async fn open_postgres(url: &str) -> Result<Opened, Error> {
    // The URL holds a password, so it is not repeated.
    let failed = |error: sqlx::Error| Error::internal(format_args!("cannot open the PostgreSQL database: {error}"));
    let writers = pool(POSTGRES_WRITERS, POSTGRES_SESSION)
        .connect(url)
        .await
        .map_err(failed)?;
    let readers = pool(POSTGRES_READERS, POSTGRES_SESSION)
        .connect(url)
        .await
        .map_err(failed)?;
    Ok(Opened {
        backend: Backend::Postgres,
        writers,
        readers,
        lock: None,
    })
}

async fn open_sqlite(path: &Path) -> Result<Opened, Error> {
    let lock = lock(path)?;
    let url = format!("sqlite://{}?mode=rwc", escape(path));
    let failed = |error: sqlx::Error| Error::internal(format_args!("cannot open {}: {error}", path.display()));
    // The only connection of the writers lives for ever: it holds the prepared statements and the page cache.
    let writers = pool(1, SQLITE_WRITER)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect(&url)
        .await
        .map_err(failed)?;
    let readers = pool(SQLITE_READERS, SQLITE_READER)
        .connect(&url)
        .await
        .map_err(failed)?;
    Ok(Opened {
        backend: Backend::Sqlite,
        writers,
        readers,
        lock: Some(lock),
    })
}

fn pool(connections: u32, session: &'static str) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // Asking first would double every round trip, so only a connection that rested is asked whether it still lives.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| Box::pin(is_usable(connection, meta.idle_for)))
        .after_connect(move |connection, _| {
            Box::pin(async move { sqlx::raw_sql(session).execute(connection).await.map(|_| ()) })
        })
}

/// Whether the pool may hand a connection out; one it may not is replaced.
///
/// On a full disk SQLite rolls back by itself. sqlx learns nothing of it, counts that transaction as open and would refuse
/// every later one.
async fn is_usable(connection: &mut AnyConnection, idle_for: Duration) -> Result<bool, sqlx::Error> {
    // Asking also waits behind the rollback of a transaction that was dropped.
    let is_asked = idle_for >= RESTED || connection.is_in_transaction();
    Ok((!is_asked || connection.ping().await.is_ok()) && !connection.is_in_transaction())
}

/// Takes the lock beside the file. The operating system releases it when the process ends, however it ends.
fn lock(path: &Path) -> Result<File, Error> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock_path = PathBuf::from(name);
    let refused =
        |error: &dyn std::fmt::Display| Error::internal(format_args!("cannot lock {}: {error}", lock_path.display()));
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock_path)
        .map_err(|e| refused(&e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(refused(&"another process has this database open")),
        Err(TryLockError::Error(error)) => Err(refused(&error)),
    }
}

/// The path with the characters escaped that mean something in a URL.
fn escape(path: &Path) -> String {
    path.to_string_lossy()
        .replace('%', "%25")
        .replace('?', "%3F")
        .replace('#', "%23")
        .replace(' ', "%20")
}
