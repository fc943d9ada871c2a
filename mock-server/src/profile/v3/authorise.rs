//! `GET /{com|gov}/v3/authorise`: checks the authorisation request, then sends the browser to the login, or straight back.

use super::callback::{self, Outcome};
use super::grant::Transaction;
use super::parameters::{AUTHORISE_PARAMETERS, note_odd_requests};
use super::person::attribute_list;
use super::{Call, Context, rules};
use crate::config::reader::meant;
use crate::config::{ClientRegistration, ScopeText};
use crate::doctor::catalogue::{REDIRECT_DIFF, SCOPE};
use crate::doctor::difference::{Comparison, kind_of_address_difference};
use crate::examination::{Examination, Link};
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
pub(super) fn authorise(call: &Call<'_>, exam: &mut Examination) -> Answer {
    exam.begins = true;
    let query = call
        .incoming
        .query_pairs(call.app.config.v3.repeated_parameters)
        .map_err(|problem| Refusal::from((rules::AUTHORISE_SHAPE, problem)));
    let answer = match query {
        Ok(query) => {
            exam.check(rules::AUTHORISE_SHAPE, Ok(()));
            begin(call, exam, &query)
        }
        Err(refusal) => Err(refusal),
    };
    super::page(call, exam, answer)
}

/// Examines the request. What forbids a redirect is an error here; what goes back to the relying party is an answer.
fn begin(call: &Call<'_>, exam: &mut Examination, query: &Pairs) -> Result<Answer, Refusal> {
    note_odd_requests(call, exam, query, AUTHORISE_PARAMETERS);
    let client = registered_client(call, query)?;
    exam.check(rules::AUTHORISE_CLIENT, Ok(()));
    exam.client = Some(client.id.clone());
    if let Some(state) = query.value("state") {
        exam.links.push(Link::State { client: client.id.clone(), state: state.to_owned() });
    }
    let registered = registered_redirect(call, client, query);
    let redirect_uri = query.value("redirect_uri").unwrap_or_default();
    if let Err(refusal) = registered {
        let accepted = exam.overlooks(&refusal) && !redirect_uri.is_empty();
        if !accepted {
            return Err(refusal);
        }
        exam.broken(refusal);
    } else {
        exam.check(rules::AUTHORISE_REDIRECT, Ok(()));
    }
    let transaction = examine_request(call, exam, client, query);
    if let Some(refusal) = exam.refusal() {
        let (error, description) = (refusal.wire_error(), refusal.message.clone());
        return Ok(callback::error(call, exam, (redirect_uri, query.value("state")), (error, &description)));
    }
    if let Some(wanted) = chosen_without_pages(call, client)? {
        return callback::finish(call, exam, &transaction, &wanted);
    }
    let id = call.app.entropy.hex(32);
    let now = call.app.clock.now();
    exam.links.push(Link::Login(id.clone()));
    call.app.memory().transactions.insert(id.clone(), transaction, now, now.plus_seconds(TRANSACTION_SECONDS));
    let person = call.segment().map_or_else(String::new, |person| format!("&person={}", page::encode(&person)));
    let location = format!("{}/{}/v3/login?transaction={id}{person}", call.incoming.base, call.context.name());
    let location = HeaderValue::try_from(location)
        .map_err(|_| Refusal::malformed(rules::AUTHORISE_SHAPE, "the path cannot be used in a redirect"))?;
    Ok(Answer::redirect(StatusCode::FOUND, location))
}

/// An unknown client gets a page, never a redirect (open question 4).
fn registered_client<'a>(call: &Call<'a>, query: &Pairs) -> Result<&'a ClientRegistration, Refusal> {
    let status = StatusCode::from_u16(call.app.config.v3.unknown_client_status).unwrap_or(StatusCode::BAD_REQUEST);
    let Some(id) = query.value("client_id") else {
        return Err(Refusal::new(
            status,
            "The parameter client_id is missing.",
            rules::AUTHORISE_CLIENT,
            "client_id is missing from the authorise URL",
        ));
    };
    call.book.client(id).ok_or_else(|| {
        let known: Vec<&str> = call.book.clients.keys().map(String::as_str).collect();
        let hint = format!(
            "client_id is `{id}`; registered are {} (more with --config){}",
            known.join(", "),
            meant(id, known.iter().copied())
        );
        Refusal::new(status, format!("The client {id} is not registered."), rules::AUTHORISE_CLIENT, hint)
    })
}

