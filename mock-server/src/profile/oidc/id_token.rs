//! The ID token: a signed JWT; encrypted for the client, too, where its profile has personal data in it.

use super::OIDC;
use super::client::ClientProfile;
use super::issued::Asked;
use super::metadata::issuer;
use crate::call::Call;
use crate::examination::Examination;
use crate::fault::Stage;
use crate::profile::fapi::caller::Caller;
use crate::profile::fapi::client_keys;
use crate::profile::fapi::document::{Unencrypted, Unsigned, encrypted, signed};
use crate::profile::fapi::settings::FapiSettings;
use crate::refusal::{Failure, Trouble};
use serde_json::json;

/// How long an ID token is valid, in seconds, as documented.
const LIFETIME: u64 = 600;
/// Its content encryption. LEG, openid discovery endpoint.
const ENC: &str = "A256CBC-HS512";

/// Who logged in, and where.
pub(super) struct LoggedIn<'a> {
    pub(super) caller: Caller<'a>,
    pub(super) asked: &'a Asked,
    pub(super) sub: &'a str,
    pub(super) profile: ClientProfile,
}

/// Makes the token.
pub(super) fn make(call: &Call<'_>, exam: &mut Examination, login: &LoggedIn<'_>) -> Result<String, Trouble> {
    let settings = FapiSettings::of(&call.app.config).ok_or_else(Failure::nothing_to_say)?;
    let now = call.app.clock.shown().seconds();
    let client_id = &login.asked.client_id;
    let claims = json!({
        "sub": login.sub,
        "aud": client_id,
        "amr": ["swk"],
        "iss": issuer(call.incoming),
        "exp": now + LIFETIME,
        "iat": now,
        "nonce": login.asked.nonce,
    });
    let payload = claims.to_string().into_bytes();
    let unsigned = Unsigned { stage: Stage::IdTokenJws, kind: "JWT", client_id, payload };
    let signed = signed(call, exam, settings, unsigned)?;
    match login.profile {
        ClientProfile::Direct | ClientProfile::Bridge => Ok(signed),
        ClientProfile::DirectPii => {
            let keys = client_keys::of(call, settings, login.caller, &OIDC)?;
            let unencrypted = Unencrypted { stage: Stage::IdTokenJwe, enc: ENC, signed: signed.into() };
            Ok(encrypted(call, exam, &keys.set, unencrypted)?.text)
        }
    }
}
