//! What is answered about a session.

use super::model::{Session, Status, Streaming};
use crate::channels::Channel;

/// A session as it is stored, with the facts of its channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) session: Session,
    pub(super) channel: ChannelFacts,
    /// While it holds its channel, epoch ms.
    pub(super) lease_until_ms: Option<i64>,
    pub(super) publisher: Publisher,
}

/// What never changes about a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelFacts {
    /// What people call it.
    pub name: String,
    /// The provider's id of it.
    pub arn: String,
    /// The same in every session.
    pub playback_url: String,
    /// Where encoders connect.
    pub ingest_endpoint: String,
}

/// A session as it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The session.
    pub session: Session,
    /// Its channel.
    pub channel: ChannelFacts,
    /// What it has shown.
    pub streaming: Streaming,
    /// Until when it holds its channel unless it is heard of, epoch ms; `None` when it is over.
    pub lease_until_ms: Option<i64>,
}

/// A session that is over, and what was done with its encoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// The session.
    pub session: Session,
    /// Its encoder.
    pub publisher: Publisher,
}

/// What became of the encoder when a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Publisher {
    /// None was on air, and nobody asked to stop one.
    Silent,
    /// It was on air and left alone.
    Left,
    /// It was stopped.
    Stopped,
    /// It could not be stopped: what the provider said.
    Failed(String),
}

/// A page of sessions, newest first.
#[derive(Debug)]
pub struct List {
    /// The page.
    pub sessions: Vec<View>,
    /// Names the next page, if there is one.
    pub next_token: Option<String>,
}

/// Which sessions are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those that run, or only those that are over.
    pub status: Option<Status>,
    /// Only those of this channel.
    pub channel_id: Option<String>,
    /// At most so many.
    pub limit: Option<i64>,
    /// From the page before.
    pub next_token: Option<String>,
}

impl Row {
    pub(super) fn with(self, streaming: Option<Streaming>) -> View {
        View {
            session: self.session,
            channel: self.channel,
            streaming: streaming.unwrap_or_default(),
            lease_until_ms: self.lease_until_ms,
        }
    }

    pub(super) fn closing(self) -> Closing {
        Closing {
            session: self.session,
            publisher: self.publisher,
        }
    }
}

impl From<Channel> for ChannelFacts {
    fn from(channel: Channel) -> Self {
        Self {
            name: channel.name,
            arn: channel.arn,
            playback_url: channel.playback_url,
            ingest_endpoint: channel.ingest_endpoint,
        }
    }
}

impl Publisher {
    /// As it is stored; none for [`Publisher::Silent`].
    pub(super) fn to_text(&self) -> Option<String> {
        match self {
            Self::Silent => None,
            Self::Left => Some("left".to_owned()),
            Self::Stopped => Some("stopped".to_owned()),
            Self::Failed(error) => Some(format!("failed: {error}")),
        }
    }

    /// Reads what [`Publisher::to_text`] wrote.
    pub(super) fn of_text(text: Option<&str>) -> Self {
        match text {
            None => Self::Silent,
            Some("left") => Self::Left,
            Some("stopped") => Self::Stopped,
            Some(other) => Self::Failed(other.strip_prefix("failed: ").unwrap_or(other).to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_the_encoder_is_read_back() {
        for publisher in [
            Publisher::Silent,
            Publisher::Left,
            Publisher::Stopped,
            Publisher::Failed("busy: left".to_owned()),
        ] {
            assert_eq!(Publisher::of_text(publisher.to_text().as_deref()), publisher);
        }
    }
}
