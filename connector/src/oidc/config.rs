//! The settings of a connector of the API before FAPI: those of FAPI, and the form of the ID token.

use crate::error::Error;
use crate::fapi::{self, ConfigBuilder};
use serde_json::Value;

/// What an application is told of who logged in, as it was registered. LEG, ID token by profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientProfile {
    /// The UUID alone, in a token that is signed.
    Direct,
    /// The NRIC, too, in a token that is signed and encrypted.
    DirectPii,
}

/// A complete, checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// What is registered for both APIs.
    pub(super) app: fapi::Config,
    pub(super) profile: ClientProfile,
}

impl Config {
    /// The settings of an application, as they are gathered for FAPI, for the API before it. Of `Environment::Custom` the issuer is
    /// the host, without `/fapi`; context and message of a Login app are not sent.
    ///
    /// # Errors
    /// [`Error::Configuration`] with the first setting that cannot work, before any network call.
    pub fn new(app: ConfigBuilder, profile: ClientProfile) -> Result<Self, Error> {
        let app = app.build_before_fapi(profile == ClientProfile::DirectPii)?;
        Ok(Self { app, profile })
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        self.app.issuer()
    }

    /// The callback, as it is registered.
    pub(crate) fn redirect_uri(&self) -> &str {
        &self.app.redirect_uri
    }

    /// Our public JWK Set, as it is registered with Singpass.
    ///
    /// # Errors
    /// [`Error::Configuration`] when a key cannot be written.
    pub fn public_keys(&self) -> Result<Value, Error> {
        self.app.public_keys()
    }

    /// What could be read of the keys although it is not as it should be.
    pub fn notes(&self) -> &[&'static str] {
        self.app.notes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fapi::sample::complete;
    use crate::fapi::{Environment, Level};

    #[test]
    fn the_issuer_is_the_host_and_what_only_fapi_has_is_refused() {
        let made = |builder| Config::new(builder, ClientProfile::DirectPii);
        assert_eq!(made(complete()).unwrap().issuer(), "https://stg-id.singpass.gov.sg");
        let login = |scopes: &str| complete().login("APP_AUTHENTICATION_DEFAULT", None).scopes(scopes);
        assert!(made(login("openid")).is_ok());
        for (builder, says) in [
            (login("openid user.identity"), "`openid` alone"),
            (complete().level(Level::Two), "no level"),
            (complete().scopes("uinfin"), "`openid` is missing"),
            (complete().client_id(""), "the client id is missing"),
        ] {
            let message = made(builder).unwrap_err().to_string();
            assert!(message.contains(says), "{message}");
        }
    }

    #[test]
    fn an_encryption_key_is_needed_where_something_comes_encrypted() {
        let signing = myinfo_fixtures::keys::ec::private("client-sig-p256").unwrap().to_string();
        let of = |scopes: &str| {
            let builder =
                fapi::Config::builder(Environment::Staging).client_id("c").redirect_uri("http://localhost:1/");
            builder.scopes(scopes).signing_key(signing.as_bytes(), None).unwrap()
        };
        let login = || of("openid").login("APP_AUTHENTICATION_DEFAULT", None);
        assert!(Config::new(login(), ClientProfile::Direct).is_ok());
        assert!(Config::new(login(), ClientProfile::DirectPii).is_err());
        assert!(Config::new(of("openid uinfin"), ClientProfile::Direct).is_err(), "userinfo is encrypted");
    }
}
