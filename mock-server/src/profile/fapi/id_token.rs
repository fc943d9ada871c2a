//! The ID token: a signed JWT, encrypted for the client, with the claims in the order of the documented sample.

use super::caller::{Caller, issuer};
use super::document::{Unencrypted, Unsigned, encrypted, signed};
use super::issued::Grant;
use super::settings::FapiSettings;
use super::token::subject;
use crate::call::Call;
use crate::examination::Examination;
use crate::fault::Stage;
use crate::jose::jwk_set::JwkSet;
use crate::persona::account::Account;
use crate::persona::{Persona, dates};
use crate::refusal::Failure;
use serde_json::{Map, Value, json};

/// How long an ID token is valid, in seconds: measured on two samples.
const LIFETIME: u64 = 600;
/// Its content encryption. DOC, 4. Parsing the ID token.
const ENC: &str = "A256CBC-HS512";

/// Who logged in, and where.
pub(super) struct LoggedIn<'a> {
    pub(super) caller: Caller<'a>,
    pub(super) keys: &'a JwkSet,
    pub(super) grant: &'a Grant,
    pub(super) persona: &'a Persona,
}

/// Makes the token.
pub(super) fn make(
    call: &Call<'_>,
    exam: &mut Examination,
    settings: &FapiSettings,
    login: &LoggedIn<'_>,
) -> Result<String, Failure> {
    let LoggedIn { caller, keys, grant, persona } = *login;
    let now = call.app.clock.shown().seconds();
    let pushed = &grant.pushed;
    let level = pushed.levels.first().map_or("urn:singpass:authentication:loa:2", String::as_str);
    let factors = if level.ends_with('3') { json!(["swk", "face"]) } else { json!(["swk"]) };
    let mut claims = Map::new();
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    claim("iat", json!(now));
    claim("exp", json!(now + LIFETIME));
    claim("iss", json!(issuer(call.incoming)));
    claim("sub", json!(subject(&persona.id)));
    claim("aud", json!(pushed.client_id));
    claim("amr", factors);
    let attributes = attributes(call, &pushed.scopes, persona);
    if !attributes.is_empty() {
        claim("sub_attributes", Value::Object(attributes));
    }
    claim("sub_type", json!("user"));
    claim("nonce", json!(pushed.nonce));
    claim("acr", json!(level));
    let client_id = &caller.client.id;
    let payload = Value::Object(claims).to_string().into_bytes();
    let unsigned = Unsigned { stage: Stage::IdTokenJws, kind: "JWT", client_id, payload };
    let signed = signed(call, exam, settings, unsigned)?.into();
    let token = encrypted(call, exam, keys, Unencrypted { stage: Stage::IdTokenJwe, enc: ENC, signed })?;
    Ok(token.text)
}

/// What the login's own scopes tell of the person. DOC, 4. Parsing the ID token.
fn attributes(call: &Call<'_>, scopes: &[String], persona: &Persona) -> Map<String, Value> {
    let asked = |scope: &str| scopes.iter().any(|known| known == scope);
    let person = persona.person(dates::singapore_day(call.app.clock.shown()));
    let value = |pointer: [&str; 2]| -> Option<Value> {
        let text = person.get(pointer[0])?.get(pointer[1])?;
        let text = text.get("value").unwrap_or(text).as_str()?;
        (!text.is_empty()).then(|| json!(text))
    };
    let mut members = Map::new();
    if asked("user.identity") {
        members.extend(identity(persona));
    }
    // never for a foreign account
    let has_mobile = !matches!(persona.account, Account::Foreign { .. });
    for (scope, pointer) in
        [("name", ["name", "value"]), ("email", ["email", "value"]), ("mobileno", ["mobileno", "nbr"])]
    {
        if asked(scope)
            && (scope != "mobileno" || has_mobile)
            && let Some(value) = value(pointer)
        {
            members.insert(scope.to_owned(), value);
        }
    }
    members
}

/// Who it is: an NRIC or FIN of Singapore, or the number that a foreign account was made with.
fn identity(persona: &Persona) -> [(String, Value); 3] {
    let (kind, number, country) = match &persona.account {
        Account::Standard | Account::WithoutMyinfo => ("standard", persona.id.as_str(), "SG"),
        Account::Foreign { country, number } => {
            ("foreign", number.as_ref().unwrap_or(&persona.id).as_str(), country.as_str())
        }
    };
    [("account_type", kind), ("identity_number", number), ("identity_coi", country)]
        .map(|(name, value)| (name.to_owned(), json!(value)))
}
