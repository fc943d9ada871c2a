//! The reference connector through the drivers that run it as another process, and the templates of drivers.

use crate::suite::{program, text};
use std::process::Command;

/// A few cases of each stage: all of them are judged through every driver by `.ci/run`.
const SOME: [&str; 6] = [
    "v3.authorise.redirect-uri-encoded",
    "v3.callback.opened-twice",
    "v3.token.signature",
    "v3.access-token.signature-changed",
    "v3.person.txnno-signed",
    "v3.data.names",
];

fn some() -> Vec<&'static str> {
    SOME.iter().flat_map(|case| ["--only", *case]).collect()
}

#[test]
fn the_reference_connector_keeps_the_same_cases_as_another_process() {
    let reference = format!("{} driver reference", env!("CARGO_BIN_EXE_myinfo-conformance"));
    let lint = program(&["driver", "lint", &reference]);
    assert_eq!(lint.status.code(), Some(0), "{}", text(&lint.stdout));
    for way in ["--stdio", "--exec"] {
        let output = program(&[&[way, &reference], some().as_slice()].concat());
        let said = text(&output.stdout);
        assert!(said.contains("6 of 6 cases kept"), "{way}: {said}{}", text(&output.stderr));
    }
}

#[test]
fn the_templates_of_languages_that_are_here_hold_the_conversation() {
    let mut tried = 0;
    for (language, interpreter) in
        [("python", "python3"), ("node", "node"), ("ruby", "ruby"), ("java", "java"), ("go", "go")]
    {
        if Command::new(interpreter).arg(if language == "go" { "version" } else { "--version" }).output().is_err() {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let written = program(&["driver", "init", language, folder.path().join("driver").to_str().unwrap()]);
        let said = text(&written.stdout);
        let run = said.split("driver lint '").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
        let lint = program(&["driver", "lint", run]);
        assert_eq!(lint.status.code(), Some(0), "{language}: {}{}", text(&lint.stdout), text(&lint.stderr));
        tried += 1;
    }
    assert!(tried > 0, "there is no interpreter on this machine");
}
