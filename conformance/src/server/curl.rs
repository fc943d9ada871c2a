//! A request as a line of the shell that sends it again with curl, byte for byte, but for secrets that are not ours to show.

use super::answer::Answer;
use crate::evidence::{Exchange, LONGEST_BODY, clipped, line};
use crate::quote::without_keys;
use crate::text::hides;
use reqwest::Request;
use std::borrow::Cow;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use url::form_urlencoded::byte_serialize;

/// From how many equal bytes on a body says their number instead: the system takes no argument of megabytes.
const LONG_RUN: usize = 4096;
/// Without curl's own header fields, proxies and changes to the address; with the head of the answer.
const CURL: &str = "curl -isS --globoff --path-as-is --noproxy '*' --http1.1 -A ''";

/// How requests to one server are written.
#[derive(Debug, Clone, Default)]
pub struct Curl {
    hidden: Vec<Hidden>,
    authority: Option<PathBuf>,
}

/// A text that stands in no line, but the variable of the shell in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hidden {
    text: String,
    variable: String,
}

impl Curl {
    /// Trusting an authority, where a file of one was given, beside the system's.
    pub fn trusting(authority: Option<&Path>) -> Self {
        Self { hidden: Vec::new(), authority: authority.map(Path::to_owned) }
    }

    /// With a variable in the place of a text, in each of the forms in which a request can have it: `NAME` as it is,
    /// `NAME_ENCODED` as in a form or query, `NAME_JSON` as in a text of JSON. The last two only where they differ.
    #[must_use]
    pub fn hiding(mut self, text: &str, name: &str) -> Self {
        let json = serde_json::Value::from(text).to_string();
        let forms = [
            (text.to_owned(), name.to_owned()),
            (byte_serialize(text.as_bytes()).collect(), format!("{name}_ENCODED")),
            (json.get(1..json.len() - 1).unwrap_or_default().to_owned(), format!("{name}_JSON")),
        ];
        for (text, variable) in forms {
            if !text.is_empty() && !self.hidden.iter().any(|known| known.text == text) {
                self.hidden.push(Hidden { text, variable });
            }
        }
        // of two that begin alike the longer one is meant
        self.hidden.sort_by_key(|hidden| std::cmp::Reverse(hidden.text.len()));
        self
    }

    /// The line of a request.
    pub fn line(&self, request: &Request) -> String {
        let fields: Vec<(&str, String)> = fields(request).collect();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.of_parts(request.method().as_str(), request.url().as_str(), &fields, body(request).as_deref())
    }

    /// The line of a request of which there are the parts.
    pub fn of_parts(&self, method: &str, url: &str, fields: &[(&str, &str)], body: Option<&str>) -> String {
        let mut line = CURL.to_owned();
        if let Some(authority) = &self.authority {
            let _ = write!(line, " --cacert {}", self.word(&authority.display().to_string()));
        }
        let _ = write!(line, " -X {method} {}", self.word(url));
        for (name, value) in fields {
            // without a value, curl wants a semicolon
            let field = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
            let _ = write!(line, " -H {}", self.word(&field));
        }
        match body {
            Some(body) => {
                let has_type = fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
                self.with_body(line, body, has_type)
            }
            None => line,
        }
    }

    /// A request to be shown, with the line that sends it again; its answer is still to come.
    pub fn shown(&self, request: &Request) -> Exchange {
        let mut text = line(&self.masked(&format!("{} {}", request.method(), request.url())));
        for (name, value) in fields(request) {
            let _ = write!(text, "\n{}", line(&self.masked(&format!("{name}: {value}"))));
        }
        if let Some(body) = body(request).filter(|body| !body.is_empty()) {
            let _ = write!(text, "\n\n{}", clipped(&self.masked(&body), LONGEST_BODY));
        }
        Exchange {
            method: request.method().to_string(),
            path: line(&self.masked(request.url().path())),
            request: text,
            curl: self.line(request),
            decisive: true,
            ..Exchange::default()
        }
    }

    /// An answer to be shown: tokens, documents and keys are left out.
    pub fn shown_answer(&self, answer: &Answer) -> String {
        let fields = [("content-type", &answer.media_type), ("www-authenticate", &answer.challenge)];
        let fields = fields.iter().filter(|(_, value)| !value.is_empty());
        let head = fields.fold(answer.status.to_string(), |head, (name, value)| {
            format!("{head}\n{}", line(&without_keys(&self.masked(&format!("{name}: {value}")))))
        });
        let body = without_keys(&self.masked(&answer.body_told()));
        if body.is_empty() { head } else { format!("{head}\n\n{}", clipped(&body, LONGEST_BODY)) }
    }

    /// A text with the names of variables in the places of what is hidden.
    fn masked(&self, text: &str) -> String {
        self.hidden
            .iter()
            .fold(text.to_owned(), |text, hidden| text.replace(&hidden.text, &format!("${{{}}}", hidden.variable)))
    }

