//! The mock's own certificate authority, and the leaves that it issues.

use super::constraints;
use super::names::{LOCAL, REAL};
use super::state_dir;
use crate::ambient::Timestamp;
use anyhow::{Context, Result, ensure};
use openssl::asn1::Asn1Time;
use openssl::pkey::PKey;
use openssl::x509::X509;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use std::path::Path;
use time::{Duration, OffsetDateTime};

/// A certificate chain and its key, as PEM.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) chain_pem: String,
    pub(crate) key_pem: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Identity([redacted])")
    }
}

/// An authority with its key.
pub(crate) struct Authority {
    pub(crate) certificate_pem: String,
    key: KeyPair,
    common_name: &'static str,
}

/// What a leaf is to say.
pub(crate) struct LeafTerms<'a> {
    pub(crate) names: &'a [&'a str],
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

const NAME: &str = "Myinfo mock authority, not a real one";
const STRANGER_NAME: &str = "An authority that nobody trusts";
const CA_DAYS: u64 = 3650;
const LEAF_DAYS: u64 = 90;
/// A leaf with fewer days left than this is renewed at start.
const RENEW_DAYS: u64 = 30;
const DAY: u64 = 86_400;

impl Authority {
    /// The authority that the directory keeps; made on first need.
    pub(crate) fn open(directory: &Path, now: Timestamp) -> Result<Self> {
        state_dir::prepare(directory)?;
        if let Some(kept) = Self::kept(directory)? {
            return Ok(kept);
        }
        // a new authority would break every client that trusts the old one: that must not happen silently
        ensure!(!directory.join("ca.pem").exists(), "its counterpart is missing: {}", damaged(directory, "ca.pem"));
        let made = Self::make(NAME, now)?;
        // key and certificate in one file, which is there whole or not at all: `ca.pem` can be made of it again
        let both = format!("{}{}", made.key.serialize_pem(), made.certificate_pem);
        if state_dir::create(directory, "ca-key.pem", &both)? {
            state_dir::write(directory, "ca.pem", &made.certificate_pem)?;
            return Ok(made);
        }
        // another mock, which started at the same moment, was first
        Self::kept(directory)?.with_context(|| damaged(directory, "ca-key.pem"))
    }

    fn kept(directory: &Path) -> Result<Option<Self>> {
        let Some(key_pem) = state_dir::read(directory, "ca-key.pem")? else { return Ok(None) };
        let key = KeyPair::from_pem(&key_pem).with_context(|| damaged(directory, "ca-key.pem"))?;
        let beside = state_dir::read(directory, "ca.pem")?;
        let certificate_pem = beside.map_or_else(|| certificate_in(&key_pem, directory), Ok)?;
        let certificate = X509::from_pem(certificate_pem.as_bytes()).with_context(|| damaged(directory, "ca.pem"))?;
        let fits = PKey::private_key_from_pem(key_pem.as_bytes())?.public_eq(&*certificate.public_key()?);
        ensure!(fits, "ca-key.pem is not the key of ca.pem: {}", damaged(directory, "ca-key.pem"));
        Ok(Some(Self { certificate_pem, key, common_name: NAME }))
    }

    /// An authority that no export knows, for clients that must refuse it.
    pub(crate) fn stranger(now: Timestamp) -> Result<Self> {
        Self::make(STRANGER_NAME, now)
    }

    fn make(common_name: &'static str, now: Timestamp) -> Result<Self> {
        let key = KeyPair::generate().context("no key can be made")?;
        let mut params = authority_params(common_name);
        (params.not_before, params.not_after) = validity(now, now.plus_seconds(CA_DAYS * DAY));
        let certificate = params.self_signed(&key).context("the authority's certificate")?;
        Ok(Self { certificate_pem: certificate.pem(), key, common_name })
    }

