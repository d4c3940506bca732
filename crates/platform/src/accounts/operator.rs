//! Whoever holds the installation's key is its operator: the command line signs in with a token made from it.

use aws_lc_rs::hmac;

use crate::config::SecretKey;
use crate::{Caller, Error, Role, Secret, seal};

/// Every operator token begins with this.
pub(super) const PREFIX: &str = "rop_";
/// How long a token is good for. A command makes one for itself and uses it at once.
const LIFETIME_S: i64 = 60;

/// A token for one command, good for a minute.
///
/// *shape*: `rop_{expiry, epoch s}.{HMAC-SHA256 of the expiry, hexadecimal}`.
/// *errors*: [`crate::ErrorKind::Internal`] when the key cannot be derived.
pub fn operator_token(key: &SecretKey, now_ms: i64) -> Result<Secret, Error> {
    let expiry = (now_ms / 1000 + LIFETIME_S).to_string();
    let tag = hmac::sign(&signing_key(key)?, expiry.as_bytes());
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Secret::new(format!("{PREFIX}{expiry}.{digits}")))
}

/// The operator, when the token was made with our key and is still good at `now_ms`.
pub(super) fn operator(key: &SecretKey, token: &str, now_ms: i64) -> Result<Option<Caller>, Error> {
    let Some((expiry, digits)) = token.strip_prefix(PREFIX).and_then(|rest| rest.split_once('.')) else {
        return Ok(None);
    };
    let bytes = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let Some(tag) = digits.as_bytes().chunks(2).map(bytes).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let is_ours = hmac::verify(&signing_key(key)?, expiry.as_bytes(), &tag).is_ok();
    let is_good = expiry.parse::<i64>().is_ok_and(|expiry| now_ms / 1000 < expiry);
    Ok((is_ours && is_good).then(|| Caller::Service {
        id: "operator".to_owned(),
        name: "operator".to_owned(),
        roles: vec![Role::Admin],
    }))
}

fn signing_key(key: &SecretKey) -> Result<hmac::Key, Error> {
    Ok(hmac::Key::new(
        hmac::HMAC_SHA256,
        &seal::derive(key, b"rostrum operator v1")?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_800_000_000_000;

    fn is_operator(key: u8, token: &str, now_ms: i64) -> bool {
        operator(&SecretKey::new([key; 32]), token, now_ms).unwrap().is_some()
    }

    #[test]
    fn only_the_holder_of_the_key_is_the_operator_and_only_for_a_minute() {
        let token = operator_token(&SecretKey::new([1; 32]), NOW_MS).unwrap();
        let token = token.reveal();
        assert!(is_operator(1, token, NOW_MS + 59_000));
        assert!(!is_operator(1, token, NOW_MS + 60_000), "expired");
        assert!(!is_operator(2, token, NOW_MS), "another key");
        let (expiry, tag) = token.strip_prefix(PREFIX).unwrap().split_once('.').unwrap();
        let later = expiry.parse::<i64>().unwrap() + 1;
        for forged in [
            format!("{PREFIX}{later}.{tag}"),
            format!("{PREFIX}{expiry}."),
            PREFIX.to_owned(),
            "rop_1.zz".to_owned(),
        ] {
            assert!(!is_operator(1, &forged, NOW_MS), "{forged}");
        }
    }
}
