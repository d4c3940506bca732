//! Who asks, and when.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Platform};

/// What every operation takes: the platform, the caller, and one moment that counts as "now" for the whole operation.
#[derive(Clone)]
pub struct Context {
    /// The running application.
    pub platform: Platform,
    /// Who makes the request.
    pub caller: Caller,
    /// The moment of the request, epoch ms.
    pub now_ms: i64,
}

/// Whoever makes a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody is signed in.
    Anonymous,
    /// A person.
    Account {
        /// Account id.
        id: String,
        /// Normalised e-mail address.
        email: String,
        /// Display name.
        name: String,
        /// What the person may do.
        roles: Vec<Role>,
    },
    /// A program with a service key.
    Service {
        /// Id of the service key.
        id: String,
        /// Name of the service key.
        name: String,
        /// What the program may do.
        roles: Vec<Role>,
    },
    /// Rostrum itself: jobs, start-up and the command line.
    System,
}

/// What a caller may do. *source*: design §6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Runs the installation.
    Admin,
    /// Goes on air: seller, mentor, instructor.
    Host,
    /// Takes part: bidder, student.
    Member,
}

impl Context {
    /// A new UUID v7 as text, stamped with this context's moment.
    pub fn new_id(&self) -> String {
        self.platform.new_id(self.now_ms)
    }

    /// The store.
    pub fn db(&self) -> &crate::db::Db {
        self.platform.db()
    }

    /// The id of the signed-in person or program.
    ///
    /// *errors*: [`crate::ErrorKind::Unauthenticated`] for anybody else.
    pub fn require_signed_in(&self) -> Result<&str, Error> {
        self.caller
            .id()
            .ok_or_else(|| Error::unauthenticated("Missing authorization header"))
    }

    /// Passes callers with `role`; admins and the system pass always.
    ///
    /// *errors*: [`crate::ErrorKind::Unauthenticated`] or [`crate::ErrorKind::Forbidden`].
    pub fn require_role(&self, role: Role) -> Result<(), Error> {
        if self.caller == Caller::Anonymous {
            return Err(Error::unauthenticated("Missing authorization header"));
        }
        if self.caller.has_role(role) {
            Ok(())
        } else {
            Err(Error::forbidden("You are not allowed to do this"))
        }
    }
}

impl Caller {
    /// Id of the account or service key, if there is one.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Account { id, .. } | Self::Service { id, .. } => Some(id),
            Self::Anonymous | Self::System => None,
        }
    }

    /// Display name of the account or service key, if there is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Account { name, .. } | Self::Service { name, .. } => Some(name),
            Self::Anonymous | Self::System => None,
        }
    }

    /// True when the caller holds `role`; admins and the system hold every role.
    pub fn has_role(&self, role: Role) -> bool {
        match self {
            Self::Anonymous => false,
            Self::System => true,
            Self::Account { roles, .. } | Self::Service { roles, .. } => {
                roles.contains(&role) || roles.contains(&Role::Admin)
            }
        }
    }

    /// True for admins and the system.
    pub fn is_admin(&self) -> bool {
        self.has_role(Role::Admin)
    }
}

impl Role {
    /// The role's one spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Host => "host",
            Self::Member => "member",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "admin" => Ok(Self::Admin),
            "host" => Ok(Self::Host),
            "member" => Ok(Self::Member),
            _ => Err(Error::invalid("roles", "roles must be of admin, host, member")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(roles: &[Role]) -> Caller {
        Caller::Account {
            id: "a".into(),
            email: "a@b.c".into(),
            name: "A".into(),
            roles: roles.to_vec(),
        }
    }

    #[test]
    fn admins_and_the_system_hold_every_role() {
        for (caller, admin, host) in [
            (Caller::Anonymous, false, false),
            (account(&[]), false, false),
            (account(&[Role::Member]), false, false),
            (account(&[Role::Host]), false, true),
            (account(&[Role::Admin]), true, true),
            (Caller::System, true, true),
        ] {
            assert_eq!(
                (caller.is_admin(), caller.has_role(Role::Host)),
                (admin, host),
                "{caller:?}"
            );
        }
    }

    #[test]
    fn roles_have_one_spelling() {
        for role in [Role::Admin, Role::Host, Role::Member] {
            assert_eq!(role.as_str().parse::<Role>().unwrap(), role);
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        assert!("root".parse::<Role>().is_err());
    }
}
