//! `GET /userinfo`: the person's data at the root of a document that is signed, and encrypted for the client.

use super::errors::{self, client_side, invalid_token};
use super::metadata::issuer;
use super::settings::OidcSettings;
use super::{AT_USERINFO, rules, subject};
use crate::call::Call;
use crate::doctor::catalogue::OLD_API;
use crate::examination::{Examination, Link};
use crate::fault::Stage;
use crate::http::exchange::Answer;
use crate::jose::jwk_set::JwkSet;
use crate::persona::Persona;
use crate::profile::fapi::access_token;
use crate::profile::fapi::caller::Caller;
use crate::profile::fapi::client_keys;
use crate::profile::fapi::document::{Unencrypted, Unsigned, encrypted, signed};
use crate::profile::fapi::settings::FapiSettings;
use crate::profile::fapi::userinfo::{agency_down, consented, with_data};
use crate::profile::reply::reply;
use crate::refusal::{Failure, Refusal};
use crate::rule::jwt::Jwt;
use serde_json::{Value, json};
use std::sync::Arc;
use warp::http::{StatusCode, header};

/// The handler.
pub(super) fn userinfo(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let answer = retrieve(call, exam);
    answer.filter(|_| !exam.stopped()).unwrap_or_else(|| errors::challenge(call, exam))
}

fn retrieve(call: &Call<'_>, exam: &mut Examination) -> Option<Answer> {
    let shared = FapiSettings::of(&call.app.config)?;
    let token = presented(call).map_err(|refusal| exam.broken(refusal)).ok()?;
    let genuine = access_token::genuine(call, shared, &token, &issuer(call.incoming));
    let jwt =
        exam.check(rules::BEARER, genuine.map_err(|hint| invalid_token(rules::BEARER, explained(&token, hint))))?;
    exam.links.push(Link::Token(jwt.text("jti").to_owned()));
    exam.client = Some(jwt.text("client_id").to_owned());
    let alive = access_token::alive(call, &jwt).map_err(|hint| invalid_token(rules::BEARER_ALIVE, hint));
    exam.check(rules::BEARER_ALIVE, alive);
    let caller = Caller::of(call, jwt.text("client_id"));
    let keys = caller.map(|caller| client_keys::of(call, shared, caller, &AT_USERINFO));
    let gone = || Err(client_side(rules::CLIENT_KEYS, "the token's client is no longer registered".to_owned()));
    let keys = exam.check(rules::CLIENT_KEYS, keys.unwrap_or_else(gone));
    let persona = with_data(call, subject::uuid(jwt.text("sub"))).map_err(|hint| client_side(rules::PERSON, hint));
    let persona = exam.check(rules::PERSON, persona);
    if exam.refused() {
        return None;
    }
    let (keys, persona) = (keys?, persona?);
    exam.persona = Some(persona.id.clone());
    if agency_down(call, shared, &jwt).is_some() {
        return Some(errors::of_server(call, StatusCode::BAD_GATEWAY));
    }
    let delivery = Delivery { keys: &keys.set, persona, token: &jwt };
    reply(call, exam, Stage::PersonResponse, errors::plain, |exam| {
        deliver(call, exam, &delivery).map_err(|failure| exam.failed(failure)).ok()
    })
}

/// The token behind `Bearer`, in any case (RFC 9110 §11.1).
fn presented(call: &Call<'_>) -> Result<String, Refusal> {
    let refuse = |hint: &str| Err(invalid_token(rules::BEARER, hint));
    let header = call.incoming.header(&header::AUTHORIZATION);
    let header = header.map_err(|problem| invalid_token(rules::BEARER, problem.to_string()))?;
    let Some(header) = header else { return refuse("there is no Authorization header") };
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim().to_owned()),
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("dpop") => {
            let hint =
                "the scheme is `DPoP`: this is the API before FAPI, which has `Bearer`; FAPI's is /fapi/userinfo";
            Err(invalid_token(rules::BEARER, hint).diagnosed(OLD_API))
        }
        _ => refuse("the Authorization header is not `Bearer` and an access token"),
    }
}

/// Why a token is none, with what is known of texts like it.
fn explained(token: &str, hint: String) -> String {
    if token.contains('.') {
        return hint;
    }
    format!("{hint}; is it that of a Login app? That is a random text, and Login apps have no userinfo")
}

/// Whose data are delivered, and to whom.
struct Delivery<'a> {
    keys: &'a JwkSet,
    persona: &'a Persona,
    token: &'a Jwt<'a>,
}

/// The document: the data beside `iss`, `sub`, `aud` and `iat`.
fn deliver(call: &Call<'_>, exam: &mut Examination, delivery: &Delivery<'_>) -> Result<Answer, Failure> {
    let settings = OidcSettings::of(&call.app.config).ok_or_else(Failure::nothing_to_say)?;
    let shared = FapiSettings::of(&call.app.config).ok_or_else(Failure::nothing_to_say)?;
    let mut claims = consented(call, exam, (delivery.persona, delivery.token));
    let client_id = delivery.token.text("client_id");
    for (name, value) in [
        ("iss", json!(issuer(call.incoming))),
        ("sub", json!(delivery.token.text("sub"))),
        ("aud", json!(client_id)),
        ("iat", json!(call.app.clock.shown().seconds())),
    ] {
        claims.insert(name.to_owned(), value);
    }
    let payload = Value::Object(claims).to_string().into_bytes();
    let unsigned = Unsigned { stage: Stage::PersonJws, kind: "JWT", client_id, payload };
    let document: Arc<str> = signed(call, exam, shared, unsigned)?.into();
    exam.document = Some(Arc::clone(&document));
    let unencrypted = Unencrypted { stage: Stage::PersonJwe, enc: settings.userinfo_enc, signed: document };
    let encrypted = encrypted(call, exam, delivery.keys, unencrypted)?;
    let content_type = encrypted.content_type.unwrap_or("application/jwt; charset=utf-8");
    Ok(Answer::api(StatusCode::OK, content_type, encrypted.text))
}
