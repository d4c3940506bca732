//! What can go wrong while the media plane starts. Once it runs, trouble belongs to one connection and ends with it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the engine or its certificate could not be made ready.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A listener could not be bound: another program has the port, or it needs a privilege.
    #[error("cannot listen on {addr}: {source}")]
    Listen {
        /// The address that was asked for.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// An RTMPS listener was asked for without a certificate.
    #[error("rtmps needs a certificate, and none is configured")]
    NoCertificate,
    /// A certificate or key file could not be read or written.
    #[error("cannot use {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A certificate or key file does not hold what it should.
    #[error("{} is not usable: {reason}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The self-signed certificate could not be made.
    #[error("cannot make a self-signed certificate: {0}")]
    SelfSigned(#[from] rcgen::Error),
    /// The TLS library refused its own defaults.
    #[error("cannot set up tls: {0}")]
    Tls(#[from] rustls::Error),
}
