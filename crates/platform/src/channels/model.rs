//! What a channel is, and the rules that need no database.

use crate::Error;

/// Longest name, characters.
pub const NAME_CHARS_MAX: usize = 100;
/// Longest name of a channel at the provider. *source*: Amazon IVS API, CreateChannel.
const IVS_NAME_CHARS_MAX: usize = 128;
const IVS_NAME_PREFIX: &str = "persistent";
/// Stands in for a name without a letter or digit that a provider's name may have.
const SLUG_DEFAULT: &str = "channel";

/// A persistent channel, without its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// UUID v7.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What the provider calls it.
    pub ivs_name: String,
    /// The provider's id of it.
    pub arn: String,
    /// Multivariant playlist; the same for ever.
    pub playback_url: String,
    /// Where encoders connect: a host, or `host:port`.
    pub ingest_endpoint: String,
    /// Row of the ledger that it owns.
    pub resource_id: String,
    /// True when what is on air is recorded.
    pub recording_enabled: bool,
    /// How it is recorded.
    pub recording_configuration_arn: Option<String>,
    /// Since when it is out of service, epoch ms.
    pub disabled_at_ms: Option<i64>,
    /// Who is using it.
    pub claim: Option<Claim>,
    /// Sessions that are over.
    pub sessions_ended: i64,
    /// Made, epoch ms.
    pub created_at_ms: i64,
    /// Last changed by somebody, epoch ms.
    pub updated_at_ms: i64,
}

/// Whether a channel can be used, and whether it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Free.
    Idle,
    /// Claimed, or on air.
    Live,
    /// Out of service.
    Offline,
}

/// Who is using a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which kind of use.
    pub kind: ClaimKind,
    /// What tells it from other claims: the session's id, or one of its own.
    pub id: String,
    /// The session that answers name as the current one; an operator may have named none.
    pub session_id: Option<String>,
    /// Account that took it.
    pub by: String,
    /// When, epoch ms.
    pub since_ms: i64,
    /// When it ends unless it is renewed, epoch ms; operators' claims do not end by themselves.
    pub lease_until_ms: Option<i64>,
}

/// What may claim a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimKind {
    /// A host's session.
    Session,
    /// An admin, by hand.
    Operator,
}

/// What an admin enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChannel {
    /// 1 to [`NAME_CHARS_MAX`] characters.
    pub name: String,
    /// Whether what is on air is recorded.
    pub recording_enabled: bool,
}

impl Channel {
    /// What it is at this moment. *source*: design §9.3.
    pub fn state(&self, is_on_air: bool) -> State {
        if self.disabled_at_ms.is_some() {
            State::Offline
        } else if self.claim.is_some() || is_on_air {
            State::Live
        } else {
            State::Idle
        }
    }

    /// The session that uses it.
    pub fn current_session_id(&self) -> Option<&str> {
        self.claim.as_ref()?.session_id.as_deref()
    }
}

impl State {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Idle, Self::Live, Self::Offline];

    /// The word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "IDLE",
            Self::Live => "LIVE",
            Self::Offline => "OFFLINE",
        }
    }

    /// Reads the word.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] naming `state`, with what was sent.
    pub fn parse(word: &str) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == word);
        known.ok_or_else(|| {
            // What is sent back is shortened: it may be anything.
            let provided: String = word.chars().take(NAME_CHARS_MAX).collect();
            Error::invalid("state", "Invalid state. Must be one of: IDLE, LIVE, OFFLINE")
                .with_fact("providedState", provided)
        })
    }
}

impl Claim {
    /// A session's claim, which ends with its lease.
    pub fn session(id: impl Into<String>, by: impl Into<String>, since_ms: i64, lease_until_ms: i64) -> Self {
        let id = id.into();
        Self {
            kind: ClaimKind::Session,
            session_id: Some(id.clone()),
            id,
            by: by.into(),
            since_ms,
            lease_until_ms: Some(lease_until_ms),
        }
    }

    /// An operator's claim, with the session that he named.
    pub fn operator(id: impl Into<String>, by: impl Into<String>, session_id: Option<String>, since_ms: i64) -> Self {
        Self {
            kind: ClaimKind::Operator,
            id: id.into(),
            session_id,
            by: by.into(),
            since_ms,
            lease_until_ms: None,
        }
    }
}

impl ClaimKind {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Operator => "operator",
        }
    }

    /// Reads the word in the database.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Session, Self::Operator]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

impl NewChannel {
    /// The same, trimmed.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] naming `name`.
    pub(super) fn validated(self) -> Result<Self, Error> {
        let name = self.name.trim().to_owned();
        if name.is_empty() {
            return Err(Error::invalid("name", "Missing required field: name"));
        }
        if name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
            let rule = format!("name must have 1 to {NAME_CHARS_MAX} characters and no control characters");
            return Err(Error::invalid("name", rule));
        }
        Ok(Self { name, ..self })
    }
}

