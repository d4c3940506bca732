//! From the section to what the application takes.

use super::Oidc;

impl Oidc {
    /// As the application takes it; `None` without an issuer.
    ///
    /// # Errors
    /// A setting that does not fit.
    pub fn settings(&self) -> anyhow::Result<Option<platform::accounts::oidc::Config>> {
        let (Some(issuer), Some(client_id)) = (&self.issuer, &self.client_id) else {
            return Ok(None);
        };
        let scopes = self.scopes.split([',', ' ']).filter(|scope| !scope.is_empty());
        let settings = platform::accounts::oidc::Config {
            client_secret: self
                .client_secret
                .as_ref()
                .map(|secret| platform::Secret::new(secret.expose())),
            name: self.name.clone(),
            scopes: scopes.map(str::to_owned).collect(),
            role_claim: self.role_claim.clone(),
            admin_groups: self.admin_group.clone(),
            host_groups: self.host_group.clone(),
            audiences: self.audience.clone(),
            ..platform::accounts::oidc::Config::new(issuer, client_id)
        };
        settings
            .check()
            .map_err(|error| anyhow::anyhow!("oidc: {}", error.message))?;
        Ok(Some(settings))
    }
}

#[cfg(test)]
mod tests {
    use crate::config::section::{Section, Source, Values};

    use super::*;

    fn read(pairs: &[(&str, &str)]) -> anyhow::Result<Option<platform::accounts::oidc::Config>> {
        let values: Values = pairs
            .iter()
            .map(|(key, text)| (format!("oidc.{key}"), ((*text).to_owned(), Source::File)))
            .collect();
        Oidc::read(&values)?.settings()
    }

    #[test]
    fn an_issuer_is_read_with_lists_and_a_secret_that_is_never_printed() {
        let config = read(&[
            ("issuer", "https://id.example/"),
            ("client_id", "rostrum"),
            ("client_secret", "canary"),
            ("scopes", "openid, email groups"),
            ("admin_group", "boss"),
            ("host_group", "seller, teacher"),
        ]);
        let config = config.unwrap().unwrap();
        assert_eq!(config.issuer, "https://id.example/", "the last slash counts");
        assert_eq!(config.scopes, ["openid", "email", "groups"]);
        assert_eq!(config.host_groups, ["seller", "teacher"]);
        assert_eq!(
            (config.role_claim.as_str(), config.audiences.len()),
            ("cognito:groups", 0)
        );
        assert!(!format!("{config:?}").contains("canary"));
    }

    #[test]
    fn without_an_issuer_there_is_none_and_one_without_https_is_refused() {
        assert!(read(&[]).unwrap().is_none());
        let error = read(&[("issuer", "http://id.example"), ("client_id", "rostrum")]).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("oidc: the issuer must be an https:// URL"),
            "{error}"
        );
    }
}
