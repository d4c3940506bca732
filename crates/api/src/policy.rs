//! Who may call a route. What a caller may do with one object (its own auction, say) is a rule of `platform`.

use platform::Role;

/// The admission rule of one route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Everybody; credentials are not read. For signing in, pages, health and documents.
    Open,
    /// Everybody; a caller who shows credentials is known by them, and bad credentials are refused.
    Public,
    /// Any account or service key.
    SignedIn,
    /// Accounts and service keys with this role.
    Role(Role),
    /// Whoever knows the secret of the event feed, in `x-rostrum-events-secret`.
    EventsSecret,
    /// Requests from this machine, and administrators.
    LoopbackOrAdmin,
}
