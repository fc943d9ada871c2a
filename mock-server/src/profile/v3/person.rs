//! `GET /{com|gov}/v3/person/{sub}`: the person document, encrypted for the client and signed by the service.

use super::access_token::{self, Bearer};
use super::answer::api;
use super::attributes::{attribute_list, explain, first_unknown};
use super::call::{Call, Context};
use super::document::{Delivery, deliver};
use super::instead::instead_of;
use super::parameters::{OF_GOV, PERSON_PARAMETERS, PERSON_REQUIRED, missing, note_odd_requests, read_query};
use super::rules;
use super::signature::{Signed, authorization, unauthorized};
use crate::config::Flavour;
use crate::doctor::catalogue::{ATTR, ENV_MIX, SUB};
use crate::doctor::difference::Comparison;
use crate::examination::Examination;
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::persona::{Persona, uinfin};
use crate::refusal::Refusal;
use warp::http::StatusCode;

/// The handler.
pub(super) fn person(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let answer = retrieve(call, exam);
    api(call, exam, call.settings.person_error_code, answer)
}

fn retrieve(call: &Call<'_>, exam: &mut Examination) -> Option<Answer> {
    let query = exam.check(rules::QUERY, read_query(call))?;
    note_odd_requests(call, exam, &query, PERSON_PARAMETERS);
    let authorization = exam.check(rules::AUTHORIZATION_FORM, authorization(call)).flatten();
    let unreadable = exam.refused();
    let named = query.value("client_id").and_then(|id| call.client(id));
    exam.client = named.map(|client| client.id.to_owned());
    let (client, flavour) = match named {
        Some(client) if call.flavour(client) == Flavour::Sandbox => {
            exam.not_applicable(rules::SIGNED, "requests in the sandbox are not signed");
            if authorization.as_ref().is_some_and(|authorization| authorization.signature.is_some()) {
                exam.note(ENV_MIX, "this request is signed; the sandbox ignores that, and answers in clear");
            }
            (Some(client), Flavour::Sandbox)
        }
        _ if unreadable => (named, Flavour::Test),
        _ => {
            let signed = Signed { call, endpoint: "person", authorization: authorization.as_ref(), parameters: &query };
            (signed.examine(exam), Flavour::Test)
        }
    };
    exam.client = client.map(|client| client.id.to_owned());
    let attributes = exam.check(rules::PERSON_REQUIRED, required(call, &query));
    if unreadable {
        // whether there is a token in it, nobody can say
        return None;
    }
    let token = authorization.and_then(|authorization| authorization.bearer);
    let without_token = token.is_none() && flavour == Flavour::Sandbox && !call.settings.sandbox_bearer;
    let persona = if without_token {
        exam.not_applicable(&[rules::BEARER], "this sandbox wants no Bearer token");
        exam.check(rules::UINFIN, persona_in_path(call))
    } else {
        let token = exam.check(rules::BEARER, token.ok_or_else(no_token))?;
        let bearer = access_token::examine(call, exam, client, &token)?;
        examine_consent(call, exam, &bearer, attributes.as_deref().unwrap_or_default())
    };
    if exam.refused() {
        return None;
    }
    deliver(call, exam, Delivery { client: client?, flavour, persona: persona?, attributes: &attributes? })
}

fn no_token() -> Refusal {
    unauthorized(rules::BEARER, "Invalid access token", "the Authorization header has no Bearer token")
}

/// SPEC person: `client_id` and `attributes` are required, for gov `sp_esvcId` too.
fn required(call: &Call<'_>, query: &Pairs) -> Result<Vec<String>, Refusal> {
    let names = PERSON_REQUIRED.iter().copied().filter(|name| *name != OF_GOV || call.context == Context::Gov);
    let absent = names.filter(|name| query.value(name).is_none_or(str::is_empty));
    match missing(query, absent, PERSON_PARAMETERS) {
        None => Ok(attribute_list(query.value("attributes").unwrap_or_default())),
        Some(missing) => Err(Refusal::malformed(rules::PERSON_REQUIRED, format!("{missing} from the query"))),
    }
}

