//! The client assertion and the DPoP proof of a request of the journal.

use super::caller::DPOP;
use crate::http::pairs::Pairs;
use crate::journal::Request;
use crate::profile::signed_text::{Content, SignedText};

/// Those of the two that the request carries.
pub(in crate::profile) fn of(request: &Request) -> Vec<SignedText> {
    let form = request.body.as_ref().ok().and_then(|body| std::str::from_utf8(body).ok());
    let form = form.and_then(|form| Pairs::parse(form).ok()).unwrap_or_default();
    let token = |name: &'static str, kind: Option<&'static str>, sent: Option<&str>| {
        let token = sent.filter(|token| !token.is_empty())?.to_owned();
        Some(SignedText { name, content: Content::Token { kind, token } })
    };
    let assertion = token("client assertion", None, form.value("client_assertion"));
    let proof = token("DPoP proof", Some("dpop+jwt"), request.header(&DPOP));
    assertion.into_iter().chain(proof).collect()
}
