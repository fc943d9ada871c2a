//! Keys as people have them, at every entrance: recognised in the same words by mock and connector, read where that is
//! safe, and never shown.

use crate::support::rig;
use myinfo_conformance::server::target_file::Described;
use myinfo_connector::key::{PrivateKey, PublicKey};
use myinfo_connector::v3::{Config as ConnectorConfig, Environment};
use myinfo_fixtures::damage::{Damage, shown_in};
use myinfo_fixtures::keys;
use myinfo_mock_server::config::Config;
use myinfo_mock_server::doctor::token::{TokenOptions, token};
use openssl::pkcs12::Pkcs12;
use openssl::pkey::PKey;
use openssl::x509::X509;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

/// What the mock says of a file as private key or certificate of a client: its problems, or else its remarks.
fn mock_says(folder: &Path, field: &str, content: &[u8]) -> Result<Vec<String>, Vec<String>> {
    std::fs::write(folder.join("given"), content).unwrap();
    std::fs::write(folder.join("cert.pem"), keys::CLIENT_CERT_PEM).unwrap();
    let certificate = if field == "private_key" { "certificate = 'cert.pem'\n" } else { "" };
    let toml = format!(
        "[[client]]\nid = 'X'\nredirect_uris = ['http://localhost/cb']\n[client.v3]\nsecret = 'abcdefgh'\n{certificate}{field} = 'given'\n"
    );
    let messages = |problems: Vec<myinfo_mock_server::config::Problem>| {
        problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>()
    };
    Config::from_toml(&toml, folder).map(|config| messages(config.remarks)).map_err(messages)
}

fn connector_says(field: &str, content: &[u8]) -> Result<Vec<String>, String> {
    let builder = ConnectorConfig::builder(Environment::Sandbox)
        .client("X", "abcdefgh")
        .redirect_uri("http://localhost/cb")
        .attributes(["name"]);
    let builder = builder.myinfo_key(keys::MYINFO_CERT_PEM.as_bytes()).unwrap();
    let builder = match field {
        "private_key" => builder.private_key(content, None),
        _ => builder.myinfo_key(content),
    };
    let config = builder.map_err(|error| error.to_string())?.build().unwrap();
    Ok(config.notes().iter().map(|note| (*note).to_owned()).collect())
}

fn xml(private: bool) -> String {
    let rsa = PKey::private_key_from_pem(keys::CLIENT_KEY_PEM.as_bytes()).unwrap().rsa().unwrap();
    let modulus = openssl::base64::encode_block(&rsa.n().to_vec());
    let d =
        if private { format!("<D>{}</D>", openssl::base64::encode_block(&rsa.d().to_vec())) } else { String::new() };
    format!("<RSAKeyValue><Modulus>{modulus}</Modulus><Exponent>AQAB</Exponent>{d}</RSAKeyValue>\n")
}

fn twice(key: &str) -> String {
    openssl::base64::encode_block(key.as_bytes())
}

const PUTTY: &str = "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: x\nPublic-Lines: 6\n";
const SSH2: &str = "---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3NzaC1yc2E\n---- END SSH2 PUBLIC KEY ----\n";

