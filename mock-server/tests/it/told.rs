//! What the console tells by itself: a login that succeeded, in one line, and where a browser finds the mock.

use crate::command_line::{mock, text};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

/// A login at the sandbox, from authorise to person, by a mock with these flags: what it told.
async fn told(flags: &[&str], persona: &str) -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut child = Command::new(env!("CARGO_BIN_EXE_myinfo-mock"))
        .args(["--http", "127.0.0.1:0", "--flavour", "sandbox"])
        .args(flags)
        .env_remove("MYINFO_MOCK_LOG")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let base = format!("{}/com/v3", ready.trim().strip_prefix("ready ").unwrap());
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let url = format!(
        "{base}/authorise?client_id=TESTBED-CLIENT&attributes=name&purpose=p&state=s&redirect_uri=http://localhost:3001/callback"
    );
    let answer = http.get(url).header("X-Myinfo-Mock-Persona", persona).send().await.unwrap();
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    if let Some((_, code)) = location.split_once("code=") {
        let code = code.split('&').next().unwrap();
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri=http%3A%2F%2Flocalhost%3A3001%2Fcallback&client_id=TESTBED-CLIENT&client_secret=testbed-client-secret"
        );
        let request = http.post(format!("{base}/token")).header("content-type", "application/x-www-form-urlencoded");
        let token: Value =
            serde_json::from_str(&request.body(form).send().await.unwrap().text().await.unwrap()).unwrap();
        let token = token["access_token"].as_str().unwrap();
        let payload = openssl::base64::decode_block(&padded(token.split('.').nth(1).unwrap())).unwrap();
        let subject = serde_json::from_slice::<Value>(&payload).unwrap()["sub"].as_str().unwrap().to_owned();
        let person = http.get(format!("{base}/person/{subject}/?client_id=TESTBED-CLIENT&attributes=name"));
        let person = person.header("authorization", format!("Bearer {token}")).send().await.unwrap();
        assert_eq!(person.status(), 200, "{}", person.text().await.unwrap());
    }
    Command::new("kill").arg(child.id().to_string()).status().unwrap();
    child.wait().unwrap();
    let mut all = String::new();
    child.stderr.take().unwrap().read_to_string(&mut all).unwrap();
    all
}

/// Base64url as OpenSSL reads Base64.
fn padded(text: &str) -> String {
    let plain = text.replace('-', "+").replace('_', "/");
    format!("{plain}{}", "=".repeat((4 - plain.len() % 4) % 4))
}

#[tokio::test]
async fn a_good_login_is_one_line_with_client_persona_and_duration() {
    let all = told(&[], "S6005048A").await;
    let lines: Vec<&str> = all.lines().filter(|line| line.contains("login complete")).collect();
    assert_eq!(lines.len(), 1, "{all}");
    let says = r#"INFO login complete client="TESTBED-CLIENT" persona="*****048A" milliseconds="#;
    assert!(lines[0].contains(says) && !all.contains("S6005048A"), "{all}");
    assert!(!all.contains("answered"), "other information is not told by default: {all}");
    let json = told(&["--log-format", "json"], "S6005048A").await;
    let line = json.lines().find(|line| line.contains("login complete")).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["fields"]["client"], "TESTBED-CLIENT", "{line}");
    assert!(line["fields"]["milliseconds"].is_u64(), "{line}");
}

#[tokio::test]
async fn a_login_that_ends_early_and_a_quieter_log_are_silent() {
    let ended = told(&[], "error:access_denied").await;
    assert!(!ended.contains("login complete"), "{ended}");
    let quiet = told(&["--log", "error"], "S6005048A").await;
    assert!(!quiet.contains("login complete"), "{quiet}");
}

#[test]
fn a_seed_is_for_loopback_alone() {
    let refused = mock(&["--http", "0.0.0.0:0", "--allow-remote", "--seed", "7"]);
    assert_eq!(refused.status.code(), Some(2));
    let says = text(&refused.stderr);
    assert!(says.contains("0.0.0.0:0 is not a loopback address, and with a seed every code"), "{says}");
}

#[test]
fn a_seed_that_is_no_number_is_told_with_what_one_is() {
    for seed in ["abc", "-1", "1.5", "18446744073709551616", ""] {
        let refused = mock(&[&format!("--seed={seed}"), "config", "show"]);
        let says = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{seed}: {says}");
        assert!(says.contains("'--seed <N>'"), "{seed}: {says}");
        assert!(seed.is_empty() || says.contains(&format!("invalid value '{seed}'")), "{seed}: {says}");
        assert!(seed.is_empty() || says.contains("give a whole number from 0 to 18446744073709551615"), "{says}");
    }
}

#[test]
fn who_listens_everywhere_is_opened_at_an_address_that_a_browser_can_call() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_myinfo-mock"))
        .args(["--http", "0.0.0.0:0", "--allow-remote"])
        .stdout(writer.try_clone().unwrap())
        .stderr(writer)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(&mut reader).lines().map(Result::unwrap);
    let opened = lines.find_map(|line| Some(line.split_once("Open http://127.0.0.1:")?.1.to_owned())).unwrap();
    let ready = lines.find(|line| line.starts_with("ready http://0.0.0.0:")).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(opened.starts_with(&format!("{} in a browser", ready.rsplit(':').next().unwrap())), "{opened} {ready}");
}
