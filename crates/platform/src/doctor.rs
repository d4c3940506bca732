//! Whether everything that the application stands on works, and what to do where it does not.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

use crate::db::Backend;
use crate::{Context, Error, Role, channels, mail, video};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What, in a few words.
    pub name: &'static str,
    /// How it is.
    pub status: Status,
    /// What was seen.
    pub detail: String,
    /// What to do about it.
    pub fix: Option<String>,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It works.
    Ok,
    /// It works, and something is missing or will be.
    Warn,
    /// It does not work.
    Fail,
}

impl Status {
    /// The word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// How long one examination may take; whoever waits for it is a person.
const PATIENCE: Duration = Duration::from_secs(10);
/// A pool this full is told of, hundredths of a per cent.
const NEARLY_FULL_HUNDREDTHS: i64 = 9_000;

/// Examines everything, all at the same time.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than admins.
pub async fn examine(ctx: &Context) -> Result<Vec<Check>, Error> {
    ctx.require_role(Role::Admin)?;
    let (database, provider, leaks, files, ffmpeg, jobs, pool) = tokio::join!(
        database(ctx),
        provider(ctx),
        leaks(ctx),
        files(ctx),
        ffmpeg(ctx),
        jobs(ctx),
        pool(ctx),
    );
    Ok(vec![
        database,
        provider,
        leaks,
        files,
        mail(ctx),
        ffmpeg,
        jobs,
        pool,
        recordings(ctx),
        address(ctx),
    ])
}

async fn within<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, String> {
    match timeout(PATIENCE, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

async fn database(ctx: &Context) -> Check {
    const NAME: &str = "Database";
    let words = match ctx.db().backend() {
        Backend::Sqlite => "SQLite",
        Backend::Postgres => "PostgreSQL",
    };
    match within(ctx.db().ping()).await {
        Ok(()) => Check::ok(NAME, format!("{words} answers")),
        Err(why) => Check::fail(
            NAME,
            format!("{words}: {why}"),
            "Check database.url, and that the database runs.",
        ),
    }
}

async fn provider(ctx: &Context) -> Check {
    const NAME: &str = "Video provider";
    let config = ctx.platform.video().config();
    let place = match &config.endpoint_url {
        Some(endpoint) => format!("{endpoint} in {}", config.region),
        None => format!("Amazon IVS in {}", config.region),
    };
    let asked = async { Ok(ctx.platform.video().list_channels(None).await) };
    match within(asked).await {
        Ok(Ok(channels)) => Check::ok(NAME, format!("{place} answers; {} channels there", channels.len())),
        // The provider's errors name their remedy.
        Ok(Err(error)) => Check::fail(NAME, error.to_string(), "Do what the message says, then look again."),
        Err(why) => Check::fail(
            NAME,
            format!("{place}: {why}"),
            "Check the region, the endpoint and the network.",
        ),
    }
}

async fn leaks(ctx: &Context) -> Check {
    const NAME: &str = "Ledger";
    match within(video::leaks(ctx)).await {
        Ok(leaks) if leaks.is_empty() => Check::ok(NAME, "The ledger and the provider agree".to_owned()),
        Ok(leaks) => Check {
            name: NAME,
            status: Status::Warn,
            detail: format!("{} differences between the ledger and the provider", leaks.len()),
            fix: Some("They are repaired by themselves; Admin → Leaks names each.".to_owned()),
        },
        Err(why) => Check::fail(NAME, why, "It is compared again when the provider answers."),
    }
}

async fn files(ctx: &Context) -> Check {
    const NAME: &str = "Files";
    let storage = ctx.platform.storage();
    let path = format!("doctor/{}", ctx.new_id());
    let tried = async {
        storage.put(&path, Bytes::from_static(b"doctor")).await?;
        let read = storage.get(&path).await?;
        storage.delete(&path).await?;
        Ok(read.is_some_and(|read| read == "doctor"))
    };
    match within(tried).await {
        Ok(true) => Check::ok(NAME, "A file was written, read and removed".to_owned()),
        Ok(false) => Check::fail(
            NAME,
            "A file was not as it was written".to_owned(),
            "Check storage.url.",
        ),
        Err(why) => Check::fail(NAME, why, "Check storage.url, its credentials and the free space."),
    }
}

fn mail(ctx: &Context) -> Check {
    const NAME: &str = "Mail";
    if mail::is_configured(&ctx.platform) {
        return Check::ok(NAME, "Outgoing mail is set up".to_owned());
    }
    Check {
        name: NAME,
        status: Status::Warn,
        detail: "No mail is sent: codes, outcomes and decisions reach nobody".to_owned(),
        fix: Some("Set mail.smtp_url.".to_owned()),
    }
}

async fn ffmpeg(ctx: &Context) -> Check {
    const NAME: &str = "ffmpeg";
    match ctx.platform.thumbnails().program_version().await {
        Ok(version) => Check::ok(NAME, version),
        Err(why) => Check {
            name: NAME,
            status: Status::Warn,
            detail: format!("There are no thumbnails: {why}"),
            fix: Some("Install ffmpeg in /usr/bin or /usr/local/bin.".to_owned()),
        },
    }
}

async fn jobs(ctx: &Context) -> Check {
    const NAME: &str = "Jobs";
    let counted = async {
        let count = sqlx::query_scalar("select count(*) from jobs where failed_at_ms is not null");
        let count: i64 = count.fetch_one(ctx.db().read()).await?;
        Ok(count)
    };
    match within(counted).await {
        Ok(0) => Check::ok(NAME, "No job was given up".to_owned()),
        Ok(count) => Check {
            name: NAME,
            status: Status::Warn,
            detail: format!("{count} jobs were given up"),
            fix: Some("The log says why each was; they are planned again with what they belong to.".to_owned()),
        },
        Err(why) => Check::fail(NAME, why, "Check the database."),
    }
}

async fn pool(ctx: &Context) -> Check {
    const NAME: &str = "Channel pool";
    match within(channels::capacity::capacity(ctx)).await {
        Ok(pool) => {
            let detail = format!("{} of {} channels", pool.current, pool.max);
            if pool.utilization_hundredths() < NEARLY_FULL_HUNDREDTHS {
                return Check::ok(NAME, detail);
            }
            Check {
                name: NAME,
                status: Status::Warn,
                detail,
                fix: Some(
                    "Delete channels that nobody uses, or raise channels.capacity up to the provider's quota."
                        .to_owned(),
                ),
            }
        }
        Err(why) => Check::fail(NAME, why, "Check the database."),
    }
}

fn recordings(ctx: &Context) -> Check {
    const NAME: &str = "Recordings";
    match &ctx.platform.config().channels.recording_bucket {
        Some(bucket) => Check::ok(NAME, format!("The provider is asked to record channels to {bucket}")),
        None => Check {
            name: NAME,
            status: Status::Warn,
            detail: "There is no bucket for recordings".to_owned(),
            fix: Some("Set channels.recording_bucket, or create channels with recordingEnabled false.".to_owned()),
        },
    }
}

fn address(ctx: &Context) -> Check {
    const NAME: &str = "Public address";
    let url = &ctx.platform.config().public_url;
    let is_local = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if url.scheme() == "https" || is_local {
        return Check::ok(NAME, url.to_string());
    }
    Check {
        name: NAME,
        status: Status::Warn,
        detail: format!("{url} is not encrypted"),
        fix: Some(
            "Serve HTTPS (server.tls_cert and server.tls_key, or a proxy) and set server.public_url to it.".to_owned(),
        ),
    }
}

impl Check {
    fn ok(name: &'static str, detail: String) -> Self {
        Self {
            name,
            status: Status::Ok,
            detail,
            fix: None,
        }
    }

    fn fail(name: &'static str, detail: String, fix: &str) -> Self {
        Self {
            name,
            status: Status::Fail,
            detail,
            fix: Some(fix.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::on_both_databases;
    use crate::testing::{self, Clock, Database};

    on_both_databases!(a_provider_that_is_away_is_found_and_the_rest_is_well);

    async fn a_provider_that_is_away_is_found_and_the_rest_is_well(database: Database) {
        let platform = database.platform(&Clock::new()).await;
        let outsider = examine(&platform.context(testing::account("ann"))).await;
        assert_eq!(outsider.unwrap_err().kind, crate::ErrorKind::Forbidden);
        let checks = examine(&platform.context(crate::Caller::System)).await.unwrap();
        let status = |name: &str| checks.iter().find(|check| check.name == name).unwrap().status;
        assert_eq!(status("Database"), Status::Ok);
        assert_eq!(status("Files"), Status::Ok);
        assert_eq!(status("Jobs"), Status::Ok);
        assert_eq!(status("Video provider"), Status::Fail, "nothing listens there");
        assert!(
            checks
                .iter()
                .all(|check| check.status == Status::Ok || check.fix.is_some())
        );
    }
}
