//! Replay files: everything that a failing case asked and was told, so that it can be judged again without the connector.

use crate::case::connector::ConnectorCase;
use crate::case::of_connectors;
use crate::connector::driver::Hello;
use crate::connector::tape::Entry;
use crate::connector::testbed::Scene;
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
    pub fn new(case: &ConnectorCase, strict: bool, target: Hello, scene: Scene, tape: Vec<Entry>) -> Self {
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

    /// The case of this version that it is about.
    ///
    /// # Errors
    /// When there is none any more.
    pub fn known(&self) -> Result<&'static ConnectorCase> {
        let case = of_connectors().find(|case| case.id == self.case);
        case.with_context(|| format!("there is no case `{}` in this version", self.case))
    }

    /// The server's side, what the driver said of itself, what was asked and answered, and whether a SHOULD counted.
    pub fn into_parts(self) -> (Scene, Hello, Vec<Entry>, bool) {
        (self.scene, self.target, self.tape, self.strict)
    }
}
