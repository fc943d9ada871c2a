//! `GET /{com|gov}/v3/person-sample/{uinfin}`: the sandbox's sample data, for anybody, in plain JSON.

use super::answer::api;
use super::call::Call;
use super::parameters::{attribute_list, read_query};
use super::person::not_found;
use super::rules;
use crate::doctor::catalogue::SCOPE;
use crate::examination::Examination;
use crate::http::exchange::Answer;
use crate::jose::nested::ascii_json;
use crate::persona::catalogue::Version;
use crate::persona::dates;
use crate::persona::selection::select;
use crate::refusal::Refusal;
use serde_json::Value;
use warp::http::StatusCode;

/// The handler.
pub(super) fn person_sample(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let answer = retrieve(call, exam);
    api(call, exam, call.settings.person_error_code, answer)
}

fn retrieve(call: &Call<'_>, exam: &mut Examination) -> Option<Answer> {
    let query = exam.check(rules::QUERY, read_query(call))?;
    let id = call.segment().unwrap_or_default();
    let persona = call.book.personas.iter().find(|persona| persona.id == id);
    let persona = exam.check(rules::UINFIN, persona.ok_or_else(|| not_found("no persona has this NRIC or FIN")))?;
    exam.persona = Some(persona.id.clone());
    let person = persona.person(dates::singapore_day(call.app.clock.shown()));
    // absent attributes mean everything (DOCS tutorial 1)
    let attributes = match query.value("attributes").map(attribute_list) {
        None => Ok(person.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.clone()).collect()),
        Some(asked) => check(call, asked),
    };
    let attributes = exam.check(rules::SAMPLE_ATTRIBUTES, attributes)?;
    let document = select(&person, &attributes, &call.app.catalogue, call.writing());
    Some(Answer::api(StatusCode::OK, "application/json", ascii_json(&Value::Object(document))))
}

fn check(call: &Call<'_>, asked: Vec<String>) -> Result<Vec<String>, Refusal> {
    let Some(unknown) = asked.iter().find(|name| !call.app.catalogue.is_scope(Version::V3, name)) else {
        return Ok(asked);
    };
    let near = call.app.catalogue.nearest_scopes(Version::V3, unknown).join(", ");
    let hint = format!("`{unknown}` is no v3 attribute; near to it: {near}");
    let message = format!("Invalid attribute: {unknown}");
    Err(Refusal::new(StatusCode::FORBIDDEN, message, rules::SAMPLE_ATTRIBUTES, hint).diagnosed(SCOPE))
}
