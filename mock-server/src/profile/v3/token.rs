//! `POST /{com|gov}/v3/token`: an authorisation code against an access token.

use super::answer::api;
use super::call::Call;
use super::client::Client;
use super::grant::{Grant, Issued, Redeemed};
use super::parameters::{TOKEN_PARAMETERS, TOKEN_REQUIRED, missing, note_odd_requests};
use super::signature::{Signed, authorization, unauthorized};
use super::{access_token, rules, secret, wrong_code};
use crate::config::Flavour;
use crate::doctor::catalogue::{BODY_FORM, CODE_EXPIRED, CODE_OTHER, CODE_REUSE, ENV_MIX, SECRET};
use crate::examination::{Examination, Link};
use crate::fault::{Stage, When};
use crate::generation::Generation;
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::refusal::{Refusal, Trouble};
use crate::rule::redirect::RedirectPolicy;
use crate::rule::{Rule, common};
use openssl::memcmp;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use warp::http::{StatusCode, header};

/// The handler.
pub(super) fn token(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let answer = exchange(call, exam);
    api(call, exam, call.settings.token_error_code, answer)
}

fn exchange(call: &Call<'_>, exam: &mut Examination) -> Option<Answer> {
    let form = exam.check(rules::FORM, read_form(call))?;
    note_odd_requests(call, exam, &form, TOKEN_PARAMETERS);
    let client = authenticate(call, exam, &form);
    exam.check(rules::TOKEN_REQUIRED, check_required(call, &form));
    if let (Some(client), Some(secret)) = (client, form.value("client_secret")) {
        exam.check(rules::CLIENT_SECRET, check_secret(call, client, &form, secret));
    }
    exam.check(rules::GRANT_TYPE, check_grant_type(&form));
    let grant = examine_code(call, exam, client, &form);
    if exam.refused() {
        return None;
    }
    let (client, grant) = (client?, grant?);
    let mut reply = call.reply(call.settings.token_error_code);
    if call.app.faults.reply(Stage::TokenResponse, When::Instead, &mut reply, exam) {
        return Some(reply.answer);
    }
    exam.persona = Some(grant.persona.clone());
    let answer = redeem(call, exam, &form).map_err(Trouble::from);
    let answer =
        answer.and_then(|generation| issue(call, exam, Recipient { client, grant: &grant, generation }, &form));
    reply.answer = answer.map_err(|trouble| exam.trouble(trouble)).ok()?;
    call.app.faults.reply(Stage::TokenResponse, When::After, &mut reply, exam);
    Some(reply.answer)
}

/// The form's pairs. SPEC token: `application/x-www-form-urlencoded`.
fn read_form(call: &Call<'_>) -> Result<Pairs, Refusal> {
    let body = call.incoming.body.as_ref().map_err(|problem| Refusal::from((common::BODY, *problem)))?;
    let kind = call.incoming.header(&header::CONTENT_TYPE).map_err(|problem| Refusal::from((rules::FORM, problem)))?;
    let kind = kind.unwrap_or("none");
    if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    {
        let message = format!("the Content-Type is `{kind}`; it must be application/x-www-form-urlencoded");
        let refusal = Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message.clone(), rules::FORM, message);
        return Err(refusal.diagnosed(BODY_FORM));
    }
    let text = std::str::from_utf8(body).map_err(|_| Refusal::malformed(rules::FORM, "the form is not UTF-8"))?;
    if let Some(other) = another_body(text) {
        let message = format!("the body is {other}; the Content-Type says application/x-www-form-urlencoded");
        return Err(Refusal::malformed(rules::FORM, message).diagnosed(BODY_FORM));
    }
    let form = Pairs::parse(text).and_then(|pairs| pairs.with_repeats(call.settings.repeated_parameters));
    form.map_err(|problem| Refusal::from((rules::FORM, problem)))
}