/// Forms of keys that cannot be read, with what is said of each as private key and as certificate.
fn forms() -> Vec<(Vec<u8>, &'static str, &'static str)> {
    let of = |damage: Damage| damage.done_to(keys::CLIENT_KEY_PEM, 0);
    let (private, public) = ("this is a private key (", "this is a public key (");
    let both = |content: Vec<u8>, says| (content, says, says);
    vec![
        both(Vec::new(), "the file is empty"),
        both(b" \n\t\n".to_vec(), "the file is empty"),
        (keys::CLIENT_KEY_OPENSSH.into(), "`ssh-keygen -p -m PKCS8 -N '' -f FILE`", private),
        (keys::CLIENT_PUBLIC_KEY_OPENSSH.into(), public, "`ssh-keygen -e -m PKCS8 -f FILE > public-key.pem`"),
        (b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me".to_vec(), public, "Ed25519"),
        (SSH2.into(), public, "`ssh-keygen -i -f FILE > key.pub`"),
        (xml(true).into(), "ExportPkcs8PrivateKeyPem", private),
        (xml(false).into(), public, "ExportSubjectPublicKeyInfoPem"),
        (PUTTY.into(), "`puttygen FILE -O private-openssh -o key.pem`", private),
        (of(Damage::FourHyphens), "BEGIN or END line is damaged", "BEGIN or END line is damaged"),
        (of(Damage::NoHyphens), "BEGIN or END line is damaged", "BEGIN or END line is damaged"),
        (of(Damage::Label), "do not name the same thing", private),
        both(of(Damage::Typeset), "hyphens of its BEGIN and END lines became dashes"),
        both(of(Damage::NoBegin), "`grep -v -e '--' FILE | base64 -d > key.der`"),
        both(of(Damage::Bare), "`grep -v -e '--' FILE | base64 -d > key.der`"),
        both(twice(keys::CLIENT_KEY_PEM).into(), "encoded in Base64 once more"),
        (of(Damage::Quoted), "there are quotes around it", private),
        (of(Damage::OneLine), "its line breaks are lost", private),
        (of(Damage::Spaces), "its line breaks are lost", private),
        (of(Damage::NoEnd), "`-----END PRIVATE KEY-----` is missing", private),
    ]
}

#[test]
fn mock_and_connector_say_the_same_of_a_key_in_a_form_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    for (content, as_private, as_public) in forms() {
        for (field, expected) in [("private_key", as_private), ("certificate", as_public)] {
            let shown = String::from_utf8_lossy(&content);
            let ours = connector_says(field, &content).expect_err(&shown);
            let mocks = mock_says(folder.path(), field, &content).expect_err(&shown);
            // the mock says of a private key where it should stay
            let same = mocks.len() == 1 && mocks[0].starts_with(&*ours);
            let wrong_half = as_private.starts_with("this is a") || as_public.starts_with("this is a");
            assert!(same || wrong_half, "{field}: {mocks:?}\n{ours}\n{shown}");
            let marks = expected != "this is a private key (" || mocks[0].starts_with(expected);
            assert!(marks && mocks[0].contains(expected), "{field}: {mocks:?}\n{shown}");
        }
    }
}

#[test]
fn what_cannot_be_part_of_a_key_is_read_past_with_a_note() {
    let folder = tempfile::tempdir().unwrap();
    for (field, key) in [("private_key", keys::CLIENT_KEY_PEM), ("certificate", keys::CLIENT_CERT_PEM)] {
        for (damage, says) in [
            (Damage::Escaped, "`\\n`"),
            (Damage::Indented, "indented"),
            (Damage::Utf16, "UTF-16"),
            (Damage::Mark, "byte order mark"),
        ] {
            let content = damage.done_to(key, 0);
            let notes = mock_says(folder.path(), field, &content).unwrap();
            assert!(notes.len() == 1 && notes[0].contains(says), "{field} {damage:?}: {notes:?}");
            assert_eq!(connector_says(field, &content).unwrap(), notes, "{field} {damage:?}");
        }
        assert_eq!(mock_says(folder.path(), field, key.as_bytes()), Ok(Vec::new()));
        assert_eq!(connector_says(field, key.as_bytes()), Ok(Vec::new()));
    }
}

#[test]
fn each_command_of_the_usual_tools_mends_what_it_is_told_for() {
    let folder = tempfile::tempdir().unwrap();
    let of = |damage: Damage| damage.done_to(keys::CLIENT_KEY_PEM, 0);
    for content in [
        of(Damage::FourHyphens),
        of(Damage::FourInFront),
        of(Damage::NoHyphens),
        of(Damage::Typeset),
        of(Damage::NoBegin),
        of(Damage::Bare),
        of(Damage::BareLine),
        of(Damage::Quoted),
        of(Damage::OneLine),
        of(Damage::Spaces),
        of(Damage::NoEnd),
        twice(keys::CLIENT_KEY_PEM).into(),
    ] {
        let says = connector_says("private_key", &content).unwrap_err();
        let command = says.split('`').find(|part| part.contains("FILE")).unwrap_or_else(|| panic!("{says}"));
        let given = folder.path().join("FILE");
        std::fs::write(&given, &content).unwrap();
        let run = Command::new("sh").args(["-c", command]).current_dir(folder.path()).output().unwrap();
        assert!(run.status.success(), "{command}: {run:?}");
        let written = ["key.pem", "key.der", "FILE"].map(|name| folder.path().join(name));
        let written = written.iter().find(|path| path.exists()).unwrap();
        let mended = std::fs::read(written).unwrap();
        std::fs::remove_file(written).unwrap();
        assert_eq!(connector_says("private_key", &mended), Ok(Vec::new()), "{command}");
    }
}

/// How many of the keys are in PEM: the first ones.
const PEM: usize = 8;

/// The keys that are damaged: made once, for one of them differs each time.
static ALL_KEYS: LazyLock<Vec<String>> = LazyLock::new(all_keys);

