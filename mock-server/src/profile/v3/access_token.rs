//! The access token: made with the recorded claims in the recorded order, and examined when it comes back.

use super::bearer_form::{jti_of, what_else};
use super::call::{Call, Context};
use super::client::Client;
use super::document::token_header;
use super::grant::Issued as Memory;
use super::rules;
use super::signature::unauthorized;
use super::token::Recipient;
use crate::doctor::catalogue::{Diagnosis, ENV_MIX, TOKEN_WHY};
use crate::examination::{Examination, Link};
use crate::fault::Stage;
use crate::fault::draft::JwsDraft;
use crate::jose::jws::Alg;
use crate::jose::nested::{ascii_json, unverified};
use crate::persona::Persona;
use crate::realms::PREFIX;
use crate::refusal::{Failure, Refusal};
use crate::rule::Rule;
use serde_json::{Map, Value, json};

/// A token that was given out.
pub(super) struct Issued {
    pub(super) token: String,
    pub(super) jti: String,
}

/// Makes the token for a grant. Claims and order as recorded from the test environment (2021–2022).
pub(super) fn issue(
    call: &Call<'_>,
    exam: &mut Examination,
    Recipient { client, grant, generation }: Recipient<'_>,
    persona: &Persona,
) -> Result<Issued, Failure> {
    let app = call.app;
    let settings = call.settings;
    let now = app.clock.shown().seconds();
    let jti = generation.token_id(app.entropy.alphanumeric(40));
    let realm = realm(call);
    let origin = settings.issuer_origin.clone().unwrap_or_else(|| call.incoming.base_url());
    let claims = json!({
        "sub": grant.context.subject(client, persona),
        "jti": jti,
        "scope": grant.attributes.split(',').collect::<Vec<_>>(),
        "tokenName": "access_token",
        "token_type": "Bearer",
        "grant_type": "authorization_code",
        "expires_in": settings.token_lifetime_seconds,
        "aud": client.id,
        "realm": realm,
        "iss": format!("{origin}/serviceauth/{realm}"),
        "iat": now,
        "nbf": now,
        "exp": now + settings.token_lifetime_seconds,
    });
    let payload = ascii_json(&claims).into_bytes();
    let draft = JwsDraft::by_service(Alg::Rs256, token_header(app.signing.kid()), payload, client.id);
    let token = call.signed(exam, Stage::AccessToken, draft)?;
    Ok(Issued { token, jti })
}

fn realm(call: &Call<'_>) -> String {
    match call.context {
        Context::Com => "myinfo-com".to_owned(),
        Context::Gov => call.settings.gov_realm.clone(),
    }
}

/// What a valid token says.
pub(super) struct Bearer {
    pub(super) subject: String,
    /// The attributes that the person consented to.
    pub(super) consented: Vec<String>,
}

/// Examines a Bearer token: our own signature, context, expiry, revocation, client.
pub(super) fn examine(
    call: &Call<'_>,
    exam: &mut Examination,
    client: Option<Client<'_>>,
    token: &str,
) -> Option<Bearer> {
    exam.links.extend(jti_of(token).map(Link::Token));
    let genuine = open(call, token);
    // what an unverified token claims says nothing, unless a fault makes the server take it
    let claims = match (genuine, unverified(token, 1)) {
        (Err(refusal), Some(claimed)) if exam.overlooks(&refusal) => {
            exam.broken(refusal);
            claimed
        }
        (Err(refusal), _) => {
            exam.cannot_overlook(refusal);
            return None;
        }
        (Ok(claims), _) => exam.check(rules::BEARER_SIGNED, Ok(claims))?,
    };
    exam.check(rules::BEARER_CONTEXT, check_context(call, &claims));
    exam.check(rules::BEARER_ALIVE, check_alive(call, &claims));
    if let Some(client) = client {
        exam.check(rules::BEARER_CLIENT, check_client(client, &claims));
    }
    let scopes = claims.get("scope").and_then(Value::as_array).cloned().unwrap_or_default();
    let consented = scopes.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    Some(Bearer { subject: claim(&claims, "sub").to_owned(), consented })
}

