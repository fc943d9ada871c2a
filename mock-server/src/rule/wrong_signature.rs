//! Why a client's signature on a curve does not verify: a known key made it after all, over another text or in another form.

use super::jwt::Jwt;
use crate::doctor::written::from_hex;
use crate::jose::ec::{Curve, EcPublic, raw_from_der};
use crate::jose::recover_key::signers;
use crate::text::hex;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE};
use openssl::sha::{sha256, sha384, sha512};
use std::borrow::Cow;

/// A key that may have made a signature, and whose it is: "the encryption key `a` of the client".
#[derive(Debug, Clone)]
pub(crate) struct KnownKey {
    pub(crate) name: String,
    pub(crate) key: EcPublic,
}

/// How many owners of one key are told.
const OWNERS: usize = 3;

/// The names of a key: clients that share one are told together, for nobody can say which of them it was.
pub(crate) fn names_of<'k>(key: &EcPublic, known: impl Iterator<Item = &'k KnownKey>) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for same in known.filter(|known| known.key.is_same(key)) {
        if !names.contains(&same.name.as_str()) {
            names.push(&same.name);
        }
    }
    let more = names.len().saturating_sub(OWNERS);
    names.truncate(OWNERS);
    let told = names.join(", which is also ");
    (!told.is_empty()).then(|| if more > 0 { format!("{told} and {more} more") } else { told })
}

/// How many signatures are verified for one explanation: some milliseconds of work.
const MOST: usize = 300;

/// What was done instead, proved by a key that is known; nothing where no key and no mistake explains it.
pub(crate) fn explain(jwt: &Jwt<'_>, known: &[KnownKey]) -> Option<String> {
    let forms = forms(jwt);
    let texts = texts(jwt);
    let tries = forms
        .iter()
        .flat_map(|form| texts.iter().flat_map(move |text| known.iter().map(move |known| Try { form, text, known })));
    // what costs nothing does not count
    let possible = tries.filter(|tried| tried.form.bytes.len() == 2 * tried.known.key.curve.bytes());
    possible.take(MOST).find(Try::is_right).map(|found| found.told(jwt, known))
}

/// The keys that made the signature, if what is sent is what was signed: by their thumbprints, for nobody knows them.
pub(crate) fn unknown_signer(jwt: &Jwt<'_>) -> Option<String> {
    let curve = Curve::of_algorithm(jwt.header("alg")?)?;
    let keys = signers(curve, jwt.signed.as_bytes(), &jwt.signature);
    let thumbprints: Vec<String> = keys.iter().filter_map(|key| key.thumbprint().ok()).collect();
    let listed = "`myinfo-mock doctor jwks` lists those of a set";
    (!thumbprints.is_empty()).then(|| {
        let thumbprints = thumbprints.join(" or ");
        format!("it is by no key that is known here; if the text is the right one, the key's thumbprint is {thumbprints} ({listed})")
    })
}

/// The signature's bytes as they should have been sent, and how they were; nothing for as they should.
struct Form {
    how: Option<&'static str>,
    bytes: Vec<u8>,
}

/// A text that may have been signed, and what it is; nothing for the right one.
struct Text<'t> {
    what: Option<&'static str>,
    bytes: Cow<'t, [u8]>,
}

fn forms(jwt: &Jwt<'_>) -> Vec<Form> {
    let sent = &jwt.signature;
    let mut forms = vec![Form { how: None, bytes: sent.clone() }];
    let mut add = |how, bytes: Option<Vec<u8>>| forms.extend(bytes.map(|bytes| Form { how: Some(how), bytes }));
    for size in [32, 48, 66] {
        add(
            "it is in DER, as most libraries write ECDSA; JWS wants r and s side by side (RFC 7518 §3.4)",
            raw_from_der(sent, size),
        );
    }
    add("it is in hexadecimal; its bytes in base64url are expected", from_hex(jwt.signature_text));
    let text = std::str::from_utf8(sent).unwrap_or_default();
    add("it was encoded twice: base64url of its hexadecimal", from_hex(text));
    add(
        "it was encoded twice: base64url of its Base64",
        BASE64_STANDARD.decode(text).ok().filter(|bytes| !bytes.is_empty()),
    );
    forms
}

