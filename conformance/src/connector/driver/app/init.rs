//! A target file to begin with: every key with a comment, and marks where an application's own words belong.

use crate::schema::Schema;
use anyhow::{Context, Result, bail};
use std::io::{ErrorKind, Write};
use std::path::Path;

/// What is written: every key, and a mark where an application's own words belong.
pub(super) const TEMPLATE: &str = include_str!("../../../../templates/app.toml");

/// Writes the template, and beside it the schema that it names to editors; nothing is overwritten.
///
/// # Errors
/// When the file exists, or cannot be written.
pub fn write(file: &Path) -> Result<()> {
    let shown = file.display();
    match std::fs::OpenOptions::new().write(true).create_new(true).open(file) {
        Ok(mut opened) => {
            let schema = file.with_extension("schema.json");
            let name = schema.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let text = format!("#:schema ./{name}\n{}", TEMPLATE.replace("THIS_FILE", &shown.to_string()));
            opened.write_all(text.as_bytes()).with_context(|| format!("{shown} cannot be written"))?;
            write_schema(&schema)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!("{shown} exists already; name another file"),
        Err(error) => Err(error).with_context(|| format!("{shown} cannot be written")),
    }
}

/// One that is there already is somebody's: another file may name it.
fn write_schema(file: &Path) -> Result<()> {
    let shown = file.display();
    let Some(schema) = Schema::find("app") else { return Ok(()) };
    match std::fs::OpenOptions::new().write(true).create_new(true).open(file) {
        Ok(mut opened) => {
            let written = opened.write_all(format!("{:#}\n", schema.document()).as_bytes());
            written.with_context(|| format!("{shown} cannot be written"))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error).with_context(|| format!("{shown} cannot be written")),
    }
}
