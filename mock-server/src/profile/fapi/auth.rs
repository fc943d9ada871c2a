//! `GET /fapi/auth`: the browser brings a request URI; login, for Myinfo apps consent, and the way back.

use super::caller::Caller;
use super::client::App;
use super::errors::invalid_request;
use super::issued::{Grant, Issued, Pushed};
use super::parameters;
use super::rules;
use super::settings::FapiSettings;
use crate::call::Call;
use crate::examination::{Examination, Link};
use crate::http::exchange::Answer;
use crate::http::pairs::Repeats;
use crate::login::callback::{changed, redirect};
use crate::login::outcome::Outcome;
use crate::login::{self, Resume, Transaction};
use crate::persona::selection::{MissingItems, Writing, select};
use crate::refusal::{Failure, Refusal, Trouble};
use crate::store::Weight;
use serde_json::{Map, Value};
use std::sync::Arc;

/// How v5 writes a document.
pub(in crate::profile) const WRITING: Writing =
    Writing { missing: MissingItems::Unavailable, unformatted: "UNFORMATTED" };

/// The handler.
pub(super) fn auth(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let answer = begin(call, exam);
    call.page(exam, answer)
}

fn begin(call: &Call<'_>, exam: &mut Examination) -> Result<Answer, Trouble> {
    let settings = FapiSettings::of(&call.app.config).ok_or_else(Failure::nothing_to_say)?;
    let query = call.incoming.query_pairs(Repeats::Refuse);
    let query = query.map_err(|problem| page(rules::AUTH_CLIENT, "PX-E1000", problem.to_string()))?;
    let named = query.value("client_id").unwrap_or_default();
    let caller = Caller::of(call, named);
    exam.client = caller.map(|caller| caller.client.id.clone());
    let caller = caller.ok_or_else(|| {
        let hint =
            format!("`client_id` is `{named}`, which is not registered for FAPI; the pushed request names the client");
        page(rules::AUTH_CLIENT, "PX-E1000", hint)
    })?;
    let odd = query.iter().map(|(name, _)| name).find(|name| !parameters::OF_AUTH.contains(name) && settings.strict);
    if let Some(odd) = odd {
        let hint = format!("`{odd}` is no parameter here: everything but client_id and request_uri is pushed");
        return Err(page(rules::AUTH_CLIENT, "PX-E1000", hint).into());
    }
    exam.kept(rules::AUTH_CLIENT);
    let uri = query.value("request_uri").unwrap_or_default().to_owned();
    exam.links.push(Link::RequestUri(uri.clone()));
    let pushed = find(call, caller, &uri)?;
    exam.kept(rules::REQUEST_URI);
    let transaction = transaction(&pushed, &uri);
    login::start(call, exam, caller.client, transaction)
}

/// Where nothing can be redirected, Singpass shows a page with a code (DOC, partner support).
pub(in crate::profile) fn page(rule: &'static crate::rule::Rule, code: &str, hint: String) -> Refusal {
    let mut refusal = invalid_request(rule, hint);
    refusal.message = format!("{code}: the request cannot be used.");
    refusal
}

/// The pushed request, if it waits for this client.
fn find(call: &Call<'_>, caller: Caller<'_>, uri: &str) -> Result<Arc<Pushed>, Refusal> {
    let refuse = |hint: String| Err(page(rules::REQUEST_URI, "PX-E0013", hint));
    let now = call.app.clock.now();
    let found = call.app.memory().of::<Issued>().requests.get_mut(&uri.to_owned(), now).cloned();
    let Some(pushed) = found else {
        return refuse(if uri.is_empty() {
            "`request_uri` is missing: push the request first, and send the browser here with what PAR answered"
                .to_owned()
        } else {
            "this `request_uri` was never given out, or a login came of it already".to_owned()
        });
    };
    if pushed.client_id != caller.client.id {
        return refuse(format!(
            "this `request_uri` was pushed by `{}`, not by `{}`",
            pushed.client_id, caller.client.id
        ));
    }
    if pushed.expires <= now {
        let late = (now.0 - pushed.expires.0) / 1000;
        return refuse(format!("this `request_uri` expired {late} s ago: send the browser at once"));
    }
    Ok(pushed)
}

