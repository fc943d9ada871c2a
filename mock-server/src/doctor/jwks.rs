//! `myinfo-mock doctor jwks`: says of a client's JWK Set what Singpass would make of it.

use super::Report;
use crate::fetch::{Fetching, fetch};
use crate::jose::jwk_set::{JwkSet, SetKey, members};
use crate::text::visible;
use anyhow::{Result, anyhow};
use serde_json::Value;
use std::fmt::Write;
use std::time::Duration;

/// Fetches a set as Singpass does: three times three seconds, without redirects. (DOC, Technical concepts, JWKS.)
///
/// # Errors
/// When there is no such set: the message says what came instead.
pub fn fetched(url: &str) -> Result<String> {
    let how = Fetching { patience: Duration::from_secs(3), tries: 3, authority_pem: None };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let fetched = runtime.block_on(fetch(url, how));
    fetched.map_err(|trouble| anyhow!("{} could not be fetched: {trouble}", visible(url)))
}

/// Diagnoses a set: its keys, and what is wrong with them.
pub fn jwks(text: &str) -> Report {
    let read = match members(text) {
        Ok(read) => read,
        Err(problem) => return Report::new(&format!("This is no JWK Set: {problem}"), false),
    };
    let (mut keys, mut problems) = (Vec::new(), Vec::new());
    for (place, member) in read.into_iter().enumerate() {
        match member {
            Ok(key) => keys.push(key),
            Err(problem) => problems.push(format!("key {}: {problem}", place + 1)),
        }
    }
    let set = JwkSet { keys };
    problems.extend(set.repeated());
    // a key that cannot be used is there all the same
    let missing = set.missing().filter(|(usage, _)| !is_used(text, usage));
    problems.extend(missing.map(|(_, says)| says));
    Report::new(&written(&set, &problems), problems.is_empty())
}

/// Whether a member of a set is for this use, good or not.
fn is_used(text: &str, usage: &str) -> bool {
    let set: Value = serde_json::from_str(text).unwrap_or_default();
    let mut members = set.get("keys").and_then(Value::as_array).into_iter().flatten();
    members.any(|member| member.get("use").and_then(Value::as_str) == Some(usage))
}

fn written(set: &JwkSet, problems: &[String]) -> String {
    let mut text = String::from("a JWK Set\n");
    let chosen = set.encryption().map(|key| key.kid.as_str());
    for key in &set.keys {
        let _ = write!(text, "{}", described(key, chosen));
    }
    if problems.is_empty() {
        text.push_str("\nNothing is wrong with it.\n");
        return text;
    }
    text.push_str("\nWhat is wrong:\n");
    for problem in problems.iter().take(100) {
        let _ = writeln!(text, "- {problem}");
    }
    if let Some(more) = problems.len().checked_sub(100).filter(|more| *more > 0) {
        let _ = writeln!(text, "- and {more} more");
    }
    text
}

fn described(key: &SetKey, chosen: Option<&str>) -> String {
    let alg = key.alg.as_deref().unwrap_or(if key.usage == "sig" { key.key.curve.algorithm() } else { "" });
    let kid: String = key.kid.chars().take(60).collect();
    let mut text = format!("\n  {}  {kid}\n       {}, {alg}\n", key.usage, key.key.curve.name());
    if let Ok(thumbprint) = key.key.thumbprint() {
        let _ = writeln!(text, "       thumbprint {thumbprint}");
    }
    if key.usage == "enc" && chosen == Some(&key.kid) {
        text.push_str("       documents are encrypted for this one\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use myinfo_fixtures::keys::ec;

    #[test]
    fn a_good_set_is_listed_with_the_key_that_is_encrypted_for() {
        let report = jwks(ec::CLIENT_JWKS);
        assert!(report.healthy && report.text.ends_with("Nothing is wrong with it.\n"), "{}", report.text);
        assert_eq!(report.text.matches("thumbprint").count(), 6);
        let (_, chosen) = report.text.split_once("enc  client-enc-p521").unwrap();
        assert!(chosen.contains("encrypted for this one") && report.text.matches("for this one").count() == 1);
        assert!(report.text.lines().all(|line| line.chars().count() <= 80));
    }

    #[test]
    fn every_mistake_is_told_and_no_private_part() {
        let report = jwks(ec::CLIENT_JWKS_PRIVATE);
        assert!(!report.healthy && report.text.contains("- key 1: it is a private key"), "{}", report.text);
        assert!(!report.text.contains("there is no key") && report.text.len() < 900, "{}", report.text);
        let report = jwks(r#"{"keys": [{"kty": "EC", "d": "x", "use": "sig"}]}"#);
        assert!(report.text.contains("no key with `use`: `enc`") && !report.text.contains("`sig`"), "{}", report.text);
        let report = jwks("<!doctype html>");
        assert_eq!(
            (report.healthy, &*report.text),
            (false, "This is no JWK Set: it is a page of HTML or XML, no JSON\n")
        );
    }
}
