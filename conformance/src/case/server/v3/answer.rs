//! Cases of the token answer and of the access token: what a client may rely on.

use crate::case::server::{ServerCase, verbs};
use crate::server::answer::{Answer, token};
use crate::server::client::v3::ApiCall;
use crate::server::client::v3::Token;
use crate::server::trial::Trial;
use crate::verdict::Step;
use crate::verdict::{Level, Stop};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use myinfo_oracle::jws;
use openssl::sha::sha256;
use rsa::traits::PublicKeyParts;
use serde_json::Value;
use std::collections::BTreeSet;

/// How far the clocks of client and server may be apart, in seconds.
const LEEWAY: i64 = 60;

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "v3.server-token.answer",
        code: "SRV-TKA-01",
        level: Level::Must,
        clauses: &["v3-token-response", "rfc6749-token-response"],
        other: "sends a token request that keeps every rule",
        good: "answers 200 with a JSON object that has access_token, token_type Bearer and expires_in",
        why: "It is what every client reads",
        fix: "Answer as RFC 6749 §5.1 says, with application/json",
        plan: verbs!(form),
    },
    ServerCase {
        id: "v3.server-token.recorded-form",
        code: "SRV-TKA-02",
        level: Level::Should,
        clauses: &["v3-token-response"],
        other: "compares the answer with recorded ones",
        good: "has the recorded members alone, and spells Bearer with a capital",
        why: "There are clients that compare the spelling",
        fix: "Send access_token, token_type, expires_in, scope and refresh_token, and no more",
        plan: verbs!(recorded),
    },
    ServerCase {
        id: "v3.server-access-token.signature",
        code: "SRV-TKA-03",
        level: Level::Must,
        clauses: &["v3-access-token-verify", "v3-access-token-rs256", "rfc7515-signature"],
        other: "verifies the access token",
        good: "signs it with RS256 and the key of its certificate",
        why: "A good client refuses any other token",
        fix: "Sign the token with RS256, and give clients the certificate of that key",
        plan: verbs!(signature),
    },
    ServerCase {
        id: "v3.server-access-token.header",
        code: "SRV-TKA-04",
        level: Level::Should,
        clauses: &["rfc8725-received-claims", "v3-access-token-rs256"],
        other: "reads the header of the access token",
        good: "has typ JWT, alg RS256 and the thumbprint of the certificate's key as kid, and no key of its own",
        why: "A kid tells which of two certificates fits; a key inside the token would prove nothing",
        fix: "Write the header as recorded: typ, alg, kid",
        plan: verbs!(header),
    },
    ServerCase {
        id: "v3.server-access-token.times",
        code: "SRV-TKA-05",
        level: Level::Must,
        clauses: &["rfc7519-exp", "rfc7519-nbf"],
        other: "reads the times of the access token",
        good: "is valid now, and says until when",
        why: "A good client refuses a token that is expired, or not valid yet",
        fix: "Write exp, iat and nbf as seconds since 1970; a token lives 30 minutes",
        plan: verbs!(times),
    },
    ServerCase {
        id: "v3.server-access-token.subject",
        code: "SRV-TKA-06",
        level: Level::Must,
        clauses: &["v3-access-token-sub", "v3-person-subject"],
        other: "reads the subject of the access token",
        good: "names the person by a text that can stand in a path",
        why: "Without it nobody can ask for the person",
        fix: "Write sub: a UUID for com, the UIN or FIN for gov",
        plan: verbs!(subject),
    },
    ServerCase {
        id: "v3.server-access-token.audience",
        code: "SRV-TKA-07",
        level: Level::Must,
        clauses: &["rfc7519-aud", "rfc8725-audience"],
        other: "reads for whom and by whom the access token is",
        good: "names the client as aud, and itself as iss",
        why: "A good client refuses a token that is for another one",
        fix: "Write the client id into aud, and the service's issuer into iss",
        plan: verbs!(audience),
    },
    ServerCase {
        id: "v3.server-access-token.scope",
        code: "SRV-TKA-08",
        level: Level::Must,
        clauses: &["v3-access-token-scope"],
        other: "reads the scope of the access token",
        good: "lists what the person consented to",
        why: "A good client asks for these attributes and no others",
        fix: "Write the attributes of the consent into scope",
        plan: verbs!(scope),
    },
];

