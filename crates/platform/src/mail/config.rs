//! Where mail goes, and from whom it comes.

use std::fmt;
use std::net::IpAddr;

use lettre::message::Mailbox;
use url::{Url, form_urlencoded};

use crate::{Error, Secret};

/// Settings of outgoing mail.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where mail goes.
    pub delivery: Delivery,
    /// Who it comes from.
    pub from: Sender,
}

/// Where mail goes.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// Nowhere.
    Off,
    /// It is kept to be read at `/dev/mail`.
    Kept,
    /// To a mail server.
    Smtp(Smtp),
}

/// A mail server, and how to speak to it.
#[derive(Clone)]
pub struct Smtp {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Tls,
    pub(super) credentials: Option<(String, Secret)>,
}

/// How the connection to the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tls {
    /// From the first byte.
    Implicit,
    /// After `STARTTLS`, which the server must offer.
    Required,
    /// Not at all.
    Off,
}

/// The address in `From`, with a name: `Rostrum <rostrum@example.com>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(pub(super) Mailbox);

/// Port of `smtp://` when the URL names none (RFC 6409 §3.1).
const SUBMISSION_PORT: u16 = 587;
/// Port of `smtps://` when the URL names none (RFC 8314 §3.3).
const SUBMISSIONS_PORT: u16 = 465;

impl Smtp {
    /// Reads `smtp://user:password@host:587` (`STARTTLS` is required) or `smtps://user:password@host` (TLS from the
    /// first byte). `smtp://…?tls=none` sends without encryption, which is the default for loopback addresses only.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] naming `smtp_url`, without the URL itself.
    pub fn parse(url: &Secret) -> Result<Self, Error> {
        let invalid = |rule: &'static str| Error::invalid("smtp_url", rule);
        let shape = || invalid("smtp_url must look like smtp://user:password@host:587");
        let url = Url::parse(url.reveal()).map_err(|_| shape())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(shape)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let mut wish = None;
        for (name, value) in url.query_pairs() {
            match (name.as_ref(), value.as_ref()) {
                ("tls", "none" | "required") => wish = Some(value == "required"),
                _ => return Err(invalid("smtp_url knows only ?tls=required and ?tls=none")),
            }
        }
        let is_loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let (tls, port) = match (url.scheme(), wish.unwrap_or(!is_loopback)) {
            ("smtps", _) if wish == Some(false) => {
                return Err(invalid("smtp_url: smtps:// and ?tls=none exclude each other"));
            }
            ("smtps", _) => (Tls::Implicit, SUBMISSIONS_PORT),
            ("smtp", true) => (Tls::Required, SUBMISSION_PORT),
            ("smtp", false) => (Tls::Off, SUBMISSION_PORT),
            _ => return Err(shape()),
        };
        let credentials = url
            .password()
            .map(|password| (decoded(url.username()), Secret::new(decoded(password))));
        Ok(Self {
            host,
            port: url.port().unwrap_or(port),
            tls,
            credentials,
        })
    }
}

/// The part of a URL before the `@`, where `%40` stands for `@` and `+` for itself.
fn decoded(part: &str) -> String {
    let query = format!("x={}", part.replace('+', "%2B").replace('&', "%26"));
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} ({:?})", self.host, self.port, self.tls)
    }
}

impl Sender {
    /// Reads `name@host` or `Name <name@host>`.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] naming `from`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let invalid = || Error::invalid("from", "from must look like Rostrum <rostrum@example.com>");
        if text.chars().any(char::is_control) {
            return Err(invalid());
        }
        text.parse().map(Self).map_err(|_| invalid())
    }

    /// Host part of the address: names us to mail servers and in `Message-ID`.
    pub(super) fn host(&self) -> &str {
        self.0.email.domain()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Address, encryption, and user with password.
    type Parsed = (String, Tls, Option<(String, String)>);

    fn parsed(url: &str) -> Result<Parsed, String> {
        let smtp = Smtp::parse(&Secret::new(url)).map_err(|error| error.message.into_owned())?;
        let credentials = smtp
            .credentials
            .map(|(user, password)| (user, password.reveal().to_owned()));
        Ok((format!("{}:{}", smtp.host, smtp.port), smtp.tls, credentials))
    }

    #[test]
    fn a_mail_server_is_reached_encrypted_unless_it_is_this_machine_or_the_url_says_no() {
        for (url, address, tls) in [
            ("smtp://mail.example.com", "mail.example.com:587", Tls::Required),
            ("smtp://mail.example.com:25?tls=none", "mail.example.com:25", Tls::Off),
            ("smtp://127.0.0.1:1025", "127.0.0.1:1025", Tls::Off),
            ("smtp://[::1]:1025", "::1:1025", Tls::Off),
            ("smtp://localhost?tls=required", "localhost:587", Tls::Required),
            ("smtps://mail.example.com", "mail.example.com:465", Tls::Implicit),
        ] {
            assert_eq!(parsed(url), Ok((address.to_owned(), tls, None)), "{url}");
        }
    }

    #[test]
    fn credentials_may_hold_any_character() {
        let (_, _, credentials) = parsed("smtp://me%40example.com:p+a%26&%3D%20s@host").unwrap();
        assert_eq!(credentials, Some(("me@example.com".into(), "p+a&&= s".into())));
    }

    #[test]
    fn what_is_no_mail_server_is_refused_without_repeating_it() {
        for url in [
            "",
            "mail.example.com",
            "http://mail.example.com",
            "smtp://",
            "smtp://h?tls=maybe",
            "smtps://h?tls=none",
        ] {
            let error = parsed(url).unwrap_err();
            assert!(error.starts_with("smtp_url"), "{error}");
        }
        let smtp = Smtp::parse(&Secret::new("smtp://user:canary@host")).unwrap();
        assert!(!format!("{smtp:?}").contains("canary"));
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        assert_eq!(
            Sender::parse("Rostrum <rostrum@example.com>").unwrap().host(),
            "example.com"
        );
        assert_eq!(Sender::parse("rostrum@localhost").unwrap().host(), "localhost");
        for wrong in ["", "Rostrum", "a@b\r\nBcc: c@d", "<>"] {
            assert!(Sender::parse(wrong).is_err(), "{wrong}");
        }
    }
}
