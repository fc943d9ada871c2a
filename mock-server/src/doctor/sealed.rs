//! What was changed about an encrypted document whose key fits: its tag, its header, its text or its IV.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use openssl::symm::{Cipher, Crypter, Mode};

/// The parts of a compact JWE.
struct Parts<'t> {
    header: &'t str,
    key: Vec<u8>,
    iv: Vec<u8>,
    text: Vec<u8>,
    tag: Vec<u8>,
}

/// What was changed; nothing where the private key does not open the content key. `is_signed` says of the text inside
/// whether it is a signed document of a known key.
pub(super) fn damage(token: &str, key: &PKey<Private>, is_signed: impl Fn(&str) -> bool) -> Option<String> {
    let parts = Parts::of(token)?;
    let content_key = unwrap(&parts.key, key)?;
    if parts.iv.len() != 12 {
        return Some(format!("the IV has {} bytes instead of 12: it was changed", parts.iv.len()));
    }
    let plain = apply(Mode::Decrypt, &content_key, &parts, &parts.text)?.0;
    // what is known to be so many bytes alike is no chance
    let tag = apply(Mode::Encrypt, &content_key, &parts, &plain)?.1;
    let alike = tag.iter().zip(&parts.tag).filter(|(one, other)| one == other).count();
    if alike >= 8 && tag != parts.tag {
        let what = if parts.tag.len() < tag.len() { "cut off" } else { "changed" };
        return Some(format!("the tag was {what} (fifth part: {alike} of 16 bytes are right)"));
    }
    let text = String::from_utf8_lossy(&plain);
    let inner = serde_json::from_str::<String>(&text).unwrap_or_else(|_| text.clone().into_owned());
    if is_signed(&inner) {
        let what = "the header was changed (first part; the tag covers it), or the tag was replaced (fifth part)";
        return Some(format!("{what}: the text inside is whole"));
    }
    if text.trim_start_matches('"').starts_with("ey") || text.ends_with('"') {
        return Some("the encrypted text was changed or cut (fourth part): it opens to a damaged document".to_owned());
    }
    Some("the IV was changed (third part), or all of the text (fourth part): it opens to noise".to_owned())
}

impl<'t> Parts<'t> {
    fn of(token: &'t str) -> Option<Self> {
        let mut parts = token.split('.');
        let header = parts.next()?;
        let mut next = || BASE64_URL_SAFE_NO_PAD.decode(parts.next()?).ok();
        Some(Self { header, key: next()?, iv: next()?, text: next()?, tag: next()? })
    }
}

/// The content key of A256GCM, out of RSA-OAEP.
fn unwrap(sealed: &[u8], key: &PKey<Private>) -> Option<Vec<u8>> {
    let rsa = key.rsa().ok()?;
    let mut opened = vec![0; key.size()];
    let size = rsa.private_decrypt(sealed, &mut opened, Padding::PKCS1_OAEP).ok()?;
    opened.truncate(size);
    (size == 32).then_some(opened)
}

/// Encrypts or decrypts without looking at the tag, and gives the tag that an encryption has.
fn apply(mode: Mode, key: &[u8], parts: &Parts<'_>, input: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut crypter = Crypter::new(Cipher::aes_256_gcm(), mode, key, Some(&parts.iv)).ok()?;
    crypter.aad_update(parts.header.as_bytes()).ok()?;
    let mut output = vec![0; input.len() + 16];
    let size = crypter.update(input, &mut output).ok()?;
    output.truncate(size);
    let mut tag = vec![0; 16];
    if matches!(mode, Mode::Encrypt) {
        crypter.finalize(&mut []).ok()?;
        crypter.get_tag(&mut tag).ok()?;
    }
    Some((output, tag))
}