/// The answer to a token request that keeps every rule, whatever it is.
async fn answered(trial: &mut Trial) -> Step<Option<Answer>> {
    let draft = trial.draft(ApiCall::Token).await?;
    trial.when("in the token answer");
    let answer = trial.send(&draft).await;
    trial.served(answer)
}

/// A token, or the case shows nothing: that there is one at all is another case.
async fn given(trial: &mut Trial) -> Step<Token> {
    let given = trial.token().await?;
    trial.when("in the access token");
    Ok(given)
}

pub(super) async fn form(trial: &mut Trial) -> Step {
    let Some(answer) = answered(trial).await? else { return Ok(()) };
    let json = answer.media_type == "application/json";
    trial.expect_light(json, "has the media type application/json", || answer.media_type.clone());
    let Some(body) = answer.json() else {
        trial.find("is a JSON object", "it is no JSON");
        return Ok(());
    };
    trial.expect(token(&answer).is_some(), "has an access_token that is a text", || {
        body.get("access_token").map_or("there is none".to_owned(), Value::to_string)
    });
    let kind = body.get("token_type").and_then(Value::as_str).unwrap_or_default();
    trial.expect(kind.eq_ignore_ascii_case("bearer"), "has token_type Bearer", || format!("`{kind}`"));
    let lifetime = body.get("expires_in").and_then(Value::as_i64);
    trial.expect_light(lifetime.is_some_and(|seconds| seconds > 0), "has expires_in, in seconds", || {
        format!("{:?}", body.get("expires_in"))
    });
    Ok(())
}

pub(super) async fn recorded(trial: &mut Trial) -> Step {
    let given = given(trial).await?;
    let known = ["access_token", "token_type", "expires_in", "scope", "refresh_token"];
    let members = given.answer.as_object().cloned().unwrap_or_default();
    let more: Vec<&str> = members.keys().map(String::as_str).filter(|name| !known.contains(name)).collect();
    trial.expect(more.is_empty(), "has the recorded members alone", || format!("there is also {}", more.join(", ")));
    let kind = given.answer.get("token_type").and_then(Value::as_str).unwrap_or_default();
    trial.expect(kind == "Bearer", "spells token_type Bearer", || format!("`{kind}`"));
    Ok(())
}

pub(super) async fn signature(trial: &mut Trial) -> Step {
    let given = given(trial).await?;
    let header: Value = serde_json::from_str(&given.header).unwrap_or_default();
    let algorithm = header.get("alg").cloned().unwrap_or_default();
    trial.expect(algorithm == "RS256", "has alg RS256", || algorithm.to_string());
    if let Err(error) = jws::open(&given.token, &trial.server.client.myinfo) {
        trial.find("is signed with the key of the server's certificate", error.to_string());
    }
    Ok(())
}

pub(super) async fn header(trial: &mut Trial) -> Step {
    let given = given(trial).await?;
    let header: Value = serde_json::from_str(&given.header).unwrap_or_default();
    let member = |name: &str| header.get(name).cloned().unwrap_or_default();
    trial.expect(member("typ") == "JWT", "has typ JWT", || member("typ").to_string());
    let thumbprint = thumbprint(&trial.server.client.myinfo);
    trial.expect(member("kid") == thumbprint.as_str(), &format!("has kid {thumbprint}"), || member("kid").to_string());
    for name in ["jwk", "jku", "x5c", "x5u", "crit"] {
        trial.expect(header.get(name).is_none(), &format!("has no {name}"), || "there is one".to_owned());
    }
    Ok(())
}

