//! Speaking to the mail server.

use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use super::config::Tls;
use super::{Sender, Smtp};

/// How long the mail server may take to answer one command.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one mail may take in all.
const MAIL_TIMEOUT: Duration = Duration::from_secs(30);
/// Mails that go over one connection; many servers refuse more than a hundred.
const MAILS_PER_CONNECTION: usize = 50;

/// What became of an attempt. The texts are the mail server's and may name the recipient: they go into the table that
/// administrators read, not into the log.
pub(super) enum Attempt {
    /// The mail server took the mail.
    Delivered,
    /// It will never take it.
    Refused(String),
    /// It does not take this mail now.
    NotNow(String),
    /// It takes no mail now, or cannot be reached. Whether it took this one may be unknown.
    Away(String),
}

/// A connection that is opened when the first mail comes, and anew after an error.
pub(super) struct Courier<'a> {
    server: &'a Smtp,
    hello: ClientId,
    open: Option<(AsyncSmtpConnection, usize)>,
}

impl<'a> Courier<'a> {
    pub(super) fn new(server: &'a Smtp, sender: &Sender) -> Self {
        Self {
            server,
            hello: ClientId::Domain(sender.host().to_owned()),
            open: None,
        }
    }

    /// Hands one mail to the server.
    pub(super) async fn deliver(&mut self, envelope: &Envelope, bytes: &[u8]) -> Attempt {
        // Dropped in the middle the connection is of no use, so it is put back only after an answer.
        let attempt = tokio::time::timeout(MAIL_TIMEOUT, self.attempt(envelope, bytes)).await;
        attempt.unwrap_or_else(|_| Attempt::Away("the mail server took too long".to_owned()))
    }

    async fn attempt(&mut self, envelope: &Envelope, bytes: &[u8]) -> Attempt {
        let (mut connection, used) = match self.open.take() {
            Some((connection, used)) if used < MAILS_PER_CONNECTION => (connection, used),
            spent => {
                quit(spent).await;
                match self.connect().await {
                    Ok(connection) => (connection, 0),
                    Err(error) => return Attempt::Away(error.to_string()),
                }
            }
        };
        match connection.send(envelope, bytes).await {
            Ok(_) => {
                self.open = Some((connection, used + 1));
                Attempt::Delivered
            }
            Err(error) => after(&error),
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SmtpError> {
        let server = self.server;
        let tls = || TlsParameters::new(server.host.clone());
        let implicit = (server.tls == Tls::Implicit).then(tls).transpose()?;
        let address = (server.host.as_str(), server.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(COMMAND_TIMEOUT), &self.hello, implicit, None).await?;
        if server.tls == Tls::Required {
            connection.starttls(tls()?, &self.hello).await?;
        }
        if let Some((user, password)) = &server.credentials {
            let credentials = Credentials::new(user.clone(), password.reveal().to_owned());
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .await?;
        }
        Ok(connection)
    }

    /// Takes leave.
    pub(super) async fn close(mut self) {
        quit(self.open.take()).await;
    }
}

async fn quit(open: Option<(AsyncSmtpConnection, usize)>) {
    if let Some((mut connection, _)) = open {
        // Politeness: every mail on this connection was answered already.
        let _ = tokio::time::timeout(COMMAND_TIMEOUT, connection.quit()).await;
    }
}

/// What an error in the middle of a mail means.
///
/// *source*: RFC 5321 §4.2.1 (4yz may succeed later, 5yz will not) and §3.8 (421 closes the connection); RFC 4954 §6
/// (530 and 535 are about our credentials, not about the mail).
fn after(error: &SmtpError) -> Attempt {
    let code = error.status().map(u16::from);
    match code {
        Some(421 | 530 | 534 | 535 | 538) => Attempt::Away(error.to_string()),
        _ if error.is_permanent() => Attempt::Refused(error.to_string()),
        _ if error.is_transient() => Attempt::NotNow(error.to_string()),
        _ => Attempt::Away(error.to_string()),
    }
}
