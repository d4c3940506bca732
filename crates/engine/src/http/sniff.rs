//! Which protocol a connection speaks, told from its first bytes.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

use super::io::Replay;

/// RTMP 1.0 §5.2.2: C0 is the version, 3.
const RTMP_VERSION: u8 = 3;
/// RFC 9113 §3.4.
const H2_PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What may come in on one port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Rtmp,
    Http1,
    Http2,
}

/// Reads just enough to tell, and gives the bytes back in front of the rest. `None` when the peer closed first.
///
/// The whole HTTP/2 preface is awaited here because hyper waits for it without a limit; the caller has one.
pub(super) async fn sniff<I: AsyncRead + AsyncWrite + Unpin>(mut io: I) -> Option<(Protocol, Replay<I>)> {
    let mut seen = [0; H2_PREFACE.len()];
    let mut filled = 0;
    loop {
        filled += match io.read(seen.get_mut(filled..)?).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => read,
        };
        let bytes = seen.get(..filled)?;
        if let Some(protocol) = tell(bytes) {
            return Some((protocol, Replay::new(bytes, io)));
        }
    }
}

fn tell(bytes: &[u8]) -> Option<Protocol> {
    if bytes.first() == Some(&RTMP_VERSION) {
        Some(Protocol::Rtmp)
    } else if bytes == H2_PREFACE {
        Some(Protocol::Http2)
    } else if H2_PREFACE.starts_with(bytes) {
        None
    } else {
        Some(Protocol::Http1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_name_the_protocol() {
        assert_eq!(tell(b"\x03"), Some(Protocol::Rtmp));
        assert_eq!(tell(b"GET /"), Some(Protocol::Http1));
        assert_eq!(tell(b"P"), None, "may become POST or the preface");
        assert_eq!(tell(b"PROPFIND"), Some(Protocol::Http1));
        assert_eq!(tell(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r"), None);
        assert_eq!(tell(H2_PREFACE), Some(Protocol::Http2));
    }
}
