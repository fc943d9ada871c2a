//! `myinfo-mock doctor token`: says what a token or document is, whose it is, and what is wrong with it.

use super::{Report, patient};
use crate::ambient::{Clock, Timestamp};
use crate::book::Book;
use crate::config::Config;
use crate::doctor::written::mended_token;
use crate::http::pairs::Pairs;
use crate::jose::key::read_curve_keys;
use crate::journal::mask::Mask;
use crate::persona::Personas;
use crate::profile::token_case::{Line, NamedKey, TokenCase, TokenFindings};
use crate::profile::{ALL, protocols};
use crate::quote::without_keys;
use crate::text::visible;
use anyhow::{Result, bail};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// What the doctor may use.
#[derive(Debug, Default)]
pub struct TokenOptions {
    /// Keys of one's own, as read from files: private ones to open with, public ones and certificates to verify with.
    pub keys: Vec<(String, Vec<u8>)>,
    /// A JWK Set, as read from a file: signatures are held against it instead of against the keys that are known.
    pub jwks: Option<(String, Vec<u8>)>,
    /// The access token that a DPoP proof is for.
    pub access_token: Option<String>,
    /// The passphrase of encrypted keys.
    pub passphrase: Option<String>,
    /// Whether personal data are shown.
    pub personal: bool,
}

/// Diagnoses a token, a document, an assertion, a proof, or what was taken for one of them.
///
/// # Errors
/// When a key cannot be used; the message names what it is instead.
pub fn token(config: &Config, content: &str, options: &TokenOptions) -> Result<Report> {
    let (book, protocols) = (Book::new(config.clients.clone(), Personas::default(), 0), protocols(ALL));
    let mask = Mask { book: &book, protocols: &protocols, personal: options.personal };
    let mut report = Written { text: String::new(), healthy: true, mask };
    let mut known = false;
    let (proved, unpacked) = options.access_token.as_deref().map(access_token_in).transpose()?.unzip();
    let given = Given { options, access_token: proved.as_deref() };
    for (name, written) in tokens_in(content) {
        let (token, how) = mended_token(&written);
        let Some(mut findings) = findings(config, &token, &given)? else { continue };
        known = true;
        if let Some(out_of) = unpacked.filter(|out_of| !out_of.is_empty()) {
            findings.line("note", format!("the access token was unpacked: {out_of}"));
        }
        if !how.is_empty() {
            let says = format!("it is {}; it is read here as it was meant", how.join(" and "));
            findings.odd(says, "send it as the library that made it wrote it");
        }
        report.write(name, &findings);
    }
    if known {
        return Ok(Report::new(&report.text, report.healthy));
    }
    if let Some(says) = keys_instead(content) {
        return Ok(Report::new(&format!("{says}\n"), false));
    }
    patient::examined(config, content, options)
}

/// What was given beside the token.
struct Given<'a> {
    options: &'a TokenOptions,
    /// Unpacked.
    access_token: Option<&'a str>,
}

/// What the profile says whose token it is; nothing where it is none of theirs.
fn findings(config: &Config, token: &str, with: &Given<'_>) -> Result<Option<TokenFindings>> {
    let (options, access_token, now) = (with.options, with.access_token, Clock::System.now());
    let look = |given: &[NamedKey], set: &[NamedKey]| {
        let case = TokenCase { config, token, given, set, access_token, now };
        ALL.iter().find_map(|profile| (profile.token_doctor)(&case))
    };
    // whose token it is does not depend on keys, and keys of another kind are wrong for this one alone
    if look(&[], &[]).is_none() {
        return Ok(None);
    }
    let mut given = Vec::new();
    for (name, content) in &options.keys {
        given.extend(keys_in(name, content, options)?);
    }
    let set = match &options.jwks {
        Some((name, content)) => keys_in(name, content, options)?,
        None => Vec::new(),
    };
    Ok(look(&given, &set))
}

