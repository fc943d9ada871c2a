//! What binds the steps of a login to the browser that began it: nonce, verifier, and the key of its proofs.

use crate::ambient::{Ambient, random_hex};
use crate::error::{Error, KeptProblem};
use crate::key::{Curve, PrivateKey};
use crate::rule::pkce;
use crate::secret::Secret;
use serde::{Deserialize, Serialize};

/// What a FAPI login keeps besides its state. Nothing of it is used in another login; `Debug` shows nothing of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// Comes back in the ID token (OIDC Core §3.1.2.1).
    nonce: Secret,
    /// RFC 7636 §4.1.
    verifier: Secret,
    /// The key of the proofs, as private JWK: a new one for each login, the same in all its calls.
    proof_key: Secret,
    /// Whether the service announced that its redirects carry `iss` (RFC 9207 §3).
    iss: bool,
}

impl Bound {
    /// Fresh values for one login.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there is no randomness to give.
    pub fn fresh(announces_issuer: bool, ambient: &dyn Ambient) -> Result<Self, Error> {
        Ok(Self {
            nonce: Secret::new(random_hex(ambient)?),
            verifier: Secret::new(pkce::verifier(ambient)?),
            proof_key: Secret::new(&**PrivateKey::generate(Curve::P256, ambient)?.private_jwk()?),
            iss: announces_issuer,
        })
    }

    pub(super) fn nonce(&self) -> &str {
        self.nonce.reveal()
    }

    pub(super) fn verifier(&self) -> &str {
        self.verifier.reveal()
    }

    /// The key of the login's proofs.
    pub(super) fn proof_key(&self) -> Result<PrivateKey, Error> {
        PrivateKey::read_ec(self.proof_key.reveal().as_bytes(), None).map_err(|_| Error::Kept(KeptProblem::Form))
    }

    pub(super) const fn expects_issuer(&self) -> bool {
        self.iss
    }
}
