//! TLS that ends at the recorder and begins again behind it, and the way through a proxy to it.

use anyhow::{Context, Result};
use openssl::pkey::PKey;
use openssl::x509::X509;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::io::{self, Error, ErrorKind};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream as ToServer;
use tokio_rustls::server::TlsStream as ToClient;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// How long the head of a request to a proxy may be, and that of its answer.
const HEAD_LIMIT: usize = 16 * 1024;

/// Both ends of TLS: in the server's name to the client, and as a client to the server.
pub(super) struct TlsEnds {
    acceptor: TlsAcceptor,
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl std::fmt::Debug for TlsEnds {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TlsEnds")
    }
}

impl TlsEnds {
    /// With the server's own certificate and key, as PEM, which its authority vouches for; `name` is one of its names.
    pub(super) fn new(chain: &[u8], key: &[u8], authority: &[u8], name: &'static str) -> Result<Self> {
        let der = |pem: &[u8]| -> Result<Vec<CertificateDer<'static>>> {
            X509::stack_from_pem(pem)?.iter().map(|one| Ok(CertificateDer::from(one.to_der()?))).collect()
        };
        let key = PrivateKeyDer::try_from(PKey::private_key_from_pem(key)?.private_key_to_pkcs8()?);
        // named explicitly: the plain builders panic where no provider was installed
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(der(chain)?, key.map_err(anyhow::Error::msg)?)?;
        // requests are read as they are on the wire of HTTP/1.1
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        let mut roots = RootCertStore::empty();
        for certificate in der(authority)? {
            roots.add(certificate).context("the mock's authority")?;
        }
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(server)),
            connector: TlsConnector::from(Arc::new(client)),
            name: ServerName::try_from(name)?,
        })
    }

    /// Takes a client's TLS.
    pub(super) async fn accept(&self, client: TcpStream) -> io::Result<ToClient<TcpStream>> {
        self.acceptor.accept(client).await
    }

    /// Begins TLS with the server.
    pub(super) async fn connect(&self, server: TcpStream) -> io::Result<ToServer<TcpStream>> {
        self.connector.connect(self.name.clone(), server).await
    }
}

/// What a client said to a proxy first.
pub(super) enum Said {
    /// That it wants a tunnel, which is open now.
    Tunnel,
    /// The same, and the proxy refused.
    Refused,
    /// A request itself: its head, which the proxy has not got yet.
    Request(Vec<u8>),
}

/// Takes a client's first words to a proxy: passes `CONNECT` on, and the answer back.
pub(super) async fn tunnel(client: &mut TcpStream, proxy: &mut TcpStream) -> io::Result<Said> {
    let request = head(client).await?;
    if !request.starts_with(b"CONNECT ") {
        return Ok(Said::Request(request));
    }
    proxy.write_all(&request).await?;
    let answer = head(proxy).await?;
    client.write_all(&answer).await?;
    // `HTTP/1.1 200 OK`
    if answer.get(9..12) == Some(b"200") {
        return Ok(Said::Tunnel);
    }
    tokio::io::copy_bidirectional(client, proxy).await?;
    Ok(Said::Refused)
}

/// The head of a message and not a byte more: what is behind it is the tunnel's.
async fn head(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == HEAD_LIMIT {
            return Err(Error::new(ErrorKind::InvalidData, "the head is too long"));
        }
        head.push(stream.read_u8().await?);
    }
    Ok(head)
}
