//! A text of one's own against what a request of the journal signed: its base string, its assertion or its proof.

use super::journal::{gone, number};
use super::request::{AdminError, Ask};
use crate::http::exchange::Answer;
use crate::jose::nested::unverified;
use crate::journal::Exchange;
use crate::journal::mask::Mask;
use crate::page::compare::{ComparePage, LENGTH, Member, Seen};
use crate::page::{self, compare};
use crate::profile::ALL;
use crate::profile::signed_text::{Content, SignedText};
use crate::quote::is_marked;
use serde_json::{Map, Value};
use warp::http::StatusCode;

/// What is another one in every request, or in every login.
const ALWAYS_NEW: [&str; 6] = ["jti", "iat", "exp", "nbf", "ath", "jwk"];

/// What an exchange signed, as its profile tells it.
pub(super) fn signed(exchange: &Exchange) -> Vec<SignedText> {
    let profile = ALL.iter().find(|profile| exchange.event.profile() == Some(profile.protocol.id));
    profile.map_or_else(Vec::new, |profile| (profile.signed_texts)(&exchange.request))
}

/// `POST compare/{number}`: the page that shows both side by side. Nothing is stored.
pub(super) fn show(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let number = number(ask.segment)?;
    let exchange = ask.app.journal.find(number).ok_or_else(|| gone(ask, "exchange", number))?;
    let signed = signed(&exchange);
    if signed.is_empty() {
        return Err(AdminError::missing(format!("exchange {number} signed nothing that a text can be held against")));
    }
    let form = ask.form()?;
    let book = ask.app.book();
    let seen = seen(&signed, form.value("own").unwrap_or_default(), ask.mask(&book));
    let status = if matches!(seen, Seen::Unusable(_)) { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let page = ComparePage {
        base: &ask.incoming.base,
        exchange: number,
        transaction: exchange.transaction,
        names: names(&signed),
        seen,
    };
    let answer = compare::compare(&page).unwrap_or_else(|failure| page::failure(&failure));
    Ok(Answer { status: if answer.status == StatusCode::OK { status } else { answer.status }, ..answer })
}

/// What can be compared, in words: `client assertion or DPoP proof`.
pub(super) fn names(signed: &[SignedText]) -> String {
    signed.iter().map(|signed| signed.name).collect::<Vec<_>>().join(" or ")
}

fn seen(signed: &[SignedText], own: &str, mask: Mask<'_>) -> Seen {
    // what is copied with the mouse has line breaks around it
    let own = own.trim_matches(['\r', '\n']);
    if own.trim().is_empty() {
        return Seen::Unusable("Nothing was pasted.".to_owned());
    }
    if own.chars().count() > LENGTH {
        return Seen::Unusable(format!("That is too long: at most {LENGTH} characters are compared."));
    }
    if is_marked(own) {
        return Seen::Unusable("That is a key. A private key belongs into no form: paste what it signed.".to_owned());
    }
    let texts = signed.iter().find_map(|signed| match &signed.content {
        Content::Text(text) => Some((signed.name, text)),
        Content::Token { .. } => None,
    });
    match (token_of(own), texts) {
        (Some(token), _) => of_token(signed, token, mask),
        (None, Some((name, text))) => {
            let [came, yours] = [text, own].map(|text| mask.text(&without_code(text)));
            Seen::texts(name, [text, own], [&came, &yours])
        }
        (None, None) => Seen::Unusable(format!(
            "That is no JWT. Expected is a {}: three parts of base64url with dots in between.",
            names(signed)
        )),
    }
}

/// A base string without the code in it: it is shown nowhere as a whole.
fn without_code(text: &str) -> String {
    let shown = |pair| if str::starts_with(pair, "code=") { "code=[redacted]" } else { pair };
    text.split('&').map(shown).collect::<Vec<_>>().join("&")
}

/// A JWT that is the text, or a header with one.
fn token_of(own: &str) -> Option<&str> {
    let token = own.trim().rsplit([' ', ':', '=']).next()?;
    let is_one = token.split('.').count() == 3 && unverified(token, 0).is_some() && unverified(token, 1).is_some();
    is_one.then_some(token)
}

/// The members of a token and of the one of its kind that came.
fn of_token(signed: &[SignedText], own: &str, mask: Mask<'_>) -> Seen {
    let header = unverified(own, 0).unwrap_or_default();
    let typ = header.get("typ").and_then(Value::as_str);
    let came = signed.iter().find_map(|signed| match &signed.content {
        Content::Token { kind: Some(kind), token } => (typ == Some(kind)).then_some((signed.name, token)),
        Content::Token { kind: None, token } => (typ != Some("dpop+jwt")).then_some((signed.name, token)),
        Content::Text(_) => None,
    });
    let Some((name, came)) = came else {
        return Seen::Unusable(format!("This request has no token of this kind; it has a {}.", names(signed)));
    };
    let parts = [("header", 0), ("claims", 1)].map(|(part, place)| {
        members(part, &unverified(came, place).unwrap_or_default(), &unverified(own, place).unwrap_or_default(), mask)
    });
    Seen::Members(name, parts.into_iter().flatten().collect())
}

/// The members of both, in the order of those that came, those of one's own alone behind them.
fn members(part: &'static str, came: &Map<String, Value>, own: &Map<String, Value>, mask: Mask<'_>) -> Vec<Member> {
    let more = own.keys().filter(|name| !came.contains_key(*name));
    let shown = |value: Option<&Value>| value.map(|value| mask.text(&value.to_string()));
    let member = |name: &String| Member {
        part,
        name: name.clone(),
        came: shown(came.get(name)),
        own: shown(own.get(name)),
        always_new: ALWAYS_NEW.contains(&name.as_str()),
        same: came.get(name) == own.get(name),
    };
    came.keys().chain(more).map(member).collect()
}
