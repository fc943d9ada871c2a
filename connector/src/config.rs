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

/// A base URL without the slash at its end, otherwise as it was written: the service signs and checks exactly this text.
pub(crate) fn base_url(what: &str, base_url: &str, plain_http: PlainHttp) -> Result<String, Error> {
    let url = address(what, base_url, plain_http)?;
    if url.query().is_some() {
        return Err(wrong(what, base_url, "has a query, and must have none"));
    }
    Ok(base_url.trim_end_matches('/').to_owned())
}

/// An address that a service may be called at.
pub(crate) fn address(what: &str, text: &str, plain_http: PlainHttp) -> Result<Url, Error> {
    let wrong = |message: &str| wrong(what, text, message);
    let url = Url::parse(text).map_err(|_| wrong("is no address"))?;
    if url.fragment().is_some() || !url.username().is_empty() {
        return Err(wrong("has a fragment or a user name"));
    }
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if local || plain_http == PlainHttp::Anywhere => Ok(url),
        "http" => Err(wrong("has no TLS and is not this machine: secrets would travel in clear")),
        _ => Err(wrong("is neither http nor https")),
    }
}

fn wrong(what: &str, text: &str, message: &str) -> Error {
    Error::Configuration(format!("{what} `{}` {message}", text.escape_debug()))
}

/// The redirect URI is compared with the registered one as a text (RFC 6749 §3.1.2.3), so it is checked and not changed.
pub(crate) fn redirect_uri(uri: &str) -> Result<(), Error> {
    Url::parse(uri).map(drop).map_err(|_| Error::Configuration("the redirect URI is no absolute address".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(url: &str) -> String {
        base_url("the base URL", url, PlainHttp::Here).unwrap_err().to_string()
    }

    #[test]
    fn plain_http_is_for_this_machine_unless_allowed() {
        for url in ["http://localhost:5156", "http://127.0.0.1:5156", "http://[::1]:5156", "https://mock.example"] {
            assert_eq!(base_url("the base URL", url, PlainHttp::Here).as_deref(), Ok(url));
        }
        for url in ["http://mock.example", "http://10.0.0.1", "http://localhost.example"] {
            assert!(problem(url).contains("no TLS"), "{url}");
            assert!(base_url("the base URL", url, PlainHttp::Anywhere).is_ok(), "{url}");
        }
        assert!(problem("ftp://localhost").contains("neither"));
    }

    #[test]
    fn a_base_url_is_an_address_and_nothing_more() {
        assert_eq!(
            base_url("the base URL", "http://127.0.0.1:5156/r/one/", PlainHttp::Here).as_deref(),
            Ok("http://127.0.0.1:5156/r/one")
        );
        assert!(problem("localhost").contains("is no address"));
        for url in ["http://localhost/#a", "http://user@localhost/"] {
            assert!(problem(url).contains("a fragment or a user name"), "{url}");
        }
        assert!(problem("http://localhost/?a").contains("has a query"));
    }

    #[test]
    fn a_redirect_uri_is_absolute() {
        assert!(redirect_uri("http://localhost:3001/callback?keep=this").is_ok());
        assert!(redirect_uri("/callback").is_err());
    }
}
