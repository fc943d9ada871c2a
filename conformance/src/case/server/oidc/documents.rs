//! Cases of what a server says: its discovery document, the ID token, and the person's data.

use super::verbs;
use crate::case::server::ServerCase;
use crate::case::server::fapi::{equal, opened, published, times, tokens};
use crate::server::fapi::FapiTrial;
use crate::verdict::{Level, Step};
use serde_json::Value;

/// The case of what is published.
pub(super) const PUBLISHED: &[ServerCase] = &[ServerCase {
    id: "oidc.server-discovery.document",
    code: "OSRV-DISC-01",
    level: Level::Must,
    clauses: &["rfc8414-issuer", "oidc-discovery"],
    other: "fetches the discovery document at the host's root",
    good: "names the host as the issuer, and every endpoint by its address",
    why: "Clients are configured by the issuer alone: what is missing there they cannot know",
    fix: "Publish issuer, the three endpoints and jwks_uri",
    plan: verbs!(document),
}];

/// The case of the ID token.
pub(super) const ID_TOKEN: &[ServerCase] = &[ServerCase {
    id: "oidc.server-id-token.claims",
    code: "OSRV-IDT-01",
    level: Level::Must,
    clauses: &["oidc-id-token-claims", "oidc-id-token-profiles", "oidc-subject"],
    other: "opens the ID token with the application's key, verifies it with a published key, and reads its claims",
    good: "encrypts a JWS by ES256, names itself as iss, the client as aud, the nonce as it was sent, and a sub with its members",
    why: "Whatever is wrong there makes clients refuse, or teaches them not to look",
    fix: "Sign with the key whose kid is named, and put iss, sub, aud, exp, iat and nonce into every ID token",
    plan: verbs!(id_token),
}];

/// The case of the person's data.
pub(super) const USERINFO: &[ServerCase] = &[ServerCase {
    id: "oidc.server-userinfo.document",
    code: "OSRV-UI-05",
    level: Level::Must,
    clauses: &["oidc-userinfo-form", "oidc-userinfo-sub"],
    other: "opens and verifies the userinfo document, and reads it",
    good: "has the sub of the ID token, itself as iss, the client as aud, and at its root what was asked for alone",
    why: "Data under another sub are somebody else's",
    fix: "Write sub as in the ID token, and select the items by the scopes of the consent",
    plan: verbs!(userinfo),
}];

pub(super) async fn document(trial: &mut FapiTrial) -> Step {
    trial.when("in the discovery document");
    let at = trial.server.client.at.clone();
    let Some(members) = published(trial, &at.discovery).await? else { return Ok(()) };
    for (name, expected) in [
        ("issuer", &at.issuer),
        ("authorization_endpoint", &at.auth),
        ("token_endpoint", &at.token),
        ("userinfo_endpoint", &at.userinfo),
        ("jwks_uri", &at.keys),
    ] {
        let found = members.get(name).and_then(Value::as_str).unwrap_or_default();
        trial.expect(found == expected, &format!("names {name} as it is"), || {
            format!("`{}`", found.replace(&at.issuer, "(the issuer)"))
        });
    }
    let par = members.contains_key("pushed_authorization_request_endpoint");
    trial.expect_light(!par, "names no PAR endpoint, which is FAPI's", || "there is one".to_owned());
    Ok(())
}

pub(super) async fn id_token(trial: &mut FapiTrial) -> Step {
    trial.when("in the ID token");
    let Some((flow, id_token, _)) = tokens(trial).await? else { return Ok(()) };
    let Some(opened) = opened(trial, &id_token).await? else { return Ok(()) };
    let client = &trial.server.client;
    let (issuer, client_id) = (client.at.issuer.clone(), client.client_id.clone());
    for (name, expected) in [("iss", &issuer), ("aud", &client_id), ("nonce", &flow.nonce)] {
        equal(trial, &opened.claims, name, expected);
    }
    times(trial, &opened.claims);
    let sub = opened.claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    let has = |name: &str| sub.split(',').any(|member| member.split_once('=').is_some_and(|(known, _)| known == name));
    trial.expect(has("s") && has("u"), "names a sub with the members s and u", || format!("`{sub}`"));
    Ok(())
}

pub(super) async fn userinfo(trial: &mut FapiTrial) -> Step {
    let Some((flow, id_token, token)) = tokens(trial).await? else { return Ok(()) };
    let Some(who) = opened(trial, &id_token).await? else { return Ok(()) };
    trial.when("in the userinfo document");
    let answer = trial.send(&trial.server.client.userinfo(&flow, &token)).await;
    let Some(answer) = trial.served(answer, 200)? else { return Ok(()) };
    let Some(document) = opened(trial, &answer.text()).await? else { return Ok(()) };
    let sub = who.claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
    let client = &trial.server.client;
    let (issuer, client_id, scope) = (client.at.issuer.clone(), client.client_id.clone(), client.scope.clone());
    for (name, expected) in [("sub", &sub), ("iss", &issuer), ("aud", &client_id)] {
        equal(trial, &document.claims, name, expected);
    }
    let known: Vec<&str> = ["iss", "sub", "aud", "iat", "exp"].into_iter().chain(scope.split(' ')).collect();
    let more: Vec<&str> = document.claims.keys().map(String::as_str).filter(|name| !known.contains(name)).collect();
    trial.expect(more.is_empty(), "gives what was asked for alone", || format!("there is also {}", more.join(", ")));
    for scope in scope.split(' ').filter(|scope| *scope != "openid") {
        let there = document.claims.get(scope).is_some_and(Value::is_object);
        trial.expect_light(there, &format!("gives {scope} at the root"), || "it is missing".to_owned());
    }
    Ok(())
}
