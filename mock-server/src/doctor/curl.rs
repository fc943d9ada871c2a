//! Requests out of curl: a command line, or what `curl -v` prints.

use super::raw_request::{RawRequest, Target, build, insert};
use crate::text::encode;
use anyhow::{Context, Result, bail};
use warp::http::HeaderMap;

/// The command in a text that is one, perhaps behind a prompt.
pub(super) fn command(text: &str) -> Option<&str> {
    let text = text.trim_start().trim_start_matches(['$', '#', '>', ' ']);
    text.starts_with("curl ").then_some(text)
}

/// The head of the request in what `curl -v` prints.
pub(super) fn printed(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("> ")).collect();
    let is_curl = text.lines().any(|line| line.starts_with("* ") || line.starts_with("< "));
    (is_curl && !lines.is_empty()).then(|| lines.join("\n"))
}

/// Options of curl with a value that says nothing about the request.
const WITH_VALUE: [&str; 16] = [
    "-o",
    "--output",
    "-E",
    "--cert",
    "--key",
    "--cacert",
    "-x",
    "--proxy",
    "--connect-timeout",
    "-m",
    "--max-time",
    "--resolve",
    "--connect-to",
    "-w",
    "--write-out",
    "-c",
];

/// What was read of a command.
#[derive(Default)]
struct Command {
    method: Option<String>,
    url: Option<String>,
    headers: HeaderMap,
    data: Vec<String>,
    in_query: bool,
    notes: Vec<String>,
}

/// Reads a command line.
pub(super) fn from_command(text: &str) -> Result<RawRequest> {
    let mut words = words(text)?.into_iter().skip(1);
    let mut read = Command::default();
    while let Some(word) = words.next() {
        let (option, attached) = split(&word);
        let mut value = || attached.clone().or_else(|| words.next()).unwrap_or_default();
        match option {
            "-X" | "--request" => read.method = Some(value()),
            "--url" => read.url = Some(value()),
            "-H" | "--header" => read.header(&value())?,
            "-A" | "--user-agent" => read.header(&format!("User-Agent: {}", value()))?,
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" => read.data(&value()),
            "--data-urlencode" => read.encoded(&value()),
            "-G" | "--get" => read.in_query = true,
            option if WITH_VALUE.contains(&option) => drop(value()),
            option if option.starts_with('-') => {}
            _ => read.url = Some(word),
        }
    }
    read.request()
}

/// `-XPOST` and `--request=POST` as option and value.
fn split(word: &str) -> (&str, Option<String>) {
    if word.starts_with("--") {
        return word.split_once('=').map_or((word, None), |(option, value)| (option, Some(value.to_owned())));
    }
    match word.split_at_checked(2) {
        Some((option @ ("-X" | "-H" | "-d" | "-A"), value)) if !value.is_empty() => (option, Some(value.to_owned())),
        _ => (word, None),
    }
}

impl Command {
    fn header(&mut self, line: &str) -> Result<()> {
        let (name, value) = line.split_once(':').context("a header of the command has no colon")?;
        insert(&mut self.headers, name.trim(), value.trim())
    }

    fn data(&mut self, text: &str) {
        if text.starts_with('@') {
            self.notes.push(
                "the command takes its body from a file (`@`), which is not read here: put the body in its place"
                    .to_owned(),
            );
        }
        self.data.push(text.to_owned());
    }

    fn encoded(&mut self, text: &str) {
        let data = text.split_once('=').map_or_else(
            || encode(text),
            |(name, value)| if name.is_empty() { encode(value) } else { format!("{name}={}", encode(value)) },
        );
        self.data.push(data);
    }

    fn request(mut self) -> Result<RawRequest> {
        let Some(mut url) = self.url else { bail!("the command of curl has no address") };
        if !url.contains("://") {
            url = format!("http://{url}");
        }
        let mut body = self.data.join("&");
        if self.in_query && !body.is_empty() {
            url = format!("{url}{}{body}", if url.contains('?') { "&" } else { "?" });
            body.clear();
        }
        let method = self.method.unwrap_or_else(|| if body.is_empty() { "GET" } else { "POST" }.to_owned());
        if !body.is_empty() && !self.headers.contains_key("content-type") {
            insert(&mut self.headers, "content-type", "application/x-www-form-urlencoded")?;
        }
        let method = method.parse().context("the method of the command cannot be used")?;
        let mut request = build(Target { method, url: &url, made: None }, self.headers, body.into())?;
        request.notes = self.notes;
        Ok(request)
    }
}

/// The words of a shell's command: quotes, `$'…'`, backslashes, and lines that go on.
fn words(text: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => quoted(&mut letters, word.get_or_insert_default(), '\'', false)?,
            '"' => quoted(&mut letters, word.get_or_insert_default(), '"', true)?,
            '$' if letters.peek() == Some(&'\'') => {
                letters.next();
                quoted(&mut letters, word.get_or_insert_default(), '\'', true)?;
            }
            '\\' | '^' if letters.peek().is_some_and(|next| *next == '\n' || *next == '\r') => {
                while letters.next_if(|next| *next == '\n' || *next == '\r').is_some() {}
            }
            '\\' => word.get_or_insert_default().extend(letters.next()),
            letter if letter.is_whitespace() => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Ok(words)
}

/// What stands in quotes, put behind `word`.
fn quoted(letters: &mut impl Iterator<Item = char>, word: &mut String, quote: char, escapes: bool) -> Result<()> {
    while let Some(letter) = letters.next() {
        match letter {
            letter if letter == quote => return Ok(()),
            '\\' if escapes => match letters.next() {
                Some('n') if quote == '\'' => word.push('\n'),
                Some(letter @ ('"' | '\\' | '$' | '`' | '\'')) => word.push(letter),
                Some(other) if other != '\n' => word.extend(['\\', other]),
                // a line that goes on
                Some(_) | None => {}
            },
            letter => word.push(letter),
        }
    }
    bail!("a quote of the command of curl is not closed")
}
