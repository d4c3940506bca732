//! Secrets at rest: sealed to be read again, or looked up by a keyed hash.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::config::SecretKey;
use crate::{Environment, Error, Secret};

/// Seals, opens and looks up secrets with keys derived from the installation's [`SecretKey`].
///
/// *shape*: a sealed text is `v1.` and base64url of nonce (12 bytes), ciphertext and tag (16 bytes). Each purpose has
/// its own key: HKDF-SHA256 with the purpose as info.
/// *source*: NIST SP 800-38D (AES-256-GCM, random 96-bit nonces: safe for 2^32 sealings), RFC 5869, RFC 2104.
pub struct Seal {
    sealing: LessSafeKey,
    lookup: hmac::Key,
    environment: Environment,
}

const VERSION: &str = "v1.";

impl Seal {
    /// Derives the keys.
    ///
    /// *errors*: [`crate::ErrorKind::Internal`] only if the crypto library refuses the key length.
    pub fn new(key: &SecretKey, environment: Environment) -> Result<Self, Error> {
        let sealing = UnboundKey::new(&AES_256_GCM, &derive(key, b"rostrum seal v1")?)
            .map_err(|_| Error::internal("the sealing key was refused"))?;
        let lookup = hmac::Key::new(hmac::HMAC_SHA256, &derive(key, b"rostrum lookup v1")?);
        Ok(Self {
            sealing: LessSafeKey::new(sealing),
            lookup,
            environment,
        })
    }

    /// `plain` sealed for the place named by `purpose` (such as `stream-key:{id}`); it opens only with the same purpose,
    /// so a sealed text moved to another row is refused.
    pub fn seal(&self, purpose: &str, plain: &Secret) -> Result<String, Error> {
        let mut nonce = [0; NONCE_LEN];
        (self.environment.random)(&mut nonce);
        let mut bytes = plain.reveal().as_bytes().to_vec();
        self.sealing
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(purpose.as_bytes()),
                &mut bytes,
            )
            .map_err(|_| Error::internal("sealing failed"))?;
        let whole = [nonce.as_slice(), &bytes].concat();
        Ok(format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(whole)))
    }

    /// The secret inside `sealed`.
    ///
    /// *errors*: [`crate::ErrorKind::Internal`] when it was sealed with another key or for another purpose, or was changed.
    pub fn open(&self, purpose: &str, sealed: &str) -> Result<Secret, Error> {
        let refused = || {
            Error::internal(format_args!(
                "the sealed value of {purpose} does not open with this secret key"
            ))
        };
        let text = sealed.strip_prefix(VERSION).ok_or_else(refused)?;
        let whole = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused())?;
        let (nonce, rest) = whole.split_at_checked(NONCE_LEN).ok_or_else(refused)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| refused())?;
        let mut bytes = rest.to_vec();
        let plain = self
            .sealing
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut bytes)
            .map_err(|_| refused())?;
        Ok(Secret::new(std::str::from_utf8(plain).map_err(|_| refused())?))
    }

    /// A keyed hash by which a secret is found again without being stored: 43 characters of base64url.
    pub fn lookup(&self, purpose: &str, value: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.keyed_hash(purpose, value))
    }

    /// The bytes of [`Seal::lookup`], for what is written in another alphabet.
    pub(crate) fn keyed_hash(&self, purpose: &str, value: &str) -> impl AsRef<[u8]> + use<> {
        let mut context = hmac::Context::with_key(&self.lookup);
        // The length keeps ("a", "bc") and ("ab", "c") apart.
        context.update(&(purpose.len() as u64).to_be_bytes());
        context.update(purpose.as_bytes());
        context.update(value.as_bytes());
        context.sign()
    }
}

/// The 256-bit key for one purpose.
pub(crate) fn derive(key: &SecretKey, purpose: &[u8]) -> Result<[u8; 32], Error> {
    let mut derived = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"rostrum")
        .extract(key.bytes())
        .expand(&[purpose], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut derived))
        .map_err(|_| Error::internal("key derivation failed"))?;
    Ok(derived)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn seal(key: u8) -> Seal {
        Seal::new(&SecretKey::new([key; 32]), testing::Clock::new().environment()).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_for_its_purpose_only() {
        let seal_a = seal(1);
        let sealed = seal_a.seal("stream-key:1", &Secret::new("sk_abc")).unwrap();
        assert!(!sealed.contains("sk_abc"));
        assert_eq!(seal_a.open("stream-key:1", &sealed).unwrap().reveal(), "sk_abc");
        assert!(seal_a.open("stream-key:2", &sealed).is_err());
        assert!(seal(2).open("stream-key:1", &sealed).is_err());
    }

    #[test]
    fn two_sealings_differ_and_damage_is_refused() {
        let seal = seal(1);
        let sealed = seal.seal("p", &Secret::new("same")).unwrap();
        assert_ne!(sealed, seal.seal("p", &Secret::new("same")).unwrap());
        for damaged in [
            "",
            "v1.",
            "v1.AAAA",
            "v2.AAAA",
            &sealed[..sealed.len() - 2],
            &format!("{sealed}AA"),
            "v1.ü",
        ] {
            assert!(seal.open("p", damaged).is_err(), "{damaged}");
        }
    }

    #[test]
    fn lookup_depends_on_key_purpose_and_value() {
        let a = seal(1);
        assert_eq!(a.lookup("p", "v"), a.lookup("p", "v"));
        assert_ne!(a.lookup("p", "v"), a.lookup("p", "w"));
        assert_ne!(a.lookup("ab", "c"), a.lookup("a", "bc"));
        assert_ne!(a.lookup("p", "v"), seal(2).lookup("p", "v"));
        assert_eq!(a.lookup("p", "v").len(), 43);
    }
}
