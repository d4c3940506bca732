//! Sending what was written down.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::compose::compose;
use super::outbox::{State, opened};
use super::smtp::{Attempt, Courier};
use super::{Delivery, QUEUED_MS_MAX, Smtp, store};
use crate::jobs::{Job, JobError, Outcome};
use crate::{Error, Platform};

/// Sends the mails of one lane, one after the other over one connection. Planned with each mail.
#[derive(Serialize, Deserialize)]
pub(crate) struct SendMail {
    pub(crate) lane: i64,
}

/// Gives up mails that waited too long, forgets settled ones, and wakes lanes that nobody planned: after a change from
/// no mail server to one, say.
#[derive(Serialize, Deserialize)]
pub(crate) struct TendMail {}

/// A run sends for this long and then lets other jobs have its place; with one last slow mail it stays under
/// [`crate::jobs::TIMEOUT`].
const RUN_MAX: Duration = Duration::from_secs(20);
/// Pause of a lane whose mail server cannot be reached.
const AWAY_PAUSE_MS: i64 = 10_000;
/// Pause after the first failure of one mail; it doubles with each further one.
const PAUSE_FIRST_MS: i64 = 15_000;
/// Longest pause: a server that greylists wants to be asked again within an hour.
const PAUSE_MAX_MS: i64 = 30 * 60_000;
/// How long the row of a settled mail is kept: while it is, its key is known.
const SETTLED_KEPT_MS: i64 = 30 * 24 * 3600 * 1000;
/// Pause between two runs of [`TendMail`].
const TEND_EVERY_MS: i64 = 600_000;

impl Job for SendMail {
    const NAME: &'static str = "mail.send";

    fn key(&self) -> String {
        self.lane.to_string()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let Delivery::Smtp(server) = &platform.config().mail.delivery else {
            return Ok(Outcome::Done);
        };
        Ok(self.send_all(platform, server).await?)
    }
}

impl SendMail {
    async fn send_all(&self, platform: &Platform, server: &Smtp) -> Result<Outcome, Error> {
        let mut courier = Courier::new(server, &platform.config().mail.from);
        let began = Instant::now();
        let outcome = loop {
            let now_ms = platform.environment().now_ms();
            let Some(mail) = store::next(platform.db().read(), self.lane).await? else {
                break Outcome::Done;
            };
            if mail.next_attempt_at_ms > now_ms {
                let run_at_ms = mail.next_attempt_at_ms;
                break Outcome::Again { run_at_ms };
            }
            if began.elapsed() > RUN_MAX {
                break Outcome::Again { run_at_ms: now_ms };
            }
            if !send_one(platform, &mut courier, &mail).await? {
                let run_at_ms = platform.environment().now_ms() + AWAY_PAUSE_MS;
                break Outcome::Again { run_at_ms };
            }
        };
        courier.close().await;
        Ok(outcome)
    }
}

/// Tries one mail and writes down what came of it; false when the mail server is away.
async fn send_one(platform: &Platform, courier: &mut Courier<'_>, mail: &store::Queued) -> Result<bool, Error> {
    let content = opened(platform.seal(), &mail.id, &mail.sealed);
    let composed = content.and_then(|content| compose(&platform.config().mail.from, mail, content));
    let attempt = match composed {
        Ok((envelope, bytes)) => courier.deliver(&envelope, &bytes).await,
        Err(error) => Attempt::Refused(error.to_string()),
    };
    let now_ms = platform.environment().now_ms();
    let is_expired = now_ms - mail.created_at_ms >= QUEUED_MS_MAX;
    let outcome = match &attempt {
        Attempt::Delivered => "sent",
        Attempt::Refused(_) => "refused",
        Attempt::NotNow(_) | Attempt::Away(_) if is_expired => "expired",
        Attempt::NotNow(_) | Attempt::Away(_) => "put_off",
    };
    let mut tx = platform.db().begin().await?;
    match &attempt {
        Attempt::Delivered => store::settle(tx.conn(), &mail.id, State::Sent, None, now_ms).await?,
        Attempt::NotNow(error) | Attempt::Away(error) if !is_expired => {
            store::postpone(tx.conn(), &mail.id, error, now_ms + pause_ms(mail.attempts)).await?;
        }
        Attempt::Refused(error) | Attempt::NotNow(error) | Attempt::Away(error) => {
            store::settle(tx.conn(), &mail.id, State::Failed, Some(error), now_ms).await?;
        }
    }
    tx.commit().await?;
    metrics::counter!("rostrum_mails_total", "outcome" => outcome).increment(1);
    report(mail, outcome);
    Ok(!matches!(attempt, Attempt::Away(_)))
}

/// The mail server's own words may name the recipient; administrators read them in the list of mails.
fn report(mail: &store::Queued, outcome: &'static str) {
    let attempts = mail.attempts + 1;
    match outcome {
        "sent" => tracing::debug!(mail.id, attempts, "mail {} is sent", mail.id),
        "put_off" => tracing::warn!(
            mail.id,
            attempts,
            "mail {} is not taken yet; it is tried again",
            mail.id
        ),
        _ => tracing::error!(mail.id, attempts, outcome, "mail {} is given up: {outcome}", mail.id),
    }
}

/// Pause after a failure of a mail that had failed `attempts` times before.
fn pause_ms(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts).unwrap_or(0).min(16);
    PAUSE_FIRST_MS.saturating_mul(1 << doublings).min(PAUSE_MAX_MS)
}

impl Job for TendMail {
    const NAME: &'static str = "mail.tend";

    fn key(&self) -> String {
        String::new()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let now_ms = platform.environment().now_ms();
        let mut tx = platform.db().begin().await?;
        let given_up = store::expire(tx.conn(), now_ms - QUEUED_MS_MAX, now_ms).await?;
        store::remove_settled(tx.conn(), now_ms - SETTLED_KEPT_MS).await?;
        if matches!(platform.config().mail.delivery, Delivery::Smtp(_)) {
            for lane in store::lanes(tx.conn()).await? {
                // One that runs or waits out its pause stays as it is.
                tx.enqueue_no_later(&SendMail { lane }, now_ms + AWAY_PAUSE_MS).await?;
            }
        }
        tx.commit().await?;
        if given_up > 0 {
            tracing::error!(mails = given_up, "{given_up} mails waited for a day and are given up");
        }
        Ok(Outcome::Again {
            run_at_ms: now_ms + TEND_EVERY_MS,
        })
    }
}
