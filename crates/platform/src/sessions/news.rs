//! What is told of a session: events on its channel's topic, and a notice to a host whose session ended without him.

use serde_json::json;

use super::model::{EndCause, Ended};
use super::view::Row;
use crate::Error;
use crate::channels::topic;
use crate::db::Tx;
use crate::notifications::{self, NewNotification};
use crate::shows::Show;

/// `session_started` on the channel's topic, which everybody may read: no account is named.
pub(super) fn started(tx: &mut Tx, row: &Row, show: &Show) -> Result<(), Error> {
    let session = &row.session;
    let payload = json!({
        "channelId": session.channel_id,
        "sessionId": session.id,
        "showId": show.id,
        "showTitle": show.title,
        "startedAt": rfc3339(session.created_at_ms)?,
        "server_time_ms": tx.now_ms(),
    });
    tx.publish(&topic(&session.channel_id), "session_started", &payload)
}

/// `session_ended` on the channel's topic, and the host's notice.
pub(super) async fn ended(tx: &mut Tx, row: &Row, ended: &Ended, minutes: i64) -> Result<(), Error> {
    let session = &row.session;
    let payload = json!({
        "channelId": session.channel_id,
        "sessionId": session.id,
        "cause": ended.cause.as_str(),
        "minutes": minutes,
        "endedAt": rfc3339(ended.at_ms)?,
        "server_time_ms": tx.now_ms(),
    });
    tx.publish(&topic(&session.channel_id), "session_ended", &payload)?;
    let Some(text) = reason(ended.cause) else {
        return Ok(());
    };
    let notice = NewNotification {
        account_id: session.host_user_id.clone(),
        kind: "session_ended",
        subject_key: format!("session_ended:{}", session.id),
        title: format!("Your session on {} has ended", row.channel.name),
        text: text.to_owned(),
        href: "/ui/my-channel".to_owned(),
    };
    notifications::notify(tx, notice).await?;
    Ok(())
}

/// Why it ended, for a host who did not end it himself; whoever could not start it was told in the answer.
fn reason(cause: EndCause) -> Option<&'static str> {
    match cause {
        EndCause::Host | EndCause::Failed => None,
        EndCause::Admin => Some("An administrator ended it. What is on air stays so until your encoder stops."),
        EndCause::Operator => Some("An administrator took the channel back."),
        EndCause::Lease => Some("Your page was away and nothing was on air. Start a new session when you are back."),
        EndCause::Booking => Some("Another host's booked time has begun. Stop your encoder, please."),
    }
}

fn rfc3339(at_ms: i64) -> Result<String, Error> {
    Ok(jiff::Timestamp::from_millisecond(at_ms)
        .map_err(Error::internal)?
        .to_string())
}