/// What a body is that says it is a form and is none.
fn another_body(text: &str) -> Option<&'static str> {
    let trimmed = text.trim_start();
    if trimmed.starts_with('{') && serde_json::from_str::<Value>(trimmed).is_ok() {
        return Some("JSON");
    }
    if trimmed.starts_with("--") && text.contains("Content-Disposition:") {
        return Some("multipart/form-data");
    }
    trimmed.starts_with("<?xml").then_some("XML")
}

/// Who is calling: by signature in the flavour `test`, by `client_id` in `sandbox`; by secret in both.
fn authenticate<'a>(call: &Call<'a>, exam: &mut Examination, form: &Pairs) -> Option<Client<'a>> {
    let named = form.value("client_id").and_then(|id| call.client(id));
    exam.client = named.map(|client| client.id.to_owned());
    if let Some(client) = named.filter(|client| call.flavour(*client) == Flavour::Sandbox) {
        exam.not_applicable(rules::SIGNED, "requests in the sandbox are not signed");
        if call.incoming.headers.contains_key(header::AUTHORIZATION) {
            let text = "an Authorization header was sent; the sandbox ignores it, and will answer person in clear";
            exam.note(ENV_MIX, text);
        }
        return Some(client);
    }
    let authorization = exam.check(rules::AUTHORIZATION_FORM, authorization(call))?;
    let signed = Signed { call, endpoint: "token", authorization: authorization.as_ref(), parameters: form };
    let client = signed.examine(exam);
    exam.client = client.map(|client| client.id.to_owned());
    client
}

fn check_required(call: &Call<'_>, form: &Pairs) -> Result<(), Refusal> {
    let absent = TOKEN_REQUIRED.iter().copied().filter(|name| form.value(name).is_none());
    let Some(absent) = missing(form, absent, TOKEN_PARAMETERS) else { return Ok(()) };
    let in_query = call.incoming.query_pairs(call.settings.repeated_parameters).ok();
    let in_query = in_query.is_some_and(|query| TOKEN_REQUIRED.iter().any(|name| query.value(name).is_some()));
    let hint = if in_query { "; the query has parameters, and token takes them in the body alone" } else { "" };
    let refusal = Refusal::malformed(rules::TOKEN_REQUIRED, format!("{absent} from the form"));
    Err(refusal.explained(hint))
}

/// The registered secret; what a wrong one is instead goes to the developer, never to the wire.
fn check_secret(call: &Call<'_>, client: Client<'_>, form: &Pairs, sent: &str) -> Result<(), Refusal> {
    let registered = client.v3.secret.reveal();
    if same_secret(sent, registered) {
        return Ok(());
    }
    let others = call.book.clients.values().filter_map(Client::of).filter(|other| other.id != client.id);
    let others: Vec<(&str, &str)> = others.map(|other| (other.id, other.v3.secret.reveal())).collect();
    let expected = secret::Expected { client: client.id, secret: registered, others: &others, form };
    if let Some(hint) = secret::explain(sent, &expected) {
        return Err(unauthorized(rules::CLIENT_SECRET, "Invalid client", hint).diagnosed(SECRET));
    }
    let count = sent.chars().count();
    let hint = format!("client_secret is not the registered one of `{}` ({count} characters were sent)", client.id);
    Err(unauthorized(rules::CLIENT_SECRET, "Invalid client", hint))
}

/// Compared in constant time, as the connector's developer should see it done.
fn same_secret(sent: &str, registered: &str) -> bool {
    sent.len() == registered.len() && memcmp::eq(sent.as_bytes(), registered.as_bytes())
}

fn check_grant_type(form: &Pairs) -> Result<(), Refusal> {
    match form.value("grant_type") {
        None | Some("authorization_code") => Ok(()),
        Some(other) => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "Invalid grant type",
            rules::GRANT_TYPE,
            format!("grant_type is `{}`, expected `authorization_code`", other.chars().take(40).collect::<String>()),
        )),
    }
}

