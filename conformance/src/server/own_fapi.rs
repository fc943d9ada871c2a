//! The applications that a realm of our own mock has for the cases of FAPI's servers.

use super::client::fapi::{Api, Endpoints, FapiClient};
use crate::clock::milliseconds;
use crate::profile::fapi::{AUTH, DISCOVERY, KEYS, LOGIN_ID, MYINFO_ID, PAR, TOKEN, USERINFO};
use crate::profile::{Endpoint, oidc};
use anyhow::{Context, Result};
use myinfo_fixtures::keys;
use myinfo_fixtures::keys::ec;
use myinfo_oracle::ec::EcPrivateKey;
use myinfo_oracle::jwk;
use reqwest::Client;
use serde_json::{Value, json};
use std::sync::atomic::AtomicU64;

/// One application.
#[derive(Debug)]
pub(super) struct App {
    pub(super) id: &'static str,
    kind: &'static str,
    scope: &'static str,
    context_type: Option<&'static str>,
    /// The names of its keys: to sign with, and to be encrypted for.
    keys: [&'static str; 2],
}

/// The one that is used throughout.
pub(super) const MYINFO: App = App {
    id: MYINFO_ID,
    kind: "myinfo",
    scope: "openid uinfin name",
    context_type: None,
    keys: ["client-sig-p256", "client-enc-p256"],
};
/// Another one of the same kind, with keys of its own.
pub(super) const OTHER: App =
    App { id: "TESTBEDxOTHERxAPPx00000000000003", keys: ["client-sig-p384", "client-enc-p384"], ..MYINFO };
/// A Login app, with keys of its own.
pub(super) const LOGIN: App = App {
    id: LOGIN_ID,
    kind: "login",
    scope: "openid user.identity name",
    context_type: Some("APP_AUTHENTICATION_DEFAULT"),
    keys: ["client-sig-p521", "client-enc-p521"],
};

/// The configuration of a realm with all three.
pub(super) fn realm() -> Value {
    let clients = [MYINFO, OTHER, LOGIN].map(|app| {
        let set = json!({"keys": app.keys.map(ec::public)});
        json!({
            "id": app.id,
            "redirect_uris": [keys::CLIENT_REDIRECT_URI],
            "fapi": {"app": app.kind, "jwks": set.to_string()},
        })
    });
    json!({"client": clients})
}

/// One of them, as a client of a realm at an address.
///
/// # Errors
/// When a key of the fixtures cannot be read.
pub(super) fn client(app: &App, http: &Client, base_url: &str, mark: String) -> Result<FapiClient> {
    let address = |endpoint: &Endpoint| format!("{base_url}/{}", endpoint.path);
    let [signing, encryption] = app.keys;
    Ok(FapiClient {
        api: Api::Fapi,
        http: http.clone(),
        at: Endpoints {
            issuer: format!("{base_url}/fapi"),
            discovery: address(DISCOVERY),
            keys: address(KEYS),
            par: address(PAR),
            auth: address(AUTH),
            token: address(TOKEN),
            userinfo: address(USERINFO),
        },
        client_id: app.id.to_owned(),
        redirect_uri: keys::CLIENT_REDIRECT_URI.to_owned(),
        scope: app.scope.to_owned(),
        context_type: app.context_type.map(str::to_owned),
        signing: (signing.to_owned(), key(signing)?),
        encryption: key(encryption)?,
        mark,
        ahead: 0,
        counter: AtomicU64::new(0),
        clock: milliseconds,
    })
}

/// The same as a client of the API before FAPI; a Login app asks there for nothing but who it is.
///
/// # Errors
/// When a key of the fixtures cannot be read.
pub(super) fn client_before(app: &App, http: &Client, base_url: &str, mark: String) -> Result<FapiClient> {
    let address = |endpoint: &Endpoint| format!("{base_url}/{}", endpoint.path);
    let client = client(app, http, base_url, mark)?;
    let at = Endpoints {
        issuer: base_url.to_owned(),
        discovery: address(oidc::DISCOVERY),
        auth: address(oidc::AUTH),
        token: address(oidc::TOKEN),
        userinfo: address(oidc::USERINFO),
        ..client.at
    };
    let scope = if app.kind == "login" { "openid" } else { app.scope }.to_owned();
    Ok(FapiClient { api: Api::Before, at, scope, context_type: None, ..client })
}

/// A private key of the fixtures.
///
/// # Errors
/// When there is none.
pub(crate) fn key(kid: &str) -> Result<EcPrivateKey> {
    let key = ec::private(kid).with_context(|| format!("there is no key `{kid}`"))?;
    Ok(jwk::private(&key)?)
}
