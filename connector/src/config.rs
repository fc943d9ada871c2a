//! The settings of a connector, checked once when it is built.

use crate::error::Error;
use crate::key::{PrivateKey, PublicKey};
use secrecy::SecretString;
use std::net::IpAddr;
use url::{Host, Url};

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
}

/// Gathers settings; [`ConfigBuilder::build`] checks them all.
#[derive(Debug, Clone)]
pub struct ConfigBuilder {
    environment: Environment,
    context: Context,
    client_id: String,
    client_secret: String,
    redirect_uri: String,
    attributes: Vec<String>,
    purpose: String,
    esvc_id: Option<String>,
    txn_no: Option<String>,
    private_key: Option<PrivateKey>,
    myinfo_keys: Vec<PublicKey>,
    issuers: Vec<String>,
    allow_plain_http: bool,
}

impl Config {
    /// Starts a configuration for an environment.
    pub fn builder(environment: Environment) -> ConfigBuilder {
        ConfigBuilder {
            environment,
            context: Context::Com,
            client_id: String::new(),
            client_secret: String::new(),
            redirect_uri: String::new(),
            attributes: Vec::new(),
            purpose: "to fill in a form with verified data".to_owned(),
            esvc_id: None,
            txn_no: None,
            private_key: None,
            myinfo_keys: Vec::new(),
            issuers: Vec::new(),
            allow_plain_http: false,
        }
    }

    /// The address of an endpoint: `…/com/v3/token`.
    pub(crate) fn endpoint(&self, name: &str) -> String {
        format!("{}/{}/v3/{name}", self.base_url, self.context.path())
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
        self.context = context;
        self
    }

    /// The client id and secret given at onboarding.
    #[must_use]
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.client_id = id.into();
        self.client_secret = secret.into();
        self
    }

    /// The callback, exactly as registered.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uri = uri.into();
        self
    }

    /// The attributes to ask for.
    #[must_use]
    pub fn attributes<T: Into<String>>(mut self, attributes: impl IntoIterator<Item = T>) -> Self {
        self.attributes = attributes.into_iter().map(Into::into).collect();
        self
    }

    /// The text that the person reads on the consent page.
    #[must_use]
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.purpose = purpose.into();
        self
    }

    /// The Singpass e-service id; required for government.
    #[must_use]
    pub fn esvc_id(mut self, id: impl Into<String>) -> Self {
        self.esvc_id = Some(id.into());
        self
    }

    /// A transaction number of one's own, sent with the person request.
    #[must_use]
    pub fn txn_no(mut self, number: impl Into<String>) -> Self {
        self.txn_no = Some(number.into());
        self
    }

    /// Our private key, as PEM, DER, PKCS#12 or JWK.
    ///
    /// # Errors
    /// [`Error::Configuration`] when it cannot be read.
    pub fn private_key(mut self, key: &[u8], passphrase: Option<&str>) -> Result<Self, Error> {
        self.private_key = Some(PrivateKey::read(key, passphrase)?);
        Ok(self)
    }

    /// One of Myinfo's certificates or public keys; call it once for each while Myinfo changes keys.
    ///
    /// # Errors
    /// [`Error::Configuration`] when it cannot be read.
    pub fn myinfo_key(mut self, key: &[u8]) -> Result<Self, Error> {
        self.myinfo_keys.push(PublicKey::read(key)?);
        Ok(self)
    }

    /// An accepted `iss` of access tokens, instead of the environment's own; may be called more than once.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// Allows a base URL without TLS on a host that is not this machine: only for networks that are trusted otherwise.
    #[must_use]
    pub const fn allow_plain_http(mut self) -> Self {
        self.allow_plain_http = true;
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    /// [`Error::Configuration`] with the first setting that cannot work, before any network call.
    pub fn build(self) -> Result<Config, Error> {
        let (base_url, flavour) = match &self.environment {
            Environment::Sandbox => ("https://sandbox.api.myinfo.gov.sg".to_owned(), Flavour::Sandbox),
            Environment::Test => ("https://test.api.myinfo.gov.sg".to_owned(), Flavour::Protected),
            Environment::Production => ("https://api.myinfo.gov.sg".to_owned(), Flavour::Protected),
            Environment::Custom { base_url, flavour } => (check_base_url(base_url, self.allow_plain_http)?, *flavour),
        };
        for (name, empty) in [
            ("the client id", self.client_id.is_empty()),
            ("the client secret", self.client_secret.is_empty()),
            ("the redirect URI", self.redirect_uri.is_empty()),
            ("the list of attributes", self.attributes.is_empty()),
            ("the purpose", self.purpose.is_empty()),
            ("Myinfo's certificate or public key", self.myinfo_keys.is_empty()),
            ("the private key", self.private_key.is_none() && flavour == Flavour::Protected),
            ("the e-service id, which government needs,", self.esvc_id.is_none() && self.context == Context::Gov),
        ] {
            if empty {
                return Err(Error::Configuration(format!("{name} is missing")));
            }
        }
        check_attributes(&self.attributes)?;
        // these stand between quotes in a header: nothing there can escape them
        if self.client_id.contains(['"', '\r', '\n']) {
            return Err(Error::Configuration("the client id holds a quote or a line break".to_owned()));
        }
        Url::parse(&self.redirect_uri)
            .map_err(|_| Error::Configuration("the redirect URI is no absolute address".to_owned()))?;
        let issuers = if self.issuers.is_empty() {
            default_issuers(&base_url, &self.environment, self.context)
        } else {
            self.issuers
        };
        Ok(Config {
            base_url,
            flavour,
            context: self.context,
            client_id: self.client_id,
            client_secret: SecretString::from(self.client_secret),
            redirect_uri: self.redirect_uri,
            attributes: self.attributes,
            purpose: self.purpose,
            esvc_id: self.esvc_id,
            txn_no: self.txn_no,
            private_key: self.private_key,
            myinfo_keys: self.myinfo_keys,
            issuers,
        })
    }
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

fn check_base_url(base_url: &str, allow_plain_http: bool) -> Result<String, Error> {
    let wrong = |message: &str| Error::Configuration(format!("the base URL `{}` {message}", base_url.escape_debug()));
    let url = Url::parse(base_url).map_err(|_| wrong("is no address"))?;
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(wrong("has a query, a fragment or a user name"));
    }
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => {}
        "http" if local || allow_plain_http => {}
        "http" => {
            return Err(wrong("has no TLS and is not this machine: secrets would travel in clear"));
        }
        _ => return Err(wrong("is neither http nor https")),
    }
    // kept as written: the service signs and checks exactly this text
    Ok(base_url.trim_end_matches('/').to_owned())
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
    fn plain_http_is_for_this_machine_unless_allowed() {
        let custom = |url: &str| Environment::Custom { base_url: url.to_owned(), flavour: Flavour::Protected };
        for url in ["http://localhost:5156", "http://127.0.0.1:5156/", "http://[::1]:5156", "https://mock.example"] {
            assert!(complete(custom(url)).build().is_ok(), "{url}");
        }
        assert!(message(complete(custom("http://mock.example"))).contains("no TLS"));
        assert!(complete(custom("http://mock.example")).allow_plain_http().build().is_ok());
        assert!(message(complete(custom("ftp://localhost"))).contains("neither"));
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let config = complete(Environment::Test).build().unwrap();
        let text = format!("{config:?}");
        assert!(!text.contains(keys::CLIENT_SECRET) && !text.contains("PRIVATE"), "{text}");
    }
}
