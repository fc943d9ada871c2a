//! What comes back of what was sent, as a relying party that is played compares it: the address of a callback, `state`, `iss` and
//! `code` in it, `nonce` in an ID token.

use super::play::{Player, header_of, login_page};
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::page::playground::{Opened, Unlike};
use serde_json::Value;
use warp::http::header;

/// The issuer that a callback is of.
pub(crate) struct Issuer {
    pub(crate) name: String,
    /// Whether the discovery document announces that each callback names it. RFC 9207 §2.3.
    pub(crate) announced: bool,
}

/// What of a callback a relying party refuses. RFC 6749 §10.12, RFC 9207 §2.4.
pub(super) fn callback(player: &Player<'_>, answer: &Answer, _: &[Opened]) -> Vec<Unlike> {
    let Some(location) = header_of(answer, &header::LOCATION).filter(|_| login_page(answer).is_none()) else {
        return Vec::new();
    };
    let query = location.split('#').next().and_then(|address| address.split_once('?')).map_or("", |(_, query)| query);
    let pairs = Pairs::parse(query).unwrap_or_default();
    let came = |wanted: &str| -> Vec<String> {
        pairs.iter().filter(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned()).collect()
    };
    let state = unlike(("The callback", "state"), player.memo.get("state"), &came("state"));
    let codes = came("code");
    let code = (codes.len() > 1).then(|| different(("The callback", "code"), "one".to_owned(), &codes));
    let address = other_address(player, location);
    address.into_iter().chain(state).chain(other_issuer(player, &came("iss"))).chain(code).collect()
}

/// Where the callback came to another address than the request asked for. What stands in either query is no part of it.
fn other_address(player: &Player<'_>, location: &str) -> Option<Unlike> {
    let bare = |address: &str| address.split(['?', '#']).next().unwrap_or_default().to_owned();
    let sent = bare(player.memo.get("redirect_uri")?);
    let came = bare(location);
    (came != sent).then(|| different(("The callback", "redirect_uri"), sent, &[came]))
}

fn other_issuer(player: &Player<'_>, came: &[String]) -> Option<Unlike> {
    let issuer = (player.play.issuer)(player)?;
    if came.is_empty() && !issuer.announced {
        return None;
    }
    unlike(("The callback", "iss"), Some(&issuer.name), came)
}

/// What of an ID token a relying party refuses. OpenID Connect Core §3.1.3.7, 11.
pub(super) fn id_token(player: &Player<'_>, _: &Answer, opened: &[Opened]) -> Vec<Unlike> {
    let claims = opened.iter().flat_map(|document| document.layers.iter()).find(|(name, _)| *name == "Claims");
    let Some((_, claims)) = claims else { return Vec::new() };
    let claims: Value = serde_json::from_str(claims).unwrap_or_default();
    let text = |nonce: &Value| nonce.as_str().map_or_else(|| nonce.to_string(), str::to_owned);
    let came: Vec<String> = claims.get("nonce").map(text).into_iter().collect();
    unlike(("The ID token", "nonce"), player.memo.get("nonce"), &came).into_iter().collect()
}

/// Nothing where once came what was sent, or nothing of nothing.
fn unlike((place, name): (&'static str, &'static str), sent: Option<&String>, came: &[String]) -> Option<Unlike> {
    if came.iter().eq(sent) {
        return None;
    }
    Some(different((place, name), sent.map_or_else(|| "none".to_owned(), String::clone), came))
}

fn different((place, name): (&'static str, &'static str), expected: String, came: &[String]) -> Unlike {
    let came = if came.is_empty() { "none".to_owned() } else { came.join(" and ") };
    Unlike { place, name, expected, came }
}
