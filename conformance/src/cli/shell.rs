//! What a shell and `man` read of the command line.

use super::exit::FINE;
use super::options::Cli;
use anyhow::Result;
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

/// Prints what completes the command line; the exit code.
pub(super) fn completions(shell: Shell) -> u8 {
    generate(shell, &mut Cli::command(), "myinfo-conformance", &mut anstream::stdout());
    FINE
}

/// Prints the manual page; the exit code.
///
/// # Errors
/// When it cannot be written.
pub(super) fn manual() -> Result<u8> {
    Man::new(Cli::command()).render(&mut anstream::stdout())?;
    Ok(FINE)
}
