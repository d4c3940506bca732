//! Settings: defaults < file < environment < flags. Unknown keys are errors with a suggestion.

pub mod choice;
mod example;
mod load;
mod oidc;
pub mod secret;
pub(crate) mod section;
mod sections;

use std::net::IpAddr;

pub use example::render as example;
pub use load::{Layers, load, read_file};
pub use secret::Secret;
pub use section::{Field, Section, Source, Values};
pub use sections::{
    Accounts, Auctions, Channels, Costs, Database, EngineSection, Events, Http, Mail, Oidc, Server, Storage,
    VideoSection, Webrtc,
};

/// Every section, read and checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[http]`
    pub http: Http,
    /// `[database]`
    pub database: Database,
    /// `[storage]`
    pub storage: Storage,
    /// `[mail]`
    pub mail: Mail,
    /// `[video]`
    pub video: VideoSection,
    /// `[engine]`
    pub engine: EngineSection,
    /// `[events]`
    pub events: Events,
    /// `[webrtc]`
    pub webrtc: Webrtc,
    /// `[accounts]`
    pub accounts: Accounts,
    /// `[oidc]`
    pub oidc: Oidc,
    /// `[auctions]`
    pub auctions: Auctions,
    /// `[channels]`
    pub channels: Channels,
    /// `[costs]`
    pub costs: Costs,
    /// What somebody set, for `rostrum config check`.
    pub values: Values,
}

/// Name, documentation and settings of every section, in the order of the example file.
pub fn sections() -> Vec<(&'static str, &'static [&'static str], &'static [Field])> {
    fn entry<S: Section>() -> (&'static str, &'static [&'static str], &'static [Field]) {
        (S::NAME, S::DOC, S::FIELDS)
    }
    vec![
        entry::<Server>(),
        entry::<Http>(),
        entry::<Database>(),
        entry::<VideoSection>(),
        entry::<EngineSection>(),
        entry::<Events>(),
        entry::<Accounts>(),
        entry::<Oidc>(),
        entry::<Auctions>(),
        entry::<Channels>(),
        entry::<Costs>(),
        entry::<Mail>(),
        entry::<Storage>(),
        entry::<Webrtc>(),
    ]
}

impl Config {
    /// Reads every section from the values.
    ///
    /// # Errors
    /// The first setting that cannot be read, with its source; settings that exclude each other.
    pub fn read(values: Values) -> anyhow::Result<Self> {
        let config = Self {
            server: Server::read(&values)?,
            http: Http::read(&values)?,
            database: Database::read(&values)?,
            storage: Storage::read(&values)?,
            mail: Mail::read(&values)?,
            video: VideoSection::read(&values)?,
            engine: EngineSection::read(&values)?,
            events: Events::read(&values)?,
            webrtc: Webrtc::read(&values)?,
            accounts: Accounts::read(&values)?,
            oidc: Oidc::read(&values)?,
            auctions: Auctions::read(&values)?,
            channels: Channels::read(&values)?,
            costs: Costs::read(&values)?,
            values,
        };
        config.check()?;
        Ok(config)
    }

    /// What no single section can see.
    fn check(&self) -> anyhow::Result<()> {
        let pairs = [
            (
                "http.tls_cert",
                self.http.tls_cert.is_some(),
                "http.tls_key",
                self.http.tls_key.is_some(),
            ),
            (
                "video.access_key_id",
                self.video.access_key_id.is_some(),
                "video.secret_access_key",
                self.video.secret_access_key.is_some(),
            ),
            (
                "storage.access_key_id",
                self.storage.access_key_id.is_some(),
                "storage.secret_access_key",
                self.storage.secret_access_key.is_some(),
            ),
        ];
        for (one, one_is_set, other, other_is_set) in pairs {
            anyhow::ensure!(
                one_is_set == other_is_set,
                "{one} and {other} go together: set both or neither"
            );
        }
        anyhow::ensure!(
            self.oidc.issuer.is_some() == self.oidc.client_id.is_some(),
            "oidc.issuer and oidc.client_id go together: set both or neither"
        );
        self.oidc.settings()?;
        let account = &self.engine.account;
        anyhow::ensure!(
            account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()),
            "engine.account must be twelve digits"
        );
        anyhow::ensure!(
            self.accounts.admin_email.is_some() || self.accounts.admin_password.is_none(),
            "accounts.admin_password is set without accounts.admin_email: set both"
        );
        if let Some(url) = &self.video.chat_url {
            let is_socket = matches!(url.scheme(), "ws" | "wss") && url.has_host();
            anyhow::ensure!(is_socket, "video.chat_url must look like wss://live.example.com/chat");
        }
        crate::storage::check(&self.storage)?;
        if let Some(url) = &self.mail.smtp_url {
            let smtp = platform::mail::Smtp::parse(&platform::Secret::new(url.expose()));
            smtp.map_err(|error| anyhow::anyhow!("mail.{}", error.message))?;
        }
        if let Some(from) = &self.mail.from {
            let sender = platform::mail::Sender::parse(from);
            sender.map_err(|error| anyhow::anyhow!("mail.{}", error.message))?;
        }
        anyhow::ensure!(
            self.webrtc.addr.port() != 0,
            "webrtc.addr needs a port: browsers are told it"
        );
        if let Some(host) = &self.webrtc.host {
            let is_bare = !host.contains([':', '/']) || host.parse::<IpAddr>().is_ok();
            anyhow::ensure!(is_bare, "webrtc.host must be a bare host name or address");
        }
        Ok(())
    }
}
