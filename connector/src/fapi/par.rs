//! Step 1: push the authorisation request (RFC 9126).

use super::discovery::Metadata;
use super::{App, Attempt, Bound, Config, check_status};
use crate::error::{Endpoint, Error, What};
use crate::form::encode_pairs;
use crate::kept::State;
use crate::rule::{assertion, dpop, pkce};
use crate::transport::{Request, Response};
use serde_json::{Map, Value};

/// The name of a pushed request: opaque, good for a minute, for one login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestUri(pub(super) String);

/// The request. Make a new one, with a fresh attempt, for every try. DOC, 1. Authorization request.
///
/// # Errors
/// [`Error::Configuration`] when a key cannot sign.
pub fn prepare(
    config: &Config,
    metadata: &Metadata,
    (state, bound): (&State, &Bound),
    attempt: &Attempt,
) -> Result<Request, Error> {
    let assertion = config.assertion(&attempt.assertion)?;
    let (scope, challenge) = (config.scopes.join(" "), pkce::challenge(bound.verifier()));
    let levels = config.levels.iter().map(|level| level.name()).collect::<Vec<_>>().join(" ");
    let mut form = vec![
        ("response_type", "code"),
        ("client_id", config.client_id.as_str()),
        ("redirect_uri", config.redirect_uri.as_str()),
        ("scope", &scope),
        ("state", state.as_str()),
        ("nonce", bound.nonce()),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    if let App::Login { context, message } = &config.app {
        form.push(("authentication_context_type", context));
        form.extend(message.as_ref().map(|message| ("authentication_context_message", message.as_str())));
    }
    if !levels.is_empty() {
        form.push(("acr_values", &levels));
    }
    if config.app_claimed {
        form.push(("redirect_uri_https_type", "app_claimed_https"));
    }
    form.extend(config.app_launch_url.as_ref().map(|url| ("app_launch_url", url.as_str())));
    form.push(("client_assertion_type", assertion::TYPE));
    form.push(("client_assertion", &assertion));
    let subject =
        dpop::Subject { method: "POST", url: &metadata.pushed, access_token: None, nonce: attempt.nonce.as_deref() };
    let proof = dpop::made(&subject, &bound.proof_key()?, &attempt.proof)?;
    Ok(posted(Endpoint::Pushed, &metadata.pushed, &form, Some(proof)))
}

/// A form with its proof, where there is one.
pub(crate) fn posted(endpoint: Endpoint, url: &str, form: &[(&str, &str)], proof: Option<String>) -> Request {
    let mut headers = vec![
        ("Content-Type", "application/x-www-form-urlencoded".to_owned()),
        ("Accept", "application/json".to_owned()),
    ];
    headers.extend(proof.map(|proof| ("DPoP", proof)));
    Request { endpoint, url: url.to_owned(), headers, body: Some(encode_pairs(form)) }
}

/// Judges the answer (RFC 9126 §2.2): status, form, and the name of the pushed request.
///
/// # Errors
/// One error for each of them; see [`Error`].
pub fn accept(response: &Response, now_seconds: u64) -> Result<RequestUri, Error> {
    let malformed = |problem| Error::Malformed { what: What::PushedAnswer, problem };
    // 201 by the standard; some servers say 200
    check_status(Endpoint::Pushed, response, &[201, 200], now_seconds)?;
    let answer: Map<String, Value> =
        serde_json::from_slice(&response.body).map_err(|_| malformed("it is no JSON object"))?;
    let uri = answer.get("request_uri").and_then(Value::as_str);
    let uri = uri.filter(|uri| (1..=LONGEST).contains(&uri.len()) && uri.bytes().all(|byte| byte.is_ascii_graphic()));
    uri.map(|uri| RequestUri(uri.to_owned())).ok_or_else(|| malformed("it has no usable request_uri"))
}

/// The longest name that is put into an address.
const LONGEST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_good_with_a_name_and_whatever_else_it_has() {
        let judged = |status, body: &str| {
            accept(&Response { status, body: body.into(), ..Response::default() }, 0).map_err(|error| error.code())
        };
        let good = r#"{"request_uri":"urn:ietf:params:oauth:request_uri:abc","expires_in":60,"more":[1]}"#;
        assert_eq!(judged(201, good), Ok(RequestUri("urn:ietf:params:oauth:request_uri:abc".to_owned())));
        for bad in ["{}", "[]", "<html>", r#"{"request_uri":""}"#, r#"{"request_uri":7}"#, r#"{"request_uri":"a b"}"#] {
            assert_eq!(judged(201, bad), Err("malformed"), "{bad}");
        }
        assert_eq!(judged(201, &format!(r#"{{"request_uri":"{}"}}"#, "a".repeat(LONGEST + 1))), Err("malformed"));
        for (status, code) in [(302, "par_refused"), (400, "par_refused"), (401, "par_refused"), (500, "upstream")] {
            assert_eq!(judged(status, good), Err(code), "{status}");
        }
    }

    #[test]
    fn a_refusal_names_the_error_that_the_documents_know_and_no_text_of_the_service() {
        let refusal = |body: &str| accept(&Response { status: 401, body: body.into(), ..Response::default() }, 0);
        let message = refusal(r#"{"error":"invalid_client","error_description":"<b>"}"#).unwrap_err().to_string();
        assert_eq!(message, "the pushed authorisation request was refused with status 401 and invalid_client");
        let message = refusal(r#"{"error":"<b>"}"#).unwrap_err().to_string();
        assert_eq!(message, "the pushed authorisation request was refused with status 401");
    }
}
