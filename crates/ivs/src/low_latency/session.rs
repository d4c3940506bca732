//! Stream sessions: the live periods of a channel, kept for 60 days after their end.

use engine::status::IngestInfo;
use serde::Serialize;
use serde_json::{Value, json};

use crate::arn::Kind;
use crate::call::Call;
use crate::error::ApiError;
use crate::input::{Members, constraint};
use crate::paging::Page;
use crate::store::sessions::{self, Fact, Session};
use crate::time;

use super::channel;

/// AWS's page size of ListStreamSessions, also its largest.
const PAGE_MAX: usize = 100;
/// `st-` and 23 letters or digits.
const STREAM_ID_LENGTH: usize = 26;

/// The wire object.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamSession {
    stream_id: String,
    #[serde(serialize_with = "time::serialize")]
    start_time: i64,
    #[serde(serialize_with = "time::serialize_option", skip_serializing_if = "Option::is_none")]
    end_time: Option<i64>,
    channel: Value,
    /// `ingestConfiguration` and `ingestConfigurations`, once the codec headers are known.
    #[serde(flatten)]
    ingest: Option<Value>,
    truncated_events: Vec<StreamEvent>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StreamEvent {
    name: String,
    #[serde(rename = "type")]
    event_type: String,
    #[serde(serialize_with = "time::serialize")]
    event_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

/// The wire object of lists.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    stream_id: String,
    #[serde(serialize_with = "time::serialize")]
    start_time: i64,
    #[serde(serialize_with = "time::serialize_option", skip_serializing_if = "Option::is_none")]
    end_time: Option<i64>,
    has_error_event: bool,
}

/// Answer of GetStreamSession.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Got {
    stream_session: StreamSession,
}

/// Answer of ListStreamSessions.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    stream_sessions: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// GetStreamSession: the one asked for, otherwise the newest.
pub async fn get(call: &Call<'_>, members: &Members) -> Result<Got, ApiError> {
    let arn = members.arn("channelArn", Kind::Channel)?;
    let stream_id = stream_id(members)?;
    channel::find(call, arn).await?;
    let mut reader = call.store().read().await?;
    let found = match stream_id {
        Some(stream_id) => sessions::find(&mut reader, stream_id)
            .await?
            .filter(|session| session.channel_arn == arn),
        None => sessions::list(&mut reader, arn, i64::MAX, 1).await?.pop(),
    };
    let session = found.ok_or_else(|| ApiError::not_found(stream_id.unwrap_or(arn)))?;
    let facts = sessions::facts(&mut reader, &session.stream_id).await?;
    Ok(Got {
        stream_session: describe(session, facts),
    })
}

/// ListStreamSessions: newest first.
pub async fn list(call: &Call<'_>, members: &Members) -> Result<Listed, ApiError> {
    let arn = members.arn("channelArn", Kind::Channel)?;
    let page = Page::read(members, "stream-sessions", PAGE_MAX, PAGE_MAX)?;
    channel::find(call, arn).await?;
    let mut reader = call.store().read().await?;
    let before = page.after_number()?.unwrap_or(i64::MAX);
    let mut rows = sessions::list(&mut reader, arn, before, page.fetch()).await?;
    let next_token = page.cut(&mut rows, |session| session.seq.to_string());
    let summary = |session: Session| Summary {
        start_time: session.started_at_ms.unwrap_or(session.created_at_ms),
        end_time: session.ended_at_ms,
        has_error_event: session.has_error,
        stream_id: session.stream_id,
    };
    Ok(Listed {
        stream_sessions: rows.into_iter().map(summary).collect(),
        next_token,
    })
}

fn stream_id(members: &Members) -> Result<Option<&str>, ApiError> {
    let Some(text) = members.text("streamId")? else {
        return Ok(None);
    };
    let is_valid = text.len() == STREAM_ID_LENGTH
        && text
            .strip_prefix("st-")
            .is_some_and(|rest| rest.bytes().all(|c| c.is_ascii_alphanumeric()));
    if is_valid {
        return Ok(Some(text));
    }
    let rule = "Member must satisfy regular expression pattern: st-[a-zA-Z0-9]+ and have length 26";
    Err(constraint("streamId", rule))
}

fn describe(session: Session, facts: Vec<Fact>) -> StreamSession {
    let event = |fact: Fact| StreamEvent {
        name: fact.name,
        event_type: fact.event_type,
        event_time: fact.at_ms,
        code: fact.code,
    };
    StreamSession {
        start_time: session.started_at_ms.unwrap_or(session.created_at_ms),
        end_time: session.ended_at_ms,
        channel: session.channel,
        ingest: session.ingest,
        truncated_events: facts.into_iter().map(event).collect(),
        stream_id: session.stream_id,
    }
}

/// The two ingest members of a session. As on AWS `avcProfile` and `avcLevel` are filled in the older one only.
pub fn ingest(info: &IngestInfo) -> Value {
    let mut older = json!({});
    let [mut video_tracks, mut audio_tracks] = [Vec::new(), Vec::new()];
    if let Some(video) = &info.video {
        let mut track = json!({
            "codec": video.codec, "encoder": info.encoder,
            "videoWidth": video.width, "videoHeight": video.height,
            "targetBitrate": video.target_bitrate_bps, "targetFramerate": video.target_frame_rate,
            "profile": video.profile, "level": video.level,
            "avcProfile": "", "avcLevel": "", "track": "Track0",
        });
        video_tracks.push(track.clone());
        track["avcProfile"] = json!(video.profile);
        track["avcLevel"] = json!(video.level);
        older["video"] = track;
    }
    if let Some(audio) = &info.audio {
        let track = json!({
            "codec": audio.codec, "targetBitrate": audio.target_bitrate_bps,
            "sampleRate": audio.sample_rate_hz, "channels": audio.channels, "track": "Track0",
        });
        audio_tracks.push(track.clone());
        older["audio"] = track;
    }
    json!({
        "ingestConfiguration": older,
        "ingestConfigurations": { "videoConfigurations": video_tracks, "audioConfigurations": audio_tracks },
    })
}
