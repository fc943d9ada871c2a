//! `GET /fapi/userinfo`: the person's data, signed, and encrypted for the client.

use super::access_token;
use super::auth::WRITING;
use super::caller::{Caller, FAPI, Proof, Proving, issuer, proof};
use super::client::App;
use super::client_keys;
use super::document::{Unencrypted, Unsigned, encrypted, signed};
use super::errors::{self, invalid_request, invalid_token, unauthorised_proof};
use super::other_login::whose_key;
use super::rules;
use super::settings::FapiSettings;
use super::token::persona_of;
use crate::call::Call;
use crate::examination::{Examination, Link};
use crate::fault::Stage;
use crate::http::exchange::Answer;
use crate::jose::jwk_set::JwkSet;
use crate::persona::{Persona, dates};
use crate::profile::reply::reply;
use crate::refusal::{Failure, Refusal};
use crate::rule::jwt::Jwt;
use serde_json::{Map, Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use warp::http::{StatusCode, header};

/// The handler.
pub(super) fn userinfo(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let answer = retrieve(call, exam);
    answer.filter(|_| !exam.stopped()).unwrap_or_else(|| errors::challenge(call, exam))
}

fn retrieve(call: &Call<'_>, exam: &mut Examination) -> Option<Answer> {
    let settings = FapiSettings::of(&call.app.config)?;
    let token = presented(call).map_err(|refusal| exam.broken(refusal)).ok()?;
    let genuine = access_token::genuine(call, settings, &token, &issuer(call.incoming));
    let jwt = exam.check(rules::BEARER, genuine.map_err(|hint| invalid_token(rules::BEARER, hint)))?;
    exam.links.push(Link::Token(jwt.text("jti").to_owned()));
    exam.client = Some(jwt.text("client_id").to_owned());
    let alive = access_token::alive(call, &jwt).map_err(|hint| invalid_token(rules::BEARER_ALIVE, hint));
    exam.check(rules::BEARER_ALIVE, alive);
    let caller = Caller::of(call, jwt.text("client_id"));
    let is_myinfo = caller.is_some_and(|caller| caller.own.app == App::Myinfo);
    let of_login = || invalid_request(rules::APP, "the token was given to a Login app, which has no userinfo");
    exam.check(rules::APP, if is_myinfo { Ok(()) } else { Err(of_login()) });
    let keys = caller.and_then(|caller| exam.check(rules::CLIENT_KEYS, client_keys::of(call, settings, caller, &FAPI)));
    let bound = jwt.claims.get("cnf").and_then(|cnf| cnf.get("jkt")).and_then(Value::as_str).unwrap_or_default();
    let by = Some((bound, "the access token"));
    let proving = Proving { endpoint: "userinfo", access_token: Some(&token), bound: by, refuse: unauthorised_proof };
    match proof(call, exam, settings, &proving) {
        Proof::Absent => exam.broken(unauthorised_proof(rules::DPOP, "there is no DPoP header".to_owned())),
        Proof::Examined(key) => {
            let whose = whose_key(call, settings, jwt.text("client_id"), (&key, bound));
            exam.explain(rules::DPOP_KEY, whose.as_deref().unwrap_or_default());
        }
        Proof::Unreadable => {}
    }
    let persona = with_data(call, jwt.text("sub")).map_err(|hint| invalid_request(rules::PERSON, hint));
    let persona = exam.check(rules::PERSON, persona);
    if exam.refused() {
        return None;
    }
    let (caller, keys, persona) = (caller?, keys?, persona?);
    exam.persona = Some(persona.id.clone());
    if let Some(agency) = agency_down(call, settings, &jwt) {
        let description = format!("the source agency {agency} does not answer");
        return Some(errors::body(StatusCode::BAD_GATEWAY, "upstream_dependency_error", &description, &[]));
    }
    let delivery = Delivery { caller, keys: &keys.set, persona, token: &jwt };
    reply(call, exam, Stage::PersonResponse, errors::plain, |exam| {
        deliver(call, exam, settings, &delivery).map_err(|failure| exam.failed(failure)).ok()
    })
}

/// The persona of a `sub`, where Myinfo has data of it. DOC, 5. Requesting for userinfo, `invalid_request`.
pub(in crate::profile) fn with_data<'a>(call: &Call<'a>, sub: &str) -> Result<&'a Persona, String> {
    let persona = persona_of(call, sub).ok_or("no persona with Myinfo data has the token's `sub`")?;
    match persona.account.without_data() {
        Some(account) => Err(format!("the persona has {account}: login and consent work, userinfo does not")),
        None => Ok(persona),
    }
}

