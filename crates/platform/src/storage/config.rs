//! Where files are kept, and who we are to a bucket.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_credential_types::provider::ProvideCredentials as _;
use object_store::aws::AwsCredential;
use object_store::{CredentialProvider, StaticCredentialProvider};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::video::Credentials;

/// Where files are kept.
#[derive(Debug, Clone)]
pub enum Config {
    /// A folder of this machine, or one that several machines share.
    Folder(PathBuf),
    /// A bucket of Amazon S3 or of a server that speaks its protocol.
    Bucket(Bucket),
}

/// A bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What every path begins with, without slashes at its ends; may be empty.
    pub prefix: String,
    /// Region of the signature.
    pub region: String,
    /// Another server than Amazon's, such as `http://127.0.0.1:9000`.
    pub endpoint: Option<String>,
    /// Who signs. `None` asks the SDK's default chain: environment, profile, container, instance.
    pub credentials: Option<Credentials>,
}

/// The SDK's default chain of credentials as the bucket's client asks for them. The chain may ask another machine each time,
/// so an answer is kept for [`KEPT`].
#[derive(Debug)]
struct Chain {
    chain: DefaultCredentialsChain,
    known: Mutex<Option<(Instant, Arc<AwsCredential>)>>,
}

/// How long credentials are used without asking again. Those of instances are replaced five minutes before they end.
const KEPT: Duration = Duration::from_secs(60);

pub(super) async fn credentials(bucket: &Bucket) -> Arc<dyn CredentialProvider<Credential = AwsCredential>> {
    if let Some(fixed) = &bucket.credentials {
        return Arc::new(StaticCredentialProvider::new(AwsCredential {
            key_id: fixed.access_key.clone(),
            secret_key: fixed.secret_key.clone(),
            token: fixed.session_token.clone(),
        }));
    }
    let region = Region::new(bucket.region.clone());
    Arc::new(Chain {
        chain: DefaultCredentialsChain::builder().region(region).build().await,
        known: Mutex::new(None),
    })
}

impl Chain {
    async fn ask(&self) -> object_store::Result<Arc<AwsCredential>> {
        let mut known = self.known.lock().await;
        if let Some((_, credential)) = known.as_ref().filter(|(at, _)| at.elapsed() < KEPT) {
            return Ok(credential.clone());
        }
        let found = self
            .chain
            .provide_credentials()
            .await
            .map_err(|error| object_store::Error::Generic {
                store: "S3",
                source: Box::new(error),
            })?;
        let credential = Arc::new(AwsCredential {
            key_id: found.access_key_id().to_owned(),
            secret_key: found.secret_access_key().to_owned(),
            token: found.session_token().map(str::to_owned),
        });
        *known = Some((Instant::now(), credential.clone()));
        Ok(credential)
    }
}

impl CredentialProvider for Chain {
    type Credential = AwsCredential;

    // What #[async_trait] makes of the trait's `async fn`.
    fn get_credential<'life, 'async_trait>(
        &'life self,
    ) -> Pin<Box<dyn Future<Output = object_store::Result<Arc<AwsCredential>>> + Send + 'async_trait>>
    where
        'life: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(self.ask())
    }
}
