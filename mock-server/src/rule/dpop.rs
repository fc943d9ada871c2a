//! DPoP proofs: RFC 9449, as Singpass' pages bound it.

use super::Rule;
use super::jwt::{Jwt, shortened};
use super::replay::{Jti, Replay};
use super::wrong_signature::{KnownKey, explain};
use crate::doctor::catalogue::TAKEN;
use crate::doctor::difference::{Comparison, kind_of_service_difference};
use crate::examination::Examination;
use crate::jose::ec::EcPublic;
use crate::jose::ecdh_es::sha256_base64url;
use crate::refusal::Refusal;
use serde_json::Value;

/// The rules of a profile that a proof must keep.
pub(crate) struct DpopRules {
    pub(crate) form: &'static Rule,
    pub(crate) signature: &'static Rule,
    pub(crate) method: &'static Rule,
    pub(crate) address: &'static Rule,
    pub(crate) fresh: &'static Rule,
    pub(crate) once: &'static Rule,
    pub(crate) nonce: &'static Rule,
    pub(crate) token_hash: &'static Rule,
    pub(crate) key: &'static Rule,
}

/// What a profile wants of a proof.
pub(crate) struct DpopPolicy<'a> {
    pub(crate) method: &'a str,
    /// The addresses that this request may have been made for, without query; the first one is told.
    pub(crate) addresses: &'a [String],
    /// How old it may be, in seconds.
    pub(crate) window: u64,
    /// How far ahead its clock may be, in seconds.
    pub(crate) ahead: u64,
    /// The nonces that it may carry, where one is demanded.
    pub(crate) nonces: &'a [String],
    /// The access token that it must prove, where there is one.
    pub(crate) access_token: Option<&'a str>,
    /// The thumbprint of the key that it must be made with, where one is bound, and by what.
    pub(crate) bound: Option<(&'a str, &'static str)>,
    /// Says no in the profile's words.
    pub(crate) refuse: fn(&'static Rule, String) -> Refusal,
}

/// How long a proof may live, in seconds. DOC, Technical concepts, DPoP.
const LONGEST: u64 = 120;

/// Examines every rule; gives the thumbprint of the proof's key. The `jti` is noted only where everything else was good.
pub(crate) fn examine(
    proof: &str,
    rules: &DpopRules,
    policy: &DpopPolicy<'_>,
    replay: Replay<'_>,
    exam: &mut Examination,
) -> Option<String> {
    let refuse = |rule| move |hint: String| (policy.refuse)(rule, hint);
    let read = Jwt::read(proof).map_err(|problem| format!("the DPoP proof cannot be read: {problem}"));
    let read = read.and_then(|jwt| Ok((check_form(&jwt)?, jwt)));
    let (key, jwt) = exam.check(rules.form, read.map_err(refuse(rules.form)))?;
    // RFC 9449 §4.3, checks 6 and 7
    exam.check(rules.signature, check_signature(&jwt, &key).map_err(refuse(rules.signature)));
    exam.check(rules.method, check_method(&jwt, policy).map_err(refuse(rules.method)));
    exam.check(rules.address, check_address(&jwt, policy, rules.address));
    exam.check(rules.fresh, check_fresh(&jwt, policy, replay.here.at.seconds()).map_err(refuse(rules.fresh)));
    if let Some(text) = old_and_taken(&jwt, policy, replay.here.at.seconds()) {
        exam.note(TAKEN, text);
    }
    if policy.nonces.is_empty() {
        exam.not_applicable(&[rules.nonce], "no nonce was demanded");
    } else {
        exam.check(
            rules.nonce,
            check_nonce(&jwt, policy).map_err(|hint| refuse(rules.nonce)(hint).with_error("use_dpop_nonce")),
        );
    }
    if let Some(token) = policy.access_token {
        exam.check(rules.token_hash, check_token_hash(&jwt, token).map_err(refuse(rules.token_hash)));
    }
    let thumbprint = key.thumbprint().unwrap_or_default();
    if let Some((bound, by)) = policy.bound {
        let told = || {
            let hint = format!("the proof's key has the thumbprint `{thumbprint}`, {by} is bound to `{bound}`");
            let hint = format!("{hint}: one key for all steps of a login, kept in the login's session");
            (policy.refuse)(rules.key, hint).compared(Comparison::new(bound, thumbprint.as_str()))
        };
        exam.check(rules.key, if bound == thumbprint { Ok(()) } else { Err(told()) });
    }
    let once = check_once(&jwt, policy, &replay, !exam.refused());
    exam.check(rules.once, once.map_err(refuse(rules.once)));
    Some(thumbprint)
}

/// RFC 9449 §4.3, checks 3 to 5 and 8.
fn check_form(jwt: &Jwt<'_>) -> Result<EcPublic, String> {
    match jwt.header("typ") {
        Some("dpop+jwt") => {}
        other => {
            return Err(format!(
                "the proof's `typ` is `{}`, expected `dpop+jwt`",
                shortened(other.unwrap_or("missing"))
            ));
        }
    }
    jwt.check_algorithm().map_err(|problem| format!("the proof's {problem}"))?;
    let Some(Value::Object(jwk)) = jwt.header.get("jwk") else {
        return Err("the proof's header has no `jwk`: the public key belongs there".to_owned());
    };
    if jwk.contains_key("d") {
        return Err(
            "the proof's `jwk` holds the private key (`d`): it is burnt now; send the public members alone".to_owned()
        );
    }
    EcPublic::from_jwk(jwk).map_err(|problem| format!("the proof's `jwk` cannot be used: {problem}"))
}

