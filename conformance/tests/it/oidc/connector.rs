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
fn the_mock_keeps_every_case_of_a_server_of_the_api_before_fapi() {
    let output = program(&["server", "--profile", "oidc", "--strict"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
    assert!(said.contains("28 of 28 cases kept"), "{said}");
}

#[test]
fn a_stranger_s_server_of_the_api_before_fapi_is_told_not_to_be_judged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("target.toml");
    std::fs::write(&file, "profile = 'oidc'\n").unwrap();
    let output = program(&["server", "http://127.0.0.1:1", "--target", file.to_str().unwrap()]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("no servers are judged but this project's mock"), "{said}");
}
