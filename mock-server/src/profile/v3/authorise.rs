//! `GET /{com|gov}/v3/authorise`: checks the authorisation request, then sends the browser to the login, or straight back.

use super::callback::{self, Outcome};
use super::grant::Transaction;
use super::person::attribute_list;
use super::{Call, Context, rules};
use crate::config::reader::meant;
use crate::config::{ClientRegistration, ScopeText};
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::http::refusal::Refusal;
use crate::page;
use warp::http::{HeaderName, HeaderValue, StatusCode};

/// The header by which a test chooses the persona of one login, without pages.
const PERSONA_HEADER: HeaderName = HeaderName::from_static("x-myinfo-mock-persona");
/// How long a login may take, in seconds.
const TRANSACTION_SECONDS: u64 = 15 * 60;

/// The handler.
pub(super) fn authorise(call: &Call<'_>) -> Answer {
    page::or_problem(begin(call))
}

fn begin(call: &Call<'_>) -> Result<Answer, Refusal> {
    let query = call
        .incoming
        .query_pairs(call.app.config.v3.repeated_parameters)
        .map_err(|problem| Refusal::from((rules::AUTHORISE_SHAPE, problem)))?;
    let client = registered_client(call, &query)?;
    let redirect_uri = registered_redirect(call, client, &query)?;
    let transaction = match read_transaction(call, client, redirect_uri, &query) {
        Ok(transaction) => transaction,
        Err(Failure { refusal, error, description }) => {
            refusal.log();
            let state = query.value("state");
            return Ok(callback::error(call, redirect_uri, state, error, &description));
        }
    };
    if let Some(wanted) = chosen_without_pages(call, client)? {
        return callback::finish(call, &transaction, &wanted);
    }
    let id = call.app.entropy.hex(32);
    let now = call.app.clock.now();
    call.app.memory().transactions.insert(id.clone(), transaction, now, now.plus_seconds(TRANSACTION_SECONDS));
    let person = call.segment().map_or_else(String::new, |person| format!("&person={}", page::encode(&person)));
    let location = format!("/{}/v3/login?transaction={id}{person}", call.context.name());
    let location = HeaderValue::try_from(location)
        .map_err(|_| Refusal::malformed(rules::AUTHORISE_SHAPE, "the path cannot be used in a redirect"))?;
    Ok(Answer::redirect(StatusCode::FOUND, location))
}

/// An unknown client gets a page, never a redirect (open question 4).
fn registered_client<'a>(call: &Call<'a>, query: &Pairs) -> Result<&'a ClientRegistration, Refusal> {
    let app: &'a crate::app::App = call.app;
    let status = StatusCode::from_u16(app.config.v3.unknown_client_status).unwrap_or(StatusCode::BAD_REQUEST);
    let Some(id) = query.value("client_id") else {
        return Err(Refusal::new(
            status,
            "The parameter client_id is missing.",
            rules::AUTHORISE_CLIENT,
            "add client_id to the authorise URL",
        ));
    };
    app.client(id).ok_or_else(|| {
        let known: Vec<&str> = app.config.clients.keys().map(String::as_str).collect();
        let hint = format!(
            "client_id is `{id}`; registered are {} (more with --config){}",
            known.join(", "),
            meant(id, known.iter().copied())
        );
        Refusal::new(status, format!("The client {id} is not registered."), rules::AUTHORISE_CLIENT, hint)
    })
}

/// An unregistered redirect URI gets a page: redirecting there would make the mock an open redirector.
fn registered_redirect<'q>(call: &Call<'_>, client: &ClientRegistration, query: &'q Pairs) -> Result<&'q str, Refusal> {
    const MESSAGE: &str = "redirect_uri_mismatch The redirection URI provided does not match a pre-registered value.";
    let sent = query.value("redirect_uri").unwrap_or_default();
    if client.redirect_uris.iter().any(|registered| registered == sent) {
        return Ok(sent);
    }
    let status = StatusCode::from_u16(call.app.config.v3.redirect_mismatch_status).unwrap_or(StatusCode::BAD_REQUEST);
    let hint = format!(
        "redirect_uri is `{sent}`; registered for {} is {}{}",
        client.id,
        client.redirect_uris.join(", "),
        difference(sent, &client.redirect_uris)
    );
    Err(Refusal::new(status, MESSAGE, rules::AUTHORISE_REDIRECT, hint))
}

