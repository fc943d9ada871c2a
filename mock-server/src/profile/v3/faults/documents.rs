//! Faults of what is signed and encrypted: the access token, the person document and its data.

use crate::fault::deform::{claims, data, jwe, jws};
use crate::fault::{Fault, faults};

const TOKEN_SIGNED: &str = "SPEC, security: the access token is a JWT signed with RS256 by Myinfo";
const TOKEN_CLAIMS: &str = "v3.md 3.6, claims as recorded";
const JWE_SHAPE: &str = "SPEC, security: the person is a JWE with RSA-OAEP and A256GCM around a JWS";
const JWE_NEEDED: &str = "SPEC, security: outside the sandbox the person is signed and encrypted";
const JWE: &str = "RFC 7516 §5.2";
const PERSON_SIGNED: &str = "SPEC, security: the person is signed by Myinfo with RS256";
const PERSON_PAYLOAD: &str = "SPEC, person: the payload is a JSON object of data items";
const ITEMS: &str = "SPEC, person: exactly the requested items of the person who logged in";
const VALUES: &str = "SPEC, Appendix A: shapes and code tables of the items";

pub(super) const ACCESS_TOKEN: &[Fault] = faults! { "v3";
    @ AccessToken
        "access-token-signature" jws::SIGNATURE, TOKEN_SIGNED => "rejects, no person call"
        "access-token-key" jws::KEY, TOKEN_SIGNED => "rejects, no person call"
        "access-token-none" jws::NONE, TOKEN_SIGNED => "rejects, no person call"
        "access-token-hs256" jws::HS256, TOKEN_SIGNED => "rejects, no person call"
        "access-token-rs512" jws::RS512, TOKEN_SIGNED => "rejects: RS256 is the documented one"
        "access-token-ps256" jws::PS256, TOKEN_SIGNED => "rejects: RS256 is the documented one"
        "access-token-jwk" jws::JWK, TOKEN_SIGNED => "ignores it and rejects"
        "access-token-jku" jws::JKU, TOKEN_SIGNED => "ignores it and rejects"
        "access-token-x5c" jws::X5C, TOKEN_SIGNED => "ignores it and rejects"
        "access-token-kid-unknown" jws::KID_UNKNOWN, TOKEN_SIGNED => "uses its configured key: accepts, or refuses before person"
        "access-token-expired" claims::EXPIRED, TOKEN_CLAIMS => "rejects, no person call"
        "access-token-expired-30-seconds" claims::EXPIRED_30_SECONDS, TOKEN_CLAIMS => "either; its leeway is its own"
        "access-token-future" claims::FUTURE, TOKEN_CLAIMS => "rejects"
        "access-token-no-exp" claims::NO_EXP, TOKEN_CLAIMS => "rejects"
        "access-token-no-sub" claims::NO_SUB, TOKEN_CLAIMS => "rejects, no person call"
        "access-token-sub-empty" claims::SUB_EMPTY, TOKEN_CLAIMS => "rejects, no person call"
        "access-token-sub-number" claims::SUB_NUMBER, TOKEN_CLAIMS => "rejects, no person call"
        "access-token-sub-path" claims::SUB_PATH, TOKEN_CLAIMS => "encodes it as one segment, or rejects"
        "access-token-sub-slashes" claims::SUB_SLASHES, TOKEN_CLAIMS => "encodes it as one segment, or rejects"
        "access-token-issuer" claims::ISSUER, TOKEN_CLAIMS => "rejects"
        "access-token-audience" claims::AUDIENCE, TOKEN_CLAIMS => "rejects"
        "access-token-scope" claims::SCOPE, TOKEN_CLAIMS => "asks person for no more than that"
        "access-token-not-json" jws::PAYLOAD_NOT_JSON, TOKEN_CLAIMS => "rejects as malformed"
};

