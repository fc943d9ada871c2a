//! Faults of the ID token: its encryption, its signature and its claims.

use crate::fault::deform::claims::{self, remove, set};
use crate::fault::deform::{self, Deformation, jwe as jwe_of, jws as jws_of};
use crate::fault::draft::{JwsDraft, Who};
use crate::fault::{Fault, faults};
use serde_json::{Value, json};

use deform::{jwe, jws, openid};

const JWE: &str = "RFC 7516 §5.2";
const JWE_SHAPE: &str = "DOC, 4. Parsing the ID token: ECDH-ES with key wrapping, A256CBC-HS512";
const SIGNED: &str = "DOC, 4. Parsing the ID token: signed by Singpass with ES256";
const CLAIMS: &str = "OIDC Core §3.1.3.7";
const SUBJECT: &str = "DOC, 4. Parsing the ID token, claims";

pub(super) const FAULTS: &[Fault] = faults! { "fapi";
    @ IdTokenJwe
        "fapi-id-token-tag" jwe::TAG, JWE => "rejects, no userinfo call"
        "fapi-id-token-iv" jwe::IV, JWE => "rejects, no userinfo call"
        "fapi-id-token-ciphertext" jwe::CIPHERTEXT, JWE => "rejects, no userinfo call"
        "fapi-id-token-key" jwe::KEY, JWE => "rejects, no otherwise than for a changed tag"
        "fapi-id-token-tag-short" jwe::TAG_SHORT, JWE => "rejects, no userinfo call"
        "fapi-id-token-4-segments" jwe::FOUR_SEGMENTS, JWE => "rejects, no crash"
        "fapi-id-token-header-changed" jwe::HEADER_CHANGED, JWE => "rejects: the header is authenticated"
        "fapi-id-token-enc-gcm" ENC_GCM, JWE_SHAPE => "accepts or rejects; reported"
        "fapi-id-token-alg-a128kw" ALG_A128KW, JWE_SHAPE => "accepts, where it registered the key for it"
        "fapi-id-token-kid-unknown" jwe::KID_UNKNOWN, JWE => "accepts: kid is a hint"
        "fapi-id-token-not-encrypted" openid::NOT_ENCRYPTED, JWE_SHAPE => "rejects: encryption was agreed upon"
    @ IdTokenJws
        "fapi-id-token-signature" jws::SIGNATURE, SIGNED => "rejects, no userinfo call"
        "fapi-id-token-signer" jws::KEY, SIGNED => "rejects, no userinfo call"
        "fapi-id-token-none" jws::NONE, SIGNED => "rejects, no userinfo call"
        "fapi-id-token-hs256" openid::HS256, SIGNED => "rejects, no userinfo call"
        "fapi-id-token-signer-unknown" jws::KID_UNKNOWN, SIGNED => "fetches the keys once more, then rejects; no loop"
        "fapi-id-token-jwk" JWK, SIGNED => "rejects: a key that the token brings along proves nothing"
        "fapi-id-token-typ" TYP, SIGNED => "accepts: the media type has no case, and `application/` may be left out"
        "fapi-id-token-crit" CRIT, SIGNED => "rejects: it does not understand the extension (RFC 7515 §4.1.11)"
        "fapi-id-token-not-json" jws::PAYLOAD_NOT_JSON, CLAIMS => "rejects as malformed"
        "fapi-id-token-issuer" claims::ISSUER, CLAIMS => "rejects, no userinfo call"
        "fapi-id-token-issuer-legacy" ISSUER_LEGACY, CLAIMS => "rejects: the issuer before FAPI has no path"
        "fapi-id-token-audience" claims::AUDIENCE, CLAIMS => "rejects, no userinfo call"
        "fapi-id-token-audience-list" openid::AUDIENCE_LIST, CLAIMS => "accepts"
        "fapi-id-token-audience-strangers" openid::AUDIENCE_STRANGERS, CLAIMS => "rejects: several audiences need an azp"
        "fapi-id-token-expired" claims::EXPIRED, CLAIMS => "rejects, no userinfo call"
        "fapi-id-token-expired-lately" claims::EXPIRED_15_MINUTES, CLAIMS => "rejects: clocks differ by a minute or two"
        "fapi-id-token-no-exp" claims::NO_EXP, CLAIMS => "rejects"
        "fapi-id-token-future" claims::FUTURE, CLAIMS => "rejects"
        "fapi-id-token-future-soon" claims::FUTURE_15_MINUTES, CLAIMS => "rejects: clocks differ by a minute or two"
        "fapi-id-token-exp-text" openid::EXP_TEXT, CLAIMS => "rejects, no crash"
        "fapi-id-token-nonce" openid::NONCE, CLAIMS => "rejects, no userinfo call"
        "fapi-id-token-nonce-longer" openid::NONCE_LONGER, CLAIMS => "rejects, no userinfo call: the whole text is compared"
        "fapi-id-token-no-nonce" openid::NO_NONCE, CLAIMS => "rejects, no userinfo call"
        "fapi-id-token-no-sub" claims::NO_SUB, CLAIMS => "rejects"
        "fapi-id-token-sub-legacy" SUB_LEGACY, SUBJECT => "rejects, or passes it whole; never takes the NRIC out of it"
        "fapi-id-token-level" LEVEL, CLAIMS => "rejects where it asked for more"
        "fapi-id-token-extra-claims" EXTRA, SUBJECT => "accepts"
        "fapi-id-token-factors" FACTORS, SUBJECT => "accepts, and passes the list on as it is"
        "fapi-id-token-actor" ACTOR, SUBJECT => "never takes the actor for the subject"
        "fapi-id-token-no-attributes" NO_ATTRIBUTES, SUBJECT => "accepts without them"
        "fapi-id-token-at-hash" AT_HASH, CLAIMS => "rejects"
};

