//! The HTTP surface: REST, events, OpenAPI and the embedded UI.
//!
//! **Purpose.** Translates between HTTP and the operations of `platform`; decides nothing about the business.
//!
//! **Invariants**
//! - Every route is in [`table`], with its [`Policy`]; there is no other way to add one, and the table has no entry
//!   without a policy.
//! - Handlers reach the application only through the context that the gate hands out.
//! - Errors leave in one shape, `{"error", "details"?}`; what an operator needs is logged once and never sent.
//! - Everything a client sends is bounded: bodies, queries, streams per address and in all.
//! - `docs/api/openapi.json` is [`openapi_json`], compared by a test.
//!
//! **Where to start.** [`table`] below, then `gate.rs`, then a file of `rest/`.

mod body;
mod client;
mod compat;
mod config;
mod cookie;
mod error;
mod gate;
mod idempotency;
mod json;
mod layers;
mod openapi;
mod policy;
mod rest;
mod sse;
mod table;
pub mod ui;

use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;
use platform::{Platform, Role};

use crate::error::Problem;
use crate::gate::App;
use crate::policy::Policy::{EventsSecret, LoopbackOrAdmin, Open, Public, SignedIn};
use crate::rest::auctions::controls;
use crate::rest::bids;
use crate::rest::thumbnails;
use crate::rest::{
    auctions, auth, auth_codes, auth_passwords, auth_sessions, channel_bookings, channel_insight, channels, costs,
    dev_mail, doctor, events, health, hosts, images, leaks, mails, notifications, now, oidc, service_keys, sessions,
    shows, user_lookup, users,
};
use crate::rest::{channel_requests, groups, programs};
use crate::table::Table;

pub use client::{Network, NetworkError, client_address};
pub use config::Config;
pub use openapi::openapi_json;
pub use policy::Policy;
pub use table::Route;

