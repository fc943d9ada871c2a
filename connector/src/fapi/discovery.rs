//! Discovery: where the endpoints are, and what the service announces (OpenID Connect Discovery §4, RFC 8414 §3).

use super::{Config, check_status};
use crate::config::address;
use crate::error::{Endpoint, Error, What};
use crate::transport::{Request, Response};
use serde_json::{Map, Value};

const WHAT: What = What::Metadata;

/// What the discovery document says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    pub(super) pushed: String,
    pub(super) authorisation: String,
    pub(super) token: String,
    pub(super) userinfo: String,
    pub(super) keys: String,
    /// RFC 9207 §3: every redirect carries `iss`.
    pub(super) announces_issuer: bool,
}

/// The request.
pub fn prepare(config: &Config) -> Request {
    Request {
        endpoint: Endpoint::Discovery,
        url: format!("{}/.well-known/openid-configuration", config.issuer),
        headers: vec![("Accept", "application/json".to_owned())],
        body: None,
    }
}

/// Judges the answer: status, form, issuer, and that every endpoint is there and as well protected as the issuer.
///
/// # Errors
/// One error for each of them; see [`Error`].
pub fn accept(config: &Config, response: &Response, now_seconds: u64) -> Result<Metadata, Error> {
    let document = document(config, response, now_seconds)?;
    check_offer(&document)?;
    // there is no falling back to a request in the browser's address: a document without PAR is the wrong one
    let endpoint = |name: &str| endpoint(config, &document, name, "; FAPI's is below an issuer that ends in /fapi");
    Ok(Metadata {
        pushed: endpoint("pushed_authorization_request_endpoint")?,
        authorisation: endpoint("authorization_endpoint")?,
        token: endpoint("token_endpoint")?,
        userinfo: endpoint("userinfo_endpoint")?,
        keys: endpoint("jwks_uri")?,
        announces_issuer: document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)),
    })
}

/// The members of a discovery document of our issuer.
pub(crate) fn document(config: &Config, response: &Response, now: u64) -> Result<Map<String, Value>, Error> {
    check_status(Endpoint::Discovery, response, &[200], now)?;
    let document: Map<String, Value> = serde_json::from_slice(&response.body)
        .map_err(|_| Error::Malformed { what: WHAT, problem: "it is no JSON object" })?;
    // RFC 8414 §3.3: whoever answers for another issuer answers for none
    if document.get("issuer").and_then(Value::as_str) != Some(config.issuer.as_str()) {
        return Err(Error::Issuer { what: WHAT });
    }
    Ok(document)
}

/// The address of an endpoint; `hint` says where else to look.
pub(crate) fn endpoint(
    config: &Config,
    document: &Map<String, Value>,
    name: &str,
    hint: &str,
) -> Result<String, Error> {
    let missing = || Error::Configuration(format!("the discovery document has no `{name}`{hint}"));
    let text = document.get(name).and_then(Value::as_str).ok_or_else(missing)?;
    // what stands there instead is not repeated: it is text from outside
    address(name, text, config.plain_http).map(|_| text.to_owned()).map_err(|_| {
        Error::Configuration(format!("`{name}` of the discovery document is no address with TLS, or on this machine"))
    })
}

/// Our proofs are signed with ES256: where a list says what is taken, it has to be in there (RFC 9449 §5.1).
fn check_offer(document: &Map<String, Value>) -> Result<(), Error> {
    let taken = document.get("dpop_signing_alg_values_supported").and_then(Value::as_array);
    if taken.is_none_or(|taken| taken.iter().any(|alg| alg == "ES256")) {
        return Ok(());
    }
    Err(Error::Algorithm { what: WHAT, found: "other algorithms for DPoP proofs", expected: "ES256".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::super::sample::complete;
    use super::*;
    use serde_json::json;

    fn judged(change: impl FnOnce(&mut Value)) -> Result<Metadata, Error> {
        let issuer = "https://stg-id.singpass.gov.sg/fapi";
        let mut document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/auth"),
            "pushed_authorization_request_endpoint": format!("{issuer}/par"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "jwks_uri": "https://stg-id.singpass.gov.sg/.well-known/keys",
            "authorization_response_iss_parameter_supported": true,
            "dpop_signing_alg_values_supported": ["ES256", "ES384"],
        });
        change(&mut document);
        let response = Response { status: 200, body: document.to_string().into(), ..Response::default() };
        accept(&complete().build().unwrap(), &response, 0)
    }

    #[test]
    fn the_published_endpoints_are_used_wherever_they_are() {
        let metadata =
            judged(|document| document["token_endpoint"] = "https://elsewhere.example:8443/t".into()).unwrap();
        assert_eq!(metadata.token, "https://elsewhere.example:8443/t");
        assert_eq!(metadata.keys, "https://stg-id.singpass.gov.sg/.well-known/keys");
        assert!(metadata.announces_issuer);
        assert!(
            !judged(|document| drop(
                document.as_object_mut().unwrap().remove("authorization_response_iss_parameter_supported")
            ))
            .unwrap()
            .announces_issuer
        );
        let config = complete().build().unwrap();
        assert_eq!(prepare(&config).url, "https://stg-id.singpass.gov.sg/fapi/.well-known/openid-configuration");
    }

    #[test]
    fn what_is_no_document_of_this_issuer_is_refused() {
        for issuer in [
            "https://stg-id.singpass.gov.sg",
            "https://id.singpass.gov.sg/fapi",
            "https://stg-id.singpass.gov.sg/fapi/",
        ] {
            assert_eq!(judged(|document| document["issuer"] = issuer.into()).unwrap_err().code(), "issuer", "{issuer}");
        }
        for name in ["pushed_authorization_request_endpoint", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
            let error = judged(|document| document[name] = Value::Null).unwrap_err();
            assert_eq!(error.code(), "configuration");
            assert!(error.to_string().contains(name), "{error}");
            for odd in [
                "http://stg-id.singpass.gov.sg/fapi/par",
                "/fapi/par",
                "javascript:alert(1)",
                "https://me@h/x",
                "https://h/x#y",
            ] {
                assert_eq!(
                    judged(|document| document[name] = odd.into()).unwrap_err().code(),
                    "configuration",
                    "{odd}"
                );
            }
        }
        let error = judged(|document| document["dpop_signing_alg_values_supported"] = json!(["ES512"])).unwrap_err();
        assert_eq!(error.code(), "algorithm");
    }

    #[test]
    fn a_status_tells_later_from_never() {
        let config = complete().build().unwrap();
        for (status, code) in [
            (500, "upstream"),
            (503, "upstream"),
            (429, "upstream"),
            (404, "metadata_refused"),
            (204, "metadata_refused"),
        ] {
            let response = Response { status, ..Response::default() };
            assert_eq!(accept(&config, &response, 0).unwrap_err().code(), code, "{status}");
        }
        let page = Response { status: 200, body: "<html>".into(), ..Response::default() };
        assert_eq!(accept(&config, &page, 0).unwrap_err().code(), "malformed");
    }
}
