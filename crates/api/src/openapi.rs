//! The OpenAPI 3.1 document: types and texts come from the handlers, who may call comes from the route table.

use http::Method;
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, Ref};

use crate::error::{Detail, ErrorBody};
use crate::gate::EVENTS_SECRET_HEADER;
use crate::policy::Policy;
use crate::rest::auctions::controls;
use crate::rest::bids;
use crate::rest::thumbnails;
use crate::rest::{
    auctions, auth, auth_codes, auth_passwords, auth_sessions, channel_bookings, channel_insight, channels, costs,
    dev_mail, doctor, events, health, hosts, images, leaks, mails, notifications, now, oidc, service_keys, sessions,
    shows, user_lookup, users,
};
use crate::rest::{channel_requests, groups, programs};
use crate::table::Route;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Rostrum",
        description = "Live video that a business can be built on. Every error is `{\"error\", \"details\"?}`; money is \
                       a number in the named currency; times are RFC 3339, or epoch milliseconds where the name ends \
                       in `_ms`. Unknown members of requests are ignored.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        auth::register, auth::login, auth::refresh, auth::logout, auth::me, auth::update_me, auth::setup_status, auth::setup,
        auth_codes::methods, auth_codes::initiate, auth_codes::resend, auth_codes::verify,
        auth_passwords::forgot, auth_passwords::reset, auth_passwords::change,
        auth_sessions::list, auth_sessions::revoke, auth_sessions::revoke_others,
        oidc::start, oidc::callback,
        users::list, users::create, users::set_roles,
        service_keys::list, service_keys::create, service_keys::delete,
        channels::create, channels::list, channels::capacity, channels::show, channels::delete, channels::stats,
        channels::set_state,
        leaks::list,
        auctions::create, auctions::list, auctions::show, auctions::state, auctions::close, auctions::reveal_key,
        auctions::health, auctions::verification::verify,
        costs::of_auction, costs::overview, doctor::examine, images::show,
        auctions::pictures::add, auctions::pictures::remove, auctions::pictures::order,
        channel_insight::health, channel_insight::broadcasts, channel_insight::timeline, channel_insight::audit,
        channel_insight::cost, channel_insight::public,
        hosts::assign, hosts::unassign, hosts::channel, hosts::health, hosts::reveal_key, hosts::rotate_key,
        channel_bookings::list, channel_bookings::create, channel_bookings::delete, user_lookup::lookup, thumbnails::of_channel,
        groups::list, groups::create, groups::show, groups::edit, groups::delete, groups::set_image, groups::delete_image,
        programs::of_group, programs::order, programs::list, programs::create, programs::show, programs::edit,
        programs::delete,
        channel_requests::submit, channel_requests::of_user, channel_requests::withdraw,
        channel_requests::list, channel_requests::approve, channel_requests::reject,
        notifications::list, notifications::read, notifications::read_all,
        mails::list, dev_mail::list, dev_mail::show, dev_mail::html,
        bids::place, bids::mine, bids::of_auction, bids::retract,
        controls::buy_now, controls::pause, controls::resume, controls::extend, controls::withdraw, controls::history,
        auctions::chat::token, auctions::chat::messages, auctions::chat::delete, auctions::chat::mute,
        auctions::chat::unmute, auctions::chat::ban, auctions::chat::unban, auctions::chat::restrictions,
        sessions::create, sessions::list, sessions::show, sessions::end, sessions::heartbeat,
        shows::create, shows::list,
        now::now,
        events::watch, events::receive_ivs,
        health::alive, health::ready, health::metrics, health::document,
    ),
    components(schemas(ErrorBody, Detail)),
    tags(
        (name = "auth", description = "Signing in. Browsers have the refresh token in an HttpOnly cookie; other clients may send it in the body."),
        (name = "users", description = "People, for administrators."),
        (name = "service_keys", description = "Credentials of programs, for administrators."),
        (name = "auctions", description = "Auctions with live video."),
        (name = "groups", description = "Groups of programmes, and asking for a channel for one."),
        (name = "notifications", description = "What the caller was told."),
        (name = "bids", description = "Bidding. Bidders appear under an alias that is theirs in one auction only."),
        (name = "chat", description = "The chat beside an auction. Mute and ban concern the chat alone, never bids."),
        (name = "sessions", description = "A host's claim on his channel, from start to end."),
        (name = "shows", description = "What hosts announce and go on air with."),
        (name = "channels", description = "Persistent channels. Outside `/api`, errors carry the sentence as `message` too."),
        (name = "now", description = "What is on air."),
        (name = "events", description = "What happens, as it happens, and what the video provider reports."),
        (name = "health", description = "For operators and their machines."),
    ),
)]
struct Document;

/// The document as it is committed in `docs/api/openapi.json`: pretty-printed, with a final newline.
pub fn openapi_json() -> String {
    let mut document = Document::openapi();
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let header = ApiKeyValue::new(EVENTS_SECRET_HEADER);
    components.add_security_scheme("events_secret", SecurityScheme::ApiKey(ApiKey::Header(header)));
    for route in crate::routes() {
        let item = document.paths.paths.get_mut(route.path);
        let operation = item.and_then(|item| match route.method {
            Method::GET => item.get.as_mut(),
            Method::POST => item.post.as_mut(),
            Method::PUT => item.put.as_mut(),
            Method::PATCH => item.patch.as_mut(),
            Method::DELETE => item.delete.as_mut(),
            _ => None,
        });
        if let Some(operation) = operation {
            describe_policy(operation, &route);
        }
    }
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// Adds what the policy decides: credentials, and the body of every refusal.
fn describe_policy(operation: &mut Operation, route: &Route) {
    let bearer = || SecurityRequirement::new("bearer", Vec::<String>::new());
    operation.security = match route.policy {
        Policy::Open => None,
        Policy::Public | Policy::LoopbackOrAdmin => Some(vec![SecurityRequirement::default(), bearer()]),
        Policy::SignedIn | Policy::Role(_) => Some(vec![bearer()]),
        Policy::EventsSecret => Some(vec![SecurityRequirement::new("events_secret", Vec::<String>::new())]),
    };
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Error")))
        .build();
    let refusal = ResponseBuilder::new()
        .description("Any refusal or failure; the status says which kind.")
        .content("application/json", content)
        .build();
    operation
        .responses
        .responses
        .entry("default".to_owned())
        .or_insert_with(|| refusal.into());
}
