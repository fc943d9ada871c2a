//! The server cases: their table, the mock that keeps them all, servers known by a target file, and what a user does wrong.

use crate::suite::{program, text};
use myinfo_conformance::baseline::Baseline;
use myinfo_conformance::case::of_servers;
use myinfo_conformance::connector::testbed::Testbed;
use myinfo_conformance::profile::ProfileId;
use myinfo_conformance::run::Outcome;
use myinfo_conformance::server::http::HttpOptions;
use myinfo_conformance::server::run::{Options, judge_server};
use myinfo_conformance::server::seed::Seed;
use myinfo_conformance::server::target::{Target, address};
use myinfo_conformance::server::target_file::Described;
use myinfo_fixtures::keys;
use std::path::Path;
use std::time::Duration;

fn reach() -> HttpOptions {
    HttpOptions::new(Duration::from_secs(20), None).unwrap()
}

async fn judged(target: &Target, only: &[&str]) -> Outcome {
    let wanted =
        |code: &str| if only == ["v3"] { code.starts_with("SRV-") } else { only.is_empty() || only.contains(&code) };
    let chosen = of_servers().filter(|case| wanted(case.code)).collect();
    let options = Options { cases: chosen, strict: true, seed: Seed(1), jobs: 4 };
    judge_server(&options, target, &Baseline::default(), |_| ()).await.unwrap()
}

fn names<'o>(outcome: &'o Outcome, verdict: &str) -> Vec<&'o str> {
    let those = outcome.judged.iter().filter(|judged| judged.verdict.name() == verdict);
    those.map(|judged| judged.case.code).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mock_keeps_every_rule_of_a_server() {
    let served = Testbed::start("OWN").await.unwrap();
    let outcome = judged(&Target::own(&served.mock_url(), None, reach()).unwrap(), &[]).await;
    let others: Vec<_> = outcome.judged.iter().filter(|judged| judged.verdict.name() != "pass").collect();
    assert!(others.is_empty(), "{others:?}");
    assert_eq!(outcome.judged.len(), 167);
    served.stop().await;
}

