//! Step 4, for Myinfo apps: fetch the person, decrypt, verify, and only then read (LEG, requesting userinfo).

use super::Config;
use super::discovery::Metadata;
use super::token::Tokens;
use crate::error::{Endpoint, Error, What};
use crate::fapi::named_error;
use crate::fapi::userinfo::payload;
use crate::identity::Identity;
use crate::key::PublishedKeys;
use crate::person::Person;
use crate::transport::{Request, Response};

/// What stands beside the person's data.
const CLAIMS: [&str; 7] = ["iss", "sub", "aud", "iat", "exp", "nbf", "jti"];

/// The request (RFC 6750 §2.1).
pub fn prepare(metadata: &Metadata, tokens: &Tokens) -> Request {
    let headers =
        vec![("Authorization", format!("Bearer {}", tokens.access_token())), ("Accept", "application/jwt".to_owned())];
    Request { endpoint: Endpoint::Person, url: metadata.userinfo.clone(), headers, body: None }
}

/// Judges the answer: status, decryption, signature, issuer, audience, age, and that it is about who logged in. The data stand
/// at its root.
///
/// # Errors
/// One error for each of them; see [`Error`].
pub fn accept(
    config: &Config,
    keys: &PublishedKeys,
    identity: &Identity,
    response: &Response,
    now_seconds: u64,
) -> Result<Person, Error> {
    let malformed = |problem| Error::Malformed { what: What::PersonDocument, problem };
    // our request has nothing in it that could be invalid: so the service says that there are no data
    if response.status == 400 && named_error(response) == Some("CLIENT_SIDE_ERROR") {
        return Err(Error::NoProfile);
    }
    let payload = payload(&config.app, keys, identity, response, now_seconds)?;
    let person = Person::read(payload.into_bytes()).ok_or_else(|| malformed("its payload is no JSON object"))?;
    // so writes FAPI: it is no document of this API
    if person.items().contains_key("person_info") {
        return Err(malformed("the person's data stand below person_info, as in FAPI"));
    }
    Ok(person.without_claims(&CLAIMS).of(identity.clone()))
}
