//! Cases of the pushed request: its form, and what it asks for.

use super::{defects, verbs};
use crate::case::server::ServerCase;
use crate::server::client::fapi::Draft;
use crate::server::fapi::FapiTrial;
use crate::verdict::{Level, Step};
use serde_json::Value;

const REQUEST: &[&str] = &["invalid_request"];
/// What unregistered redirect URIs are called, besides.
const REDIRECT: &[&str] = &["invalid_request", "invalid_redirect_uri"];
const CLIENT: &[&str] = &["invalid_client", "invalid_request"];

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "fapi.server-par.answer",
        code: "FSRV-PAR-01",
        level: Level::Must,
        clauses: &["rfc9126-answer"],
        other: "pushes two requests that keep every rule",
        good: "answers 201 with a request_uri that was not there before, and the seconds that it lives",
        why: "A request_uri that can be guessed, or is given twice, lets one login take the place of another",
        fix: "Answer 201 with a fresh, unguessable request_uri and expires_in as a number",
        plan: verbs!(answer),
    },
    ServerCase {
        id: "fapi.server-par.form",
        code: "FSRV-PAR-02",
        level: Level::Must,
        clauses: &["rfc9126-form", "rfc6749-parameter-once"],
        other: "pushes the parameters as JSON, in the query of a POST, by GET, and with a second state",
        good: "refuses each",
        why: "What stands in an address ends up in logs; of two values nobody knows which was meant",
        fix: "Take POST with application/x-www-form-urlencoded and each parameter once",
        plan: defects!(
            Par,
            &[],
            &[
                ("with the media type of JSON", |draft| draft.content_type = "application/json"),
                ("with the parameters in the query", |draft| draft.in_query = true),
                ("by GET", |draft| {
                    (draft.method, draft.in_query) = ("GET", true);
                    draft.proof(|proof| proof.claim("htm", "GET"));
                }),
                ("with a second state", |draft| draft
                    .form
                    .push(("state".to_owned(), "another-state-0123456789-0123456789".to_owned()))),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-par.client-unknown",
        code: "FSRV-PAR-03",
        level: Level::Must,
        clauses: &["rfc9126-authenticates"],
        other: "pushes a request in the name of a client that nobody registered, and of another one than its assertion names",
        good: "refuses both",
        why: "Whoever may push in somebody else's name may begin logins for them",
        fix: "Find the client by the assertion, and compare client_id with it",
        plan: defects!(
            Par,
            CLIENT,
            &[
                ("with an unknown client_id", |draft| draft.set("client_id", "NOBODYxKNOWSxTHISxCLIENTx0000001")),
                ("with an unknown client_id, in the assertion too", |draft| {
                    draft.set("client_id", "NOBODYxKNOWSxTHISxCLIENTx0000001");
                    draft.assertion(|assertion| {
                        for claim in ["iss", "sub"] {
                            assertion.claim(claim, "NOBODYxKNOWSxTHISxCLIENTx0000001");
                        }
                    });
                }),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-par.response-type",
        code: "FSRV-PAR-04",
        level: Level::Must,
        clauses: &["rfc6749-response-type"],
        other: "asks for response_type `token`, `id_token` and `code id_token`, and for none",
        good: "refuses each",
        why: "Tokens in a redirect are what FAPI 2.0 has done away with",
        fix: "Take response_type=code alone",
        plan: defects!(
            Par,
            &["invalid_request", "unsupported_response_type", "unauthorized_client"],
            &[
                ("with response_type=token", |draft| draft.set("response_type", "token")),
                ("with response_type=id_token", |draft| draft.set("response_type", "id_token")),
                ("with response_type=code id_token", |draft| draft.set("response_type", "code id_token")),
                ("without response_type", |draft| draft.remove("response_type")),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-par.redirect-uri",
        code: "FSRV-PAR-05",
        level: Level::Must,
        clauses: &["rfc9700-redirect-exact"],
        other: "names a redirect_uri of an attacker, and some that nearly are the registered one",
        good: "refuses each, and gives no request_uri",
        why: "Whoever receives the redirect receives the code",
        fix: "Compare redirect_uri with the registered ones as a text, character by character",
        plan: defects!(
            Par,
            REDIRECT,
            &[
                ("with that of an attacker", |draft| draft.set("redirect_uri", "http://attacker.invalid/callback")),
                ("with a slash behind it", |draft| append(draft, "/")),
                ("with a query behind it", |draft| append(draft, "?next=x")),
                ("with steps upwards", |draft| append(draft, "/../elsewhere")),
                ("with a part behind #", |draft| append(draft, "#x")),
                ("without redirect_uri", |draft| draft.remove("redirect_uri")),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-par.code-challenge",
        code: "FSRV-PAR-06",
        level: Level::Must,
        clauses: &["fapi2-server-pkce"],
        other: "sends no code_challenge, the method plain, and no method, which means plain",
        good: "refuses each",
        why: "Without the challenge whoever finds a code can exchange it",
        fix: "Demand code_challenge and code_challenge_method=S256",
        plan: defects!(
            Par,
            REQUEST,
            &[
                ("without code_challenge", |draft| draft.remove("code_challenge")),
                ("with the method plain", |draft| draft.set("code_challenge_method", "plain")),
                ("without a method", |draft| draft.remove("code_challenge_method")),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-par.code-challenge-form",
        code: "FSRV-PAR-07",
        level: Level::Should,
        clauses: &["rfc7636-challenge"],
        other: "sends a code_challenge in hexadecimal digits, a padded one, and one of three characters",
        good: "refuses each at once",
        why: "None of them can be met: the person would log in for nothing",
        fix: "Demand 43 characters of base64url",
        plan: defects!(
            Par,
            REQUEST,
            &[
                ("with hexadecimal digits", |draft| draft.set("code_challenge", &"ab".repeat(32))),
                ("with padding", |draft| draft.set("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=")),
                ("with three characters", |draft| draft.set("code_challenge", "abc")),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-par.nested",
        code: "FSRV-PAR-08",
        level: Level::Must,
        clauses: &["rfc9126-not-nested"],
        other: "puts a request_uri into the pushed request",
        good: "refuses it",
        why: "A request that leads to another one is a way round every check",
        fix: "Refuse request_uri at PAR",
        plan: defects!(
            Par,
            REQUEST,
            &[("with a request_uri", |draft| {
                draft.set("request_uri", "urn:ietf:params:oauth:request_uri:000000000000000000000");
            })]
        ),
    },
    ServerCase {
        id: "fapi.server-par.openid",
        code: "FSRV-PAR-09",
        level: Level::Must,
        clauses: &["fapi-par-scope"],
        other: "asks for scopes without openid, for none, for one that there is not, and for scopes joined by commas",
        good: "refuses each with invalid_scope",
        why: "What nobody gives should be told to whoever asks for it, and not to the person after the login",
        fix: "Demand openid, and refuse scopes that are not in the catalogue",
        plan: defects!(
            Par,
            &["invalid_scope", "invalid_request"],
            &[
                ("without openid", |draft| draft.set("scope", "uinfin name")),
                ("without scope", |draft| draft.remove("scope")),
                ("with an unknown scope", |draft| draft.set("scope", "openid favouritecolour")),
                ("with commas", |draft| draft.set("scope", "openid,uinfin,name")),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-par.state",
        code: "FSRV-PAR-10",
        level: Level::Must,
        clauses: &["fapi-par-state"],
        other: "sends no state, one with a tilde, and one of 256 characters",
        good: "refuses each",
        why: "A state that does not come back as it was sent breaks the login at its end",
        fix: "Demand 1 to 255 letters, digits and / + _ - = .",
        plan: defects!(
            Par,
            REQUEST,
            &[
                ("without state", |draft| draft.remove("state")),
                ("with a tilde", |draft| draft.set("state", "state~0123456789-0123456789-0123456789")),
                ("with 256 characters", |draft| draft.set("state", &"s".repeat(256))),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-par.nonce",
        code: "FSRV-PAR-11",
        level: Level::Must,
        clauses: &["fapi-par-state"],
        other: "sends no nonce, and one of 256 characters",
        good: "refuses both",
        why: "The nonce ties the ID token to the login; a client that forgets it should learn it here",
        fix: "Demand 1 to 255 characters",
        plan: defects!(
            Par,
            REQUEST,
            &[
                ("without nonce", |draft| draft.remove("nonce")),
                ("with 256 characters", |draft| draft.set("nonce", &"n".repeat(256))),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-par.context-of-myinfo",
        code: "FSRV-PAR-12",
        level: Level::Must,
        clauses: &["fapi-par-context"],
        other: "says in the name of a Myinfo app what the login is for",
        good: "refuses it",
        why: "These parameters are for Login apps; the real service refuses them",
        fix: "Refuse authentication_context_type and …_message of Myinfo apps",
        plan: defects!(
            Par,
            REQUEST,
            &[
                ("with a type", |draft| draft.set("authentication_context_type", "APP_AUTHENTICATION_DEFAULT")),
                ("with a message", |draft| draft.set("authentication_context_message", "Logging in")),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-par.context-of-login",
        code: "FSRV-PAR-13",
        level: Level::Must,
        clauses: &["fapi-par-context"],
        other: "does not say in the name of a Login app what the login is for, says something unknown, and writes markup and 101 characters as the message",
        good: "refuses each",
        why: "The person reads the message: what may stand there is limited",
        fix: "Demand a type of the list, and hold the message against its alphabet and length",
        plan: defects!(
            LoginPar,
            REQUEST,
            &[
                ("without a type", |draft| draft.remove("authentication_context_type")),
                ("with an unknown type", |draft| draft.set("authentication_context_type", "TEA_TIME")),
                ("with markup in the message", |draft| draft.set("authentication_context_message", "<b>now</b>")),
                ("with a message of 101 characters", |draft| draft
                    .set("authentication_context_message", &"m".repeat(101))),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-par.acr-values",
        code: "FSRV-PAR-14",
        level: Level::Must,
        clauses: &["fapi-par-acr"],
        other: "asks for a level of authentication that there is not",
        good: "refuses it",
        why: "A level that is silently dropped leaves the application with less than it believes",
        fix: "Take the levels of the documents alone",
        plan: defects!(Par, REQUEST, &[("with the level loa:9", |draft| draft.set("acr_values", "loa:9"))]),
    },
];

fn append(draft: &mut Draft, end: &str) {
    for (_, value) in draft.form.iter_mut().filter(|(name, _)| name == "redirect_uri") {
        value.push_str(end);
    }
}

pub(super) async fn answer(trial: &mut FapiTrial) -> Step {
    let mut uris = Vec::new();
    for _ in 0..2 {
        let client = &trial.server.client;
        let answer = trial.send(&client.par(&client.login())).await;
        let Some(answer) = trial.served(answer, 201)? else { return Ok(()) };
        let body = answer.json().unwrap_or_default();
        let uri = body.get("request_uri").and_then(Value::as_str).unwrap_or_default().to_owned();
        trial.expect(!uri.is_empty(), "gives a request_uri", || "there is none".to_owned());
        let lives = body.get("expires_in").and_then(Value::as_u64).is_some_and(|seconds| seconds > 0);
        trial.expect(lives, "says as a number how long it lives", || "expires_in is none".to_owned());
        let more: Vec<String> = body
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .filter(|name| !["request_uri", "expires_in"].contains(&name.as_str()))
            .collect();
        trial.expect_light(more.is_empty(), "says nothing else", || format!("there is also {}", more.join(", ")));
        uris.push(uri);
    }
    trial.expect(uris.first() != uris.last(), "gives another request_uri each time", || "both are the same".to_owned());
    Ok(())
}
