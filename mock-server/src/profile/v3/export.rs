//! The files and variables that a client of v3 needs.

use super::client::Client;
use crate::config::{ClientRegistration, Config};
use crate::profile::{Export, P12_PASSPHRASE};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::x509::X509;

/// What v3 exports for a client; nothing for a client of others.
///
/// A client whose private key the mock does not have gets the public files only.
pub(super) fn export(config: &Config, client: &ClientRegistration, base_url: &str) -> anyhow::Result<Export> {
    let Some(client) = Client::of(client) else { return Ok(Export::default()) };
    let service = X509::from_pem(config.service.rsa.certificate_pem.as_bytes())?;
    let mut files = vec![
        ("myinfo-cert.pem", service.to_pem()?),
        ("myinfo-cert.der", service.to_der()?),
        ("myinfo-public-key.pem", service.public_key()?.public_key_to_pem()?),
    ];
    files.extend(client_files(client)?);
    let redirect = client.common.redirect_uris.first().cloned().unwrap_or_default();
    let variables = vec![
        ("MYINFO_CLIENT_ID", client.id.to_owned()),
        ("MYINFO_CLIENT_SECRET", client.v3.secret.reveal().to_owned()),
        ("MYINFO_REDIRECT_URL", redirect),
        ("MYINFO_BASE_URL", base_url.to_owned()),
    ];
    Ok(Export { files, variables })
}

fn client_files(client: Client<'_>) -> anyhow::Result<Vec<(&'static str, Vec<u8>)>> {
    let mut files = Vec::new();
    let certificate = client.v3.key.as_ref().and_then(|key| key.material.certificate.clone());
    match (&certificate, &client.v3.key) {
        (Some(certificate), _) => files.push(("client-cert.pem", certificate.to_pem()?)),
        (None, Some(key)) => files.push(("client-public-key.pem", key.material.key.public_key_to_pem()?)),
        (None, None) => {}
    }
    let Some(private) = &client.v3.private_key else {
        return Ok(files);
    };
    files.push(("client-key.pem", private.private_key_to_pem_pkcs8()?));
    let Some(certificate) = certificate else {
        return Ok(files);
    };
    let mut modern = Pkcs12::builder();
    modern.name(client.id).pkey(private).cert(&certificate);
    files.push(("client.p12", modern.build2(P12_PASSPHRASE)?.to_der()?));
    // old readers know neither AES nor SHA-256 in a PKCS#12; OpenSSL 3 reads this form without its legacy provider
    let mut legacy = Pkcs12::builder();
    legacy.name(client.id).pkey(private).cert(&certificate);
    legacy.key_algorithm(Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC);
    legacy.cert_algorithm(Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC);
    legacy.mac_md(MessageDigest::sha1());
    files.push(("client-legacy.p12", legacy.build2(P12_PASSPHRASE)?.to_der()?));
    Ok(files)
}
