//! A driver in another process: one JSON object a line, answers behind a prefix. Described in `docs/driver-protocol.md`.

use super::{Configured, Driver, DriverError, Drivers, Hello, Outcome, Started, VERSION};
use crate::connector::setup::Setup;
use crate::program::{self, LAST_WORDS_TIME, Log, Program};
use crate::quote::without_keys;
use crate::text::plain;
use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWriteExt, BufReader};
use tokio::process::ChildStdin;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// What an answer's line begins with. Every other line is the driver's log.
pub const PREFIX: &str = "@mdp ";
/// How long a line of a driver may be: many times the largest person document.
const LINE_LIMIT: usize = 16 << 20;
/// How long a driver may take to start.
const START_SECONDS: u64 = 30;
/// How long log lines may come after an answer.
const LOG_TIME: Duration = Duration::from_millis(15);
/// How long a line that is an answer but for its prefix may be followed by the answer itself.
const SECOND_THOUGHT: Duration = Duration::from_secs(1);
/// How much of a line is quoted.
const LONGEST_SHOWN: usize = 200;
/// How long a driver may take to leave.
const LEAVE_TIME: Duration = Duration::from_secs(2);

/// Starts drivers by a command line of the shell.
#[derive(Debug, Clone)]
pub struct StdioDrivers {
    /// The command, as a shell takes it.
    pub command: String,
    /// How long an answer may take, in seconds.
    pub answer_seconds: u64,
    /// Whether every case gets a process of its own.
    pub one_a_case: bool,
    /// What it finds in its environment beside what the suite finds there.
    pub env: Vec<(String, String)>,
}

impl Drivers for StdioDrivers {
    fn fresh(&self) -> BoxFuture<'_, Result<Box<dyn Driver>, DriverError>> {
        Box::pin(async move {
            let mut driver = StdioDriver::spawn(self)?;
            driver.greet().await?;
            Ok(Box::new(driver) as Box<dyn Driver>)
        })
    }

    fn one_a_case(&self) -> bool {
        self.one_a_case
    }
}

/// A line of standard output that may be an answer.
#[derive(Debug)]
enum Written {
    /// What stands behind the prefix.
    Answer(String),
    /// A line without the prefix at its beginning that has an object in it.
    Object(String),
}

/// A running driver.
#[derive(Debug)]
pub struct StdioDriver {
    program: Program,
    stdin: ChildStdin,
    written: mpsc::UnboundedReceiver<Written>,
    /// How many bytes of a line have come on standard output that has not ended.
    begun: Arc<AtomicU64>,
    log: Log,
    /// Reads standard error to its end.
    errors: JoinHandle<()>,
    hello: Hello,
    answer_seconds: u64,
    next: u64,
}

impl StdioDriver {
    pub(super) fn spawn(options: &StdioDrivers) -> Result<Self, DriverError> {
        let failed = |error: std::io::Error| DriverError::NotStarted(format!("`{}`: {error}", options.command));
        let mut command = program::shell(&options.command);
        command.envs(options.env.iter().cloned());
        let mut program = Program::spawn(command).map_err(failed)?;
        let missing = || DriverError::NotStarted("its pipes are missing".to_owned());
        let (stdin, stdout, stderr) = program.streams().ok_or_else(missing)?;
        let log = Log::default();
        let (sender, written) = mpsc::unbounded_channel();
        let begun = Arc::<AtomicU64>::default();
        tokio::spawn(read(stdout, sender, log.clone(), Arc::clone(&begun)));
        let errors = tokio::spawn(log.clone().gather(stderr));
        let hello = Hello::default();
        Ok(Self { program, stdin, written, begun, log, errors, hello, answer_seconds: options.answer_seconds, next: 0 })
    }

    pub(super) async fn greet(&mut self) -> Result<(), DriverError> {
        let limit = self.answer_seconds;
        self.answer_seconds = limit.max(START_SECONDS);
        let runner = json!({"name": "myinfo-conformance", "version": env!("CARGO_PKG_VERSION")});
        let hello: Hello = self.ask("hello", json!({"runner": runner, "versions": [VERSION]})).await?;
        self.answer_seconds = limit;
        if hello.version != VERSION {
            return Err(DriverError::Garbage {
                kind: "hello".to_owned(),
                problem: format!("it chose the version {}; there is {VERSION}", hello.version),
                line: String::new(),
            });
        }
        self.hello = hello;
        Ok(())
    }

    /// Sends a message and waits for its answer.
    pub(super) async fn ask<T: DeserializeOwned>(&mut self, kind: &str, mut message: Value) -> Result<T, DriverError> {
        self.next += 1;
        let id = self.next;
        if let Some(members) = message.as_object_mut() {
            members.insert("id".to_owned(), id.into());
            members.insert("type".to_owned(), kind.into());
        }
        let line = format!("{message}\n");
        let handed_over = async {
            self.stdin.write_all(line.as_bytes()).await?;
            self.stdin.flush().await
        };
        if handed_over.await.is_err() {
            return Err(self.died().await);
        }
        let limit = Duration::from_secs(self.answer_seconds);
        let answer = tokio::time::timeout(limit, self.answer_to(id)).await;
        match answer {
            // a child of it may hold its standard output open when it is gone itself
            Err(_) if self.program.ended().is_some() => Err(self.died().await),
            Err(_) => Err(self.late(kind)),
            Ok(None) => Err(self.died().await),
            Ok(Some(Written::Answer(line))) => read_answer(kind, id, &line),
            Ok(Some(Written::Object(line))) => {
                let problem = format!("an answer begins with `{PREFIX}`, at the beginning of its line");
                Err(DriverError::Garbage { kind: kind.to_owned(), problem, line: shown(&line) })
            }
        }
    }