/// `persistent-{slug}-{first block of the id}`.
pub(super) fn ivs_name(name: &str, channel_id: &str) -> String {
    let block = channel_id.split('-').next().unwrap_or_default();
    let room = IVS_NAME_CHARS_MAX - IVS_NAME_PREFIX.len() - block.len() - 2;
    format!("{IVS_NAME_PREFIX}-{}-{block}", slug(name, room))
}

/// Lower-case letters and digits of ASCII; whatever is between them becomes one hyphen. At most `chars_max` characters.
fn slug(name: &str, chars_max: usize) -> String {
    let lower = name.to_lowercase();
    let words = lower
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let whole = words.collect::<Vec<_>>().join("-");
    let cut: String = whole.chars().take(chars_max).collect();
    match cut.trim_end_matches('-') {
        "" => SLUG_DEFAULT.to_owned(),
        slug => slug.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel() -> Channel {
        Channel {
            id: "019aa000-0000-7000-8000-000000000000".into(),
            name: "Main Stage".into(),
            ivs_name: String::new(),
            arn: String::new(),
            playback_url: String::new(),
            ingest_endpoint: String::new(),
            resource_id: String::new(),
            recording_enabled: false,
            recording_configuration_arn: None,
            disabled_at_ms: None,
            claim: None,
            sessions_ended: 0,
            created_at_ms: 0,
            updated_at_ms: 0,
        }
    }

    #[test]
    fn the_state_follows_from_disabling_claim_and_air_in_this_order() {
        let claim = Claim::session("s", "host", 1, 2);
        let table = [
            (false, false, false, State::Idle),
            (false, false, true, State::Live),
            (false, true, false, State::Live),
            (false, true, true, State::Live),
            (true, false, false, State::Offline),
            (true, false, true, State::Offline),
            (true, true, false, State::Offline),
            (true, true, true, State::Offline),
        ];
        for (is_disabled, is_claimed, is_on_air, expected) in table {
            let channel = Channel {
                disabled_at_ms: is_disabled.then_some(1),
                claim: is_claimed.then(|| claim.clone()),
                ..channel()
            };
            assert_eq!(
                channel.state(is_on_air),
                expected,
                "{is_disabled} {is_claimed} {is_on_air}"
            );
        }
    }

    #[test]
    fn states_have_one_spelling_and_what_was_sent_is_told() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Ok(state));
        }
        for wrong in ["", "live", "PAUSED", &"x".repeat(1000)] {
            let error = State::parse(wrong).unwrap_err();
            let (name, value) = &error.facts[0];
            assert_eq!(*name, "providedState");
            let told = value.as_str().unwrap();
            assert!(wrong.starts_with(told) && told.len() <= NAME_CHARS_MAX, "{told}");
        }
    }

    #[test]
    fn an_operator_names_a_session_or_none() {
        let with = |claim| Channel {
            claim: Some(claim),
            ..channel()
        };
        assert_eq!(with(Claim::session("s", "h", 1, 2)).current_session_id(), Some("s"));
        assert_eq!(with(Claim::operator("c", "a", None, 1)).current_session_id(), None);
        let named = Claim::operator("c", "a", Some("shown".into()), 1);
        assert_eq!(with(named).current_session_id(), Some("shown"));
    }

    #[test]
    fn names_at_the_provider_are_slugs_between_prefix_and_id() {
        let id = "019aa000-0000-7000-8000-000000000000";
        for (name, expected) in [
            ("Main Stage", "persistent-main-stage-019aa000"),
            ("  Été: 2026 -- (live)! ", "persistent-t-2026-live-019aa000"),
            ("日本語", "persistent-channel-019aa000"),
            ("a_b", "persistent-a-b-019aa000"),
        ] {
            assert_eq!(ivs_name(name, id), expected);
        }
        let long = ivs_name(&format!("{} tail", "x".repeat(NAME_CHARS_MAX)), id);
        assert!(long.len() <= IVS_NAME_CHARS_MAX, "{long}");
        assert_eq!(slug("ab cd", 3), "ab");
    }

    #[test]
    fn a_name_is_trimmed_and_bounded() {
        let named = |name: &str| NewChannel {
            name: name.into(),
            recording_enabled: false,
        };
        assert_eq!(named(" Main ").validated().unwrap().name, "Main");
        assert!(named(&"é".repeat(NAME_CHARS_MAX)).validated().is_ok());
        for wrong in ["", "  ", "a\nb", &"x".repeat(NAME_CHARS_MAX + 1)] {
            let error = named(wrong).validated().unwrap_err();
            assert_eq!(error.kind, crate::ErrorKind::Invalid { field: "name".into() });
        }
    }
}
