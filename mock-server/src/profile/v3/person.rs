//! `GET /{com|gov}/v3/person/{sub}`: the person document, encrypted for the client and signed by the service.

use super::access_token::{self, Bearer};
use super::document::select;
use super::signature::{authorization, unauthorized, verify};
use super::token::signing_failed;
use super::{Call, Context, api, rules};
use crate::config::{ClientRegistration, Flavour};
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::http::refusal::Refusal;
use crate::persona::{Persona, dates};
use crate::rule::nested_jwe::ascii_json;
use serde_json::Value;
use warp::http::StatusCode;

/// The handler.
pub(super) fn person(call: &Call<'_>) -> Answer {
    api(call, call.app.config.v3.person_error_code, retrieve(call))
}

fn retrieve(call: &Call<'_>) -> Result<Answer, Refusal> {
    let query = read_query(call)?;
    let authorization = authorization(call)?;
    let named = query.value("client_id").and_then(|id| call.app.client(id));
    let (client, flavour) = match named {
        Some(client) if call.flavour(client) == Flavour::Sandbox => (client, Flavour::Sandbox),
        _ => (verify(call, "person", authorization.as_ref(), &query)?, Flavour::Test),
    };
    let attributes = required(call, &query)?;
    let token = authorization.and_then(|authorization| authorization.bearer);
    let persona = match token {
        None if flavour == Flavour::Sandbox && !call.app.config.v3.sandbox_bearer => persona_in_path(call)?,
        None => {
            return Err(unauthorized(
                rules::BEARER,
                "Invalid access token",
                "the Authorization header has no Bearer token: append `,Bearer <access token>`",
            ));
        }
        Some(token) => {
            let bearer = access_token::check(call, &token)?;
            check_consent(call, client, &bearer, &attributes)?
        }
    };
    answer(call, client, flavour, persona, &attributes)
}

/// The query's pairs.
pub(super) fn read_query(call: &Call<'_>) -> Result<Pairs, Refusal> {
    if let Err(problem) = call.incoming.body {
        return Err(Refusal::from((rules::BODY, problem)));
    }
    call.incoming
        .query_pairs(call.app.config.v3.repeated_parameters)
        .map_err(|problem| Refusal::from((rules::QUERY, problem)))
}

/// The attributes as a list, each once. Raw and escaped commas are the same here.
pub(super) fn attribute_list(text: &str) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if !list.iter().any(|known| known == name) {
            list.push(name.to_owned());
        }
    }
    list
}

/// SPEC person: `client_id` and `attributes` are required, for gov `sp_esvcId` too.
fn required(call: &Call<'_>, query: &Pairs) -> Result<Vec<String>, Refusal> {
    let mut names = vec!["client_id", "attributes"];
    if call.context == Context::Gov {
        names.push("sp_esvcId");
    }
    for name in names {
        if query.value(name).is_none_or(str::is_empty) {
            return Err(Refusal::malformed(rules::PERSON_REQUIRED, format!("`{name}` is missing from the query")));
        }
    }
    Ok(attribute_list(query.value("attributes").unwrap_or_default()))
}

/// The token is this client's, its subject stands in the path, and the attributes are within the consent.
fn check_consent<'a>(
    call: &Call<'a>,
    client: &ClientRegistration,
    bearer: &Bearer,
    attributes: &[String],
) -> Result<&'a Persona, Refusal> {
    if bearer.client_id != client.id {
        let hint = format!("the token was given to `{}`, not to `{}`", bearer.client_id, client.id);
        return Err(unauthorized(rules::BEARER, "Invalid access token", hint));
    }
    if call.segment().as_deref() != Some(bearer.subject.as_str()) {
        let hint = "the path must be /person/{sub}, with the token's `sub` as one percent-encoded segment";
        return Err(unauthorized(rules::SUBJECT, "UIN/FIN does not match the logged-in user", hint));
    }
    let outside: Vec<&str> =
        attributes.iter().filter(|name| !bearer.consented.contains(name)).map(String::as_str).collect();
    if !outside.is_empty() {
        let status =
            StatusCode::from_u16(call.app.config.v3.unconsented_attribute_status).unwrap_or(StatusCode::FORBIDDEN);
        let message = format!("Attributes not consented: {}", outside.join(","));
        let hint = format!("{message}; the consent covers {}", bearer.consented.join(","));
        return Err(Refusal::new(status, message, rules::CONSENTED, hint));
    }
    let app: &'a crate::app::App = call.app;
    app.persona_of_subject(&bearer.subject).ok_or_else(|| not_found("no persona has this id"))
}

/// Sandbox without a Bearer token (a setting): the path's id alone names the persona.
fn persona_in_path<'a>(call: &Call<'a>) -> Result<&'a Persona, Refusal> {
    let app: &'a crate::app::App = call.app;
    let segment = call.segment().unwrap_or_default();
    app.persona_of_subject(&segment).ok_or_else(|| not_found("no persona has the id in the path"))
}

/// The 404 of person and person-basic.
pub(super) fn not_found(hint: &str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "UIN/FIN is invalid.", rules::UINFIN, hint)
}

/// The document in the form of the flavour.
pub(super) fn answer(
    call: &Call<'_>,
    client: &ClientRegistration,
    flavour: Flavour,
    persona: &Persona,
    attributes: &[String],
) -> Result<Answer, Refusal> {
    let app = call.app;
    let today = dates::singapore_day(app.clock.now());
    let payload = || {
        let document = select(&persona.person(today), attributes, &app.catalogue, &app.config.v3);
        ascii_json(&Value::Object(document))
    };
    let key = match (flavour, &client.key) {
        (Flavour::Test, Some(key)) => key,
        (Flavour::Test | Flavour::Sandbox, _) => return Ok(Answer::api(StatusCode::OK, "application/json", payload())),
    };
    // personas and settings do not change while the server runs; relative dates follow the day
    let name = format!("{} {today} {}", persona.id, attributes.join(","));
    let signed = app.documents.sign(name, &app.signing, payload).map_err(|error| signing_failed(&error))?;
    // recorded: the plaintext is a JSON string, quotes included; a compact JWS needs no escaping inside it
    let encrypted =
        key.recipient.encrypt(format!("\"{signed}\"").as_bytes()).map_err(|error| signing_failed(&error))?;
    Ok(Answer::api(StatusCode::OK, "application/jose", encrypted))
}
