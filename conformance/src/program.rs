//! Programs of others that the suite starts: their command, what they write, and whether they answer.

mod group;

use self::group::Group;
use crate::http;
use futures_util::future::join_all;
use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

/// How much of a program's log is kept between two looks at it.
const LIMIT: usize = 256 * 1024;
/// How long one question whether it is up may take.
const ANSWER_TIME: Duration = Duration::from_secs(1);
/// How long a program that was ended may hold its port.
const LEAVE_TIME: Duration = Duration::from_secs(2);
/// How long the last words of a program that ended may take to be read: they are there, but on a busy machine their reader is not at once;
/// only where a child of it holds the stream open is this waited for to the end.
pub(crate) const LAST_WORDS_TIME: Duration = Duration::from_secs(3);
/// How many seconds a program may be given to start: nobody waits longer for one that hangs.
pub(crate) const START_SECONDS: RangeInclusive<u64> = 1..=600;
/// How long to wait between two questions whether it is up.
const PAUSE: Duration = Duration::from_millis(20);

/// The newest lines that a program wrote.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Lines>>);

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
    pub(crate) fn push(&self, line: String) {
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
    pub(crate) fn take(&self) -> String {
        self.lines(|log| {
            log.bytes = 0;
            log.lines.drain(..).collect::<Vec<_>>().join("\n")
        })
    }

    /// The beginning of the last thing that it wrote.
    pub(crate) fn last_words(&self) -> String {
        let written = |line: &&String| !line.trim().is_empty();
        let last = self.lines(|log| log.lines.iter().rev().find(written).map(|line| line.chars().take(200).collect()));
        last.unwrap_or_default()
    }

    /// Takes a stream's lines for as long as there are any.
    pub(crate) async fn gather(self, stream: impl AsyncRead + Unpin) {
        let mut stream = BufReader::new(stream);
        while let Some(line) = next_line(&mut stream, LIMIT).await {
            self.push(line);
        }
    }
}

/// The next line of a stream, or its beginning where it is longer than the limit: what is behind that is read and dropped.
pub(crate) async fn next_line(stream: &mut (impl AsyncBufRead + Unpin), limit: usize) -> Option<String> {
    next_line_counted(stream, limit, &AtomicU64::new(0)).await
}

/// The same; `begun` says meanwhile how many bytes have come of a line that has not ended.
pub(crate) async fn next_line_counted(
    stream: &mut (impl AsyncBufRead + Unpin),
    limit: usize,
    begun: &AtomicU64,
) -> Option<String> {
    let mut line = Vec::new();
    begun.store(0, Ordering::Relaxed);
    loop {
        let some = stream.fill_buf().await.ok()?;
        if some.is_empty() {
            return (!line.is_empty()).then(|| String::from_utf8_lossy(&line).into_owned());
        }
        let end = some.iter().position(|byte| *byte == b'\n');
        let piece = some.get(..end.unwrap_or(some.len())).unwrap_or_default();
        let room = limit.saturating_sub(line.len()).min(piece.len());
        line.extend_from_slice(piece.get(..room).unwrap_or_default());
        let read = end.map_or(some.len(), |end| end + 1);
        stream.consume(read);
        begun.fetch_add(u64::try_from(read).unwrap_or(u64::MAX), Ordering::Relaxed);
        if end.is_some() {
            begun.store(0, Ordering::Relaxed);
            return Some(String::from_utf8_lossy(&line).into_owned());
        }
    }
}

/// A program of somebody else's with all that it started: one process group, which ends as one when this is dropped.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    group: Group,
    /// What takes its streams' lines, where that is wanted.
    readers: Vec<JoinHandle<()>>,
}

impl Program {
    /// Starts a command of the shell.
    ///
    /// # Errors
    /// When there is no shell.
    pub(crate) fn spawn(mut command: Command) -> std::io::Result<Self> {
        group::apart(&mut command);
        let child = command.spawn()?;
        let group = Group::of(&child);
        Ok(Self { child, group, readers: Vec::new() })
    }

    /// Its three streams, once.
    pub(crate) fn streams(&mut self) -> Option<(ChildStdin, ChildStdout, ChildStderr)> {
        Some((self.child.stdin.take()?, self.child.stdout.take()?, self.child.stderr.take()?))
    }

    /// Lets a log take what it writes.
    fn log_to(&mut self, log: &Log) {
        if let Some((_, stdout, stderr)) = self.streams() {
            self.readers.push(tokio::spawn(log.clone().gather(stdout)));
            self.readers.push(tokio::spawn(log.clone().gather(stderr)));
        }
    }

    /// Waits until its log has the last that it wrote, where it ended: why stands there.
    pub(crate) async fn heard_out(&mut self) {
        let _ = tokio::time::timeout(LAST_WORDS_TIME, join_all(std::mem::take(&mut self.readers))).await;
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When the system does not tell.
    pub(crate) async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Ends it, and all that it started.
    pub(crate) async fn end(mut self) {
        self.group.kill(&mut self.child);
        let _ = self.child.wait().await;
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.group.kill(&mut self.child);
    }
}

/// A command of the shell, ready to be started, with all its streams piped.
pub(crate) fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(in_its_place(command));
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    shell
}

/// Words of the shell itself, which no program takes the place of.
const OF_THE_SHELL: [&str; 8] = ["exec", "eval", "command", "source", ".", "time", "!", "{"];

