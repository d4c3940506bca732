//! Two players that only measure: a blocking LL-HLS client, and one that polls plain HLS as fast as is polite.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use axum::body::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::Instant;
use url::Url;

use crate::stamp::Scanner;

type Http = Client<HttpConnector, Empty<Bytes>>;

/// How often the plain player asks for the playlist.
const POLL: Duration = Duration::from_millis(100);

/// Follows the live edge: blocking playlist reloads, and each hinted part fetched while it is being written.
pub async fn low_latency(url: &str, length: Duration) -> anyhow::Result<Vec<Duration>> {
    let http: Http = Client::builder(TokioExecutor::new()).build_http();
    let multivariant = Url::parse(url)?;
    let text = text(&http, &multivariant).await?;
    let media = text
        .lines()
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .context("no rendition")?;
    let media = multivariant.join(media)?;
    let ages = Arc::new(Mutex::new(Vec::new()));
    let end = Instant::now() + length;
    let mut parts = Vec::new();
    let mut next = media.clone();
    while Instant::now() < end {
        let edge = Edge::read(&self::text(&http, &next).await?)?;
        next = media.clone();
        next.query_pairs_mut()
            .append_pair("_HLS_msn", &edge.msn.to_string())
            .append_pair("_HLS_part", &edge.part.to_string());
        let (http, part, ages) = (http.clone(), media.join(&edge.hint)?, ages.clone());
        parts.push(tokio::spawn(async move { stream(&http, &part, &ages).await }));
    }
    for part in parts {
        part.await??;
    }
    Ok(std::mem::take(
        &mut *ages.lock().map_err(|_| anyhow::anyhow!("a fetch panicked"))?,
    ))
}

/// Where the live edge is: the part that comes next, and its address.
struct Edge {
    msn: u64,
    part: u64,
    hint: String,
}

impl Edge {
    fn read(playlist: &str) -> anyhow::Result<Self> {
        let value = |line: &str, tag: &str| line.strip_prefix(tag).map(str::to_owned);
        let first = playlist
            .lines()
            .find_map(|line| value(line, "#EXT-X-MEDIA-SEQUENCE:"))
            .context("no sequence")?;
        let mut edge = Self {
            msn: first.parse()?,
            part: 0,
            hint: String::new(),
        };
        for line in playlist.lines() {
            if line.starts_with("#EXTINF:") {
                edge.msn += 1;
                edge.part = 0;
            } else if line.starts_with("#EXT-X-PART:") {
                edge.part += 1;
            } else if line.starts_with("#EXT-X-PRELOAD-HINT:") {
                edge.hint = line
                    .split("URI=\"")
                    .nth(1)
                    .and_then(|rest| rest.split('"').next())
                    .unwrap_or_default()
                    .to_owned();
            }
        }
        anyhow::ensure!(!edge.hint.is_empty(), "no preload hint in\n{playlist}");
        Ok(edge)
    }
}

/// Reads a body as it comes and keeps the ages of the stamps in it.
async fn stream(http: &Http, url: &Url, ages: &Mutex<Vec<Duration>>) -> anyhow::Result<()> {
    let answer = http.get(url.as_str().parse()?).await?;
    anyhow::ensure!(answer.status().is_success(), "{url} answered {}", answer.status());
    let mut body = answer.into_body();
    let mut scanner = Scanner::default();
    while let Some(frame) = body.frame().await {
        if let Ok(bytes) = frame?.into_data() {
            let found = scanner.scan(&bytes);
            ages.lock()
                .map_err(|_| anyhow::anyhow!("a fetch panicked"))?
                .extend(found);
        }
    }
    Ok(())
}

/// Polls the playlist and fetches each new MPEG-TS segment whole.
pub async fn plain(url: &str, length: Duration) -> anyhow::Result<Vec<Duration>> {
    let http: Http = Client::builder(TokioExecutor::new()).build_http();
    let url = Url::parse(url)?;
    let mut seen: BTreeSet<String> = segments(&text(&http, &url).await?).collect();
    let mut ages = Vec::new();
    let end = Instant::now() + length;
    while Instant::now() < end {
        for segment in segments(&text(&http, &url).await?) {
            if seen.insert(segment.clone()) {
                let bytes = get(&http, &url.join(&segment)?).await?;
                ages.extend(Scanner::default().scan(&video_payload(&bytes)));
            }
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(ages)
}

fn segments(playlist: &str) -> impl Iterator<Item = String> {
    playlist
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
}

/// The payload of nginx-rtmp's video packets (PID 256), headers of the transport stream removed.
fn video_payload(stream: &[u8]) -> Vec<u8> {
    const VIDEO_PID: u16 = 256;
    let mut payload = Vec::with_capacity(stream.len());
    for packet in stream.chunks_exact(188) {
        let pid = u16::from_be_bytes([packet[1] & 0x1f, packet[2]]);
        let adaptation_bytes = if packet[3] & 0x20 == 0 {
            0
        } else {
            1 + usize::from(packet[4])
        };
        if pid == VIDEO_PID {
            payload.extend_from_slice(packet.get(4 + adaptation_bytes..).unwrap_or_default());
        }
    }
    payload
}

async fn text(http: &Http, url: &Url) -> anyhow::Result<String> {
    Ok(String::from_utf8(get(http, url).await?.to_vec())?)
}

async fn get(http: &Http, url: &Url) -> anyhow::Result<Bytes> {
    let answer = http.get(url.as_str().parse()?).await?;
    anyhow::ensure!(answer.status().is_success(), "{url} answered {}", answer.status());
    Ok(answer.into_body().collect().await?.to_bytes())
}
