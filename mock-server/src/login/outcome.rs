//! How a login ends, and who chooses that where no page is shown.

use crate::app::App;
use crate::book::Book;
use crate::config::{ClientRegistration, Config};
use crate::http::exchange::Incoming;
use crate::refusal::Refusal;
use crate::rule::common;
use warp::http::{HeaderName, StatusCode};

/// The header by which a test chooses the persona of one login, without pages.
const PERSONA_HEADER: HeaderName = HeaderName::from_static("x-myinfo-mock-persona");

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

    /// What a header, the login queue, the client's registration or the command line chose, in this order; nothing
    /// means pages.
    pub(crate) fn chosen_without_pages(
        app: &App,
        book: &Book,
        incoming: &Incoming,
        client: &ClientRegistration,
    ) -> Result<Option<Self>, Refusal> {
        let header = incoming.header(&PERSONA_HEADER).map_err(|problem| Refusal::from((common::PERSONA, problem)))?;
        let queued = if header.is_none() { app.logins.take() } else { None };
        let wanted = header.or(queued.as_deref()).or(client.auto_login.as_deref()).or(app.config.auto_login.as_deref());
        wanted.map(|wanted| Self::named(book, wanted).map_err(|refusal| without_name(refusal, wanted))).transpose()
    }
}

/// An automatic login of somebody who does not exist.
pub(crate) struct Nobody {
    /// `the server`, or which client.
    pub(crate) whose: String,
    /// Its key in the configuration file, where it stands in one.
    pub(crate) key: String,
    pub(crate) hint: String,
}

/// Every one of a configuration and the clients of a book.
pub(crate) fn auto_logins_of_nobody(config: &Config, book: &Book) -> Vec<Nobody> {
    let of_server =
        config.auto_login.as_deref().map(|wanted| ("the server".to_owned(), "server.auto_login".to_owned(), wanted));
    let of_clients = book.clients.values().filter_map(|client| {
        let table = config.sources.table_of_client(&client.id).unwrap_or_default();
        Some((format!("the client {}", client.id), format!("{table}.auto_login"), client.auto_login.as_deref()?))
    });
    let all = of_server.into_iter().chain(of_clients);
    let nobody = all.filter_map(|(whose, key, wanted)| {
        Outcome::named(book, wanted).err().map(|refusal| Nobody { whose, key, hint: refusal.hint })
    });
    nobody.collect()
}

/// The refusal for page, console and journal: what was mistyped may be the name of a person.
fn without_name(mut refusal: Refusal, wanted: &str) -> Refusal {
    "There is no persona of this id or name.".clone_into(&mut refusal.message);
    refusal.hint = refusal.hint.replace(&format!(" `{wanted}`"), " that was asked for");
    refusal
}

fn unknown_persona(problem: &str, wanted: &str) -> Refusal {
    let hint = format!(
        "{problem}; `myinfo-mock persona list` shows all; error:access_denied, error:500 and error:503 end the login otherwise"
    );
    Refusal::new(StatusCode::BAD_REQUEST, format!("There is no persona {wanted}."), common::PERSONA, hint)
}