/// An unregistered redirect URI gets a page: redirecting there would make the mock an open redirector.
fn registered_redirect(call: &Call<'_>, client: &ClientRegistration, query: &Pairs) -> Result<(), Refusal> {
    const MESSAGE: &str = "redirect_uri_mismatch The redirection URI provided does not match a pre-registered value.";
    let sent = query.value("redirect_uri").unwrap_or_default();
    if client.redirect_uris.iter().any(|registered| registered == sent) {
        return Ok(());
    }
    let status = StatusCode::from_u16(call.app.config.v3.redirect_mismatch_status).unwrap_or(StatusCode::BAD_REQUEST);
    let nearest = nearest_address(sent, &client.redirect_uris);
    let mut hint =
        format!("redirect_uri is `{sent}`; registered for {} is {}", client.id, client.redirect_uris.join(", "));
    let comparison = nearest.map(|nearest| Comparison::new(nearest, sent));
    if let Some(nearest) = nearest {
        let same = comparison.as_ref().and_then(Comparison::first_difference).unwrap_or_default();
        match kind_of_address_difference(nearest, sent) {
            Some(kind) => hint = format!("{hint}; the difference: {kind}"),
            None if same >= 8 => hint = format!("{hint}; they differ after {same} characters"),
            None => {}
        }
    }
    let refusal = Refusal::new(status, MESSAGE, rules::AUTHORISE_REDIRECT, hint).diagnosed(REDIRECT_DIFF);
    Err(match comparison {
        Some(comparison) => refusal.compared(comparison),
        None => refusal,
    })
}

/// The registered address that the sent one resembles most.
fn nearest_address<'r>(sent: &str, registered: &'r [String]) -> Option<&'r str> {
    let shared = |candidate: &str| sent.chars().zip(candidate.chars()).take_while(|(a, b)| a == b).count();
    let simple = registered.iter().find(|candidate| kind_of_address_difference(candidate, sent).is_some());
    simple.or_else(|| registered.iter().max_by_key(|candidate| shared(candidate))).map(String::as_str)
}

/// Examines what goes back to the relying party when it is wrong. Open question 4 and SPEC: what is missing or odd
/// becomes `error=500`, a bad attribute `error=invalid_scope`.
fn examine_request(call: &Call<'_>, exam: &mut Examination, client: &ClientRegistration, query: &Pairs) -> Transaction {
    let text = |name: &str| query.value(name).unwrap_or_default().to_owned();
    let attributes = attribute_list(&text("attributes"));
    exam.check(rules::AUTHORISE_REQUIRED, check_required(call, query, &attributes));
    let response_type = match query.value("response_type").filter(|kind| *kind != "code") {
        Some(other) => Err(server_error(
            rules::AUTHORISE_RESPONSE_TYPE,
            format!("The response_type is {other}; it can only be code."),
        )),
        None => Ok(()),
    };
    exam.check(rules::AUTHORISE_RESPONSE_TYPE, response_type);
    exam.check(rules::AUTHORISE_ATTRIBUTES, check_known(call, &attributes));
    exam.check(rules::AUTHORISE_PERMITTED, check_permitted(call, client, &attributes));
    Transaction {
        context: call.context,
        client_id: client.id.clone(),
        redirect_uri: text("redirect_uri"),
        state: text("state"),
        purpose: text("purpose"),
        attributes,
        persona: None,
    }
}

