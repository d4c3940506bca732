//! The refresh cookie: out of reach of scripts, sent to the sign-in routes of this site only.

use http::{HeaderMap, HeaderValue, header};
use platform::Secret;
use url::Url;

use crate::client::Client;
use crate::config::Config;
use crate::error::Problem;

/// The refresh token a browser sent; empty when it sent none.
pub(crate) fn read(headers: &HeaderMap) -> Secret {
    find(headers, NAME)
}

/// What a browser that comes back from the issuer was given on its way there; empty when it was given nothing.
pub(crate) fn read_errand(headers: &HeaderMap) -> Secret {
    find(headers, ERRAND_NAME)
}

fn find(headers: &HeaderMap, name: &str) -> Secret {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';'));
    let value = pairs.find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='));
    Secret::new(value.unwrap_or_default())
}

/// `Set-Cookie` that stores `token` for `max_age_s` seconds; an empty token with 0 seconds removes it.
pub(crate) fn set(config: &Config, client: Client, token: &str, max_age_s: i64) -> HeaderValue {
    line(
        config,
        client,
        &format!("{NAME}={token}; Path={PATH}; Max-Age={max_age_s}; HttpOnly; SameSite=Strict"),
    )
}

/// The same for what a browser takes along to the issuer. It comes back by a link on the issuer's page, which `Strict` cookies
/// do not follow.
pub(crate) fn set_errand(config: &Config, client: Client, sealed: &str, max_age_s: i64) -> HeaderValue {
    let attributes = format!("Path={ERRAND_PATH}; Max-Age={max_age_s}; HttpOnly; SameSite=Lax");
    line(config, client, &format!("{ERRAND_NAME}={sealed}; {attributes}"))
}

fn line(config: &Config, client: Client, cookie: &str) -> HeaderValue {
    let is_https = config.is_tls || client.is_forwarded_https || has_https(config.public_url.as_ref());
    let secure = if is_https { "; Secure" } else { "" };
    // Tokens are base64url; anything else cannot be a header and is not worth keeping.
    HeaderValue::from_str(&format!("{cookie}{secure}")).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Refuses requests that a page of another origin made: the second wall behind `SameSite=Strict`. Clients that are not
/// browsers send neither header and hold no one else's cookies.
pub(crate) fn require_same_origin(config: &Config, headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let is_ours = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => is_own_origin(config, origin, text("host")),
        (None, None) => true,
    };
    if is_ours {
        Ok(())
    } else {
        Err(Problem::forbidden("This request must come from our own pages"))
    }
}

fn is_own_origin(config: &Config, origin: &str, host: Option<&str>) -> bool {
    let public = config.public_url.as_ref().map(|url| url.origin().ascii_serialization());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    public.as_deref() == Some(origin) || (authority.is_some() && authority == host)
}

fn has_https(url: Option<&Url>) -> bool {
    url.is_some_and(|url| url.scheme() == "https")
}

const NAME: &str = "rostrum_refresh";
const PATH: &str = "/api/auth";
const ERRAND_NAME: &str = "rostrum_oidc";
const ERRAND_PATH: &str = "/api/auth/oidc";

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let check = |line: &str, token: &str| assert_eq!(read(&headers(&[("cookie", line)])).reveal(), token, "{line}");
        check("a=b; rostrum_refresh=x.y; c=d", "x.y");
        check("rostrum_refresher=x", "");
        check("", "");
        assert_eq!(read(&HeaderMap::new()).reveal(), "");
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        let config = Config {
            public_url: Some("https://live.example/".parse().unwrap()),
            ..Config::default()
        };
        let check = |pairs: &[(&'static str, &str)]| require_same_origin(&config, &headers(pairs)).is_ok();
        assert!(check(&[]));
        assert!(check(&[("sec-fetch-site", "same-origin")]));
        assert!(!check(&[("sec-fetch-site", "same-site")]));
        assert!(!check(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://live.example")
        ]));
        assert!(check(&[("origin", "https://live.example")]));
        assert!(check(&[
            ("origin", "http://localhost:8000"),
            ("host", "localhost:8000")
        ]));
        assert!(!check(&[("origin", "https://evil.example"), ("host", "live.example")]));
        assert!(!check(&[("origin", "null")]));
    }

    #[test]
    fn the_cookie_is_secure_wherever_https_is_used() {
        let client = Client {
            address: [192, 0, 2, 1].into(),
            is_local: false,
            is_forwarded_https: false,
        };
        let is_secure = |config: &Config, client| set(config, client, "t", 60).to_str().unwrap().ends_with("; Secure");
        assert!(!is_secure(&Config::default(), client));
        assert!(is_secure(
            &Config {
                is_tls: true,
                ..Config::default()
            },
            client
        ));
        assert!(is_secure(
            &Config::default(),
            Client {
                is_forwarded_https: true,
                ..client
            }
        ));
    }
}
