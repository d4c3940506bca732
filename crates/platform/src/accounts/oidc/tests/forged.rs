//! The wall: every way we know to make a token that is not good.

use aws_lc_rs::hmac;

use super::*;
use crate::testing::START_MS;

const NOW_S: i64 = START_MS / 1000;

/// A forger, who knows everything that is public and can have tokens of any shape signed by keys of its own.
struct Forger<'a> {
    issuer: &'a Issuer,
    foreign: std::sync::Arc<SigningKey>,
}

impl Forger<'_> {
    /// A right access token but for `changes` to its claims, signed by the issuer: what it would take a lax issuer to make.
    fn access(&self, changes: Value) -> String {
        self.issuer.access_token("ada", changes)
    }

    fn id(&self, changes: Value) -> String {
        self.issuer.id_token("ada", changes)
    }

    /// A right access token but for `changes` to its header, signed by the issuer.
    fn header(&self, changes: Value) -> String {
        let key = self.issuer.key("rsa-1");
        let mut header = key.header();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => header.as_object_mut().unwrap().remove(name),
                value => header.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        key.sign_text(&header.to_string(), &self.claims().to_string())
    }

    fn claims(&self) -> Value {
        self.issuer.access_claims("ada", json!({}))
    }

    /// Signed with HMAC under `secret`.
    fn hmac(&self, alg: &str, kid: &str, secret: &[u8]) -> String {
        let header = json!({ "alg": alg, "kid": kid }).to_string();
        let message = format!("{}.{}", encoded(header), encoded(self.claims().to_string()));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        format!("{message}.{}", encoded(tag))
    }

    fn unsigned(&self, header: Value, signature: &str) -> String {
        format!(
            "{}.{}.{signature}",
            encoded(header.to_string()),
            encoded(self.claims().to_string())
        )
    }
}

/// `token` with one bit of byte `at` of its part `part` turned over.
fn flipped(token: &str, part: usize, at: usize) -> String {
    use base64::Engine as _;
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let mut bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(&parts[part])
        .unwrap();
    let at = at.min(bytes.len() - 1);
    bytes[at] ^= 1;
    parts[part] = encoded(bytes);
    parts.join(".")
}

fn algorithms(forger: &Forger<'_>) -> Vec<(&'static str, String)> {
    let issuer = forger.issuer;
    let (rsa, p256) = (issuer.key("rsa-1"), issuer.key("p256-1"));
    let modulus = rsa.jwk()["n"].as_str().unwrap().to_owned();
    let claims = forger.claims().to_string();
    vec![
        (
            "no algorithm",
            forger.unsigned(json!({ "alg": "none", "kid": "rsa-1" }), ""),
        ),
        (
            "no algorithm, otherwise spelled",
            forger.unsigned(json!({ "alg": "nOnE", "kid": "rsa-1" }), ""),
        ),
        (
            "no algorithm, with a signature",
            forger.header(json!({ "alg": "none" })),
        ),
        ("no alg member", forger.header(json!({ "alg": null }))),
        ("alg of another type", forger.header(json!({ "alg": ["RS256"] }))),
        ("alg in small letters", forger.header(json!({ "alg": "rs256" }))),
        (
            "HMAC with the public key",
            forger.hmac("HS256", "rsa-1", &rsa.public_bytes()),
        ),
        (
            "HMAC with the modulus as published",
            forger.hmac("HS256", "rsa-1", modulus.as_bytes()),
        ),
        (
            "HMAC with the public point",
            forger.hmac("HS256", "p256-1", &p256.public_bytes()),
        ),
        ("HMAC with nothing", forger.hmac("HS256", "rsa-1", b"")),
        ("HMAC called RS256", forger.hmac("RS256", "rsa-1", &rsa.public_bytes())),
        ("RS512 on a right signature", forger.header(json!({ "alg": "RS512" }))),
        ("PS256 on a right signature", forger.header(json!({ "alg": "PS256" }))),
        (
            "an RSA signature called ES256",
            forger.header(json!({ "alg": "ES256" })),
        ),
        (
            "the P-256 key's name with RS256",
            forger.header(json!({ "kid": "p256-1" })),
        ),
        (
            "a P-256 signature called RS256",
            p256.sign_text(&json!({ "alg": "RS256", "kid": "p256-1" }).to_string(), &claims),
        ),
        (
            "a P-256 signature of zeros",
            forger.unsigned(json!({ "alg": "ES256", "kid": "p256-1" }), &encoded([0; 64])),
        ),
    ]
}

