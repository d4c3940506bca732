//! Paging by limit and offset.

use serde::{Deserialize, Serialize};

use crate::Error;

/// Which rows of a list: at most `limit` of them after skipping `offset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// 1..=[`LIMIT_MAX`].
    pub limit: i64,
    /// 0..=[`OFFSET_MAX`].
    pub offset: i64,
}

/// Rows in one answer at most; keeps an answer under about 200 KiB.
pub const LIMIT_MAX: i64 = 100;
/// Rows when the caller names no limit.
pub const LIMIT_DEFAULT: i64 = 20;
/// Rows that can be skipped at most; a database walks over every skipped row.
pub const OFFSET_MAX: i64 = 100_000;

impl Page {
    /// The page a caller asked for; what it left out has the default.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] naming `limit` or `offset` when out of range.
    pub fn new(limit: Option<i64>, offset: Option<i64>) -> Result<Self, Error> {
        let page = Self {
            limit: limit.unwrap_or(LIMIT_DEFAULT),
            offset: offset.unwrap_or(0),
        };
        if !(1..=LIMIT_MAX).contains(&page.limit) {
            return Err(Error::invalid("limit", "limit must be between 1 and 100"));
        }
        if !(0..=OFFSET_MAX).contains(&page.offset) {
            return Err(Error::invalid("offset", "offset must be between 0 and 100000"));
        }
        Ok(page)
    }
}

impl Default for Page {
    fn default() -> Self {
        Self {
            limit: LIMIT_DEFAULT,
            offset: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_named_in_the_error() {
        assert_eq!(Page::new(None, None).unwrap(), Page::default());
        assert_eq!(
            Page::new(Some(100), Some(100_000)).unwrap(),
            Page {
                limit: 100,
                offset: 100_000
            }
        );
        for (limit, offset, field) in [
            (Some(0), None, "limit"),
            (Some(101), None, "limit"),
            (None, Some(-1), "offset"),
            (None, Some(100_001), "offset"),
        ] {
            let error = Page::new(limit, offset).unwrap_err();
            assert_eq!(error.kind, crate::ErrorKind::Invalid { field: field.into() });
        }
    }
}
