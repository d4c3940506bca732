//! The proxy on real sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod proxy;