    /// The leaf for every name, kept beside the authority; renewed when it is about to expire or the names changed.
    pub(crate) fn leaf(&self, directory: &Path, now: Timestamp) -> Result<Identity> {
        let kept = (state_dir::read(directory, "leaf.pem")?, state_dir::read(directory, "leaf-key.pem")?);
        if let (Some(chain_pem), Some(key_pem)) = kept
            && self.is_fresh(&chain_pem, &key_pem, now)
        {
            return Ok(Identity { chain_pem, key_pem });
        }
        let names: Vec<&str> = LOCAL.iter().chain(REAL).copied().collect();
        let made = self.issue(&LeafTerms { names: &names, from: now, until: now.plus_seconds(LEAF_DAYS * DAY) })?;
        state_dir::write(directory, "leaf-key.pem", &made.key_pem)?;
        state_dir::write(directory, "leaf.pem", &made.chain_pem)?;
        Ok(made)
    }

    /// Issues a leaf.
    pub(crate) fn issue(&self, terms: &LeafTerms<'_>) -> Result<Identity> {
        let key = KeyPair::generate().context("no key can be made")?;
        let params = leaf_params(terms)?;
        let issuer = Issuer::new(authority_params(self.common_name), &self.key);
        let certificate = params.signed_by(&key, &issuer).context("the leaf's certificate")?;
        Ok(Identity { chain_pem: certificate.pem(), key_pem: key.serialize_pem() })
    }

    /// Issued by this authority, for every name, with its own key, and good for a while.
    fn is_fresh(&self, chain_pem: &str, key_pem: &str, now: Timestamp) -> bool {
        let check = || -> Result<bool> {
            let leaf = X509::from_pem(chain_pem.as_bytes())?;
            let authority = X509::from_pem(self.certificate_pem.as_bytes())?;
            let soon = i64::try_from(now.plus_seconds(RENEW_DAYS * DAY).seconds())?;
            let names = leaf.subject_alt_names().map_or(0, |names| names.len());
            let key = PKey::private_key_from_pem(key_pem.as_bytes())?;
            Ok(key.public_eq(&*leaf.public_key()?)
                && leaf.verify(&*authority.public_key()?)?
                && leaf.not_after() > Asn1Time::from_unix(soon)?
                && names == LOCAL.len() + REAL.len())
        };
        check().unwrap_or(false)
    }
}

/// The certificate out of the file of the key, which is written beside it where it is missing: a start that broke off.
fn certificate_in(key_pem: &str, directory: &Path) -> Result<String> {
    let missing = || format!("its counterpart is missing: {}", damaged(directory, "ca-key.pem"));
    let start = key_pem.find("-----BEGIN CERTIFICATE").with_context(missing)?;
    let certificate_pem = key_pem.get(start..).unwrap_or_default().to_owned();
    state_dir::write(directory, "ca.pem", &certificate_pem)?;
    Ok(certificate_pem)
}

/// A leaf that vouches for itself, for clients that must refuse it.
pub(crate) fn self_signed(terms: &LeafTerms<'_>) -> Result<Identity> {
    let key = KeyPair::generate().context("no key can be made")?;
    let certificate = leaf_params(terms)?.self_signed(&key).context("the self-signed certificate")?;
    Ok(Identity { chain_pem: certificate.pem(), key_pem: key.serialize_pem() })
}

/// The authority can vouch for servers of the listed names only: whoever trusts it trusts it for nothing else.
fn authority_params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // on an authority this is for what it may issue: OpenSSL, Windows, Apple and Mozilla read it so
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let mut names = CustomExtension::from_oid_content(constraints::OID, constraints::of_the_authority());
    names.set_criticality(true);
    params.custom_extensions = vec![names];
    params
}

fn leaf_params(terms: &LeafTerms<'_>) -> Result<CertificateParams> {
    let names: Vec<String> = terms.names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).context("the leaf's names")?;
    params.distinguished_name.push(DnType::CommonName, "Myinfo mock, not the real service");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    (params.not_before, params.not_after) = validity(terms.from, terms.until);
    Ok(params)
}

/// From a day before, so that a client whose clock is a little behind accepts it.
fn validity(from: Timestamp, until: Timestamp) -> (OffsetDateTime, OffsetDateTime) {
    let moment = |at: Timestamp| {
        let seconds = i64::try_from(at.seconds()).unwrap_or_default();
        OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    };
    (moment(from).saturating_sub(Duration::DAY), moment(until))
}

