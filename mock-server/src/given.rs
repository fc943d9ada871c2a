//! Which options of the server were given, and whether on the command line or by a variable: for `config show`.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use myinfo_mock_server::show::Given;

/// Options with the key of `[server]` that says the same.
const SETTINGS: [(&str, &str); 12] = [
    ("http", "http"),
    ("https", "https"),
    ("proxy", "proxy"),
    ("https_fault", "https_faults"),
    ("state_dir", "state_dir"),
    ("public_url", "public_urls"),
    ("redirect_uri", "redirect_uris"),
    ("personas", "personas"),
    ("auto_login", "auto_login"),
    ("flavour", "flavour"),
    ("explain", "explain"),
    ("admin_token", "admin_token"),
];

/// Options that no file has.
const BESIDE: [&str; 5] = ["watch", "seed", "log", "log_format", "allow_remote"];

/// What was given of both.
pub(crate) fn of(command: &Command, matches: &ArgMatches) -> Given {
    let option = |name: &str| command.get_arguments().find(|argument| argument.get_id() == name);
    let settings = SETTINGS.iter().filter_map(|(name, key)| Some((*key, origin(option(name)?, matches)?)));
    let beside = BESIDE.iter().filter_map(|name| {
        let option = option(name)?;
        Some((as_given(option, matches), origin(option, matches)?))
    });
    Given { settings: settings.collect(), beside: beside.collect() }
}

/// `--http` or `MYINFO_MOCK_HTTP`; nothing for what was not given.
fn origin(option: &Arg, matches: &ArgMatches) -> Option<String> {
    // a variable may say that a flag was not given
    if !option.get_action().takes_values() && !matches.get_flag(option.get_id().as_str()) {
        return None;
    }
    let source = matches.value_source(option.get_id().as_str())?;
    if source == ValueSource::CommandLine {
        return Some(format!("--{}", option.get_long()?));
    }
    let variable = option.get_env()?.to_str()?.to_owned();
    (source == ValueSource::EnvVariable).then_some(variable)
}

/// The option with its value, as it would be given again.
fn as_given(option: &Arg, matches: &ArgMatches) -> String {
    let name = option.get_long().unwrap_or_default();
    if !option.get_action().takes_values() {
        return format!("--{name}");
    }
    let values = matches.get_raw(option.get_id().as_str()).into_iter().flatten();
    let values: Vec<String> = values.map(|value| value.to_string_lossy().into_owned()).collect();
    format!("--{name} {}", values.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::help::command;
    use std::collections::BTreeSet;

    #[test]
    fn every_option_of_the_server_is_a_key_of_the_file_or_beside_it() {
        let command = command();
        let options = command.get_arguments().filter(|option| option.is_global_set());
        let options: BTreeSet<&str> = options.map(|option| option.get_id().as_str()).collect();
        let named = SETTINGS.iter().map(|(name, _)| *name).chain(BESIDE).chain(["config"]);
        assert_eq!(named.collect::<BTreeSet<_>>(), options);
    }
}
