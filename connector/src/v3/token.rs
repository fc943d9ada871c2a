//! Step 2: exchange the code for an access token, and verify the token before anything in it is used.

use super::authorise::Code;
use super::base_string::Signed;
use super::{Config, Context, Flavour, sign};
use crate::ambient::Stamp;
use crate::error::{Endpoint, Error, SubjectProblem, What};
use crate::form::encode_pairs;
use crate::jose::jws;
use crate::rule::claims;
use crate::status::{is_upstream, refused, upstream};
use crate::transport::{Request, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

/// How far the service's clock may be ahead of ours, in seconds.
const LEEWAY: u64 = 10;

/// Specification, security section: RS256 only, against Myinfo's certificate.
const ACCESS_TOKEN: jws::Expect = jws::Expect { what: What::AccessToken, algs: &[jws::Alg::Rs256] };

/// A verified access token; never printed.
#[derive(Debug, Clone)]
pub struct AccessToken {
    token: SecretString,
    subject: SecretString,
    consented: Option<Vec<String>>,
}

impl AccessToken {
    pub(super) fn reveal(&self) -> &str {
        self.token.expose_secret()
    }

    /// The `sub`: a UUID for companies, the NRIC or FIN for government.
    pub fn subject(&self) -> &str {
        self.subject.expose_secret()
    }

    /// Of the configured attributes, those that the person consented to; all where the token does not say.
    pub fn consented<'a>(&self, configured: &'a [String]) -> Vec<&'a str> {
        let within = |name: &&String| self.consented.as_ref().is_none_or(|consented| consented.contains(name));
        configured.iter().filter(within).map(String::as_str).collect()
    }
}

/// The request (RFC 6749 §4.1.3, with the client's secret in the form), signed. Make a new one, with a fresh stamp, for
/// every attempt.
///
/// # Errors
/// [`Error::Configuration`] when the private key is missing.
pub fn prepare(config: &Config, code: &Code, stamp: &Stamp) -> Result<Request, Error> {
    let url = config.endpoint("token");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.reveal()),
        ("redirect_uri", config.redirect_uri.as_str()),
        ("client_id", config.client_id.as_str()),
        ("client_secret", config.client_secret.expose_secret()),
    ];
    let mut headers = vec![
        ("Content-Type", "application/x-www-form-urlencoded".to_owned()),
        ("Cache-Control", "no-cache".to_owned()),
    ];
    if config.flavour == Flavour::Protected {
        headers.push(("Authorization", sign(config, stamp, &Signed { method: "POST", url: &url, parameters: &form })?));
    }
    Ok(Request { endpoint: Endpoint::Token, url, headers, body: Some(encode_pairs(&form)) })
}

/// Judges the answer (RFC 6749 §5.1): status, form, signature, algorithm, times, audience, issuer, subject, in this order.
///
/// # Errors
/// One error for each of them; see [`Error`].
pub fn accept(config: &Config, response: &Response, now_seconds: u64) -> Result<AccessToken, Error> {
    match response.status {
        200 => {}
        status if is_upstream(status) => return Err(upstream(Endpoint::Token, status)),
        _ => return Err(refused(Endpoint::Token, response, None, now_seconds)),
    }
    let malformed = |problem| Error::Malformed { what: What::TokenAnswer, problem };
    let answer: Map<String, Value> =
        serde_json::from_slice(&response.body).map_err(|_| malformed("it is no JSON object"))?;
    // RFC 6749 §5.1: the type is compared without regard to case
    if let Some(kind) = answer.get("token_type")
        && !kind.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"))
    {
        return Err(malformed("its token_type is not Bearer"));
    }
    let token =
        answer.get("access_token").and_then(Value::as_str).ok_or_else(|| malformed("it has no access_token"))?;
    verify(config, token, now_seconds)
}

/// Verifies an access token, its claims included.
fn verify(config: &Config, token: &str, now_seconds: u64) -> Result<AccessToken, Error> {
    const WHAT: What = What::AccessToken;
    let payload = jws::verify(token, |_| config.myinfo_keys.iter().collect(), &ACCESS_TOKEN)?;
    let claims = claims::read(&payload, WHAT)?;
    // a fast call can arrive before `nbf`
    claims::check_expiry(&claims, WHAT, now_seconds, LEEWAY)?;
    claims::check_begun(&claims, WHAT, now_seconds, LEEWAY)?;
    if !claims::audiences(&claims).contains(&Some(config.client_id.as_str())) {
        return Err(Error::Audience { what: WHAT });
    }
    let issuer = claims.get("iss").and_then(Value::as_str).ok_or(Error::Issuer { what: WHAT })?;
    if !config.issuers.iter().any(|accepted| accepted == issuer) {
        return Err(Error::Issuer { what: WHAT });
    }
    let subject = claims.get("sub").and_then(Value::as_str).filter(|subject| is_usable(config, subject));
    let subject = subject.ok_or(Error::Subject(SubjectProblem::Unusable))?;
    let consented = claims.get("scope").and_then(Value::as_array);
    let consented = consented.map(|scopes| scopes.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    Ok(AccessToken { token: SecretString::from(token), subject: SecretString::from(subject), consented })
}

/// A subject goes into a path. Encoding makes one segment of anything but `.` and `..`; government's is an NRIC or FIN.
fn is_usable(config: &Config, subject: &str) -> bool {
    let sane = !subject.is_empty()
        && subject.len() <= 256
        && subject != "."
        && subject != ".."
        && !subject.chars().any(char::is_control);
    let uinfin = || subject.len() == 9 && subject.bytes().all(|byte| byte.is_ascii_alphanumeric());
    sane && (config.context == Context::Com || uinfin())
}
