//! What a relying party gets wrong in what it sends.

use super::mutants;
use crate::document::private;
use crate::driver::Habit;
use crate::world::{Wire, hash_of};
use myinfo_conformance::connector::wire::Pair;
use myinfo_connector::error::Endpoint;
use myinfo_fixtures::keys::ec;
use myinfo_oracle::ec::{Curve, EcPrivateKey};
use myinfo_oracle::pkce;
use serde_json::json;

/// A constant verifier.
const VERIFIER: &str = "6I9tQd5tKn7Uy9ZfwEqd-YC71gSVfzcfVcyXLc34vQo";
/// A constant state or nonce.
const CONSTANT: &str = "the-same-value-each-time-0123456789";

fn set(form: &mut Vec<Pair>, name: &str, value: &str) {
    match form.iter_mut().find(|(known, _)| known == name) {
        Some((_, old)) => value.clone_into(old),
        None => form.push((name.to_owned(), value.to_owned())),
    }
}

fn remove(form: &mut Vec<Pair>, name: &str) {
    form.retain(|(known, _)| known != name);
}

mutants! {
    "discovery-each-login" "fetches the discovery document and the keys for each login" { habit: Habit::ForgetsWhatIsPublished }
    "old-discovery-beside" "still asks the API before FAPI for its discovery document" { wire: Wire::AsksTheOldApi }
    "par-no-challenge-method" "sends no code_challenge_method" {
        form: Some(|endpoint, form| if endpoint == Endpoint::Pushed { remove(form, "code_challenge_method"); })
    }
    "par-as-json" "names the pushed form JSON" {
        request: Some(|request| {
            let of_par = request.endpoint == Endpoint::Pushed;
            for (_, value) in request.headers.iter_mut().filter(|(name, _)| of_par && name.eq_ignore_ascii_case("content-type")) {
                "application/json".clone_into(value);
            }
        })
    }
    "jwks-private" "serves its JWK Set with the private parts" { jwks: |_| ec::CLIENT_JWKS_PRIVATE.to_owned() }
    "jwks-of-one-key" "serves the key alone with which it signs" {
        jwks: |set| json!({"keys": [set["keys"][0]]}).to_string()
    }
    "jwks-of-another" "serves keys of which none signs its assertions" { jwks: |_| ec::STRANGER_JWKS.to_owned() }
    "state-constant" "has one state for all logins" {
        form: Some(|endpoint, form| if endpoint == Endpoint::Pushed { set(form, "state", CONSTANT); }),
        kept: Some(|kept| kept["state"] = json!(CONSTANT))
    }
    "nonce-constant" "has one nonce for all logins" {
        form: Some(|endpoint, form| if endpoint == Endpoint::Pushed { set(form, "nonce", CONSTANT); }),
        kept: Some(|kept| kept["fapi"]["nonce"] = json!(CONSTANT))
    }
    "nonce-long" "sends a nonce of 100 characters more" {
        form: Some(|endpoint, form| if endpoint == Endpoint::Pushed {
            for (_, value) in form.iter_mut().filter(|(name, _)| name == "nonce") { value.push_str(&"0".repeat(100)); }
        }),
        kept: Some(|kept| kept["fapi"]["nonce"] = json!(format!("{}{}", kept["fapi"]["nonce"].as_str().unwrap(), "0".repeat(100))))
    }
    "scope-commas" "joins the scopes with commas" {
        form: Some(|_, form| for (_, value) in form.iter_mut().filter(|(name, _)| name == "scope") { *value = value.replace(' ', ","); })
    }
    "verifier-constant" "has one verifier for all logins" {
        form: Some(|endpoint, form| match endpoint {
            Endpoint::Pushed => set(form, "code_challenge", &pkce::challenge(VERIFIER)),
            _ => set(form, "code_verifier", VERIFIER),
        })
    }
    "context-for-myinfo" "sends authentication_context_type for a Myinfo app" {
        form: Some(|endpoint, form| if endpoint == Endpoint::Pushed { set(form, "authentication_context_type", "APP_AUTHENTICATION_DEFAULT"); })
    }
    "context-missing" "sends no authentication_context_type for a Login app" {
        form: Some(|_, form| remove(form, "authentication_context_type"))
    }
    "purpose-id" "sends the purpose_id of v4" {
        form: Some(|endpoint, form| if endpoint == Endpoint::Pushed { set(form, "purpose_id", "demonstration"); })
    }
    "auth-with-scope" "repeats the scope in the address of the browser" { login: Some(|url| format!("{url}&scope=openid")) }
    "auth-kept" "sends every browser to the address of the first login" { habit: Habit::KeepsTheAddress }

    "assertion-hour" "gives its assertions an hour" {
        assertion: Some(|_, _, claims| { let iat = claims["iat"].as_u64().unwrap(); claims.insert("exp".to_owned(), json!(iat + 3600)); })
    }
    "assertion-once" "has one jti for all its assertions" {
        assertion: Some(|_, _, claims| { claims.insert("jti".to_owned(), json!("the-same-each-time")); })
    }
    "assertion-subject" "leaves out the sub of its assertions" { assertion: Some(|_, _, claims| { claims.remove("sub"); }) }
    "assertion-no-typ" "leaves out the typ of its assertions" { assertion: Some(|_, header, _| { header.remove("typ"); }) }
    "assertion-endpoint" "names the endpoint as aud of its assertions" {
        assertion: Some(|request, _, claims| { claims.insert("aud".to_owned(), json!(request.url)); })
    }

    "proof-of-a-get" "says GET in every proof" { proof: Some(|_, claims| { claims.insert("htm".to_owned(), json!("GET")); None }) }
    "proof-with-query" "puts a query into htu" {
        proof: Some(|request, claims| { claims.insert("htu".to_owned(), json!(format!("{}?a=b", request.url))); None })
    }
    "proof-of-par" "names PAR as htu in every proof" {
        proof: Some(|request, claims| {
            claims.insert("htu".to_owned(), json!(request.url.replace("/token", "/par").replace("/userinfo", "/par")));
            None
        })
    }
    "proof-no-iat" "leaves out the iat of its proofs" { proof: Some(|_, claims| { claims.remove("iat"); None }) }
    "proof-once" "has one jti for the proofs of a login" {
        proof: Some(|_, claims| { claims.insert("jti".to_owned(), json!("the-same-each-time")); None })
    }
    "proof-key-of-the-client" "proves with the registered key" { proof: Some(|_, _| Some(private("client-sig-p256"))) }
    "proof-key-each-call" "makes a key for each call" { proof: Some(|_, _| Some(EcPrivateKey::random(Curve::P256))) }
    "proof-no-hash" "leaves out ath" { proof: Some(|_, claims| { claims.remove("ath"); None }) }
    "proof-hash-padded" "pads ath" {
        proof: Some(|request, claims| {
            if let Some(hash) = hash_of(request) { claims.insert("ath".to_owned(), json!(format!("{hash}="))); }
            None
        })
    }

    "token-no-redirect-uri" "sends no redirect_uri with token" {
        form: Some(|endpoint, form| if endpoint == Endpoint::Token { remove(form, "redirect_uri"); })
    }
    "token-secret" "sends a client secret with token" {
        form: Some(|endpoint, form| if endpoint == Endpoint::Token { set(form, "client_secret", "of-v3"); })
    }
    "userinfo-bearer" "sends its token as Bearer" {
        request: Some(|request| for (_, value) in &mut request.headers { *value = value.replace("DPoP ", "Bearer "); })
    }
    "userinfo-query" "sends the scopes with userinfo" {
        request: Some(|request| if request.endpoint == Endpoint::Person { request.url.push_str("?scope=openid"); })
    }

    "follows-redirects" "follows redirects" { wire: Wire::FollowsRedirects }
    "trusts-any-certificate" "takes any TLS certificate" { wire: Wire::TrustsAnyCertificate }
    "waits-for-ever" "has no time limit" { wire: Wire::WaitsForEver }
    "repeats-as-it-is" "sends a request that failed again as it is" { wire: Wire::Repeats(1) }
    "never-gives-up" "sends a request that failed again and again" { wire: Wire::Repeats(6) }
    "code-again" "sends a code again that was refused, and after userinfo failed" { wire: Wire::RepeatsToken }
    "bearer-fallback" "sends its token as Bearer where that is asked for" { wire: Wire::FallsBackToBearer }
    "keys-for-ever" "keeps the keys that it fetched first" { wire: Wire::KeepsKeys }
    "keys-often" "fetches the keys four times each time" { wire: Wire::FetchesKeysOften }
}
