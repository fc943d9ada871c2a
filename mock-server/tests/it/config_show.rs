//! `config show` as a file: a server started with it is the same server.

use crate::command_line::{mock, text};
use crate::process::Mock;
use myinfo_fixtures::keys;
use std::fs;
use std::process::Command;

const CLIENT: &str = r#"
[server]
public_urls = ["https://test.api.myinfo.gov.sg"]

[v3]
skew_seconds = 17

[[client]]
id = "MY-APP"
name = "Mine \u001b[31m"
redirect_uris = ["http://localhost:8080/callback"]
[client.v3]
secret = "a-secret-of-mine"
certificate = "cert.pem"
"#;

/// A folder with the file and what it names, and the file's name.
fn written() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cert.pem"), keys::CLIENT_CERT_PEM).unwrap();
    let file = folder.path().join("mock.toml");
    fs::write(&file, CLIENT).unwrap();
    (folder, file.to_str().unwrap().to_owned())
}

#[test]
fn a_server_started_with_what_is_shown_has_the_same_clients_and_settings() {
    let (_folder, file) = written();
    let options = ["--config", &file, "--redirect-uri", "http://localhost:9/cb", "--flavour", "sandbox", "--explain"];
    let shown = mock(&[&["config", "show", "--show-secrets"], &options[..]].concat());
    assert_eq!(shown.status.code(), Some(0), "{}", text(&shown.stderr));
    let shown = text(&shown.stdout);
    let saved = Mock::start(&[], &shown);
    let given = Mock::start(&options[2..], &CLIENT.replace("cert.pem", &file.replace("mock.toml", "cert.pem")));
    let body = |mock: &Mock, path: &str| mock.get(path).split_once("\r\n\r\n").unwrap().1.to_owned();
    for path in ["/_mock/clients", "/_mock/personas", "/_mock/keys"] {
        assert_eq!(body(&saved, path), body(&given, path), "{path}: {shown}");
    }
    assert!(body(&saved, "/_mock/clients").contains("http://localhost:9/cb"));
    let explained = saved.get("/com/v3/person-sample/S6005048A");
    assert!(explained.to_lowercase().contains("x-myinfo-mock-explain: "), "{explained}");
}

#[test]
fn a_file_is_missed_what_is_left_out_of_it_by_name() {
    let (folder, file) = written();
    let shown = text(&mock(&["config", "show", "--config", &file]).stdout);
    assert!(!shown.contains("a-secret-of-mine"), "{shown}");
    let saved = folder.path().join("saved.toml");
    fs::write(&saved, &shown).unwrap();
    let checked = mock(&["config", "check", saved.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(1));
    let says = text(&checked.stdout);
    assert!(says.contains("`client[0].v3.secret`: is missing") && says.lines().count() == 2, "{says}");
}

#[test]
fn a_saved_file_starts_no_server_whose_admin_api_is_open_where_a_token_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, content: &str| {
        let file = folder.path().join(name);
        fs::write(&file, content).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let file = written("mock.toml", "[server]\nadmin_token = \"a-token-of-mine\"\n");
    let shown = text(&mock(&["config", "show", "--config", &file]).stdout);
    let saved = written("saved.toml", &shown);
    let line = 1 + shown.lines().position(|line| line.starts_with("admin_token")).unwrap();
    let missing = format!("{saved}:{line}: `server.admin_token` is left out: write it in, give --admin-token or");
    let started = mock(&["serve", "--http", "127.0.0.1:0", "--config", &saved]);
    assert!(started.status.code() == Some(2) && started.stdout.is_empty(), "{started:?}");
    assert!(text(&started.stderr).contains(&missing), "{}", text(&started.stderr));
    let checked = mock(&["config", "check", &saved]);
    assert!(checked.status.code() == Some(1) && text(&checked.stdout).contains(&missing), "{checked:?}");
    let given = Mock::start(&["--admin-token", "another-token"], &shown);
    assert!(given.get("/_mock/clients").starts_with("HTTP/1.1 401"));
    let whole = text(&mock(&["config", "show", "--show-secrets", "--config", &file]).stdout);
    let started = Mock::start(&[], &whole);
    assert!(started.get("/_mock/clients").starts_with("HTTP/1.1 401"), "{whole}");
    let answer = started.send("GET /_mock/clients", "Authorization: Bearer a-token-of-mine\r\n", "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn options_and_variables_are_told_apart() {
    let (_folder, file) = written();
    let output = Command::new(env!("CARGO_BIN_EXE_myinfo-mock"))
        .args(["config", "show", "--http", "0.0.0.0:80", "--public-url", "http://a,http://b"])
        .env("MYINFO_MOCK_CONFIG", &file)
        .env("MYINFO_MOCK_ALLOW_REMOTE", "true")
        .env("MYINFO_MOCK_ADMIN_TOKEN", "a-token-of-mine")
        .env("MYINFO_MOCK_AUTO_LOGIN", "S6005048A")
        .output()
        .unwrap();
    let shown = text(&output.stdout);
    let line = |begin: &str| shown.lines().find(|line| line.starts_with(begin)).unwrap_or_default();
    for (begin, end) in [
        ("http = \"0.0.0.0:80\"", "# --http"),
        ("auto_login = \"S6005048A\"", "# MYINFO_MOCK_AUTO_LOGIN"),
        ("#   --allow-remote", "# MYINFO_MOCK_ALLOW_REMOTE"),
        ("# admin_token: left out", ""),
        ("flavour = \"test\"", "# default"),
    ] {
        assert!(line(begin).ends_with(end) && !line(begin).is_empty(), "{begin}: {shown}{}", text(&output.stderr));
    }
    assert!(
        shown.contains(&format!("{file}:3, --public-url")) && shown.contains("# MYINFO_MOCK_ADMIN_TOKEN"),
        "{shown}"
    );
    assert!(
        shown.contains(&format!("# {file}:6\nskew_seconds = 17")) || shown.contains(&format!("{file}:6")),
        "{shown}"
    );
    assert!(!shown.contains("a-token-of-mine") && !shown.contains('\u{1b}'), "{shown}");
}

#[test]
fn config_show_sends_no_control_characters_to_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mock.toml");
    let name = r"\u001b[31mred\u001b]0;title\u0007\nclient B";
    let key = keys::CLIENT_CERT_PEM.replace('\n', "\\n");
    let client = format!(
        "[[client]]\nid = \"A\"\nname = \"{name}\"\nredirect_uris = [\"http://localhost/\"]\n\
         [client.v3]\nsecret = \"s\"\nattributes = [\"name\"]\ncertificate = \"{key}\"\n"
    );
    fs::write(&file, client).unwrap();
    let output = mock(&["config", "show", "--config", file.to_str().unwrap()]);
    let shown = text(&output.stdout);
    let expected = r"\u001B[31mred\u001B]0;title\u0007\nclient B";
    assert!(shown.contains(expected), "{shown} {}", text(&output.stderr));
    assert!(shown.chars().all(|character| character == '\n' || !character.is_control()));
}

#[test]
fn config_show_tells_everything_but_secrets() {
    let shown = text(&mock(&["config", "show"]).stdout);
    assert!(shown.contains("#   STG2-MYINFO-SELF-TEST ") && shown.contains("skew_seconds = 300"), "{shown}");
    for secret in ["44d953c796cccebcec9bdc826852857ab412fbe2", "testbed-client-secret", "PRIVATE"] {
        assert!(!shown.contains(secret));
    }
}