const ENC_GCM: Deformation = jwe_of("encrypts with A256GCM, as userinfo is", |draft| {
    draft.header.insert("enc".to_owned(), json!("A256GCM"));
});
const ALG_A128KW: Deformation = jwe_of("wraps the key with ECDH-ES+A128KW", |draft| {
    draft.header.insert("alg".to_owned(), json!("ECDH-ES+A128KW"));
});
const JWK: Deformation = jws_of("embeds another key as `jwk` and signs with it", |draft| {
    let jwk = myinfo_fixtures::keys::ec::public("stranger-sig-p256").unwrap_or_default();
    draft.header.insert("jwk".to_owned(), jwk);
    draft.by = Who::Stranger;
});
/// RFC 7515 §4.1.9, RFC 7519 §5.1.
const TYP: Deformation = jws_of("writes `typ` as `application/jwt`", |draft| {
    draft.header.insert("typ".to_owned(), json!("application/jwt"));
});
const CRIT: Deformation = jws_of("demands an extension that nobody knows by `crit`", |draft| {
    draft.header.insert("crit".to_owned(), json!(["x-unknown"]));
    draft.header.insert("x-unknown".to_owned(), json!(true));
});
const ISSUER_LEGACY: Deformation = jws_of("names the issuer of the API before FAPI", |draft| {
    draft.claims(|claims| {
        let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or_default().trim_end_matches("/fapi").to_owned();
        claims.insert("iss".to_owned(), issuer.into());
    });
});
const SUB_LEGACY: Deformation = jws_of("writes `sub` as the API before FAPI did", |draft| {
    draft.claims(|claims| {
        let sub = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
        let legacy = format!("s=S9999999Z,u={sub}");
        claims.insert("sub".to_owned(), legacy.into());
    });
});
const LEVEL: Deformation = jws_of("names the lowest level, loa:1", |draft| {
    set(draft, "acr", json!("urn:singpass:authentication:loa:1"));
});
const EXTRA: Deformation = jws_of("adds unknown claims and an unknown way of authentication", |draft| {
    set(draft, "amr", json!(["swk", "carrier-pigeon"]));
    set(draft, "favourite_colour", json!("red"));
});
const FACTORS: Deformation = jws_of("lists three factors in amr, by the names that FAPI has for them", |draft| {
    set(draft, "amr", json!(["pwd", "otp-sms", "face"]));
});
const ACTOR: Deformation = jws_of("names an actor who acts for the person", |draft| {
    set(draft, "act", json!({"sub": "00000000-0000-4000-8000-000000000000"}));
});
const NO_ATTRIBUTES: Deformation = jws_of("leaves out sub_attributes", |draft: &mut JwsDraft| {
    remove(draft, "sub_attributes");
});
const AT_HASH: Deformation = jws_of("carries the at_hash of another access token", |draft| {
    set(draft, "at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"));
});