/// Every route of the HTTP surface.
fn table() -> Table {
    let mut table = Table::default();
    let admin = Policy::Role(Role::Admin);

    // Signing in
    table.post("/api/auth/register", Open, auth::register);
    table.post("/api/auth/login", Open, auth::login);
    table.post("/api/auth/refresh", Open, auth::refresh);
    table.post("/api/auth/logout", Open, auth::logout);
    table.get("/api/auth/methods", Open, auth_codes::methods);
    table.post("/api/auth/initiate", Open, auth_codes::initiate);
    table.post("/api/auth/resend-code", Open, auth_codes::resend);
    table.post("/api/auth/verify-otp", Open, auth_codes::verify);
    table.post("/api/auth/password/forgot", Open, auth_passwords::forgot);
    table.post("/api/auth/password/reset", Open, auth_passwords::reset);
    table.post("/api/auth/password/change", SignedIn, auth_passwords::change);
    table.get("/api/auth/sessions", SignedIn, auth_sessions::list);
    table.post(
        "/api/auth/sessions/revoke-others",
        SignedIn,
        auth_sessions::revoke_others,
    );
    table.delete("/api/auth/sessions/{id}", SignedIn, auth_sessions::revoke);
    table.get("/api/auth/me", SignedIn, auth::me);
    table.post("/api/auth/me", SignedIn, auth::update_me);
    table.get("/api/auth/setup", Open, auth::setup_status);
    table.post("/api/auth/setup", Open, auth::setup);
    table.get("/api/auth/oidc/start", Open, oidc::start);
    table.get("/api/auth/oidc/callback", Open, oidc::callback);

    // People and programs
    table.get("/api/users", admin, users::list);
    table.post("/api/users", admin, users::create);
    table.post("/api/users/{id}/roles", admin, users::set_roles);
    table.get("/api/service-keys", admin, service_keys::list);
    table.post("/api/service-keys", admin, service_keys::create);
    table.delete("/api/service-keys/{id}", admin, service_keys::delete);

    // Auctions
    table.post("/api/auctions", SignedIn, auctions::create);
    table.get("/api/auctions", Public, auctions::list);
    table.get("/api/auctions/{id}", Public, auctions::show);
    table.get("/api/auctions/{id}/state", Public, auctions::state);
    table.post("/api/auctions/{id}/close", SignedIn, auctions::close);
    table.post("/api/auctions/{id}/stream-key/reveal", SignedIn, auctions::reveal_key);
    table.get("/api/auctions/{id}/health", SignedIn, auctions::health);
    table.get("/api/auctions/{id}/verification", admin, auctions::verification::verify);
    table.get("/api/auctions/{id}/cost", SignedIn, costs::of_auction);
    table.post("/api/auctions/{id}/images", SignedIn, auctions::pictures::add);
    table.delete(
        "/api/auctions/{id}/images/{image_id}",
        SignedIn,
        auctions::pictures::remove,
    );
    table.post("/api/auctions/{id}/images/order", SignedIn, auctions::pictures::order);
    table.post("/api/auctions/{id}/chat/token", SignedIn, auctions::chat::token);
    table.get("/api/auctions/{id}/chat/messages", Public, auctions::chat::messages);
    table.post(
        "/api/auctions/{id}/chat/messages/{message_id}/delete",
        SignedIn,
        auctions::chat::delete,
    );
    table.post("/api/auctions/{id}/chat/mute", SignedIn, auctions::chat::mute);
    table.post("/api/auctions/{id}/chat/unmute", SignedIn, auctions::chat::unmute);
    table.post("/api/auctions/{id}/chat/ban", SignedIn, auctions::chat::ban);
    table.post("/api/auctions/{id}/chat/unban", SignedIn, auctions::chat::unban);
    table.get(
        "/api/auctions/{id}/chat/restrictions",
        SignedIn,
        auctions::chat::restrictions,
    );
    table.get("/api/images/{name}", Open, images::show);

    // Who broadcasts on which channel
    table.post("/admin/channels/{id}/assign", admin, hosts::assign);
    table.delete("/admin/channels/{id}/assign/{user_id}", admin, hosts::unassign);
    table.get("/admin/channels/{id}/bookings", admin, channel_bookings::list);
    table.post("/admin/channels/{id}/bookings", admin, channel_bookings::create);
    table.delete(
        "/admin/channels/{id}/bookings/{booking_id}",
        admin,
        channel_bookings::delete,
    );
    table.get("/admin/channels/{id}/health", admin, channel_insight::health);
    table.get("/admin/channels/{id}/broadcasts", admin, channel_insight::broadcasts);
    table.get("/admin/channels/{id}/timeline", admin, channel_insight::timeline);
    table.get("/admin/channels/{id}/audit", admin, channel_insight::audit);
    table.get("/admin/channels/{id}/cost", admin, channel_insight::cost);
    table.get("/api/channels/{id}", Public, channel_insight::public);
    table.get("/hosts/{user_id}/channel", SignedIn, hosts::channel);
    table.get("/hosts/{user_id}/channel/health", SignedIn, hosts::health);
    table.post(
        "/hosts/{user_id}/channel/stream-key/reveal",
        SignedIn,
        hosts::reveal_key,
    );
    table.post(
        "/hosts/{user_id}/channel/stream-key/rotate",
        SignedIn,
        hosts::rotate_key,
    );
    table.get("/api/channels/{id}/thumbnail.jpg", Open, thumbnails::of_channel);
    table.get("/admin/users/lookup", admin, user_lookup::lookup);

    enter_groups(&mut table);

    // Notifications
    table.get("/api/notifications", SignedIn, notifications::list);
    table.post("/api/notifications/read-all", SignedIn, notifications::read_all);
    table.post("/api/notifications/{id}/read", SignedIn, notifications::read);

    // Bidding
    table.post("/api/bids", SignedIn, bids::place);
    table.get("/api/bids", SignedIn, bids::mine);
    table.get("/api/auctions/{id}/bids", Public, bids::of_auction);
    table.post("/api/auctions/{id}/bids/{bid_id}/retract", admin, bids::retract);
    table.post("/api/auctions/{id}/buy-now", SignedIn, controls::buy_now);
    table.post("/api/auctions/{id}/pause", SignedIn, controls::pause);
    table.post("/api/auctions/{id}/resume", SignedIn, controls::resume);
    table.post("/api/auctions/{id}/extend", SignedIn, controls::extend);
    table.post("/api/auctions/{id}/withdraw", SignedIn, controls::withdraw);
    table.get("/api/auctions/{id}/history", SignedIn, controls::history);

    // Sessions
    table.post("/sessions", SignedIn, sessions::create);
    table.get("/sessions", SignedIn, sessions::list);
    table.get("/sessions/{id}", SignedIn, sessions::show);
    table.delete("/sessions/{id}", SignedIn, sessions::end);
    table.post("/sessions/{id}/heartbeat", SignedIn, sessions::heartbeat);

    // Shows
    table.post("/api/shows", SignedIn, shows::create);
    table.get("/api/shows", SignedIn, shows::list);

    // Persistent channels
    table.post("/admin/channels", admin, channels::create);
    table.get("/admin/channels", admin, channels::list);
    table.get("/admin/channels/capacity", admin, channels::capacity);
    table.get("/admin/channels/{id}", admin, channels::show);
    table.delete("/admin/channels/{id}", admin, channels::delete);
    table.get("/admin/channels/{id}/stats", admin, channels::stats);
    table.put("/admin/channels/{id}/state", admin, channels::set_state);

    // Provider resources
    table.get("/api/leaks", admin, leaks::list);
    table.get("/api/costs", admin, costs::overview);
    table.get("/api/doctor", admin, doctor::examine);

    // What happens
    table.get("/api/now", Public, now::now);
    table.get("/api/events", Public, events::watch);
    table.post("/events/ivs", EventsSecret, events::receive_ivs);

    // Operations
    table.get("/healthz", Open, health::alive);
    table.get("/readyz", Open, health::ready);
    table.get("/metrics", LoopbackOrAdmin, health::metrics);
    table.get("/openapi.json", Open, health::document);
    table.get("/api/mails", admin, mails::list);
    table.get("/dev/mail", LoopbackOrAdmin, dev_mail::list);
    table.get("/dev/mail/{id}", LoopbackOrAdmin, dev_mail::show);
    table.get("/dev/mail/{id}/html", LoopbackOrAdmin, dev_mail::html);

    // Pages
    table.get("/", Open, ui::home);
    table.get("/ui", Open, ui::home);
    table.get("/ui/", Open, ui::index);
    table.get("/ui/{*path}", Open, ui::file);

    table
}

