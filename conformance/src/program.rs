//! Programs of others that the suite starts: their command, what they write, and whether they answer.

use crate::client;
use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

/// How much of a program's log is kept between two looks at it.
const LIMIT: usize = 256 * 1024;
/// How long to wait between two questions whether it is up.
const PAUSE: Duration = Duration::from_millis(20);

/// The newest lines that a program wrote.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    lines: VecDeque<String>,
    bytes: usize,
}

impl Log {
    fn lines<T>(&self, work: impl FnOnce(&mut Lines) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a line; the oldest give way.
    pub fn push(&self, line: String) {
        self.lines(|log| {
            log.bytes += line.len() + 1;
            log.lines.push_back(line);
            while log.bytes > LIMIT {
                let Some(oldest) = log.lines.pop_front() else { return };
                log.bytes -= oldest.len() + 1;
            }
        });
    }

    /// Everything since the last look.
    pub fn take(&self) -> String {
        self.lines(|log| {
            log.bytes = 0;
            log.lines.drain(..).collect::<Vec<_>>().join("\n")
        })
    }

    /// The beginning of the newest line that is as wanted.
    pub fn newest(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        self.lines(|log| log.lines.iter().rev().find(|line| wanted(line)).map(|line| line.chars().take(200).collect()))
    }

    /// The beginning of the last thing that it wrote.
    pub fn last_words(&self) -> String {
        self.newest(|line| !line.trim().is_empty()).unwrap_or_default()
    }

    /// Takes a stream's lines for as long as there are any.
    pub async fn gather(self, stream: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(stream).split(b'\n');
        while let Ok(Some(line)) = lines.next_segment().await {
            self.push(String::from_utf8_lossy(&line).into_owned());
        }
    }
}

/// A command of the shell, ready to be spawned, with all its streams piped. It is ended when it is dropped.
pub fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(in_its_place(command));
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    shell
}

/// The command so that it takes the shell's place, and is ended with it; as it stands where it is more than one command.
fn in_its_place(command: &str) -> String {
    let first = command.split_whitespace().next().unwrap_or_default();
    if command.contains(['&', ';', '|', '\n', '(']) {
        command.to_owned()
    } else if first.contains('=') {
        format!("exec env {command}")
    } else {
        format!("exec {command}")
    }
}

/// Why a program is not up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotUp {
    /// It could not be started.
    #[error("it could not be started: {0}")]
    NotStarted(String),
    /// It ended at once.
    #[error("it ended with {0}")]
    Ended(String),
    /// It did not answer in time.
    #[error("{0} was not answered within {1} seconds")]
    Late(String, u64),
}

/// Starts a program and waits until an address of it answers with success.
///
/// # Errors
/// [`NotUp`].
pub async fn up(mut command: Command, ready: &str, seconds: u64, log: &Log) -> Result<Child, NotUp> {
    let failed = |problem: &dyn std::fmt::Display| NotUp::NotStarted(problem.to_string());
    let mut child = command.stdin(Stdio::null()).spawn().map_err(|error| failed(&error))?;
    if let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) {
        tokio::spawn(log.clone().gather(stdout));
        tokio::spawn(log.clone().gather(stderr));
    }
    let http = client::http().map_err(|error| failed(&error))?;
    let started = crate::bench::now();
    while started.elapsed() < Duration::from_secs(seconds) {
        if let Ok(Some(status)) = child.try_wait() {
            return Err(NotUp::Ended(format!("{status}: {}", log.last_words())));
        }
        if http.get(ready).send().await.is_ok_and(|answer| answer.status().is_success()) {
            return Ok(child);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(NotUp::Late(ready.to_owned(), seconds))
}

/// A port that is free now, for a program that listens on it in a moment.
///
/// # Errors
/// When there is none.
pub fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_keeps_the_newest_lines_within_its_limit() {
        let log = Log::default();
        for number in 0..10_000 {
            log.push(format!("line {number} {}", "x".repeat(100)));
        }
        assert!(log.last_words().starts_with("line 9999 "));
        let kept = log.take();
        assert!(kept.len() <= LIMIT && kept.len() > LIMIT / 2 && !kept.contains("line 0 "), "{}", kept.len());
        assert_eq!(log.take(), "");
    }
}
