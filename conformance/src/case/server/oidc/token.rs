//! Cases of `/token`: who exchanges a code, and for which login.

use super::{defects, need_clock, verbs, with_code};
use crate::case::server::ServerCase;
use crate::case::server::fapi::{by_stranger, changed, cut, other};
use crate::server::fapi::{FapiTrial, access_token};
use crate::server::trial::control;
use crate::verdict::{Level, Step};
use serde_json::{Map, Value};

/// What is said where the client is not known to be itself.
const CLIENT: &[&str] = &["invalid_client"];
/// What is said where there is no assertion.
const MISSING: &[&str] = &["invalid_client", "invalid_request"];
/// What is said of a code that cannot be exchanged.
const GRANT: &[&str] = &["invalid_grant"];
/// The same where a parameter is missing.
const REQUEST: &[&str] = &["invalid_grant", "invalid_request"];

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "oidc.server-token.answer",
        code: "OSRV-TOK-01",
        level: Level::Must,
        clauses: &["rfc6749-token-answer", "oidc-token-answer-form"],
        other: "exchanges a code, and keeps every rule",
        good: "answers 200 with an access token, the token_type Bearer and an ID token",
        why: "Everything else of the login rests on these three",
        fix: "Answer JSON with access_token, id_token and token_type",
        plan: verbs!(answer),
    },
    ServerCase {
        id: "oidc.server-token.assertion-signature",
        code: "OSRV-TOK-02",
        level: Level::Must,
        clauses: &["rfc7523-signature", "rfc7518-none", "oidc-assertion"],
        other: "sends no assertion, signs with a key that is not registered, changes the signature, and says alg none",
        good: "refuses each",
        why: "The signature is all that tells the application from anybody else",
        fix: "Verify by ES256, ES384 or ES512 with a registered key, whatever the header says",
        plan: defects!(
            Token,
            MISSING,
            &[
                ("without an assertion", |draft| draft.assertion = None),
                ("with the key of a stranger", |draft| draft.assertion(by_stranger)),
                ("with one character of the signature changed", |draft| draft
                    .assertion(|assertion| assertion.forged = Some(changed))),
                ("with alg none and no signature", |draft| draft.assertion(|assertion| {
                    assertion.says("alg", "none");
                    assertion.forged = Some(cut);
                })),
            ]
        ),
    },
    ServerCase {
        id: "oidc.server-token.assertion-subject",
        code: "OSRV-TOK-03",
        level: Level::Must,
        clauses: &["rfc7523-claims", "oidc-assertion"],
        other: "names another client as sub and as iss, and leaves sub out",
        good: "refuses each",
        why: "An assertion about somebody else is none of this client",
        fix: "Demand the client_id in iss and in sub",
        plan: defects!(
            Token,
            CLIENT,
            &[
                ("with another sub", |draft| draft.assertion(|assertion| assertion.claim("sub", "somebody-else"))),
                ("with another iss", |draft| draft.assertion(|assertion| assertion.claim("iss", "somebody-else"))),
                ("without sub", |draft| draft.assertion(|assertion| assertion.without("sub"))),
            ]
        ),
    },
    ServerCase {
        id: "oidc.server-token.assertion-audience",
        code: "OSRV-TOK-04",
        level: Level::Must,
        clauses: &["rfc7523-claims", "oidc-assertion"],
        other: "makes the assertion for another server, for FAPI's issuer, and for nobody",
        good: "refuses each",
        why: "A server that the application speaks to could otherwise use its assertions here",
        fix: "Demand the own issuer as aud",
        plan: defects!(
            Token,
            CLIENT,
            &[
                ("for another server", |draft| draft
                    .assertion(|assertion| assertion.claim("aud", "https://somebody.invalid"))),
                ("for FAPI's issuer", |draft| draft.assertion(|assertion| {
                    let issuer = assertion.claims.get("aud").and_then(Value::as_str).unwrap_or_default();
                    assertion.claim("aud", format!("{issuer}/fapi"));
                })),
                ("without aud", |draft| draft.assertion(|assertion| assertion.without("aud"))),
            ]
        ),
    },
    ServerCase {
        id: "oidc.server-token.assertion-lifetime",
        code: "OSRV-TOK-05",
        level: Level::Must,
        clauses: &["rfc7523-claims", "oidc-assertion"],
        other: "sends an assertion that expired ten minutes ago, one without exp, and one that lives five minutes",
        good: "refuses each",
        why: "Assertions turn up in logs and dumps; they must be worth nothing there",
        fix: "Demand exp as a number in the future, 120 seconds behind iat at most",
        plan: defects!(
            Token,
            CLIENT,
            &[
                ("that expired ten minutes ago", |draft| draft.assertion(|assertion| assertion.shift(-720))),
                ("without exp", |draft| draft.assertion(|assertion| assertion.without("exp"))),
                ("that lives five minutes", |draft| draft.assertion(|assertion| {
                    let made = assertion.claims.get("iat").and_then(Value::as_u64).unwrap_or_default();
                    assertion.claim("exp", made + 300);
                })),
            ]
        ),
    },
    ServerCase {
        id: "oidc.server-token.assertion-once",
        code: "OSRV-TOK-06",
        level: Level::Must,
        clauses: &["oidc-assertion-once"],
        other: "sends the assertion of a request before with another code",
        good: "refuses it",
        why: "Whoever reads one on its way could use it beside the application",
        fix: "Remember every jti until its assertion expires",
        plan: verbs!(once),
    },
    ServerCase {
        id: "oidc.server-token.assertion-code",
        code: "OSRV-TOK-07",
        level: Level::Must,
        clauses: &["oidc-assertion"],
        other: "puts the code of another login into the assertion's claim `code`",
        good: "refuses it",
        why: "The claim binds the assertion to one code; a server that does not compare it binds nothing",
        fix: "Where the claim `code` is there, compare it with the form's code",
        plan: defects!(
            Token,
            CLIENT,
            &[("with another code", |draft| draft.assertion(|assertion| assertion.claim("code", "another-code"))),]
        ),
    },
    ServerCase {
        id: "oidc.server-token.grant-type",
        code: "OSRV-TOK-08",
        level: Level::Must,
        clauses: &["rfc6749-grant-type", "oidc-token-request"],
        other: "sends another grant_type, and none",
        good: "refuses both",
        why: "Each kind of grant has rules of its own",
        fix: "Take authorization_code alone",
        plan: defects!(
            Token,
            &["unsupported_grant_type", "invalid_request"],
            &[
                ("with another one", |draft| draft.set("grant_type", "password")),
                ("without grant_type", |draft| draft.remove("grant_type")),
            ]
        ),
    },
    ServerCase {
        id: "oidc.server-token.code",
        code: "OSRV-TOK-09",
        level: Level::Must,
        clauses: &["rfc6749-code-once", "rfc6749-code-bound"],
        other: "exchanges a code a second time, one that nobody gave out, and one of another application",
        good: "refuses each",
        why: "What a person gave to one application, once, is nobody else's",
        fix: "Keep the client with the code, mark it as used before the tokens exist, and compare",
        plan: verbs!(codes),
    },
    ServerCase {
        id: "oidc.server-token.code-expired",
        code: "OSRV-TOK-10",
        level: Level::Must,
        clauses: &["oidc-token-request"],
        other: "exchanges a code after eleven minutes",
        good: "refuses it",
        why: "A code that turns up in a log later must be worth nothing",
        fix: "Forget codes after two minutes",
        plan: verbs!(expired),
    },
    ServerCase {
        id: "oidc.server-token.redirect-uri",
        code: "OSRV-TOK-11",
        level: Level::Must,
        clauses: &["rfc6749-redirect-uri-identical", "oidc-token-request"],
        other: "names another redirect_uri than that of the login, and none",
        good: "refuses both",
        why: "A code that was sent elsewhere must be worth nothing",
        fix: "Compare redirect_uri with that of the authorisation request",
        plan: defects!(
            Token,
            REQUEST,
            &[
                ("with another one", |draft| draft.set("redirect_uri", "http://localhost:3001/other")),
                ("without redirect_uri", |draft| draft.remove("redirect_uri")),
            ]
        ),
    },
    ServerCase {
        id: "oidc.server-token.code-verifier",
        code: "OSRV-TOK-12",
        level: Level::Must,
        clauses: &["rfc7636-server-verifies", "oidc-token-request"],
        other: "sends the verifier of another login, and none",
        good: "refuses both",
        why: "The verifier is what a thief of the code does not have",
        fix: "Hash the verifier, and compare it with the code_challenge",
        plan: defects!(
            Token,
            REQUEST,
            &[
                ("with another verifier", |draft| draft.set("code_verifier", &"v".repeat(43))),
                ("without a verifier", |draft| draft.remove("code_verifier")),
            ]
        ),
    },
];