/// The texts that libraries and hands sign by mistake. RFC 7515 §5.1, step 5 has the right one.
fn texts<'t>(jwt: &Jwt<'t>) -> Vec<Text<'t>> {
    let right = jwt.signed.as_bytes();
    let (header, payload) = &jwt.decoded;
    let joined = |encode: &dyn Fn(&[u8]) -> String| format!("{}.{}", encode(header), encode(payload)).into_bytes();
    let plain = || [header.as_slice(), b".", payload].concat();
    let encoded_payload = jwt.signed.split('.').nth(1).unwrap_or_default();
    let made: [(&'static str, Vec<u8>); 10] = [
        (
            "the text with `=` at the ends of header and payload (padded base64url)",
            joined(&|part| BASE64_URL_SAFE.encode(part)),
        ),
        ("header and payload in standard Base64", joined(&|part| BASE64_STANDARD.encode(part))),
        ("header and payload in standard Base64 without `=`", joined(&|part| BASE64_STANDARD_NO_PAD.encode(part))),
        ("the JSON of header and payload, before base64url", plain()),
        ("the payload alone", encoded_payload.as_bytes().to_vec()),
        ("the JSON of the payload alone", payload.clone()),
        ("the SHA-256 hash of the text, which was hashed once more", sha256(right).to_vec()),
        ("the SHA-384 hash of the text, which was hashed once more", sha384(right).to_vec()),
        ("the SHA-512 hash of the text, which was hashed once more", sha512(right).to_vec()),
        ("the hash of the text in hexadecimal", hex(&sha256(right)).into_bytes()),
    ];
    let others = made.into_iter().filter(|(_, bytes)| bytes != right);
    let others = others.map(|(what, bytes)| Text { what: Some(what), bytes: Cow::Owned(bytes) });
    std::iter::once(Text { what: None, bytes: Cow::Borrowed(right) }).chain(others).collect()
}

/// One key, one text, one form.
struct Try<'s> {
    form: &'s Form,
    text: &'s Text<'s>,
    known: &'s KnownKey,
}

