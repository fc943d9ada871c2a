//! What a client is to FAPI: its table `[client.fapi]`, and the built-in ones.

use super::client_keys::Keys;
use super::settings::FapiSettings;
use crate::config::reader::{Findings, TableReader};
use crate::config::section::ClientKeys;
use crate::config::shown::{Shown, ShownValue};
use crate::config::{ClientRegistration, Config, read_material};
use crate::jose::jwk_set::JwkSet;
use crate::parts::Settings;
use crate::persona::catalogue::{Catalogue, Version};
use crate::profile::Export;
use anyhow::Context;
use myinfo_fixtures::keys::ec;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use warp::http::Uri;

/// FAPI's part of a client.
#[derive(Debug, Clone)]
pub(in crate::profile) struct FapiClient {
    pub(in crate::profile) app: App,
    pub(super) keys: Keys,
    /// The scopes that it may ask for; absent means all of its kind.
    pub(in crate::profile) scopes: Option<Vec<String>>,
    /// Whether it may ask for a level of authentication.
    pub(super) acr: bool,
    /// Whether `export` writes the private keys: they are the testbed's own.
    own_keys: bool,
}

/// The kinds of applications. DOC, developer portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::profile) enum App {
    Myinfo,
    Login,
}

const APPS: [(&str, App); 2] = [("myinfo", App::Myinfo), ("login", App::Login)];

impl App {
    pub(in crate::profile) fn name(self) -> &'static str {
        APPS.iter().find(|(_, app)| *app == self).map_or("", |(name, _)| name)
    }

    /// Whether a scope belongs to this kind: the catalogue's for Myinfo, five for Login.
    pub(in crate::profile) fn has_scope(self, scope: &str, catalogue: &Catalogue) -> bool {
        scope == "openid"
            || match self {
                Self::Login => LOGIN_SCOPES.contains(&scope),
                Self::Myinfo => catalogue.is_scope(Version::V5, scope),
            }
    }

    /// What to say of a scope that is none of this kind's: what it may have been meant to be.
    pub(in crate::profile) fn instead_of(self, scope: &str, catalogue: &Catalogue) -> String {
        if self == Self::Login {
            return format!("there are openid, {}", LOGIN_SCOPES.join(", "));
        }
        match catalogue.nearest_scopes(Version::V5, scope) {
            near if near.is_empty() => "no scope is near to it; ask for `openid` and names such as `uinfin`".to_owned(),
            near => format!("near to it: {}", near.join(", ")),
        }
    }
}

/// What a Login app may ask for beside `openid`. DOC, 1. Authorization request. `sub_account` is dead text there, and taken.
pub(super) const LOGIN_SCOPES: [&str; 5] = ["user.identity", "name", "email", "mobileno", "sub_account"];

/// The client, where it is one of FAPI's.
pub(in crate::profile) fn of(client: &ClientRegistration) -> Option<&FapiClient> {
    client.profiles.get()
}

/// The keys of `[client.fapi]`.
pub(super) const KEYS: &[&str] = &["app", "jwks", "jwks_url", "scopes", "acr"];

/// Reads `[client.fapi]`.
pub(super) fn read(
    client: &mut ClientRegistration,
    mut table: TableReader<'_, '_>,
    folder: &Path,
    findings: &mut Findings<'_>,
) {
    let before = findings.count();
    let span = table.span();
    let app = table.one_of("app", &APPS, findings);
    if app.is_none() && findings.count() == before {
        findings.note(&span, table.key("app"), "is missing: `myinfo` or `login`");
    }
    let app = app.unwrap_or(App::Myinfo);
    let keys = read_keys(&mut table, folder, findings);
    if keys.is_none() && findings.count() == before {
        findings.note(
            &span,
            table.key("jwks"),
            "is missing: the client's public JWK Set, its text or a path; or `jwks_url`, its address",
        );
    }
    let scopes = read_scopes(&mut table, app, findings);
    let acr = table.boolean("acr", findings).unwrap_or_default();
    table.finish(findings);
    client.profiles.put(FapiClient {
        app,
        keys: keys.unwrap_or_else(|| Keys::Registered(Arc::default())),
        scopes,
        acr,
        own_keys: false,
    });
}

