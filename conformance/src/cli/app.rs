//! `myinfo-conformance app`: files that describe finished web applications, to begin with and to be looked at.

use super::exit::{FINE, UNUSABLE, USAGE, stopped};
use crate::connector::driver::app::Apps;
use crate::connector::driver::app::init::write;
use crate::connector::driver::app::lint::{Line, Weight, lint as remarks};
use crate::connector::usual::{Tried, try_login};
use crate::report::terminal::wrapped;
use crate::run::MendFirst;
use anyhow::Result;
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

/// Writes a file to begin with; the exit code.
pub(super) fn init(file: &Path) -> Result<u8> {
    write(file)?;
    let file = file.display();
    say(&format!(
        "Written to {file}. Change what is marked with <- (where it is right, take the mark away), then:\n\n  myinfo-conformance app lint --try {file}\n  myinfo-conformance --app {file}\n"
    ));
    Ok(FINE)
}

/// Says what is wrong or unusual in a file, and tries it where that is wanted; the exit code.
pub(super) async fn lint(file: &Path, tries: bool) -> Result<u8> {
    let lines = remarks(file)?;
    say(&told(file, &lines));
    if lines.iter().any(|line| line.weight == Weight::Wrong) {
        return Ok(USAGE);
    }
    if tries { try_once(file).await } else { Ok(FINE) }
}

fn told(file: &Path, lines: &[Line]) -> String {
    if lines.is_empty() {
        return format!("ok    nothing is wrong or unusual in {}\n", file.display());
    }
    let mut text = String::new();
    for Line { line, weight, says } in lines {
        let word = if *weight == Weight::Wrong { "WRONG" } else { "odd  " };
        let _ = write!(text, "{word} {}:{line}\n{}", file.display(), wrapped("", says));
    }
    text
}

/// Starts the application, and logs in once.
async fn try_once(file: &Path) -> Result<u8> {
    match try_login(&Apps::read(file)?).await {
        Err(error) => Ok(stopped(&error, UNUSABLE)),
        Ok(Tried::Well) => {
            say("ok    it starts, and a login ends with the person\n");
            Ok(FINE)
        }
        Ok(Tried::NotStarted(first)) => {
            say(&failed("the application does not start", &first));
            Ok(UNUSABLE)
        }
        Ok(Tried::Fails(first)) => {
            say(&failed("it starts, and a login in which nothing is wrong fails", &first));
            Ok(UNUSABLE)
        }
    }
}

fn failed(what: &str, first: &MendFirst) -> String {
    let mut text = format!("WRONG {what}\n");
    text.push_str(&wrapped("cause", &first.cause));
    first.fix.iter().for_each(|fix| text.push_str(&wrapped("to do", fix)));
    first.seen.iter().for_each(|seen| text.push_str(&wrapped("seen", seen)));
    for (place, line) in first.log.iter().enumerate() {
        text.push_str(&wrapped(if place == 0 { "its log" } else { "" }, line));
    }
    text
}

/// Says it. A reader that went away is no error.
fn say(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}
