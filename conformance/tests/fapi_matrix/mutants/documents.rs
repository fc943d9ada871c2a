//! What a relying party does not check of the ID token, or checks too much.

use super::{accepted_if, crash_if, fabricated, mutants, with_claims};
use myinfo_conformance::connector::driver::{Class, Outcome};
use serde_json::{Value, json};

mutants! {
    "id-token-kid-demanded" "refuses an ID token whose kid is not its own" {
        id_token: Some(|_, document, _| {
            let own = document.outer.as_ref().is_some_and(|outer| outer.get("kid").is_some_and(|kid| kid == "client-enc-p256"));
            if own { None } else { Some(document.broken()) }
        })
    }
    "id-token-unverified" "verifies no signature of the ID token" {
        id_token: Some(|_, document, _| {
            let known = document.header.get("alg").is_some_and(|alg| alg == "ES256") && !document.header.contains_key("crit");
            (document.opened && document.signed && known).then(|| document.made())
        })
    }
    "id-token-any-algorithm" "takes whatever algorithm the ID token names" {
        id_token: Some(|_, document, _| {
            let other = document.header.get("alg").is_some_and(|alg| alg != "ES256");
            (document.opened && other).then(|| document.made())
        })
    }
    "id-token-plain" "takes an ID token that is not encrypted" {
        id_token: Some(|_, document, _| (!document.opened && document.genuine).then(|| document.made()))
    }
    "id-token-issuer" "compares no issuer of the ID token" {
        id_token: Some(|_, document, context| with_claims(document, |claims| { claims.insert("iss".to_owned(), json!(context.setup.common.issuer)); }))
    }
    "id-token-issuer-host" "compares the host of the issuer alone" {
        id_token: Some(|_, document, context| {
            let issuer = &context.setup.common.issuer;
            let same = document.claims.get("iss").and_then(Value::as_str).is_some_and(|found| issuer.starts_with(found));
            if same { with_claims(document, |claims| { claims.insert("iss".to_owned(), json!(issuer)); }) } else { None }
        })
    }
    "id-token-audience" "compares no audience of the ID token" {
        id_token: Some(|_, document, context| with_claims(document, |claims| { claims.insert("aud".to_owned(), json!(context.setup.common.client_id)); }))
    }
    "id-token-audience-text" "refuses an audience that is a list" {
        id_token: Some(|_, document, _| if document.claims.get("aud").is_some_and(Value::is_array) { Some(document.broken()) } else { None })
    }
    "id-token-audience-among" "takes every list of audiences that it is in" {
        id_token: Some(|_, document, context| {
            let client = &context.setup.common.client_id;
            let among = document.claims.get("aud").and_then(Value::as_array).is_some_and(|list| list.contains(&json!(client)));
            if among { with_claims(document, |claims| { claims.insert("aud".to_owned(), json!(client)); }) } else { None }
        })
    }
    "id-token-for-ever" "looks at no exp" {
        id_token: Some(|_, document, context| with_claims(document, |claims| {
            claims.insert("exp".to_owned(), json!(context.now + 600));
            if claims.get("iat").and_then(Value::as_u64).is_some_and(|iat| iat < context.now) { claims.insert("iat".to_owned(), json!(context.now)); }
        }))
    }
    "id-token-exp-text" "reads an exp that is a text" {
        id_token: Some(|_, document, context| {
            if !document.claims.get("exp").is_some_and(Value::is_string) { return None; }
            with_claims(document, |claims| { claims.insert("exp".to_owned(), json!(context.now + 600)); })
        })
    }
    "id-token-of-tomorrow" "looks at no iat" {
        id_token: Some(|_, document, context| with_claims(document, |claims| {
            if claims.get("iat").and_then(Value::as_u64).is_some_and(|iat| iat > context.now) {
                claims.insert("iat".to_owned(), json!(context.now));
                claims.insert("exp".to_owned(), json!(context.now + 600));
            }
        }))
    }
    "id-token-no-leeway" "allows clocks no difference" {
        id_token: Some(|_, document, context| {
            let ahead = document.claims.get("iat").and_then(Value::as_u64).is_some_and(|iat| iat > context.now + 5);
            if ahead { Some(document.broken()) } else { None }
        })
    }
    "id-token-half-an-hour" "allows clocks a difference of half an hour" {
        id_token: Some(|_, document, context| {
            let time = |name: &str| document.claims.get(name).and_then(Value::as_u64).unwrap_or_default();
            let near = |time: u64| time.abs_diff(context.now) < 1800;
            let (late, early) = (time("exp") <= context.now && near(time("exp")), time("iat") > context.now && near(time("iat")));
            if !late && !early { return None; }
            with_claims(document, |claims| {
                claims.insert("iat".to_owned(), json!(context.now));
                claims.insert("exp".to_owned(), json!(context.now + 600));
            })
        })
    }
    "id-token-key-of-the-header" "believes the key that an ID token brings along" {
        id_token: Some(|_, document, _| (document.opened && document.header.contains_key("jwk")).then(|| document.made()))
    }
    "id-token-typ-exact" "compares the typ of an ID token letter by letter" {
        id_token: Some(|_, document, _| {
            let other = document.header.get("typ").is_some_and(|kind| kind != "JWT");
            if other { Some(document.broken()) } else { None }
        })
    }
    "first-encryption-key" "decrypts with the first of its keys alone" {
        id_token: Some(|_, document, context| {
            let set = serde_json::from_str::<Value>(&context.setup.as_fapi()?.private_jwks).ok()?;
            let first = set["keys"].as_array()?.iter().find(|key| key["use"] == "enc")?["kid"].clone();
            let another = document.outer.as_ref()?.get("kid").is_some_and(|kid| kid == "client-enc-p256") && first != "client-enc-p256";
            another.then(|| document.broken())
        })
    }
    "nonce-unchecked" "compares no nonce" {
        id_token: Some(|_, document, context| with_claims(document, |claims| { claims.insert("nonce".to_owned(), json!(context.nonce)); }))
    }
    "nonce-if-there" "compares the nonce only where there is one" {
        id_token: Some(|_, document, context| {
            if document.claims.contains_key("nonce") { return None; }
            with_claims(document, |claims| { claims.insert("nonce".to_owned(), json!(context.nonce)); })
        })
    }
    "subject-made-up" "takes the subject of the access token where the ID token has none" {
        id_token: Some(|_, document, context| {
            if document.claims.contains_key("sub") || !document.opened || !document.genuine { return None; }
            Some(fabricated(context))
        })
    }
    "subject-cut" "cuts the UUID out of a sub of the API before" {
        id_token: Some(|_, document, _| {
            let uuid = document.claims.get("sub").and_then(Value::as_str).and_then(|sub| sub.rsplit_once("u=")).map(|(_, uuid)| uuid.to_owned());
            with_claims(document, |claims| if let Some(uuid) = uuid { claims.insert("sub".to_owned(), json!(uuid)); })
        })
    }
    "level-unchecked" "asks for a level and does not look at the answer" {
        id_token: Some(|_, document, _| with_claims(document, |claims| { claims.insert("acr".to_owned(), json!("urn:singpass:authentication:loa:3")); }))
    }
    "claims-closed" "refuses claims that it does not know" {
        id_token: Some(|_, document, _| {
            const KNOWN: [&str; 10] = ["iat", "exp", "iss", "sub", "aud", "amr", "sub_attributes", "sub_type", "nonce", "acr"];
            let closed = document.claims.keys().all(|name| KNOWN.contains(&name.as_str()));
            if closed { None } else { Some(document.broken()) }
        })
    }
    "factors-of-before" "gives factors the names that they had before FAPI" {
        outcome: Some(|outcome| match outcome {
            Outcome::Accepted { person, claims: Some(mut claims) } => {
                let before = |name: &Value| match name.as_str() {
                    Some("otp-sms") => json!("sms"),
                    Some("face") => json!("fv"),
                    _ => name.clone(),
                };
                let amr = claims["amr"].as_array().map(|amr| amr.iter().map(before).collect::<Value>());
                if let Some(amr) = amr { claims["amr"] = amr; }
                Outcome::Accepted { person, claims: Some(claims) }
            }
            other => other,
        })
    }
    "actor-for-the-person" "takes the actor for the person" {
        outcome: Some(|outcome| match outcome {
            Outcome::Accepted { person, claims: Some(mut claims) } => {
                let actor = claims.pointer("/act/sub").cloned();
                if let Some(actor) = actor { claims["sub"] = actor; }
                Outcome::Accepted { person, claims: Some(claims) }
            }
            other => other,
        })
    }
    "attributes-demanded" "demands sub_attributes" {
        id_token: Some(|_, document, _| if document.claims.contains_key("sub_attributes") || !document.genuine { None } else { Some(document.broken()) })
    }
    "at-hash-unchecked" "looks at no at_hash" {
        id_token: Some(|_, document, _| with_claims(document, |claims| { claims.remove("at_hash"); }))
    }
    "crit-passed-over" "passes over crit" {
        id_token: Some(|_, document, _| (document.opened && document.header.contains_key("crit")).then(|| document.made()))
    }
    "decryption-taken" "goes on where nothing can be decrypted" { outcome: Some(|outcome| accepted_if(outcome, &[Class::Decryption])) }
    "tag-short-taken" "takes a tag of any length" {
        id_token: Some(|text, _, context| {
            let short = text.split('.').nth(4).is_some_and(|tag| tag.len() < 20);
            short.then(|| fabricated(context))
        })
    }
    "malformed-crash" "crashes at what has not its form" { outcome: Some(|outcome| crash_if(outcome, Class::Malformed)) }
    "signature-crash" "crashes at a wrong signature" { outcome: Some(|outcome| crash_if(outcome, Class::Signature)) }
}
