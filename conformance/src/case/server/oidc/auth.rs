//! Cases of `/auth`: what the browser brings, and what goes back with it.

use super::{defects, verbs};
use crate::case::server::{ServerCase, set, without};
use crate::server::fapi::FapiTrial;
use crate::server::trial::pair;
use crate::verdict::{Level, Step};

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "oidc.server-auth.callback",
        code: "OSRV-AUT-01",
        level: Level::Must,
        clauses: &["rfc6749-redirect-answer", "oidc-auth-parameters", "rfc9207-issuer"],
        other: "goes through a login in which nothing is wrong",
        good: "sends the browser to the registered redirect_uri with one code, the state as it was sent, and no other server's iss",
        why: "The state is what ties the code to the browser that asked for it, and iss to the server that gave it",
        fix: "Send code and state, each once; where you send iss, your own issuer",
        plan: verbs!(callback),
    },
    ServerCase {
        id: "oidc.server-auth.response-type",
        code: "OSRV-AUT-02",
        level: Level::Must,
        clauses: &["rfc6749-response-type"],
        other: "sends no response_type, and one that there is not",
        good: "gives no code",
        why: "What was not asked for must not come",
        fix: "Take response_type=code alone",
        plan: defects!(
            Auth,
            &[
                ("without response_type", |pairs| without(pairs, "response_type")),
                ("with the response_type token", |pairs| set(pairs, "response_type", "token")),
            ]
        ),
    },
    ServerCase {
        id: "oidc.server-auth.scope",
        code: "OSRV-AUT-03",
        level: Level::Must,
        clauses: &["oidc-auth-parameters"],
        other: "asks without openid, for nothing, and for a scope that there is not",
        good: "gives no code",
        why: "What an application may ask for is what people consent to",
        fix: "Demand openid, and refuse scopes that are not in the catalogue",
        plan: defects!(
            Auth,
            &[
                ("without openid", |pairs| set(pairs, "scope", "uinfin name")),
                ("without scope", |pairs| without(pairs, "scope")),
                ("with an unknown scope", |pairs| set(pairs, "scope", "openid favouritecolour")),
            ]
        ),
    },
    ServerCase {
        id: "oidc.server-auth.state",
        code: "OSRV-AUT-04",
        level: Level::Must,
        clauses: &["oidc-auth-parameters"],
        other: "sends no state, and one of 256 characters",
        good: "gives no code",
        why: "A client that sends no state can be made to finish somebody else's login",
        fix: "Demand 1 to 255 characters",
        plan: defects!(
            Auth,
            &[
                ("without state", |pairs| without(pairs, "state")),
                ("with 256 characters", |pairs| set(pairs, "state", &"s".repeat(256))),
            ]
        ),
    },
    ServerCase {
        id: "oidc.server-auth.nonce",
        code: "OSRV-AUT-05",
        level: Level::Must,
        clauses: &["oidc-auth-parameters"],
        other: "sends no nonce, and one of 256 characters",
        good: "gives no code",
        why: "Without it an ID token of another login passes for this one's",
        fix: "Demand 1 to 255 characters",
        plan: defects!(
            Auth,
            &[
                ("without nonce", |pairs| without(pairs, "nonce")),
                ("with 256 characters", |pairs| set(pairs, "nonce", &"n".repeat(256))),
            ]
        ),
    },
    ServerCase {
        id: "oidc.server-auth.redirect-uri",
        code: "OSRV-AUT-06",
        level: Level::Must,
        clauses: &["rfc9700-redirect-exact"],
        other: "names a redirect_uri that is not registered, one below a registered one, and none",
        good: "gives no code",
        why: "A code that is sent elsewhere is somebody else's",
        fix: "Compare redirect_uri with the registered ones as a text",
        plan: defects!(
            Auth,
            &[
                ("with another host", |pairs| set(pairs, "redirect_uri", "https://somebody.invalid/callback")),
                ("with more at the end", |pairs| set(pairs, "redirect_uri", "http://localhost:3001/callback/more")),
                ("without redirect_uri", |pairs| without(pairs, "redirect_uri")),
            ]
        ),
    },
    ServerCase {
        id: "oidc.server-auth.code-challenge",
        code: "OSRV-AUT-07",
        level: Level::Must,
        clauses: &["oidc-auth-parameters"],
        other: "sends no code_challenge, the method plain, and no method",
        good: "gives no code",
        why: "Without the challenge a code that leaked can be exchanged by whoever has the client's address",
        fix: "Demand code_challenge and S256",
        plan: defects!(
            Auth,
            &[
                ("without code_challenge", |pairs| without(pairs, "code_challenge")),
                ("with the method plain", |pairs| set(pairs, "code_challenge_method", "plain")),
                ("without a method", |pairs| without(pairs, "code_challenge_method")),
            ]
        ),
    },
    ServerCase {
        id: "oidc.server-auth.client",
        code: "OSRV-AUT-08",
        level: Level::Must,
        clauses: &["oidc-auth-parameters"],
        other: "names a client that nobody registered, and none",
        good: "gives no code",
        why: "Nobody knows where that application is",
        fix: "Refuse unknown clients on a page of the server's own",
        plan: defects!(
            Auth,
            &[
                ("with an unknown client", |pairs| set(pairs, "client_id", "NOBODY")),
                ("without client_id", |pairs| without(pairs, "client_id")),
            ]
        ),
    },
];

pub(super) async fn callback(trial: &mut FapiTrial) -> Step {
    let flow = trial.server.client.login();
    let url = trial.callback_of(&trial.server.client, &flow).await?;
    let to = url.as_str().split('?').next().unwrap_or_default().to_owned();
    let registered = trial.server.client.redirect_uri.clone();
    trial.expect(to == registered, &format!("sends the browser to {registered}"), || format!("it was sent to {to}"));
    let codes = url.query_pairs().filter(|(name, value)| name == "code" && !value.is_empty()).count();
    trial.expect(codes == 1, "sends one code", || format!("there are {codes}"));
    let state = pair(&url, "state");
    trial.expect(state.as_deref() == Some(flow.state.as_str()), "sends the state as it was sent", || {
        state.map_or_else(|| "it is missing".to_owned(), |state| format!("`{state}`"))
    });
    let (iss, issuer) = (pair(&url, "iss"), trial.server.client.at.issuer.clone());
    let own = iss.as_ref().is_none_or(|iss| *iss == issuer);
    trial.expect(own, "sends its own issuer as iss, where it sends one", || {
        format!("`{}`", iss.unwrap_or_default().replace(&issuer, "(the issuer)"))
    });
    Ok(())
}
