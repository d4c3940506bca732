//! Where an encoder publishes to, as text to paste.

use super::Config;

/// The server addresses of one ingest host, without the key; both end in `/app/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestUrls {
    /// Plain RTMP; only where the provider takes it.
    pub rtmp: Option<String>,
    /// RTMP over TLS.
    pub rtmps: String,
}

impl IngestUrls {
    /// The addresses at a host as the provider names it (`ingestEndpoint`: a bare host, or `host:port` of an engine).
    pub fn new(config: &Config, endpoint: &str) -> Self {
        let host = without_port(endpoint);
        let rtmp = config
            .insecure_ingest
            .then(|| format!("rtmp://{host}:{}/app/", config.rtmp_port));
        Self {
            rtmp,
            rtmps: format!("rtmps://{host}:{}/app/", config.rtmps_port),
        }
    }
}

/// Drops a trailing `:port`; a bracketed IPv6 address keeps its colons.
fn without_port(endpoint: &str) -> &str {
    match endpoint.rsplit_once(':') {
        Some((host, port))
            if !port.is_empty()
                && port.bytes().all(|byte| byte.is_ascii_digit())
                && (!host.contains(':') || host.ends_with(']')) =>
        {
            host
        }
        _ => endpoint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(insecure: bool, endpoint: &str, rtmp: Option<&str>, rtmps: &str) {
        let config = Config {
            insecure_ingest: insecure,
            rtmp_port: 1935,
            rtmps_port: 1936,
            ..Config::new("us-east-1", "test")
        };
        let urls = IngestUrls::new(&config, endpoint);
        assert_eq!((urls.rtmp.as_deref(), urls.rtmps.as_str()), (rtmp, rtmps));
    }

    #[test]
    fn addresses_carry_the_configured_ports_and_plain_ingest_only_when_allowed() {
        check(
            false,
            "abc.global-contribute.live-video.net",
            None,
            "rtmps://abc.global-contribute.live-video.net:1936/app/",
        );
        check(
            true,
            "localhost",
            Some("rtmp://localhost:1935/app/"),
            "rtmps://localhost:1936/app/",
        );
        check(
            true,
            "localhost:1936",
            Some("rtmp://localhost:1935/app/"),
            "rtmps://localhost:1936/app/",
        );
        check(
            true,
            "[::1]:1936",
            Some("rtmp://[::1]:1935/app/"),
            "rtmps://[::1]:1936/app/",
        );
        check(true, "[::1]", Some("rtmp://[::1]:1935/app/"), "rtmps://[::1]:1936/app/");
    }
}
