//! Step 4: the ID token: decrypt, verify, and only then read (OIDC Core §3.1.3.7; DOC, 4. Parsing the ID token).

use super::document::{check_nonce, check_parties, check_times, check_token_hash, open};
use super::token::Tokens;
use super::{Bound, Config, Level};
use crate::error::{Error, SubjectProblem, What};
use crate::identity::Identity;
use crate::key::PublishedKeys;
use crate::rule::claims;
use serde_json::{Map, Value};

const WHAT: What = What::IdToken;

/// Judges the ID token: decryption, signature, issuer, audience, times, nonce, subject, level, and the access token beside it.
///
/// # Errors
/// One error for each of them, in this order; see [`Error`].
pub fn accept(
    config: &Config,
    bound: &Bound,
    keys: &PublishedKeys,
    tokens: &Tokens,
    now_seconds: u64,
) -> Result<Identity, Error> {
    let claims = claims::read(&open(config, keys, tokens.id_token(), WHAT)?, WHAT)?;
    check_parties(config, &claims, WHAT)?;
    check_times(&claims, WHAT, now_seconds)?;
    check_nonce(bound.nonce(), &claims)?;
    let subject = claims.get("sub").and_then(Value::as_str).filter(|subject| is_uuid(subject));
    let subject = subject.ok_or(Error::Subject(SubjectProblem::Unusable))?.to_owned();
    check_level(config, &claims)?;
    check_token_hash(&claims, tokens.access_token())?;
    if claims.get("sub_attributes").is_some_and(|attributes| !attributes.is_object()) {
        return Err(Error::Malformed { what: WHAT, problem: "its sub_attributes are no JSON object" });
    }
    Ok(Identity::new(subject, claims))
}

/// The bare UUID. What the API before FAPI wrote, `s=…,u=…`, is not taken apart.
fn is_uuid(subject: &str) -> bool {
    let groups: Vec<&str> = subject.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// OIDC Core §3.1.3.7, check 12. What was asked for is a list of which the first that can be had is used.
fn check_level(config: &Config, claims: &Map<String, Value>) -> Result<(), Error> {
    let Some(lowest) = config.levels.iter().min() else { return Ok(()) };
    let level = claims.get("acr").and_then(Value::as_str).and_then(Level::named);
    if level.is_some_and(|level| level >= *lowest) { Ok(()) } else { Err(Error::Level { asked: lowest.name() }) }
}

#[cfg(test)]
mod tests {
    use super::super::sample::complete;
    use super::*;
    use serde_json::json;

    /// What comes of the token of Singpass's staging service that its documents print.
    fn of_singpass(after: u64, change: impl FnOnce(&mut Value)) -> Result<Identity, &'static str> {
        let mut vector: Value = serde_json::from_str(myinfo_fixtures::vectors::SINGPASS_JSON).unwrap();
        change(&mut vector);
        let text = |name: &str| vector[name].as_str().unwrap();
        let config = Config::builder(super::super::Environment::Staging)
            .client_id(text("client_id"))
            .redirect_uri("http://localhost:3080/callback")
            .scopes("openid uinfin name")
            .signing_key(myinfo_fixtures::keys::ec::CLIENT_PEMS[0].pkcs8.as_bytes(), None)
            .unwrap()
            .encryption_key(vector["encryption_key"].to_string().as_bytes(), None)
            .unwrap();
        let kept = json!({"nonce": text("nonce"), "verifier": "v", "proof_key": "k", "iss": true});
        let keys = PublishedKeys::read(json!({"keys": [vector["signing_key"]]}).to_string().as_bytes()).unwrap();
        let answer = json!({"access_token": "a", "id_token": text("encrypted"), "token_type": "DPoP"}).to_string();
        let response = crate::transport::Response { status: 200, body: answer.into(), ..Default::default() };
        let tokens = super::super::token::accept(&response, 0).unwrap();
        let (bound, now) = (serde_json::from_value(kept).unwrap(), vector["now"].as_u64().unwrap() + after);
        accept(&config.build().unwrap(), &bound, &keys, &tokens, now).map_err(|error| error.code())
    }

    #[test]
    fn a_token_of_singpass_is_taken_at_its_time_for_its_client_and_its_login() {
        let identity = of_singpass(0, |_| ()).unwrap();
        assert_eq!(identity.subject(), "7c9c72ec-5be2-495a-a78e-61e809a2a236");
        assert_eq!((identity.name(), identity.level()), (Some("NAME OF S5410828A"), Some(Level::One)));
        assert_eq!(identity.factors(), ["pwd"]);
        assert!(!format!("{identity:?}").contains("S5410828A"));
        assert_eq!(of_singpass(700, |_| ()).unwrap_err(), "expiry");
        assert_eq!(of_singpass(0, |vector| vector["client_id"] = "another".into()).unwrap_err(), "audience");
        assert_eq!(of_singpass(0, |vector| vector["nonce"] = "another".into()).unwrap_err(), "nonce");
        assert_eq!(of_singpass(0, |vector| vector["signing_key"]["kid"] = "another".into()).unwrap_err(), "signature");
        let stranger = myinfo_fixtures::keys::ec::private("stranger-enc-p256").unwrap();
        assert_eq!(of_singpass(0, |vector| vector["encryption_key"] = stranger).unwrap_err(), "decryption");
    }

    #[test]
    fn a_subject_is_a_bare_uuid() {
        assert!(is_uuid("7c9c72ec-5be2-495a-a78e-61e809a2a236"));
        for odd in [
            "",
            "S6005048A",
            "s=S6005048A,u=7c9c72ec-5be2-495a-a78e-61e809a2a236",
            "7c9c72ec5be2495aa78e61e809a2a236",
            "7c9c72ec-5be2-495a-a78e-61e809a2a2zz",
            "éééé-5be2-495a-a78e-61e809a2a236",
        ] {
            assert!(!is_uuid(odd), "{odd}");
        }
    }

    #[test]
    fn the_level_is_at_least_the_lowest_that_was_asked_for() {
        let judged = |asked: &[Level], acr: Value| {
            let builder = asked.iter().fold(complete(), |builder, level| builder.level(*level));
            check_level(&builder.build().unwrap(), json!({"acr": acr}).as_object().unwrap()).is_ok()
        };
        let [one, two, three] = Level::ALL.map(|level| json!(level.name()));
        assert!(judged(&[], one.clone()) && judged(&[], json!(null)));
        assert!(judged(&[Level::Two], two.clone()) && judged(&[Level::Two], three.clone()));
        assert!(judged(&[Level::Three, Level::Two], two.clone()));
        for (asked, acr) in
            [(Level::Two, one), (Level::Three, two), (Level::Two, json!(null)), (Level::Two, json!("urn:x"))]
        {
            assert!(!judged(&[asked], acr.clone()), "{asked:?} {acr}");
        }
    }
}