fn keys(forger: &Forger<'_>) -> Vec<(&'static str, String)> {
    let foreign = &forger.foreign;
    let claims = forger.claims().to_string();
    let with_foreign = |header: Value| foreign.sign_text(&header.to_string(), &claims);
    let p256 = SigningKey::p256("p256-1");
    vec![
        ("a foreign key under a known name", foreign.sign(&forger.claims())),
        ("a foreign P-256 key under a known name", p256.sign(&forger.claims())),
        (
            "an unknown key",
            with_foreign(json!({ "alg": "RS256", "kid": "rsa-9" })),
        ),
        ("no key named", forger.header(json!({ "kid": null }))),
        ("an empty key name", forger.header(json!({ "kid": "" }))),
        ("a key named by number", forger.header(json!({ "kid": 1 }))),
        ("a long key name", forger.header(json!({ "kid": "k".repeat(300) }))),
        (
            "its own key inside",
            with_foreign(json!({ "alg": "RS256", "kid": "rsa-1", "jwk": foreign.jwk() })),
        ),
        ("a needless key inside", forger.header(json!({ "jwk": foreign.jwk() }))),
        (
            "an address of keys",
            forger.header(json!({ "jku": "https://evil.example/jwks" })),
        ),
        (
            "the right address of keys",
            forger.header(json!({ "jku": format!("{}/jwks", forger.issuer.url) })),
        ),
        (
            "an address of a certificate",
            forger.header(json!({ "x5u": "https://evil.example/cert" })),
        ),
        ("a certificate", forger.header(json!({ "x5c": ["AAAA"] }))),
        (
            "an extension to understand",
            forger.header(json!({ "crit": ["exp"], "exp": 1 })),
        ),
        (
            "an unencoded payload",
            forger.header(json!({ "b64": false, "crit": ["b64"] })),
        ),
        ("compressed", forger.header(json!({ "zip": "DEF" }))),
        ("a token in a token", forger.header(json!({ "cty": "JWT" }))),
        ("a logout token by type", forger.header(json!({ "typ": "logout+jwt" }))),
        ("a DPoP proof by type", forger.header(json!({ "typ": "dpop+jwt" }))),
        ("a type of another type", forger.header(json!({ "typ": 1 }))),
    ]
}

