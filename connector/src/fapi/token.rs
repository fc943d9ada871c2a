//! Step 3: exchange the code for an access token and an ID token.

use super::discovery::Metadata;
use super::par::posted;
use super::{Attempt, Bound, Config, check_status};
use crate::error::{Endpoint, Error, What};
use crate::granted::Code;
use crate::rule::{assertion, dpop};
use crate::transport::{Request, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

/// The two tokens of an answer, unread; never printed.
#[derive(Debug, Clone)]
pub struct Tokens {
    access_token: SecretString,
    id_token: SecretString,
}

impl Tokens {
    /// It is Singpass's own, and nobody reads what is in it (DOC, migration guides).
    pub(crate) fn access_token(&self) -> &str {
        self.access_token.expose_secret()
    }

    pub(crate) fn id_token(&self) -> &str {
        self.id_token.expose_secret()
    }
}

/// The request (RFC 6749 §4.1.3, RFC 7636 §4.5). It is sent once, for a code works once: another attempt is made only where the
/// service demands a nonce instead of looking at the code.
///
/// # Errors
/// [`Error::Configuration`] when a key cannot sign.
pub fn prepare(
    config: &Config,
    metadata: &Metadata,
    (code, bound): (&Code, &Bound),
    attempt: &Attempt,
) -> Result<Request, Error> {
    let assertion = config.assertion(&attempt.assertion)?;
    let form = form(config, code, bound.verifier(), &assertion);
    let subject =
        dpop::Subject { method: "POST", url: &metadata.token, access_token: None, nonce: attempt.nonce.as_deref() };
    let proof = dpop::made(&subject, &bound.proof_key()?, &attempt.proof)?;
    Ok(posted(Endpoint::Token, &metadata.token, &form, Some(proof)))
}

/// What is sent for the tokens, in FAPI as before it.
pub(crate) fn form<'a>(
    config: &'a Config,
    code: &'a Code,
    verifier: &'a str,
    assertion: &'a str,
) -> [(&'static str, &'a str); 7] {
    [
        ("grant_type", "authorization_code"),
        ("code", code.reveal()),
        ("redirect_uri", &config.redirect_uri),
        ("client_id", &config.client_id),
        ("code_verifier", verifier),
        ("client_assertion_type", assertion::TYPE),
        ("client_assertion", assertion),
    ]
}

/// Judges the answer (RFC 6749 §5.1): status, form, that the access token is bound to our key, and that both are there.
///
/// # Errors
/// One error for each of them; see [`Error`].
pub fn accept(response: &Response, now_seconds: u64) -> Result<Tokens, Error> {
    typed(response, now_seconds, "dpop", "its token_type is not DPoP: the access token is not bound to our key")
}

/// The tokens of an answer whose `token_type` is the one that is expected.
pub(crate) fn typed(
    response: &Response,
    now_seconds: u64,
    expected: &str,
    otherwise: &'static str,
) -> Result<Tokens, Error> {
    let malformed = |problem| Error::Malformed { what: What::TokenAnswer, problem };
    check_status(Endpoint::Token, response, &[200], now_seconds)?;
    let answer: Map<String, Value> =
        serde_json::from_slice(&response.body).map_err(|_| malformed("it is no JSON object"))?;
    let text = |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    // RFC 9449 §5, RFC 6749 §5.1: compared without regard to case
    if !text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case(expected)) {
        return Err(malformed(otherwise));
    }
    let access_token = text("access_token").ok_or_else(|| malformed("it has no access_token"))?;
    // RFC 6750 §2.1: what stands in a header is of these characters
    if !access_token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)) {
        return Err(malformed("its access_token has characters that no token has"));
    }
    let id_token = text("id_token").ok_or_else(|| malformed("it has no id_token"))?;
    Ok(Tokens { access_token: SecretString::from(access_token), id_token: SecretString::from(id_token) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn judged(change: impl FnOnce(&mut Map<String, Value>)) -> Result<Tokens, &'static str> {
        let mut answer = json!({"access_token": "a.b.c", "id_token": "d.e.f.g.h", "token_type": "DPoP"});
        change(answer.as_object_mut().unwrap());
        let response = Response { status: 200, body: answer.to_string().into(), ..Response::default() };
        accept(&response, 0).map_err(|error| error.code())
    }

    #[test]
    fn both_tokens_have_to_be_there_and_the_access_token_bound() {
        let tokens = judged(|answer| drop(answer.insert("expires_in".to_owned(), 1800.into()))).unwrap();
        assert_eq!((tokens.access_token(), tokens.id_token()), ("a.b.c", "d.e.f.g.h"));
        for kind in ["dpop", "dPOP", "DPOP"] {
            assert!(judged(|answer| drop(answer.insert("token_type".to_owned(), kind.into()))).is_ok(), "{kind}");
        }
        for kind in [json!("Bearer"), json!(""), json!(null), json!(["DPoP"])] {
            assert_eq!(judged(|answer| drop(answer.insert("token_type".to_owned(), kind))).unwrap_err(), "malformed");
        }
        for name in ["access_token", "id_token", "token_type"] {
            assert_eq!(judged(|answer| drop(answer.remove(name))).unwrap_err(), "malformed", "{name}");
        }
        let split = json!("a\r\nX-Other: b");
        assert_eq!(judged(|answer| drop(answer.insert("access_token".to_owned(), split))).unwrap_err(), "malformed");
    }

    #[test]
    fn debug_output_holds_no_token() {
        let text = format!("{:?}", judged(|_| ()).unwrap());
        assert!(!text.contains("a.b.c") && !text.contains("d.e.f"), "{text}");
    }
}
