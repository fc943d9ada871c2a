//! The exit codes, which are a contract with scripts, and what leads to them.

use crate::masked::masked;
use crate::run::Outcome;
use anyhow::Context;
use std::io::Write;

/// All is as expected.
pub(super) const FINE: u8 = 0;
/// A requirement is broken, or a known failure is none any more.
pub(super) const BROKEN: u8 = 1;
/// The command line, the baseline or a file cannot be used.
pub(super) const USAGE: u8 = 2;
/// The target or our own side is unusable.
pub(super) const UNUSABLE: u8 = 3;
/// Nothing matched.
pub(super) const NOTHING: u8 = 4;

/// Says why a run ends before it begins; the exit code.
pub(super) fn stopped(error: &anyhow::Error, code: u8) -> u8 {
    let _ = writeln!(anstream::stderr(), "myinfo-conformance: {}", masked(&format!("{error:#}")));
    code
}

/// What became of a text on standard output. A reader that went away is no error; a disk that is full is one.
///
/// # Errors
/// Why it could not be written.
pub(super) fn written(done: std::io::Result<()>) -> anyhow::Result<()> {
    match done {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("standard output cannot be written")
        }
        _ => Ok(()),
    }
}

/// What a run comes to.
pub(super) fn exit_code(outcome: &Outcome) -> u8 {
    let summary = outcome.summary();
    if summary.failed + summary.stale > 0 {
        BROKEN
    } else if summary.inconclusive > 0 {
        UNUSABLE
    } else {
        FINE
    }
}
