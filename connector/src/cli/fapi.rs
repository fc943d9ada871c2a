//! The settings of FAPI, which serve the API before it, too. Each flag is named as its variable, and those that `myinfo-mock export` writes are among them.

use super::{demo, read, shown, tell};
use anyhow::Context;
use clap::{Args, ValueEnum};
use myinfo_connector::fapi::{Config, ConfigBuilder, Environment, Level};
use myinfo_connector::oidc;
use std::path::PathBuf;

/// Where Singpass is and who we are.
#[derive(Debug, Args)]
pub(super) struct FapiSettings {
    /// The issuer, of which discovery is found [default: <http://127.0.0.1:5156/fapi>]
    #[arg(long, global = true, env = "MYINFO_FAPI_ISSUER", value_name = "URL")]
    fapi_issuer: Option<String>,
    /// The client id
    #[arg(long, global = true, env = "MYINFO_FAPI_CLIENT_ID", value_name = "ID")]
    fapi_client_id: Option<String>,
    /// The callback, exactly as registered
    #[arg(long, global = true, env = "MYINFO_FAPI_REDIRECT_URL", value_name = "URL")]
    fapi_redirect_url: Option<String>,
    /// The scopes to ask for, separated by blanks
    #[arg(long, global = true, env = "MYINFO_FAPI_SCOPE", value_name = "LIST")]
    fapi_scope: Option<String>,
    /// Our keys: a private JWK Set, as `keys new` makes it
    #[arg(long, global = true, env = "MYINFO_FAPI_KEYS", value_name = "FILE")]
    fapi_keys: Option<PathBuf>,
    /// A signing key by itself: PEM, PKCS#12 or JWK
    #[arg(long, global = true, env = "MYINFO_FAPI_SIGNING_KEY", value_name = "FILE")]
    fapi_signing_key: Option<PathBuf>,
    /// An encryption key by itself; several while keys change
    #[arg(long, global = true, env = "MYINFO_FAPI_ENCRYPTION_KEY", value_name = "FILE", value_delimiter = ',')]
    fapi_encryption_key: Vec<PathBuf>,
    /// The passphrase of keys that have one
    #[arg(long, global = true, env = "MYINFO_FAPI_KEY_PASSPHRASE", value_name = "TEXT", hide_env_values = true)]
    fapi_key_passphrase: Option<String>,
    /// The kind of application [default: login where the scope has user.identity]
    #[arg(long, global = true, env = "MYINFO_FAPI_APP", value_name = "KIND")]
    fapi_app: Option<AppName>,
    /// Login apps: what the login is for
    #[arg(
        long,
        global = true,
        env = "MYINFO_FAPI_CONTEXT_TYPE",
        value_name = "NAME",
        default_value = "APP_AUTHENTICATION_DEFAULT"
    )]
    fapi_context_type: String,
    /// Login apps: what the person reads about it
    #[arg(long, global = true, env = "MYINFO_FAPI_CONTEXT_MESSAGE", value_name = "TEXT")]
    fapi_context_message: Option<String>,
    /// The level of authentication to ask for; several, the preferred one first
    #[arg(long, global = true, env = "MYINFO_FAPI_LEVEL", value_name = "LEVEL", value_delimiter = ',')]
    fapi_level: Vec<LevelName>,
    /// Before FAPI: what the application is told, as it was registered
    #[arg(
        long,
        global = true,
        env = "MYINFO_OIDC_CLIENT_PROFILE",
        value_name = "NAME",
        default_value = "direct_pii_allowed"
    )]
    oidc_client_profile: ClientProfileName,
}

