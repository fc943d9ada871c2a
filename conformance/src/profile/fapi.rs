//! Singpass FAPI 2.0 as a table: six endpoints, their stages, and the applications that the testbed registers.

use super::{Endpoint, Profile, Role, Secret, Stage};
use myinfo_fixtures::keys::ec;
use serde_json::{Value, json};

/// FAPI.
pub const PROFILE: Profile = Profile {
    // who has the keys already fetches none: where they stand in the order decides nothing
    endpoints: &[DISCOVERY, PAR, AUTH, TOKEN, KEYS, USERINFO],
    stages: STAGES,
    capabilities: &["login_app", "two_enc_keys", "acr", "custom_ca", "timeout", "person", "claims"],
    secrets,
    secret_parameters: &[("code_verifier", "a code verifier"), ("client_assertion", "a client assertion")],
    person_sent: "/document/person/person_info",
    beside_person: &[],
    client_id: MYINFO_ID,
    clients,
};

/// The id of the Myinfo app: 32 characters, as the developer portal gives them.
pub const MYINFO_ID: &str = "TESTBEDxMYINFOxAPPx0000000000001";
/// The id of the Login app.
pub const LOGIN_ID: &str = "TESTBEDxLOGINxAPPx00000000000002";

/// Says where the others are.
pub const DISCOVERY: &Endpoint = &Endpoint {
    name: "discovery",
    method: "GET",
    path: "fapi/.well-known/openid-configuration",
    role: Role::Publishes,
};

/// Takes a pushed authorisation request.
pub const PAR: &Endpoint = &Endpoint { name: "par", method: "POST", path: "fapi/par", role: Role::TakesRequest };

/// Where the browser logs in.
pub const AUTH: &Endpoint = &Endpoint { name: "auth", method: "GET", path: "fapi/auth", role: Role::LogsIn };

/// Where a code becomes an access token and an ID token.
pub const TOKEN: &Endpoint = &Endpoint { name: "token", method: "POST", path: "fapi/token", role: Role::TakesCode };

/// Publishes the service's keys.
pub const KEYS: &Endpoint = &Endpoint { name: "keys", method: "GET", path: ".well-known/keys", role: Role::Publishes };

/// Where an access token becomes the person.
pub const USERINFO: &Endpoint =
    &Endpoint { name: "userinfo", method: "GET", path: "fapi/userinfo", role: Role::GivesPerson };

const STAGES: &[Stage] = &[
    stage("discovery", DISCOVERY, true),
    stage("keys", KEYS, true),
    stage("pushed-response", PAR, true),
    stage("authorisation-response", AUTH, true),
    stage("token-response", TOKEN, true),
    stage("access-token", TOKEN, false),
    stage("id-token-jwe", TOKEN, false),
    stage("id-token-jws", TOKEN, false),
    stage("person-response", USERINFO, true),
    stage("person-jwe", USERINFO, false),
    stage("person-jws", USERINFO, false),
    stage("person-data", USERINFO, false),
];

pub(super) const fn stage(name: &'static str, at: &'static Endpoint, is_whole_answer: bool) -> Stage {
    Stage { name, at, is_whole_answer }
}

/// The private parts of the application's keys.
pub(super) fn secrets() -> Vec<Secret> {
    let keys = [SIGNING_KID, ENCRYPTION_KID].into_iter().filter_map(ec::private);
    let part = |key: Value| key.get("d").and_then(Value::as_str).map(str::to_owned);
    keys.filter_map(part).map(|text| Secret { what: "a private key", text }).collect()
}

/// The id of the key with which the testbed's applications sign.
pub const SIGNING_KID: &str = "client-sig-p256";
/// The id of the key for which they are encrypted for.
pub const ENCRYPTION_KID: &str = "client-enc-p256";

/// The applications' public JWK Set, as it is registered.
fn public_keys() -> Value {
    let keys = [SIGNING_KID, ENCRYPTION_KID].map(ec::public);
    json!({"keys": keys})
}

/// Both applications, which are those of the API before FAPI, too.
pub(super) fn clients(redirect_uris: &[String]) -> Value {
    let jwks = public_keys().to_string();
    [(MYINFO_ID, "Testbed Myinfo app", "myinfo"), (LOGIN_ID, "Testbed Login app", "login")]
        .into_iter()
        .map(|(id, name, app)| {
            json!({
                "id": id,
                "name": name,
                "redirect_uris": redirect_uris,
                "fapi": {"app": app, "jwks": jwks, "acr": true},
            })
        })
        .collect()
}
