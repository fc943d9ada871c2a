//! What stands as Bearer token in the header that this service did not sign.

use super::call::Call;
use super::client::Client;
use super::grant::Issued;
use crate::doctor::catalogue::{Diagnosis, ENV_MIX, TOKEN_WHY};
use crate::doctor::recover::{Recovered, recover};
use crate::doctor::written::{mended_token, no_token, signature_of};
use crate::examination::Link;
use crate::jose::key::public_half;
use crate::jose::nested::unverified;
use crate::text::counted;
use serde_json::Value;

/// The `jti` that a token claims, unverified: for finding its transaction, and for nothing else.
pub(super) fn jti_of(token: &str) -> Option<String> {
    Some(unverified(token, 1)?.get("jti")?.as_str()?.to_owned())
}

/// What a token is that this service did not sign.
pub(super) fn what_else(call: &Call<'_>, token: &str) -> (&'static Diagnosis, String) {
    let why = |text: String| (TOKEN_WHY, text);
    let grants = call.app.memory().of::<Issued>().grants.get_mut(&token.to_owned(), call.app.clock.now()).is_some();
    if grants {
        return why(
            "it is the authorisation code; exchange it at token, and send the access_token that comes back".to_owned()
        );
    }
    if let Some(what) = no_token(token) {
        return why(what);
    }
    let (mended, how) = mended_token(token);
    if !how.is_empty() {
        let behind = if call.app.signing.open(&mended).is_ok() { ", and is good otherwise" } else { "" };
        return why(format!("it is {}{behind}: send the token as the token answer has it", how.join(" and ")));
    }
    let parts = token.split('.').count();
    if parts == 5 {
        return why("it has five parts, so it is an encrypted document (JWE), not a token".to_owned());
    }
    if parts == 2 {
        return why("it has two parts, and no signature: was it cut off?".to_owned());
    }
    let Some(header) = unverified(token, 0).filter(|_| parts == 3) else {
        let parts = counted(parts, "part");
        return why(format!("it has {parts} between dots and is no JWT; was something else put there?"));
    };
    let member = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let algorithm = member("alg");
    if algorithm != "RS256" {
        return why(format!("its algorithm is `{algorithm}`"));
    }
    let faults = jti_of(token).map(|jti| call.app.journal.faults_of(&Link::Token(jti))).unwrap_or_default();
    if let Some(fault) = faults.iter().find(|fault| fault.starts_with("access-token-")) {
        return why(format!("the fault `{fault}` made it wrong; a careful client would have refused it"));
    }
    of_signature(call, token, &member("kid"))
}

/// Whose signature it is. An alteration is said only where a key proves it.
fn of_signature(call: &Call<'_>, token: &str, kid: &str) -> (&'static Diagnosis, String) {
    let Some((text, signature)) = signature_of(token) else {
        return (TOKEN_WHY, "its signature is no Base64url that can be read: it was cut off, or damaged".to_owned());
    };
    let own = public_half(&call.app.config.service.rsa.private).ok();
    if let Some(key) = &own
        && signature.len() < key.size()
        && kid == call.app.signing.kid()
    {
        let (found, size) = (signature.len(), key.size());
        return (TOKEN_WHY, format!("its signature has {found} of {size} bytes: it was cut off"));
    }
    if own.is_some_and(|key| matches!(recover(&signature, &key), Recovered::Digest { .. })) {
        return (TOKEN_WHY, "this server's key signed it, and its text was altered afterwards".to_owned());
    }
    for client in call.book.clients.values().filter_map(Client::of) {
        let Some(key) = &client.v3.key else { continue };
        if matches!(recover(&signature, &key.material.key), Recovered::Digest { .. }) {
            let altered =
                if key.verifier_accepts(text, &signature) { "" } else { ", and its text was altered afterwards" };
            let why = format!("a client signed it, not Myinfo: with the key of `{}`{altered}", client.id);
            return (TOKEN_WHY, why);
        }
    }
    if kid == call.app.signing.kid() {
        let why = "it names this server's key, but no key that the mock knows made its signature: it was altered, or made by another key under this name";
        return (TOKEN_WHY, why.to_owned());
    }
    let issuer =
        unverified(token, 1).and_then(|claims| Some(claims.get("iss")?.as_str()?.to_owned())).unwrap_or_default();
    (ENV_MIX, format!("it is by another service: its issuer is `{issuer}`, its kid `{kid}`"))
}
