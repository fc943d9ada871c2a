//! The access token, a JWT that clients must not look into: how it is made, and known again. RFC 9068.

use super::document::{Unsigned, signed};
use super::known_tokens;
use super::service_keys;
use super::settings::FapiSettings;
use crate::call::Call;
use crate::examination::Examination;
use crate::fault::Stage;
use crate::refusal::Failure;
use crate::rule::jwt::Jwt;
use serde_json::json;

/// What stands in one.
pub(in crate::profile) struct Granted<'a> {
    pub(in crate::profile) issuer: &'a str,
    pub(in crate::profile) sub: &'a str,
    pub(in crate::profile) client_id: &'a str,
    pub(in crate::profile) scopes: &'a [String],
    pub(in crate::profile) jti: &'a str,
    /// How long it lives, in seconds.
    pub(in crate::profile) lifetime: u64,
    /// The thumbprint of the key that it is bound to, where it is bound to one.
    pub(in crate::profile) thumbprint: Option<&'a str>,
}

/// Makes it: header and claims as in the legacy production sample, and `cnf` where it is bound.
pub(in crate::profile) fn make(
    call: &Call<'_>,
    exam: &mut Examination,
    settings: &FapiSettings,
    granted: &Granted<'_>,
) -> Result<String, Failure> {
    let now = call.app.clock.shown().seconds();
    let mut claims = json!({
        "sub": granted.sub,
        "client_id": granted.client_id,
        "scope": granted.scopes.join(" "),
        "jti": granted.jti,
        "iat": now,
        "exp": now + granted.lifetime,
        "aud": format!("{}/userinfo", granted.issuer),
        "iss": granted.issuer,
    });
    if let (Some(thumbprint), Some(members)) = (granted.thumbprint, claims.as_object_mut()) {
        members.insert("cnf".to_owned(), json!({"jkt": thumbprint}));
    }
    let (client_id, faults) = (granted.client_id, exam.faults.len());
    let payload = claims.to_string().into_bytes();
    let unsigned = Unsigned { stage: Stage::AccessToken, kind: "at+jwt", client_id, payload };
    let token = signed(call, exam, settings, unsigned)?;
    // what a fault changed is judged as it is
    if exam.faults.len() == faults {
        known_tokens::remember(call, granted.lifetime, &token);
    }
    Ok(token)
}

/// The claims of a token that this service signed, for this realm, as this issuer.
pub(in crate::profile) fn genuine<'t>(
    call: &Call<'_>,
    settings: &FapiSettings,
    token: &'t str,
    issuer: &str,
) -> Result<Jwt<'t>, String> {
    let jwt = Jwt::read(token).map_err(|problem| format!("the access token cannot be read: {problem}"))?;
    let keys = service_keys::of(call.app, settings);
    let is_ours = known_tokens::is_known(call, token) || keys.verifying().any(|key| jwt.is_signed_by(key));
    if !is_ours || jwt.header("typ") != Some("at+jwt") {
        let gone = call.app.memory().generation.key_may_be_gone();
        return Err(format!("the access token is none that this service gave out{gone}"));
    }
    // realms have one key; the host may have several names, so only what stands behind it is compared
    let path = |url: &str| url.split("://").nth(1).map(|rest| rest.find('/').map(|at| rest[at..].to_owned()));
    if path(jwt.text("iss")) != path(issuer) {
        return Err(format!("the access token was given out by `{}`, and this is `{issuer}`", jwt.text("iss")));
    }
    Ok(jwt)
}

/// Whether it is of this life of the realm and has not expired, by the clock that it was written with: a skew must not make
/// the server refuse its own tokens.
pub(in crate::profile) fn alive(call: &Call<'_>, jwt: &Jwt<'_>) -> Result<(), String> {
    call.app.memory().generation.check(jwt.text("jti"))?;
    let now = call.app.clock.shown().seconds();
    match jwt.seconds("exp") {
        Ok(Some(expires)) if expires > now => Ok(()),
        Ok(Some(expires)) => Err(format!("the token expired {} s ago", now - expires)),
        Ok(None) | Err(_) => Err("the token has no usable `exp`".to_owned()),
    }
}
