use serde_json::json;

use super::*;
use crate::mail::Outbox;
use crate::on_both_databases;
use crate::testing::{Clock, Database};

on_both_databases!(
    migrations_run_once_and_a_changed_one_is_refused,
    a_newer_schema_is_tolerated,
    what_is_rolled_back_was_never_said,
    many_rows_go_in_with_few_statements,
    a_unique_violation_is_recognised_by_its_name,
    a_snapshot_stands_still,
);

async fn connect(database: &Database) -> Result<Db, Error> {
    Db::connect(&database.url, Clock::new().environment(), Outbox::default()).await
}

async fn reconnect(db: Db, database: &Database) -> Result<Db, Error> {
    db.close().await;
    drop(db);
    connect(database).await
}

async fn migrations_run_once_and_a_changed_one_is_refused(database: Database) {
    let db = connect(&database).await.unwrap();
    let db = reconnect(db, &database).await.unwrap();
    let (applied,): (i64,) = sqlx::query_as("select count(*) from migrations")
        .fetch_one(db.read())
        .await
        .unwrap();
    let mut tx = db.begin().await.unwrap();
    sqlx::query("update migrations set checksum = 'edited' where version = 1")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(applied >= 2);
    let error = reconnect(db, &database).await.err().unwrap();
    assert_eq!(error.detail.unwrap(), "migration 0001_core was changed after it ran");
}

async fn a_newer_schema_is_tolerated(database: Database) {
    let db = connect(&database).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    sqlx::query("insert into migrations (version, name, checksum, applied_at_ms) values (9999, 'later', 'x', 0)")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    reconnect(db, &database).await.unwrap();
}

async fn what_is_rolled_back_was_never_said(database: Database) {
    let db = connect(&database).await.unwrap();
    for is_committed in [false, true, false, true] {
        let mut tx = db.begin().await.unwrap();
        tx.publish("auction:1", "k", &json!({})).unwrap();
        match is_committed {
            true => tx.commit().await.unwrap(),
            false => tx.rollback().await.unwrap(),
        }
    }
    let seqs: Vec<(i64,)> = sqlx::query_as("select seq from events order by seq")
        .fetch_all(db.read())
        .await
        .unwrap();
    assert_eq!(seqs, [(1,), (2,)]);
}

struct Numbered(i64);

impl Row for Numbered {
    const COLUMNS: usize = 5;

    fn bind<'q>(&'q self, query: Params<'q>) -> Params<'q> {
        query.bind("many").bind(self.0).bind("k").bind("{}").bind(0_i64)
    }
}

async fn many_rows_go_in_with_few_statements(database: Database) {
    let db = connect(&database).await.unwrap();
    let rows: Vec<_> = (1..=5_001).map(Numbered).collect();
    let mut tx = db.begin().await.unwrap();
    let head = "insert into events (topic, seq, kind, payload, at_ms) values";
    assert_eq!(insert_rows(tx.conn(), head, &rows, "").await.unwrap(), 5_001);
    assert_eq!(
        insert_rows(tx.conn(), head, &rows, "on conflict do nothing")
            .await
            .unwrap(),
        0
    );
    assert_eq!(insert_rows::<Numbered>(tx.conn(), head, &[], "").await.unwrap(), 0);
    tx.commit().await.unwrap();
    let (sum,): (i64,) = sqlx::query_as("select cast(sum(seq) as bigint) from events")
        .fetch_one(db.read())
        .await
        .unwrap();
    assert_eq!(sum, 5_001 * 5_002 / 2);
}

