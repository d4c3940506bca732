//! Text that people enter: trimmed, bounded, and free of what no screen shows.

use url::Url;

use crate::Error;

/// Longest address of something elsewhere, bytes; what browsers and proxies carry.
pub(crate) const LINK_LEN_MAX: usize = 2_048;

/// `value` without the spaces around it, when it has `min` to `max` characters.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `field` and the rule it breaks.
pub(crate) fn text(field: &'static str, value: &str, min: usize, max: usize) -> Result<String, Error> {
    let value = value.trim();
    let length = value.chars().count();
    if length < min || length > max {
        return Err(Error::invalid(
            field,
            format!("{field} must have {min} to {max} characters"),
        ));
    }
    // A line break or a tab is text; other control characters are damage, and PostgreSQL refuses NUL.
    if value
        .chars()
        .any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
    {
        return Err(Error::invalid(
            field,
            format!("{field} must not contain control characters"),
        ));
    }
    Ok(value.to_owned())
}

/// As [`text`] where it may be absent; nothing but spaces counts as absent.
///
/// *errors*: as [`text`].
pub(crate) fn optional(field: &'static str, value: Option<String>, max: usize) -> Result<Option<String>, Error> {
    let Some(value) = value else { return Ok(None) };
    Ok(Some(text(field, &value, 0, max)?).filter(|value| !value.is_empty()))
}

/// An http(s) address that may be absent; empty is absent. Whoever shows it as a link cannot be made to run a script.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `field`.
pub(crate) fn link(field: &'static str, value: Option<String>) -> Result<Option<String>, Error> {
    let Some(value) = value
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
    else {
        return Ok(None);
    };
    let is_web = Url::parse(&value).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !is_web || value.len() > LINK_LEN_MAX || value.contains(char::is_control) {
        let rule = format!("{field} must be an http(s) URL of at most {LINK_LEN_MAX} characters");
        return Err(Error::invalid(field, rule));
    }
    Ok(Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_bounded_and_clean() {
        assert_eq!(text("name", " a\tb\n", 1, 3).unwrap(), "a\tb");
        assert_eq!(text("name", &"é".repeat(3), 1, 3).unwrap(), "ééé");
        for wrong in ["", "  ", "abcd", "a\0", "a\u{7f}"] {
            let error = text("name", wrong, 1, 3).unwrap_err();
            assert_eq!(error.kind, crate::ErrorKind::Invalid { field: "name".into() });
        }
    }

    #[test]
    fn what_may_be_absent_is_absent_when_empty() {
        assert_eq!(optional("note", Some("  ".into()), 5).unwrap(), None);
        assert_eq!(link("program_url", Some(" ".into())).unwrap(), None);
        assert_eq!(optional("note", Some(" x ".into()), 5).unwrap().as_deref(), Some("x"));
    }

    #[test]
    fn only_addresses_on_the_web_are_links() {
        let good = "https://media.example/a.m3u8?x=1";
        assert_eq!(
            link("program_url", Some(format!(" {good} "))).unwrap().as_deref(),
            Some(good)
        );
        let long = format!("https://media.example/{}", "a".repeat(LINK_LEN_MAX));
        for wrong in [
            "javascript:alert(1)",
            "data:text/html,x",
            "/relative",
            "ftp://host/x",
            "https://",
            "http://a/\u{7}",
            &long,
        ] {
            assert!(link("program_url", Some(wrong.to_owned())).is_err(), "{wrong}");
        }
    }
}
