//! What binds the steps of a login to the browser that began it: nonce and verifier.

use crate::ambient::{Ambient, random_hex};
use crate::error::Error;
use crate::rule::pkce;
use crate::secret::Secret;
use serde::{Deserialize, Serialize};

/// What a login keeps besides its state. Nothing of it is used in another login; `Debug` shows nothing of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// Comes back in the ID token (OIDC Core §3.1.2.1).
    nonce: Secret,
    /// RFC 7636 §4.1.
    verifier: Secret,
}

impl Bound {
    /// Fresh values for one login.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there is no randomness to give.
    pub fn fresh(ambient: &dyn Ambient) -> Result<Self, Error> {
        Ok(Self { nonce: Secret::new(random_hex(ambient)?), verifier: Secret::new(pkce::verifier(ambient)?) })
    }

    pub(super) fn nonce(&self) -> &str {
        self.nonce.reveal()
    }

    pub(super) fn verifier(&self) -> &str {
        self.verifier.reveal()
    }
}
