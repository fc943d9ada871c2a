//! `POST /fapi/par`: a pushed authorisation request (RFC 9126), checked whole, against a request URI.

use super::caller::{Caller, FAPI, Proof, Proving, Sent, authenticate, issuer, proof, read_form};
use super::client::App;
use super::errors::{self, invalid_proof, invalid_request, invalid_scope};
use super::issued::{Issued, Pushed};
use super::parameters;
use super::rules;
use super::settings::FapiSettings;
use crate::call::Call;
use crate::examination::{Examination, Link};
use crate::fault::Stage;
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::persona::catalogue::Version;
use crate::profile::reply::reply;
use crate::rule::redirect::RedirectPolicy;
use crate::rule::{extra_parameters, pkce};
use serde_json::json;
use std::sync::Arc;
use warp::http::StatusCode;

/// The handler.
pub(super) fn par(call: &Call<'_>, exam: &mut Examination) -> Answer {
    exam.begins = true;
    let mut state = None;
    let answer = push(call, exam, &mut state);
    answer.filter(|_| !exam.stopped()).unwrap_or_else(|| errors::answer(call, exam, state.as_deref()))
}

fn push(call: &Call<'_>, exam: &mut Examination, state: &mut Option<String>) -> Option<Answer> {
    let settings = FapiSettings::of(&call.app.config)?;
    let form = exam.check(rules::FORM, read_form(call, &FAPI))?;
    *state = form.value("state").filter(|state| check_state(Some(state)).is_ok()).map(str::to_owned);
    extra_parameters::note(exam, &form, parameters::OF_PAR, parameters::ELSEWHERE);
    let caller = authenticate(
        call,
        exam,
        settings,
        &Sent { api: &FAPI, form: &form, endpoint: "PAR", strict: settings.strict },
    )?;
    if let Some(state) = form.value("state") {
        exam.links.push(Link::State { client: caller.client.id.clone(), state: state.to_owned() });
    }
    let thumbprint = bound_key(call, exam, settings, &form);
    examine(call, exam, caller, &form);
    if exam.refused() {
        return None;
    }
    let thumbprint = thumbprint?;
    reply(call, exam, Stage::PushedResponse, errors::plain, |exam| {
        Some(accept(call, exam, settings, &Accepted { caller, form: &form, thumbprint }))
    })
}

/// A pushed request that keeps every rule.
struct Accepted<'a> {
    caller: Caller<'a>,
    form: &'a Pairs,
    /// Of the key that the login is bound to.
    thumbprint: String,
}

/// Remembers it, and answers with its name.
fn accept(call: &Call<'_>, exam: &mut Examination, settings: &FapiSettings, accepted: &Accepted<'_>) -> Answer {
    let Accepted { caller, form, thumbprint } = accepted;
    let now = call.app.clock.now();
    let expires = now.plus_seconds(settings.request_uri_seconds);
    let text = |name: &str| form.value(name).unwrap_or_default().to_owned();
    let words = |name: &str| text(name).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let pushed = Pushed {
        client_id: caller.client.id.clone(),
        issuer: issuer(call.incoming),
        app: caller.own.app,
        redirect_uri: text("redirect_uri"),
        state: text("state"),
        nonce: text("nonce"),
        scopes: words("scope"),
        challenge: text("code_challenge"),
        thumbprint: thumbprint.clone(),
        levels: words("acr_values"),
        expires,
    };
    // the shape that two samples have: 21 characters behind the prefix of RFC 9126 §2.2
    let uri = format!("urn:ietf:params:oauth:request_uri:{}", call.app.entropy.alphanumeric(21));
    exam.links.push(Link::RequestUri(uri.clone()));
    // an expired one is remembered as long as again, so that the refusal can say what happened to it
    let forgotten = expires.plus_seconds(settings.request_uri_seconds.max(600));
    call.app.memory().of::<Issued>().requests.insert(uri.clone(), Arc::new(pushed), now, forgotten);
    let body = json!({"request_uri": uri, "expires_in": settings.request_uri_seconds});
    Answer::api(StatusCode::CREATED, "application/json", body.to_string())
}

/// The key that the login is bound to: the proof's, or the one that `dpop_jkt` names.
fn bound_key(call: &Call<'_>, exam: &mut Examination, settings: &FapiSettings, form: &Pairs) -> Option<String> {
    let proving = Proving { endpoint: "PAR", access_token: None, bound: None, refuse: invalid_proof };
    let named = form.value("dpop_jkt");
    match (proof(call, exam, settings, &proving), named) {
        (Proof::Unreadable, _) => None,
        (Proof::Examined(thumbprint), Some(named)) if named != thumbprint => {
            let hint = format!("`dpop_jkt` is `{named}`, the proof's key has the thumbprint `{thumbprint}`");
            exam.broken(invalid_proof(rules::DPOP, hint));
            None
        }
        (Proof::Examined(thumbprint), _) => Some(thumbprint),
        (Proof::Absent, Some(named)) => {
            exam.not_applicable(rules::OF_PROOF, "`dpop_jkt` names the key, and no proof was sent");
            Some(named.to_owned())
        }
        (Proof::Absent, None) => {
            let hint = "there is neither a DPoP header nor `dpop_jkt`: Singpass wants the key at PAR already";
            exam.broken(invalid_request(rules::DPOP, hint));
            None
        }
    }
}

