//! When mail may be asked for by people who are not signed in.

use std::net::IpAddr;

use super::limiter::address_key;
use super::store::mailings;
use crate::db::Tx;
use crate::{Context, Error, ErrorKind, mail};

/// Mails to one address within [`WINDOW_MS`]: more would be a flood, and each one is five guesses at a code.
pub const MAILS_MAX: usize = 5;
/// The window of [`MAILS_MAX`].
pub const WINDOW_MS: i64 = 3600 * 1000;
/// Pause before a mail is sent again: most are there by then.
pub const RESEND_PAUSE_MS: i64 = 30_000;
/// Seconds until it is worth asking a server without e-mail again: until an operator has changed it.
const NOT_CONFIGURED_RETRY_S: u64 = 3600;
/// The purpose under which addresses are hashed.
const PURPOSE: &str = "account-mailing";

/// Passes a request for mail from `remote`.
///
/// *errors*: [`ErrorKind::Unavailable`] when this server sends no e-mail, [`ErrorKind::LimitReached`] for too many requests
/// from one network address.
pub(super) fn admit(ctx: &Context, remote: IpAddr) -> Result<(), Error> {
    if !mail::is_configured(&ctx.platform) {
        return Err(Error {
            kind: ErrorKind::Unavailable {
                retry_after_s: NOT_CONFIGURED_RETRY_S,
            },
            message: "E-mail is not set up on this server".into(),
            detail: None,
            facts: Vec::new(),
        });
    }
    let accounts = ctx.platform.accounts();
    accounts.mailings.count(&address_key(remote), ctx.now_ms)
}

/// Counts one mail to `email`, which need not be anybody's here, at least `pause_ms` after the one before it. Counted in the
/// database: restarts and further replicas do not multiply it.
///
/// *errors*: [`ErrorKind::LimitReached`]; the refused mail is not counted.
pub(super) async fn count(ctx: &Context, tx: &mut Tx, email: &str, pause_ms: i64) -> Result<(), Error> {
    let hash = hash(ctx, email);
    let mut sent = mailings::hold(tx.conn(), &hash, ctx.now_ms + WINDOW_MS).await?;
    sent.retain(|at_ms| *at_ms > ctx.now_ms - WINDOW_MS);
    let wait_ms = wait_ms(&sent, ctx.now_ms, pause_ms);
    if wait_ms > 0 {
        let retry_after_s = u64::try_from(wait_ms).unwrap_or(0).div_ceil(1000);
        return Err(Error::limit_reached(
            "Too many attempts, try again later",
            retry_after_s,
        ));
    }
    sent.push(ctx.now_ms);
    mailings::put(tx.conn(), &hash, &sent).await
}

/// The keyed hash that stands for an address where the address itself need not be known.
pub(super) fn hash(ctx: &Context, email: &str) -> String {
    ctx.platform.seal().lookup(PURPOSE, email)
}

/// How long the next mail must wait; `sent` holds the times within the window, oldest first.
fn wait_ms(sent: &[i64], now_ms: i64, pause_ms: i64) -> i64 {
    let pause = sent.last().map_or(0, |last_ms| last_ms + pause_ms - now_ms);
    let window = match sent.len().checked_sub(MAILS_MAX).and_then(|index| sent.get(index)) {
        Some(first_ms) => first_ms + WINDOW_MS - now_ms,
        None => 0,
    };
    pause.max(window).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_wait_for_a_pause_and_for_the_window() {
        let minute = 60_000;
        for (sent, now_ms, pause_ms, expected) in [
            (vec![], 0, 30_000, 0),
            (vec![0], 29_999, 30_000, 1),
            (vec![0], 30_000, 30_000, 0),
            (vec![0], 1, 0, 0),
            (vec![0, 1, 2, 3], 4, 0, 0),
            (vec![0, 1, 2, 3, 4], 5, 0, WINDOW_MS - 5),
            (vec![0, 1, 2, 3, 4], WINDOW_MS - 1, 30_000, 1),
            (vec![minute, 2, 3, 4, 5, 6], minute, 0, WINDOW_MS + 2 - minute),
        ] {
            assert_eq!(wait_ms(&sent, now_ms, pause_ms), expected, "{sent:?} at {now_ms}");
        }
    }
}
