//! The settings of FAPI, and its table `[fapi]` in the configuration file.

use super::service_keys::ServiceKeys;
use crate::config::fields::{Fields, Listing, Reading};
use crate::config::reader::{Findings, TableReader};
use crate::config::shown::Shown;
use crate::config::{Config, read_material};
use crate::persona::catalogue::Catalogue;
use crate::quote::quoted;
use openssl::x509::X509;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

#[expect(clippy::struct_excessive_bools, reason = "each is one setting of the file, named there")]
/// The settings. Where the documents leave a question open, the default is the suggested answer.
#[derive(Debug, Clone)]
pub(in crate::profile) struct FapiSettings {
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
    /// Whether proofs must carry a nonce that the server gave.
    pub(super) dpop_nonce: bool,
    /// The content encryption of userinfo.
    pub(super) userinfo_enc: &'static str,
    /// The source agencies that do not answer.
    pub(in crate::profile) agencies_down: Vec<String>,
    /// How the JWK Sets of clients are fetched.
    pub(super) jwks: JwksFetching,
    /// The service's keys at the start.
    pub(super) keys: Arc<ServiceKeys>,
}

/// How the JWK Sets of clients are fetched. DOC, Technical concepts, JWKS.
#[derive(Debug, Clone)]
pub(super) struct JwksFetching {
    /// How long one try may take, in seconds (documented: 3).
    pub(super) patience_seconds: u64,
    /// How often it is tried (documented: 3).
    pub(super) tries: u64,
    /// How long a set is kept, in seconds (documented: 3600).
    pub(super) cache_seconds: u64,
    /// Authorities that are trusted beside the system's, as PEM.
    pub(super) authority_pem: Option<Arc<[u8]>>,
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
            dpop_nonce: false,
            userinfo_enc: "A256GCM",
            agencies_down: Vec::new(),
            jwks: JwksFetching { patience_seconds: 3, tries: 3, cache_seconds: HOUR, authority_pem: None },
            keys: ServiceKeys::first()?,
        })
    }

    /// Those of a configuration; every configuration of this profile has them.
    pub(in crate::profile) fn of(config: &Config) -> Option<&Self> {
        config.profiles.get()
    }
}

/// Agencies, by the short names of the catalogue.
fn agencies(table: &mut TableReader<'_, '_>, findings: &mut Findings<'_>) -> Option<Vec<String>> {
    let listed = table.strings("agencies_down", findings)?;
    let catalogue = Catalogue::embedded()?;
    let known = catalogue.agencies();
    for (agency, span) in listed.iter().filter(|(agency, _)| !known.contains(agency.as_str())) {
        let known: Vec<&str> = known.iter().copied().collect();
        let message = format!("{} is no source agency; there are {}", quoted(agency), known.join(", "));
        findings.note(span, table.key("agencies_down"), message);
    }
    Some(listed.into_iter().map(|(agency, _)| agency).collect())
}

fn is_certificates(pem: &[u8]) -> bool {
    X509::stack_from_pem(pem).is_ok_and(|certificates| !certificates.is_empty())
}

/// The content encryptions of the documents and of what was observed.
pub(in crate::profile) const ENCS: [(&str, &str); 2] = [("A256GCM", "A256GCM"), ("A256CBC-HS512", "A256CBC-HS512")];
/// An hour in seconds.
pub(in crate::profile) const HOUR: u64 = 3600;

/// Lays the table over the defaults.
pub(super) fn read(config: &mut Config, mut table: TableReader<'_, '_>, folder: &Path, findings: &mut Findings<'_>) {
    let Some(mut fapi) = FapiSettings::of(config).cloned() else { return };
    fields(&mut fapi, &mut Reading { table: &mut table, findings });
    if let Some((pem, span)) = read_material(&mut table, "jwks_ca", folder, findings) {
        if !is_certificates(&pem) {
            findings.note(&span, table.key("jwks_ca"), "holds no PEM certificate that can be read");
        }
        fapi.jwks.authority_pem = Some(pem.into());
    }
    fapi.agencies_down = agencies(&mut table, findings).unwrap_or(fapi.agencies_down);
    table.finish(findings);
    config.profiles.put(fapi);
}

/// What they are set to.
pub(super) fn shown(config: &Config) -> Vec<Shown> {
    let Some(mut fapi) = FapiSettings::of(config).cloned() else { return Vec::new() };
    let mut listing = Listing::default();
    fields(&mut fapi, &mut listing);
    listing.0.push(Shown::as_written("jwks_ca", "the system's authorities alone"));
    listing.0.push(Shown::texts("agencies_down", Some(&fapi.agencies_down), ""));
    listing.0
}

/// Every setting that has a default of its own.
fn fields(fapi: &mut FapiSettings, fields: &mut impl Fields) {
    const SECONDS: RangeInclusive<u64> = 1..=24 * HOUR;
    fields.flag("strict", &mut fapi.strict);
    fields.number("request_uri_seconds", SECONDS, &mut fapi.request_uri_seconds);
    fields.number("code_lifetime_seconds", SECONDS, &mut fapi.code_lifetime_seconds);
    fields.number("token_lifetime_seconds", SECONDS, &mut fapi.token_lifetime_seconds);
    fields.number("proof_window_seconds", SECONDS, &mut fapi.proof_window_seconds);
    fields.number("skew_seconds", SECONDS, &mut fapi.skew_seconds);
    fields.flag("redirect_iss", &mut fapi.redirect_iss);
    fields.flag("encoded_iss", &mut fapi.encoded_iss);
    fields.flag("dpop_nonce", &mut fapi.dpop_nonce);
    fields.flag("expires_in", &mut fapi.expires_in);
    fields.choice("userinfo_enc", &ENCS, &mut fapi.userinfo_enc);
    fields.number("jwks_patience_seconds", SECONDS, &mut fapi.jwks.patience_seconds);
    fields.number("jwks_tries", SECONDS, &mut fapi.jwks.tries);
    fields.number("jwks_cache_seconds", SECONDS, &mut fapi.jwks.cache_seconds);
}
