//! Help, completions and the manual page.

use crate::command_line::{mock, text};

#[test]
fn a_command_shows_its_own_options_alone() {
    for (command, shows, hides) in [
        (&["faults"] as &[&str], &[] as &[&str], &["--http", "--config", "--auto-login", "--watch"] as &[&str]),
        (&["persona", "list"], &["--config", "--personas"], &["--http", "--auto-login", "--admin-token"]),
        (&["health"], &["--http"], &["--https", "--personas"]),
        (&["serve"], &["--http", "--https", "--watch", "--seed"], &[]),
    ] {
        let help = text(&mock(&[command, &["--help"]].concat()).stdout);
        let has = |option: &&&str| help.split_whitespace().any(|word| word == **option);
        assert!(shows.iter().all(|option| has(&option)), "{command:?}: {help}");
        assert!(!hides.iter().any(|option| has(&option)), "{command:?}: {help}");
    }
    // what is not shown is taken all the same: flags may stand anywhere
    assert_eq!(mock(&["faults", "--http", "127.0.0.1:0"]).status.code(), Some(0));
}

#[test]
fn completions_and_the_manual_page_know_every_option() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = text(&mock(&["completions", shell]).stdout);
        assert!(script.contains("auto-login") && script.contains("persona"), "{shell}");
    }
    let page = text(&mock(&["man"]).stdout);
    assert!(page.contains(".TH myinfo-mock 1") && page.contains("\\-\\-auto\\-login"), "{page}");
}
