//! Wiring of the application tower: the platform and its HTTP surface.

use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;
use platform::Platform;
use platform::mail::{Delivery, Sender, Smtp};
use tokio_util::sync::CancellationToken;

use crate::config::choice::{ChannelType, Sellers, Video};
use crate::config::{Config, Secret};
use crate::data::DataDir;
use crate::ground::Ground;
use crate::video_tower::VideoTower;
use crate::{address, clock, failpoint, prices, storage};

/// E-mail address of the administrator that `--dev` makes.
const DEV_ADMIN_EMAIL: &str = "admin@example.com";
/// Ports that Amazon's ingest listens on.
const AWS_PORTS: (u16, u16) = (1935, 443);
/// What recordings of the embedded engine are kept under when nobody named a bucket.
const EMBEDDED_BUCKET: &str = "rostrum-recordings";
/// Amazon's own quota for most operations.
const AWS_CALLS_PER_SECOND: u32 = 5;

/// The running application.
pub struct Application {
    platform: Platform,
    router: Router,
    admin: Admin,
}

/// What is configured for the first administrator.
struct Admin {
    email: Option<String>,
    password: Option<Secret>,
    data: DataDir,
}

/// What a person must know about the first administrator.
pub enum Administrator {
    /// Somebody can sign in already, or will with the configured password.
    Exists,
    /// `--dev` made one, or made it earlier.
    Made {
        /// Its e-mail address.
        email: String,
        /// Its password.
        password: Secret,
    },
    /// Nobody can: this one-time token makes one.
    Missing {
        /// Goes into the set-up link.
        token: platform::Secret,
    },
}

impl Application {
    /// Connects to the database and builds the routes. Nothing runs before [`Platform::run`].
    ///
    /// # Errors
    /// The database, or a setting that does not fit.
    pub async fn open(
        ground: &Ground,
        tower: Option<&VideoTower>,
        metrics: PrometheusHandle,
        stop: &CancellationToken,
        is_dev: bool,
    ) -> anyhow::Result<Self> {
        let Ground {
            config, data, secrets, ..
        } = ground;
        let platform = open_platform(ground, tower, is_dev).await?;
        let settings = api::Config {
            public_url: Some(ground.public_url.clone()),
            is_tls: ground.tls.is_some(),
            trusted_proxies: networks(&config.server.trusted_proxies)?,
            events_secret: Some(platform::Secret::new(secrets.events.expose())),
            media_origins: media_origins(ground)?,
            streams_per_address_max: config.events.streams_per_address_max,
            shutdown: stop.clone(),
        };
        let admin = Admin {
            email: config.accounts.admin_email.clone(),
            password: config.accounts.admin_password.clone(),
            data: data.clone(),
        };
        Ok(Self {
            router: api::router(platform.clone(), settings, metrics),
            platform,
            admin,
        })
    }

    /// Every route of the application.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// The application behind the routes.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Makes the configured administrator, or with `--dev` one of our own; otherwise a one-time link when there is none.
    ///
    /// # Errors
    /// The database, or an e-mail address or password that does not fit.
    pub async fn administrator(&self, is_dev: bool) -> anyhow::Result<Administrator> {
        let is_given = self.admin.password.is_some();
        let email = match &self.admin.email {
            Some(email) => email.clone(),
            None if is_dev => DEV_ADMIN_EMAIL.to_owned(),
            None => {
                let token = platform::accounts::setup_link(&self.platform).await?;
                return Ok(token.map_or(Administrator::Exists, |token| Administrator::Missing { token }));
            }
        };
        let password = match &self.admin.password {
            Some(password) => password.clone(),
            None if is_dev => self.admin.data.secret("dev-admin-password", clock::random_hex::<10>)?,
            None => anyhow::bail!("accounts.admin_email is set without accounts.admin_password: set both"),
        };
        let secret = platform::Secret::new(password.expose());
        platform::accounts::ensure_admin(&self.platform, &email, &secret).await?;
        Ok(if is_given {
            Administrator::Exists
        } else {
            Administrator::Made { email, password }
        })
    }
}

async fn open_platform(ground: &Ground, tower: Option<&VideoTower>, is_dev: bool) -> anyhow::Result<Platform> {
    let Ground {
        config, data, secrets, ..
    } = ground;
    let settings = platform::Config {
        database_url: platform::Secret::new(database_url(config, data)),
        currency: config.auctions.currency.parse().context("auctions.currency")?,
        secret_key: platform::config::SecretKey::new(secrets.key),
        events_secret: Some(platform::Secret::new(secrets.events.expose())),
        oidc: config.oidc.settings()?,
        auctions: platform::config::Auctions {
            sellers: match config.auctions.sellers {
                Sellers::Any => platform::config::Sellers::Any,
                Sellers::Host => platform::config::Sellers::Host,
            },
            bids_per_second: config.auctions.bids_per_second,
        },
        channels: channels(config, tower.is_some()),
        video: video(ground, tower),
        chat_url: address::chat_url(config, &ground.public_url)?.to_string(),
        chat_listen_url: tower.map(|tower| format!("ws://{}{}", tower.ivs_addr, ivs::CHAT_PATH)),
        public_url: ground.public_url.clone(),
        mail: mail(ground, is_dev)?,
        storage: storage::settings(config, data)?,
        costs: platform::costs::Config {
            prices: prices::load(&config.costs.price_list)?,
            is_billed: matches!((config.video.mode, &config.video.endpoint), (Video::Aws, None)),
        },
        failpoint: failpoint::listen(config.server.failpoint.clone()),
    };
    let environment = platform::Environment {
        now_ms: std::sync::Arc::new(clock::now_ms),
        random: std::sync::Arc::new(clock::random),
    };
    Platform::open(settings, environment)
        .await
        .context("the application cannot start")
}