/// Looks the code up and examines whose it is, whether it is unused, and for which redirect URI.
fn examine_code(call: &Call<'_>, exam: &mut Examination, client: Option<Client<'_>>, form: &Pairs) -> Option<Grant> {
    let code = form.value("code")?;
    exam.links.push(Link::Code(code.to_owned()));
    let now = call.app.clock.now();
    let found = call.app.memory().of::<Issued>().grants.get_mut(&code.to_owned(), now).cloned();
    let unknown = || bad_code(rules::CODE, unknown_code(call, client, code, form)).diagnosed(CODE_OTHER);
    let Some(grant) = exam.check(rules::CODE, found.ok_or_else(unknown)) else {
        check_registered(exam, client, form);
        return None;
    };
    if let Some(client) = client {
        exam.check(rules::CODE_CLIENT, check_owner(call, client, &grant));
    }
    let reused = grant.redeemed.as_ref().filter(|_| !exam.refused()).map(|redeemed| redeemed.jti.clone());
    exam.check(rules::CODE_ONCE, check_unused(call, &grant));
    if let Some(jti) = reused.filter(|jti| call.settings.code_reuse_revokes_token && !jti.is_empty()) {
        let until = now.plus_seconds(call.settings.token_lifetime_seconds);
        call.app.memory().of::<Issued>().revoked.insert(jti, (), now, until);
    }
    exam.check(rules::CODE_ALIVE, check_alive(call, &grant));
    if let Some(sent) = form.value("redirect_uri") {
        exam.check(rules::REDIRECT_SAME, REDIRECT.check_same(sent, &grant.redirect_uri));
    }
    Some(grant)
}

/// Without the code's own: a redirect URI that is not registered cannot be that of any authorise request.
fn check_registered(exam: &mut Examination, client: Option<Client<'_>>, form: &Pairs) {
    let (Some(client), Some(sent)) = (client, form.value("redirect_uri")) else { return };
    let policy = RedirectPolicy { rule: rules::AUTHORISE_REDIRECT, ..REDIRECT };
    if let Err(refusal) = policy.check_registered(sent, client.id, &client.common.redirect_uris) {
        exam.broken(refusal);
    }
}

/// What may have happened to a code that nobody was given.
fn unknown_code(call: &Call<'_>, client: Option<Client<'_>>, code: &str, form: &Pairs) -> String {
    let now = call.app.clock.now();
    let known = |code: &str| call.app.memory().of::<Issued>().grants.get_mut(&code.to_owned(), now).is_some();
    let is_state = |state: &str| {
        let link = client.map(|client| Link::State { client: client.id.to_owned(), state: state.to_owned() });
        link.is_some_and(|link| !call.app.journal.authorise_parameters(&link).is_empty())
    };
    wrong_code::explain(code, form, &known, &is_state)
}

fn check_owner(call: &Call<'_>, client: Client<'_>, grant: &Grant) -> Result<(), Refusal> {
    if grant.client_id != client.id {
        let hint = format!("this code was given to `{}`, not to `{}`", grant.client_id, client.id);
        return Err(bad_code(rules::CODE_CLIENT, hint).diagnosed(CODE_OTHER));
    }
    if grant.context != call.context {
        let hint = format!("this code comes from /{}/v3/authorise; exchange it at /{0}/v3/token", grant.context.name());
        return Err(bad_code(rules::CODE_CLIENT, hint).diagnosed(CODE_OTHER));
    }
    Ok(())
}

fn check_unused(call: &Call<'_>, grant: &Grant) -> Result<(), Refusal> {
    let Some(redeemed) = &grant.redeemed else { return Ok(()) };
    let seconds = call.app.clock.now().0.saturating_sub(redeemed.at.0) / 1000;
    let hint = format!(
        "this code was exchanged {seconds} s ago by `{}`, at {}: a code works once",
        grant.client_id,
        redeemed.at.rfc3339()
    );
    Err(bad_code(rules::CODE_ONCE, hint).diagnosed(CODE_REUSE))
}