pub(super) async fn answer(trial: &mut FapiTrial) -> Step {
    let (flow, code) = with_code(trial).await?;
    let answer = trial.send(&trial.server.client.token(&flow, &code)).await;
    let Some(answer) = trial.served(answer, 200)? else { return Ok(()) };
    let body = answer.json().unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    for name in ["access_token", "id_token"] {
        let there = !text(name).is_empty();
        trial.expect(there, &format!("gives {name}"), || "there is none".to_owned());
    }
    let kind = text("token_type");
    trial.expect(kind.eq_ignore_ascii_case("bearer"), "says the token_type Bearer", || format!("`{kind}`"));
    trial.expect_light(kind == "Bearer", "spells it Bearer", || format!("`{kind}`"));
    let known = ["access_token", "id_token", "token_type", "expires_in"];
    let members = body.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
    let more: Vec<&str> = members.filter(|name| !known.contains(name)).collect();
    trial.expect_light(more.is_empty(), "has the documented members alone", || {
        format!("there is also {}", more.join(", "))
    });
    Ok(())
}

pub(super) async fn once(trial: &mut FapiTrial) -> Step {
    let (flow, code) = with_code(trial).await?;
    let first = trial.server.client.token(&flow, &code);
    let sent = trial.send(&first).await;
    if trial.served(sent, 200)?.is_none() {
        return Ok(());
    }
    let (flow, code) = with_code(trial).await?;
    trial.when("with the assertion of a request before");
    let mut again = trial.server.client.token(&flow, &code);
    again.assertion = first.assertion;
    let answer = trial.send(&again).await;
    trial.refused(answer, CLIENT)
}

