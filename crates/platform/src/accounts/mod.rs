//! People and programs: who they are and what they may do.

pub(crate) mod jobs;

use crate::Error;
use crate::config::SecretKey;

/// What this area keeps in memory.
pub(crate) struct Accounts {}

impl Accounts {
    pub(crate) fn new(_key: &SecretKey) -> Result<Self, Error> {
        Ok(Self {})
    }
}
