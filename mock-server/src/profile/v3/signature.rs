//! Verifies a signed v3 request: header, client, timestamp, nonce, signature, and that all of it is one client's.

use super::base_string::{base_string, candidate_urls};
use super::pki_sign::{Authorization, PkiSign, parse};
use super::{Call, rules};
use crate::config::{ClientKey, ClientRegistration};
use crate::http::pairs::Pairs;
use crate::http::refusal::Refusal;
use crate::persona::uinfin;
use crate::rule::replay::FirstUse;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use josekit::jws::JwsVerifier;
use warp::http::{StatusCode, header};

/// The `Authorization` header, read; absent is an answer, too.
pub(super) fn authorization(call: &Call<'_>) -> Result<Option<Authorization>, Refusal> {
    let header = call
        .incoming
        .header(&header::AUTHORIZATION)
        .map_err(|problem| Refusal::from((rules::AUTHORIZATION_FORM, problem)))?;
    let Some(header) = header else {
        return Ok(None);
    };
    parse(header)
        .map(Some)
        .map_err(|fault| unauthorized(rules::AUTHORIZATION_FORM, "No security header", fault.to_string()))
}

/// Checks the signature of a request and names the client that made it.
pub(super) fn verify<'a>(
    call: &Call<'a>,
    endpoint: &'static str,
    authorization: Option<&Authorization>,
    parameters: &Pairs,
) -> Result<&'a ClientRegistration, Refusal> {
    let Some(signed) = authorization.and_then(|authorization| authorization.signature.as_ref()) else {
        let hint = if authorization.is_some() {
            "the Authorization header has no PKI_SIGN part; this client is served in the flavour `test`, where every token and person request is signed"
        } else {
            "there is no Authorization header; this client is served in the flavour `test`, where every token and person request is signed"
        };
        return Err(unauthorized(rules::AUTHORIZATION, "No security header", hint));
    };
    let (client, key) = client_of(call, signed)?;
    check_method(signed)?;
    check_timestamp(call, signed)?;
    check_signature(call, signed, key, parameters)?;
    note_nonce(call, endpoint, signed)?;
    if let Some(sent) = parameters.value("client_id")
        && sent != signed.app_id
    {
        let hint = format!("app_id is `{}` and client_id is `{sent}`: both must name the same client", signed.app_id);
        return Err(unauthorized(rules::SAME_CLIENT, "Invalid client", hint));
    }
    Ok(client)
}

fn client_of<'a>(call: &Call<'a>, signed: &PkiSign) -> Result<(&'a ClientRegistration, &'a ClientKey), Refusal> {
    let app: &'a crate::app::App = call.app;
    let Some(client) = app.client(&signed.app_id) else {
        let known = app.config.clients.keys().map(String::as_str);
        let near = crate::config::reader::meant(&signed.app_id, known);
        return Err(unauthorized(
            rules::APP_ID,
            "Unknown app id",
            format!("app_id `{}` is not registered{near}", signed.app_id),
        ));
    };
    let Some(key) = &client.key else {
        let hint = format!("`{}` is registered without a certificate: add `certificate` to its [[client]]", client.id);
        return Err(unauthorized(rules::APP_ID, "Unknown app id", hint));
    };
    Ok((client, key))
}

fn check_method(signed: &PkiSign) -> Result<(), Refusal> {
    if signed.signature_method == "RS256" {
        return Ok(());
    }
    let hint = format!("signature_method is `{}`, expected `RS256`", signed.signature_method);
    Err(unauthorized(rules::METHOD, "Invalid signature method", hint))
}

fn check_timestamp(call: &Call<'_>, signed: &PkiSign) -> Result<(), Refusal> {
    const MESSAGE: &str = "Invalid timestamp: the server's clock and yours are not synchronised";
    let skew = call.app.config.v3.skew_seconds;
    let now = call.app.clock.now();
    let Ok(sent) = signed.timestamp.parse::<u64>() else {
        let hint =
            format!("timestamp is `{}`, expected milliseconds since 1970 in digits, like {}", signed.timestamp, now.0);
        return Err(unauthorized(rules::TIMESTAMP, MESSAGE, hint));
    };
    if sent.abs_diff(now.0) <= skew * 1000 {
        return Ok(());
    }
    let seconds = now.0.abs_diff(sent) / 1000;
    let side = if sent < now.0 { "behind" } else { "ahead of" };
    let hint = if sent.saturating_mul(1000).abs_diff(now.0) <= skew * 1000 {
        format!("timestamp `{sent}` is in seconds; v3 wants milliseconds: multiply by 1000")
    } else {
        format!("timestamp `{sent}` is {seconds} s {side} the server's clock ({}); {skew} s are tolerated", now.0)
    };
    Err(unauthorized(rules::TIMESTAMP, MESSAGE, hint))
}

/// Tries every URL that the client may have signed; says what was expected when none fits.
fn check_signature(call: &Call<'_>, signed: &PkiSign, key: &ClientKey, parameters: &Pairs) -> Result<(), Refusal> {
    let status =
        StatusCode::from_u16(call.app.config.v3.bad_signature_status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let refuse = |message: &str, hint: String| Err(Refusal::new(status, message, rules::SIGNATURE, hint));
    let Ok(signature) = BASE64_STANDARD.decode(&signed.signature) else {
        return refuse(
            "Invalid PKI Signature",
            "the signature is not standard Base64 (A–Z a–z 0–9 + / =, no line breaks)".to_owned(),
        );
    };
    let size = key.material.key.size();
    if signature.len() != size {
        let hint = format!("the signature has {} bytes; a signature by this client's key has {size}", signature.len());
        return refuse("Signature length incorrect", hint);
    }
    let urls = candidate_urls(&call.incoming.origin(), &call.app.config.public_urls, &call.incoming.path);
    let method = call.incoming.method.as_str();
    let fits = |url: &&String| {
        key.verifier.verify(base_string(method, url, signed, parameters).as_bytes(), &signature).is_ok()
    };
    if urls.iter().any(|url| fits(&url)) {
        return Ok(());
    }
    let expected = urls
        .first()
        .map_or_else(String::new, |url| base_string(method, url, signed, &crate::log::masked_pairs(parameters)));
    refuse(
        "Invalid PKI Signature",
        format!(
            "no base string that this server tried verifies with the certificate of `{}`: either another key signed, or another text was signed | expected: {} | also tried the URLs: {}",
            signed.app_id,
            uinfin::mask_all(&expected),
            uinfin::mask_all(&urls.get(1..).unwrap_or_default().join(" ")),
        ),
    )
}

/// A nonce counts as used only once its signature was good, so that nobody can use up another's nonces.
fn note_nonce(call: &Call<'_>, endpoint: &'static str, signed: &PkiSign) -> Result<(), Refusal> {
    let first = FirstUse { at: call.app.clock.now(), endpoint };
    let window = call.app.config.v3.nonce_window_seconds;
    let noted = call.app.memory().nonces.note(&signed.app_id, &signed.nonce, first, window);
    noted.map_err(|earlier| {
        let seconds = first.at.0.saturating_sub(earlier.at.0) / 1000;
        let hint = format!("nonce was first used {seconds} s ago on {}: make a new nonce and timestamp for every request, retries included", earlier.endpoint);
        unauthorized(rules::NONCE, "Invalid nonce: it was used before", hint)
    })
}

/// A 401 with its message for the wire and its hint for the log.
pub(super) fn unauthorized(rule: &'static crate::rule::Rule, message: &str, hint: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, message, rule, hint)
}
