//! The base string of a request of the journal, as the server rebuilds it.

use super::base_string::base_string;
use super::pki_sign::parse;
use crate::http::pairs::Pairs;
use crate::journal::Request;
use crate::profile::signed_text::{Content, SignedText};
use warp::http::{Method, header};

/// The base string; nothing where the request carries no signature that can be read, or parameters that cannot.
pub(super) fn of(request: &Request) -> Vec<SignedText> {
    rebuilt(request).map(|text| SignedText { name: "base string", content: Content::Text(text) }).into_iter().collect()
}

/// With the address as it was called: the first of those that the server tries.
fn rebuilt(request: &Request) -> Option<String> {
    let signed = parse(request.header(&header::AUTHORIZATION)?).ok()?.signature?;
    let body = request.body.as_ref().ok().and_then(|body| std::str::from_utf8(body).ok())?;
    let parameters = Pairs::parse(if request.method == Method::POST { body } else { &request.query }).ok()?;
    let url = format!("{}{}", request.origin, request.path);
    Some(base_string(request.method.as_str(), &url, &signed, &parameters))
}
