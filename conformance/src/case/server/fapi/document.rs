//! Cases of what a server of FAPI signs and encrypts: the ID token and the userinfo document.

use super::{verbs, with_code, with_token};
use crate::case::server::ServerCase;
use crate::server::client::fapi::Flow;
use crate::server::fapi::{FapiTrial, Opened, access_token};
use crate::server::trial::control;
use crate::verdict::{Level, Step};
use serde_json::{Map, Value};

/// The cases of the ID token, in their order.
pub(super) const ID_TOKEN: &[ServerCase] = &[
    ServerCase {
        id: "fapi.server-id-token.protected",
        code: "FSRV-IDT-01",
        level: Level::Must,
        clauses: &["fapi-id-token-form", "rfc7515-signature"],
        other: "opens the ID token with the application's key, and verifies it with a published key of the server",
        good: "encrypts a JWS by ES256 for the registered key, with ECDH-ES, a key wrap and A256CBC-HS512",
        why: "Clients that verify refuse everything else, and clients that do not verify are not safe",
        fix: "Sign with the key whose kid is named, and encrypt for the client's key by its registered alg",
        plan: verbs!(id_token_protected),
    },
    ServerCase {
        id: "fapi.server-id-token.claims",
        code: "FSRV-IDT-02",
        level: Level::Must,
        clauses: &["oidc-id-token-claims"],
        other: "reads the claims of the ID token",
        good: "names itself as iss, the client as aud, the nonce as it was sent, a sub, and times that are right",
        why: "Each of them is what a client holds against a stolen or forged token",
        fix: "Put iss, sub, aud, exp, iat and nonce into every ID token",
        plan: verbs!(id_token_claims),
    },
];

/// The cases of userinfo, in their order.
pub(super) const USERINFO: &[ServerCase] = &[
    ServerCase {
        id: "fapi.server-userinfo.protected",
        code: "FSRV-DOC-01",
        level: Level::Must,
        clauses: &["fapi-userinfo-form", "rfc7515-signature"],
        other: "opens the userinfo document with the application's key, and verifies it with a published key of the server",
        good: "encrypts a JWS by ES256 for the registered key, with ECDH-ES, a key wrap and A256GCM, as application/jwt",
        why: "The data are worth what their signature is worth",
        fix: "Sign with the key whose kid is named, and encrypt for the client's key by its registered alg",
        plan: verbs!(userinfo_protected),
    },
    ServerCase {
        id: "fapi.server-userinfo.claims",
        code: "FSRV-DOC-02",
        level: Level::Must,
        clauses: &["oidc-userinfo-sub", "fapi-userinfo-claims"],
        other: "compares the claims of userinfo with the ID token of the same login",
        good: "names the same sub, itself as iss, the client as aud, and when it was made",
        why: "A client must not use data whose sub is another one's",
        fix: "Take sub from the token's session, and write iss, aud and iat",
        plan: verbs!(userinfo_claims),
    },
    ServerCase {
        id: "fapi.server-userinfo.person-info",
        code: "FSRV-DOC-03",
        level: Level::Must,
        clauses: &["fapi-person-info"],
        other: "reads the person's data",
        good: "puts what was asked for, and nothing else, into person_info, each item with source, classification and when it was updated",
        why: "More than the person agreed to must not leave the server",
        fix: "Select by the scopes of the consent, and write each item with its metadata",
        plan: verbs!(person_info),
    },
];

/// Seconds by which times of both sides may differ.
const LEEWAY: u64 = 60;

/// The ID token and the access token of a login.
pub(in crate::case::server) async fn tokens(trial: &mut FapiTrial) -> Step<Option<(Flow, String, String)>> {
    let (flow, code) = with_code(trial).await?;
    let answer = trial.send(&trial.server.client.token(&flow, &code)).await;
    let answer = answer.map_err(|error| control(&format!("token broke off: {error}")))?;
    let body = answer.json().filter(|_| answer.status == 200).unwrap_or_default();
    let access = access_token(&body).ok_or_else(|| control("token gave no access token"))?;
    let Some(id_token) = body.get("id_token").and_then(Value::as_str) else {
        trial.find("gives an ID token", "there is none");
        return Ok(None);
    };
    Ok(Some((flow, id_token.to_owned(), access)))
}

/// The service's keys: as they are known, else as they are published.
async fn keys(trial: &FapiTrial) -> Step<Value> {
    if let Some(known) = &trial.server.keys {
        return Ok(known.clone());
    }
    let answer = trial.published(&trial.server.client.at.keys).await;
    let set = answer.ok().and_then(|answer| answer.json());
    set.ok_or_else(|| control("the server publishes no JWK Set"))
}

/// A document, opened as a relying party must; a finding, where it cannot be.
pub(in crate::case::server) async fn opened(trial: &mut FapiTrial, document: &str) -> Step<Option<Opened>> {
    let keys = keys(trial).await?;
    match trial.open(&keys, document) {
        Ok(opened) => Ok(Some(opened)),
        Err(error) => {
            trial.find("can be decrypted with the client's key and verified with the server's", format!("{error:#}"));
            Ok(None)
        }
    }
}

