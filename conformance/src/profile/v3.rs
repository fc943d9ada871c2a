//! Myinfo v3 as a table: three endpoints, their stages, and the client that the testbed registers.

use super::{Endpoint, Profile, Role, Secret, Stage};
use myinfo_fixtures::keys;
use serde_json::{Value, json};

/// v3.
pub const PROFILE: Profile = Profile {
    endpoints: &[AUTHORISE, TOKEN, PERSON],
    stages: STAGES,
    capabilities: &["gov", "sandbox", "txn_no", "redirect_query", "two_keys", "custom_ca", "timeout", "person"],
    secrets,
    secret_parameters: &[],
    person_sent: "/document/person",
    beside_person: &[],
    client_id: keys::CLIENT_ID,
    clients,
};

/// Where the browser logs in.
pub const AUTHORISE: &Endpoint =
    &Endpoint { name: "authorise", method: "GET", path: "{context}/v3/authorise", role: Role::LogsIn };

/// Where a code becomes an access token.
pub const TOKEN: &Endpoint =
    &Endpoint { name: "token", method: "POST", path: "{context}/v3/token", role: Role::TakesCode };

/// Where an access token becomes the person.
pub const PERSON: &Endpoint =
    &Endpoint { name: "person", method: "GET", path: "{context}/v3/person/{sub}", role: Role::GivesPerson };

const STAGES: &[Stage] = &[
    stage("authorisation-response", AUTHORISE, true),
    stage("token-response", TOKEN, true),
    stage("access-token", TOKEN, false),
    stage("person-response", PERSON, true),
    stage("person-jwe", PERSON, false),
    stage("person-jws", PERSON, false),
    stage("person-data", PERSON, false),
];

const fn stage(name: &'static str, at: &'static Endpoint, is_whole_answer: bool) -> Stage {
    Stage { name, at, is_whole_answer }
}

fn secrets() -> Vec<Secret> {
    let secret = |what, text: &str| Secret { what, text: text.to_owned() };
    vec![secret("the client secret", keys::CLIENT_SECRET), secret("the private key", key_mark())]
}

/// A part of the client's private key that stands in no other text.
pub fn key_mark() -> &'static str {
    keys::CLIENT_KEY_PEM.lines().nth(1).unwrap_or_default()
}

fn clients(redirect_uris: &[String]) -> Value {
    json!([{
        "id": keys::CLIENT_ID,
        "name": "Testbed client",
        "redirect_uris": redirect_uris,
        "v3": {"secret": keys::CLIENT_SECRET, "certificate": keys::CLIENT_CERT_PEM},
    }])
}
