//! Cases of the person request: what a server must refuse beside a wrong signature, and what it must take.

use crate::case::server::{Plan, ServerCase, verbs};
use crate::server::client::v3::ApiCall;
use crate::server::client::v3::{Draft, OracleClient};
use crate::server::trial::Defect::{Signed, Without};
use crate::server::trial::Trial;
use crate::verdict::Step;
use crate::verdict::{Level, Stop};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use myinfo_fixtures::keys;
use myinfo_oracle::{jws, key};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde_json::Value;

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "v3.server-person.parameter-missing",
        code: "SRV-PER-01",
        level: Level::Must,
        clauses: &["v3-person-parameters"],
        other: "leaves out client_id and attributes, one by one",
        good: "refuses",
        why: "The real service refuses, so the mistake would be found much later",
        fix: "Check that every required parameter is there",
        plan: Plan::Person(
            &[],
            &[("without client_id", Without("client_id")), ("without attributes", Without("attributes"))],
        ),
    },
    ServerCase {
        id: "v3.server-person.parameter-twice",
        code: "SRV-PER-02",
        level: Level::Must,
        clauses: &["rfc6749-parameter-once"],
        other: "sends attributes twice",
        good: "refuses",
        why: "Which of them was signed and checked is a guess",
        fix: "Refuse a query in which a name stands twice",
        plan: Plan::Person(
            &[],
            &[(
                "with a second list of attributes",
                Signed(|draft| draft.parameters.push(("attributes".to_owned(), "name".to_owned()))),
            )],
        ),
    },
    ServerCase {
        id: "v3.server-person.method",
        code: "SRV-PER-03",
        level: Level::Must,
        clauses: &["v3-person-parameters"],
        other: "calls person by POST",
        good: "refuses",
        why: "Person is read with GET",
        fix: "Answer 405 to every other method",
        plan: Plan::Person(&[], &[("by POST", Signed(|draft| draft.method = "POST"))]),
    },
    ServerCase {
        id: "v3.server-person.bearer-missing",
        code: "SRV-PER-04",
        level: Level::Must,
        clauses: &["v3-person-bearer"],
        other: "signs a person request, and sends no access token",
        good: "refuses with 401",
        why: "The token is the person's consent",
        fix: "Refuse a person request without Bearer token",
        plan: Plan::Person(
            &[401],
            &[
                ("without a Bearer token", Signed(|draft| draft.bearer = None)),
                ("with an empty Bearer token", Signed(|draft| draft.bearer = Some(String::new()))),
            ],
        ),
    },
    ServerCase {
        id: "v3.server-person.bearer-forged",
        code: "SRV-PER-05",
        level: Level::Must,
        clauses: &["v3-person-bearer", "rfc7515-signature", "rfc7518-none", "rfc8725-algorithms"],
        other: "sends tokens that were changed, are unsigned, or were signed by another key",
        good: "refuses each with 401",
        why: "Who can make a token can read anybody's data",
        fix: "Verify the token with RS256 and your own key, whatever its header says",
        plan: verbs!(bearer_forged),
    },
    ServerCase {
        id: "v3.server-person.bearer-expired",
        code: "SRV-PER-06",
        level: Level::Must,
        clauses: &["rfc7519-exp", "v3-person-bearer"],
        other: "uses a token a day after it was given out",
        good: "refuses with 401",
        why: "A consent is for now, not for ever",
        fix: "Compare exp with the clock",
        plan: verbs!(bearer_expired),
    },
    ServerCase {
        id: "v3.server-person.bearer-of-another",
        code: "SRV-PER-07",
        level: Level::Must,
        clauses: &["rfc7519-aud", "rfc6749-token-confidential"],
        other: "uses a token that another client was given",
        good: "refuses with 401",
        why: "The person consented to that client, not to this one",
        fix: "Compare the token's client with client_id",
        plan: verbs!(bearer_of_another),
    },
    ServerCase {
        id: "v3.server-person.bearer-context",
        code: "SRV-PER-08",
        level: Level::Must,
        clauses: &["v3-person-bearer"],
        other: "uses a token of the gov context at com",
        good: "refuses with 401",
        why: "The two contexts are two services, with other rules for consent",
        fix: "Compare the token's issuer with the context that is called",
        plan: verbs!(bearer_context),
    },
    ServerCase {
        id: "v3.server-person.subject",
        code: "SRV-PER-09",
        level: Level::Must,
        clauses: &["v3-person-subject", "v3-person-own-user"],
        other: "asks for somebody else with the token of the person who logged in",
        good: "refuses with 401 or 404",
        why: "Anybody who logs in could read everybody's data",
        fix: "Compare the id in the path with the token's sub",
        plan: verbs!(subject),
    },
    ServerCase {
        id: "v3.server-person.attributes-consented",
        code: "SRV-PER-10",
        level: Level::Must,
        clauses: &["v3-person-consented", "v3-access-token-scope"],
        other: "asks for more than the person consented to",
        good: "refuses with 403 or 401",
        why: "The person said yes to a list, and to nothing else",
        fix: "Compare the attributes with the token's scope",
        plan: verbs!(consented),
    },
    ServerCase {
        id: "v3.server-person.fewer-attributes",
        code: "SRV-PER-11",
        level: Level::Must,
        clauses: &["v3-person-consented", "v3-person-parameters"],
        other: "asks for less than the person consented to",
        good: "sends exactly what was asked for",
        why: "A client that needs the name alone should not get more",
        fix: "Select the items by the attributes of the request",
        plan: verbs!(fewer),
    },
    ServerCase {
        id: "v3.server-person.txnno",
        code: "SRV-PER-12",
        level: Level::Must,
        clauses: &["v3-person-txnno", "v3-sign-all-parameters", "v3-sign-raw-values"],
        other: "sends a txnNo with blanks and signs, and signs it",
        good: "serves the request",
        why: "It is the client's own number of the transaction, and optional",
        fix: "Take every parameter that came into the base string, decoded",
        plan: verbs!(txn_no),
    },
    ServerCase {
        id: "v3.server-person.slash",
        code: "SRV-PER-13",
        level: Level::Should,
        clauses: &["v3-person-slash", "v3-sign-url"],
        other: "calls person without the slash at the end, and signs it so",
        good: "serves the request",
        why: "The official Node connector calls it so, and works",
        fix: "Take both, never redirect, and verify the path as it was called",
        plan: verbs!(slash),
    },
];

