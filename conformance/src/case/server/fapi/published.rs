//! Cases of what a server of FAPI publishes: its discovery document and its keys.

use super::verbs;
use crate::case::server::ServerCase;
use crate::server::fapi::FapiTrial;
use crate::verdict::{Level, Step};
use myinfo_oracle::jwk;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "fapi.server-discovery.document",
        code: "FSRV-DISC-01",
        level: Level::Must,
        clauses: &["rfc8414-issuer", "fapi2-server-metadata"],
        other: "fetches the discovery document",
        good: "names itself as the issuer, every endpoint by its address, and what FAPI 2.0 takes: code, S256, private_key_jwt, ES256",
        why: "Clients are configured by the issuer alone: what is missing there they cannot know",
        fix: "Publish issuer, the five endpoints, jwks_uri, and the lists of what is supported",
        plan: verbs!(document),
    },
    ServerCase {
        id: "fapi.server-discovery.issuer-announced",
        code: "FSRV-DISC-02",
        level: Level::Must,
        clauses: &["fapi2-server-iss"],
        other: "reads whether the redirect will carry `iss`",
        good: "announces it by authorization_response_iss_parameter_supported",
        why: "A client that is not told may not demand it, and so cannot notice a mix-up",
        fix: "Publish authorization_response_iss_parameter_supported as true, and send iss with every redirect",
        plan: verbs!(announced),
    },
    ServerCase {
        id: "fapi.server-keys.set",
        code: "FSRV-KEY-01",
        level: Level::Must,
        clauses: &["rfc7517-private-parts", "rfc7517-set"],
        other: "fetches the JWK Set",
        good: "has a public key for ES256 with a kid of its own, and no private part",
        why: "Without the set nobody can verify; a private part in it makes everybody the server",
        fix: "Publish the public members of each key with kid, use and alg",
        plan: verbs!(keys),
    },
];

/// What the server publishes at an address, as a JSON object.
pub(in crate::case::server) async fn published(trial: &mut FapiTrial, url: &str) -> Step<Option<Map<String, Value>>> {
    let answer = trial.published(url).await;
    let Some(answer) = trial.served(answer, 200)? else { return Ok(None) };
    let members = match answer.json() {
        Some(Value::Object(members)) => Some(members),
        _ => None,
    };
    trial.expect(members.is_some(), "answers with a JSON object", || "it is none".to_owned());
    Ok(members)
}

pub(super) async fn document(trial: &mut FapiTrial) -> Step {
    trial.when("in the discovery document");
    let at = trial.server.client.at.clone();
    let Some(members) = published(trial, &at.discovery).await? else { return Ok(()) };
    let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
    for (name, expected) in [
        ("issuer", &at.issuer),
        ("authorization_endpoint", &at.auth),
        ("pushed_authorization_request_endpoint", &at.par),
        ("token_endpoint", &at.token),
        ("userinfo_endpoint", &at.userinfo),
        ("jwks_uri", &at.keys),
    ] {
        let found = text(name);
        trial.expect(found == expected, &format!("names {name} as it is"), || {
            if found.is_empty() {
                "it is missing".to_owned()
            } else {
                format!("`{}`", found.replace(&at.issuer, "(the issuer)"))
            }
        });
    }
    for (name, value) in [
        ("response_types_supported", "code"),
        ("code_challenge_methods_supported", "S256"),
        ("token_endpoint_auth_methods_supported", "private_key_jwt"),
        ("dpop_signing_alg_values_supported", "ES256"),
        ("id_token_signing_alg_values_supported", "ES256"),
    ] {
        let has =
            members.get(name).and_then(Value::as_array).is_some_and(|list| list.iter().any(|known| known == value));
        trial.expect(has, &format!("lists {value} in {name}"), || "it is not there".to_owned());
    }
    Ok(())
}

pub(super) async fn announced(trial: &mut FapiTrial) -> Step {
    trial.when("in the discovery document");
    let url = trial.server.client.at.discovery.clone();
    let Some(members) = published(trial, &url).await? else { return Ok(()) };
    let found = members.get("authorization_response_iss_parameter_supported");
    trial.expect(found == Some(&Value::Bool(true)), "announces `iss` in the redirect", || {
        found.map_or_else(|| "it says nothing of it".to_owned(), |found| format!("it says {found}"))
    });
    Ok(())
}

pub(super) async fn keys(trial: &mut FapiTrial) -> Step {
    trial.when("in the JWK Set");
    let url = trial.server.client.at.keys.clone();
    let Some(members) = published(trial, &url).await? else { return Ok(()) };
    let keys = members.get("keys").and_then(Value::as_array).cloned().unwrap_or_default();
    let private = keys.iter().any(|key| ["d", "p", "q", "k"].iter().any(|name| key.get(*name).is_some()));
    trial.expect(!private, "shows no private part", || "one stands there".to_owned());
    let signs = |key: &&Value| {
        let fits =
            key.get("use").is_none_or(|kind| kind == "sig") && key.get("crv").is_some_and(|curve| curve == "P-256");
        fits && key.get("kid").is_some_and(Value::is_string) && jwk::public(key).is_ok()
    };
    trial.expect(keys.iter().any(|key| signs(&key)), "has a key for ES256 with a kid", || "there is none".to_owned());
    let kids: BTreeSet<&str> = keys.iter().filter_map(|key| key.get("kid")?.as_str()).collect();
    trial.expect(kids.len() == keys.len(), "has a kid of its own for each key", || {
        format!("{} names for {} keys", kids.len(), keys.len())
    });
    let strange: Vec<String> = keys
        .iter()
        .filter_map(|key| key.get("kty")?.as_str())
        .filter(|kind| !["EC", "RSA", "OKP"].contains(kind))
        .map(str::to_owned)
        .collect();
    trial.expect_light(strange.is_empty(), "has keys of known kinds alone", || strange.join(", "));
    Ok(())
}
