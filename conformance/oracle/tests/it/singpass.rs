//! The ID token that Singpass's documents print, with the keys that were published.

use myinfo_fixtures::vectors::SINGPASS_JSON;
use myinfo_oracle::{jwe, jwk, jws};
use serde_json::Value;

#[test]
fn the_published_id_token_opens_with_the_demo_key_and_verifies_with_the_staging_key() {
    let vector: Value = serde_json::from_str(SINGPASS_JSON).unwrap();
    let encrypted = vector["encrypted"].as_str().unwrap();
    let opened = jwe::open(encrypted, &jwk::private(&vector["encryption_key"]).unwrap()).unwrap();
    let header: Value = serde_json::from_str(&opened.header).unwrap();
    assert_eq!((&header["alg"], &header["enc"]), (&"ECDH-ES+A256KW".into(), &"A256CBC-HS512".into()));
    assert_eq!(header["kid"], vector["encryption_key"]["kid"]);

    let key = jwk::public(&vector["signing_key"]).unwrap();
    let token = jws::accept(&opened.plaintext, &key).unwrap();
    let claims: Value = serde_json::from_str(&token.payload).unwrap();
    assert_eq!((&claims["iss"], &claims["aud"]), (&vector["issuer"], &vector["client_id"]));
    assert_eq!(claims["nonce"], vector["nonce"]);
    assert_eq!(claims["sub_attributes"]["name"], "NAME OF S5410828A");
    let now = vector["now"].as_u64().unwrap();
    assert!(claims["iat"].as_u64().unwrap() <= now && now < claims["exp"].as_u64().unwrap());

    // the second printed token is another one of the same user
    jws::accept(vector["signed"].as_str().unwrap(), &key).unwrap();
}