/// How a forged token is made out of the parts of a right one.
type Forgery = fn(&[&str], &str) -> Option<String>;

const FORGERIES: [(&str, Forgery); 7] = [
    ("with a token that is no JWT", |_, _| Some("not-a-token".to_owned())),
    ("with a token whose signature was changed", |parts, _| changed_signature(parts)),
    ("with a token of alg none", |parts, _| unsigned(parts)),
    ("with a token of another key", |parts, _| signed_by_stranger(parts, r#"{"typ":"JWT","alg":"RS256"}"#)),
    ("with a token of another key, which its header brings along", |parts, _| with_own_key(parts)),
    ("with a token of alg HS256, keyed with the text of the server's certificate", hs256),
    ("with a token of alg HS256, keyed with its text without the line break at the end", |parts, pem| {
        hs256(parts, pem.trim_end())
    }),
];

pub(super) async fn bearer_forged(trial: &mut Trial) -> Step {
    trial.control(ApiCall::Person).await?;
    for (what, forge) in FORGERIES {
        let mut draft = trial.draft(ApiCall::Person).await?;
        let token = draft.bearer.take().unwrap_or_default();
        let parts: Vec<&str> = token.split('.').collect();
        let Some(forged) = forge(&parts, &trial.server.certificate) else {
            return Err(Stop::Inconclusive("the access token is no JWS".to_owned()));
        };
        draft.bearer = Some(forged);
        trial.when(what);
        let answer = trial.send(&draft).await;
        trial.refused(answer, &[401])?;
    }
    Ok(())
}

fn hs256(parts: &[&str], secret: &str) -> Option<String> {
    let [_, payload, _] = parts else { return None };
    let text = format!("{}.{payload}", encoded(r#"{"typ":"JWT","alg":"HS256"}"#));
    let key = PKey::hmac(secret.as_bytes()).ok()?;
    let signature = Signer::new(MessageDigest::sha256(), &key).ok()?.sign_oneshot_to_vec(text.as_bytes()).ok()?;
    Some(format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
}

fn encoded(header: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(header)
}

fn changed_signature(parts: &[&str]) -> Option<String> {
    let [header, payload, signature] = parts else { return None };
    let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
    *bytes.get_mut(7)? ^= 1;
    Some(format!("{header}.{payload}.{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)))
}

fn unsigned(parts: &[&str]) -> Option<String> {
    let [_, payload, _] = parts else { return None };
    Some(format!("{}.{payload}.", encoded(r#"{"typ":"JWT","alg":"none"}"#)))
}

fn with_own_key(parts: &[&str]) -> Option<String> {
    use rsa::traits::PublicKeyParts;
    let public = key::public(keys::STRANGER_PUBLIC_KEY_PEM).ok()?;
    let number = |number: &rsa::BigUint| BASE64_URL_SAFE_NO_PAD.encode(number.to_bytes_be());
    let jwk = serde_json::json!({"kty": "RSA", "e": number(public.e()), "n": number(public.n())});
    signed_by_stranger(parts, &serde_json::json!({"typ": "JWT", "alg": "RS256", "jwk": jwk}).to_string())
}

fn signed_by_stranger(parts: &[&str], header: &str) -> Option<String> {
    let [_, payload, _] = parts else { return None };
    let payload = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    Some(jws::sign(header, &payload, &key::private(keys::STRANGER_KEY_PEM).ok()?))
}

pub(super) async fn bearer_expired(trial: &mut Trial) -> Step {
    if !trial.server.has_clock() {
        return Err(Stop::Skip("the server's clock cannot be moved".to_owned()));
    }
    trial.control(ApiCall::Person).await?;
    let token = trial.token().await?;
    trial.server.advance(86_400).await?;
    trial.when("with a token that is a day old");
    let draft = trial.server.client.person_draft(&token, &trial.attributes());
    let answer = trial.send(&draft).await;
    trial.refused(answer, &[401])?;
    Ok(())
}

pub(super) async fn bearer_of_another(trial: &mut Trial) -> Step {
    let Some(other) = &trial.server.other else {
        return Err(Stop::Skip("no second client is known".to_owned()));
    };
    let token = trial.token_of(other, "name").await?;
    trial.control(ApiCall::Person).await?;
    trial.when("with a token that another client was given");
    let draft = trial.server.client.person_draft(&token, "name");
    let answer = trial.send(&draft).await;
    trial.refused(answer, &[401])?;
    Ok(())
}

pub(super) async fn bearer_context(trial: &mut Trial) -> Step {
    if !trial.server.both_contexts {
        return Err(Stop::Skip("the server is known to serve one context".to_owned()));
    }
    trial.control(ApiCall::Person).await?;
    trial.server.client.context = "gov";
    let token = trial.token().await?;
    trial.server.client.context = "com";
    trial.when("with a token of the gov context, at com");
    let draft = trial.server.client.person_draft(&token, &trial.attributes());
    let answer = trial.send(&draft).await;
    trial.refused(answer, &[401])?;
    Ok(())
}

pub(super) async fn subject(trial: &mut Trial) -> Step {
    trial.control(ApiCall::Person).await?;
    let others = [trial.server.other_uinfin.clone(), Some("S0000002G".to_owned())];
    for other in others.into_iter().flatten() {
        let token = trial.token().await?;
        let mut draft = trial.server.client.person_draft(&token, &trial.attributes());
        draft.url = draft.url.replacen(&token.subject, &other, 1);
        draft.signed_url.clone_from(&draft.url);
        trial.when(format!("with the id {other} in the path"));
        let answer = trial.send(&draft).await;
        trial.refused(answer, &[401, 404])?;
    }
    Ok(())
}

pub(super) async fn consented(trial: &mut Trial) -> Step {
    trial.control(ApiCall::Person).await?;
    for more in ["name,race", "race"] {
        let token = trial.token_of(&trial.server.client, "uinfin,name").await?;
        trial.when(format!("with the attributes {more}, and a consent to uinfin,name"));
        let draft = trial.server.client.person_draft(&token, more);
        let answer = trial.send(&draft).await;
        trial.refused(answer, &[403, 401])?;
    }
    Ok(())
}

pub(super) async fn fewer(trial: &mut Trial) -> Step {
    trial.control(ApiCall::Person).await?;
    let token = trial.token().await?;
    let draft = trial.server.client.person_draft(&token, "name");
    trial.when("with the attribute name alone");
    let answer = trial.send(&draft).await;
    let Some(answer) = trial.served(answer)? else { return Ok(()) };
    let Ok(opened) = trial.open(&answer.text()) else {
        return Err(Stop::Inconclusive("the document does not open".to_owned()));
    };
    let person: Value = serde_json::from_str(&opened.payload).unwrap_or_default();
    let names: Vec<&str> = person.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    trial.expect(names == ["name"], "sends the name alone", || names.join(", "));
    Ok(())
}

/// A person request in an unusual but right way, which must be served.
async fn unusual(trial: &mut Trial, what: &str, change: impl Fn(&OracleClient, &mut Draft)) -> Step {
    trial.control(ApiCall::Person).await?;
    let mut draft = trial.draft(ApiCall::Person).await?;
    change(&trial.server.client, &mut draft);
    trial.when(what);
    let answer = trial.send(&draft).await;
    trial.served(answer)?;
    Ok(())
}

pub(super) async fn txn_no(trial: &mut Trial) -> Step {
    unusual(trial, "with the txnNo `T 1+1/é%`", |_, draft| {
        draft.set("txnNo", "T 1+1/é%");
    })
    .await
}

pub(super) async fn slash(trial: &mut Trial) -> Step {
    unusual(trial, "without the slash at the end", |_, draft| {
        draft.url.truncate(draft.url.trim_end_matches('/').len());
        draft.signed_url.clone_from(&draft.url);
    })
    .await
}
