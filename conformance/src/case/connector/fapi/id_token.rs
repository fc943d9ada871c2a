//! Cases of the ID token: its encryption, its signature, its claims.

use crate::case::connector::{ConnectorCase, Plan, verbs};
use crate::connector::driver::Outcome;
use crate::connector::session::Session;
use crate::profile::fapi::KEYS;
use crate::verdict::{Level, Step};
use serde_json::{Value, json};

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "fapi.id-token.kid-hint",
        code: "F-IDT-01",
        level: Level::Should,
        clauses: &["fapi-id-token-form", "rfc7516-kid"],
        other: "encrypts as documented, and names an unknown kid for the application's key; the key is right",
        good: "decrypts it, and accepts",
        why: "A kid is a hint: an application that has one key to decrypt with need not know its name",
        fix: "Try your encryption keys where the kid is none of yours",
        plan: Plan::Accept(&["fapi-id-token-kid-unknown"]),
    },
    ConnectorCase {
        id: "fapi.id-token.signature",
        code: "F-IDT-02",
        level: Level::Must,
        clauses: &["fapi-id-token-claims", "rfc7515-signature", "oidc-id-token"],
        other: "changes one bit of the inner signature",
        good: "refuses it, and does not call userinfo",
        why: "A token that decrypts is not a token that the service made: anybody can encrypt for a public key",
        fix: "Verify the inner signature with a key of the service's JWK Set, always",
        plan: Plan::Refuse(&["fapi-id-token-signature"]),
    },
    ConnectorCase {
        id: "fapi.id-token.algorithm",
        code: "F-IDT-03",
        level: Level::Must,
        clauses: &["rfc7518-none", "rfc8725-algorithms", "rfc7515-algorithm-acceptable"],
        other: "says alg none, or signs with HS256 and the public key as the secret",
        good: "refuses it, and does not call userinfo",
        why: "A client that lets the token choose the algorithm can be told to verify nothing",
        fix: "Allow ES256 alone for what the service signs, whatever the header says",
        plan: Plan::Refuse(&["fapi-id-token-none", "fapi-id-token-hs256"]),
    },
    ConnectorCase {
        id: "fapi.id-token.not-encrypted",
        code: "F-IDT-04",
        level: Level::Should,
        clauses: &["fapi-id-token-form"],
        other: "sends the signed token without encryption",
        good: "refuses it",
        why: "The documents promise encryption; who takes less can be given less by whoever stands between",
        fix: "Demand five segments, and decrypt, before anything is verified",
        plan: Plan::Refuse(&["fapi-id-token-not-encrypted"]),
    },
    ConnectorCase {
        id: "fapi.id-token.issuer",
        code: "F-IDT-05",
        level: Level::Must,
        clauses: &["fapi-id-token-claims", "oidc-id-token"],
        other: "names another issuer",
        good: "refuses it, and does not call userinfo",
        why: "Keys may serve more than one issuer; only the name says who speaks",
        fix: "Compare `iss` with the configured issuer, character by character",
        plan: Plan::Refuse(&["fapi-id-token-issuer"]),
    },
    ConnectorCase {
        id: "fapi.id-token.issuer-legacy",
        code: "F-IDT-30",
        level: Level::Must,
        clauses: &["fapi-id-token-claims", "oidc-id-token"],
        other: "names the issuer of the API before FAPI, the host without /fapi, as `iss`",
        good: "refuses it, and does not call userinfo",
        why: "One key signs for both APIs: a token of the weaker one must not open the stronger one",
        fix: "Compare the whole issuer, its path included; never compare hosts, and allow no list of issuers",
        plan: Plan::Refuse(&["fapi-id-token-issuer-legacy"]),
    },
    ConnectorCase {
        id: "fapi.id-token.audience",
        code: "F-IDT-06",
        level: Level::Must,
        clauses: &["fapi-id-token-claims", "oidc-id-token", "rfc8725-audience"],
        other: "gives a token for another client",
        good: "refuses it, and does not call userinfo",
        why: "A token that another application got could be put into this one",
        fix: "Compare `aud` with your client_id",
        plan: Plan::Refuse(&["fapi-id-token-audience"]),
    },
    ConnectorCase {
        id: "fapi.id-token.audience-list",
        code: "F-IDT-07",
        level: Level::Must,
        clauses: &["oidc-id-token", "rfc7519-aud"],
        other: "writes `aud` as a list of the client alone",
        good: "accepts",
        why: "A list of one says the same as a text, and servers change between the two",
        fix: "Read `aud` as a text or a list",
        plan: Plan::Accept(&["fapi-id-token-audience-list"]),
    },
    ConnectorCase {
        id: "fapi.id-token.audience-strangers",
        code: "F-IDT-08",
        level: Level::Should,
        clauses: &["oidc-id-token"],
        other: "writes `aud` as a list of the client and a stranger, without azp",
        good: "refuses it",
        why: "Nobody says to whom of the two it was given",
        fix: "Refuse audiences that you do not trust, and demand azp where there are several",
        plan: Plan::Refuse(&["fapi-id-token-audience-strangers"]),
    },
    ConnectorCase {
        id: "fapi.id-token.expired",
        code: "F-IDT-09",
        level: Level::Must,
        clauses: &["fapi-id-token-claims", "rfc7519-exp"],
        other: "gives a token that expired an hour ago, or has no exp",
        good: "refuses it, and does not call userinfo",
        why: "A token without an end can be used for ever by whoever finds it",
        fix: "Demand `exp` as a number, and compare it with the clock, with a minute of leeway",
        plan: Plan::Refuse(&["fapi-id-token-expired", "fapi-id-token-no-exp"]),
    },
    ConnectorCase {
        id: "fapi.id-token.future",
        code: "F-IDT-10",
        level: Level::Should,
        clauses: &["oidc-id-token"],
        other: "gives a token that was made in an hour from now",
        good: "refuses it",
        why: "Such a token was not made by the service as one knows it, or the clock is wrong; both want attention",
        fix: "Refuse an `iat` that lies more than a minute or two ahead",
        plan: Plan::Refuse(&["fapi-id-token-future"]),
    },
    ConnectorCase {
        id: "fapi.id-token.nonce-different",
        code: "F-IDT-11",
        level: Level::Must,
        clauses: &["fapi-id-token-claims", "oidc-id-token"],
        other: "gives a token with the nonce of another login, or with one that goes on behind that of this login",
        good: "refuses it, and does not call userinfo",
        why: "The nonce is what ties the token to this browser's login",
        fix: "Compare `nonce` with the one kept in the session",
        plan: Plan::Refuse(&["fapi-id-token-nonce", "fapi-id-token-nonce-longer"]),
    },
    ConnectorCase {
        id: "fapi.id-token.nonce-missing",
        code: "F-IDT-12",
        level: Level::Must,
        clauses: &["fapi-id-token-claims", "oidc-id-token"],
        other: "gives a token without a nonce",
        good: "refuses it, and does not call userinfo",
        why: "A check that runs only where there is something to check protects from nobody",
        fix: "Treat a missing nonce as a wrong one",
        plan: Plan::Refuse(&["fapi-id-token-no-nonce"]),
    },
    ConnectorCase {
        id: "fapi.id-token.subject-missing",
        code: "F-IDT-13",
        level: Level::Must,
        clauses: &["oidc-id-token"],
        other: "gives a token without `sub`",
        good: "refuses it, without crashing",
        why: "Without it nobody knows who logged in, and userinfo can be held against nothing",
        fix: "Demand `sub` as a text that is not empty",
        plan: Plan::Refuse(&["fapi-id-token-no-sub"]),
    },
    ConnectorCase {
        id: "fapi.id-token.level",
        code: "F-IDT-14",
        level: Level::Should,
        clauses: &["oidc-acr"],
        other: "names loa:1 as the level, though loa:2 was asked for",
        good: "refuses it, and does not call userinfo",
        why: "What is asked for is a wish until the answer is looked at",
        fix: "Where you send acr_values, compare `acr` of the ID token with them",
        plan: verbs!(level, with["fapi-id-token-level"]),
    },
    ConnectorCase {
        id: "fapi.id-token.unknown-claims",
        code: "F-IDT-15",
        level: Level::Must,
        clauses: &["fapi-id-token-open"],
        other: "adds unknown claims, and an unknown way of authentication to amr",
        good: "accepts",
        why: "The lists are open, and the documents say so",
        fix: "Read the claims that you need by name, and treat amr as a list of any texts",
        plan: Plan::Accept(&["fapi-id-token-extra-claims"]),
    },
    ConnectorCase {
        id: "fapi.id-token.actor",
        code: "F-IDT-16",
        level: Level::Should,
        clauses: &["fapi-id-token-open"],
        other: "names an actor, who acts for the person, in `act`",
        good: "accepts, and takes the subject for the subject",
        why: "Who takes the actor for the person shows one person's data to another",
        fix: "Take who it is from `sub` and `sub_attributes` at the root of the token alone",
        plan: verbs!(actor, with["fapi-id-token-actor"]),
    },
    ConnectorCase {
        id: "fapi.id-token.no-attributes",
        code: "F-IDT-17",
        level: Level::Must,
        clauses: &["fapi-id-token-open"],
        other: "leaves out sub_attributes",
        good: "accepts",
        why: "They are there only where a scope asked for them, and an email or number may not be registered",
        fix: "Treat sub_attributes, and each member of it, as optional",
        plan: Plan::Accept(&["fapi-id-token-no-attributes"]),
    },
    ConnectorCase {
        id: "fapi.id-token.encryption",
        code: "F-IDT-18",
        level: Level::Must,
        clauses: &["rfc7516-decryption", "rfc7516-tag"],
        other: "changes one bit of tag, IV, ciphertext or wrapped key, shortens the tag, or changes the header after encrypting",
        good: "refuses each, without crashing",
        why: "What is not authenticated was changed by somebody",
        fix: "Use a JOSE library that checks tag, lengths and header, and let its errors end the login",
        plan: Plan::Refuse(&[
            "fapi-id-token-tag",
            "fapi-id-token-iv",
            "fapi-id-token-ciphertext",
            "fapi-id-token-key",
            "fapi-id-token-tag-short",
            "fapi-id-token-header-changed",
        ]),
    },
    ConnectorCase {
        id: "fapi.id-token.segments",
        code: "F-IDT-34",
        level: Level::Must,
        clauses: &["rfc7516-compact", "rfc6749-input-validation"],
        other: "leaves out a segment of the JWE, or has something else than JSON in the JWS",
        good: "refuses both, without crashing",
        why: "Parsers that trust the form of a token end in an exception that a person sees",
        fix: "Count the segments, and parse what is inside defensively",
        plan: Plan::Refuse(&["fapi-id-token-4-segments", "fapi-id-token-not-json"]),
    },
    ConnectorCase {
        id: "fapi.id-token.key-wrap",
        code: "F-IDT-19",
        level: Level::Info,
        clauses: &["fapi-id-token-form"],
        other: "wraps the key with ECDH-ES+A128KW, though another `alg` is registered",
        good: "does either; the report says which",
        why: "The service wraps by the `alg` of the registered key; another one is no attack, but it was not asked for",
        fix: "Allow the key wraps that your registered keys name",
        plan: Plan::Either(&["fapi-id-token-alg-a128kw"]),
    },
    ConnectorCase {
        id: "fapi.id-token.keys-rotated",
        code: "F-IDT-20",
        level: Level::Must,
        clauses: &["fapi-keys"],
        other: "changes its signing key between two logins",
        good: "fetches the keys once more, and accepts",
        why: "Keys change without a word; who keeps them until a restart is down until then",
        fix: "On a kid that is not in the set that you keep, fetch the set once more before you refuse",
        plan: verbs!(rotated),
    },
    ConnectorCase {
        id: "fapi.id-token.signer",
        code: "F-IDT-23",
        level: Level::Must,
        clauses: &["rfc8725-issuer-keys", "rfc7515-signature"],
        other: "signs with a key that is not published, under the published kid and under an unknown one",
        good: "refuses both, and does not call userinfo",
        why: "Anybody has a key; only the service's set says which ones speak for it",
        fix: "Verify with a key of the JWK Set at jwks_uri, and with no key that the token brings along",
        plan: Plan::Refuse(&["fapi-id-token-signer", "fapi-id-token-signer-unknown"]),
    },
    ConnectorCase {
        id: "fapi.id-token.leeway",
        code: "F-IDT-36",
        level: Level::Should,
        clauses: &["rfc7519-exp-leeway", "oidc-id-token"],
        other: "gives a token that expired a quarter of an hour ago, and one that was made in a quarter of an hour from now",
        good: "refuses both",
        why: "Leeway is for clocks that differ by seconds; what is larger lengthens the life of every stolen token",
        fix: "Allow a minute or two for exp and iat, not an hour",
        plan: Plan::Refuse(&["fapi-id-token-expired-lately", "fapi-id-token-future-soon"]),
    },
    ConnectorCase {
        id: "fapi.id-token.at-hash",
        code: "F-IDT-24",
        level: Level::Should,
        clauses: &["oidc-at-hash"],
        other: "carries the at_hash of another access token",
        good: "refuses it",
        why: "An ID token beside somebody else's access token leads to somebody else's data",
        fix: "Where at_hash is there, compare it with the hash of the access token",
        plan: Plan::Refuse(&["fapi-id-token-at-hash"]),
    },
    ConnectorCase {
        id: "fapi.id-token.crit",
        code: "F-IDT-25",
        level: Level::Must,
        clauses: &["rfc7515-crit"],
        other: "demands an extension by `crit` that nobody knows",
        good: "refuses it",
        why: "`crit` says that whoever does not understand must not accept",
        fix: "Refuse any `crit`, or every member of it that you do not implement",
        plan: Plan::Refuse(&["fapi-id-token-crit"]),
    },
    ConnectorCase {
        id: "fapi.id-token.content-encryption",
        code: "F-IDT-27",
        level: Level::Info,
        clauses: &["fapi-id-token-form"],
        other: "encrypts the ID token with A256GCM, as a well-known mock does",
        good: "does either; the report says which",
        why: "The service uses A256CBC-HS512 here; a client that knows A256GCM alone works with that mock and not with the service",
        fix: "Allow A256CBC-HS512, and A256GCM beside it",
        plan: Plan::Either(&["fapi-id-token-enc-gcm"]),
    },
    ConnectorCase {
        id: "fapi.id-token.times-as-text",
        code: "F-IDT-28",
        level: Level::Should,
        clauses: &["rfc7519-exp"],
        other: "writes `exp` as a text",
        good: "refuses it, without crashing",
        why: "A comparison of a text with a number is true or false by accident in many languages",
        fix: "Demand numbers",
        plan: Plan::Refuse(&["fapi-id-token-exp-text"]),
    },
    ConnectorCase {
        id: "fapi.id-token.subject-legacy",
        code: "F-IDT-29",
        level: Level::Should,
        clauses: &["oidc-id-token"],
        other: "writes `sub` as the API before FAPI did, with the NRIC in it",
        good: "refuses it, or passes it on whole",
        why: "Who still cuts an NRIC out of `sub` stores the UUID as one on the day the service no longer sends it",
        fix: "Treat `sub` as a text without parts; take the NRIC from sub_attributes or person_info",
        plan: verbs!(legacy_subject, with["fapi-id-token-sub-legacy"]),
    },
];

