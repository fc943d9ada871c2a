//! What a connector does wrong with the token endpoint, and with the access token.

use super::{crash_if, encode, is_text, mutants, resign_if, untold_if};
use crate::mend;
use myinfo_conformance::connector::driver::Class;
use myinfo_connector::ambient::{Ambient, System};
use myinfo_fixtures::keys;
use serde_json::{Map, Value, json};

mutants! {
    // the token request
    "token-no-grant-type" "sends no grant_type" { token: Some(|parts| parts.drop("grant_type")) }
    "token-no-redirect-uri" "sends no redirect_uri with token" { token: Some(|parts| parts.drop("redirect_uri")) }
    "token-redirect-uri-other" "sends another redirect_uri with token" {
        token: Some(|parts| { let uri = parts.value("redirect_uri"); parts.set("redirect_uri", &format!("{uri}/")); })
    }
    "token-secret-other" "sends its client id as the secret" { token: Some(|parts| parts.set("client_secret", keys::CLIENT_ID)) }
    "token-as-json" "names the form JSON" { token: Some(|parts| parts.content_type = Some("application/json".to_owned())) }
    "token-query" "sends the client id in the query, too" { token: Some(|parts| parts.url.push_str("?client_id=TESTBED-CLIENT")) }
    "signed-encoded" "signs encoded values" {
        token: Some(|parts| parts.signed = Some(parts.sent.iter().map(|(name, value)| (name.clone(), encode(value))).collect()))
    }
    "signed-unsorted" "signs the parameters as they are sent" {
        token: Some(|parts| parts.base = |text| {
            let mut pieces: Vec<&str> = text.split('&').collect();
            if let Some(pairs) = pieces.get_mut(2..) { pairs.reverse(); }
            pieces.join("&")
        })
    }
    "token-path-doubled" "appends token to the address of token" {
        token: Some(|parts| { parts.url.push_str("/token"); parts.signed_url.clone_from(&parts.url); })
    }
    "signed-slash" "signs the URL with a slash at its end" { token: Some(|parts| parts.signed_url.push('/')) }
    "signed-https" "signs https for http" {
        token: Some(|parts| parts.signed_url = parts.signed_url.replace("http://", "https://"))
    }
    "signed-lower-case" "signs the method in small letters" { token: Some(|parts| parts.base = |text| text.replacen("POST", "post", 1)) }
    "state-unsigned" "sends the state with token, and does not sign it" {
        token: Some(|parts| { parts.signed = Some(parts.sent.clone()); parts.set("state", "s"); })
    }
    "timestamp-seconds" "sends the time in seconds" {
        token: Some(|parts| parts.fields.timestamp.truncate(10))
    }
    "timestamp-old" "sends a time of ten minutes ago" {
        token: Some(|parts| {
            let time: u64 = parts.fields.timestamp.parse().unwrap_or_default();
            parts.fields.timestamp = (time - 600_000).to_string();
        })
    }
    "nonce-constant" "has one nonce for every request" { token: Some(|parts| "1".clone_into(&mut parts.fields.nonce)) }
    "nonce-for-both" "has one nonce for both requests of a flow" { one_nonce: true }
    "app-id-other" "sends another app_id than the client id" { token: Some(|parts| parts.fields.app_id.push_str("-APP")) }
    "header-unquoted" "leaves out the quotes of the header" { token: Some(|parts| parts.header = |text| text.replace('"', "")) }
    "header-lower-case" "writes the scheme in small letters" { token: Some(|parts| parts.header = |text| text.replace("PKI_SIGN", "pki_sign")) }
    "header-method-name" "names the method RSA-SHA256" {
        token: Some(|parts| "RSA-SHA256".clone_into(&mut parts.fields.signature_method))
    }

    // the token's answer
    "clock-untold" "does not tell that the clocks differ" {
        outcome: Some(|outcome| untold_if(outcome, Class::TokenRequest))
    }
    "repeats-unsigned" "sends a refused request again as it is" { repeats: 1 }
    "repeats-often" "sends a refused request four times more" { repeats: 4 }
    "malformed-crash" "crashes on an answer of another form" { outcome: Some(|outcome| crash_if(outcome, Class::Malformed)) }
    "access-token-absent-taken" "goes on without an access token" {
        token_answer: Some(|answer, setup| {
            let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
            if answer.status == 200 && body.is_object() && body["access_token"].is_null() {
                let until = System.now_seconds() + 60;
                let claims = json!({"sub": "none", "aud": keys::CLIENT_ID, "iss": setup.common.issuer, "exp": until});
                let jws = mend::Jws { header: Map::new(), payload: claims.to_string().into_bytes() };
                answer.body = json!({"access_token": jws.signed()}).to_string().into_bytes();
            }
        })
    }
    "token-type-case" "wants token_type with a capital" {
        token_answer: Some(|answer, _| if String::from_utf8_lossy(&answer.body).contains("\"bearer\"") { answer.body.clear(); })
    }
    "members-strict" "refuses members that it does not know" {
        token_answer: Some(|answer, _| if String::from_utf8_lossy(&answer.body).contains("session_hint") { answer.body.clear(); })
    }
    "cut-untold" "does not tell that the connection broke off" { outcome: Some(|outcome| untold_if(outcome, Class::Transport)) }
    "sandbox-always" "takes plain answers, whatever is configured" {
        person_answer: Some(|answer| if is_text(answer, "{") {
            let jws = mend::Jws { header: Map::new(), payload: answer.body.clone() };
            answer.body = mend::sealed(json!(jws.signed()).to_string().as_bytes());
        })
    }
    "sandbox-refused" "refuses what the sandbox answers" {
        outcome: Some(|outcome| outcome),
        setup: Some(|setup| "test".clone_into(&mut setup.v3_mut().flavour))
    }

    // the access token
    "token-unverified" "does not verify the access token" {
        token_answer: Some(|answer, _| mend::token(answer, |jws| Some(jws.signed())))
    }
    "token-none" "takes alg none" { token_answer: Some(|answer, _| resign_if(answer, "none")) }
    "token-hs256" "takes HS256 by the certificate" { token_answer: Some(|answer, _| resign_if(answer, "HS256")) }
    "token-other-alg" "takes RS512 and PS256" {
        token_answer: Some(|answer, _| { resign_if(answer, "RS512"); resign_if(answer, "PS256"); })
    }
    "token-embedded-key" "trusts a key that the token brings along" {
        token_answer: Some(|answer, _| mend::token(answer, |jws| {
            ["jwk", "jku", "x5c"].iter().any(|name| jws.header.contains_key(*name)).then(|| jws.signed())
        }))
    }
    "token-expired-taken" "takes expired tokens" {
        token_answer: Some(|answer, _| mend::claims(answer, |claims| {
            claims.insert("exp".to_owned(), json!(System.now_seconds() + 60));
        }))
    }
    "token-future-taken" "takes tokens that are not valid yet" {
        token_answer: Some(|answer, _| mend::claims(answer, |claims| { claims.remove("nbf"); claims.remove("iat"); }))
    }
    "token-no-subject-taken" "goes on without a subject" {
        token_answer: Some(|answer, _| mend::claims(answer, |claims| {
            if claims.get("sub").and_then(Value::as_str).is_none_or(str::is_empty) {
                claims.insert("sub".to_owned(), json!("undefined"));
            }
        }))
    }
    "token-issuer-unchecked" "takes tokens by any issuer" {
        token_answer: Some(|answer, setup| mend::claims(answer, |claims| {
            claims.insert("iss".to_owned(), json!(setup.common.issuer));
        }))
    }
    "token-audience-unchecked" "takes tokens for other clients" {
        token_answer: Some(|answer, _| mend::claims(answer, |claims| { claims.insert("aud".to_owned(), json!(keys::CLIENT_ID)); }))
    }
    "subject-raw" "puts the subject into the path as it is" {
        person: Some(|parts| {
            let decoded = percent_encoding::percent_decode_str(&parts.url).decode_utf8_lossy().into_owned();
            decoded.clone_into(&mut parts.url);
            parts.signed_url = decoded;
        })
    }
}