/// The token behind `DPoP`, in any case (RFC 9110 §11.1).
fn presented(call: &Call<'_>) -> Result<String, Refusal> {
    let refuse = |hint: String| Err(invalid_token(rules::BEARER, hint));
    if !call.incoming.query.is_empty() {
        return refuse(
            "the address has a query: userinfo takes none, what is sent follows from the consent".to_owned(),
        );
    }
    let header = call
        .incoming
        .header(&header::AUTHORIZATION)
        .map_err(|problem| invalid_token(rules::BEARER, problem.to_string()))?;
    let Some(header) = header else { return refuse("there is no Authorization header".to_owned()) };
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("dpop") => Ok(token.trim().to_owned()),
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("bearer") => {
            refuse("the scheme is `Bearer`, as before FAPI; the token is bound to a key, so it is `DPoP`".to_owned())
        }
        _ => refuse("the Authorization header is not `DPoP` and an access token".to_owned()),
    }
}

/// A source agency of a consented scope that is down, where one is: then there are no data at all. DOC, Scheduled downtimes.
pub(in crate::profile) fn agency_down<'s>(
    call: &Call<'_>,
    settings: &'s FapiSettings,
    token: &Jwt<'_>,
) -> Option<&'s str> {
    let asks = |agency: &str| token.text("scope").split(' ').any(|scope| call.app.catalogue.comes_from(scope, agency));
    settings.agencies_down.iter().map(String::as_str).find(|agency| asks(agency))
}

/// Whose data are delivered, and to whom.
struct Delivery<'a> {
    caller: Caller<'a>,
    keys: &'a JwkSet,
    persona: &'a Persona,
    token: &'a Jwt<'a>,
}

/// The document: `person_info` with what was asked for, and no `exp`, as observed.
fn deliver(
    call: &Call<'_>,
    exam: &mut Examination,
    settings: &FapiSettings,
    delivery: &Delivery<'_>,
) -> Result<Answer, Failure> {
    let client_id = &delivery.caller.client.id;
    let person = person_info(call, exam, (delivery.persona, delivery.token));
    let around = json!({
        "iss": issuer(call.incoming),
        "iat": call.app.clock.shown().seconds(),
        "sub": delivery.token.text("sub"),
        "aud": client_id,
    });
    let payload = format!("{{\"person_info\":{person},{}", around.to_string().trim_start_matches('{')).into_bytes();
    let unsigned = Unsigned { stage: Stage::PersonJws, kind: "JWT", client_id, payload };
    let document: Arc<str> = signed(call, exam, settings, unsigned)?.into();
    exam.document = Some(Arc::clone(&document));
    let unencrypted = Unencrypted { stage: Stage::PersonJwe, enc: settings.userinfo_enc, signed: document };
    let encrypted = encrypted(call, exam, delivery.keys, unencrypted)?;
    let content_type = encrypted.content_type.unwrap_or("application/jwt; charset=utf-8");
    Ok(Answer::api(StatusCode::OK, content_type, encrypted.text))
}

/// What the consent covers of the person, as JSON: from memory, or written now. What a fault may change is not remembered.
fn person_info(call: &Call<'_>, exam: &mut Examination, (persona, token): (&Persona, &Jwt<'_>)) -> Arc<str> {
    let mut write = || Value::Object(consented(call, exam, (persona, token))).to_string();
    if call.app.faults.any() {
        return write().into();
    }
    // settings do not change while the server runs; personas carry their edition, relative dates follow the day
    let today = dates::singapore_day(call.app.clock.shown());
    let name = format!("v5 {} {} {today} {}", call.book.edition, persona.id, token.text("scope"));
    call.app.documents.of(name, || Ok::<_, Infallible>(write())).unwrap_or_else(|never| match never {})
}

/// What the consent covers of the person.
pub(in crate::profile) fn consented(
    call: &Call<'_>,
    exam: &mut Examination,
    (persona, token): (&Persona, &Jwt<'_>),
) -> Map<String, Value> {
    let scopes = token.text("scope").split(' ').filter(|scope| *scope != "openid");
    let scopes: Vec<String> = scopes.map(str::to_owned).collect();
    call.person_data(exam, persona, &scopes, WRITING)
}
