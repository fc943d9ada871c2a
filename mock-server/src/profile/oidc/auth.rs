//! `GET /auth`: the browser brings the whole request; login, for Myinfo apps consent, and the way back.

use super::issued::{Asked, Codes, Grant};
use super::settings::OidcSettings;
use super::{AT_AUTH, parameters, rules};
use crate::call::Call;
use crate::doctor::catalogue::OLD_API;
use crate::examination::{Examination, Link};
use crate::http::exchange::Answer;
use crate::http::pairs::{Pairs, Repeats};
use crate::login::callback::{changed, redirect};
use crate::login::outcome::Outcome;
use crate::login::{self, Resume, Transaction};
use crate::page;
use crate::persona::selection::select;
use crate::profile::fapi::auth::{WRITING, page as coded};
use crate::profile::fapi::caller::{Caller, not_registered};
use crate::profile::fapi::client::App;
use crate::profile::fapi::client_keys;
use crate::profile::fapi::par::{check_scope, told};
use crate::profile::fapi::settings::FapiSettings;
use crate::refusal::{Failure, Refusal, Trouble};
use crate::rule::redirect::RedirectPolicy;
use crate::rule::{Rule, extra_parameters, pkce};
use crate::store::Weight;
use serde_json::{Map, Value};
use std::sync::Arc;
use warp::http::StatusCode;

/// The handler.
pub(super) fn auth(call: &Call<'_>, exam: &mut Examination) -> Answer {
    exam.begins = true;
    let answer = begin(call, exam);
    call.page(exam, answer)
}

fn begin(call: &Call<'_>, exam: &mut Examination) -> Result<Answer, Trouble> {
    let settings = OidcSettings::of(&call.app.config).ok_or_else(Failure::nothing_to_say)?;
    let query = read_query(call, exam)?;
    extra_parameters::note(exam, &query, parameters::OF_AUTH, parameters::ELSEWHERE);
    let caller = named_client(call, exam, &query)?;
    if let Some(state) = query.value("state") {
        exam.links.push(Link::State { client: caller.client.id.clone(), state: state.to_owned() });
    }
    examine(call, exam, settings, caller, &query);
    if exam.refused() {
        let mask = call.mask();
        exam.mask(|text| mask.text(text));
    }
    match exam.refusal() {
        Some(refusal) => Ok(page::problem(refusal, &call.incoming.base)),
        None => login::start(call, exam, caller.client, transaction(caller, &query)),
    }
}

/// Nearly nothing goes back to the application: what is wrong is told on a page (LEG, migration guide).
fn refused(rule: &'static Rule, hint: impl Into<String>) -> Refusal {
    coded(rule, "PX-E1000", hint.into())
}

/// The page of a JWK Set that cannot be used: observed.
pub(super) fn of_keys(rule: &'static Rule, hint: String) -> Refusal {
    coded(rule, "PX-E0101", hint)
}

fn read_query(call: &Call<'_>, exam: &mut Examination) -> Result<Pairs, Refusal> {
    let query = call.incoming.query_pairs(Repeats::Refuse);
    let query = query.map_err(|problem| refused(rules::AUTH_QUERY, problem.to_string()))?;
    if query.value("request_uri").is_some() {
        let hint = "there is a `request_uri`: this is the API before FAPI, which reads its parameters from the browser; a `request_uri` belongs to /fapi/auth";
        let fix = "take the addresses out of FAPI's discovery document, /fapi/.well-known/openid-configuration";
        return Err(refused(rules::AUTH_QUERY, hint).diagnosed(OLD_API).fixed_by(fix));
    }
    exam.kept(rules::AUTH_QUERY);
    Ok(query)
}

fn named_client<'a>(call: &Call<'a>, exam: &mut Examination, query: &Pairs) -> Result<Caller<'a>, Refusal> {
    let named = query.value("client_id").unwrap_or_default();
    let caller = Caller::of(call, named);
    exam.client = caller.map(|caller| caller.client.id.clone());
    let hint =
        || if named.is_empty() { "`client_id` is missing".to_owned() } else { not_registered(call, &AT_AUTH, named) };
    let caller = caller.ok_or_else(|| refused(rules::AUTH_CLIENT, hint()))?;
    exam.kept(rules::AUTH_CLIENT);
    Ok(caller)
}

fn examine(call: &Call<'_>, exam: &mut Examination, settings: &OidcSettings, caller: Caller<'_>, query: &Pairs) {
    if let Some(shared) = FapiSettings::of(&call.app.config) {
        exam.check(rules::CLIENT_KEYS, client_keys::of(call, shared, caller, &AT_AUTH));
    }
    let response_type = match query.value("response_type") {
        Some("code") => Ok(()),
        other => Err(refused(rules::RESPONSE_TYPE, format!("`response_type` is {}, expected `code`", told(other)))),
    };
    exam.check(rules::RESPONSE_TYPE, response_type);
    let scope = check_own_scope(call, caller, query.value("scope"));
    exam.check(rules::SCOPE, scope.map_err(|hint| coded(rules::SCOPE, "PX-E0008", hint)));
    for (rule, name) in [(rules::STATE, "state"), (rules::NONCE, "nonce")] {
        exam.check(rule, check_length(name, query).map_err(|hint| refused(rule, hint)));
    }
    exam.check(rules::REDIRECT, check_redirect(caller, query));
    let challenge = query.value("code_challenge");
    if challenge.is_none() && !settings.pkce_required {
        exam.not_applicable(&[rules::PKCE], "there is no `code_challenge`, and `pkce_required` is false");
    } else {
        let challenge = pkce::check_challenge(challenge, query.value("code_challenge_method"));
        exam.check(rules::PKCE, challenge.map_err(|hint| refused(rules::PKCE, hint)));
    }
}

