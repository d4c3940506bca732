//! What others call a bidder.

use crate::Platform;

/// A bidder as others may know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Stands for the account: [`public_id`].
    pub id: String,
    /// Such as `Bidder K7QX`.
    pub name: String,
}

impl Person {
    /// How others know `account_id` in this auction.
    pub fn of(platform: &Platform, auction_id: &str, account_id: &str) -> Self {
        let code = code(platform, auction_id, account_id);
        let alias = code.get(..ALIAS_CHARS).unwrap_or_default();
        Self {
            name: format!("Bidder {alias}"),
            id: format!("bidder_{code}"),
        }
    }
}

/// What a seller is called in the room of an auction of theirs.
pub const HOST_NAME: &str = "Host";
/// Characters of an alias.
const ALIAS_CHARS: usize = 4;
/// Characters of a public id: 60 bits, so that two bidders of an auction never share one, also when they share an alias.
const ID_CHARS: usize = 12;
/// Digits and capitals that are not mistaken for each other; 32 of them, five bits each.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Four characters by which others know `account_id` in this auction, such as `K7QX`: always the same here, another in
/// every other auction, and no way back to the account without the installation's key.
pub fn alias(platform: &Platform, auction_id: &str, account_id: &str) -> String {
    let mut text = code(platform, auction_id, account_id);
    text.truncate(ALIAS_CHARS);
    text
}

/// The id that stands for `account_id` in what outsiders read: `bidder_` and twelve characters that begin with the alias.
pub fn public_id(platform: &Platform, auction_id: &str, account_id: &str) -> String {
    format!("bidder_{}", code(platform, auction_id, account_id))
}

/// The name that others read: `Bidder K7QX`, or `Host` for the seller.
pub fn display_name(platform: &Platform, auction_id: &str, seller_id: &str, account_id: &str) -> String {
    if account_id == seller_id {
        HOST_NAME.to_owned()
    } else {
        format!("Bidder {}", alias(platform, auction_id, account_id))
    }
}

fn code(platform: &Platform, auction_id: &str, account_id: &str) -> String {
    let hash = platform
        .seal()
        .keyed_hash(&format!("auction-alias:{auction_id}"), account_id);
    let bytes = hash.as_ref().iter().take(ID_CHARS);
    bytes.map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn an_alias_is_stable_in_its_auction_and_another_elsewhere() {
        let database = testing::Database::sqlite();
        let platform = database.platform(&testing::Clock::new()).await;
        let ann = alias(&platform, "auction-1", "ann");
        assert_eq!(ann, alias(&platform, "auction-1", "ann"));
        assert_ne!(ann, alias(&platform, "auction-2", "ann"));
        assert_eq!(ann.len(), 4);
        assert!(ann.bytes().all(|byte| ALPHABET.contains(&byte)), "{ann}");
        assert!(public_id(&platform, "auction-1", "ann").starts_with(&format!("bidder_{ann}")));
        assert_eq!(display_name(&platform, "auction-1", "ann", "ann"), "Host");
        assert_eq!(
            display_name(&platform, "auction-1", "bob", "ann"),
            format!("Bidder {ann}")
        );
        for mistaken in "01OI".bytes() {
            assert!(!ALPHABET.contains(&mistaken));
        }
    }

    #[tokio::test]
    async fn thousands_of_bidders_have_thousands_of_ids() {
        let database = testing::Database::sqlite();
        let platform = database.platform(&testing::Clock::new()).await;
        let ids: HashSet<String> = (0..5_000)
            .map(|bidder| public_id(&platform, "auction", &bidder.to_string()))
            .collect();
        assert_eq!(ids.len(), 5_000);
    }
}
