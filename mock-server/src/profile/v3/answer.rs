//! Answers of the v3 API: what a handler gave, or the first broken rule; compressed where that is set and asked for.

use super::call::Call;
use crate::examination::Examination;
use crate::http::exchange::Answer;
use crate::refusal::{CodeType, ErrorShape, Failure, error_body};
use warp::http::{HeaderValue, StatusCode, header};

/// An error that no handler made.
pub(super) fn plain(status: StatusCode, message: &str) -> Answer {
    error(status, message, ErrorShape { code: CodeType::Number, fields: false })
}

/// The answer of an API endpoint.
pub(super) fn api(call: &Call<'_>, exam: &mut Examination, code: CodeType, answer: Option<Answer>) -> Answer {
    let settings = &call.app.config.v3;
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
    exam.mask(|text| call.book.mask_secrets(text));
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
