//! The code flow: a person goes to the issuer and comes back signed in.
//!
//! What must be remembered meanwhile travels sealed in a cookie, so nothing is stored and any process may finish what
//! another began.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    ExtraTokenFields, HttpRequest, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    StandardRevocableToken, StandardTokenResponse, TokenResponse as _, TokenUrl,
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::claims::Use;
use super::config::Config;
use super::people;
use super::provider::{Endpoints, Provider};
use crate::accounts::limiter::address_key;
use crate::accounts::sessions::{self, Device};
use crate::accounts::sign_in::SignedIn;
use crate::audit::Entry;
use crate::{Context, Error, Secret};

/// Where to send the browser, and what it must bring back.
#[derive(Debug)]
pub struct Started {
    /// The issuer's page.
    pub location: Url,
    /// Sealed; at most 2,000 characters of base64url and one dot.
    pub cookie: Secret,
    /// Seconds that the cookie is good for.
    pub expires_in_s: i64,
}

/// What the browser brings back from the issuer.
#[derive(Debug, Default)]
pub struct Callback {
    /// One-time code, when the person agreed.
    pub code: Option<Secret>,
    /// What we sent along.
    pub state: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// The issuer's URL, when it says so.
    pub iss: Option<String>,
}

/// A person who came back.
#[derive(Debug)]
pub struct Finished {
    /// A session of ours.
    pub session: SignedIn,
    /// The page to go on with, a path under `/ui/`.
    pub next: String,
}

/// What is remembered between going and coming back.
#[derive(Serialize, Deserialize)]
struct Errand {
    state: String,
    nonce: String,
    verifier: String,
    next: String,
    /// Epoch ms.
    expires_at_ms: i64,
}

/// The ID token beside the access token.
#[derive(Debug, Serialize, Deserialize)]
struct IdToken {
    id_token: Option<String>,
}

impl ExtraTokenFields for IdToken {}

type Client = oauth2::Client<
    BasicErrorResponse,
    StandardTokenResponse<IdToken, BasicTokenType>,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// How long somebody may take at the issuer: a password forgotten and a phone fetched.
const ERRAND_S: i64 = 600;
/// Purpose of the cookie's seal.
const SEAL: &str = "oidc-errand";
/// Characters of a code at most; some issuers put an encrypted session into it.
const CODE_CHARS_MAX: usize = 4096;
/// Characters of a sealed errand at most.
const COOKIE_CHARS_MAX: usize = 2048;
/// Characters of the page to go on with at most.
const NEXT_CHARS_MAX: usize = 512;
/// The page to go on with when none is named, or one that is not ours.
const HOME: &str = "/ui/";

/// Begins a sign-in at the issuer, which sends the browser back to `redirect`. `next` is the page to go on with.
///
/// *errors*: [`crate::ErrorKind::NotFound`] without an issuer, [`crate::ErrorKind::Unavailable`] when it does not answer,
/// [`crate::ErrorKind::LimitReached`] for too many sign-ins from one address.
pub async fn start(ctx: &Context, next: Option<&str>, redirect: &Url, device: &Device) -> Result<Started, Error> {
    let provider = provider(ctx)?;
    let by_address = &ctx.platform.accounts().by_address;
    by_address.count(&address_key(device.address), ctx.now_ms)?;
    let metadata = provider.metadata(ctx.now_ms).await?;
    let config = provider.config();
    let client = client(config, &metadata.endpoints, redirect)?;
    let random = || URL_SAFE_NO_PAD.encode(ctx.platform.environment().random_bytes::<32>());
    let errand = Errand {
        state: random(),
        nonce: random(),
        verifier: random(),
        next: local(next).to_owned(),
        expires_at_ms: ctx.now_ms + ERRAND_S * 1000,
    };
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(errand.verifier.clone()));
    let extra = config.scopes.iter().filter(|scope| *scope != "openid").cloned();
    let (location, _) = client
        .authorize_url(|| CsrfToken::new(errand.state.clone()))
        .add_scope(Scope::new("openid".to_owned()))
        .add_scopes(extra.map(Scope::new))
        .add_extra_param("nonce", errand.nonce.clone())
        .set_pkce_challenge(challenge)
        .url();
    let plain = serde_json::to_string(&errand).map_err(Error::internal)?;
    Ok(Started {
        location,
        cookie: Secret::new(ctx.platform.seal().seal(SEAL, &Secret::new(plain))?),
        expires_in_s: ERRAND_S,
    })
}

