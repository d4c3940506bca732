//! Keys that sign tokens, right ones and forged ones.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use super::encoded;

/// A key pair with a name.
pub struct SigningKey {
    /// Its `kid`.
    pub id: String,
    pair: Pair,
}

enum Pair {
    Rsa(&'static RsaKeyPair),
    P256(Box<EcdsaKeyPair>),
}

/// Making an RSA key takes a good part of a second: one serves as every issuer's, one as every forger's.
static RSA: LazyLock<[RsaKeyPair; 2]> =
    LazyLock::new(|| [(); 2].map(|()| RsaKeyPair::generate(KeySize::Rsa2048).expect("a key")));

impl SigningKey {
    /// The RSA key of issuers.
    pub fn rsa(id: &str) -> Arc<Self> {
        let id = id.to_owned();
        let pair = Pair::Rsa(&RSA[0]);
        Arc::new(Self { id, pair })
    }

    /// Another RSA key.
    pub fn other_rsa(id: &str) -> Arc<Self> {
        let id = id.to_owned();
        let pair = Pair::Rsa(&RSA[1]);
        Arc::new(Self { id, pair })
    }

    /// A new P-256 key.
    pub fn p256(id: &str) -> Arc<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        Arc::new(Self {
            id: id.to_owned(),
            pair: Pair::P256(Box::new(pair)),
        })
    }

    /// As the key set publishes it.
    pub fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair) => {
                let key = pair.public_key();
                let (n, e) = (key.modulus(), key.exponent());
                json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id,
                    "n": encoded(n.big_endian_without_leading_zero()),
                    "e": encoded(e.big_endian_without_leading_zero()) })
            }
            Pair::P256(pair) => {
                let point = pair.public_key().as_ref();
                json!({ "kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256", "kid": self.id,
                    "x": encoded(&point[1..33]), "y": encoded(&point[33..]) })
            }
        }
    }

    /// The public key's bytes, with which a forger might try HMAC.
    pub fn public_bytes(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Rsa(pair) => pair.public_key().as_ref().to_vec(),
            Pair::P256(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// The header its tokens have.
    pub fn header(&self) -> Value {
        let alg = match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::P256(_) => "ES256",
        };
        json!({ "alg": alg, "kid": self.id })
    }

    /// `claims` as a token.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_text(&self.header().to_string(), &claims.to_string())
    }

    /// Any two texts as a token.
    pub fn sign_text(&self, header: &str, payload: &str) -> String {
        let message = format!("{}.{}", encoded(header), encoded(payload));
        let signature = self.signature(message.as_bytes());
        format!("{message}.{}", encoded(signature))
    }

    /// The signature over `message`.
    pub fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .expect("a signature");
                signature
            }
            Pair::P256(pair) => pair.sign(&random, message).expect("a signature").as_ref().to_vec(),
        }
    }
}
