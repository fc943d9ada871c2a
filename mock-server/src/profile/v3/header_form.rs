//! What is wrong with the form of an `Authorization` header, where it cannot be read: what was found, and the right form.
//!
//! Only names and marks are repeated, never a value: a header may hold the client secret (myinfo-rails).

use super::instead;
use super::pki_sign::KEYS;
use crate::text::is_name;

/// What was found in place of the right form; nothing where nothing is certain.
pub(super) fn explain(header: &str) -> Option<String> {
    let header = header.trim();
    if instead::unquoted(header).is_some_and(scheme_in) {
        return Some("the whole header stands in quotes; only the values of its pairs do".to_owned());
    }
    if header.len() > 14 && header.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("authorization:")) {
        return Some("the value begins with `Authorization:`, the header's own name".to_owned());
    }
    if starts_with(header, "Bearer") {
        return bearer_first(header);
    }
    let Some(rest) = header.strip_prefix("PKI_SIGN") else { return another_scheme(header) };
    match rest.chars().next()? {
        ' ' | '\t' => {}
        mark @ (';' | ',' | ':' | '=' | '&' | '"' | '\'' | '|' | '+') => {
            return Some(format!("behind PKI_SIGN stands `{mark}`; one space belongs there, and nothing else"));
        }
        _ if rest.starts_with("%20") => return Some("the header is percent-encoded; it is sent as it is".to_owned()),
        _ => return Some("between PKI_SIGN and the first pair the space is missing".to_owned()),
    }
    pairs(rest)
}

/// Whether a signature stands behind the token that a header begins with.
pub(super) fn signature_behind_bearer(header: &str) -> bool {
    starts_with(header.trim(), "Bearer") && header.contains("PKI_SIGN")
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
}

fn scheme_in(text: &str) -> bool {
    starts_with(text, "PKI_SIGN") || starts_with(text, "Bearer")
}

fn bearer_first(header: &str) -> Option<String> {
    if signature_behind_bearer(header) {
        return Some("the Bearer token stands before PKI_SIGN; it belongs at the end, as `,Bearer <token>`".to_owned());
    }
    bearer(header)
}

/// The scheme's name in another spelling.
fn another_scheme(header: &str) -> Option<String> {
    let end = header.find([' ', '\t', ',', ';', ':', '=', '&', '"']).unwrap_or(header.len());
    let (word, _) = header.split_at(end);
    if starts_with(header, "PKI SIGN") {
        return Some("the scheme is `PKI SIGN`; it is `PKI_SIGN`, with an underscore".to_owned());
    }
    if bare(word) == "pkisign" {
        return Some(format!("the scheme is `{word}`; it is `PKI_SIGN`, in capitals, with an underscore"));
    }
    if word.eq_ignore_ascii_case("apex_l2_eg") || word.eq_ignore_ascii_case("apex_l1_eg") {
        return Some(format!("the scheme is `{word}`, that of the gateway before v3; v3 has `PKI_SIGN`"));
    }
    // the pairs alone
    let first = KEYS.contains(&word) && header.split_at(end).1.starts_with('=');
    first.then(|| format!("the header begins with `{word}=`: the scheme `PKI_SIGN` and one space belong before it"))
}

/// What is wrong with the pairs behind the scheme.
fn pairs(text: &str) -> Option<String> {
    if text.trim_start().starts_with('{') {
        return Some(
            "behind PKI_SIGN stands JSON; pairs like nonce=\"…\" belong there, separated by commas".to_owned(),
        );
    }
    let mut rest = text;
    let mut names: Vec<&str> = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return missing(&names);
        }
        if starts_with(rest, "Bearer") {
            return bearer(rest).or_else(|| missing(&names));
        }
        let (name, behind) = rest.split_once('=')?;
        let name = name.trim();
        if !is_name(name) {
            return name
                .contains(':')
                .then(|| "a pair is written with `:`; name and value are joined by `=`".to_owned());
        }
        let Some(quoted) = behind.trim_start().strip_prefix('"') else {
            return Some(unquoted(name, behind.trim_start()));
        };
        let (value, after) = quoted.split_once('"')?;
        if value.ends_with('\\') {
            return Some(format!(
                "the quotes around the value of `{name}` have a backslash before them; send them bare"
            ));
        }
        if let Some(said) = behind_value(name, after) {
            return Some(said);
        }
        names.push(name);
        rest = after;
    }
}

