//! Replay files: everything that a failing case asked a connector and was told, so that it can be judged again without it; of a
//! server's case, what is needed to do it again.

use crate::case::connector::ConnectorCase;
use crate::case::{Case, of_connectors, of_migrations};
use crate::connector::driver::Hello;
use crate::connector::realm::Scene;
use crate::connector::tape::Entry;
use crate::server::replay::ServerReplay;
use crate::text::meant;
use anyhow::{Context, Result, anyhow, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The version of the form, of both sides.
pub(crate) const SCHEMA: u32 = 1;

/// What is in a replay file.
#[derive(Debug)]
pub enum AnyReplay {
    /// What happened in a connector's case.
    Connector(Box<Replay>),
    /// How a server's case is done again.
    Server(ServerReplay),
}

impl AnyReplay {
    /// Reads a file of either side.
    ///
    /// # Errors
    /// When it cannot be read, or is no replay file of this form.
    pub fn read(path: &Path) -> Result<Self> {
        let content = content(path)?;
        if content.get("side").is_some() {
            let replay: ServerReplay = of_form(content, path)?;
            replay.known().with_context(|| path.display().to_string())?;
            return Ok(Self::Server(replay));
        }
        Replay::of(content, path).map(|replay| Self::Connector(Box::new(replay)))
    }
}

/// What is in a file, which must be a JSON document of this form.
fn content(path: &Path) -> Result<Value> {
    let shown = path.display();
    let text = std::fs::read(path).with_context(|| format!("the replay file {shown} cannot be read"))?;
    let content: Value = serde_json::from_slice(&text).with_context(|| format!("{shown} is no replay file"))?;
    match content.get("schema") {
        Some(schema) if *schema != SCHEMA => {
            bail!("{shown} has the form {schema} of replay files; this version reads {SCHEMA}")
        }
        _ => Ok(content),
    }
}

/// Of a document of another form: which member it is that does not fit helps nobody who named another file.
fn no_replay(path: &Path) -> anyhow::Error {
    anyhow!("{} is no replay file: it has not the form of those that --replays writes", path.display())
}

fn of_form<T: DeserializeOwned>(content: Value, path: &Path) -> Result<T> {
    serde_json::from_value(content).map_err(|_| no_replay(path))
}

/// Where the file of a case is in a folder.
pub fn file(folder: &Path, case: &str) -> PathBuf {
    folder.join(format!("{case}.json"))
}

/// Writes the replay of a case into a folder, under the case's id.
///
/// # Errors
/// When it cannot be written.
pub fn write(folder: &Path, case: &str, replay: &impl Serialize) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let file = file(folder, case);
    let text = serde_json::to_string_pretty(replay)?;
    std::fs::write(&file, text + "\n").with_context(|| format!("the file {} cannot be written", file.display()))
}

/// The case of this version with an id.
///
/// # Errors
/// When there is none any more.
pub(crate) fn known<P>(id: &str, cases: impl Iterator<Item = &'static Case<P>>) -> Result<&'static Case<P>> {
    let all: Vec<&'static Case<P>> = cases.collect();
    let found = all.iter().copied().find(|case| case.id == id);
    found.with_context(|| {
        format!("there is no case `{id}` in this version{}", meant(id, all.iter().map(|case| case.id)))
    })
}

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
        Self::of(content(path)?, path)
    }

    fn of(content: Value, path: &Path) -> Result<Self> {
        let replay: Self = of_form(content, path)?;
        replay.known().with_context(|| path.display().to_string())?;
        Ok(replay)
    }

    /// Writes it into a folder, under the case's id.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        write(folder, &self.case, self)
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
        known(&self.case, of_connectors().chain(of_migrations()))
    }

    /// The server's side, what the driver said of itself, what was asked and answered, and whether a SHOULD counted.
    pub fn into_parts(self) -> (Scene, Hello, Vec<Entry>, bool) {
        (self.scene, self.target, self.tape, self.strict)
    }
}
