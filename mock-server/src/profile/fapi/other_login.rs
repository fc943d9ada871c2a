//! What belongs to another login of the same client: a key or a verifier that was mixed up, or kept for all.

use super::caller::{Caller, FAPI};
use super::client_keys;
use super::issued::{Issued, Pushed};
use super::settings::FapiSettings;
use crate::call::Call;
use crate::jose::ecdh_es::sha256_base64url;

/// Whose key the thumbprint is: the client's own, or that of another login than the one that is bound to `bound`.
pub(super) fn whose_key(
    call: &Call<'_>,
    settings: &FapiSettings,
    client_id: &str,
    (sent, bound): (&str, &str),
) -> Option<String> {
    if sent == bound {
        return None;
    }
    let keys = Caller::of(call, client_id).and_then(|caller| client_keys::of(call, settings, caller, &FAPI).ok());
    let registered = keys.and_then(|keys| {
        let is = |thumbprint: String| thumbprint == sent;
        let own = keys.set.keys.iter().find(|own| own.key.thumbprint().is_ok_and(is))?;
        Some(format!("; it is the client's registered key `{}`: each login has a key of its own", own.kid))
    });
    registered.or_else(|| {
        let when = pushed(call, settings, client_id, |other| other.thumbprint == sent)?;
        Some(format!(
            "; it is the key of another login of this client, {when}: is there one key for the whole process?"
        ))
    })
}

/// Whether the verifier is that of another login, which has this challenge and not `challenge`.
pub(super) fn whose_verifier(call: &Call<'_>, settings: &FapiSettings, own: &Pushed, verifier: &str) -> Option<String> {
    let its_challenge = sha256_base64url(verifier);
    let is = |other: &Pushed| other.challenge == its_challenge && other.challenge != own.challenge;
    let when = pushed(call, settings, &own.client_id, is)?;
    Some(format!("; it is the verifier of another login of this client, {when}"))
}

/// When the request of such a login was pushed.
fn pushed(call: &Call<'_>, settings: &FapiSettings, client_id: &str, is: impl Fn(&Pushed) -> bool) -> Option<String> {
    let mut memory = call.app.memory();
    let issued: &mut Issued = memory.of();
    let other = issued.logins().find(|other| other.client_id == client_id && is(other))?;
    let began = other.expires.seconds().saturating_sub(settings.request_uri_seconds);
    Some(format!("which was pushed {} s ago", call.app.clock.now().seconds().saturating_sub(began)))
}
