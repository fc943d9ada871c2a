//! What may have happened to a code that nobody was given: what is proved by the codes that were, then what its form shows.

use super::instead::{instead_of, unquoted};
use crate::http::pairs::Pairs;

/// What is wrong with an unknown code; `known` says whether a code was given out, `is_state` whether a text is a state
/// that was sent to authorise.
pub(super) fn explain(
    code: &str,
    form: &Pairs,
    known: &dyn Fn(&str) -> bool,
    is_state: &dyn Fn(&str) -> bool,
) -> String {
    let why = another_spelling(code, known)
        .or_else(|| another_value(code, form, is_state))
        .or_else(|| instead_of("code", code))
        .map_or_else(|| of_form(code).to_owned(), |why| format!("it {why}"));
    format!("this code was never given out, or long ago: {why}")
}

/// A code that was given out, in another spelling.
fn another_spelling(code: &str, known: &dyn Fn(&str) -> bool) -> Option<String> {
    if code.trim() != code {
        return Some("has a space or line break around it".to_owned());
    }
    if unquoted(code).is_some_and(known) {
        return Some("stands in quotes".to_owned());
    }
    if known(&code.to_lowercase()) {
        return Some("is in capitals: codes are case-sensitive, pass it on as it came".to_owned());
    }
    let (start, behind) = code.split_at_checked(code.find(['&', '?', '#', ' ', ',', ';']).unwrap_or(code.len()))?;
    if !behind.is_empty() && (known(start) || behind.trim_start_matches(['&', '?', ' ']).starts_with("state=")) {
        let name = behind.trim_start_matches(['&', '?', '#', ' ', ',', ';']).split('=').next().unwrap_or_default();
        let shown = if crate::text::is_name(name) && !name.is_empty() { format!(" (`{name}`)") } else { String::new() };
        return Some(format!("has more of the callback behind it{shown}: pass on the value of `code` alone"));
    }
    let inside = code.rsplit_once("code=").map(|(_, rest)| rest.split(['&', '#', ' ']).next().unwrap_or_default());
    if inside.is_some() {
        return Some("is the callback's address or query: pass on what stands behind `code=` alone".to_owned());
    }
    let longer = code.get(..LENGTH).filter(|_| code.len() > LENGTH);
    if longer.is_some_and(known) {
        return Some(format!("has {} characters behind it that do not belong to it", code.len() - LENGTH));
    }
    None
}

/// Another value of the flow in the code's place.
fn another_value(code: &str, form: &Pairs, is_state: &dyn Fn(&str) -> bool) -> Option<String> {
    let same = ["client_id", "client_secret", "redirect_uri", "state"];
    if let Some(name) =
        same.into_iter().find(|name| form.value(name).is_some_and(|value| value == code && !code.is_empty()))
    {
        return Some(format!("is the value of `{name}`"));
    }
    if is_state(code) {
        return Some("is the `state` of the login".to_owned());
    }
    let token = code.split('.').count() == 3 && code.starts_with("eyJ");
    token.then(|| "is a JWT, as access tokens are; the code is what the callback brought".to_owned())
}

/// What the form of a code shows.
fn of_form(code: &str) -> &'static str {
    if code.contains('%') {
        "it holds a `%`; was it percent-encoded twice?"
    } else if code.contains(' ') {
        "it holds a space; was a `+` decoded twice?"
    } else if code.len() == 36 && code.bytes().filter(|byte| *byte == b'-').count() == 4 {
        "it is a UUID, as codes were until 2021; this server's have 40 characters"
    } else if code.len() != LENGTH {
        "codes have 40 characters; was it cut?"
    } else {
        "it is another server's, or older than the server"
    }
}

/// How many characters a code has.
const LENGTH: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn what_happened_to_a_code_is_told() {
        let form = Pairs::parse("client_id=APP&client_secret=hush-hush&redirect_uri=http://a/cb").unwrap();
        for (sent, says) in [
            (format!("{CODE}\n"), "line break"),
            (format!("\"{CODE}\""), "in quotes"),
            (CODE.to_uppercase(), "in capitals"),
            (format!("{CODE}&state=abc"), "more of the callback behind it (`state`)"),
            (format!("{CODE}?x"), "more of the callback"),
            ("unknown&state=abc".to_owned(), "more of the callback"),
            (format!("http://localhost:3001/callback?code={CODE}"), "callback's address"),
            (format!("{CODE}00"), "2 characters behind it"),
            ("APP".to_owned(), "value of `client_id`"),
            ("hush-hush".to_owned(), "value of `client_secret`"),
            ("the state".to_owned(), "is the `state`"),
            ("eyJh.eyJi.c2ln".to_owned(), "is a JWT"),
            ("undefined".to_owned(), "without a value"),
            (String::new(), "is empty"),
            ("a%2Bb".to_owned(), "percent-encoded twice"),
            ("a b".to_owned(), "decoded twice"),
            ("01234567-0123-0123-0123-0123456789ab".to_owned(), "a UUID"),
            (CODE[..39].to_owned(), "was it cut"),
            ("f".repeat(40), "another server's"),
        ] {
            let said = explain(&sent, &form, &|code| code == CODE, &|state| state == "the state");
            assert!(said.contains(says), "{sent}: {said}");
            assert!(!said.contains("hush-hush") && !said.contains(CODE), "{said}");
        }
    }
}
