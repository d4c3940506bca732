//! What a seller may name as pictures when an auction is created.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::COUNT_MAX;
use crate::Error;
use crate::pictures::BYTES_MAX;

/// Longest address of a picture elsewhere, bytes; what browsers and proxies carry.
pub const LINK_LEN_MAX: usize = 2_048;

/// One picture as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::auctions) enum Source {
    /// An address elsewhere. It is shown as it is and never fetched by us.
    Link(String),
    /// The file itself, not looked at yet.
    File {
        /// Member that it came in, for refusals.
        field: String,
        /// Its bytes.
        content: Bytes,
    },
}

/// The pictures in the order they are shown: `image_url` first, then `images`; one that is named twice counts once.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming the member, such as `images[2]`.
pub(in crate::auctions) fn read(image_url: Option<String>, images: Vec<String>) -> Result<Vec<Source>, Error> {
    let first = image_url.map(|text| ("image_url".to_owned(), text));
    let others = images
        .into_iter()
        .enumerate()
        .map(|(index, text)| (format!("images[{index}]"), text));
    let mut seen = std::collections::HashSet::new();
    let mut sources = Vec::new();
    for (field, text) in first.into_iter().chain(others) {
        if text.is_empty() || !seen.insert(text.clone()) {
            continue;
        }
        if sources.len() == COUNT_MAX {
            return Err(Error::invalid(
                "images",
                format!("images must be at most {COUNT_MAX}, image_url included"),
            ));
        }
        sources.push(source(field, text)?);
    }
    Ok(sources)
}

fn source(field: String, text: String) -> Result<Source, Error> {
    let invalid = |rule: &str| Error::invalid(field.clone(), format!("{field} {rule}"));
    if let Some(content) = data_uri(&text) {
        // Four letters of base64 carry three bytes.
        if content.len() > BYTES_MAX.div_ceil(3) * 4 {
            return Err(invalid("must be a picture of at most 12 MiB"));
        }
        let content = STANDARD
            .decode(content)
            .map_err(|_| invalid("must be base64 after the comma"))?;
        return Ok(Source::File {
            field,
            content: content.into(),
        });
    }
    let is_web = url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !is_web || text.contains(char::is_control) {
        return Err(invalid("must be an http(s) URL or a data:image/…;base64 URI"));
    }
    if text.len() > LINK_LEN_MAX {
        return Err(invalid("must have at most 2048 characters"));
    }
    Ok(Source::Link(text))
}

/// What follows the comma of `data:image/…;base64,`. Which kind of image it claims to be is not believed anyway.
fn data_uri(text: &str) -> Option<&str> {
    let (head, content) = text.strip_prefix("data:image/")?.split_once(',')?;
    head.ends_with(";base64").then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn refusal(image_url: Option<&str>, images: &[&str]) -> (String, String) {
        let images = images.iter().map(|text| (*text).to_owned()).collect();
        let error = read(image_url.map(str::to_owned), images).unwrap_err();
        match error.kind {
            ErrorKind::Invalid { field } => (field.into_owned(), error.message.into_owned()),
            kind => panic!("{kind:?}"),
        }
    }

    #[test]
    fn the_first_picture_is_image_url_and_doubles_count_once() {
        let link = |text: &str| Source::Link(text.to_owned());
        let sources = read(
            Some("https://a.example/1.jpg".into()),
            vec![
                "https://a.example/1.jpg".into(),
                String::new(),
                "http://b.example/2".into(),
            ],
        );
        assert_eq!(
            sources.unwrap(),
            [link("https://a.example/1.jpg"), link("http://b.example/2")]
        );
        assert_eq!(read(None, vec![]).unwrap(), []);
        let data = read(Some("data:image/png;base64,aGk=".into()), vec![]).unwrap();
        let expected = Source::File {
            field: "image_url".into(),
            content: Bytes::from_static(b"hi"),
        };
        assert_eq!(data, [expected]);
    }

    #[test]
    fn what_is_no_picture_is_refused_by_the_name_of_its_member() {
        for text in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html;base64,aGk=",
            "//a.example/x",
            "https://a.example/\n",
        ] {
            let (field, message) = refusal(Some(text), &[]);
            assert_eq!(
                (field.as_str(), message.contains("http(s) URL")),
                ("image_url", true),
                "{text:?}"
            );
        }
        let good = "https://a.example/1.jpg";
        assert_eq!(refusal(Some(good), &["data:image/png;base64,<svg>"]).0, "images[0]");
        assert!(
            refusal(None, &[good, "data:image/png;base64,a"])
                .1
                .contains("images[1] must be base64")
        );
        let long = format!("https://a.example/{}", "a".repeat(LINK_LEN_MAX));
        assert!(refusal(Some(&long), &[]).1.contains("2048"));
        let large = format!("data:image/png;base64,{}", "A".repeat((BYTES_MAX / 3 + 2) * 4));
        assert!(refusal(Some(&large), &[]).1.contains("12 MiB"));
    }

    #[test]
    fn the_eleventh_picture_is_refused() {
        let many = |count: usize| (0..count).map(|n| format!("https://a.example/{n}")).collect();
        assert_eq!(read(None, many(COUNT_MAX)).unwrap().len(), COUNT_MAX);
        assert!(
            read(None, many(COUNT_MAX + 1))
                .unwrap_err()
                .message
                .contains("at most 10")
        );
        assert!(read(Some("https://b.example/".into()), many(COUNT_MAX)).is_err());
    }
}
