//! Where a request comes from: the socket's peer, or what a trusted proxy says about it.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap};

/// A range of addresses such as `10.0.0.0/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

/// A text that is not `address` or `address/prefix`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not an address or an address/prefix such as 10.0.0.0/8")]
pub struct NetworkError(String);

impl Network {
    /// Whether `address` lies in this range; an IPv4 address written as IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                (ours.to_bits() ^ theirs.to_bits()).leading_zeros() >= u32::from(self.prefix_bits)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                (ours.to_bits() ^ theirs.to_bits()).leading_zeros() >= u32::from(self.prefix_bits)
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let error = || NetworkError(text.to_owned());
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let address = address.trim().parse::<IpAddr>().map_err(|_| error())?.to_canonical();
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            Some(prefix) => prefix.trim().parse().map_err(|_| error())?,
            None => bits_max,
        };
        if prefix_bits > bits_max {
            return Err(error());
        }
        Ok(Self { address, prefix_bits })
    }
}

/// What is known about the other end of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client {
    /// Address of the person, never of a trusted proxy in between.
    pub(crate) address: IpAddr,
    /// Whether the request was made on this machine.
    pub(crate) is_local: bool,
    /// Whether a trusted proxy received the request by https.
    pub(crate) is_forwarded_https: bool,
}

impl Client {
    /// Reads the peer (put there by the accept loop) and, only when it is a trusted proxy, its forwarding headers.
    pub(crate) fn of(extensions: &Extensions, headers: &HeaderMap, trusted: &[Network]) -> Self {
        // A request without a peer comes from a listener that forgot to say who calls: treat it as a stranger.
        let peer = extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(UNKNOWN, |info| info.0.ip().to_canonical());
        let is_forwarded = headers.contains_key(FORWARDED_FOR) || headers.contains_key(http::header::FORWARDED);
        if !is_trusted(peer, trusted) {
            // A proxy on this machine that nobody declared must not lend its loopback address to strangers.
            return Self {
                address: peer,
                is_local: peer.is_loopback() && !is_forwarded,
                is_forwarded_https: false,
            };
        }
        let address = forwarded_for(headers, trusted).unwrap_or(peer);
        let is_forwarded_https = headers
            .get(FORWARDED_PROTO)
            .is_some_and(|value| value.as_bytes() == b"https");
        Self {
            address,
            is_local: address.is_loopback(),
            is_forwarded_https,
        }
    }
}

/// Where a request comes from: its peer, or behind proxies in `trusted` what they say of it.
pub fn client_address(extensions: &Extensions, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    Client::of(extensions, headers, trusted).address
}

/// The nearest address in `X-Forwarded-For` that is not itself a trusted proxy: anything further left was written by
/// the client and proves nothing.
fn forwarded_for(headers: &HeaderMap, trusted: &[Network]) -> Option<IpAddr> {
    let hops = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect::<Vec<_>>();
    for hop in hops.iter().rev().flat_map(|line| line.rsplit(',')) {
        let address = hop.trim().parse::<IpAddr>().ok()?.to_canonical();
        if !is_trusted(address, trusted) {
            return Some(address);
        }
    }
    None
}

fn is_trusted(address: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";
const UNKNOWN: IpAddr = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);

#[cfg(test)]
mod tests {
    use super::*;

    fn check(peer: &str, forwarded_for: Option<&str>, trusted: &[&str]) -> (String, bool) {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4000)));
        let mut headers = HeaderMap::new();
        if let Some(value) = forwarded_for {
            headers.insert(FORWARDED_FOR, value.parse().unwrap());
        }
        let trusted = trusted
            .iter()
            .map(|text| text.parse().unwrap())
            .collect::<Vec<Network>>();
        let client = Client::of(&extensions, &headers, &trusted);
        (client.address.to_string(), client.is_local)
    }

    #[test]
    fn only_a_trusted_proxy_speaks_for_others() {
        assert_eq!(check("192.0.2.7", Some("127.0.0.1"), &[]), ("192.0.2.7".into(), false));
        assert_eq!(
            check("10.1.2.3", Some("192.0.2.9"), &["10.0.0.0/8"]),
            ("192.0.2.9".into(), false)
        );
        assert_eq!(check("10.1.2.3", None, &["10.0.0.0/8"]), ("10.1.2.3".into(), false));
        assert_eq!(
            check("::ffff:10.1.2.3", Some("192.0.2.9"), &["10.0.0.0/8"]),
            ("192.0.2.9".into(), false)
        );
    }

    #[test]
    fn the_nearest_untrusted_hop_is_the_client() {
        let chain = Some("127.0.0.1, 192.0.2.9, 10.9.9.9");
        assert_eq!(check("10.1.2.3", chain, &["10.0.0.0/8"]), ("192.0.2.9".into(), false));
        assert_eq!(
            check("10.1.2.3", Some("nonsense"), &["10.0.0.0/8"]),
            ("10.1.2.3".into(), false)
        );
    }

    #[test]
    fn an_undeclared_proxy_on_this_machine_does_not_make_strangers_local() {
        assert_eq!(check("127.0.0.1", None, &[]), ("127.0.0.1".into(), true));
        assert_eq!(check("127.0.0.1", Some("192.0.2.9"), &[]), ("127.0.0.1".into(), false));
        assert_eq!(
            check("127.0.0.1", Some("192.0.2.9"), &["127.0.0.1"]),
            ("192.0.2.9".into(), false)
        );
    }

    #[test]
    fn ranges_are_read_or_refused() {
        for text in ["10.0.0.0/33", "10.0.0/8", "", "::/129", "10.0.0.0/x"] {
            assert_eq!(text.parse::<Network>(), Err(NetworkError(text.to_owned())));
        }
        assert!(
            "::/0"
                .parse::<Network>()
                .unwrap()
                .contains("2001:db8::1".parse().unwrap())
        );
        assert!(
            "0.0.0.0/0"
                .parse::<Network>()
                .unwrap()
                .contains("192.0.2.1".parse().unwrap())
        );
        assert!(
            !"192.0.2.1"
                .parse::<Network>()
                .unwrap()
                .contains("192.0.2.2".parse().unwrap())
        );
    }
}
