//! From a certificate and its key to something that accepts TLS connections: versions 1.2 and 1.3, HTTP/1.1 and HTTP/2.

use super::authority::Identity;
use crate::jose::key as keys;
use anyhow::{Context, Result};
use openssl::x509::X509;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// An acceptor for an identity.
pub(crate) fn acceptor(identity: &Identity) -> Result<TlsAcceptor> {
    let chain = X509::stack_from_pem(identity.chain_pem.as_bytes()).context("the TLS certificate")?;
    let chain = chain.iter().map(|certificate| Ok(CertificateDer::from(certificate.to_der()?)));
    let chain = chain.collect::<Result<Vec<_>>>().context("the TLS certificate")?;
    let key = openssl::pkey::PKey::private_key_from_pem(identity.key_pem.as_bytes()).context("the TLS key")?;
    let key = PrivateKeyDer::try_from(key.private_key_to_pkcs8()?).map_err(anyhow::Error::msg)?;
    // named explicitly: the plain builder panics where two providers are compiled in
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("the TLS certificate and its key do not fit together")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// An identity of the user's own, checked in plain words.
pub(crate) fn own_identity(certificate: &[u8], key: &[u8]) -> Result<Identity> {
    let chain = keys::read_chain(certificate).context("the TLS certificate")?;
    let key = keys::read_any_private(key).context("the TLS key")?;
    let leaf = chain.first().context("the TLS certificate")?;
    anyhow::ensure!(leaf.public_key()?.public_eq(&key), "the TLS key does not belong to the certificate");
    let pems = chain.iter().map(|certificate| Ok(String::from_utf8(certificate.to_pem()?)?));
    let chain_pem = pems.collect::<Result<String>>()?;
    let key_pem = String::from_utf8(key.private_key_to_pem_pkcs8()?)?;
    Ok(Identity { chain_pem, key_pem })
}