/// Groups, their programmes, and asking for channels.
fn enter_groups(table: &mut Table) {
    let admin = Policy::Role(Role::Admin);
    table.get("/users/{user_id}/groups", SignedIn, groups::list);
    table.post("/users/{user_id}/groups", SignedIn, groups::create);
    table.get("/users/{user_id}/groups/{group_id}", SignedIn, groups::show);
    table.patch("/users/{user_id}/groups/{group_id}", SignedIn, groups::edit);
    table.delete("/users/{user_id}/groups/{group_id}", SignedIn, groups::delete);
    table.post("/users/{user_id}/groups/{group_id}/image", SignedIn, groups::set_image);
    table.delete(
        "/users/{user_id}/groups/{group_id}/image",
        SignedIn,
        groups::delete_image,
    );
    table.get(
        "/users/{user_id}/groups/{group_id}/programs",
        SignedIn,
        programs::of_group,
    );
    table.post(
        "/users/{user_id}/groups/{group_id}/programs/order",
        SignedIn,
        programs::order,
    );
    table.get("/users/{user_id}/programs", SignedIn, programs::list);
    table.post("/users/{user_id}/programs", SignedIn, programs::create);
    table.get("/users/{user_id}/programs/{program_id}", SignedIn, programs::show);
    table.patch("/users/{user_id}/programs/{program_id}", SignedIn, programs::edit);
    table.delete("/users/{user_id}/programs/{program_id}", SignedIn, programs::delete);
    table.post(
        "/users/{user_id}/groups/{group_id}/channel-requests",
        SignedIn,
        channel_requests::submit,
    );
    table.get("/users/{user_id}/channel-requests", SignedIn, channel_requests::of_user);
    table.delete(
        "/users/{user_id}/channel-requests/{request_id}",
        SignedIn,
        channel_requests::withdraw,
    );
    table.get("/admin/channel-requests", admin, channel_requests::list);
    table.post("/admin/channel-requests/{id}/approve", admin, channel_requests::approve);
    table.post("/admin/channel-requests/{id}/reject", admin, channel_requests::reject);
}

/// Every route with its policy, for tests and documents.
pub fn routes() -> Vec<Route> {
    table().routes()
}

/// The whole HTTP surface. The accept loop must put the peer's address into each request as
/// `axum::extract::ConnectInfo<SocketAddr>`; without it callers count as strangers at `0.0.0.0`.
pub fn router(platform: Platform, config: Config, metrics: PrometheusHandle) -> Router {
    let app = App::new(platform, config, metrics);
    let router = table()
        .mount(&app)
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method);
    layers::wrap(router, &app).with_state(app)
}

async fn unknown_route() -> Problem {
    Problem::unknown_route()
}

async fn wrong_method() -> Problem {
    Problem::new(http::StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
}
