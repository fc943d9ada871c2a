//! The settings of a v3 connector, checked once when it is built.

use crate::config as checks;
use crate::config::PlainHttp;
use crate::error::Error;
use crate::key::{PrivateKey, PublicKey, mended};
use crate::setting::Setting;
use secrecy::{ExposeSecret, SecretString};

/// Where Myinfo is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Environment {
    /// `sandbox.api.myinfo.gov.sg`: nothing is signed but the access token, the person is plain JSON.
    Sandbox,
    /// `test.api.myinfo.gov.sg`.
    Test,
    /// `api.myinfo.gov.sg`.
    Production,
    /// Another host, such as a mock. The base URL ends before `/com/v3`.
    Custom {
        /// For example `http://127.0.0.1:5156`.
        base_url: String,
        /// Whether it behaves like the sandbox.
        flavour: Flavour,
    },
}

/// How requests and answers are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flavour {
    /// `PKI_SIGN` requests, the person as JWE of JWS: test and production.
    #[default]
    Protected,
    /// No request signatures, the person as plain JSON: the sandbox.
    Sandbox,
}

/// For whom the API is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Context {
    /// Private companies: `/com/v3`.
    #[default]
    Com,
    /// Government agencies: `/gov/v3`, which also needs a Singpass e-service id.
    Gov,
}

impl Context {
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Com => "com",
            Self::Gov => "gov",
        }
    }
}

/// A complete, checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) base_url: String,
    pub(crate) flavour: Flavour,
    pub(crate) context: Context,
    pub(crate) client_id: String,
    pub(crate) client_secret: SecretString,
    pub(crate) redirect_uri: String,
    pub(crate) attributes: Vec<String>,
    pub(crate) purpose: String,
    pub(crate) esvc_id: Option<String>,
    pub(crate) txn_no: Option<String>,
    pub(crate) private_key: Option<PrivateKey>,
    pub(crate) myinfo_keys: Vec<PublicKey>,
    pub(crate) issuers: Vec<String>,
    pub(crate) notes: Vec<&'static str>,
}

/// Gathers settings; [`ConfigBuilder::build`] checks them all.
#[derive(Debug, Clone)]
pub struct ConfigBuilder {
    environment: Environment,
    plain_http: PlainHttp,
    /// As far as it is known: what follows from the environment comes when it is built.
    config: Config,
}

impl Config {
    /// Starts a configuration for an environment.
    pub fn builder(environment: Environment) -> ConfigBuilder {
        ConfigBuilder {
            environment,
            plain_http: PlainHttp::default(),
            config: Self {
                base_url: String::new(),
                flavour: Flavour::Protected,
                context: Context::Com,
                client_id: String::new(),
                client_secret: SecretString::default(),
                redirect_uri: String::new(),
                attributes: Vec::new(),
                purpose: "to fill in a form with verified data".to_owned(),
                esvc_id: None,
                txn_no: None,
                private_key: None,
                myinfo_keys: Vec::new(),
                issuers: Vec::new(),
                notes: Vec::new(),
            },
        }
    }

    /// The address of an endpoint: `…/com/v3/token`.
    pub(crate) fn endpoint(&self, name: &str) -> String {
        format!("{}/{}/v3/{name}", self.base_url, self.context.path())
    }

    /// What could be read of the keys although it is not as it should be: indented lines, for example.
    pub fn notes(&self) -> &[&'static str] {
        &self.notes
    }

    /// The attributes that the connector asks for.
    pub fn attributes(&self) -> &[String] {
        &self.attributes
    }
}

impl ConfigBuilder {
    /// Companies or government; companies unless told otherwise.
    #[must_use]
    pub const fn context(mut self, context: Context) -> Self {
        self.config.context = context;
        self
    }

