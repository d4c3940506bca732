//! Argon2id, off the async threads and a few at a time.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Error, Secret};

/// Hashes and verifies passwords.
///
/// *source*: OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
pub(super) struct Hasher {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
}

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes at a time: each takes 19 MiB and a core for some 20 ms.
const AT_ONCE: usize = 4;
/// How long a request waits for its turn before it is answered "unavailable".
const TURN_TIMEOUT: Duration = Duration::from_secs(10);
const BUSY_RETRY_S: u64 = 5;

/// A hash that no password is known for. Verified when the e-mail is unknown, so that this takes as long as a wrong
/// password.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$cm9zdHJ1bS1ub2JvZHkhIQ$\
    AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

impl Hasher {
    pub(super) fn new() -> Result<Self, Error> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
            .map_err(|error| Error::internal(format_args!("Argon2 parameters: {error}")))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Ok(Self {
            argon2,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    /// The hash to store, in PHC text form, with a random `salt`.
    pub(super) async fn hash(&self, password: &Secret, salt: [u8; 16]) -> Result<String, Error> {
        let (argon2, password) = (self.argon2.clone(), password.clone());
        self.run(move || {
            let hash: Result<PasswordHash, _> = argon2.hash_password_with_salt(password.reveal().as_bytes(), &salt);
            hash.map(|hash| hash.to_string())
                .map_err(|error| Error::internal(format_args!("hashing: {error}")))
        })
        .await?
    }

    /// True when `password` belongs to `stored`. Without a stored hash the same work is done and the answer is no.
    pub(super) async fn verify(&self, password: &Secret, stored: Option<&str>) -> Result<bool, Error> {
        let (argon2, password) = (self.argon2.clone(), password.clone());
        let (hash, is_known) = (stored.unwrap_or(NOBODY).to_owned(), stored.is_some());
        self.run(move || {
            argon2
                .verify_password(password.reveal().as_bytes(), hash.as_str())
                .is_ok()
                && is_known
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let turn: OwnedSemaphorePermit = tokio::time::timeout(TURN_TIMEOUT, self.turns.clone().acquire_owned())
            .await
            .map_err(|_| Error::unavailable(BUSY_RETRY_S, "too many passwords to hash"))?
            .map_err(Error::internal)?;
        // The turn ends with the work, also when the request is gone by then.
        let work = move || {
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let hasher = Hasher::new().unwrap();
        let password = Secret::new("correct horse");
        let hash = hasher.hash(&password, [1; 16]).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hasher.verify(&password, Some(&hash)).await.unwrap());
        assert!(!hasher.verify(&Secret::new("wrong horse!"), Some(&hash)).await.unwrap());
        assert_ne!(hash, hasher.hash(&password, [2; 16]).await.unwrap());
    }

    #[tokio::test]
    async fn an_unknown_person_costs_a_real_verification_and_fails() {
        // The stand-in must parse and have the cost of real hashes, else the shortcut would show in the time.
        let stand_in = PasswordHash::new(NOBODY).unwrap();
        let params = Params::try_from(&stand_in).unwrap();
        assert_eq!(
            (params.m_cost(), params.t_cost(), params.p_cost()),
            (MEMORY_KIB, PASSES, LANES)
        );
        assert!(stand_in.salt.is_some() && stand_in.hash.is_some());
        assert!(
            !Hasher::new()
                .unwrap()
                .verify(&Secret::new("anything at all"), None)
                .await
                .unwrap()
        );
    }
}
