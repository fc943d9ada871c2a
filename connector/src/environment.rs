//! Environment variables that begin as the connector's own do, and that nothing reads: most often a slip of the finger.

use clap::Command;

const OURS: &str = "MYINFO_CONNECTOR_";
/// How much alike a name must be to be offered.
const ALIKE: f64 = 0.9;

/// A warning for each of them; what they are set to is in none.
pub(crate) fn strangers(command: &Command, names: impl Iterator<Item = String>) -> Vec<String> {
    let known = read_by(command);
    let unread = names.filter(|name| name.starts_with(OURS) && !known.contains(name));
    unread.map(|name| warning(&name, &known)).collect()
}

/// The variables that a command and its subcommands read.
fn read_by(command: &Command) -> Vec<String> {
    let mut known: Vec<String> = command
        .get_arguments()
        .filter_map(|argument| argument.get_env())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    known.extend(command.get_subcommands().flat_map(read_by));
    known
}

fn warning(name: &str, known: &[String]) -> String {
    let alike = |other: &&String| strsim::jaro_winkler(name, other);
    let nearest = known.iter().max_by(|one, other| alike(one).total_cmp(&alike(other)));
    let offer = nearest
        .filter(|nearest| alike(nearest) > ALIKE)
        .map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"));
    let shown: String = name.escape_debug().take(60).collect();
    format!("nothing reads the environment variable {shown}{offer}")
}

#[cfg(test)]
mod tests {
    use super::strangers;
    use crate::cli::Cli;
    use clap::CommandFactory;

    fn told(name: &str) -> Vec<String> {
        strangers(&Cli::command(), std::iter::once(name.to_owned()))
    }

    #[test]
    fn a_slip_is_told_with_the_name_that_was_meant_and_others_variables_are_nobodys_business() {
        let meant = "nothing reads the environment variable MYINFO_CONNECTOR_HTPP; did you mean MYINFO_CONNECTOR_HTTP?";
        assert_eq!(told("MYINFO_CONNECTOR_HTPP"), [meant]);
        assert_eq!(
            told("MYINFO_CONNECTOR_COLOUR_OF_THE_SKY"),
            ["nothing reads the environment variable MYINFO_CONNECTOR_COLOUR_OF_THE_SKY"]
        );
        for fine in
            ["MYINFO_CONNECTOR", "MYINFO_CONNECTOR_LOG", "MYINFO_CONNECTOR_WHOLE_PERSON", "MYINFO_MOCK_X", "PATH"]
        {
            assert_eq!(told(fine), [""; 0], "{fine}");
        }
    }
}
