//! The HTTP answer of an endpoint, as a fault of its stage may change it.

use super::elsewhere;
use crate::call::Call;
use crate::examination::Examination;
use crate::fault::draft::ReplyDraft;
use crate::fault::{Stage, When};
use crate::http::exchange::Answer;
use warp::http::StatusCode;

/// Works on a request that keeps every rule, unless a fault strikes instead of the work or after it; `error` writes an
/// error of the profile.
pub(in crate::profile) fn reply(
    call: &Call<'_>,
    exam: &mut Examination,
    stage: Stage,
    error: fn(StatusCode, &str) -> Answer,
    work: impl FnOnce(&mut Examination) -> Option<Answer>,
) -> Option<Answer> {
    if !call.app.faults.any() {
        return work(exam);
    }
    let mut draft = ReplyDraft {
        answer: Answer::api(StatusCode::OK, "application/json", ""),
        error: Box::new(error),
        elsewhere: elsewhere::address(call.incoming),
    };
    if call.app.faults.reply(stage, When::Instead, &mut draft, exam) {
        return Some(draft.answer);
    }
    draft.answer = work(exam)?;
    call.app.faults.reply(stage, When::After, &mut draft, exam);
    Some(draft.answer)
}