/// The profiles of clients, as Singpass calls them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum ClientProfileName {
    Direct,
    DirectPiiAllowed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AppName {
    Myinfo,
    Login,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LevelName {
    #[value(name = "2")]
    Two,
    #[value(name = "3")]
    Three,
}

impl FapiSettings {
    /// Where it is, for people.
    pub(super) fn place(&self) -> &str {
        self.fapi_issuer.as_deref().unwrap_or(demo::ISSUER)
    }

    pub(super) fn redirect_url(&self) -> Option<&str> {
        self.fapi_redirect_url.as_deref()
    }

    /// The issuer of the API before FAPI: the host of FAPI's.
    pub(super) fn host(&self) -> &str {
        let place = self.place().trim_end_matches('/');
        place.strip_suffix("/fapi").unwrap_or(place)
    }

    pub(super) fn config(&self) -> anyhow::Result<Config> {
        let config = self.builder(self.place())?.build()?;
        tell(config.notes());
        Ok(config)
    }

    /// The same application in the API before FAPI.
    pub(super) fn config_before(&self) -> anyhow::Result<oidc::Config> {
        let profile = match self.oidc_client_profile {
            ClientProfileName::Direct => oidc::ClientProfile::Direct,
            ClientProfileName::DirectPiiAllowed => oidc::ClientProfile::DirectPii,
        };
        let mut builder = self.builder(self.host())?;
        if self.app() == AppName::Login {
            // what a Login app asks for by scope in FAPI did not exist
            builder = builder.scopes("openid");
        }
        let config = oidc::Config::new(builder, profile)?;
        tell(config.notes());
        Ok(config)
    }

    fn builder(&self, issuer: &str) -> anyhow::Result<ConfigBuilder> {
        let app = self.app();
        let (client_id, scope) = match app {
            // Singpass itself does not know the demo's clients
            _ if self.is_singpass() => ("", ""),
            AppName::Myinfo => (demo::MYINFO_APP, demo::MYINFO_SCOPE),
            AppName::Login => (demo::LOGIN_APP, demo::LOGIN_SCOPE),
        };
        let mut builder = Config::builder(Environment::Custom { issuer: issuer.to_owned() })
            .client_id(self.fapi_client_id.as_deref().unwrap_or(client_id))
            .redirect_uri(self.redirect_url().unwrap_or(demo::REDIRECT_URL))
            .scopes(self.fapi_scope.as_deref().unwrap_or(scope));
        if app == AppName::Login {
            builder = builder.login(&self.fapi_context_type, self.fapi_context_message.clone());
        }
        for level in &self.fapi_level {
            builder = builder.level(match level {
                LevelName::Two => Level::Two,
                LevelName::Three => Level::Three,
            });
        }
        self.with_keys(builder)
    }

    fn is_singpass(&self) -> bool {
        self.host().ends_with("id.singpass.gov.sg")
    }

    fn app(&self) -> AppName {
        let of_login = |scope: &String| scope.split_whitespace().any(|name| name == "user.identity");
        let default = if self.fapi_scope.as_ref().is_some_and(of_login) { AppName::Login } else { AppName::Myinfo };
        self.fapi_app.unwrap_or(default)
    }

    /// The keys that are named. The demo's are for a client that was not named, either: nobody else's has them.
    fn with_keys(&self, mut builder: ConfigBuilder) -> anyhow::Result<ConfigBuilder> {
        let passphrase = self.fapi_key_passphrase.as_deref();
        if let Some(path) = &self.fapi_keys {
            builder = builder.keys(&read(path)?).with_context(|| shown(path))?;
        }
        if let Some(path) = &self.fapi_signing_key {
            builder = builder.signing_key(&read(path)?, passphrase).with_context(|| shown(path))?;
        }
        for path in &self.fapi_encryption_key {
            builder = builder.encryption_key(&read(path)?, passphrase).with_context(|| shown(path))?;
        }
        let named = self.fapi_keys.is_some() || self.fapi_signing_key.is_some() || !self.fapi_encryption_key.is_empty();
        let own =
            self.fapi_client_id.as_ref().is_none_or(|id| [demo::MYINFO_APP, demo::LOGIN_APP].contains(&id.as_str()));
        Ok(if !named && own && !self.is_singpass() { builder.keys(demo::FAPI_KEYS)? } else { builder })
    }
}
