//! The settings of v3, and its table `[v3]` in the configuration file.

use crate::config::Config;
use crate::config::fields::{Fields, Listing, Reading};
use crate::config::file::check_public_url;
use crate::config::reader::{Findings, TableReader};
use crate::config::shown::Shown;
use crate::http::pairs::Repeats;
use crate::persona::selection::MissingItems;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::LazyLock;

/// The settings of the v3 profile. Where the documents leave a question open, the default is the suggested answer.
#[expect(clippy::struct_excessive_bools, reason = "each is one setting of the file, named there")]
#[derive(Debug, Clone)]
pub(crate) struct V3Settings {
    /// Open question 1: how the description parameter of an error redirect is spelt.
    pub(crate) error_description: DescriptionSpelling,
    /// Open question 2: the status of a wrong signature, 500 by document, 401 hinted.
    pub(crate) bad_signature_status: u16,
    /// Open question 2: the type of `code` in error bodies of token.
    pub(crate) token_error_code: CodeType,
    /// Open question 2: the type of `code` in error bodies of person.
    pub(crate) person_error_code: CodeType,
    /// Whether error bodies have the older third member `fields`.
    pub(crate) error_fields: bool,
    /// Open question 3: how far a timestamp may be off, in seconds.
    pub(crate) skew_seconds: u64,
    /// Open question 3: how long a nonce is remembered, in seconds; at least twice the skew.
    pub(crate) nonce_window_seconds: u64,
    /// Open question 3: how long an authorisation code lives, in seconds.
    pub(crate) code_lifetime_seconds: u64,
    /// How long an access token lives, in seconds (recorded: 1800).
    pub(crate) token_lifetime_seconds: u64,
    /// Open question 4: the status of the page for an unknown client.
    pub(crate) unknown_client_status: u16,
    /// The status of the page for an unregistered redirect URI.
    pub(crate) redirect_mismatch_status: u16,
    /// Open question 5: the `realm` of gov tokens, and the last part of their `iss`.
    pub(crate) gov_realm: String,
    /// The origin in `iss`; absent means the origin that the client called.
    pub(crate) issuer_origin: Option<String>,
    /// Open question 6: whether a reused code also revokes the token given out for it.
    pub(crate) code_reuse_revokes_token: bool,
    /// Open question 7: which `invalid_scope` text an unknown attribute gets; a forbidden one gets the other.
    pub(crate) unknown_attribute_text: ScopeText,
    /// Open question 8: whether a client that asks for gzip gets it.
    pub(crate) gzip: bool,
    /// How many bytes `state` and `purpose` may have each; no document gives a length.
    pub(crate) text_limit: usize,
    /// Open question 9: what a repeated parameter does.
    pub(crate) repeated_parameters: Repeats,
    /// Whether `401` instead of `403` is answered for an attribute outside the consent.
    pub(crate) unconsented_attribute_status: u16,
    /// Whether the callback carries `scope`, `iss` and `client_id` too, as gov and the years 2019–2021 did.
    pub(crate) legacy_callback: bool,
    /// Whether the token answer has a `refresh_token`, as recorded in 2022.
    pub(crate) refresh_token: bool,
    /// Whether the sandbox wants the Bearer token on person (myinfo-rails sends none there).
    pub(crate) sandbox_bearer: bool,
    /// Whether the older spelling `Unformatted` of the address type is sent.
    pub(crate) unformatted_mixed_case: bool,
    /// What an item is sent as that a persona does not have.
    pub(crate) missing_items: MissingItems,
}

/// The name of the description parameter of an error redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DescriptionSpelling {
    /// `error-description`, as screenshots of the real service show.
    Hyphen,
    /// `error_description`, as the document says.
    Underscore,
    /// Both.
    Both,
}

/// The two texts of `invalid_scope`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopeText {
    /// `Invalid realm scope`.
    Realm,
    /// `Invalid client scope`.
    Client,
}

impl Default for V3Settings {
    fn default() -> Self {
        Self {
            error_description: DescriptionSpelling::Hyphen,
            bad_signature_status: 500,
            token_error_code: CodeType::Text,
            person_error_code: CodeType::Number,
            error_fields: false,
            skew_seconds: 300,
            nonce_window_seconds: 600,
            code_lifetime_seconds: 300,
            token_lifetime_seconds: 1800,
            unknown_client_status: 400,
            redirect_mismatch_status: 400,
            gov_realm: "myinfo-gov".to_owned(),
            issuer_origin: None,
            code_reuse_revokes_token: false,
            unknown_attribute_text: ScopeText::Realm,
            gzip: false,
            text_limit: 4096,
            repeated_parameters: Repeats::Refuse,
            unconsented_attribute_status: 403,
            legacy_callback: false,
            refresh_token: true,
            sandbox_bearer: true,
            unformatted_mixed_case: false,
            missing_items: MissingItems::Unavailable,
        }
    }
}

