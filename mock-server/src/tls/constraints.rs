//! The names that the mock's authority may vouch for, as the extension that binds it (RFC 5280 §4.2.1.10).

use super::names::{ANOTHER, LOCAL, REAL};
use std::net::IpAddr;

/// `id-ce-nameConstraints`.
pub(super) const OID: &[u64] = &[2, 5, 29, 30];

/// A name that nobody has. Where only this one of a kind is permitted, none of the kind is.
const NOBODY: &str = "nobody.invalid";

const SEQUENCE: u8 = 0x30;
const PERMITTED: u8 = 0xa0;
const EXCLUDED: u8 = 0xa1;
const MAIL: u8 = 0x81;
const DNS: u8 = 0x82;
const URI: u8 = 0x86;
const ADDRESS: u8 = 0x87;

/// Permitted are the listed hosts and addresses. Of the hosts, what is below them is excluded, and of e-mail addresses and
/// URIs all are: a kind that is not mentioned would be free.
///
/// Directory names are not mentioned. rustls refuses every certificate below an authority that mentions them; for what a
/// certificate of this authority is good, its extended key usage says: for servers, and those go by host name.
pub(super) fn of_the_authority() -> Vec<u8> {
    let hosts = || LOCAL.iter().chain(REAL).chain(&[ANOTHER]).copied();
    let others = [subtree(MAIL, NOBODY.as_bytes()), subtree(URI, NOBODY.as_bytes())];
    let permitted: Vec<u8> = hosts().map(host).chain(others).flatten().collect();
    // a host with another listed one below it cannot exclude what is below it
    let alone = hosts().filter(|name| is_host(name) && !hosts().any(|other| other.ends_with(&format!(".{name}"))));
    let excluded: Vec<u8> = alone.flat_map(|name| subtree(DNS, format!(".{name}").as_bytes())).collect();
    element(SEQUENCE, &[element(PERMITTED, &permitted), element(EXCLUDED, &excluded)].concat())
}

fn is_host(name: &str) -> bool {
    name.parse::<IpAddr>().is_err()
}

/// A host, or an address with the mask that leaves it alone.
fn host(name: &str) -> Vec<u8> {
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => subtree(ADDRESS, &[address.octets(), [0xff; 4]].concat()),
        Ok(IpAddr::V6(address)) => subtree(ADDRESS, &[address.octets(), [0xff; 16]].concat()),
        Err(_) => subtree(DNS, name.as_bytes()),
    }
}

fn subtree(kind: u8, name: &[u8]) -> Vec<u8> {
    element(SEQUENCE, &element(kind, name))
}

/// Tag, length, content (X.690 §8.1).
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let length = match (significant.as_slice(), u8::try_from(significant.len())) {
        ([], _) => vec![0],
        ([short @ ..0x80], _) => vec![*short],
        (long, Ok(count)) => [&[0x80 | count], long].concat(),
        // eight bytes hold every length
        (_, Err(_)) => Vec::new(),
    };
    [&[tag], length.as_slice(), content].concat()
}
