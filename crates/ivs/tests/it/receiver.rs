//! A local receiver of events that fails on demand.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

pub const EVENTS_SECRET: &str = "events-secret";

#[derive(Default)]
struct Inbox {
    /// Statuses for the next attempts; then 204.
    script: Mutex<Vec<u16>>,
    attempts: Mutex<Vec<Value>>,
    taken: Mutex<Vec<Value>>,
    bell: Notify,
}

pub struct Receiver {
    pub address: SocketAddr,
    inbox: Arc<Inbox>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// Answers the first attempts with `script`, in order, and takes everything after.
    pub async fn start(script: &[u16]) -> Self {
        let inbox = Arc::new(Inbox {
            script: Mutex::new(script.to_vec()),
            ..Inbox::default()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/events/ivs", axum::routing::post(take))
            .with_state(inbox.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, inbox, task }
    }

    pub fn url(&self) -> url::Url {
        format!("http://{}/events/ivs", self.address).parse().unwrap()
    }

    /// Waits until `count` events were taken.
    pub async fn taken(&self, count: usize) -> Vec<Value> {
        let wait = async {
            loop {
                let rung = self.inbox.bell.notified();
                let taken = self.inbox.taken.lock().unwrap().clone();
                if taken.len() >= count {
                    return taken;
                }
                rung.await;
            }
        };
        match tokio::time::timeout(Duration::from_secs(10), wait).await {
            Ok(taken) => taken,
            Err(_) => panic!("wanted {count} events, got {:#?}", self.inbox.taken.lock().unwrap()),
        }
    }

    /// Names of the first `count` events of Amazon's kinds; health samples come between them as they like.
    pub async fn named(&self, count: usize) -> Vec<String> {
        let mut least = count;
        loop {
            let taken = self.taken(least).await;
            let names = taken.iter().filter_map(|event| event["detail"]["event_name"].as_str());
            let names: Vec<String> = names.map(str::to_owned).collect();
            if names.len() >= count {
                return names;
            }
            least = taken.len() + 1;
        }
    }

    /// Every attempt, also those that were answered with a failure.
    pub fn attempts(&self) -> Vec<Value> {
        self.inbox.attempts.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(State(inbox): State<Arc<Inbox>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if headers
        .get("x-rostrum-events-secret")
        .is_none_or(|secret| secret != EVENTS_SECRET)
    {
        return StatusCode::UNAUTHORIZED;
    }
    let event: Value = serde_json::from_slice(&body).unwrap();
    inbox.attempts.lock().unwrap().push(event.clone());
    let scripted = {
        let mut script = inbox.script.lock().unwrap();
        if script.is_empty() {
            None
        } else {
            Some(script.remove(0))
        }
    };
    if let Some(status) = scripted {
        return StatusCode::from_u16(status).unwrap();
    }
    inbox.taken.lock().unwrap().push(event);
    inbox.bell.notify_waiters();
    StatusCode::NO_CONTENT
}
