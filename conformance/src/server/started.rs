//! A server that the suite starts, as its target file says, and starts again when it ended.

use super::target_file::Launch;
use crate::program::{self, Log, Program};
use anyhow::{Context, Result};
use reqwest::Client;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long a server that ends may take for it.
const END_TIME: Duration = Duration::from_secs(2);

/// A server that the suite started. It ends with the target.
#[derive(Debug)]
pub(super) struct Started {
    start: String,
    env: Vec<(String, String)>,
    ready: String,
    seconds: u64,
    log: Log,
    child: Mutex<Program>,
}

impl Started {
    /// Starts the server of a target file on a free port; its address, and the server.
    ///
    /// # Errors
    /// When it is not up in time.
    pub(super) async fn of_file(file: &Launch) -> Result<(String, Self)> {
        let port = program::free_port()?.to_string();
        let folder = file.folder.display().to_string();
        let filled = |text: &str| text.replace("{port}", &port).replace("{dir}", &folder);
        let base_url = format!("http://127.0.0.1:{port}");
        let env: Vec<_> = file.env.iter().map(|(name, value)| (name.clone(), filled(value))).collect();
        let ready = file.ready.as_deref().map_or_else(|| base_url.clone(), filled);
        let start = filled(file.start.as_deref().unwrap_or_default());
        let (seconds, log) = (file.start_seconds, Log::default());
        let child = Self::launch(&start, &env, &ready, seconds, &log).await;
        let child = child.with_context(|| format!("the server `{}` is not up", file.name))?.into();
        Ok((base_url, Self { start, env, ready, seconds, log, child }))
    }

    async fn launch(start: &str, env: &[(String, String)], ready: &str, seconds: u64, log: &Log) -> Result<Program> {
        let mut command = program::shell(start);
        command.envs(env.iter().cloned());
        Ok(program::up(command, ready, seconds, log).await?)
    }

    /// How it ended, if it did. A connection breaks a moment before its process is gone.
    pub(super) async fn ended(&self, http: &Client) -> Option<String> {
        if http.get(&self.ready).send().await.is_ok() {
            return None;
        }
        let status = tokio::time::timeout(END_TIME, async { self.child.lock().await.wait().await }).await;
        Some(match status {
            Ok(Ok(status)) => format!("the server ended with {status}"),
            _ => "the server does not answer any more".to_owned(),
        })
    }

    /// Starts the server again if it ended.
    pub(super) async fn keep_up(&self) -> Result<()> {
        let mut child = self.child.lock().await;
        if child.ended().is_some() {
            let launched = Self::launch(&self.start, &self.env, &self.ready, self.seconds, &self.log).await;
            *child = launched.context("the server ended, and does not start again")?;
        }
        Ok(())
    }
}
