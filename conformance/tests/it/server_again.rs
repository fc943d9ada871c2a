//! A server's failing case once more: from its file, by its seed, and by the line of curl that every report shows.

use crate::suite::{program, text};
use myinfo_conformance::clock::milliseconds;
use myinfo_conformance::connector::recorder::{Recorded, Recorder};
use myinfo_conformance::http::client;
use myinfo_conformance::server::client::v3::OracleClient;
use myinfo_conformance::server::curl::Curl;
use myinfo_conformance::server::seed::Seed;
use myinfo_fixtures::keys;
use myinfo_mock_server::MockServer;
use myinfo_mock_server::config::Config;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

/// What is wrong with the server of these tests: it gives tokens for a code again and again, and sends the state wrong.
const FAULTS: [&str; 3] = ["accepts-code-again", "accepts-nonce", "callback-state-wrong"];
/// The cases that notice: the last one has two findings, and the state of the other one has signs of the shell.
const CASES: [&str; 3] = ["SRV-TOK-07", "SRV-SIG-12", "SRV-AUT-02"];
/// A secret that no form of a request has as it is.
const SECRET: &str = "ours +& $HOME %";

/// A mock that breaks rules, known by a target file alone; the file stands in `folder`.
async fn stranger(folder: &Path, secret: &str) -> (MockServer, String) {
    let certificate = format!("'''{}'''", keys::CLIENT_CERT_PEM);
    let (id, redirect_uri) = (keys::CLIENT_ID, keys::CLIENT_REDIRECT_URI);
    let quoted = Value::from(secret);
    let config = format!(
        "[[client]]\nid = '{id}'\nredirect_uris = ['{redirect_uri}']\n[client.v3]\nsecret = {quoted}\ncertificate = {certificate}\n\
         [service.rsa]\nkey = '''{}'''\ncertificate = '''{}'''\n",
        keys::MYINFO_KEY_PEM,
        keys::MYINFO_CERT_PEM
    );
    let config = Config::from_toml(&config, folder).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mock = MockServer::builder().config(config).address(([127, 0, 0, 1], 0).into()).start().await.unwrap();
    for fault in FAULTS {
        let armed = client().unwrap().post(format!("{}/_mock/faults", mock.base_url())).json(&json!({"id": fault}));
        assert!(armed.send().await.unwrap().status().is_success(), "{fault}");
    }
    std::fs::write(folder.join("myinfo.pem"), keys::MYINFO_CERT_PEM).unwrap();
    let target = format!(
        "name = 'a stranger'\ncertificate = 'myinfo.pem'\nuinfin = 'S6005048A'\n\
         [client]\nid = '{id}'\nsecret = {quoted}\nredirect_uri = '{redirect_uri}'\n\
         [login]\nheader = 'X-Myinfo-Mock-Persona: S6005048A'\n"
    );
    let path = folder.join("server.toml");
    std::fs::write(&path, target).unwrap();
    (mock, path.to_str().unwrap().to_owned())
}

/// Judges the stranger's cases with more arguments.
fn judged(mock: &MockServer, target: &str, more: &[&str]) -> Output {
    let base = mock.base_url();
    let mut arguments = vec!["server", &base, "--target", target, "--seed", "11"];
    for case in CASES {
        arguments.extend(["--only", case]);
    }
    arguments.extend(more);
    program(&arguments)
}

/// The cases of a JSON report, each with its verdict and its findings without the lines of curl, which have times in them.
fn verdicts(report: &str) -> Vec<Value> {
    let report: Value = serde_json::from_str(report).unwrap();
    let mut cases = report["cases"].as_array().unwrap().clone();
    for case in &mut cases {
        for finding in case["findings"].as_array_mut().into_iter().flatten() {
            assert!(finding.as_object_mut().unwrap().shift_remove("curl").is_some(), "{finding}");
        }
    }
    cases
        .iter()
        .map(|case| json!({"id": case["id"], "verdict": case["verdict"], "findings": case["findings"]}))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_servers_failing_cases_come_to_the_same_from_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let (mock, target) = stranger(folder.path(), SECRET).await;
    let (replays, report) = (folder.path().join("made/replays"), folder.path().join("report.json"));
    std::fs::create_dir_all(&replays).unwrap();
    let of_another_run = replays.join("v3.server-token.form.json");
    std::fs::write(&of_another_run, "{}").unwrap();
    let report_as = format!("json={}", report.display());
    let replays_to = replays.to_str().unwrap();
    let output = judged(&mock, &target, &["--replays", replays_to, "--report", &report_as, "--only", "SRV-TOK-01"]);
    assert_eq!(output.status.code(), Some(1), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(!of_another_run.exists(), "the file of a case that is kept now would tell nothing true");
    let first = verdicts(&std::fs::read_to_string(&report).unwrap());
    let mut files: Vec<_> = std::fs::read_dir(&replays).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let failing: Vec<&Value> = first.iter().filter(|case| case["verdict"] != "pass").collect();
    assert_eq!((failing.len(), files.len()), (3, 3), "{first:?} {files:?}");
    for file in &files {
        let content = std::fs::read_to_string(file).unwrap();
        assert!(!content.contains("ours") && !content.contains("PRIVATE KEY"), "the secret stays in the target file");
    }
    // from another folder than that of the first run, and at the same server, which remembers its nonces
    let files: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let again = program(&[&["replay"], &files[..]].concat());
    let (once, twice) = (text(&output.stdout), text(&again.stdout));
    assert_eq!(again.status.code(), Some(1), "{twice}{}", text(&again.stderr));
    for case in failing {
        let id = case["id"].as_str().unwrap();
        assert_eq!(block(&twice, id), block(&once, id), "{twice}");
    }
    assert!(twice.contains("seed 11, ") && twice.contains("0 of 3 cases kept, 3 failed"), "{twice}");
    mock.stop().await;
    let gone = program(&["replay", files[0]]);
    let said = text(&gone.stderr);
    assert!(
        gone.status.code() == Some(3) && said.contains("nothing can be judged") && said.lines().count() == 1,
        "{said}"
    );
}

/// What the terminal says of a case, but for the lines that send a request again.
fn block<'t>(shown: &'t str, id: &str) -> Vec<&'t str> {
    let mut lines = shown.lines().skip_while(|line| !line.contains(id));
    // without its place among the cases of a run, which are others
    let head = lines.next().and_then(|line| Some(line.rsplit_once(' ')?.0)).into_iter();
    head.chain(lines.take_while(|line| line.starts_with(' ')).filter(|line| !line.contains(" repeat "))).collect()
}

