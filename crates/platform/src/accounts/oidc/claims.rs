//! What a token must say to be good, and whom it then names.

use serde_json::Value;

use super::config::Config;
use super::token::{Members, Why};
use crate::Role;
use crate::accounts::model;

/// What a token is shown for.
#[derive(Clone, Copy)]
pub(super) enum Use<'a> {
    /// In `Authorization: Bearer`: an access token or an ID token.
    Bearer,
    /// At the end of the code flow: the ID token of this one sign-in.
    SignIn {
        /// What we sent along at its beginning.
        nonce: &'a str,
        /// What came with it.
        access_token: &'a str,
    },
}

/// A person as the issuer knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::accounts) struct Identity {
    /// The issuer's URL, as its tokens spell it.
    pub(in crate::accounts) issuer: String,
    /// The issuer's name for the person, never given to another.
    pub(in crate::accounts) subject: String,
    /// When the issuer said so, epoch s.
    pub(in crate::accounts) issued_at_s: i64,
    /// Display name, when the token has one.
    pub(super) name: Option<String>,
    /// Normalised, and verified by the issuer.
    pub(super) email: Option<String>,
    /// From the groups; at least [`Role::Member`].
    pub(super) roles: Vec<Role>,
}

/// Clocks differ by this much at most.
const LEEWAY_S: i64 = 60;
/// The longest life of a token. Cognito allows a day; what lives longer is no access token.
const LIFE_S_MAX: i64 = 24 * 3600;
/// Characters of a subject at most (OpenID Connect Core §2).
const SUBJECT_CHARS_MAX: usize = 255;
/// Audiences and groups looked at in one token.
const ITEMS_MAX: usize = 256;

/// Judges claims; their signature is another matter.
///
/// *source*: OpenID Connect Core §3.1.3.7; RFC 9068 §4; Amazon Cognito, "Verifying JSON web tokens".
pub(super) fn check(claims: &Members, config: &Config, now_s: i64, shown_for: Use<'_>) -> Result<(), Why> {
    if claims.text("iss") != Some(&config.issuer) {
        return Err("it is of another issuer");
    }
    check_times(claims, now_s)?;
    let is_name = |sub: &&str| (1..=SUBJECT_CHARS_MAX).contains(&sub.len()) && !sub.chars().any(char::is_control);
    claims.text("sub").filter(is_name).ok_or("it names nobody")?;
    if claims.value("events").is_some() || claims.value("cnf").is_some() {
        // A logout token or security event; a token that is good only together with a proof.
        return Err("it is no bearer token");
    }
    match shown_for {
        Use::Bearer => check_bearer(claims, config),
        Use::SignIn { nonce, access_token } => check_sign_in(claims, config, nonce, access_token),
    }
}

fn check_times(claims: &Members, now_s: i64) -> Result<(), Why> {
    let exp = claims.seconds("exp")?.ok_or("it never expires")?;
    let iat = claims.seconds("iat")?.ok_or("it does not say when it was made")?;
    let nbf = claims.seconds("nbf")?.unwrap_or(iat);
    // The numbers are the sender's: nothing here may overflow.
    if now_s >= exp.saturating_add(LEEWAY_S) {
        return Err("it has expired");
    }
    if iat > now_s + LEEWAY_S || nbf > now_s + LEEWAY_S {
        return Err("it is not good yet");
    }
    if iat >= exp || exp.saturating_sub(iat) > LIFE_S_MAX {
        return Err("it lives too long");
    }
    Ok(())
}

fn check_bearer(claims: &Members, config: &Config) -> Result<(), Why> {
    match claims.value("token_use").map(Value::as_str) {
        // Cognito: an access token names its client, and has an audience only when one was asked for.
        Some(Some("access")) => {
            if !claims.text("client_id").is_some_and(|client| config.accepts(client)) {
                return Err("it was made for another client");
            }
            if claims.value("aud").is_some() && !is_for(claims, |audience| config.accepts(audience)) {
                return Err("it is for another audience");
            }
            Ok(())
        }
        Some(Some("id")) | None => {
            if !is_for(claims, |audience| config.accepts(audience)) {
                return Err("it is for another audience");
            }
            check_authorised_party(claims, config)
        }
        Some(_) => Err("it is for another use"),
    }
}