fn claim<'c>(claims: &'c Map<String, Value>, name: &str) -> &'c str {
    claims.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn refuse(rule: &'static Rule, diagnosis: &'static Diagnosis, hint: impl Into<String>) -> Result<(), Refusal> {
    Err(unauthorized(rule, "Invalid access token", hint).diagnosed(diagnosis))
}

fn check_context(call: &Call<'_>, claims: &Map<String, Value>) -> Result<(), Refusal> {
    let (given, here) = (claim(claims, "realm"), realm(call));
    if given == here {
        return Ok(());
    }
    let hint = format!("the token is for the realm `{given}`; here it must be `{here}`: com and gov do not mix");
    refuse(rules::BEARER_CONTEXT, ENV_MIX, hint)
}

fn check_alive(call: &Call<'_>, claims: &Map<String, Value>) -> Result<(), Refusal> {
    // by the clock that it was written with: a skew must not make the server refuse its own tokens
    let now = call.app.clock.shown();
    let expiry = claims.get("exp").and_then(Value::as_u64).unwrap_or_default();
    if expiry <= now.seconds() {
        return refuse(rules::BEARER_ALIVE, TOKEN_WHY, format!("the token expired {} s ago", now.seconds() - expiry));
    }
    let jti = claim(claims, "jti").to_owned();
    let mut memory = call.app.memory();
    if let Err(hint) = memory.generation.check(&jti) {
        return refuse(rules::BEARER_ALIVE, TOKEN_WHY, hint);
    }
    if memory.of::<Memory>().revoked.get_mut(&jti, call.app.clock.now()).is_some() {
        let hint = "the token was revoked because its code was used a second time";
        return refuse(rules::BEARER_ALIVE, TOKEN_WHY, hint);
    }
    Ok(())
}

fn check_client(client: Client<'_>, claims: &Map<String, Value>) -> Result<(), Refusal> {
    let audience = claim(claims, "aud");
    if audience == client.id {
        return Ok(());
    }
    let hint = format!("the token was given to `{audience}`, not to `{}`", client.id);
    refuse(rules::BEARER_CLIENT, TOKEN_WHY, hint)
}

/// The claims of a token that this service signed.
fn open(call: &Call<'_>, token: &str) -> Result<Map<String, Value>, Refusal> {
    let payload = call.app.signing.open(token).map_err(|error| {
        let (diagnosis, why) = what_else(call, token);
        let hint = format!("the Bearer token is not one that this server signed with RS256: {why} ({error})");
        unauthorized(rules::BEARER_SIGNED, "Invalid access token", hint).diagnosed(diagnosis)
    })?;
    let claims: Map<String, Value> = serde_json::from_slice(&payload).map_err(|_| {
        unauthorized(rules::BEARER_SIGNED, "Invalid access token", "the token's payload is no JSON object")
            .diagnosed(TOKEN_WHY)
    })?;
    // realms may have one key; the host may have several names, so only the realm in the issuer is compared
    let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
    let own = match (realm_of(issuer), &call.settings.issuer_origin) {
        (Some(realm), _) => call.incoming.base == format!("{PREFIX}{realm}"),
        // an issuer that is configured names no realm; the token's id does
        (None, Some(origin)) => issuer.starts_with(origin.as_str()),
        (None, None) => call.incoming.base.is_empty(),
    };
    if own || !issuer.contains("/serviceauth/") {
        return Ok(claims);
    }
    let hint = format!("the token was given out by another realm of this mock: its issuer is `{issuer}`");
    Err(unauthorized(rules::BEARER_SIGNED, "Invalid access token", hint).diagnosed(ENV_MIX))
}

/// The realm in an issuer; nothing for the default one.
fn realm_of(issuer: &str) -> Option<&str> {
    issuer.split_once(PREFIX)?.1.split('/').next()
}
