//! The settings of the API before FAPI, and its table `[oidc]`. What both APIs have (`skew_seconds`, `agencies_down`, how JWK
//! Sets are fetched) stands in `[fapi]`.

use super::client::{ClientProfile, PROFILES};
use crate::config::Config;
use crate::config::reader::{Findings, TableReader};
use crate::profile::fapi::settings::{ENCS, HOUR};
use std::path::Path;

/// What the legacy documents leave open, and what can be tried out.
#[derive(Debug, Clone)]
pub(super) struct OidcSettings {
    /// Whether real clients' deviations are refused: no `typ`, no `jti`, the endpoint as `aud`.
    pub(super) strict: bool,
    /// The profile of clients that have none of their own.
    pub(super) profile: ClientProfile,
    /// Whether an authorisation request has to have a `code_challenge`, as documented.
    pub(super) pkce_required: bool,
    /// How long an authorisation code lives, in seconds (documented: 120).
    pub(super) code_lifetime_seconds: u64,
    /// How long an access token lives, in seconds (documented: 1800).
    pub(super) token_lifetime_seconds: u64,
    /// Whether the token answer has `expires_in`.
    pub(super) expires_in: bool,
    /// The content encryption of userinfo.
    pub(super) userinfo_enc: &'static str,
}

impl OidcSettings {
    /// The defaults.
    const fn new() -> Self {
        Self {
            strict: false,
            profile: ClientProfile::DirectPii,
            pkce_required: true,
            code_lifetime_seconds: 120,
            token_lifetime_seconds: 1800,
            expires_in: false,
            // as in the documented sample; A256GCM was reported
            userinfo_enc: "A256CBC-HS512",
        }
    }

    /// Those of a configuration; every configuration of this profile has them.
    pub(super) fn of(config: &Config) -> Option<&Self> {
        config.profiles.get()
    }
}

/// Puts in the defaults; the clients are FAPI's.
#[expect(clippy::unnecessary_wraps, reason = "other profiles read keys here, and the table of profiles has one type")]
pub(super) fn built_in(config: &mut Config) -> anyhow::Result<()> {
    config.profiles.put(OidcSettings::new());
    Ok(())
}

/// Lays the table over the defaults.
pub(super) fn read(config: &mut Config, mut table: TableReader<'_, '_>, _: &Path, findings: &mut Findings<'_>) {
    let Some(mut oidc) = OidcSettings::of(config).cloned() else { return };
    for (name, switch) in
        [("strict", &mut oidc.strict), ("pkce_required", &mut oidc.pkce_required), ("expires_in", &mut oidc.expires_in)]
    {
        *switch = table.boolean(name, findings).unwrap_or(*switch);
    }
    for (name, number) in [
        ("code_lifetime_seconds", &mut oidc.code_lifetime_seconds),
        ("token_lifetime_seconds", &mut oidc.token_lifetime_seconds),
    ] {
        *number = table.number(name, 1..=24 * HOUR, findings).unwrap_or(*number);
    }
    oidc.profile = table.one_of("profile", &PROFILES, findings).unwrap_or(oidc.profile);
    oidc.userinfo_enc = table.one_of("userinfo_enc", &ENCS, findings).unwrap_or(oidc.userinfo_enc);
    table.finish(findings);
    config.profiles.put(oidc);
}
