//! The shape of a token, before anything in it is believed.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::TOKEN_CHARS_MAX;

/// Why a token is refused; for the operator, in debug logs. The client reads the same sentence always.
pub(super) type Why = &'static str;

/// The algorithms we take. *source*: RFC 7518 §3.3, §3.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

/// A token taken apart. Nothing of it is to be believed before its signature is verified.
pub(super) struct Parts<'a> {
    pub(super) algorithm: Algorithm,
    /// Name of the key.
    pub(super) key_id: String,
    pub(super) claims: Members,
    /// What was signed.
    pub(super) message: &'a [u8],
    pub(super) signature: Vec<u8>,
}

/// A JSON object whose members have different names. Parsers disagree about which of two equal names counts, so an object
/// with two is refused (RFC 7515 §4).
pub(super) struct Members(Map<String, Value>);

/// Characters of a key's name at most. Cognito's have 44.
const KEY_ID_CHARS_MAX: usize = 256;
/// Header members that bring their own key, change what is signed, or must be understood.
const REFUSED_MEMBERS: [&str; 9] = ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc", "cty"];
/// Types of token that may say who somebody is; logout tokens, DPoP proofs and security events have other ones.
const TYPES: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

impl Algorithm {
    /// As `alg` spells it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Rs256, Self::Es256]
            .into_iter()
            .find(|known| known.name() == name)
    }
}

impl<'a> Parts<'a> {
    /// Takes `token` apart.
    ///
    /// *errors*: anything but three parts of base64url with a header we take and a payload that is an object.
    pub(super) fn of(token: &'a str) -> Result<Self, Why> {
        if token.len() > TOKEN_CHARS_MAX {
            return Err("it is too long");
        }
        let (message, signature) = token.rsplit_once('.').ok_or("it has no signature")?;
        let (header, payload) = message.split_once('.').ok_or("it has no payload")?;
        let header = Members::parse(header).ok_or("its header is no object")?;
        if REFUSED_MEMBERS.iter().any(|name| header.0.contains_key(*name)) {
            return Err("its header has a member we do not take");
        }
        let is_known = |typ: &str| TYPES.contains(&typ.to_ascii_lowercase().as_str());
        if header.0.contains_key("typ") && !header.text("typ").is_some_and(is_known) {
            return Err("it is of another type");
        }
        let algorithm = header.text("alg").and_then(Algorithm::named);
        let key_id = header
            .text("kid")
            .filter(|id| (1..=KEY_ID_CHARS_MAX).contains(&id.len()));
        Ok(Self {
            algorithm: algorithm.ok_or("its algorithm is none of ours")?,
            key_id: key_id.ok_or("it names no key")?.to_owned(),
            claims: Members::parse(payload).ok_or("its payload is no object")?,
            message: message.as_bytes(),
            signature: URL_SAFE_NO_PAD
                .decode(signature)
                .map_err(|_| "its signature is no base64url")?,
        })
    }
}

impl Members {
    fn parse(part: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
    }

    /// The member `name`, of any type.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The member `name` when it is text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The member `name` when it is there.
    ///
    /// *errors*: it is no whole number.
    pub(super) fn seconds(&self, name: &str) -> Result<Option<i64>, Why> {
        let value = self.0.get(name);
        value
            .map(|value| value.as_i64().ok_or("a time is no whole number"))
            .transpose()
    }

    /// The member at `path`: of that name, or found by the names between its dots.
    pub(super) fn at(&self, path: &str) -> Option<&Value> {
        if let Some(value) = self.0.get(path) {
            return Some(value);
        }
        let (first, rest) = path.split_once('.')?;
        rest.split('.')
            .try_fold(self.0.get(first)?, |value, name| value.get(name))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Strict;
        impl<'de> Visitor<'de> for Strict {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("two members have the same name"));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Strict)
    }
}