/// The levels.
const LEVEL_2: &str = "urn:singpass:authentication:loa:2";

pub(super) async fn level(session: &mut Session<'_>) -> Step {
    session.need("acr")?;
    session.setup.fapi_mut().acr_values = vec![LEVEL_2.to_owned()];
    session.ready().await?;
    super::super::refuses(session, "fapi-id-token-level").await
}

/// The claims that the application got.
fn claims(outcome: &Outcome) -> Option<&Value> {
    match outcome {
        Outcome::Accepted { claims, .. } => claims.as_ref(),
        Outcome::Rejected { .. } | Outcome::Crash { .. } => None,
    }
}

pub(super) async fn actor(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    let usual = session.flow().await?;
    session.when("with the fault fapi-id-token-actor");
    let outcome = session.flow_with("fapi-id-token-actor").await?;
    session.accepted(&outcome).await?;
    let subject = |outcome| claims(outcome).and_then(|claims| claims.get("sub")).cloned();
    if let (Some(usual), Some(found)) = (subject(&usual), subject(&outcome)) {
        session.expect(usual == found, "takes the subject for the subject", || format!("the subject is {found}"));
    }
    Ok(())
}

pub(super) async fn rotated(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("after a change of the service's keys");
    session.mark().await?;
    session.realm.change_keys("now").await?;
    let outcome = session.flow().await?;
    session.accepted(&outcome).await?;
    let calls = session.calls(KEYS).len();
    session.expect(calls <= 1, "fetches the keys once more", || format!("{calls} times"));
    Ok(())
}

pub(super) async fn legacy_subject(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with the fault fapi-id-token-sub-legacy");
    let outcome = session.flow_with("fapi-id-token-sub-legacy").await?;
    match &outcome {
        Outcome::Accepted { claims, .. } => {
            let subject = claims.as_ref().and_then(|claims| claims.get("sub")).and_then(Value::as_str);
            let whole = subject.is_none_or(|subject| subject.contains('='));
            session.expect(whole, "passes `sub` on whole", || format!("it became {}", json!(subject)));
        }
        Outcome::Rejected { .. } | Outcome::Crash { .. } => {
            // it may be userinfo, with its `sub` of today, that shows what is wrong
            session.refused(&outcome);
        }
    }
    Ok(())
}
