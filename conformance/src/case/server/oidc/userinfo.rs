//! Cases of `/userinfo`: with which token data are given.

use super::{defects, verbs};
use crate::case::server::ServerCase;
use crate::case::server::fapi::{changed, expired_token, of_login_app};
use crate::server::client::fapi::Draft;
use crate::server::fapi::FapiTrial;
use crate::verdict::{Level, Step};

/// What is said of a token that is none.
const TOKEN: &[&str] = &["invalid_token"];

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "oidc.server-userinfo.token",
        code: "OSRV-UI-01",
        level: Level::Must,
        clauses: &["oidc-userinfo-request"],
        other: "sends no token, one that is none, and one with a changed signature",
        good: "refuses each",
        why: "A server that believes an unsigned token gives everybody's data to everybody",
        fix: "Verify the access token before anything of it is believed",
        plan: defects!(
            Userinfo,
            TOKEN,
            &[
                ("without a token", |draft| draft.authorization = None),
                ("with a token that is none", |draft| draft.authorization = Some("Bearer nothing".to_owned())),
                ("with a changed signature", forged),
            ]
        ),
    },
    ServerCase {
        id: "oidc.server-userinfo.scheme",
        code: "OSRV-UI-02",
        level: Level::Must,
        clauses: &["oidc-userinfo-request"],
        other: "sends the token with the scheme DPoP, and without a scheme",
        good: "refuses both",
        why: "A scheme that is not looked at hides which API an application speaks",
        fix: "Take the scheme Bearer alone",
        plan: defects!(
            Userinfo,
            TOKEN,
            &[
                ("with the scheme DPoP", |draft| again_as(draft, "DPoP ")),
                ("without a scheme", |draft| again_as(draft, "")),
            ]
        ),
    },
    ServerCase {
        id: "oidc.server-userinfo.expired",
        code: "OSRV-UI-03",
        level: Level::Must,
        clauses: &["oidc-userinfo-errors"],
        other: "sends a token after a day",
        good: "refuses it",
        why: "Consent is given for one visit",
        fix: "Refuse expired tokens",
        plan: verbs!(expired_token),
    },
    ServerCase {
        id: "oidc.server-userinfo.login-app",
        code: "OSRV-UI-04",
        level: Level::Must,
        clauses: &["fapi-app-kind"],
        other: "asks for userinfo with the token of a Login app",
        good: "refuses it",
        why: "A Login app has nobody's consent for data",
        fix: "Give Login apps tokens that open nothing",
        plan: verbs!(login_app),
    },
];

/// The token with another scheme.
fn again_as(draft: &mut Draft, scheme: &str) {
    let header = draft.authorization.take().unwrap_or_default();
    draft.authorization = Some(format!("{scheme}{}", header.trim_start_matches("Bearer ")));
}

fn forged(draft: &mut Draft) {
    let header = draft.authorization.take().unwrap_or_default();
    draft.authorization = Some(format!("Bearer {}", changed(header.trim_start_matches("Bearer "))));
}

pub(super) async fn login_app(trial: &mut FapiTrial) -> Step {
    of_login_app(trial, TOKEN).await
}