/// The headers of a document must be those that the documents print.
pub(in crate::case::server) fn printed(trial: &mut FapiTrial, opened: &Opened, enc: &str) {
    let text = |members: &Map<String, Value>, name: &str| {
        members.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let found = text(&opened.outer, "enc");
    trial.expect_light(found == enc, &format!("encrypts with {enc}"), || format!("`{found}`"));
    let found = text(&opened.outer, "alg");
    trial.expect_light(found == "ECDH-ES+A256KW", "wraps the key with ECDH-ES+A256KW, as registered", || {
        format!("`{found}`")
    });
    let found = text(&opened.outer, "kid");
    let (own, _) = &trial.server.client.signing;
    let named = found == own.replace("sig", "enc") || trial.server.keys.is_none();
    trial.expect_light(named, "names the client's key by its kid", || format!("`{found}`"));
    let found = text(&opened.header, "typ");
    trial.expect_light(found == "JWT", "writes the typ JWT", || format!("`{found}`"));
    let (header, more) = (&opened.header, ["alg", "typ", "kid"]);
    let odd: Vec<&str> = header.keys().map(String::as_str).filter(|name| !more.contains(name)).collect();
    trial.expect_light(odd.is_empty(), "has alg, typ and kid in the header of the signature alone", || odd.join(", "));
}

pub(super) async fn id_token_protected(trial: &mut FapiTrial) -> Step {
    trial.when("in the ID token");
    let Some((_, id_token, _)) = tokens(trial).await? else { return Ok(()) };
    if let Some(opened) = opened(trial, &id_token).await? {
        printed(trial, &opened, "A256CBC-HS512");
    }
    Ok(())
}

pub(super) async fn id_token_claims(trial: &mut FapiTrial) -> Step {
    trial.when("in the ID token");
    let Some((flow, id_token, _)) = tokens(trial).await? else { return Ok(()) };
    let Some(opened) = opened(trial, &id_token).await? else { return Ok(()) };
    let (claims, client) = (&opened.claims, &trial.server.client);
    let (issuer, client_id) = (client.at.issuer.clone(), client.client_id.clone());
    for (name, expected) in [("iss", &issuer), ("aud", &client_id), ("nonce", &flow.nonce)] {
        equal(trial, claims, name, expected);
    }
    let sub = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    trial.expect(!sub.is_empty(), "names a sub", || "there is none".to_owned());
    trial.expect_light(!sub.contains('='), "names a sub without parts", || format!("`{sub}`"));
    times(trial, claims);
    let hash = claims.contains_key("at_hash");
    trial.expect_light(!hash, "has no at_hash, as the service has none", || "it is there".to_owned());
    let acr = claims.get("acr").and_then(Value::as_str).unwrap_or_default();
    trial.expect_light(acr.ends_with(":loa:2") || acr.ends_with(":loa:3"), "names loa:2 or loa:3 as acr", || {
        format!("`{acr}`")
    });
    let known = ["iss", "sub", "aud", "exp", "iat", "nonce", "acr", "amr", "sub_type", "sub_attributes"];
    let more: Vec<&str> = claims.keys().map(String::as_str).filter(|name| !known.contains(name)).collect();
    trial.expect_light(more.is_empty(), "has the documented claims alone", || {
        format!("there is also {}", more.join(", "))
    });
    let attributes = claims.get("sub_attributes").is_some_and(Value::is_object);
    trial.expect_light(attributes, "has sub_attributes for what a scope asked for", || "there are none".to_owned());
    Ok(())
}

/// A claim must be a text and the expected one.
pub(in crate::case::server) fn equal(trial: &mut FapiTrial, claims: &Map<String, Value>, name: &str, expected: &str) {
    let found = claims.get(name);
    let shown = found.map_or_else(|| "it is missing".to_owned(), Value::to_string);
    let shown = shown.replace(&trial.server.client.at.issuer, "(the issuer)");
    let in_list = name == "aud" && found.and_then(Value::as_array).is_some_and(|list| *list == [expected]);
    let right = found.and_then(Value::as_str) == Some(expected);
    trial.expect(right || in_list, &format!("has the right {name}"), || shown);
    trial.expect_light(!in_list, &format!("writes {name} as a text"), || "it is a list".to_owned());
}

/// `iat` must be now, `exp` in the future and not for long.
pub(in crate::case::server) fn times(trial: &mut FapiTrial, claims: &Map<String, Value>) {
    let client = &trial.server.client;
    let now = (client.clock)() / 1000 + client.ahead;
    let time = |name: &str| claims.get(name).and_then(Value::as_u64);
    let made = time("iat").is_some_and(|iat| iat.abs_diff(now) <= LEEWAY);
    trial.expect(made, "was made now, by iat", || format!("iat is {}", claims.get("iat").unwrap_or(&Value::Null)));
    let lives = time("exp").is_some_and(|exp| exp > now && exp <= now + 3600);
    trial.expect(lives, "ends within an hour, by exp", || {
        format!("exp is {}", claims.get("exp").unwrap_or(&Value::Null))
    });
}

/// The userinfo document of a login, and the sub of its ID token.
async fn userinfo(trial: &mut FapiTrial) -> Step<Option<Opened>> {
    trial.when("in the userinfo document");
    let (flow, token) = with_token(trial).await?;
    document_of(trial, &flow, &token).await
}

/// The userinfo document that a token opens; a finding, where there is none.
pub(in crate::case::server) async fn document_of(
    trial: &mut FapiTrial,
    flow: &Flow,
    token: &str,
) -> Step<Option<Opened>> {
    let answer = trial.send(&trial.server.client.userinfo(flow, token)).await;
    let Some(answer) = trial.served(answer, 200)? else { return Ok(None) };
    let kind = answer.media_type.clone();
    trial.expect_light(kind == "application/jwt", "calls it application/jwt", || format!("`{kind}`"));
    opened(trial, &answer.text()).await
}

pub(super) async fn userinfo_protected(trial: &mut FapiTrial) -> Step {
    if let Some(opened) = userinfo(trial).await? {
        printed(trial, &opened, "A256GCM");
    }
    Ok(())
}

pub(super) async fn userinfo_claims(trial: &mut FapiTrial) -> Step {
    let Some((flow, id_token, token)) = tokens(trial).await? else { return Ok(()) };
    let Some(who) = opened(trial, &id_token).await? else { return Ok(()) };
    trial.when("in the userinfo document");
    let Some(document) = document_of(trial, &flow, &token).await? else { return Ok(()) };
    let sub = who.claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
    let client = &trial.server.client;
    let (issuer, client_id) = (client.at.issuer.clone(), client.client_id.clone());
    for (name, expected) in [("sub", &sub), ("iss", &issuer), ("aud", &client_id)] {
        equal(trial, &document.claims, name, expected);
    }
    let known = ["person_info", "iss", "iat", "sub", "aud", "exp"];
    let more: Vec<&str> = document.claims.keys().map(String::as_str).filter(|name| !known.contains(name)).collect();
    trial.expect(more.is_empty(), "has nothing of the person beside person_info", || {
        format!("there is {}", more.join(", "))
    });
    let now = (trial.server.client.clock)() / 1000 + trial.server.client.ahead;
    let made = document.claims.get("iat").and_then(Value::as_u64).is_some_and(|iat| iat.abs_diff(now) <= LEEWAY);
    trial.expect(made, "was made now, by iat", || "it was not".to_owned());
    Ok(())
}

pub(super) async fn person_info(trial: &mut FapiTrial) -> Step {
    let Some(document) = userinfo(trial).await? else { return Ok(()) };
    let Some(Value::Object(person)) = document.claims.get("person_info") else {
        trial.find("has person_info", "it is missing, or no object");
        return Ok(());
    };
    let scope = trial.server.client.scope.clone();
    let scopes: Vec<&str> = scope.split(' ').filter(|scope| *scope != "openid").collect();
    let more: Vec<&str> = person.keys().map(String::as_str).filter(|name| !scopes.contains(name)).collect();
    trial.expect(more.is_empty(), "gives what was asked for alone", || format!("there is also {}", more.join(", ")));
    items(trial, person);
    Ok(())
}

/// The person's items must be those of who logged in, each with what is said of it.
pub(in crate::case::server) fn items(trial: &mut FapiTrial, person: &Map<String, Value>) {
    of_who_logged_in(trial, person);
    let scope = trial.server.client.scope.clone();
    for scope in scope.split(' ').filter(|scope| *scope != "openid") {
        let item = person.get(scope);
        trial.expect_light(item.is_some(), &format!("gives {scope}"), || "it is missing".to_owned());
        if let Some(item) = item {
            described(trial, scope, item);
        }
    }
}

/// Whose number it is can be told where it was asked for, and the person is known.
fn of_who_logged_in(trial: &mut FapiTrial, person: &Map<String, Value>) {
    let Some(known) = trial.server.uinfin.clone() else { return };
    let found = person.get("uinfin").and_then(|item| item.get("value")).and_then(Value::as_str).unwrap_or_default();
    trial.expect(found.is_empty() || found == known, "gives the data of who logged in", || format!("those of {found}"));
}

fn described(trial: &mut FapiTrial, scope: &str, item: &Value) {
    let marked = ["lastupdated", "source", "classification"].iter().all(|name| item.get(*name).is_some());
    trial.expect(marked, &format!("gives {scope} with its metadata"), || "one is missing".to_owned());
    let own = item.get("source").is_some_and(|source| source == "1");
    trial.expect_light(own, &format!("gives {scope} by the government's source"), || "another one".to_owned());
    let value = item.get("value").and_then(Value::as_str).is_some_and(|text| !text.is_empty() && text.is_ascii());
    trial.expect_light(value, &format!("gives {scope} as a text"), || "it is none, or not plain".to_owned());
}
