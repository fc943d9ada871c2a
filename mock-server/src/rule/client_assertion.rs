//! Client assertions: `private_key_jwt` of OpenID Connect Core §9, as RFC 7523 and Singpass' pages bound it.

use super::Rule;
use super::jwt::{Jwt, shortened};
use super::replay::{Jti, Replay};
use super::wrong_signature::{KnownKey, explain, unknown_signer};
use crate::doctor::catalogue::TAKEN;
use crate::doctor::difference::{Comparison, kind_of_service_difference};
use crate::examination::Examination;
use crate::jose::jwk_set::JwkSet;
use crate::refusal::Refusal;
use serde_json::Value;

/// The rules of a profile that an assertion must keep.
pub(crate) struct AssertionRules {
    pub(crate) form: &'static Rule,
    pub(crate) signature: &'static Rule,
    pub(crate) subject: &'static Rule,
    pub(crate) audience: &'static Rule,
    pub(crate) lifetime: &'static Rule,
    pub(crate) once: &'static Rule,
}

/// What a profile wants of an assertion.
pub(crate) struct AssertionPolicy<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) keys: &'a JwkSet,
    /// What is to be known of where the set came from, for whoever misses a key in it.
    pub(crate) origin: &'a str,
    /// Every key that may have made a signature which is not the right one: asked for where one is wrong.
    pub(crate) known: &'a dyn Fn() -> Vec<KnownKey>,
    /// What `aud` must be.
    pub(crate) issuer: &'a str,
    /// What `aud` may be, too, unless it is strict.
    pub(crate) endpoint: &'a str,
    pub(crate) strict: bool,
    /// How long it may live, in seconds.
    pub(crate) longest: u64,
    /// How far ahead its clock may be, in seconds.
    pub(crate) ahead: u64,
    /// Whether there has to be a `jti`; one that is there works once in any case.
    pub(crate) needs_id: bool,
    /// Says no in the profile's words.
    pub(crate) refuse: fn(&'static Rule, String) -> Refusal,
}

/// Examines every rule. The `jti` is noted only where everything before it was good: nobody can use up another's.
pub(crate) fn examine(
    assertion: &str,
    rules: &AssertionRules,
    policy: &AssertionPolicy<'_>,
    replay: Replay<'_>,
    exam: &mut Examination,
) -> Option<()> {
    let refuse = |rule| move |hint: String| (policy.refuse)(rule, hint);
    let read = Jwt::read(assertion).map_err(|problem| format!("the client assertion cannot be read: {problem}"));
    let jwt = exam.check(rules.form, read.and_then(|jwt| check_form(jwt, policy)).map_err(refuse(rules.form)))?;
    match check_signature(&jwt, policy) {
        Ok(()) => exam.kept(rules.signature),
        Err(wrong) => {
            let refusal = refuse(rules.signature)(wrong.told(None));
            let (token, known, so_far) = (assertion.to_owned(), (policy.known)(), refusal.clone());
            exam.broken_and_searched(refusal, move || wrong.explained(so_far, &token, &known));
        }
    }
    exam.check(rules.subject, check_subject(&jwt, policy).map_err(refuse(rules.subject)));
    exam.check(rules.audience, check_audience(&jwt, policy, rules.audience));
    exam.check(rules.lifetime, check_lifetime(&jwt, policy, replay.here.at.seconds()).map_err(refuse(rules.lifetime)));
    for text in taken(&jwt, policy) {
        exam.note(TAKEN, text);
    }
    let once = check_once(&jwt, policy, &replay, !exam.refused());
    exam.check(rules.once, once.map_err(refuse(rules.once)))
}

/// What is against the documents, and is taken unless it is strict: libraries do it.
fn taken(jwt: &Jwt<'_>, policy: &AssertionPolicy<'_>) -> Vec<&'static str> {
    let audience = match jwt.claims.get("aud") {
        Some(Value::String(audience)) if audience == policy.endpoint => Some(
            "`aud` is the endpoint's address: taken, but the document wants the issuer (requests_oauth2client: `aud=`)",
        ),
        Some(Value::Array(list)) if list.as_slice() == [policy.issuer] => {
            Some("`aud` is a list with the issuer in it: taken, but the document wants a text")
        }
        _ => None,
    };
    let untyped = jwt.header("typ").is_none().then_some(
        "there is no `typ`: taken, but the document wants `JWT` (openid-client: `[client.modifyAssertion]` sets it)",
    );
    if policy.strict { Vec::new() } else { audience.into_iter().chain(untyped).collect() }
}

fn check_form<'t>(jwt: Jwt<'t>, policy: &AssertionPolicy<'_>) -> Result<Jwt<'t>, String> {
    jwt.check_algorithm().map_err(|problem| format!("the client assertion's {problem}"))?;
    match jwt.header("typ") {
        Some("JWT") => Ok(jwt),
        // openid-client sends none, and is taken
        None if !policy.strict => Ok(jwt),
        None => Err(
            "the client assertion has no `typ`; the document wants `JWT` (openid-client: `[client.modifyAssertion]` sets it)"
                .to_owned(),
        ),
        Some(other) => Err(format!("the client assertion's `typ` is `{}`, expected `JWT`", shortened(other))),
    }
}

/// What is wrong with a signature, as far as it shows by itself.
struct Wrong {
    /// Its kid names no signing key; what is known of that goes before all else.
    kid: Option<String>,
    /// What its form shows.
    form: String,
}

