//! `POST /{com|gov}/v3/token`: an authorisation code against an access token.

use super::grant::Grant;
use super::signature::{authorization, unauthorized, verify};
use super::{Call, access_token, api, rules};
use crate::config::{ClientRegistration, Flavour};
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::http::refusal::Refusal;
use openssl::memcmp;
use serde_json::{Map, Value, json};
use warp::http::{StatusCode, header};

/// The handler.
pub(super) fn token(call: &Call<'_>) -> Answer {
    api(call, call.app.config.v3.token_error_code, exchange(call))
}

fn exchange(call: &Call<'_>) -> Result<Answer, Refusal> {
    let form = read_form(call)?;
    let client = authenticate(call, &form)?;
    check_request(&form)?;
    let grant = redeem(call, client, &form)?;
    let Some(persona) = call.app.personas.find(&grant.persona) else {
        return Err(bad_code(rules::CODE, "the persona of this code no longer exists".to_owned()));
    };
    let issued = access_token::issue(call, client, &grant, persona).map_err(|error| signing_failed(&error))?;
    remember_token(call, &form, &issued.jti);
    Ok(Answer::api(StatusCode::OK, "application/json", body(call, &grant, &issued.token)))
}

/// The form's pairs. SPEC token: `application/x-www-form-urlencoded`.
fn read_form(call: &Call<'_>) -> Result<Pairs, Refusal> {
    let body = call.incoming.body.as_ref().map_err(|problem| Refusal::from((rules::BODY, *problem)))?;
    let kind = call.incoming.header(&header::CONTENT_TYPE).map_err(|problem| Refusal::from((rules::FORM, problem)))?;
    let kind = kind.unwrap_or("none");
    if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    {
        let message = format!("the Content-Type is `{kind}`; it must be application/x-www-form-urlencoded");
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message.clone(), rules::FORM, message));
    }
    let text = std::str::from_utf8(body).map_err(|_| Refusal::malformed(rules::FORM, "the form is not UTF-8"))?;
    let form = Pairs::parse(text).and_then(|pairs| pairs.with_repeats(call.app.config.v3.repeated_parameters));
    form.map_err(|problem| Refusal::from((rules::FORM, problem)))
}

/// Who is calling: by signature in the flavour `test`, by `client_id` in `sandbox`; by secret in both.
fn authenticate<'a>(call: &Call<'a>, form: &Pairs) -> Result<&'a ClientRegistration, Refusal> {
    let named = form.value("client_id").and_then(|id| call.app.client(id));
    let client = match named {
        Some(client) if call.flavour(client) == Flavour::Sandbox => client,
        _ => verify(call, "token", authorization(call)?.as_ref(), form)?,
    };
    for required in ["client_id", "client_secret", "code", "redirect_uri"] {
        if form.value(required).is_none() {
            return Err(Refusal::malformed(rules::TOKEN_REQUIRED, format!("`{required}` is missing from the form")));
        }
    }
    let secret = form.value("client_secret").unwrap_or_default();
    if !same_secret(secret, client.secret.reveal()) {
        let hint = if secret.trim() == client.secret.reveal() {
            "client_secret has a space or line break around it".to_owned()
        } else {
            format!(
                "client_secret is not the registered one of `{}` ({} characters were sent)",
                client.id,
                secret.chars().count()
            )
        };
        return Err(unauthorized(rules::CLIENT_SECRET, "Invalid client", hint));
    }
    Ok(client)
}

/// Compared in constant time, as the connector's developer should see it done.
fn same_secret(sent: &str, registered: &str) -> bool {
    sent.len() == registered.len() && memcmp::eq(sent.as_bytes(), registered.as_bytes())
}

fn check_request(form: &Pairs) -> Result<(), Refusal> {
    match form.value("grant_type") {
        None | Some("authorization_code") => Ok(()),
        Some(other) => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "Invalid grant type",
            rules::GRANT_TYPE,
            format!("grant_type is `{other}`, expected `authorization_code`"),
        )),
    }
}

/// Looks the code up, checks that it is this client's and unused, and marks it used.
fn redeem(call: &Call<'_>, client: &ClientRegistration, form: &Pairs) -> Result<Grant, Refusal> {
    let code = form.value("code").unwrap_or_default().to_owned();
    let now = call.app.clock.now();
    let revoke = call.app.config.v3.code_reuse_revokes_token;
    let lifetime = call.app.config.v3.token_lifetime_seconds;
    let mut memory = call.app.memory();
    let Some(grant) = memory.grants.get_mut(&code, now) else {
        return Err(bad_code(rules::CODE, "this code was never given out, or long ago".to_owned()));
    };
    if grant.client_id != client.id {
        return Err(bad_code(
            rules::CODE,
            format!("this code was given to `{}`, not to `{}`", grant.client_id, client.id),
        ));
    }
    if grant.context != call.context {
        let hint = format!("this code comes from /{}/v3/authorise; exchange it at /{0}/v3/token", grant.context.name());
        return Err(bad_code(rules::CODE, hint));
    }
    if let Some(jti) = grant.redeemed.clone() {
        if revoke && !jti.is_empty() {
            memory.revoked.insert(jti, (), now, now.plus_seconds(lifetime));
        }
        return Err(bad_code(rules::CODE_ONCE, "this code was exchanged before: a code works once".to_owned()));
    }
    if grant.expires <= now {
        let age = (now.0 - grant.expires.0) / 1000;
        return Err(bad_code(
            rules::CODE,
            format!("this code expired {age} s ago; codes live {} s", call.app.config.v3.code_lifetime_seconds),
        ));
    }
    let redirect_uri = form.value("redirect_uri").unwrap_or_default();
    if redirect_uri != grant.redirect_uri {
        let hint = format!("redirect_uri is `{redirect_uri}`; the authorise request had `{}`", grant.redirect_uri);
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "Invalid redirect URI", rules::REDIRECT_SAME, hint));
    }
    // marked before the token exists, so that two requests at the same moment cannot both succeed
    grant.redeemed = Some(String::new());
    let redeemed = grant.clone();
    // a used code is remembered for the sake of its refusal alone
    grant.attributes = String::new();
    Ok(redeemed)
}

fn remember_token(call: &Call<'_>, form: &Pairs, jti: &str) {
    let code = form.value("code").unwrap_or_default().to_owned();
    if let Some(grant) = call.app.memory().grants.get_mut(&code, call.app.clock.now()) {
        grant.redeemed = Some(jti.to_owned());
    }
}

/// The members of the recorded answer.
fn body(call: &Call<'_>, grant: &Grant, token: &str) -> String {
    let settings = &call.app.config.v3;
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

fn bad_code(rule: &'static crate::rule::Rule, hint: String) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "Invalid authorization code", rule, hint)
}

/// Signing with a key that was read at start does not fail; if it ever does, the client may try again.
pub(super) fn signing_failed(error: &josekit::JoseError) -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the mock could not sign its answer", rules::BODY, error.to_string())
}
