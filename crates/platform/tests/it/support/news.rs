//! Where the tower delivers its events: what `POST /events/ivs` does, without the rest of the HTTP surface.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use platform::{Caller, Platform, broadcasts};
use tokio::task::JoinSet;

pub struct News {
    address: SocketAddr,
    reader: Reader,
    // Aborted when dropped.
    _tasks: JoinSet<()>,
}

type Reader = Arc<Mutex<Option<Platform>>>;

impl News {
    pub async fn listen() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let reader = Reader::default();
        let router = Router::new()
            .route("/events/ivs", post(receive))
            .with_state(reader.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            reader,
            _tasks: tasks,
        }
    }

    pub fn url(&self) -> url::Url {
        format!("http://{}/events/ivs", self.address).parse().unwrap()
    }

    pub fn deliver_to(&self, platform: &Platform) {
        *self.reader.lock().unwrap() = Some(platform.clone());
    }

    /// Events are taken and lost from now on.
    pub fn lose(&self) {
        *self.reader.lock().unwrap() = None;
    }
}

async fn receive(State(reader): State<Reader>, Json(event): Json<serde_json::Value>) -> StatusCode {
    let platform = reader.lock().unwrap().clone();
    if let Some(platform) = platform {
        broadcasts::record_event(&platform.context(Caller::System), event)
            .await
            .unwrap();
    }
    StatusCode::NO_CONTENT
}
