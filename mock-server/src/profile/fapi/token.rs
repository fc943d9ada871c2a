//! `POST /fapi/token`: an authorisation code against an access token and an ID token.

use super::access_token::{self, Granted};
use super::caller::{Caller, FAPI, Proof, Proving, Sent, authenticate, issuer, proof, read_form};
use super::client_keys;
use super::errors::{self, invalid_grant, invalid_request, unauthorised_proof};
use super::id_token::{self, LoggedIn};
use super::issued::{Grant, Issued};
use super::other_login::{whose_key, whose_verifier};
use super::parameters;
use super::rules;
use super::settings::FapiSettings;
use crate::book::uuid_of;
use crate::call::Call;
use crate::examination::{Examination, Link};
use crate::fault::Stage;
use crate::generation::Generation;
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::persona::Persona;
use crate::profile::code;
use crate::profile::reply::reply;
use crate::refusal::{Failure, Refusal, Trouble};
use crate::rule::redirect::RedirectPolicy;
use crate::rule::{extra_parameters, pkce};
use crate::text::listed;
use serde_json::{Map, Value, json};
use warp::http::StatusCode;

/// The handler.
pub(super) fn token(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let answer = exchange(call, exam);
    answer.filter(|_| !exam.stopped()).unwrap_or_else(|| errors::answer(call, exam, None))
}

fn exchange(call: &Call<'_>, exam: &mut Examination) -> Option<Answer> {
    let settings = FapiSettings::of(&call.app.config)?;
    let form = exam.check(rules::FORM, read_form(call, &FAPI))?;
    extra_parameters::note(exam, &form, parameters::OF_TOKEN, parameters::ELSEWHERE);
    let caller = authenticate(
        call,
        exam,
        settings,
        &Sent { api: &FAPI, form: &form, endpoint: "token", strict: settings.strict },
    )?;
    let grant_type = match form.value("grant_type") {
        Some("authorization_code") => Ok(()),
        other => {
            let hint = format!("`grant_type` is `{}`, expected `authorization_code`", other.unwrap_or("missing"));
            Err(invalid_request(rules::GRANT_TYPE, hint).with_error("unsupported_grant_type"))
        }
    };
    exam.check(rules::GRANT_TYPE, grant_type);
    exam.check(rules::TOKEN_REQUIRED, check_required(&form));
    let code = form.value("code").unwrap_or_default().to_owned();
    // that there is none is told by the rule before
    let grant = form.value("code").and_then(|code| examine_code(call, exam, caller, code));
    if let Some(grant) = &grant {
        examine_grant(call, exam, settings, grant, &form);
    }
    let bound = grant.as_ref().map(|grant| (grant.pushed.thumbprint.as_str(), "the pushed request"));
    let proving = Proving { endpoint: "token", access_token: None, bound, refuse: refuse_proof };
    match (proof(call, exam, settings, &proving), &grant) {
        (Proof::Absent, _) => exam.broken(invalid_request(rules::DPOP, "there is no DPoP header")),
        (Proof::Examined(key), Some(Grant { pushed, .. })) => {
            let whose = whose_key(call, settings, &pushed.client_id, (&key, &pushed.thumbprint));
            exam.explain(rules::DPOP_KEY, whose.as_deref().unwrap_or_default());
        }
        (Proof::Examined(_) | Proof::Unreadable, _) => {}
    }
    if exam.refused() {
        return None;
    }
    let grant = grant?;
    exam.persona = Some(grant.persona.clone());
    reply(call, exam, Stage::TokenResponse, errors::plain, |exam| {
        let answer = redeem(call, &code);
        let answer = answer.and_then(|generation| issue(call, exam, &Recipient { caller, grant: &grant, generation }));
        answer.map_err(|trouble| exam.trouble(trouble)).ok()
    })
}

/// Another key than that of the pushed request is 401, everything else about a proof 400. (Partner support.)
fn refuse_proof(rule: &'static crate::rule::Rule, hint: String) -> Refusal {
    if rule == rules::DPOP_KEY { unauthorised_proof(rule, hint) } else { errors::invalid_proof(rule, hint) }
}

fn check_required(form: &Pairs) -> Result<(), Refusal> {
    let missing = ["code", "redirect_uri", "code_verifier"].into_iter().filter(|name| form.value(name).is_none());
    match listed(missing) {
        None => Ok(()),
        Some(missing) => Err(invalid_request(rules::TOKEN_REQUIRED, format!("{missing} missing from the form"))),
    }
}

