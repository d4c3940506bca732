//! What a request is, and who may decide it.

use crate::channels::model::NAME_CHARS_MAX;
use crate::pictures::Stored;
use crate::text::{optional, text};
use crate::{Caller, Error};

/// Longest note and longest reason, characters; a few sentences.
pub const NOTE_LEN_MAX: usize = 1_000;
/// Longest name that may be proposed, characters: that of a channel.
pub const PROPOSED_NAME_LEN_MAX: usize = NAME_CHARS_MAX;

/// Somebody asks for a channel for a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// UUID v7.
    pub id: String,
    /// The group; it may be gone once the request is decided.
    pub group_id: String,
    /// Its name now, or the last that it had.
    pub group_name: String,
    /// Its picture.
    pub picture: Option<Stored>,
    /// The account whose the group is, and who gets the channel.
    pub owner_id: String,
    /// The owner's display name.
    pub owner_name: String,
    /// The owner's address.
    pub owner_email: String,
    /// Account or service key that asked: the owner, or an admin for the owner.
    pub requested_by: String,
    /// What the channel shall be called.
    pub proposed_name: String,
    /// Words to whoever decides.
    pub note: Option<String>,
    /// How far it is.
    pub status: Status,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// The channel, once it is approved.
    pub channel_id: Option<String>,
    /// The approval that is under way, or was cut short.
    pub(super) under_way: Option<UnderWay>,
    /// Epoch ms.
    pub requested_at_ms: i64,
    /// When it was approved, rejected or withdrawn, epoch ms.
    pub decided_at_ms: Option<i64>,
    /// Account or service key that did that.
    pub decided_by: Option<String>,
}

/// An approval between its first step and its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UnderWay {
    /// Which.
    pub(super) id: String,
    /// The id that the channel has, or will have.
    pub(super) channel_id: String,
    /// Until when nobody else decides, epoch ms.
    pub(super) until_ms: i64,
}

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It waits for an admin.
    Pending,
    /// The owner has the channel.
    Approved,
    /// An admin said no, and why.
    Rejected,
    /// It was taken back; it is kept for the limit of [`super::DAILY_MAX`] only and shown to nobody.
    Withdrawn,
}

/// What somebody asks for.
#[derive(Debug, Clone, Default)]
pub struct NewRequest {
    /// 1 to [`PROPOSED_NAME_LEN_MAX`] characters; the group's name when absent.
    pub proposed_name: Option<String>,
    /// Up to [`NOTE_LEN_MAX`] characters.
    pub note: Option<String>,
}

impl NewRequest {
    /// Proposed name and note, trimmed.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] naming `proposedName` or `note`.
    pub(super) fn validate(self, group_name: &str) -> Result<(String, Option<String>), Error> {
        let name = match optional("proposedName", self.proposed_name, PROPOSED_NAME_LEN_MAX)? {
            Some(name) => name,
            // Groups may have longer names than channels.
            None => group_name
                .chars()
                .take(PROPOSED_NAME_LEN_MAX)
                .collect::<String>()
                .trim_end()
                .to_owned(),
        };
        Ok((name, optional("note", self.note, NOTE_LEN_MAX)?))
    }
}

/// Why a request is rejected.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `reason`.
pub(super) fn reason(reason: &str) -> Result<String, Error> {
    text("reason", reason, 1, NOTE_LEN_MAX)
}

impl Request {
    /// True while an admin may decide it and its owner may withdraw it.
    pub fn is_pending(&self) -> bool {
        self.status == Status::Pending
    }

    /// Passes a request that nobody decided and nobody is deciding.
    ///
    /// *errors*: [`crate::ErrorKind::Conflict`], [`crate::ErrorKind::NotFound`] for one that was withdrawn.
    pub(super) fn require_open(&self, now_ms: i64) -> Result<(), Error> {
        let is_busy = self
            .under_way
            .as_ref()
            .is_some_and(|approval| now_ms < approval.until_ms);
        match self.status {
            Status::Pending if is_busy => Err(Error::conflict("Channel request is being approved")),
            Status::Pending => Ok(()),
            Status::Approved => Err(Error::conflict("Channel request is already approved")),
            Status::Rejected => Err(Error::conflict("Channel request is already rejected")),
            Status::Withdrawn => Err(Error::not_found(super::NOT_FOUND)),
        }
    }

