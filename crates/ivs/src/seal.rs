//! Stream keys at rest: sealed for showing them again, digested for looking them up.
//!
//! Both keys are derived from the one key-encryption key, each with its own label, so neither use can help against the
//! other. A sealed value is bound to its stream key's ARN: moved to another row it does not open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use engine::Environment;
use zeroize::Zeroizing;

use crate::config::{SealingKey, Secret};
use crate::error::Error;

/// HMAC-SHA256 of a stream key. Tells nothing without the key-encryption key.
pub type Digest = [u8; 32];

/// Seals, opens and digests.
pub struct Seal {
    cipher: LessSafeKey,
    lookup: hmac::Key,
}

impl Seal {
    /// Derives the two keys.
    ///
    /// # Errors
    /// [`Error::Config`] when the cipher refuses the key, which its length rules out.
    pub fn new(key: &SealingKey) -> Result<Self, Error> {
        let root = hmac::Key::new(hmac::HMAC_SHA256, key.bytes());
        let sealing = hmac::sign(&root, b"rostrum/ivs/stream-key/seal/1");
        let lookup = hmac::sign(&root, b"rostrum/ivs/stream-key/lookup/1");
        let cipher = UnboundKey::new(&AES_256_GCM, sealing.as_ref())
            .map_err(|_| Error::Config("the sealing key is not usable".to_owned()))?;
        Ok(Self {
            cipher: LessSafeKey::new(cipher),
            lookup: hmac::Key::new(hmac::HMAC_SHA256, lookup.as_ref()),
        })
    }

    /// What a presented stream key is looked up by.
    pub fn digest(&self, stream_key: &str) -> Digest {
        let mut digest = [0; 32];
        digest.copy_from_slice(hmac::sign(&self.lookup, stream_key.as_bytes()).as_ref());
        digest
    }

    /// Nonce, ciphertext and tag of a stream key.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the cipher fails, which lengths of this size rule out.
    pub fn seal(&self, env: &Environment, arn: &str, stream_key: &Secret) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_LEN];
        (env.random)(&mut nonce);
        let mut text = Zeroizing::new(stream_key.expose().as_bytes().to_vec());
        let tag = self
            .cipher
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(arn.as_bytes()),
                &mut text,
            )
            .map_err(|_| corrupt(arn, "it cannot be sealed"))?;
        Ok([&nonce[..], &text[..], tag.as_ref()].concat())
    }

    /// Opens what [`Self::seal`] made for the same ARN.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the bytes were changed, or belong to another ARN or key.
    pub fn open(&self, arn: &str, sealed: &[u8]) -> Result<Secret, Error> {
        let (nonce, rest) = sealed
            .split_at_checked(NONCE_LEN)
            .ok_or_else(|| corrupt(arn, "it is too short"))?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| corrupt(arn, "its nonce is short"))?;
        let mut text = Zeroizing::new(rest.to_vec());
        let plain = self
            .cipher
            .open_in_place(nonce, Aad::from(arn.as_bytes()), &mut text)
            .map_err(|_| corrupt(arn, "its seal is broken"))?;
        let plain = std::str::from_utf8(plain).map_err(|_| corrupt(arn, "it is no text"))?;
        Ok(Secret::new(plain))
    }
}

fn corrupt(arn: &str, cause: &str) -> Error {
    Error::Corrupt {
        what: format!("stream key {arn}"),
        cause: cause.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const ARN: &str = "arn:aws:ivs:us-east-1:000000000000:stream-key/AAAAAAAAAAAA";

    fn check(change: impl FnOnce(&mut Vec<u8>), arn: &str, key: u8) -> Result<Secret, Error> {
        let random = Arc::new(|bytes: &mut [u8]| bytes.fill(3));
        let env = Environment {
            now_ms: Arc::new(|| 0),
            random,
        };
        let seal = Seal::new(&SealingKey::new([1; 32]))?;
        let mut sealed = seal.seal(&env, ARN, &Secret::new("sk_us-east-1_a_b"))?;
        assert!(!sealed.windows(3).any(|window| window == b"sk_"));
        change(&mut sealed);
        Seal::new(&SealingKey::new([key; 32]))?.open(arn, &sealed)
    }

    #[test]
    fn only_the_same_bytes_key_and_arn_open() {
        assert_eq!(check(|_| {}, ARN, 1).unwrap().expose(), "sk_us-east-1_a_b");
        assert!(check(|_| {}, ARN, 2).is_err(), "another key-encryption key");
        assert!(
            check(|_| {}, "arn:aws:ivs:us-east-1:000000000000:stream-key/B", 1).is_err(),
            "another row"
        );
        for index in [0, NONCE_LEN, NONCE_LEN + 20] {
            assert!(check(|sealed| sealed[index] ^= 1, ARN, 1).is_err(), "byte {index}");
        }
        for length in [0, 1, NONCE_LEN, NONCE_LEN + 15] {
            assert!(
                check(|sealed| sealed.truncate(length), ARN, 1).is_err(),
                "{length} bytes"
            );
        }
    }
}