/// Where the sent address first differs from the registered one that it resembles most.
fn difference(sent: &str, registered: &[String]) -> String {
    let shared = |candidate: &str| sent.chars().zip(candidate.chars()).take_while(|(a, b)| a == b).count();
    let Some(nearest) = registered.iter().max_by_key(|candidate| shared(candidate)) else {
        return String::new();
    };
    let same = shared(nearest);
    if same < 8 {
        return String::new();
    }
    let rest = |text: &str| text.chars().skip(same).take(20).collect::<String>();
    format!("; they differ after {same} characters: sent `{}`, registered `{}`", rest(sent), rest(nearest))
}

/// A failure that goes back to the relying party.
struct Failure {
    refusal: Refusal,
    error: &'static str,
    description: String,
}

/// Open question 4 and SPEC: what is missing or odd becomes `error=500`, a bad attribute `error=invalid_scope`.
fn read_transaction(
    call: &Call<'_>,
    client: &ClientRegistration,
    redirect_uri: &str,
    query: &Pairs,
) -> Result<Transaction, Failure> {
    let mut names = vec!["attributes", "purpose", "state"];
    if call.context == Context::Gov {
        names.push("sp_esvcId");
    }
    for name in names {
        if query.value(name).is_none_or(str::is_empty) {
            return Err(server_error(rules::AUTHORISE_REQUIRED, format!("The parameter {name} is missing.")));
        }
    }
    if let Some(other) = query.value("response_type").filter(|kind| *kind != "code") {
        return Err(server_error(
            rules::AUTHORISE_RESPONSE_TYPE,
            format!("The response_type is {other}; it can only be code."),
        ));
    }
    let text = |name: &str| query.value(name).unwrap_or_default().to_owned();
    let attributes = attribute_list(&text("attributes"));
    if attributes.is_empty() {
        return Err(server_error(rules::AUTHORISE_REQUIRED, "The parameter attributes names no attribute.".to_owned()));
    }
    check_attributes(call, client, &attributes)?;
    Ok(Transaction {
        context: call.context,
        client_id: client.id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: text("state"),
        purpose: text("purpose"),
        attributes,
        persona: None,
    })
}

fn server_error(rule: &'static crate::rule::Rule, description: String) -> Failure {
    Failure { refusal: Refusal::new(StatusCode::FOUND, "500", rule, description.clone()), error: "500", description }
}

/// Every attribute is in the catalogue and permitted to the client; open question 7 is which text goes with which.
fn check_attributes(call: &Call<'_>, client: &ClientRegistration, attributes: &[String]) -> Result<(), Failure> {
    const REALM: &str = "Invalid realm scope";
    const CLIENT: &str = "Invalid client scope";
    let (unknown_text, forbidden_text) = match call.app.config.v3.unknown_attribute_text {
        ScopeText::Realm => (REALM, CLIENT),
        ScopeText::Client => (CLIENT, REALM),
    };
    let invalid = |rule, description: &str, hint: String| Failure {
        refusal: Refusal::new(StatusCode::FOUND, "invalid_scope", rule, hint),
        error: "invalid_scope",
        description: description.to_owned(),
    };
    let catalogue = &call.app.catalogue;
    if let Some(unknown) = attributes.iter().find(|name| !catalogue.is_v3_scope(name)) {
        let near = catalogue.nearest_v3_scopes(unknown);
        let separator = if unknown.contains(' ') { "; v3 separates attributes by commas, not by spaces" } else { "" };
        let hint = format!(
            "`{unknown}` is no v3 attribute; near to it: {}{separator}",
            if near.is_empty() { "nothing".to_owned() } else { near.join(", ") }
        );
        return Err(invalid(rules::AUTHORISE_ATTRIBUTES, unknown_text, hint));
    }
    let Some(allowed) = &client.attributes else {
        return Ok(());
    };
    match attributes.iter().find(|name| !allowed.contains(name)) {
        None => Ok(()),
        Some(forbidden) => {
            let hint = format!("`{forbidden}` is not among the `attributes` that are registered for {}", client.id);
            Err(invalid(rules::AUTHORISE_PERMITTED, forbidden_text, hint))
        }
    }
}

/// What a header, the client's registration or the command line chose, in this order; nothing means pages.
fn chosen_without_pages(call: &Call<'_>, client: &ClientRegistration) -> Result<Option<Outcome>, Refusal> {
    let header =
        call.incoming.header(&PERSONA_HEADER).map_err(|problem| Refusal::from((rules::AUTHORISE_PERSONA, problem)))?;
    let wanted = header.or(client.auto_login.as_deref()).or(call.app.config.auto_login.as_deref());
    wanted.map(|wanted| Outcome::named(call.app, wanted)).transpose()
}