/// The settings where none were put in.
static DEFAULT: LazyLock<V3Settings> = LazyLock::new(V3Settings::default);

impl V3Settings {
    /// Those of a configuration.
    pub(super) fn of(config: &Config) -> &Self {
        config.profiles.get().unwrap_or(&DEFAULT)
    }
}

/// The type of the member `code` of an error body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeType {
    /// `"401"`, as the document types it for token.
    Text,
    /// `401`, as the document types it elsewhere.
    Number,
}

const SPELLINGS: [(&str, DescriptionSpelling); 3] = [
    ("hyphen", DescriptionSpelling::Hyphen),
    ("underscore", DescriptionSpelling::Underscore),
    ("both", DescriptionSpelling::Both),
];
const CODE_TYPES: [(&str, CodeType); 2] = [("text", CodeType::Text), ("number", CodeType::Number)];
const SCOPE_TEXTS: [(&str, ScopeText); 2] = [("realm", ScopeText::Realm), ("client", ScopeText::Client)];
const REPEATS: [(&str, Repeats); 3] = [("refuse", Repeats::Refuse), ("first", Repeats::First), ("last", Repeats::Last)];
const MISSING_ITEMS: [(&str, MissingItems); 2] =
    [("unavailable", MissingItems::Unavailable), ("omitted", MissingItems::Omitted)];
const ERRORS: RangeInclusive<u64> = 400..=599;
const DAY: u64 = 86_400;

/// Lays the table over the defaults.
pub(super) fn read(config: &mut Config, mut table: TableReader<'_, '_>, _: &Path, findings: &mut Findings<'_>) {
    let mut v3 = V3Settings::of(config).clone();
    fields(&mut v3, &mut Reading { table: &mut table, findings });
    if let Some((origin, span)) = table.string("issuer_origin", findings) {
        match check_public_url(&origin) {
            Ok(origin) => v3.issuer_origin = Some(origin),
            Err(message) => findings.note(&span, table.key("issuer_origin"), message),
        }
    }
    if v3.nonce_window_seconds < 2 * v3.skew_seconds {
        let message =
            format!("must be at least twice `skew_seconds` ({}), or a nonce could be used again", v3.skew_seconds);
        let place = table.place(&["nonce_window_seconds", "skew_seconds"]);
        findings.note(&place, table.key("nonce_window_seconds"), message);
    }
    table.finish(findings);
    config.profiles.put(v3);
}

/// What they are set to.
pub(super) fn shown(config: &Config) -> Vec<Shown> {
    let mut v3 = V3Settings::of(config).clone();
    let mut listing = Listing::default();
    fields(&mut v3, &mut listing);
    listing.0.push(Shown::text("issuer_origin", v3.issuer_origin, "the origin that was called"));
    listing.0
}

/// Every setting that has a default of its own.
fn fields(v3: &mut V3Settings, fields: &mut impl Fields) {
    fields.choice("error_description", &SPELLINGS, &mut v3.error_description);
    fields.number("bad_signature_status", ERRORS, &mut v3.bad_signature_status);
    fields.choice("token_error_code", &CODE_TYPES, &mut v3.token_error_code);
    fields.choice("person_error_code", &CODE_TYPES, &mut v3.person_error_code);
    fields.flag("error_fields", &mut v3.error_fields);
    fields.number("skew_seconds", 1..=DAY, &mut v3.skew_seconds);
    fields.number("nonce_window_seconds", 1..=2 * DAY, &mut v3.nonce_window_seconds);
    fields.number("code_lifetime_seconds", 1..=DAY, &mut v3.code_lifetime_seconds);
    fields.number("token_lifetime_seconds", 1..=DAY, &mut v3.token_lifetime_seconds);
    fields.number("unknown_client_status", ERRORS, &mut v3.unknown_client_status);
    fields.number("redirect_mismatch_status", ERRORS, &mut v3.redirect_mismatch_status);
    fields.text("gov_realm", &mut v3.gov_realm);
    fields.flag("code_reuse_revokes_token", &mut v3.code_reuse_revokes_token);
    fields.choice("unknown_attribute_text", &SCOPE_TEXTS, &mut v3.unknown_attribute_text);
    fields.flag("gzip", &mut v3.gzip);
    fields.number("text_limit", 1..=65_536, &mut v3.text_limit);
    fields.choice("repeated_parameters", &REPEATS, &mut v3.repeated_parameters);
    fields.number("unconsented_attribute_status", ERRORS, &mut v3.unconsented_attribute_status);
    fields.flag("legacy_callback", &mut v3.legacy_callback);
    fields.flag("refresh_token", &mut v3.refresh_token);
    fields.flag("sandbox_bearer", &mut v3.sandbox_bearer);
    fields.flag("unformatted_mixed_case", &mut v3.unformatted_mixed_case);
    fields.choice("missing_items", &MISSING_ITEMS, &mut v3.missing_items);
}
