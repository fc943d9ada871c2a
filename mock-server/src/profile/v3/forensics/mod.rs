//! Signature forensics: what a client really signed, found out from the signature itself.

pub(crate) mod kinds;
mod mistakes;
mod recipe;
mod search;

use self::recipe::{Hashed, Order, Origin, Part, Recipe};
use self::search::{hex, search};
use super::parameters::SHOWN;
use super::pki_sign::PkiSign;
use crate::doctor::catalogue::{Diagnosis, SIG_BASE, SIG_ENCODING, SIG_HASH, SIG_KEY, SIG_PADDING, SIG_TEXT};
use crate::doctor::difference::{Comparison, Details, Field};
use crate::doctor::recover::{Hash, Recovered, is_pss, recover};
use crate::http::pairs::Pairs;
use crate::text::is_name;
use openssl::pkey::{PKey, Public};
use std::borrow::Cow;

/// What is known about a request whose signature does not verify.
pub(crate) struct Evidence<'a> {
    /// The base string as it should be.
    recipe: Recipe<'a>,
    /// The same with every value masked that is, or might be, a secret.
    masked: Recipe<'a>,
    /// The URLs that the server accepts; the first is the one as received.
    pub(super) urls: &'a [String],
    pub(super) query: &'a str,
    pub(super) bearer: Option<&'a str>,
    pub(super) signature_text: Option<&'a str>,
    /// Names and values that a client might have signed without sending them.
    pub(super) known: Vec<(String, String)>,
    /// Origins that the client may believe it calls: those of forwarding headers, for example.
    pub(super) other_origins: Vec<String>,
}

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

impl<'a> Evidence<'a> {
    /// Evidence from what was sent; the header read and as text. The optional fields are filled in by the caller.
    pub(super) fn new(method: &'a str, urls: &'a [String], header: (&'a PkiSign, &str), parameters: &'a Pairs) -> Self {
        let recipe = recipe(method, urls, header, parameters);
        let shown =
            |name: &str, value: &str| if SHOWN.contains(&name) { value.to_owned() } else { "[redacted]".to_owned() };
        let hidden = parameters.map_values(shown);
        let mut masked = recipe.clone();
        for part in &mut masked.parts {
            if let (Origin::Parameter(_), Some(value)) = (part.origin, hidden.value(&part.name)) {
                part.value = Cow::Owned(value.to_owned());
            }
            if !is_name(&part.name) {
                part.name = Cow::Borrowed("[redacted]");
            }
        }
        Self {
            recipe,
            masked,
            urls,
            query: "",
            bearer: None,
            signature_text: None,
            known: Vec::new(),
            other_origins: Vec::new(),
        }
    }

    /// The expected base string, secrets masked.
    fn expected(&self) -> String {
        self.masked.text()
    }

    /// The texts that the server would accept.
    fn accepted(&self) -> impl Iterator<Item = String> {
        self.urls.iter().map(|url| {
            let mut recipe = self.recipe.clone();
            recipe.url = url.as_str().into();
            recipe.text()
        })
    }

    /// Where each field of the base string comes from, secrets masked.
    fn fields(&self) -> Vec<Field> {
        let first = [
            Field { name: "method".to_owned(), from: "the request line", value: self.recipe.method.to_string() },
            Field { name: "URL".to_owned(), from: "Host header and path", value: self.recipe.url.to_string() },
        ];
        let from = |origin| match origin {
            Origin::Header(_) => "Authorization header",
            Origin::Parameter(_) if self.recipe.method == "GET" => "query",
            Origin::Parameter(_) => "form body",
            Origin::Added => "nowhere",
        };
        let mut parts: Vec<&Part<'_>> = self.masked.parts.iter().collect();
        parts.sort_by(|one, other| one.name.cmp(&other.name));
        let parts = parts.into_iter().map(|part| Field {
            name: part.name.to_string(),
            from: from(part.origin),
            value: part.value.to_string(),
        });
        first.into_iter().chain(parts).collect()
    }
}

fn recipe<'a>(
    method: &'a str,
    urls: &'a [String],
    (header, text): (&'a PkiSign, &str),
    parameters: &'a Pairs,
) -> Recipe<'a> {
    let fields = header.in_sent_order(text).into_iter().enumerate().map(|(place, (name, value))| Part {
        name: name.into(),
        value: value.into(),
        origin: Origin::Header(place),
    });
    let sent = parameters.iter().enumerate().map(|(place, (name, value))| Part {
        name: name.into(),
        value: value.into(),
        origin: Origin::Parameter(place),
    });
    Recipe {
        method: method.into(),
        url: urls.first().map_or(Cow::Borrowed(""), |url| url.as_str().into()),
        parts: fields.chain(sent).collect(),
        order: Order::Name,
        joints: ["&", "&"],
        before: "",
        after: "".into(),
        oauth: false,
        latin: false,
        hashed: Hashed::Text,
    }
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

/// The right key and hash: the text is another one.
fn of_text(evidence: &Evidence<'_>, digest: &[u8]) -> Finding {
    let Some(hit) = search(evidence, Hash::Sha256, digest) else {
        let says = "the right key signed, but another text, which no known mistake explains";
        let fix = "compare your base string with the expected one, field by field";
        return Finding { details: unexplained(evidence), ..finding(SIG_TEXT, says, fix) };
    };
    Finding { details: hit.details(evidence), ..finding(SIG_BASE, hit.says(), &hit.fix()) }
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
        Some(hit) => (format!("; besides, {}", hit.says()), hit.details(evidence)),
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
