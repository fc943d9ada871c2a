//! The reference connector through the drivers that run it as another process, and the templates of drivers.

use crate::suite::{program, text};
use myinfo_fixtures::keys::CLIENT_KEY_PEM;
use std::io::Write;
use std::path::Path;
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

/// The templates that are tried here, and what runs them. That in Rust has to be built: `.ci/run` does it.
const TEMPLATES: [(&str, &str); 5] =
    [("python", "python3"), ("node", "node"), ("ruby", "ruby"), ("java", "java"), ("go", "go")];

#[test]
fn the_templates_of_languages_that_are_here_hold_the_conversation() {
    let is_here = |interpreter: &str| {
        Command::new(interpreter).arg(if interpreter == "go" { "version" } else { "--version" }).output().is_ok()
    };
    // where a machine is there for testing, it says what it must be able to try
    let demanded = std::env::var("MYINFO_TEMPLATES").unwrap_or_else(|_| "python,node".to_owned());
    for (language, interpreter) in TEMPLATES {
        if !is_here(interpreter) {
            assert!(!demanded.split(',').any(|name| name == language), "there is no {interpreter} on this machine");
            // past the capture of the test: what is not tried is to be seen
            let _ = writeln!(std::io::stderr(), "NOT TRIED: the template in {language}, as there is no {interpreter}");
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let written = program(&["driver", "init", language, folder.path().join("driver").to_str().unwrap()]);
        let said = text(&written.stdout);
        let run = said.split("driver lint '").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
        let lint = program(&["driver", "lint", run]);
        assert_eq!(lint.status.code(), Some(0), "{language}: {}{}", text(&lint.stdout), text(&lint.stderr));
        // of the others there is nothing that it could begin with by itself
        for (before, profile) in [("v3", "fapi"), ("fapi", "oidc")] {
            speak(&folder.path().join("driver"), before, profile);
            let said = text(&program(&["driver", "lint", run]).stdout);
            let waits = said.contains("ok    configure") && said.contains("begins no login: not connected yet");
            assert!(waits, "{language}, {profile}: {said}");
        }
    }
}

/// Lets a template say that it speaks another profile.
fn speak(folder: &Path, before: &str, profile: &str) {
    for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|file| file.is_file()) {
        let text = std::fs::read_to_string(&file).unwrap();
        let spoken = ["[\"v3\"]", "['v3']", "{\"v3\"}", "of(\"v3\")", "w[v3]"];
        let changed = spoken
            .iter()
            .fold(text, |text, said| text.replace(&said.replace("v3", before), &said.replace("v3", profile)));
        std::fs::write(&file, changed).unwrap();
    }
}

/// A driver in the shell with an answer to each message; `$id` is the message's.
fn answering(answers: &[(&str, &str)]) -> String {
    let arms: Vec<String> =
        answers.iter().map(|(message, answer)| format!("*\\\"{message}\\\"*) {answer};; ")).collect();
    let arms = arms.concat();
    format!(
        r#"sh -c 'while read -r line; do id=${{line#*\"id\":}}; id=${{id%%[,\}}]*}}; case "$line" in {arms} esac; done'"#
    )
}

#[test]
fn lint_shows_no_key_that_was_given_for_a_command() {
    let body: String = CLIENT_KEY_PEM.lines().filter(|line| !line.starts_with('-')).collect();
    let said = lint_of(&body);
    assert!(!said.contains(&body[..16]) && said.contains("not shown: it looks like key material"), "{said}");
}

/// What lint says of a driver, on one line.
fn lint_of(driver: &str) -> String {
    let lint = program(&["driver", "lint", driver, "--answer-seconds", "30"]);
    assert_eq!(lint.status.code(), Some(3), "{}{}", text(&lint.stdout), text(&lint.stderr));
    text(&lint.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
}

const HELLO: &str = r#"echo "@mdp {\"id\":$id,\"version\":1,\"name\":\"odd\",\"key_formats\":[\"p12\"]}""#;

#[test]
fn lint_hands_over_a_key_in_the_first_format_that_the_driver_reads() {
    let is_p12 = r#"case "$line" in *\"format\":\"p12\"*) echo "@mdp {\"id\":$id,\"result\":\"ok\"}";; *) echo "@mdp {\"id\":$id,\"result\":\"config_error\",\"message\":\"no p12\"}";; esac"#;
    let start = r#"echo "@mdp {\"id\":$id,\"result\":\"error\",\"message\":\"that is all\"}""#;
    let said = lint_of(&answering(&[("hello", HELLO), ("configure", is_p12), ("start", start)]));
    assert!(said.starts_with("ok hello ok configure, with a member that it does not know WRONG start"), "{said}");
}

#[test]
fn an_answer_without_its_prefix_is_told_with_the_line_that_came_and_without_keys() {
    let key = CLIENT_KEY_PEM.lines().nth(5).unwrap();
    let with_key = format!(r#"echo "{{\"id\":$id,\"key\":\"{key}\"}}""#);
    for (line, shown) in [
        (r#"echo "{\"id\":$id,\"result\":\"ok\"}""#, r#"it wrote: {"id":2,"result":"ok"}"#),
        (r#"echo "answer: @mdp {\"id\":$id}""#, r#"it wrote: answer: @mdp {"id":2}"#),
        (&with_key, "looks like key material"),
    ] {
        let said = lint_of(&answering(&[("hello", HELLO), ("configure", line)]));
        assert!(said.contains("an answer begins with `@mdp `") && said.contains(shown), "{said}");
        assert!(!said.contains(&key[..16]), "{said}");
    }
}

#[test]
fn a_driver_may_log_what_it_is_about_to_answer() {
    let logged = r#"echo "{\"id\":$id,\"result\":\"error\"}"; echo "@mdp {\"id\":$id,\"result\":\"ok\"}""#;
    let start = r#"echo "@mdp {\"id\":$id,\"result\":\"error\",\"message\":\"that is all\"}""#;
    let said = lint_of(&answering(&[("hello", HELLO), ("configure", logged), ("start", start)]));
    assert!(said.contains("ok configure") && said.contains("that is all"), "{said}");
}

#[test]
fn a_driver_that_writes_without_a_lines_end_is_told_how_much_that_was() {
    let flood = r"head -c 70000 /dev/zero | tr '\0' x; sleep 60";
    let driver = answering(&[("hello", HELLO), ("configure", &flood.replace('\'', r"'\''"))]);
    let lint = program(&["driver", "lint", &driver, "--answer-seconds", "3"]);
    let said = text(&lint.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "the driver did not answer `configure` within 3 seconds; it wrote 70000 bytes without a line's end";
    assert!(said.contains(told), "{said}");
}
