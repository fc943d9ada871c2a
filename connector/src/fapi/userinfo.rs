//! Step 5, for Myinfo apps: fetch the person, decrypt, verify, and only then read (DOC, 5. Requesting for userinfo).

use super::discovery::Metadata;
use super::document::{check_age, check_parties, open};
use super::token::Tokens;
use super::{Attempt, Bound, Config, check_status, named_error};
use crate::error::{Endpoint, Error, SubjectProblem, What};
use crate::identity::Identity;
use crate::json;
use crate::key::PublishedKeys;
use crate::person::Person;
use crate::rule::{claims, dpop};
use crate::transport::{Request, Response};

const WHAT: What = What::PersonDocument;

/// The request (RFC 9449 §7.1): no query. Make a new one, with a fresh attempt, for every try.
///
/// # Errors
/// [`Error::Configuration`] when the key cannot sign.
pub fn prepare(metadata: &Metadata, bound: &Bound, tokens: &Tokens, attempt: &Attempt) -> Result<Request, Error> {
    let subject = dpop::Subject {
        method: "GET",
        url: &metadata.userinfo,
        access_token: Some(tokens.access_token()),
        nonce: attempt.nonce.as_deref(),
    };
    let headers = vec![
        ("Authorization", format!("DPoP {}", tokens.access_token())),
        ("DPoP", dpop::made(&subject, &bound.proof_key()?, &attempt.proof)?),
        ("Accept", "application/jwt".to_owned()),
    ];
    Ok(Request { endpoint: Endpoint::Person, url: metadata.userinfo.clone(), headers, body: None })
}

/// Judges the answer: status, decryption, signature, issuer, audience, age, and that it is about who logged in.
///
/// The media type decides nothing: errors were seen as `application/jwt`.
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
    // our request has nothing in it that could be invalid: so the service says that there are no data
    if response.status == 400 && named_error(response) == Some("invalid_request") {
        return Err(Error::NoProfile);
    }
    let payload = payload(config, keys, identity, response, now_seconds)?;
    let person = json::member(&payload, "person_info").and_then(|person| Person::read(person.as_bytes().to_vec()));
    let person = person.ok_or(Error::Malformed { what: WHAT, problem: "it has no person_info" })?;
    Ok(person.of(identity.clone()))
}

/// The payload of an answer, once everything of it was judged but the person.
pub(crate) fn payload(
    config: &Config,
    keys: &PublishedKeys,
    identity: &Identity,
    response: &Response,
    now_seconds: u64,
) -> Result<String, Error> {
    let malformed = |problem| Error::Malformed { what: WHAT, problem };
    check_status(Endpoint::Person, response, &[200], now_seconds)?;
    let body = std::str::from_utf8(&response.body).map_err(|_| malformed("it is no text"))?;
    let payload = open(config, keys, body, WHAT)?;
    let claims = claims::read(&payload, WHAT)?;
    check_parties(config, &claims, WHAT)?;
    // there is no `exp`; where there is one, it counts
    if claims.contains_key("exp") {
        claims::check_expiry(&claims, WHAT, now_seconds, 0)?;
    }
    check_age(&claims, WHAT, now_seconds)?;
    // OIDC Core §5.3.2
    if claims.get("sub").and_then(|subject| subject.as_str()) != Some(identity.subject()) {
        return Err(Error::Subject(SubjectProblem::Different));
    }
    String::from_utf8(payload).map_err(|_| malformed("it is no text"))
}