impl Wrong {
    /// Both in a sentence; what was done instead says more than the form.
    fn told(&self, done: Option<&str>) -> String {
        let why = match (&self.kid, done) {
            (Some(kid), Some(done)) => format!("{kid}; {done}"),
            (Some(kid), None) => kid.clone(),
            (None, Some(done)) => done.to_owned(),
            (None, None) => self.form.clone(),
        };
        format!("the signature of the client assertion does not verify: {why}")
    }

    /// The refusal with what was done instead.
    fn explained(&self, mut refusal: Refusal, token: &str, known: &[KnownKey]) -> Refusal {
        let Ok(jwt) = Jwt::read(token) else { return refusal };
        if let Some(done) = explain(&jwt, known) {
            refusal.hint = self.told(Some(&done));
            return refusal;
        }
        match unknown_signer(&jwt) {
            Some(keys) => refusal.explained(&format!("; {keys}")),
            None => refusal,
        }
    }
}

fn check_signature(jwt: &Jwt<'_>, policy: &AssertionPolicy<'_>) -> Result<(), Wrong> {
    let kid = jwt.header("kid");
    if policy.keys.signing(kid).any(|key| jwt.is_signed_by(&key.key)) {
        return Ok(());
    }
    let known: Vec<&str> = policy.keys.signing(None).map(|key| key.kid.as_str()).collect();
    let (known, origin) = (known.join(", "), policy.origin);
    let stranger = kid.filter(|kid| policy.keys.signing(Some(*kid)).next().is_none());
    let about_kid = |kid: &str| {
        let enc = policy.keys.keys.iter().any(|key| key.kid == kid);
        let where_it_is = if enc { "is registered with `use`: `enc`" } else { "is not in the client's JWK Set" };
        format!("its kid `{}` {where_it_is}; the signing keys there are {known}{origin}", shortened(kid))
    };
    let form = jwt.odd_signature().map(str::to_owned);
    Err(Wrong {
        kid: stranger.map(about_kid),
        form: form.unwrap_or_else(|| format!("none of the client's signing keys ({known}) made it{origin}")),
    })
}

fn check_subject(jwt: &Jwt<'_>, policy: &AssertionPolicy<'_>) -> Result<(), String> {
    let (issuer, subject) = (jwt.text("iss"), jwt.text("sub"));
    if issuer == policy.client_id && subject == policy.client_id {
        return Ok(());
    }
    Err(format!(
        "`iss` is `{}` and `sub` is `{}`; both must be the client_id `{}`",
        shortened(issuer),
        shortened(subject),
        policy.client_id
    ))
}

fn check_audience(jwt: &Jwt<'_>, policy: &AssertionPolicy<'_>, rule: &'static Rule) -> Result<(), Refusal> {
    let refuse = |hint: String, received: &str| {
        Err((policy.refuse)(rule, hint).compared(Comparison::new(policy.issuer, received)))
    };
    match jwt.claims.get("aud") {
        Some(Value::String(audience)) if audience == policy.issuer => Ok(()),
        Some(Value::String(audience)) if audience == policy.endpoint && !policy.strict => Ok(()),
        Some(Value::String(audience)) => {
            let kind = kind_of_service_difference(policy.issuer, audience);
            let kind = kind.map_or_else(String::new, |kind| format!("; the difference: {kind}"));
            let hint = format!("`aud` is `{}`; the issuer `{}` is expected{kind}", shortened(audience), policy.issuer);
            refuse(hint, audience)
        }
        Some(Value::Array(list)) if !policy.strict && list.as_slice() == [policy.issuer] => Ok(()),
        Some(Value::Array(_)) => {
            refuse(format!("`aud` is a list; the issuer `{}` as a text is expected", policy.issuer), "")
        }
        _ => refuse(format!("`aud` is missing; the issuer `{}` is expected", policy.issuer), ""),
    }
}

fn check_lifetime(jwt: &Jwt<'_>, policy: &AssertionPolicy<'_>, now: u64) -> Result<(), String> {
    let issued = jwt.seconds("iat")?.ok_or("`iat` is missing")?;
    let expires = jwt.seconds("exp")?.ok_or("`exp` is missing")?;
    let lifetime = expires.saturating_sub(issued);
    if issued > now + policy.ahead {
        return Err(format!(
            "`iat` is {} s ahead of the server's clock; {} s are tolerated",
            issued - now,
            policy.ahead
        ));
    }
    if expires <= now {
        return Err(format!("it expired {} s ago, by the server's clock", now - expires));
    }
    if lifetime > policy.longest {
        return Err(format!("it lives {lifetime} s (`exp` less `iat`); at most {} s are taken", policy.longest));
    }
    Ok(())
}

fn check_once(jwt: &Jwt<'_>, policy: &AssertionPolicy<'_>, replay: &Replay<'_>, note: bool) -> Result<(), String> {
    let id = jwt.text("jti");
    if id.is_empty() && !policy.needs_id && !jwt.claims.contains_key("jti") {
        return Ok(());
    }
    if id.is_empty() {
        return Err("`jti` is missing: every assertion needs one of its own".to_owned());
    }
    let jti =
        Jti { whose: &format!("assertion of {}", policy.client_id), id, window_seconds: policy.longest + policy.ahead };
    replay.once(&jti, note)
}