fn transaction(pushed: &Arc<Pushed>, uri: &str) -> Transaction {
    let shown = pushed.scopes.iter().filter(|scope| *scope != "openid");
    Transaction {
        client_id: pushed.client_id.clone(),
        redirect_uri: pushed.redirect_uri.clone(),
        state: pushed.state.clone(),
        purpose: String::new(),
        attributes: shown.cloned().collect(),
        persona: None,
        profile: Arc::new(Login { pushed: Arc::clone(pushed), uri: uri.to_owned() }),
    }
}

/// A login that FAPI began.
#[derive(Debug)]
struct Login {
    pushed: Arc<Pushed>,
    uri: String,
}

impl Resume for Login {
    fn pages(&self) -> String {
        "/fapi".to_owned()
    }

    fn weight(&self) -> usize {
        self.pushed.weight() + self.uri.capacity()
    }

    fn asks_consent(&self) -> bool {
        self.pushed.app == App::Myinfo
    }

    fn without_data(&self) -> &'static str {
        if self.pushed.app == App::Myinfo { "userinfo answers 400 invalid_request" } else { "" }
    }

    fn shown(&self, call: &Call<'_>, person: &Map<String, Value>, attribute: &str) -> Map<String, Value> {
        select(person, &[attribute.to_owned()], &call.app.catalogue, WRITING)
    }

    fn finish(
        &self,
        call: &Call<'_>,
        exam: &mut Examination,
        transaction: &Transaction,
        outcome: &Outcome,
    ) -> Result<Answer, Trouble> {
        let settings = FapiSettings::of(&call.app.config).ok_or_else(Failure::nothing_to_say)?;
        let now = call.app.clock.now();
        // consumed by the login that comes of it; a page that is loaded twice before that does no harm
        if call.app.memory().of::<Issued>().requests.remove(&self.uri, now).is_none() {
            let hint = "a login came of this `request_uri` already".to_owned();
            return Err(page(rules::REQUEST_URI, "PX-E0013", hint).into());
        }
        let mut parameters = match outcome {
            Outcome::Agreed(persona) => {
                exam.persona = Some(persona.clone());
                vec![("code", self.code(call, exam, settings, persona))]
            }
            Outcome::Cancelled => vec![("error", "access_denied".to_owned())],
            Outcome::Maintenance => vec![("error", "temporarily_unavailable".to_owned())],
            Outcome::ServerError => vec![("error", "server_error".to_owned())],
        };
        parameters.push(("state", transaction.state.clone()));
        if settings.redirect_iss {
            parameters.push(("iss", self.pushed.issuer.clone()));
        }
        // the notice prints it so: legal in a query, and what firewalls in front of some applications block
        let unencoded: &[&str] = if settings.encoded_iss { &[] } else { &["iss"] };
        Ok(redirect(&transaction.redirect_uri, &changed(call, exam, parameters, unencoded))?)
    }
}

impl Login {
    /// A new code: 32 bytes in base64url have 43 characters.
    fn code(&self, call: &Call<'_>, exam: &mut Examination, settings: &FapiSettings, persona: &str) -> String {
        let code = call.app.entropy.alphanumeric(43);
        exam.links.push(Link::Code(code.clone()));
        let now = call.app.clock.now();
        let expires = now.plus_seconds(settings.code_lifetime_seconds);
        let grant = Grant { pushed: Arc::clone(&self.pushed), persona: persona.to_owned(), redeemed: None, expires };
        let forgotten = expires.plus_seconds(settings.code_lifetime_seconds.max(600));
        call.app.memory().of::<Issued>().codes.insert(code.clone(), grant, now, forgotten);
        code
    }
}
