//! `GET /{com|gov}/v3/authorise`: checks the authorisation request, then sends the browser to the login, or straight back.

use super::answer::plain;
use super::attributes::{attribute_list, explain, first_unknown};
use super::call::{Call, Context};
use super::callback::{self, Back, Begun, RedirectError};
use super::client::Client;
use super::instead::instead_of;
use super::parameters::{AUTHORISE_PARAMETERS, AUTHORISE_REQUIRED, OF_GOV, missing, note_odd_requests};
use super::rules;
use super::settings::ScopeText;
use crate::doctor::catalogue::SCOPE;
use crate::examination::{Examination, Link};
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::login::outcome::Outcome;
use crate::login::{self, Transaction};
use crate::persona::catalogue::Version;
use crate::persona::uinfin;
use crate::refusal::Refusal;
use crate::refusal::{Failure, Trouble};
use crate::rule::redirect::RedirectPolicy;
use crate::rule::{Rule, common};
use crate::text::encode;
use crate::text::meant;
use std::sync::Arc;
use warp::http::{HeaderValue, StatusCode};

/// The handler.
pub(super) fn authorise(call: &Call<'_>, exam: &mut Examination) -> Answer {
    exam.begins = true;
    if let Some(refusal) = not_a_person(call) {
        let answer = plain(refusal.status, &refusal.message);
        exam.broken(refusal);
        return answer;
    }
    let query = call
        .incoming
        .query_pairs(call.settings.repeated_parameters)
        .map_err(|problem| Refusal::from((rules::AUTHORISE_SHAPE, problem)));
    let answer = query
        .and_then(|query| check_lengths(call, query))
        .map_err(Trouble::from)
        .and_then(|query| begin(call, exam, &query));
    call.shared.page(exam, answer)
}

/// What is remembered of a login has a length: whoever sends megabytes as a state fills the memory.
fn check_lengths(call: &Call<'_>, query: Pairs) -> Result<Pairs, Refusal> {
    let limit = call.settings.text_limit;
    let length = |name: &str| query.value(name).map_or(0, str::len);
    let Some(name) = ["state", "purpose"].into_iter().find(|name| length(name) > limit) else { return Ok(query) };
    let found = format!("{name} has {} bytes; at most {limit} are taken (`text_limit` in `[v3]`)", length(name));
    Err(Refusal::malformed(rules::AUTHORISE_SHAPE, found))
}

/// What stands behind `/authorise/` is a person's number, or nothing.
fn not_a_person(call: &Call<'_>) -> Option<Refusal> {
    call.segment().filter(|id| !uinfin::is_well_formed(&id.to_uppercase()))?;
    let message = "nothing is served at this path";
    let hint = "only an NRIC or FIN may stand behind /gov/v3/authorise; did you mean /gov/v3/authorise?";
    Some(Refusal::new(StatusCode::NOT_FOUND, message, common::PATH, hint))
}

/// Examines the request. What forbids a redirect is an error here; what goes back to the relying party is an answer.
fn begin(call: &Call<'_>, exam: &mut Examination, query: &Pairs) -> Result<Answer, Trouble> {
    exam.kept(rules::AUTHORISE_SHAPE);
    note_odd_requests(call, exam, query, AUTHORISE_PARAMETERS);
    let client = registered_client(call, query)?;
    exam.kept(rules::AUTHORISE_CLIENT);
    exam.client = Some(client.id.to_owned());
    if let Some(state) = query.value("state") {
        exam.links.push(Link::State { client: client.id.to_owned(), state: state.to_owned() });
    }
    let redirect_uri = query.value("redirect_uri").unwrap_or_default();
    let registered = redirect_policy(call).check_registered(redirect_uri, client.id, &client.common.redirect_uris);
    if let Err(mut refusal) = registered {
        if redirect_uri.is_empty() {
            refusal.hint = all_missing(call, query);
            refusal.details = None;
        }
        let accepted = exam.overlooks(&refusal) && !redirect_uri.is_empty();
        if !accepted {
            return Err(refusal.into());
        }
        exam.broken(refusal);
    } else {
        exam.kept(rules::AUTHORISE_REDIRECT);
    }
    let transaction = examine_request(call, exam, client, query);
    if let Some(refusal) = exam.refusal() {
        // it comes back in the address of the browser: what does not belong there is not repeated
        let description = call.shared.mask().text(&refusal.message);
        let code = refusal.error.unwrap_or("500");
        let back = Back { redirect_uri, state: query.value("state") };
        return callback::error(call, exam, &back, &RedirectError { code, description: &description });
    }
    let wanted = Outcome::chosen_without_pages(call.app, call.book, call.incoming, client.common)?;
    if let Some(wanted) = wanted {
        return callback::finish(call, exam, &transaction, &wanted);
    }
    let pages = transaction.profile.pages();
    let id = login::remember(&call.shared, exam, transaction);
    let person = call.segment().map_or_else(String::new, |person| format!("&person={}", encode(&person)));
    let location = format!("{}{pages}/login?transaction={id}{person}", call.incoming.base);
    let location = HeaderValue::try_from(location)
        .map_err(|error| Failure::new("the path cannot be used in a redirect", &error))?;
    Ok(Answer::redirect(StatusCode::FOUND, location))
}

