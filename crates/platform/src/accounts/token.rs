//! Access tokens: signed JSON that names an account for fifteen minutes.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::model::Account;
use crate::config::SecretKey;
use crate::{Error, Role, Secret, seal};

/// Signs and checks access tokens.
///
/// *source*: RFC 7519 (JWT), RFC 9068 (`typ` `at+jwt`), RFC 8725 (one algorithm, checked audience, issuer and type).
pub(super) struct Signer {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
}

/// What a token says. `roles` are for the reader of the token; what counts is the account's row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: String,
    /// Account id.
    pub(super) sub: String,
    /// Seconds since the epoch.
    pub(super) iat: i64,
    /// Seconds since the epoch.
    pub(super) exp: i64,
    /// The account's `token_version` when the token was made.
    pub(super) ver: i64,
    /// The session it belongs to; absent from tokens of versions without sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sid: Option<String>,
    pub(super) roles: Vec<Role>,
}

/// What an id token says.
#[derive(Serialize)]
struct IdClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    iat: i64,
    exp: i64,
    token_use: &'a str,
    email: &'a str,
    name: &'a str,
    roles: &'a [Role],
}

/// How long an access token is good for.
pub(super) const LIFETIME_S: i64 = 15 * 60;
const ISSUER: &str = "rostrum";
const AUDIENCE: &str = "rostrum-api";
const TYPE: &str = "at+jwt";
const ID_AUDIENCE: &str = "rostrum-client";
const ID_TYPE: &str = "JWT";
/// Characters of a token at most; ours have about 300.
const CHARS_MAX: usize = 2048;

impl Signer {
    pub(super) fn new(key: &SecretKey) -> Result<Self, Error> {
        let secret = seal::derive(key, b"rostrum access token v1")?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        // The library would read the system clock; the moment of the request is compared below.
        validation.validate_exp = false;
        Ok(Self {
            signing: EncodingKey::from_secret(&secret),
            checking: DecodingKey::from_secret(&secret),
            validation,
        })
    }

    /// A token for `account` in its session.
    pub(super) fn sign(&self, account: &Account, version: i64, session: &str, now_ms: i64) -> Result<Secret, Error> {
        let iat = now_ms / 1000;
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: account.id.clone(),
            iat,
            exp: iat + LIFETIME_S,
            ver: version,
            sid: Some(session.to_owned()),
            roles: account.roles.clone(),
        };
        self.encode(TYPE, &claims)
    }

    /// A token that tells the client who signed in. Type and audience keep it from being taken for an access token.
    ///
    /// *source*: OpenID Connect Core 1.0 §2 and §5.1 (names of the claims).
    pub(super) fn sign_id(&self, account: &Account, now_ms: i64) -> Result<Secret, Error> {
        let iat = now_ms / 1000;
        let claims = IdClaims {
            iss: ISSUER,
            aud: ID_AUDIENCE,
            sub: &account.id,
            iat,
            exp: iat + LIFETIME_S,
            token_use: "id",
            email: &account.email,
            name: &account.name,
            roles: &account.roles,
        };
        self.encode(ID_TYPE, &claims)
    }

    fn encode(&self, typ: &str, claims: &impl Serialize) -> Result<Secret, Error> {
        let header = Header {
            typ: Some(typ.to_owned()),
            ..Header::new(Algorithm::HS256)
        };
        jsonwebtoken::encode(&header, claims, &self.signing)
            .map(Secret::new)
            .map_err(|error| Error::internal(format_args!("signing a token: {error}")))
    }

    /// What `token` says, when we signed it for this use and it is still good at `now_ms`.
    pub(super) fn check(&self, token: &str, now_ms: i64) -> Option<Claims> {
        if token.len() > CHARS_MAX {
            return None;
        }
        let data = jsonwebtoken::decode::<Claims>(token, &self.checking, &self.validation).ok()?;
        (data.header.typ.as_deref() == Some(TYPE) && now_ms / 1000 < data.claims.exp).then_some(data.claims)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use super::*;

    const NOW_MS: i64 = 1_800_000_000_000;

    fn signer(key: u8) -> Signer {
        Signer::new(&SecretKey::new([key; 32])).unwrap()
    }

    fn account() -> Account {
        Account {
            id: "a".to_owned(),
            email: "ada@example.com".to_owned(),
            name: "Ada".to_owned(),
            roles: vec![Role::Host],
            created_at_ms: 0,
        }
    }

    /// A token that is right but for `change`, signed with our key.
    fn forged(header: Header, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "a", "iat": NOW_MS / 1000,
            "exp": NOW_MS / 1000 + 60, "ver": 0, "roles": ["member"] });
        change(&mut claims);
        jsonwebtoken::encode(&header, &claims, &signer(1).signing).unwrap()
    }

    fn header(typ: Option<&str>) -> Header {
        Header {
            typ: typ.map(str::to_owned),
            ..Header::new(Algorithm::HS256)
        }
    }

    #[test]
    fn a_token_is_good_for_fifteen_minutes() {
        let token = signer(1).sign(&account(), 3, "s", NOW_MS).unwrap();
        let claims = signer(1).check(token.reveal(), NOW_MS + 899_000).unwrap();
        assert_eq!(
            (
                claims.sub.as_str(),
                claims.ver,
                claims.sid.as_deref(),
                claims.roles.as_slice()
            ),
            ("a", 3, Some("s"), [Role::Host].as_slice())
        );
        assert_eq!(signer(1).check(token.reveal(), NOW_MS + 900_000), None);
    }

    #[test]
    fn forged_tokens_are_refused() {
        let good = forged(header(Some(TYPE)), |_| {});
        assert!(signer(1).check(&good, NOW_MS).is_some(), "the forger's base is right");
        let (_, rest) = good.split_once('.').unwrap();
        let (payload, _) = rest.split_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#);
        for (why, token) in [
            ("no algorithm", format!("{none}.{payload}.")),
            ("no signature", good[..good.rfind('.').unwrap() + 1].to_owned()),
            (
                "another algorithm",
                forged(
                    Header {
                        typ: Some(TYPE.into()),
                        ..Header::new(Algorithm::HS512)
                    },
                    |_| {},
                ),
            ),
            ("another type", forged(header(Some("JWT")), |_| {})),
            ("no type", forged(header(None), |_| {})),
            (
                "another audience",
                forged(header(Some(TYPE)), |claims| claims["aud"] = json!("elsewhere")),
            ),
            (
                "no audience",
                forged(header(Some(TYPE)), |claims| claims["aud"] = Value::Null),
            ),
            (
                "another issuer",
                forged(header(Some(TYPE)), |claims| claims["iss"] = json!("evil")),
            ),
            (
                "expired",
                forged(header(Some(TYPE)), |claims| claims["exp"] = json!(NOW_MS / 1000)),
            ),
            (
                "no expiry",
                forged(header(Some(TYPE)), |claims| claims["exp"] = Value::Null),
            ),
            ("too long", format!("{good}{}", "A".repeat(CHARS_MAX))),
            ("no token", String::new()),
            (
                "an id token",
                signer(1).sign_id(&account(), NOW_MS).unwrap().reveal().to_owned(),
            ),
        ] {
            assert_eq!(signer(1).check(&token, NOW_MS), None, "{why}");
        }
        assert_eq!(signer(2).check(&good, NOW_MS), None, "another key");
    }
}
