//! `export`: the files that a client needs, whichever client it is.

use crate::config::{ClientRegistration, Config};
use crate::jose::jwk::thumbprint;
use anyhow::{Context, bail};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::x509::X509;
use p12_keystore::{Certificate, KeyStore, KeyStoreEntry};
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The passphrase of the exported PKCS#12 files; it guards nothing, but most readers refuse an empty one.
pub const P12_PASSPHRASE: &str = "myinfo-mock";

/// Writes the files of `client` into `directory` and returns their paths.
///
/// A client whose private key the mock does not have gets the public files only.
///
/// # Errors
/// When the client is not registered or a file cannot be written.
pub fn export(
    config: &Config,
    client_id: Option<&str>,
    base_url: &str,
    directory: &Path,
) -> anyhow::Result<Vec<PathBuf>> {
    let id = client_id.unwrap_or(myinfo_fixtures::keys::CLIENT_ID);
    let Some(client) = config.clients.get(id) else {
        let known = config.clients.keys().map(String::as_str);
        bail!("the client `{id}` is not registered{}", crate::text::meant(id, known));
    };
    std::fs::create_dir_all(directory).with_context(|| format!("{} cannot be made", directory.display()))?;
    let service = X509::from_pem(config.service.certificate_pem.as_bytes())?;
    let authority = crate::trust::authority_pem(config)?;
    let mut files = vec![
        ("myinfo-cert.pem", service.to_pem()?),
        ("myinfo-cert.der", service.to_der()?),
        ("myinfo-public-key.pem", service.public_key()?.public_key_to_pem()?),
        ("truststore.p12", trust_store(&authority)?),
        ("ca.pem", authority.into_bytes()),
        ("env", environment(client, base_url).into_bytes()),
    ];
    files.extend(client_files(client)?);
    let mut written = Vec::new();
    for (name, content) in files {
        let path = directory.join(name);
        write_private(&path, &content).with_context(|| format!("{} cannot be written", path.display()))?;
        written.push(path);
    }
    Ok(written)
}

fn client_files(client: &ClientRegistration) -> anyhow::Result<Vec<(&'static str, Vec<u8>)>> {
    let mut files = Vec::new();
    let certificate = client.key.as_ref().and_then(|key| key.material.certificate.clone());
    match (&certificate, &client.key) {
        (Some(certificate), _) => files.push(("client-cert.pem", certificate.to_pem()?)),
        (None, Some(key)) => files.push(("client-public-key.pem", key.material.key.public_key_to_pem()?)),
        (None, None) => {}
    }
    let Some(private) = &client.private_key else {
        return Ok(files);
    };
    files.push(("client-key.pem", private.0.private_key_to_pem_pkcs8()?));
    let Some(certificate) = certificate else {
        return Ok(files);
    };
    let mut modern = Pkcs12::builder();
    modern.name(&client.id).pkey(&private.0).cert(&certificate);
    files.push(("client.p12", modern.build2(P12_PASSPHRASE)?.to_der()?));
    // old readers know neither AES nor SHA-256 in a PKCS#12; OpenSSL 3 reads this form without its legacy provider
    let mut legacy = Pkcs12::builder();
    legacy.name(&client.id).pkey(&private.0).cert(&certificate);
    legacy.key_algorithm(Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC);
    legacy.cert_algorithm(Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC);
    legacy.mac_md(MessageDigest::sha1());
    files.push(("client-legacy.p12", legacy.build2(P12_PASSPHRASE)?.to_der()?));
    Ok(files)
}

/// The authority as a trust store for Java, which ignores certificates without an attribute of its own.
fn trust_store(authority_pem: &str) -> anyhow::Result<Vec<u8>> {
    let certificate = Certificate::from_der(&X509::from_pem(authority_pem.as_bytes())?.to_der()?)?;
    let mut store = KeyStore::new();
    store.add_entry("myinfo-mock", KeyStoreEntry::Certificate(certificate));
    Ok(store.writer(P12_PASSPHRASE).write()?)
}

/// Shell lines; every value in single quotes.
fn environment(client: &ClientRegistration, base_url: &str) -> String {
    let redirect = client.redirect_uris.first().map_or("", String::as_str);
    let lines = [
        ("MYINFO_CLIENT_ID", client.id.as_str()),
        ("MYINFO_CLIENT_SECRET", client.secret.reveal()),
        ("MYINFO_REDIRECT_URL", redirect),
        ("MYINFO_BASE_URL", base_url),
    ];
    let quoted = |value: &str| value.replace('\'', r"'\''");
    lines.iter().fold(String::new(), |text, (name, value)| format!("{text}export {name}='{}'\n", quoted(value)))
}

/// Secrets are among the files: only their owner may read them.
fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(content)
}

/// The base URL that the `env` file names: the first public URL, or where the server listens.
pub fn base_url(config: &Config) -> String {
    config.public_urls.first().cloned().unwrap_or_else(|| format!("http://{}", config.http))
}

/// The service's `kid`: the RFC 7638 thumbprint of its key.
///
/// # Errors
/// When OpenSSL cannot read the key's numbers.
pub fn service_kid(config: &Config) -> anyhow::Result<String> {
    Ok(thumbprint(&config.service.private)?)
}
