//! Inserting many rows with one statement.

use std::fmt::Write as _;

use sqlx::any::{AnyArguments, AnyRow};
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
    let mark = mark(connection);
    let mut inserted = 0;
    let mut queries = chunks(rows).map(|chunk| bound(statement(mark, head, R::COLUMNS, chunk.len(), tail), chunk));
    let mut next = queries.next();
    while let Some(query) = next {
        // The database works on one statement while the next one is written.
        let (done, prepared) = futures_util::join!(query.execute(&mut *connection), async { queries.next() });
        inserted += done?.rows_affected();
        next = prepared;
    }
    Ok(inserted)
}

/// Inserts as [`insert_rows`] does and returns what `tail` asks for, in no particular order.
///
/// *errors*: as [`insert_rows`].
pub async fn insert_rows_returning<R: Row + Sync>(
    connection: &mut AnyConnection,
    head: &'static str,
    rows: &[R],
    tail: &'static str,
) -> Result<Vec<AnyRow>, Error> {
    let mut returned = Vec::with_capacity(rows.len());
    for chunk in chunks(rows) {
        let text = statement(mark(connection), head, R::COLUMNS, chunk.len(), tail);
        returned.extend(bound(text, chunk).fetch_all(&mut *connection).await?);
    }
    Ok(returned)
}

/// The rows in runs of a power of two, the largest first: that keeps the number of different statements, and with it the
/// statement cache, small.
fn chunks<R: Row>(rows: &[R]) -> impl Iterator<Item = &[R]> {
    let per_statement = (PARAMETERS_MAX / R::COLUMNS).max(1);
    let mut rest = rows;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (chunk, later) = rest.split_at(1 << rest.len().min(per_statement).ilog2());
        rest = later;
        Some(chunk)
    })
}

fn bound<R: Row>(text: String, chunk: &[R]) -> Params<'_> {
    let query = sqlx::query(AssertSqlSafe(text));
    chunk.iter().fold(query, |query, row| row.bind(query))
}

/// How many parameters of one statement are written.
#[derive(Clone, Copy)]
enum Mark {
    /// `?`: SQLite takes `$1` for a name and looks each one up among all the others, at every execution.
    Plain,
    /// `$1`: PostgreSQL knows nothing else.
    Numbered,
}

fn mark(connection: &AnyConnection) -> Mark {
    match connection.backend_name() {
        "SQLite" => Mark::Plain,
        _ => Mark::Numbered,
    }
}

impl Mark {
    fn write(self, text: &mut String, number: usize) {
        // Writing to a String cannot fail.
        let _ = match self {
            Self::Plain => text.write_char('?'),
            Self::Numbered => write!(text, "${number}"),
        };
    }
}

/// `($1, $2, …)` for `count` values or a few more: as many as the next power of two, so that there are few different
/// statements. Bind the values of [`padded`], and nothing else.
pub fn list(connection: &AnyConnection, count: usize) -> String {
    let mut text = String::with_capacity(count * 6);
    let mark = mark(connection);
    for number in 1..=count.next_power_of_two() {
        text.push_str(if number == 1 { "(" } else { ", " });
        mark.write(&mut text, number);
    }
    text.push(')');
    text
}

/// The values for [`list`]: the last one is repeated.
pub fn padded<T>(values: &[T]) -> impl Iterator<Item = &T> {
    let missing = values.len().next_power_of_two() - values.len();
    values.iter().chain(values.last().into_iter().cycle().take(missing))
}

/// `head ($1, $2), ($3, $4) tail`: the text consists of our constants, marks and numbers only.
fn statement(mark: Mark, head: &str, columns: usize, rows: usize, tail: &str) -> String {
    let mut text = String::with_capacity(head.len() + tail.len() + rows * columns * 6);
    text.push_str(head);
    for row in 0..rows {
        text.push_str(if row == 0 { " (" } else { ", (" });
        for column in 1..=columns {
            text.push_str(if column == 1 { "" } else { ", " });
            mark.write(&mut text, row * columns + column);
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
            statement(
                Mark::Numbered,
                "insert into t (a, b) values",
                2,
                2,
                "on conflict do nothing"
            ),
            "insert into t (a, b) values ($1, $2), ($3, $4) on conflict do nothing"
        );
        assert_eq!(
            statement(Mark::Plain, "insert into t (a, b) values", 2, 2, ""),
            "insert into t (a, b) values (?, ?), (?, ?) "
        );
    }

    #[test]
    fn lists_repeat_their_last_value() {
        assert_eq!(padded(&[1, 2, 3]).collect::<Vec<_>>(), [&1, &2, &3, &3]);
    }
}