    /// The client id and secret given at onboarding.
    #[must_use]
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.config.client_id = id.into();
        self.config.client_secret = SecretString::from(secret.into());
        self
    }

    /// The callback, exactly as registered.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.config.redirect_uri = uri.into();
        self
    }

    /// The attributes to ask for.
    #[must_use]
    pub fn attributes<T: Into<String>>(mut self, attributes: impl IntoIterator<Item = T>) -> Self {
        self.config.attributes = attributes.into_iter().map(Into::into).collect();
        self
    }

    /// The text that the person reads on the consent page.
    #[must_use]
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.config.purpose = purpose.into();
        self
    }

    /// The Singpass e-service id; required for government.
    #[must_use]
    pub fn esvc_id(mut self, id: impl Into<String>) -> Self {
        self.config.esvc_id = Some(id.into());
        self
    }

    /// A transaction number of one's own, sent with the person request.
    #[must_use]
    pub fn txn_no(mut self, number: impl Into<String>) -> Self {
        self.config.txn_no = Some(number.into());
        self
    }

    /// Our private key, as PEM, DER, PKCS#12 or JWK.
    ///
    /// # Errors
    /// [`Error::Configuration`] when it cannot be read.
    pub fn private_key(mut self, key: &[u8], passphrase: Option<&str>) -> Result<Self, Error> {
        self.config.private_key = Some(PrivateKey::read(key, passphrase)?);
        self.config.notes.extend(mended(key));
        Ok(self)
    }

    /// One of Myinfo's certificates or public keys; call it once for each while Myinfo changes keys.
    ///
    /// # Errors
    /// [`Error::Configuration`] when it cannot be read.
    pub fn myinfo_key(mut self, key: &[u8]) -> Result<Self, Error> {
        self.config.myinfo_keys.push(PublicKey::read(key)?);
        self.config.notes.extend(mended(key));
        Ok(self)
    }

    /// An accepted `iss` of access tokens, instead of the environment's own; may be called more than once.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.config.issuers.push(issuer.into());
        self
    }

    /// Allows a base URL without TLS on a host that is not this machine: only for networks that are trusted otherwise.
    #[must_use]
    pub const fn allow_plain_http(mut self) -> Self {
        self.plain_http = PlainHttp::Anywhere;
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    /// [`Error::Configuration`] with the first setting that cannot work, before any network call.
    pub fn build(self) -> Result<Config, Error> {
        let Self { environment, plain_http, mut config } = self;
        (config.base_url, config.flavour) = match &environment {
            Environment::Sandbox => ("https://sandbox.api.myinfo.gov.sg".to_owned(), Flavour::Sandbox),
            Environment::Test => ("https://test.api.myinfo.gov.sg".to_owned(), Flavour::Protected),
            Environment::Production => ("https://api.myinfo.gov.sg".to_owned(), Flavour::Protected),
            Environment::Custom { base_url, flavour } => {
                (checks::base_url("the base URL", base_url, plain_http)?, *flavour)
            }
        };
        check_complete(&config)?;
        check_attributes(&config.attributes)?;
        // these stand between quotes in a header: nothing there can escape them
        if config.client_id.contains(['"', '\r', '\n']) {
            return Err(Error::Configuration("the client id holds a quote or a line break".to_owned()));
        }
        checks::redirect_uri(&config.redirect_uri)?;
        if config.issuers.is_empty() {
            config.issuers = default_issuers(&config.base_url, &environment, config.context);
        }
        Ok(config)
    }
}

/// What may be missing depends on the flavour and the context.
fn check_complete(config: &Config) -> Result<(), Error> {
    let protected = config.flavour == Flavour::Protected;
    for (setting, is_missing) in [
        (Setting::ClientId, config.client_id.is_empty()),
        (Setting::ClientSecret, config.client_secret.expose_secret().is_empty()),
        (Setting::RedirectUri, config.redirect_uri.is_empty()),
        (Setting::Attributes, config.attributes.is_empty()),
        (Setting::Purpose, config.purpose.is_empty()),
        (Setting::MyinfoKey, config.myinfo_keys.is_empty()),
        (Setting::PrivateKey, config.private_key.is_none() && protected),
        (Setting::EserviceId, config.esvc_id.is_none() && config.context == Context::Gov),
    ] {
        if is_missing {
            return Err(Error::Missing(setting));
        }
    }
    Ok(())
}