/// Ends a sign-in: `callback` is what the issuer sent, `cookie` what [`start`] gave this browser.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `state` when this browser did not begin it or took too long, or `error` when
/// the issuer gave no code; [`crate::ErrorKind::Unauthenticated`] when the code or the ID token is no good,
/// [`crate::ErrorKind::Forbidden`] for a closed account, [`crate::ErrorKind::Unavailable`], [`crate::ErrorKind::NotFound`].
pub async fn finish(
    ctx: &Context,
    callback: Callback,
    cookie: &Secret,
    redirect: &Url,
    device: &Device,
) -> Result<Finished, Error> {
    let provider = provider(ctx)?;
    let errand = errand(ctx, &callback, cookie)?;
    if callback.iss.is_some_and(|iss| iss != provider.config().issuer) {
        return Err(refused("the answer is of another issuer"));
    }
    let code = match (callback.error, callback.code) {
        (None, Some(code)) if (1..=CODE_CHARS_MAX).contains(&code.reveal().len()) => code,
        (error, _) => {
            let word = error.unwrap_or_default();
            let word: String = word.chars().filter(|c| c.is_ascii_graphic()).take(50).collect();
            return Err(Error::invalid("error", "The sign-in was cancelled")
                .with_detail(format_args!("the issuer gave no code: {word}")));
        }
    };
    let (id_token, access_token) = exchange(ctx, provider, &errand, code, redirect).await?;
    let shown_for = Use::SignIn {
        nonce: &errand.nonce,
        access_token: access_token.reveal(),
    };
    let identity = provider
        .verify(id_token.reveal(), ctx.now_ms, shown_for)
        .await?
        .map_err(refused)?;
    let Some(stored) = people::settle(ctx, &identity).await? else {
        return Err(Error::forbidden("This account is closed"));
    };
    let mut tx = ctx.db().begin().await?;
    let (target, from) = (
        format!("account:{}", stored.account.id),
        format!("from {}", device.address),
    );
    tx.audit(Entry {
        actor: &ctx.caller,
        action: "accounts.oidc_login",
        target: &target,
        detail: Some(&from),
    })
    .await?;
    let session = sessions::start(ctx, &mut tx, stored.account, stored.token_version, device).await?;
    tx.commit().await?;
    ctx.platform
        .accounts()
        .by_address
        .give_back(&address_key(device.address));
    Ok(Finished {
        session,
        next: errand.next,
    })
}

/// The page that the sign-in of this `cookie` was to go on with, while it is known.
pub fn next_of(ctx: &Context, cookie: &Secret) -> Option<String> {
    Some(opened(ctx, cookie)?.next)
}

fn provider(ctx: &Context) -> Result<&Provider, Error> {
    let provider = ctx.platform.accounts().oidc.as_ref();
    provider.ok_or_else(|| Error::not_found("Sign-in through an issuer is not set up on this server"))
}

fn refused(why: &'static str) -> Error {
    Error::unauthenticated("Invalid or expired token").with_detail(why)
}

/// The errand that this browser was sent on, when the answer belongs to it.
fn errand(ctx: &Context, callback: &Callback, cookie: &Secret) -> Result<Errand, Error> {
    let expired = || Error::invalid("state", "The sign-in took too long or began in another browser");
    let errand = opened(ctx, cookie).ok_or_else(expired)?;
    let is_this = callback.state.as_deref() == Some(&errand.state);
    if is_this && ctx.now_ms < errand.expires_at_ms {
        Ok(errand)
    } else {
        Err(expired())
    }
}

fn opened(ctx: &Context, cookie: &Secret) -> Option<Errand> {
    if cookie.reveal().len() > COOKIE_CHARS_MAX {
        return None;
    }
    let plain = ctx.platform.seal().open(SEAL, cookie.reveal()).ok()?;
    serde_json::from_str(plain.reveal()).ok()
}

