//! The persona commands' work: list, show, check. The texts are the commands' output.

use crate::ambient::Clock;
use crate::config::Config;
use crate::persona::catalogue::Catalogue;
use crate::persona::{Personas, dates, read_file};
use anyhow::Context;
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

/// What `persona check` found in one file.
#[derive(Debug)]
pub struct CheckReport {
    /// One line a finding, and a closing line.
    pub text: String,
    /// Whether the server would take the file.
    pub usable: bool,
}

/// All personas of a configuration, a line each, under their headings.
///
/// # Errors
/// When the configured directory of personas cannot be used.
pub fn list(config: &Config) -> anyhow::Result<String> {
    let personas = load(config)?;
    let mut text = String::new();
    let mut heading = "";
    for persona in personas.iter() {
        if persona.group.title() != heading {
            heading = persona.group.title();
            let gap = if text.is_empty() { "" } else { "\n" };
            writeln!(text, "{gap}{heading}")?;
        }
        writeln!(text, "  {}  {}", persona.id, persona.name)?;
    }
    Ok(text)
}

/// One persona's document as it would be sent today, indented.
///
/// # Errors
/// When nobody has the id or name; the message names the nearest.
pub fn show(config: &Config, wanted: &str) -> anyhow::Result<String> {
    let personas = load(config)?;
    let persona = personas.named(wanted).map_err(anyhow::Error::msg)?;
    let person = persona.sent(dates::singapore_day(Clock::System.now())).into_owned();
    Ok(format!("{:#}\n", Value::Object(person)))
}

/// Checks one persona file.
///
/// # Errors
/// Only when the embedded catalogue does not parse, which a test rules out.
pub fn check(path: &Path) -> anyhow::Result<CheckReport> {
    let catalogue = Catalogue::load().context("the embedded attribute catalogue")?;
    let mut text = String::new();
    let usable = match read_file(path, &catalogue, dates::singapore_day(Clock::System.now())) {
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
        personas =
            personas.with_directory(directory, &Catalogue::load()?, dates::singapore_day(Clock::System.now()))?;
    }
    Ok(personas)
}
