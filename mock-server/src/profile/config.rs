//! The configuration of all profiles: from nothing, from a text, from a file.

use super::{ALL, protocols};
use crate::config::{Config, ConfigError, Problem, schema};
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
        let origin = path.display().to_string();
        let alone = |message: String| ConfigError {
            origin: origin.clone(),
            problems: vec![Problem { line: 0, key: String::new(), message }],
        };
        let text = std::fs::read_to_string(path).map_err(|error| alone(format!("the file cannot be read: {error}")))?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        let read = Self::from_toml(&text, folder);
        read.map(|config| config.named(&origin)).map_err(|problems| ConfigError { origin, problems })
    }

    /// The same from a text; `folder` is where relative paths start.
    ///
    /// # Errors
    /// All mistakes of the text.
    pub fn from_toml(text: &str, folder: &Path) -> Result<Self, Vec<Problem>> {
        Self::read(text, folder, &protocols(ALL).sections())
    }
}
