//! Files and folders for their owner alone, where the system knows such a thing.

use std::fs::{DirBuilder, File, OpenOptions};
use std::path::Path;

/// How a file is opened that its owner alone may read.
pub(crate) fn file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// How a folder is made, with those above it, that its owner alone may enter.
pub(crate) fn folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Gives a file to the owner of its folder, as far as that is allowed.
#[cfg(unix)]
pub(crate) fn hand_over(file: &File, folder: &Path) {
    use std::os::unix::fs::{MetadataExt, fchown};
    if let Ok(owner) = std::fs::metadata(folder) {
        let _ = fchown(file, Some(owner.uid()), Some(owner.gid()));
    }
}

/// A file inherits its folder's permissions where there are no owners as Unix has them.
#[cfg(not(unix))]
pub(crate) fn hand_over(_: &File, _: &Path) {}