#[test]
fn the_replay_file_of_a_server_that_does_not_fit_is_said_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let right = json!({
        "schema": 1, "suite": "0.1.0", "side": "server", "case": "v3.server-token.form",
        "run": {"strict": false, "seed": 1, "server": {"answer_seconds": 5}},
    });
    let changed = |change: fn(&mut Value)| {
        let mut file = right.clone();
        change(&mut file);
        file
    };
    for (name, content, code, says) in [
        ("right", right.clone(), 0, ""),
        ("of-nothing", changed(|file| file["case"] = json!("v3.server-no")), 2, "there is no case `v3.server-no`"),
        ("of-connectors", changed(|file| file["side"] = json!("connector")), 2, "`side` is not `server`"),
        ("of-tomorrow", changed(|file| file["schema"] = json!(2)), 2, "has the form 2 of replay files"),
        ("more", changed(|file| file["run"]["more"] = json!(1)), 2, "is no replay file"),
        (
            "no-target",
            changed(|file| file["run"]["server"]["target"] = json!("/no/such")),
            2,
            "the target /no/such cannot be read",
        ),
        (
            "nobody",
            changed(|file| file["run"]["server"]["url"] = json!("http://127.0.0.1:9")),
            3,
            "nothing that can be used answers",
        ),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, content.to_string()).unwrap();
        let output = program(&["replay", path.to_str().unwrap()]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{name}: {said}");
        assert!(said.contains(says) && said.lines().count() == usize::from(code != 0), "{name}: {said}");
    }
}

