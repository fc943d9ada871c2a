//! Whether a text is the address of an application: a scheme, and a host; whether it can be a redirect URI; and where a
//! listener is to listen.

use crate::text::meant;
use crate::tls::fault::TlsFault;
use std::net::{Ipv4Addr, SocketAddr};
use warp::http::uri::Authority;

/// What browsers run or show themselves instead of asking an application.
const NOBODYS: [&str; 7] = ["javascript", "data", "vbscript", "file", "blob", "about", "view-source"];

/// Why a text is no address of an application; nothing where it is one. Applications on phones have schemes of their own.
pub(super) fn problem(uri: &str) -> Option<&'static str> {
    let Some((scheme, rest)) = uri.split_once("://") else {
        return Some("is no absolute address: it needs a scheme and a host");
    };
    // RFC 3986 §3.1
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    if !scheme.starts_with(|first: char| first.is_ascii_alphabetic()) || !scheme.bytes().all(letters) {
        return Some("begins with no scheme: write `https://` or `http://`, or the scheme of your application");
    }
    if NOBODYS.contains(&scheme.to_ascii_lowercase().as_str()) {
        return Some("leads to no application, but to the browser itself: write `https://` or `http://`");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.parse::<Authority>() {
        Ok(authority) if !authority.host().is_empty() && has_port(authority.as_str()) => None,
        Ok(_) | Err(_) => Some("has no host, or a port that is none, behind its scheme"),
    }
}

/// Why a text is no redirect URI: Myinfo wants a full host name, no `#`, no `*` (DOCS).
pub(crate) fn redirect_problem(uri: &str) -> Option<&'static str> {
    if let Some(problem) = problem(uri) {
        return Some(problem);
    }
    if uri.contains('#') {
        return Some("has a fragment (`#`); Myinfo does not register those");
    }
    if uri.contains('*') {
        return Some("has a wildcard (`*`); Myinfo registers exact addresses only");
    }
    let odd = !uri.bytes().all(|byte| byte.is_ascii_graphic());
    odd.then_some("has a space or a character outside ASCII: percent-encode it")
}

/// Where to listen: an IP address with a port, `localhost` with a port, or the port alone, which is then loopback's.
///
/// # Errors
/// What to write instead.
pub fn listen_address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let (host, port) = text.rsplit_once(':').unwrap_or(("localhost", text));
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(port) if digits && host.eq_ignore_ascii_case("localhost") => Ok((Ipv4Addr::LOCALHOST, port).into()),
        Err(_) if digits && !is_inside_ipv6(text) => {
            Err(format!("`{text}` has the port {port}: ports go from 0 to 65535"))
        }
        _ => Err(format!("`{text}` is no address: write 127.0.0.1:5156, localhost:5156, or a port alone")),
    }
}

/// Whether the last colon is one of an IPv6 address that has no port.
fn is_inside_ipv6(text: &str) -> bool {
    text.matches(':').count() > 1 && !text.contains("]:")
}

/// A listener with a wrong certificate: `expired=127.0.0.1:5443`.
///
/// # Errors
/// What to write instead.
pub fn tls_fault(text: &str) -> Result<(TlsFault, SocketAddr), String> {
    let (name, address) = text.split_once('=').ok_or("write KIND=ADDR, for example expired=127.0.0.1:5443")?;
    let fault = TlsFault::NAMES.iter().find(|(known, _)| *known == name).map(|(_, fault)| *fault);
    let known = TlsFault::NAMES.map(|(known, _)| known).join(", ");
    let near = || meant(name, TlsFault::NAMES.into_iter().map(|(known, _)| known));
    let fault = fault.ok_or_else(|| format!("`{name}` is not one of {known}{}", near()))?;
    Ok((fault, listen_address(address)?))
}

/// Whether what stands behind the host's colon is a port.
fn has_port(authority: &str) -> bool {
    let behind_host = authority.rsplit(['@', ']']).next().unwrap_or_default();
    behind_host.split_once(':').is_none_or(|(_, port)| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_listens_on_loopback_unless_told_otherwise() {
        for (text, address) in [
            ("8080", "127.0.0.1:8080"),
            ("0", "127.0.0.1:0"),
            ("localhost:8080", "127.0.0.1:8080"),
            ("LocalHost:8080", "127.0.0.1:8080"),
            ("0.0.0.0:80", "0.0.0.0:80"),
            ("[::1]:80", "[::1]:80"),
        ] {
            assert_eq!(listen_address(text), Ok(address.parse().unwrap()), "{text}");
        }
        for text in
            ["", "localhost", "localhost:", ":8080", "+80", "::99999", "127.0.0.1", "mock.example:80", "é:80", "::1"]
        {
            assert!(listen_address(text).unwrap_err().contains("or a port alone"), "{text}");
        }
    }

    #[test]
    fn a_port_that_none_can_be_is_told_with_those_that_can() {
        for text in ["99999", "65536", "localhost:99999", "127.0.0.1:65536", "[::1]:70000", "184467440737095516160"] {
            let told = listen_address(text).unwrap_err();
            assert!(
                told.starts_with(&format!("`{text}` has the port ")) && told.ends_with("from 0 to 65535"),
                "{told}"
            );
        }
        assert!(tls_fault("expired=99999").unwrap_err().contains("65535"));
    }

    #[test]
    fn an_address_needs_a_scheme_of_an_application_and_a_host() {
        for address in
            ["http://localhost:3001/callback", "https://app.example.com", "http://[::1]:80/x?y", "my.app://login/x"]
        {
            assert_eq!(problem(address), None, "{address}");
        }
        for address in [
            "javascript://%0aalert(1)",
            "JavaScript://x/",
            "data://text/html,x",
            "file:///etc/passwd",
            "http://",
            "https:///path",
            "http://:80/x",
            "http://host:port/",
            "http://host:99999/",
            "://",
            "://host/x",
            "1a://host",
            "h ttp://host",
            "localhost/callback",
        ] {
            assert!(problem(address).is_some(), "{address}");
        }
    }
}
