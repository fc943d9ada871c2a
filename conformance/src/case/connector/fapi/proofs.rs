//! Cases of what proves the client: its assertions and its DPoP proofs, at PAR and at token.

use crate::case::connector::{ConnectorCase, verbs};
use crate::connector::recorder::Recorded;
use crate::connector::session::Session;
use crate::connector::wire::fapi::{Jwt, assertion, is_signed, proof, proven};
use crate::connector::wire::{parameters, value};
use crate::profile::Endpoint;
use crate::profile::fapi::{PAR, SIGNING_KID, TOKEN, USERINFO};
use crate::verdict::{Level, Step};
use myinfo_fixtures::keys::ec;
use myinfo_oracle::{dpop, jwk};
use serde_json::Value;
use std::collections::BTreeSet;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "fapi.assertion.claims",
        code: "F-PAR-02",
        level: Level::Must,
        clauses: &["fapi-assertion"],
        other: "verifies the client assertions of PAR and token",
        good: "signs with the registered key, names itself twice, and gives each assertion two minutes at most and a jti of its own",
        why: "The assertion is the client's password: one that lives long or is used again can be replayed by whoever saw it",
        fix: "Make a new assertion for every request: iss and sub the client_id, iat now, exp at most 120 s later, a random jti",
        plan: verbs!(assertions),
    },
    ConnectorCase {
        id: "fapi.assertion.audience",
        code: "F-PAR-15",
        level: Level::Should,
        clauses: &["fapi-assertion-audience"],
        other: "looks at the aud of the client assertions",
        good: "names exactly the issuer, as a text",
        why: "An assertion for one endpoint's address works at whatever server claims that address; the profile demands the issuer",
        fix: "Use the `issuer` of the discovery document as aud, at PAR and at token",
        plan: verbs!(audience),
    },
    ConnectorCase {
        id: "fapi.dpop.form",
        code: "F-PAR-07",
        level: Level::Must,
        clauses: &["fapi-dpop", "rfc9449-proof"],
        other: "verifies the proofs of PAR and token",
        good: "sends a dpop+jwt with its public key, method and address of the request, a fresh iat and a jti of its own",
        why: "A proof for another address or of another time is one that could have been stolen",
        fix: "Make the proof when the request is made, from its method and its address without query",
        plan: verbs!(proofs),
    },
    ConnectorCase {
        id: "fapi.dpop.key-of-the-login",
        code: "F-PAR-08",
        level: Level::Must,
        clauses: &["fapi-dpop-key"],
        other: "compares the proof keys of five logins",
        good: "has another key for each login, which is not the client's own",
        why: "With one key for all, a token of one login can be used with the proofs of another",
        fix: "Make a key pair when a login begins and keep it with that login; never take the registered keys",
        plan: verbs!(keys),
    },
    ConnectorCase {
        id: "fapi.dpop.same-key",
        code: "F-TOK-02",
        level: Level::Must,
        clauses: &["fapi-dpop-key", "fapi-assertion", "rfc9449-proof"],
        other: "compares PAR, token and userinfo of one login",
        good: "proves all three with one key, by proofs and assertions that are new each time",
        why: "The code and the token are bound to the key of PAR; with another one the service answers invalid_dpop_proof",
        fix: "Keep the key of the login in its session until userinfo was read",
        plan: verbs!(same_key),
    },
];

pub(super) async fn assertions(session: &mut Session<'_>) -> Step {
    session.usual_call(PAR).await?;
    let mut ids = BTreeSet::new();
    for endpoint in [PAR, TOKEN] {
        session.when(format!("in the {} request", endpoint.name));
        let sent = assertion(&session.call(endpoint)?)?;
        expect_assertion(session, &sent);
        let id = sent.claim("jti").to_owned();
        session
            .expect(!id.is_empty() && ids.insert(id), "has a jti of its own", || "none, or one used before".to_owned());
    }
    Ok(())
}

/// A client assertion must be signed by the registered key, about the application, and not for long.
pub(crate) fn expect_assertion(session: &mut Session<'_>, sent: &Jwt) {
    let client_id = session.setup.common.client_id.clone();
    session.expect(is_signed(sent), "signs with the registered key", || {
        format!("the key {SIGNING_KID} does not verify it; its header is {}", Value::Object(sent.header.clone()))
    });
    for name in ["iss", "sub"] {
        let found = sent.claim(name).to_owned();
        session.expect(found == client_id, &format!("names itself as {name}"), || format!("`{found}`"));
    }
    let lifetime = sent.seconds("exp").zip(sent.seconds("iat")).and_then(|(exp, iat)| exp.checked_sub(iat));
    session.expect(lifetime.is_some_and(|lifetime| lifetime <= 120), "lives two minutes at most", || {
        let shown = |name: &str| sent.claims.get(name).map_or_else(|| "missing".to_owned(), Value::to_string);
        format!("iat is {}, exp is {}", shown("iat"), shown("exp"))
    });
    let typ = sent.header.get("typ").and_then(Value::as_str) == Some("JWT");
    session.expect_light(typ, "says typ: JWT", || "typ is missing or another".to_owned());
}