/// Our own engine takes any name for the place it keeps recordings in.
fn channels(config: &Config, is_embedded: bool) -> platform::config::Channels {
    let settings = &config.channels;
    let own_bucket = || is_embedded.then(|| EMBEDDED_BUCKET.to_owned());
    platform::config::Channels {
        capacity: i64::from(settings.capacity),
        session_lease: Duration::from_secs(u64::from(settings.session_lease_seconds)),
        recording_bucket: settings.recording_bucket.clone().or_else(own_bucket),
    }
}

/// A configured mail server wins over `--dev`, so that real mail can be tried in development.
fn mail(ground: &Ground, is_dev: bool) -> anyhow::Result<platform::mail::Config> {
    let settings = &ground.config.mail;
    let delivery = match &settings.smtp_url {
        Some(url) => Delivery::Smtp(Smtp::parse(&platform::Secret::new(url.expose())).context("mail.smtp_url")?),
        None if is_dev => Delivery::Kept,
        None => Delivery::Off,
    };
    let from = settings.from.clone().unwrap_or_else(|| {
        // An address of numbers is none that a mail could be answered to.
        let host = ground.public_url.domain().unwrap_or("localhost");
        format!("Rostrum <rostrum@{host}>")
    });
    let from = Sender::parse(&from).context("mail.from")?;
    Ok(platform::mail::Config { delivery, from })
}

/// What differs between our engine and Amazon is settings; see `docs/operations`.
fn video(ground: &Ground, tower: Option<&VideoTower>) -> platform::video::Config {
    let Ground { config, secrets, .. } = ground;
    let settings = &config.video;
    let ports = tower.and_then(|tower| Some((tower.engine.rtmp_addr()?.port(), tower.engine.rtmps_addr()?.port())));
    let (rtmp_port, own_rtmps_port) = ports.unwrap_or(AWS_PORTS);
    // With a certificate that encoders trust, the HTTPS port takes RTMPS too: 443, as on Amazon, where firewalls let it pass.
    let https_port = tower
        .and(ground.tls.as_ref())
        .and(ground.public_url.port_or_known_default());
    let rtmps_port = https_port.unwrap_or(own_rtmps_port);
    let credentials = platform::video::Credentials {
        access_key: secrets.access_key_id.expose().to_owned(),
        secret_key: secrets.secret_access_key.expose().to_owned(),
        session_token: settings
            .session_token
            .as_ref()
            .filter(|_| tower.is_none())
            .map(|token| token.expose().to_owned()),
    };
    let is_embedded = tower.is_some();
    platform::video::Config {
        endpoint_url: match tower {
            Some(tower) => Some(format!("http://{}", tower.ivs_addr)),
            None => settings.endpoint.as_ref().map(ToString::to_string),
        },
        chat_endpoint_url: match tower {
            Some(tower) => Some(format!("http://{}", tower.ivs_addr)),
            None => settings
                .chat_endpoint
                .as_ref()
                .or(settings.endpoint.as_ref())
                .map(ToString::to_string),
        },
        credentials: (is_embedded || settings.access_key_id.is_some()).then_some(credentials),
        channel_type: match settings.channel_type {
            ChannelType::Standard => platform::video::ChannelType::Standard,
            ChannelType::Basic => platform::video::ChannelType::Basic,
        },
        insecure_ingest: settings.insecure_ingest.unwrap_or(is_embedded),
        rtmp_port: settings.rtmp_port.unwrap_or(rtmp_port),
        rtmps_port: settings.rtmps_port.unwrap_or(rtmps_port),
        calls_per_second: settings
            .calls_per_second
            .or((!is_embedded).then_some(AWS_CALLS_PER_SECOND)),
        ..timeouts(
            is_embedded,
            platform::video::Config::new(&settings.region, secrets.installation()),
        )
    }
}

/// Our own engine answers over loopback, so that what a crash left behind can be cleaned up sooner.
fn timeouts(is_embedded: bool, defaults: platform::video::Config) -> platform::video::Config {
    if !is_embedded {
        return defaults;
    }
    platform::video::Config {
        call_timeout: Duration::from_secs(5),
        creation_grace: Duration::from_secs(10),
        ..defaults
    }
}

fn database_url(config: &Config, data: &DataDir) -> String {
    match &config.database.url {
        Some(url) => url.expose().to_owned(),
        None => format!("sqlite://{}", data.file("rostrum.sqlite3").display()),
    }
}

/// The networks of `server.trusted_proxies`.
///
/// # Errors
/// An entry that is neither an address nor a range.
pub fn networks(text: &str) -> anyhow::Result<Vec<api::Network>> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| {
            item.parse()
                .map_err(|error| anyhow::anyhow!("server.trusted_proxies: {item:?}: {error}"))
        })
        .collect()
}

/// On Amazon the browser fetches playlists from Amazon's hosts, and chat may be anywhere: our content security policy must
/// allow both.
fn media_origins(ground: &Ground) -> anyhow::Result<Vec<String>> {
    let config = &ground.config;
    let mut origins = match (config.video.mode, &config.video.endpoint) {
        (Video::Embedded, _) => Vec::new(),
        // A remote engine's playback address is its own business: any origin over http(s).
        (_, Some(_)) => vec!["http:".to_owned(), "https:".to_owned()],
        (_, None) => vec!["https://*.live-video.net".to_owned()],
    };
    let chat_url = address::chat_url(config, &ground.public_url)?;
    origins.push(chat_url.origin().ascii_serialization());
    Ok(origins)
}
