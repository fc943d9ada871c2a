//! What a relying party of the API before FAPI is configured with.

use super::fapi::{SCOPES, private_jwks};
use super::shared::Common;
use crate::profile::fapi::{ENCRYPTION_KID, LOGIN_ID, SIGNING_KID};
use crate::profile::oidc::{AUTH, DISCOVERY};
use anyhow::Result;
use serde::{Deserialize, Serialize};

/// The client profile in which the ID token has personal data, and is encrypted.
const WITH_DATA: &str = "direct_pii_allowed";
/// The one in which it has the UUID alone, and is signed.
const DIRECT: &str = "direct";

/// The members of the API before FAPI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcSetup {
    /// Where the browser will be sent; a relying party reads it in the discovery document.
    pub auth_url: String,
    /// Where the discovery document is.
    pub discovery_url: String,
    /// The kind of application: `myinfo` or `login`.
    pub app: String,
    /// As it was registered: `direct_pii_allowed`, whose ID tokens are encrypted, or `direct`.
    pub client_profile: String,
    /// The scopes, separated by blanks.
    pub scopes: String,
    /// The private JWK Set (RFC 7517): a key to sign with (`use` is `sig`), and one to be encrypted for (`enc`).
    pub private_jwks: String,
}

impl OidcSetup {
    /// What every target must take.
    pub(super) fn usual() -> Result<Self> {
        Ok(Self {
            auth_url: String::new(),
            discovery_url: String::new(),
            app: "myinfo".to_owned(),
            client_profile: WITH_DATA.to_owned(),
            scopes: SCOPES.to_owned(),
            private_jwks: private_jwks(&[SIGNING_KID, ENCRYPTION_KID])?,
        })
    }

    /// The issuer is the server's address.
    pub(super) fn settle(&mut self, common: &mut Common) {
        common.base_url.clone_into(&mut common.issuer);
        self.discovery_url = format!("{}/{}", common.base_url, DISCOVERY.path);
        self.auth_url = format!("{}/{}", common.base_url, AUTH.path);
    }

    /// Makes it the Login app, which asks for nothing but who it is.
    pub fn make_login_app(&mut self, common: &mut Common) {
        LOGIN_ID.clone_into(&mut common.client_id);
        "login".clone_into(&mut self.app);
        "openid".clone_into(&mut self.scopes);
    }

    /// Makes it one whose ID tokens are signed alone; the realm has to know it as such.
    pub fn make_direct(&mut self) {
        DIRECT.clone_into(&mut self.client_profile);
    }
}
