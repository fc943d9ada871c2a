//! Faults of the encrypted document.

use super::draft::JweDraft;
use super::{Change, Fault};
use openssl::pkey::PKey;
use serde_json::json;

const SHAPE: &str = "SPEC, security: the person is a JWE with RSA-OAEP and A256GCM around a JWS";
const ENCRYPTED: &str = "SPEC, security: outside the sandbox the person is signed and encrypted";
const JWE: &str = "RFC 7516 §5.2";

pub(super) const FAULTS: &[Fault] = &[
    fault("jwe-tag", "changes one bit of the tag", "rejects", JWE, |draft| draft.segments.push(|all| flip(all, 4))),
    fault("jwe-iv", "changes one bit of the IV", "rejects", JWE, |draft| draft.segments.push(|all| flip(all, 2))),
    fault("jwe-ciphertext", "changes one bit of the ciphertext", "rejects", JWE, |draft| {
        draft.segments.push(|all| flip(all, 3));
    }),
    fault(
        "jwe-key",
        "changes one bit of the wrapped key",
        "rejects, no otherwise than for a changed tag",
        JWE,
        |draft| {
            draft.segments.push(|all| flip(all, 1));
        },
    ),
    fault("jwe-ciphertext-short", "cuts the last byte of the ciphertext", "rejects", JWE, |draft| {
        draft.segments.push(|all| shorten(all, 3));
    }),
    fault("jwe-iv-short", "sends an IV of 11 bytes", "rejects", JWE, |draft| {
        draft.segments.push(|all| shorten(all, 2));
    }),
    fault("jwe-tag-short", "sends a tag of 12 bytes, the right ones", "rejects", JWE, |draft| {
        draft.segments.push(|segments| {
            if let Some(tag) = segments.get_mut(4) {
                tag.truncate(12);
            }
        });
    }),
    fault("jwe-4-segments", "leaves out the last segment", "rejects, no crash", JWE, |draft| {
        draft.segments.push(|segments| drop(segments.pop()));
    }),
    fault("jwe-6-segments", "sends a segment more", "rejects, no crash", JWE, |draft| {
        draft.segments.push(|segments| segments.push(b"more".to_vec()));
    }),
    fault("jwe-recipient", "encrypts for another key", "rejects as decryption", SHAPE, |draft| {
        let stranger = PKey::public_key_from_pem(myinfo_fixtures::keys::STRANGER_PUBLIC_KEY_PEM.as_bytes());
        if let Ok(stranger) = stranger {
            draft.recipient = stranger;
        }
    }),
    fault("jwe-alg-rsa1-5", "wraps the key with RSA1_5", "rejects: undocumented, and an oracle", SHAPE, |draft| {
        draft.header.insert("alg".to_owned(), json!("RSA1_5"));
    }),
    fault("jwe-alg-oaep-256", "wraps the key with RSA-OAEP-256", "rejects: undocumented", SHAPE, |draft| {
        draft.header.insert("alg".to_owned(), json!("RSA-OAEP-256"));
    }),
    fault("jwe-alg-dir", "says alg `dir`, with a key made of the public key", "rejects", SHAPE, |draft| {
        draft.header.insert("alg".to_owned(), json!("dir"));
    }),
    fault("jwe-alg-a128kw", "says alg A128KW, with a key made of the public key", "rejects", SHAPE, |draft| {
        draft.header.insert("alg".to_owned(), json!("A128KW"));
    }),
    fault("jwe-enc-cbc", "encrypts with A128CBC-HS256, as years ago", "either; reported", SHAPE, |draft| {
        draft.header.insert("enc".to_owned(), json!("A128CBC-HS256"));
    }),
    fault(
        "jwe-zip-bomb",
        "sends 64 kB that decompress to 64 MB (zip DEF)",
        "refuses, or bounds its memory",
        SHAPE,
        |draft| {
            const SIZE: usize = 64 * 1024 * 1024;
            draft.header.insert("zip".to_owned(), json!("DEF"));
            draft.plaintext = vec![b' '; SIZE];
            draft.plaintext.extend_from_slice(format!("\"{}\"", draft.signed).as_bytes());
        },
    ),
    fault("jwe-kid-unknown", "names an unknown `kid`; the key is right", "accepts: kid is a hint", JWE, |draft| {
        draft.header.insert("kid".to_owned(), json!("unknown"));
    }),
    fault(
        "jwe-header-changed",
        "changes the header after encrypting",
        "rejects: the header is authenticated",
        JWE,
        |draft| {
            draft.segments.push(|segments| {
                if let Some(header) = segments.first_mut() {
                    // one member more: the same key and algorithms, another text
                    let text = String::from_utf8_lossy(header).replacen('{', "{\"x\":1,", 1);
                    *header = text.into_bytes();
                }
            });
        },
    ),
    fault(
        "jwe-plaintext-unquoted",
        "encrypts the bare JWS, without quotes",
        "accepts, or fails cleanly",
        SHAPE,
        |draft| {
            draft.plaintext = draft.signed.clone().into_bytes();
        },
    ),
    fault("jwe-plaintext-json", "encrypts the person without a signature", "rejects", SHAPE, |draft| {
        draft.plaintext = draft.payload.clone().into_bytes();
    }),
    fault(
        "jwe-bare-jws",
        "sends the signed document without encryption",
        "rejects outside the sandbox",
        ENCRYPTED,
        |draft| {
            draft.instead = Some(("application/jose", draft.signed.clone().into_bytes()));
        },
    ),
    fault("jwe-bare-json", "sends the person as plain JSON", "rejects outside the sandbox", ENCRYPTED, |draft| {
        draft.instead = Some(("application/json", draft.payload.clone().into_bytes()));
    }),
];

const fn fault(
    id: &'static str,
    says: &'static str,
    good_client: &'static str,
    clause: &'static str,
    change: fn(&mut JweDraft),
) -> Fault {
    Fault { id, says, good_client, clause, change: Change::Jwe(change) }
}

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
