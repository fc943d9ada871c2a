//! `GET /gov/v3/person-basic/{uinfin}`: deprecated, still called: no consent, no Bearer token, the signature alone.

use super::answer::{api, plain};
use super::attributes::{attribute_list, explain, first_unknown};
use super::call::Call;
use super::client::Client;
use super::document::{Delivery, deliver};
use super::parameters::{PERSON_PARAMETERS, note_odd_requests, read_query};
use super::person::{unknown_number, with_data};
use super::rules;
use super::signature::{Signed, authorization};
use crate::config::Flavour;
use crate::examination::Examination;
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::persona::{Persona, uinfin};
use crate::refusal::Refusal;
use crate::rule::common;
use warp::http::StatusCode;

/// The handler.
///
/// The real service also checks with Singpass that the person has a live login at the calling e-service; the mock takes
/// every persona as logged in.
pub(super) fn person_basic(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let answer = retrieve(call, exam);
    api(call, exam, call.settings.person_error_code, answer)
}

/// The handler at com, where nothing is served under this name.
pub(super) fn for_gov_only(_: &Call<'_>, exam: &mut Examination) -> Answer {
    let message = "person-basic exists for gov only";
    exam.broken(Refusal::new(StatusCode::NOT_FOUND, message, common::PATH, "call /gov/v3/person-basic"));
    plain(StatusCode::NOT_FOUND, message)
}

/// The handler of what the mock does not have: SPEC gives it to few.
pub(super) fn status(_: &Call<'_>, exam: &mut Examination) -> Answer {
    let message = "person-basic/status is not served by this mock";
    let hint = "person-basic/status, which wants a special permission, is not served; the data are at /gov/v3/person-basic/{uinfin}";
    exam.broken(Refusal::new(StatusCode::NOT_FOUND, message, common::PATH, hint));
    plain(StatusCode::NOT_FOUND, message)
}

fn retrieve(call: &Call<'_>, exam: &mut Examination) -> Option<Answer> {
    let query = exam.check(rules::QUERY, read_query(call))?;
    note_odd_requests(call, exam, &query, PERSON_PARAMETERS);
    let authorization = exam.check(rules::AUTHORIZATION_FORM, authorization(call))?;
    let signature = authorization.as_ref().and_then(|authorization| authorization.signature.as_ref());
    let named = query
        .value("client_id")
        .or(signature.map(|signature| signature.app_id.as_str()))
        .and_then(|id| call.client(id));
    let (client, flavour) = match named {
        Some(client) if call.flavour(client) == Flavour::Sandbox => {
            exam.not_applicable(rules::SIGNED, "requests in the sandbox are not signed");
            (Some(client), Flavour::Sandbox)
        }
        _ => {
            let endpoint = "person-basic";
            let signed = Signed { call, endpoint, authorization: authorization.as_ref(), parameters: &query };
            (signed.examine(exam), Flavour::Test)
        }
    };
    exam.client = client.map(|client| client.id.to_owned());
    if let Some(client) = client {
        exam.check(rules::ESERVICE, check_service(client, &query));
    }
    let persona = exam.check(rules::UINFIN, persona_in_path(call));
    let attributes = exam.check(rules::BASIC_PERMITTED, permitted(call, &query));
    if exam.refused() {
        return None;
    }
    deliver(call, exam, Delivery { client: client?, flavour, persona: persona?, attributes: &attributes? })
}

fn persona_in_path<'a>(call: &Call<'a>) -> Result<&'a Persona, Refusal> {
    let id = call.segment();
    let found = id.as_deref().filter(|id| uinfin::is_well_formed(id)).and_then(|id| call.book.persona_of_subject(id));
    with_data(found, || unknown_number(id.as_deref(), "person-basic"))
}

/// SPEC person-basic: 403 `Digital Service is invalid`.
fn check_service(client: Client<'_>, query: &Pairs) -> Result<(), Refusal> {
    let service = query.value("sp_esvcId").unwrap_or_default();
    let known =
        !service.is_empty() && (client.v3.esvc_ids.is_empty() || client.v3.esvc_ids.iter().any(|id| id == service));
    if known {
        return Ok(());
    }
    let hint = if service.is_empty() {
        "sp_esvcId is missing".to_owned()
    } else {
        format!("sp_esvcId `{service}` is not one of {}", client.v3.esvc_ids.join(", "))
    };
    Err(Refusal::new(StatusCode::FORBIDDEN, "Digital Service is invalid", rules::ESERVICE, hint))
}

/// The requested attributes, or all that person-basic has; nothing of CPF and IRAS.
fn permitted(call: &Call<'_>, query: &Pairs) -> Result<Vec<String>, Refusal> {
    let all = call.app.catalogue.person_basic_scopes();
    let Some(asked) = query.value("attributes").map(attribute_list) else {
        return Ok(all);
    };
    let Some(outside) = asked.iter().find(|name| !all.contains(name)) else { return Ok(asked) };
    let catalogue = &call.app.catalogue;
    let hint = match first_unknown(catalogue, &asked) {
        Some(unknown) => explain(catalogue, query.value("attributes").unwrap_or_default(), unknown),
        None => format!("person-basic has no `{outside}`: it returns nothing of CPF and IRAS"),
    };
    let message = format!("Attribute not allowed: {outside}");
    Err(Refusal::new(StatusCode::UNAUTHORIZED, message, rules::BASIC_PERMITTED, hint))
}
