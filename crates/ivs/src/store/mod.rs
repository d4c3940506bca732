//! The tower's own SQLite file: WAL, `synchronous = full`, one writer, several readers.
//!
//! Writers pass one gate. [`Write::commit`] keeps it shut until the returned value is dropped, so that what is held in
//! memory ([`crate::policy`]) changes in the order of the commits.

pub mod channels;
pub mod outbox;
pub mod recordings;
pub mod rooms;
pub mod sessions;
pub mod stream_keys;

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::{Mutex, MutexGuard};

use crate::error::Error;
use crate::seal::Digest;

/// Every schema step, oldest first. The file's `user_version` counts the steps it has.
const MIGRATIONS: [&str; 3] = [
    include_str!("migrations/0001_low_latency.sql"),
    include_str!("migrations/0002_chat.sql"),
    include_str!("migrations/0003_recording.sql"),
];
/// Lists and lookups run beside the writer; a handful of readers serves more calls than one caller makes.
const READERS: u32 = 4;
/// How long a connection waits for another process, such as a backup, to let go of the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The open data file.
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
    gate: Mutex<()>,
    /// Held as long as the file is open: what is in memory follows the writes of this process only.
    _lock: File,
}

impl Store {
    /// Opens the file, creates it when missing, and brings its schema up to date.
    ///
    /// # Errors
    /// [`Error::Store`] when the file cannot be used, [`Error::InUse`] when another process has it open,
    /// [`Error::NewerSchema`] when a newer program wrote it.
    pub async fn open(file: &Path) -> Result<Self, Error> {
        let lock = lock(file)?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .before_acquire(|connection, _| Box::pin(is_usable(connection)))
            .connect_with(options.clone())
            .await?;
        migrate(&mut *writer.acquire().await?).await?;
        let reading = options.pragma("query_only", "on");
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(reading)
            .await?;
        Ok(Self {
            writer,
            readers,
            gate: Mutex::new(()),
            _lock: lock,
        })
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<PoolConnection<Sqlite>, sqlx::Error> {
        self.readers.acquire().await
    }

    /// The one write transaction; waits for the one before it.
    pub async fn write(&self) -> Result<Write<'_>, sqlx::Error> {
        let gate = self.gate.lock().await;
        let transaction = self.writer.begin_with("begin immediate").await?;
        Ok(Write { transaction, gate })
    }

    /// Compares what the sealing key makes of a fixed text with what it made when the file was created.
    ///
    /// # Errors
    /// [`Error::WrongSealingKey`] when they differ.
    pub async fn check_sealing_key(&self, probe: Digest) -> Result<(), Error> {
        let mut write = self.write().await?;
        sqlx::query("insert into meta (name, value) values ('sealing_key_probe', $1) on conflict (name) do nothing")
            .bind(&probe[..])
            .execute(write.connection())
            .await?;
        let stored: Vec<u8> = sqlx::query_scalar("select value from meta where name = 'sealing_key_probe'")
            .fetch_one(write.connection())
            .await?;
        drop(write.commit().await?);
        if stored == probe {
            Ok(())
        } else {
            Err(Error::WrongSealingKey)
        }
    }
}

/// An open write transaction. Dropped without [`Write::commit`] it changes nothing.
pub struct Write<'a> {
    transaction: Transaction<'static, Sqlite>,
    gate: MutexGuard<'a, ()>,
}

/// Keeps other writers out until memory has followed the commit.
#[must_use = "dropping it lets the next writer in"]
pub struct Committed<'a> {
    _gate: MutexGuard<'a, ()>,
}

impl<'a> Write<'a> {
    /// The connection inside the transaction.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }

    /// Makes the changes durable.
    pub async fn commit(self) -> Result<Committed<'a>, sqlx::Error> {
        self.transaction.commit().await?;
        Ok(Committed { _gate: self.gate })
    }
}

