//! Key material in the configuration: a path, or the text itself.

use super::reader::{Findings, TableReader};
use super::secret::Secret;
use super::sources::Kept;
use crate::jose::key::mended;
use crate::quote::{is_key_text, quoted};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Key material: a path, or the PEM or JWK text itself. What had to be mended in it is noted.
pub(crate) fn read_material(
    table: &mut TableReader<'_, '_>,
    name: &'static str,
    folder: &Path,
    findings: &mut Findings<'_>,
) -> Option<(Vec<u8>, Range<usize>)> {
    let (text, span) = table.string(name, findings)?;
    let content = match content(&text, folder) {
        Ok((content, Some(path))) => {
            findings.keep(table.key(name), Kept::File(path.clone()));
            findings.read_file(path, &content);
            content
        }
        Ok((content, None)) => {
            findings.keep(table.key(name), Kept::Text(Secret::new(text)));
            content
        }
        Err(message) => {
            findings.note(&span, table.key(name), message);
            return None;
        }
    };
    for note in mended(&content) {
        findings.remark(&span, table.key(name), note);
    }
    Some((content, span))
}

/// The passphrase of a key in the same table.
pub(crate) fn read_passphrase(table: &mut TableReader<'_, '_>, findings: &mut Findings<'_>) -> Option<String> {
    let (text, _) = table.string("passphrase", findings)?;
    findings.keep(table.key("passphrase"), Kept::Text(Secret::new(text.clone())));
    Some(text)
}

/// The file's content and the file, or the text itself where it is no file's name.
fn content(text: &str, folder: &Path) -> Result<(Vec<u8>, Option<PathBuf>), String> {
    if text.trim().is_empty() {
        return Err("is empty: give the name of a file, or the text of the key, PEM or JWK".to_owned());
    }
    let path = folder.join(text);
    match std::fs::read(&path) {
        Ok(content) => Ok((content, Some(path))),
        // damaged or not, the reading of keys has the words for it
        Err(_) if is_key_text(text) => Ok((text.as_bytes().to_vec(), None)),
        Err(error) => Err(format!("{} cannot be read: {error}", quoted(&path.display().to_string()))),
    }
}
