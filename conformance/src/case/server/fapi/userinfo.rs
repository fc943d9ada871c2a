//! Cases of the userinfo request: the token, its scheme, and the proof beside it.

use super::{asked, defects, need_clock, verbs, with_token};
use crate::case::server::ServerCase;
use crate::server::client::fapi::{Draft, Unsigned};
use crate::server::fapi::{FapiTrial, access_token};
use crate::server::own_fapi::key;
use crate::verdict::{Level, Step, Stop};
use myinfo_oracle::{dpop, jwk};

const TOKEN: &[&str] = &["invalid_token"];
/// Without any token a server may say nothing but the challenge.
const NONE: &[&str] = &[];
const PROOF: &[&str] = &["invalid_dpop_proof", "invalid_token"];

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "fapi.server-userinfo.token",
        code: "FSRV-UI-01",
        level: Level::Must,
        clauses: &["rfc9449-resource"],
        other: "sends no token, one that is none, one that is cut, and one with a changed signature",
        good: "refuses each",
        why: "The token is what the data are given for",
        fix: "Verify the access token before anything of it is believed",
        plan: defects!(
            Userinfo,
            NONE,
            &[
                ("without a token", |draft| draft.authorization = None),
                ("with something else", |draft| draft.authorization = Some("DPoP token".to_owned())),
                ("with half of it", |draft| change(draft, |token| token
                    .get(..token.len() / 2)
                    .unwrap_or_default()
                    .to_owned())),
                ("with a changed signature", |draft| change(draft, super::assertion::changed)),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-userinfo.scheme",
        code: "FSRV-UI-02",
        level: Level::Must,
        clauses: &["rfc9449-resource"],
        other: "sends a bound token as Bearer, with its proof and without",
        good: "refuses both",
        why: "As Bearer it works for whoever finds it",
        fix: "Take the scheme DPoP alone for tokens that are bound",
        plan: defects!(
            Userinfo,
            TOKEN,
            &[
                ("as Bearer", as_bearer),
                ("as Bearer without a proof", |draft| {
                    as_bearer(draft);
                    draft.proof = None;
                }),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-userinfo.proof-missing",
        code: "FSRV-UI-03",
        level: Level::Must,
        clauses: &["rfc9449-resource", "fapi2-server-sender-constrained"],
        other: "sends the token without a proof",
        good: "refuses it",
        why: "The token alone must be worth nothing",
        fix: "Demand a proof beside every token",
        plan: defects!(Userinfo, PROOF, &[("without a proof", |draft| draft.proof = None)]),
    },
    ServerCase {
        id: "fapi.server-userinfo.proof-token",
        code: "FSRV-UI-04",
        level: Level::Must,
        clauses: &["rfc9449-ath"],
        other: "sends a proof without ath, and one with that of another token",
        good: "refuses both",
        why: "A proof that was made for another token was made for another request",
        fix: "Compare ath with the hash of the token that came along",
        plan: defects!(
            Userinfo,
            PROOF,
            &[
                ("without ath", |draft| draft.proof(|proof| proof.without("ath"))),
                ("with the ath of another token", |draft| draft
                    .proof(|proof| proof.claim("ath", dpop::ath("another token")))),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-userinfo.proof-request",
        code: "FSRV-UI-05",
        level: Level::Must,
        clauses: &["rfc9449-checks"],
        other: "sends a proof of a POST, of another address, of an hour ago, and with a changed signature",
        good: "refuses each",
        why: "A proof fits one request, or it is a token by itself",
        fix: "Make every check of RFC 9449 §4.3 at userinfo as at token",
        plan: defects!(
            Userinfo,
            PROOF,
            &[
                ("for a POST", |draft| draft.proof(|proof| proof.claim("htm", "POST"))),
                ("for another address", |draft| draft
                    .proof(|proof| proof.claim("htu", "https://somebody.invalid/userinfo"))),
                ("that is an hour old", |draft| draft.proof(|proof| proof.shift(-3600))),
                ("with a changed signature", |draft| draft
                    .proof(|proof| proof.forged = Some(super::assertion::changed))),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-userinfo.proof-key",
        code: "FSRV-UI-06",
        level: Level::Must,
        clauses: &["rfc9449-resource"],
        other: "proves with another key than the one that the token is bound to",
        good: "refuses it",
        why: "Whoever stole the token has a key, too",
        fix: "Compare the thumbprint of the proof's key with cnf.jkt of the token",
        plan: defects!(Userinfo, PROOF, &[("by another key", |draft| draft.proof(by_another))]),
    },
    ServerCase {
        id: "fapi.server-userinfo.proof-once",
        code: "FSRV-UI-07",
        level: Level::Must,
        clauses: &["fapi-dpop"],
        other: "sends the same userinfo request a second time",
        good: "refuses it",
        why: "Whoever reads it on its way could fetch the data beside the application",
        fix: "Remember every jti for as long as its proof would be taken",
        plan: verbs!(again),
    },
    ServerCase {
        id: "fapi.server-userinfo.expired",
        code: "FSRV-UI-08",
        level: Level::Must,
        clauses: &["rfc9449-resource", "fapi-userinfo-errors"],
        other: "sends a token after a day",
        good: "refuses it",
        why: "Consent is given for one visit",
        fix: "Refuse expired tokens",
        plan: verbs!(expired_token),
    },
    ServerCase {
        id: "fapi.server-userinfo.login-app",
        code: "FSRV-UI-09",
        level: Level::Must,
        clauses: &["fapi-app-kind"],
        other: "asks for userinfo with the token of a Login app",
        good: "refuses it",
        why: "A Login app has nobody's consent for data",
        fix: "Keep the kind of application with the token, and refuse that of a Login app",
        plan: verbs!(login_app),
    },
    ServerCase {
        id: "fapi.server-userinfo.query",
        code: "FSRV-UI-10",
        level: Level::Must,
        clauses: &["fapi2-server-token-in-header"],
        other: "sends the token in the query",
        good: "refuses it",
        why: "Addresses end up in logs and histories",
        fix: "Read the token in the Authorization header alone",
        plan: defects!(
            Userinfo,
            NONE,
            &[("with the token in the query", |draft| {
                let token = draft.authorization.take().unwrap_or_default();
                draft.set("access_token", token.trim_start_matches("DPoP "));
                draft.in_query = true;
            })]
        ),
    },
];

fn change(draft: &mut Draft, make: fn(&str) -> String) {
    let token = draft.authorization.take().unwrap_or_default();
    draft.authorization = Some(format!("DPoP {}", make(token.trim_start_matches("DPoP "))));
}

fn as_bearer(draft: &mut Draft) {
    draft.authorization = draft.authorization.take().map(|header| header.replacen("DPoP ", "Bearer ", 1));
}

fn by_another(proof: &mut Unsigned) {
    if let Ok(stranger) = key("stranger-sig-p256") {
        proof.says("jwk", jwk::of_public(&stranger.public()));
        proof.key = stranger;
    }
}

pub(super) async fn again(trial: &mut FapiTrial) -> Step {
    let (flow, token) = with_token(trial).await?;
    let draft = trial.server.client.userinfo(&flow, &token);
    let first = trial.send(&draft).await;
    if trial.served(first, 200)?.is_none() {
        return Ok(());
    }
    trial.when("a second time");
    let answer = trial.send(&draft).await;
    trial.refused(answer, PROOF)
}

/// A token of yesterday.
pub(in crate::case::server) async fn expired_token(trial: &mut FapiTrial) -> Step {
    need_clock(trial)?;
    asked(trial, &[], &[]).await?;
    let (flow, token) = with_token(trial).await?;
    trial.server.advance(24 * 3600).await?;
    trial.when("after a day");
    let answer = trial.send(&trial.server.client.userinfo(&flow, &token)).await;
    trial.refused(answer, TOKEN)
}

pub(super) async fn login_app(trial: &mut FapiTrial) -> Step {
    of_login_app(trial, &["invalid_request", "invalid_token", "insufficient_scope"]).await
}

/// The token of a Login app, which is refused by one of these errors.
pub(in crate::case::server) async fn of_login_app(trial: &mut FapiTrial, errors: &[&str]) -> Step {
    // a Myinfo app gets its data
    asked(trial, &[], &[]).await?;
    let Some(app) = trial.server.login_app.as_ref() else {
        return Err(Stop::Skip("no Login app is known".to_owned()));
    };
    let flow = app.login();
    let tokens = trial.tokens_of(app, &flow).await?;
    let request = app.request(&app.userinfo(&flow, &access_token(&tokens).unwrap_or_default()));
    trial.when("with the token of a Login app");
    let answer = trial.read(request).await;
    trial.refused(answer, errors)
}
