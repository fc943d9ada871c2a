//! Signature forensics: what a client really signed, found out from the signature itself.

mod address;
mod evidence;
pub(crate) mod kinds;
mod mistake;
mod mistakes;
mod of_parameters;
mod of_secret;
mod of_url;
mod of_wire;
mod prefixes;
mod recipe;
mod search;

pub(crate) use self::evidence::Evidence;
use self::search::search;
use crate::doctor::catalogue::{Diagnosis, SIG_BASE, SIG_ENCODING, SIG_HASH, SIG_KEY, SIG_PADDING, SIG_TEXT};
use crate::doctor::difference::{Comparison, Details};
use crate::doctor::recover::{Hash, Recovered, is_pss, recover};
use crate::text::hex;
use openssl::pkey::{PKey, Public};

/// A key that the mock knows, and whose it is.
pub(crate) struct KnownKey<'a> {
    pub(crate) owner: String,
    pub(crate) key: &'a PKey<Public>,
}

/// What the doctor says.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) diagnosis: &'static Diagnosis,
    pub(crate) says: String,
    pub(crate) fix: String,
    pub(crate) details: Details,
}

/// Finds out why a signature does not verify. `owner` is the client whose registered key it should be by.
pub(crate) fn diagnose(
    evidence: &Evidence<'_>,
    signature: &[u8],
    registered: &KnownKey<'_>,
    others: &[KnownKey<'_>],
) -> Finding {
    let is_right_pss = || evidence.accepted().any(|text| is_pss(signature, text.as_bytes(), registered.key));
    match recover(signature, registered.key) {
        Recovered::Digest { hash: Hash::Sha256, digest } => of_text(evidence, &digest),
        Recovered::Digest { hash, digest } => of_hash(evidence, hash, &digest),
        Recovered::Bare(content) => of_bare(evidence, &content),
        Recovered::PerhapsPss | Recovered::Pss(_) if is_right_pss() => {
            let fix = "sign with RSASSA-PKCS1-v1_5 and SHA-256 (RS256)";
            finding(SIG_PADDING, "the right key signed the right text, but with PSS padding (PS256)", fix)
        }
        Recovered::Pss(hash) => finding(
            SIG_PADDING,
            format!(
                "the right key signed, but with PSS padding (PS{}), which does not show what was signed",
                hash.name().trim_start_matches("SHA-")
            ),
            "sign with RSASSA-PKCS1-v1_5 and SHA-256 (RS256)",
        ),
        Recovered::PerhapsPss | Recovered::Nothing => of_key(evidence, signature, registered, others),
    }
}

/// The header of an earlier request, sent once more: `earlier` says of which.
pub(crate) fn reused(evidence: &Evidence<'_>, earlier: &str) -> Finding {
    let kind = kinds::REUSED;
    let comparison = Comparison { expected: evidence.expected(), received: None };
    let details = Details { comparison: Some(comparison), mistakes: vec![kind.id], fields: Vec::new() };
    Finding { details, ..finding(SIG_BASE, format!("{} ({earlier})", kind.says), kind.fix) }
}

/// The right key and hash: the text is another one.
fn of_text(evidence: &Evidence<'_>, digest: &[u8]) -> Finding {
    let Some(hit) = search(evidence, Hash::Sha256, digest) else {
        let says = "the right key signed, but another text, which no known mistake explains";
        let fix = "compare your base string with the expected one, field by field";
        return Finding { details: unexplained(evidence), ..finding(SIG_TEXT, says, fix) };
    };
    Finding { details: hit.details(evidence), ..finding(SIG_BASE, hit.says(evidence), &hit.fix()) }
}

/// The right key with another hash.
fn of_hash(evidence: &Evidence<'_>, hash: Hash, digest: &[u8]) -> Finding {
    let mut says = format!("the right key signed with {}; RS256 is RSA with SHA-256", hash.name());
    let fix = format!("sign with SHA-256 instead of {}", hash.name());
    let (text, details) = text_under(evidence, hash, digest);
    says.push_str(&text);
    Finding { details, ..finding(SIG_HASH, says, &fix) }
}

/// The right key, and a content that does not name its hash.
fn of_bare(evidence: &Evidence<'_>, content: &[u8]) -> Finding {
    let fix = "give the base string to RSA-SHA256, which hashes it and names the hash inside the signature";
    let says = if evidence.accepted().any(|text| Hash::Sha256.of(text.as_bytes()) == content) {
        "the right key signed the right hash, but without naming the hash (bare private-key encryption)"
    } else if evidence.accepted().any(|text| hex(&Hash::Sha256.of(text.as_bytes())).as_bytes() == content) {
        "the right key signed the right hash, but as hexadecimal text and without naming the hash"
    } else {
        "the right key signed something that does not name its hash (bare private-key encryption)"
    };
    finding(SIG_PADDING, says, fix)
}

/// Another key: whose, if the mock knows it.
fn of_key(evidence: &Evidence<'_>, signature: &[u8], registered: &KnownKey<'_>, others: &[KnownKey<'_>]) -> Finding {
    let reversed: Vec<u8> = signature.iter().rev().copied().collect();
    if let Recovered::Digest { hash, digest } = recover(&reversed, registered.key) {
        let (text, details) = text_under(evidence, hash, &digest);
        let says = format!("the bytes of the signature stand in reverse order, as CryptoAPI gives them out{text}");
        let fix = "reverse the signature's bytes before you write them in Base64";
        return Finding { details, ..finding(SIG_ENCODING, says, fix) };
    }
    for other in others {
        let (text, details) = match recover(signature, other.key) {
            Recovered::Digest { hash, digest } => text_under(evidence, hash, &digest),
            Recovered::Pss(_) => (", and with PSS padding".to_owned(), unexplained(evidence)),
            Recovered::Bare(_) => (", and without naming the hash".to_owned(), unexplained(evidence)),
            Recovered::PerhapsPss | Recovered::Nothing => continue,
        };
        let says = format!("{} signed, not the key that is registered for {}{text}", other.owner, registered.owner);
        let fix = format!(
            "sign with the private key of the certificate that is registered for {}, or register the other one",
            registered.owner
        );
        return Finding { details, ..finding(SIG_KEY, says, &fix) };
    }
    let says = format!(
        "this is no signature by the registered key of {}, nor by one of the {} others that the mock knows: another key made it, or it was damaged, or it is no signature",
        registered.owner,
        others.len()
    );
    let fix =
        "use the private key that belongs to the registered certificate, or register the certificate of the key in use";
    let mut finding = finding(SIG_KEY, says, fix);
    finding.details = unexplained(evidence);
    finding
}

/// Whether the text was right under a hash, as a continuation of a sentence, and what that rests on.
fn text_under(evidence: &Evidence<'_>, hash: Hash, digest: &[u8]) -> (String, Details) {
    if evidence.accepted().any(|text| hash.of(text.as_bytes()) == digest) {
        return ("; the text is right".to_owned(), Details::default());
    }
    match search(evidence, hash, digest) {
        Some(hit) => (format!("; besides, {}", hit.says(evidence)), hit.details(evidence)),
        None => ("; the text is another one, too".to_owned(), unexplained(evidence)),
    }
}

/// The expected text and where its fields come from.
fn unexplained(evidence: &Evidence<'_>) -> Details {
    Details {
        comparison: Some(Comparison { expected: evidence.expected(), received: None }),
        mistakes: Vec::new(),
        fields: evidence.fields(),
    }
}

fn finding(diagnosis: &'static Diagnosis, says: impl Into<String>, fix: &str) -> Finding {
    Finding { diagnosis, says: says.into(), fix: fix.to_owned(), details: Details::default() }
}
