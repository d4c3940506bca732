//! The URLs of the origin.

/// Everything is below it.
pub(super) const ROOT: &str = "/api/video/v1/";
/// Longest feed name and stream id.
const NAME_LENGTH_MAX: usize = 128;

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target<'a> {
    /// The built-in player page's script.
    Script,
    /// The built-in player page's style sheet.
    Style,
    /// `{feed}.m3u8`: the playback URL.
    Multivariant { feed: &'a str },
    /// Something of one stream.
    Stream { feed: &'a str, stream: &'a str, item: Item },
}

/// What a stream consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// `{feed}/{stream}.m3u8`
    Playlist,
    /// `{feed}/{stream}/{id}.init.mp4`
    Init { id: u32 },
    /// `{feed}/{stream}/{msn}.m4s`
    Segment { msn: u64 },
    /// `{feed}/{stream}/{msn}.{index}.m4s`
    Part { msn: u64, index: u32 },
}

impl<'a> Target<'a> {
    /// Reads the path of a URI. `None` when nothing can have that name.
    pub(super) fn parse(path: &'a str) -> Option<Self> {
        let path = path.strip_prefix(ROOT)?;
        let Some((feed, rest)) = path.split_once('/') else {
            return match path {
                "player.js" => Some(Self::Script),
                "player.css" => Some(Self::Style),
                _ => Some(Self::Multivariant {
                    feed: name(path.strip_suffix(".m3u8")?)?,
                }),
            };
        };
        let feed = name(feed)?;
        let Some((stream, file)) = rest.split_once('/') else {
            let stream = name(rest.strip_suffix(".m3u8")?)?;
            return Some(Self::Stream {
                feed,
                stream,
                item: Item::Playlist,
            });
        };
        Some(Self::Stream {
            feed,
            stream: name(stream)?,
            item: item(file)?,
        })
    }

    /// The feed whose playlist it is. Media carries no token, as all viewers read one playlist; its names, with the stream's
    /// id in them, are known to those who were given a playlist.
    pub(super) fn gated_feed(&self) -> Option<&'a str> {
        match self {
            Self::Multivariant { feed } => Some(feed),
            Self::Stream { feed, item, .. } if *item == Item::Playlist => Some(feed),
            Self::Script | Self::Style | Self::Stream { .. } => None,
        }
    }
}

fn item(file: &str) -> Option<Item> {
    if let Some(id) = file.strip_suffix(".init.mp4") {
        return Some(Item::Init { id: number(id)? });
    }
    let numbers = file.strip_suffix(".m4s")?;
    Some(match numbers.split_once('.') {
        None => Item::Segment { msn: number(numbers)? },
        Some((msn, index)) => Item::Part {
            msn: number(msn)?,
            index: number(index)?,
        },
    })
}

fn name(text: &str) -> Option<&str> {
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let is_short = (1..=NAME_LENGTH_MAX).contains(&text.len());
    // A client resolves `.` and `..` before it asks; who sends them is trying something.
    (is_short && text.bytes().all(is_ours) && !text.bytes().all(|byte| byte == b'.')).then_some(text)
}

/// Digits only: `parse` alone would also take a plus sign, and a second name for a resource is one too many.
fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// A member of a raw query.
pub(super) fn member<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .find_map(|member| member.strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_what_playlists_offer() {
        let stream = |item| {
            Some(Target::Stream {
                feed: "eu.1.channel.x",
                stream: "st-1",
                item,
            })
        };
        for (path, target) in [
            (
                "eu.1.channel.x.m3u8",
                Some(Target::Multivariant { feed: "eu.1.channel.x" }),
            ),
            ("eu.1.channel.x/st-1.m3u8", stream(Item::Playlist)),
            ("eu.1.channel.x/st-1/0.init.mp4", stream(Item::Init { id: 0 })),
            ("eu.1.channel.x/st-1/17.m4s", stream(Item::Segment { msn: 17 })),
            ("eu.1.channel.x/st-1/17.3.m4s", stream(Item::Part { msn: 17, index: 3 })),
            ("player.js", Some(Target::Script)),
            ("player.css", Some(Target::Style)),
        ] {
            assert_eq!(Target::parse(&format!("{ROOT}{path}")), target, "{path}");
        }
    }

    #[test]
    fn other_paths_name_nothing() {
        let long = format!("{}.m3u8", "x".repeat(NAME_LENGTH_MAX + 1));
        for path in [
            "",
            ".m3u8",
            "x",
            "x/",
            "x/y",
            "x/.m3u8",
            "x//1.m4s",
            "x/y/.m4s",
            "x/y/1.2.3.m4s",
            "x/y/+1.m4s",
            "x/y/-1.m4s",
            "x/y/1.mp4",
            "x/y/99999999999999999999.m4s",
            "x/y/z/1.m4s",
            "a%2Fb.m3u8",
            "../x.m3u8",
            &long,
        ] {
            assert_eq!(Target::parse(&format!("{ROOT}{path}")), None, "{path}");
        }
        assert_eq!(Target::parse("/elsewhere/x.m3u8"), None);
    }

    #[test]
    fn members_of_a_query_are_found_by_their_whole_name() {
        assert_eq!(member("a=1&session=2", "session"), Some("2"));
        assert_eq!(member("xsession=1&session", "session"), None);
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_asked_for_a_name_is_one(path in "(/api/video/v1/)?[a-z./%0-9é]{0,40}(m3u8|m4s|init.mp4)?") {
            let feed = Target::parse(&path).and_then(|target| target.gated_feed());
            proptest::prop_assert!(feed.is_none_or(|feed| name(feed).is_some() && path.contains(feed)));
        }
    }
}