/// A value that does not begin with a double quote.
fn unquoted(name: &str, value: &str) -> String {
    let quotes = [
        ("'", "single quotes"),
        ("\\\"", "quotes with a backslash before them"),
        ("“", "typographic quotes"),
        ("”", "typographic quotes"),
        ("&quot;", "quotes written as HTML"),
        ("%22", "percent-encoded quotes"),
    ];
    match quotes.into_iter().find(|(quote, _)| value.starts_with(quote)) {
        Some((_, kind)) => format!("the value of `{name}` stands in {kind}; plain double quotes belong there"),
        None => format!("the value of `{name}` has no quotes; double quotes belong around it"),
    }
}

/// What stands behind a value in place of a comma.
fn behind_value(name: &str, after: &str) -> Option<String> {
    let trimmed = after.trim_start_matches([' ', '\t']);
    let mark = trimmed.chars().next()?;
    if mark == ',' || trimmed.len() < after.len() && !";&|".contains(mark) {
        return None;
    }
    if trimmed.starts_with("&amp;") {
        return Some(format!("behind the value of `{name}` stands `&amp;`; pairs are separated by commas"));
    }
    if ";&|".contains(mark) {
        return Some(format!("behind the value of `{name}` stands `{mark}`; pairs are separated by commas"));
    }
    let next = trimmed.split_once("=\"").map(|(next, _)| next).filter(|next| is_name(next) && !next.is_empty());
    Some(match next {
        Some(next) => format!("between the value of `{name}` and `{next}` the comma is missing"),
        None => format!(
            "the value of `{name}` holds a double quote: inside the quotes nothing can be escaped, so no value may have one"
        ),
    })
}

/// The part from `Bearer` on, where it cannot be read.
fn bearer(text: &str) -> Option<String> {
    let (word, behind) = text.split_at_checked("Bearer".len())?;
    if word != "Bearer" {
        return Some(format!("`{word}` is to be written `Bearer`"));
    }
    if let Some(mark) = behind.chars().next().filter(|mark| "=:;,".contains(*mark)) {
        return Some(format!("behind Bearer stands `{mark}`; one space and the token belong there"));
    }
    let token = behind.trim_start();
    if token.starts_with('{') {
        return Some(
            "behind Bearer stands JSON: only the member `access_token` of the token answer belongs there".to_owned(),
        );
    }
    starts_with(token, "Bearer").then(|| "the word Bearer is there twice before the token".to_owned())
}

/// The pairs that are missing, with what stands in their place under another name.
fn missing(names: &[&str]) -> Option<String> {
    let missing: Vec<&str> = KEYS.into_iter().filter(|key| !names.contains(key)).collect();
    let (first, others) = missing.split_first()?;
    let mut said = format!("`{first}` is missing");
    if let Some(others) = crate::text::listed(others.iter().copied()) {
        let others = others.trim_end_matches(" is").trim_end_matches(" are");
        said = format!("{said}, and so {} {others}", if missing.len() > 2 { "are" } else { "is" });
    }
    let strange = names.iter().filter(|name| !KEYS.contains(name) && is_name(name));
    let meant: Vec<String> = strange
        .filter_map(|name| Some((name, missing.iter().find(|key| looks_like(name, key))?)))
        .map(|(name, key)| format!("`{name}` is to be called `{key}`"))
        .collect();
    Some(if meant.is_empty() { said } else { format!("{said}; {}", meant.join(", ")) })
}

/// Whether a field's name is another spelling of a key, or what others call it.
fn looks_like(name: &str, key: &str) -> bool {
    let name = bare(name);
    let others: &[&str] = match key {
        "app_id" => &["clientid", "id", "apexl2egappid", "apexl1egappid"],
        "nonce" => &["apexl2egnonce", "apexl1egnonce"],
        "signature_method" => {
            &["method", "alg", "algorithm", "signaturealgorithm", "signmethod", "apexl2egsignaturemethod"]
        }
        "signature" => &["sign", "sig", "apexl2egsignature", "apexl1egsignature"],
        "timestamp" => &["time", "ts", "apexl2egtimestamp", "apexl1egtimestamp"],
        _ => &[],
    };
    name == bare(key) || others.contains(&name.as_str())
}

