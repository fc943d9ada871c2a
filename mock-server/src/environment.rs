//! The environment variables that look like ours and mean nothing: a mistyped one would be silence.

use clap::Command;
use std::collections::BTreeSet;

const PREFIX: &str = "MYINFO_MOCK_";

/// What to say of each variable that begins as ours do and that no option takes. Values are never told.
pub(crate) fn strangers(command: &Command, set: impl Iterator<Item = String>) -> Vec<String> {
    let known = variables(command);
    let strange = set.filter(|name| name.starts_with(PREFIX) && !known.contains(name));
    strange.map(|name| told(&name, &known)).collect()
}

/// The variables of a command and of those below it.
fn variables(command: &Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(|argument| argument.get_env()?.to_str().map(str::to_owned));
    own.chain(command.get_subcommands().flat_map(variables)).collect()
}

fn told(name: &str, known: &BTreeSet<String>) -> String {
    let shown: String = name.escape_debug().take(60).collect();
    let scored = known.iter().map(|other| (strsim::jaro_winkler(name, other), other));
    let nearest = scored.filter(|(score, _)| *score > 0.9).max_by(|one, other| one.0.total_cmp(&other.0));
    let meant = nearest.map_or_else(String::new, |(_, other)| format!("; did you mean {other}?"));
    format!("the environment variable {shown} means nothing to this program{meant}")
}
