//! The API before FAPI: plain OpenID Connect with `Bearer`, at the root of the host, for the clients of FAPI and over its parts.
//! A flow chooses between the two: one that pushes its request is FAPI's.

mod auth;
mod client;
mod described;
mod errors;
mod faults;
mod id_token;
mod issued;
mod metadata;
mod parameters;
mod play;
mod rules;
mod settings;
mod subject;
mod token;
mod userinfo;

use super::fapi::api::Api;
use super::fapi::client::OWN_MYINFO;
use super::fapi::client_keys;
use super::fapi::described::DISCOVERY;
use super::fapi::signed_text;
use super::{Export, Profile, Served};
use crate::app::App;
use crate::config::section::{ClientKeys, Section};
use crate::http::exchange::Incoming;
use crate::http::pairs::Repeats;
use crate::login::{consent_page, login_page};
use crate::operation::{CONSENT_DECISION, CONSENT_PAGE, LOGIN_CHOICE, LOGIN_PAGE, Operation};
use crate::protocol::{Endpoint, Kind, Protocol};
use crate::rule::{Rule, common};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use warp::http::Method;

/// The profile.
pub(super) static PROFILE: Profile = Profile {
    protocol: Protocol {
        id: "oidc",
        rules: rules::ALL,
        methods: "token is POST, auth, userinfo and the published documents are GET",
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
            "code_challenge",
            "code_challenge_method",
            "redirect_uri_https_type",
        ],
        masked_authorization: |_| None,
        description: &described::DESCRIPTION,
        former: &[],
        section: Section {
            name: "oidc",
            built_in: settings::built_in,
            settings: settings::read,
            client: client::read,
            client_keys: client::KEYS,
            speaks: |client| super::fapi::client::of(client).is_some(),
            describe: client::describe,
            shown: settings::shown,
            client_shown: client::shown,
            keys: |_| ClientKeys::default(),
            warnings: |_, _| Vec::new(),
        },
    },
    endpoints: ENDPOINTS,
    error: errors::plain,
    beforehand,
    own_client: OWN_MYINFO,
    // it signs with the keys of FAPI
    key_changes: None,
    signed_texts: signed_text::of,
    plays: play::PLAYS,
    token_doctor: |_| None,
    // the files and variables of FAPI serve here, too
    export: |_, _, _| Ok(Export::default()),
};

/// Its rules and words where it shares code with FAPI.
const OIDC: Api = Api {
    name: "the API before FAPI",
    issuer: metadata::issuer,
    form: rules::FORM,
    client: rules::CLIENT,
    keys: rules::CLIENT_KEYS,
    assertions: &rules::ASSERTIONS,
    needs_id: false,
    invalid_request: errors::invalid_request,
    invalid_client: errors::invalid_client,
    unreachable: errors::invalid_client,
};
/// The same where a person reads it.
const AT_AUTH: Api = Api { invalid_client: auth::of_keys, unreachable: auth::of_keys, ..OIDC };
/// The same at userinfo, which has no error of its own for it.
const AT_USERINFO: Api = Api { invalid_client: errors::client_side, unreachable: errors::client_side, ..OIDC };

/// `/.well-known/keys` is FAPI's row: the two APIs have one set.
const ENDPOINTS: &[Served] = &[
    Served::light(
        get("discovery", Kind::Metadata, "/.well-known/openid-configuration", &[], &DISCOVERY),
        metadata::discovery,
    ),
    Served::light(get("auth", Kind::Authorisation, "/auth", &[rules::OF_AUTH], &described::AUTH), auth::auth),
    Served::light(get("login", Kind::Page, "/auth/login", OF_PAGES, &LOGIN_PAGE), login_page::show),
    Served::light(post("login", Kind::Page, "/auth/login", OF_PAGES, &LOGIN_CHOICE), login_page::choose),
    Served::light(get("consent", Kind::Page, "/auth/consent", OF_PAGES, &CONSENT_PAGE), consent_page::show),
    Served::light(post("consent", Kind::Page, "/auth/consent", OF_PAGES, &CONSENT_DECISION), consent_page::decide),
    Served::light(post("token", Kind::Token, "/token", &[rules::OF_TOKEN], &described::TOKEN), token::token),
    Served::light(
        get("userinfo", Kind::Person, "/userinfo", &[rules::OF_USERINFO], &described::USERINFO),
        userinfo::userinfo,
    ),
];

const OF_PAGES: &[&[&Rule]] = &[&[common::LOGIN]];

/// A client's keys are wanted when the browser comes, too: a set that cannot be used is a page.
fn beforehand(app: &Arc<App>, incoming: &Incoming) -> Option<BoxFuture<'static, ()>> {
    let in_query = || Some(incoming.query_pairs(Repeats::First).ok()?.value("client_id")?.to_owned());
    client_keys::fetched(app, || in_query().or_else(|| client_keys::named_client(incoming)))
}

const fn get(
    event: &'static str,
    kind: Kind,
    path: &'static str,
    rules: &'static [&'static [&'static Rule]],
    operation: &'static Operation,
) -> Endpoint {
    Endpoint { profile: "oidc", event, kind, method: Method::GET, path, rules, operation }
}

const fn post(
    event: &'static str,
    kind: Kind,
    path: &'static str,
    rules: &'static [&'static [&'static Rule]],
    operation: &'static Operation,
) -> Endpoint {
    Endpoint { profile: "oidc", event, kind, method: Method::POST, path, rules, operation }
}
