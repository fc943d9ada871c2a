//! The consent page: application, purpose, every requested item with its value, Agree and Cancel.

use super::{Outcome, Transaction, read_form, read_query, transaction_of};
use crate::call::Call;
use crate::examination::Examination;
use crate::http::exchange::Answer;
use crate::page::{self, ConsentGroup, ConsentPage, ConsentRow};
use crate::persona::lines::lines;
use crate::persona::{Persona, dates};
use crate::refusal::{Refusal, Trouble};
use crate::rule::common;
use warp::http::StatusCode;

/// `GET consent`: the page.
pub(crate) fn show(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let answer = render(call, exam);
    call.page(exam, answer)
}

/// `POST consent`: Agree or Cancel.
pub(crate) fn decide(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let answer = decided(call, exam);
    call.page(exam, answer)
}

fn render(call: &Call<'_>, exam: &mut Examination) -> Result<Answer, Trouble> {
    let query = read_query(call)?;
    let (id, transaction) = transaction_of(call, exam, &query)?;
    let persona = persona_of(call, &transaction)?;
    exam.persona = Some(persona.id.clone());
    let application = call.book.client(&transaction.client_id).map_or("", |client| client.name.as_str());
    Ok(page::consent(&ConsentPage {
        application,
        purpose: &transaction.purpose,
        transaction: &id,
        persona: &persona.name,
        persona_id: &persona.id,
        groups: groups(call, &transaction, persona),
    })?)
}

/// The requested items under the headings of the catalogue, in the order of the request.
fn groups(call: &Call<'_>, transaction: &Transaction, persona: &Persona) -> Vec<ConsentGroup> {
    let app = call.app;
    let person = persona.sent(dates::singapore_day(app.clock.shown()));
    let nothing = persona.account.without_data();
    let mut groups: Vec<ConsentGroup> = Vec::new();
    for attribute in &transaction.attributes {
        let (item, member) = attribute.split_once('.').unwrap_or((attribute, ""));
        let label = app.catalogue.label(item);
        let title = if member.is_empty() {
            label.label.clone()
        } else {
            format!("{}: {}", label.label, app.catalogue.member_label(member))
        };
        let values = match (&nothing, transaction.profile.shown(call, &person, attribute).get(item)) {
            (Some(account), _) => vec![format!("not sent: this is {account}")],
            (None, Some(value)) => lines(item, value, &app.catalogue),
            (None, None) => vec!["not sent: this person has no such item".to_owned()],
        };
        let row = ConsentRow { attribute: attribute.clone(), label: title, values };
        match groups.iter_mut().find(|group| group.title == label.group) {
            Some(group) => group.rows.push(row),
            None => groups.push(ConsentGroup { title: label.group, rows: vec![row] }),
        }
    }
    groups
}

fn decided(call: &Call<'_>, exam: &mut Examination) -> Result<Answer, Trouble> {
    let form = read_form(call)?;
    let (id, transaction) = transaction_of(call, exam, &form)?;
    let outcome = match form.value("decision") {
        Some("agree") => Outcome::Agreed(persona_of(call, &transaction)?.id.clone()),
        Some("cancel") => Outcome::Cancelled,
        _ => return Err(over("Press Agree or Cancel.", "the form's `decision` is `agree` or `cancel`").into()),
    };
    // taken out first: pressing Agree twice gives one code
    if call.app.memory().transactions.remove(&id, call.app.clock.now()).is_none() {
        return Err(over("This login is over.", "the form was sent twice").into());
    }
    transaction.profile.finish(call, exam, &transaction, &outcome)
}

fn persona_of<'a>(call: &Call<'a>, transaction: &Transaction) -> Result<&'a Persona, Refusal> {
    let chosen = transaction.persona.as_deref().and_then(|id| call.book.personas.find(id));
    chosen.ok_or_else(|| over("Nobody is logged in yet.", "choose a persona on the login page first"))
}

fn over(message: &str, hint: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, message, common::LOGIN, hint)
}
