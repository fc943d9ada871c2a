//! The redirect back to the relying party: a code, or an error.

use super::grant::{Grant, Transaction};
use super::{Call, rules};
use crate::book::Book;
use crate::config::DescriptionSpelling;
use crate::examination::{Examination, Link};
use crate::fault::draft::CallbackDraft;
use crate::http::exchange::Answer;
use crate::http::refusal::Refusal;
use crate::page;
use warp::http::{HeaderValue, StatusCode};

/// How a login ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The persona with this id logs in and agrees.
    Agreed(String),
    /// The person cancels at the consent page.
    Cancelled,
    /// The service is under maintenance.
    Maintenance,
    /// The service fails.
    ServerError,
}

impl Outcome {
    /// Reads what a header, the command line or the login page names: a persona, or `error:…` for another ending.
    pub(crate) fn named(book: &Book, wanted: &str) -> Result<Self, Refusal> {
        match wanted {
            "error:access_denied" => Ok(Self::Cancelled),
            "error:503" => Ok(Self::Maintenance),
            "error:500" => Ok(Self::ServerError),
            _ => match book.personas.named(wanted) {
                Ok(persona) => Ok(Self::Agreed(persona.id.clone())),
                Err(problem) => Err(unknown_persona(&problem, wanted)),
            },
        }
    }
}

fn unknown_persona(problem: &str, wanted: &str) -> Refusal {
    let hint = format!(
        "{problem}; `myinfo-mock persona list` shows all; error:access_denied, error:500 and error:503 end the login otherwise"
    );
    Refusal::new(StatusCode::BAD_REQUEST, format!("There is no persona {wanted}."), rules::AUTHORISE_PERSONA, hint)
}

/// Ends a login: the browser goes back with what the outcome gives.
pub(super) fn finish(
    call: &Call<'_>,
    exam: &mut Examination,
    transaction: &Transaction,
    outcome: &Outcome,
) -> Result<Answer, Refusal> {
    let ending = match outcome {
        Outcome::Agreed(persona) => return success(call, exam, transaction, persona),
        Outcome::Cancelled => ("access_denied", "Resource Owner did not authorize the request"),
        Outcome::Maintenance => ("503", "The service is under maintenance. Please try again later."),
        Outcome::ServerError => ("500", "An unexpected error occurred."),
    };
    Ok(error(call, exam, (&transaction.redirect_uri, Some(&transaction.state)), ending))
}

/// Recorded for com since 2021: exactly `code` and `state`; the code is 40 lower-case hexadecimal digits.
fn success(
    call: &Call<'_>,
    exam: &mut Examination,
    transaction: &Transaction,
    persona: &str,
) -> Result<Answer, Refusal> {
    let app = call.app;
    let code = app.entropy.hex(40);
    let mut parameters = vec![("code", code.clone()), ("state", transaction.state.clone())];
    if app.config.v3.legacy_callback {
        let origin = app.config.v3.issuer_origin.clone().unwrap_or_else(|| call.incoming.base_url());
        parameters.extend([
            ("scope", transaction.attributes.join(" ")),
            ("iss", format!("{origin}/serviceauth/myinfo-{}", transaction.context.name())),
            ("client_id", transaction.client_id.clone()),
        ]);
    }
    exam.persona = Some(persona.to_owned());
    let draft = changed(call, exam, parameters);
    // a fault may have given the code another form; that is the one that will be exchanged
    let code = draft.value("code").filter(|code| !code.is_empty()).map_or(code, str::to_owned);
    exam.links.push(Link::Code(code.clone()));
    remember(call, transaction, persona, code);
    location(&transaction.redirect_uri, &draft.parameters)
}

fn remember(call: &Call<'_>, transaction: &Transaction, persona: &str, code: String) {
    let app = call.app;
    let now = app.clock.now();
    let expires = now.plus_seconds(app.config.v3.code_lifetime_seconds);
    let grant = Grant {
        context: transaction.context,
        client_id: transaction.client_id.clone(),
        redirect_uri: transaction.redirect_uri.clone(),
        attributes: transaction.attributes.join(","),
        persona: persona.to_owned(),
        redeemed: None,
        expires,
    };
    // a used or expired code is remembered as long as again, so that the refusal can say what happened to it
    let forgotten = expires.plus_seconds(app.config.v3.code_lifetime_seconds);
    app.memory().grants.insert(code, grant, now, forgotten);
}

/// An error redirect; open question 1 is how the description is spelt.
pub(super) fn error(
    call: &Call<'_>,
    exam: &mut Examination,
    (redirect_uri, state): (&str, Option<&str>),
    (code, description): (&str, &str),
) -> Answer {
    let spellings: &[&str] = match call.app.config.v3.error_description {
        DescriptionSpelling::Hyphen => &["error-description"],
        DescriptionSpelling::Underscore => &["error_description"],
        DescriptionSpelling::Both => &["error-description", "error_description"],
    };
    let mut parameters = vec![("error", code.to_owned())];
    parameters.extend(spellings.iter().map(|name| (*name, description.to_owned())));
    parameters.extend(state.map(|state| ("state", state.to_owned())));
    let draft = changed(call, exam, parameters);
    location(redirect_uri, &draft.parameters).unwrap_or_else(|refusal| page::problem(&refusal, &call.incoming.base))
}

/// The redirect's parameters, as a fault may change them.
fn changed(call: &Call<'_>, exam: &mut Examination, parameters: Vec<(&str, String)>) -> CallbackDraft {
    let app = call.app;
    let parameters: Vec<(String, String)> =
        parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let mut draft = CallbackDraft { parameters, another_state: String::new() };
    if app.faults.any() {
        let own = draft.value("state").unwrap_or_default();
        draft.another_state = app.journal.another_state(own).unwrap_or_else(|| app.entropy.hex(32));
    }
    app.faults.callback(&mut draft, exam);
    draft
}

fn location(redirect_uri: &str, parameters: &[(String, String)]) -> Result<Answer, Refusal> {
    let query: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={}", page::encode(value))).collect();
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    // registered redirect URIs are printable ASCII, so this fails for none of them
    let location = HeaderValue::try_from(format!("{redirect_uri}{separator}{}", query.join("&")))
        .map_err(|_| Refusal::malformed(rules::AUTHORISE_REDIRECT, "the redirect URI cannot be sent in a header"))?;
    Ok(Answer::redirect(StatusCode::FOUND, location))
}
