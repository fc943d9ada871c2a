//! What is said to people who describe their application in a file: of one that does not start, and of what they left in the file.

use crate::suite::{program, text};
use std::path::PathBuf;
use std::process::Output;

/// A file that describes an application, and the folder that it is in.
struct Described {
    _folder: tempfile::TempDir,
    file: PathBuf,
}

impl Described {
    /// An application that is started by a command; `more` are further lines of its file.
    fn started_by(start: &str, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.toml");
        let text = format!(
            r#"
name = "mine"
start = '''{start}'''
ready = "http://localhost:{{port}}/"
redirect_uri = "http://localhost:{{port}}/callback"
login = "http://localhost:{{port}}/login"
success = {{ text = "Welcome" }}
failure = {{ code = "error: ([a-z]+)" }}
{more}
"#
        );
        std::fs::write(&file, text).unwrap();
        Self { _folder: folder, file }
    }

    fn file(&self) -> &str {
        self.file.to_str().unwrap()
    }
}

/// What a program says on both of its streams, on one line.
fn said(output: &Output) -> String {
    let both = text(&output.stdout) + &text(&output.stderr);
    both.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_start_command_that_fails_is_told_with_what_it_did_and_what_to_do() {
    for (start, did, to_do) in [
        ("no-such-program-of-mine --port {port}", "it ended with exit status: 127 before", "found no such program"),
        ("true", "it ended with exit status: 0 before", "has to stay in the foreground"),
        ("echo no database for S9000001H >&2; exit 7", "no database for *****001H", "Run the command by hand"),
        ("sleep 60", "within 1 s it did not come up at http://localhost:", "`start_seconds`"),
    ] {
        // who ends at once has time to do so, and who does not is not waited for
        let seconds = if start.starts_with("sleep") { 1 } else { 10 };
        let app = Described::started_by(start, &format!("start_seconds = {seconds}"));
        let output = program(&["app", "lint", "--try", app.file()]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(3), "{start}: {said}");
        assert!(said.contains("WRONG the application does not start cause `start` is `"), "{start}: {said}");
        for part in [start.split(" S9").next().unwrap(), did, "a status of 2xx", to_do] {
            assert!(said.contains(part), "{start}: {part} is missing: {said}");
        }
        assert!(!said.contains("configuration that is right") && !said.contains("the driver"), "{start}: {said}");
        assert!(!said.contains("S9000001H"), "{start}: {said}");
    }
}

#[test]
fn a_run_speaks_of_the_application_and_of_its_file() {
    let app = Described::started_by("false", "profiles = [\"fapi\"]");
    let output = program(&["--app", app.file(), "--only", "v3.callback.*"]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains(
        "the application says that it speaks fapi, and the chosen cases are of v3: `profiles` in its target file"
    ));
    assert!(!told.contains("driver"), "{told}");
    let app = Described::started_by("false", "");
    let output = program(&["--app", app.file(), "--only", "v3.token.sandbox", "--only", "V3-CB-01"]);
    let told = said(&output);
    let skipped = "why the application does not claim `sandbox`: `capabilities` in its target file has what it can";
    assert!(told.contains(skipped) && !told.contains("driver"), "{told}");
    assert!(told.contains("cause `start` is `false`; it ended with exit status: 1 before"), "{told}");
}

#[test]
fn a_file_as_it_was_begun_is_told_place_by_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.toml");
    let shown = file.to_str().unwrap();
    program(&["app", "init", shown]);
    let begun = std::fs::read_to_string(&file).unwrap();
    let judged = || program(&["app", "lint", shown]);
    let untouched = judged();
    assert_eq!(untouched.status.code(), Some(2), "{}", said(&untouched));
    let row = begun.lines().position(|row| row.starts_with("start =")).unwrap() + 1;
    let said_of_it = said(&untouched);
    assert!(
        said_of_it.contains(&format!("WRONG {shown}:{row} `start` is as `app init` wrote it: the command that")),
        "{said_of_it}"
    );
    assert!(
        said_of_it.contains("`redirect_uri` is as `app init` wrote it: your application's callback"),
        "{said_of_it}"
    );
    assert_eq!(said_of_it.matches("is as `app init` wrote it").count(), begun.matches("# <-").count(), "{said_of_it}");
    let run = program(&["--app", shown]);
    assert_eq!(run.status.code(), Some(2), "{}", said(&run));
    assert!(said(&run).contains(&format!("line {row}: `start` is as `app init` wrote it")), "{}", said(&run));
    std::fs::write(&file, begun.replace("PORT={port} npm start", "./serve --port {port}")).unwrap();
    let started = judged();
    assert_eq!(started.status.code(), Some(0), "what is left may be right: {}", said(&started));
    assert!(!said(&started).contains("`start`") && said(&started).contains("odd"), "{}", said(&started));
}

#[test]
fn an_application_that_never_starts_is_not_started_again_for_every_case() {
    let folder = tempfile::tempdir().unwrap();
    let starts = folder.path().join("starts");
    let app = Described::started_by(&format!("echo x >> {}; exit 1", starts.display()), "");
    let report = folder.path().join("report.json");
    let to = format!("json={}", report.display());
    let output = program(&["--app", app.file(), "-j", "1", "--only", "v3.callback.*", "--report", &to]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(3), "{told}");
    let report = std::fs::read_to_string(&report).unwrap();
    let untried = "the application did not start 3 times, one behind the other: it is not started again";
    assert_eq!(report.matches(untried).count(), 10, "{report}");
    // once for the usual flow, and for two cases
    assert_eq!(std::fs::read_to_string(&starts).unwrap().lines().count(), 3, "{told}");
}

#[test]
fn a_login_that_leads_nowhere_is_told_with_what_to_do() {
    let app = Described::started_by("cd {dir} && exec python3 -m http.server --bind localhost {port}", "");
    let output = program(&["app", "lint", "--try", app.file()]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("it starts, and a login in which nothing is wrong fails"), "{said}");
    assert!(said.contains("to do Go the way of a browser by hand: `login` has to lead to Myinfo"), "{said}");
}
