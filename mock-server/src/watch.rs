//! `--watch`: notices that the configuration changed, by looking at its files again and again.
//!
//! Modification times are compared, and no notifications asked for: those do not reach into containers and network drives, and
//! an editor that saves by renaming ends them.

use crate::cli::ServeOptions;
use anyhow::bail;
use myinfo_mock_server::{MockServer, Reload};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long after one look the next one is taken.
const PAUSE: Duration = Duration::from_millis(250);

/// What the files of some places look like: when each was changed, and how long it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stamps(BTreeMap<PathBuf, (Option<SystemTime>, u64)>);

impl Stamps {
    /// Looks at files, and at all files in folders. What is not there has no stamp.
    fn of(places: &[PathBuf]) -> Self {
        let inside = places.iter().filter_map(|place| std::fs::read_dir(place).ok());
        let inside = inside.flatten().filter_map(|entry| Some(entry.ok()?.path()));
        let files = places.iter().cloned().chain(inside);
        Self(files.filter_map(|path| Some((stamp(&path)?, path))).map(|(stamp, path)| (path, stamp)).collect())
    }

    /// Looks at more places. What was looked at before stays as it was then.
    fn look_also_at(&mut self, places: &[PathBuf]) {
        for (path, stamp) in Self::of(places).0 {
            self.0.entry(path).or_insert(stamp);
        }
    }
}

fn stamp(path: &Path) -> Option<(Option<SystemTime>, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    // a folder's own time changes with files that nobody reads
    if metadata.is_dir() { None } else { Some((metadata.modified().ok(), metadata.len())) }
}

/// What was read last, and what was seen last.
#[derive(Debug)]
pub(crate) struct Watched {
    places: Vec<PathBuf>,
    read: Stamps,
    seen: Stamps,
}

impl Watched {
    fn new(places: Vec<PathBuf>) -> Self {
        Self { read: Stamps::of(&places), seen: Stamps::default(), places }
    }

    /// Changes what is watched, after it was read.
    fn watch(&mut self, places: Vec<PathBuf>) {
        let added: Vec<PathBuf> = places.iter().filter(|place| !self.places.contains(place)).cloned().collect();
        self.read.look_also_at(&added);
        self.places = places;
    }

    /// Looks, and tells whether there is something to read: it is not what was read, and it has stood still since the last look, for whoever
    /// saves several files, or a large one, may be halfway.
    fn notices(&mut self) -> bool {
        let now = Stamps::of(&self.places);
        let still = now == self.seen;
        self.seen = now;
        if !still || self.seen == self.read {
            return false;
        }
        self.read = self.seen.clone();
        true
    }
}

/// Looks at what is to be watched, before it is read for the first time.
///
/// # Errors
/// When there is nothing to watch.
pub(crate) fn begin(options: &ServeOptions) -> anyhow::Result<Watched> {
    let places = options.places();
    if options.watch && places.is_empty() {
        bail!("--watch has nothing to watch: give --config FILE, --personas DIR, or both");
    }
    Ok(Watched::new(places))
}

/// Watches for ever: whatever changes is read again and handed to the server.
pub(crate) async fn watch(server: &MockServer, options: &ServeOptions, mut watched: Watched) {
    watched.watch([options.places(), server.read_from()].concat());
    let mut looks = tokio::time::interval(PAUSE);
    loop {
        looks.tick().await;
        if !watched.notices() {
            continue;
        }
        let reload = tokio::task::block_in_place(|| server.reload(|| options.config()));
        let mut places = [options.places(), server.read_from()].concat();
        // a configuration that cannot be used may lack a file that it names
        if let (Reload::Kept(_), Some(file)) = (&reload, &options.config) {
            places.extend(
                file.parent().map(|folder| if folder == Path::new("") { ".".into() } else { folder.to_owned() }),
            );
        }
        watched.watch(places);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_change_is_noticed_once_and_when_it_stands_still() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mock.toml");
        let mut watched = Watched::new(vec![file.clone()]);
        assert!(!watched.notices() && !watched.notices(), "there is no file, and there was none");
        fs::write(&file, "half").unwrap();
        assert!(!watched.notices(), "it may be half of it");
        fs::write(&file, "all of it").unwrap();
        assert!(!watched.notices(), "it changed since the last look");
        assert!(watched.notices());
        assert!(!watched.notices() && !watched.notices(), "it was read");
        fs::remove_file(&file).unwrap();
        assert!(!watched.notices());
        assert!(watched.notices(), "that it is gone is a change, too");
    }

    #[test]
    fn files_in_a_folder_count_and_what_changed_while_it_was_read_is_noticed_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let (one, key) = (folder.path().join("one.json"), folder.path().join("key.pem"));
        let personas = folder.path().join("personas");
        fs::create_dir(&personas).unwrap();
        fs::write(&key, "key").unwrap();
        let mut watched = Watched::new(vec![one.clone(), personas.clone()]);
        // this happens while it is read
        fs::write(personas.join("two.json"), "2").unwrap();
        watched.watch(vec![one, personas.clone(), key.clone()]);
        assert!(!watched.notices());
        assert!(watched.notices());
        assert!(!watched.notices());
        fs::write(&key, "another key").unwrap();
        assert!(!watched.notices());
        assert!(watched.notices(), "a file that is watched since it was read");
    }
}
