//! Replay files of server cases: which server, which case and which seed, so that the case is done again, not only judged.

use super::http::HttpOptions;
use super::realms::Realms;
use super::seed::Seed;
use super::target::{Target, address};
use super::target_file::Described;
use crate::case::server::ServerCase;
use crate::case::{Side, of_servers};
use crate::connector::testbed::Testbed;
use crate::replay::{SCHEMA, known, write};
use anyhow::{Context, Result, ensure};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How one case is done again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerReplay {
    schema: u32,
    /// The suite's version that wrote it.
    suite: String,
    /// Always `server`: what tells these files from those of connectors.
    side: Side,
    /// The case's id.
    case: String,
    /// In which run it was.
    pub run: ServerRun,
}

/// What a run at a server was told; all of it is needed to do a case again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerRun {
    /// Whether a SHOULD counted.
    pub strict: bool,
    /// The seed.
    pub seed: u64,
    /// Which server it was.
    pub server: Reached,
}

/// Which server, as the command line said it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reached {
    /// Its address; without one and without a target file it is this project's own mock, started for this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its target file. Secrets and keys stay there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<PathBuf>,
    /// The authority to trust, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// How long an answer may take.
    pub answer_seconds: u64,
}

/// The same with its files read.
#[derive(Debug)]
pub struct Named {
    http_options: HttpOptions,
    url: Option<Url>,
    known: Option<Described>,
}

/// A server that was found.
#[derive(Debug)]
pub struct Found {
    /// The server.
    pub target: Target,
    /// This project's own mock, where it was started for this: to be stopped.
    pub own: Option<Testbed>,
}

impl ServerReplay {
    /// How a case of a run is done again.
    pub fn new(case: &str, run: &ServerRun) -> Self {
        let suite = env!("CARGO_PKG_VERSION").to_owned();
        Self { schema: SCHEMA, suite, side: Side::Server, case: case.to_owned(), run: run.clone() }
    }

    /// Writes it into a folder, under the case's id.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        write(folder, &self.case, self)
    }

    /// The case of this version that it is about.
    ///
    /// # Errors
    /// When there is none any more, or the file is not of a server's case.
    pub fn known(&self) -> Result<&'static ServerCase> {
        ensure!(self.side == Side::Server, "`side` is not `server`");
        known(&self.case, of_servers())
    }
}

impl Reached {
    /// With whole paths: a replay file is used from any folder.
    ///
    /// # Errors
    /// When there is no working directory.
    pub fn with_whole_paths(self) -> Result<Self> {
        let whole = |path: Option<PathBuf>| path.as_deref().map(std::path::absolute).transpose();
        let (target, ca) = (whole(self.target)?, whole(self.ca)?);
        Ok(Self { target, ca, ..self })
    }

    /// Reads what the command line names.
    ///
    /// # Errors
    /// When one of the files cannot be used, or the address is none.
    pub fn named(&self) -> Result<Named> {
        Ok(Named {
            http_options: HttpOptions::new(Duration::from_secs(self.answer_seconds), self.ca.as_deref())?,
            url: self.url.as_deref().map(address).transpose()?,
            known: self.target.as_deref().map(Described::read).transpose()?,
        })
    }
}

impl Named {
    /// Finds the server, or starts it.
    ///
    /// # Errors
    /// When nothing that can be used is there.
    pub async fn found(self, realms: &Realms) -> Result<Found> {
        let Self { http_options, url, known } = self;
        let (target, own) = match (known, &url) {
            (Some(known), url) => (Target::of_file(known, url.as_ref(), http_options).await?, None),
            (None, Some(url)) => (Target::recognise(url, http_options).await?, None),
            (None, None) => {
                let own = Testbed::start("SERVER").await.context("the testbed does not start")?;
                (Target::own(&own.mock_url(), None, http_options)?, Some(own))
            }
        };
        Ok(Found { target: target.noting(realms), own })
    }
}

impl ServerRun {
    /// The seed.
    pub const fn seed(&self) -> Seed {
        Seed(self.seed)
    }
}
