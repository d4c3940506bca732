//! Text that people enter: trimmed, bounded, and free of what no screen shows.

use crate::Error;

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
