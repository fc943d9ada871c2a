//! Damaged keys on the command line: recognised, and never shown.

use crate::{connector, text};
use myinfo_fixtures::damage::{Damage, shown_in};
use myinfo_fixtures::keys;
use std::fs;
use std::process::Command;

#[test]
fn no_option_shows_a_key_however_it_was_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let given = folder.path().join("given");
    let given = given.to_str().unwrap();
    for key in [keys::CLIENT_KEY_PEM, keys::CLIENT_CERT_PEM, keys::ec::CLIENT_PEMS[0].sec1] {
        for damage in Damage::ALL {
            let content = damage.done_to(key, 400);
            fs::write(given, &content).unwrap();
            let pasted = String::from_utf8_lossy(&content).replace('\0', "");
            for option in ["--private-key", "--myinfo-certificate", "--ca", "--base-url", "--redirect-url"] {
                for value in [given, &pasted] {
                    let output = connector(&["login-url", option, value]);
                    let says = format!("{}{}", text(&output.stdout), text(&output.stderr));
                    assert_eq!(shown_in(&says, key), None, "{damage:?} {option} {value}: {says}");
                }
            }
        }
    }
}

#[test]
fn a_key_in_place_of_a_file_s_name_is_told_in_one_sentence() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_myinfo-connector"));
    let output = command.arg("login-url").env("MYINFO_PRIVATE_KEY", keys::CLIENT_KEY_PEM).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let says = text(&output.stderr);
    assert!(says.starts_with("myinfo-connector: the variable MYINFO_PRIVATE_KEY holds the text of a key: "), "{says}");
}

#[test]
fn what_was_read_past_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let given = folder.path().join("given");
    fs::write(&given, Damage::Escaped.done_to(keys::CLIENT_KEY_PEM, 0)).unwrap();
    let output = connector(&["login-url", "--private-key", given.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("note on a key: its line breaks are written as `\\n`"));
}
