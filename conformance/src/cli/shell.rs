//! What a shell and `man` read of the command line.

use super::exit::FINE;
use super::options::Cli;
use anyhow::Result;
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use clap_mangen::Man;
use std::io::Write;

/// Prints what completes the command line; the exit code.
pub(super) fn completions(shell: Shell) -> u8 {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "myinfo-conformance", &mut script);
    printed(&script)
}

/// Prints the manual page; the exit code.
///
/// # Errors
/// None that memory has.
pub(super) fn manual() -> Result<u8> {
    let mut page = Vec::new();
    Man::new(Cli::command()).render(&mut page)?;
    Ok(printed(&page))
}

/// A reader that went away (`| head`) is no error.
fn printed(content: &[u8]) -> u8 {
    let _ = anstream::stdout().write_all(content);
    FINE
}