/// The grant of a code that this client may exchange now.
fn examine_code(call: &Call<'_>, exam: &mut Examination, caller: Caller<'_>, sent: &str) -> Option<Grant> {
    if !sent.is_empty() {
        exam.links.push(Link::Code(sent.to_owned()));
    }
    let now = call.app.clock.now();
    let found = call.app.memory().of::<Issued>().codes.get_mut(&sent.to_owned(), now).cloned();
    let checked = found
        .ok_or_else(|| "this code was never given out by FAPI, or long ago".to_owned())
        .and_then(|grant| code::usable(grant, &caller.client.id, now));
    exam.check(rules::CODE, checked.map_err(|hint| invalid_grant(rules::CODE, hint)))
}

fn examine_grant(call: &Call<'_>, exam: &mut Examination, settings: &FapiSettings, grant: &Grant, form: &Pairs) {
    let policy = RedirectPolicy {
        rule: rules::TOKEN_REDIRECT,
        status: StatusCode::BAD_REQUEST,
        message: rules::TOKEN_REDIRECT.required().into(),
    };
    if let Some(sent) = form.value("redirect_uri") {
        let same = policy.check_same(sent, &grant.pushed.redirect_uri);
        exam.check(rules::TOKEN_REDIRECT, same.map_err(|refusal| refusal.with_error("invalid_grant")));
    }
    if let Some(verifier) = form.value("code_verifier") {
        let same = pkce::check_verifier(verifier, &grant.pushed.challenge);
        let whose = || whose_verifier(call, settings, &grant.pushed, verifier).unwrap_or_default();
        let refuse = |hint: String| invalid_grant(rules::VERIFIER, hint + &whose());
        exam.check(rules::VERIFIER, same.map_err(refuse));
    }
}

/// Marks the code as used, before the tokens exist.
///
/// The token will be of the life of the realm in which its code was known: a reset in between is the token's end, too.
fn redeem(call: &Call<'_>, sent: &str) -> Result<Generation, Trouble> {
    let mut memory = call.app.memory();
    let redeemed = code::redeem(&mut memory.of::<Issued>().codes, sent, call.app.clock.now());
    redeemed.map_err(|hint| invalid_grant(rules::CODE, hint))?;
    Ok(memory.generation)
}

/// Who gets tokens, and for what.
struct Recipient<'a> {
    caller: Caller<'a>,
    grant: &'a Grant,
    generation: Generation,
}

fn issue(call: &Call<'_>, exam: &mut Examination, recipient: &Recipient<'_>) -> Result<Answer, Trouble> {
    let Recipient { caller, grant, generation } = *recipient;
    let settings = FapiSettings::of(&call.app.config).ok_or_else(Failure::nothing_to_say)?;
    let Some(persona) = call.book.personas.find(&grant.persona) else {
        return Err(invalid_grant(rules::CODE, "the persona of this code no longer exists").into());
    };
    let jti = generation.token_id(format!("at-{}", call.app.entropy.alphanumeric(43)));
    exam.links.push(Link::Token(jti.clone()));
    let mut body = Map::new();
    let keys = client_keys::of(call, settings, caller, &FAPI)?;
    let login = LoggedIn { caller, keys: &keys.set, grant, persona };
    let granted = Granted {
        issuer: &issuer(call.incoming),
        sub: &subject(&grant.persona),
        client_id: &grant.pushed.client_id,
        scopes: &grant.pushed.scopes,
        jti: &jti,
        lifetime: settings.token_lifetime_seconds,
        thumbprint: Some(&grant.pushed.thumbprint),
    };
    body.insert("access_token".into(), access_token::make(call, exam, settings, &granted)?.into());
    body.insert("id_token".into(), id_token::make(call, exam, settings, &login)?.into());
    body.insert("token_type".into(), "DPoP".into());
    if settings.expires_in {
        body.insert("expires_in".into(), json!(settings.token_lifetime_seconds));
    }
    // a Login app has what it came for
    exam.completes = grant.pushed.app == super::client::App::Login;
    Ok(Answer::api(StatusCode::OK, "application/json", Value::Object(body).to_string()))
}

/// The `sub` of a person: one UUID for everybody who asks.
pub(in crate::profile) fn subject(persona: &str) -> String {
    uuid_of("", persona)
}

/// Whose `sub` it is.
pub(super) fn persona_of<'a>(call: &Call<'a>, sub: &str) -> Option<&'a Persona> {
    call.book.persona_of_subject(sub).filter(|persona| subject(&persona.id) == sub)
}
