//! Examines a signed v3 request: header, client, timestamp, nonce, signature, and that all of it is one client's.

use super::base_string::{base_string, candidate_urls};
use super::call::Call;
use super::client::{Client, ClientKey};
use super::instead::instead_of;
use super::pki_sign::{Authorization, HeaderFault, PkiSign, parse};
use super::signature_form::Form;
use super::{header_form, rules, timestamp};
use crate::doctor::catalogue::{AUTHZ_SCHEME, CLOCK, ENV_MIX, NONCE_REPLAY, SIG_ENCODING};
use crate::examination::Examination;
use crate::http::pairs::Pairs;
use crate::refusal::Refusal;
use crate::rule::Rule;
use crate::rule::replay::FirstUse;
use crate::text::meant;
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
    parse(header).map(Some).map_err(|fault| {
        let hint = header_form::explain(header).unwrap_or_else(|| fault.to_string());
        let refusal = unauthorized(rules::AUTHORIZATION_FORM, "No security header", hint);
        let refusal = refusal.diagnosed(AUTHZ_SCHEME);
        if matches!(fault, HeaderFault::Scheme(_)) { refusal.fixed_by(rules::AUTHORIZATION.fix) } else { refusal }
    })
}

/// A request that says it is signed, on its way through the rules of signatures.
pub(super) struct Signed<'c, 'a> {
    pub(super) call: &'c Call<'a>,
    pub(super) endpoint: &'static str,
    pub(super) authorization: Option<&'c Authorization>,
    pub(super) parameters: &'c Pairs,
}

