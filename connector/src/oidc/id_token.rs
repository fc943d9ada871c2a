//! Step 3: the ID token: decrypt it where it is encrypted, verify, and only then read (OIDC Core §3.1.3.7; LEG, ID token by profile).

use super::token::Tokens;
use super::{Bound, ClientProfile, Config, Subject};
use crate::error::{Error, SubjectProblem, What};
use crate::fapi::document::{check_nonce, check_parties, check_times, check_token_hash, open, verified};
use crate::identity::Identity;
use crate::key::PublishedKeys;
use crate::rule::claims;
use serde_json::Value;

const WHAT: What = What::IdToken;

/// Judges the ID token: its form by the client's profile, signature, issuer, audience, times, nonce, subject, and the access
/// token beside it.
///
/// # Errors
/// One error for each of them, in this order; see [`Error`].
pub fn accept(
    config: &Config,
    bound: &Bound,
    keys: &PublishedKeys,
    tokens: &Tokens,
    now_seconds: u64,
) -> Result<Identity, Error> {
    let payload = match config.profile {
        ClientProfile::Direct => verified(keys, tokens.id_token(), WHAT)?,
        // what is not encrypted is refused: encryption was agreed upon
        ClientProfile::DirectPii => open(&config.app, keys, tokens.id_token(), WHAT)?,
    };
    let claims = claims::read(&payload, WHAT)?;
    check_parties(&config.app, &claims, WHAT)?;
    check_times(&claims, WHAT, now_seconds)?;
    check_nonce(bound.nonce(), &claims)?;
    check_token_hash(&claims, tokens.access_token())?;
    let subject = claims.get("sub").and_then(Value::as_str).filter(|subject| Subject::read(subject).is_some());
    let subject = subject.ok_or(Error::Subject(SubjectProblem::Unusable))?.to_owned();
    Ok(Identity::new(subject, claims))
}
