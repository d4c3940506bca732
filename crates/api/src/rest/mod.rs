//! One file per area: the types of its JSON, its handlers, and what the document says about them.

pub(crate) mod auctions;
pub(crate) mod auth;
pub(crate) mod auth_codes;
pub(crate) mod auth_passwords;
pub(crate) mod auth_sessions;
pub(crate) mod bids;
pub(crate) mod broadcasts;
pub(crate) mod channel_bookings;
pub(crate) mod costs;
pub(crate) mod dev_mail;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod hosts;
pub(crate) mod images;
pub(crate) mod leaks;
pub(crate) mod mails;
pub(crate) mod money;
pub(crate) mod notifications;
pub(crate) mod now;
pub(crate) mod oidc;
pub(crate) mod service_keys;
pub(crate) mod time;
pub(crate) mod user_lookup;
pub(crate) mod users;
pub(crate) mod video;
