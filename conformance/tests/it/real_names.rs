//! A connector that has the real host names and port 443 built in is judged: in a network of the run's own, or by a proxy.

use crate::suite::{program, text};
use myinfo_conformance::connector::real_names::Place;
use myinfo_conformance::connector::real_names::network::Network;
use myinfo_conformance::connector::testbed::Testbed;
use myinfo_conformance::profile::ProfileId;
use serde_json::{Map, Value};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const EXE: &str = env!("CARGO_BIN_EXE_myinfo-conformance");
/// A few cases of each stage, one of them with a realm's configuration of its own, and one at certificates that are wrong.
const SOME: [&str; 7] = [
    "v3.callback.state-different",
    "v3.token.signature",
    "v3.token.address-exact",
    "v3.token.sandbox",
    "v3.person.txnno-signed",
    "v3.document.valid",
    "V3-KEY-05",
];

fn reference() -> String {
    format!("{EXE} driver reference")
}

/// A driver that says of every refusal that the person was accepted: its cases fail, and leave files of what was seen.
fn boasting() -> String {
    let said = r#"s/"outcome":"rejected"/"outcome":"accepted","person":null/"#;
    format!("sh -c '{EXE} driver reference | sed -u \"{}\"'", said.replace('"', "\\\""))
}

fn judged(way: &str, driver: &str, cases: &[&str], more: &[&str]) -> Output {
    let mut arguments = vec![way, "--stdio", driver];
    for case in cases {
        arguments.extend(["--only", case]);
    }
    arguments.extend(more);
    program(&arguments)
}

/// The host that each request of a replay file was sent to, as the recorder saw it.
fn hosts(file: &Path) -> Vec<String> {
    let replay: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(replay["scene"]["origin"], "https://test.api.myinfo.gov.sg");
    let answers = replay["tape"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["asked"].as_str().unwrap().starts_with("requests"));
    let requests = answers.flat_map(|entry| entry["answer"]["Ok"].as_array().unwrap());
    let headers = requests.flat_map(|request| request["headers"].as_array().unwrap());
    let hosts = headers.filter(|header| header[0].as_str().unwrap().eq_ignore_ascii_case("host"));
    hosts.map(|header| header[1].as_str().unwrap().to_owned()).collect()
}