/// A name without case and marks.
fn bare(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REST: &str = r#"nonce="n",signature_method="RS256",signature="c2ln",timestamp="1700000000000""#;

    #[test]
    fn each_form_is_told_by_what_was_found() {
        let with = |start: &str| format!("{start}{REST}");
        for (header, says) in [
            (with("PKI-SIGN app_id=\"A\","), "the scheme is `PKI-SIGN`; it is `PKI_SIGN`"),
            (with("pki_sign app_id=\"A\","), "the scheme is `pki_sign`"),
            (with("PKI SIGN app_id=\"A\","), "`PKI SIGN`"),
            (with("Apex_l2_eg app_id=\"A\","), "before v3"),
            (with("app_id=\"A\","), "begins with `app_id=`"),
            (with("Authorization: PKI_SIGN app_id=\"A\","), "the header's own name"),
            (with("PKI_SIGN; app_id=\"A\","), "behind PKI_SIGN stands `;`"),
            (with("PKI_SIGN, app_id=\"A\","), "behind PKI_SIGN stands `,`"),
            (with("PKI_SIGN&app_id=\"A\","), "behind PKI_SIGN stands `&`"),
            (with("PKI_SIGN: app_id=\"A\","), "behind PKI_SIGN stands `:`"),
            (with("PKI_SIGNapp_id=\"A\","), "the space is missing"),
            (with("PKI_SIGN%20app_id=\"A\","), "percent-encoded"),
            (with("PKI_SIGN app_id=\"A\";"), "behind the value of `app_id` stands `;`"),
            (with("PKI_SIGN app_id=\"A\"&"), "stands `&`; pairs"),
            (with("PKI_SIGN app_id=\"A\"&amp;"), "`&amp;`"),
            (with("PKI_SIGN app_id=\"A\""), "between the value of `app_id` and `nonce` the comma is missing"),
            (with("PKI_SIGN app_id=\"A\"B\","), "`app_id` holds a double quote"),
            (with("PKI_SIGN app_id=A,"), "the value of `app_id` has no quotes"),
            (with("PKI_SIGN app_id='A',"), "single quotes"),
            (with("PKI_SIGN app_id=\\\"A\\\","), "a backslash before them"),
            (with("PKI_SIGN app_id=“A”,"), "typographic"),
            (with("PKI_SIGN app_id=&quot;A&quot;,"), "as HTML"),
            (with("PKI_SIGN appId=\"A\","), "`app_id` is missing; `appId` is to be called `app_id`"),
            (with("PKI_SIGN APP_ID=\"A\","), "`APP_ID` is to be called `app_id`"),
            (with("PKI_SIGN client_id=\"A\","), "`client_id` is to be called `app_id`"),
            (with("Bearer a.b.c,PKI_SIGN app_id=\"A\","), "stands before PKI_SIGN"),
            (format!("PKI_SIGN app_id=\"A\",{REST},bearer a.b.c"), "`bearer` is to be written `Bearer`"),
            (format!("PKI_SIGN app_id=\"A\",{REST},Bearer=a.b.c"), "behind Bearer stands `=`"),
            (format!("PKI_SIGN app_id=\"A\",{REST},Bearer Bearer a.b.c"), "there twice"),
            (format!("PKI_SIGN app_id=\"A\",{REST},Bearer {{\"access_token\":\"a\",\"b\":1}}"), "stands JSON"),
            ("PKI_SIGN {\"app_id\":\"A\"}".to_owned(), "behind PKI_SIGN stands JSON"),
            (
                "PKI_SIGN app_id=\"A\",signatureMethod=\"RS256\",sign=\"x\"".to_owned(),
                "`nonce` is missing, and so are `signature_method`, `signature` and `timestamp`; \
                 `signatureMethod` is to be called `signature_method`, `sign` is to be called `signature`",
            ),
        ] {
            let said = explain(&header).unwrap_or_else(|| panic!("{header} is not explained"));
            assert!(said.contains(says), "{header}: {said}");
        }
    }

    #[test]
    fn nothing_is_asserted_of_what_is_no_such_header() {
        for header in ["Basic dXNlcjpwYXNz", "a-bare-secret", "", "Bearer a.b.c"] {
            assert_eq!(explain(header), None, "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(header in "(PKI_SIGN )?.{0,80}") {
            let _ = explain(&header);
        }

        #[test]
        fn no_value_is_repeated(start in "(PKI_SIGN|PKI-SIGN)[ ;,]", mark in "[\"'=;&:]", tail in "[\",=; ]{0,4}") {
            let said = explain(&format!("{start}client_secret={mark}hush-hush-secret{tail}"));
            prop_assert!(!said.unwrap_or_default().contains("hush"));
        }
    }
}