pub(super) async fn audience(session: &mut Session<'_>) -> Step {
    session.usual_call(PAR).await?;
    let issuer = session.setup.common.issuer.clone();
    for endpoint in [PAR, TOKEN] {
        session.when(format!("in the {} request", endpoint.name));
        let sent = assertion(&session.call(endpoint)?)?;
        let found = sent.claims.get("aud").map_or_else(|| "missing".to_owned(), Value::to_string);
        session.expect(sent.claim("aud") == issuer, "names the issuer as aud, as a text", || found);
    }
    Ok(())
}

pub(super) async fn proofs(session: &mut Session<'_>) -> Step {
    session.usual_call(PAR).await?;
    for endpoint in [PAR, TOKEN] {
        expect_proof(session, endpoint)?;
    }
    Ok(())
}

/// The proof of the last call to an endpoint must be one of this call.
pub(super) fn expect_proof(session: &mut Session<'_>, endpoint: &'static Endpoint) -> Step {
    session.when(format!("in the {} request", endpoint.name));
    let call = session.call(endpoint)?;
    if call.header("dpop").is_none() {
        let named = endpoint == PAR && value(&parameters(&call), "dpop_jkt").is_some();
        session.expect(named, "sends a proof in the header DPoP", || "there is no such header".to_owned());
        if named {
            session.note("it sends dpop_jkt in the place of a proof at PAR");
        }
        return Ok(());
    }
    let proven = match proven(&call) {
        Ok(proven) => proven,
        Err(error) => {
            session.find("sends a proof that its own public key verifies", error.to_string());
            return Ok(());
        }
    };
    let text = |name: &str| proven.claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    session.expect(text("htm") == call.method, &format!("says htm: {}", call.method), || text("htm"));
    let address = format!("{}{}", session.realm.scene().origin, call.path());
    session.expect(dpop::htu(&text("htu")) == address, "says the address that it calls as htu", || {
        format!("`{}`, and `{address}` was called", text("htu"))
    });
    session.expect(!text("htu").contains('?'), "leaves the query out of htu", || text("htu"));
    let now = session.realm.now() / 1000;
    let iat = proven.claims.get("iat").and_then(Value::as_u64);
    session.expect(iat.is_some_and(|iat| iat.abs_diff(now) < 120), "says when it was made as iat, in seconds", || {
        format!(
            "iat is {}, now is {now}",
            proven.claims.get("iat").map_or_else(|| "missing".to_owned(), Value::to_string)
        )
    });
    session.expect(!text("jti").is_empty(), "has a jti", || "there is none".to_owned());
    Ok(())
}

fn thumbprints(calls: &[Recorded]) -> BTreeSet<String> {
    calls.iter().filter_map(|call| Some(proven(call).ok()?.thumbprint)).collect()
}

pub(super) async fn keys(session: &mut Session<'_>) -> Step {
    const LOGINS: usize = 5;
    session.ready().await?;
    session.mark().await?;
    for _ in 0..LOGINS {
        session.flow().await?;
    }
    session.when(format!("in {LOGINS} logins"));
    let found = thumbprints(&session.calls(TOKEN));
    session.expect(found.len() == LOGINS, "has another key for each login", || format!("{} keys", found.len()));
    let own = ec::public(SIGNING_KID).and_then(|key| jwk::thumbprint(&key).ok()).unwrap_or_default();
    session.expect(!found.contains(&own), "does not prove with the client's own key", || {
        "it is the registered one".to_owned()
    });
    Ok(())
}

pub(super) async fn same_key(session: &mut Session<'_>) -> Step {
    session.usual_call(TOKEN).await?;
    session.when("over the calls of one login");
    let calls: Vec<Recorded> =
        [PAR, TOKEN, USERINFO].into_iter().flat_map(|endpoint| session.calls(endpoint)).collect();
    let keys = thumbprints(&calls);
    session.expect(keys.len() == 1, "proves every call with one key", || format!("{} keys", keys.len()));
    let proofs: Vec<_> = calls.iter().filter_map(|call| proof(call).ok()).collect();
    let ids: BTreeSet<&str> = proofs.iter().map(|proof| proof.claim("jti")).collect();
    session.expect(ids.len() == proofs.len(), "makes a new proof for each call", || {
        format!("{} ids in {} proofs", ids.len(), proofs.len())
    });
    Ok(())
}
