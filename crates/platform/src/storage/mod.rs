//! Files that grow: pictures. One place that every process of the installation sees, a folder or a bucket.
//!
//! **Invariants**
//! - A file is written down in the ledger (`stored_files`) before it is written, and dropped an hour later unless the
//!   transaction that begins to refer to it kept it ([`files`]): no crash leaves a file that nobody knows.
//! - A file is never changed: whoever knows its path may cache it for ever.
//! - Paths are made here from random bytes; no text of a client becomes part of one.

mod config;
pub(crate) mod files;
pub(crate) mod jobs;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt as _, PutPayload, RetryConfig};

pub use config::{Bucket, Config};

use crate::Error;

/// A request to the bucket takes no longer; the largest file is a few megabytes.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Attempts after the first, within [`REQUEST_TIMEOUT`]: somebody waits for the answer.
const RETRIES_MAX: usize = 2;
/// Seconds after which a client may try again when the storage failed.
const RETRY_AFTER_S: u64 = 5;

/// The storage of an installation; cheap to clone.
#[derive(Clone)]
pub struct Storage(Arc<dyn ObjectStore>);

impl Storage {
    /// Opens a folder, which is made when it is missing, or a bucket, which is not asked yet.
    ///
    /// *errors*: [`crate::ErrorKind::Internal`] for a folder that cannot be made and a bucket that cannot be named.
    pub async fn open(config: &Config) -> Result<Self, Error> {
        let store: Arc<dyn ObjectStore> = match config {
            Config::Folder(folder) => {
                tokio::fs::create_dir_all(folder)
                    .await
                    .map_err(|error| Error::internal(format_args!("storage folder {}: {error}", folder.display())))?;
                let local = LocalFileSystem::new_with_prefix(folder).map_err(unusable)?;
                // Rows say that a file is there: it must survive what they survive.
                Arc::new(local.with_fsync(true))
            }
            Config::Bucket(bucket) => {
                let store = open_bucket(bucket).await?;
                match bucket.prefix.as_str() {
                    "" => Arc::new(store),
                    prefix => Arc::new(PrefixStore::new(store, prefix)),
                }
            }
        };
        Ok(Self(store))
    }

    /// Writes a file, whole or not at all.
    ///
    /// *errors*: [`crate::ErrorKind::Unavailable`]; the file may be there nevertheless.
    pub(crate) async fn put(&self, path: &str, content: Bytes) -> Result<(), Error> {
        let payload = PutPayload::from_bytes(content);
        self.0.put(&Path::from(path), payload).await.map(drop).map_err(failed)
    }

    /// Reads a file; `None` when there is none.
    ///
    /// *errors*: [`crate::ErrorKind::Unavailable`].
    pub(crate) async fn get(&self, path: &str) -> Result<Option<Bytes>, Error> {
        let found = match self.0.get(&Path::from(path)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        found.bytes().await.map(Some).map_err(failed)
    }

    /// Removes a file; one that is not there is fine.
    ///
    /// *errors*: [`crate::ErrorKind::Unavailable`].
    pub(crate) async fn delete(&self, path: &str) -> Result<(), Error> {
        match self.0.delete(&Path::from(path)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

async fn open_bucket(bucket: &Bucket) -> Result<object_store::aws::AmazonS3, Error> {
    let client = ClientOptions::new()
        .with_timeout(REQUEST_TIMEOUT)
        .with_connect_timeout(CONNECT_TIMEOUT);
    let retry = RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: RETRIES_MAX,
        retry_timeout: REQUEST_TIMEOUT,
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(&bucket.region)
        .with_client_options(client)
        .with_retry(retry)
        .with_credentials(config::credentials(bucket).await);
    if let Some(endpoint) = &bucket.endpoint {
        // Whoever names an http:// address means it; Amazon's own is always https.
        builder = builder
            .with_endpoint(endpoint.trim_end_matches('/'))
            .with_allow_http(true);
    }
    builder.build().map_err(unusable)
}

fn unusable(error: object_store::Error) -> Error {
    Error::internal(format_args!("storage: {error}"))
}

fn failed(error: object_store::Error) -> Error {
    Error::unavailable(RETRY_AFTER_S, format_args!("storage: {error}"))
}
