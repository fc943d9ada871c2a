//! A run that is stopped from outside leaves neither the application that it started nor the folder with its keys.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// An application that does not come up, with a child of its own. It says where its folder is through one pipe; another one
/// is open for as long as a process of it lives, and hears of it when nobody ended it.
const TARGET: &str = r#"
name = "slow"
start = "exec 9> '{out}/alive'; echo '{dir}' > '{out}/told'; (sleep 30; echo left >&9) & wait"
ready = "http://localhost:{port}/"
start_seconds = 60
redirect_uri = "http://localhost:{port}/callback"
login = "http://localhost:{port}/login"
key_formats = ["pkcs8"]
success = { text = "x" }
failure = { code = "(x)" }

[files]
"key.pem" = "{private_key}"
"#;

/// A run that waits for its application: the run, the pipe that its application holds, and the folder with the keys.
fn waiting(out: &Path) -> (Child, File, PathBuf) {
    let shown = out.to_str().unwrap();
    for name in ["alive", "told"] {
        assert!(Command::new("mkfifo").arg(out.join(name)).status().unwrap().success());
    }
    fs::write(out.join("target.toml"), TARGET.replace("{out}", shown)).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_myinfo-conformance"))
        .args(["--app", out.join("target.toml").to_str().unwrap(), "--only", "V3-CB-01", "-j", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // both wait for the application to open the other end
    let alive = File::open(out.join("alive")).unwrap();
    let folder = fs::read_to_string(out.join("told")).unwrap();
    (run, alive, PathBuf::from(folder.trim()))
}

#[test]
fn every_signal_that_ends_a_run_ends_its_application_and_takes_its_keys_away() {
    for (signal, number) in [("HUP", 1), ("INT", 2), ("QUIT", 3), ("TERM", 15)] {
        let out = tempfile::tempdir().unwrap();
        let (mut run, mut alive, folder) = waiting(out.path());
        let key = fs::read_to_string(folder.join("key.pem")).unwrap();
        assert!(key.contains("PRIVATE KEY"), "there is something to take away");
        let sent = Command::new("kill").args(["-s", signal, &run.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(run.wait().unwrap().code(), Some(128 + number), "SIG{signal}");
        let mut heard = String::new();
        alive.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "", "SIG{signal}: a process of the application lived on");
        assert!(!folder.exists(), "SIG{signal}: {} is there with its keys", folder.display());
    }
}
