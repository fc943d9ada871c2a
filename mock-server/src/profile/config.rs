//! The configuration of all profiles: from nothing, from a text, from a file.

use super::{ALL, protocols};
use crate::ambient::Clock;
use crate::book::Book;
use crate::config::{Config, ConfigError, Problem, schema};
use crate::login::outcome::{Nobody, auto_logins_of_nobody};
use crate::persona::catalogue::Catalogue;
use crate::persona::{Personas, dates};
use crate::quote::without_keys;
use std::path::Path;

impl Config {
    /// The configuration without any file: the sample clients, the built-in keys, port 5156 on loopback.
    ///
    /// # Errors
    /// When the embedded data do not parse, which a test rules out.
    pub fn built_in() -> anyhow::Result<Self> {
        Self::of(&protocols(ALL).sections())
    }

    /// The JSON Schema of a configuration file.
    pub fn schema() -> serde_json::Value {
        schema::document(&protocols(ALL).sections())
    }

    /// The built-in configuration with what `path` says on top; paths in the file are relative to its folder.
    ///
    /// # Errors
    /// All mistakes of the file at once, each with its line and key.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        Self::from_file_with(path, None)
    }

    /// The same for a server whose persona files are in another directory than the file says: automatic logins may name them.
    ///
    /// # Errors
    /// All mistakes of the file at once, each with its line and key.
    pub fn from_file_with(path: &Path, personas: Option<&Path>) -> Result<Self, ConfigError> {
        let origin = path.display().to_string();
        let alone = |message: String| ConfigError {
            origin: origin.clone(),
            problems: vec![Problem { line: 0, key: String::new(), message }],
        };
        let text = std::fs::read_to_string(path).map_err(|error| alone(format!("the file cannot be read: {error}")))?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        let read = Self::from_text(&text, folder, personas);
        read.map(|config| config.named(&origin)).map_err(|problems| ConfigError { origin, problems })
    }

    /// The same from a text; `folder` is where relative paths start.
    ///
    /// # Errors
    /// All mistakes of the text.
    pub fn from_toml(text: &str, folder: &Path) -> Result<Self, Vec<Problem>> {
        Self::from_text(text, folder, None)
    }

    fn from_text(text: &str, folder: &Path, personas: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let (config, mut problems) = Self::read_all(text, folder, &protocols(ALL).sections())?;
        if problems.is_empty() {
            return Ok(config);
        }
        // a server that starts checks them when it knows its personas; here nothing starts, and every mistake is named
        problems.extend(config.auto_login_problems(personas));
        problems.sort_by_key(|problem| if problem.line == 0 { usize::MAX } else { problem.line });
        Err(problems)
    }

    /// Automatic logins of somebody who does not exist; none are told where the personas cannot be read.
    fn auto_login_problems(&self, personas: Option<&Path>) -> Vec<Problem> {
        let Some(book) = self.book_with(personas.or(self.personas.as_deref())) else { return Vec::new() };
        let nobodies = auto_logins_of_nobody(self, &book).into_iter();
        let problems = nobodies.filter_map(|Nobody { key, hint, .. }| {
            Some(Problem { line: self.sources.line(&key)?, key, message: without_keys(&hint) })
        });
        problems.collect()
    }

    /// Its clients, and the personas of a directory beside the built-in ones.
    fn book_with(&self, personas: Option<&Path>) -> Option<Book> {
        let built_in = Personas::built_in().ok()?;
        let all = match personas {
            Some(directory) => {
                let today = dates::singapore_day(Clock::System.now());
                built_in.with_directory(directory, Catalogue::embedded()?, today).ok()?
            }
            None => built_in,
        };
        Some(Book::new(self.clients.clone(), all, 0))
    }
}