/// The ID token and the access token for `code`.
async fn exchange(
    ctx: &Context,
    provider: &Provider,
    errand: &Errand,
    code: Secret,
    redirect: &Url,
) -> Result<(Secret, Secret), Error> {
    let metadata = provider.metadata(ctx.now_ms).await?;
    let client = client(provider.config(), &metadata.endpoints, redirect)?;
    let http = provider.http();
    let send = move |request: HttpRequest| {
        let http = http.clone();
        async move { http.send(request).await }
    };
    let answer = client
        .exchange_code(AuthorizationCode::new(code.reveal().to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(errand.verifier.clone()))
        .request_async(&send)
        .await
        .map_err(|error| match error {
            RequestTokenError::Request(error) => error,
            // The code is used, expired or not ours; `error` is one of a few words (RFC 6749 §5.2).
            RequestTokenError::ServerResponse(answer) => Error::unauthenticated("Invalid or expired token")
                .with_detail(format_args!("the issuer refused the code: {}", answer.error())),
            _ => Error::unavailable(5, "the issuer's token endpoint gave an answer that is none"),
        })?;
    let id_token = answer.extra_fields().id_token.as_deref();
    let id_token = id_token.ok_or_else(|| refused("the issuer gave no ID token"))?;
    Ok((
        Secret::new(id_token),
        Secret::new(answer.access_token().secret().as_str()),
    ))
}

fn client(config: &Config, endpoints: &Endpoints, redirect: &Url) -> Result<Client, Error> {
    let wrong = |error: url::ParseError| Error::internal(format_args!("an address of the issuer: {error}"));
    let methods = &endpoints.token_endpoint_auth_methods_supported;
    let takes = |method: &str| methods.iter().any(|known| known == method);
    let client = oauth2::Client::new(ClientId::new(config.client_id.clone()))
        .set_auth_uri(AuthUrl::new(endpoints.authorization_endpoint.clone()).map_err(wrong)?)
        .set_token_uri(TokenUrl::new(endpoints.token_endpoint.clone()).map_err(wrong)?)
        .set_redirect_uri(RedirectUrl::from_url(redirect.clone()));
    Ok(match &config.client_secret {
        None => client.set_auth_type(AuthType::RequestBody),
        Some(secret) => {
            // Basic is what an issuer takes that does not say (OpenID Connect Discovery §3).
            let is_posted = takes("client_secret_post") && !takes("client_secret_basic");
            let kind = if is_posted {
                AuthType::RequestBody
            } else {
                AuthType::BasicAuth
            };
            let secret = ClientSecret::new(secret.reveal().to_owned());
            client.set_client_secret(secret).set_auth_type(kind)
        }
    })
}

/// `next` when it is a page of ours, else the first page. Only the path and query of a page: its fragment is ours to set.
fn local(next: Option<&str>) -> &str {
    let next = next.unwrap_or_default().split('#').next().unwrap_or_default();
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_ours = next == "/ui" || next.starts_with("/ui/") || next.starts_with("/ui?");
    let path = next.split('?').next().unwrap_or_default();
    let climbs = path
        .split('/')
        .any(|segment| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | ".."));
    if is_ours && is_plain && !climbs && next.len() <= NEXT_CHARS_MAX {
        next
    } else {
        HOME
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_ours_are_gone_on_with() {
        for ours in ["/ui", "/ui/", "/ui/auctions/1?tab=bids", "/ui?a=b"] {
            assert_eq!(local(Some(ours)), ours);
        }
        assert_eq!(local(Some("/ui/auctions#part")), "/ui/auctions");
        let long = format!("/ui/{}", "a".repeat(NEXT_CHARS_MAX));
        for other in [
            "",
            "/",
            "/api/auth/logout",
            "//evil.example/ui/",
            "/\\evil.example",
            "https://evil.example/ui/",
            "/uix",
            "/ui/../api/auth/logout",
            "/ui/%2E%2e/api",
            "/ui/\\..",
            "/ui/a b",
            "/ui/\r\nset-cookie:a=b",
            "/ui/ä",
            "javascript:alert(1)",
            &long,
        ] {
            assert_eq!(local(Some(other)), HOME, "{other}");
        }
        assert_eq!(local(None), HOME);
    }
}
