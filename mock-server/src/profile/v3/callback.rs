//! The redirect back to the relying party: a code, or an error.

use super::call::{Call, Context};
use super::grant::{Grant, Issued};
use super::settings::DescriptionSpelling;
use crate::examination::{Examination, Link};
use crate::http::exchange::Answer;
use crate::login::callback::{changed, redirect};
use crate::login::outcome::Outcome;
use crate::login::{Resume, Transaction};
use crate::persona::selection::select;
use crate::refusal::Trouble;
use serde_json::{Map, Value};

/// A login that v3 began.
#[derive(Debug)]
pub(super) struct Begun(pub(super) Context);

impl Resume for Begun {
    fn pages(&self) -> String {
        format!("/{}/v3", self.0.name())
    }

    fn without_data(&self) -> &'static str {
        "person answers 404"
    }

    fn shown(&self, call: &crate::call::Call<'_>, person: &Map<String, Value>, attribute: &str) -> Map<String, Value> {
        let asked = [attribute.to_owned()];
        select(person, &asked, &call.app.catalogue, Call::of(*call).writing())
    }

    fn finish(
        &self,
        call: &crate::call::Call<'_>,
        exam: &mut Examination,
        transaction: &Transaction,
        outcome: &Outcome,
    ) -> Result<Answer, Trouble> {
        finish(&Call::of(*call), exam, transaction, outcome)
    }
}

/// An error of the redirect: its code, and what it says.
pub(super) struct RedirectError<'a> {
    pub(super) code: &'a str,
    pub(super) description: &'a str,
}

/// Ends a login: the browser goes back with what the outcome gives.
pub(super) fn finish(
    call: &Call<'_>,
    exam: &mut Examination,
    transaction: &Transaction,
    outcome: &Outcome,
) -> Result<Answer, Trouble> {
    let ending = match outcome {
        Outcome::Agreed(persona) => return success(call, exam, transaction, persona),
        Outcome::Cancelled => {
            RedirectError { code: "access_denied", description: "Resource Owner did not authorize the request" }
        }
        Outcome::Maintenance => {
            RedirectError { code: "503", description: "The service is under maintenance. Please try again later." }
        }
        Outcome::ServerError => RedirectError { code: "500", description: "An unexpected error occurred." },
    };
    error(call, exam, &Back { redirect_uri: &transaction.redirect_uri, state: Some(&transaction.state) }, &ending)
}

/// Recorded for com since 2021: exactly `code` and `state`; the code is 40 lower-case hexadecimal digits.
fn success(
    call: &Call<'_>,
    exam: &mut Examination,
    transaction: &Transaction,
    persona: &str,
) -> Result<Answer, Trouble> {
    let app = call.app;
    let code = app.entropy.hex(40);
    let mut parameters = vec![("code", code.clone()), ("state", transaction.state.clone())];
    if call.settings.legacy_callback {
        let origin = call.settings.issuer_origin.clone().unwrap_or_else(|| call.incoming.base_url());
        parameters.extend([
            ("scope", transaction.attributes.join(" ")),
            ("iss", format!("{origin}/serviceauth/myinfo-{}", call.context.name())),
            ("client_id", transaction.client_id.clone()),
        ]);
    }
    exam.persona = Some(persona.to_owned());
    let draft = changed(&call.shared, exam, parameters, &[]);
    // a fault may have given the code another form; that is the one that will be exchanged
    let code = draft.value("code").filter(|code| !code.is_empty()).map_or(code, str::to_owned);
    exam.links.push(Link::Code(code.clone()));
    remember(call, transaction, persona, code);
    Ok(redirect(&transaction.redirect_uri, &draft)?)
}

fn remember(call: &Call<'_>, transaction: &Transaction, persona: &str, code: String) {
    let app = call.app;
    let now = app.clock.now();
    let expires = now.plus_seconds(call.settings.code_lifetime_seconds);
    let grant = Grant {
        context: call.context,
        client_id: transaction.client_id.clone(),
        redirect_uri: transaction.redirect_uri.clone(),
        attributes: transaction.attributes.join(","),
        persona: persona.to_owned(),
        redeemed: None,
        expires,
    };
    // a used or expired code is remembered as long as again, so that the refusal can say what happened to it
    let forgotten = expires.plus_seconds(call.settings.code_lifetime_seconds);
    app.memory().of::<Issued>().grants.insert(code, grant, now, forgotten);
}

/// Where the browser goes back to, and with which state.
pub(super) struct Back<'a> {
    pub(super) redirect_uri: &'a str,
    pub(super) state: Option<&'a str>,
}

/// An error redirect; open question 1 is how the description is spelt.
pub(super) fn error(
    call: &Call<'_>,
    exam: &mut Examination,
    back: &Back<'_>,
    error: &RedirectError<'_>,
) -> Result<Answer, Trouble> {
    let spellings: &[&str] = match call.settings.error_description {
        DescriptionSpelling::Hyphen => &["error-description"],
        DescriptionSpelling::Underscore => &["error_description"],
        DescriptionSpelling::Both => &["error-description", "error_description"],
    };
    let mut parameters = vec![("error", error.code.to_owned())];
    parameters.extend(spellings.iter().map(|name| (*name, error.description.to_owned())));
    parameters.extend(back.state.map(|state| ("state", state.to_owned())));
    let draft = changed(&call.shared, exam, parameters, &[]);
    Ok(redirect(back.redirect_uri, &draft)?)
}
