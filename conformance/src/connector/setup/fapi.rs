//! What a relying party of FAPI is configured with.

use super::shared::Common;
use crate::profile::fapi::{AUTH, ENCRYPTION_KID, LOGIN_ID, SIGNING_KID};
use anyhow::{Context, Result};
use myinfo_fixtures::keys::ec;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The scopes that every flow of a Myinfo app asks for, unless a case changes them.
pub(super) const SCOPES: &str = "openid uinfin name sex dob email regadd";
/// Those of a Login app.
const LOGIN_SCOPES: &str = "openid user.identity name";

/// The members of FAPI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FapiSetup {
    /// Where the browser will be sent; a relying party reads it in the discovery document.
    pub auth_url: String,
    /// Where the discovery document is.
    pub discovery_url: String,
    /// The kind of application: `myinfo` or `login`.
    pub app: String,
    /// The scopes, separated by blanks.
    pub scopes: String,
    /// What the login is for (`authentication_context_type`), for a Login app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_type: Option<String>,
    /// What the person reads about it (`authentication_context_message`), for a Login app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_message: Option<String>,
    /// The levels of authentication to ask for (`acr_values`), the preferred one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr_values: Vec<String>,
    /// The private JWK Set (RFC 7517): a key to sign with (`use` is `sig`), and one to be encrypted for (`enc`).
    pub private_jwks: String,
}

impl FapiSetup {
    /// What every target must take.
    pub(super) fn usual() -> Result<Self> {
        Ok(Self {
            auth_url: String::new(),
            discovery_url: String::new(),
            app: "myinfo".to_owned(),
            scopes: SCOPES.to_owned(),
            context_type: None,
            context_message: None,
            acr_values: Vec::new(),
            private_jwks: private_jwks(&[SIGNING_KID, ENCRYPTION_KID])?,
        })
    }

    /// The issuer is the server's address and `/fapi`.
    pub(super) fn settle(&mut self, common: &mut Common) {
        common.issuer = format!("{}/fapi", common.base_url);
        self.discovery_url = format!("{}/.well-known/openid-configuration", common.issuer);
        self.auth_url = format!("{}/{}", common.base_url, AUTH.path);
    }

    /// Makes it the Login app.
    pub fn make_login_app(&mut self, common: &mut Common) {
        LOGIN_ID.clone_into(&mut common.client_id);
        "login".clone_into(&mut self.app);
        LOGIN_SCOPES.clone_into(&mut self.scopes);
        self.context_type = Some("APP_AUTHENTICATION_DEFAULT".to_owned());
        self.context_message = Some("Logging in to the testbed, now!".to_owned());
    }
}

/// A private JWK Set of keys of the fixtures.
///
/// # Errors
/// When there is no such key.
pub fn private_jwks(kids: &[&str]) -> Result<String> {
    let key = |kid: &&str| ec::private(kid).with_context(|| format!("there is no key `{kid}`"));
    let keys: Vec<Value> = kids.iter().map(key).collect::<Result<_>>()?;
    Ok(json!({"keys": keys}).to_string())
}