/// Before FAPI a Login app asks for `openid` and nothing else; Myinfo apps have the catalogue, as in FAPI.
fn check_own_scope(call: &Call<'_>, caller: Caller<'_>, sent: Option<&str>) -> Result<(), String> {
    match sent {
        Some(scope) if caller.own.app == App::Login && scope.trim() != "openid" => Err(format!(
            "`scope` is `{scope}`; before FAPI a Login app asks for `openid` alone: `user.identity`, `name`, `email` and `mobileno` are FAPI's"
        )),
        sent => check_scope(call, caller, sent),
    }
}

fn check_length(name: &str, query: &Pairs) -> Result<(), String> {
    match query.value(name).map(|value| value.chars().count()) {
        None => Err(format!("`{name}` is missing")),
        Some(1..=255) => Ok(()),
        Some(length) => Err(format!("`{name}` has {length} characters, expected 1 to 255")),
    }
}

fn check_redirect(caller: Caller<'_>, query: &Pairs) -> Result<(), Refusal> {
    let policy = RedirectPolicy {
        rule: rules::REDIRECT,
        status: StatusCode::BAD_REQUEST,
        message: "PX-E1000: the request cannot be used.".into(),
    };
    let sent = query.value("redirect_uri").unwrap_or_default();
    policy.check_registered(sent, &caller.client.id, &caller.client.redirect_uris)
}

fn transaction(caller: Caller<'_>, query: &Pairs) -> Transaction {
    let text = |name: &str| query.value(name).unwrap_or_default().to_owned();
    let scopes: Vec<String> = text("scope").split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    let asked = Asked {
        client_id: caller.client.id.clone(),
        app: caller.own.app,
        redirect_uri: text("redirect_uri"),
        nonce: text("nonce"),
        scopes,
        challenge: query.value("code_challenge").map(str::to_owned),
    };
    Transaction {
        client_id: asked.client_id.clone(),
        redirect_uri: asked.redirect_uri.clone(),
        state: text("state"),
        purpose: String::new(),
        attributes: asked.scopes.iter().filter(|scope| *scope != "openid").cloned().collect(),
        persona: None,
        profile: Arc::new(Login(Arc::new(asked))),
    }
}

/// A login that began here.
#[derive(Debug)]
struct Login(Arc<Asked>);

impl Resume for Login {
    fn pages(&self) -> String {
        "/auth".to_owned()
    }

    fn weight(&self) -> usize {
        self.0.weight()
    }

    fn asks_consent(&self) -> bool {
        self.0.app == App::Myinfo
    }

    fn without_data(&self) -> &'static str {
        if self.asks_consent() { "userinfo answers 400 CLIENT_SIDE_ERROR" } else { "" }
    }

    fn shown(&self, call: &Call<'_>, person: &Map<String, Value>, attribute: &str) -> Map<String, Value> {
        select(person, &[attribute.to_owned()], &call.app.catalogue, WRITING)
    }

    /// Code and state, without `iss`. What comes back of a login that fails is not documented: OIDC Core §3.1.2.6.
    fn finish(
        &self,
        call: &Call<'_>,
        exam: &mut Examination,
        transaction: &Transaction,
        outcome: &Outcome,
    ) -> Result<Answer, Trouble> {
        let settings = OidcSettings::of(&call.app.config).ok_or_else(Failure::nothing_to_say)?;
        let ending = match outcome {
            Outcome::Agreed(persona) => {
                exam.persona = Some(persona.clone());
                ("code", self.code(call, exam, settings, persona))
            }
            Outcome::Cancelled => ("error", "access_denied".to_owned()),
            Outcome::Maintenance => ("error", "temporarily_unavailable".to_owned()),
            Outcome::ServerError => ("error", "server_error".to_owned()),
        };
        let parameters = vec![ending, ("state", transaction.state.clone())];
        Ok(redirect(&transaction.redirect_uri, &changed(call, exam, parameters, &[]))?)
    }
}

impl Login {
    /// A new code: 43 characters, as documented.
    fn code(&self, call: &Call<'_>, exam: &mut Examination, settings: &OidcSettings, persona: &str) -> String {
        let code = call.app.entropy.alphanumeric(43);
        exam.links.push(Link::Code(code.clone()));
        let now = call.app.clock.now();
        let expires = now.plus_seconds(settings.code_lifetime_seconds);
        let grant = Grant::new(Arc::clone(&self.0), persona.to_owned(), expires);
        let forgotten = expires.plus_seconds(settings.code_lifetime_seconds.max(600));
        call.app.memory().of::<Codes>().0.insert(code.clone(), grant, now, forgotten);
        code
    }
}
