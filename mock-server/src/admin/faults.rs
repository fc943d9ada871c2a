//! Faults over HTTP: the catalogue, what is armed, arming and disarming.

use super::clients::unknown as unknown_client;
use super::request::{AdminError, Ask, json};
use crate::app::App;
use crate::config::ClientRegistration;
use crate::fault::Fault;
use crate::fault::board::{Armed, CAP};
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::page;
use crate::page::faults::{FaultsPage, groups};
use crate::text::{capitalised, encode};
use serde::Deserialize;
use serde_json::{Value, json};
use warp::http::{HeaderValue, StatusCode};

/// A fault to arm.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Arming {
    id: String,
    /// How many times it strikes; absent means for ever.
    times: Option<u32>,
    /// The only client that it strikes.
    client: Option<String>,
}

/// `GET faults`: the catalogue, and what is armed.
pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let catalogue: Vec<Value> = ask.app.protocols.faults().map(describe).collect();
    let armed: Vec<Value> = ask.app.faults.armed().iter().map(describe_armed).collect();
    Ok(json(StatusCode::OK, &json!({"armed": armed, "catalogue": catalogue})))
}

/// `POST faults`: arms one.
pub(super) fn arm(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    apply(ask.app, ask.body()?)?;
    let armed: Vec<Value> = ask.app.faults.armed().iter().map(describe_armed).collect();
    Ok(json(StatusCode::OK, &json!({"armed": armed})))
}

/// `DELETE faults`: disarms all.
pub(super) fn disarm_all(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    ask.app.faults.disarm_all();
    Ok(json(StatusCode::OK, &json!({"armed": []})))
}

/// `DELETE faults/{id}`: disarms one.
pub(super) fn disarm(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    known(ask.app, ask.segment).map_err(|error| AdminError::missing(error.to_string()))?;
    if !ask.app.faults.disarm(ask.segment) {
        return Err(AdminError::missing(format!("`{}` is not armed", ask.segment)));
    }
    let armed: Vec<Value> = ask.app.faults.armed().iter().map(describe_armed).collect();
    Ok(json(StatusCode::OK, &json!({"armed": armed})))
}

/// `GET faults.html`: what is armed, and what of the catalogue the words of `?q=` find.
pub(super) fn page(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    Ok(shown(ask, ask.query.value("q").unwrap_or_default(), None))
}

/// `POST faults.html`: arms or disarms what was clicked, and leads back to the page.
pub(super) fn click(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let form = ask.form()?;
    let search = form.value("q").unwrap_or_default();
    if let Err(problem) = clicked(ask.app, &form) {
        let page = shown(ask, search, Some(capitalised(&problem.to_string())));
        return Ok(Answer { status: StatusCode::BAD_REQUEST, ..page });
    }
    let back = format!("{}/_mock/faults.html?q={}", ask.incoming.base, encode(search));
    let back = HeaderValue::try_from(back).map_err(|_| AdminError::bad("`q` cannot stand in an address"))?;
    Ok(Answer::redirect(StatusCode::SEE_OTHER, back))
}

fn clicked(app: &App, form: &Pairs) -> Result<(), AdminError> {
    let filled = |name: &str| form.value(name).filter(|value| !value.is_empty());
    match (filled("arm"), filled("disarm")) {
        (Some(id), None) => {
            let times = filled("times").map(|times| times.parse().map_err(|_| AdminError::bad("`times` is no number")));
            let client = filled("client").map(str::to_owned);
            apply(app, Arming { id: id.to_owned(), times: times.transpose()?, client })
        }
        (None, Some("*")) => {
            app.faults.disarm_all();
            Ok(())
        }
        (None, Some(id)) if app.faults.disarm(id) => Ok(()),
        // it struck in between, or somebody else disarmed it: that is what was wanted
        (None, Some(id)) => known(app, id).map(drop),
        _ => Err(AdminError::bad("a click sends either `arm` or `disarm`")),
    }
}

fn shown(ask: &Ask<'_>, search: &str, problem: Option<String>) -> Answer {
    let book = ask.app.book();
    let page = FaultsPage {
        base: &ask.incoming.base,
        search,
        armed: ask.app.faults.armed(),
        groups: groups(ask.app.protocols.faults(), search),
        clients: book.clients.keys().map(String::as_str).collect(),
        problem,
    };
    page::faults::faults(&page).unwrap_or_else(|failure| page::failure(&failure))
}

/// Arms a fault.
pub(super) fn apply(app: &App, arming: Arming) -> Result<(), AdminError> {
    let fault = known(app, &arming.id)?;
    if arming.times == Some(0) {
        return Err(AdminError::bad("`times` is 0; leave it out for a fault that strikes for ever"));
    }
    let book = app.book();
    if let Some(id) = arming.client.as_deref() {
        let client = book.client(id).ok_or_else(|| AdminError::bad(unknown_client(&book, id).to_string()))?;
        could_strike(app, fault, client)?;
    }
    if app.faults.arm(Armed { fault, left: arming.times, client: arming.client }) {
        return Ok(());
    }
    Err(AdminError::bad(format!("at most {CAP} faults can be armed")))
}

/// A fault of a profile that a client is not registered for would never strike it.
fn could_strike(app: &App, fault: &Fault, client: &ClientRegistration) -> Result<(), AdminError> {
    let sections = app.protocols.sections().into_iter();
    let spoken: Vec<&str> = sections.filter(|part| (part.speaks)(client)).map(|part| part.name).collect();
    if spoken.contains(&fault.profile) {
        return Ok(());
    }
    let (id, own, spoken) = (fault.id, fault.profile, spoken.join(", "));
    let spoken = if spoken.is_empty() { "none".to_owned() } else { spoken };
    Err(AdminError::bad(format!(
        "`{id}` is a fault of {own}, and the client `{}` is registered for {spoken}: it would never strike",
        client.id
    )))
}

fn known(app: &App, id: &str) -> Result<&'static Fault, AdminError> {
    app.protocols.fault(id).map_err(|problem| AdminError::bad(format!("{problem}; GET /_mock/faults lists them")))
}

fn describe(fault: &'static Fault) -> Value {
    json!({
        "id": fault.id,
        "profile": fault.profile,
        "stage": fault.stage.name(),
        "says": fault.says,
        "clause": fault.clause,
        "good_client": fault.good_client,
    })
}

fn describe_armed(armed: &Armed) -> Value {
    json!({"id": armed.fault.id, "left": armed.left, "client": armed.client})
}
