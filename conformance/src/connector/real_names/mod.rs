//! The real host names: where the server answers under them, and what leads the target's programs there.

pub mod network;

use super::recorder::{Ends, Recorder};
use super::testbed::hosts;
use super::tls_ends::TlsEnds;
use anyhow::{Context, Result, bail};
use reqwest::{Certificate, Client, Proxy};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use tokio::net::{TcpListener, lookup_host};

/// The name in the setup; the server answers under the other real ones, too.
pub const HOST: &str = "test.api.myinfo.gov.sg";
/// The address of the server, as a connector is configured with it.
pub(super) const ORIGIN: &str = "https://test.api.myinfo.gov.sg";
/// The port of HTTPS, which a connector may have built in.
const PORT: u16 = 443;
/// The variables by which programs are told whom to trust beside, or in place of, the system's authorities.
const TRUST: [&str; 5] = ["NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "MYINFO_CA"];

/// Where the server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On port 443 of this machine, to which its hosts file leads the real names.
    Here,
    /// Behind a proxy on a free port, which the target's programs are told to use.
    Proxy,
}

/// The real names, as the server of a run has them.
#[derive(Debug)]
pub(super) struct Names {
    /// The proxy's address, where there is one.
    proxy: Option<SocketAddr>,
    /// The file of the authority that vouches for the server.
    authority: PathBuf,
}

impl Names {
    /// Puts a recorder where the names lead, in front of a server with TLS whose state is kept in a folder; `upstream` is what it
    /// passes everything on to until it is led elsewhere.
    pub(super) async fn at(place: Place, state: &Path, upstream: SocketAddr) -> Result<(Recorder, Self)> {
        let file = |name: &str| {
            let path = state.join(name);
            std::fs::read(&path).with_context(|| format!("the mock's {name} cannot be read"))
        };
        let ends = TlsEnds::new(&file("leaf.pem")?, &file("leaf-key.pem")?, &file("ca.pem")?, HOST)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, if place == Place::Here { PORT } else { 0 }));
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("{address} cannot be listened on (--real-names=proxy takes any free port)"))?;
        let (ends, proxy) = match place {
            Place::Here => {
                lead_here().await?;
                (Ends::Tls(ends), None)
            }
            Place::Proxy => (Ends::Proxy(ends), Some(listener.local_addr()?)),
        };
        let recorder = Recorder::on(listener, upstream, ends)?;
        Ok((recorder, Self { proxy, authority: state.join("ca.pem") }))
    }

    /// Whether the names lead to a proxy.
    pub(super) const fn is_proxy(&self) -> bool {
        self.proxy.is_some()
    }

    /// A browser that finds and trusts the server.
    pub(super) fn browser(&self) -> Result<Client> {
        let authority = Certificate::from_pem(&std::fs::read(&self.authority)?)?;
        let browser = crate::http::builder().tls_certs_only([authority]);
        Ok(match self.proxy {
            Some(proxy) => browser.proxy(Proxy::https(format!("http://{proxy}"))?),
            None => browser,
        }
        .build()?)
    }

    /// What a program needs in its environment to find and to trust the server.
    pub(super) fn variables(&self) -> Vec<(String, String)> {
        let authority = self.authority.display().to_string();
        let mut variables: Vec<(String, String)> =
            TRUST.iter().map(|name| ((*name).to_owned(), authority.clone())).collect();
        if let Some(proxy) = self.proxy {
            let proxy = format!("http://{proxy}");
            // of both spellings each is read by some programs alone
            for (name, value) in [("HTTPS_PROXY", proxy.as_str()), ("NO_PROXY", "localhost,127.0.0.1")] {
                variables.push((name.to_owned(), value.to_owned()));
                variables.push((name.to_ascii_lowercase(), value.to_owned()));
            }
        }
        variables
    }
}

/// The real names: those of the hosts file that leads them here.
fn names() -> Vec<String> {
    let hosts = hosts();
    let lines = hosts.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_whitespace().nth(1)).map(str::to_owned).collect()
}

/// Whether every real name leads to this machine. One that does not is the real service's: nobody may be sent there.
async fn lead_here() -> Result<()> {
    for name in names() {
        let found = lookup_host((name.as_str(), PORT)).await.map(Iterator::collect::<Vec<_>>).unwrap_or_default();
        if found.is_empty() || !found.iter().all(|address| address.ip().is_loopback()) {
            bail!(
                "`{name}` does not lead to this machine: `myinfo-mock hosts` prints the lines for /etc/hosts, and --real-names=proxy needs none"
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_that_the_mock_answers_under() {
        let names = names();
        assert!(names.len() > 5 && names.iter().any(|name| name == HOST), "{names:?}");
    }
}
