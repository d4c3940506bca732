//! The rules that need no database.

use crate::{Error, Role, Secret};

/// A person's account, without anything secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// UUID v7.
    pub id: String,
    /// Normalised: trimmed, lowercase.
    pub email: String,
    /// Display name.
    pub name: String,
    /// What the person may do, in order of [`Role`].
    pub roles: Vec<Role>,
    /// Epoch ms.
    pub created_at_ms: i64,
}

/// What a person gives to get an account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// At most 254 characters.
    pub email: String,
    /// 8 to 256 characters.
    pub password: Secret,
    /// 1 to 100 characters.
    pub name: String,
}

/// What an admin gives to create somebody's account.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// E-mail, password and name.
    pub account: NewAccount,
    /// At least one.
    pub roles: Vec<Role>,
}

/// Longest address that SMTP carries (RFC 5321 §4.5.3.1.3, less the brackets).
pub(super) const EMAIL_CHARS_MAX: usize = 254;
/// Longest part before the `@` (RFC 5321 §4.5.3.1.1).
const LOCAL_CHARS_MAX: usize = 64;
/// Longest label of a host name (RFC 1035 §2.3.4).
const LABEL_CHARS_MAX: usize = 63;
/// Shortest password (NIST SP 800-63B §5.1.1.1).
const PASSWORD_CHARS_MIN: usize = 8;
/// Longest password; the hash reads all of it, so its length is bounded.
const PASSWORD_CHARS_MAX: usize = 256;
/// The same in bytes of UTF-8.
const PASSWORD_BYTES_MAX: usize = 1024;
/// Longest display name.
const NAME_CHARS_MAX: usize = 100;

impl NewAccount {
    /// The same with the e-mail normalised and the name trimmed.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] naming `email`, `password` or `name`.
    pub(super) fn validated(self) -> Result<Self, Error> {
        let email = normalised_email(&self.email)?;
        check_password(&self.password)?;
        let name = trimmed_name(&self.name)?;
        Ok(Self {
            email,
            password: self.password,
            name,
        })
    }
}

/// `email` trimmed and lowercase.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `email`. Deliverability is not judged; the shape keeps out what no mail
/// system and no log would take.
pub(super) fn normalised_email(email: &str) -> Result<String, Error> {
    let invalid = || Error::invalid("email", "email must be a valid e-mail address");
    let email = email.trim();
    if email.len() > EMAIL_CHARS_MAX {
        return Err(Error::invalid("email", "email must have at most 254 characters"));
    }
    let (local, domain) = email.rsplit_once('@').ok_or_else(invalid)?;
    // RFC 5321 §4.1.2, dot-string.
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    let is_label = |label: &str| {
        (1..=LABEL_CHARS_MAX).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if local.len() > LOCAL_CHARS_MAX || !local.split('.').all(is_atom) || !domain.split('.').all(is_label) {
        return Err(invalid());
    }
    Ok(email.to_ascii_lowercase())
}

/// Passes passwords of a sensible length.
pub(super) fn check_password(password: &Secret) -> Result<(), Error> {
    let text = password.reveal();
    let chars = text.chars().take(PASSWORD_CHARS_MAX + 1).count();
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&chars) || text.len() > PASSWORD_BYTES_MAX {
        return Err(Error::invalid("password", "password must have 8 to 256 characters"));
    }
    Ok(())
}

/// `name` without the space around it.
pub(super) fn trimmed_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if !(1..=NAME_CHARS_MAX).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "name must have 1 to 100 characters"));
    }
    Ok(name.to_owned())
}

/// `roles` in order and without repeats; at least one.
pub(super) fn checked_roles(mut roles: Vec<Role>) -> Result<Vec<Role>, Error> {
    if roles.is_empty() {
        return Err(Error::invalid(
            "roles",
            "roles must name at least one of admin, host, member",
        ));
    }
    roles.sort_unstable();
    roles.dedup();
    Ok(roles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_are_normalised_or_refused() {
        for (given, expected) in [
            (" Ada@Example.COM ", Some("ada@example.com")),
            ("a.b+c@sub.example.com", Some("a.b+c@sub.example.com")),
            ("root@localhost", Some("root@localhost")),
            ("", None),
            ("ada", None),
            ("@example.com", None),
            ("ada@", None),
            ("a b@example.com", None),
            ("a@b@example.com", None),
            (".ada@example.com", None),
            ("ada@-example.com", None),
            ("ada@example..com", None),
            ("ada@exam\nple.com", None),
            ("ädä@example.com", None),
        ] {
            assert_eq!(normalised_email(given).ok().as_deref(), expected, "{given}");
        }
        let longest_local = "a".repeat(64);
        assert!(normalised_email(&format!("{longest_local}@example.com")).is_ok());
        assert!(normalised_email(&format!("{longest_local}a@example.com")).is_err());
        let long_domain = format!("{}.com", vec!["a".repeat(60); 4].join("."));
        assert!(normalised_email(&format!("ada@{long_domain}")).is_ok());
        assert!(normalised_email(&format!("ada@{}.{long_domain}", "a".repeat(10))).is_err());
    }

    #[test]
    fn passwords_have_eight_to_256_characters() {
        for (password, is_good) in [
            ("1234567".to_owned(), false),
            ("12345678".to_owned(), true),
            ("ü".repeat(8), true),
            ("a".repeat(256), true),
            ("a".repeat(257), false),
            ("🔑".repeat(256), true),
            ("🔑".repeat(257), false),
        ] {
            assert_eq!(
                check_password(&Secret::new(password.clone())).is_ok(),
                is_good,
                "{password}"
            );
        }
    }

    #[test]
    fn names_have_one_to_100_characters() {
        assert_eq!(trimmed_name("  Ada  ").unwrap(), "Ada");
        assert!(trimmed_name(&"ä".repeat(100)).is_ok());
        for wrong in ["", "   ", "a\u{0}b", "line\nbreak", &"ä".repeat(101)] {
            assert!(trimmed_name(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn roles_are_a_set() {
        let roles = checked_roles(vec![Role::Member, Role::Admin, Role::Member]).unwrap();
        assert_eq!(roles, [Role::Admin, Role::Member]);
        assert!(checked_roles(Vec::new()).is_err());
    }
}
