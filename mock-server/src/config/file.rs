//! The configuration file: TOML text to [`Config`], or every mistake in it.

use super::RSA;
use super::reader::{ConfigError, Findings, Problem, TableReader};
use super::{
    ClientKey, ClientRegistration, Config, Flavour, PrivateKey, Secret, ServiceKey, SubKind, V3Settings, samples,
};
use crate::jose::key::{KeyError, read_private, read_public};
use crate::persona::catalogue::{Catalogue, Version};
use crate::tls::acceptor::own_identity;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::de::DeTable;
use warp::http::Uri;

const FLAVOURS: [(&str, Flavour); 2] = [("test", Flavour::Test), ("sandbox", Flavour::Sandbox)];

/// The port on which the mock listens unless told otherwise.
const DEFAULT_PORT: u16 = 5156;

impl Config {
    /// The configuration without any file: the sample clients, the built-in keys, port 5156 on loopback.
    ///
    /// # Errors
    /// When the embedded data do not parse, which a test rules out.
    pub fn built_in() -> anyhow::Result<Self> {
        let clients = samples::built_in()?.into_iter().map(|client| (client.id.clone(), client)).collect();
        let private = read_private(myinfo_fixtures::keys::MYINFO_KEY_PEM.as_bytes(), None, RSA)?;
        Ok(Self {
            http: SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)),
            https: None,
            proxy: None,
            https_faults: Vec::new(),
            state_dir: None,
            tls: None,
            public_urls: Vec::new(),
            flavour: Flavour::Test,
            auto_login: None,
            patience: Duration::from_secs(10),
            personas: None,
            clients,
            service: ServiceKey { private, certificate_pem: myinfo_fixtures::keys::MYINFO_CERT_PEM.to_owned() },
            journal_exchanges: 1_000,
            explain: false,
            admin_token: None,
            v3: V3Settings::default(),
        })
    }

    /// The built-in configuration with what `path` says on top; paths in the file are relative to its folder.
    ///
    /// # Errors
    /// All mistakes of the file at once, each with its line and key.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let origin = path.display().to_string();
        let alone = |message: String| ConfigError {
            origin: origin.clone(),
            problems: vec![Problem { line: 0, key: String::new(), message }],
        };
        let text = std::fs::read_to_string(path).map_err(|error| alone(format!("the file cannot be read: {error}")))?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        Self::from_toml(&text, folder).map_err(|problems| ConfigError { origin, problems })
    }

    /// The same from a text; `folder` is where relative paths start.
    ///
    /// # Errors
    /// All mistakes of the text.
    pub fn from_toml(text: &str, folder: &Path) -> Result<Self, Vec<Problem>> {
        let mut findings = Findings::new(text);
        let mut config = match Self::built_in() {
            Ok(config) => config,
            Err(error) => {
                findings.note(&(0..0), "", error.to_string());
                return Err(findings.problems);
            }
        };
        match DeTable::parse(text) {
            Err(error) => findings.note(&error.span().unwrap_or(0..0), "", error.message()),
            Ok(table) => config.apply(TableReader::new(table.get_ref(), "", 0..0), folder, &mut findings),
        }
        findings.problems.sort_by_key(|problem| problem.line);
        if findings.problems.is_empty() { Ok(config) } else { Err(findings.problems) }
    }

    /// Adds a base URL under which clients reach the server.
    ///
    /// # Errors
    /// When the text is no base URL.
    pub fn add_public_url(&mut self, url: &str) -> anyhow::Result<()> {
        self.public_urls.push(check_public_url(url).map_err(anyhow::Error::msg)?);
        Ok(())
    }

    fn apply(&mut self, mut root: TableReader<'_, '_>, folder: &Path, findings: &mut Findings<'_>) {
        if let Some(server) = root.table("server", findings) {
            self.apply_server(server, folder, findings);
        }
        if let Some(service) = root.table("service", findings) {
            self.apply_service(service, folder, findings);
        }
        if let Some(tls) = root.table("tls", findings) {
            self.apply_tls(tls, folder, findings);
        }
        if let Some(v3) = root.table("v3", findings) {
            super::v3::apply(&mut self.v3, v3, findings);
        }
        let mut seen = BTreeSet::new();
        for table in root.tables("client", findings) {
            let span = table.span();
            if let Some(client) = read_client(table, folder, findings) {
                if !seen.insert(client.id.clone()) {
                    findings.note(&span, "client.id", format!("`{}` is registered twice", client.id));
                }
                self.clients.insert(client.id.clone(), client);
            }
        }
        root.finish(findings);
    }

    fn apply_server(&mut self, mut table: TableReader<'_, '_>, folder: &Path, findings: &mut Findings<'_>) {
        if let Some(address) = read_address(&mut table, "http", findings) {
            self.http = address;
        }
        self.https = read_address(&mut table, "https", findings).or(self.https);
        self.proxy = read_address(&mut table, "proxy", findings).or(self.proxy);
        if let Some((directory, _)) = table.string("state_dir", findings) {
            self.state_dir = Some(folder.join(directory));
        }
        for (url, span) in table.strings("public_urls", findings).unwrap_or_default() {
            match check_public_url(&url) {
                Ok(url) => self.public_urls.push(url),
                Err(message) => findings.note(&span, table.key("public_urls"), message),
            }
        }
        if let Some(flavour) = table.one_of("flavour", &FLAVOURS, findings) {
            self.flavour = flavour;
        }
        if let Some(seconds) = table.number("client_seconds", 1..=600, findings) {
            self.patience = Duration::from_secs(seconds);
        }
        if let Some((persona, _)) = table.string("auto_login", findings) {
            self.auto_login = Some(persona);
        }
        if let Some(count) = table.number("journal_exchanges", 1..=100_000, findings) {
            self.journal_exchanges = usize::try_from(count).unwrap_or(self.journal_exchanges);
        }
        if let Some(explain) = table.boolean("explain", findings) {
            self.explain = explain;
        }
        if let Some((token, span)) = table.string("admin_token", findings) {
            if token.len() < 8 || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                findings.note(
                    &span,
                    table.key("admin_token"),
                    "needs eight characters or more, printable ASCII, no spaces",
                );
            }
            self.admin_token = Some(Secret::new(token));
        }
        if let Some((directory, span)) = table.string("personas", findings) {
            let directory = folder.join(directory);
            if directory.is_dir() {
                self.personas = Some(directory);
            } else {
                findings.note(&span, table.key("personas"), format!("`{}` is no directory", directory.display()));
            }
        }
        table.finish(findings);
    }

    fn apply_tls(&mut self, mut table: TableReader<'_, '_>, folder: &Path, findings: &mut Findings<'_>) {
        let key = read_material(&mut table, "key", folder, findings);
        let certificate = read_material(&mut table, "certificate", folder, findings);
        let span = table.span();
        match (key, certificate) {
            (None, None) => {}
            (Some((key, _)), Some((certificate, span))) => match own_identity(&certificate, &key) {
                Ok(identity) => self.tls = Some(identity),
                Err(error) => findings.note(&span, "tls", format!("{error:#}")),
            },
            _ => findings.note(&span, "tls", "`key` and `certificate` belong together: give both"),
        }
        table.finish(findings);
    }

    fn apply_service(&mut self, mut table: TableReader<'_, '_>, folder: &Path, findings: &mut Findings<'_>) {
        let passphrase = table.string("passphrase", findings).map(|(text, _)| text);
        let key = read_material(&mut table, "key", folder, findings);
        let certificate = read_material(&mut table, "certificate", folder, findings);
        let span = table.span();
        match (key, certificate) {
            (None, None) => {}
            (Some((key, key_span)), Some((certificate, certificate_span))) => {
                match service_key(&key, &certificate, passphrase.as_deref()) {
                    Ok(service) => self.service = service,
                    Err((field, error)) => {
                        let span = if field == "key" { key_span } else { certificate_span };
                        findings.note(&span, table.key(field), error.to_string());
                    }
                }
            }
            _ => findings.note(&span, "service", "`key` and `certificate` belong together: give both"),
        }
        table.finish(findings);
    }
}

