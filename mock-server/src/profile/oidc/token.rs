//! `POST /token`: an authorisation code against an access token for `Bearer` and an ID token.

use super::client::ClientProfile;
use super::errors::{self, invalid_grant, invalid_request};
use super::id_token::{self, LoggedIn};
use super::issued::{Codes, Grant};
use super::metadata::issuer;
use super::settings::OidcSettings;
use super::subject::subject;
use super::{OIDC, parameters, rules};
use crate::call::Call;
use crate::doctor::catalogue::OLD_API;
use crate::examination::{Examination, Link};
use crate::fault::Stage;
use crate::generation::Generation;
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::jose::nested::unverified;
use crate::profile::code;
use crate::profile::fapi::access_token::{self, Granted};
use crate::profile::fapi::caller::{Caller, Sent, authenticate, read_form};
use crate::profile::fapi::client::App;
use crate::profile::fapi::issued::Issued;
use crate::profile::fapi::par::told;
use crate::profile::fapi::settings::FapiSettings;
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
    answer.filter(|_| !exam.stopped()).unwrap_or_else(|| errors::answer(call, exam))
}

fn exchange(call: &Call<'_>, exam: &mut Examination) -> Option<Answer> {
    let (settings, shared) = (OidcSettings::of(&call.app.config)?, FapiSettings::of(&call.app.config)?);
    if call.incoming.headers.contains_key("dpop") {
        exam.note(
            OLD_API,
            "the header DPoP is ignored: this is the API before FAPI; FAPI's token endpoint is /fapi/token",
        );
    }
    let form = exam.check(rules::FORM, read_form(call, &OIDC))?;
    extra_parameters::note(exam, &form, parameters::OF_TOKEN, parameters::ELSEWHERE);
    let sent = Sent { api: &OIDC, form: &form, endpoint: "token", strict: settings.strict };
    let caller = authenticate(call, exam, shared, &sent)?;
    exam.check(rules::ASSERTION_CODE, check_claimed_code(&form));
    let grant_type = form.value("grant_type");
    let is_code = grant_type == Some("authorization_code");
    let other = || invalid_request(rules::GRANT_TYPE, format!("`grant_type` is {}", told(grant_type)));
    exam.check(rules::GRANT_TYPE, if is_code { Ok(()) } else { Err(other().with_error("unsupported_grant_type")) });
    let grant = examine_code(call, exam, caller, &form);
    exam.check(rules::TOKEN_REQUIRED, check_required(settings, grant.as_ref(), &form));
    if let Some(grant) = &grant {
        examine_grant(exam, grant, &form);
    }
    if exam.refused() {
        return None;
    }
    let grant = grant?;
    exam.persona = Some(grant.persona.clone());
    let code = form.value("code").unwrap_or_default();
    reply(call, exam, Stage::TokenResponse, errors::plain, |exam| {
        let answer = redeem(call, code);
        let answer = answer.and_then(|generation| issue(call, exam, &Recipient { caller, grant: &grant, generation }));
        answer.map_err(|trouble| exam.trouble(trouble)).ok()
    })
}

/// A claim `code` of the assertion is optional, and binds it to the code where it is there.
fn check_claimed_code(form: &Pairs) -> Result<(), Refusal> {
    let claims = unverified(form.value("client_assertion").unwrap_or_default(), 1);
    let claimed = claims.as_ref().and_then(|claims| claims.get("code"));
    match (claimed.map(Value::as_str), form.value("code")) {
        (None, _) => Ok(()),
        (Some(Some(claimed)), Some(sent)) if claimed == sent => Ok(()),
        _ => {
            let hint = "the assertion's `code` is not the form's: is it an assertion of another login?".to_owned();
            Err(errors::invalid_client(rules::ASSERTION_CODE, hint))
        }
    }
}

fn check_required(settings: &OidcSettings, grant: Option<&Grant>, form: &Pairs) -> Result<(), Refusal> {
    let challenged = grant.map_or(settings.pkce_required, |grant| grant.asked.challenge.is_some());
    let names: &[&str] =
        if challenged { &["code", "redirect_uri", "code_verifier"] } else { &["code", "redirect_uri"] };
    match listed(names.iter().copied().filter(|name| form.value(name).is_none())) {
        None => Ok(()),
        Some(missing) => Err(invalid_request(rules::TOKEN_REQUIRED, format!("{missing} missing from the form"))),
    }
}