    fn with_body(&self, mut line: String, body: &str, has_type: bool) -> String {
        if !has_type {
            line.push_str(" -H 'content-type:'");
        }
        match long_run(body) {
            None => format!("{line} --data-raw {}", self.word(body)),
            Some((before, letter, length, after)) => {
                let (before, after) = (self.word(before), self.word(after));
                let run = format!("head -c {length} /dev/zero | tr '\\0' '{letter}'");
                // curl would wait for the server's word before a body of this length
                format!("{{ printf %s {before}; {run}; printf %s {after}; }} | {line} -H 'expect:' --data-binary @-")
            }
        }
    }

    /// A text as one word of the shell.
    fn word(&self, text: &str) -> String {
        let mut word = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let found = self.hidden.iter().filter_map(|hidden| Some((rest.find(&hidden.text)?, hidden)));
            // the first of them; at one place the longest, which is the first of the list
            let Some((place, hidden)) = found.min_by_key(|(place, _)| *place) else { break };
            let (before, from) = rest.split_at(place);
            if !before.is_empty() {
                word.push_str(&quoted(before));
            }
            let _ = write!(word, "\"${{{}}}\"", hidden.variable);
            rest = from.split_at(hidden.text.len()).1;
        }
        if !rest.is_empty() || word.is_empty() {
            word.push_str(&quoted(rest));
        }
        word
    }
}

/// The header fields of a request.
fn fields(request: &Request) -> impl Iterator<Item = (&str, String)> {
    let fields = request.headers().iter();
    fields.map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
}

/// The body of a request.
fn body(request: &Request) -> Option<Cow<'_, str>> {
    request.body().and_then(|body| body.as_bytes()).map(String::from_utf8_lossy)
}

/// A text in quotes.
fn quoted(text: &str) -> String {
    let mut word = String::from("'");
    for character in text.chars() {
        match character {
            '\'' => word.push_str(r"'\''"),
            // what could make the line look otherwise than it is goes by its bytes
            _ if hides(character) && character != '\n' => {
                let bytes = character.to_string().bytes().fold(String::new(), |all, byte| format!("{all}\\{byte:03o}"));
                let _ = write!(word, "'\"$(printf '{bytes}')\"'");
            }
            _ => word.push(character),
        }
    }
    word.push('\'');
    word
}

/// What stands before the longest run of one letter or digit, the letter, how often it stands there, and what is behind;
/// nothing where the run is short.
fn long_run(body: &str) -> Option<(&str, char, usize, &str)> {
    let runs = body.as_bytes().chunk_by(|one, next| one == next).scan(0, |at, run| {
        let start = *at;
        *at += run.len();
        Some((start, run))
    });
    let (start, run) = runs.max_by_key(|(_, run)| run.len())?;
    let letter = char::from(*run.first()?);
    let long = run.len() >= LONG_RUN && letter.is_ascii_alphanumeric();
    long.then_some((body.get(..start)?, letter, run.len(), body.get(start + run.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// What the shell makes of a word.
    fn printed(word: &str, variables: &[(&str, &str)]) -> String {
        let script = format!("printf %s {word}");
        let output = Command::new("sh").args(["-c", &script]).envs(variables.iter().copied()).output().unwrap();
        assert!(output.status.success(), "{word}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn a_word_is_the_same_text_to_the_shell_whatever_is_in_it() {
        let nasty = "it's a \"word\" with $HOME `id` \\ ! ü \u{202e}\u{7f}\tand two\nlines; & | > x";
        for text in [nasty, "", "'", "-n", "%s", "\u{1}"] {
            let word = Curl::default().word(text);
            assert_eq!(printed(&word, &[]), text, "{word}");
            assert!(!word.chars().any(|character| hides(character) && character != '\n'), "{word}");
        }
    }

    #[test]
    fn a_hidden_text_stands_in_no_form_and_its_variables_give_the_same_line() {
        let secret = "s3cr\"t & sign";
        let curl = Curl::default().hiding(secret, "S").hiding("s3cr", "SHORT");
        let forms =
            [("S", secret), ("S_ENCODED", "s3cr%22t+%26+sign"), ("S_JSON", "s3cr\\\"t & sign"), ("SHORT", "s3cr")];
        for (name, form) in forms {
            let text = format!("a={form}&b={form}");
            let word = curl.word(&text);
            assert_eq!(word, format!("'a='\"${{{name}}}\"'&b='\"${{{name}}}\""), "{form}");
            assert_eq!(printed(&word, &forms), text);
        }
        assert_eq!(Curl::default().hiding("", "S").word("x"), "'x'", "an empty secret is none");
    }

    #[test]
    fn a_long_run_says_its_number_and_comes_out_whole() {
        let body = format!("a=1&state={}&b=2", "z".repeat(5 << 20));
        let line = Curl::default().with_body("cat; :".to_owned(), &body, true);
        assert!(line.len() < 400, "{line}");
        let output = Command::new("sh").args(["-c", &line]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), body);
    }
}