/// The command so that it takes the shell's place: how it ends is then told by the system, and not by a shell between. As it stands
/// where it is more than one command, or has a word of the shell, as `exec`: all that it starts is of one group and ends all the same.
fn in_its_place(command: &str) -> String {
    let mut words = command.split_whitespace();
    let first = words.clone().next().unwrap_or_default();
    if command.contains(['&', ';', '|', '\n', '(']) || words.any(|word| OF_THE_SHELL.contains(&word)) {
        command.to_owned()
    } else if first.contains('=') {
        format!("exec env {command}")
    } else {
        format!("exec {command}")
    }
}

/// Why a program is not up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotUp {
    /// It could not be started.
    #[error("it could not be started: {0}")]
    NotStarted(String),
    /// It ended before it was up: how, with which code where it has one, and the last that it wrote.
    #[error("it ended with {status}{}", last_words(words))]
    Ended { status: String, code: Option<i32>, words: String },
    /// Another program answers where it should.
    #[error("the port of {0} is in use by another program")]
    Taken(String),
    /// It did not answer in time: where, for how many seconds it was asked, and what it answered instead, if anything.
    #[error("within {seconds} s it did not come up at {ready}, where a status of 2xx was awaited: {}", answer(answered.as_deref()))]
    Late { ready: String, seconds: u64, answered: Option<String> },
}

/// The last that a program wrote, behind what it did.
pub(crate) fn last_words(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!(": {words}") }
}

fn answer(status: Option<&str>) -> String {
    status.map_or_else(|| "nothing answered".to_owned(), |answered| format!("it answered {answered}"))
}

/// What is wrong with the seconds that a target file gives a program to start.
pub(crate) fn wrong_seconds(seconds: u64) -> Option<String> {
    let (least, most) = (START_SECONDS.start(), START_SECONDS.end());
    (!START_SECONDS.contains(&seconds)).then(|| {
        format!("`start_seconds` is {seconds}; expected how many seconds it may take to start, from {least} to {most}")
    })
}

/// Starts a program and waits until an address of it answers with success.
///
/// # Errors
/// [`NotUp`].
pub(crate) async fn up(command: Command, ready: &str, seconds: u64, log: &Log) -> Result<Program, NotUp> {
    let failed = |problem: &dyn std::fmt::Display| NotUp::NotStarted(problem.to_string());
    if !is_free(ready).await {
        return Err(NotUp::Taken(ready.to_owned()));
    }
    let mut program = Program::spawn(command).map_err(|error| failed(&error))?;
    program.log_to(log);
    let http = http::built(|| http::builder().timeout(ANSWER_TIME)).map_err(|error| failed(&error))?;
    let started = crate::clock::now();
    let mut answered = None;
    while started.elapsed() < Duration::from_secs(seconds) {
        if let Some(status) = program.ended() {
            program.heard_out().await;
            let (code, words) = (status.code(), log.last_words());
            return Err(NotUp::Ended { status: status.to_string(), code, words });
        }
        match http.get(ready).send().await {
            Ok(answer) if answer.status().is_success() => return Ok(program),
            Ok(answer) => answered = Some(answer.status().to_string()),
            // somebody took the connection, and what came is no answer
            Err(error) if !error.is_connect() && !error.is_timeout() => {
                answered = Some("with something that is no HTTP".to_owned())
            }
            Err(_) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(NotUp::Late { ready: ready.to_owned(), seconds, answered })
}

/// Whether nobody listens where a program is to answer. What was started before and was ended may take a moment to be gone.
async fn is_free(ready: &str) -> bool {
    let Ok(Ok(addresses)) = reqwest::Url::parse(ready).map(|url| url.socket_addrs(|| None)) else { return true };
    let started = crate::clock::now();
    while tokio::net::TcpStream::connect(addresses.as_slice()).await.is_ok() {
        if started.elapsed() > LEAVE_TIME {
            return false;
        }
        tokio::time::sleep(PAUSE).await;
    }
    true
}

/// A port that is free now, for a program that listens on it in a moment.
///
/// # Errors
/// When there is none.
pub(crate) fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_is_cut_at_its_limit_and_the_next_one_is_whole() {
        let text = format!("{}\nshort\n\nlast", "x".repeat(50_000));
        let mut stream = BufReader::new(text.as_bytes());
        let mut lines = Vec::new();
        while let Some(line) = next_line(&mut stream, 10_000).await {
            lines.push(line);
        }
        assert_eq!(lines[0].len(), 10_000);
        assert_eq!(lines[1..], ["short", "", "last"]);
    }

    #[tokio::test]
    async fn what_a_program_started_ends_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let command = format!("sleep 60 & echo $! > {}; wait", file.display());
        let program = Program::spawn(shell(&command)).unwrap();
        let child: i32 = loop {
            if let Ok(id) = std::fs::read_to_string(&file).unwrap_or_default().trim().parse() {
                break id;
            }
            tokio::time::sleep(PAUSE).await;
        };
        program.end().await;
        let path = format!("/proc/{child}/stat");
        // whoever adopts it reaps it in a moment; until then it is a zombie
        let alive = || std::fs::read_to_string(&path).is_ok_and(|stat| !stat.contains(") Z "));
        for _ in 0..100 {
            if !alive() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("the child {child} lives on");
    }

    #[tokio::test]
    async fn a_command_with_a_word_of_the_shell_is_run_as_it_stands() {
        for command in ["exec sh -c 'exit 7'", "FOO=7 exec sh -c 'exit $FOO'", "FOO='a 7' exec sh -c 'exit ${FOO#a}'"]
            .into_iter()
            .chain(["FOO=7 sh -c 'exit $FOO'", "sh -c 'exit 7'", "eval 'exit 7'", "command sh -c 'exit 7'"])
        {
            let mut program = Program::spawn(shell(command)).unwrap();
            assert_eq!(program.wait().await.unwrap().code(), Some(7), "{command}");
        }
    }

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