/// The grant of the form's code, where this client may exchange it now.
fn examine_code(call: &Call<'_>, exam: &mut Examination, caller: Caller<'_>, form: &Pairs) -> Option<Grant> {
    let sent = form.value("code").filter(|code| !code.is_empty())?.to_owned();
    exam.links.push(Link::Code(sent.clone()));
    let now = call.app.clock.now();
    let found = call.app.memory().of::<Codes>().0.get_mut(&sent, now).cloned();
    let checked = found.ok_or_else(|| unknown_code(call, &sent));
    let checked = checked.and_then(|grant| code::usable(grant, &caller.client.id, now));
    exam.check(rules::CODE, checked.map_err(|hint| invalid_grant(rules::CODE, hint)))
}

fn unknown_code(call: &Call<'_>, sent: &str) -> String {
    let now = call.app.clock.now();
    match call.app.memory().of::<Issued>().codes.get_mut(&sent.to_owned(), now) {
        Some(_) => "FAPI gave out this code: it is exchanged at /fapi/token, with a DPoP proof".to_owned(),
        None => "this code was never given out by the API before FAPI, or long ago".to_owned(),
    }
}

fn examine_grant(exam: &mut Examination, grant: &Grant, form: &Pairs) {
    let policy = RedirectPolicy {
        rule: rules::TOKEN_REDIRECT,
        status: StatusCode::BAD_REQUEST,
        message: rules::TOKEN_REDIRECT.required().into(),
    };
    if let Some(sent) = form.value("redirect_uri") {
        let same = policy.check_same(sent, &grant.asked.redirect_uri);
        exam.check(rules::TOKEN_REDIRECT, same.map_err(|refusal| refusal.with_error("invalid_grant")));
    }
    match (form.value("code_verifier"), &grant.asked.challenge) {
        (Some(verifier), Some(challenge)) => {
            let same = pkce::check_verifier(verifier, challenge);
            exam.check(rules::VERIFIER, same.map_err(|hint| invalid_grant(rules::VERIFIER, hint)));
        }
        (Some(_), None) => {
            let hint = "there is a `code_verifier`, and the authorisation request had no `code_challenge`";
            exam.broken(invalid_grant(rules::VERIFIER, hint));
        }
        (None, None) => exam.not_applicable(&[rules::VERIFIER], "the authorisation request had no `code_challenge`"),
        (None, Some(_)) => {}
    }
}

/// Marks the code as used, before the tokens exist, which are of the life of the realm in which it was known.
fn redeem(call: &Call<'_>, sent: &str) -> Result<Generation, Trouble> {
    let mut memory = call.app.memory();
    let redeemed = code::redeem(&mut memory.of::<Codes>().0, sent, call.app.clock.now());
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
    let settings = OidcSettings::of(&call.app.config).ok_or_else(Failure::nothing_to_say)?;
    let Some(persona) = call.book.personas.find(&grant.persona) else {
        return Err(invalid_grant(rules::CODE, "the persona of this code no longer exists").into());
    };
    let profile = ClientProfile::of(caller.client, settings);
    let login = LoggedIn { caller, asked: &grant.asked, sub: &subject(persona, profile), profile };
    let mut body = Map::new();
    body.insert("access_token".into(), access_token(call, exam, (settings, generation), &login)?.into());
    body.insert("token_type".into(), "Bearer".into());
    body.insert("id_token".into(), id_token::make(call, exam, &login)?.into());
    if settings.expires_in {
        body.insert("expires_in".into(), json!(settings.token_lifetime_seconds));
    }
    // a Login app has what it came for
    exam.completes = grant.asked.app == App::Login;
    Ok(Answer::api(StatusCode::OK, "application/json", Value::Object(body).to_string()))
}

/// A JWT for Myinfo apps; for Login apps, which have no use for it, a random text (LEG, token endpoint).
fn access_token(
    call: &Call<'_>,
    exam: &mut Examination,
    (settings, generation): (&OidcSettings, Generation),
    login: &LoggedIn<'_>,
) -> Result<String, Failure> {
    if login.asked.app == App::Login {
        return Ok(call.app.entropy.alphanumeric(43));
    }
    let shared = FapiSettings::of(&call.app.config).ok_or_else(Failure::nothing_to_say)?;
    let jti = generation.token_id(format!("at-{}", call.app.entropy.alphanumeric(43)));
    exam.links.push(Link::Token(jti.clone()));
    let granted = Granted {
        issuer: &issuer(call.incoming),
        sub: login.sub,
        client_id: &login.asked.client_id,
        scopes: &login.asked.scopes,
        jti: &jti,
        lifetime: settings.token_lifetime_seconds,
        thumbprint: None,
    };
    access_token::make(call, exam, shared, &granted)
}
