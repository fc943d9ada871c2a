//! Cases of the proof (RFC 9449), at PAR and at token.

use super::assertion::changed;
use super::{defects, verbs, with_code};
use crate::case::server::ServerCase;
use crate::server::client::fapi::{Draft, Unsigned};
use crate::server::fapi::FapiTrial;
use crate::server::own_fapi::key;
use crate::server::trial::control;
use crate::verdict::{Level, Step};
use myinfo_oracle::{jwk, pkce};
use serde_json::Value;

const PROOF: &[&str] = &["invalid_dpop_proof"];
/// A key other than the bound one is called either.
const BOUND: &[&str] = &["invalid_dpop_proof", "invalid_grant"];
const MISSING: &[&str] = &["invalid_request", "invalid_dpop_proof", "invalid_grant"];

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "fapi.server-proof.missing-at-par",
        code: "FSRV-PRF-01",
        level: Level::Must,
        clauses: &["fapi-dpop"],
        other: "pushes a request with neither a proof nor dpop_jkt",
        good: "refuses it",
        why: "Whoever swaps the code could bring a key of their own to token",
        fix: "Demand a proof, or dpop_jkt, at PAR",
        plan: defects!(Par, MISSING, &[("without a proof", |draft| draft.proof = None)]),
    },
    ServerCase {
        id: "fapi.server-proof.form",
        code: "FSRV-PRF-02",
        level: Level::Must,
        clauses: &["rfc9449-checks"],
        other: "sends a proof of another typ, without a key, with the private key, and something that is no JWT",
        good: "refuses each",
        why: "A JWT that was made for something else must not pass for a proof; a private key in it is everybody's",
        fix: "Demand dpop+jwt, a signature algorithm that is asymmetric, and a public key in jwk",
        plan: defects!(
            Par,
            PROOF,
            &[
                ("with the typ JWT", |draft| draft.proof(|proof| proof.says("typ", "JWT"))),
                ("without jwk", |draft| draft.proof(|proof| proof.silent("jwk"))),
                ("with the private key in jwk", |draft| draft.proof(with_private)),
                ("that is no JWT", |draft| draft.proof(|proof| proof.forged = Some(|_| "proof".to_owned()))),
                ("without jti", |draft| draft.proof(|proof| proof.without("jti"))),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-proof.signature",
        code: "FSRV-PRF-03",
        level: Level::Must,
        clauses: &["rfc9449-checks"],
        other: "signs a proof with another key than it shows, and changes a signature",
        good: "refuses both",
        why: "Whoever knows a public key would otherwise hold it",
        fix: "Verify the signature with the key in jwk",
        plan: defects!(
            Par,
            PROOF,
            &[
                ("by another key", |draft| draft.proof(|proof| if let Ok(other) = key("stranger-sig-p256") {
                    proof.key = other;
                })),
                ("with one character of the signature changed", |draft| draft
                    .proof(|proof| proof.forged = Some(changed))),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-proof.method",
        code: "FSRV-PRF-04",
        level: Level::Must,
        clauses: &["rfc9449-checks"],
        other: "proves a GET, and no method at all",
        good: "refuses both",
        why: "A proof fits one request, or it is a token by itself",
        fix: "Compare htm with the method of the request",
        plan: defects!(
            Par,
            PROOF,
            &[
                ("for a GET", |draft| draft.proof(|proof| proof.claim("htm", "GET"))),
                ("without htm", |draft| draft.proof(|proof| proof.without("htm"))),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-proof.address",
        code: "FSRV-PRF-05",
        level: Level::Must,
        clauses: &["rfc9449-checks"],
        other: "proves a request to another host, to another endpoint, and to none",
        good: "refuses each",
        why: "A server that the client speaks to could otherwise use its proofs here",
        fix: "Compare htu with the address of the request, without query and fragment",
        plan: defects!(
            Par,
            PROOF,
            &[
                ("for another host", |draft| draft.proof(|proof| proof.claim("htu", "https://somebody.invalid/par"))),
                ("for another endpoint", |draft| {
                    let elsewhere = format!("{}/elsewhere", draft.url);
                    draft.proof(|proof| proof.claim("htu", elsewhere));
                }),
                ("without htu", |draft| draft.proof(|proof| proof.without("htu"))),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-proof.age",
        code: "FSRV-PRF-06",
        level: Level::Must,
        clauses: &["rfc9449-checks"],
        other: "sends a proof that is an hour old, one of the next hour, and one without iat",
        good: "refuses each",
        why: "Proofs that live for ever can be made in advance, and stolen",
        fix: "Take proofs whose iat is within a few minutes of the clock",
        plan: defects!(
            Par,
            PROOF,
            &[
                ("that is an hour old", |draft| draft.proof(|proof| proof.shift(-3600))),
                ("of the next hour", |draft| draft.proof(|proof| proof.shift(3600))),
                ("without iat", |draft| draft.proof(|proof| proof.without("iat"))),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-proof.once",
        code: "FSRV-PRF-07",
        level: Level::Must,
        clauses: &["fapi-dpop"],
        other: "sends a proof a second time",
        good: "refuses it",
        why: "Whoever reads one on its way could use it beside the application",
        fix: "Remember every jti for as long as its proof would be taken",
        plan: verbs!(once),
    },
    ServerCase {
        id: "fapi.server-proof.announced-key",
        code: "FSRV-PRF-08",
        level: Level::Must,
        clauses: &["rfc9449-dpop-jkt"],
        other: "names another key by dpop_jkt than the one of its proof",
        good: "refuses it",
        why: "dpop_jkt binds the code to a key: a server that passes over it binds nothing",
        fix: "Compare the thumbprint of the proof's key with dpop_jkt",
        plan: verbs!(announced_key),
    },
    ServerCase {
        id: "fapi.server-proof.key-of-the-login",
        code: "FSRV-PRF-09",
        level: Level::Must,
        clauses: &["rfc9449-dpop-jkt", "fapi-dpop-key"],
        other: "exchanges a good code with a proof by another key than PAR's",
        good: "refuses it",
        why: "A stolen code must be worth nothing to whoever lacks the key of the login",
        fix: "Keep the thumbprint of PAR with the code, and compare it at token",
        plan: verbs!(another_key),
    },
    ServerCase {
        id: "fapi.server-proof.missing-at-token",
        code: "FSRV-PRF-10",
        level: Level::Must,
        clauses: &["fapi2-server-sender-constrained"],
        other: "exchanges a good code without a proof",
        good: "refuses it",
        why: "The token would be bound to nobody",
        fix: "Demand a proof at token",
        plan: defects!(Token, MISSING, &[("without a proof", |draft| draft.proof = None)]),
    },
];

/// The number of the key beside its coordinates. The key is the login's, made for it.
fn with_private(proof: &mut Unsigned) {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    let number = BASE64_URL_SAFE_NO_PAD.encode(proof.key.scalar());
    if let Some(jwk) = proof.header.get_mut("jwk").and_then(Value::as_object_mut) {
        jwk.insert("d".to_owned(), number.into());
    }
}

pub(super) async fn once(trial: &mut FapiTrial) -> Step {
    let client = &trial.server.client;
    let flow = client.login();
    let first = client.par(&flow);
    let sent = trial.send(&first).await;
    if trial.served(sent, 201)?.is_none() {
        return Ok(());
    }
    trial.when("with the proof of a request before");
    let again = Draft { proof: first.proof, ..trial.server.client.par(&flow) };
    let answer = trial.send(&again).await;
    trial.refused(answer, PROOF)
}

pub(super) async fn announced_key(trial: &mut FapiTrial) -> Step {
    let client = &trial.server.client;
    trial.request_uri_of(client, &client.login()).await?;
    trial.when("with the thumbprint of another key beside a proof");
    let client = &trial.server.client;
    let mut both = client.par(&client.login());
    both.set("dpop_jkt", &pkce::challenge("another key"));
    let answer = trial.send(&both).await;
    trial.refused(answer, MISSING)
}

pub(super) async fn another_key(trial: &mut FapiTrial) -> Step {
    let (flow, code) = with_code(trial).await?;
    trial.when("with a proof by another key");
    let client = &trial.server.client;
    let stranger = client.login().key;
    let mut draft = client.token(&flow, &code);
    draft.proof(|proof| {
        proof.says("jwk", jwk::of_public(&stranger.public()));
        proof.key = stranger;
    });
    let answer = trial.send(&draft).await;
    trial.refused(answer, BOUND)?;
    // the code of a login in which nothing is wrong is exchanged
    let (flow, code) = with_code(trial).await?;
    let answer = trial.send(&trial.server.client.token(&flow, &code)).await;
    let right = answer.is_ok_and(|answer| answer.status == 200);
    if right { Ok(()) } else { Err(control("a token request that keeps every rule was refused")) }
}
