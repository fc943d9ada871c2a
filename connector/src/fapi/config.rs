//! The settings of a FAPI connector.

use super::builder::ConfigBuilder;
use crate::ambient::Stamp;
use crate::config::PlainHttp;
use crate::error::Error;
use crate::jose::jwe::Recipient;
use crate::key::OwnKeys;
use crate::rule::assertion;
use crate::setting::Setting;
use serde_json::Value;

/// Where Singpass is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Environment {
    /// `https://stg-id.singpass.gov.sg/fapi`.
    Staging,
    /// `https://id.singpass.gov.sg/fapi`.
    Production,
    /// Another issuer, such as a mock's: discovery is below it.
    Custom {
        /// For example `http://127.0.0.1:5156/fapi`.
        issuer: String,
    },
}

/// What kind of application it is, as it was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum App {
    /// Myinfo (v5): the person's data come from userinfo.
    Myinfo,
    /// Login: who it is stands in the ID token, and userinfo is not called.
    Login {
        /// What the login is for, `authentication_context_type`: for example `APP_AUTHENTICATION_DEFAULT`.
        context: String,
        /// What the person reads about it: at most 100 characters.
        message: Option<String>,
    },
}

/// How surely Singpass knows that it is the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A password alone: on staging only, and not to be asked for.
    One,
    /// Two factors.
    Two,
    /// The face, too.
    Three,
}

impl Level {
    pub(crate) const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::One => "urn:singpass:authentication:loa:1",
            Self::Two => "urn:singpass:authentication:loa:2",
            Self::Three => "urn:singpass:authentication:loa:3",
        }
    }

    /// The level with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// A complete, checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    pub(super) issuer: String,
    pub(super) plain_http: PlainHttp,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(super) app: App,
    /// Those that are asked for, the preferred one first.
    pub(super) levels: Vec<Level>,
    pub(crate) app_claimed: bool,
    pub(crate) app_launch_url: Option<String>,
    pub(super) keys: OwnKeys,
    pub(super) notes: Vec<&'static str>,
}

impl Config {
    /// Starts a configuration for an environment.
    pub fn builder(environment: Environment) -> ConfigBuilder {
        ConfigBuilder::new(environment)
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Our public JWK Set, as it is registered with Singpass.
    ///
    /// # Errors
    /// [`Error::Configuration`] when a key cannot be written.
    pub fn public_keys(&self) -> Result<Value, Error> {
        self.keys.public_set()
    }

    /// What could be read of the keys although it is not as it should be: indented lines, for example.
    pub fn notes(&self) -> &[&'static str] {
        &self.notes
    }

    /// Whether the person's data come from userinfo.
    pub const fn is_myinfo(&self) -> bool {
        matches!(self.app, App::Myinfo)
    }

    /// The client assertion of an attempt.
    pub(crate) fn assertion(&self, stamp: &Stamp) -> Result<String, Error> {
        let key = self.keys.signing().ok_or(Error::Missing(Setting::SigningKey))?;
        assertion::made(&self.client_id, &self.issuer, key, stamp)
    }

    /// Those for whom documents are encrypted.
    pub(super) fn recipients(&self) -> Vec<Recipient<'_>> {
        let keys = self.keys.decryption().iter();
        keys.map(|own| Recipient { key: &own.key, kid: Some(&own.kid), alg: own.alg }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::complete;
    use super::*;
    use myinfo_fixtures::keys::ec::CLIENT_JWKS_PRIVATE;
    use serde_json::json;

    fn message(builder: ConfigBuilder) -> String {
        let error = builder.build().unwrap_err();
        assert_eq!(error.code(), "configuration");
        error.to_string()
    }

    #[test]
    fn what_is_missing_or_odd_is_named_before_any_call() {
        assert!(complete().build().is_ok());
        let login = |context: &str, message: Option<&str>| {
            complete().scopes("openid name").login(context, message.map(str::to_owned))
        };
        assert!(login("APP_AUTHENTICATION_DEFAULT", Some("Open the door, J.O. O'Neil-@home! (now)")).build().is_ok());
        for (builder, says) in [
            (complete().client_id(""), "the client id is missing"),
            (complete().redirect_uri("callback"), "no absolute address"),
            (complete().scopes("uinfin name"), "`openid` is missing from the scope"),
            (complete().scopes("openid,uinfin"), "blanks separate"),
            (complete().scopes("openid user.identity"), "of Login apps"),
            (login("APP_AUTHENTICATION_DEFAULT", None).scopes("openid uinfin"), "of Myinfo apps"),
            (login("", None), "authentication context"),
            (login("app default", None), "authentication context"),
            (login("A", Some(&"a".repeat(101))), "at most 100"),
            (login("A", Some("<b>")), "letters, digits"),
            (complete().level(Level::One), "cannot be asked for"),
            (
                Config::builder(Environment::Staging).client_id("c").redirect_uri("http://localhost/").scopes("openid"),
                "signing key",
            ),
        ] {
            let message = message(builder);
            assert!(message.contains(says), "{message}");
        }
        let only = |usage: &str| {
            let mut set: Value = serde_json::from_str(CLIENT_JWKS_PRIVATE).unwrap();
            set["keys"].as_array_mut().unwrap().retain(|key| key["use"] == usage);
            set.to_string()
        };
        for (usage, says) in [("sig", "encryption key is missing"), ("enc", "signing key is missing")] {
            let builder = Config::builder(Environment::Staging)
                .client_id("c")
                .redirect_uri("http://localhost:1/")
                .scopes("openid")
                .keys(only(usage).as_bytes())
                .unwrap();
            assert!(message(builder).contains(says));
        }
    }

    #[test]
    fn an_issuer_has_tls_unless_it_is_here() {
        let of = |issuer: &str| Config::builder(Environment::Custom { issuer: issuer.to_owned() });
        let complete = |issuer: &str| {
            of(issuer)
                .client_id("c")
                .redirect_uri("http://localhost:3001/callback")
                .scopes("openid")
                .keys(CLIENT_JWKS_PRIVATE.as_bytes())
                .unwrap()
        };
        assert_eq!(complete("http://127.0.0.1:5156/fapi/").build().unwrap().issuer(), "http://127.0.0.1:5156/fapi");
        assert!(
            message(complete("http://mock.example/fapi")).contains("the issuer `http://mock.example/fapi` has no TLS")
        );
        assert!(complete("http://mock.example/fapi").allow_plain_http().build().is_ok());
        assert!(message(complete("fapi")).contains("no address"));
    }

    #[test]
    fn debug_output_holds_no_private_key() {
        let text = format!("{:?}", complete().build().unwrap());
        let set: Value = serde_json::from_str(CLIENT_JWKS_PRIVATE).unwrap();
        for key in set["keys"].as_array().unwrap() {
            assert!(!text.contains(key["d"].as_str().unwrap()), "{text}");
        }
        assert_eq!(complete().build().unwrap().public_keys().unwrap()["keys"][0]["d"], json!(null));
    }
}