/// The target file of the mock as a stranger would write it, with its pages.
fn target_file(folder: &Path, more: &str) -> String {
    std::fs::write(folder.join("myinfo.pem"), keys::MYINFO_CERT_PEM).unwrap();
    let path = folder.join("server.toml");
    let text = format!(
        "name = 'a stranger'\nversion = '2'\ncertificate = 'myinfo.pem'\nuinfin = 'S6005048A'\n{more}
        [client]\nid = '{}'\nsecret = '{}'\nredirect_uri = '{}'\n",
        keys::CLIENT_ID,
        keys::CLIENT_SECRET,
        keys::CLIENT_REDIRECT_URI,
    );
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_known_by_its_target_file_is_judged_through_its_pages() {
    let served = Testbed::start("PAGES").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let login = "[login]\nfields = { persona = 'S6005048A', decision = 'agree' }\ndeclining = { persona = 'S6005048A', decision = 'cancel' }";
    let path = target_file(folder.path(), login);
    let target = Described::read(Path::new(&path)).unwrap();
    let target = Target::of_file(target, Some(&address(&served.mock_url()).unwrap()), reach()).await.unwrap();
    let outcome = judged(&target, &[]).await;
    assert!(names(&outcome, "FAIL").is_empty() && names(&outcome, "inconclusive").is_empty(), "{:?}", outcome.judged);
    let unknown = [
        "SRV-AUT-05",
        "SRV-AUT-12",
        "SRV-SIG-14",
        "SRV-TOK-09",
        "SRV-TOK-10",
        "SRV-PER-06",
        "SRV-PER-07",
        "SRV-PER-08",
        "SRV-DOC-09",
    ];
    assert_eq!(names(&outcome, "skip"), unknown, "what the file does not tell is skipped");
    served.stop().await;
}

/// The target file of the mock as a server of FAPI that a stranger wrote.
fn fapi_target_file(folder: &Path, issuer: &str) -> String {
    let path = folder.join("fapi.toml");
    let client = |table: &str, id: &str, more: &str| {
        format!("[{table}]\nid = '{id}'\nredirect_uri = '{}'\n{more}\n", keys::CLIENT_REDIRECT_URI)
    };
    let text = [
        format!("profile = 'fapi'\nname = 'a stranger'\nissuer = '{issuer}'\nuinfin = 'S6005048A'\n"),
        client("client", "TESTBEDxMYINFOxAPPx0000000000001", "scope = 'openid uinfin name'"),
        client("login_app", "TESTBEDxLOGINxAPPx00000000000002", "context_type = 'APP_AUTHENTICATION_DEFAULT'"),
        "[login]\nheader = 'X-Myinfo-Mock-Persona: S6005048A'\n".to_owned(),
        "declining_header = 'X-Myinfo-Mock-Persona: error:access_denied'\n".to_owned(),
    ];
    std::fs::write(&path, text.concat()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_fapi_known_by_its_target_file_is_judged_by_the_cases_of_fapi() {
    let served = Testbed::start("FAPI").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let known = Described::read(Path::new(&fapi_target_file(folder.path(), "{base}/fapi"))).unwrap();
    let target = Target::of_file(known, Some(&address(&served.mock_url()).unwrap()), reach()).await.unwrap();
    let outcome = judged(&target, &[]).await;
    assert!(names(&outcome, "FAIL").is_empty() && names(&outcome, "inconclusive").is_empty(), "{:?}", outcome.judged);
    let unknown = ["FSRV-AUT-04", "FSRV-AUT-07", "FSRV-TOK-05", "FSRV-TOK-06", "FSRV-UI-08"];
    assert_eq!(names(&outcome, "skip"), unknown, "without a second client, and without a clock that can be moved");
    assert_eq!(outcome.judged.len(), 67, "the cases of v3 are not its own");
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_none_of_fapi_and_a_wrong_target_file_are_told_in_one_sentence() {
    let served = Testbed::start("NONE").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let whole = std::fs::read_to_string(fapi_target_file(folder.path(), "{base}/com")).unwrap();
    let no_fapi = file("none.toml", &whole);
    let slash = file("slash.toml", &whole.replace("{base}/com", "{base}/fapi/"));
    let endless = file("endless.toml", &whole.replace("profile = 'fapi'", "profile = 'fapi'\nstart_seconds = 601"));
    let odd = file("odd.toml", &whole.replace("profile = 'fapi'", "profile = 'fappi'"));
    let keyless = file("keyless.toml", &whole.replace("scope = 'openid uinfin name'", "jwks = 'odd.toml'"));
    let url = served.mock_url();
    for (file, more, code, says) in [
        (&no_fapi, &[][..], 3, "without `pushed_authorization_request_endpoint`: is the server one of FAPI"),
        (&no_fapi, &["--profile", "v3"], 3, "describes a server of fapi, and none of the chosen cases is of it"),
        (&slash, &[], 2, "`issuer` is `{base}/fapi/`; write it like"),
        (&endless, &[], 2, "`start_seconds` is 601; expected how many seconds it may take to start, from 1 to 600"),
        (&odd, &[], 2, "there is no profile `fappi`; there are v3, fapi, oidc; did you mean `fapi`?"),
        (&keyless, &[], 2, "the JWK Set of `TESTBEDxMYINFOxAPPx0000000000001` cannot be used: it is no JSON"),
    ] {
        let arguments = [&["server", &url, "--target", file][..], more].concat();
        let output = tokio::task::block_in_place(|| program(&arguments));
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(says) && said.lines().count() == 1, "{arguments:?}: {said}");
    }
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_is_found_by_the_case_of_its_rule_and_told_with_its_situation() {
    let served = Testbed::start("FAULT").await.unwrap();
    for (fault, code, expected, found) in [
        ("accepts-code-again", "SRV-TOK-07", "refuses", "200 with an access token"),
        ("access-token-key", "SRV-TKA-03", "is signed with the key of the server's certificate", "signature"),
        ("jwe-plaintext-unquoted", "SRV-DOC-03", "encrypts a JSON string", "it encrypts the bare JWS"),
        ("callback-state-wrong", "SRV-AUT-02", "sends the state `", "-wrong"),
        ("fapi-accepts-code-verifier", "FSRV-TOK-08", "refuses", "200 with an access token"),
        ("fapi-accepts-state", "FSRV-PAR-10", "refuses", "201 "),
        ("fapi-id-token-nonce", "FSRV-IDT-02", "has the right nonce", "nonce-of-another-login"),
        ("oidc-data-somebody-else", "OSRV-UI-06", "gives the data of who logged in", "those of "),
        ("oidc-id-token-sub-foreign", "OSRV-IDT-01", "names who logged in in sub", "fid=A1234567"),
        (
            "oidc-callback-iss-fapi",
            "OSRV-AUT-01",
            "sends its own issuer as iss, where it sends one",
            "nobody.invalid/fapi",
        ),
    ] {
        let target = Target::own(&served.mock_url(), Some(fault), reach()).unwrap();
        let outcome = judged(&target, &[code]).await;
        let finding = outcome.judged[0].verdict.findings().first().unwrap_or_else(|| panic!("{fault}: {outcome:?}"));
        assert!(finding.expected.contains(expected) && finding.found.contains(found), "{fault}: {finding:?}");
    }
    served.stop().await;
}

#[test]
fn the_cases_have_names_of_their_own_and_explain_themselves() {
    let ids: std::collections::BTreeSet<_> = of_servers().flat_map(|case| [case.id, case.code]).collect();
    assert_eq!(ids.len(), 2 * of_servers().count());
    for case in of_servers() {
        let begins = ["SRV-", "FSRV-", "OSRV-"].map(|start| case.code.starts_with(start));
        assert_eq!(begins, ProfileId::ALL.map(|profile| profile == case.profile()), "{}", case.id);
        assert!(case.id.contains(".server-") && case.id.split('.').count() == 3, "{}", case.id);
    }
}

/// A server that answers every connection with the same bytes, and then says nothing more.
async fn scripted(answer: &'static [u8], endless: bool) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(answer).await;
                while endless && stream.write_all(&[b'x'; 8192]).await.is_ok() {}
            });
        }
    });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_server_costs_neither_memory_nor_time_and_gets_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = target_file(folder.path(), "[login]\nfields = { persona = 'S6005048A' }");
    for (answer, endless, says) in [
        (&b"HTTP/1.1 200 OK\r\n\r\n"[..], true, "it is longer than is read"),
        (b"HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", false, "did not end within 20"),
        (b"garbage\r\n\r\n", false, "the connection broke"),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<form method=post action='http://127.0.0.1:9/'><input name=persona></form>", false, "leads to another server, http://127.0.0.1:9/"),
    ] {
        let url = scripted(answer, endless).await;
        let known = Described::read(Path::new(&path)).unwrap();
        let target = Target::of_file(known, Some(&address(&url).unwrap()), reach()).await.unwrap();
        let options = Options { cases: of_servers().collect(), strict: false, seed: Seed(1), jobs: 1 };
        let error = judge_server(&options, &target, &Baseline::default(), |_| ()).await.unwrap_err();
        assert!(format!("{error:#}").contains(says), "{says}: {error:#}");
    }
}

