//! The persona commands' work: list, show, check. The texts are the commands' output.

use crate::ambient::Clock;
use crate::config::Config;
use crate::persona::catalogue::{Catalogue, Version};
use crate::persona::difference::Differences;
use crate::persona::properties::Properties;
use crate::persona::search::is_understood;
use crate::persona::selection::whole;
use crate::persona::{Persona, Personas, dates, read_file};
use crate::text::meant;
use anyhow::Context;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use time::Date;

/// What `persona check` found in one file.
#[derive(Debug)]
pub struct CheckReport {
    /// One line a finding, and a closing line.
    pub text: String,
    /// Whether the server would take the file.
    pub usable: bool,
}

/// The personas of a configuration whom the words of `typed` mean (all for an empty text): a line each with their
/// properties, under their headings.
///
/// # Errors
/// When the configured directory of personas cannot be used, or nobody is meant.
pub fn list(config: &Config, typed: &str) -> anyhow::Result<String> {
    let (personas, today) = (load(config)?, today());
    let mut text = String::new();
    let mut heading = "";
    for persona in personas.search(typed, today) {
        if persona.group.title() != heading {
            heading = persona.group.title();
            let gap = if text.is_empty() { "" } else { "\n" };
            writeln!(text, "{gap}{heading}")?;
        }
        let properties = Properties::of(persona, today).chips().join(", ");
        writeln!(text, "  {}  {}: {properties}", persona.id, persona.name)?;
    }
    anyhow::ensure!(
        !text.is_empty(),
        "nobody matches `{typed}`; words such as PR, female, over 60, no address are known{}",
        misspelt(&personas, typed, today)
    );
    Ok(text)
}

/// What the first word may have meant in letters that neither means anything by itself nor begins anybody's name or property.
fn misspelt(personas: &Personas, typed: &str, today: Date) -> String {
    let chips = personas.iter().flat_map(|persona| Properties::of(persona, today).chips());
    let known = personas.iter().map(|persona| persona.name.clone()).chain(chips).collect::<Vec<_>>().join(" ");
    let (known, typed) = (known.to_lowercase(), typed.to_lowercase());
    let words: BTreeSet<&str> = known.split(|mark: char| !mark.is_alphanumeric() && mark != '\'').collect();
    let is_word = |word: &str| word.contains(char::is_alphabetic) && !is_understood(word);
    let unknown = |word: &&str| is_word(word) && !words.iter().any(|known| known.starts_with(word));
    typed.split_whitespace().find(unknown).map_or_else(String::new, |word| meant(word, words.iter().copied()))
}

/// The form in which a version of the API sends a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Myinfo v3: the items stand at the root.
    V3,
    /// Myinfo v5, over FAPI: the items stand below `person_info`.
    V5,
}

impl Form {
    const fn version(self) -> Version {
        match self {
            Self::V3 => Version::V3,
            Self::V5 => Version::V5,
        }
    }
}

/// One persona's document, indented: its whole record as it stands today, or all that a version sends of it. With an account
/// that is not the usual one, the record stands beside it, as in a persona file.
///
/// # Errors
/// When nobody has the id or name (the message names the nearest), or when Myinfo has no data that could be sent.
pub fn show(config: &Config, wanted: &str, form: Option<Form>) -> anyhow::Result<String> {
    let personas = load(config)?;
    let persona = personas.named(wanted).map_err(anyhow::Error::msg)?;
    let Some(form) = form else {
        let record = Value::Object(persona.sent(today()).into_owned());
        return Ok(match persona.account.written() {
            Some(account) => format!("{:#}\n", json!({"account": account, "person": record})),
            None => format!("{record:#}\n"),
        });
    };
    let document = Value::Object(sent_by(form, persona)?);
    Ok(match form {
        Form::V3 => format!("{document:#}\n"),
        Form::V5 => format!("{:#}\n", json!({"person_info": document})),
    })
}

