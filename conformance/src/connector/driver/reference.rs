//! The reference connector in this process: the driver that needs nothing.

use super::{Class, Configured, Driver, DriverError, Drivers, Hello, Outcome, Started, VERSION};
use crate::connector::keys::FORMATS;
use crate::connector::setup::fapi::FapiSetup;
use crate::connector::setup::oidc::OidcSetup;
use crate::connector::setup::v3::V3Setup;
use crate::connector::setup::{Common, KeyMaterial, Setup, SetupOf};
use crate::profile::{ProfileId, capabilities};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::BoxFuture;
use myinfo_connector::error::{AuthorisationError, Endpoint, Error};
use myinfo_connector::transport::{Transport, TransportOptions};
use myinfo_connector::v3::{Config, Context, Environment, Flavour};
use myinfo_connector::{Connector, Kept, Person, Settings, fapi, oidc};
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

/// Makes drivers of the reference connector.
#[derive(Debug, Default)]
pub struct Reference;

impl Drivers for Reference {
    fn fresh(&self) -> BoxFuture<'_, Result<Box<dyn Driver>, DriverError>> {
        Box::pin(async { Ok(Box::new(ReferenceDriver::default()) as Box<dyn Driver>) })
    }
}

/// The reference connector, and the logins that are under way.
#[derive(Debug)]
pub struct ReferenceDriver {
    hello: Hello,
    connector: Option<Connector>,
    transport: KeptTransport,
    sessions: HashMap<String, Kept>,
    counter: u64,
}

impl Default for ReferenceDriver {
    fn default() -> Self {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let hello = Hello {
            version: VERSION,
            name: "myinfo-connector".to_owned(),
            connector_version: env!("CARGO_PKG_VERSION").to_owned(),
            language: "Rust".to_owned(),
            profiles: list(&ProfileId::ALL.map(ProfileId::name)),
            capabilities: list(&capabilities()),
            redirect_uri: None,
            jwks_uri: None,
            key_formats: list(&FORMATS),
        };
        let transport = KeptTransport::default();
        Self { hello, connector: None, transport, sessions: HashMap::new(), counter: 0 }
    }
}

impl Driver for ReferenceDriver {
    fn hello(&self) -> &Hello {
        &self.hello
    }

    fn configure<'a>(&'a mut self, setup: &'a Setup) -> BoxFuture<'a, Result<Configured, DriverError>> {
        Box::pin(async move {
            self.sessions.clear();
            self.connector = None;
            let made = self.transport.of(setup).and_then(|transport| connector(setup, transport));
            match made {
                Ok(connector) => {
                    self.connector = Some(connector);
                    Ok(Configured::Ok)
                }
                Err(error) => Ok(Configured::ConfigError { message: error.to_string().into() }),
            }
        })
    }

    fn start(&mut self) -> BoxFuture<'_, Result<Started, DriverError>> {
        Box::pin(async move {
            let Some(connector) = &self.connector else {
                return Ok(Started::failed("not configured"));
            };
            match connector.begin().await {
                Ok(login) => {
                    self.counter += 1;
                    let session = format!("s{}", self.counter);
                    self.sessions.insert(session.clone(), login.kept);
                    Ok(Started::Url { url: login.url, session })
                }
                Err(error) => Ok(not_begun(&error)),
            }
        })
    }

    fn callback<'a>(&'a mut self, session: &'a str, url: &'a str) -> BoxFuture<'a, Result<Outcome, DriverError>> {
        Box::pin(async move {
            let Some(connector) = &self.connector else {
                return Ok(rejected(&Error::Configuration("not configured".to_owned())));
            };
            // taken out: a login is finished once, whatever comes of it
            let Some(kept) = self.sessions.remove(session) else {
                let problem = myinfo_connector::error::StateProblem::Unknown;
                return Ok(rejected(&Error::State(problem)));
            };
            Ok(match connector.finish(url, kept).await {
                Ok(person) => accepted(&person),
                Err(error) => rejected(&error),
            })
        })
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<(), DriverError>> {
        self.sessions.clear();
        Box::pin(async { Ok(()) })
    }
}

/// The transport of a driver, from one configuration to the next. An HTTP client reads all of the system's authorities when it is made:
/// applications make one, and so does a driver.
#[derive(Debug, Default)]
pub struct KeptTransport(Option<Transport>);

impl KeptTransport {
    /// The transport for a setup: the one that there is, unless the setup has an authority or a time limit of its own.
    ///
    /// # Errors
    /// When none can be made.
    pub fn of(&mut self, setup: &Setup) -> Result<Transport, Error> {
        let authority_pem = setup.common.ca.as_ref().map(|pem| pem.clone().into_bytes());
        let time_limit = time_limit(setup);
        if authority_pem.is_some() || time_limit.is_some() {
            return Transport::new(&TransportOptions { authority_pem, time_limit });
        }
        match &self.0 {
            Some(kept) => Ok(kept.clone()),
            None => Ok(self.0.insert(Transport::new(&TransportOptions::default())?).clone()),
        }
    }
}

/// The connector that a setup describes, over a transport.
///
/// # Errors
/// When the setup cannot work.
pub fn connector(setup: &Setup, transport: Transport) -> Result<Connector, Error> {
    let settings = match &setup.of {
        SetupOf::V3(v3) => v3_settings(&setup.common, v3)?,
        SetupOf::Fapi(fapi) => fapi_config(&setup.common, fapi)?.into(),
        SetupOf::Oidc(oidc) => oidc_config(&setup.common, oidc)?.into(),
    };
    Ok(Connector::with_network(settings, transport))
}

