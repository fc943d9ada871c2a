//! Where the usual flow fails, its cause is said once, on top of reports and at the end in the terminal, and the cases that wait are short.

use crate::suite::{program, text};
use serde_json::Value;
use std::path::Path;

/// The reference connector behind a filter of its messages: it is given another setup than the suite gave.
fn misconfigured(filter: &str) -> String {
    format!("sed -u '{filter}' | {} driver reference", env!("CARGO_BIN_EXE_myinfo-conformance"))
}

/// A text with its line breaks and indentation taken out.
fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a run says in the terminal; it must show nothing, and say so.
fn said(arguments: &[&str]) -> String {
    let output = program(arguments);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{said}{}", text(&output.stderr));
    said
}

#[test]
fn the_servers_cause_is_said_once_on_top_of_every_report_and_at_the_end_in_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let reports = ["json", "junit", "html", "markdown"].map(|format| format!("{format}={}", path(format)));
    let driver = misconfigured("s/testbed-client-secret/another-secret/");
    let mut arguments = vec!["--stdio", &driver, "--only", "v3.callback.*", "--only", "v3.authorise.parameters"];
    for report in &reports {
        arguments.extend(["--report", report]);
    }
    let said = said(&arguments);
    let title = "\n\nThe usual flow fails: mend this first; 12 cases wait for it\n      cause     ";
    let (cases, head) = said.split_once(title).unwrap_or_else(|| panic!("{said}"));
    let (_, cases) = cases.split_once("\n\n").unwrap();
    assert!(joined(head).starts_with("the token request (POST /com/v3/token): "), "{said}");
    assert!(
        head.contains("client_secret") && head.contains("\n      to do ") && head.contains("\n      seen "),
        "{said}"
    );
    assert_eq!(cases.matches("\n????  v3.callback.").count() + usize::from(cases.starts_with("????")), 12, "{said}");
    assert!(cases.contains("pass  v3.authorise.parameters"), "who needs no login is judged all the same: {said}");
    assert!(!cases.contains("cause"), "the cause stands at the end alone: {said}");
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    let quiet = self::said(&["--quiet", "--stdio", &driver, "--only", "v3.callback.*"]);
    assert!(!quiet.contains("????") && quiet.contains(" inconclusive\n"), "{quiet}");
    assert!(quiet.contains(" wait for it\n      cause     the token request"), "{quiet}");
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    let whole: Value = serde_json::from_str(&read("json")).unwrap();
    assert_eq!(whole["summary"]["inconclusive"], 12);
    assert!(whole["mend_first"]["cause"].as_str().unwrap().contains("client_secret"), "{}", whole["mend_first"]);
    let junit = read("junit");
    assert_eq!(junit.matches("<error message=\"waits for the usual flow, which fails\"/>").count(), 12, "{junit}");
    assert_eq!(junit.matches("<property name=\"the usual flow fails: mend this first; 12 cases").count(), 1, "{junit}");
    for format in ["html", "markdown"] {
        assert_eq!(read(format).matches("mend this first; 12 cases wait for it").count(), 1, "{format}");
    }
}

#[test]
fn on_the_page_documents_are_marked_and_the_options_of_a_command_stay_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    let filter = r#"s/"name":"[^"]*"/"name":"serve --profile <b>"/;s/"outcome":"accepted"/"outcome":"rejected"/"#;
    let driver = format!("{} driver reference | sed -u '{filter}'", env!("CARGO_BIN_EXE_myinfo-conformance"));
    said(&["--stdio", &driver, "--only", "V3-CB-01", "--report", &format!("html={}", file.display())]);
    let page = std::fs::read_to_string(file).unwrap();
    assert!(page.contains("<h1>serve <span class=\"whole\">--profile</span> &lt;b&gt; "), "{page}");
    assert!(page.contains(" at <code>docs/driver-protocol.md</code> for what is expected"), "{page}");
}

#[test]
fn a_connector_without_a_flaw_has_nothing_on_top_of_its_reports() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("json");
    let output = program(&["--only", "V3-CB-01", "--report", &format!("json={}", report.display())]);
    assert_eq!(output.status.code(), Some(0));
    assert!(!text(&output.stdout).contains("mend this first"));
    let whole: Value = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    assert_eq!(whole["mend_first"], Value::Null);
}

#[test]
fn a_redirect_uri_that_is_not_registered_is_told_in_the_servers_words() {
    let driver = misconfigured("s#localhost:3001/callback#localhost:3001/elsewhere#");
    let said = joined(&said(&["--stdio", &driver, "--only", "V3-CB-01"]));
    assert!(said.contains("mend this first; 1 case waits for it cause"), "{said}");
    let cause = said.split("cause").nth(1).and_then(|rest| rest.split("seen").next()).unwrap();
    assert!(cause.contains("redirect_uri") && cause.contains("registered"), "{said}");
}

