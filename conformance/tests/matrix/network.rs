//! How mutants use the network: what their HTTP clients follow, trust, unpack and wait for.

use myinfo_conformance::connector::driver::reference::{KeptTransport, time_limit};
use myinfo_conformance::connector::setup::Setup;
use myinfo_connector::transport::Transport;

/// How the network is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    AsItShould,
    FollowsRedirects,
    /// Only those that ask for the same request: 307 and 308.
    FollowsPreserving,
    TrustsAnyCertificate,
    TrustsAnyHost,
    LeavesGzip,
    DoesNotWait,
    WaitsForEver,
}

/// A client that waits no longer than the setup allows.
pub(crate) fn bounded(setup: Option<&Setup>) -> reqwest::ClientBuilder {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    match setup.and_then(time_limit) {
        Some(limit) => client.timeout(limit),
        None => client,
    }
}

/// The transport of a mutant whose network is used so.
pub(crate) fn transport(network: Network, setup: &Setup, kept: &mut KeptTransport) -> Transport {
    let plain = bounded(Some(setup)).gzip(true);
    match network {
        Network::TrustsAnyCertificate => {
            Transport::with_client(plain.danger_accept_invalid_certs(true).build().unwrap())
        }
        Network::TrustsAnyHost => {
            let client = match &setup.common.ca {
                Some(pem) => plain
                    .tls_certs_only(reqwest::Certificate::from_pem_bundle(pem.as_bytes()).unwrap())
                    .danger_accept_invalid_hostnames(true),
                None => plain,
            };
            Transport::with_client(client.build().unwrap())
        }
        // it asks for gzip, and reads what comes as if it had not
        Network::LeavesGzip => {
            let asks = std::iter::once((reqwest::header::ACCEPT_ENCODING, "gzip".parse().unwrap())).collect();
            Transport::with_client(plain.gzip(false).default_headers(asks).build().unwrap())
        }
        Network::WaitsForEver => {
            let mut setup = setup.clone();
            setup.common.timeout_seconds = None;
            kept.of(&setup).unwrap()
        }
        _ => kept.of(setup).unwrap(),
    }
}
