//! Myinfo v3: the table of its endpoints.

mod access_token;
mod answer;
mod attributes;
mod authorise;
mod base_string;
mod bearer_form;
mod call;
mod callback;
mod certificate;
mod client;
mod described;
mod document;
mod export;
mod faults;
mod forensics;
mod grant;
mod header_form;
mod instead;
mod parameters;
mod person;
mod person_basic;
mod person_sample;
mod pki_sign;
mod play;
mod rules;
mod samples;
mod secret;
mod settings;
mod signature;
mod signature_doctor;
mod signature_form;
mod signed_text;
mod timestamp;
mod token;
mod unverified;
mod wrong_code;

use super::{Profile, Served};
use crate::config::section::Section;
use crate::login::{consent_page, login_page};
use crate::operation::{CONSENT_DECISION, CONSENT_PAGE, LOGIN_CHOICE, LOGIN_PAGE, Operation};
use crate::protocol::{Endpoint, Kind, Protocol};
use crate::rule::Rule;
use call::Call;
use warp::http::Method;

/// The v3 profile.
pub(super) static PROFILE: Profile = Profile {
    protocol: Protocol {
        id: "v3",
        rules: rules::ALL,
        methods: "authorise and person are GET, token is POST",
        faults: faults::ALL,
        mistakes: forensics::kinds::ALL,
        shown: parameters::SHOWN,
        masked_authorization: pki_sign::masked,
        description: &described::DESCRIPTION,
        former: &[],
        section: Section {
            name: "v3",
            built_in: samples::built_in,
            settings: settings::read,
            client: client::read,
            client_keys: client::KEYS,
            speaks: |client| client::Client::of(client).is_some(),
            describe: client::describe,
            shown: settings::shown,
            client_shown: client::shown,
            keys: client::keys,
            warnings: certificate::warnings,
        },
    },
    endpoints: ENDPOINTS,
    error: answer::plain,
    beforehand: |_, _| None,
    own_client: myinfo_fixtures::keys::CLIENT_ID,
    key_changes: None,
    signed_texts: signed_text::of,
    plays: play::PLAYS,
    // its tokens are those of the doctor that came first
    token_doctor: |_| None,
    export: export::export,
};

/// A handler of this profile, as the table of all profiles wants it.
macro_rules! at {
    ($handler:path) => {
        |call, exam| $handler(&Call::of(*call), exam)
    };
}

const ENDPOINTS: &[Served] = &[
    Served::light(
        get(
            "authorise",
            Kind::Authorisation,
            "/{com|gov}/v3/authorise/",
            &[rules::OF_AUTHORISE],
            &described::AUTHORISE,
        ),
        at!(authorise::authorise),
    ),
    // SPEC 3.1.0: gov may name the person; without one, myinfo-rails sends two slashes
    Served::light(
        get(
            "authorise",
            Kind::Authorisation,
            "/gov/v3/authorise/{uinfin}",
            &[rules::OF_AUTHORISE],
            &described::AUTHORISE,
        ),
        at!(authorise::authorise),
    ),
    Served::light(get("login", Kind::Page, "/{com|gov}/v3/login", &[rules::OF_PAGES], &LOGIN_PAGE), login_page::show),
    Served::light(
        post("login", Kind::Page, "/{com|gov}/v3/login", &[rules::OF_PAGES], &LOGIN_CHOICE),
        login_page::choose,
    ),
    Served::light(
        get("consent", Kind::Page, "/{com|gov}/v3/consent", &[rules::OF_PAGES], &CONSENT_PAGE),
        consent_page::show,
    ),
    Served::light(
        post("consent", Kind::Page, "/{com|gov}/v3/consent", &[rules::OF_PAGES], &CONSENT_DECISION),
        consent_page::decide,
    ),
    Served::heavy(
        post("token", Kind::Token, "/{com|gov}/v3/token", &[rules::SIGNED, rules::OF_TOKEN], &described::TOKEN),
        at!(token::token),
    ),
    Served::heavy(
        get(
            "person",
            Kind::Person,
            "/{com|gov}/v3/person/{sub}",
            &[rules::SIGNED, rules::OF_PERSON],
            &described::PERSON,
        ),
        at!(person::person),
    ),
    Served::light(
        get(
            "person-sample",
            Kind::Person,
            "/{com|gov}/v3/person-sample/{uinfin}",
            &[rules::OF_PERSON_SAMPLE],
            &described::PERSON_SAMPLE,
        ),
        at!(person_sample::person_sample),
    ),
    Served::light(
        get("person-basic", Kind::Astray, "/{com|gov}/v3/person-basic/status/{uinfin}", &[], &described::NOT_SERVED),
        at!(person_basic::status),
    ),
    Served::heavy(
        get(
            "person-basic",
            Kind::Person,
            "/gov/v3/person-basic/{uinfin}",
            &[rules::SIGNED, rules::OF_PERSON_BASIC],
            &described::PERSON_BASIC,
        ),
        at!(person_basic::person_basic),
    ),
    Served::light(
        get("person-basic", Kind::Astray, "/com/v3/person-basic/{uinfin}", &[], &described::NOT_SERVED),
        at!(person_basic::for_gov_only),
    ),
];

const fn get(
    event: &'static str,
    kind: Kind,
    path: &'static str,
    rules: &'static [&'static [&'static Rule]],
    operation: &'static Operation,
) -> Endpoint {
    Endpoint { profile: "v3", event, kind, method: Method::GET, path, rules, operation }
}

const fn post(
    event: &'static str,
    kind: Kind,
    path: &'static str,
    rules: &'static [&'static [&'static Rule]],
    operation: &'static Operation,
) -> Endpoint {
    Endpoint { profile: "v3", event, kind, method: Method::POST, path, rules, operation }
}