fn read_keys(table: &mut TableReader<'_, '_>, folder: &Path, findings: &mut Findings<'_>) -> Option<Keys> {
    let registered = read_set(table, folder, findings);
    let Some((url, span)) = table.string("jwks_url", findings) else {
        return registered.map(|set| Keys::Registered(Arc::new(set)));
    };
    if registered.is_some() {
        findings.note(&span, table.key("jwks_url"), "stands beside `jwks`: a client has its keys in one place");
    }
    match check_address(&url) {
        Ok(None) => {}
        Ok(Some(remark)) => findings.remark(&span, table.key("jwks_url"), remark),
        Err(problem) => findings.note(&span, table.key("jwks_url"), problem),
    }
    Some(Keys::At(url))
}

/// What is wrong with the address of a set; or what the real service would not take of it. (DOC, Technical concepts,
/// JWKS: public, https, port 443.)
fn check_address(url: &str) -> Result<Option<&'static str>, &'static str> {
    let uri: Uri = url.parse().map_err(|_| "is no URL: https:// or http://, a host, a path")?;
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err("holds a user name: a JWK Set is public");
    }
    match (uri.scheme_str(), uri.host(), uri.port_u16()) {
        (Some("https"), Some(_), None | Some(443)) => Ok(None),
        (Some("https"), Some(_), Some(_)) => Ok(Some("has a port of its own; Singpass fetches from 443 alone")),
        (Some("http"), Some(_), _) => Ok(Some("is not https; Singpass fetches with https alone")),
        _ => Err("is no address that can be fetched: https:// or http://, a host, a path"),
    }
}

fn read_set(table: &mut TableReader<'_, '_>, folder: &Path, findings: &mut Findings<'_>) -> Option<JwkSet> {
    let (bytes, span) = read_material(table, "jwks", folder, findings)?;
    let read = JwkSet::read(&String::from_utf8_lossy(&bytes));
    let noted = read.map_err(|problems| {
        for problem in problems {
            findings.note(&span, table.key("jwks"), problem);
        }
    });
    noted.ok()
}

fn read_scopes(table: &mut TableReader<'_, '_>, app: App, findings: &mut Findings<'_>) -> Option<Vec<String>> {
    let listed = table.strings("scopes", findings)?;
    let catalogue = Catalogue::embedded()?;
    for (scope, span) in &listed {
        if !app.has_scope(scope, catalogue) {
            let instead = if findings.has_room() { app.instead_of(scope, catalogue) } else { String::new() };
            let message = format!("`{scope}` is no scope of a {} app; {instead}", app.name());
            findings.note(span, table.key("scopes"), message);
        }
    }
    Some(listed.into_iter().map(|(scope, _)| scope).collect())
}

/// The part of the samples' file that FAPI uses.
#[derive(Deserialize)]
struct Samples {
    fapi: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
    client_id: String,
    redirect_uris: Vec<String>,
    scopes: String,
    jwks: Value,
}

/// The ids of the testbed's own clients: 32 characters, as the portal gives them.
pub(in crate::profile) const OWN_MYINFO: &str = "TESTBEDxMYINFOxAPPx0000000000001";
/// What a Myinfo app asks for whose scopes are not limited: what the demo application shows.
const DEMO_SCOPE: &str = "openid uinfin name sex dob nationality birthcountry regadd";
pub(super) const OWN_LOGIN: &str = "TESTBEDxLOGINxAPPx00000000000002";

/// Puts in the default settings and the built-in clients.
pub(super) fn built_in(config: &mut Config) -> anyhow::Result<()> {
    config.profiles.put(FapiSettings::new()?);
    let samples: Samples =
        serde_json::from_str(myinfo_fixtures::SAMPLE_CLIENTS_JSON).context("the embedded sample clients")?;
    for sample in samples.fapi {
        let keys = set(&sample.jwks.to_string())?;
        let scopes = Some(sample.scopes.split(' ').map(str::to_owned).collect());
        let own = FapiClient { app: App::Myinfo, keys, scopes, acr: false, own_keys: false };
        add(config, (&sample.client_id, "Singpass demo application"), sample.redirect_uris, own);
    }
    for (id, name, app) in
        [(OWN_MYINFO, "Testbed Myinfo app", App::Myinfo), (OWN_LOGIN, "Testbed Login app", App::Login)]
    {
        let own = FapiClient { app, keys: set(&own_keys(ec::CLIENT_JWKS)?)?, scopes: None, acr: true, own_keys: true };
        add(config, (id, name), vec![myinfo_fixtures::keys::CLIENT_REDIRECT_URI.to_owned()], own);
    }
    Ok(())
}