#[test]
fn what_is_wrong_with_an_address_or_a_target_file_is_said_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let lost = target_file(folder.path(), "context = 'biz'");
    let key = folder.path().join("key");
    std::fs::create_dir(&key).unwrap();
    let no_start = target_file(&key, "");
    let busy = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken = folder.path().join("taken");
    std::fs::create_dir(&taken).unwrap();
    let taken = target_file(&taken, &format!("start = 'sleep 9'\nready = 'http://{}/'", busy.local_addr().unwrap()));
    let dead = folder.path().join("dead");
    std::fs::create_dir(&dead).unwrap();
    let dead = target_file(&dead, "start = 'sh -c \"echo no port is free >&2; exit 9\"'");
    for (arguments, code, says) in [
        (vec!["server", "127.0.0.1:5156"], 2, "is no address; write one like http://127.0.0.1:5156"),
        (vec!["server", "http://127.0.0.1:9"], 3, "nothing that can be used answers at http://127.0.0.1:9/"),
        (vec!["server", "http://127.0.0.1:9/com/v3"], 3, "has a path: give the mock's address alone"),
        (vec!["server", "--ca", "/no/such.pem"], 2, "the authority /no/such.pem cannot be read"),
        (vec!["server", "--target", "/no/such.toml"], 2, "the target /no/such.toml cannot be read"),
        (vec!["server", "--target", &lost, "http://127.0.0.1:9"], 2, "`context` is `biz`; there are com and gov"),
        (vec!["server", "--target", &no_start], 3, "has no `start`: give the server's address"),
        (vec!["server", "--target", &no_start, "http://127.0.0.1:9"], 3, "nothing can be judged"),
        (vec!["server", "--target", &taken], 3, "is in use by another program"),
        (vec!["server", "--target", &dead], 3, "it ended with exit status: 9: no port is free"),
        (vec!["server", "--only", "v3.server-nothing"], 4, "names no case"),
        (vec!["server", "--only", "v3.callback.*"], 4, "names no case"),
    ] {
        let output = program(&arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(says) && said.lines().count() == 1, "{arguments:?}: {said}");
    }
}

/// How many realms a mock has beside the default one.
async fn realms(http: &reqwest::Client, base: &str) -> usize {
    let answer = http.get(format!("{base}/_mock/realms")).send().await.unwrap();
    answer.json::<serde_json::Value>().await.unwrap()["realms"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_by_any_signal_leaves_no_realm_behind() {
    let mock = myinfo_mock_server::MockServer::builder().start().await.unwrap();
    let (base, http) = (mock.base_url(), myinfo_conformance::http::client().unwrap());
    for (signal, code) in [("HUP", 129), ("INT", 130), ("QUIT", 131), ("TERM", 143)] {
        let mut run = std::process::Command::new(env!("CARGO_BIN_EXE_myinfo-conformance"))
            .args(["server", &base, "-j", "4"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        while realms(&http, &base).await == 0 {
            assert!(run.try_wait().unwrap().is_none(), "it ended before it made a realm");
        }
        let kill = std::process::Command::new("kill").args([format!("-{signal}"), run.id().to_string()]).status();
        assert!(kill.unwrap().success());
        let ended = tokio::task::spawn_blocking(move || run.wait().unwrap()).await.unwrap();
        assert_eq!(ended.code(), Some(code), "SIG{signal}");
        assert_eq!(realms(&http, &base).await, 0, "SIG{signal}");
    }
}
