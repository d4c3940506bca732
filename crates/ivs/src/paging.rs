//! Pages of a list: `maxResults` and `nextToken`.
//!
//! A token is base64url of `{list}\n{position}`: opaque to clients, valid only for the list that gave it, and stable
//! while resources come and go because the position is the last item's own key. It does not expire.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::ApiError;
use crate::input::{Members, constraint};

/// AWS's limit on a token.
const TOKEN_LENGTH_MAX: usize = 1024;

/// Which page is asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    list: &'static str,
    /// Items wanted, at least 1.
    pub size: usize,
    /// Key of the last item already seen.
    pub after: Option<String>,
}

impl Page {
    /// Reads `maxResults` and `nextToken` of the list named `list`.
    ///
    /// # Errors
    /// `ValidationException` for a size out of range and for a token this list did not give.
    pub fn read(members: &Members, list: &'static str, default: usize, max: usize) -> Result<Self, ApiError> {
        let size = members.size("maxResults", max)?.unwrap_or(default);
        let after = match members.text("nextToken")? {
            Some(token) if !token.is_empty() => Some(position(list, token)?),
            _ => None,
        };
        Ok(Self { list, size, after })
    }

    /// The position as a row number.
    ///
    /// # Errors
    /// `ValidationException` when the token holds none.
    pub fn after_number(&self) -> Result<Option<i64>, ApiError> {
        self.after
            .as_deref()
            .map(|text| text.parse().map_err(|_| invalid_token()))
            .transpose()
    }

    /// Cuts `items` (fetched with one more than [`Self::size`]) to the page and says where the next one starts.
    pub fn cut<T>(&self, items: &mut Vec<T>, key: impl Fn(&T) -> String) -> Option<String> {
        if items.len() <= self.size {
            return None;
        }
        items.truncate(self.size);
        items
            .last()
            .map(|last| URL_SAFE_NO_PAD.encode(format!("{}\n{}", self.list, key(last))))
    }

    /// [`Self::size`] and one more, to see whether a next page exists.
    pub fn fetch(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX).saturating_add(1)
    }
}

fn position(list: &str, token: &str) -> Result<String, ApiError> {
    if token.len() > TOKEN_LENGTH_MAX {
        return Err(invalid_token());
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid_token())?;
    let text = String::from_utf8(bytes).map_err(|_| invalid_token())?;
    match text.split_once('\n') {
        Some((name, position)) if name == list => Ok(position.to_owned()),
        _ => Err(invalid_token()),
    }
}

fn invalid_token() -> ApiError {
    constraint("nextToken", "Member must be a token that this list returned")
}
