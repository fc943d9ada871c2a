//! What the command line says of itself: help, completions, the manual page.

use crate::cli::Cli;
use crate::given;
use clap::{ArgMatches, Command, CommandFactory, FromArgMatches};
use clap_complete::Shell;
use clap_complete::aot::generate;
use clap_mangen::Man;

/// Of the server's options those that mean something to a subcommand. All are taken everywhere, so that a variable of the
/// environment or the place of a flag breaks nothing; help shows what is of use.
const OF_COMMANDS: &[(&str, &[&str])] = &[
    ("health", &["http", "config"]),
    ("export", &["http", "https", "public_url", "config", "redirect_uri", "state_dir"]),
    ("trust", &["config", "state_dir"]),
    ("hosts", &[]),
    ("faults", &[]),
    ("completions", &[]),
    ("man", &[]),
    ("doctor", &["http", "public_url", "config", "personas"]),
    ("persona", &["config", "personas"]),
    ("help", &[]),
];

/// The command line, with each command's own options in its help.
pub(crate) fn command() -> Command {
    let mut command = Cli::command();
    // before it is built, the options of the server are not yet in the commands below
    command.build();
    for below in command.get_subcommands_mut() {
        if let Some((_, shown)) = OF_COMMANDS.iter().find(|(name, _)| *name == below.get_name()) {
            hide(below, shown);
        }
    }
    command
}

/// What was asked for.
pub(crate) fn parsed() -> Result<Cli, clap::Error> {
    let mut command = command();
    let matches: ArgMatches = command.try_get_matches_from_mut(std::env::args_os())?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    cli.options.given = given::of(&command, &matches);
    Ok(cli)
}

fn hide(command: &mut Command, shown: &[&str]) {
    *command = std::mem::take(command).mut_args(|argument| {
        let hidden = argument.is_global_set() && !shown.contains(&argument.get_id().as_str());
        if hidden { argument.hide(true) } else { argument }
    });
    command.get_subcommands_mut().for_each(|below| hide(below, shown));
}

/// The script that a shell reads.
pub(crate) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "myinfo-mock", &mut script);
    script
}

/// The manual page, in roff.
///
/// # Errors
/// None that memory has.
pub(crate) fn manual() -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(Cli::command()).render(&mut page)?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_name_of_the_table_is_a_commands_or_an_options() {
        let command = command();
        let commands: BTreeSet<&str> = command.get_subcommands().map(Command::get_name).collect();
        let options: BTreeSet<&str> = command.get_arguments().map(|argument| argument.get_id().as_str()).collect();
        for (name, shown) in OF_COMMANDS {
            assert!(commands.contains(name), "{name}");
            for option in *shown {
                assert!(options.contains(option), "{name}: {option}");
            }
        }
    }
}
