//! The one list of jobs.

use futures_util::future::BoxFuture;

use super::given_up::PruneGivenUp;
use super::queue::Planned;
use super::{Job, JobError, Outcome, Retry, queue};
use crate::{
    Error, Platform, accounts, auctions, audit, broadcasts, channels, chat, events, groups, mail, notifications,
    sessions, storage, video,
};

/// A job type, so that a row of the table can be run.
#[derive(Clone, Copy)]
pub(super) struct Registered {
    pub(super) name: &'static str,
    pub(super) retry: Retry,
    pub(super) run: fn(Platform, String) -> BoxFuture<'static, Result<Outcome, JobError>>,
}

/// Every job type there is.
pub(super) fn registered() -> Vec<Registered> {
    vec![
        Registered::of::<accounts::jobs::PruneTokens>(),
        Registered::of::<accounts::recovery::SendResetLink>(),
        Registered::of::<audit::PruneAudit>(),
        Registered::of::<events::PruneEvents>(),
        Registered::of::<PruneGivenUp>(),
        Registered::of::<auctions::bidding::PruneKeys>(),
        Registered::of::<auctions::jobs::CloseAuction>(),
        Registered::of::<auctions::outcome::TellOutbid>(),
        Registered::of::<channels::keys::jobs::RotateKey>(),
        Registered::of::<chat::jobs::OpenRoom>(),
        Registered::of::<groups::channel_requests::jobs::FinishApproval>(),
        Registered::of::<mail::jobs::SendMail>(),
        Registered::of::<mail::jobs::TendMail>(),
        Registered::of::<notifications::jobs::PruneNotifications>(),
        Registered::of::<auctions::jobs::OpenAuction>(),
        Registered::of::<auctions::outcome::TellOutcome>(),
        Registered::of::<broadcasts::jobs::Reconcile>(),
        Registered::of::<broadcasts::jobs::PruneBroadcasts>(),
        Registered::of::<sessions::jobs::TendSession>(),
        Registered::of::<storage::jobs::DropFiles>(),
        Registered::of::<video::jobs::SettleResource>(),
        Registered::of::<video::jobs::CompareLedger>(),
        #[cfg(test)]
        Registered::of::<super::tests::Probe>(),
    ]
}

/// Jobs that are always planned; each says itself when it runs next.
fn recurring() -> Result<Vec<Planned>, Error> {
    Ok(vec![
        Planned::of(&accounts::jobs::PruneTokens {})?,
        Planned::of(&audit::PruneAudit {})?,
        Planned::of(&events::PruneEvents {})?,
        Planned::of(&PruneGivenUp {})?,
        Planned::of(&mail::jobs::TendMail {})?,
        Planned::of(&notifications::jobs::PruneNotifications {})?,
        Planned::of(&auctions::bidding::PruneKeys {})?,
        Planned::of(&broadcasts::jobs::Reconcile {})?,
        Planned::of(&broadcasts::jobs::PruneBroadcasts {})?,
        Planned::of(&storage::jobs::DropFiles {})?,
        Planned::of(&video::jobs::CompareLedger {})?,
    ])
}

/// Plans the recurring jobs for now: whatever happened while nobody ran is seen to at once. Releases what a dead process of
/// this SQLite file held.
pub(crate) async fn plan_recurring(platform: &Platform) -> Result<(), Error> {
    let now_ms = platform.environment().now_ms();
    let mut tx = platform.db().begin().await?;
    queue::release_orphans(platform.db().backend(), tx.conn()).await?;
    for planned in recurring()? {
        queue::put_no_later(tx.conn(), &planned, now_ms, now_ms).await?;
    }
    tx.commit().await
}

impl Registered {
    fn of<J: Job>() -> Self {
        Self {
            name: J::NAME,
            retry: J::RETRY,
            run: |platform, payload| Box::pin(run::<J>(platform, payload)),
        }
    }
}

async fn run<J: Job>(platform: Platform, payload: String) -> Result<Outcome, JobError> {
    let job: J = serde_json::from_str(&payload)
        .map_err(|error| JobError::GiveUp(Error::internal(format_args!("payload of {}: {error}", J::NAME))))?;
    job.run(&platform).await
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn every_job_type_is_listed_once() {
        let mut names: Vec<_> = super::registered().iter().map(|job| job.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(
            names.len(),
            implementations(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        );
    }

    fn implementations(folder: &Path) -> usize {
        let count = |path: &Path| {
            let text = std::fs::read_to_string(path).unwrap();
            text.lines().filter(|line| line.starts_with("impl Job for ")).count()
        };
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries
            .map(|path| {
                if path.is_dir() {
                    implementations(&path)
                } else {
                    count(&path)
                }
            })
            .sum()
    }
}