pub(super) async fn codes(trial: &mut FapiTrial) -> Step {
    let (flow, code) = with_code(trial).await?;
    let first = trial.send(&trial.server.client.token(&flow, &code)).await;
    let Some(first) = trial.served(first, 200)? else { return Ok(()) };
    if first.json().and_then(|body| access_token(&body)).is_none() {
        return Err(control("token gave no access token"));
    }
    trial.when("a second time");
    let answer = trial.send(&trial.server.client.token(&flow, &code)).await;
    trial.refused(answer, GRANT)?;
    trial.when("with a code that nobody gave out");
    let answer = trial.send(&trial.server.client.token(&flow, "never-given-out")).await;
    trial.refused(answer, GRANT)?;
    let (flow, code) = with_code(trial).await?;
    trial.when("as another application");
    let request = other(trial)?.request(&other(trial)?.token(&flow, &code));
    let answer = trial.read(request).await;
    trial.refused(answer, GRANT)
}

pub(super) async fn expired(trial: &mut FapiTrial) -> Step {
    need_clock(trial)?;
    let (flow, code) = with_code(trial).await?;
    trial.server.advance(660).await?;
    trial.when("after eleven minutes");
    let answer = trial.send(&trial.server.client.token(&flow, &code)).await;
    trial.refused(answer, GRANT)
}
