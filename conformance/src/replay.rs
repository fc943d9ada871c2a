//! Replay files: everything that a failing case asked and was told, so that it can be judged again without the connector.

use crate::case::{Case, v3};
use crate::driver::Hello;
use crate::run::{Judged, act};
use crate::served::{Realm, Scene};
use crate::tape::{Entry, Tape, Taped};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The version of the form.
const SCHEMA: u32 = 1;

/// What happened in one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    schema: u32,
    /// The suite's version that wrote it.
    suite: String,
    /// The case's id.
    case: String,
    strict: bool,
    /// What the driver said of itself.
    target: Hello,
    scene: Scene,
    tape: Vec<Entry>,
}

impl Replay {
    /// What happened in a case.
    pub fn new(case: &Case, strict: bool, target: Hello, scene: Scene, tape: Vec<Entry>) -> Self {
        let suite = env!("CARGO_PKG_VERSION").to_owned();
        Self { schema: SCHEMA, suite, case: case.id.to_owned(), strict, target, scene, tape }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is no replay file of this form.
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let text = std::fs::read(path).with_context(|| format!("the replay file {shown} cannot be read"))?;
        let replay: Self = serde_json::from_slice(&text).with_context(|| format!("{shown} is no replay file"))?;
        if replay.schema != SCHEMA {
            bail!("{shown} has the form {} of replay files; this version reads {SCHEMA}", replay.schema);
        }
        replay.known().with_context(|| shown.to_string())?;
        Ok(replay)
    }

    /// Writes it into a folder, under the case's id.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        let file = Self::file(folder, &self.case);
        let text = serde_json::to_string_pretty(self)?;
        std::fs::write(&file, text + "\n").with_context(|| format!("the file {} cannot be written", file.display()))
    }

    /// Where the file of a case is in a folder.
    pub fn file(folder: &Path, case: &str) -> PathBuf {
        folder.join(format!("{case}.json"))
    }

    /// What the driver said of itself.
    pub const fn target(&self) -> &Hello {
        &self.target
    }

    fn known(&self) -> Result<&'static Case> {
        let case = v3::cases().find(|case| case.id == self.case);
        case.with_context(|| format!("there is no case `{}` in this version", self.case))
    }

    /// Judges it by the cases of today.
    ///
    /// # Errors
    /// When there is no such case any more.
    pub async fn judge(self, strict: bool) -> Result<Judged> {
        let case = self.known()?;
        let start = crate::bench::now();
        let tape = Tape::played(self.tape);
        let driver = Taped::playing(self.target, tape.clone());
        let (verdict, _) = act(case, self.strict || strict, Realm::played(self.scene, tape), driver).await;
        let milliseconds = crate::bench::milliseconds_since(start);
        Ok(Judged { case: case.about(), verdict, known: None, milliseconds, replay: None })
    }
}
