//! Faults of ID token and userinfo: encryption, signature, claims, and the person's data.

use crate::fault::deform::claims;
use crate::fault::deform::{self, Deformation, data, jwe as jwe_of, jws as jws_of, openid};
use crate::fault::{Fault, faults};
use serde_json::{Map, Value, json};

use deform::{jwe, jws};

const JWE: &str = "RFC 7516 §5.2";
const SHAPE: &str = "LEG, ID token by profile: with personal data a JWE around a JWS";
const SIGNED: &str = "LEG, JWKS endpoint: signed by Singpass with ES256";
const CLAIMS: &str = "OIDC Core §3.1.3.7";
const SUBJECT: &str = "LEG, ID token by profile: `sub` has members with commas between them";
const USERINFO_SHAPE: &str = "LEG, requesting userinfo: a JWE around a JWS, the data at its root";
const SAME: &str = "OIDC Core §5.3.2: sub is that of the ID token";
const ITEMS: &str = "DOC, data catalogue: what was consented to, of the person who logged in";

pub(super) const ID_TOKEN: &[Fault] = faults! { "oidc";
    @ IdTokenJwe
        "oidc-id-token-tag" jwe::TAG, JWE => "rejects, no userinfo call"
        "oidc-id-token-key" jwe::KEY, JWE => "rejects, no otherwise than for a changed tag"
        "oidc-id-token-kid-unknown" jwe::KID_UNKNOWN, JWE => "accepts: kid is a hint"
        "oidc-id-token-not-encrypted" openid::NOT_ENCRYPTED, SHAPE => "rejects where its profile has personal data"
    @ IdTokenJws
        "oidc-id-token-signature" jws::SIGNATURE, SIGNED => "rejects, no userinfo call"
        "oidc-id-token-signer" jws::KEY, SIGNED => "rejects, no userinfo call"
        "oidc-id-token-none" jws::NONE, SIGNED => "rejects, no userinfo call"
        "oidc-id-token-hs256" openid::HS256, SIGNED => "rejects, no userinfo call"
        "oidc-id-token-signer-unknown" jws::KID_UNKNOWN, SIGNED => "fetches the keys once more, then rejects; no loop"
        "oidc-id-token-issuer" claims::ISSUER, CLAIMS => "rejects, no userinfo call"
        "oidc-id-token-issuer-fapi" ISSUER_FAPI, CLAIMS => "rejects: FAPI is another issuer"
        "oidc-id-token-audience" claims::AUDIENCE, CLAIMS => "rejects, no userinfo call"
        "oidc-id-token-audience-strangers" openid::AUDIENCE_STRANGERS, CLAIMS => "rejects: several audiences need an azp"
        "oidc-id-token-expired" claims::EXPIRED, CLAIMS => "rejects, no userinfo call"
        "oidc-id-token-no-exp" claims::NO_EXP, CLAIMS => "rejects"
        "oidc-id-token-exp-text" openid::EXP_TEXT, CLAIMS => "rejects, no crash"
        "oidc-id-token-nonce" openid::NONCE, CLAIMS => "rejects, no userinfo call"
        "oidc-id-token-nonce-longer" openid::NONCE_LONGER, CLAIMS => "rejects, no userinfo call: the whole text is compared"
        "oidc-id-token-no-nonce" openid::NO_NONCE, CLAIMS => "rejects, no userinfo call"
        "oidc-id-token-no-sub" claims::NO_SUB, CLAIMS => "rejects"
        "oidc-id-token-sub-uuid" SUB_UUID, SUBJECT => "passes it whole: an app without NRIC has no other"
        "oidc-id-token-sub-foreign" SUB_FOREIGN, SUBJECT => "passes it whole, or takes it apart by its members' names"
        "oidc-id-token-sub-fapi" SUB_FAPI, SUBJECT => "rejects, or passes it whole"
};

pub(super) const USERINFO: &[Fault] = faults! { "oidc";
    @ PersonJwe
        "oidc-userinfo-tag" jwe::TAG, JWE => "rejects, shows no data"
        "oidc-userinfo-enc-gcm" ENC_GCM, USERINFO_SHAPE => "accepts: it was reported"
        "oidc-userinfo-kid-unknown" jwe::KID_UNKNOWN, JWE => "accepts: kid is a hint"
        "oidc-userinfo-not-encrypted" openid::NOT_ENCRYPTED, USERINFO_SHAPE => "rejects: encryption was agreed upon"
        "oidc-userinfo-unsigned" jwe::PLAINTEXT_JSON, USERINFO_SHAPE => "rejects"
    @ PersonJws
        "oidc-userinfo-signature" jws::SIGNATURE, SIGNED => "rejects, shows no data"
        "oidc-userinfo-signer" jws::KEY, SIGNED => "rejects, shows no data"
        "oidc-userinfo-none" jws::NONE, SIGNED => "rejects, shows no data"
        "oidc-userinfo-sub" openid::SUB_OTHER, SAME => "rejects, shows no data"
        "oidc-userinfo-issuer" claims::ISSUER, USERINFO_SHAPE => "rejects, shows no data"
        "oidc-userinfo-audience" claims::AUDIENCE, USERINFO_SHAPE => "rejects, shows no data"
        "oidc-userinfo-person-info" PERSON_INFO, USERINFO_SHAPE => "rejects as malformed: so writes FAPI"
    @ PersonData
        "oidc-data-somebody-else" data::SOMEBODY_ELSE, ITEMS => "rejects where uinfin and `sub` can be compared"
        "oidc-data-missing-item" data::MISSING_ITEM, ITEMS => "accepts without it"
        "oidc-data-unavailable" data::UNAVAILABLE, ITEMS => "tells it apart from an empty value"
};

const ISSUER_FAPI: Deformation = jws_of("names FAPI's issuer", |draft| {
    draft.claims(|claims| {
        let issuer = format!("{}/fapi", text(claims, "iss"));
        claims.insert("iss".to_owned(), issuer.into());
    });
});
const SUB_UUID: Deformation = jws_of("writes `sub` as `u=<uuid>` alone", |draft| {
    draft.claims(|claims| {
        let sub = format!("u={}", super::super::subject::uuid(text(claims, "sub")));
        claims.insert("sub".to_owned(), sub.into());
    });
});
const SUB_FOREIGN: Deformation = jws_of("writes `sub` as that of a foreign account", |draft| {
    draft.claims(|claims| {
        let uuid = super::super::subject::uuid(text(claims, "sub"));
        let sub = format!("s={uuid},fid=A1234567,coi=MY,u={uuid}");
        claims.insert("sub".to_owned(), sub.into());
    });
});
const SUB_FAPI: Deformation = jws_of("writes `sub` as FAPI does, the bare UUID", |draft| {
    draft.claims(|claims| {
        let sub = super::super::subject::uuid(text(claims, "sub")).to_owned();
        claims.insert("sub".to_owned(), sub.into());
    });
});
const ENC_GCM: Deformation = jwe_of("encrypts with A256GCM", |draft| {
    draft.header.insert("enc".to_owned(), json!("A256GCM"));
});
const PERSON_INFO: Deformation = jws_of("puts the person's data below person_info", |draft| {
    let mut own = Map::new();
    draft.claims(|claims| {
        for name in ["iss", "sub", "aud", "iat"] {
            own.extend(claims.shift_remove_entry(name));
        }
        let person = std::mem::take(claims);
        claims.insert("person_info".to_owned(), Value::Object(person));
        claims.extend(own);
    });
});

fn text<'c>(claims: &'c Map<String, Value>, name: &str) -> &'c str {
    claims.get(name).and_then(Value::as_str).unwrap_or_default()
}
