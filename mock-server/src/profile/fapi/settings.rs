//! The settings of FAPI, and its table `[fapi]` in the configuration file.

use crate::config::Config;
use crate::config::reader::{Findings, TableReader};
use crate::jose::ec::{Curve, EcPrivate, EcPublic};
use anyhow::Context;
use openssl::pkey::{PKey, Private};
use serde_json::{Map, Value};
use std::sync::{Arc, LazyLock};

#[expect(clippy::struct_excessive_bools, reason = "each is one setting of the file, named there")]
/// The settings. Where the documents leave a question open, the default is the suggested answer.
#[derive(Debug, Clone)]
pub(super) struct FapiSettings {
    /// Whether what real clients send against the documents is refused: `aud` of the endpoint, no `typ`, more
    /// parameters at auth.
    pub(super) strict: bool,
    /// How long a pushed request waits for the browser, in seconds (documented: 60).
    pub(super) request_uri_seconds: u64,
    /// How long an authorisation code lives, in seconds (documented: 60).
    pub(super) code_lifetime_seconds: u64,
    /// How long an access token lives, in seconds (documented: 1800).
    pub(super) token_lifetime_seconds: u64,
    /// How old a DPoP proof may be, in seconds.
    pub(super) proof_window_seconds: u64,
    /// How far ahead the clocks of clients may be, in seconds.
    pub(super) skew_seconds: u64,
    /// Whether the redirect carries `iss`, as it does since June 2026.
    pub(super) redirect_iss: bool,
    /// Whether that `iss` is percent-encoded.
    pub(super) encoded_iss: bool,
    /// Whether the token answer has `expires_in`.
    pub(super) expires_in: bool,
    /// The content encryption of userinfo.
    pub(super) userinfo_enc: &'static str,
    /// The service's keys, the first of which signs.
    pub(super) keys: Arc<ServiceKeys>,
}

/// The keys that the service publishes, and the one that it signs with.
#[derive(Debug)]
pub(super) struct ServiceKeys {
    pub(super) kid: String,
    pub(super) curve: Curve,
    pub(super) signing: PKey<Private>,
    /// The public half, which also opens what was signed.
    pub(super) public: EcPublic,
    /// The same as PEM: what everybody knows.
    pub(super) public_pem: String,
    /// A key that no registration knows, for faults. It is published with the testbed and protects nothing.
    pub(super) stranger: PKey<Private>,
    /// The JWK Set, public members alone.
    pub(super) published: Value,
}

/// The keys of the fixtures, read once.
static KEYS: LazyLock<Result<Arc<ServiceKeys>, String>> =
    LazyLock::new(|| ServiceKeys::read().map(Arc::new).map_err(|error| format!("{error:#}")));

impl ServiceKeys {
    fn read() -> anyhow::Result<Self> {
        let set: Value = serde_json::from_str(myinfo_fixtures::keys::ec::SERVICE_JWKS_PRIVATE)?;
        let own = set.get("keys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
        let is_signing =
            |jwk: &&Map<String, Value>| jwk.get("kid").is_some_and(|kid| kid == myinfo_fixtures::keys::ec::SERVICE_KID);
        let own = EcPrivate::from_jwk(own.clone().find(is_signing).context("the embedded service keys")?)?;
        let stranger = myinfo_fixtures::keys::ec::private("stranger-sig-p256");
        let stranger = stranger.as_ref().and_then(Value::as_object).context("the embedded stranger's key")?;
        let public = own.public()?;
        Ok(Self {
            kid: myinfo_fixtures::keys::ec::SERVICE_KID.to_owned(),
            curve: own.curve,
            signing: own.any_kind()?,
            public_pem: String::from_utf8(public.key.public_key_to_pem()?)?,
            public,
            stranger: EcPrivate::from_jwk(stranger)?.any_kind()?,
            published: serde_json::from_str(myinfo_fixtures::keys::ec::SERVICE_JWKS)?,
        })
    }
}

impl FapiSettings {
    /// The defaults.
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            strict: false,
            request_uri_seconds: 60,
            code_lifetime_seconds: 60,
            token_lifetime_seconds: 1800,
            proof_window_seconds: 300,
            skew_seconds: 60,
            redirect_iss: true,
            encoded_iss: false,
            expires_in: false,
            userinfo_enc: "A256GCM",
            keys: KEYS.clone().map_err(anyhow::Error::msg)?,
        })
    }

    /// Those of a configuration; every configuration of this profile has them.
    pub(super) fn of(config: &Config) -> Option<&Self> {
        config.profiles.get()
    }
}

/// The content encryptions of the documents and of what was observed.
const ENCS: [(&str, &str); 2] = [("A256GCM", "A256GCM"), ("A256CBC-HS512", "A256CBC-HS512")];
const HOUR: u64 = 3600;

/// Lays the table over the defaults.
pub(super) fn read(config: &mut Config, mut table: TableReader<'_, '_>, findings: &mut Findings<'_>) {
    let Some(mut fapi) = FapiSettings::of(config).cloned() else { return };
    for (name, switch) in [
        ("strict", &mut fapi.strict),
        ("redirect_iss", &mut fapi.redirect_iss),
        ("encoded_iss", &mut fapi.encoded_iss),
        ("expires_in", &mut fapi.expires_in),
    ] {
        *switch = table.boolean(name, findings).unwrap_or(*switch);
    }
    for (name, number) in [
        ("request_uri_seconds", &mut fapi.request_uri_seconds),
        ("code_lifetime_seconds", &mut fapi.code_lifetime_seconds),
        ("token_lifetime_seconds", &mut fapi.token_lifetime_seconds),
        ("proof_window_seconds", &mut fapi.proof_window_seconds),
        ("skew_seconds", &mut fapi.skew_seconds),
    ] {
        *number = table.number(name, 1..=24 * HOUR, findings).unwrap_or(*number);
    }
    fapi.userinfo_enc = table.one_of("userinfo_enc", &ENCS, findings).unwrap_or(fapi.userinfo_enc);
    table.finish(findings);
    config.profiles.put(fapi);
}
