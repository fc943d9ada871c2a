//! Who calls PAR and token: the form, the client and its assertion; and the proof that every request carries.

use super::client::{self, FapiClient};
use super::client_keys;
use super::errors::{invalid_client, invalid_request};
use super::known_keys;
use super::nonce;
use super::rules;
use super::service_keys;
use super::settings::FapiSettings;
use crate::call::Call;
use crate::config::ClientRegistration;
use crate::examination::Examination;
use crate::http::exchange::Incoming;
use crate::http::pairs::{Pairs, Repeats};
use crate::jose::jwk_set::JwkSet;
use crate::refusal::Refusal;
use crate::rule::client_assertion::{self, AssertionPolicy};
use crate::rule::dpop::{self, DpopPolicy};
use crate::rule::replay::{FirstUse, Replay};
use crate::rule::wrong_signature::KnownKey;
use crate::rule::{Rule, common};
use crate::text::meant;
use warp::http::{HeaderName, header};

const DPOP: HeaderName = HeaderName::from_static("dpop");
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion may live, in seconds. DOC, Technical concepts, client assertion.
const ASSERTION_SECONDS: u64 = 120;

/// A client and what it is to FAPI.
#[derive(Clone, Copy)]
pub(super) struct Caller<'a> {
    pub(super) client: &'a ClientRegistration,
    pub(super) own: &'a FapiClient,
}

impl<'a> Caller<'a> {
    /// The client of this id, where it is registered for FAPI.
    pub(super) fn of(call: &Call<'a>, id: &str) -> Option<Self> {
        let client = call.book.client(id)?;
        Some(Self { client, own: client::of(client)? })
    }
}

/// The issuer identifier: that of the address that was called.
pub(super) fn issuer(incoming: &Incoming) -> String {
    format!("{}/fapi", incoming.base_url())
}

/// The form's pairs.
pub(super) fn read_form(call: &Call<'_>) -> Result<Pairs, Refusal> {
    let refuse = |hint: String| invalid_request(rules::FORM, hint);
    let body = call.incoming.body.as_ref().map_err(|problem| Refusal::from((common::BODY, *problem)))?;
    let kind = call.incoming.header(&header::CONTENT_TYPE).map_err(|problem| refuse(problem.to_string()))?;
    let kind = kind.unwrap_or("none");
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(refuse(format!("the Content-Type is `{kind}`; it must be application/x-www-form-urlencoded")));
    }
    let text = std::str::from_utf8(body).map_err(|_| refuse("the form is not UTF-8".to_owned()))?;
    let pairs = Pairs::parse(text).and_then(|pairs| pairs.with_repeats(Repeats::Refuse));
    pairs.map_err(|problem| refuse(problem.to_string()))
}

/// The client, by its id in the form or, where there is none, by that in its assertion; and its assertion examined.
pub(super) fn authenticate<'a>(
    call: &Call<'a>,
    exam: &mut Examination,
    settings: &FapiSettings,
    form: &Pairs,
    endpoint: &'static str,
) -> Option<Caller<'a>> {
    let assertion = form.value("client_assertion").unwrap_or_default();
    let named = form.value("client_id").map(str::to_owned).or_else(|| claimed_client(assertion));
    let caller = named.as_deref().and_then(|id| Caller::of(call, id));
    exam.client = caller.map(|caller| caller.client.id.clone());
    let caller = exam.check(rules::CLIENT, caller.ok_or_else(|| unknown(call, named.as_deref())))?;
    let kind = form.value("client_assertion_type");
    if assertion.is_empty() || kind != Some(ASSERTION_TYPE) {
        exam.broken(invalid_client(rules::ASSERTION, missing_assertion(form, kind)));
        return Some(caller);
    }
    let keys = client_keys::of(call, settings, caller);
    let Some(keys) = exam.check(rules::CLIENT_KEYS, keys) else { return Some(caller) };
    let (issuer, address) = (issuer(call.incoming), own_address(call.incoming));
    let service = service_keys::of(call.app, settings);
    let known = || known_keys::of(call, &service.public, &caller.client.id, &keys.set);
    let by = By { client_id: &caller.client.id, keys: &keys.set, origin: &keys.origin, known: &known };
    let policy = assertion_policy(settings, &by, (&issuer, &address));
    let here = FirstUse { at: call.app.clock.now(), endpoint };
    let mut memory = call.app.memory();
    client_assertion::examine(
        assertion,
        &rules::ASSERTIONS,
        &policy,
        Replay { memory: &mut memory.nonces, here },
        exam,
    );
    Some(caller)
}

