//! What is secret in this installation: given by the operator, or made on first start and kept in the data folder.

use anyhow::Context as _;

use crate::clock;
use crate::config::{Config, Secret};
use crate::data::DataDir;

/// Everything that must not be printed, except by `--dev`.
pub struct Secrets {
    /// Seals stream keys and signs tokens.
    pub key: [u8; 32],
    /// Expected with every incoming video event.
    pub events: Secret,
    /// The engine's one access key.
    pub access_key_id: Secret,
    /// Its secret.
    pub secret_access_key: Secret,
}

impl Secrets {
    /// Reads what is set and kept, makes the rest.
    ///
    /// # Errors
    /// `server.secret_key` is not 64 hexadecimal digits, or a file cannot be read or written.
    pub fn open(config: &Config, data: &DataDir) -> anyhow::Result<Self> {
        let kept = |setting: &Option<Secret>, name: &str, make: fn() -> String| match setting {
            Some(secret) => Ok(secret.clone()),
            None => data.secret(name, make),
        };
        let key = kept(&config.server.secret_key, "secret.key", clock::random_hex::<32>)?;
        Ok(Self {
            key: bytes_of_hex(key.expose()).context("server.secret_key must be 64 hexadecimal digits")?,
            events: kept(&config.events.secret, "events.secret", clock::random_hex::<32>)?,
            access_key_id: kept(&config.video.access_key_id, "aws-access-key-id", access_key_id)?,
            secret_access_key: kept(
                &config.video.secret_access_key,
                "aws-secret-access-key",
                clock::random_hex::<20>,
            )?,
        })
    }
}

impl Secrets {
    /// Tells this installation's provider resources from others in the same AWS account. Replicas share it with the key.
    pub fn installation(&self) -> String {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &self.key);
        let tag = aws_lc_rs::hmac::sign(&key, b"rostrum installation");
        tag.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Twenty characters as Amazon's are, so that tools which check the shape accept it.
fn access_key_id() -> String {
    format!("AKIA{}", clock::random_hex::<8>().to_uppercase())
}

fn bytes_of_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.trim().as_bytes();
    let mut bytes = [0; 32];
    if digits.len() != 2 * bytes.len() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sixty_four_digits_are_a_key() {
        assert_eq!(bytes_of_hex(&"0f".repeat(32)), Some([0x0f; 32]));
        for wrong in [
            "",
            "0f",
            &"0g".repeat(32),
            &"0f".repeat(33),
            &"é".repeat(32),
            &"+f".repeat(32),
        ] {
            assert_eq!(bytes_of_hex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_access_key_looks_like_amazons() {
        let key = access_key_id();
        assert!(
            key.len() == 20
                && key
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()),
            "{key}"
        );
    }
}