pub(super) const PERSON: &[Fault] = faults! { "v3";
    @ PersonJwe
        "jwe-tag" jwe::TAG, JWE => "rejects"
        "jwe-iv" jwe::IV, JWE => "rejects"
        "jwe-ciphertext" jwe::CIPHERTEXT, JWE => "rejects"
        "jwe-key" jwe::KEY, JWE => "rejects, no otherwise than for a changed tag"
        "jwe-ciphertext-short" jwe::CIPHERTEXT_SHORT, JWE => "rejects"
        "jwe-iv-short" jwe::IV_SHORT, JWE => "rejects"
        "jwe-tag-short" jwe::TAG_SHORT, JWE => "rejects"
        "jwe-4-segments" jwe::FOUR_SEGMENTS, JWE => "rejects, no crash"
        "jwe-6-segments" jwe::SIX_SEGMENTS, JWE => "rejects, no crash"
        "jwe-recipient" jwe::RECIPIENT, JWE_SHAPE => "rejects as decryption"
        "jwe-alg-rsa1-5" jwe::ALG_RSA1_5, JWE_SHAPE => "rejects: undocumented, and an oracle"
        "jwe-alg-oaep-256" jwe::ALG_OAEP_256, JWE_SHAPE => "rejects: undocumented"
        "jwe-alg-dir" jwe::ALG_DIR, JWE_SHAPE => "rejects"
        "jwe-alg-a128kw" jwe::ALG_A128KW, JWE_SHAPE => "rejects"
        "jwe-enc-cbc" jwe::ENC_CBC, JWE_SHAPE => "either; reported"
        "jwe-zip-bomb" jwe::ZIP_BOMB, JWE_SHAPE => "refuses, or bounds its memory"
        "jwe-kid-unknown" jwe::KID_UNKNOWN, JWE => "accepts: kid is a hint"
        "jwe-header-changed" jwe::HEADER_CHANGED, JWE => "rejects: the header is authenticated"
        "jwe-plaintext-unquoted" jwe::PLAINTEXT_UNQUOTED, JWE_SHAPE => "accepts, or fails cleanly"
        "jwe-plaintext-json" jwe::PLAINTEXT_JSON, JWE_SHAPE => "rejects"
        "jwe-bare-jws" jwe::BARE_JWS, JWE_NEEDED => "rejects outside the sandbox"
        "jwe-bare-json" jwe::BARE_JSON, JWE_NEEDED => "rejects outside the sandbox"
    @ PersonJws
        "jws-signature" jws::SIGNATURE, PERSON_SIGNED => "rejects, shows no data"
        "jws-none" jws::NONE, PERSON_SIGNED => "rejects, shows no data"
        "jws-key" jws::KEY, PERSON_SIGNED => "rejects, shows no data"
        "jws-hs256" jws::HS256, PERSON_SIGNED => "rejects, shows no data"
        "jws-rs512" jws::RS512, PERSON_SIGNED => "rejects: RS256 is the documented one"
        "jws-payload-array" jws::PAYLOAD_ARRAY, PERSON_PAYLOAD => "rejects as malformed"
        "jws-payload-string" jws::PAYLOAD_STRING, PERSON_PAYLOAD => "rejects as malformed"
        "jws-payload-not-json" jws::PAYLOAD_NOT_JSON, PERSON_PAYLOAD => "rejects as malformed"
    @ PersonData
        "data-somebody-else" data::SOMEBODY_ELSE, ITEMS => "rejects where uinfin and sub can be compared"
        "data-extra-item" data::EXTRA_ITEM, ITEMS => "ignores it, or passes it through"
        "data-missing-item" data::MISSING_ITEM, ITEMS => "accepts without it"
        "data-unavailable" data::UNAVAILABLE, VALUES => "tells it apart from an empty value"
        "data-no-metadata" data::NO_METADATA, VALUES => "does not crash"
        "data-envelope-alone" data::ENVELOPE_ALONE, VALUES => "passes it on, and does not crash"
        "data-source-user" data::SOURCE_USER, VALUES => "does not show them as verified"
        "data-unknown-codes" data::UNKNOWN_CODES, VALUES => "passes them through"
        "data-nasty-text" data::NASTY_TEXT, VALUES => "keeps it byte for byte, shows it escaped"
        "data-precise-numbers" data::PRECISE_NUMBERS, VALUES => "loses no digit"
};
