//! Migrations: embedded, forward only, recorded with a checksum.

use aws_lc_rs::digest;
use sqlx::AnyConnection;

use super::{Backend, Db};
use crate::Error;

struct Migration {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migration {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// Every step in order. A step that was delivered is never edited; a new one is added.
const MIGRATIONS: &[Migration] = &[
    migration!(1, "0001_core"),
    migration!(2, "0002_accounts"),
    migration!(3, "0003_video"),
    migration!(4, "0004_auctions"),
    migration!(5, "0005_bids"),
    migration!(6, "0006_accounts_completed"),
    migration!(7, "0007_mail_and_notices"),
    migration!(8, "0008_pictures"),
    migration!(9, "0009_chat"),
    migration!(10, "0010_oidc"),
    migration!(11, "0011_channels"),
    migration!(12, "0012_assignments"),
    migration!(13, "0013_sessions"),
    migration!(14, "0014_groups"),
    migration!(15, "0015_auctions_without_bids"),
    migration!(16, "0016_append_in_order"),
];

const TABLE: &str = "create table if not exists migrations (
    version bigint not null primary key, name text not null, checksum text not null, applied_at_ms bigint not null)";

/// Names the lock that keeps two starting processes from migrating at once ("rostrum" in ASCII, cut to 63 bits).
const LOCK: i64 = 0x0072_6f73_7472_756d;

/// Applies the steps that `db` lacks, all of them or none.
///
/// *errors*: [`crate::ErrorKind::Internal`] when a recorded step differs from ours or a statement fails.
pub(super) async fn run(db: &Db) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    let backend = db.backend();
    if backend == Backend::Postgres {
        sqlx::query("select pg_advisory_xact_lock($1)")
            .bind(LOCK)
            .execute(tx.conn())
            .await?;
    }
    sqlx::raw_sql(TABLE).execute(tx.conn()).await?;
    let recorded: Vec<(i64, String)> = sqlx::query_as("select version, checksum from migrations order by version")
        .fetch_all(tx.conn())
        .await?;
    for migration in MIGRATIONS {
        let text = match backend {
            Backend::Sqlite => migration.sqlite,
            Backend::Postgres => migration.postgres,
        };
        let checksum = checksum(text);
        match recorded.iter().find(|(version, _)| *version == migration.version) {
            Some((_, known)) if *known == checksum => {}
            Some(_) => {
                return Err(Error::internal(format_args!(
                    "migration {} was changed after it ran",
                    migration.name
                )));
            }
            None => apply(tx.conn(), migration, text, &checksum, db.environment().now_ms()).await?,
        }
    }
    // A newer binary may have added steps; each of them keeps older binaries working.
    if let Some((newest, _)) = recorded
        .last()
        .filter(|(version, _)| MIGRATIONS.iter().all(|known| known.version < *version))
    {
        tracing::warn!(
            migration.newest = newest,
            "the database was migrated by a newer version of Rostrum"
        );
    }
    tx.commit().await
}

async fn apply(
    connection: &mut AnyConnection,
    migration: &Migration,
    text: &'static str,
    checksum: &str,
    now_ms: i64,
) -> Result<(), Error> {
    let failed = |error: sqlx::Error| Error::internal(format_args!("migration {} failed: {error}", migration.name));
    sqlx::raw_sql(text).execute(&mut *connection).await.map_err(failed)?;
    sqlx::query("insert into migrations (version, name, checksum, applied_at_ms) values ($1, $2, $3, $4)")
        .bind(migration.version)
        .bind(migration.name)
        .bind(checksum)
        .bind(now_ms)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

fn checksum(text: &str) -> String {
    digest::digest(&digest::SHA256, text.as_bytes())
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