fn read_address(
    table: &mut TableReader<'_, '_>,
    name: &'static str,
    findings: &mut Findings<'_>,
) -> Option<SocketAddr> {
    let (text, span) = table.string(name, findings)?;
    let address = text.parse().ok();
    if address.is_none() {
        findings.note(&span, table.key(name), format!("`{text}` is no address: write 127.0.0.1:5156"));
    }
    address
}

/// A public URL as the server uses it: scheme and authority, perhaps a path, no slash at the end.
pub(crate) fn check_public_url(url: &str) -> Result<String, String> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match host {
        Some(rest)
            if !rest.starts_with('/')
                && !rest.contains(['?', '#', ' '])
                && url.parse::<Uri>().is_ok_and(|uri| has_good_port(&uri)) =>
        {
            Ok(url.trim_end_matches('/').to_owned())
        }
        _ => Err(format!("`{url}` is no base URL: write https://test.api.myinfo.gov.sg, without query or fragment")),
    }
}

/// The URI type takes any digits for a port.
fn has_good_port(uri: &Uri) -> bool {
    let port = uri.authority().and_then(|authority| {
        authority.as_str().rsplit_once(']').map_or(authority.as_str().split_once(':'), |(_, rest)| rest.split_once(':'))
    });
    port.is_none_or(|(_, port)| port.parse::<u16>().is_ok())
}

