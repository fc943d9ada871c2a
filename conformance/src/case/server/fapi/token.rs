//! Cases of the token request, and of its answer.

use super::{defects, need_clock, other, verbs, with_code};
use crate::case::server::ServerCase;
use crate::server::client::fapi::Draft;
use crate::server::fapi::{FapiTrial, access_token};
use crate::verdict::{Level, Step};
use serde_json::Value;

const GRANT: &[&str] = &["invalid_grant"];
const REQUEST: &[&str] = &["invalid_request", "invalid_grant"];

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "fapi.server-token.answer",
        code: "FSRV-TOK-01",
        level: Level::Must,
        clauses: &["rfc6749-token-answer", "rfc9449-token-type", "oidc-token-answer"],
        other: "exchanges a code, and keeps every rule",
        good: "answers 200 with an access token, the token_type DPoP and an ID token",
        why: "A client that meets another token_type must not use the token, and without an ID token nobody is logged in",
        fix: "Answer JSON with access_token, id_token and token_type, and expires_in as a number where it is there",
        plan: verbs!(answer),
    },
    ServerCase {
        id: "fapi.server-token.grant-type",
        code: "FSRV-TOK-02",
        level: Level::Must,
        clauses: &["rfc6749-grant-type"],
        other: "asks with a good code for other grants, and for none",
        good: "refuses each",
        why: "There is no other grant here, and no token without a person's login",
        fix: "Compare grant_type with authorization_code",
        plan: defects!(
            Token,
            &["unsupported_grant_type", "invalid_request", "unauthorized_client"],
            &[
                ("with grant_type=client_credentials", |draft| draft.set("grant_type", "client_credentials")),
                ("with grant_type=refresh_token", |draft| draft.set("grant_type", "refresh_token")),
                ("without grant_type", |draft| draft.remove("grant_type")),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-token.code-unknown",
        code: "FSRV-TOK-03",
        level: Level::Must,
        clauses: &["rfc6749-code-bound"],
        other: "sends a code that nobody gave out, an empty one, and none",
        good: "refuses each",
        why: "A code that is not looked up is no protection",
        fix: "Look the code up, and answer invalid_grant where it is unknown",
        plan: defects!(
            Token,
            REQUEST,
            &[
                ("with an unknown code", |draft| draft.set("code", "0123456789012345678901234567890123456789012")),
                ("with an empty code", |draft| draft.set("code", "")),
                ("without a code", |draft| draft.remove("code")),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-token.code-once",
        code: "FSRV-TOK-04",
        level: Level::Must,
        clauses: &["rfc6749-code-once"],
        other: "exchanges a code a second time, with a new proof and a new assertion",
        good: "refuses it",
        why: "A code stands in addresses, histories and logs",
        fix: "Mark a code used before the token is made",
        plan: verbs!(again),
    },
    ServerCase {
        id: "fapi.server-token.code-expired",
        code: "FSRV-TOK-05",
        level: Level::Must,
        clauses: &["fapi2-server-code-lifetime"],
        other: "exchanges a code after eleven minutes",
        good: "refuses it",
        why: "A code is for at once",
        fix: "Refuse codes that are older than a minute; ten minutes are the most",
        plan: verbs!(expired),
    },
    ServerCase {
        id: "fapi.server-token.code-of-another",
        code: "FSRV-TOK-06",
        level: Level::Must,
        clauses: &["rfc6749-code-bound"],
        other: "exchanges the code of one application as another one, each with its own key",
        good: "refuses it",
        why: "What a person gave to one application is none of another's",
        fix: "Keep the client with the code, and compare",
        plan: verbs!(of_another),
    },
    ServerCase {
        id: "fapi.server-token.redirect-uri",
        code: "FSRV-TOK-07",
        level: Level::Must,
        clauses: &["fapi-token-request", "rfc6749-redirect-uri-identical"],
        other: "names another redirect_uri than the pushed one, and none",
        good: "refuses both",
        why: "A code that was sent elsewhere must be worth nothing",
        fix: "Compare redirect_uri with that of the pushed request",
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
        id: "fapi.server-token.code-verifier",
        code: "FSRV-TOK-08",
        level: Level::Must,
        clauses: &["rfc7636-server-verifies", "fapi2-server-pkce"],
        other: "sends the verifier of another login, the challenge in its place, and none",
        good: "refuses each",
        why: "The verifier is what a thief of the code does not have",
        fix: "Hash the verifier, and compare it with the code_challenge",
        plan: defects!(
            Token,
            REQUEST,
            &[
                ("with another verifier", |draft| draft.set("code_verifier", &"v".repeat(43))),
                ("with the challenge", |draft| {
                    let verifier =
                        draft.form.iter().find(|(name, _)| name == "code_verifier").map(|(_, value)| value.clone());
                    draft.set("code_verifier", &myinfo_oracle::pkce::challenge(&verifier.unwrap_or_default()));
                }),
                ("without a verifier", |draft| draft.remove("code_verifier")),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-token.form",
        code: "FSRV-TOK-09",
        level: Level::Must,
        clauses: &["rfc6749-token-post", "rfc6749-parameter-once"],
        other: "sends the parameters of token in the query of a POST, and a second code",
        good: "refuses both",
        why: "Codes and assertions in addresses end up in logs",
        fix: "Take the form in the body alone, each parameter once",
        plan: defects!(
            Token,
            &[],
            &[
                ("with the parameters in the query", |draft| draft.in_query = true),
                ("with a second code", |draft| draft.form.push(("code".to_owned(), "another".to_owned()))),
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
    trial.expect(kind.eq_ignore_ascii_case("dpop"), "says the token_type DPoP", || format!("`{kind}`"));
    trial.expect_light(kind == "DPoP" || !kind.eq_ignore_ascii_case("dpop"), "writes DPoP as RFC 9449 does", || {
        format!("`{kind}`")
    });
    let lives = body.get("expires_in");
    trial.expect_light(lives.is_none(), "says no expires_in, as the service does", || "it is there".to_owned());
    let known = ["access_token", "id_token", "token_type", "expires_in", "scope", "refresh_token"];
    let more: Vec<&str> = body
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .filter(|name| !known.contains(name))
        .collect();
    trial.expect_light(more.is_empty(), "says nothing else", || format!("there is also {}", more.join(", ")));
    Ok(())
}

pub(super) async fn again(trial: &mut FapiTrial) -> Step {
    let (flow, code) = with_code(trial).await?;
    let first = trial.send(&trial.server.client.token(&flow, &code)).await;
    let Some(first) = trial.served(first, 200)? else { return Ok(()) };
    if first.json().and_then(|body| access_token(&body)).is_none() {
        return Err(crate::server::trial::control("token gave no access token"));
    }
    trial.when("a second time");
    let answer = trial.send(&trial.server.client.token(&flow, &code)).await;
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

pub(super) async fn of_another(trial: &mut FapiTrial) -> Step {
    let theirs = other(trial)?;
    trial.tokens_of(theirs, &theirs.login()).await?;
    let (flow, code) = with_code(trial).await?;
    let draft: Draft = other(trial)?.token(&flow, &code);
    trial.when("as another application");
    let answer = trial.read(other(trial)?.request(&draft)).await;
    trial.refused(answer, GRANT)
}
