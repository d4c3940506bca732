//! The issuer's key set.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use super::token::Algorithm;

/// Keys that sign tokens, as far as we take their kind. *source*: RFC 7517, RFC 7518 §6.
pub(super) struct KeySet(Vec<Key>);

/// A public key with the one algorithm it is good for.
#[derive(Clone)]
pub(super) struct Key {
    id: String,
    material: Material,
}

#[derive(Clone)]
enum Material {
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    /// 0x04, x, y.
    P256([u8; 65]),
}

/// A key as the set spells it; other members do not matter.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// Keys read at most. Issuers publish two to ten.
const KEYS_MAX: usize = 64;
/// Bytes of an RSA modulus: 2048 to 8192 bits.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

impl KeySet {
    /// Reads a key set; keys of other kinds and uses are passed over. `None` when it is no key set.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let set: Set = serde_json::from_slice(bytes).ok()?;
        let jwks = set.keys.into_iter().take(KEYS_MAX);
        Some(Self(jwks.filter_map(Key::of).collect()))
    }

    /// The key named `id` when it is good for `algorithm`.
    pub(super) fn find(&self, id: &str, algorithm: Algorithm) -> Option<&Key> {
        self.0.iter().find(|key| key.id == id && key.algorithm() == algorithm)
    }
}

impl Key {
    fn of(jwk: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(jwk).ok()?;
        if jwk.usage.is_some_and(|usage| usage != "sig") {
            return None;
        }
        let bytes = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?).ok();
        let material = match jwk.kty.as_str() {
            "RSA" => {
                let (n, e) = (bytes(jwk.n)?, bytes(jwk.e)?);
                let is_sound = MODULUS_BYTES.contains(&n.len()) && n.first() != Some(&0) && e.first() != Some(&0);
                is_sound.then_some(Material::Rsa(RsaPublicKeyComponents { n, e }))?
            }
            "EC" if jwk.crv.as_deref() == Some("P-256") => {
                let point = [vec![4], bytes(jwk.x)?, bytes(jwk.y)?].concat();
                Material::P256(point.try_into().ok()?)
            }
            _ => return None,
        };
        let key = Self { id: jwk.kid, material };
        let is_ours = jwk.alg.is_none_or(|alg| alg == key.algorithm().name());
        is_ours.then_some(key)
    }

    fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::Rsa(_) => Algorithm::Rs256,
            Material::P256(_) => Algorithm::Es256,
        }
    }

    /// Whether this key made `signature` over `message`.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Rsa(key) => key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok(),
            Material::P256(point) => {
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.as_slice());
                key.verify(message, signature).is_ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_of_other_kinds_and_uses_are_passed_over() {
        let (modulus, short) = (URL_SAFE_NO_PAD.encode([0xC1; 256]), URL_SAFE_NO_PAD.encode([0xC1; 128]));
        let coordinate = URL_SAFE_NO_PAD.encode([7; 32]);
        let rsa = |change: Value| {
            let mut key = json!({ "kty": "RSA", "kid": "a", "n": modulus, "e": "AQAB" });
            for (name, value) in change.as_object().unwrap() {
                key[name] = value.clone();
            }
            key
        };
        for (why, key, is_kept) in [
            ("plain", rsa(json!({})), true),
            ("named", rsa(json!({ "alg": "RS256", "use": "sig" })), true),
            ("for encryption", rsa(json!({ "use": "enc" })), false),
            ("for another algorithm", rsa(json!({ "alg": "PS256" })), false),
            ("for HMAC", rsa(json!({ "alg": "HS256" })), false),
            ("1024 bits", rsa(json!({ "n": short })), false),
            (
                "leading zero",
                rsa(json!({ "n": URL_SAFE_NO_PAD.encode([0; 256]) })),
                false,
            ),
            ("no name", rsa(json!({ "kid": null })), false),
            ("no exponent", rsa(json!({ "e": null })), false),
            ("symmetric", json!({ "kty": "oct", "kid": "a", "k": modulus }), false),
            (
                "P-256",
                json!({ "kty": "EC", "kid": "a", "crv": "P-256", "x": coordinate, "y": coordinate }),
                true,
            ),
            (
                "P-384",
                json!({ "kty": "EC", "kid": "a", "crv": "P-384", "x": coordinate, "y": coordinate }),
                false,
            ),
            (
                "a short coordinate",
                json!({ "kty": "EC", "kid": "a", "crv": "P-256", "x": coordinate, "y": "BwcH" }),
                false,
            ),
            ("no object", json!("a"), false),
        ] {
            let set = KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes()).unwrap();
            assert_eq!(set.0.len(), usize::from(is_kept), "{why}");
        }
        for no_set in ["", "[]", "{}", r#"{"keys":{}}"#] {
            assert!(KeySet::parse(no_set.as_bytes()).is_none(), "{no_set}");
        }
        let many = vec![rsa(json!({})); 1000];
        let set = KeySet::parse(json!({ "keys": many }).to_string().as_bytes()).unwrap();
        assert_eq!(set.0.len(), KEYS_MAX);
    }
}
