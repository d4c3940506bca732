//! Which issuer, and how its people are judged.

use url::{Host, Url};

use crate::{Error, Secret};

/// Settings of the issuer.
#[derive(Debug, Clone)]
pub struct Config {
    /// The issuer as its tokens spell it in `iss`, to the last slash. https, or http on this machine.
    pub issuer: String,
    /// What the issuer calls us.
    pub client_id: String,
    /// `None` for a public client, which PKCE alone protects.
    pub client_secret: Option<Secret>,
    /// What people read on the sign-in button.
    pub name: String,
    /// Scopes asked for in the code flow; `openid` is added.
    pub scopes: Vec<String>,
    /// Claim with the groups of a person: a member's name, or a path of names with dots between.
    pub role_claim: String,
    /// Groups whose people are administrators.
    pub admin_groups: Vec<String>,
    /// Groups whose people are hosts.
    pub host_groups: Vec<String>,
    /// Other clients and audiences of the same issuer whose tokens are accepted as bearer tokens.
    pub audiences: Vec<String>,
}

impl Config {
    /// The defaults, which fit Amazon Cognito.
    pub fn new(issuer: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            client_id: client_id.into(),
            client_secret: None,
            name: "single sign-on".to_owned(),
            scopes: vec!["email".to_owned(), "profile".to_owned()],
            role_claim: "cognito:groups".to_owned(),
            admin_groups: vec!["Admin".to_owned()],
            host_groups: vec!["Mentor".to_owned()],
            audiences: Vec::new(),
        }
    }

    /// Passes an issuer that can be asked safely.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] naming `issuer`, `client_id` or `role_claim`.
    pub fn check(&self) -> Result<(), Error> {
        let url = Url::parse(&self.issuer).ok();
        let is_plain = |url: &Url| url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !url.is_some_and(|url| is_safe(&url) && is_plain(&url)) {
            let message = "the issuer must be an https:// URL (http:// only on this machine) without query or fragment";
            return Err(Error::invalid("issuer", message));
        }
        if self.client_id.trim().is_empty() {
            return Err(Error::invalid("client_id", "the client id must not be empty"));
        }
        if self.role_claim.is_empty() {
            return Err(Error::invalid("role_claim", "the role claim must not be empty"));
        }
        Ok(())
    }

    /// Where the issuer describes itself. *source*: OpenID Connect Discovery 1.0 §4.
    pub(super) fn discovery_url(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'))
    }

    /// Whether the issuer is on this machine, the only place where http is good enough.
    pub(super) fn is_local(&self) -> bool {
        self.issuer.starts_with("http://")
    }

    /// Whether tokens for `audience` are meant for us.
    pub(super) fn accepts(&self, audience: &str) -> bool {
        audience == self.client_id || self.audiences.iter().any(|accepted| accepted == audience)
    }
}

/// https anywhere, http on this machine.
fn is_safe(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        ("http", Some(Host::Domain(name))) => name == "localhost",
        _ => false,
    }
}

/// Whether a URL that the issuer names may be followed: https, or for an issuer on this machine http there.
pub(super) fn is_followed(config: &Config, text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| is_safe(&url) && (url.scheme() == "https" || config.is_local()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_asked_over_https_or_on_this_machine() {
        for (issuer, is_good) in [
            ("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf", true),
            ("https://tenant.example/", true),
            ("http://localhost:9000/realms/a", true),
            ("http://127.0.0.1:9000", true),
            ("http://[::1]:9000", true),
            ("http://tenant.example", false),
            ("http://localhost.example", false),
            ("https://a:b@tenant.example", false),
            ("https://tenant.example?a=b", false),
            ("https://tenant.example#a", false),
            ("ftp://tenant.example", false),
            ("tenant.example", false),
            ("", false),
        ] {
            assert_eq!(Config::new(issuer, "client").check().is_ok(), is_good, "{issuer}");
        }
        assert!(Config::new("https://tenant.example", " ").check().is_err());
    }

    #[test]
    fn discovery_is_found_with_and_without_a_last_slash() {
        for issuer in ["https://tenant.example/pool", "https://tenant.example/pool/"] {
            let url = "https://tenant.example/pool/.well-known/openid-configuration";
            assert_eq!(Config::new(issuer, "client").discovery_url(), url);
        }
    }

    #[test]
    fn a_distant_issuer_cannot_send_us_to_this_machine() {
        let (far, near) = (
            Config::new("https://tenant.example", "c"),
            Config::new("http://localhost:1", "c"),
        );
        assert!(is_followed(&far, "https://keys.example/jwks"));
        assert!(!is_followed(&far, "http://localhost:1/jwks"));
        assert!(!is_followed(&far, "file:///etc/passwd"));
        assert!(is_followed(&near, "http://localhost:2/jwks"));
        assert!(!is_followed(&near, "http://keys.example/jwks"));
    }
}
