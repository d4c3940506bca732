//! Staying signed in: a session is one sign-in with all refresh tokens that grew from it.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::model::Account;
use super::sign_in::SignedIn;
use super::store::refresh::{self as refresh_store, Grown};
use super::store::{self, sessions};
use super::{people, token};
use crate::audit::Entry;
use crate::db::Tx;
use crate::{Context, Error, Platform, Secret};

/// What a person signs in with, as the list of sessions names it.
#[derive(Debug, Clone)]
pub struct Device {
    /// Where the request came from.
    pub address: IpAddr,
    /// `User-Agent` of the request; at most [`USER_AGENT_CHARS_MAX`] characters of it are kept.
    pub user_agent: String,
}

/// One place where a person is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// UUID v7.
    pub id: String,
    /// When the person signed in, epoch ms.
    pub created_at_ms: i64,
    /// When the session was last renewed, epoch ms; an open page renews it every quarter of an hour.
    pub last_used_at_ms: i64,
    /// Address it was last renewed from; `None` for sessions from before addresses were kept.
    pub address: Option<String>,
    /// What the browser or program called itself when the session was last renewed; may be empty.
    pub user_agent: String,
}

/// How long a person stays signed in without coming back.
const REFRESH_LIFETIME_S: i64 = 30 * 24 * 3600;
/// How long a used refresh token is good once more. Tabs of one browser share a cookie and may refresh with it at once, and an
/// answer may be lost on its way; a thief's copy is rarely that quick, and is noticed at the next refresh of the other.
pub(super) const LEEWAY_MS: i64 = 10_000;
/// Characters of a refresh token at most; ours have 43.
const REFRESH_CHARS_MAX: usize = 100;
/// Characters kept of a `User-Agent`: what browsers send is shorter.
pub const USER_AGENT_CHARS_MAX: usize = 300;
/// Sessions of one account at most, all in one list; the one that was unused for longest ends when there is one more.
pub const SESSIONS_MAX: i64 = 100;
/// The purpose under which refresh tokens are hashed.
const REFRESH: &str = "refresh-token";

