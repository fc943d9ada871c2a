//! What stands in the header is no signature, or one that is written otherwise.

use super::{Judged, Row};
use crate::diagnosis::{Parts, authorization, hex, key, text};
use crate::support::{newest, rig};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use myinfo_fixtures::keys::CLIENT_KEY_PEM;
use rsa::pkcs1v15::SigningKey;
use rsa::sha2::{Digest, Sha256};
use rsa::signature::{SignatureEncoding, Signer};

const fn row(name: &'static str, says: &'static str) -> Row {
    Row { name, ids: &[], says }
}

/// From the right signature and the text to what is sent.
type Written = fn(&[u8], &[u8]) -> String;

const FORMS: &[(Row, Written)] = &[
    (row("undefined", "`undefined`"), |_, _| "undefined".to_owned()),
    (row("null", "`null`"), |_, _| "null".to_owned()),
    (row("[object Object]", "`[object Object]`"), |_, _| "[object Object]".to_owned()),
    (row("[object Promise]", "`[object Promise]`"), |_, _| "[object Promise]".to_owned()),
    (row("unexpanded variable", "variable"), |_, _| "${signature}".to_owned()),
    (row("JWS", "JWS"), |right, _| format!("eyJhbGciOiJSUzI1NiJ9.e30.{}", BASE64_URL_SAFE_NO_PAD.encode(right))),
    (row("hexadecimal", "in hexadecimal; the signature behind it is right"), |right, _| hex(right)),
    (row("capital hexadecimal", "in hexadecimal; the signature behind it is right"), |right, _| {
        hex(right).to_uppercase()
    }),
    (row("hex of Base64", "hexadecimal of its Base64"), |right, _| hex(BASE64_STANDARD.encode(right).as_bytes())),
    (row("Base64 of hex", "Base64 of its hexadecimal"), |right, _| BASE64_STANDARD.encode(hex(right))),
    (row("Base64 twice", "twice"), |right, _| BASE64_STANDARD.encode(BASE64_STANDARD.encode(right))),
    (row("reversed bytes", "reverse"), |right, _| {
        BASE64_STANDARD.encode(right.iter().rev().copied().collect::<Vec<u8>>())
    }),
    (row("a hash", "SHA-256 hash"), |_, text| BASE64_STANDARD.encode(Sha256::digest(text))),
    (row("a hash in hexadecimal", "SHA-256 hash"), |_, text| hex(&Sha256::digest(text))),
    (row("32 bytes", "32 bytes"), |_, _| BASE64_STANDARD.encode([7; 32])),
    (row("ECDSA in DER", "ECDSA"), |_, _| {
        let mut der = vec![0x30, 68, 2, 32];
        der.extend([1; 32]);
        der.extend([2, 32]);
        der.extend([1; 32]);
        BASE64_STANDARD.encode(der)
    }),
    (row("ECDSA raw", "64 bytes"), |_, _| BASE64_STANDARD.encode([9; 64])),
    (row("a key of 1024 bits", "1024 bits"), |_, _| BASE64_STANDARD.encode([9; 128])),
    (row("a key of 4096 bits", "4096 bits"), |_, _| BASE64_STANDARD.encode([9; 512])),
    (row("cut", "cut"), |right, _| BASE64_STANDARD.encode(right)[..300].to_owned()),
    (row("noise of the right length", "no signature by the registered key"), |_, _| BASE64_STANDARD.encode([9; 256])),
    (row("one bit changed", "no signature by the registered key"), |right, _| {
        let mut right = right.to_vec();
        right[100] ^= 1;
        BASE64_STANDARD.encode(right)
    }),
    (row("Base64url", "Base64url (`-` and `_`); the signature behind it is right"), |right, _| {
        BASE64_URL_SAFE_NO_PAD.encode(right)
    }),
    (row("no padding", "without its `=`"), |right, _| BASE64_STANDARD.encode(right).trim_end_matches('=').to_owned()),
    (row("percent-encoded", "percent-encoded; the signature behind it is right"), |right, _| {
        crate::diagnosis::encode(&BASE64_STANDARD.encode(right))
    }),
    (row("plus as blank", "a `+` was taken for a space"), |right, _| BASE64_STANDARD.encode(right).replace('+', " ")),
    (row("PEM", "PEM"), |right, _| format!("-----BEGIN SIGNATURE-----{}", BASE64_STANDARD.encode(right))),
];

/// Every row's outcome.
pub(super) async fn judged() -> Vec<Judged> {
    let rig = rig("com").await;
    let mut judged = Vec::new();
    for (row, written) in FORMS {
        // the same request again and again: until its signature is good, no nonce is used up
        let code = rig.client.code("name", "S6005048A").await.unwrap();
        let mut draft = rig.client.token_draft(&code);
        let signature = loop {
            let text = text(Parts::of(&draft));
            let right = SigningKey::<Sha256>::new(key(CLIENT_KEY_PEM)).sign(&text).to_bytes();
            // Base64 without `+` and `/` shows nothing of its alphabet
            if BASE64_STANDARD.encode(&right).contains('+') && BASE64_STANDARD.encode(&right).contains('/') {
                break written(&right, &text);
            }
            draft.header.nonce.push('x');
        };
        rig.client.request(&draft, Some(&authorization(&draft, &signature))).send().await.unwrap();
        judged.push(row.judge(&newest(&rig).await["refused"]));
    }
    // the right form of nothing: hexadecimal of a signature over another text, which is examined all the same
    let code = rig.client.code("name", "S6005048A").await.unwrap();
    let draft = rig.client.token_draft(&code);
    let wrong = SigningKey::<Sha256>::new(key(CLIENT_KEY_PEM)).sign(Parts::of(&draft).unsorted().as_bytes()).to_bytes();
    rig.client.request(&draft, Some(&authorization(&draft, &hex(&wrong)))).send().await.unwrap();
    let row = Row { name: "hexadecimal, unsorted", ids: &["unsorted"], says: "in hexadecimal" };
    judged.push(row.judge(&newest(&rig).await["refused"]));
    let row = Row { name: "Base64url, unsorted", ids: &["unsorted"], says: "Base64url" };
    let code = rig.client.code("name", "S6005048A").await.unwrap();
    let draft = rig.client.token_draft(&code);
    let wrong = SigningKey::<Sha256>::new(key(CLIENT_KEY_PEM)).sign(Parts::of(&draft).unsorted().as_bytes()).to_bytes();
    let header = authorization(&draft, &BASE64_URL_SAFE_NO_PAD.encode(&wrong));
    rig.client.request(&draft, Some(&header)).send().await.unwrap();
    judged.push(row.judge(&newest(&rig).await["refused"]));
    judged
}