/// The keys on P-256 out of the fixtures' set: one to sign and one to be encrypted for, which every library can use.
fn own_keys(set: &str) -> anyhow::Result<String> {
    let mut set: Value = serde_json::from_str(set)?;
    if let Some(keys) = set.get_mut("keys").and_then(Value::as_array_mut) {
        keys.retain(|key| key.get("crv").is_some_and(|curve| curve == "P-256"));
    }
    Ok(format!("{set:#}\n"))
}

fn set(text: &str) -> anyhow::Result<Keys> {
    let read = JwkSet::read(text).map(|set| Keys::Registered(Arc::new(set)));
    read.map_err(|problems| anyhow::anyhow!("an embedded JWK Set: {}", problems.join("; ")))
}

fn add(config: &mut Config, (id, name): (&str, &str), redirect_uris: Vec<String>, own: FapiClient) {
    let mut profiles = Settings::default();
    profiles.put(own);
    let client = ClientRegistration {
        id: id.to_owned(),
        name: name.to_owned(),
        redirect_uris,
        auto_login: None,
        secrets: Vec::new(),
        profiles,
    };
    config.clients.insert(client.id.clone(), client);
}

/// FAPI's part of a client as the admin API shows it: its keys by their names.
pub(super) fn describe(client: &ClientRegistration) -> Option<Value> {
    let own = of(client)?;
    let (app, scopes, acr) = (own.app.name(), &own.scopes, own.acr);
    Some(match &own.keys {
        Keys::Registered(set) => {
            let keys = set.keys.iter().map(|key| {
                json!({"kid": key.kid, "use": key.usage, "alg": key.alg, "thumbprint": key.key.thumbprint().ok()})
            });
            json!({"app": app, "scopes": scopes, "acr": acr, "keys": keys.collect::<Vec<_>>()})
        }
        Keys::At(url) => json!({"app": app, "scopes": scopes, "acr": acr, "jwks_url": url}),
    })
}

/// RSA keys of a client: FAPI has none.
pub(super) fn keys(_: &ClientRegistration) -> ClientKeys<'_> {
    ClientKeys::default()
}

/// FAPI's part of a client, for `config show`.
pub(super) fn shown(client: &ClientRegistration) -> Option<Vec<Shown>> {
    let own = of(client)?;
    let keys = match &own.keys {
        Keys::Registered(_) => Shown::as_written("jwks", ""),
        Keys::At(url) => Shown::new("jwks_url", ShownValue::Text(url.clone())),
    };
    Some(vec![
        Shown::new("app", ShownValue::Text(own.app.name().to_owned())),
        keys,
        Shown::texts("scopes", own.scopes.as_ref(), "everything of its kind"),
        Shown::new("acr", ShownValue::Flag(own.acr)),
    ])
}

/// What a client of FAPI needs: its keys where the mock has them, and four variables.
pub(super) fn export(_: &Config, client: &ClientRegistration, base_url: &str) -> anyhow::Result<Export> {
    let Some(own) = of(client) else { return Ok(Export::default()) };
    let mut files = Vec::new();
    if own.own_keys {
        files.push(("client-jwks-private.json", own_keys(ec::CLIENT_JWKS_PRIVATE)?.into_bytes()));
        files.push(("client-jwks.json", own_keys(ec::CLIENT_JWKS)?.into_bytes()));
    }
    let scopes = own.scopes.as_ref().map_or_else(
        || if own.app == App::Login { "openid user.identity name".to_owned() } else { DEMO_SCOPE.to_owned() },
        |scopes| scopes.join(" "),
    );
    let variables = vec![
        ("MYINFO_FAPI_ISSUER", format!("{base_url}/fapi")),
        ("MYINFO_FAPI_CLIENT_ID", client.id.clone()),
        ("MYINFO_FAPI_REDIRECT_URL", client.redirect_uris.first().cloned().unwrap_or_default()),
        ("MYINFO_FAPI_SCOPE", scopes),
    ];
    Ok(Export { files, variables })
}