/// An unknown client gets a page, never a redirect (open question 4).
fn registered_client<'a>(call: &Call<'a>, query: &Pairs) -> Result<Client<'a>, Refusal> {
    let status = StatusCode::from_u16(call.settings.unknown_client_status).unwrap_or(StatusCode::BAD_REQUEST);
    let Some(id) = query.value("client_id").filter(|id| !id.is_empty()) else {
        return Err(Refusal::new(
            status,
            "The parameter client_id is missing.",
            rules::AUTHORISE_CLIENT,
            all_missing(call, query),
        ));
    };
    call.client(id).ok_or_else(|| {
        let known: Vec<&str> = call.client_ids().collect();
        let near = instead_of("client_id", id)
            .map_or_else(|| meant(id, known.iter().copied()), |instead| format!("; it {instead}"));
        let hint = format!("client_id is `{id}`; registered are {} (more with --config){near}", known.join(", "));
        Refusal::new(status, format!("The client {id} is not registered."), rules::AUTHORISE_CLIENT, hint)
    })
}

/// An unregistered redirect URI gets a page: redirecting there would make the mock an open redirector.
fn redirect_policy(call: &Call<'_>) -> RedirectPolicy {
    RedirectPolicy {
        rule: rules::AUTHORISE_REDIRECT,
        status: StatusCode::from_u16(call.settings.redirect_mismatch_status).unwrap_or(StatusCode::BAD_REQUEST),
        message: "redirect_uri_mismatch The redirection URI provided does not match a pre-registered value.".into(),
    }
}

/// Examines what goes back to the relying party when it is wrong. Open question 4 and SPEC: what is missing or odd
/// becomes `error=500`, a bad attribute `error=invalid_scope`.
fn examine_request(call: &Call<'_>, exam: &mut Examination, client: Client<'_>, query: &Pairs) -> Transaction {
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
    exam.check(rules::AUTHORISE_ATTRIBUTES, check_known(call, &text("attributes"), &attributes));
    exam.check(rules::AUTHORISE_PERMITTED, check_permitted(call, client, &attributes));
    Transaction {
        profile: Arc::new(Begun(call.context)),
        client_id: client.id.to_owned(),
        redirect_uri: text("redirect_uri"),
        state: text("state"),
        purpose: text("purpose"),
        attributes,
        persona: None,
    }
}

/// The wire names the first missing parameter, the hint all of them.
fn check_required(call: &Call<'_>, query: &Pairs, attributes: &[String]) -> Result<(), Refusal> {
    let absent: Vec<&str> = absent(call, query).collect();
    if let (Some(name), Some(all)) = (absent.first(), missing(query, absent.iter().copied(), AUTHORISE_PARAMETERS)) {
        let mut refusal = server_error(rules::AUTHORISE_REQUIRED, format!("The parameter {name} is missing."));
        refusal.hint = format!("{all} from the authorise URL");
        return Err(refusal);
    }
    if attributes.is_empty() {
        let description = "The parameter attributes names no attribute.".to_owned();
        return Err(server_error(rules::AUTHORISE_REQUIRED, description));
    }
    Ok(())
}

/// The required parameters that are missing or empty.
fn absent<'q>(call: &Call<'_>, query: &'q Pairs) -> impl Iterator<Item = &'static str> + use<'q> {
    let gov = call.context == Context::Gov;
    let names = AUTHORISE_REQUIRED.iter().copied().filter(move |name| *name != OF_GOV || gov);
    names.filter(|name| query.value(name).is_none_or(str::is_empty))
}

/// All that is missing, for whoever is told of the first of it on a page.
fn all_missing(call: &Call<'_>, query: &Pairs) -> String {
    let all = missing(query, absent(call, query), AUTHORISE_PARAMETERS).unwrap_or_default();
    format!("{all} from the authorise URL")
}

fn server_error(rule: &'static Rule, description: String) -> Refusal {
    Refusal::new(StatusCode::FOUND, description.clone(), rule, description)
}

/// A bad attribute: its description goes to the relying party, its hint to the developer.
fn bad_attribute(rule: &'static Rule, description: &str, hint: String) -> Refusal {
    Refusal::new(StatusCode::FOUND, description, rule, hint).diagnosed(SCOPE).with_error("invalid_scope")
}

/// The texts for an unknown and for a forbidden attribute; open question 7 is which goes with which.
fn scope_texts(call: &Call<'_>) -> (&'static str, &'static str) {
    const REALM: &str = "Invalid realm scope";
    const CLIENT: &str = "Invalid client scope";
    match call.settings.unknown_attribute_text {
        ScopeText::Realm => (REALM, CLIENT),
        ScopeText::Client => (CLIENT, REALM),
    }
}

/// Every attribute is in the catalogue.
fn check_known(call: &Call<'_>, sent: &str, attributes: &[String]) -> Result<(), Refusal> {
    let catalogue = &call.app.catalogue;
    let Some(unknown) = first_unknown(catalogue, attributes) else { return Ok(()) };
    let hint = explain(catalogue, sent, unknown);
    Err(bad_attribute(rules::AUTHORISE_ATTRIBUTES, scope_texts(call).0, hint))
}

/// Every attribute is permitted to the client.
fn check_permitted(call: &Call<'_>, client: Client<'_>, attributes: &[String]) -> Result<(), Refusal> {
    let Some(allowed) = &client.v3.attributes else { return Ok(()) };
    let forbidden =
        attributes.iter().find(|name| call.app.catalogue.is_scope(Version::V3, name) && !allowed.contains(name));
    let Some(forbidden) = forbidden else { return Ok(()) };
    let hint = format!(
        "`{forbidden}` is not among the `attributes` that are registered for {}: {}",
        client.id,
        allowed.join(", ")
    );
    Err(bad_attribute(rules::AUTHORISE_PERMITTED, scope_texts(call).1, hint))
}