/// What differs between what two versions send of one persona: what a mapper that migrates must change.
///
/// # Errors
/// When nobody has the id or name (the message names the nearest), or when Myinfo has no data that could be sent.
pub fn diff(config: &Config, wanted: &str, (one, other): (Form, Form)) -> anyhow::Result<String> {
    let personas = load(config)?;
    let persona = personas.named(wanted).map_err(anyhow::Error::msg)?;
    let found = Differences::between(&sent_by(one, persona)?, &sent_by(other, persona)?);
    let (before, after) = (one.version().name(), other.version().name());
    let mut text = format!("{} {}\n", persona.id, persona.name);
    if one != other {
        let place = |form| if form == Form::V5 { "below `person_info`" } else { "at the root" };
        writeln!(text, "\n{before} has the items {}, {after} {}.", place(one), place(other))?;
    }
    let scopes = scopes_of_one_alone((one, other), persona)?;
    for (heading, lines) in [
        (format!("only in {before}"), found.only_one),
        (format!("only in {after}"), found.only_other),
        (format!("other values in {after}"), found.changed),
        (format!("asked for otherwise in {after}"), scopes),
    ] {
        if !lines.is_empty() {
            writeln!(text, "\n{heading}")?;
        }
        lines.iter().try_for_each(|line| writeln!(text, "  {line}"))?;
    }
    Ok(text)
}

/// All that a version sends of a persona.
fn sent_by(form: Form, persona: &Persona) -> anyhow::Result<Map<String, Value>> {
    if let Some(account) = persona.account.without_data() {
        let answer = match form {
            Form::V3 => "person answers 404 `UIN/FIN is invalid.`",
            Form::V5 => "userinfo answers 400 `invalid_request`",
        };
        anyhow::bail!("{} {} has {account}: {answer}", persona.id, persona.name);
    }
    Ok(whole(&persona.sent(today()), form.version(), catalogue()?))
}

/// The items of a persona that one of two versions takes as a whole, and the other by members alone.
fn scopes_of_one_alone((one, other): (Form, Form), persona: &Persona) -> anyhow::Result<Vec<String>> {
    let catalogue = catalogue()?;
    let person = persona.sent(today());
    let whole = |form: Form, item: &str| catalogue.is_scope(form.version(), item);
    let told = |item: &str| match (whole(one, item), whole(other, item)) {
        (true, false) => Some(format!("{item}: by its members, {item}.…, not as a whole")),
        (false, true) => Some(format!("{item}: as a whole, not by its members")),
        _ => None,
    };
    let both =
        catalogue.items_of(one.version()).filter(|item| catalogue.items_of(other.version()).any(|also| also == *item));
    Ok(both.filter(|item| person.contains_key(*item)).filter_map(told).collect())
}

fn catalogue() -> anyhow::Result<&'static Catalogue> {
    Catalogue::embedded().context("the embedded attribute catalogue")
}

fn today() -> Date {
    dates::singapore_day(Clock::System.now())
}

/// Checks one persona file.
///
/// # Errors
/// Only when the embedded catalogue does not parse, which a test rules out.
pub fn check(path: &Path) -> anyhow::Result<CheckReport> {
    let catalogue = catalogue()?;
    let mut text = String::new();
    let usable = match read_file(path, catalogue, today()) {
        Ok((persona, findings)) => {
            for finding in &findings {
                writeln!(text, "{finding}")?;
            }
            let warnings = match findings.len() {
                0 => "no warnings".to_owned(),
                1 => "1 warning".to_owned(),
                count => format!("{count} warnings"),
            };
            writeln!(text, "{}: {} {} can be used, {warnings}", path.display(), persona.id, persona.name)?;
            true
        }
        Err(errors) => {
            for error in &errors {
                writeln!(text, "{error}")?;
            }
            writeln!(text, "{}: cannot be used", path.display())?;
            false
        }
    };
    Ok(CheckReport { text, usable })
}

fn load(config: &Config) -> anyhow::Result<Personas> {
    let mut personas = Personas::built_in()?;
    if let Some(directory) = &config.personas {
        personas = personas.with_directory(directory, catalogue()?, today())?;
    }
    Ok(personas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_says_nothing_is_told_and_the_file_can_be_used() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("own.json");
        let uinfin = json!({"classification": "C", "source": "1", "lastupdated": "2026-01-01", "value": "S6005048A"});
        for account in [json!(null), json!({}), json!({"myinfo": true})] {
            let beside_items = json!({"account": account, "uinfin": uinfin});
            let beside_person = json!({"account": account, "person": {"uinfin": uinfin}});
            for content in [beside_items, beside_person] {
                std::fs::write(&file, content.to_string()).unwrap();
                let CheckReport { text, usable } = check(&file).unwrap();
                let told = format!("warning: `account`: is {account}, and so the usual account");
                assert!(usable && text.contains(&told), "{content}: {text}");
            }
        }
        std::fs::write(&file, json!({"account": {"myinfo": false}, "uinfin": uinfin}).to_string()).unwrap();
        assert!(!check(&file).unwrap().text.contains("`account`"), "that is what it is for");
    }
}
