//! Faults of the userinfo document: its encryption, its signature, its claims and the person's data.

use crate::fault::deform::claims::{self, remove};
use crate::fault::deform::{self, Deformation, data, jwe as jwe_of, jws as jws_of};
use crate::fault::{Fault, faults};
use serde_json::{Value, json};

use deform::{jwe, jws, openid};

const JWE: &str = "RFC 7516 §5.2";
const JWE_SHAPE: &str = "DOC, 5. Requesting for userinfo: a JWE around a JWS";
const SIGNED: &str = "DOC, 5. Requesting for userinfo: signed by Singpass with ES256";
const CLAIMS: &str = "DOC, 5. Requesting for userinfo, claims";
const SAME: &str = "OIDC Core §5.3.2: sub is that of the ID token";
const ITEMS: &str = "DOC, data catalogue: what was consented to, of the person who logged in";

pub(super) const FAULTS: &[Fault] = faults! { "fapi";
    @ PersonJwe
        "fapi-userinfo-tag" jwe::TAG, JWE => "rejects, shows no data"
        "fapi-userinfo-ciphertext" jwe::CIPHERTEXT, JWE => "rejects, shows no data"
        "fapi-userinfo-key" jwe::KEY, JWE => "rejects, no otherwise than for a changed tag"
        "fapi-userinfo-tag-short" jwe::TAG_SHORT, JWE => "rejects, shows no data"
        "fapi-userinfo-6-segments" jwe::SIX_SEGMENTS, JWE => "rejects, no crash"
        "fapi-userinfo-header-changed" jwe::HEADER_CHANGED, JWE => "rejects: the header is authenticated"
        "fapi-userinfo-enc-cbc" ENC_CBC, JWE_SHAPE => "accepts: the documents name both"
        "fapi-userinfo-kid-unknown" jwe::KID_UNKNOWN, JWE => "accepts: kid is a hint"
        "fapi-userinfo-not-encrypted" openid::NOT_ENCRYPTED, JWE_SHAPE => "rejects: encryption was agreed upon"
        "fapi-userinfo-json" jwe::BARE_JSON, JWE_SHAPE => "rejects"
        "fapi-userinfo-unsigned" jwe::PLAINTEXT_JSON, JWE_SHAPE => "rejects"
    @ PersonJws
        "fapi-userinfo-signature" jws::SIGNATURE, SIGNED => "rejects, shows no data"
        "fapi-userinfo-signer" jws::KEY, SIGNED => "rejects, shows no data"
        "fapi-userinfo-none" jws::NONE, SIGNED => "rejects, shows no data"
        "fapi-userinfo-not-json" jws::PAYLOAD_NOT_JSON, CLAIMS => "rejects as malformed"
        "fapi-userinfo-sub" openid::SUB_OTHER, SAME => "rejects, shows no data"
        "fapi-userinfo-sub-longer" SUB_LONGER, SAME => "rejects, shows no data: the whole text is compared"
        "fapi-userinfo-issuer" claims::ISSUER, CLAIMS => "rejects, shows no data"
        "fapi-userinfo-audience" claims::AUDIENCE, CLAIMS => "rejects, shows no data"
        "fapi-userinfo-stale" STALE, CLAIMS => "rejects"
        "fapi-userinfo-no-person-info" NO_PERSON_INFO, CLAIMS => "rejects as malformed"
        "fapi-userinfo-at-the-root" AT_THE_ROOT, CLAIMS => "rejects as malformed: so wrote the API before FAPI"
        "fapi-userinfo-root-beside" ROOT_BESIDE, CLAIMS => "takes the data of person_info alone"
    @ PersonData
        "fapi-data-somebody-else" data::SOMEBODY_ELSE, ITEMS => "rejects where uinfin and the ID token can be compared"
        "fapi-data-extra-item" data::EXTRA_ITEM, ITEMS => "ignores it, or passes it through"
        "fapi-data-missing-item" data::MISSING_ITEM, ITEMS => "accepts without it"
        "fapi-data-unavailable" data::UNAVAILABLE, ITEMS => "tells it apart from an empty value"
        "fapi-data-no-metadata" data::NO_METADATA, ITEMS => "does not crash"
        "fapi-data-source-user" data::SOURCE_USER, ITEMS => "does not show them as verified"
        "fapi-data-unknown-codes" data::UNKNOWN_CODES, ITEMS => "passes them through"
        "fapi-data-nasty-text" data::NASTY_TEXT, ITEMS => "keeps it byte for byte, shows it escaped"
        "fapi-data-precise-numbers" data::PRECISE_NUMBERS, ITEMS => "loses no digit"
};

const ENC_CBC: Deformation = jwe_of("encrypts with A256CBC-HS512, as the ID token is", |draft| {
    draft.header.insert("enc".to_owned(), json!("A256CBC-HS512"));
});
const SUB_LONGER: Deformation = jws_of("names a `sub` that goes on behind that of the ID token", |draft| {
    draft.claims(|claims| {
        let longer = format!("{}0", claims.get("sub").and_then(Value::as_str).unwrap_or_default());
        claims.insert("sub".to_owned(), longer.into());
    });
});
const STALE: Deformation = jws_of("was made two days ago", |draft| {
    draft.claims(|claims| {
        let made = claims.get("iat").and_then(Value::as_u64).unwrap_or_default();
        claims.insert("iat".to_owned(), made.saturating_sub(2 * 24 * 3600).into());
    });
});
const ROOT_BESIDE: Deformation = jws_of("has somebody else's data at the root, beside person_info", |draft| {
    draft.claims(|claims| {
        for (item, value) in [("uinfin", "S9999999Z"), ("name", "SOMEBODY AT THE ROOT")] {
            let marks = json!({"lastupdated": "2023-01-01", "source": "1", "classification": "C", "value": value});
            claims.insert(item.to_owned(), marks);
        }
    });
});
const NO_PERSON_INFO: Deformation = jws_of("leaves out person_info", |draft| remove(draft, "person_info"));
const AT_THE_ROOT: Deformation = jws_of("puts the person's data at the root, without person_info", |draft| {
    draft.claims(|claims| {
        if let Some(Value::Object(person)) = claims.shift_remove("person_info") {
            claims.extend(person);
        }
    });
});
