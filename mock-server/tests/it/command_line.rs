//! The command line's contract: ready line, stop, export, config, persona.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

pub(crate) fn mock(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_myinfo-mock"));
    command.args(arguments).env_remove("MYINFO_MOCK_CONFIG").env("XDG_DATA_HOME", env!("CARGO_TARGET_TMPDIR"));
    command.output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn it_prints_one_ready_line_and_stops_with_0_on_a_signal() {
    for signal in ["-TERM", "-INT"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_myinfo-mock"))
            .args(["serve", "--http", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        assert!(line.starts_with("ready http://127.0.0.1:"), "{line}");
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{signal}");
        let rest: Vec<String> = out.lines().map(Result::unwrap).collect();
        assert!(rest.is_empty(), "{rest:?}");
    }
}

#[test]
fn a_taken_port_is_one_clear_sentence_and_exit_2() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = mock(&["--http", &address]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(
        error.starts_with(&format!("myinfo-mock: cannot listen on {address} (is a mock running there already?")),
        "{error}"
    );
    assert_eq!(error.lines().count(), 1);
}

#[test]
fn an_address_that_is_not_loopback_needs_a_flag() {
    let output = mock(&["--http", "0.0.0.0:0"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--allow-remote"));
}

#[test]
fn an_automatic_login_of_nobody_does_not_start() {
    let output = mock(&["--http", "127.0.0.1:0", "--auto-login", "ANDI LAU"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean `ANDY LAU`"), "{}", text(&output.stderr));
}

#[test]
fn export_writes_what_a_client_needs_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("new");
    let output = mock(&["export", directory.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    let read = |name: &str| fs::read(directory.join(name)).unwrap();
    for (name, label) in [
        ("client-key.pem", "-----BEGIN PRIVATE KEY-----"),
        ("client-cert.pem", "-----BEGIN CERTIFICATE-----"),
        ("myinfo-cert.pem", "-----BEGIN CERTIFICATE-----"),
        ("myinfo-public-key.pem", "-----BEGIN PUBLIC KEY-----"),
    ] {
        assert!(text(&read(name)).starts_with(label), "{name}");
        assert_eq!(fs::metadata(directory.join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    for name in ["client.p12", "client-legacy.p12"] {
        let bundle = openssl::pkcs12::Pkcs12::from_der(&read(name)).unwrap().parse2("myinfo-mock").unwrap();
        assert!(bundle.pkey.is_some() && bundle.cert.is_some(), "{name}");
    }
    insta::assert_snapshot!(text(&read("env")), @r"
    export MYINFO_CLIENT_ID='TESTBED-CLIENT'
    export MYINFO_CLIENT_SECRET='testbed-client-secret'
    export MYINFO_REDIRECT_URL='http://localhost:3001/callback'
    export MYINFO_BASE_URL='http://127.0.0.1:5156'
    export MYINFO_FAPI_ISSUER='http://127.0.0.1:5156/fapi'
    export MYINFO_FAPI_CLIENT_ID='TESTBEDxMYINFOxAPPx0000000000001'
    export MYINFO_FAPI_REDIRECT_URL='http://localhost:3001/callback'
    export MYINFO_FAPI_SCOPE='openid uinfin name sex dob nationality birthcountry regadd'
    ");
}

#[test]
fn export_of_a_client_whose_key_we_do_not_have_writes_the_public_files_only() {
    let folder = tempfile::tempdir().unwrap();
    let output = mock(&["export", folder.path().to_str().unwrap(), "--client", "STG2-MYINFO-SELF-TEST"]);
    assert_eq!(output.status.code(), Some(0));
    let mut names: Vec<String> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "ca.pem",
            "client-public-key.pem",
            "env",
            "myinfo-cert.der",
            "myinfo-cert.pem",
            "myinfo-public-key.pem",
            "truststore.p12"
        ]
    );
    let unknown = mock(&["export", folder.path().to_str().unwrap(), "--client", "STG2-MYINFO-SELFTEST"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("did you mean `STG2-MYINFO-SELF-TEST`"));
}

#[test]
fn a_persona_is_shown_as_a_version_sends_it_and_what_differs_is_told() {
    let json = |arguments: &[&str]| -> serde_json::Value { serde_json::from_slice(&mock(arguments).stdout).unwrap() };
    let v3 = json(&["persona", "show", "S6005048A", "--as", "v3"]);
    let v5 = json(&["persona", "show", "S6005048A", "--as", "v5"]);
    assert_eq!(v3["name"]["value"], "ANDY LAU");
    assert_eq!(v5["person_info"]["name"]["value"], "ANDY LAU");
    assert!(v5.get("name").is_none() && v3.get("person_info").is_none());
    let told = mock(&["persona", "diff", "S6005048A", "v3", "v5"]);
    let told = text(&told.stdout);
    assert!(told.starts_with("S6005048A ANDY LAU\n\nv3 has the items at the root, v5 below `person_info`."), "{told}");
    for item in v3.as_object().unwrap().keys().filter(|item| v5["person_info"].get(*item).is_none()) {
        assert!(told.contains(&format!("\n  {item}\n")), "{item} is only in v3: {told}");
    }
    let same = text(&mock(&["persona", "diff", "S6005048A", "v3", "v3"]).stdout);
    assert_eq!(same, "S6005048A ANDY LAU\n");
    let unknown = mock(&["persona", "show", "S6005048A", "--as", "v2"]);
    assert!(!unknown.status.success() && text(&unknown.stderr).contains("v3, v5"), "{}", text(&unknown.stderr));
}

#[test]
fn personas_are_listed_shown_and_checked() {
    let list = text(&mock(&["persona", "list"]).stdout);
    assert_eq!(list.lines().filter(|line| line.starts_with("  ")).count(), 54);
    assert!(list.contains("  S6005048A  ANDY LAU: citizen, male, "), "{list}");
    let found = text(&mock(&["persona", "list", "PR", "over", "60"]).stdout);
    assert!(found.lines().filter(|line| line.starts_with("  ")).all(|line| line.contains(": permanent resident, ")));
    let none = mock(&["persona", "list", "nobody", "at", "all"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).contains("nobody matches `nobody at all`; words such as PR"), "{}", text(&none.stderr));
    let misspelt = text(&mock(&["persona", "list", "over", "60", "femle"]).stderr);
    assert!(misspelt.ends_with("no address are known; did you mean `female`?\n"), "{misspelt}");
    let shown: serde_json::Value = serde_json::from_slice(&mock(&["persona", "show", "andy lau"]).stdout).unwrap();
    assert_eq!(shown["uinfin"]["value"], "S6005048A");
    let nobody = mock(&["persona", "show", "S6005048B"]);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(text(&nobody.stderr).contains("did you mean `S6005048A`"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.json");
    fs::write(&file, serde_json::to_vec(&shown).unwrap()).unwrap();
    let good = mock(&["persona", "check", file.to_str().unwrap()]);
    assert_eq!(good.status.code(), Some(0), "{}", text(&good.stdout));
    fs::write(&file, text(&serde_json::to_vec(&shown).unwrap()).replace("1988-10-06", "1988-13-06")).unwrap();
    let bad = mock(&["persona", "check", file.to_str().unwrap()]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(text(&bad.stdout).contains("error: `dob`: `1988-13-06` is not"), "{}", text(&bad.stdout));
}

#[test]
fn a_persona_without_data_is_shown_with_its_account_and_by_no_version() {
    let list = text(&mock(&["persona", "list"]).stdout);
    assert!(
        list.contains(
            "\nAccounts without Myinfo data\n  G0000012X  AISYAH BINTI FOREIGN: foreigner, FIN G, foreign account, MY\n"
        ),
        "{list}"
    );
    assert!(list.contains("TEO NO MYINFO: no Myinfo data\n"), "{list}");
    let shown = mock(&["persona", "show", "G0000012X"]);
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown["account"], serde_json::json!({"foreign": "MY", "number": "A00000012"}));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.json");
    fs::write(&file, shown.to_string()).unwrap();
    let good = mock(&["persona", "check", file.to_str().unwrap()]);
    assert_eq!(good.status.code(), Some(0), "{}", text(&good.stdout));
    fs::write(&file, shown.to_string().replace("\"MY\"", "\"Malaysia\"")).unwrap();
    let bad = mock(&["persona", "check", file.to_str().unwrap()]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(text(&bad.stdout).contains("`account.foreign` is \"Malaysia\"") && text(&bad.stdout).contains("`MY`"));
    for (arguments, says) in [
        (["persona", "show", "G0000012X", "--as", "v5"], "userinfo answers 400 `invalid_request`"),
        (["persona", "diff", "S0000013B", "v3", "v5"], "person answers 404 `UIN/FIN is invalid.`"),
    ] {
        let refused = mock(&arguments);
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains(says), "{}", text(&refused.stderr));
    }
}

#[test]
fn help_fits_80_columns_and_says_what_there_is() {
    let help = text(
        &Command::new(env!("CARGO_BIN_EXE_myinfo-mock")).arg("--help").env("COLUMNS", "80").output().unwrap().stdout,
    );
    insta::assert_snapshot!(help);
}

#[test]
fn output_to_a_closed_pipe_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_myinfo-mock"))
        .args(["persona", "show", "S9812381D"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

#[test]
fn hosts_and_trust_print_lines_to_paste() {
    let hosts = text(&mock(&["hosts"]).stdout);
    assert_eq!(hosts.lines().filter(|line| line.starts_with("127.0.0.1 ")).count(), 9);
    insta::assert_snapshot!(hosts);
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().to_str().unwrap();
    let trust = text(&mock(&["trust", "--state-dir", state]).stdout);
    insta::assert_snapshot!(trust.replace(state, "STATE"));
    assert!(fs::read_to_string(folder.path().join("ca.pem")).unwrap().starts_with("-----BEGIN CERTIFICATE"));
}

#[test]
fn a_wrong_fault_or_address_is_named() {
    let output = mock(&["--https-fault", "old=127.0.0.1:1"]);
    assert!(text(&output.stderr).contains("`old` is not one of expired, wrong-host, unknown-authority, self-signed"));
    let output = mock(&["--https-fault", "expird=127.0.0.1:1"]);
    assert!(text(&output.stderr).contains("self-signed; did you mean `expired`?"), "{}", text(&output.stderr));
    let output = mock(&["--https", "0.0.0.0:0", "--http", "127.0.0.1:0"]);
    assert!(text(&output.stderr).contains("0.0.0.0:0 is not a loopback address"), "{}", text(&output.stderr));
}

/// A recorded file of the doctor's patients.
fn patient(name: &str) -> String {
    format!("{}/tests/it/doctor/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_doctor_says_what_is_wrong_with_a_request_and_the_readme_shows_it() {
    let output = mock(&["doctor", "request", &patient("encoded-values.http")]);
    assert_eq!(output.status.code(), Some(1), "something is wrong with it");
    let said = text(&output.stdout);
    insta::assert_snapshot!(said);
    let (shown, _) = said.split_once("\n  expected, whole:").unwrap();
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    assert!(readme.contains(shown), "README.md shows another output");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "it fits 80 columns");
}

#[test]
fn the_doctor_opens_a_token_with_the_keys_that_it_is_given() {
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/keys/client-key.pem");
    let output = mock(&["doctor", "token", &patient("person.jwe"), "--key", key]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(text(&output.stdout).replace(key, "client-key.pem"));
    let stranger = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/keys/stranger-key.pem");
    let output = mock(&["doctor", "token", &patient("person.jwe"), "--key", stranger]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(text(&output.stdout).replace(stranger, "stranger-key.pem"));
}

#[test]
fn the_doctor_looks_at_a_token_of_fapi_with_the_keys_of_its_flags() {
    let vector: serde_json::Value = serde_json::from_str(myinfo_fixtures::vectors::SINGPASS_JSON).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let token = file("token.jwe", vector["encrypted"].as_str().unwrap());
    let set = file("jwks.json", &serde_json::json!({"keys": [vector["signing_key"]]}).to_string());
    let output = mock(&["doctor", "token", &token, "--jwks", &set, "--access-token", &token]);
    assert_eq!(output.status.code(), Some(1), "it expired: {}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(
        said.contains("signed by  alias/stg-sp-auth-api-id-token-signing-key-kms-asymmetric-key-alias of "),
        "{said}"
    );
    let none = mock(&["doctor", "token", &token, "--jwks", &file("empty.json", "{}")]);
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).contains("there is no key on P-256"), "{}", text(&none.stderr));
}

#[test]
fn the_doctor_takes_what_is_no_request_with_one_sentence() {
    for (content, says) in [
        ("", "does not begin with a request line"),
        ("hello", "does not begin with a request line"),
        ("{\"log\": {}}", "HAR"),
        ("GET /v5/userinfo HTTP/1.1\nHost: localhost\n\n", "nothing is served at `/v5/userinfo`"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("request.txt");
        fs::write(&file, content).unwrap();
        let output = mock(&["doctor", "request", file.to_str().unwrap()]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{content}: {said}");
        assert!(said.contains(says) && said.lines().count() <= 3, "{content}: {said}");
    }
}

#[test]
fn the_faults_are_listed_and_shown() {
    insta::assert_snapshot!(text(&mock(&["faults", "jwe-tag"]).stdout));
    let list = text(&mock(&["faults"]).stdout);
    assert!(list.lines().filter(|line| line.starts_with("  ")).count() >= 130);
    let output = mock(&["faults", "jwe-tga"]);
    let lists = "`myinfo-mock faults` lists them";
    assert!(text(&output.stderr).contains(&format!("there is no fault `jwe-tga`; did you mean `jwe-tag`?; {lists}")));
    let far = text(&mock(&["faults", "xyz"]).stderr);
    assert!(far.contains(&format!("there is no fault `xyz`; {lists}")), "{far}");
}

#[test]
fn a_mistyped_variable_or_level_is_told_and_not_silence() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    // a port that is taken: it says what it has to say, and ends
    let output = Command::new(env!("CARGO_BIN_EXE_myinfo-mock"))
        .args(["--http", &taken.local_addr().unwrap().to_string()])
        .env("XDG_DATA_HOME", folder.path())
        .env("MYINFO_MOCK_PERSONNAS", "S6005048A")
        .env("MYINFO_MOCK_LOG", "warn")
        .output()
        .unwrap();
    let told = text(&output.stderr);
    let says = "MYINFO_MOCK_PERSONNAS means nothing to this program; did you mean MYINFO_MOCK_PERSONAS?";
    assert!(told.contains(says) && !told.contains("S6005048A") && !told.contains("MYINFO_MOCK_LOG"), "{told}");
    let shown = Command::new(env!("CARGO_BIN_EXE_myinfo-mock"))
        .args(["config", "show"])
        .env("MYINFO_MOCK_PERSONNAS", "S6005048A")
        .output()
        .unwrap();
    let told = text(&shown.stderr);
    assert!(shown.status.success() && told.contains(says) && !told.contains("S6005048A"), "{told}");
    assert!(!text(&shown.stdout).contains("PERSONNAS"), "what is shown is a file that can be used");
    let wrong = mock(&["--http", "99999", "config", "show"]);
    assert!(text(&wrong.stderr).contains("`99999` has the port 99999: ports go from 0 to 65535"), "{wrong:?}");
    let wrong = mock(&["--log", "warning"]);
    assert_eq!(wrong.status.code(), Some(2));
    let told = text(&wrong.stderr);
    assert!(
        told.contains("invalid value 'warning'") && told.contains("off, error, warn, info, debug, trace"),
        "{told}"
    );
}

#[test]
fn health_says_whether_a_mock_answers_by_its_exit_code() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_myinfo-mock"))
        .args(["serve", "--http", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("ready http://").unwrap();
    let well = mock(&["health", "--http", address]);
    child.kill().unwrap();
    child.wait().unwrap();
    let gone = mock(&["health", "--http", address]);
    assert_eq!(
        (well.status.code(), text(&well.stdout)),
        (Some(0), format!("http://{address}/_mock/health: it is well\n"))
    );
    assert_eq!((gone.status.code(), text(&gone.stdout)), (Some(1), String::new()));
    assert!(text(&gone.stderr).contains("there is no connection"), "{}", text(&gone.stderr));
}

#[test]
fn a_redirect_uri_of_the_command_line_is_every_clients_and_must_be_one() {
    let shown = mock(&["config", "show", "--redirect-uri", "http://localhost:8080/callback"]);
    assert_eq!(shown.status.code(), Some(0));
    let line = r#"redirect_uris = ["http://localhost:8080/callback"]"#;
    assert!(text(&shown.stdout).contains(line), "{}", text(&shown.stdout));
    let refused = mock(&["config", "show", "--redirect-uri", "localhost:8080/callback"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("is no absolute address"), "{}", text(&refused.stderr));
}
