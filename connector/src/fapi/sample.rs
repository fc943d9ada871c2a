//! A configuration for the tests of the steps.

#[cfg(test)]
pub(crate) use tests::complete;

#[cfg(test)]
mod tests {
    use super::super::{Config, ConfigBuilder, Environment};
    use myinfo_fixtures::keys::ec::CLIENT_JWKS_PRIVATE;

    /// A configuration with everything that it needs.
    pub(crate) fn complete() -> ConfigBuilder {
        Config::builder(Environment::Staging)
            .client_id("RsrOy2iB0edR53TJSuD5ULad1pGmrVZL")
            .redirect_uri("http://localhost:3001/callback")
            .scopes("openid uinfin name")
            .keys(CLIENT_JWKS_PRIVATE.as_bytes())
            .unwrap()
    }
}
