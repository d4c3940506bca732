//! From the layers to one set of values.

use std::path::Path;

use anyhow::Context as _;

use super::section::{Source, Values};
use super::{Config, sections};

/// A configuration file larger than this is a mistake.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// What may say something about settings, weakest first.
pub struct Layers<'a> {
    /// Text of the file, with its path for messages.
    pub file: Option<(&'a Path, String)>,
    /// The environment.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// `section.key` and text from the command line.
    pub flags: Vec<(String, String)>,
}

/// Reads the file when it is there. A file named on the command line must be there.
///
/// # Errors
/// The path and why it cannot be read.
pub fn read_file(path: &Path, is_required: bool) -> anyhow::Result<Option<String>> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_required => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        Ok(metadata) => anyhow::ensure!(
            metadata.len() <= FILE_BYTES_MAX,
            "{} has {} bytes, a configuration has at most {FILE_BYTES_MAX}",
            path.display(),
            metadata.len()
        ),
    }
    std::fs::read_to_string(path)
        .map(Some)
        .with_context(|| format!("cannot read {}", path.display()))
}

/// Merges the layers and reads every section.
///
/// # Errors
/// Unknown keys with a suggestion; a value that cannot be read, with its source.
pub fn load(layers: Layers<'_>) -> anyhow::Result<Config> {
    let mut values = Values::new();
    if let Some((path, text)) = &layers.file {
        file_values(text, &mut values).with_context(|| format!("in {}", path.display()))?;
    }
    for (section, _, fields) in sections() {
        for field in fields {
            // An empty variable means unset, as everywhere in shells and containers.
            if let Some(text) = (layers.environment)(field.env).filter(|text| !text.is_empty()) {
                values.insert(format!("{section}.{}", field.key), (text, Source::Environment));
            }
        }
    }
    for (name, text) in layers.flags {
        known(&name)?;
        values.insert(name, (text, Source::Flag));
    }
    Config::read(values)
}

fn file_values(text: &str, values: &mut Values) -> anyhow::Result<()> {
    let file: toml::Table = text.parse()?;
    for (section, table) in file {
        let toml::Value::Table(table) = table else {
            anyhow::bail!(
                "{section} stands outside a [section]{}",
                suggestion(&format!("{section}."))
            );
        };
        for (key, value) in table {
            let name = format!("{section}.{key}");
            known(&name)?;
            values.insert(name.clone(), (scalar(&name, &value)?, Source::File));
        }
    }
    Ok(())
}

fn scalar(name: &str, value: &toml::Value) -> anyhow::Result<String> {
    Ok(match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(flag) => flag.to_string(),
        toml::Value::Array(items) => items
            .iter()
            .map(|item| scalar(name, item))
            .collect::<anyhow::Result<Vec<_>>>()?
            .join(","),
        _ => anyhow::bail!("{name} must be a string, a whole number, true or false, or a list of those"),
    })
}

fn names() -> impl Iterator<Item = String> {
    sections()
        .into_iter()
        .flat_map(|(section, _, fields)| fields.iter().map(move |field| format!("{section}.{}", field.key)))
}

fn known(name: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        names().any(|known| known == name),
        "unknown setting {name}{}",
        suggestion(name)
    );
    Ok(())
}

/// `, did you mean …?` when some setting is close.
fn suggestion(name: &str) -> String {
    /// Below this similarity a suggestion confuses more than it helps.
    const SIMILARITY_MIN: f64 = 0.8;
    names()
        .map(|known| (strsim::jaro_winkler(name, &known), known))
        .filter(|(similarity, _)| *similarity >= SIMILARITY_MIN)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map_or_else(String::new, |(_, known)| format!(", did you mean {known}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> anyhow::Result<Config> {
        let lookup = |name: &str| {
            environment
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, text)| (*text).to_owned())
        };
        load(Layers {
            file: Some((Path::new("rostrum.toml"), file.to_owned())),
            environment: &lookup,
            flags: flags
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
        })
    }

    #[test]
    fn chat_is_reached_where_the_video_is() {
        let check = |environment: &[(&str, &str)], public_url: &str, expected: &str| {
            let config = loaded("", environment, &[]).unwrap();
            let url = crate::address::chat_url(&config, &public_url.parse().unwrap()).unwrap();
            assert_eq!(url.as_str(), expected, "{environment:?}");
        };
        let (aws, engine) = (("ROSTRUM_VIDEO", "aws"), ("AWS_ENDPOINT_URL_IVS", "http://engine:4566"));
        check(&[], "http://localhost:8000", "ws://localhost:8000/chat");
        check(&[], "https://live.example.com/", "wss://live.example.com/chat");
        check(
            &[aws],
            "https://live.example.com",
            "wss://edge.ivschat.us-east-1.amazonaws.com/",
        );
        check(
            &[aws, engine],
            "https://live.example.com",
            "wss://live.example.com/chat",
        );
        let named = ("ROSTRUM_CHAT_URL", "wss://chat.example.com/x");
        check(
            &[aws, engine, named],
            "http://localhost:8000",
            "wss://chat.example.com/x",
        );
        let wrong = loaded("", &[("ROSTRUM_CHAT_URL", "https://chat.example.com")], &[]);
        assert!(wrong.unwrap_err().to_string().contains("video.chat_url"));
    }

    #[test]
    fn later_layers_win() {
        let file = "[http]\naddr = \"127.0.0.1:1\"\n[video]\nregion = \"eu-west-1\"";
        let environment = [("ROSTRUM_HTTP_ADDR", "127.0.0.1:2"), ("AWS_REGION", "")];
        let config = loaded(file, &environment, &[("http.addr", "127.0.0.1:3")]).unwrap();
        assert_eq!(config.http.addr.port(), 3);
        assert_eq!(config.video.region, "eu-west-1", "an empty variable is unset");
        assert_eq!(config.engine.rtmp_addr.port(), 1935);
    }

    #[test]
    fn an_unknown_key_is_an_error_with_a_suggestion() {
        let error = loaded("[http]\nadr = \"127.0.0.1:1\"", &[], &[]).unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "in rostrum.toml: unknown setting http.adr, did you mean http.addr?"
        );
    }

    #[test]
    fn a_bad_value_names_the_setting_and_its_source() {
        let error = loaded("", &[("ROSTRUM_HTTP_ADDR", "nonsense")], &[])
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "http.addr = \"nonsense\" (from the environment): invalid socket address syntax"
        );
    }

    #[test]
    fn a_secret_is_never_printed() {
        let config = loaded("[server]\nsecret_key = \"canary\"", &[], &[]).unwrap();
        assert!(!format!("{:?}", config.server).contains("canary"));
    }

    #[test]
    fn half_a_pair_is_refused() {
        let error = loaded("[http]\ntls_cert = \"a.pem\"", &[], &[])
            .unwrap_err()
            .to_string();
        assert_eq!(error, "http.tls_cert and http.tls_key go together: set both or neither");
    }

    #[test]
    fn the_example_file_is_valid_as_it_stands_and_when_uncommented() {
        loaded(&crate::config::example(), &[], &[]).unwrap();
        let uncommented: String = crate::config::example()
            .lines()
            .map(|line| {
                line.strip_prefix('#')
                    .filter(|rest| rest.contains(" = ") && !rest.starts_with(' '))
                    .unwrap_or(line)
            })
            .fold(String::new(), |text, line| text + line + "\n");
        loaded(&uncommented, &[], &[]).unwrap();
    }
}