fn examine(call: &Call<'_>, exam: &mut Examination, caller: Caller<'_>, form: &Pairs) {
    let response_type = match form.value("response_type") {
        Some("code") => Ok(()),
        other => {
            Err(invalid_request(rules::RESPONSE_TYPE, format!("`response_type` is {}, expected `code`", told(other))))
        }
    };
    exam.check(rules::RESPONSE_TYPE, response_type);
    let scope = check_scope(call, caller, form.value("scope"));
    exam.check(rules::SCOPE, scope.map_err(|hint| invalid_scope(rules::SCOPE, hint)));
    exam.check(rules::STATE, check_state(form.value("state")).map_err(|hint| invalid_request(rules::STATE, hint)));
    let nonce = form.value("nonce").map_or(0, |nonce| nonce.chars().count());
    let nonce = if (1..=255).contains(&nonce) {
        Ok(())
    } else {
        Err(invalid_request(rules::NONCE, format!("`nonce` has {nonce} characters, expected 1 to 255")))
    };
    exam.check(rules::NONCE, nonce);
    let policy = RedirectPolicy {
        rule: rules::REDIRECT,
        status: StatusCode::BAD_REQUEST,
        message: rules::REDIRECT.required().into(),
    };
    let redirect_uri = form.value("redirect_uri").unwrap_or_default();
    let registered = policy.check_registered(redirect_uri, &caller.client.id, &caller.client.redirect_uris);
    exam.check(rules::REDIRECT, registered.map_err(|refusal| refusal.with_error("invalid_request")));
    let challenge = pkce::check_challenge(form.value("code_challenge"), form.value("code_challenge_method"));
    exam.check(rules::PKCE, challenge.map_err(|hint| invalid_request(rules::PKCE, hint)));
    exam.check(rules::CONTEXT, check_context(caller, form).map_err(|hint| invalid_request(rules::CONTEXT, hint)));
    exam.check(rules::ACR, check_levels(caller, form).map_err(|hint| invalid_request(rules::ACR, hint)));
    let nested = match form.value("request_uri") {
        Some(_) => Err(invalid_request(rules::NESTED, "the pushed request has a `request_uri`")),
        None => Ok(()),
    };
    exam.check(rules::NESTED, nested);
}

/// A value as a message quotes it.
pub(in crate::profile) fn told(value: Option<&str>) -> String {
    value.map_or_else(|| "missing".to_owned(), |value| format!("`{}`", value.chars().take(60).collect::<String>()))
}

fn check_state(state: Option<&str>) -> Result<(), String> {
    let Some(state) = state else { return Err("`state` is missing".to_owned()) };
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"/+_-=.".contains(&byte);
    match state.bytes().find(|byte| !good(*byte)) {
        Some(byte) => {
            Err(format!("`state` holds `{}`; letters, digits and / + _ - = . are taken", byte.escape_ascii()))
        }
        None if (1..=255).contains(&state.len()) => Ok(()),
        None => Err(format!("`state` has {} characters, expected 1 to 255", state.len())),
    }
}

/// The scopes exist for this kind of app, and the client may ask for them.
pub(in crate::profile) fn check_scope(call: &Call<'_>, caller: Caller<'_>, sent: Option<&str>) -> Result<(), String> {
    let refuse = |hint: String| Err(hint);
    let Some(sent) = sent else { return refuse("`scope` is missing".to_owned()) };
    if sent.contains(',') {
        return refuse("`scope` has a comma: that was `attributes` in v3; here blanks separate the names".to_owned());
    }
    let scopes: Vec<&str> = sent.split(' ').filter(|scope| !scope.is_empty()).collect();
    if !scopes.contains(&"openid") {
        return refuse(format!("`openid` is missing from `scope`, which is `{sent}`"));
    }
    let catalogue = &call.app.catalogue;
    let app = caller.own.app;
    if let Some(unknown) = scopes.iter().find(|scope| !app.has_scope(scope, catalogue)) {
        let why = match app {
            App::Login if catalogue.is_scope(Version::V5, unknown) => "it belongs to Myinfo apps".to_owned(),
            App::Myinfo if *unknown == "user.identity" => {
                "it belongs to Login apps; ask for `uinfin`, and read it at userinfo".to_owned()
            }
            App::Myinfo if catalogue.is_scope(Version::V3, unknown) => {
                format!("v5 does not have it; {}", app.instead_of(unknown, catalogue))
            }
            App::Myinfo | App::Login => app.instead_of(unknown, catalogue),
        };
        return refuse(format!("`{unknown}` is no scope of a {} app: {why}", app.name()));
    }
    let allowed = |scope: &&str| {
        *scope == "openid"
            || caller.own.scopes.as_ref().is_none_or(|allowed| allowed.iter().any(|known| known == scope))
    };
    match scopes.iter().find(|scope| !allowed(scope)) {
        Some(forbidden) => {
            refuse(format!("`{forbidden}` is not among the `scopes` that are registered for this client"))
        }
        None => Ok(()),
    }
}

