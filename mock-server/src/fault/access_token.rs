//! Faults of the access token.

use super::draft::{JwsDraft, Signer};
use super::{Change, Fault, forge};
use serde_json::{Value, json};

const SIGNED: &str = "SPEC, security: the access token is a JWT signed with RS256 by Myinfo";
const CLAIMS: &str = "v3.md 3.6, claims as recorded";
/// An hour, in seconds.
const HOUR: i64 = 3600;

pub(super) const FAULTS: &[Fault] = &[
    fault("access-token-signature", "changes one bit of the signature", "rejects, no person call", SIGNED, |draft| {
        draft.break_signature = true;
    }),
    fault("access-token-key", "signs with another RSA key", "rejects, no person call", SIGNED, |draft| {
        draft.signer = Signer::Stranger;
    }),
    fault(
        "access-token-none",
        "says alg `none`, with an empty signature",
        "rejects, no person call",
        SIGNED,
        |draft| {
            signed_as(draft, "none", Signer::Nobody);
        },
    ),
    fault(
        "access-token-hs256",
        "signs with HS256, keyed with the certificate",
        "rejects, no person call",
        SIGNED,
        |draft| {
            signed_as(draft, "HS256", Signer::HmacOfCertificate);
        },
    ),
    fault(
        "access-token-rs512",
        "signs with RS512 by the right key",
        "rejects: RS256 is the documented one",
        SIGNED,
        |draft| {
            signed_as(draft, "RS512", Signer::Rs512);
        },
    ),
    fault(
        "access-token-ps256",
        "signs with PS256 by the right key",
        "rejects: RS256 is the documented one",
        SIGNED,
        |draft| {
            signed_as(draft, "PS256", Signer::Ps256);
        },
    ),
    fault(
        "access-token-jwk",
        "embeds another key as `jwk` and signs with it",
        "ignores it and rejects",
        SIGNED,
        |draft| {
            let jwk = forge::stranger().and_then(|key| forge::jwk(&key)).unwrap_or(Value::Null);
            by_stranger(draft, "jwk", jwk);
        },
    ),
    fault(
        "access-token-jku",
        "points to another key by `jku` and signs with it",
        "ignores it and rejects",
        SIGNED,
        |draft| {
            by_stranger(draft, "jku", json!("https://nobody.invalid/jwks.json"));
        },
    ),
    fault(
        "access-token-x5c",
        "embeds another certificate as `x5c` and signs with its key",
        "ignores it and rejects",
        SIGNED,
        |draft| {
            let body: String =
                myinfo_fixtures::keys::STRANGER_CERT_PEM.lines().filter(|line| !line.starts_with("-----")).collect();
            by_stranger(draft, "x5c", json!([body]));
        },
    ),
    fault(
        "access-token-kid-unknown",
        "names an unknown `kid`; the signature is right",
        "uses its configured key: accepts, or refuses before person",
        SIGNED,
        |draft| {
            draft.header.insert("kid".to_owned(), json!("../../unknown"));
        },
    ),
    fault(
        "access-token-expired",
        "gives a token that expired an hour ago",
        "rejects, no person call",
        CLAIMS,
        |draft| {
            draft.shift_times(-HOUR - 1800);
        },
    ),
    fault(
        "access-token-expired-30-seconds",
        "gives a token that expired 30 seconds ago",
        "either; its leeway is its own",
        CLAIMS,
        |draft| {
            draft.shift_times(-1800 - 30);
        },
    ),
    fault("access-token-future", "gives a token that becomes valid in an hour", "rejects", CLAIMS, |draft| {
        draft.shift_times(HOUR);
    }),
    fault("access-token-no-exp", "gives a token without `exp`", "rejects", CLAIMS, |draft| remove(draft, "exp")),
    fault("access-token-no-sub", "gives a token without `sub`", "rejects, no person call", CLAIMS, |draft| {
        remove(draft, "sub")
    }),
    fault("access-token-sub-empty", "gives a token with an empty `sub`", "rejects, no person call", CLAIMS, |draft| {
        set(draft, "sub", json!(""));
    }),
    fault(
        "access-token-sub-number",
        "gives a token whose `sub` is a number",
        "rejects, no person call",
        CLAIMS,
        |draft| {
            set(draft, "sub", json!(60_050_480));
        },
    ),
    fault(
        "access-token-sub-path",
        "gives a token whose `sub` is `../token?x=`",
        "encodes it as one segment, or rejects",
        CLAIMS,
        |draft| {
            set(draft, "sub", json!("../token?x="));
        },
    ),
    fault(
        "access-token-sub-slashes",
        "gives a token whose `sub` is `a/../../%2e%2e/b#c`",
        "encodes it as one segment, or rejects",
        CLAIMS,
        |draft| {
            set(draft, "sub", json!("a/../../%2e%2e/b#c"));
        },
    ),
    fault("access-token-issuer", "names another issuer", "rejects", CLAIMS, |draft| {
        set(draft, "iss", json!("https://nobody.invalid/serviceauth/myinfo-com"));
    }),
    fault("access-token-audience", "is for another client", "rejects", CLAIMS, |draft| {
        let another = format!("{}-ANOTHER", draft.client_id);
        set(draft, "aud", json!(another));
    }),
    fault(
        "access-token-scope",
        "consents to nothing but the name",
        "asks person for no more than that",
        CLAIMS,
        |draft| {
            set(draft, "scope", json!(["name"]));
        },
    ),
    fault("access-token-not-json", "carries a payload that is no JSON", "rejects as malformed", CLAIMS, |draft| {
        draft.payload = b"this is no JSON".to_vec();
    }),
];

const fn fault(
    id: &'static str,
    says: &'static str,
    good_client: &'static str,
    clause: &'static str,
    change: fn(&mut JwsDraft),
) -> Fault {
    Fault { id, says, good_client, clause, change: Change::AccessToken(change) }
}

pub(super) fn signed_as(draft: &mut JwsDraft, algorithm: &str, signer: Signer) {
    draft.header.insert("alg".to_owned(), json!(algorithm));
    draft.signer = signer;
}

fn by_stranger(draft: &mut JwsDraft, member: &str, value: Value) {
    draft.header.insert(member.to_owned(), value);
    draft.signer = Signer::Stranger;
}

fn remove(draft: &mut JwsDraft, claim: &str) {
    draft.claims(|claims| {
        claims.shift_remove(claim);
    });
}

fn set(draft: &mut JwsDraft, claim: &str, value: Value) {
    draft.claims(|claims| {
        claims.insert(claim.to_owned(), value);
    });
}
