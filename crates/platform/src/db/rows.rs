//! Inserting many rows with one statement.

use std::fmt::Write as _;

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe};

use crate::Error;

/// Something that is written as one row.
pub trait Row {
    /// Number of columns; [`Row::bind`] binds as many values.
    const COLUMNS: usize;

    /// Binds the values in the order of the statement's columns.
    fn bind<'q>(&'q self, query: Params<'q>) -> Params<'q>;
}

/// The values bound so far.
pub type Params<'q> = Query<'q, Any, AnyArguments>;

/// Parameters in one statement. SQLite allows 32,766, PostgreSQL 65,535; beyond a few thousand nothing gets faster.
const PARAMETERS_MAX: usize = 4096;

/// Inserts `rows`, as many per statement as is sensible; `head` is the part before the values
/// (`insert into bids (id, amount) values`), `tail` what follows them (`on conflict do nothing`, or nothing).
///
/// *errors*: what the database says; the rows before the failing statement were inserted, so roll back.
pub async fn insert_rows<R: Row + Sync>(
    connection: &mut AnyConnection,
    head: &'static str,
    rows: &[R],
    tail: &'static str,
) -> Result<u64, Error> {
    let per_statement = (PARAMETERS_MAX / R::COLUMNS).max(1);
    let mut inserted = 0;
    let mut rest = rows;
    while !rest.is_empty() {
        // Powers of two keep the number of different statements, and with it the statement cache, small.
        let size = 1 << rest.len().min(per_statement).ilog2();
        let (chunk, later) = rest.split_at(size);
        let text = statement(head, R::COLUMNS, size, tail);
        let mut query = sqlx::query(AssertSqlSafe(text));
        for row in chunk {
            query = row.bind(query);
        }
        inserted += query.execute(&mut *connection).await?.rows_affected();
        rest = later;
    }
    Ok(inserted)
}

/// `head ($1, $2), ($3, $4) tail`: the text consists of our constants and numbers only.
fn statement(head: &str, columns: usize, rows: usize, tail: &str) -> String {
    let mut text = String::with_capacity(head.len() + tail.len() + rows * columns * 6);
    text.push_str(head);
    for row in 0..rows {
        text.push_str(if row == 0 { " (" } else { ", (" });
        for column in 1..=columns {
            let separator = if column == 1 { "" } else { ", " };
            // Writing to a String cannot fail.
            let _ = write!(text, "{separator}${}", row * columns + column);
        }
        text.push(')');
    }
    text.push(' ');
    text.push_str(tail);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_number_their_parameters() {
        assert_eq!(
            statement("insert into t (a, b) values", 2, 2, "on conflict do nothing"),
            "insert into t (a, b) values ($1, $2), ($3, $4) on conflict do nothing"
        );
    }
}
