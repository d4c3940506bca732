//! One declaration makes a settings struct, its defaults, its documentation and its environment names.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// What is known of one setting besides its value.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Name inside its section.
    pub key: &'static str,
    /// Environment variable that overrides the file.
    pub env: &'static str,
    /// Default as it would be written in the file; empty means unset.
    pub default: &'static str,
    /// Sentences: meaning, unit, when to change it.
    pub doc: &'static [&'static str],
    /// True when the value must never be printed.
    pub is_secret: bool,
}

/// Where a value came from, for messages and `rostrum config check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File,
    /// The environment.
    Environment,
    /// The command line.
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::Flag => "flag",
        })
    }
}

/// Text of every setting that somebody set, by `section.key`.
pub type Values = BTreeMap<String, (String, Source)>;

/// One `[section]` of the file.
pub trait Section: Sized {
    /// Its name in brackets.
    const NAME: &'static str;
    /// What the section is about.
    const DOC: &'static [&'static str];
    /// Its settings, in the order of the example file.
    const FIELDS: &'static [Field];

    /// Reads the section from the values.
    ///
    /// # Errors
    /// The setting, its source and what is wrong with it.
    fn read(values: &Values) -> anyhow::Result<Self>;
}

/// Reads one setting: the text somebody set, or the default.
///
/// # Errors
/// Names the setting, the text and where it came from.
pub fn parse<T>(values: &Values, section: &str, key: &str, default: &str, is_secret: bool) -> anyhow::Result<T>
where
    T: Setting,
{
    let (text, source) = values
        .get(&format!("{section}.{key}"))
        .map_or((default, Source::Default), |(text, source)| (text, *source));
    T::parse(text).map_err(|error| {
        let shown = if is_secret { "***" } else { text };
        anyhow::anyhow!("{section}.{key} = {shown:?} (from the {source}): {error}")
    })
}

/// A type that a setting may have.
pub trait Setting: Sized {
    /// Reads it from text.
    ///
    /// # Errors
    /// What is wrong, without the text itself.
    fn parse(text: &str) -> Result<Self, String>;
}

/// An optional setting: empty text means unset.
impl<T: FromStr> Setting for Option<T>
where
    T::Err: fmt::Display,
{
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Ok(None)
        } else {
            text.parse().map(Some).map_err(|error: T::Err| error.to_string())
        }
    }
}

/// A list: items separated by commas.
impl<T: FromStr> Setting for Vec<T>
where
    T::Err: fmt::Display,
{
    fn parse(text: &str) -> Result<Self, String> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        items
            .map(|item| item.parse().map_err(|error: T::Err| format!("{item:?}: {error}")))
            .collect()
    }
}

/// Types that are read with `FromStr` and nothing else.
macro_rules! plain_settings {
    ($($type:ty),* $(,)?) => {$(
        impl Setting for $type {
            fn parse(text: &str) -> Result<Self, String> {
                text.parse().map_err(|error| format!("{error}"))
            }
        }
    )*};
}
pub(crate) use plain_settings;

plain_settings!(
    String,
    bool,
    u16,
    u32,
    u64,
    usize,
    std::net::SocketAddr,
    std::path::PathBuf,
    url::Url
);

/// Declares a section: `[secret] name: Type = "default", env "NAME";`
macro_rules! section {
    (
        $(#[doc = $doc:literal])* struct $struct:ident [$name:literal] {
            $( $(#[doc = $field_doc:literal])* $key:ident: $type:ty = $default:literal, env $env:literal $(, $secret:ident)?; )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone)]
        pub struct $struct { $( $(#[doc = $field_doc])* pub $key: $type, )* }

        impl $crate::config::section::Section for $struct {
            const NAME: &'static str = $name;
            const DOC: &'static [&'static str] = &[$($doc),*];
            const FIELDS: &'static [$crate::config::section::Field] = &[$(
                $crate::config::section::Field {
                    key: stringify!($key),
                    env: $env,
                    default: $default,
                    doc: &[$($field_doc),*],
                    is_secret: section!(@secret $($secret)?),
                },
            )*];

            fn read(values: &$crate::config::section::Values) -> anyhow::Result<Self> {
                use $crate::config::section::parse;
                Ok(Self { $( $key: parse(values, $name, stringify!($key), $default, section!(@secret $($secret)?))?, )* })
            }
        }
    };
    (@secret secret) => { true };
    (@secret) => { false };
}
pub(crate) use section;
