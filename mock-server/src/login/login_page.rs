//! The login page: search a persona, choose one, or let the login fail on purpose.

use super::{Outcome, read_form, read_query, transaction_of};
use crate::call::Call;
use crate::examination::Examination;
use crate::http::exchange::Answer;
use crate::page::people::{self, Found, LoginPage};
use crate::persona::{Persona, dates};
use crate::refusal::{Failure, Trouble};
use crate::text::{capitalised, encode};
use warp::http::{HeaderValue, StatusCode};

/// `GET login`: the page.
pub(crate) fn show(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let answer = render(call, exam);
    call.page(exam, answer)
}

/// `POST login`: a persona was chosen.
pub(crate) fn choose(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let answer = chosen(call, exam);
    call.page(exam, answer)
}

fn render(call: &Call<'_>, exam: &mut Examination) -> Result<Answer, Trouble> {
    let query = read_query(call)?;
    let (id, transaction) = transaction_of(call, exam, &query)?;
    let search = query.value("q").or(query.value("person")).unwrap_or_default();
    let today = dates::singapore_day(call.app.clock.shown());
    let consequence = transaction.profile.without_data();
    let found = Found::new(search, &call.book.personas, today, |persona| account(persona, consequence));
    let application = call.book.client(&transaction.client_id).map_or("", |client| client.name.as_str());
    Ok(people::login(&LoginPage::new(application, &id, found))?)
}

/// What is to be known of an account of which Myinfo has no data; empty for the others.
fn account(persona: &Persona, consequence: &str) -> String {
    let Some(what) = persona.account.without_data() else { return String::new() };
    if consequence.is_empty() { capitalised(&what) } else { format!("{}: {consequence}", capitalised(&what)) }
}

fn chosen(call: &Call<'_>, exam: &mut Examination) -> Result<Answer, Trouble> {
    let form = read_form(call)?;
    let (id, transaction) = transaction_of(call, exam, &form)?;
    let outcome = Outcome::named(call.book, form.value("persona").unwrap_or_default())?;
    match &outcome {
        Outcome::Agreed(persona) if transaction.profile.asks_consent() => {
            if let Some(transaction) = call.app.memory().transactions.get_mut(&id, call.app.clock.now()) {
                transaction.persona = Some(persona.clone());
            }
            exam.persona = Some(persona.clone());
            let (base, pages) = (&call.incoming.base, transaction.profile.pages());
            let location = format!("{base}{pages}/consent?transaction={}", encode(&id));
            let location = HeaderValue::try_from(location)
                .map_err(|error| Failure::new("the transaction has no usable id", &error))?;
            Ok(Answer::redirect(StatusCode::SEE_OTHER, location))
        }
        Outcome::Agreed(_) | Outcome::Cancelled | Outcome::Maintenance | Outcome::ServerError => {
            call.app.memory().transactions.remove(&id, call.app.clock.now());
            transaction.profile.finish(call, exam, &transaction, &outcome)
        }
    }
}
