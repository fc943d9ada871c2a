//! What a connector of v3 is configured with.

use super::shared::{Common, KeyMaterial};
use crate::connector::keys::key_material;
use crate::profile::v3::{AUTHORISE, PERSON, TOKEN};
use anyhow::Result;
use myinfo_fixtures::keys;
use serde::{Deserialize, Serialize};

/// The attributes that every flow asks for, unless a case changes them.
const ATTRIBUTES: [&str; 6] = ["uinfin", "name", "sex", "dob", "email", "regadd"];

/// The members of v3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct V3Setup {
    /// `…/authorise`, `…/token`, `…/person`: for connectors that take each.
    pub authorise_url: String,
    /// The token endpoint.
    pub token_url: String,
    /// The person endpoint, without subject.
    pub person_url: String,
    /// `com` or `gov`.
    pub context: String,
    /// `test` (signed and encrypted) or `sandbox` (plain).
    pub flavour: String,
    /// The client secret.
    pub client_secret: String,
    /// The attributes to ask for.
    pub attributes: Vec<String>,
    /// The purpose.
    pub purpose: String,
    /// The e-service id, for gov.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub esvc_id: Option<String>,
    /// A transaction number to send with person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub txn_no: Option<String>,
    /// The client's private key.
    pub private_key: KeyMaterial,
    /// The client's certificate, as PEM.
    pub certificate: String,
    /// The service's certificates, as PEM; one unless a change of keys is rehearsed.
    pub myinfo_certificates: Vec<String>,
}

impl V3Setup {
    /// What every target must take.
    pub(super) fn usual(key_format: &str) -> Result<Self> {
        Ok(Self {
            authorise_url: String::new(),
            token_url: String::new(),
            person_url: String::new(),
            context: "com".to_owned(),
            flavour: "test".to_owned(),
            client_secret: keys::CLIENT_SECRET.to_owned(),
            attributes: ATTRIBUTES.map(str::to_owned).to_vec(),
            purpose: "a conformance test".to_owned(),
            esvc_id: None,
            txn_no: None,
            private_key: key_material(keys::CLIENT_KEY_PEM, key_format)?,
            certificate: keys::CLIENT_CERT_PEM.to_owned(),
            myinfo_certificates: vec![keys::MYINFO_CERT_PEM.to_owned()],
        })
    }

    pub(super) fn settle(&mut self, common: &mut Common) {
        let [authorise, token, person] = [AUTHORISE, TOKEN, PERSON]
            .map(|endpoint| format!("{}/{}", common.base_url, endpoint.path_in(&self.context)));
        (self.authorise_url, self.token_url, self.person_url) = (authorise, token, person);
        if common.issuer.is_empty() {
            common.issuer = format!("{}/serviceauth/myinfo-{}", common.base_url, self.context);
        }
    }
}