fn service_key(
    key: &[u8],
    certificate: &[u8],
    passphrase: Option<&str>,
) -> Result<ServiceKey, (&'static str, KeyError)> {
    let private = read_private(key, passphrase, RSA).map_err(|error| ("key", error))?;
    let public = read_public(certificate, RSA).map_err(|error| ("certificate", error))?;
    if !public.key.public_eq(&private) {
        return Err(("certificate", KeyError::Mismatch));
    }
    let certificate_pem = public
        .certificate
        .and_then(|certificate| certificate.to_pem().ok())
        .and_then(|pem| String::from_utf8(pem).ok())
        .ok_or_else(|| {
            ("certificate", KeyError::Unknown { detail: ": a certificate is needed, not a bare key".to_owned() })
        })?;
    Ok(ServiceKey { private, certificate_pem })
}

fn read_client(
    mut table: TableReader<'_, '_>,
    folder: &Path,
    findings: &mut Findings<'_>,
) -> Option<ClientRegistration> {
    let before = findings.problems.len();
    let span = table.span();
    let id = table.string("id", findings).map(|(id, _)| id);
    let secret = table.string("secret", findings).map(|(secret, _)| Secret::new(secret));
    for (name, missing) in [("id", id.is_none()), ("secret", secret.is_none())] {
        if missing && findings.problems.len() == before {
            findings.note(&span, table.key(name), "is missing; every client needs `id`, `secret` and `redirect_uris`");
        }
    }
    for (name, value) in [("id", id.as_deref()), ("secret", secret.as_ref().map(Secret::reveal))] {
        if value.is_some_and(|value| {
            value.trim().is_empty() || value.contains(['"', '\\']) || value.chars().any(char::is_control)
        }) {
            findings.note(
                &span,
                table.key(name),
                "must not be empty, nor hold quotes, backslashes or control characters",
            );
        }
    }
    let name = table.string("name", findings).map(|(name, _)| name);
    let redirect_uris = read_redirect_uris(&mut table, findings);
    let attributes = read_attributes(&mut table, findings);
    let flavour = table.one_of("flavour", &FLAVOURS, findings);
    let sub = table.one_of("sub", &[("uuid", SubKind::Uuid), ("uinfin", SubKind::Uinfin)], findings);
    let auto_login = table.string("auto_login", findings).map(|(persona, _)| persona);
    let esvc_ids = table.strings("esvc_ids", findings).unwrap_or_default().into_iter().map(|(id, _)| id).collect();
    let (key, private_key) = read_client_keys(&mut table, folder, findings);
    if key.is_none() && flavour != Some(Flavour::Sandbox) && findings.problems.len() == before {
        findings.note(
            &span,
            table.key("certificate"),
            "is missing; without a certificate or public key only `flavour = \"sandbox\"` works",
        );
    }
    table.finish(findings);
    let id = id?;
    Some(ClientRegistration {
        name: name.unwrap_or_else(|| id.clone()),
        id,
        secret: secret?,
        redirect_uris,
        attributes,
        flavour,
        sub,
        auto_login,
        esvc_ids,
        key,
        private_key,
    })
}

