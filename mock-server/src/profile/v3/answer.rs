//! Answers of the v3 API: what a handler gave, or the first broken rule; compressed where that is set and asked for.

use super::call::Call;
use super::settings::CodeType;
use crate::examination::Examination;
use crate::http::exchange::Answer;
use crate::refusal::Failure;
use serde_json::{Map, Value, json};
use warp::http::{HeaderValue, StatusCode, header};

/// An error that no handler made.
pub(super) fn plain(status: StatusCode, message: &str) -> Answer {
    error(status, message, ErrorShape { code: CodeType::Number, fields: false })
}

/// The answer of an API endpoint.
pub(super) fn api(call: &Call<'_>, exam: &mut Examination, code: CodeType, answer: Option<Answer>) -> Answer {
    let settings = call.settings;
    let answer = match answer {
        Some(answer) if !exam.stopped() => answer,
        _ => refused(call, exam, call.shape(code)),
    };
    let wanted = call.incoming.headers.get(header::ACCEPT_ENCODING).is_some_and(accepts_gzip);
    if settings.gzip && wanted {
        return answer.clone().gzipped().unwrap_or(answer);
    }
    answer
}

fn refused(call: &Call<'_>, exam: &mut Examination, shape: ErrorShape) -> Answer {
    let mask = call.shared.mask();
    exam.mask(|text| mask.text(text));
    if let Some(refusal) = exam.problem().filter(|_| exam.failure.is_none()) {
        return error(refusal.status, &refusal.message, shape);
    }
    if exam.failure.is_none() {
        exam.failed(Failure::nothing_to_say());
    }
    let message = exam.failure.as_ref().map_or("", |failure| failure.message);
    error(Failure::STATUS, message, shape)
}

/// An error body of the API, `code` and `message`, in the shape that is set (open question 2).
pub(super) fn error(status: StatusCode, message: &str, shape: ErrorShape) -> Answer {
    Answer::api(status, "application/json", error_body(status, message, shape))
}

fn accepts_gzip(value: &HeaderValue) -> bool {
    value.to_str().is_ok_and(|text| {
        text.split(',')
            .any(|coding| coding.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("gzip")))
    })
}

/// A JSON error body of the API.
pub(super) fn error_body(status: StatusCode, message: &str, shape: ErrorShape) -> String {
    let number = status.as_u16();
    let mut body = Map::new();
    let code = match shape.code {
        CodeType::Text => json!(number.to_string()),
        CodeType::Number => json!(number),
    };
    body.insert("code".into(), code);
    body.insert("message".into(), Value::from(message));
    if shape.fields {
        body.insert("fields".into(), json!(""));
    }
    Value::Object(body).to_string()
}

/// The shape of a JSON error body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ErrorShape {
    pub(super) code: CodeType,
    /// Whether the older third member `fields` is there.
    pub(super) fields: bool,
}