/// By whom an assertion should be, and with which keys.
pub(super) struct By<'p> {
    pub(super) client_id: &'p str,
    pub(super) keys: &'p JwkSet,
    /// Where the keys came from, as the end of a sentence.
    pub(super) origin: &'p str,
    pub(super) known: &'p dyn Fn() -> Vec<KnownKey>,
}

/// What is wanted of an assertion for this issuer at this endpoint.
pub(super) fn assertion_policy<'p>(
    settings: &FapiSettings,
    by: &By<'p>,
    (issuer, endpoint): (&'p str, &'p str),
) -> AssertionPolicy<'p> {
    AssertionPolicy {
        client_id: by.client_id,
        keys: by.keys,
        origin: by.origin,
        known: by.known,
        issuer,
        endpoint,
        strict: settings.strict,
        longest: ASSERTION_SECONDS,
        ahead: settings.skew_seconds,
        refuse: invalid_client,
    }
}

/// The `sub` that an assertion claims: to find the client, and for nothing else.
pub(super) fn claimed_client(assertion: &str) -> Option<String> {
    let claims = crate::jose::nested::unverified(assertion, 1)?;
    Some(claims.get("sub")?.as_str()?.to_owned())
}

fn unknown(call: &Call<'_>, named: Option<&str>) -> Refusal {
    let Some(id) = named else {
        return invalid_client(rules::CLIENT, "`client_id` is missing, and no assertion names a client".to_owned());
    };
    let known =
        || call.book.clients.values().filter(|client| client::of(client).is_some()).map(|client| client.id.as_str());
    let other = if call.book.client(id).is_some() {
        ": it is a client of another version; add [client.fapi] to it"
    } else {
        ""
    };
    let shown: String = id.chars().take(60).collect();
    invalid_client(rules::CLIENT, format!("`{shown}` is not registered for FAPI{other}{}", meant(id, known())))
}

fn missing_assertion(form: &Pairs, kind: Option<&str>) -> String {
    if form.value("client_assertion").is_none_or(str::is_empty) {
        let why = match form.value("request") {
            // RFC 9126 §3: whoever takes request objects wants the assertion beside them
            Some(_) => {
                "the form has `request`, and Singpass reads no request object: each of its parameters belongs in the form"
            }
            None => "FAPI knows no client secret",
        };
        return format!("`client_assertion` is missing: {why}");
    }
    match kind {
        Some(other) => format!("`client_assertion_type` is `{other}`, expected `{ASSERTION_TYPE}`"),
        None => format!("`client_assertion_type` is missing, expected `{ASSERTION_TYPE}`"),
    }
}

/// The address that was called, without its query.
fn own_address(incoming: &Incoming) -> String {
    format!("{}{}", incoming.origin(), incoming.full_path())
}

/// What else a proof is held against, beside the request itself.
pub(super) struct Proving<'a> {
    pub(super) endpoint: &'static str,
    pub(super) access_token: Option<&'a str>,
    /// The thumbprint that is bound, and by what.
    pub(super) bound: Option<(&'a str, &'static str)>,
    pub(super) refuse: fn(&'static Rule, String) -> Refusal,
}

/// What became of a request's proof.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// There is no `DPoP` header.
    Absent,
    /// It could not be read.
    Unreadable,
    /// It was examined; the thumbprint of its key.
    Examined(String),
}

/// The proof of the `DPoP` header, examined.
pub(super) fn proof(call: &Call<'_>, exam: &mut Examination, settings: &FapiSettings, proving: &Proving<'_>) -> Proof {
    let header = call.incoming.header(&DPOP).map_err(|problem| (proving.refuse)(rules::DPOP, problem.to_string()));
    let header = match header {
        Ok(header) => header,
        Err(refusal) => {
            exam.broken(refusal);
            return Proof::Unreadable;
        }
    };
    let Some(sent) = header else { return Proof::Absent };
    let here = own_address(call.incoming);
    let path = call.incoming.full_path();
    let public = call.app.config.public_urls.iter().map(|url| format!("{url}{path}"));
    let addresses: Vec<String> = std::iter::once(here).chain(public).collect();
    let nonces = nonce::accepted(call, settings);
    let policy = DpopPolicy {
        method: call.incoming.method.as_str(),
        addresses: &addresses,
        window: settings.proof_window_seconds,
        ahead: settings.skew_seconds,
        nonces: &nonces,
        access_token: proving.access_token,
        bound: proving.bound,
        refuse: proving.refuse,
    };
    let first = FirstUse { at: call.app.clock.now(), endpoint: proving.endpoint };
    let mut memory = call.app.memory();
    dpop::examine(sent, &rules::PROOFS, &policy, Replay { memory: &mut memory.nonces, here: first }, exam)
        .map_or(Proof::Unreadable, Proof::Examined)
}
