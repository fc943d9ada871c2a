//! Gathering the settings of a FAPI connector, and checking them all.

use super::config::{App, Config, Environment, Level};
use crate::config as checks;
use crate::config::PlainHttp;
use crate::error::Error;
use crate::key::{OwnKeys, mended};
use crate::quote::quoted;
use crate::setting::Setting;

/// Gathers settings; [`ConfigBuilder::build`] checks them all.
#[derive(Debug, Clone)]
pub struct ConfigBuilder {
    environment: Environment,
    /// As far as it is known: the issuer comes when it is built.
    config: Config,
}

impl ConfigBuilder {
    pub(super) fn new(environment: Environment) -> Self {
        let config = Config {
            issuer: String::new(),
            plain_http: PlainHttp::default(),
            client_id: String::new(),
            redirect_uri: String::new(),
            scopes: Vec::new(),
            app: App::Myinfo,
            levels: Vec::new(),
            app_claimed: false,
            app_launch_url: None,
            keys: OwnKeys::default(),
            notes: Vec::new(),
        };
        Self { environment, config }
    }

    /// The client id that the portal gave.
    #[must_use]
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.config.client_id = id.into();
        self
    }

    /// The callback, exactly as registered.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.config.redirect_uri = uri.into();
        self
    }

    /// The scopes to ask for, separated by blanks, `openid` among them.
    #[must_use]
    pub fn scopes(mut self, scopes: &str) -> Self {
        self.config.scopes = scopes.split_whitespace().map(str::to_owned).collect();
        self
    }

    /// A Login app, and what its logins are for; without this it is a Myinfo app.
    #[must_use]
    pub fn login(mut self, context: impl Into<String>, message: Option<String>) -> Self {
        self.config.app = App::Login { context: context.into(), message };
        self
    }

    /// Asks for a level of authentication, which the application must be allowed to do; the preferred one first.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.config.levels.push(level);
        self
    }

    /// The redirect URI is claimed by an app on the phone (`app_claimed_https`).
    #[must_use]
    pub const fn app_claimed_redirect(mut self) -> Self {
        self.config.app_claimed = true;
        self
    }

    /// The address, registered, by which Singpass's app goes back to one on iOS.
    #[must_use]
    pub fn app_launch_url(mut self, url: impl Into<String>) -> Self {
        self.config.app_launch_url = Some(url.into());
        self
    }

    /// Our keys as a private JWK Set: the first with `use` `sig` signs, documents are decrypted with each with `use` `enc`.
    ///
    /// # Errors
    /// [`Error::Configuration`] when it cannot be read.
    pub fn keys(mut self, set: &[u8]) -> Result<Self, Error> {
        self.config.keys = OwnKeys::read(set)?;
        Ok(self)
    }

    /// A signing key by itself, as PEM, DER, PKCS#12 or JWK; its `kid` is the JWK's, or its thumbprint (RFC 7638).
    ///
    /// # Errors
    /// [`Error::Configuration`] when it cannot be read.
    pub fn signing_key(mut self, key: &[u8], passphrase: Option<&str>) -> Result<Self, Error> {
        self.config.keys.add_signing(key, passphrase)?;
        self.config.notes.extend(mended(key));
        Ok(self)
    }

    /// An encryption key by itself, likewise; once for each while one replaces another.
    ///
    /// # Errors
    /// [`Error::Configuration`] when it cannot be read.
    pub fn encryption_key(mut self, key: &[u8], passphrase: Option<&str>) -> Result<Self, Error> {
        self.config.keys.add_decryption(key, passphrase)?;
        self.config.notes.extend(mended(key));
        Ok(self)
    }

    /// Allows an issuer without TLS on a host that is not this machine: only for networks that are trusted otherwise.
    #[must_use]
    pub const fn allow_plain_http(mut self) -> Self {
        self.config.plain_http = PlainHttp::Anywhere;
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    /// [`Error::Configuration`] with the first setting that cannot work, before any network call.
    pub fn build(self) -> Result<Config, Error> {
        let config = self.registered("/fapi")?;
        check_encryption_key(&config)?;
        check_scopes(&config)?;
        check_context(&config.app)?;
        if config.levels.contains(&Level::One) {
            return wrong("the level loa:1 cannot be asked for: a password alone is what staging gives".to_owned());
        }
        Ok(config)
    }

    /// The same application as the API before FAPI knows it: its issuer is the host, and a Login app asks for `openid` alone.
    pub(crate) fn build_before_fapi(self, tokens_are_encrypted: bool) -> Result<Config, Error> {
        let config = self.registered("")?;
        if tokens_are_encrypted || config.is_myinfo() {
            check_encryption_key(&config)?;
        }
        check_scopes(&config)?;
        if !config.is_myinfo() && config.scopes != ["openid"] {
            return wrong("before FAPI a Login app asks for `openid` alone".to_owned());
        }
        if !config.levels.is_empty() {
            return wrong("before FAPI no level of authentication can be asked for".to_owned());
        }
        Ok(config)
    }

    /// What is registered of an application, complete; Singpass's own issuers are its hosts and a path.
    fn registered(self, path: &str) -> Result<Config, Error> {
        let Self { environment, mut config } = self;
        config.issuer = match &environment {
            Environment::Staging => format!("https://stg-id.singpass.gov.sg{path}"),
            Environment::Production => format!("https://id.singpass.gov.sg{path}"),
            Environment::Custom { issuer } => checks::base_url("the issuer", issuer, config.plain_http)?,
        };
        check_complete(&config)?;
        checks::redirect_uri(&config.redirect_uri)?;
        Ok(config)
    }
}

