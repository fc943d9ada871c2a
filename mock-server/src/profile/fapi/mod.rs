//! Singpass FAPI 2.0, with Myinfo v5: the table of its endpoints.

pub(super) mod access_token;
pub(super) mod api;
pub(super) mod auth;
pub(super) mod caller;
pub(super) mod client;
pub(super) mod client_keys;
pub(super) mod described;
pub(super) mod document;
mod errors;
mod faults;
mod id_token;
pub(super) mod issued;
mod known_keys;
mod known_tokens;
pub(super) mod metadata;
mod nonce;
mod other_login;
pub(super) mod par;
mod parameters;
pub(super) mod play;
mod rules;
mod service_keys;
pub(super) mod settings;
pub(super) mod signed_text;
pub(super) mod token;
mod token_doctor;
pub(super) mod userinfo;

use super::{KeyChanges, Profile, Served};
use crate::config::section::Section;
use crate::login::{consent_page, login_page};
use crate::operation::{CONSENT_DECISION, CONSENT_PAGE, LOGIN_CHOICE, LOGIN_PAGE, Operation};
use crate::protocol::{Endpoint, Kind, Protocol};
use crate::rule::{Rule, common};
use warp::http::Method;

/// The FAPI profile.
pub(super) static PROFILE: Profile = Profile {
    protocol: Protocol {
        id: "fapi",
        rules: rules::ALL,
        methods: "par and token are POST, auth, userinfo and the published documents are GET",
        faults: faults::ALL,
        mistakes: &[],
        shown: &[
            "client_id",
            "client_assertion_type",
            "response_type",
            "grant_type",
            "scope",
            "state",
            "nonce",
            "redirect_uri",
            "request_uri",
            "code_challenge",
            "code_challenge_method",
            "dpop_jkt",
            "acr_values",
            "authentication_context_type",
            "authentication_context_message",
            "redirect_uri_https_type",
            "iss",
        ],
        masked_authorization: |_| None,
        description: &described::DESCRIPTION,
        former: FORMER,
        section: Section {
            name: "fapi",
            built_in: client::built_in,
            settings: settings::read,
            client: client::read,
            client_keys: client::KEYS,
            speaks: |client| client::of(client).is_some(),
            describe: client::describe,
            shown: settings::shown,
            client_shown: client::shown,
            keys: client::keys,
            warnings: |_, _| Vec::new(),
        },
    },
    endpoints: ENDPOINTS,
    error: errors::plain,
    beforehand: client_keys::beforehand,
    own_client: client::OWN_MYINFO,
    key_changes: Some(KeyChanges {
        kinds: service_keys::CHANGES,
        show: service_keys::show,
        apply: service_keys::change,
    }),
    signed_texts: signed_text::of,
    plays: play::PLAYS,
    token_doctor: token_doctor::look,
    export: client::export,
};

const ENDPOINTS: &[Served] = &[
    Served::light(
        get("discovery", Kind::Metadata, "/fapi/.well-known/openid-configuration", &[], &described::DISCOVERY),
        metadata::discovery,
    ),
    Served::light(get("keys", Kind::Metadata, "/.well-known/keys", &[], &described::KEYS), metadata::keys),
    Served::light(
        post("par", Kind::Pushed, "/fapi/par", &[rules::OF_CLIENT, rules::OF_PROOF, rules::OF_PAR], &described::PAR),
        par::par,
    ),
    Served::light(get("auth", Kind::Authorisation, "/fapi/auth", &[rules::OF_AUTH], &described::AUTH), auth::auth),
    Served::light(get("login", Kind::Page, "/fapi/login", OF_PAGES, &LOGIN_PAGE), login_page::show),
    Served::light(post("login", Kind::Page, "/fapi/login", OF_PAGES, &LOGIN_CHOICE), login_page::choose),
    Served::light(get("consent", Kind::Page, "/fapi/consent", OF_PAGES, &CONSENT_PAGE), consent_page::show),
    Served::light(post("consent", Kind::Page, "/fapi/consent", OF_PAGES, &CONSENT_DECISION), consent_page::decide),
    Served::light(
        post(
            "token",
            Kind::Token,
            "/fapi/token",
            &[rules::OF_CLIENT, rules::OF_TOKEN, rules::OF_PROOF],
            &described::TOKEN,
        ),
        token::token,
    ),
    Served::light(
        get("userinfo", Kind::Person, "/fapi/userinfo", &[rules::OF_USERINFO, rules::OF_PROOF], &described::USERINFO),
        userinfo::userinfo,
    ),
];

/// What the API before FAPI, at the root of the same host, does not have.
const FORMER: &[(&str, &str)] =
    &[("/par", "PAR is /fapi/par: take the addresses out of /fapi/.well-known/openid-configuration")];

const OF_PAGES: &[&[&Rule]] = &[&[common::LOGIN]];

const fn get(
    event: &'static str,
    kind: Kind,
    path: &'static str,
    rules: &'static [&'static [&'static Rule]],
    operation: &'static Operation,
) -> Endpoint {
    Endpoint { profile: "fapi", event, kind, method: Method::GET, path, rules, operation }
}

const fn post(
    event: &'static str,
    kind: Kind,
    path: &'static str,
    rules: &'static [&'static [&'static Rule]],
    operation: &'static Operation,
) -> Endpoint {
    Endpoint { profile: "fapi", event, kind, method: Method::POST, path, rules, operation }
}
