//! What people type to find something, as patterns for `like … escape '!'`.

use crate::Error;

/// Longest text to search for, characters; longer than any name that people remember.
pub const WORDS_LEN_MAX: usize = 100;
/// Words to search for at most; each is a pattern that every row is compared with.
pub const WORDS_MAX: usize = 5;

/// Each word as a pattern that finds it anywhere; what has a meaning in patterns stands for itself.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `q`.
pub(crate) fn patterns(text: &str) -> Result<[Option<String>; WORDS_MAX], Error> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_clean = !text.chars().any(char::is_control);
    if text.chars().count() > WORDS_LEN_MAX || words.len() > WORDS_MAX || !is_clean {
        let rule = format!("q must have at most {WORDS_LEN_MAX} characters and {WORDS_MAX} words");
        return Err(Error::invalid("q", rule));
    }
    Ok(std::array::from_fn(|index| {
        let word = words.get(index)?.to_lowercase();
        let escaped = word.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        Some(format!("%{escaped}%"))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_patterns_that_mean_themselves() {
        let found = patterns(" Omega 100%_! ").unwrap();
        assert_eq!(found[0].as_deref(), Some("%omega%"));
        assert_eq!(found[1].as_deref(), Some("%100!%!_!!%"));
        assert_eq!(found[2], None);
        for wrong in ["a b c d e f", "x\0y", &"x".repeat(101)] {
            assert!(patterns(wrong).is_err(), "{wrong}");
        }
    }
}
