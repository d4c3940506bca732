//! What finishes an approval that was cut short.

use serde::{Deserialize, Serialize};

use super::approval::{Attempt, complete, give_up, lease_until_ms};
use super::{store, telling};
use crate::jobs::{Job, JobError, Outcome};
use crate::{Context, Error, ErrorKind, Platform};

/// Goes on with an approval whose process died, or undoes it when that cannot be.
#[derive(Serialize, Deserialize)]
pub(crate) struct FinishApproval {
    attempt: Attempt,
}

impl FinishApproval {
    pub(super) fn of(attempt: Attempt) -> Self {
        Self { attempt }
    }
}

impl Job for FinishApproval {
    const NAME: &'static str = "channel_requests.finish_approval";

    fn key(&self) -> String {
        self.attempt.request_id.clone()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let (attempt, ctx) = (&self.attempt, platform.context(self.attempt.approver()));
        let Some(request) = store::find(platform.db().read(), &attempt.request_id).await? else {
            return Ok(Outcome::Done);
        };
        if !attempt.is_under_way(&request) {
            // Rejected or withdrawn since: what was made goes. Approved, or begun anew: not ours.
            give_up(&ctx, attempt).await?;
            return Ok(Outcome::Done);
        }
        let mut tx = platform.db().begin().await?;
        let until_ms = lease_until_ms(platform);
        store::begin(tx.conn(), &request.id, &attempt.under_way(until_ms)).await?;
        tx.commit().await?;
        match complete(&ctx, attempt, &request).await {
            Ok(_) => {}
            // Ours to cure, and nobody waits for the answer.
            Err(error) if matches!(error.kind, ErrorKind::Unavailable { .. } | ErrorKind::Internal) => {
                return Err(error.into());
            }
            Err(error) => {
                give_up(&ctx, attempt).await?;
                tell(&ctx, attempt, &error).await?;
            }
        }
        Ok(Outcome::Done)
    }
}

async fn tell(ctx: &Context, attempt: &Attempt, error: &Error) -> Result<(), Error> {
    let request_id = &attempt.request_id;
    tracing::warn!(request_id, %error, "approval of {request_id} could not be finished: {error}");
    let Some(request) = store::find(ctx.db().read(), request_id).await? else {
        return Ok(());
    };
    if attempt.approver_id.is_empty() {
        return Ok(());
    }
    let mut tx = ctx.db().begin().await?;
    telling::not_approved(&mut tx, &request, &attempt.approver_id, &error.message).await?;
    tx.commit().await
}