    /// Passes whoever may approve it: somebody else than who asks, while there is somebody else. True when the only admin
    /// approves an own request. *source*: two pairs of eyes, unless there is one pair only.
    ///
    /// *errors*: [`crate::ErrorKind::Forbidden`].
    pub(super) fn may_be_approved_by(&self, caller: &Caller, has_other_admins: bool) -> Result<bool, Error> {
        let is_own = caller
            .id()
            .is_some_and(|id| id == self.owner_id || id == self.requested_by);
        if is_own && has_other_admins {
            return Err(Error::forbidden("You cannot approve your own request"));
        }
        Ok(is_own)
    }
}

impl Status {
    /// Those that are shown.
    pub const SHOWN: [Self; 3] = [Self::Pending, Self::Approved, Self::Rejected];

    /// The word in answers and rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// Reads the word of a row.
    pub(super) fn parse(word: &str) -> Option<Self> {
        let all = [Self::Pending, Self::Approved, Self::Rejected, Self::Withdrawn];
        all.into_iter().find(|status| status.as_str() == word)
    }

    /// Reads the word of a filter.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] naming `status`.
    pub fn shown(word: &str) -> Result<Self, Error> {
        let known = Self::SHOWN.into_iter().find(|status| status.as_str() == word);
        known.ok_or_else(|| Error::invalid("status", "status must be one of: PENDING, APPROVED, REJECTED"))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::testing::account;

    pub(in crate::groups::channel_requests) fn request(status: Status) -> Request {
        Request {
            id: "r".into(),
            group_id: "g".into(),
            group_name: "Morning shows".into(),
            picture: None,
            owner_id: "owner".into(),
            owner_name: "Olga".into(),
            owner_email: "olga@example.com".into(),
            requested_by: "helper".into(),
            proposed_name: "Morning".into(),
            note: None,
            status,
            reason: None,
            channel_id: None,
            under_way: None,
            requested_at_ms: 0,
            decided_at_ms: None,
            decided_by: None,
        }
    }

    #[test]
    fn two_pairs_of_eyes_approve_unless_there_is_one_pair_only() {
        let request = request(Status::Pending);
        for (caller, has_others, expected) in [
            (account("admin"), true, Some(false)),
            (account("admin"), false, Some(false)),
            (account("owner"), true, None),
            (account("helper"), true, None),
            (account("owner"), false, Some(true)),
            (account("helper"), false, Some(true)),
            (Caller::System, true, Some(false)),
        ] {
            let found = request.may_be_approved_by(&caller, has_others).ok();
            assert_eq!(found, expected, "{caller:?} {has_others}");
        }
    }

    #[test]
    fn only_what_is_pending_is_decided() {
        let mut busy = request(Status::Pending);
        busy.under_way = Some(UnderWay {
            id: "a".into(),
            channel_id: "c".into(),
            until_ms: 100,
        });
        assert_eq!(
            busy.require_open(99).unwrap_err().message,
            "Channel request is being approved"
        );
        assert!(busy.require_open(100).is_ok(), "it was cut short");
        for (status, refusal) in [
            (Status::Pending, None),
            (Status::Approved, Some("Channel request is already approved")),
            (Status::Rejected, Some("Channel request is already rejected")),
            (Status::Withdrawn, Some("Channel request not found")),
        ] {
            let found = request(status).require_open(0).err();
            assert_eq!(found.as_ref().map(|error| &*error.message), refusal, "{status:?}");
        }
    }

    #[test]
    fn a_channel_is_called_like_its_group_unless_a_name_is_proposed() {
        let named = |name: Option<&str>, group: &str| {
            let new = NewRequest {
                proposed_name: name.map(str::to_owned),
                note: Some(" ".into()),
            };
            new.validate(group)
        };
        assert_eq!(named(Some(" Morning "), "Group").unwrap(), ("Morning".to_owned(), None));
        assert_eq!(named(Some("  "), "Group").unwrap().0, "Group");
        assert_eq!(
            named(None, &"é".repeat(150)).unwrap().0.chars().count(),
            PROPOSED_NAME_LEN_MAX
        );
        assert!(named(Some(&"x".repeat(PROPOSED_NAME_LEN_MAX + 1)), "Group").is_err());
        for wrong in ["", " ", "a\0", &"x".repeat(NOTE_LEN_MAX + 1)] {
            assert!(reason(wrong).is_err());
        }
    }

    #[test]
    fn statuses_have_one_spelling_and_withdrawn_ones_are_no_filter() {
        for status in Status::SHOWN {
            assert_eq!(Status::shown(status.as_str()).unwrap(), status);
        }
        assert!(Status::shown("WITHDRAWN").is_err() && Status::shown("pending").is_err());
        assert_eq!(Status::parse("WITHDRAWN"), Some(Status::Withdrawn));
    }
}