/// Judges the reference connector in a way; the witness must have seen the real names, and paths without a realm.
fn is_judged(way: &str, says: &str) {
    let output = judged(way, &reference(), &SOME, &["-j", "4"]);
    let said = text(&output.stdout);
    assert!(said.contains("7 of 7 cases kept"), "{said}{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains(says), "which way was taken is said: {said}");
    let folder = tempfile::tempdir().unwrap();
    let replays = folder.path().to_str().unwrap();
    let output = judged(way, &boasting(), &["v3.access-token.signature-changed"], &["--replays", replays]);
    assert_eq!(output.status.code(), Some(1), "{}{}", text(&output.stdout), text(&output.stderr));
    let file = folder.path().join("v3.access-token.signature-changed.json");
    let hosts = hosts(&file);
    assert!(hosts.len() > 2 && hosts.iter().all(|host| host == "test.api.myinfo.gov.sg"), "{hosts:?}");
    let again = program(&["replay", file.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(1), "{}{}", text(&again.stdout), text(&again.stderr));
}

#[test]
fn under_the_real_names_in_a_network_of_its_own() {
    match Network::found() {
        Ok(_) => is_judged("--real-names=network", "In a network of its own"),
        // who has no leave to make one is told so
        Err(refused) => {
            let output = judged("--real-names=network", &reference(), &SOME, &[]);
            let said = text(&output.stderr);
            assert!(output.status.code() == Some(3) && said.contains(&refused.to_string()), "{said}");
        }
    }
}

#[test]
fn under_the_real_names_by_a_proxy() {
    is_judged("--real-names=proxy", "behind a proxy");
}

/// What comes back for bytes that are sent to an address.
async fn answered(address: &str, request: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn the_witness_sees_what_is_sent_to_the_proxy_without_a_tunnel_and_other_hosts_are_refused() {
    let testbed = Testbed::under_real_names("PROXY", Place::Proxy).await.unwrap();
    let proxy = testbed.variables().into_iter().find(|(name, _)| name == "HTTPS_PROXY").unwrap().1;
    let proxy = proxy.trim_start_matches("http://");
    let realm = testbed.realm(ProfileId::V3, "unused", &Map::new(), None).await.unwrap();
    let host = "sandbox.api.myinfo.gov.sg";
    let sample = format!(
        "GET https://{host}/com/v3/person-sample/S6005048A HTTP/1.1\r\nHost: elsewhere\r\nConnection: close\r\n\r\n"
    );
    assert!(answered(proxy, &sample).await.starts_with("HTTP/1.1 200"));
    let seen: Vec<String> = realm.requests("/com/v3/", 0).into_iter().map(|request| request.target).collect();
    assert_eq!(seen, ["/com/v3/person-sample/S6005048A"]);
    let elsewhere = "CONNECT another.example:443 HTTP/1.1\r\nHost: another.example:443\r\nConnection: close\r\n\r\n";
    let refused = answered(proxy, elsewhere).await;
    assert!(refused.starts_with("HTTP/1.1 403") && refused.contains("not for another.example"), "{refused}");
    // the next realm is another server, of which nobody saw anything yet
    realm.end().await.unwrap();
    let next = testbed.realm(ProfileId::V3, "unused", &Map::new(), None).await.unwrap();
    assert_eq!((next.requests("", 0).len(), next.newest_request()), (0, 0));
    next.end().await.unwrap();
    testbed.stop().await;
}

/// Runs the program where there is no `unshare`.
fn without_unshare(way: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/bin/sh", folder.path().join("sh")).unwrap();
    let arguments = [way, "--only", "v3.document.valid"];
    Command::new(EXE).args(arguments).env("PATH", folder.path()).env("NO_COLOR", "1").output().unwrap()
}

#[test]
fn where_the_system_gives_no_network_the_proxy_is_taken_and_said() {
    // without a driver it is the reference connector, then in a process of its own
    let output = without_unshare("--real-names");
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
    let why = "The system gives no network of its own: `unshare` of util-linux is not there.\n";
    assert!(said.starts_with(why) && said.contains("behind a proxy") && said.contains("1 of 1 cases kept"), "{said}");
    let output = without_unshare("--real-names=network");
    let said = text(&output.stderr);
    assert!(output.status.code() == Some(3) && said.lines().count() == 1, "{said}");
    assert!(said.contains("gives no network of its own; --real-names=proxy needs none: `unshare`"), "{said}");
}

#[test]
fn a_port_that_is_taken_and_names_that_lead_elsewhere_are_said_in_one_sentence() {
    // who may not have the port at all is told the same way
    let taken = TcpListener::bind(("127.0.0.1", 443));
    let output = program(&["--real-names=here", "--only", "v3.document.valid"]);
    let said = text(&output.stderr);
    assert!(output.status.code() == Some(3) && said.lines().count() == 1, "{said}");
    assert!(said.contains("127.0.0.1:443 cannot be listened on"), "{said} {taken:?}");
    if Network::found().is_ok() {
        // a network without the names: nobody is asked for them outside
        let script = format!("ip link set lo up; exec {EXE} --real-names=here --only v3.document.valid");
        let output = Command::new("unshare").args(["--map-root-user", "--net", "sh", "-c", &script]).output().unwrap();
        let said = text(&output.stderr);
        assert!(output.status.code() == Some(3) && said.lines().count() == 1, "{said}");
        assert!(said.contains("does not lead to this machine: `myinfo-mock hosts`"), "{said}");
    }
}
