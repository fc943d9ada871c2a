//! The names in braces that stand for values of a configuration in the texts of a target file.

use crate::connector::setup::Setup;
use crate::connector::setup::fapi::FapiSetup;
use crate::connector::setup::oidc::OidcSetup;
use crate::connector::setup::v3::V3Setup;
use std::borrow::Cow;

/// What a name stands for.
type Value = for<'s> fn(&'s Setup) -> Cow<'s, str>;

/// The names that the application itself has a value for: its port, and its folder.
const OWN: [&str; 2] = ["port", "dir"];

/// The names whose values are those of the configuration; `docs/web-app-target.md` says what they are.
const VALUES: &[(&str, Value)] = &[
    ("base_url", |setup| setup.common.base_url.as_str().into()),
    ("authorise_url", |setup| of_v3(setup, |v3| v3.authorise_url.as_str().into())),
    ("token_url", |setup| of_v3(setup, |v3| v3.token_url.as_str().into())),
    ("person_url", |setup| of_v3(setup, |v3| v3.person_url.as_str().into())),
    ("context", |setup| of_v3(setup, |v3| v3.context.as_str().into())),
    ("flavour", |setup| of_v3(setup, |v3| v3.flavour.as_str().into())),
    ("sandbox", |setup| of_v3(setup, |v3| if v3.flavour == "sandbox" { "true".into() } else { "".into() })),
    ("client_id", |setup| setup.common.client_id.as_str().into()),
    ("client_secret", |setup| of_v3(setup, |v3| v3.client_secret.as_str().into())),
    ("redirect_uri", |setup| setup.common.redirect_uri.as_str().into()),
    ("attributes", |setup| of_v3(setup, |v3| v3.attributes.join(",").into())),
    ("purpose", |setup| of_v3(setup, |v3| v3.purpose.as_str().into())),
    ("esvc_id", |setup| of_v3(setup, |v3| or_nothing(v3.esvc_id.as_ref()))),
    ("txn_no", |setup| of_v3(setup, |v3| or_nothing(v3.txn_no.as_ref()))),
    ("passphrase", |setup| of_v3(setup, |v3| or_nothing(v3.private_key.passphrase.as_ref()))),
    ("private_key", |setup| of_v3(setup, |v3| or_nothing(v3.private_key.text.as_ref()))),
    ("private_key_base64", |setup| of_v3(setup, |v3| or_nothing(v3.private_key.base64.as_ref()))),
    ("certificate", |setup| of_v3(setup, |v3| v3.certificate.as_str().into())),
    ("myinfo_certificates", |setup| of_v3(setup, |v3| v3.myinfo_certificates.join("\n").into())),
    ("discovery_url", |setup| of_openid(setup, |fapi| &fapi.discovery_url, |oidc| &oidc.discovery_url)),
    ("app", |setup| of_openid(setup, |fapi| &fapi.app, |oidc| &oidc.app)),
    ("client_profile", |setup| of_openid(setup, |_| "", |oidc| &oidc.client_profile)),
    ("scopes", |setup| of_openid(setup, |fapi| &fapi.scopes, |oidc| &oidc.scopes)),
    ("context_type", |setup| of_fapi(setup, |fapi| or_nothing(fapi.context_type.as_ref()))),
    ("context_message", |setup| of_fapi(setup, |fapi| or_nothing(fapi.context_message.as_ref()))),
    ("acr_values", |setup| of_fapi(setup, |fapi| fapi.acr_values.join(" ").into())),
    ("private_jwks", |setup| of_openid(setup, |fapi| &fapi.private_jwks, |oidc| &oidc.private_jwks)),
    ("profile", |setup| setup.profile().name().into()),
    ("issuer", |setup| setup.common.issuer.as_str().into()),
    ("ca", |setup| or_nothing(setup.common.ca.as_ref())),
    ("timeout_seconds", |setup| {
        or_nothing(setup.common.timeout_seconds.map(|seconds| seconds.to_string()).as_ref()).into_owned().into()
    }),
];

/// What v3 has; nothing in another profile.
fn of_v3(setup: &Setup, value: for<'s> fn(&'s V3Setup) -> Cow<'s, str>) -> Cow<'_, str> {
    setup.as_v3().map_or_else(|| "".into(), value)
}

/// What FAPI has; nothing in another profile.
fn of_fapi(setup: &Setup, value: for<'s> fn(&'s FapiSetup) -> Cow<'s, str>) -> Cow<'_, str> {
    setup.as_fapi().map_or_else(|| "".into(), value)
}

/// What FAPI and the API before it have; nothing in v3.
fn of_openid(
    setup: &Setup,
    fapi: for<'s> fn(&'s FapiSetup) -> &'s str,
    oidc: for<'s> fn(&'s OidcSetup) -> &'s str,
) -> Cow<'_, str> {
    setup.as_fapi().map(fapi).or_else(|| setup.as_oidc().map(oidc)).unwrap_or_default().into()
}

fn or_nothing(value: Option<&String>) -> Cow<'_, str> {
    value.map_or("", String::as_str).into()
}

/// Every name.
pub(super) fn names() -> Vec<&'static str> {
    OWN.into_iter().chain(VALUES.iter().map(|(name, _)| *name)).collect()
}

/// Whether a name stands for something.
pub(super) fn is_value(name: &str) -> bool {
    names().contains(&name)
}

/// A text with the values of a configuration in the places of their names.
pub(super) fn filled(text: &str, setup: &Setup) -> String {
    VALUES.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value(setup)))
}
