//! `export`: the files that a client needs, whichever client it is.

use crate::config::{ClientRegistration, Config};
use crate::jose::jwk::thumbprint;
use crate::owned;
use crate::profile;
use crate::tls::trust_store::trust_store;
use anyhow::Context;
use openssl::x509::X509;
use std::io::Write;
use std::path::{Path, PathBuf};

pub use crate::profile::P12_PASSPHRASE;

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
    std::fs::create_dir_all(directory).with_context(|| format!("{} cannot be made", directory.display()))?;
    let authority = crate::trust::authority_pem(config)?;
    let certificate = X509::from_pem(authority.as_bytes())?.to_der()?;
    let trust_store = trust_store("myinfo-mock", &certificate, P12_PASSPHRASE)?;
    let mut files = vec![("truststore.p12", trust_store), ("ca.pem", authority.into_bytes())];
    let mut variables = Vec::new();
    for profile in profile::ALL {
        // without an id, each profile's own client of the testbed
        let client = registered(config, client_id.unwrap_or(profile.own_client))?;
        let export = (profile.export)(config, client, base_url)?;
        files.extend(export.files);
        variables.extend(export.variables);
    }
    files.push(("env", environment(&variables).into_bytes()));
    let mut written = Vec::new();
    for (name, content) in files {
        let path = directory.join(name);
        write_private(&path, &content).with_context(|| format!("{} cannot be written", path.display()))?;
        written.push(path);
    }
    Ok(written)
}

fn registered<'c>(config: &'c Config, id: &str) -> anyhow::Result<&'c ClientRegistration> {
    config.clients.get(id).with_context(|| {
        let near = crate::text::meant(id, config.clients.keys().map(String::as_str));
        format!("the client `{id}` is not registered{near}")
    })
}

/// Shell lines; every value in single quotes.
fn environment(variables: &[(&str, String)]) -> String {
    let quoted = |value: &str| value.replace('\'', r"'\''");
    variables.iter().fold(String::new(), |text, (name, value)| format!("{text}export {name}='{}'\n", quoted(value)))
}

/// Secrets are among the files: only their owner may read them.
fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = owned::file().create(true).truncate(true).open(path)?;
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
    Ok(thumbprint(&config.service.rsa.private)?)
}
