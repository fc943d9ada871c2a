//! A certificate as a trust store for Java: PKCS#12 (RFC 7292) with an attribute that OpenSSL 3.0 cannot write.
//!
//! It holds nothing secret, and is not encrypted; the passphrase only keeps it whole.

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sha::sha256;
use openssl::sign::Signer;
use yasna::models::ObjectIdentifier;
use yasna::{DERWriter, Tag, construct_der};

/// How often the passphrase is hashed for the key of the MAC.
const ITERATIONS: u32 = 2048;
/// SHA-256 works on blocks of this many bytes: `v` of RFC 7292 appendix B.2.
const BLOCK: usize = 64;

const DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 1];
const CERTIFICATE_BAG: &[u64] = &[1, 2, 840, 113_549, 1, 12, 10, 1, 3];
const X509_CERTIFICATE: &[u64] = &[1, 2, 840, 113_549, 1, 9, 22, 1];
const FRIENDLY_NAME: &[u64] = &[1, 2, 840, 113_549, 1, 9, 20];
const SHA256: &[u64] = &[2, 16, 840, 1, 101, 3, 4, 2, 1];
/// Java ignores a certificate without this one.
const TRUSTED_KEY_USAGE: &[u64] = &[2, 16, 840, 1, 113_894, 746_875, 1, 1];
const ANY_EXTENDED_KEY_USAGE: &[u64] = &[2, 5, 29, 37, 0];

/// Writes the store: one trusted certificate under a name.
///
/// # Errors
/// When OpenSSL refuses to make a MAC.
pub(crate) fn trust_store(name: &str, certificate_der: &[u8], passphrase: &str) -> Result<Vec<u8>, ErrorStack> {
    let bags = construct_der(|writer| {
        writer.write_sequence_of(|bags| certificate_bag(bags.next(), name, certificate_der));
    });
    let safe = construct_der(|writer| writer.write_sequence_of(|contents| data(contents.next(), &bags)));
    // everybody may know the passphrase, so the salt has nothing to hide; the same certificate makes the same file
    let salt = sha256(certificate_der);
    let mac = mac(&mac_key(passphrase, &salt), &safe)?;
    Ok(construct_der(|writer| {
        writer.write_sequence(|store| {
            store.next().write_u32(3);
            data(store.next(), &safe);
            mac_data(store.next(), &mac, &salt);
        });
    }))
}

/// `ContentInfo` of plain data. RFC 7292 §4.1.
fn data(writer: DERWriter<'_>, content: &[u8]) {
    writer.write_sequence(|info| {
        info.next().write_oid(&oid(DATA));
        info.next().write_tagged(Tag::context(0), |content_of| content_of.write_bytes(content));
    });
}

/// `SafeBag` with a certificate. RFC 7292 §4.2, §4.2.3.
fn certificate_bag(writer: DERWriter<'_>, name: &str, certificate_der: &[u8]) {
    writer.write_sequence(|bag| {
        bag.next().write_oid(&oid(CERTIFICATE_BAG));
        bag.next().write_tagged(Tag::context(0), |value| {
            value.write_sequence(|certificate| {
                certificate.next().write_oid(&oid(X509_CERTIFICATE));
                certificate.next().write_tagged(Tag::context(0), |bytes| bytes.write_bytes(certificate_der));
            });
        });
        bag.next().write_set_of(|attributes| {
            attribute(attributes.next(), FRIENDLY_NAME, |value| value.write_bmp_string(name));
            attribute(attributes.next(), TRUSTED_KEY_USAGE, |value| value.write_oid(&oid(ANY_EXTENDED_KEY_USAGE)));
        });
    });
}

fn attribute(writer: DERWriter<'_>, id: &[u64], value: impl FnOnce(DERWriter<'_>)) {
    writer.write_sequence(|attribute| {
        attribute.next().write_oid(&oid(id));
        attribute.next().write_set_of(|values| value(values.next()));
    });
}

/// `MacData`. RFC 7292 §4.
fn mac_data(writer: DERWriter<'_>, mac: &[u8], salt: &[u8]) {
    writer.write_sequence(|data| {
        data.next().write_sequence(|digest| {
            digest.next().write_sequence(|algorithm| {
                algorithm.next().write_oid(&oid(SHA256));
                algorithm.next().write_null();
            });
            digest.next().write_bytes(mac);
        });
        data.next().write_bytes(salt);
        data.next().write_u32(ITERATIONS);
    });
}

fn mac(key: &[u8], content: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let key = PKey::hmac(key)?;
    Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot_to_vec(content)
}

/// The key of the MAC. RFC 7292 appendix B.2 with `ID` 3; it is as long as one hash, so there is one round of it.
fn mac_key(passphrase: &str, salt: &[u8]) -> [u8; 32] {
    // a BMP string with its two zeros at the end: appendix B.1
    let password: Vec<u8> = passphrase.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
    let blocks = [vec![3; BLOCK], filled(salt), filled(&password)].concat();
    (1..ITERATIONS).fold(sha256(&blocks), |hash, _| sha256(&hash))
}

/// Repeated to whole blocks: steps 2 and 3 of appendix B.2.
fn filled(bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len().next_multiple_of(BLOCK);
    bytes.iter().copied().cycle().take(length).collect()
}

fn oid(numbers: &[u64]) -> ObjectIdentifier {
    ObjectIdentifier::from_slice(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::Timestamp;
    use crate::tls::authority::Authority;
    use openssl::pkcs12::Pkcs12;
    use openssl::x509::X509;

    fn certificate() -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::open(folder.path(), Timestamp(1_700_000_000_000)).unwrap();
        X509::from_pem(authority.certificate_pem.as_bytes()).unwrap().to_der().unwrap()
    }

    #[test]
    fn openssl_finds_the_certificate_in_it_with_the_passphrase_alone() {
        let certificate = certificate();
        for passphrase in ["myinfo-mock", "", "é, ¥ and a passphrase that is longer than one block of the hash"] {
            let store = Pkcs12::from_der(&trust_store("myinfo-mock", &certificate, passphrase).unwrap()).unwrap();
            let found = store.parse2(passphrase).unwrap().ca.unwrap();
            assert_eq!(
                found.iter().map(|each| each.to_der().unwrap()).collect::<Vec<_>>(),
                std::slice::from_ref(&certificate)
            );
            assert!(store.parse2("another").is_err());
        }
    }

    #[test]
    fn a_byte_that_was_changed_is_noticed() {
        let mut store = trust_store("myinfo-mock", &certificate(), "myinfo-mock").unwrap();
        let middle = store.len() / 2;
        store[middle] ^= 1;
        assert!(Pkcs12::from_der(&store).and_then(|store| store.parse2("myinfo-mock")).is_err());
    }

    #[test]
    fn java_finds_its_attribute_and_the_name() {
        let store = trust_store("a", &certificate(), "myinfo-mock").unwrap();
        let has = |bytes: &[u8]| store.windows(bytes.len()).any(|window| window == bytes);
        // anyExtendedKeyUsage as the value of Oracle's attribute
        assert!(has(b"\x06\x0c\x60\x86\x48\x01\x86\xf9\x66\xad\xca\x7b\x01\x01\x31\x06\x06\x04\x55\x1d\x25\x00"));
        assert!(has(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x14\x31\x04\x1e\x02\0a"));
    }
}