/// The same: every format.
fn all_keys() -> Vec<String> {
    let jwk = |kid: &str| keys::ec::private(kid).unwrap().to_string();
    let mut all: Vec<String> = [
        keys::CLIENT_KEY_PEM,
        keys::CLIENT_KEY_PKCS1_PEM,
        keys::CLIENT_KEY_ENCRYPTED_PEM,
        keys::CLIENT_KEY_OPENSSH,
        keys::CLIENT_CERT_PEM,
        keys::CLIENT_PUBLIC_KEY_PEM,
        keys::ec::CLIENT_PEMS[0].sec1,
        keys::ec::CLIENT_PEMS[2].pkcs8,
    ]
    .map(str::to_owned)
    .into();
    all.extend([jwk("client-sig-p256"), jwk("client-enc-p521"), xml(true), putty(), pkcs12()]);
    all
}

/// Lines of Base64, as they stand in files.
fn on_lines(bytes: &[u8]) -> String {
    let text = openssl::base64::encode_block(bytes);
    text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line) + "\n").collect()
}

/// The client's key as `PuTTY` keeps it: integers with their lengths in front, the public ones first.
fn putty() -> String {
    let rsa = PKey::private_key_from_pem(keys::CLIENT_KEY_PEM.as_bytes()).unwrap().rsa().unwrap();
    let with_length = |bytes: &[u8]| [u32::try_from(bytes.len()).unwrap().to_be_bytes().as_slice(), bytes].concat();
    let number = |number: &openssl::bn::BigNumRef| with_length(&[[0].as_slice(), number.to_vec().as_slice()].concat());
    let public = on_lines(&[with_length(b"ssh-rsa"), number(rsa.e()), number(rsa.n())].concat());
    let private = [Some(rsa.d()), rsa.p(), rsa.q(), rsa.iqmp()].map(|part| number(part.unwrap())).concat();
    let (private, count) = (on_lines(&private), |lines: &str| lines.lines().count());
    format!(
        "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: client\nPublic-Lines: {}\n{public}Private-Lines: {}\n{private}Private-MAC: {:064x}\n",
        count(&public),
        count(&private),
        0
    )
}

/// The client's key and certificate in a PKCS#12 file, in Base64: it is damaged as text and, behind that, as the bytes.
fn pkcs12() -> String {
    let key = PKey::private_key_from_pem(keys::CLIENT_KEY_PEM.as_bytes()).unwrap();
    let certificate = X509::from_pem(keys::CLIENT_CERT_PEM.as_bytes()).unwrap();
    let bundle = Pkcs12::builder().name("client").pkey(&key).cert(&certificate).build2("open").unwrap();
    on_lines(&bundle.to_der().unwrap())
}

/// Everything that the mock, the connector and the suite say of it, as file and as text in place of a file.
fn told(folder: &Path, content: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(content).into_owned();
    std::fs::write(folder.join("given"), content).unwrap();
    let mut told = Vec::new();
    let quoted = |text: &str| Value::from(text).to_string();
    for given in ["given", &text] {
        for toml in [
            format!("[service.rsa]\nkey = {0}\ncertificate = {0}", quoted(given)),
            format!("[tls]\nkey = {0}\ncertificate = {0}", quoted(given)),
            format!("[server]\nflavour = {0}\npublic_urls = [{0}]\nhttp = {0}\npersonas = {0}", quoted(given)),
            format!(
                "[[client]]\nid = 'X'\nredirect_uris = [{0}]\nv3 = {{ secret = 'abcdefgh', certificate = {0}, private_key = {0}, sub = {0}, attributes = [{0}] }}",
                quoted(given)
            ),
            given.to_owned(),
        ] {
            let says = Config::from_toml(&toml, folder)
                .map_or_else(|problems| format!("{problems:?}"), |config| format!("{:?}", config.remarks));
            told.push((format!("config: {toml}"), says));
        }
        let target = format!(
            "name = 'x'\ncertificate = {0}\n[client]\nid = 'X'\nsecret = 's'\nredirect_uri = {0}\nprivate_key = {0}\n",
            quoted(given)
        );
        for target in [
            target.clone(),
            target.replace(&format!("redirect_uri = {}", quoted(given)), "redirect_uri = 'http://localhost/cb'"),
            given.to_owned(),
        ] {
            std::fs::write(folder.join("target.toml"), &target).unwrap();
            let says = Described::read(&folder.join("target.toml"))
                .map_or_else(|error| format!("{error:#}"), |_| String::new());
            told.push((format!("target: {target}"), says));
        }
    }
    let built_in = Config::built_in().unwrap();
    let options = TokenOptions { keys: vec![("given".to_owned(), content.to_owned())], ..TokenOptions::default() };
    let doctor = token(&built_in, "a.b.c", &options).map_or_else(|error| format!("{error:#}"), |report| report.text);
    told.push(("doctor token --key".to_owned(), doctor));
    let key = PrivateKey::read(content, None).map_or_else(|error| error.to_string(), |key| format!("{key:?}"));
    told.push(("connector, private".to_owned(), key));
    let key = PublicKey::read(content).map_or_else(|error| error.to_string(), |key| format!("{key:?}"));
    told.push(("connector, public".to_owned(), key));
    told
}

