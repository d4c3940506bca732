//! The judge of bid histories, judged: right ones pass, and every kind of wrong one is refused for the right reason.

mod perfect;
mod planted;
mod rules;
mod story;

use platform::testing::checker::{Record, check};

/// Refuses to go on when a record is refused.
fn accept(record: &Record) {
    let violations = check(record);
    assert!(violations.is_empty(), "{violations:#?}");
}