/// The subject stands in the path, and the attributes are within the consent.
fn examine_consent<'a>(
    call: &Call<'a>,
    exam: &mut Examination,
    bearer: &Bearer,
    attributes: &[String],
) -> Option<&'a Persona> {
    exam.check(rules::SUBJECT, check_subject(call, bearer));
    exam.check(rules::CONSENTED, check_consented(call, bearer, attributes));
    // a fault may make the server answer for the id in the path, whosever the token is
    let overlooked = exam.overlooked_rules().any(|rule| rule == rules::SUBJECT.id);
    let subject = call.segment().filter(|_| overlooked).unwrap_or_else(|| bearer.subject.clone());
    let found = call.book.persona_of_subject(&subject);
    exam.check(rules::UINFIN, with_data(found, || not_found("no persona has this id")))
}

fn check_subject(call: &Call<'_>, bearer: &Bearer) -> Result<(), Refusal> {
    let sent = call.segment();
    if sent.as_deref() == Some(bearer.subject.as_str()) {
        return Ok(());
    }
    let masked = |id: &str| {
        if uinfin::is_well_formed(&id.to_uppercase()) { uinfin::mask_all(id) } else { id.chars().take(60).collect() }
    };
    let (expected, received) = (masked(&bearer.subject), sent.as_deref().map(masked).unwrap_or_default());
    let hint = if sent.is_none() {
        format!("the path must be /person/{{sub}}, one segment; the token's subject is `{expected}`")
    } else {
        let alike = sent.as_deref().is_some_and(|sent| sent.eq_ignore_ascii_case(&bearer.subject));
        let case = if alike { "; they differ in capitals and small letters alone" } else { "" };
        format!("the path has the id `{received}`; the token's subject is `{expected}`{case}")
    };
    let refusal = unauthorized(rules::SUBJECT, "UIN/FIN does not match the logged-in user", hint);
    Err(refusal.diagnosed(SUB).compared(Comparison::new(expected, received)))
}

fn check_consented(call: &Call<'_>, bearer: &Bearer, attributes: &[String]) -> Result<(), Refusal> {
    let outside: Vec<&str> =
        attributes.iter().filter(|name| !bearer.consented.contains(name)).map(String::as_str).collect();
    if outside.is_empty() {
        return Ok(());
    }
    let status = call.settings.unconsented_attribute_status;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    let message = format!("Attributes not consented: {}", outside.join(","));
    let catalogue = &call.app.catalogue;
    let sent = attributes.join(",");
    let unknown = first_unknown(catalogue, attributes).map(|unknown| explain(catalogue, &sent, unknown));
    let unknown = unknown.map_or_else(String::new, |unknown| format!("; {unknown}"));
    let hint = format!("{message}; the consent covers {}{unknown}", bearer.consented.join(","));
    Err(Refusal::new(status, message, rules::CONSENTED, hint).diagnosed(ATTR))
}

/// Sandbox without a Bearer token (a setting): the path's id alone names the persona.
fn persona_in_path<'a>(call: &Call<'a>) -> Result<&'a Persona, Refusal> {
    let segment = call.segment().unwrap_or_default();
    with_data(call.book.persona_of_subject(&segment), || not_found("no persona has the id in the path"))
}

/// The persona that was found, where Myinfo has data of it. SPEC, person: 404 for a Singpass user without a Myinfo profile.
pub(super) fn with_data(found: Option<&Persona>, missing: impl FnOnce() -> Refusal) -> Result<&Persona, Refusal> {
    let persona = found.ok_or_else(missing)?;
    match persona.account.without_data() {
        Some(account) => Err(not_found(&format!("the persona has {account}: the login works, person does not"))),
        None => Ok(persona),
    }
}

/// The 404 of person-basic and person-sample, whose path has a person's number.
pub(super) fn unknown_number(id: Option<&str>, endpoint: &str) -> Refusal {
    match id {
        None => not_found(&format!("the path must be /{endpoint}/{{uinfin}}; its last segment is missing")),
        Some(id) if uinfin::is_well_formed(id) => not_found("no persona has this NRIC or FIN"),
        Some(id) if uinfin::is_well_formed(&id.to_uppercase()) => {
            not_found("the NRIC or FIN in the path has small letters; its letters are capitals")
        }
        Some(id) => {
            let what = instead_of("uinfin", id).unwrap_or_else(|| {
                "is no NRIC or FIN: one of S, T, F, G and M, seven digits and a capital letter".to_owned()
            });
            not_found(&format!("what stands in the path {what}"))
        }
    }
}

/// The 404 of person and person-basic.
pub(super) fn not_found(hint: &str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "UIN/FIN is invalid.", rules::UINFIN, hint)
}
