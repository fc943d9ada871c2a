//! A configuration that is read again: what is taken over, what stays, and what is said.

use crate::command_line::mock as run;
use crate::command_line::text;
use myinfo_mock_server::config::Config;
use myinfo_mock_server::{MockServer, Reload};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

fn client(id: &str, secret: &str) -> String {
    format!(
        "[[client]]\nid = \"{id}\"\nredirect_uris = [\"http://localhost/cb\"]\n[client.v3]\nsecret = \"{secret}\"\nflavour = \"sandbox\"\n"
    )
}

fn read(toml: &str) -> anyhow::Result<Config> {
    Config::from_toml(toml, Path::new(".")).map_err(|problems| {
        anyhow::anyhow!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

/// A server with a configuration, and what it answers.
struct Server {
    mock: MockServer,
    http: reqwest::Client,
}

impl Server {
    async fn new(toml: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mock = MockServer::builder().config(read(toml).unwrap()).address(([127, 0, 0, 1], 0).into());
        Self { mock: mock.start().await.unwrap(), http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}/_mock/{path}", self.mock.base_url())).send().await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    async fn ids(&self) -> Vec<String> {
        let clients = self.get("clients").await["clients"].as_array().unwrap().clone();
        clients.iter().map(|client| client["id"].as_str().unwrap().to_owned()).collect()
    }

    async fn put(&self, id: &str) {
        let body =
            json!({"redirect_uris": ["http://localhost/cb"], "v3": {"secret": "made by hand", "flavour": "sandbox"}});
        let url = format!("{}/_mock/clients/{id}", self.mock.base_url());
        assert_eq!(self.http.put(url).json(&body).send().await.unwrap().status(), 200);
    }
}

fn taken(lines: &[&str]) -> Reload {
    Reload::Taken(lines.iter().map(|line| (*line).to_owned()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_file_changed_changes_and_what_the_api_made_stays() {
    let server = Server::new(&format!("{}{}", client("ONE", "one"), client("TWO", "two"))).await;
    server.put("BY-HAND").await;
    server.put("ONE").await;
    assert_eq!(server.mock.reload(|| read(&format!("{}{}", client("ONE", "one"), client("TWO", "two")))), Reload::Same);
    let next =
        format!("\n# moved\n{}{}[v3]\nerror_fields = true\n", client("TWO", "another"), client("THREE", "three"));
    let lines = ["[v3] changed", "the client ONE is gone", "the client THREE is new", "the client TWO changed"];
    assert_eq!(server.mock.reload(|| read(&next)), taken(&lines));
    let ids = server.ids().await;
    let there = |id: &str| ids.iter().any(|known| known == id);
    assert!(there("TWO") && there("THREE") && there("BY-HAND") && !there("ONE"), "{ids:?}");
    let reloads = server.get("reloads").await;
    assert_eq!((&reloads["reloads"][0]["taken"], &reloads["reloads"][0]["says"]), (&json!(true), &json!(lines)));
    let page =
        server.http.get(format!("{}/_mock/", server.mock.base_url())).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("the client THREE is new"), "{page}");
    // a reset goes back to what was read last
    let reset = server.http.post(format!("{}/_mock/reset", server.mock.base_url())).send().await.unwrap();
    assert_eq!(reset.status(), 200);
    let ids = server.ids().await;
    assert!(ids.iter().any(|id| id == "THREE") && !ids.iter().any(|id| id == "BY-HAND"), "{ids:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_keeps_the_old_configuration_and_is_told_once() {
    let server = Server::new(&client("ONE", "one")).await;
    let bad = || server.mock.reload(|| read(&client("ONE", "one").replace("redirect_uris", "redirect_uri")));
    let Reload::Kept(why) = bad() else { panic!("it was taken") };
    assert!(why.contains("did you mean `redirect_uris`"), "{why}");
    assert!(matches!(bad(), Reload::Kept(_)));
    let Reload::Kept(why) = server.mock.reload(|| read("[server]\nauto_login = \"ANDI LAU\"\n")) else {
        panic!("it was taken")
    };
    assert!(why.contains("did you mean `ANDY LAU`"), "{why}");
    let reloads = server.get("reloads").await["reloads"].as_array().unwrap().clone();
    assert_eq!(reloads.len(), 2, "{reloads:#?}");
    assert!(reloads.iter().all(|reload| reload["taken"] == false), "{reloads:#?}");
    assert!(reloads[0]["says"].to_string().contains("did you mean"), "{reloads:#?}");
    assert!(server.ids().await.iter().any(|id| id == "ONE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_change_while_it_runs_is_said_and_stays() {
    let server = Server::new("").await;
    let next =
        "[server]\nhttp = \"127.0.0.1:1\"\nadmin_token = \"12345678\"\nclient_seconds = 7\nflavour = \"sandbox\"\n";
    let lines = ["[server] changed", "http, admin_token, client_seconds as before until a restart"];
    assert_eq!(server.mock.reload(|| read(next)), taken(&lines));
    let start = server.http.get(server.mock.base_url()).send().await.unwrap().text().await.unwrap();
    assert!(start.contains("sandbox"), "the flavour holds: {start}");
    assert_eq!(server.get("reloads").await["reloads"][0]["taken"], true, "without a token");
}

#[tokio::test(flavor = "multi_thread")]
async fn personas_are_read_again_and_so_are_files_that_the_configuration_names() {
    let folder = tempfile::tempdir().unwrap();
    let personas = folder.path().join("personas");
    fs::create_dir(&personas).unwrap();
    let persona = |name: &str| {
        let item =
            |value: &str| json!({"classification": "C", "source": "1", "lastupdated": "2026-01-01", "value": value});
        fs::write(personas.join("own.json"), json!({"uinfin": item("S6005048A"), "name": item(name)}).to_string())
            .unwrap();
    };
    let certificate = folder.path().join("cert.pem");
    fs::write(&certificate, myinfo_fixtures::keys::CLIENT_CERT_PEM).unwrap();
    let own = client("ONE", "one").replace("flavour = \"sandbox\"", "certificate = \"cert.pem\"");
    let toml = format!("[server]\npersonas = \"personas\"\n{own}");
    let read = || read_in(&toml, folder.path());
    persona("FIRST NAME");
    let mock = MockServer::builder().config(read().unwrap()).address(([127, 0, 0, 1], 0).into()).start().await.unwrap();
    assert_eq!(mock.read_from(), [certificate.clone(), personas.clone()]);
    persona("SECOND NAME");
    assert_eq!(mock.reload(read), taken(&["the persona S6005048A changed"]));
    fs::write(&certificate, myinfo_fixtures::keys::CLIENT_PUBLIC_KEY_PEM).unwrap();
    assert_eq!(mock.reload(read), taken(&["the client ONE changed"]));
    fs::remove_file(personas.join("own.json")).unwrap();
    assert_eq!(mock.reload(read), taken(&["the persona S6005048A changed"]), "the built-in one is back");
}

fn read_in(toml: &str, folder: &Path) -> anyhow::Result<Config> {
    Config::from_toml(toml, folder).map_err(|problems| anyhow::anyhow!("{problems:?}"))
}

#[test]
fn with_watch_a_file_that_is_saved_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mock.toml");
    fs::write(&file, client("ONE", "one")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_myinfo-mock"))
        .args(["--http", "127.0.0.1:0", "--watch", "--config", file.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let (line, lines) = channel();
    let told = BufReader::new(child.stderr.take().unwrap());
    std::thread::spawn(move || told.lines().map_while(Result::ok).try_for_each(|told| line.send(told)));
    let until = |wanted: &str| {
        while let Ok(told) = lines.recv_timeout(Duration::from_secs(60)) {
            if told.contains(wanted) {
                return;
            }
        }
        panic!("`{wanted}` was not told within a minute");
    };
    fs::write(&file, "[[client]]\nid = \"TWO\"\n").unwrap();
    until("cannot be used; the one before it stays");
    until("is missing");
    fs::write(&file, client("ONE", "one") + &client("TWO", "two")).unwrap();
    until("the configuration was read again");
    until("the client TWO is new");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn there_must_be_something_to_watch() {
    let refused = run(&["--http", "127.0.0.1:0", "--watch"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused.stderr).contains("--watch has nothing to watch: give --config FILE"),
        "{}",
        text(&refused.stderr)
    );
}
