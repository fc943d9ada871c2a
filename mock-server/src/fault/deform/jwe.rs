//! What can be done to an encrypted document.

use super::{Deformation, jwe};
use openssl::pkey::PKey;
use serde_json::json;

pub(crate) const TAG: Deformation = jwe("changes one bit of the tag", |draft| draft.segments.push(|all| flip(all, 4)));
pub(crate) const IV: Deformation = jwe("changes one bit of the IV", |draft| draft.segments.push(|all| flip(all, 2)));
pub(crate) const CIPHERTEXT: Deformation = jwe("changes one bit of the ciphertext", |draft| {
    draft.segments.push(|all| flip(all, 3));
});
pub(crate) const KEY: Deformation = jwe("changes one bit of the wrapped key", |draft| {
    draft.segments.push(|all| flip(all, 1));
});
pub(crate) const CIPHERTEXT_SHORT: Deformation = jwe("cuts the last byte of the ciphertext", |draft| {
    draft.segments.push(|all| shorten(all, 3));
});
pub(crate) const IV_SHORT: Deformation = jwe("sends an IV of 11 bytes", |draft| {
    draft.segments.push(|all| shorten(all, 2));
});
pub(crate) const TAG_SHORT: Deformation = jwe("sends a tag of 12 bytes, the right ones", |draft| {
    draft.segments.push(|segments| {
        if let Some(tag) = segments.get_mut(4) {
            tag.truncate(12);
        }
    });
});
pub(crate) const FOUR_SEGMENTS: Deformation = jwe("leaves out the last segment", |draft| {
    draft.segments.push(|segments| drop(segments.pop()));
});
pub(crate) const SIX_SEGMENTS: Deformation = jwe("sends a segment more", |draft| {
    draft.segments.push(|segments| segments.push(b"more".to_vec()));
});
pub(crate) const RECIPIENT: Deformation = jwe("encrypts for another key", |draft| {
    let stranger = PKey::public_key_from_pem(myinfo_fixtures::keys::STRANGER_PUBLIC_KEY_PEM.as_bytes());
    if let Ok(stranger) = stranger {
        draft.recipient = stranger;
    }
});
pub(crate) const ALG_RSA1_5: Deformation = jwe("wraps the key with RSA1_5", |draft| {
    draft.header.insert("alg".to_owned(), json!("RSA1_5"));
});
pub(crate) const ALG_OAEP_256: Deformation = jwe("wraps the key with RSA-OAEP-256", |draft| {
    draft.header.insert("alg".to_owned(), json!("RSA-OAEP-256"));
});
pub(crate) const ALG_DIR: Deformation = jwe("says alg `dir`, with a key made of the public key", |draft| {
    draft.header.insert("alg".to_owned(), json!("dir"));
});
pub(crate) const ALG_A128KW: Deformation = jwe("says alg A128KW, with a key made of the public key", |draft| {
    draft.header.insert("alg".to_owned(), json!("A128KW"));
});
pub(crate) const ENC_CBC: Deformation = jwe("encrypts with A128CBC-HS256, as years ago", |draft| {
    draft.header.insert("enc".to_owned(), json!("A128CBC-HS256"));
});
pub(crate) const ZIP_BOMB: Deformation = jwe("sends 64 kB that decompress to 64 MB (zip DEF)", |draft| {
    const SIZE: usize = 64 * 1024 * 1024;
    draft.header.insert("zip".to_owned(), json!("DEF"));
    draft.plaintext = vec![b' '; SIZE];
    draft.plaintext.extend_from_slice(format!("\"{}\"", draft.signed).as_bytes());
});
pub(crate) const KID_UNKNOWN: Deformation = jwe("names an unknown `kid`; the key is right", |draft| {
    draft.header.insert("kid".to_owned(), json!("unknown"));
});
pub(crate) const HEADER_CHANGED: Deformation = jwe("changes the header after encrypting", |draft| {
    draft.segments.push(|segments| {
        if let Some(header) = segments.first_mut() {
            // one member more: the same key and algorithms, another text
            let text = String::from_utf8_lossy(header).replacen('{', "{\"x\":1,", 1);
            *header = text.into_bytes();
        }
    });
});
pub(crate) const PLAINTEXT_UNQUOTED: Deformation = jwe("encrypts the bare JWS, without quotes", |draft| {
    draft.plaintext = draft.signed.as_bytes().to_vec();
});
pub(crate) const PLAINTEXT_JSON: Deformation = jwe("encrypts the person without a signature", |draft| {
    draft.plaintext = draft.payload();
});
pub(crate) const BARE_JWS: Deformation = jwe("sends the signed document without encryption", |draft| {
    draft.instead = Some(("application/jose", draft.signed.as_bytes().to_vec()));
});
pub(crate) const BARE_JSON: Deformation = jwe("sends the person as plain JSON", |draft| {
    draft.instead = Some(("application/json", draft.payload()));
});

/// Changes the lowest bit of the first byte of a segment.
fn flip(segments: &mut [Vec<u8>], place: usize) {
    if let Some(byte) = segments.get_mut(place).and_then(|segment| segment.first_mut()) {
        *byte ^= 0x01;
    }
}

/// Cuts the last byte of a segment.
fn shorten(segments: &mut [Vec<u8>], place: usize) {
    if let Some(segment) = segments.get_mut(place) {
        segment.pop();
    }
}
