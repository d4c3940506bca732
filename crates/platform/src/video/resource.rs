//! A resource at the provider as our ledger knows it, and the tags that say whose it is.

use std::collections::HashMap;

const INSTALLATION: &str = "rostrum:installation";
const OWNER: &str = "rostrum:owner";
const PURPOSE: &str = "rostrum:purpose";
const RESOURCE: &str = "rostrum:resource";

/// What a resource is for: one kind of owner per area of the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnerKind {
    /// An auction owns its channel, from creation to the end.
    Auction,
    /// A persistent channel is one at the provider, until somebody deletes it.
    Channel,
}

impl OwnerKind {
    /// The word in tags, ids and topics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auction => "auction",
            Self::Channel => "channel",
        }
    }

    /// The topic of everybody who watches all owners of this kind.
    pub fn list_topic(self) -> &'static str {
        match self {
            Self::Auction => "auctions",
            Self::Channel => "channels",
        }
    }

    /// The JSON member that names one owner of this kind.
    pub fn id_member(self) -> &'static str {
        match self {
            Self::Auction => "auction_id",
            Self::Channel => "channelId",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        match word {
            "auction" => Some(Self::Auction),
            "channel" => Some(Self::Channel),
            _ => None,
        }
    }
}

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A channel with its stream key.
    Channel,
    /// A chat room.
    Room,
    /// Where channels are recorded to, and how.
    Recording,
}

impl Kind {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Room => "room",
            Self::Recording => "recording",
        }
    }

    /// Reads the word in the database.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Channel, Self::Room, Self::Recording]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }

    /// What the provider calls by this name: rooms are of another service.
    pub fn of_arn(arn: &str) -> Self {
        let mut parts = arn.split(':');
        match (parts.nth(2), parts.nth(2)) {
            (Some("ivschat"), _) => Self::Room,
            (_, Some(path)) if path.starts_with("recording-configuration/") => Self::Recording,
            _ => Self::Channel,
        }
    }

    /// What people call it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Room => "chat room",
            Self::Recording => "recording configuration",
        }
    }
}

/// Who a resource belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Owner {
    /// Kind of the owner.
    pub kind: OwnerKind,
    /// Its id.
    pub id: String,
}

impl Owner {
    /// An auction.
    pub fn auction(id: impl Into<String>) -> Self {
        Self {
            kind: OwnerKind::Auction,
            id: id.into(),
        }
    }

    /// A persistent channel.
    pub fn channel(id: impl Into<String>) -> Self {
        Self {
            kind: OwnerKind::Channel,
            id: id.into(),
        }
    }

    /// `auction:{id}`: the value of the tag, the text in the ledger and the owner's topic are the same word.
    pub fn topic(&self) -> String {
        format!("{}:{}", self.kind.as_str(), self.id)
    }

    /// Reads what [`Owner::topic`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once(':')?;
        Some(Self {
            kind: OwnerKind::parse(kind)?,
            id: id.to_owned(),
        })
    }
}

/// The four tags on everything we create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceTags {
    /// Which installation of Rostrum.
    pub installation: String,
    /// Text of the [`Owner`].
    pub owner: String,
    /// What the owner uses it for, such as `auction video`.
    pub purpose: String,
    /// Id of the ledger row.
    pub resource: String,
}

impl ResourceTags {
    /// As the provider takes them.
    pub fn to_map(&self) -> HashMap<String, String> {
        [
            (INSTALLATION, &self.installation),
            (OWNER, &self.owner),
            (PURPOSE, &self.purpose),
            (RESOURCE, &self.resource),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.clone()))
        .collect()
    }

    /// Reads them back; `None` unless all four are there.
    pub fn from_map(tags: &HashMap<String, String>) -> Option<Self> {
        let tag = |key: &str| tags.get(key).cloned();
        Some(Self {
            installation: tag(INSTALLATION)?,
            owner: tag(OWNER)?,
            purpose: tag(PURPOSE)?,
            resource: tag(RESOURCE)?,
        })
    }
}

/// Where a resource is in its life.
///
/// | From | To | When |
/// |---|---|---|
/// | – | creating | written before the call |
/// | creating | active | the owner was saved, in the same transaction |
/// | creating | deleting | the creation failed, or nobody saved an owner within the grace period |
/// | active | deleting | the owner let go, in its own transaction |
/// | active | lost | the provider does not have it any more |
/// | lost | active | the provider has it after all |
/// | lost | deleting | the owner let go: should the provider have it after all, it goes |
/// | deleting | deleted | the provider confirmed, or has nothing of that name and the grace period is over |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The call was or will be made; nobody owns the result yet.
    Creating,
    /// Owned and, as far as we know, there.
    Active,
    /// Owned, but gone at the provider.
    Lost,
    /// To be deleted; retried until it is.
    Deleting,
    /// Nothing is left at the provider.
    Deleted,
}

impl State {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Active => "active",
            Self::Lost => "lost",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
        }
    }

    /// Reads the word in the database.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Creating, Self::Active, Self::Lost, Self::Deleting, Self::Deleted]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// One row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Id of the row; also the tag `rostrum:resource`.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Text of the [`Owner`]: also of kinds that an older version wrote.
    pub owner: String,
    /// What the owner uses it for.
    pub purpose: String,
    /// Name at the provider; not unique there.
    pub name: String,
    /// Where it is in its life.
    pub state: State,
    /// Provider's name of it, once known.
    pub arn: Option<String>,
    /// Failed attempts to delete it.
    pub attempts: i64,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Written down, epoch milliseconds.
    pub created_at_ms: i64,
    /// State last changed, epoch milliseconds.
    pub changed_at_ms: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_in_the_name_and_survives_the_round_trip() {
        for (arn, kind) in [
            ("arn:aws:ivs:us-east-1:1:channel/a", Kind::Channel),
            ("arn:aws:ivschat:us-east-1:1:room/a", Kind::Room),
            ("arn:aws:ivs:us-east-1:1:recording-configuration/a", Kind::Recording),
        ] {
            assert_eq!(Kind::of_arn(arn), kind);
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(Kind::parse("robot"), None);
    }

    #[test]
    fn owner_and_tags_survive_the_round_trip_and_foreign_tags_are_not_ours() {
        let owner = Owner::auction("0190");
        assert_eq!(Owner::parse(&owner.topic()), Some(owner.clone()));
        assert_eq!(Owner::parse("robot:1"), None);
        let tags = ResourceTags {
            installation: "a".into(),
            owner: owner.topic(),
            purpose: "auction video".into(),
            resource: "r".into(),
        };
        assert_eq!(ResourceTags::from_map(&tags.to_map()), Some(tags.clone()));
        let mut incomplete = tags.to_map();
        incomplete.remove(RESOURCE);
        assert_eq!(ResourceTags::from_map(&incomplete), None);
    }
}
