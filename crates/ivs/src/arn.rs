//! Amazon resource names: `arn:aws:{service}:{region}:{account}:{type}/{id}`, the service being `ivs` or `ivschat`.
//!
//! A resource keeps the ARN it was made with, so a changed region or account in the configuration names new resources
//! only; looking one up compares the whole text.

use crate::config::Config;
use crate::error::ApiError;
use crate::input::constraint;

/// AWS's own limit on every ARN of the service.
pub const ARN_LENGTH_MAX: usize = 128;

/// The resource types this server makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `channel`
    Channel,
    /// `stream-key`
    StreamKey,
    /// `recording-configuration`
    RecordingConfiguration,
    /// `room`
    Room,
}

impl Kind {
    /// The type as the ARN writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::StreamKey => "stream-key",
            Self::RecordingConfiguration => "recording-configuration",
            Self::Room => "room",
        }
    }

    /// The service as the ARN writes it.
    pub fn service(self) -> &'static str {
        match self {
            Self::Channel | Self::StreamKey | Self::RecordingConfiguration => "ivs",
            Self::Room => "ivschat",
        }
    }
}

/// The ARN of a new resource.
pub fn new(config: &Config, kind: Kind, id: &str) -> String {
    format!(
        "arn:aws:{}:{}:{}:{}/{id}",
        kind.service(),
        config.region,
        config.account,
        kind.as_str()
    )
}

/// The feed behind a channel: `{region}.{account}.channel.{id}`, which is also the file name of its playback URL.
///
/// `None` when the text is no channel ARN.
pub fn feed(channel_arn: &str) -> Option<String> {
    let parts = split(channel_arn).filter(|parts| (parts.service, parts.resource_type) == ("ivs", "channel"))?;
    Some(format!("{}.{}.channel.{}", parts.region, parts.account, parts.id))
}

/// The last part of an ARN, which is the id of its resource.
pub fn id(text: &str) -> Option<&str> {
    split(text).map(|parts| parts.id)
}

/// [`check_of`] the service `ivs`.
///
/// # Errors
/// `ValidationException` that names `member`.
pub fn check(member: &str, text: &str, resource_type: &str) -> Result<(), ApiError> {
    check_of("ivs", member, text, resource_type)
}

/// Checks the text against the pattern of its type, `arn:aws:{service}:[a-z0-9-]+:[0-9]+:{type}/[a-zA-Z0-9-]+`.
///
/// # Errors
/// `ValidationException` that names `member`.
pub fn check_of(service: &str, member: &str, text: &str, resource_type: &str) -> Result<(), ApiError> {
    let expected = (service, resource_type);
    let is_valid = text.len() <= ARN_LENGTH_MAX
        && split(text).is_some_and(|parts| (parts.service, parts.resource_type) == expected);
    if is_valid {
        return Ok(());
    }
    let pattern = format!("arn:aws:{service}:[a-z0-9-]+:[0-9]+:{resource_type}/[a-zA-Z0-9-]+");
    let rule = format!(
        "Member must satisfy regular expression pattern: {pattern} and have length less than or equal to \
         {ARN_LENGTH_MAX}"
    );
    Err(constraint(member, rule))
}

/// The pieces of an ARN.
pub struct Parts<'a> {
    /// `ivs` or `ivschat`.
    pub service: &'a str,
    /// For instance `us-east-1`.
    pub region: &'a str,
    /// Digits.
    pub account: &'a str,
    /// For instance `channel`.
    pub resource_type: &'a str,
    id: &'a str,
}

/// Takes an ARN apart; `None` when the text has another shape.
pub fn split(text: &str) -> Option<Parts<'_>> {
    let (service, rest) = text.strip_prefix("arn:aws:")?.split_once(':')?;
    let (region, rest) = rest.split_once(':')?;
    let (account, rest) = rest.split_once(':')?;
    let (resource_type, id) = rest.split_once('/')?;
    let is_region = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let is_type = |c: u8| c.is_ascii_lowercase() || c == b'-';
    let is_id = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
    let all = |text: &str, test: &dyn Fn(u8) -> bool| !text.is_empty() && text.bytes().all(test);
    let is_valid = matches!(service, "ivs" | "ivschat")
        && all(region, &is_region)
        && all(account, &|c| c.is_ascii_digit())
        && all(resource_type, &is_type)
        && all(id, &is_id);
    is_valid.then_some(Parts {
        service,
        region,
        account,
        resource_type,
        id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_arn_names_its_feed() {
        let arn = "arn:aws:ivs:eu-west-1:000000000000:channel/AbC";
        assert_eq!(feed(arn).unwrap(), "eu-west-1.000000000000.channel.AbC");
        assert_eq!(feed(&arn.replace("channel", "stream-key")), None);
        assert_eq!(feed(&arn.replace("ivs", "ivschat")), None);
    }

    #[test]
    fn malformed_arns_are_refused_by_member() {
        let good = "arn:aws:ivs:us-east-1:1:channel/A";
        assert!(check("arn", good, "channel").is_ok());
        let long = format!("{good}{}", "a".repeat(ARN_LENGTH_MAX));
        for bad in [
            "",
            "x",
            "arn:aws-cn:ivs:us-east-1:1:channel/A",
            "arn:aws:ivs:us-east-1:x:channel/A",
            "arn:aws:ivschat:us-east-1:1:channel/A",
            "arn:aws:ivsx:us-east-1:1:channel/A",
            &long,
        ] {
            assert!(
                check("arn", bad, "channel").unwrap_err().message.contains("'arn'"),
                "{bad}"
            );
        }
        for bad in [
            "arn:aws:ivs:us-east-1:1:channel/",
            "arn:aws:ivs:us-east-1:1:channel/A/B",
            "arn:aws:ivs:US:1:channel/A",
        ] {
            assert!(check("arn", bad, "channel").is_err(), "{bad}");
        }
    }
}
