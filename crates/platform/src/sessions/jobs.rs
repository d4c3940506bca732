//! What happens to a session by the clock.

use serde::{Deserialize, Serialize};

use super::model::Session;
use super::store;
use super::tend::{self, Settled};
use crate::channels::{self, bookings};
use crate::db::Tx;
use crate::jobs::{Job, JobError, Outcome};
use crate::{Caller, Error, Platform};

/// Looks at a session when its lease ends or another host's booked time begins: it goes on, or it is over.
#[derive(Serialize, Deserialize)]
pub(crate) struct TendSession {
    pub(crate) session_id: String,
}

/// Plans the first look, in the transaction that starts the session.
pub(super) async fn plan(tx: &mut Tx, session: &Session, lease_until_ms: i64, now_ms: i64) -> Result<(), Error> {
    let (channel_id, host) = (&session.channel_id, &session.host_user_id);
    let foreign = bookings::next_foreign_start(&mut *tx.conn(), channel_id, host, now_ms).await?;
    let session_id = session.id.clone();
    let look_at_ms = foreign.map_or(lease_until_ms, |start| start.min(lease_until_ms));
    tx.enqueue(&TendSession { session_id }, look_at_ms).await
}

/// Looks at the session that runs on a channel as soon as possible: its calendar has changed. Called under the channel's lock.
pub(crate) async fn look_again(tx: &mut Tx, channel_id: &str) -> Result<(), Error> {
    let Some(row) = store::active_on(&mut *tx.conn(), channel_id).await? else {
        return Ok(());
    };
    let (session_id, now_ms) = (row.session.id, tx.now_ms());
    tx.enqueue_no_later(&TendSession { session_id }, now_ms).await
}

impl Job for TendSession {
    const NAME: &'static str = "sessions.tend";

    fn key(&self) -> String {
        self.session_id.clone()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let ctx = platform.context(Caller::System);
        let mut tx = platform.db().begin().await?;
        let Some(found) = store::find(&mut *tx.conn(), &self.session_id).await? else {
            return Ok(Outcome::Done);
        };
        let channel = channels::lock(&mut tx, &found.session.channel_id).await?;
        // Read again: whoever held the channel until now may have ended it.
        let running = store::find(&mut *tx.conn(), &self.session_id).await?;
        let Some(row) = running.filter(|row| row.session.ended.is_none()) else {
            return Ok(Outcome::Done);
        };
        let settled = tend::settle(&mut tx, &ctx, &row, channel.as_ref()).await?;
        tx.commit().await?;
        Ok(match settled {
            Settled::Ended => Outcome::Done,
            Settled::Held { look_at_ms } => Outcome::Again { run_at_ms: look_at_ms },
        })
    }
}
