//! The reference connector in the API before FAPI: every case of it, and its settings on the command line.

use crate::suite::{program, text};

#[test]
fn the_reference_connector_keeps_every_case_of_the_api_before_fapi() {
    let output = program(&["--profile", "oidc", "--strict"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
    assert!(said.contains("24 of 24 cases kept"), "{said}");
}

#[test]
fn another_process_keeps_the_same() {
    let reference = format!("{} driver reference", env!("CARGO_BIN_EXE_myinfo-conformance"));
    let some = ["--profile", "oidc", "--only", "oidc.id-token.*", "--only", "oidc.authorise.*"];
    for way in ["--stdio", "--exec"] {
        let output = program(&[&[way, &reference], some.as_slice()].concat());
        let said = text(&output.stdout);
        assert!(said.contains("9 of 9 cases kept"), "{way}: {said}{}", text(&output.stderr));
    }
}

#[test]
fn no_server_of_the_api_before_fapi_is_judged_in_silence() {
    let output = program(&["server", "--profile", "oidc"]);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
}
