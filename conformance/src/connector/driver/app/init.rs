//! A target file to begin with: every key with a comment, and marks where an application's own words belong.

use anyhow::{Context, Result, bail};
use std::io::{ErrorKind, Write};
use std::path::Path;

const TEMPLATE: &str = include_str!("../../../../templates/app.toml");

/// Writes the template; nothing is overwritten.
///
/// # Errors
/// When the file exists, or cannot be written.
pub fn write(file: &Path) -> Result<()> {
    let shown = file.display();
    match std::fs::OpenOptions::new().write(true).create_new(true).open(file) {
        Ok(mut opened) => {
            let text = TEMPLATE.replace("THIS_FILE", &shown.to_string());
            opened.write_all(text.as_bytes()).with_context(|| format!("{shown} cannot be written"))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!("{shown} exists already; name another file"),
        Err(error) => Err(error).with_context(|| format!("{shown} cannot be written")),
    }
}
