//! The directory where the mock keeps its authority between runs: readable by its owner alone.

use anyhow::{Context, Result, bail};
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Where the state is kept unless told otherwise: below the user's data directory.
pub(crate) fn default_directory() -> Result<PathBuf> {
    if let Some(data) = std::env::var_os("XDG_DATA_HOME").filter(|data| !data.is_empty()) {
        return Ok(PathBuf::from(data).join("myinfo-mock"));
    }
    match std::env::var_os("HOME").filter(|home| !home.is_empty()) {
        Some(home) => Ok(PathBuf::from(home).join(".local/share/myinfo-mock")),
        None => bail!("there is no home directory to keep the authority in: pass --state-dir"),
    }
}

/// Makes the directory if it is not there.
pub(crate) fn prepare(directory: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .with_context(|| format!("the state directory {} cannot be made", directory.display()))
}

/// A file of the directory as text; nothing when it is not there.
pub(crate) fn read(directory: &Path, name: &str) -> Result<Option<String>> {
    let path = directory.join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// Writes a file that its owner alone may read, in one step: a second mock that starts meanwhile sees all or nothing.
pub(crate) fn write(directory: &Path, name: &str, content: &str) -> Result<()> {
    let path = directory.join(name);
    let temporary = directory.join(format!("{name}.{}", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(content.as_bytes())?;
        // started once as root for port 443, the mock must not lock its user out of the user's own directory
        if let Ok(owner) = std::fs::metadata(directory) {
            let _ = std::os::unix::fs::chown(&temporary, Some(owner.uid()), Some(owner.gid()));
        }
        std::fs::rename(&temporary, &path)
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}