fn check_required(call: &Call<'_>, query: &Pairs, attributes: &[String]) -> Result<(), Refusal> {
    let names = ["attributes", "purpose", "state", "sp_esvcId"];
    let mut names = names.into_iter().filter(|name| *name != "sp_esvcId" || call.context == Context::Gov);
    if let Some(name) = names.find(|name| query.value(name).is_none_or(str::is_empty)) {
        return Err(server_error(rules::AUTHORISE_REQUIRED, format!("The parameter {name} is missing.")));
    }
    if attributes.is_empty() {
        let description = "The parameter attributes names no attribute.".to_owned();
        return Err(server_error(rules::AUTHORISE_REQUIRED, description));
    }
    Ok(())
}

fn server_error(rule: &'static crate::rule::Rule, description: String) -> Refusal {
    Refusal::new(StatusCode::FOUND, description.clone(), rule, description)
}

/// A bad attribute: its description goes to the relying party, its hint to the developer.
fn bad_attribute(rule: &'static crate::rule::Rule, description: &str, hint: String) -> Refusal {
    Refusal::new(StatusCode::FOUND, description, rule, hint).diagnosed(SCOPE)
}

/// The texts for an unknown and for a forbidden attribute; open question 7 is which goes with which.
fn scope_texts(call: &Call<'_>) -> (&'static str, &'static str) {
    const REALM: &str = "Invalid realm scope";
    const CLIENT: &str = "Invalid client scope";
    match call.app.config.v3.unknown_attribute_text {
        ScopeText::Realm => (REALM, CLIENT),
        ScopeText::Client => (CLIENT, REALM),
    }
}

/// Every attribute is in the catalogue.
fn check_known(call: &Call<'_>, attributes: &[String]) -> Result<(), Refusal> {
    let catalogue = &call.app.catalogue;
    let Some(unknown) = attributes.iter().find(|name| !catalogue.is_v3_scope(name)) else { return Ok(()) };
    let all_known = unknown.split(' ').all(|name| catalogue.is_v3_scope(name));
    let hint = if unknown.contains(' ') && all_known {
        format!("`{unknown}` is a list separated by spaces; v3 separates attributes by commas")
    } else {
        let near = catalogue.nearest_v3_scopes(unknown);
        let near = if near.is_empty() { "nothing".to_owned() } else { near.join(", ") };
        let separator = if unknown.contains(' ') { "; v3 separates attributes by commas, not by spaces" } else { "" };
        let later = if unknown == "openid" { "; `openid` belongs to FAPI" } else { "" };
        format!("`{unknown}` is no v3 attribute; near to it: {near}{separator}{later}")
    };
    Err(bad_attribute(rules::AUTHORISE_ATTRIBUTES, scope_texts(call).0, hint))
}

/// Every attribute is permitted to the client.
fn check_permitted(call: &Call<'_>, client: &ClientRegistration, attributes: &[String]) -> Result<(), Refusal> {
    let Some(allowed) = &client.attributes else { return Ok(()) };
    let forbidden = attributes.iter().find(|name| call.app.catalogue.is_v3_scope(name) && !allowed.contains(name));
    let Some(forbidden) = forbidden else { return Ok(()) };
    let hint = format!(
        "`{forbidden}` is not among the `attributes` that are registered for {}: {}",
        client.id,
        allowed.join(", ")
    );
    Err(bad_attribute(rules::AUTHORISE_PERMITTED, scope_texts(call).1, hint))
}

/// What a header, the login queue, the client's registration or the command line chose, in this order; nothing means pages.
fn chosen_without_pages(call: &Call<'_>, client: &ClientRegistration) -> Result<Option<Outcome>, Refusal> {
    let header =
        call.incoming.header(&PERSONA_HEADER).map_err(|problem| Refusal::from((rules::AUTHORISE_PERSONA, problem)))?;
    let queued = if header.is_none() { call.app.logins.take() } else { None };
    let wanted =
        header.or(queued.as_deref()).or(client.auto_login.as_deref()).or(call.app.config.auto_login.as_deref());
    wanted.map(|wanted| Outcome::named(call.book, wanted)).transpose()
}