/// What a run chose by chance: the names of its realms, and its nonces.
fn chosen(requests: &[Recorded]) -> BTreeSet<String> {
    let realms = requests.iter().filter_map(|request| request.path().strip_prefix("/_realm/")?.split('/').next());
    let nonces = requests
        .iter()
        .filter_map(|request| request.header("authorization")?.split("nonce=\"").nth(1)?.split('"').next());
    realms.chain(nonces).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_chosen_by_chance_follows_from_the_seed_which_is_told() {
    let mock = MockServer::builder().start().await.unwrap();
    let upstream = mock.address();
    let run = async |seed: &[&str]| {
        let recorder = Recorder::start(upstream).await.unwrap();
        let url = format!("http://{}", recorder.address());
        let arguments = ["server", &url, "--only", "SRV-TOK-0*", "--only", "SRV-SIG-12"];
        let output = program(&[&arguments[..], seed].concat());
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
        let seed = said.lines().find_map(|line| line.strip_prefix("seed ")?.split(',').next()).unwrap().to_owned();
        (seed, chosen(&recorder.requests("", 0)))
    };
    let (told, first) = run(&["--seed", "7"]).await;
    assert_eq!(told, "7");
    assert!(first.len() > 40, "{first:?}");
    assert_eq!(run(&["--seed", "7"]).await.1, first, "more cases at once in another order choose the same");
    assert_eq!(run(&["--seed", "7", "-j", "1"]).await.1, first);
    assert!(run(&["--seed", "8"]).await.1.is_disjoint(&first));
    // without one it is drawn, and what is told repeats the run
    let (drawn, chosen) = run(&[]).await;
    assert!(chosen.is_disjoint(&first), "{drawn}");
    assert_eq!(run(&["--seed", &drawn]).await.1, chosen, "{drawn}");
    // what another run with this seed has made, or has left behind, is in the way
    let (base, http) = (mock.base_url(), client().unwrap());
    let left = json!({"name": format!("judged-first-{}", Seed(7).text("first", "realm"))});
    let made = http.post(format!("{base}/_mock/realms")).json(&left).send().await.unwrap();
    assert_eq!(made.status(), 201);
    let output = program(&["server", &base, "--seed", "7"]);
    let said = text(&output.stderr);
    assert!(output.status.code() == Some(3) && said.contains("take another --seed"), "{said}");
    mock.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_curl_sends_what_the_suite_sent() {
    let mock = MockServer::builder().start().await.unwrap();
    let recorder = Recorder::start(mock.address()).await.unwrap();
    let client = OracleClient::new(&format!("http://{}", recorder.address()), "com", milliseconds).unwrap();
    let mut draft = client.token_draft("it's a \"code\" & $HOME ü");
    let signed = client.request(&draft, Some(&client.authorization(&draft)));
    draft.set("state", &"a".repeat(3 << 20));
    let requests = [
        signed,
        client.request(&draft, None),
        client.http.get(format!("{}/../x/[1]?q={{a,b}}&r=%26#part", client.endpoint("person"))).header("X-Empty", ""),
        client.http.post(client.endpoint("token")).json(&json!({"a": "it's \u{202e}"})),
        client.http.post(client.endpoint("token")).body("no type"),
        client.http.post(client.endpoint("token")).header("X-Odd", "$(id) `id` ! \\ \u{202e}"),
        client.http.get(client.endpoint("authorise")).header("Accept-Encoding", "gzip"),
    ];
    for request in requests {
        let request = request.build().unwrap();
        let line = Curl::default().line(&request);
        assert!(!line.contains('\n'), "{line}");
        client.http.execute(request).await.unwrap();
        let sent = recorder.requests("", 0).pop().unwrap();
        let output = tokio::task::spawn_blocking(move || shell(&line, &[])).await.unwrap();
        let again = recorder.requests("", 0).pop().unwrap();
        assert_eq!(again.number, sent.number + 1, "{output}");
        assert!(output.starts_with("HTTP/1.1 "), "the head of the answer is shown: {output}");
        assert_eq!((&again.method, &again.target), (&sent.method, &sent.target));
        assert!(again.body == sent.body, "the bodies differ: {} and {} bytes", again.body.len(), sent.body.len());
        assert_eq!(fields(&again), fields(&sent), "{}", sent.target);
    }
    mock.stop().await;
}

/// The header fields of a request, names in lower case, in any order: each client has a place of its own for some.
fn fields(request: &Recorded) -> BTreeSet<(String, String)> {
    request.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect()
}

/// What a line of the shell writes.
fn shell(line: &str, variables: &[(&str, &str)]) -> String {
    let output = Command::new("sh").args(["-c", line]).envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{line}: {}", text(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_finding_has_its_line_of_curl_which_sees_the_same_answer() {
    let folder = tempfile::tempdir().unwrap();
    let (mock, target) = stranger(folder.path(), SECRET).await;
    let path = |form: &str| folder.path().join(form).to_str().unwrap().to_owned();
    let forms = ["json", "ndjson", "junit", "html", "markdown"];
    let reports: Vec<String> = forms.iter().map(|form| format!("--report={form}={}", path(form))).collect();
    let reports: Vec<&str> = reports.iter().map(String::as_str).collect();
    let output = judged(&mock, &target, &reports);
    let shown = text(&output.stdout);
    let whole: Value = serde_json::from_str(&std::fs::read_to_string(path("json")).unwrap()).unwrap();
    let findings: Vec<&Value> = whole["cases"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|case| case["findings"].as_array().into_iter().flatten())
        .collect();
    assert!(findings.len() >= 3, "{shown}");
    let read = |form: &str| std::fs::read_to_string(path(form)).unwrap();
    let unescaped =
        |text: String| text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let variables = [("MYINFO_CLIENT_SECRET_ENCODED", "ours+%2B%26+%24HOME+%25"), ("MYINFO_LOGIN_HEADER", "S6005048A")];
    for finding in &findings {
        let line = finding["curl"].as_str().unwrap();
        assert!(shown.lines().any(|shown| shown.trim_start() == format!("repeat    {line}")), "{shown}");
        assert!(read("ndjson").contains(&serde_json::to_string(line).unwrap()));
        assert!(unescaped(read("junit")).contains(&format!("  repeat    {line}\n")));
        assert!(unescaped(read("html")).contains(&format!("<dt>repeat</dt><dd>{line}</dd>")));
        assert!(!line.contains("ours") && !line.contains("PRIVATE KEY") && !line.contains('\n'), "{line}");
        let line = line.to_owned();
        let answer = tokio::task::spawn_blocking(move || shell(&line, &variables)).await.unwrap();
        let found = finding["found"].as_str().unwrap();
        match found {
            "200 with an access token" => {
                assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("access_token"))
            }
            "200 with a document" => assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("application/jose")),
            _ => assert!(answer.starts_with("HTTP/1.1 302") && answer.contains("-wrong"), "{found}: {answer}"),
        }
    }
    assert!(!read("markdown").contains("curl"), "what changes with each run is in no report that is committed");
    mock.stop().await;
}