/// What a run of one case says of an application that a target file describes.
fn said_of_app(folder: &Path, target: &str) -> String {
    let file = folder.join("target.toml");
    std::fs::write(&file, target).unwrap();
    joined(&said(&["--app", file.to_str().unwrap(), "--only", "V3-CB-01", "-j", "1"]))
}

#[test]
fn an_application_that_does_not_start_shows_its_last_twenty_lines_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let said = said_of_app(
        folder.path(),
        r#"
name = "broken"
start = "for line in $(seq 30); do echo \"line $line ends here\"; done; echo \"the secret is {client_secret}\"; exit 3"
ready = "http://localhost:{port}/"
redirect_uri = "http://localhost:{port}/callback"
login = "http://localhost:{port}/login"
success = { text = "x" }
failure = { code = "(x)" }
"#,
    );
    assert!(said.contains("it ended with exit status: 3"), "{said}");
    assert!(said.contains("line 30 ends here") && !said.contains("line 5 ends here"), "{said}");
    assert!(said.contains("the secret is [secret]") && !said.contains("testbed-client-secret"), "{said}");
}

/// A target file for an application that takes the address of a login from its environment.
fn target_of(app: &str, more: &str) -> String {
    format!(
        r#"
name = "greeting"
start = "python3 {{dir}}/app.py {{port}}"
ready = "http://localhost:{{port}}/"
redirect_uri = "http://localhost:{{port}}/callback"
login = "http://localhost:{{port}}/login"
failure = {{ code = "error: ([a-z]+)" }}
{more}

[env]
LOGIN = "{{authorise_url}}?client_id={{client_id}}&attributes=name&purpose=test&state=s&redirect_uri={{redirect_uri}}"

[files]
"app.py" = '''{app}'''
"#
    )
}

/// An application that sends the browser to the login, and greets whoever comes back with a page that has a form.
const GREETING: &str = r#"
import os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        login = self.path.startswith("/login")
        self.send_response(302 if login else 200)
        if login:
            self.send_header("Location", os.environ["LOGIN"])
        self.end_headers()
        self.wfile.write(b"<title>Welcome</title><form method=post action=/next?a=b><input name=reason value=x></form>")

HTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
"#;

#[test]
fn a_success_pattern_that_does_not_fit_is_named_with_what_is_on_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let said = said_of_app(folder.path(), &target_of(GREETING, r#"success = { text = "Goodbye" }"#));
    let named = "the target file's `success.text` does not fit the page /callback, nor does `failure.code`: title `Welcome`; form POST /next with reason";
    assert!(said.contains(named), "{said}");
}

#[test]
fn a_pointer_to_the_person_that_leads_to_nothing_is_the_target_files_mistake_and_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let page = GREETING.replace("<title>Welcome</title>", r#"{\"data\": \"Welcome\"}"#);
    let page = page.split("<form").next().unwrap().to_owned() + "\")\n" + GREETING.split("</form>\")").nth(1).unwrap();
    let more = "capabilities = [\"person\"]\nsuccess = { text = \"Welcome\", person = \"/person\" }";
    let said = said_of_app(folder.path(), &target_of(&page, more));
    let cause = "cause `success.person` in the target file is `/person`, and leads to nothing on the page /callback of a login that went well: the page has data";
    assert!(said.contains(cause), "{said}");
    assert!(said.contains("to do Write into `success.person` where the person stands"), "{said}");
    assert!(said.contains("1 inconclusive") && !said.contains("FAIL"), "{said}");
}

#[test]
fn an_application_that_ends_in_its_callback_is_told_with_its_end_its_last_words_and_what_fits() {
    let folder = tempfile::tempdir().unwrap();
    let ends = "if self.path.startswith('/callback'):\n            print('no such table', file=sys.stderr, flush=True)\n            os._exit(3)\n        ";
    let app = GREETING.replace("login = self.path", &format!("{ends}login = self.path"));
    let said = said_of_app(folder.path(), &target_of(&app, r#"success = { text = "Welcome" }"#));
    let cause = "it ended with exit status: 3 while it was asked for GET /callback: no such table";
    assert!(said.contains(cause), "{said}");
    assert!(
        said.contains(
            "to do Look at its log for why: the login came back from Myinfo, and the callback must be answered"
        ),
        "{said}"
    );
    assert!(!said.contains("error sending request") && !said.contains("?code="), "{said}");
}
