//! Where files are kept, from the settings.

use anyhow::Context as _;
use platform::storage::{Bucket, Config};

use crate::config::{self, Secret};
use crate::data::DataDir;

/// Folder in the data folder unless another place is configured.
const FOLDER: &str = "files";

/// Refuses an address that names no place.
///
/// # Errors
/// What is wrong with `storage.url`.
pub fn check(settings: &config::Storage) -> anyhow::Result<()> {
    let Some(url) = &settings.url else { return Ok(()) };
    match url.scheme() {
        "file" => drop(
            url.to_file_path()
                .ok()
                .context("storage.url must look like file:///path")?,
        ),
        "s3" => anyhow::ensure!(
            url.host_str().is_some_and(|bucket| !bucket.is_empty()),
            "storage.url must look like s3://bucket/prefix"
        ),
        _ => anyhow::bail!("storage.url must start with file:// or s3://"),
    }
    Ok(())
}

/// The place, as the platform takes it.
///
/// # Errors
/// As [`check`].
pub fn settings(config: &config::Config, data: &DataDir) -> anyhow::Result<Config> {
    check(&config.storage)?;
    let Some(url) = &config.storage.url else {
        return Ok(Config::Folder(data.file(FOLDER)));
    };
    if let Ok(folder) = url.to_file_path() {
        return Ok(Config::Folder(folder));
    }
    let (storage, video) = (&config.storage, &config.video);
    let own = pair(&storage.access_key_id, &storage.secret_access_key, None);
    let shared = pair(
        &video.access_key_id,
        &video.secret_access_key,
        video.session_token.as_ref(),
    );
    Ok(Config::Bucket(Bucket {
        name: url.host_str().unwrap_or_default().to_owned(),
        prefix: url.path().trim_matches('/').to_owned(),
        region: storage.region.clone().unwrap_or_else(|| video.region.clone()),
        endpoint: storage.endpoint.as_ref().map(ToString::to_string),
        credentials: own.or(shared),
    }))
}

fn pair(
    access_key: &Option<Secret>,
    secret_key: &Option<Secret>,
    session_token: Option<&Secret>,
) -> Option<platform::video::Credentials> {
    Some(platform::video::Credentials {
        access_key: access_key.as_ref()?.expose().to_owned(),
        secret_key: secret_key.as_ref()?.expose().to_owned(),
        session_token: session_token.map(|token| token.expose().to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Layers, load};

    fn read(variables: &[(&str, &str)]) -> anyhow::Result<Config> {
        let find = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let config = load(Layers {
            file: None,
            environment: &find,
            flags: Vec::new(),
        })?;
        let folder = tempfile::tempdir()?;
        settings(&config, &DataDir::open(folder.path())?)
    }

    #[test]
    fn a_folder_of_ours_or_one_that_is_named() {
        let ours = read(&[]).unwrap();
        assert!(matches!(ours, Config::Folder(path) if path.ends_with("files")));
        let named = read(&[("ROSTRUM_STORAGE_URL", "file:///srv/my%20files")]).unwrap();
        assert!(matches!(named, Config::Folder(path) if path == std::path::Path::new("/srv/my files")));
    }

    #[test]
    fn a_bucket_with_the_usual_settings_of_amazon() {
        let variables = [
            ("ROSTRUM_STORAGE_URL", "s3://lots/rostrum/eu/"),
            ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", "hush"),
        ];
        let Config::Bucket(bucket) = read(&variables).unwrap() else {
            panic!("a bucket")
        };
        assert_eq!(
            (bucket.name.as_str(), bucket.prefix.as_str(), bucket.region.as_str()),
            ("lots", "rostrum/eu", "eu-west-1")
        );
        assert_eq!(bucket.endpoint.as_deref(), Some("http://127.0.0.1:9000/"));
        assert_eq!(bucket.credentials.unwrap().access_key, "AKIA");
        let own = [
            variables.as_slice(),
            &[
                ("ROSTRUM_STORAGE_ACCESS_KEY_ID", "OWN"),
                ("ROSTRUM_STORAGE_SECRET_ACCESS_KEY", "own"),
                ("ROSTRUM_STORAGE_REGION", "eu-central-1"),
            ],
        ]
        .concat();
        let Config::Bucket(bucket) = read(&own).unwrap() else {
            panic!("a bucket")
        };
        assert_eq!(
            (bucket.credentials.unwrap().access_key.as_str(), bucket.region.as_str()),
            ("OWN", "eu-central-1")
        );
    }

    #[test]
    fn an_address_that_names_no_place_is_refused() {
        for (url, reason) in [
            ("ftp://host/x", "file:// or s3://"),
            ("s3:///prefix", "s3://bucket"),
            ("file://elsewhere/path", "file:///path"),
        ] {
            let error = read(&[("ROSTRUM_STORAGE_URL", url)]).unwrap_err().to_string();
            assert!(error.contains(reason), "{url}: {error}");
        }
        let error = read(&[("ROSTRUM_STORAGE_ACCESS_KEY_ID", "OWN")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("go together"), "{error}");
    }
}