async fn a_unique_violation_is_recognised_by_its_name(database: Database) {
    let db = connect(&database).await.unwrap();
    let insert = "insert into service_keys (id, name, hash, roles, created_by, created_at_ms) \
        values ($1, 'n', $2, '[]', 'x', 0)";
    let mut tx = db.begin().await.unwrap();
    sqlx::query(insert)
        .bind("a")
        .bind("same")
        .execute(tx.conn())
        .await
        .unwrap();
    let error = sqlx::query(insert)
        .bind("b")
        .bind("same")
        .execute(tx.conn())
        .await
        .unwrap_err();
    assert!(is_unique_violation(
        &error,
        "service_keys_hash_key",
        "service_keys.hash"
    ));
    assert!(!is_unique_violation(&error, "service_keys_pkey", "service_keys.id"));
    assert!(!is_unique_violation(
        &sqlx::Error::RowNotFound,
        "service_keys_hash_key",
        "service_keys.hash"
    ));
}

async fn a_snapshot_stands_still(database: Database) {
    let db = connect(&database).await.unwrap();
    let publish = async || {
        let mut tx = db.begin().await.unwrap();
        tx.publish("auction:1", "k", &json!({})).unwrap();
        tx.commit().await.unwrap();
    };
    publish().await;
    let mut snapshot = db.snapshot().await.unwrap();
    assert_eq!(crate::events::last_seq(snapshot.conn(), "auction:1").await.unwrap(), 1);
    publish().await;
    assert_eq!(crate::events::last_seq(snapshot.conn(), "auction:1").await.unwrap(), 1);
    assert_eq!(crate::events::last_seq(db.read(), "auction:1").await.unwrap(), 2);
}

#[tokio::test]
async fn a_second_process_on_one_file_is_refused() {
    let database = Database::sqlite();
    let first = connect(&database).await.unwrap();
    let detail = connect(&database).await.err().unwrap().detail.unwrap();
    assert!(detail.contains("another process has this database open"), "{detail}");
    reconnect(first, &database).await.unwrap();
}

#[tokio::test]
async fn commits_survive_a_power_cut() {
    let db = connect(&Database::sqlite()).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    let (journal,): (String,) = sqlx::query_as("pragma journal_mode")
        .fetch_one(tx.conn())
        .await
        .unwrap();
    let (synchronous,): (i64,) = sqlx::query_as("pragma synchronous").fetch_one(tx.conn()).await.unwrap();
    let (foreign_keys,): (i64,) = sqlx::query_as("pragma foreign_keys")
        .fetch_one(tx.conn())
        .await
        .unwrap();
    assert_eq!((journal.as_str(), synchronous, foreign_keys), ("wal", 2, 1));
}

#[tokio::test]
async fn readers_cannot_write() {
    let db = connect(&Database::sqlite()).await.unwrap();
    assert!(sqlx::query("delete from jobs").execute(db.read()).await.is_err());
}

#[tokio::test]
async fn an_unknown_kind_of_database_is_named() {
    let error = Db::connect("mysql://x", Clock::new().environment(), Outbox::default())
        .await
        .err()
        .unwrap();
    assert_eq!(
        error.detail.unwrap(),
        "the database URL must start with sqlite: or postgres:"
    );
}

#[tokio::test]
async fn a_password_in_the_url_is_not_repeated() {
    let url = "postgres://rostrum:hunter2@127.0.0.1:1/rostrum";
    let error = Db::connect(url, Clock::new().environment(), Outbox::default())
        .await
        .err()
        .unwrap();
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

async fn push_a_lot(db: &Db, version: i64) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    sqlx::query("insert into migrations (version, name, checksum, applied_at_ms) values ($1, $2, 'x', 0)")
        .bind(version)
        .bind("x".repeat(200_000))
        .execute(tx.conn())
        .await?;
    tx.commit().await
}

#[tokio::test]
async fn writing_goes_on_after_the_disk_was_full() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("full.sqlite3").display());
    let db = Db::connect(&url, Clock::new().environment(), Outbox::default())
        .await
        .unwrap();
    // The file may not grow while this connection is the writer; SQLite raises the limit to the present size.
    sqlx::query("pragma max_page_count = 1")
        .execute(&db.0.writers)
        .await
        .unwrap();
    let refused = push_a_lot(&db, 9_001).await.unwrap_err();
    assert!(refused.detail.unwrap().contains("full"));
    push_a_lot(&db, 9_002).await.unwrap();
}
