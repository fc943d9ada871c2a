//! Requests that are signed wrongly, each in one way.

use crate::server::client::v3::{Draft, OracleClient};
use myinfo_oracle::v3::{authorization, base_string, sign};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::RequestBuilder;
use rsa::RsaPrivateKey;

/// A request whose header lacks a field.
pub(super) fn lacking(client: &OracleClient, draft: &Draft, field: &str) -> RequestBuilder {
    let whole = client.authorization(draft);
    let fields = whole.trim_start_matches("PKI_SIGN ").split(',');
    let kept: Vec<&str> = fields.filter(|pair| pair.split('=').next() != Some(field)).collect();
    client.request(draft, Some(&format!("PKI_SIGN {}", kept.join(","))))
}

/// A request whose signature is over a text of one's own.
pub(super) fn over(client: &OracleClient, draft: &Draft, text: &str) -> RequestBuilder {
    instead(client, draft, &sign(text, &client.key))
}

/// A request with a signature of one's own.
pub(super) fn instead(client: &OracleClient, draft: &Draft, signature: &str) -> RequestBuilder {
    client.request(draft, Some(&with_bearer(draft, &authorization(&draft.header, signature))))
}

pub(super) fn with_bearer(draft: &Draft, header: &str) -> String {
    draft.bearer.as_ref().map_or_else(|| header.to_owned(), |token| format!("{header},Bearer {token}"))
}

/// A request that is changed after signing.
pub(super) fn later(client: &OracleClient, draft: &Draft, change: fn(&mut Draft)) -> RequestBuilder {
    let header = client.authorization(draft);
    let mut sent = draft.clone();
    change(&mut sent);
    client.request(&sent, Some(&header))
}

/// The base string with its values percent-encoded.
pub(super) fn encoded(draft: &Draft) -> String {
    let mut signed = draft.clone();
    for (_, value) in &mut signed.parameters {
        *value = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
    }
    signed.base_string()
}

/// The base string with its parameters from z to a.
pub(super) fn unsorted(draft: &Draft) -> String {
    let text = draft.base_string();
    let mut pieces: Vec<&str> = text.split('&').collect();
    pieces.get_mut(2..).unwrap_or_default().reverse();
    pieces.join("&")
}

/// The base string with the parameters sorted apart from the header's fields.
pub(super) fn header_last(draft: &Draft) -> String {
    let whole = base_string(draft.method, &draft.signed_url, &draft.header, &[]);
    let fields = whole.splitn(3, '&').nth(2).unwrap_or_default();
    let mut parameters = draft.parameters.clone();
    parameters.sort();
    let parameters: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{}&{}&{}&{fields}", draft.method, draft.signed_url, parameters.join("&"))
}

pub(super) fn shift(draft: &mut Draft, milliseconds: i64) {
    let now: i64 = draft.header.timestamp.parse().unwrap_or_default();
    draft.header.timestamp = (now + milliseconds).to_string();
}

pub(super) fn signed_by(client: &OracleClient, draft: &Draft, key: &RsaPrivateKey) -> RequestBuilder {
    instead(client, draft, &sign(&draft.base_string(), key))
}