/// Attribute names are joined by commas, so a name with one in it would be two.
fn check_attributes(attributes: &[String]) -> Result<(), Error> {
    let odd = attributes.iter().find(|name| {
        name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
    });
    odd.map_or(Ok(()), |name| {
        Err(Error::Configuration(format!(
            "`{}` is no attribute name: one name each, letters, digits, `.` and `-`",
            name.escape_debug()
        )))
    })
}

/// `{origin}/serviceauth/myinfo-com`, as recorded; the sandbox's tokens are signed by the test environment's key.
fn default_issuers(base_url: &str, environment: &Environment, context: Context) -> Vec<String> {
    let of = |origin: &str| format!("{origin}/serviceauth/myinfo-{}", context.path());
    let mut issuers = vec![of(base_url)];
    if *environment == Environment::Sandbox {
        issuers.push(of("https://test.api.myinfo.gov.sg"));
    }
    issuers
}

#[cfg(test)]
mod tests {
    use super::*;
    use myinfo_fixtures::keys;

    fn complete(environment: Environment) -> ConfigBuilder {
        Config::builder(environment)
            .client(keys::CLIENT_ID, keys::CLIENT_SECRET)
            .redirect_uri(keys::CLIENT_REDIRECT_URI)
            .attributes(["name"])
            .private_key(keys::CLIENT_KEY_PEM.as_bytes(), None)
            .unwrap()
            .myinfo_key(keys::MYINFO_CERT_PEM.as_bytes())
            .unwrap()
    }

    fn message(builder: ConfigBuilder) -> String {
        builder.build().unwrap_err().to_string()
    }

    #[test]
    fn what_is_missing_is_named_before_any_call() {
        assert!(complete(Environment::Test).build().is_ok());
        assert_eq!(message(complete(Environment::Test).client("", "x")), "the client id is missing");
        assert_eq!(message(complete(Environment::Test).attributes::<&str>([])), "the list of attributes is missing");
        assert!(message(complete(Environment::Test).context(Context::Gov)).contains("e-service"));
        assert!(message(complete(Environment::Test).attributes(["name,sex"])).contains("one name each"));
    }

    #[test]
    fn the_base_url_of_a_custom_environment_is_checked() {
        let custom = Environment::Custom { base_url: "http://mock.example".into(), flavour: Flavour::Protected };
        assert!(message(complete(custom.clone())).contains("no TLS"));
        assert!(complete(custom).allow_plain_http().build().is_ok());
    }

    #[test]
    fn the_issuers_follow_from_the_environment_unless_they_are_given() {
        let issuers = |builder: ConfigBuilder| builder.build().unwrap().issuers;
        let test = "https://test.api.myinfo.gov.sg/serviceauth/myinfo-com";
        assert_eq!(issuers(complete(Environment::Test)), [test]);
        let sandbox = "https://sandbox.api.myinfo.gov.sg/serviceauth/myinfo-com";
        assert_eq!(issuers(complete(Environment::Sandbox)), [sandbox, test]);
        assert_eq!(issuers(complete(Environment::Test).issuer("a").issuer("b")), ["a", "b"]);
        let gov = complete(Environment::Production).context(Context::Gov).esvc_id("X");
        assert_eq!(issuers(gov), ["https://api.myinfo.gov.sg/serviceauth/myinfo-gov"]);
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let config = complete(Environment::Test).build().unwrap();
        let text = format!("{config:?}");
        assert!(!text.contains(keys::CLIENT_SECRET) && !text.contains("PRIVATE"), "{text}");
    }
}
