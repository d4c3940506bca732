//! What a channel is set to, and the rules between its settings.

use serde::{Deserialize, Serialize};

use crate::arn::Kind;
use crate::error::ApiError;
use crate::input::{Members, constraint};
use crate::tags::Tags;

/// A channel as it is stored; the wire object adds what the configuration decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// Its ARN.
    pub arn: String,
    /// Its name, possibly empty, not unique.
    pub name: String,
    /// Echoed; parts are as short either way.
    pub latency_mode: LatencyMode,
    /// Echoed; the source is passed through for every type.
    #[serde(rename = "type")]
    pub channel_type: ChannelType,
    /// Private: players need a token.
    pub authorized: bool,
    /// Plain RTMP may publish.
    pub insecure_ingest: bool,
    /// Empty for types without presets.
    #[serde(with = "preset")]
    pub preset: Option<Preset>,
    container_format: ContainerFormat,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    multitrack_input_configuration: Option<Multitrack>,
    /// ARN of its recording configuration; empty means none.
    #[serde(default)]
    pub recording_configuration_arn: String,
    /// Its tags.
    pub tags: Tags,
}

/// `latencyMode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum LatencyMode {
    Normal,
    Low,
}

/// `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChannelType {
    Basic,
    Standard,
    AdvancedSd,
    AdvancedHd,
}

impl ChannelType {
    fn has_presets(self) -> bool {
        matches!(self, Self::AdvancedSd | Self::AdvancedHd)
    }
}

/// `preset` of the types that have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Preset {
    HigherBandwidthDelivery,
    ConstrainedBandwidthDelivery,
}

/// `containerFormat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContainerFormat {
    Ts,
    FragmentedMp4,
}

/// `multitrackInputConfiguration`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Multitrack {
    enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<MultitrackPolicy>,
    #[serde(rename = "maximumResolution", default, skip_serializing_if = "Option::is_none")]
    maximum_resolution: Option<Resolution>,
}

/// `policy` of multitrack input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MultitrackPolicy {
    Allow,
    Require,
}

/// `maximumResolution` of multitrack input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Resolution {
    Sd,
    Hd,
    FullHd,
}

/// Member and resource type of each attachment that cannot be made here.
pub const ATTACHMENTS: [(&str, &str); 3] = [
    ("playbackRestrictionPolicyArn", "playback-restriction-policy"),
    ("adConfigurationArn", "ad-configuration"),
    ("failoverSlateConfigurationArn", "failover-slate-configuration"),
];

impl Channel {
    /// A channel with every default.
    pub fn new(arn: String) -> Self {
        Self {
            arn,
            name: String::new(),
            latency_mode: LatencyMode::Low,
            channel_type: ChannelType::Standard,
            authorized: false,
            insecure_ingest: false,
            preset: None,
            container_format: ContainerFormat::Ts,
            multitrack_input_configuration: None,
            recording_configuration_arn: String::new(),
            tags: Tags::new(),
        }
    }

    /// Takes over the members that are present, then checks the rules between members.
    ///
    /// # Errors
    /// `ValidationException` that names a member, `ResourceNotFoundException` for a configuration that cannot exist. Whether
    /// the recording configuration exists is the caller's to see, in the transaction that attaches it.
    pub fn apply(&mut self, members: &Members) -> Result<(), ApiError> {
        for (member, resource_type) in ATTACHMENTS {
            if let Some(arn) = members
                .optional_arn(member, resource_type)?
                .filter(|arn| !arn.is_empty())
            {
                return Err(ApiError::not_found(arn));
            }
        }
        if let Some(arn) = members.optional_arn("recordingConfigurationArn", Kind::RecordingConfiguration.as_str())? {
            arn.clone_into(&mut self.recording_configuration_arn);
        }
        self.name = members
            .name("name")?
            .map_or_else(|| std::mem::take(&mut self.name), str::to_owned);
        self.latency_mode = members.choice("latencyMode")?.unwrap_or(self.latency_mode);
        self.channel_type = members.choice("type")?.unwrap_or(self.channel_type);
        self.authorized = members.flag("authorized")?.unwrap_or(self.authorized);
        self.insecure_ingest = members.flag("insecureIngest")?.unwrap_or(self.insecure_ingest);
        self.container_format = members.choice("containerFormat")?.unwrap_or(self.container_format);
        self.apply_preset(members)?;
        self.apply_multitrack(members)
    }

    fn apply_preset(&mut self, members: &Members) -> Result<(), ApiError> {
        // Clients that echo a channel back send the empty preset of BASIC and STANDARD.
        let is_empty = members.value("preset").is_some_and(|value| value == "");
        let asked: Option<Preset> = if is_empty { None } else { members.choice("preset")? };
        self.preset = match (self.channel_type.has_presets(), asked) {
            (false, Some(_)) => {
                return Err(constraint(
                    "preset",
                    "Member is only allowed for the types ADVANCED_SD and ADVANCED_HD",
                ));
            }
            (false, None) => None,
            (true, asked) => asked.or(self.preset).or(Some(Preset::HigherBandwidthDelivery)),
        };
        Ok(())
    }

    fn apply_multitrack(&mut self, members: &Members) -> Result<(), ApiError> {
        const MEMBER: &str = "multitrackInputConfiguration";
        if let Some(given) = members.object(MEMBER)? {
            self.multitrack_input_configuration = Some(Multitrack {
                enabled: given.flag("enabled")?.unwrap_or(false),
                policy: given.choice("policy")?,
                maximum_resolution: given.choice("maximumResolution")?,
            });
        }
        let Some(multitrack) = self
            .multitrack_input_configuration
            .filter(|multitrack| multitrack.enabled)
        else {
            return Ok(());
        };
        if self.channel_type != ChannelType::Standard {
            return Err(constraint(
                MEMBER,
                "Multitrack input is only allowed for the type STANDARD",
            ));
        }
        if multitrack.policy.is_none() || multitrack.maximum_resolution.is_none() {
            return Err(constraint(
                MEMBER,
                "'policy' and 'maximumResolution' are required when 'enabled' is true",
            ));
        }
        if self.container_format != ContainerFormat::FragmentedMp4 {
            return Err(constraint(
                "containerFormat",
                "Multitrack input requires FRAGMENTED_MP4",
            ));
        }
        Ok(())
    }
}

/// The empty text stands for "no preset", as AWS documents.
pub mod preset {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de::IntoDeserializer as _};

    use super::Preset;

    /// The text of a preset.
    pub fn serialize<S: Serializer>(preset: &Option<Preset>, serializer: S) -> Result<S::Ok, S::Error> {
        match preset {
            Some(preset) => preset.serialize(serializer),
            None => serializer.serialize_str(""),
        }
    }

    /// The preset of a text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Preset>, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            Ok(None)
        } else {
            Preset::deserialize(text.into_deserializer()).map(Some)
        }
    }
}