/// The configuration of a relying party of FAPI that a setup describes.
///
/// # Errors
/// When the setup cannot work.
pub fn fapi_config(common: &Common, fapi: &FapiSetup) -> Result<fapi::Config, Error> {
    let mut config = registered(common, &fapi.scopes, &fapi.private_jwks)?;
    if let Some(context) = &fapi.context_type {
        config = config.login(context, fapi.context_message.clone());
    }
    config =
        fapi.acr_values.iter().filter_map(|name| fapi::Level::named(name)).fold(config, fapi::ConfigBuilder::level);
    config.build()
}

/// The configuration of a relying party of the API before FAPI that a setup describes.
///
/// # Errors
/// When the setup cannot work.
pub fn oidc_config(common: &Common, oidc: &OidcSetup) -> Result<oidc::Config, Error> {
    let mut app = registered(common, &oidc.scopes, &oidc.private_jwks)?;
    if oidc.app == "login" {
        app = app.login("APP_AUTHENTICATION_DEFAULT", None);
    }
    let direct = oidc.client_profile == "direct";
    let profile = if direct { oidc::ClientProfile::Direct } else { oidc::ClientProfile::DirectPii };
    oidc::Config::new(app, profile)
}

/// What both APIs are configured with.
fn registered(common: &Common, scopes: &str, private_jwks: &str) -> Result<fapi::ConfigBuilder, Error> {
    let environment = fapi::Environment::Custom { issuer: common.issuer.clone() };
    let config = fapi::Config::builder(environment).client_id(&common.client_id).redirect_uri(&common.redirect_uri);
    config.scopes(scopes).keys(private_jwks.as_bytes())
}

fn v3_settings(common: &Common, v3: &V3Setup) -> Result<Settings, Error> {
    let flavour = if v3.flavour == "sandbox" { Flavour::Sandbox } else { Flavour::Protected };
    let context = if v3.context == "gov" { Context::Gov } else { Context::Com };
    let mut config = Config::builder(Environment::Custom { base_url: common.base_url.clone(), flavour })
        .context(context)
        .client(&common.client_id, &v3.client_secret)
        .redirect_uri(&common.redirect_uri)
        .attributes(v3.attributes.iter().cloned())
        .purpose(&v3.purpose)
        .issuer(&common.issuer)
        .private_key(&bytes(&v3.private_key)?, v3.private_key.passphrase.as_deref())?;
    for certificate in &v3.myinfo_certificates {
        config = config.myinfo_key(certificate.as_bytes())?;
    }
    if let Some(id) = &v3.esvc_id {
        config = config.esvc_id(id);
    }
    if let Some(number) = &v3.txn_no {
        config = config.txn_no(number);
    }
    Ok(config.build()?.into())
}

/// How long the connector may wait for an answer, where the setup says so.
pub fn time_limit(setup: &Setup) -> Option<Duration> {
    setup.common.timeout_seconds.map(Duration::from_secs)
}

fn bytes(key: &KeyMaterial) -> Result<Vec<u8>, Error> {
    match (&key.text, &key.base64) {
        (Some(text), _) => Ok(text.clone().into_bytes()),
        (None, Some(base64)) => BASE64_STANDARD.decode(base64).map_err(|error| Error::Configuration(error.to_string())),
        (None, None) => Err(Error::Configuration("no key".to_owned())),
    }
}

/// A login that was not begun: with FAPI it begins with calls of the server.
fn not_begun(error: &Error) -> Started {
    Started::Error { message: error.to_string().into(), class: class(error), native: error.code().into() }
}

/// What an application gets: the person, and with FAPI who logged in.
pub fn accepted(person: &Person) -> Outcome {
    let claims = person.identity().map(|identity| Value::Object(identity.claims().clone()));
    match serde_json::from_str(person.json()) {
        Ok(person) => Outcome::Accepted { person, claims },
        Err(error) => Outcome::Crash { message: error.to_string().into() },
    }
}

/// The connector's error in the words of the protocol.
pub fn rejected(error: &Error) -> Outcome {
    Outcome::Rejected { class: class(error), native: error.code().into(), message: error.to_string().into() }
}

const fn class(error: &Error) -> Class {
    match error {
        Error::State(_) | Error::Kept(_) => Class::State,
        Error::Authorisation(AuthorisationError::AccessDenied) => Class::AccessDenied,
        Error::Authorisation(AuthorisationError::Maintenance) | Error::Upstream { .. } => Class::Upstream,
        Error::Authorisation(_) => Class::Authorisation,
        Error::Refused { endpoint: Endpoint::Pushed, .. } => Class::PushedRequest,
        Error::Refused { endpoint: Endpoint::Token, .. } => Class::TokenRequest,
        Error::Refused { endpoint: Endpoint::Person, .. } => Class::PersonRequest,
        Error::NoProfile => Class::NoProfile,
        Error::Transport { .. } => Class::Transport,
        Error::Malformed { .. } => Class::Malformed,
        Error::Algorithm { .. } => Class::Algorithm,
        Error::Signature { .. } => Class::Signature,
        Error::Decryption { .. } => Class::Decryption,
        Error::Expiry { .. } => Class::Expiry,
        Error::Audience { .. } => Class::Audience,
        Error::Issuer { .. } => Class::Issuer,
        Error::Subject(_) => Class::Subject,
        Error::Nonce(_) => Class::Nonce,
        Error::Level { .. } => Class::Level,
        Error::Missing(_) | Error::Configuration(_) => Class::Config,
        Error::Refused { .. } | _ => Class::Other,
    }
}
