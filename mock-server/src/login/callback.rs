//! The redirect that brings the browser back to the relying party.

use crate::call::Call;
use crate::examination::Examination;
use crate::fault::Stage;
use crate::fault::draft::RedirectDraft;
use crate::http::exchange::Answer;
use crate::refusal::Failure;
use crate::text::encode;
use warp::http::{HeaderValue, StatusCode};

/// The redirect's parameters, as a fault may change them; those that are `unencoded` are sent as they are.
pub(crate) fn changed(
    call: &Call<'_>,
    exam: &mut Examination,
    parameters: Vec<(&str, String)>,
    unencoded: &'static [&'static str],
) -> RedirectDraft {
    let app = call.app;
    let parameters: Vec<(String, String)> =
        parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let mut draft = RedirectDraft { parameters, another_state: String::new(), unencoded };
    if app.faults.any() {
        let own = draft.value("state").unwrap_or_default();
        draft.another_state = app.journal.another_state(own).unwrap_or_else(|| app.entropy.hex(32));
    }
    app.faults.redirect(Stage::AuthorisationResponse, &mut draft, exam);
    draft
}

/// The answer that sends the browser to a registered address, with these parameters behind what it has already.
pub(crate) fn redirect(redirect_uri: &str, draft: &RedirectDraft) -> Result<Answer, Failure> {
    let encoded = |(name, value): &(String, String)| {
        let value = if draft.unencoded.contains(&name.as_str()) { value.clone() } else { encode(value) };
        format!("{name}={value}")
    };
    let query: Vec<String> = draft.parameters.iter().map(encoded).collect();
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    // registered redirect URIs are printable ASCII, so this fails for none of them
    let location = HeaderValue::try_from(format!("{redirect_uri}{separator}{}", query.join("&")))
        .map_err(|error| Failure::new("the mock cannot redirect there", &error))?;
    Ok(Answer::redirect(StatusCode::FOUND, location))
}
