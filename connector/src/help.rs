//! Help that keeps to the point, completions for shells, and the manual page.

use crate::cli::Cli;
use clap::{Command, CommandFactory, FromArgMatches};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

/// The commands that need no connector; of the common options they show this one.
const ALONE: [&str; 4] = ["keys", "completions", "man", "help"];
const COMMON: &str = "log";

/// The command line as it was given.
pub(crate) fn parsed() -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    command.build();
    command.get_subcommands_mut().filter(|below| ALONE.contains(&below.get_name())).for_each(without_settings);
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

fn without_settings(command: &mut Command) {
    let own = std::mem::take(command);
    *command = own.mut_args(|option| {
        let belongs = !option.is_global_set() || option.get_id() == COMMON;
        option.hide(!belongs)
    });
    command.get_subcommands_mut().for_each(without_settings);
}

/// What a shell reads to complete the command line.
pub(crate) fn completions(shell: Shell) -> String {
    let mut text = Vec::new();
    generate(shell, &mut Cli::command(), "myinfo-connector", &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// The manual page, for `man`.
///
/// # Errors
/// None that memory has.
pub(crate) fn manual() -> std::io::Result<String> {
    let mut text = Vec::new();
    Man::new(Cli::command()).render(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
