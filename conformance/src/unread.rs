//! What a parser says of a TOML file that cannot be read, with the key that it is about and in words for whoever wrote the file.

use crate::text::meant;
use anyhow::{Context, Result, anyhow};
use serde::de::DeserializeOwned;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, Error};

/// The text of a file of this kind: a target, a baseline.
///
/// # Errors
/// When it cannot be read, or is no text.
pub(crate) fn text_of(kind: &str, path: &Path) -> Result<String> {
    let shown = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("the {kind} {shown} cannot be read"))?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        let line = good.filter(|byte| **byte == b'\n').count() + 1;
        anyhow!("the {kind} {shown} cannot be read: line {line} is not written in UTF-8; save the file as UTF-8")
    })
}

/// The text of such a file as its type.
///
/// # Errors
/// When it is not of that type: the line, and what is wrong there. The line itself, which may be one of a key, is not shown.
pub(crate) fn parsed<T: DeserializeOwned>((kind, path): (&str, &Path), text: &str) -> Result<T> {
    toml::from_str(text)
        .map_err(|error: Error| {
            let before = text.get(..error.span().unwrap_or_default().start).unwrap_or_default();
            anyhow!("line {}: {}", before.matches('\n').count() + 1, told(text, &error))
        })
        .with_context(|| format!("the {kind} {} cannot be used", path.display()))
}

/// What is wrong, without the line.
pub(crate) fn told(text: &str, error: &Error) -> String {
    let message = error.message();
    let start = error.span().map_or(0, |span| span.start);
    let key = || DeTable::parse(text).ok().and_then(|table| key_at(table.get_ref(), start));
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if message == "duplicate key" {
        return format!("the key `{}` stands there twice", word_at(text, start));
    }
    if let Some((name, known)) = names.split_first().filter(|_| message.starts_with("unknown field")) {
        return format!("{message}{}", meant(name, known.iter().copied()));
    }
    let Some(key) = key() else { return message.to_owned() };
    if let Some((name, known)) = names.split_first().filter(|_| message.starts_with("unknown variant")) {
        let meant = meant(name, known.iter().copied());
        return format!("`{key}` has `{name}`, which there is not; there are {}{meant}", known.join(", "));
    }
    match message.split_once(": ").and_then(|(what, rest)| Some((what, rest.split_once(", expected ")?))) {
        Some(("invalid type" | "invalid value", (got, wanted))) => {
            format!("`{key}` is the {got}; expected {}", in_words(wanted))
        }
        _ if message.contains(&format!("`{key}`")) => message.to_owned(),
        _ => format!("`{key}`: {message}"),
    }
}

/// The types of the code, as a file has them.
fn in_words(wanted: &str) -> &str {
    match wanted {
        "u64" => "a whole number that is not negative",
        "a string" => "a text in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list in brackets",
        "a map" => "a table",
        _ if wanted.starts_with("struct ") => "a table",
        other => other,
    }
}

/// The key, table by table, in whose value a place is. The span of a table with a header is that of its header alone.
fn key_at(table: &DeTable<'_>, place: usize) -> Option<String> {
    table.iter().find_map(|(name, value)| {
        let name = name.get_ref();
        let tables = value.get_ref().as_array().into_iter().flat_map(|list| list.iter()).map(Spanned::get_ref);
        let mut tables = std::iter::once(value.get_ref()).chain(tables).filter_map(|value| value.as_table());
        let inner = tables.find_map(|inner| key_at(inner, place));
        inner.map(|inner| format!("{name}.{inner}")).or_else(|| value.span().contains(&place).then(|| name.to_string()))
    })
}

/// The key that begins at a place.
fn word_at(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    rest.split(|character: char| character.is_whitespace() || "=]".contains(character)).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "read to be refused")]
    struct File {
        seconds: Option<u64>,
        name: Option<String>,
        env: Option<BTreeMap<String, String>>,
        profiles: Option<Vec<crate::profile::ProfileId>>,
    }

    #[test]
    fn every_mistake_is_told_with_its_key_what_it_is_and_what_was_expected() {
        for (text, says) in [
            ("seconds = -1", "`seconds` is the integer `-1`; expected a whole number that is not negative"),
            ("name = 5", "`name` is the integer `5`; expected a text in quotes"),
            ("[env]\nPORT = 5701", "`env.PORT` is the integer `5701`; expected a text in quotes"),
            ("env = 'x'", "`env` is the string \"x\"; expected a table"),
            ("name = 'a'\nname = 'b'", "the key `name` stands there twice"),
        ] {
            let error = toml::from_str::<File>(text).unwrap_err();
            assert_eq!(told(text, &error), says);
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("latin1.toml");
        std::fs::write(&file, b"a = 1\nname = 'caf\xe9'\n").unwrap();
        assert!(
            text_of("target", &file)
                .unwrap_err()
                .to_string()
                .ends_with("line 2 is not written in UTF-8; save the file as UTF-8")
        );
        let text = "profiles = ['fapi2']";
        let told = told(text, &toml::from_str::<File>(text).unwrap_err());
        assert!(told.starts_with("`profiles`") && told.ends_with("did you mean `fapi`?"), "{told}");
    }
}