/// Exchanges a refresh token for new tokens; the old one is used up, but for a leeway of ten seconds while no later token of
/// the same session was used.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`] for a token that is unknown, expired or used. A second use beyond the leeway
/// means that somebody copied it, so the session ends.
pub async fn refresh(ctx: &Context, refresh_token: &Secret, device: &Device) -> Result<SignedIn, Error> {
    let refused = || Error::unauthenticated("Invalid or expired token");
    let hash = refresh_hash(&ctx.platform, refresh_token).ok_or_else(refused)?;
    let mut tx = ctx.db().begin().await?;
    let Some(grown) = refresh_store::use_up(tx.conn(), &hash, ctx.now_ms, ctx.now_ms - LEEWAY_MS).await? else {
        if let Some(grown) = refresh_store::family_of(tx.conn(), &hash).await? {
            sessions::end(tx.conn(), &grown.family).await?;
            let target = format!("account:{}", grown.account_id);
            audit(ctx, &mut tx, "accounts.refresh_reused", &target, None).await?;
            tx.commit().await?;
            ctx.platform.accounts().callers.forget(&grown.family);
        }
        return Err(refused());
    };
    let stored = store::by_id(tx.conn(), &grown.account_id)
        .await?
        .filter(|stored| !stored.is_closed)
        .ok_or_else(refused)?;
    let signed_in = grow(ctx, &mut tx, grown, stored.account, stored.token_version, device).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// Ends the session of a refresh token, and with it its access tokens. Unknown tokens are no error.
pub async fn logout(ctx: &Context, refresh_token: &Secret) -> Result<(), Error> {
    let Some(hash) = refresh_hash(&ctx.platform, refresh_token) else {
        return Ok(());
    };
    let mut tx = ctx.db().begin().await?;
    if let Some(grown) = refresh_store::family_of(tx.conn(), &hash).await? {
        sessions::end(tx.conn(), &grown.family).await?;
        tx.commit().await?;
        ctx.platform.accounts().callers.forget(&grown.family);
    }
    Ok(())
}

/// The caller's sessions, the one used last first; at most [`SESSIONS_MAX`].
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`] without an account, [`crate::ErrorKind::Forbidden`] for a service key.
pub async fn list_sessions(ctx: &Context) -> Result<Vec<Session>, Error> {
    let account_id = people::require_account(ctx)?;
    sessions::list(ctx.db().read(), account_id, ctx.now_ms, SESSIONS_MAX).await
}

/// Ends one of the caller's sessions. Its access tokens end at once in this process and within
/// [`super::FRESH_MS`] in others.
///
/// *errors*: [`crate::ErrorKind::NotFound`]; as [`list_sessions`].
pub async fn end_session(ctx: &Context, id: &str) -> Result<(), Error> {
    let account_id = people::require_account(ctx)?;
    let id = crate::id::parse(id, NOT_FOUND)?;
    let mut tx = ctx.db().begin().await?;
    if !sessions::belongs(tx.conn(), account_id, &id).await? {
        return Err(Error::not_found(NOT_FOUND));
    }
    sessions::end(tx.conn(), &id).await?;
    let target = format!("account:{account_id}");
    audit(ctx, &mut tx, "accounts.session_ended", &target, None).await?;
    tx.commit().await?;
    ctx.platform.accounts().callers.forget(&id);
    Ok(())
}

/// Ends the caller's sessions but `current` (see [`session_of`]); returns how many that were.
///
/// *errors*: as [`list_sessions`].
pub async fn end_other_sessions(ctx: &Context, current: Option<&str>) -> Result<u64, Error> {
    let account_id = people::require_account(ctx)?;
    let mut tx = ctx.db().begin().await?;
    let ended = sessions::end_all(tx.conn(), account_id, current).await?;
    let (target, detail) = (format!("account:{account_id}"), format!("{ended} sessions"));
    audit(ctx, &mut tx, "accounts.sessions_ended", &target, Some(&detail)).await?;
    tx.commit().await?;
    ctx.platform.accounts().callers.clear();
    Ok(ended)
}

/// The session that an access token of ours belongs to; `None` for every other credential.
pub fn session_of(platform: &Platform, token: &str) -> Option<String> {
    let claims = platform
        .accounts()
        .tokens
        .check(token, platform.environment().now_ms())?;
    claims.sid
}

/// Begins a session for an account as it was at `version`.
///
/// *errors*: [`crate::ErrorKind::Conflict`] when its password was changed or its sessions were ended since: who proved the old
/// password, say, must not get in after that.
pub(super) async fn start(
    ctx: &Context,
    tx: &mut Tx,
    account: Account,
    version: i64,
    device: &Device,
) -> Result<SignedIn, Error> {
    store::hold(tx.conn(), &account.id, version).await?;
    for surplus in sessions::surplus(tx.conn(), &account.id, SESSIONS_MAX - 1).await? {
        sessions::end(tx.conn(), &surplus).await?;
    }
    let grown = Grown {
        family: ctx.new_id(),
        account_id: account.id.clone(),
    };
    grow(ctx, tx, grown, account, version, device).await
}

async fn grow(
    ctx: &Context,
    tx: &mut Tx,
    grown: Grown,
    account: Account,
    version: i64,
    device: &Device,
) -> Result<SignedIn, Error> {
    let refresh_token = Secret::new(URL_SAFE_NO_PAD.encode(ctx.platform.environment().random_bytes::<32>()));
    let hash = ctx.platform.seal().lookup(REFRESH, refresh_token.reveal());
    let expires_at_ms = ctx.now_ms + REFRESH_LIFETIME_S * 1000;
    refresh_store::insert(tx.conn(), &hash, &grown, ctx.now_ms, expires_at_ms).await?;
    let session = Session {
        id: grown.family,
        created_at_ms: ctx.now_ms,
        last_used_at_ms: ctx.now_ms,
        address: Some(device.address.to_canonical().to_string()),
        user_agent: kept_user_agent(&device.user_agent),
    };
    sessions::touch(tx.conn(), &account.id, &session, expires_at_ms).await?;
    let tokens = &ctx.platform.accounts().tokens;
    Ok(SignedIn {
        access_token: tokens.sign(&account, version, &session.id, ctx.now_ms)?,
        id_token: tokens.sign_id(&account, ctx.now_ms)?,
        expires_in_s: token::LIFETIME_S,
        refresh_token,
        refresh_expires_in_s: REFRESH_LIFETIME_S,
        account,
    })
}

/// A line of text, whatever the client sent.
fn kept_user_agent(text: &str) -> String {
    let printable = text.trim().chars().filter(|char| !char.is_control());
    printable.take(USER_AGENT_CHARS_MAX).collect()
}

fn refresh_hash(platform: &Platform, refresh_token: &Secret) -> Option<String> {
    let token = refresh_token.reveal();
    (1..=REFRESH_CHARS_MAX)
        .contains(&token.len())
        .then(|| platform.seal().lookup(REFRESH, token))
}

async fn audit(
    ctx: &Context,
    tx: &mut Tx,
    action: &'static str,
    target: &str,
    detail: Option<&str>,
) -> Result<(), Error> {
    tx.audit(Entry {
        actor: &ctx.caller,
        action,
        target,
        detail,
    })
    .await
}

const NOT_FOUND: &str = "Session not found";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_kept_as_one_bounded_line() {
        assert_eq!(kept_user_agent(" Mozilla/5.0\r\n(X11)\u{0} "), "Mozilla/5.0(X11)");
        assert_eq!(
            kept_user_agent(&"ä".repeat(1_000)).chars().count(),
            USER_AGENT_CHARS_MAX
        );
    }
}
