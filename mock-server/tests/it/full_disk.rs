//! A disk that fills up while the mock writes its state: nothing half is left, and the next start has what it needs.

use crate::command_line::text;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

/// Starts a server whose files may have so many blocks of 512 bytes; whether it came up, and what it wrote on its console.
fn started(state: &Path, blocks: u32) -> (bool, String) {
    // who ignores the signal gets an error from `write`, as from a disk that is full
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let mut child = Command::new("sh")
        .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_myinfo-mock")])
        .args(["serve", "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--state-dir", state.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 5];
    let up = child.stdout.take().unwrap().read_exact(&mut first).is_ok();
    let _ = child.kill();
    let mut says = String::new();
    child.stderr.take().unwrap().read_to_string(&mut says).unwrap();
    let status = child.wait().unwrap();
    assert!(up || status.code() == Some(2), "{status}: {says}");
    (up && first == *b"ready", says)
}

fn names(state: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(state).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_disk_that_is_full_at_any_place_leaves_nothing_half() {
    let mut outcomes = Vec::new();
    for blocks in 0..8 {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let (up, says) = started(&state, blocks);
        outcomes.push(up);
        let left = names(&state);
        assert!(left.iter().all(|name| !name.starts_with('.')), "{blocks} blocks: {left:?}");
        if !up {
            assert!(says.contains("cannot be written") && says.contains("state"), "{blocks} blocks: {says}");
            for name in left {
                let content = fs::read_to_string(state.join(&name)).unwrap();
                let ends = content.ends_with("-----END CERTIFICATE-----\n") || content.ends_with("KEY-----\n");
                assert!(ends, "{blocks} blocks: {name} is half: {content}");
            }
        }
        let (up, says) = started(&state, 1_000_000);
        assert!(up, "after {blocks} blocks: {says}");
        assert_eq!(names(&state), ["ca-key.pem", "ca.pem", "leaf-key.pem", "leaf.pem"]);
    }
    assert_eq!((outcomes.first(), outcomes.last()), (Some(&false), Some(&true)), "{outcomes:?}");
}

#[test]
fn a_disk_that_is_full_between_key_and_certificate_is_no_end_of_either() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    assert!(started(&state, 1_000_000).0);
    let authority = fs::read_to_string(state.join("ca-key.pem")).unwrap();
    for name in ["leaf-key.pem", "leaf.pem"] {
        fs::remove_file(state.join(name)).unwrap();
    }
    // the key has place, the certificate has not
    let (up, says) = started(&state, 1);
    assert!(!up && says.contains("leaf.pem cannot be written"), "{says}");
    assert_eq!(names(&state), ["ca-key.pem", "ca.pem", "leaf-key.pem"]);
    let (up, says) = started(&state, 1_000_000);
    assert!(up, "{says}");
    assert_eq!(fs::read_to_string(state.join("ca-key.pem")).unwrap(), authority);
}

#[test]
fn an_output_that_is_full_is_one_sentence() {
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else {
        let system = std::env::consts::OS;
        return assert_ne!(system, "linux", "there is no /dev/full");
    };
    let output = Command::new(env!("CARGO_BIN_EXE_myinfo-mock")).args(["faults"]).stdout(full).output().unwrap();
    let says = text(&output.stderr);
    assert_eq!((output.status.code(), says.lines().count()), (Some(2), 1), "{says}");
    assert!(says.starts_with("myinfo-mock: standard output: "), "{says}");
}
