//! `health`: whether a mock answers, for a container or a script that has nothing else to ask with.

use crate::fetch::{Fetching, fetch};
use anyhow::{Result, anyhow, bail};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks the mock that listens there; gives the address that was asked.
///
/// # Errors
/// When it does not answer that it is well, or the port is 0, which is nobody's.
pub fn ask(listens: SocketAddr) -> Result<String> {
    if listens.port() == 0 {
        bail!(
            "port 0 stands for a free one, and it is not known which the mock took: pass --http with the port of its ready line"
        );
    }
    let url = format!("http://{}/_mock/health", reached_at(listens));
    let how = Fetching { patience: PATIENCE, tries: 1, authority_pem: None };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(fetch(&url, how)) {
        Ok(text) if text.contains(r#""status":"ok""#) => Ok(url),
        Ok(_) => Err(anyhow!("{url}: another program answers there, and no mock")),
        Err(trouble) => Err(anyhow!("{url}: {trouble}")),
    }
}

/// Where this machine reaches a server: one that listens everywhere listens on the loopback address, too.
pub fn reached_at(listens: SocketAddr) -> SocketAddr {
    let loopback = match listens.ip() {
        IpAddr::V4(address) if address.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(address) if address.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        named @ (IpAddr::V4(_) | IpAddr::V6(_)) => named,
    };
    SocketAddr::new(loopback, listens.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_the_loopback_address() {
        for (listens, asked) in
            [("0.0.0.0:5156", "127.0.0.1:5156"), ("[::]:5156", "[::1]:5156"), ("127.0.0.2:80", "127.0.0.2:80")]
        {
            assert_eq!(reached_at(listens.parse().unwrap()), asked.parse().unwrap());
        }
    }

    #[test]
    fn port_0_is_nobodys() {
        let error = ask("127.0.0.1:0".parse().unwrap()).unwrap_err().to_string();
        assert!(error.contains("ready line"), "{error}");
    }
}