#[test]
fn every_format_is_one_that_its_tools_read_and_all_are_tried() {
    assert_eq!(ALL_KEYS.len(), 13);
    let is_pem = |key: &&String| key.contains("-----BEGIN ");
    assert_eq!(
        (ALL_KEYS[..PEM].iter().filter(is_pem).count(), ALL_KEYS[PEM..].iter().filter(is_pem).count()),
        (PEM, 0)
    );
    let bundle = openssl::base64::decode_block(&pkcs12().replace('\n', "")).unwrap();
    assert!(Pkcs12::from_der(&bundle).unwrap().parse2("open").unwrap().pkey.is_some());
    let said = connector_says("private_key", putty().as_bytes()).unwrap_err();
    assert!(said.contains("`puttygen FILE -O private-openssh -o key.pem`"), "{said}");
}

/// Another one for each run; `MYINFO_SEED` repeats one.
static SEED: LazyLock<u64> = LazyLock::new(|| {
    let given = std::env::var("MYINFO_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| RandomState::new().build_hasher().finish())
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, rng_seed: RngSeed::Fixed(*SEED), ..ProptestConfig::default() })]
    #[test]
    fn no_entrance_shows_a_key_in_pem_however_it_was_damaged(which in 0..PEM, damages in damages(), place in 0..2000_usize) {
        no_entrance_shows(&ALL_KEYS[which], &damages, place)?;
    }

    #[test]
    fn no_entrance_shows_a_key_in_another_form_however_it_was_damaged(which in PEM..13, damages in damages(), place in 0..2000_usize) {
        no_entrance_shows(&ALL_KEYS[which], &damages, place)?;
    }
}

/// One damage, or two.
fn damages() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(0..Damage::ALL.len(), 1..3)
}

fn no_entrance_shows(key: &str, damages: &[usize], place: usize) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let content = damages.iter().fold(key.as_bytes().to_vec(), |content, damage| {
        Damage::ALL[*damage].done_to(&String::from_utf8_lossy(&content), place)
    });
    for (entrance, says) in told(folder.path(), &content) {
        prop_assert_eq!(shown_in(&says, key), None, "MYINFO_SEED={} {}\nsaid {}", *SEED, entrance, says);
    }
    Ok(())
}

#[tokio::test]
async fn the_admin_api_shows_no_key_in_pem_however_it_was_damaged() {
    told_by_the_admin_api(&ALL_KEYS[..PEM]).await;
}

#[tokio::test]
async fn the_admin_api_shows_no_key_in_another_form_however_it_was_damaged() {
    told_by_the_admin_api(&ALL_KEYS[PEM..]).await;
}

/// Sends keys with every damage wherever the admin API takes one, and some more; none of it may come back.
async fn told_by_the_admin_api(keys: &[String]) {
    let rig = rig("com").await;
    let base = rig.mock.base_url();
    for key in keys {
        for damage in Damage::ALL {
            let text = String::from_utf8_lossy(&damage.done_to(key, 300)).into_owned();
            let client = json!({"redirect_uris": ["http://localhost/cb"], "v3": {"secret": "abcdefgh", "certificate": text, "private_key": text}});
            let realm = json!({"config": {"service": {"rsa": {"key": text, "certificate": text}}, "server": {"flavour": text}}});
            let http = &rig.client.http;
            for request in [
                http.put(format!("{base}/_mock/clients/X")).json(&client),
                http.post(format!("{base}/_mock/realms")).json(&realm),
                http.post(format!("{base}/_mock/realms")).json(&json!({"config": text})),
                http.post(format!("{base}/_mock/realms")).json(&json!({"name": text})),
            ] {
                let answer = request.send().await.unwrap().text().await.unwrap();
                assert_eq!(shown_in(&answer, key), None, "{damage:?}: {answer}");
            }
        }
    }
}

#[tokio::test]
async fn the_admin_api_notes_what_it_read_past() {
    let rig = rig("com").await;
    let indented = String::from_utf8(Damage::Indented.done_to(keys::CLIENT_CERT_PEM, 0)).unwrap();
    let client =
        json!({"redirect_uris": ["http://localhost/cb"], "v3": {"secret": "abcdefgh", "certificate": indented}});
    let put = rig.client.http.put(format!("{}/_mock/clients/X", rig.mock.base_url())).json(&client);
    let answer: Value = put.send().await.unwrap().json().await.unwrap();
    assert!(answer["notes"][0].as_str().unwrap().contains("indented"), "{answer}");
}