fn wrong<T>(message: String) -> Result<T, Error> {
    Err(Error::Configuration(message))
}

fn check_complete(config: &Config) -> Result<(), Error> {
    for (setting, is_missing) in [
        (Setting::ClientId, config.client_id.is_empty()),
        (Setting::RedirectUri, config.redirect_uri.is_empty()),
        (Setting::Scope, config.scopes.is_empty()),
        (Setting::SigningKey, config.keys.signing().is_none()),
    ] {
        if is_missing {
            return Err(Error::Missing(setting));
        }
    }
    Ok(())
}

fn check_encryption_key(config: &Config) -> Result<(), Error> {
    if config.keys.decryption().is_empty() { Err(Error::Missing(Setting::EncryptionKey)) } else { Ok(()) }
}

/// DOC, 1. Authorization request, and the data catalogue: what the two kinds of application may ask for.
fn check_scopes(config: &Config) -> Result<(), Error> {
    const OF_LOGIN: [&str; 6] = ["openid", "user.identity", "name", "email", "mobileno", "sub_account"];
    let scopes = &config.scopes;
    let odd = scopes.iter().find(|name| {
        !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-' || byte == b'_')
    });
    if let Some(name) = odd {
        return wrong(format!("{} is no scope: blanks separate them, as in `openid uinfin name`", quoted(name)));
    }
    if !scopes.iter().any(|name| name == "openid") {
        return wrong("`openid` is missing from the scope".to_owned());
    }
    if config.is_myinfo() {
        return if scopes.iter().any(|name| name == "user.identity") {
            wrong("`user.identity` is a scope of Login apps; a Myinfo app asks for `uinfin`".to_owned())
        } else {
            Ok(())
        };
    }
    match scopes.iter().find(|name| !OF_LOGIN.contains(&name.as_str())) {
        Some(name) => wrong(format!("{} is a scope of Myinfo apps, and this is a Login app", quoted(name))),
        None => Ok(()),
    }
}

/// DOC, 1. Authorization request: the alphabets of the two parameters that Login apps have.
fn check_context(app: &App) -> Result<(), Error> {
    let App::Login { context, message } = app else { return Ok(()) };
    if context.is_empty() || !context.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') {
        return wrong(
            "the authentication context of a Login app is a name such as APP_AUTHENTICATION_DEFAULT".to_owned(),
        );
    }
    let Some(message) = message else { return Ok(()) };
    if message.chars().count() > 100 {
        return wrong("the message of the authentication context has at most 100 characters".to_owned());
    }
    if !message.chars().all(|character| character.is_ascii_alphanumeric() || " .,-@'!()".contains(character)) {
        return wrong(
            "the message of the authentication context has letters, digits, blanks and . , - @ ' ! ( ) only".to_owned(),
        );
    }
    Ok(())
}