impl Try<'_> {
    fn is_right(&self) -> bool {
        self.known.key.verifies(&self.text.bytes, &self.form.bytes)
    }

    fn told(&self, jwt: &Jwt<'_>, known: &[KnownKey]) -> String {
        let curve = self.known.key.curve;
        let names = names_of(&self.known.key, known.iter()).unwrap_or_default();
        let algorithm = jwt.header("alg").unwrap_or_default();
        let mut told: Vec<String> = self.form.how.map(str::to_owned).into_iter().collect();
        told.push(match self.text.what {
            Some(what) => format!("{names} made it over {what}"),
            None => format!("{names} made it"),
        });
        if algorithm != curve.algorithm() {
            let (name, right) = (curve.name(), curve.algorithm());
            told.push(format!("`alg` is `{algorithm}`, and a key on {name} signs with {right}"));
        }
        told.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::ec::EcPrivate;
    use crate::jose::ec::raw_signature;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use myinfo_fixtures::keys::ec;
    use openssl::bn::BigNum;
    use openssl::ecdsa::EcdsaSig;

    /// The name, and the private half of a key of the fixtures.
    fn key(kid: &str) -> (KnownKey, EcPrivate) {
        let key = EcPrivate::from_jwk(ec::private(kid).unwrap().as_object().unwrap()).unwrap();
        (KnownKey { name: format!("the key `{kid}`"), key: key.public().unwrap() }, key)
    }

    fn signature(text: &[u8], key: &EcPrivate) -> Vec<u8> {
        raw_signature(key.curve, &key.any_kind().unwrap().ec_key().unwrap(), text).unwrap()
    }

    fn encoded(bytes: impl AsRef<[u8]>) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Header and payload whose Base64 has `=`, `+` and `/`.
    const HEADER: &str = r#"{"alg":"ES256","typ":"JWT", "x":"ÿÿ>"}"#;
    const PAYLOAD: &str = r#"{"sub":"ÿ?ÿ>"}"#;

    fn told(signature: &str, known: &[KnownKey]) -> Option<String> {
        let token = format!("{}.{}.{signature}", encoded(HEADER), encoded(PAYLOAD));
        explain(&Jwt::read(&token).unwrap(), known)
    }

    #[test]
    fn a_known_key_is_named_whatever_its_place() {
        let kids = ["client-sig-p256", "client-enc-p256", "client-sig-p384", "ephemeral-p256", "client-sig-p521"];
        let known: Vec<KnownKey> = kids.iter().map(|kid| key(kid).0).collect();
        let text = format!("{}.{}", encoded(HEADER), encoded(PAYLOAD));
        for kid in kids {
            let found = told(&encoded(signature(text.as_bytes(), &key(kid).1)), &known).unwrap();
            assert!(found.starts_with(&format!("the key `{kid}` made it")), "{found}");
            assert_eq!(found.contains("`alg` is `ES256`, and a key on"), !kid.contains("p256"), "{found}");
        }
        let (stranger, private) = key("stranger-sig-p256");
        let sent = encoded(signature(text.as_bytes(), &private));
        assert_eq!(told(&sent, &known), None);
        let unknown = unknown_signer(&Jwt::read(&format!("{text}.{sent}")).unwrap()).unwrap();
        assert!(unknown.contains(&stranger.key.thumbprint().unwrap()), "{unknown}");
    }

    #[test]
    fn another_text_is_named() {
        let (known, private) = key("client-sig-p256");
        let right = format!("{}.{}", encoded(HEADER), encoded(PAYLOAD));
        let joined = |encode: fn(&str) -> String| format!("{}.{}", encode(HEADER), encode(PAYLOAD)).into_bytes();
        for (text, says) in [
            (joined(|part| BASE64_URL_SAFE.encode(part)), "padded base64url"),
            (joined(|part| BASE64_STANDARD.encode(part)), "standard Base64"),
            (joined(|part| BASE64_STANDARD_NO_PAD.encode(part)), "standard Base64 without"),
            (joined(str::to_owned), "before base64url"),
            (encoded(PAYLOAD).into_bytes(), "the payload alone"),
            (PAYLOAD.as_bytes().to_vec(), "the JSON of the payload alone"),
            (sha256(right.as_bytes()).to_vec(), "hashed once more"),
        ] {
            let found = told(&encoded(signature(&text, &private)), std::slice::from_ref(&known)).unwrap();
            assert!(found.starts_with("the key `client-sig-p256` made it over ") && found.contains(says), "{found}");
        }
    }

    #[test]
    fn another_form_is_named_and_what_stands_behind_it() {
        let (known, private) = key("client-sig-p256");
        let text = format!("{}.{}", encoded(HEADER), encoded(PAYLOAD));
        let raw = signature(text.as_bytes(), &private);
        let number = |bytes: &[u8]| BigNum::from_slice(bytes).unwrap();
        let der = EcdsaSig::from_private_components(number(&raw[..32]), number(&raw[32..])).unwrap().to_der().unwrap();
        let hex = hex(&raw);
        for (sent, says) in [
            (encoded(der), "in DER"),
            (hex.clone(), "it is in hexadecimal"),
            (encoded(hex), "base64url of its hexadecimal"),
            (encoded(BASE64_STANDARD.encode(&raw)), "base64url of its Base64"),
        ] {
            let found = told(&sent, std::slice::from_ref(&known)).unwrap();
            assert!(found.contains(says) && found.ends_with("the key `client-sig-p256` made it"), "{found}");
        }
    }

    #[test]
    fn all_who_have_the_key_are_named_up_to_three() {
        let (known, private) = key("client-sig-p256");
        let text = format!("{}.{}", encoded(HEADER), encoded(PAYLOAD));
        let sent = encoded(signature(text.as_bytes(), &private));
        let known = ["A", "B", "B", "C", "D"].map(|name| KnownKey { name: name.to_owned(), ..known.clone() });
        assert_eq!(told(&sent, &known).unwrap(), "A, which is also B, which is also C and 1 more made it");
        assert_eq!(told(&sent, &known[..3]).unwrap(), "A, which is also B made it");
    }

    #[test]
    fn the_work_is_bounded_however_many_keys_there_are() {
        let (last, private) = key("client-sig-p256");
        let text = format!("{}.{}", encoded(HEADER), encoded(PAYLOAD));
        let sent = encoded(signature(text.as_bytes(), &private));
        let mut known = vec![key("stranger-sig-p256").0; MOST - 1];
        known.push(last.clone());
        assert!(told(&sent, &known).is_some());
        known.insert(0, key("stranger-sig-p256").0);
        assert_eq!(told(&sent, &known), None, "it is one too many");
    }
}