    /// No answer in time; what was written without a line's end may be one, or a flood.
    fn late(&self, kind: &str) -> DriverError {
        match (self.answer_seconds, self.begun.load(Ordering::Relaxed)) {
            (seconds, 0) => DriverError::Late(kind.to_owned(), seconds),
            (seconds, bytes) => DriverError::Unended { kind: kind.to_owned(), seconds, bytes },
        }
    }

    /// The answer to a message. A line that is one but for its prefix is it, unless a right one follows in a moment: a
    /// driver may log what it is about to say.
    async fn answer_to(&mut self, id: u64) -> Option<Written> {
        loop {
            match self.written.recv().await? {
                Written::Object(line) if is_answer(&line, id) => {
                    let right = tokio::time::timeout(SECOND_THOUGHT, self.answer_behind()).await;
                    return right.unwrap_or(Some(Written::Object(line)));
                }
                Written::Object(_) => {}
                answer @ Written::Answer(_) => return Some(answer),
            }
        }
    }

    /// The next line with the prefix.
    async fn answer_behind(&mut self) -> Option<Written> {
        loop {
            if let answer @ Written::Answer(_) = self.written.recv().await? {
                return Some(answer);
            }
        }
    }

    /// Whether it left by itself, after a moment at most.
    pub(super) async fn gone(mut self) -> bool {
        drop(self.stdin);
        tokio::time::timeout(LEAVE_TIME, self.program.wait()).await.is_ok()
    }

    async fn died(&mut self) -> DriverError {
        let status = tokio::time::timeout(LEAVE_TIME, self.program.wait()).await;
        let how = match status {
            Ok(Ok(status)) => format!("with {status}"),
            _ => "without a status".to_owned(),
        };
        let _ = tokio::time::timeout(LAST_WORDS_TIME, &mut self.errors).await;
        let last = self.log.last_words();
        DriverError::Died(if last.is_empty() { how } else { format!("{how}; the last that it wrote: {last}") })
    }
}

/// An answer of the right form for a message.
fn read_answer<T: DeserializeOwned>(kind: &str, id: u64, line: &str) -> Result<T, DriverError> {
    let garbage = |problem: String| DriverError::Garbage { kind: kind.to_owned(), problem, line: shown(line) };
    let value: Value = serde_json::from_str(line).map_err(|error| garbage(format!("it is no JSON ({error})")))?;
    let answered = value.get("id").and_then(Value::as_u64);
    if answered != Some(id) {
        return Err(garbage(format!("the `id` is not {id}")));
    }
    if value.get("unsupported").and_then(Value::as_bool) == Some(true) {
        return Err(DriverError::Unsupported(kind.to_owned()));
    }
    serde_json::from_value(value).map_err(|error| garbage(error.to_string()))
}

/// The beginning of a line that a driver wrote, without keys: setups have some, and drivers write setups.
fn shown(line: &str) -> String {
    without_keys(&plain(line, LONGEST_SHOWN))
}

/// Whether an object in a line has the form of an answer to a message: its `id`, and no `type`, as the message itself has one.
fn is_answer(line: &str, id: u64) -> bool {
    let behind = line.split_once(PREFIX).map_or(line, |(_, behind)| behind);
    let object = behind.find('{').and_then(|start| behind.get(start..)).unwrap_or_default();
    let mut values = serde_json::Deserializer::from_str(object).into_iter::<Value>();
    let Some(Ok(value)) = values.next() else { return false };
    value.get("id").and_then(Value::as_u64) == Some(id) && value.get("type").is_none()
}

/// Sorts the lines of standard output into answers and log.
async fn read(
    stream: impl AsyncRead + Unpin,
    written: mpsc::UnboundedSender<Written>,
    log: Log,
    begun: Arc<AtomicU64>,
) {
    let mut stream = BufReader::new(stream);
    while let Some(line) = program::next_line_counted(&mut stream, LINE_LIMIT, &begun).await {
        if let Some(answer) = line.strip_prefix(PREFIX) {
            drop(written.send(Written::Answer(answer.to_owned())));
            continue;
        }
        if line.contains('{') && line.contains("\"id\"") {
            drop(written.send(Written::Object(line.clone())));
        }
        log.push(line);
    }
}

impl Driver for StdioDriver {
    fn hello(&self) -> &Hello {
        &self.hello
    }

    fn configure<'a>(&'a mut self, setup: &'a Setup) -> BoxFuture<'a, Result<Configured, DriverError>> {
        Box::pin(self.ask("configure", json!({"setup": setup})))
    }

    fn start(&mut self) -> BoxFuture<'_, Result<Started, DriverError>> {
        Box::pin(self.ask("start", json!({})))
    }

    fn callback<'a>(&'a mut self, session: &'a str, url: &'a str) -> BoxFuture<'a, Result<Outcome, DriverError>> {
        Box::pin(async move {
            let outcome = self.ask("callback", json!({"session": session, "url": url})).await;
            // what it logs on the way may come a moment after its answer, and is looked through for secrets
            tokio::time::sleep(LOG_TIME).await;
            outcome
        })
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<(), DriverError>> {
        Box::pin(async move { self.ask::<Value>("reset", json!({})).await.map(drop) })
    }

    fn logs(&mut self) -> String {
        self.log.take()
    }

    fn leave(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            // a driver that does not leave by itself is ended when it is dropped
            let said = tokio::time::timeout(LEAVE_TIME, self.ask::<Value>("bye", json!({}))).await;
            if matches!(said, Ok(Ok(_))) {
                self.gone().await;
            }
        })
    }
}