impl<'a> Signed<'_, 'a> {
    /// Examines every rule of signatures, and names the client that made the request.
    ///
    /// Where the signer is not known, it is the client that the request names: so that the other rules can be examined.
    pub(super) fn examine(&self, exam: &mut Examination) -> Option<Client<'a>> {
        let named = self.parameters.value("client_id").and_then(|id| self.call.client(id));
        let Some(signed) = self.authorization.and_then(|authorization| authorization.signature.as_ref()) else {
            exam.broken(self.unsigned());
            return named;
        };
        exam.kept(rules::AUTHORIZATION);
        let registered = exam.check(rules::APP_ID, self.client_of(signed));
        exam.check(rules::METHOD, check_method(signed));
        exam.check(rules::TIMESTAMP, self.check_timestamp(signed));
        if let Some((client, key)) = registered {
            self.examine_signature(exam, signed, (client, key));
        }
        exam.check(rules::SAME_CLIENT, self.check_same_client(signed));
        registered.map(|(client, _)| client).or(named)
    }

    fn unsigned(&self) -> Refusal {
        if let Some(hint) = self.signed_elsewhere() {
            return unauthorized(rules::AUTHORIZATION, "No security header", hint).diagnosed(AUTHZ_SCHEME);
        }
        let found = match (self.authorization, self.endpoint) {
            (Some(_), "token") => {
                "the Authorization header has a Bearer token and no PKI_SIGN part; a token request has no Bearer token, but is signed"
            }
            (Some(_), _) => "the Authorization header has a Bearer token and no PKI_SIGN part",
            (None, _) => "there is no Authorization header",
        };
        let hint = format!(
            "{found}, as in the sandbox; this client is served in the flavour `test`, where every token and person request is signed; where it is wanted, the client is to be registered with `flavour = \"sandbox\"`"
        );
        unauthorized(rules::AUTHORIZATION, "No security header", hint).diagnosed(ENV_MIX)
    }

    /// The signature, where it stands in another place than it should.
    fn signed_elsewhere(&self) -> Option<String> {
        let incoming = self.call.incoming;
        let signs =
            |value: &str| value.trim_start().get(..8).is_some_and(|start| start.eq_ignore_ascii_case("PKI_SIGN"));
        let sent = incoming.header(&header::AUTHORIZATION).ok().flatten();
        if sent.is_some_and(header_form::signature_behind_bearer) {
            return sent.and_then(header_form::explain);
        }
        let other = incoming
            .headers
            .iter()
            .find(|(name, value)| **name != header::AUTHORIZATION && value.to_str().is_ok_and(signs));
        if let Some((name, _)) = other {
            return Some(format!("the signature stands in the header `{name}`; its name is `Authorization`"));
        }
        if let Some((name, _)) = self.parameters.iter().find(|(_, value)| signs(value)) {
            let shown: String = name.chars().take(40).collect();
            return Some(format!(
                "the signature was sent as the parameter `{shown}`; it belongs into the header `Authorization`"
            ));
        }
        let near = ["authorisation", "authentication", "x-authorization", "x-authorisation", "auth"];
        let near = near.into_iter().find(|name| sent.is_none() && incoming.headers.contains_key(*name))?;
        Some(format!("there is a header `{near}` and none with the name `Authorization`"))
    }

    fn client_of(&self, signed: &PkiSign) -> Result<(Client<'a>, &'a ClientKey), Refusal> {
        let Some(client) = self.call.client(&signed.app_id) else {
            let near = instead_of("app_id", &signed.app_id)
                .map_or_else(|| meant(&signed.app_id, self.call.client_ids()), |instead| format!(": it {instead}"));
            let hint = format!("app_id `{}` is not registered{near}", signed.app_id);
            return Err(unauthorized(rules::APP_ID, "Unknown app id", hint));
        };
        let Some(key) = &client.v3.key else {
            let hint =
                format!("`{}` is registered without a certificate: add `certificate` to its [[client]]", client.id);
            return Err(unauthorized(rules::APP_ID, "Unknown app id", hint));
        };
        Ok((client, key))
    }

    fn check_timestamp(&self, signed: &PkiSign) -> Result<(), Refusal> {
        const MESSAGE: &str = "Invalid timestamp: the server's clock and yours are not synchronised";
        match timestamp::explain(&signed.timestamp, self.call.app.clock.now().0, self.call.settings.skew_seconds) {
            None => Ok(()),
            Some((hint, fix)) => Err(unauthorized(rules::TIMESTAMP, MESSAGE, hint).diagnosed(CLOCK).fixed_by(fix)),
        }
    }

    /// The signature, and behind it the nonce: a nonce counts as used only once its signature was good, so that nobody
    /// can use up another's nonces.
    fn examine_signature(&self, exam: &mut Examination, signed: &PkiSign, (client, key): (Client<'_>, &ClientKey)) {
        let Some(signature) = self.decode(exam, signed, (client, key)) else { return };
        if self.verify(signed, key, &signature) {
            exam.kept(rules::SIGNATURE);
        } else {
            let refusal =
                self.wrong_signature(rules::SIGNATURE, "Invalid PKI Signature", "the signature does not verify");
            let (unverified, so_far) = (self.unverified(signed, client), refusal.clone());
            exam.broken_and_searched(refusal, move || unverified.diagnosed(so_far, &signature));
            if exam.refused() {
                return;
            }
        }
        exam.check(rules::NONCE, self.check_nonce(signed, !exam.refused()));
    }

    fn wrong_signature(&self, rule: &'static Rule, message: &str, hint: impl Into<String>) -> Refusal {
        let status = self.call.settings.bad_signature_status;
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Refusal::new(status, message, rule, hint)
    }

    /// The signature's bytes. What is written otherwise is refused, and examined all the same.
    fn decode(
        &self,
        exam: &mut Examination,
        signed: &PkiSign,
        (client, key): (Client<'_>, &ClientKey),
    ) -> Option<Vec<u8>> {
        let message = if BASE64_STANDARD.decode(&signed.signature).is_ok() {
            "Signature length incorrect"
        } else {
            "Invalid PKI Signature"
        };
        let refuse =
            |hint: String| self.wrong_signature(rules::SIGNATURE_ENCODING, message, hint).diagnosed(SIG_ENCODING);
        match Form::of(&signed.signature, key.material.key.size()) {
            Form::Right(signature) => {
                exam.kept(rules::SIGNATURE_ENCODING);
                return Some(signature);
            }
            Form::Otherwise { how, bytes } if self.verify(signed, key, &bytes) => {
                exam.broken(refuse(format!("the signature is {how}; the signature behind it is right")));
            }
            Form::Otherwise { how, bytes } => {
                let refusal = refuse(format!("the signature is {how}"));
                let (unverified, so_far) = (self.unverified(signed, client), refusal.clone());
                exam.broken_and_searched(refusal, move || unverified.behind(so_far, &bytes));
            }
            Form::Other(other) => {
                let refusal = refuse(other.says);
                let (unverified, so_far, bytes) = (self.unverified(signed, client), refusal.clone(), other.bytes);
                exam.broken_and_searched(refusal, move || unverified.something_else(so_far, bytes.as_deref()));
            }
        }
        None
    }

    /// Tries every URL that the client may have signed.
    pub(super) fn verify(&self, signed: &PkiSign, key: &ClientKey, signature: &[u8]) -> bool {
        let method = self.call.incoming.method.as_str();
        self.urls().iter().any(|url| {
            key.verifier.verify(base_string(method, url, signed, self.parameters).as_bytes(), signature).is_ok()
        })
    }

    pub(super) fn urls(&self) -> Vec<String> {
        let incoming = self.call.incoming;
        candidate_urls(&incoming.origin(), &self.call.app.config.public_urls, &incoming.full_path())
    }

    /// Notes the nonce where everything before it was good; else only looks whether it was used.
    fn check_nonce(&self, signed: &PkiSign, note: bool) -> Result<(), Refusal> {
        let first = FirstUse { at: self.call.app.clock.now(), endpoint: self.endpoint };
        let window = self.call.settings.nonce_window_seconds;
        let nonces = self.call.app.nonces();
        let used = if note {
            nonces.note(&signed.app_id, &signed.nonce, first, window)
        } else {
            nonces.seen(&signed.app_id, &signed.nonce, first.at).map_or(Ok(()), Err)
        };
        used.map_err(|earlier| {
            let seconds = first.at.0.saturating_sub(earlier.at.0) / 1000;
            let instead =
                instead_of("nonce", &signed.nonce).map_or_else(String::new, |instead| format!("; it {instead}"));
            let hint = format!(
                "this nonce was first used {seconds} s ago, at {}, on {}{instead}",
                earlier.at.rfc3339(),
                earlier.endpoint
            );
            unauthorized(rules::NONCE, "Invalid nonce: it was used before", hint).diagnosed(NONCE_REPLAY)
        })
    }

    fn check_same_client(&self, signed: &PkiSign) -> Result<(), Refusal> {
        match self.parameters.value("client_id") {
            Some(sent) if sent != signed.app_id => {
                let hint =
                    format!("app_id is `{}` and client_id is `{sent}`: both must name the same client", signed.app_id);
                Err(unauthorized(rules::SAME_CLIENT, "Invalid client", hint))
            }
            _ => Ok(()),
        }
    }
}

fn check_method(signed: &PkiSign) -> Result<(), Refusal> {
    if signed.signature_method == "RS256" {
        return Ok(());
    }
    let sent: String = signed.signature_method.chars().take(40).collect();
    let hint = format!("signature_method is `{sent}`, expected `RS256`");
    Err(unauthorized(rules::METHOD, "Invalid signature method", hint))
}

/// A 401 with its message for the wire and its hint for the developer.
pub(super) fn unauthorized(rule: &'static Rule, message: &str, hint: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, message, rule, hint)
}
