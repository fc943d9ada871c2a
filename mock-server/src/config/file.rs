//! The configuration file: TOML text to [`Config`], or every mistake in it.

use super::address::{listen_address, tls_fault};
use super::reader::{Findings, Problem, TableReader};
use super::section::Section;
use super::sources::{Begun, Sources};
use super::{
    ClientRegistration, Config, Flavour, RSA, Secret, ServiceKey, ServiceKeys, TlsFault, read_material, read_passphrase,
};
use crate::jose::key::{KeyError, read_private, read_public};
use crate::parts::Settings;
use crate::tls::acceptor::own_identity;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;
use toml::de::DeTable;
use warp::http::Uri;

/// The names of the flavours in the file.
pub(crate) const FLAVOURS: [(&str, Flavour); 2] = [("test", Flavour::Test), ("sandbox", Flavour::Sandbox)];

/// The port on which the mock listens unless told otherwise.
const DEFAULT_PORT: u16 = 5156;

/// Reads a table of the file.
type Apply = fn(&mut Config, TableReader<'_, '_>, &Path, &mut Findings<'_>);

impl Config {
    /// The configuration without any file: port 5156 on loopback, the built-in keys, and what each profile brings.
    pub(crate) fn of(sections: &[&Section]) -> anyhow::Result<Self> {
        let private = read_private(myinfo_fixtures::keys::MYINFO_KEY_PEM.as_bytes(), None, RSA)?;
        let certificate_pem = myinfo_fixtures::keys::MYINFO_CERT_PEM.to_owned();
        let mut config = Self {
            http: SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)),
            https: None,
            proxy: None,
            https_faults: Vec::new(),
            state_dir: None,
            tls: None,
            public_urls: Vec::new(),
            redirect_uris: Vec::new(),
            flavour: Flavour::Test,
            auto_login: None,
            patience: Duration::from_secs(10),
            personas: None,
            clients: BTreeMap::new(),
            service: ServiceKeys { rsa: ServiceKey { private, certificate_pem } },
            journal_exchanges: 1_000,
            explain: false,
            admin_token: None,
            remarks: Vec::new(),
            profiles: Settings::default(),
            sources: Sources::default(),
        };
        sections.iter().try_for_each(|section| (section.built_in)(&mut config))?;
        Ok(config)
    }

    /// The same with what a file's text says on top, as far as it could be read, and its mistakes; relative paths in it start at `folder`.
    pub(crate) fn read_all(
        text: &str,
        folder: &Path,
        sections: &[&Section],
    ) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        let mut findings = Findings::new(text);
        let mut config = match Self::of(sections) {
            Ok(config) => config,
            Err(error) => {
                findings.note(&(0..0), "", error.to_string());
                return Err(findings.into_told().1);
            }
        };
        match DeTable::parse(text) {
            Err(error) => findings.note(&error.span().unwrap_or(0..0), "", error.message()),
            Ok(table) => config.apply(TableReader::new(table.get_ref(), "", 0..0), sections, folder, &mut findings),
        }
        config.sources.note(&findings);
        let (remarks, problems) = findings.into_told();
        config.remarks = remarks;
        Ok((config, problems))
    }

    /// Notes the name of the file that it was read from.
    pub(crate) fn named(mut self, file: &str) -> Self {
        self.sources.file = Some(file.to_owned());
        self
    }

    /// Adds a base URL under which clients reach the server.
    ///
    /// # Errors
    /// When the text is no base URL.
    pub fn add_public_url(&mut self, url: &str) -> anyhow::Result<()> {
        self.public_urls.push(check_public_url(url).map_err(anyhow::Error::msg)?);
        Ok(())
    }

    /// Adds a redirect URI to every client that is registered.
    ///
    /// # Errors
    /// When it can be none.
    pub fn add_redirect_uri(&mut self, uri: &str) -> anyhow::Result<()> {
        if let Some(problem) = super::address::redirect_problem(uri) {
            anyhow::bail!("the redirect URI `{uri}` {problem}");
        }
        self.redirect_uris.push(uri.to_owned());
        self.give_redirect_uris();
        Ok(())
    }

    /// Gives every client those that are everybody's.
    fn give_redirect_uris(&mut self) {
        for client in self.clients.values_mut() {
            let new = self.redirect_uris.iter().filter(|uri| !client.redirect_uris.contains(uri));
            client.redirect_uris.extend(new.cloned().collect::<Vec<_>>());
        }
    }

    /// Reads the tables of a file.
    pub(super) fn apply(
        &mut self,
        mut root: TableReader<'_, '_>,
        sections: &[&Section],
        folder: &Path,
        findings: &mut Findings<'_>,
    ) {
        for (name, apply) in
            [("server", Self::apply_server as Apply), ("service", Self::apply_service), ("tls", Self::apply_tls)]
        {
            self.apply_table(&mut root, name, (folder, findings), apply);
        }
        for section in sections {
            self.apply_table(&mut root, section.name, (folder, findings), section.settings);
        }
        let mut seen = BTreeSet::new();
        for table in root.tables("client", findings) {
            let (span, path, begun) = (table.span(), table.path().to_owned(), Begun::new(&table, findings));
            if let Some(client) = read_client(table, sections, folder, findings) {
                self.sources.add_client(&client.id, path, begun.ended(findings));
                if !seen.insert(client.id.clone()) {
                    findings.note(&span, "client.id", format!("`{}` is registered twice", client.id));
                }
                self.clients.insert(client.id.clone(), client);
            }
        }
        self.give_redirect_uris();
        root.finish(findings);
    }

    fn apply_table(
        &mut self,
        root: &mut TableReader<'_, '_>,
        name: &'static str,
        (folder, findings): (&Path, &mut Findings<'_>),
        apply: Apply,
    ) {
        let Some(table) = root.table(name, findings) else { return };
        let begun = Begun::new(&table, findings);
        apply(self, table, folder, findings);
        self.sources.table(name, begun.ended(findings));
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
        self.redirect_uris.extend(read_redirect_uris(&mut table, findings).unwrap_or_default());
        self.https_faults.extend(read_https_faults(&mut table, findings));
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
            // an empty one is what `config show` leaves: an option may still give it ([`Config::check_admin_token`])
            if !token.is_empty() && token.len() < 8 || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
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
        table.moved(&["key", "certificate", "passphrase"], "rsa", findings);
        if let Some(rsa) = table.table("rsa", findings) {
            self.apply_rsa_key(rsa, folder, findings);
        }
        table.finish(findings);
    }

    fn apply_rsa_key(&mut self, mut table: TableReader<'_, '_>, folder: &Path, findings: &mut Findings<'_>) {
        let passphrase = read_passphrase(&mut table, findings);
        let key = read_material(&mut table, "key", folder, findings);
        let certificate = read_material(&mut table, "certificate", folder, findings);
        let span = table.span();
        match (key, certificate) {
            (None, None) => {}
            (Some((key, key_span)), Some((certificate, certificate_span))) => {
                match service_key(&key, &certificate, passphrase.as_deref()) {
                    Ok(service) => self.service.rsa = service,
                    Err((field, error)) => {
                        let span = if field == "key" { key_span } else { certificate_span };
                        findings.note(&span, table.key(field), error.to_string());
                    }
                }
            }
            _ => findings.note(&span, "service.rsa", "`key` and `certificate` belong together: give both"),
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
    listen_address(&text).map_err(|message| findings.note(&span, table.key(name), message)).ok()
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
    sections: &[&Section],
    folder: &Path,
    findings: &mut Findings<'_>,
) -> Option<ClientRegistration> {
    let before = findings.count();
    let span = table.span();
    let id = table.string("id", findings).map(|(id, _)| id);
    if id.is_none() && findings.count() == before {
        findings.note(&span, table.key("id"), "is missing; every client needs `id` and `redirect_uris`");
    }
    if id.as_deref().is_some_and(has_odd_characters) {
        findings.note(&table.place(&["id"]), table.key("id"), ODD_CHARACTERS);
    }
    let name = table.string("name", findings).map(|(name, _)| name);
    let redirect_uris = read_own_redirect_uris(&mut table, findings);
    let auto_login = table.string("auto_login", findings).map(|(persona, _)| persona);
    let id_or_empty = id.clone().unwrap_or_default();
    let mut client = ClientRegistration {
        name: name.unwrap_or_else(|| id_or_empty.clone()),
        id: id_or_empty,
        redirect_uris,
        auto_login,
        secrets: Vec::new(),
        profiles: Settings::default(),
    };
    let moved = sections.iter().any(|section| table.moved(section.client_keys, section.name, findings));
    let mut profiles = 0;
    for section in sections {
        if let Some(table) = table.table(section.name, findings) {
            profiles += 1;
            (section.client)(&mut client, table, folder, findings);
        }
    }
    if profiles == 0 && !moved && findings.count() == before {
        let tables: Vec<String> = sections.iter().map(|section| format!("[client.{}]", section.name)).collect();
        findings.note(&span, table.path(), format!("is no client of any profile: give it {}", tables.join(" or ")));
    }
    table.finish(findings);
    id.map(|_| client)
}

/// What must not stand in a client's id or secret: they are compared and signed as they are.
pub(crate) fn has_odd_characters(text: &str) -> bool {
    text.trim().is_empty() || text.contains(['"', '\\']) || text.chars().any(char::is_control)
}

/// What to say of it.
pub(crate) const ODD_CHARACTERS: &str = "must not be empty, nor hold quotes, backslashes or control characters";

fn read_own_redirect_uris(table: &mut TableReader<'_, '_>, findings: &mut Findings<'_>) -> Vec<String> {
    let before = findings.count();
    let Some(uris) = read_redirect_uris(table, findings) else {
        if findings.count() == before {
            findings.note(&table.span(), table.key("redirect_uris"), "is missing; give the exact callback addresses");
        }
        return Vec::new();
    };
    if uris.is_empty() {
        findings.note(
            &table.place(&["redirect_uris"]),
            table.key("redirect_uris"),
            "is empty; give the exact callback addresses",
        );
    }
    uris
}

fn read_redirect_uris(table: &mut TableReader<'_, '_>, findings: &mut Findings<'_>) -> Option<Vec<String>> {
    let uris = table.strings("redirect_uris", findings)?;
    for (uri, span) in &uris {
        if let Some(problem) = super::address::redirect_problem(uri) {
            findings.note(span, table.key("redirect_uris"), format!("`{uri}` {problem}"));
        }
    }
    Some(uris.into_iter().map(|(uri, _)| uri).collect())
}

fn read_https_faults(table: &mut TableReader<'_, '_>, findings: &mut Findings<'_>) -> Vec<(TlsFault, SocketAddr)> {
    let listed = table.strings("https_faults", findings).unwrap_or_default();
    let read = listed.into_iter().filter_map(|(text, span)| {
        tls_fault(&text).map_err(|message| findings.note(&span, table.key("https_faults"), message)).ok()
    });
    read.collect()
}
