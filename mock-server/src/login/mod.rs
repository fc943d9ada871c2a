//! The browser's part of a flow, the same for every profile: a transaction, its pages, its outcome, the way back.

pub(crate) mod callback;
pub(crate) mod consent_page;
pub(crate) mod login_page;
pub(crate) mod outcome;

use crate::call::Call;
use crate::config::ClientRegistration;
use crate::examination::{Examination, Link};
use crate::http::exchange::Answer;
use crate::http::pairs::{Pairs, Repeats};
use crate::refusal::{Failure, Refusal, Trouble};
use crate::rule::common;
use crate::store::Weight;
use outcome::Outcome;
use serde_json::{Map, Value};
use std::fmt::Debug;
use std::sync::Arc;
use warp::http::{HeaderValue, StatusCode};

/// How long a login may take, in seconds.
const TRANSACTION_SECONDS: u64 = 15 * 60;

/// A login under way: a checked authorisation request, and the persona once it was chosen.
#[derive(Debug, Clone)]
pub(crate) struct Transaction {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: String,
    pub(crate) purpose: String,
    /// The requested attributes, in the order of the request, each once.
    pub(crate) attributes: Vec<String>,
    /// The chosen persona's id.
    pub(crate) persona: Option<String>,
    /// How the profile goes on.
    pub(crate) profile: Arc<dyn Resume>,
}

impl Weight for Transaction {
    fn weight(&self) -> usize {
        let texts = [&self.client_id, &self.redirect_uri, &self.state, &self.purpose].into_iter();
        // the persona comes when it is chosen: an id of 9 characters
        let own: usize = texts.map(String::capacity).sum::<usize>() + size_of::<String>() + 9;
        own + self.profile.weight()
            + self.attributes.iter().map(|name| size_of::<String>() + name.capacity()).sum::<usize>()
    }
}

/// What a profile does with a login that it began.
pub(crate) trait Resume: Debug + Send + Sync {
    /// What the paths of the login's pages begin with: `/com/v3`.
    fn pages(&self) -> String;

    /// How much memory it keeps.
    fn weight(&self) -> usize {
        0
    }

    /// Whether the person is asked to agree; otherwise the login ends with the choice of a persona.
    fn asks_consent(&self) -> bool {
        true
    }

    /// What becomes of the login of somebody of whom Myinfo has no data; empty where nobody is asked for data.
    fn without_data(&self) -> &'static str {
        ""
    }

    /// A requested attribute of a person, as it will be sent: for the consent page.
    fn shown(&self, call: &Call<'_>, person: &Map<String, Value>, attribute: &str) -> Map<String, Value>;

    /// Ends the login: the browser goes back with what the outcome gives.
    fn finish(
        &self,
        call: &Call<'_>,
        exam: &mut Examination,
        transaction: &Transaction,
        outcome: &Outcome,
    ) -> Result<Answer, Trouble>;
}

/// Remembers a transaction; gives the id by which the pages find it.
pub(crate) fn remember(call: &Call<'_>, exam: &mut Examination, transaction: Transaction) -> String {
    let id = call.app.entropy.hex(32);
    let now = call.app.clock.now();
    exam.links.push(Link::Login(id.clone()));
    call.app.memory().transactions.insert(id.clone(), transaction, now, now.plus_seconds(TRANSACTION_SECONDS));
    id
}

/// Ends a login at once, where something chose how; or sends the browser to its pages.
pub(crate) fn start(
    call: &Call<'_>,
    exam: &mut Examination,
    client: &ClientRegistration,
    transaction: Transaction,
) -> Result<Answer, Trouble> {
    if let Some(outcome) = Outcome::chosen_without_pages(call.app, call.book, call.incoming, client)? {
        return transaction.profile.finish(call, exam, &transaction, &outcome);
    }
    let pages = transaction.profile.pages();
    let id = remember(call, exam, transaction);
    let location = format!("{}{pages}/login?transaction={id}", call.incoming.base);
    let location = HeaderValue::try_from(location)
        .map_err(|error| Failure::new("the path cannot be used in a redirect", &error))?;
    Ok(Answer::redirect(StatusCode::FOUND, location))
}

/// The transaction that a page or form names, if it is still under way.
fn transaction_of(call: &Call<'_>, exam: &mut Examination, pairs: &Pairs) -> Result<(String, Transaction), Refusal> {
    let id = pairs.value("transaction").unwrap_or_default().to_owned();
    exam.links.push(Link::Login(id.clone()));
    let found = call.app.memory().transactions.get_mut(&id, call.app.clock.now()).cloned();
    let of_this_page = |transaction: &Transaction| call.incoming.path.starts_with(&transaction.profile.pages());
    let transaction = found.filter(of_this_page).ok_or_else(|| {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "This login is over or unknown. Go back to the application and start again.",
            common::LOGIN,
            "logins live 15 minutes and end with the redirect to the application",
        )
    })?;
    exam.kept(common::LOGIN);
    exam.client = Some(transaction.client_id.clone());
    Ok((id, transaction))
}

/// A page's query.
fn read_query(call: &Call<'_>) -> Result<Pairs, Refusal> {
    call.incoming.query_pairs(Repeats::First).map_err(|problem| Refusal::from((common::LOGIN, problem)))
}

/// A page's form.
fn read_form(call: &Call<'_>) -> Result<Pairs, Refusal> {
    let body = call.incoming.body.as_ref().map_err(|problem| Refusal::from((common::BODY, *problem)))?;
    let text = std::str::from_utf8(body).map_err(|_| Refusal::malformed(common::LOGIN, "the form is not UTF-8"))?;
    Pairs::parse(text).map_err(|problem| Refusal::from((common::LOGIN, problem)))
}