/// Login apps say what the login is for, Myinfo apps must not. DOC, 1. Authorization request.
fn check_context(caller: Caller<'_>, form: &Pairs) -> Result<(), String> {
    let (kind, message) = (form.value("authentication_context_type"), form.value("authentication_context_message"));
    if caller.own.app == App::Myinfo {
        let sent = kind.map(|_| "authentication_context_type").or(message.map(|_| "authentication_context_message"));
        return sent.map_or(Ok(()), |name| Err(format!("`{name}` is for Login apps only, and this is a Myinfo app")));
    }
    let Some(kind) = kind else {
        return Err("`authentication_context_type` is missing: a Login app says what the login is for".to_owned());
    };
    if !CONTEXT_TYPES.contains(&kind) {
        let near = crate::text::meant(kind, CONTEXT_TYPES.iter().copied());
        return Err(format!("`authentication_context_type` is {}, which is not in the list{near}", told(Some(kind))));
    }
    let good = |character: char| character.is_ascii_alphanumeric() || " .,-@'!()".contains(character);
    match message.map(|message| (message.chars().count(), message.chars().all(good))) {
        None | Some((0..=100, true)) => Ok(()),
        Some((length, true)) => Err(format!("`authentication_context_message` has {length} characters; at most 100")),
        Some((_, false)) => {
            Err("`authentication_context_message` takes letters, digits, blanks and . , - @ ' ! ( ) only".to_owned())
        }
    }
}

/// The levels of Singpass that may be asked for. DOC, 1. Authorization request.
const LEVELS: [&str; 2] = ["urn:singpass:authentication:loa:2", "urn:singpass:authentication:loa:3"];

fn check_levels(caller: Caller<'_>, form: &Pairs) -> Result<(), String> {
    let Some(sent) = form.value("acr_values") else { return Ok(()) };
    if !caller.own.acr {
        return Err("`acr_values` was sent, and the client may not ask for a level".to_owned());
    }
    match sent.split(' ').find(|level| !LEVELS.contains(level)) {
        Some(unknown) => Err(format!("`acr_values` holds {}; there are {}", told(Some(unknown)), LEVELS.join(" and "))),
        None => Ok(()),
    }
}

/// What a login may be for; one is misspelt in the documents, and so here.
const CONTEXT_TYPES: [&str; 44] = [
    "CPF_CHANGE_PAYMENT_MODE",
    "CPF_CHANGE_DAILY_WITHDRAWAL_LIMIT",
    "CPF_PROFILE_UPDATE",
    "CPF_LINK_BANK_ACCOUNT",
    "CPF_FUNDS_TRANSFER",
    "BANK_CASA_OPENING",
    "BANK_CASA_INITIAL_USAGE",
    "BANK_CARD_APPLICATION",
    "BANK_CARD_INITIAL_USAGE",
    "BANK_LOAN_APPLICATION",
    "BANK_ADD_LOCAL_RECEIPIENT",
    "BANK_ADD_OVERSEAS_RECIPIENT",
    "BANK_INCREASE_TRANSFER_LIMIT",
    "BANK_REPORT_FRAUD_SUSPICIOUS_ACTIVITY",
    "BANK_FUNDS_TRANSFER_LOCAL",
    "BANK_REMIT_MONEY_OVERSEAS",
    "BANK_REPORT_LOST_CARD",
    "BANK_CHANGE_NOTIFICATION_METHOD",
    "BANK_INCREASE_CREDIT_CARD_LIMIT",
    "BANK_REQUEST_CASH_ADVANCE",
    "BANK_INCREASE_INFLOW_OUTFLOW",
    "BANK_ACTIVATE_DORMANT_ACCOUNT",
    "BANK_LOGIN_NEW_DEVICE",
    "BANK_LOGIN_UNFAMILIAR_IP",
    "BANK_UPDATE_USER_INFORMATION",
    "BANK_NEW_DEVICE_REGISTRATION",
    "BANK_UNLOCK_MONEY_LOCK",
    "BANK_GOOGLE_PAY_APPLE_PAY_CARD_ONBOARDING",
    "FI_ACCOUNT_OPENING",
    "FI_LINK_BANK_ACCOUNT",
    "FI_INCREASE_TRANSFER_LIMIT",
    "FI_INCREASE_WITHDRAWAL_LIMIT",
    "FI_INITIATE_DEPOSIT",
    "TELCO_SIM_CARD_APPLICATION",
    "TELCO_SIM_CARD_ACTIVATION",
    "TELCO_CHANGE_ACCOUNT_DETAILS",
    "TELCO_ACTIVATE_ROAMING",
    "TELCO_CHANGE_NOTIFICATION_METHOD",
    "APP_AUTHENTICATION_DEFAULT",
    "APP_PAYMENT_DEFAULT",
    "APP_ACCOUNT_PASSWORD_CHANGE_DEFAULT",
    "APP_ACCOUNT_PASSWORD_RESET_DEFAULT",
    "APP_ACCOUNT_DETAILS_CHANGE_DEFAULT",
    "APP_ONBOARDING_DEFAULT",
];
