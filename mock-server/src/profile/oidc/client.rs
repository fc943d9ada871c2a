//! What a client was to the API before FAPI, beside what it is to FAPI: its profile, in `[client.oidc]`.

use super::settings::OidcSettings;
use crate::config::ClientRegistration;
use crate::config::reader::{Findings, TableReader};
use crate::config::shown::{Shown, ShownValue};
use crate::profile::fapi::client;
use serde_json::{Value, json};
use std::path::Path;

/// What an application is told of who logged in, and in which form. DOC, legacy, ID token by profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientProfile {
    /// The UUID alone, in a signed token.
    Direct,
    /// The NRIC, too, in a signed and encrypted token.
    DirectPii,
    /// The NRIC, too, in a token that is only signed.
    Bridge,
}

pub(super) const PROFILES: [(&str, ClientProfile); 3] = [
    ("direct", ClientProfile::Direct),
    ("direct_pii_allowed", ClientProfile::DirectPii),
    ("bridge", ClientProfile::Bridge),
];

impl ClientProfile {
    pub(super) fn name(self) -> &'static str {
        PROFILES.iter().find(|(_, profile)| *profile == self).map_or("", |(name, _)| name)
    }

    /// That of a client: its own, or that of the settings.
    pub(super) fn of(client: &ClientRegistration, settings: &OidcSettings) -> Self {
        client.profiles.get().map_or(settings.profile, |own: &OidcClient| own.profile)
    }
}

/// The part of a client that is this profile's.
#[derive(Debug, Clone, Copy)]
struct OidcClient {
    profile: ClientProfile,
}

/// The keys of `[client.oidc]`.
pub(super) const KEYS: &[&str] = &["profile"];

/// Reads `[client.oidc]`.
pub(super) fn read(
    client: &mut ClientRegistration,
    mut table: TableReader<'_, '_>,
    _: &Path,
    findings: &mut Findings<'_>,
) {
    let (before, span) = (findings.count(), table.span());
    let profile = table.one_of("profile", &PROFILES, findings);
    if profile.is_none() && findings.count() == before {
        findings.note(&span, table.key("profile"), "is missing: `direct`, `direct_pii_allowed` or `bridge`");
    }
    // profiles read their tables in their order, FAPI's before this one
    if client::of(client).is_none() {
        findings.note(
            &span,
            table.path(),
            "stands without [client.fapi], which has the kind of app and the keys for both APIs",
        );
    }
    table.finish(findings);
    if let Some(profile) = profile {
        client.profiles.put(OidcClient { profile });
    }
}

/// The profile as the admin API shows it.
pub(super) fn describe(client: &ClientRegistration) -> Option<Value> {
    let own: &OidcClient = client.profiles.get()?;
    Some(json!({"profile": own.profile.name()}))
}

/// The profile, for `config show`.
pub(super) fn shown(client: &ClientRegistration) -> Option<Vec<Shown>> {
    let own: &OidcClient = client.profiles.get()?;
    Some(vec![Shown::new("profile", ShownValue::Text(own.profile.name().to_owned()))])
}