/// The keys of a file, each with its name.
fn keys_in(name: &str, content: &[u8], options: &TokenOptions) -> Result<Vec<NamedKey>> {
    let name = without_keys(name);
    let keys = match read_curve_keys(content, options.passphrase.as_deref()) {
        Ok(keys) => keys,
        Err(problem) => bail!("PEM-KIND: {name}: {problem}"),
    };
    if keys.is_empty() {
        bail!(
            "PEM-KIND: {name}: there is no key on P-256, P-384 or P-521 in it that can be read, and this token needs one: a JWK, a JWK Set or PEM; --passphrase opens encrypted PEM"
        );
    }
    let named = |kid: Option<&str>| kid.map_or_else(|| name.clone(), |kid| format!("{kid} of {name}"));
    Ok(keys.into_iter().map(|key| NamedKey { name: named(key.kid.as_deref()), key }).collect())
}

/// The tokens in a file: it may be one, or a header, a JSON string, a token answer, a form or an address.
fn tokens_in(content: &str) -> Vec<(&'static str, String)> {
    let content = content.trim_start_matches('\u{feff}').trim();
    match serde_json::from_str(content) {
        Ok(Value::String(text)) => return vec![("out of a JSON string (quotes)", text)],
        Ok(Value::Object(members)) => {
            let named = [("id_token", "the id_token of a token answer"), ("access_token", "its access_token")];
            let found =
                named.into_iter().filter_map(|(name, told)| Some((told, members.get(name)?.as_str()?.to_owned())));
            return found.collect();
        }
        _ => {}
    }
    let of_form = tokens_in_form(content);
    if !of_form.is_empty() {
        return of_form;
    }
    let headers = ["Authorization:", "DPoP:", "DPoP ", "Bearer "];
    let bare = headers.into_iter().fold(content, |text, header| match text.split_at_checked(header.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(header) => rest.trim_start(),
        _ => text,
    });
    let told = if bare.len() == content.len() { "" } else { "out of a header" };
    vec![(told, bare.to_owned())]
}

/// The parameters that carry a token, and what one out of a form or query is called: the access token is the last one.
const OF_FORMS: [(&str, &str); 6] = [
    ("client_assertion", "the client_assertion of a form"),
    ("request", "the request of a form"),
    ("assertion", "the assertion of a form"),
    ("id_token", "the id_token of a form"),
    ("id_token_hint", "the id_token_hint of a form"),
    ("access_token", "the access_token of a form"),
];

/// The tokens in a form, or in the query of an address; nothing where it is neither.
pub(super) fn tokens_in_form(content: &str) -> Vec<(&'static str, String)> {
    let query = content.split_once(['?', '#']).map(|(_, query)| query);
    let in_pairs = |text: &str| -> Vec<(&'static str, String)> {
        let pairs = Pairs::parse(text).unwrap_or_default();
        let found = OF_FORMS.into_iter().filter_map(|(name, told)| Some((told, pairs.value(name)?.to_owned())));
        found.filter(|(_, token)| !token.is_empty()).collect()
    };
    // an address may stand in a form, and a form in an address
    [Some(content), query].into_iter().flatten().map(in_pairs).max_by_key(Vec::len).unwrap_or_default()
}

/// The access token out of what was given as one, and what that was: a header and a whole token answer are good enough.
fn access_token_in(content: &str) -> Result<(String, &'static str)> {
    // of an answer with several tokens it is the last one
    match tokens_in(content).pop() {
        Some((_, token)) if token.trim().is_empty() => bail!("what was given with --access-token is empty"),
        Some((out_of, token)) if out_of.contains("access_token") || !out_of.starts_with("the ") => {
            Ok((mended_token(&token).0, out_of))
        }
        Some(_) => {
            bail!("what was given with --access-token is a token answer without `access_token`, or a form without it")
        }
        None => bail!(
            "what was given with --access-token is JSON without `access_token`: give the token, or the answer it came in"
        ),
    }
}

