//! What can go wrong between us and the provider.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;

/// One way to fail.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// Answered with an error instead of being done.
    Refused(u16, &'static str),
    /// Done, but the answer never comes.
    DoneAndSilent,
    /// Done, but answered with an error.
    DoneAndFailed,
}

/// The planned failures, and every call that was made.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    planned: Vec<(&'static str, Fault)>,
    calls: Vec<String>,
}

impl Faults {
    /// The next `times` calls of `operation` fail.
    pub fn plan(&self, operation: &'static str, fault: Fault, times: usize) {
        self.0
            .lock()
            .unwrap()
            .planned
            .extend(std::iter::repeat_n((operation, fault), times));
    }

    /// How often an operation was called.
    pub fn calls(&self, operation: &str) -> usize {
        self.0
            .lock()
            .unwrap()
            .calls
            .iter()
            .filter(|call| *call == operation)
            .count()
    }

    /// Every call so far, in order; forgets them.
    pub fn take_calls(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().calls)
    }

    pub fn in_front_of(&self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self.clone(), fail))
    }

    fn next(&self, operation: &str) -> Option<Fault> {
        let mut inner = self.0.lock().unwrap();
        inner.calls.push(operation.to_owned());
        let index = inner.planned.iter().position(|(planned, _)| *planned == operation)?;
        Some(inner.planned.remove(index).1)
    }
}

async fn fail(State(faults): State<Faults>, request: Request, next: Next) -> Response {
    // Every operation of the low-latency API is a POST to its own name.
    let operation = request.uri().path().trim_start_matches('/').to_owned();
    match faults.next(&operation) {
        None => next.run(request).await,
        Some(Fault::Refused(status, code)) => answer(status, code),
        Some(Fault::DoneAndSilent) => {
            next.run(request).await;
            std::future::pending().await
        }
        Some(Fault::DoneAndFailed) => {
            next.run(request).await;
            answer(500, "InternalServerException")
        }
    }
}

fn answer(status: u16, code: &'static str) -> Response {
    let mut response = Response::new(Body::from(r#"{"message":"injected","exceptionMessage":"injected"}"#));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
        .headers_mut()
        .insert("x-amzn-errortype", HeaderValue::from_static(code));
    response
}
