//! A system without certificates of authorities, as small containers are: the suite brings its own mock, over plain HTTP, and runs.

use crate::suite::text;
use std::process::Command;

#[test]
fn connectors_and_servers_are_judged_without_any() {
    for arguments in [
        &["--only", "v3.callback.state-different", "--only", "fapi.token.parameters"][..],
        &["server", "--only", "SRV-TOK-01"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_myinfo-conformance"));
        command.args(arguments).env("SSL_CERT_FILE", "/dev/null").env_remove("SSL_CERT_DIR").env("NO_COLOR", "1");
        let output = command.output().unwrap();
        let said = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
        assert!(said.contains("cases kept") || said.contains("case kept"), "{said}");
    }
}