fn claims(forger: &Forger<'_>) -> Vec<(&'static str, String)> {
    let url = &forger.issuer.url;
    let access = |changes| forger.access(changes);
    let id = |changes| forger.id(changes);
    vec![
        (
            "expired beyond the leeway",
            access(json!({ "iat": NOW_S - 3660, "exp": NOW_S - 60 })),
        ),
        ("long expired", access(json!({ "iat": 1, "exp": 3600 }))),
        ("no expiry", access(json!({ "exp": null }))),
        ("expiry as text", access(json!({ "exp": (NOW_S + 3600).to_string() }))),
        ("expiry as fraction", access(json!({ "exp": 1_795_251_600.5 }))),
        ("expiry too large for a number", access(json!({ "exp": u64::MAX }))),
        ("expiry at the end of time", access(json!({ "exp": i64::MAX }))),
        ("expiry below zero", access(json!({ "exp": i64::MIN }))),
        (
            "good for longer than a day",
            access(json!({ "exp": NOW_S + 24 * 3600 + 1 })),
        ),
        ("made long ago", access(json!({ "iat": NOW_S - 25 * 3600 }))),
        ("made at the beginning of time", access(json!({ "iat": i64::MIN }))),
        ("made in the future", access(json!({ "iat": NOW_S + 61 }))),
        ("made after its end", access(json!({ "iat": NOW_S, "exp": NOW_S - 1 }))),
        ("made at no time", access(json!({ "iat": null }))),
        ("made at a text", access(json!({ "iat": "now" }))),
        ("not good yet", access(json!({ "nbf": NOW_S + 61 }))),
        ("good from a text on", access(json!({ "nbf": "0" }))),
        ("no issuer", access(json!({ "iss": null }))),
        ("another issuer", access(json!({ "iss": "https://evil.example" }))),
        ("the issuer with a slash", access(json!({ "iss": format!("{url}/") }))),
        (
            "the issuer and more",
            access(json!({ "iss": format!("{url}.evil.example") })),
        ),
        (
            "a part of the issuer",
            access(json!({ "iss": url.strip_suffix("l").unwrap() })),
        ),
        ("the issuer in capitals", access(json!({ "iss": url.to_uppercase() }))),
        ("a list of issuers", access(json!({ "iss": [url] }))),
        ("our own issuer", access(json!({ "iss": "rostrum" }))),
        ("nobody", access(json!({ "sub": null }))),
        ("an empty name", access(json!({ "sub": "" }))),
        ("a long name", access(json!({ "sub": "s".repeat(256) }))),
        ("a name with a line end", access(json!({ "sub": "ada\n" }))),
        ("a name that is a number", access(json!({ "sub": 1 }))),
        (
            "an access token of another client",
            access(json!({ "client_id": "client-of-theirs" })),
        ),
        ("an access token of no client", access(json!({ "client_id": null }))),
        (
            "an access token with an audience for a client",
            access(json!({ "client_id": null, "aud": CLIENT })),
        ),
        (
            "an access token for another audience",
            access(json!({ "aud": "client-of-theirs" })),
        ),
        ("a list of clients", access(json!({ "client_id": [CLIENT] }))),
        (
            "a refresh token",
            access(json!({ "token_use": "refresh", "aud": CLIENT })),
        ),
        (
            "a use that is no text",
            access(json!({ "token_use": true, "aud": CLIENT })),
        ),
        ("an empty use", access(json!({ "token_use": "", "aud": CLIENT }))),
        (
            "an access token called an ID token",
            access(json!({ "token_use": "id" })),
        ),
        (
            "an ID token called an access token",
            id(json!({ "token_use": "access" })),
        ),
        (
            "an ID token of another client",
            id(json!({ "aud": "client-of-theirs" })),
        ),
        ("an ID token for nobody", id(json!({ "aud": null }))),
        ("an ID token for an empty list", id(json!({ "aud": [] }))),
        (
            "an ID token for a list with a number",
            id(json!({ "aud": [CLIENT, 1] })),
        ),
        ("an ID token for an object", id(json!({ "aud": { CLIENT: true } }))),
        (
            "an ID token that another asked for",
            id(json!({ "azp": "client-of-theirs" })),
        ),
        ("a generic token without audience", access(json!({ "token_use": null }))),
        (
            "a generic token for another",
            id(json!({ "token_use": null, "aud": "account" })),
        ),
        ("a logout token by its events", id(json!({ "events": {} }))),
        ("a token that needs a proof", access(json!({ "cnf": { "jkt": "a" } }))),
    ]
}

