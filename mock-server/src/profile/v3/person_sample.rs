//! `GET /{com|gov}/v3/person-sample/{uinfin}`: the sandbox's sample data, for anybody, in plain JSON.

use super::answer::api;
use super::attributes::{attribute_list, explain, first_unknown};
use super::call::Call;
use super::parameters::read_query;
use super::person::{unknown_number, with_data};
use super::rules;
use crate::doctor::catalogue::SCOPE;
use crate::examination::Examination;
use crate::http::exchange::Answer;
use crate::jose::nested::ascii_json;
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
    let id = call.segment();
    let persona = call.book.personas.iter().find(|persona| Some(&persona.id) == id.as_ref());
    let persona = with_data(persona, || unknown_number(id.as_deref(), "person-sample"));
    let persona = exam.check(rules::UINFIN, persona)?;
    exam.persona = Some(persona.id.clone());
    let person = persona.sent(dates::singapore_day(call.app.clock.shown()));
    // absent attributes mean everything (DOCS tutorial 1)
    let attributes = match query.value("attributes").map(attribute_list) {
        None => Ok(person.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.clone()).collect()),
        Some(asked) => check(call, query.value("attributes").unwrap_or_default(), asked),
    };
    let attributes = exam.check(rules::SAMPLE_ATTRIBUTES, attributes)?;
    let document = select(&person, &attributes, &call.app.catalogue, call.writing());
    Some(Answer::api(StatusCode::OK, "application/json", ascii_json(&Value::Object(document))))
}

fn check(call: &Call<'_>, sent: &str, asked: Vec<String>) -> Result<Vec<String>, Refusal> {
    let catalogue = &call.app.catalogue;
    let Some(unknown) = first_unknown(catalogue, &asked) else { return Ok(asked) };
    let hint = explain(catalogue, sent, unknown);
    let message = format!("Invalid attribute: {unknown}");
    Err(Refusal::new(StatusCode::FORBIDDEN, message, rules::SAMPLE_ATTRIBUTES, hint).diagnosed(SCOPE))
}
