//! Settings that are one of a few words.

use super::section::{Setting, plain_settings};

/// Declares an enum that is read from, and printed as, fixed words.
macro_rules! choice {
    ($(#[doc = $doc:literal])* $name:ident { $( $(#[doc = $variant_doc:literal])* $variant:ident = $word:literal, )* }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $( $(#[doc = $variant_doc])* $variant, )* }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $( $word => Ok(Self::$variant), )*
                    _ => Err(format!("must be one of {}", [$($word),*].join(", "))),
                }
            }
        }

        plain_settings!($name);
    };
}

choice! {
    /// Which video the application uses.
    Video {
        /// Our own engine, in this process.
        Embedded = "embedded",
        /// The endpoint that the AWS settings name.
        Aws = "aws",
    }
}

choice! {
    /// IVS channel types that auctions may use.
    ChannelType {
        /// Transcoded to several renditions on AWS.
        Standard = "STANDARD",
        /// The source as it is.
        Basic = "BASIC",
    }
}

choice! {
    /// Who may create auctions.
    Sellers {
        /// Any signed-in account.
        Any = "any",
        /// Accounts with the role host, and admins.
        Host = "host",
    }
}

choice! {
    /// Shape of log lines.
    LogFormat {
        /// For people.
        Text = "text",
        /// For machines: one JSON object a line.
        Json = "json",
    }
}