fn shapes(forger: &Forger<'_>) -> Vec<(&'static str, String)> {
    let good = forger.access(json!({}));
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        unreachable!("a token has three parts");
    };
    let key = forger.issuer.key("rsa-1");
    let head = key.header().to_string();
    let text = forger.claims().to_string();
    let twice = |member: &str| text.replacen('{', &format!("{{{member},"), 1);
    let mut last = signature.as_bytes().to_vec();
    // The last character of 256 bytes carries two bits; another character with the same two is another spelling.
    *last.last_mut().unwrap() = if last.last() == Some(&b'B') { b'C' } else { b'B' };
    let respelled = String::from_utf8(last).unwrap();
    vec![
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
        ("one part", header.to_owned()),
        ("two parts", format!("{header}.{payload}")),
        ("no signature", format!("{header}.{payload}.")),
        ("no payload", format!("{header}..{signature}")),
        ("four parts", format!("{good}.{signature}")),
        ("five parts, as if encrypted", format!("{good}.{payload}.{signature}")),
        ("cut short", good[..good.len() - 10].to_owned()),
        ("one character more", format!("{good}A")),
        ("padded", format!("{good}==")),
        ("a space inside", good.replacen('.', " .", 1)),
        ("the last bits respelled", format!("{header}.{payload}.{respelled}")),
        (
            "another alphabet",
            format!("{header}.{payload}.{}", signature.replace(['-', '_'], "+")),
        ),
        (
            "the parts of two tokens",
            format!("{header}.{}.{signature}", encoded(text.replace("ada", "eve"))),
        ),
        ("a bit of the header", flipped(&good, 0, 3)),
        ("a bit of the key's name", flipped(&good, 0, 26)),
        ("the first bit of the payload", flipped(&good, 1, 0)),
        ("a bit amid the payload", flipped(&good, 1, 100)),
        ("the first byte of the signature", flipped(&good, 2, 0)),
        ("the last byte of the signature", flipped(&good, 2, usize::MAX)),
        ("two subjects", key.sign_text(&head, &twice(r#""sub":"eve""#))),
        ("two expiries", key.sign_text(&head, &twice(r#""exp":1"#))),
        (
            "two groups",
            key.sign_text(&head, &twice(r#""cognito:groups":["Admin"],"cognito:groups":[]"#)),
        ),
        (
            "two algorithms",
            key.sign_text(&head.replacen('{', r#"{"alg":"none","#, 1), &text),
        ),
        ("a list for a payload", key.sign_text(&head, "[]")),
        ("a list for a header", key.sign_text("[]", &text)),
        ("text after the payload", key.sign_text(&head, &format!("{text}{{}}"))),
        (
            "deep nesting",
            key.sign_text(&head, &twice(&format!(r#""a":{}"#, "[".repeat(1000)))),
        ),
        ("huge", forger.access(json!({ "padding": "p".repeat(TOKEN_CHARS_MAX) }))),
    ]
}

#[tokio::test]
async fn forged_tokens_are_all_refused_with_one_sentence() {
    let story = Story::begin(Database::sqlite()).await;
    let forger = Forger {
        issuer: &story.issuer,
        foreign: SigningKey::other_rsa("rsa-1"),
    };
    let rows = [algorithms(&forger), keys(&forger), claims(&forger), shapes(&forger)].concat();
    assert!(rows.len() >= 100, "the wall has {} rows", rows.len());
    for (why, token) in &rows {
        let refused = authenticate(&story.platform, token).await;
        let error = refused.expect_err(why);
        let expected = (ErrorKind::Unauthenticated, "Invalid or expired token");
        assert_eq!((error.kind, &*error.message), expected, "{why}");
    }
    assert_eq!(story.count("select count(*) from accounts").await, 0, "nobody came in");
    // The forger's tools make good tokens when nothing is changed: the rows above fail for what they change.
    for good in [
        forger.access(json!({})),
        forger.header(json!({})),
        forger.header(json!({ "typ": "at+jwt" })),
        forger.id(json!({})),
    ] {
        story.caller(&good).await.unwrap();
    }
}

#[tokio::test]
async fn ours_and_theirs_never_stand_in_for_each_other() {
    let story = Story::begin(Database::sqlite()).await;
    let local = story.local("ada@example.com", &[Role::Member]).await;
    let ours = story.login("ada@example.com").await.unwrap().access_token;
    let provider = story.platform.accounts().oidc.as_ref().unwrap();
    let now_ms = story.clock.now_ms();
    // Ours is none of theirs.
    let judged = provider
        .verify(ours.reveal(), now_ms, claims::Use::Bearer)
        .await
        .unwrap();
    assert!(judged.is_err());
    // Theirs is none of ours, whatever it says about itself.
    let as_ours = json!({ "iss": "rostrum", "aud": "rostrum-api", "sub": local.id, "ver": 0, "roles": ["admin"] });
    for theirs in [
        story.issuer.access_token("ada", json!({})),
        story.issuer.access_token("ada", as_ours.clone()),
        story.issuer.key("rsa-1").sign_text(
            &json!({ "alg": "HS256", "typ": "at+jwt", "kid": "rsa-1" }).to_string(),
            &story.issuer.access_claims("ada", as_ours).to_string(),
        ),
    ] {
        assert_eq!(story.platform.accounts().tokens.check(&theirs, now_ms), None);
    }
    // A subject that is the id of an account here is still only the issuer's name for somebody.
    let namesake = story
        .caller(&story.issuer.access_token(&local.id, json!({})))
        .await
        .unwrap();
    assert_ne!(namesake.id, local.id);
}
