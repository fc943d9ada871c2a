//! Cases of the relying party's own keys: those that it publishes, and several to be encrypted for.

use crate::case::connector::{ConnectorCase, verbs};
use crate::connector::driver::Kind;
use crate::connector::session::Session;
use crate::connector::setup::fapi::private_jwks;
use crate::connector::wire::fapi::assertion;
use crate::profile::fapi::{ENCRYPTION_KID, PAR, SIGNING_KID};
use crate::verdict::{Level, Step, Stop};
use myinfo_oracle::jwk;
use serde_json::Value;
use std::collections::BTreeSet;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "fapi.keys.published",
        code: "F-KEY-01",
        level: Level::Must,
        clauses: &["fapi-client-jwks", "rfc7517-private-parts"],
        other: "fetches the JWK Set that the application serves",
        good: "serves public keys alone, one to sign with and one to be encrypted for, each with its kid, use and alg",
        why: "A private part in a public set gives the application away; a set that lacks a key locks everybody out",
        fix: "Serve kty, crv, x, y, kid, use and alg of each key and nothing else, as application/json",
        plan: verbs!(published),
    },
    ConnectorCase {
        id: "fapi.keys.two-for-encryption",
        code: "F-UI-16",
        level: Level::Must,
        clauses: &["fapi-id-token-form", "fapi-userinfo-form", "fapi-client-jwks"],
        other: "encrypts for the older of the application's two encryption keys, as it does while one replaces another",
        good: "decrypts with the key that the kid names, or tries both, and accepts",
        why: "The service keeps a JWK Set for an hour: until then what it sends is for the key before",
        fix: "Hold every encryption key that is still published, and choose by kid",
        plan: verbs!(two_for_encryption),
    },
];

/// The private and symmetric members of any kind of key (RFC 7518 §6).
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];
/// A key that replaces the registered one, and that the service has not fetched yet.
const NEWER_KID: &str = "client-enc-p384";

pub(super) async fn two_for_encryption(session: &mut Session<'_>) -> Step {
    session.need("two_enc_keys")?;
    session.ready().await?;
    session.when("with two encryption keys, of which the service knows the older one");
    session.setup.fapi_mut().private_jwks = private_jwks(&[SIGNING_KID, NEWER_KID, ENCRYPTION_KID])?;
    session.configure().await?;
    session.mark().await?;
    let outcome = session.flow().await?;
    session.accepted(&outcome).await
}

pub(super) async fn published(session: &mut Session<'_>) -> Step {
    let Some(address) = session.jwks_uri() else {
        return Err(Stop::Skip(match session.kind() {
            Kind::Driver => "the driver names no `jwks_uri` in its answer to `hello`".to_owned(),
            Kind::Application => {
                "the target file of the application has no `jwks`: where it serves its keys".to_owned()
            }
        }));
    };
    session.mark().await?;
    session.ready().await?;
    let signer = assertion(&session.call(PAR)?)?.header.get("kid").cloned().unwrap_or_default();
    session.when("in the JWK Set that the application serves");
    let served = session.realm.fetch(&address).await?;
    session.expect(served.status == 200, "answers 200", || format!("it answered {}", served.status));
    let kind = served.content_type.to_ascii_lowercase();
    session.expect_light(kind.contains("json"), "calls it JSON", || format!("it is called `{kind}`"));
    let set: Value = serde_json::from_str(&served.body).unwrap_or_default();
    let Some(keys) = set.get("keys").and_then(Value::as_array) else {
        session.find("serves a JWK Set", "there is no list `keys`");
        return Ok(());
    };
    for key in keys {
        usable(session, key);
    }
    whole(session, keys, &signer);
    Ok(())
}

/// A key of the set must be a public one, on a curve that the service takes, with its name and use.
fn usable(session: &mut Session<'_>, key: &Value) {
    let text = |name: &str| key.get(name).and_then(Value::as_str).unwrap_or_default();
    let kid = text("kid").to_owned();
    let shown: Vec<&str> = PRIVATE.into_iter().filter(|member| key.get(*member).is_some()).collect();
    session.expect(shown.is_empty(), "shows no private part", || {
        format!("`{}` of `{kid}` stands there", shown.join("`, `"))
    });
    session.expect(!kid.is_empty(), "names every key by kid", || "one has none".to_owned());
    let mut public = key.clone();
    if let Some(members) = public.as_object_mut() {
        members.retain(|name, _| !PRIVATE.contains(&name.as_str()));
    }
    if let Err(error) = jwk::public(&public) {
        session.find("has keys on P-256, P-384 and P-521 alone", format!("`{kid}`: {error}"));
    }
    let fits = match text("use") {
        "sig" => text("alg").starts_with("ES"),
        "enc" => text("alg").starts_with("ECDH-ES+A"),
        _ => false,
    };
    session.expect(fits, "says use and alg of every key", || {
        format!("`{kid}` has use `{}` and alg `{}`", text("use"), text("alg"))
    });
}

/// The set must have both kinds, distinct names, and the key that signs.
fn whole(session: &mut Session<'_>, keys: &[Value], signer: &Value) {
    for kind in ["sig", "enc"] {
        let there = keys.iter().any(|key| key.get("use").is_some_and(|found| found == kind));
        session.expect(there, &format!("has a key whose use is `{kind}`"), || "there is none".to_owned());
    }
    let kids: BTreeSet<String> = keys.iter().filter_map(|key| Some(key.get("kid")?.to_string())).collect();
    session.expect(kids.len() == keys.len(), "has a name of its own for each key", || {
        format!("{} names for {} keys", kids.len(), keys.len())
    });
    session.expect(kids.contains(&signer.to_string()), "has the key that signs its assertions", || {
        format!("{signer} is not among them")
    });
}