fn check_signature(jwt: &Jwt<'_>, key: &EcPublic) -> Result<(), String> {
    if jwt.is_signed_by(key) {
        return Ok(());
    }
    // with the one key that it may be by, a search is short enough to be waited for
    let own = KnownKey { name: "the key in its `jwk`".to_owned(), key: key.clone() };
    let form = || jwt.odd_signature().unwrap_or("the key in its `jwk` did not make it").to_owned();
    let why = explain(jwt, &[own]).unwrap_or_else(form);
    Err(format!("the signature of the proof does not verify: {why}"))
}

/// RFC 9449 §4.3, check 9.
fn check_method(jwt: &Jwt<'_>, policy: &DpopPolicy<'_>) -> Result<(), String> {
    let method = jwt.text("htm");
    if method == policy.method {
        return Ok(());
    }
    Err(format!("`htm` is `{}`, the request was a {}", shortened(method), policy.method))
}

/// RFC 9449 §4.3, check 10: the address without query and fragment.
fn check_address(jwt: &Jwt<'_>, policy: &DpopPolicy<'_>, rule: &'static Rule) -> Result<(), Refusal> {
    let sent = jwt.text("htu");
    let bare = sent.split(['?', '#']).next().unwrap_or_default();
    if policy.addresses.iter().any(|address| address == bare) {
        return Ok(());
    }
    let expected = policy.addresses.first().map_or("", String::as_str);
    let kind =
        kind_of_service_difference(expected, bare).map_or_else(String::new, |kind| format!("; the difference: {kind}"));
    let hint = format!("`htu` is `{sent}`; this request was made to `{expected}`{kind}");
    Err((policy.refuse)(rule, hint).compared(Comparison::new(expected, sent)))
}

/// RFC 9449 §4.3, check 11.
fn check_fresh(jwt: &Jwt<'_>, policy: &DpopPolicy<'_>, now: u64) -> Result<(), String> {
    let issued = jwt.seconds("iat")?.ok_or("`iat` is missing")?;
    if issued > now + policy.ahead {
        let ahead = issued - now;
        return Err(format!("the proof is from the future: `iat` is {ahead} s ahead of the server's clock"));
    }
    if now.saturating_sub(issued) > policy.window {
        return Err(format!(
            "the proof is {} s old; {} s are taken: make one for each request",
            now - issued,
            policy.window
        ));
    }
    match jwt.seconds("exp")? {
        Some(expires) if expires <= now => Err(format!("the proof expired {} s ago", now - expires)),
        Some(expires) if expires.saturating_sub(issued) > LONGEST => {
            Err(format!("the proof lives {} s (`exp` less `iat`); at most {LONGEST} s are taken", expires - issued))
        }
        Some(_) | None => Ok(()),
    }
}

/// A proof that lived longer than the documents let one live, and is taken all the same.
fn old_and_taken(jwt: &Jwt<'_>, policy: &DpopPolicy<'_>, now: u64) -> Option<String> {
    let age = now.saturating_sub(jwt.seconds("iat").ok()??);
    (age > LONGEST && age <= policy.window).then(|| {
        format!(
            "the proof is {age} s old: taken, but the document lets one live {LONGEST} s: make one for each request"
        )
    })
}

/// RFC 9449 §4.3, check 10 of its list of claims; §8.
fn check_nonce(jwt: &Jwt<'_>, policy: &DpopPolicy<'_>) -> Result<(), String> {
    match jwt.text("nonce") {
        "" => Err("the proof has no `nonce`: the answer's header DPoP-Nonce holds the one to put in".to_owned()),
        sent if policy.nonces.iter().any(|nonce| nonce == sent) => Ok(()),
        sent => Err(format!(
            "the proof's `nonce` is `{}`, which is none of this server's, or an old one: the answer's header DPoP-Nonce holds the one to put in",
            shortened(sent)
        )),
    }
}

/// RFC 9449 §4.3, check 12.
fn check_token_hash(jwt: &Jwt<'_>, token: &str) -> Result<(), String> {
    let (sent, expected) = (jwt.text("ath"), sha256_base64url(token));
    if sent == expected {
        return Ok(());
    }
    let why = if sent.is_empty() {
        "it is missing: the proof of a call with an access token carries its hash"
    } else if sent.trim_end_matches('=') == expected {
        "it has `=` at its end; base64url without padding is expected"
    } else if sent.len() == 64 && sent.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        "it is in hexadecimal; base64url is expected"
    } else if sent == sha256_base64url(&format!("DPoP {token}")) {
        "it was made over `DPoP ` and the token; the token alone is expected"
    } else if sent == sha256_base64url(&format!("Bearer {token}")) {
        "it was made over `Bearer ` and the token; the token alone is expected"
    } else {
        "it is the hash of something else: was it another token's?"
    };
    Err(format!("`ath` is not the hash of the access token: {why}"))
}

fn check_once(jwt: &Jwt<'_>, policy: &DpopPolicy<'_>, replay: &Replay<'_>, note: bool) -> Result<(), String> {
    let id = jwt.text("jti");
    if id.is_empty() {
        return Err("`jti` is missing: every proof needs one of its own".to_owned());
    }
    let jti = Jti { whose: "proof", id, window_seconds: policy.window + policy.ahead };
    replay.once(&jti, note)
}
