//! The API before FAPI as a table: its endpoints at the root of the host, their stages; applications, keys and secrets are FAPI's.

use super::fapi::{self, KEYS, MYINFO_ID};
use super::{Endpoint, Profile, Role, Stage};

/// The API before FAPI.
pub const PROFILE: Profile = Profile {
    endpoints: &[DISCOVERY, AUTH, TOKEN, KEYS, USERINFO],
    stages: STAGES,
    capabilities: &["login_app", "person", "claims"],
    secrets: fapi::secrets,
    secret_parameters: fapi::PROFILE.secret_parameters,
    person_sent: "/document/person",
    beside_person: &["iss", "sub", "aud", "iat", "exp"],
    client_id: MYINFO_ID,
    clients: fapi::clients,
};

/// Says where the others are.
pub const DISCOVERY: &Endpoint =
    &Endpoint { name: "discovery", method: "GET", path: ".well-known/openid-configuration", role: Role::Publishes };

/// Where the browser logs in.
pub const AUTH: &Endpoint = &Endpoint { name: "auth", method: "GET", path: "auth", role: Role::LogsIn };

/// Where a code becomes an access token and an ID token.
pub const TOKEN: &Endpoint = &Endpoint { name: "token", method: "POST", path: "token", role: Role::TakesCode };

/// Where an access token becomes the person.
pub const USERINFO: &Endpoint =
    &Endpoint { name: "userinfo", method: "GET", path: "userinfo", role: Role::GivesPerson };

const STAGES: &[Stage] = &[
    fapi::stage("discovery", DISCOVERY, true),
    fapi::stage("authorisation-response", AUTH, true),
    fapi::stage("token-response", TOKEN, true),
    fapi::stage("access-token", TOKEN, false),
    fapi::stage("id-token-jwe", TOKEN, false),
    fapi::stage("id-token-jws", TOKEN, false),
    fapi::stage("person-response", USERINFO, true),
    fapi::stage("person-jwe", USERINFO, false),
    fapi::stage("person-jws", USERINFO, false),
    fapi::stage("person-data", USERINFO, false),
];