/// Whether the connection can begin a transaction; one that cannot is replaced.
///
/// On a full disk or a failed write SQLite rolls back by itself. sqlx learns nothing of it, counts that transaction as open
/// and would refuse every later one.
async fn is_usable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // Waits behind the rollback of a transaction that was dropped.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Takes the lock beside the data file. The operating system gives it back when the process ends, however it ends.
fn lock(file: &Path) -> Result<File, Error> {
    let path = file.with_added_extension("lock");
    let failed = |cause: std::io::Error| Error::Lock {
        file: path.display().to_string(),
        cause,
    };
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::InUse {
            file: file.display().to_string(),
        }),
        Err(TryLockError::Error(cause)) => Err(failed(cause)),
    }
}

async fn migrate(connection: &mut SqliteConnection) -> Result<(), Error> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let mut transaction = connection.begin_with("begin immediate").await?;
    let found: i64 = sqlx::query_scalar("pragma user_version")
        .fetch_one(&mut *transaction)
        .await?;
    if found > known {
        return Err(Error::NewerSchema { found, known });
    }
    for (step, script) in (0i64..).zip(MIGRATIONS).filter(|(step, _)| *step >= found) {
        sqlx::raw_sql(script).execute(&mut *transaction).await?;
        tracing::debug!(step, "ivs data file: schema step applied");
    }
    // A pragma takes no parameters; the newest version is a constant of the program.
    sqlx::raw_sql(SET_VERSION).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// Kept equal to the number of [`MIGRATIONS`] by a test.
const SET_VERSION: &str = "pragma user_version = 3";

/// Turns a row that does not decode into an error that names it.
fn corrupt(what: &str, cause: impl std::fmt::Display) -> Error {
    Error::Corrupt {
        what: what.to_owned(),
        cause: cause.to_string(),
    }
}

#[cfg(test)]
impl Store {
    /// Lets the file grow no further, as a full disk does, or lifts that again.
    pub async fn set_full(&self, is_full: bool) {
        // SQLite raises a limit below the present size to the present size.
        let pages = if is_full { "1" } else { "1000000" };
        let options = SqliteConnectOptions::clone(&self.writer.connect_options());
        self.writer.set_connect_options(options.pragma("max_page_count", pages));
        self.writer.acquire().await.unwrap().close().await.unwrap();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_refuses_writes_serves_reads_and_recovers() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("ivs.sqlite3")).await.unwrap();
        let push = async |body: &str| -> Result<(), Error> {
            let mut write = store.write().await?;
            outbox::push(write.connection(), body, 0, 10).await?;
            drop(write.commit().await?);
            Ok(())
        };
        push("small").await.unwrap();
        store.set_full(true).await;
        for _ in 0..3 {
            let refused = push(&"x".repeat(100_000)).await.unwrap_err();
            assert!(
                refused.is_passing() && refused.to_string().contains("full"),
                "{refused}"
            );
        }
        let head = outbox::head(&mut store.read().await.unwrap()).await.unwrap();
        assert_eq!(head.unwrap().body, "small");
        store.set_full(false).await;
        push(&"x".repeat(100_000)).await.unwrap();
    }

    #[tokio::test]
    async fn a_file_of_the_program_before_keeps_its_channels() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ivs.sqlite3");
        let old = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let mut connection = SqliteConnection::connect_with(&old).await.unwrap();
        for script in &MIGRATIONS[..2] {
            sqlx::raw_sql(*script).execute(&mut connection).await.unwrap();
        }
        let rows = "insert into channels (arn, name, created_at_ms, document) values ('arn:1', 'kept', 0, \
            '{\"arn\":\"arn:1\",\"name\":\"kept\",\"latencyMode\":\"LOW\",\"type\":\"STANDARD\",\"authorized\":false,\
            \"insecureIngest\":false,\"preset\":\"\",\"containerFormat\":\"TS\",\"tags\":{}}'); pragma user_version = 2";
        sqlx::raw_sql(rows).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();

        let store = Store::open(&file).await.unwrap();
        let mut write = store.write().await.unwrap();
        let channel = channels::find(write.connection(), "arn:1").await.unwrap().unwrap();
        assert_eq!(
            (channel.name.as_str(), channel.recording_configuration_arn.as_str()),
            ("kept", "")
        );
        channels::update(write.connection(), &channel).await.unwrap();
        drop(write.commit().await.unwrap());
    }

    #[test]
    fn the_written_version_is_the_number_of_steps() {
        assert_eq!(SET_VERSION, format!("pragma user_version = {}", MIGRATIONS.len()));
    }
}
