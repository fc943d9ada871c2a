//! Checks of settings, whichever protocol they are for.

use crate::error::Error;
use std::net::IpAddr;
use url::{Host, Url};

/// Where a service may be called without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum PlainHttp {
    /// On this machine only.
    #[default]
    Here,
    /// Anywhere: the network is trusted otherwise.
    Anywhere,
}

/// The error for a setting that is not there.
pub(crate) fn missing(name: &str) -> Error {
    Error::Configuration(format!("{name} is missing"))
}

/// A base URL without the slash at its end, otherwise as it was written: the service signs and checks exactly this text.
pub(crate) fn base_url(base_url: &str, plain_http: PlainHttp) -> Result<String, Error> {
    let wrong = |message: &str| Error::Configuration(format!("the base URL `{}` {message}", base_url.escape_debug()));
    let url = Url::parse(base_url).map_err(|_| wrong("is no address"))?;
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(wrong("has a query, a fragment or a user name"));
    }
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => {}
        "http" if local || plain_http == PlainHttp::Anywhere => {}
        "http" => {
            return Err(wrong("has no TLS and is not this machine: secrets would travel in clear"));
        }
        _ => return Err(wrong("is neither http nor https")),
    }
    Ok(base_url.trim_end_matches('/').to_owned())
}

/// The redirect URI is compared with the registered one as a text (RFC 6749 §3.1.2.3), so it is checked and not changed.
pub(crate) fn redirect_uri(uri: &str) -> Result<(), Error> {
    Url::parse(uri).map(drop).map_err(|_| Error::Configuration("the redirect URI is no absolute address".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(url: &str) -> String {
        base_url(url, PlainHttp::Here).unwrap_err().to_string()
    }

    #[test]
    fn plain_http_is_for_this_machine_unless_allowed() {
        for url in ["http://localhost:5156", "http://127.0.0.1:5156", "http://[::1]:5156", "https://mock.example"] {
            assert_eq!(base_url(url, PlainHttp::Here).as_deref(), Ok(url));
        }
        for url in ["http://mock.example", "http://10.0.0.1", "http://localhost.example"] {
            assert!(problem(url).contains("no TLS"), "{url}");
            assert!(base_url(url, PlainHttp::Anywhere).is_ok(), "{url}");
        }
        assert!(problem("ftp://localhost").contains("neither"));
    }

    #[test]
    fn a_base_url_is_an_address_and_nothing_more() {
        assert_eq!(
            base_url("http://127.0.0.1:5156/r/one/", PlainHttp::Here).as_deref(),
            Ok("http://127.0.0.1:5156/r/one")
        );
        assert!(problem("localhost").contains("is no address"));
        for url in ["http://localhost/?a", "http://localhost/#a", "http://user@localhost/"] {
            assert!(problem(url).contains("a query, a fragment or a user name"), "{url}");
        }
    }

    #[test]
    fn a_redirect_uri_is_absolute() {
        assert!(redirect_uri("http://localhost:3001/callback?keep=this").is_ok());
        assert!(redirect_uri("/callback").is_err());
    }
}
