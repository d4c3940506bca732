//! A player: asks the origin's router, without a socket.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use engine::Engine;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{FEED, until, within};

#[derive(Clone)]
pub struct Player {
    router: Router,
}

/// A whole response.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Player {
    pub fn in_memory(engine: &Engine) -> Self {
        Self {
            router: engine.origin(),
        }
    }

    /// Sends a request and returns when its status is known.
    pub async fn request(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.request(request).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        within(self.ask(request.body(Body::empty()).unwrap())).await
    }

    /// Waits until the stream can be played and opens it: the path of its media playlist, session included.
    pub async fn open(&self) -> String {
        let path = format!("/api/video/v1/{FEED}.m3u8");
        until(async || self.get(&path).await.status == StatusCode::OK).await;
        let text = self.get(&path).await.text();
        let uri = text.lines().find(|line| !line.starts_with('#')).unwrap();
        format!("/api/video/v1/{uri}")
    }

    /// The media playlist once it satisfies a condition.
    pub async fn playlist_that(&self, path: &str, mut is_it: impl FnMut(&str) -> bool) -> String {
        let mut text = String::new();
        until(async || {
            text = self.get(path).await.text();
            is_it(&text)
        })
        .await;
        text
    }
}

/// Every value of `URI="…"` and every plain line, as paths, in order.
pub fn uris(playlist: &str) -> Vec<String> {
    let of_line = |line: &str| match line.strip_prefix('#') {
        None => (!line.is_empty()).then(|| line.to_owned()),
        Some(tag) => Some(tag.split_once("URI=\"")?.1.split_once('"')?.0.to_owned()),
    };
    playlist
        .lines()
        .filter_map(of_line)
        .map(|uri| format!("/api/video/v1/{FEED}/{uri}"))
        .collect()
}

/// Media Sequence Number and index of the part that the playlist announces next.
pub fn hint(playlist: &str) -> (u64, u64) {
    let line = playlist
        .lines()
        .find(|line| line.starts_with("#EXT-X-PRELOAD-HINT"))
        .unwrap();
    let name = line.rsplit_once('/').unwrap().1.split_once(".m4s").unwrap().0;
    let (msn, index) = name.split_once('.').unwrap();
    (msn.parse().unwrap(), index.parse().unwrap())
}

/// End of the newest part, seconds from the first frame, of a stream that began within `known`: the durations of segments
/// by number, to which those of this playlist are added.
pub fn edge_s(playlist: &str, known: &mut BTreeMap<u64, f64>) -> f64 {
    let number = |text: &str| text.split([',', '\n']).next().unwrap().parse::<f64>().unwrap();
    let mut msn: u64 = 0;
    let mut open_s = 0.0;
    for line in playlist.lines() {
        if let Some(first) = line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:") {
            msn = first.parse().unwrap();
        } else if let Some(duration) = line.strip_prefix("#EXT-X-PART:DURATION=") {
            open_s += number(duration);
        } else if let Some(duration) = line.strip_prefix("#EXTINF:") {
            known.insert(msn, number(duration));
            (msn, open_s) = (msn + 1, 0.0);
        }
    }
    assert!(known.keys().copied().eq(0..msn), "no segment was missed: {known:?}");
    known.values().sum::<f64>() + open_s
}
