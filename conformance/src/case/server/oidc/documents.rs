//! Cases of what a server says: its discovery document, the ID token, and the person's data.

use super::{verbs, with_token};
use crate::case::server::ServerCase;
use crate::case::server::fapi::{document_of, equal, items, opened, printed, published, times, tokens};
use crate::server::fapi::FapiTrial;
use crate::verdict::{Level, Step};
use serde_json::Value;
use std::collections::BTreeMap;

/// The content encryption of both documents. LEG, openid discovery endpoint.
const ENC: &str = "A256CBC-HS512";

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
    good: "encrypts a JWS by ES256, names itself as iss, the client as aud, the nonce as it was sent, and in sub who logged in",
    why: "Whatever is wrong there makes clients refuse, or teaches them not to look",
    fix: "Sign with the key whose kid is named, and put iss, sub, aud, exp, iat and nonce into every ID token",
    plan: verbs!(id_token),
}];

/// The cases of the person's data, in their order.
pub(super) const USERINFO: &[ServerCase] = &[
    ServerCase {
        id: "oidc.server-userinfo.document",
        code: "OSRV-UI-05",
        level: Level::Must,
        clauses: &["oidc-userinfo-form", "oidc-userinfo-sub"],
        other: "opens and verifies the userinfo document, and reads its claims",
        good: "has the sub of the ID token, itself as iss, the client as aud, and at its root what was asked for alone",
        why: "Data under another sub are somebody else's",
        fix: "Write sub as in the ID token, and select the items by the scopes of the consent",
        plan: verbs!(userinfo),
    },
    ServerCase {
        id: "oidc.server-userinfo.person",
        code: "OSRV-UI-06",
        level: Level::Must,
        clauses: &["oidc-userinfo-form", "oidc-userinfo-person"],
        other: "compares the person's data with who logged in",
        good: "gives the data of who logged in, each item with source, classification and when it was updated",
        why: "Somebody else's data under the right sub is what no client can notice that did not ask for the number",
        fix: "Take the person from the token's session, and write each item with its metadata",
        plan: verbs!(person),
    },
];

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
    printed(trial, &opened, ENC);
    subject(trial, opened.claims.get("sub").and_then(Value::as_str).unwrap_or_default());
    Ok(())
}

/// `sub` must have the members that an app with personal data gets, and name who logged in.
fn subject(trial: &mut FapiTrial, sub: &str) {
    let members: BTreeMap<&str, &str> = sub.split(',').filter_map(|member| member.split_once('=')).collect();
    let whole = members.contains_key("s") && members.contains_key("u");
    trial.expect(whole, "names a sub with the members s and u", || format!("`{sub}`"));
    let (named, known) = (members.get("s").copied(), trial.server.uinfin.clone());
    let own = known.is_none() || named.is_none() || named == known.as_deref();
    trial.expect(own, "names who logged in in sub", || format!("`{sub}`"));
}

pub(super) async fn userinfo(trial: &mut FapiTrial) -> Step {
    let Some((flow, id_token, token)) = tokens(trial).await? else { return Ok(()) };
    let Some(who) = opened(trial, &id_token).await? else { return Ok(()) };
    trial.when("in the userinfo document");
    let Some(document) = document_of(trial, &flow, &token).await? else { return Ok(()) };
    printed(trial, &document, ENC);
    let sub = who.claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
    let client = &trial.server.client;
    let (issuer, client_id, scope) = (client.at.issuer.clone(), client.client_id.clone(), client.scope.clone());
    for (name, expected) in [("sub", &sub), ("iss", &issuer), ("aud", &client_id)] {
        equal(trial, &document.claims, name, expected);
    }
    let known: Vec<&str> = ["iss", "sub", "aud", "iat", "exp"].into_iter().chain(scope.split(' ')).collect();
    let more: Vec<&str> = document.claims.keys().map(String::as_str).filter(|name| !known.contains(name)).collect();
    trial.expect(more.is_empty(), "gives what was asked for alone", || format!("there is also {}", more.join(", ")));
    Ok(())
}

pub(super) async fn person(trial: &mut FapiTrial) -> Step {
    let (flow, token) = with_token(trial).await?;
    trial.when("in the userinfo document");
    if let Some(document) = document_of(trial, &flow, &token).await? {
        items(trial, &document.claims);
    }
    Ok(())
}
