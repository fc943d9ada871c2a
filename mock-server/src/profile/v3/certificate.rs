//! What is odd about a client's certificate without making it unusable: its dates, and others in the same file.

use super::client::Client;
use crate::ambient::Timestamp;
use crate::config::ClientRegistration;
use openssl::asn1::Asn1Time;
use openssl::nid::Nid;
use openssl::x509::{X509, X509Ref};

/// The certificates that stand in the same text as the first and did not issue it, directly or through another.
pub(super) fn beside(first: &X509Ref, text: &[u8]) -> Vec<X509> {
    let Ok(all) = X509::stack_from_pem(text) else { return Vec::new() };
    let same = |one: &X509Ref, other: &X509Ref| one.to_der().ok() == other.to_der().ok();
    let mut others: Vec<X509> = all.into_iter().filter(|other| !same(first, other)).collect();
    let mut issued = first.to_owned();
    while let Some(place) = others.iter().position(|other| signed_by(&issued, other)) {
        issued = others.swap_remove(place);
    }
    others
}

fn signed_by(certificate: &X509Ref, issuer: &X509Ref) -> bool {
    issuer.public_key().and_then(|key| certificate.verify(&key)).unwrap_or_default()
}

/// What the developer should know about the client's certificate.
pub(super) fn warnings(client: &ClientRegistration, now: Timestamp) -> Vec<String> {
    let Some(key) = Client::of(client).and_then(|client| client.v3.key.as_ref()) else { return Vec::new() };
    let Some(certificate) = &key.material.certificate else { return Vec::new() };
    let mut found = Vec::new();
    let whose = format!("the certificate of the client `{}`", client.id);
    let now = i64::try_from(now.seconds()).ok().and_then(|seconds| Asn1Time::from_unix(seconds).ok());
    if now.as_ref().is_some_and(|now| certificate.not_after() < now) {
        let end = certificate.not_after();
        found.push(format!("{whose} expired at {end}: the mock takes it all the same, a real service need not"));
    }
    if now.as_ref().is_some_and(|now| certificate.not_before() > now) {
        found.push(format!("{whose} is valid from {} on, which is in the future", certificate.not_before()));
    }
    if !key.beside.is_empty() {
        let others: Vec<String> = key.beside.iter().map(|other| name_of(other)).collect();
        found.push(format!(
            "{whose} stands in one file with {}, which did not issue it: the first one, {}, is used",
            others.join(" and "),
            name_of(certificate)
        ));
    }
    found
}

/// Its common name and number, as a person finds them again.
fn name_of(certificate: &X509Ref) -> String {
    let name = certificate.subject_name().entries_by_nid(Nid::COMMONNAME).next();
    let name = name.and_then(|entry| entry.data().to_string().ok()).unwrap_or_default();
    let number =
        certificate.serial_number().to_bn().and_then(|number| number.to_hex_str().map(|text| text.to_string()));
    format!("`{}` (serial {})", crate::text::visible(&name), number.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use myinfo_fixtures::keys::{CLIENT_CERT_PEM, STRANGER_CERT_PEM};
    use std::path::Path;

    fn told(certificate: &str, seconds: u64) -> Vec<String> {
        let toml = format!(
            "[[client]]\nid = 'A'\nredirect_uris = ['http://localhost/cb']\nv3.secret = 's'\nv3.certificate = '''{certificate}'''"
        );
        let config = Config::from_toml(&toml, Path::new(".")).unwrap();
        warnings(&config.clients["A"], Timestamp(seconds * 1000))
    }

    /// A moment within the dates of the fixtures' certificates.
    const WITHIN: u64 = 1_900_000_000;

    #[test]
    fn a_certificate_within_its_dates_and_alone_is_nothing_to_tell_of() {
        assert_eq!(told(CLIENT_CERT_PEM, WITHIN), [""; 0]);
        assert_eq!(told(&format!("{CLIENT_CERT_PEM}{CLIENT_CERT_PEM}"), WITHIN), [""; 0], "the same one twice");
    }

    #[test]
    fn an_expired_one_and_one_of_the_future_are_told() {
        let expired = told(CLIENT_CERT_PEM, 5_000_000_000);
        assert!(expired[0].contains("of the client `A` expired at") && expired[0].contains("2126"), "{expired:?}");
        let early = told(CLIENT_CERT_PEM, 1_700_000_000);
        assert!(early[0].contains("which is in the future"), "{early:?}");
    }

    #[test]
    fn two_certificates_in_one_file_are_told_with_the_one_that_is_used() {
        let said = told(&format!("{CLIENT_CERT_PEM}\n{STRANGER_CERT_PEM}"), WITHIN);
        assert!(said[0].contains("with `stranger`") && said[0].contains("the first one, `testbed-client`"), "{said:?}");
    }
}
