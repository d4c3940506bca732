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