fn check_sign_in(claims: &Members, config: &Config, nonce: &str, access_token: &str) -> Result<(), Why> {
    if claims.value("token_use").is_some_and(|token_use| token_use != "id") {
        return Err("it is no ID token");
    }
    if !is_for(claims, |audience| audience == config.client_id) {
        return Err("it is for another audience");
    }
    check_authorised_party(claims, config)?;
    if claims.text("nonce") != Some(nonce) {
        return Err("it belongs to another sign-in");
    }
    match claims.value("at_hash") {
        Some(hash) if hash.as_str() != Some(&half_hash(access_token)) => Err("its access token is another"),
        _ => Ok(()),
    }
}

/// A token for us that another client asked for is that client's (OpenID Connect Core §2, `azp`); a token for one of the other
/// audiences may have been asked for by anybody.
fn check_authorised_party(claims: &Members, config: &Config) -> Result<(), Why> {
    let is_for_us = is_for(claims, |audience| audience == config.client_id);
    match claims.value("azp") {
        Some(party) if is_for_us && !party.as_str().is_some_and(|party| config.accepts(party)) => {
            Err("it was made for another client")
        }
        _ => Ok(()),
    }
}

/// Whether `aud`, a text or a list of texts, holds one that `accepts`.
fn is_for(claims: &Members, accepts: impl Fn(&str) -> bool) -> bool {
    match claims.value("aud") {
        Some(Value::String(audience)) => accepts(audience),
        Some(Value::Array(audiences)) => {
            audiences.len() <= ITEMS_MAX
                && audiences.iter().all(Value::is_string)
                && audiences.iter().filter_map(Value::as_str).any(accepts)
        }
        _ => false,
    }
}

/// `at_hash` of RS256 and ES256: base64url of the left half of SHA-256.
fn half_hash(access_token: &str) -> String {
    use base64::Engine as _;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, access_token.as_bytes());
    let (left, _) = digest.as_ref().split_at(digest.as_ref().len() / 2);
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(left)
}

/// Whom claims name that [`check`] let pass.
pub(super) fn identity(claims: &Members, config: &Config) -> Identity {
    let subject = claims.text("sub").unwrap_or_default();
    let is_verified = claims.value("email_verified") == Some(&Value::Bool(true));
    let email = claims.text("email").filter(|_| is_verified);
    Identity {
        issuer: config.issuer.clone(),
        subject: subject.to_owned(),
        issued_at_s: claims.seconds("iat").ok().flatten().unwrap_or_default(),
        name: name(claims, subject),
        email: email.and_then(|email| model::normalised_email(email).ok()),
        roles: roles(claims, config),
    }
}

/// The first name that a person would recognise; a username that repeats the subject is none.
fn name(claims: &Members, subject: &str) -> Option<String> {
    let both = match (claims.text("given_name"), claims.text("family_name")) {
        (Some(given), Some(family)) => Some(format!("{given} {family}")),
        _ => None,
    };
    let single = |name: &str| claims.text(name).map(str::to_owned);
    let names = [
        single("name"),
        both,
        single("nickname"),
        single("preferred_username"),
        single("cognito:username"),
        single("username"),
    ];
    let mut known = names.into_iter().flatten().filter(|name| name != subject);
    known.find_map(|name| model::trimmed_name(&name).ok())
}

fn roles(claims: &Members, config: &Config) -> Vec<Role> {
    let groups: Vec<&str> = match claims.at(&config.role_claim) {
        Some(Value::String(group)) => vec![group],
        Some(Value::Array(groups)) => groups.iter().take(ITEMS_MAX).filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is_in = |wanted: &[String]| wanted.iter().any(|group| groups.contains(&group.as_str()));
    let granted = [
        (Role::Admin, is_in(&config.admin_groups)),
        (Role::Host, is_in(&config.host_groups)),
        (Role::Member, true),
    ];
    granted
        .into_iter()
        .filter(|(_, is_granted)| *is_granted)
        .map(|(role, _)| role)
        .collect()
}

impl Identity {
    /// Whether the token said more than who it is.
    pub(super) fn has_profile(&self) -> bool {
        self.name.is_some() || self.email.is_some()
    }
}
