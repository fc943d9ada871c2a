//! The access token: made with the recorded claims in the recorded order, and checked when it comes back.

use super::grant::Grant;
use super::signature::unauthorized;
use super::{Call, Context, rules};
use crate::app::App;
use crate::config::ClientRegistration;
use crate::http::refusal::Refusal;
use crate::persona::Persona;
use crate::rule::nested_jwe::{HeaderForm, ascii_json};
use josekit::JoseError;
use serde_json::{Map, Value, json};

/// A token that was given out.
pub(super) struct Issued {
    pub(super) token: String,
    pub(super) jti: String,
}

/// Makes the token for a grant. Claims and order as recorded from the test environment (2021–2022).
pub(super) fn issue(
    call: &Call<'_>,
    client: &ClientRegistration,
    grant: &Grant,
    persona: &Persona,
) -> Result<Issued, JoseError> {
    let app = call.app;
    let settings = &app.config.v3;
    let now = app.clock.now().seconds();
    let jti = app.entropy.alphanumeric(40);
    let realm = realm(call);
    let origin = settings.issuer_origin.clone().unwrap_or_else(|| call.incoming.origin());
    let claims = json!({
        "sub": App::subject(client, grant.context, persona),
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
    let token = app.signing.sign(ascii_json(&claims).as_bytes(), HeaderForm::Token)?;
    Ok(Issued { token, jti })
}

fn realm(call: &Call<'_>) -> String {
    match call.context {
        Context::Com => "myinfo-com".to_owned(),
        Context::Gov => call.app.config.v3.gov_realm.clone(),
    }
}

/// What a valid token says.
pub(super) struct Bearer {
    pub(super) subject: String,
    pub(super) client_id: String,
    /// The attributes that the person consented to.
    pub(super) consented: Vec<String>,
}

/// Checks a Bearer token: our own signature, expiry, revocation.
pub(super) fn check(call: &Call<'_>, token: &str) -> Result<Bearer, Refusal> {
    let refuse = |hint: String| unauthorized(rules::BEARER, "Invalid access token", hint);
    let payload = call.app.signing.open(token).map_err(|error| {
        refuse(format!(
            "the Bearer token is not one that this server signed with RS256: {error}; it must be passed on unchanged"
        ))
    })?;
    let claims: Map<String, Value> =
        serde_json::from_slice(&payload).map_err(|_| refuse("the token's payload is no JSON object".to_owned()))?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    if text("realm") != realm(call) {
        return Err(refuse(format!(
            "the token is for the realm `{}`; here it must be `{}`: com and gov do not mix",
            text("realm"),
            realm(call)
        )));
    }
    let now = call.app.clock.now().seconds();
    let expiry = claims.get("exp").and_then(Value::as_u64).unwrap_or_default();
    if expiry <= now {
        return Err(refuse(format!("the token expired {} s ago", now - expiry)));
    }
    if call.app.memory().revoked.get_mut(&text("jti"), call.app.clock.now()).is_some() {
        return Err(refuse("the token was revoked because its code was used a second time".to_owned()));
    }
    let scopes = claims.get("scope").and_then(Value::as_array).cloned().unwrap_or_default();
    Ok(Bearer {
        subject: text("sub"),
        client_id: text("aud"),
        consented: scopes.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}
