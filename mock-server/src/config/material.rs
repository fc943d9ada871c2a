//! Key material in the configuration: a path, or the text itself.

use super::reader::{Findings, TableReader};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Key material: a path, or the PEM or JWK text itself.
pub(crate) fn read_material(
    table: &mut TableReader<'_, '_>,
    name: &'static str,
    folder: &Path,
    findings: &mut Findings<'_>,
) -> Option<(Vec<u8>, Range<usize>)> {
    let (text, span) = table.string(name, findings)?;
    if text.contains("-----BEGIN") || text.trim_start().starts_with('{') {
        return Some((text.into_bytes(), span));
    }
    let path: PathBuf = folder.join(&text);
    match std::fs::read(&path) {
        Ok(bytes) => Some((bytes, span)),
        Err(error) => {
            findings.note(&span, table.key(name), format!("`{}` cannot be read: {error}", path.display()));
            None
        }
    }
}
