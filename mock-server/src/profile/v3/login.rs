//! The login page of v3: search a persona, choose one, or let the login fail on purpose.

use super::callback::{self, Outcome};
use super::grant::Transaction;
use super::{Call, rules};
use crate::examination::{Examination, Link};
use crate::http::exchange::Answer;
use crate::http::pairs::{Pairs, Repeats};
use crate::http::refusal::Refusal;
use crate::page::{self, LoginPage, PersonaGroup, PersonaRow};
use warp::http::{HeaderValue, StatusCode};

/// `GET login`: the page.
pub(super) fn show(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let answer = render(call, exam);
    super::page(call, exam, answer)
}

/// `POST login`: a persona was chosen.
pub(super) fn choose(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let answer = chosen(call, exam);
    super::page(call, exam, answer)
}

fn render(call: &Call<'_>, exam: &mut Examination) -> Result<Answer, Refusal> {
    let query =
        call.incoming.query_pairs(Repeats::First).map_err(|problem| Refusal::from((rules::TRANSACTION, problem)))?;
    let (id, transaction) = transaction_of(call, exam, &query)?;
    let search = query.value("q").or(query.value("person")).unwrap_or_default();
    let mut groups: Vec<PersonaGroup> = Vec::new();
    for persona in call.book.personas.search(search) {
        let title = persona.group.title();
        if groups.last().is_none_or(|group| group.title != title) {
            groups.push(PersonaGroup { title, rows: Vec::new() });
        }
        let row = PersonaRow { id: persona.id.clone(), name: persona.name.clone(), why: persona.why.clone() };
        if let Some(group) = groups.last_mut() {
            group.rows.push(row);
        }
    }
    let application = call.book.client(&transaction.client_id).map_or("", |client| client.name.as_str());
    page::login(&LoginPage { application, transaction: &id, search, groups })
}

fn chosen(call: &Call<'_>, exam: &mut Examination) -> Result<Answer, Refusal> {
    let form = read_form(call)?;
    let (id, transaction) = transaction_of(call, exam, &form)?;
    let outcome = Outcome::named(call.book, form.value("persona").unwrap_or_default())?;
    match &outcome {
        Outcome::Agreed(persona) => {
            if let Some(transaction) = call.app.memory().transactions.get_mut(&id, call.app.clock.now()) {
                transaction.persona = Some(persona.clone());
            }
            exam.persona = Some(persona.clone());
            let base = &call.incoming.base;
            let location =
                format!("{base}/{}/v3/consent?transaction={}", transaction.context.name(), page::encode(&id));
            let location = HeaderValue::try_from(location)
                .map_err(|_| Refusal::malformed(rules::TRANSACTION, "the transaction has no usable id"))?;
            Ok(Answer::redirect(StatusCode::SEE_OTHER, location))
        }
        Outcome::Cancelled | Outcome::Maintenance | Outcome::ServerError => {
            call.app.memory().transactions.remove(&id, call.app.clock.now());
            callback::finish(call, exam, &transaction, &outcome)
        }
    }
}

/// A page's form.
pub(super) fn read_form(call: &Call<'_>) -> Result<Pairs, Refusal> {
    let body = call.incoming.body.as_ref().map_err(|problem| Refusal::from((rules::BODY, *problem)))?;
    let text =
        std::str::from_utf8(body).map_err(|_| Refusal::malformed(rules::TRANSACTION, "the form is not UTF-8"))?;
    Pairs::parse(text).map_err(|problem| Refusal::from((rules::TRANSACTION, problem)))
}

/// The transaction that a page or form names, if it is still under way.
pub(super) fn transaction_of(
    call: &Call<'_>,
    exam: &mut Examination,
    pairs: &Pairs,
) -> Result<(String, Transaction), Refusal> {
    let id = pairs.value("transaction").unwrap_or_default().to_owned();
    exam.links.push(Link::Login(id.clone()));
    let found = call.app.memory().transactions.get_mut(&id, call.app.clock.now()).cloned();
    let transaction = found.filter(|transaction| transaction.context == call.context).ok_or_else(|| {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "This login is over or unknown. Go back to the application and start again.",
            rules::TRANSACTION,
            "logins live 15 minutes and end with the redirect to the application",
        )
    })?;
    exam.check(rules::TRANSACTION, Ok(()));
    exam.client = Some(transaction.client_id.clone());
    Ok((id, transaction))
}
