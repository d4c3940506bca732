//! Setting a channel's state by hand: what an admin takes, gives back, puts out of service and into it again.

use super::model::{Channel, Claim, ClaimKind, State};
use super::{NOT_FOUND, claims, lock, store, tell, topic};
use crate::db::Tx;
use crate::{Context, Error, Role, audit, broadcasts, id, sessions};

/// Longest name of a session, characters; ours are UUIDs, others' may be longer.
const SESSION_ID_CHARS_MAX: usize = 100;
const LIVE: &str = "Channel is live";
const IN_USE: &str = "Channel is currently in use. Please try again later.";
const DISABLED: &str = "Channel is offline. Set it to IDLE first.";

/// What an admin asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// The state to bring about.
    pub state: State,
    /// The session to name, for LIVE.
    pub session_id: Option<String>,
    /// Whether OFFLINE is meant although the channel is LIVE; nobody is cut off.
    pub is_forced: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switched {
    /// The channel afterwards.
    pub channel: Channel,
    /// Its state before.
    pub previous: State,
    /// Its state now: LIVE also when IDLE was asked for and an encoder is on air.
    pub state: State,
    /// When, epoch ms.
    pub at_ms: i64,
}

/// Takes a channel (LIVE), gives it back and puts it into service (IDLE), or puts it out of service (OFFLINE).
///
/// IDLE also ends a session that has the channel, and so does OFFLINE when it is forced.
/// *errors*: [`crate::ErrorKind::NotFound`]; [`crate::ErrorKind::Forbidden`] for others than admins;
/// [`crate::ErrorKind::Conflict`] for LIVE while another session has it or it is out of service, and for OFFLINE while it is
/// LIVE unless forced; [`crate::ErrorKind::Invalid`] naming `sessionId`.
pub async fn set_state(ctx: &Context, channel_id: &str, switch: Switch) -> Result<Switched, Error> {
    ctx.require_role(Role::Admin)?;
    let channel_id = id::parse(channel_id, NOT_FOUND)?;
    let session_id = session_id(switch.session_id)?;
    let mut tx = ctx.db().begin().await?;
    let channel = lock(&mut tx, &channel_id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    let is_on_air = is_on_air(&mut tx, &channel).await?;
    let previous = channel.state(is_on_air);
    match switch.state {
        State::Live => take(ctx, &mut tx, &channel, session_id).await?,
        State::Idle => give_back(ctx, &mut tx, &channel).await?,
        State::Offline if previous == State::Live && !switch.is_forced => return Err(refusal(LIVE, &channel)),
        State::Offline => {
            sessions::end_by_operator(&mut tx, ctx, &channel).await?;
            store::set_disabled(tx.conn(), &channel.id, Some(ctx.now_ms), ctx.now_ms).await?;
        }
    }
    let channel = lock(&mut tx, &channel_id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    let state = channel.state(is_on_air);
    tell(&mut tx, &channel).await?;
    let detail = format!("{} to {}", previous.as_str(), switch.state.as_str());
    tx.audit(audit::Entry {
        actor: &ctx.caller,
        action: "channels.set_state",
        target: &topic(&channel_id),
        detail: Some(&detail),
    })
    .await?;
    tx.commit().await?;
    Ok(Switched {
        channel,
        previous,
        state,
        at_ms: ctx.now_ms,
    })
}

fn session_id(session_id: Option<String>) -> Result<Option<String>, Error> {
    let Some(text) = session_id else { return Ok(None) };
    let text = text.trim();
    if text.chars().count() > SESSION_ID_CHARS_MAX || text.chars().any(char::is_control) {
        let rule = format!("sessionId must have at most {SESSION_ID_CHARS_MAX} characters");
        return Err(Error::invalid("sessionId", rule));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

pub(super) async fn is_on_air(tx: &mut Tx, channel: &Channel) -> Result<bool, Error> {
    let latest = broadcasts::store::latest(&mut *tx.conn(), &channel.arn).await?;
    Ok(latest.is_some_and(|broadcast| broadcast.is_live()))
}

/// A refusal that names who has the channel.
pub(super) fn refusal(message: &'static str, channel: &Channel) -> Error {
    Error::conflict(message).with_fact("currentSessionId", channel.current_session_id())
}

async fn take(ctx: &Context, tx: &mut Tx, channel: &Channel, session_id: Option<String>) -> Result<(), Error> {
    if channel.disabled_at_ms.is_some() {
        return Err(Error::conflict(DISABLED));
    }
    let Some(claim) = &channel.claim else {
        let by = ctx.caller.id().unwrap_or("system");
        let claim = Claim::operator(ctx.new_id(), by, session_id, ctx.now_ms);
        claims::claim(tx, &channel.id, &claim, ctx.now_ms).await?;
        return Ok(());
    };
    match (claim.kind, session_id) {
        (_, None) => Ok(()),
        (_, named) if named == claim.session_id => Ok(()),
        (ClaimKind::Operator, named) => store::name_session(tx.conn(), &channel.id, named.as_deref(), ctx.now_ms).await,
        (ClaimKind::Session, Some(_)) => Err(refusal(IN_USE, channel)),
    }
}

async fn give_back(ctx: &Context, tx: &mut Tx, channel: &Channel) -> Result<(), Error> {
    if let Some(claim) = &channel.claim {
        let is_session = claim.kind == ClaimKind::Session;
        // Ending the session gives the channel back; a claim without one is given back as it is.
        if !(is_session && sessions::end_by_operator(tx, ctx, channel).await?) {
            claims::release(tx, &channel.id, &claim.id, ctx.now_ms, is_session).await?;
        }
    }
    store::set_disabled(tx.conn(), &channel.id, None, ctx.now_ms).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_named_in_bounds() {
        assert_eq!(session_id(Some(" s-1 ".into())).unwrap().as_deref(), Some("s-1"));
        assert_eq!(session_id(Some(" ".into())).unwrap(), None);
        for wrong in ["a\nb".to_owned(), "x".repeat(SESSION_ID_CHARS_MAX + 1)] {
            assert!(session_id(Some(wrong)).is_err());
        }
    }
}
