//! One request: route, authenticate, run, answer.
//!
//! Routes are matched on the raw path, because SDKs send ARNs as one percent-encoded segment.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use engine::Engine;
use http::{HeaderValue, Method, StatusCode, header, request};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::Serialize;

use crate::call::Call;
use crate::chat::{message, room, token};
use crate::error::ApiError;
use crate::ids;
use crate::input::Members;
use crate::low_latency::{channel, recording, session, stream, stream_key};
use crate::operations::{self, Operation};
use crate::shared::Shared;
use crate::tags;

/// The largest request AWS models is a batch of 50 ARNs with room to spare; AWS front ends stop at 1 MiB as well.
const BODY_SIZE_MAX: usize = 1024 * 1024;
/// Bodies are a few kilobytes; a client that needs longer is stuck or hostile.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Clone)]
struct Tower {
    shared: Arc<Shared>,
    engine: Engine,
}

/// The Amazon IVS wire API over one engine.
pub fn router(shared: Arc<Shared>, engine: Engine) -> Router {
    Router::new().fallback(serve).with_state(Tower { shared, engine })
}

async fn serve(State(tower): State<Tower>, request: Request) -> Response {
    let request_id = ids::uuid(&tower.shared.env);
    let tracker = tower.shared.calls.clone();
    // A task of its own: it runs to its end when the client hangs up.
    let answer = match tracker.spawn(async move { answer(&tower, request).await }).await {
        Ok(answer) => answer,
        Err(cause) => Err(ApiError::internal(&cause)),
    };
    let mut response = answer.unwrap_or_else(ApiError::into_response);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert("x-amzn-requestid", value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

async fn answer(tower: &Tower, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let operation = operations::find(&parts.method, parts.uri.path()).ok_or_else(ApiError::unknown_operation)?;
    let is_chat = operation.signing_name() == "ivschat";
    match perform(tower, operation, parts, body).await {
        Err(error) if is_chat => Ok(error.into_chat_response()),
        answer => answer,
    }
}

async fn perform(tower: &Tower, operation: Operation, parts: request::Parts, body: Body) -> Result<Response, ApiError> {
    let shared = &tower.shared;
    let claim = shared
        .gate
        .open((shared.env.now_ms)(), operation.signing_name(), &parts)?;
    let body = read(body).await?;
    let caller = claim.verify(&parts, &body)?;
    let call = Call {
        shared,
        engine: &tower.engine,
        caller,
    };
    tracing::debug!(operation = operation.name(), region = %call.caller.scope().region, "amazon ivs call");
    match operation {
        Operation::Verb { name, .. } => verb(&call, name, &Members::parse(&body)?).await,
        Operation::Tags { resource_arn, .. } => tag_call(&call, &parts, &resource_arn, &body).await,
        Operation::Meetings => Err(ApiError::unsupported(operation.name())),
    }
}

/// Every operation with a path of its own.
async fn verb(call: &Call<'_>, name: &'static str, members: &Members) -> Result<Response, ApiError> {
    match name {
        "CreateChannel" => json(&channel::create(call, members).await?),
        "GetChannel" => json(&channel::get(call, members).await?),
        "BatchGetChannel" => json(&channel::batch_get(call, members).await?),
        "ListChannels" => json(&channel::list(call, members).await?),
        "UpdateChannel" => json(&channel::update(call, members).await?),
        "DeleteChannel" => channel::delete(call, members).await.map(|()| no_content()),

        "CreateStreamKey" => json(&stream_key::create(call, members).await?),
        "GetStreamKey" => json(&stream_key::get(call, members).await?),
        "BatchGetStreamKey" => json(&stream_key::batch_get(call, members).await?),
        "ListStreamKeys" => json(&stream_key::list(call, members).await?),
        "DeleteStreamKey" => stream_key::delete(call, members).await.map(|()| no_content()),

        "GetStream" => json(&stream::get(call, members).await?),
        "ListStreams" => json(&stream::list(call, members)?),
        "StopStream" => json(&stream::stop(call, members).await?),

        "GetStreamSession" => json(&session::get(call, members).await?),
        "ListStreamSessions" => json(&session::list(call, members).await?),

        "CreateRecordingConfiguration" => json(&recording::create(call, members).await?),
        "GetRecordingConfiguration" => json(&recording::get(call, members).await?),
        "ListRecordingConfigurations" => json(&recording::list(call, members).await?),
        "DeleteRecordingConfiguration" => recording::delete(call, members).await.map(|()| no_content()),

        "CreateRoom" => json(&room::create(call, members).await?),
        "GetRoom" => json(&room::get(call, members).await?),
        "ListRooms" => json(&room::list(call, members).await?),
        "UpdateRoom" => json(&room::update(call, members).await?),
        "DeleteRoom" => room::delete(call, members).await.map(|()| no_content()),

        "CreateChatToken" => json(&token::create(call, members).await?),
        "SendEvent" => json(&message::send_event(call, members).await?),
        "DeleteMessage" => json(&message::delete(call, members).await?),
        "DisconnectUser" => json(&message::disconnect_user(call, members).await?),

        _ => Err(ApiError::unsupported(name)),
    }
}

/// ListTagsForResource, TagResource and UntagResource.
async fn tag_call(
    call: &Call<'_>,
    parts: &request::Parts,
    resource_arn: &str,
    body: &[u8],
) -> Result<Response, ApiError> {
    match parts.method {
        Method::GET => json(&tags::list(call, resource_arn).await?),
        Method::POST => json(&tags::add(call, resource_arn, &Members::parse(body)?).await?),
        _ => {
            let keys = operations::query_values(parts.uri.query().unwrap_or_default(), "tagKeys");
            json(&tags::remove(call, resource_arn, &keys).await?)
        }
    }
}

async fn read(body: Body) -> Result<bytes::Bytes, ApiError> {
    let collected = tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, BODY_SIZE_MAX).collect()).await;
    match collected.map_err(|_| ApiError::body_timeout())? {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(cause) if cause.is::<LengthLimitError>() => Err(ApiError::too_large(BODY_SIZE_MAX)),
        Err(cause) => Err(ApiError::validation(format!(
            "The request body cannot be read: {cause}"
        ))),
    }
}

fn json(answer: &impl Serialize) -> Result<Response, ApiError> {
    let body = serde_json::to_vec(answer).map_err(|cause| ApiError::internal(&cause))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
