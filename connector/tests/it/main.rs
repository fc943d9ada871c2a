//! The connector's command line as its users meet it, and the connector itself in a world that is made up.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail it by panicking")]

mod fapi;
mod keys;
mod retry;
mod seal;
mod world;

use std::process::{Command, Output};

fn connector(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_myinfo-connector"));
    command.args(arguments).env("COLUMNS", "80");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MYINFO_")) {
        command.env_remove(name);
    }
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn help_fits_80_columns_and_shows_no_secret() {
    insta::assert_snapshot!(text(&connector(&["--help"]).stdout));
}

#[test]
fn login_url_prints_the_address_and_the_state_apart() {
    let output = connector(&["login-url", "--base-url", "http://127.0.0.1:1"]);
    let (url, state) = (text(&output.stdout), text(&output.stderr));
    assert!(url.starts_with("http://127.0.0.1:1/com/v3/authorise?client_id=TESTBED-CLIENT&"), "{url}");
    let state = state.trim().strip_prefix("state: ").unwrap();
    assert!(url.contains(&format!("state={state}&")), "{url}");
}

#[test]
fn what_cannot_work_is_one_sentence_and_exit_2() {
    for (arguments, part) in [
        (
            vec!["login-url", "--environment", "test"],
            "the client id is missing; give --client-id ID, or set MYINFO_CLIENT_ID\n",
        ),
        (vec!["login-url", "--client-secret", ""], "; give --client-secret SECRET, or set MYINFO_CLIENT_SECRET\n"),
        (vec!["login-url", "--private-key", "/nonexistent"], "/nonexistent cannot be read"),
        (vec!["login-url", "--base-url", "http://mock.example"], "has no TLS and is not this machine"),
        (vec!["login-url", "--context", "gov"], "is missing; give --esvc-id ID, or set MYINFO_ESVC_ID\n"),
        (vec!["person", "--callback", "http://localhost/?code=c&state=x", "--state", "y"], "state"),
        (vec!["serve", "--http", "256.0.0.1:1"], "127.0.0.1:3001 or localhost:3001, or a port alone"),
        (vec!["serve", "--http", "localhost:+1"], "invalid value"),
        (vec!["serve", "--http", "0.0.0.0:0"], "not a loopback address"),
        (vec!["login-url", "--environment", "test", "--base-url", "http://127.0.0.1:1"], "do not go with"),
        (vec!["login-url", "--ca", "/dev/null"], "no PEM certificate"),
        (vec!["login-url", "--time-limit", "0"], "0 is not in 1..=3600"),
    ] {
        let output = connector(&arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains(part), "{arguments:?}: {error}");
        assert!(!error.contains("panicked"), "{error}");
    }
}

#[test]
fn a_system_without_authorities_is_told_before_anybody_logs_in_and_is_good_enough_for_a_mock() {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_myinfo-connector"));
        command.args(arguments).env("SSL_CERT_FILE", "/dev/null").env_remove("SSL_CERT_DIR").output().unwrap()
    };
    assert_eq!(run(&["login-url", "--base-url", "http://127.0.0.1:1"]).status.code(), Some(0));
    for arguments in [
        &["login-url", "--environment", "test"][..],
        &["login-url", "--base-url", "https://127.0.0.1:1"],
        &["serve", "--profile", "fapi", "--fapi-issuer", "https://127.0.0.1:1/fapi"],
    ] {
        let refused = run(arguments);
        let says = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}: {says}");
        assert!(says.contains("no certificates of authorities") && says.contains("SSL_CERT_FILE"), "{says}");
    }
}

#[test]
fn a_taken_port_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = connector(&["serve", "--http", &address]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains(&format!("cannot listen on {address}")));
}

#[test]
fn a_mistyped_level_is_refused_and_a_mistyped_variable_is_told() {
    let run = |name: &str, value: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_myinfo-connector"));
        command.args(["login-url", "--base-url", "http://127.0.0.1:1"]).env(name, value).output().unwrap()
    };
    let refused = run("MYINFO_CONNECTOR_LOG", "warning");
    assert_eq!(refused.status.code(), Some(2));
    let says = text(&refused.stderr);
    assert!(
        says.contains("invalid value 'warning'") && says.contains("off, error, warn, info, debug, trace"),
        "{says}"
    );
    let told = run("MYINFO_CONNECTOR_HTPP", "127.0.0.1:3002");
    assert_eq!(told.status.code(), Some(0), "it is a warning");
    let says = text(&told.stderr);
    assert!(says.contains("MYINFO_CONNECTOR_HTPP; did you mean MYINFO_CONNECTOR_HTTP?"), "{says}");
    assert!(!says.contains("3002"), "{says}");
}

#[test]
fn help_keeps_to_the_command_and_a_shell_completes_it() {
    let keys = text(&connector(&["keys", "new", "--help"]).stdout);
    assert!(keys.contains("client-jwks-private.json") && !keys.contains("--client-id"), "{keys}");
    let serve = text(&connector(&["serve", "--help"]).stdout);
    assert!(serve.contains("--client-id") && serve.contains("--fapi-keys"), "{serve}");
    assert!(text(&connector(&["completions", "bash"]).stdout).contains("--whole-person"));
    assert!(text(&connector(&["man"]).stdout).contains(".TH myinfo-connector 1"));
}
