//! Who calls PAR and token: the form, the client and its assertion; and the proof that every request carries.

use super::api::Api;
use super::client::{self, FapiClient};
use super::client_keys;
use super::errors::{invalid_client, invalid_request, upstream};
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

pub(super) const DPOP: HeaderName = HeaderName::from_static("dpop");
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion may live, in seconds. DOC, Technical concepts, client assertion.
const ASSERTION_SECONDS: u64 = 120;

/// FAPI's own rules and words.
pub(super) const FAPI: Api = Api {
    name: "FAPI",
    issuer,
    form: rules::FORM,
    client: rules::CLIENT,
    keys: rules::CLIENT_KEYS,
    assertions: &rules::ASSERTIONS,
    needs_id: true,
    invalid_request,
    invalid_client,
    unreachable: upstream,
};

/// A client and what it is to FAPI.
#[derive(Clone, Copy)]
pub(in crate::profile) struct Caller<'a> {
    pub(in crate::profile) client: &'a ClientRegistration,
    pub(in crate::profile) own: &'a FapiClient,
}

impl<'a> Caller<'a> {
    /// The client of this id, where it is registered for FAPI.
    pub(in crate::profile) fn of(call: &Call<'a>, id: &str) -> Option<Self> {
        let client = call.book.client(id)?;
        Some(Self { client, own: client::of(client)? })
    }
}

/// The issuer identifier: that of the address that was called.
pub(in crate::profile) fn issuer(incoming: &Incoming) -> String {
    format!("{}/fapi", incoming.base_url())
}

/// The form's pairs.
pub(in crate::profile) fn read_form(call: &Call<'_>, api: &Api) -> Result<Pairs, Refusal> {
    let refuse = |hint: String| (api.invalid_request)(api.form, hint);
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

/// A form that came, and by what it is judged.
pub(in crate::profile) struct Sent<'a> {
    pub(in crate::profile) api: &'static Api,
    pub(in crate::profile) form: &'a Pairs,
    /// What the endpoint is called where a `jti` comes again.
    pub(in crate::profile) endpoint: &'static str,
    pub(in crate::profile) strict: bool,
}

/// The client, by its id in the form or, where there is none, by that in its assertion; and its assertion examined.
pub(in crate::profile) fn authenticate<'a>(
    call: &Call<'a>,
    exam: &mut Examination,
    settings: &FapiSettings,
    sent: &Sent<'_>,
) -> Option<Caller<'a>> {
    let Sent { api, form, endpoint, strict } = *sent;
    let assertion = form.value("client_assertion").unwrap_or_default();
    let named = form.value("client_id").map(str::to_owned).or_else(|| claimed_client(assertion));
    let caller = named.as_deref().and_then(|id| Caller::of(call, id));
    exam.client = caller.map(|caller| caller.client.id.clone());
    let caller = exam.check(api.client, caller.ok_or_else(|| unknown(call, api, named.as_deref())))?;
    let kind = form.value("client_assertion_type");
    if assertion.is_empty() || kind != Some(ASSERTION_TYPE) {
        exam.broken((api.invalid_client)(api.assertions.form, missing_assertion(api, form, kind)));
        return Some(caller);
    }
    let keys = client_keys::of(call, settings, caller, api);
    let Some(keys) = exam.check(api.keys, keys) else { return Some(caller) };
    let (issuer, address) = ((api.issuer)(call.incoming), own_address(call.incoming));
    let service = service_keys::of(call.app, settings);
    let known = || known_keys::of(call, &service.public, &caller.client.id, &keys.set);
    let by = By { client_id: &caller.client.id, keys: &keys.set, origin: &keys.origin, known: &known };
    let policy = AssertionPolicy {
        strict,
        needs_id: strict || api.needs_id,
        refuse: api.invalid_client,
        ..assertion_policy(settings, &by, (&issuer, &address))
    };
    let here = FirstUse { at: call.app.clock.now(), endpoint };
    let nonces = call.app.nonces();
    client_assertion::examine(assertion, api.assertions, &policy, Replay { memory: &nonces, here }, exam);
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
        needs_id: true,
        refuse: invalid_client,
    }
}

/// The `sub` that an assertion claims: to find the client, and for nothing else.
pub(super) fn claimed_client(assertion: &str) -> Option<String> {
    let claims = crate::jose::nested::unverified(assertion, 1)?;
    Some(claims.get("sub")?.as_str()?.to_owned())
}

fn unknown(call: &Call<'_>, api: &Api, named: Option<&str>) -> Refusal {
    let hint = match named {
        Some(id) => not_registered(call, api, id),
        None => "`client_id` is missing, and no assertion names a client".to_owned(),
    };
    (api.invalid_client)(api.client, hint)
}

/// What is to be said of an id that is no client of the API.
pub(in crate::profile) fn not_registered(call: &Call<'_>, api: &Api, id: &str) -> String {
    let known =
        || call.book.clients.values().filter(|client| client::of(client).is_some()).map(|client| client.id.as_str());
    let other = if call.book.client(id).is_some() {
        ": it is a client of another version; add [client.fapi] to it"
    } else {
        ""
    };
    let shown: String = id.chars().take(60).collect();
    format!("`{shown}` is not registered for {}{other}{}", api.name, meant(id, known()))
}

fn missing_assertion(api: &Api, form: &Pairs, kind: Option<&str>) -> String {
    if form.value("client_assertion").is_none_or(str::is_empty) {
        let why = match form.value("request") {
            // RFC 9126 §3: whoever takes request objects wants the assertion beside them
            Some(_) => {
                "the form has `request`, and Singpass reads no request object: each of its parameters belongs in the form"
            }
            None => return format!("`client_assertion` is missing: {} knows no client secret", api.name),
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
    let used = call.app.nonces();
    dpop::examine(sent, &rules::PROOFS, &policy, Replay { memory: &used, here: first }, exam)
        .map_or(Proof::Unreadable, Proof::Examined)
}
