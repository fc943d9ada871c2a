//! What a connector is configured with: members that every profile has, and those of one.

pub mod fapi;
pub mod oidc;
mod shared;
pub mod v3;

use self::fapi::FapiSetup;
use self::oidc::OidcSetup;
pub use self::shared::{Common, KeyMaterial};
use self::v3::V3Setup;
use crate::profile::{Endpoint, ProfileId};
use anyhow::Result;
use myinfo_fixtures::keys;
use serde::{Deserialize, Serialize};

/// A configuration. On the wire it is one object, and `profile` says which members stand beside the common ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// What every profile has.
    #[serde(flatten)]
    pub common: Common,
    /// What its profile has.
    #[serde(flatten)]
    pub of: SetupOf,
}

/// What one profile has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "profile", rename_all = "lowercase")]
pub enum SetupOf {
    /// Myinfo v3.
    V3(V3Setup),
    /// Singpass FAPI 2.0.
    Fapi(FapiSetup),
    /// The API before FAPI.
    Oidc(OidcSetup),
}

impl Setup {
    /// The configuration that every target of a profile must take: its callback, where it has only one, and its key format.
    ///
    /// # Errors
    /// When there is no such key format.
    pub fn usual(profile: ProfileId, base_url: String, redirect_uri: Option<&str>, key_format: &str) -> Result<Self> {
        let common = Common {
            base_url,
            client_id: profile.profile().client_id.to_owned(),
            redirect_uri: redirect_uri.unwrap_or(keys::CLIENT_REDIRECT_URI).to_owned(),
            issuer: String::new(),
            ca: None,
            timeout_seconds: None,
        };
        let of = match profile {
            ProfileId::V3 => SetupOf::V3(V3Setup::usual(key_format)?),
            ProfileId::Fapi => SetupOf::Fapi(FapiSetup::usual()?),
            ProfileId::Oidc => SetupOf::Oidc(OidcSetup::usual()?),
        };
        let mut setup = Self { common, of };
        setup.settle();
        Ok(setup)
    }

    /// Puts the addresses that follow from the others in their places, and the issuer, where none is said.
    pub fn settle(&mut self) {
        match &mut self.of {
            SetupOf::V3(v3) => v3.settle(&mut self.common),
            SetupOf::Fapi(fapi) => fapi.settle(&mut self.common),
            SetupOf::Oidc(oidc) => oidc.settle(&mut self.common),
        }
    }

    /// The profile whose members it has.
    pub const fn profile(&self) -> ProfileId {
        match &self.of {
            SetupOf::V3(_) => ProfileId::V3,
            SetupOf::Fapi(_) => ProfileId::Fapi,
            SetupOf::Oidc(_) => ProfileId::Oidc,
        }
    }

    /// The members of v3, where it is the profile.
    pub const fn as_v3(&self) -> Option<&V3Setup> {
        match &self.of {
            SetupOf::V3(v3) => Some(v3),
            SetupOf::Fapi(_) | SetupOf::Oidc(_) => None,
        }
    }

    /// The members of FAPI, where it is the profile.
    pub const fn as_fapi(&self) -> Option<&FapiSetup> {
        match &self.of {
            SetupOf::Fapi(fapi) => Some(fapi),
            SetupOf::V3(_) | SetupOf::Oidc(_) => None,
        }
    }

    /// The members of the API before FAPI, where it is the profile.
    pub const fn as_oidc(&self) -> Option<&OidcSetup> {
        match &self.of {
            SetupOf::Oidc(oidc) => Some(oidc),
            SetupOf::V3(_) | SetupOf::Fapi(_) => None,
        }
    }

    /// The members of v3, in a case of v3.
    ///
    /// # Panics
    /// In a case of another profile: a mistake of ours, which every run of that case shows.
    #[expect(
        clippy::panic,
        reason = "the profile of a case's setup is that of its id, and every case is run by the tests"
    )]
    pub const fn v3(&self) -> &V3Setup {
        match &self.of {
            SetupOf::V3(v3) => v3,
            SetupOf::Fapi(_) | SetupOf::Oidc(_) => panic!("the setup is not one of v3"),
        }
    }

    /// The members of v3, to be changed, in a case of v3.
    ///
    /// # Panics
    /// As [`Self::v3`].
    #[expect(
        clippy::panic,
        reason = "the profile of a case's setup is that of its id, and every case is run by the tests"
    )]
    pub const fn v3_mut(&mut self) -> &mut V3Setup {
        match &mut self.of {
            SetupOf::V3(v3) => v3,
            SetupOf::Fapi(_) | SetupOf::Oidc(_) => panic!("the setup is not one of v3"),
        }
    }

    /// The members of FAPI, to be changed, in a case of FAPI.
    ///
    /// # Panics
    /// As [`Self::v3`].
    #[expect(
        clippy::panic,
        reason = "the profile of a case's setup is that of its id, and every case is run by the tests"
    )]
    pub const fn fapi_mut(&mut self) -> &mut FapiSetup {
        match &mut self.of {
            SetupOf::Fapi(fapi) => fapi,
            SetupOf::V3(_) | SetupOf::Oidc(_) => panic!("the setup is not one of FAPI"),
        }
    }

    /// The address to which a login sends the browser first.
    pub fn login_url(&self) -> &str {
        match &self.of {
            SetupOf::V3(v3) => &v3.authorise_url,
            SetupOf::Fapi(fapi) => &fapi.auth_url,
            SetupOf::Oidc(oidc) => &oidc.auth_url,
        }
    }

    /// Whether a call with this path is one to an endpoint, at the server of this configuration.
    pub fn is_call_to(&self, endpoint: &Endpoint, path: &str, prefix: &str) -> bool {
        match &self.of {
            SetupOf::V3(v3) => endpoint.is_called_by(path, prefix, &v3.context),
            SetupOf::Fapi(_) | SetupOf::Oidc(_) => endpoint.is_called_by(path, prefix, ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn on_the_wire_a_setup_is_one_object_that_names_its_profile() {
        let base_url = "http://127.0.0.1:9/_realm/r".to_owned();
        let mut setup = Setup::usual(ProfileId::V3, base_url, None, "pkcs8").unwrap();
        setup.v3_mut().private_key.text = Some("KEY".to_owned());
        setup.v3_mut().certificate = "CERTIFICATE".to_owned();
        setup.v3_mut().myinfo_certificates = vec!["MYINFO".to_owned()];
        let wire = serde_json::to_value(&setup).unwrap();
        let expected: Value = serde_json::json!({
            "profile": "v3",
            "base_url": "http://127.0.0.1:9/_realm/r",
            "authorise_url": "http://127.0.0.1:9/_realm/r/com/v3/authorise",
            "token_url": "http://127.0.0.1:9/_realm/r/com/v3/token",
            "person_url": "http://127.0.0.1:9/_realm/r/com/v3/person",
            "context": "com",
            "flavour": "test",
            "client_id": "TESTBED-CLIENT",
            "client_secret": "testbed-client-secret",
            "redirect_uri": "http://localhost:3001/callback",
            "attributes": ["uinfin", "name", "sex", "dob", "email", "regadd"],
            "purpose": "a conformance test",
            "private_key": {"format": "pkcs8", "text": "KEY"},
            "certificate": "CERTIFICATE",
            "myinfo_certificates": ["MYINFO"],
            "issuer": "http://127.0.0.1:9/_realm/r/serviceauth/myinfo-com",
        });
        assert_eq!(wire, expected);
        assert_eq!(serde_json::from_value::<Setup>(wire).unwrap(), setup);
    }
}
