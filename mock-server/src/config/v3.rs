//! The table `[v3]` of the configuration file: the settings of the v3 profile.

use super::file::check_public_url;
use super::reader::{Findings, TableReader};
use super::{DescriptionSpelling, MissingItems, ScopeText, V3Settings};
use crate::http::pairs::Repeats;
use crate::refusal::CodeType;

const CODE_TYPES: [(&str, CodeType); 2] = [("text", CodeType::Text), ("number", CodeType::Number)];
const DAY: u64 = 86_400;

/// Lays the table over the defaults.
pub(super) fn apply(v3: &mut V3Settings, mut table: TableReader<'_, '_>, findings: &mut Findings<'_>) {
    apply_choices(v3, &mut table, findings);
    apply_switches(v3, &mut table, findings);
    apply_numbers(v3, &mut table, findings);
    if let Some((realm, _)) = table.string("gov_realm", findings) {
        v3.gov_realm = realm;
    }
    if let Some((origin, span)) = table.string("issuer_origin", findings) {
        match check_public_url(&origin) {
            Ok(origin) => v3.issuer_origin = Some(origin),
            Err(message) => findings.note(&span, table.key("issuer_origin"), message),
        }
    }
    table.finish(findings);
}

fn apply_choices(v3: &mut V3Settings, table: &mut TableReader<'_, '_>, findings: &mut Findings<'_>) {
    let spellings = [
        ("hyphen", DescriptionSpelling::Hyphen),
        ("underscore", DescriptionSpelling::Underscore),
        ("both", DescriptionSpelling::Both),
    ];
    set(&mut v3.error_description, table.one_of("error_description", &spellings, findings));
    set(&mut v3.token_error_code, table.one_of("token_error_code", &CODE_TYPES, findings));
    set(&mut v3.person_error_code, table.one_of("person_error_code", &CODE_TYPES, findings));
    let texts = [("realm", ScopeText::Realm), ("client", ScopeText::Client)];
    set(&mut v3.unknown_attribute_text, table.one_of("unknown_attribute_text", &texts, findings));
    let repeats = [("refuse", Repeats::Refuse), ("first", Repeats::First), ("last", Repeats::Last)];
    set(&mut v3.repeated_parameters, table.one_of("repeated_parameters", &repeats, findings));
    let missing = [("unavailable", MissingItems::Unavailable), ("omitted", MissingItems::Omitted)];
    set(&mut v3.missing_items, table.one_of("missing_items", &missing, findings));
}

fn apply_switches(v3: &mut V3Settings, table: &mut TableReader<'_, '_>, findings: &mut Findings<'_>) {
    for (name, switch) in [
        ("error_fields", &mut v3.error_fields),
        ("code_reuse_revokes_token", &mut v3.code_reuse_revokes_token),
        ("gzip", &mut v3.gzip),
        ("legacy_callback", &mut v3.legacy_callback),
        ("refresh_token", &mut v3.refresh_token),
        ("sandbox_bearer", &mut v3.sandbox_bearer),
        ("unformatted_mixed_case", &mut v3.unformatted_mixed_case),
    ] {
        set(switch, table.boolean(name, findings));
    }
}

fn apply_numbers(v3: &mut V3Settings, table: &mut TableReader<'_, '_>, findings: &mut Findings<'_>) {
    set(&mut v3.skew_seconds, table.number("skew_seconds", 1..=DAY, findings));
    set(&mut v3.nonce_window_seconds, table.number("nonce_window_seconds", 1..=2 * DAY, findings));
    set(&mut v3.code_lifetime_seconds, table.number("code_lifetime_seconds", 1..=DAY, findings));
    set(&mut v3.token_lifetime_seconds, table.number("token_lifetime_seconds", 1..=DAY, findings));
    for (name, status) in [
        ("bad_signature_status", &mut v3.bad_signature_status),
        ("unknown_client_status", &mut v3.unknown_client_status),
        ("redirect_mismatch_status", &mut v3.redirect_mismatch_status),
        ("unconsented_attribute_status", &mut v3.unconsented_attribute_status),
    ] {
        set(status, table.number(name, 400..=599, findings).and_then(|number| u16::try_from(number).ok()));
    }
    if v3.nonce_window_seconds < 2 * v3.skew_seconds {
        let message =
            format!("must be at least twice `skew_seconds` ({}), or a nonce could be used again", v3.skew_seconds);
        findings.note(&table.span(), table.key("nonce_window_seconds"), message);
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