/// What to do with keys that were taken for a token; nothing where it is something else.
fn keys_instead(content: &str) -> Option<&'static str> {
    let Ok(Value::Object(members)) = serde_json::from_str(content.trim_start_matches('\u{feff}')) else { return None };
    if members.get("keys").is_some_and(Value::is_array) {
        Some("this is a JWK Set, no token: `myinfo-mock doctor jwks FILE` says what is wrong with it")
    } else if members.contains_key("kty") {
        Some(
            "this is a JWK, a key and no token: put it into a JWK Set, and give that to `myinfo-mock doctor jwks FILE`",
        )
    } else {
        None
    }
}

/// The report so far.
struct Written<'a> {
    text: String,
    healthy: bool,
    mask: Mask<'a>,
}

impl Written<'_> {
    fn write(&mut self, name: &str, findings: &TokenFindings) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        if !name.is_empty() {
            self.line("unpacked", name);
        }
        for line in &findings.lines {
            match line {
                Line::Text(title, text) => self.line(title, text),
                Line::Header(title, members) => self.members(title, &without_private_parts(members)),
                Line::Claims(claims) => {
                    let masked = self.mask.claims(claims);
                    self.members("claims", masked.as_object().unwrap_or(claims));
                }
                Line::Person(title, person) => {
                    let masked = self.mask.person(person);
                    self.members(title, masked.as_object().unwrap_or(&Map::new()));
                }
            }
        }
        for odd in &findings.odd {
            self.line("odd", &odd.says);
            for (title, text) in [("  fix", odd.fix.as_str()), ("  rule", odd.rule)] {
                if !text.is_empty() {
                    self.line(title, text);
                }
            }
        }
        if findings.odd.is_empty() {
            self.text.push_str("\nNothing is odd.\n");
        }
        self.healthy &= findings.odd.is_empty();
    }

    fn line(&mut self, title: &str, text: &str) {
        let _ = writeln!(self.text, "{title:<10} {}", visible(&self.mask.text(text)));
    }

    fn members(&mut self, title: &str, members: &Map<String, Value>) {
        let _ = writeln!(self.text, "{title}");
        for (name, value) in members {
            let time = ["iat", "nbf", "exp"].contains(&name.as_str()).then(|| value.as_u64()).flatten();
            let time = time
                .map_or_else(String::new, |seconds| format!("  {}", Timestamp(seconds.saturating_mul(1000)).rfc3339()));
            let value: String = value.to_string().chars().take(200).collect();
            let _ = writeln!(self.text, "  {:<16} {}{time}", visible(name), visible(&value));
        }
    }
}

/// A header in which no key shows its private part.
fn without_private_parts(header: &Map<String, Value>) -> Map<String, Value> {
    let mut header = header.clone();
    for key in header.values_mut().filter_map(Value::as_object_mut) {
        if let Some(private) = key.get_mut("d") {
            *private = json!("[private]");
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tokens_of_a_form_are_taken_out_of_it_wherever_it_stands() {
        let (assertion, access) = ("the client_assertion of a form", "the access_token of a form");
        for (form, expected) in [
            ("client_assertion=a.b.c&client_assertion_type=x", vec![(assertion, "a.b.c")]),
            ("x=1&client_assertion=a%2Eb.c&redirect_uri=http://h/?a=b", vec![(assertion, "a.b.c")]),
            ("http://localhost/cb#access_token=a.b&state=s", vec![(access, "a.b")]),
            ("#access_token=a.b&id_token=c", vec![("the id_token of a form", "c"), (access, "a.b")]),
            ("access_token=", vec![]),
            ("eyJhbGciOiJub25lIn0=.e30=.", vec![]),
        ] {
            let expected: Vec<(&str, String)> = expected.into_iter().map(|(told, text)| (told, text.into())).collect();
            assert_eq!(tokens_in_form(form), expected, "{form}");
        }
    }

    #[test]
    fn what_is_pasted_of_a_token_request_is_unpacked_and_one_part_is_one() {
        let config = Config::built_in().unwrap();
        let report = token(&config, "access_token=abc&x=y\n", &TokenOptions::default()).unwrap();
        assert!(report.text.starts_with("unpacked   the access_token of a form\n"), "{}", report.text);
        assert!(report.text.contains("1 part between dots"), "{}", report.text);
    }
}