fn damaged(directory: &Path, name: &str) -> String {
    format!("{} is damaged; delete the directory to have a new authority made", directory.join(name).display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::SanType;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    #[cfg(unix)]
    #[test]
    fn the_authority_and_the_leaf_are_made_once_and_kept_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("state");
        let first = Authority::open(&directory, NOW).unwrap();
        let leaf = first.leaf(&directory, NOW).unwrap();
        let again = Authority::open(&directory, NOW).unwrap();
        assert_eq!(first.certificate_pem, again.certificate_pem);
        assert_eq!(leaf.chain_pem, again.leaf(&directory, NOW).unwrap().chain_pem);
        assert_eq!(std::fs::metadata(&directory).unwrap().permissions().mode() & 0o777, 0o700);
        for name in ["ca.pem", "ca-key.pem", "leaf.pem", "leaf-key.pem"] {
            assert_eq!(std::fs::metadata(directory.join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn a_leaf_close_to_its_end_is_renewed_by_the_same_authority() {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::open(folder.path(), NOW).unwrap();
        let leaf = authority.leaf(folder.path(), NOW).unwrap();
        let later = |days: u64| NOW.plus_seconds(days * DAY);
        assert_eq!(authority.leaf(folder.path(), later(59)).unwrap().chain_pem, leaf.chain_pem);
        let renewed = authority.leaf(folder.path(), later(61)).unwrap();
        assert_ne!(renewed.chain_pem, leaf.chain_pem);
        let certificate = X509::from_pem(renewed.chain_pem.as_bytes()).unwrap();
        let issuer = X509::from_pem(authority.certificate_pem.as_bytes()).unwrap();
        assert!(certificate.verify(&issuer.public_key().unwrap()).unwrap());
    }

    #[test]
    fn the_authority_is_constrained_to_the_listed_names() {
        let authority = Authority::stranger(NOW).unwrap();
        let text = String::from_utf8(X509::from_pem(authority.certificate_pem.as_bytes()).unwrap().to_text().unwrap())
            .unwrap();
        assert!(text.contains("X509v3 Name Constraints: critical"), "{text}");
        for name in REAL {
            assert!(text.contains(&format!("DNS:{name}")), "{name}");
        }
        assert!(
            text.contains("X509v3 Extended Key Usage: \n                TLS Web Server Authentication\n"),
            "{text}"
        );
        assert!(text.contains("X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n"), "{text}");
    }

    /// What `openssl verify` says of a leaf that the authority signed.
    fn verified(authority: &Authority, names: Vec<SanType>, usage: ExtendedKeyUsagePurpose, purpose: &str) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::default();
        params.subject_alt_names = names;
        params.extended_key_usages = vec![usage];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        (params.not_before, params.not_after) = validity(NOW, NOW.plus_seconds(DAY));
        let issuer = Issuer::new(authority_params(authority.common_name), &authority.key);
        let leaf = params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
        let (ca, file) = (folder.path().join("ca.pem"), folder.path().join("leaf.pem"));
        std::fs::write(&ca, &authority.certificate_pem).unwrap();
        std::fs::write(&file, leaf.pem()).unwrap();
        let moment = NOW.seconds().to_string();
        let mut command = std::process::Command::new("openssl");
        command.args(["verify", "-attime", &moment, "-purpose", purpose, "-no-CApath", "-CAfile"]).arg(ca).arg(file);
        command.output().unwrap().status.success()
    }

    #[test]
    fn openssl_takes_nothing_from_the_authority_but_servers_of_the_listed_names() {
        let authority = Authority::stranger(NOW).unwrap();
        let dns = |name: &str| SanType::DnsName(name.try_into().unwrap());
        let server = |names| verified(&authority, names, ExtendedKeyUsagePurpose::ServerAuth, "sslserver");
        for name in LOCAL.iter().chain(REAL).filter(|name| name.parse::<std::net::IpAddr>().is_err()) {
            assert!(server(vec![dns(name)]), "{name}");
        }
        assert!(server(vec![SanType::IpAddress([127, 0, 0, 1].into())]));
        assert!(!server(vec![SanType::IpAddress([127, 0, 0, 2].into())]));
        for name in ["example.com", "gov.sg", "x.test.api.myinfo.gov.sg", "x.localhost", "x.id.singpass.gov.sg"] {
            assert!(!server(vec![dns("localhost"), dns(name)]), "{name}");
        }
        let mail = || SanType::Rfc822Name("minister@gov.sg".try_into().unwrap());
        let uri = || SanType::URI("https://test.api.myinfo.gov.sg/".try_into().unwrap());
        assert!(!server(vec![dns("localhost"), mail()]) && !server(vec![dns("localhost"), uri()]));
        for (usage, purpose) in [
            (ExtendedKeyUsagePurpose::ClientAuth, "sslclient"),
            (ExtendedKeyUsagePurpose::EmailProtection, "smimesign"),
            (ExtendedKeyUsagePurpose::EmailProtection, "smimeencrypt"),
            (ExtendedKeyUsagePurpose::Any, "sslclient"),
            (ExtendedKeyUsagePurpose::Any, "smimesign"),
            (ExtendedKeyUsagePurpose::TimeStamping, "timestampsign"),
            (ExtendedKeyUsagePurpose::CodeSigning, "sslserver"),
            (ExtendedKeyUsagePurpose::CodeSigning, "smimesign"),
            // OpenSSL knows this one since 3.2; before, what counts is that the authority itself is for servers alone
            (ExtendedKeyUsagePurpose::CodeSigning, "codesign"),
            (ExtendedKeyUsagePurpose::Any, "codesign"),
        ] {
            assert!(!verified(&authority, vec![dns("localhost")], usage, purpose), "{purpose}");
        }
    }

    #[test]
    fn mocks_that_start_at_the_same_moment_have_one_authority() {
        for _ in 0..10 {
            let folder = tempfile::tempdir().unwrap();
            let open = || Authority::open(folder.path(), NOW).unwrap().certificate_pem;
            let all: Vec<String> = std::thread::scope(|scope| {
                let started: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
                started.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert!(all.iter().all(|certificate| *certificate == open()), "one of them has another authority");
            assert_eq!(std::fs::read_to_string(folder.path().join("ca.pem")).unwrap(), open());
        }
    }

    #[test]
    fn a_start_that_broke_off_between_the_files_leaves_nothing_half() {
        let folder = tempfile::tempdir().unwrap();
        let made = Authority::open(folder.path(), NOW).unwrap();
        std::fs::remove_file(folder.path().join("ca.pem")).unwrap();
        let again = Authority::open(folder.path(), NOW).unwrap();
        assert_eq!(again.certificate_pem, made.certificate_pem);
        assert_eq!(std::fs::read_to_string(folder.path().join("ca.pem")).unwrap(), made.certificate_pem);
    }

    #[test]
    fn damaged_files_are_named() {
        let folder = tempfile::tempdir().unwrap();
        Authority::open(folder.path(), NOW).unwrap();
        std::fs::write(folder.path().join("ca-key.pem"), "garbage").unwrap();
        let error = Authority::open(folder.path(), NOW).err().unwrap();
        assert!(format!("{error:#}").contains("ca-key.pem is damaged"), "{error:#}");
        let said = |key: &str| {
            std::fs::write(folder.path().join("ca-key.pem"), key).unwrap();
            format!("{:#}", Authority::open(folder.path(), NOW).err().unwrap())
        };
        let other = KeyPair::generate().unwrap().serialize_pem();
        assert!(said(&other).contains("is not the key of ca.pem"));
        std::fs::remove_file(folder.path().join("ca-key.pem")).unwrap();
        let error = Authority::open(folder.path(), NOW).err().unwrap();
        assert!(format!("{error:#}").contains("its counterpart is missing"), "{error:#}");
    }

    #[test]
    fn a_leaf_with_another_key_is_renewed() {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::open(folder.path(), NOW).unwrap();
        let leaf = authority.leaf(folder.path(), NOW).unwrap();
        std::fs::write(folder.path().join("leaf-key.pem"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
        assert_ne!(authority.leaf(folder.path(), NOW).unwrap().chain_pem, leaf.chain_pem);
    }
}