fn check_alive(call: &Call<'_>, grant: &Grant) -> Result<(), Refusal> {
    let now = call.app.clock.now();
    if grant.expires > now {
        return Ok(());
    }
    let lifetime = call.settings.code_lifetime_seconds;
    let late = (now.0 - grant.expires.0) / 1000;
    let hint = format!("this code is {} s old and expired {late} s ago; codes live {lifetime} s", lifetime + late);
    Err(bad_code(rules::CODE_ALIVE, hint).diagnosed(CODE_EXPIRED))
}

const REDIRECT: RedirectPolicy = RedirectPolicy {
    rule: rules::REDIRECT_SAME,
    status: StatusCode::BAD_REQUEST,
    message: Cow::Borrowed("Invalid redirect URI"),
};

/// Marks the code as used, before the token exists: two requests at the same moment cannot both succeed.
///
/// The token will be of the life of the realm in which its code was known: a reset in between is the token's end, too.
fn redeem(call: &Call<'_>, exam: &Examination, form: &Pairs) -> Result<Generation, Refusal> {
    let code = form.value("code").unwrap_or_default().to_owned();
    let now = call.app.clock.now();
    let mut memory = call.app.memory();
    let generation = memory.generation;
    let Some(grant) = memory.of::<Issued>().grants.get_mut(&code, now) else {
        return Err(bad_code(rules::CODE, "this code was forgotten while it was being exchanged".to_owned()));
    };
    if grant.redeemed.is_some() && !exam.overlooked_rules().any(|rule| rule == rules::CODE_ONCE.id) {
        return Err(bad_code(rules::CODE_ONCE, "another request exchanged this code at the same moment".to_owned()));
    }
    grant.redeemed = Some(Redeemed { jti: String::new(), at: now });
    if !call.app.faults.any() {
        // a used code is remembered for the sake of its refusal alone
        grant.attributes = String::new();
    }
    Ok(generation)
}

/// Who gets a token, and for what.
#[derive(Clone, Copy)]
pub(super) struct Recipient<'a> {
    pub(super) client: Client<'a>,
    pub(super) grant: &'a Grant,
    pub(super) generation: Generation,
}

fn issue(call: &Call<'_>, exam: &mut Examination, recipient: Recipient<'_>, form: &Pairs) -> Result<Answer, Trouble> {
    let grant = recipient.grant;
    let Some(persona) = call.book.personas.find(&grant.persona) else {
        return Err(bad_code(rules::CODE, "the persona of this code no longer exists".to_owned()).into());
    };
    let issued = access_token::issue(call, exam, recipient, persona)?;
    let code = form.value("code").unwrap_or_default().to_owned();
    if let Some(redeemed) = call
        .app
        .memory()
        .of::<Issued>()
        .grants
        .get_mut(&code, call.app.clock.now())
        .and_then(|grant| grant.redeemed.as_mut())
    {
        redeemed.jti.clone_from(&issued.jti);
    }
    exam.links.push(Link::Token(issued.jti));
    Ok(Answer::api(StatusCode::OK, "application/json", body(call, grant, &issued.token)))
}

/// The members of the recorded answer.
fn body(call: &Call<'_>, grant: &Grant, token: &str) -> String {
    let settings = call.settings;
    let mut body = Map::new();
    body.insert("access_token".into(), token.into());
    if settings.refresh_token {
        // recorded with 40 characters; nobody uses it, and no endpoint takes it
        body.insert("refresh_token".into(), call.app.entropy.alphanumeric(40).into());
    }
    body.insert("token_type".into(), "Bearer".into());
    // recorded: one second less than the claim
    body.insert("expires_in".into(), json!(settings.token_lifetime_seconds.saturating_sub(1)));
    body.insert("scope".into(), grant.attributes.replace(',', " ").into());
    Value::Object(body).to_string()
}

fn bad_code(rule: &'static Rule, hint: String) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "Invalid authorization code", rule, hint)
}
