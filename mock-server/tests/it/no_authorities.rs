//! A system without certificates of authorities, as small containers are: plain HTTP wants none, and HTTPS says what is missing.

use crate::command_line::text;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

/// The program, for which the system has no authority.
fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_myinfo-mock"));
    command.args(arguments).env("SSL_CERT_FILE", "/dev/null").env_remove("SSL_CERT_DIR");
    command
}

/// A mock with HTTPS; its ready lines.
fn started() -> (Child, Vec<String>) {
    let mut child = bare(&["--http", "127.0.0.1:0", "--https", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().take(2).map(Result::unwrap).collect();
    (child, lines)
}

/// What the program says and does in the end, while a mock runs.
fn beside_a_mock(arguments: impl Fn(&str, &str) -> Vec<String>) -> Output {
    let (mut child, lines) = started();
    let address = |scheme: &str| {
        let found = lines.iter().find_map(|line| line.split_once(&format!("{scheme}://")));
        found.unwrap().1.to_owned()
    };
    let arguments = arguments(&address("http"), &address("https"));
    let output = bare(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).output().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    output
}

#[test]
fn health_asks_over_plain_http() {
    let well = beside_a_mock(|http, _| ["health", "--http", http].map(str::to_owned).into());
    assert_eq!(well.status.code(), Some(0), "{}", text(&well.stderr));
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_told_with_what_to_do() {
    let set = |https: &str| format!("https://{https}/.well-known/keys");
    let refused = beside_a_mock(|_, https| vec!["doctor".to_owned(), "jwks".to_owned(), set(https)]);
    let told = [text(&refused.stdout), text(&refused.stderr)].concat();
    assert_ne!(refused.status.code(), Some(0), "{told}");
    assert!(told.contains("is of no authority that is trusted here") && told.contains("SSL_CERT_FILE"), "{told}");
}
