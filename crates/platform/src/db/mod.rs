//! The store: one SQL text on SQLite and PostgreSQL.
//!
//! **Rules for SQL here and in every `store.rs`** — `$n` parameters; `bigint` for time (epoch ms), money and flags;
//! `text` for ids and JSON; no `boolean`; `cast(coalesce(sum(x), 0) as bigint)`; `on conflict` and row counts rather
//! than catching errors.
//!
//! **Invariants** — only this folder and `jobs/queue.rs` know which database runs. Writes go through [`Db::begin`];
//! on SQLite there is one writer, on PostgreSQL there are many and row locks order them.

mod connect;
mod migrate;
mod notify;
mod rows;
mod tx;

use std::fs::File;
use std::sync::Arc;

use sqlx::{Any, AnyConnection, AnyPool, Transaction};

pub(crate) use notify::listen;
pub use rows::{Params, Row, insert_rows, insert_rows_returning, list, padded};
pub use sqlx::AnyExecutor;
pub use tx::Tx;

use crate::events::Bus;
use crate::jobs::Wake;
use crate::mail::Outbox;
use crate::{Environment, Error};

/// A handle to the store; cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    backend: Backend,
    writers: AnyPool,
    readers: AnyPool,
    url: String,
    environment: Environment,
    bus: Bus,
    jobs: Wake,
    outbox: Outbox,
    /// Held while the process lives, so that a second one on the same SQLite file is refused.
    _lock: Option<File>,
}

/// Which database runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file of this process alone.
    Sqlite,
    /// A server that several processes may share.
    Postgres,
}

/// A read transaction: everything read through it is of one moment.
pub struct Snapshot(Transaction<'static, Any>);

impl Db {
    /// Opens the store at `url` and brings its tables up to date.
    ///
    /// *errors*: [`crate::ErrorKind::Internal`] for an unknown scheme, an unreachable database, a changed migration, or
    /// a SQLite file that another process has open.
    pub(crate) async fn connect(url: &str, environment: Environment, outbox: Outbox) -> Result<Self, Error> {
        let opened = connect::open(url).await?;
        let db = Self(Arc::new(Inner {
            backend: opened.backend,
            writers: opened.writers,
            readers: opened.readers,
            url: url.to_owned(),
            environment,
            bus: Bus::default(),
            jobs: Wake::default(),
            outbox,
            _lock: opened.lock,
        }));
        migrate::run(&db).await?;
        Ok(db)
    }

    /// Begins a transaction that may write; on SQLite it waits for the one before it.
    ///
    /// *errors*: [`crate::ErrorKind::Unavailable`] when no connection became free in time.
    pub async fn begin(&self) -> Result<Tx, Error> {
        let statement = match self.0.backend {
            Backend::Sqlite => "begin immediate",
            Backend::Postgres => "begin",
        };
        Ok(Tx::new(self.clone(), self.0.writers.begin_with(statement).await?))
    }

    /// For single reads: pass it to a store function where it takes `impl AnyExecutor<'_>`.
    pub fn read(&self) -> &AnyPool {
        &self.0.readers
    }

    /// For several reads that must agree, such as a state and the number of the last event in it.
    pub async fn snapshot(&self) -> Result<Snapshot, Error> {
        let statement = match self.0.backend {
            Backend::Sqlite => "begin",
            Backend::Postgres => "begin isolation level repeatable read, read only",
        };
        Ok(Snapshot(self.0.readers.begin_with(statement).await?))
    }

    /// What ends a select that holds its rows until the transaction ends; on SQLite the only writer holds them anyway.
    pub(crate) fn for_update(&self) -> &'static str {
        match self.0.backend {
            Backend::Sqlite => "",
            Backend::Postgres => " for update",
        }
    }

    /// Which database runs; for the few places that need two texts.
    pub fn backend(&self) -> Backend {
        self.0.backend
    }

    /// Answers when the database answers; for the readiness check.
    pub async fn ping(&self) -> Result<(), Error> {
        let _: (i64,) = sqlx::query_as("select cast(1 as bigint)")
            .fetch_one(self.read())
            .await?;
        Ok(())
    }

    /// Closes every connection, after which the file can be opened by another process once all handles are gone.
    pub async fn close(&self) {
        self.0.readers.close().await;
        self.0.writers.close().await;
    }

    /// Where watchers wait for commits.
    pub(crate) fn bus(&self) -> &Bus {
        &self.0.bus
    }

    /// Where the job runner waits for new deadlines.
    pub(crate) fn job_wake(&self) -> &Wake {
        &self.0.jobs
    }

    /// What writes mails down.
    pub(crate) fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    pub(crate) fn url(&self) -> &str {
        &self.0.url
    }

    pub(crate) fn environment(&self) -> &Environment {
        &self.0.environment
    }
}

impl Snapshot {
    /// The connection that the reads go through.
    pub fn conn(&mut self) -> &mut AnyConnection {
        &mut self.0
    }
}

/// True when `error` says that a row with the same unique value exists.
///
/// `constraint` is PostgreSQL's name of the constraint, `columns` is what SQLite reports in its place
/// (`accounts.email`).
pub fn is_unique_violation(error: &sqlx::Error, constraint: &str, columns: &str) -> bool {
    let Some(database) = error
        .as_database_error()
        .filter(|database| database.is_unique_violation())
    else {
        return false;
    };
    match database.constraint() {
        Some(name) => name == constraint,
        None => database.message().ends_with(&format!("constraint failed: {columns}")),
    }
}

/// Passes when exactly one row was touched.
///
/// *errors*: [`crate::ErrorKind::Conflict`] with `message` otherwise: somebody changed the row in between.
pub fn exactly_one(rows: u64, message: &'static str) -> Result<(), Error> {
    if rows == 1 {
        Ok(())
    } else {
        Err(Error::conflict(message))
    }
}

#[cfg(test)]
mod tests;
