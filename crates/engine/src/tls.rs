//! One certificate for HTTPS and RTMPS, replaced while connections run.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_util::sync::CancellationToken;

use crate::{Environment, Error};

/// How often the files are looked at. Certificates change every few weeks; a few seconds late is early.
const RELOAD_INTERVAL: Duration = Duration::from_secs(5);
/// Largest certificate or key file. A chain of ten certificates is 20 KiB; a wrong path may name anything.
const PEM_FILE_SIZE_MAX: u64 = 1024 * 1024;
/// Years a self-signed certificate is valid.
const SELF_SIGNED_YEARS: i16 = 10;

/// Where the certificate comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// PEM files of the operator; looked at again by [`Tls::watch`].
    Files {
        /// Certificate chain, leaf first.
        cert: PathBuf,
        /// Private key.
        key: PathBuf,
    },
    /// `self-signed.crt` and `self-signed.key` (mode 0600) in a folder, made on first use. Delete both to get new ones.
    SelfSigned {
        /// The folder; created when missing.
        folder: PathBuf,
        /// Names and addresses the certificate is for, besides `localhost` and `127.0.0.1`.
        hosts: Vec<String>,
    },
}

/// A certificate in use; clones share it.
#[derive(Debug, Clone)]
pub struct Tls {
    certificate: Arc<Certificate>,
    http: Arc<ServerConfig>,
    rtmp: Arc<ServerConfig>,
}

impl Tls {
    /// Reads the certificate, making a self-signed one first where [`Source`] asks for it.
    ///
    /// # Errors
    /// Names the file that is missing or wrong.
    pub fn open(source: &Source, environment: &Environment) -> Result<Self, Error> {
        let (cert, key) = match source {
            Source::Files { cert, key } => (cert.clone(), key.clone()),
            Source::SelfSigned { folder, hosts } => self_signed(folder, hosts, environment)?,
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let files = Files { cert, key };
        let opened = files.stamp();
        let loaded = load(&files.cert, &files.key, &provider)?;
        let certificate = Arc::new(Certificate {
            files,
            opened,
            provider: provider.clone(),
            current: ArcSwap::from_pointee(loaded),
        });
        Ok(Self {
            http: server_config(&provider, &certificate, &[b"h2", b"http/1.1"])?,
            rtmp: server_config(&provider, &certificate, &[])?,
            certificate,
        })
    }

    /// Reloads the files whenever they change, until `shutdown`. A file that does not load is reported and the
    /// certificate in use stays.
    pub async fn watch(self, shutdown: CancellationToken) {
        let mut seen = self.certificate.opened;
        while shutdown
            .run_until_cancelled(tokio::time::sleep(RELOAD_INTERVAL))
            .await
            .is_some()
        {
            let now = self.certificate.files.stamp();
            if now == seen {
                continue;
            }
            seen = now;
            self.reload();
        }
    }

    /// Reads the files again. False when they cannot be used; the earlier certificate then stays.
    pub fn reload(&self) -> bool {
        let Files { cert, key } = &self.certificate.files;
        match load(cert, key, &self.certificate.provider) {
            Ok(loaded) => {
                self.certificate.current.store(Arc::new(loaded));
                tracing::info!(file = %cert.display(), "the certificate was reloaded");
                true
            }
            Err(error) => {
                tracing::warn!(%error, "the changed certificate cannot be used, the earlier one stays");
                false
            }
        }
    }

    /// For HTTPS: offers h2 and http/1.1.
    pub(crate) fn http(&self) -> Arc<ServerConfig> {
        self.http.clone()
    }

    /// For RTMPS: encoders send no ALPN.
    pub(crate) fn rtmp(&self) -> Arc<ServerConfig> {
        self.rtmp.clone()
    }
}

#[derive(Debug)]
struct Certificate {
    files: Files,
    /// The files before they were read first: whatever changes after that is a change.
    opened: Stamp,
    provider: Arc<CryptoProvider>,
    current: ArcSwap<CertifiedKey>,
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _client_hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

#[derive(Debug)]
struct Files {
    cert: PathBuf,
    key: PathBuf,
}

impl Files {
    /// What tells one version of the files from another. Two `stat` calls: not worth a blocking task.
    fn stamp(&self) -> Stamp {
        [&self.cert, &self.key].map(|path| {
            let metadata = fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        })
    }
}

type Stamp = [Option<(SystemTime, u64)>; 2];

fn server_config(
    provider: &Arc<CryptoProvider>,
    certificate: &Arc<Certificate>,
    alpn: &[&[u8]],
) -> Result<Arc<ServerConfig>, Error> {
    let mut config = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(certificate.clone());
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    Ok(Arc::new(config))
}

fn load(cert: &Path, key: &Path, provider: &CryptoProvider) -> Result<CertifiedKey, Error> {
    let unusable = |path: &Path, reason: String| Error::Certificate {
        path: path.to_path_buf(),
        reason,
    };
    let chain = CertificateDer::pem_slice_iter(&read(cert)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| unusable(cert, error.to_string()))?;
    if chain.is_empty() {
        return Err(unusable(cert, "it holds no certificate".into()));
    }
    let private = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|error| unusable(key, error.to_string()))?;
    CertifiedKey::from_der(chain, private, provider).map_err(|error| unusable(key, error.to_string()))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let file_error = |source| Error::File {
        path: path.to_path_buf(),
        source,
    };
    if fs::metadata(path).map_err(file_error)?.len() > PEM_FILE_SIZE_MAX {
        return Err(Error::Certificate {
            path: path.to_path_buf(),
            reason: "it is too large for a PEM file".into(),
        });
    }
    fs::read(path).map_err(file_error)
}

/// The two files, made when either is missing.
fn self_signed(folder: &Path, hosts: &[String], environment: &Environment) -> Result<(PathBuf, PathBuf), Error> {
    let (cert, key) = (folder.join("self-signed.crt"), folder.join("self-signed.key"));
    if cert.exists() && key.exists() {
        return Ok((cert, key));
    }
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    names.extend(
        hosts
            .iter()
            .filter(|host| !names.contains(host))
            .cloned()
            .collect::<Vec<_>>(),
    );
    let mut params = rcgen::CertificateParams::new(names)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Rostrum (self-signed)");
    let today = jiff::Timestamp::from_millisecond(environment.now_ms()).unwrap_or_default();
    let today = today.to_zoned(jiff::tz::TimeZone::UTC).date();
    // A day early, so that a machine whose clock is a little behind accepts it too.
    let from = today.yesterday().unwrap_or(today);
    params.not_before = rcgen::date_time_ymd(
        from.year().into(),
        from.month().unsigned_abs(),
        from.day().unsigned_abs(),
    );
    // Day 28 exists in every month of every year.
    let last_day = today.day().min(28).unsigned_abs();
    params.not_after = rcgen::date_time_ymd(
        (today.year() + SELF_SIGNED_YEARS).into(),
        today.month().unsigned_abs(),
        last_day,
    );
    let pair = rcgen::KeyPair::generate()?;
    let certificate = params.self_signed(&pair)?;

    let file_error = |path: &Path| {
        let path = path.to_path_buf();
        move |source| Error::File { path, source }
    };
    fs::create_dir_all(folder).map_err(file_error(folder))?;
    write(&key, pair.serialize_pem().as_bytes(), 0o600).map_err(file_error(&key))?;
    write(&cert, certificate.pem().as_bytes(), 0o644).map_err(file_error(&cert))?;
    tracing::info!(file = %cert.display(), "made a self-signed certificate");
    Ok((cert, key))
}

/// Replaces a file, never leaving it readable for others in between.
fn write(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let _ = fs::remove_file(path);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
