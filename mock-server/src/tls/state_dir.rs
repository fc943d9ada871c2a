//! The directory where the mock keeps its authority between runs: readable by its owner alone.

use crate::ambient::Entropy;
use crate::owned;
use anyhow::{Context, Result, bail};
use std::io::{ErrorKind, Write};
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
    owned::folder()
        .create(directory)
        .with_context(|| format!("the state directory {} cannot be made", directory.display()))
}

/// A file of the directory as text; nothing when it is not there.
pub(crate) fn read(directory: &Path, name: &str) -> Result<Option<String>> {
    let path = directory.join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// Writes a file that its owner alone may read, in one step: a second mock that starts meanwhile sees all or nothing.
pub(crate) fn write(directory: &Path, name: &str, content: &str) -> Result<()> {
    let path = directory.join(name);
    let written = whole(directory, content, |temporary| std::fs::rename(temporary, &path));
    written.with_context(|| format!("{} cannot be written", path.display()))
}

/// The same, unless there is a file of this name already, which then stays: whether it was written.
pub(crate) fn create(directory: &Path, name: &str, content: &str) -> Result<bool> {
    let path = directory.join(name);
    match whole(directory, content, |temporary| std::fs::hard_link(temporary, &path)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).with_context(|| format!("{} cannot be written", path.display())),
    }
}

/// Writes a file under a name that nobody can guess, and puts it in its place; nothing of it stays where that fails.
fn whole(directory: &Path, content: &str, place: impl FnOnce(&Path) -> std::io::Result<()>) -> std::io::Result<()> {
    let name = Entropy::system().map_err(std::io::Error::other)?.hex(16);
    let temporary = directory.join(format!(".{name}"));
    // a link that somebody planted there would be an error, and is never followed
    let mut file = owned::file().create_new(true).open(&temporary)?;
    let written = file.write_all(content.as_bytes()).and_then(|()| file.sync_all());
    // started once as root for port 443, the mock must not lock its user out of the user's own directory
    owned::hand_over(&file, directory);
    let placed = written.and_then(|()| place(&temporary));
    let _ = std::fs::remove_file(&temporary);
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_stays_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        assert!(create(folder.path(), "key", "the first").unwrap());
        assert!(!create(folder.path(), "key", "the second").unwrap());
        assert_eq!(read(folder.path(), "key").unwrap().as_deref(), Some("the first"));
        write(folder.path(), "key", "the third").unwrap();
        assert_eq!(read(folder.path(), "key").unwrap().as_deref(), Some("the third"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_written_has_a_name_that_nobody_can_guess_until_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let seen = || {
            let mut seen = None;
            let placed = whole(folder.path(), "content", |temporary| {
                seen = temporary.file_name().map(|name| name.to_string_lossy().into_owned());
                assert_eq!(std::fs::read_to_string(temporary)?, "content", "it is whole before it gets its name");
                Err(ErrorKind::StorageFull.into())
            });
            assert_eq!(placed.unwrap_err().kind(), ErrorKind::StorageFull);
            seen.unwrap()
        };
        let (one, two) = (seen(), seen());
        for name in [&one, &two] {
            let random = name.strip_prefix('.').unwrap();
            assert!(random.len() == 16 && random.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        }
        assert_ne!(one, two);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing of it stays");
    }

    /// Whether this user may give files away; where not, it is to be seen that it was not tried.
    #[cfg(unix)]
    fn can_hand_over(folder: &Path) -> bool {
        let may = std::os::unix::fs::chown(folder, Some(4_321), Some(4_321)).is_ok();
        if !may {
            // past the capture of the test
            let _ =
                writeln!(std::io::stderr(), "NOT TRIED: what root writes into another's folder, as this is not root");
        }
        may
    }

    #[cfg(unix)]
    #[test]
    fn what_root_writes_into_a_user_s_folder_is_the_user_s_and_nothing_outside_of_it_becomes_so() {
        use std::os::unix::fs::{MetadataExt, symlink};
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::NamedTempFile::new().unwrap());
        if !can_hand_over(folder.path()) {
            return;
        }
        let owner = |path: &Path| std::fs::symlink_metadata(path).map(|found| (found.uid(), found.gid())).unwrap();
        let (key, before) = (folder.path().join("key"), owner(outside.path()));
        std::fs::write(outside.path(), "of root").unwrap();
        symlink(outside.path(), &key).unwrap();
        assert!(!create(folder.path(), "key", "mine").unwrap(), "the link is there, and stays");
        write(folder.path(), "key", "mine").unwrap();
        assert_eq!(owner(&key), (4_321, 4_321));
        // while it has its random name it is the user's already: by handle, before the name is known
        whole(folder.path(), "x", |temporary| {
            assert_eq!(owner(temporary), (4_321, 4_321));
            Ok(())
        })
        .unwrap();
        assert_eq!(
            (owner(outside.path()), std::fs::read_to_string(outside.path()).unwrap()),
            (before, "of root".into())
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_somebody_planted_is_not_followed() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::NamedTempFile::new().unwrap());
        std::fs::write(outside.path(), "of somebody else").unwrap();
        for name in ["key".to_owned(), format!("key.{}", std::process::id())] {
            std::os::unix::fs::symlink(outside.path(), folder.path().join(name)).unwrap();
        }
        write(folder.path(), "key", "mine").unwrap();
        assert_eq!(std::fs::read_to_string(outside.path()).unwrap(), "of somebody else");
        assert!(!folder.path().join("key").is_symlink());
    }
}