/// The thumbprint of a key (RFC 7638).
pub(super) fn thumbprint(key: &rsa::RsaPublicKey) -> String {
    let number = |number: &rsa::BigUint| BASE64_URL_SAFE_NO_PAD.encode(number.to_bytes_be());
    let text = format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, number(key.e()), number(key.n()));
    BASE64_URL_SAFE_NO_PAD.encode(sha256(text.as_bytes()))
}

fn claims(given: &Token) -> Step<Value> {
    let claims: Option<Value> = serde_json::from_str(&given.payload).ok();
    claims
        .filter(Value::is_object)
        .ok_or_else(|| Stop::Inconclusive("the access token holds no JSON object".to_owned()))
}

#[expect(clippy::cast_possible_truncation, reason = "the number is bounded before")]
pub(super) async fn times(trial: &mut Trial) -> Step {
    let given = given(trial).await?;
    let Ok(claims) = claims(&given) else {
        trial.find("holds a JSON object", "it holds something else");
        return Ok(());
    };
    let now = i64::try_from(crate::clock::milliseconds() / 1000).unwrap_or(i64::MAX);
    // NumericDate may have a fraction (RFC 7519 §2); what no clock reaches is cut off
    let seconds = |value: &Value| value.as_f64().map(|time| time.clamp(-1e12, 1e12) as i64);
    let time = |name: &str| claims.get(name).and_then(seconds);
    let Some(end) = time("exp") else {
        trial.find("has exp, in seconds since 1970", format!("{:?}", claims.get("exp")));
        return Ok(());
    };
    trial.expect(end > now, "is valid now", || format!("it expired {} s ago", now - end));
    for name in ["nbf", "iat"] {
        let start = time(name).unwrap_or(now);
        trial.expect(start <= now + LEEWAY, "is valid now", || format!("its {name} is {} s ahead", start - now));
    }
    let begin = time("iat").unwrap_or(now);
    let lifetime = given.answer.get("expires_in").and_then(seconds).unwrap_or(end - begin);
    trial.expect_light((end - begin - lifetime).abs() <= 5, "lives as long as expires_in says", || {
        format!("{} s, and expires_in is {lifetime}", end - begin)
    });
    Ok(())
}

pub(super) async fn subject(trial: &mut Trial) -> Step {
    let given = given(trial).await?;
    let claims = claims(&given)?;
    let subject = claims.get("sub").cloned().unwrap_or_default();
    let text = subject.as_str().unwrap_or_default();
    let safe = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    trial.expect(
        !text.is_empty() && safe && text != "." && text != "..",
        "has a sub of letters, digits and dashes",
        || subject.to_string(),
    );
    Ok(())
}

pub(super) async fn audience(trial: &mut Trial) -> Step {
    let given = given(trial).await?;
    let claims = claims(&given)?;
    let claim = |name: &str| claims.get(name).cloned().unwrap_or_default();
    let client_id = trial.server.client.client_id.clone();
    // one text, or a list of them (RFC 7519 §4.1.3)
    let audience = claim("aud");
    let named = audience == client_id.as_str()
        || audience.as_array().is_some_and(|list| list.iter().any(|one| *one == client_id.as_str()));
    trial.expect(named, &format!("has aud {client_id}, as recorded"), || audience.to_string());
    match trial.server.issuer.clone() {
        Some(issuer) => {
            trial.expect(claim("iss") == issuer.as_str(), &format!("has iss {issuer}"), || claim("iss").to_string());
        }
        None => trial.note(format!("its issuer is {}", claim("iss"))),
    }
    Ok(())
}

pub(super) async fn scope(trial: &mut Trial) -> Step {
    let given = given(trial).await?;
    let claims = claims(&given)?;
    let scope = match claims.get("scope") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(names)) => names.split_whitespace().map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    };
    let asked: BTreeSet<String> = trial.server.attributes.iter().cloned().collect();
    let expected = format!("has the scope {}", trial.attributes());
    trial.expect(scope == asked, &expected, || scope.iter().map(String::as_str).collect::<Vec<_>>().join(","));
    Ok(())
}