fn read_redirect_uris(table: &mut TableReader<'_, '_>, findings: &mut Findings<'_>) -> Vec<String> {
    let Some(uris) = table.strings("redirect_uris", findings) else {
        if !findings.problems.iter().any(|problem| problem.key.ends_with("redirect_uris")) {
            findings.note(&table.span(), table.key("redirect_uris"), "is missing; give the exact callback addresses");
        }
        return Vec::new();
    };
    if uris.is_empty() {
        findings.note(&table.span(), table.key("redirect_uris"), "is empty; give the exact callback addresses");
    }
    for (uri, span) in &uris {
        // Myinfo: full host name, no `#`, no `*` (DOCS)
        let problem = if !uri.contains("://") {
            Some("is no absolute address: it needs a scheme and a host")
        } else if uri.contains('#') {
            Some("has a fragment (`#`); Myinfo does not register those")
        } else if uri.contains('*') {
            Some("has a wildcard (`*`); Myinfo registers exact addresses only")
        } else if !uri.bytes().all(|byte| byte.is_ascii_graphic()) {
            Some("has a space or a character outside ASCII: percent-encode it")
        } else {
            None
        };
        if let Some(problem) = problem {
            findings.note(span, table.key("redirect_uris"), format!("`{uri}` {problem}"));
        }
    }
    uris.into_iter().map(|(uri, _)| uri).collect()
}

fn read_attributes(table: &mut TableReader<'_, '_>, findings: &mut Findings<'_>) -> Option<Vec<String>> {
    let listed = table.strings("attributes", findings)?;
    let catalogue = Catalogue::load().ok()?;
    for (attribute, span) in &listed {
        if !catalogue.is_scope(Version::V3, attribute) {
            let near = catalogue
                .nearest_scopes(Version::V3, attribute)
                .first()
                .map_or_else(String::new, |best| format!("; did you mean `{best}`?"));
            findings.note(span, table.key("attributes"), format!("`{attribute}` is no v3 attribute{near}"));
        }
    }
    Some(listed.into_iter().map(|(attribute, _)| attribute).collect())
}

fn read_client_keys(
    table: &mut TableReader<'_, '_>,
    folder: &Path,
    findings: &mut Findings<'_>,
) -> (Option<ClientKey>, Option<PrivateKey>) {
    let kid = table.string("kid", findings).map(|(kid, _)| kid);
    let passphrase = table.string("passphrase", findings).map(|(text, _)| text);
    let key = read_material(table, "certificate", folder, findings).and_then(|(bytes, span)| {
        let read = read_public(&bytes, RSA).map_err(|error| error.to_string());
        let key = read.and_then(|material| ClientKey::new(material, kid).map_err(|error| error.to_string()));
        key.map_err(|error| findings.note(&span, table.key("certificate"), error)).ok()
    });
    let private = read_material(table, "private_key", folder, findings).and_then(|(bytes, span)| {
        let read = read_private(&bytes, passphrase.as_deref(), RSA);
        let read = read.and_then(|private| match &key {
            Some(key) if !key.material.key.public_eq(&private) => Err(KeyError::Mismatch),
            _ => Ok(PrivateKey(private)),
        });
        read.map_err(|error| findings.note(&span, table.key("private_key"), error.to_string())).ok()
    });
    (key, private)
}

/// Key material: a path, or the PEM or JWK text itself.
fn read_material(
    table: &mut TableReader<'_, '_>,
    name: &'static str,
    folder: &Path,
    findings: &mut Findings<'_>,
) -> Option<(Vec<u8>, Range<usize>)> {
    let (text, span) = table.string(name, findings)?;
    if text.contains("-----BEGIN") || text.trim_start().starts_with('{') {
        return Some((text.into_bytes(), span));
    }
    let path: PathBuf = folder.join(&text);
    match std::fs::read(&path) {
        Ok(bytes) => Some((bytes, span)),
        Err(error) => {
            findings.note(&span, table.key(name), format!("`{}` cannot be read: {error}", path.display()));
            None
        }
    }
}
