//! The settings of the API before FAPI, and its table `[oidc]`. What both APIs have (`skew_seconds`, `agencies_down`, how JWK
//! Sets are fetched) stands in `[fapi]`.

use super::client::{ClientProfile, PROFILES};
use crate::config::Config;
use crate::config::fields::{Fields, Listing, Reading};
use crate::config::reader::{Findings, TableReader};
use crate::config::shown::Shown;
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
    fields(&mut oidc, &mut Reading { table: &mut table, findings });
    table.finish(findings);
    config.profiles.put(oidc);
}

/// What they are set to.
pub(super) fn shown(config: &Config) -> Vec<Shown> {
    let Some(mut oidc) = OidcSettings::of(config).cloned() else { return Vec::new() };
    let mut listing = Listing::default();
    fields(&mut oidc, &mut listing);
    listing.0
}

/// Every setting.
fn fields(oidc: &mut OidcSettings, fields: &mut impl Fields) {
    fields.choice("profile", &PROFILES, &mut oidc.profile);
    fields.flag("strict", &mut oidc.strict);
    fields.flag("pkce_required", &mut oidc.pkce_required);
    fields.number("code_lifetime_seconds", 1..=24 * HOUR, &mut oidc.code_lifetime_seconds);
    fields.number("token_lifetime_seconds", 1..=24 * HOUR, &mut oidc.token_lifetime_seconds);
    fields.flag("expires_in", &mut oidc.expires_in);
    fields.choice("userinfo_enc", &ENCS, &mut oidc.userinfo_enc);
}
