//! What `config show` prints is a configuration again, and the same one.

use super::*;
use crate::config::Secret;
use crate::config::sources::Kept;
use myinfo_fixtures::keys::{self, ec};
use openssl::pkey::{PKey, Private};
use proptest::prelude::*;
use serde_json::json;
use std::fs;
use std::path::Path;
use toml::Value as Toml;

const SHOWN: Look = Look { secrets: true, colour: false };

/// Everything that a configuration says, to be compared.
fn facts(config: &Config) -> Vec<String> {
    let private = |key: Option<&PKey<Private>>| key.map(|key| key.private_key_to_der().unwrap());
    let sections = profile::protocols(profile::ALL).sections();
    let mut facts: Vec<String> = server::shown(config).iter().map(|shown| format!("{shown:?}")).collect();
    facts.push(format!("{:?}", config.admin_token.as_ref().map(Secret::reveal)));
    facts.push(format!("{:?}", config.tls.as_ref().map(|tls| (&tls.chain_pem, &tls.key_pem))));
    facts.push(format!("{:?}", private(Some(&config.service.rsa.private))));
    facts.push(config.service.rsa.certificate_pem.clone());
    facts.push(match config.sources.kept("fapi.jwks_ca") {
        Some(Kept::File(path)) => fs::read_to_string(path).unwrap(),
        Some(Kept::Text(text)) => text.reveal().to_owned(),
        None => String::new(),
    });
    for section in &sections {
        facts.push(format!("{:?}", (section.shown)(config)));
    }
    for client in config.clients.values() {
        let secrets: Vec<&str> = client.secrets.iter().map(Secret::reveal).collect();
        facts.push(format!("{} {:?} {:?} {:?}", client.id, client.name, client.redirect_uris, client.auto_login));
        facts.push(format!("{secrets:?}"));
        for section in &sections {
            facts.push(format!("{:?}", (section.describe)(client)));
            facts.push(format!("{:?}", private((section.keys)(client).private)));
        }
    }
    facts
}

/// The configuration of a text, and that of what is shown of it, in another folder.
fn shown_and_read(text: &str, folder: &Path) -> (Config, String, Config) {
    let config = Config::from_toml(text, folder).unwrap();
    let shown = document(&config, &Given::default(), SHOWN);
    let read = Config::from_toml(&shown, Path::new("/nowhere"));
    let again = read.unwrap_or_else(|problems| panic!("{problems:#?}\n{shown}"));
    (config, shown, again)
}

/// A file that uses every table, with its keys as texts or as the names of files.
fn every_table(material: &dyn Fn(&str, &str) -> String) -> String {
    let materials = [
        ("{certificate}", "cert.pem", keys::CLIENT_CERT_PEM),
        ("{key}", "key.pem", keys::CLIENT_KEY_ENCRYPTED_PEM),
        ("{own}", "own.pem", keys::MYINFO_CERT_PEM),
        ("{own_key}", "own-key.pem", keys::MYINFO_KEY_PEM),
        ("{jwks}", "jwks.json", ec::CLIENT_JWKS),
    ];
    materials.into_iter().fold(EVERY_TABLE.to_owned(), |file, (place, name, text)| {
        file.replace(place, &Toml::String(material(name, text)).to_string())
    })
}

/// A folder with what [`every_table`] names.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("people")).unwrap();
    folder
}

fn in_files(folder: &Path) -> String {
    every_table(&|name, text| {
        fs::write(folder.join(name), text).unwrap();
        name.to_owned()
    })
}

#[test]
fn what_is_shown_is_the_same_configuration_in_whatever_form_its_keys_are_given() {
    let folder = folder();
    let texts = every_table(&|_, text| text.to_owned());
    let files = in_files(folder.path());
    for text in ["", "[v3]\n[tls]\n[service]", "[server]\nredirect_uris = ['http://a/b']", &texts, &files] {
        let (config, shown, again) = shown_and_read(text, folder.path());
        assert_eq!(facts(&config), facts(&again), "{shown}");
    }
}

/// The schema has every key that the readers ask for.
fn keys_of(schema: &serde_json::Value) -> Vec<String> {
    let mut found = Vec::new();
    for (name, below) in schema["properties"].as_object().into_iter().flatten() {
        let table = if below["type"] == "array" { &below["items"] } else { below };
        if table["type"] == "object" { found.extend(keys_of(table)) } else { found.push(name.clone()) }
    }
    found
}

#[test]
fn every_key_of_the_file_is_shown() {
    let folder = folder();
    let (_, shown, _) = shown_and_read(&in_files(folder.path()), folder.path());
    for key in keys_of(&Config::schema()) {
        let begins = |line: &str| [" =", ":"].iter().any(|end| line.starts_with(&format!("{key}{end}")));
        assert!(shown.lines().any(|line| begins(line.trim_start_matches("# "))), "{key} is missing: {shown}");
    }
}

#[test]
fn secrets_and_private_keys_are_left_out_and_missed_when_the_file_is_used_without_them() {
    let folder = folder();
    let config = Config::from_toml(&every_table(&|_, text| text.to_owned()), folder.path()).unwrap();
    let shown = document(&config, &Given::default(), Look::default());
    for secret in ["an-admin-token-that-is-secret", "the-secret-of-one-client", "\"open\"", "PRIVATE"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    assert!(shown.contains("BEGIN CERTIFICATE") && shown.contains("\"kty\""), "public keys are shown: {shown}");
    assert!(shown.contains("# 7 values are left out"), "{shown}");
    assert!(shown.contains("\n# secret: left out (--show-secrets)"), "{shown}");
    assert!(shown.contains("\n# admin_token: left out (--show-secrets)"), "{shown}");
    assert!(shown.contains("\nadmin_token = \"\"\n"), "{shown}");
    let missed = Config::from_toml(&shown, Path::new("/nowhere")).unwrap_err();
    let missed: Vec<&str> = missed.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(missed, ["tls", "service.rsa", "client[1].v3.secret"]);
}

#[test]
fn a_text_that_looks_like_a_key_is_left_out_where_none_belongs() {
    let key: String = keys::CLIENT_KEY_PEM.lines().skip(1).take(1).collect();
    let config = Config::from_toml(&format!("[server]\nauto_login = '{key}'"), Path::new(".")).unwrap();
    let shown = document(&config, &Given::default(), Look::default());
    assert!(!shown.contains(&key) && shown.contains("# auto_login: left out, it looks like a key"), "{shown}");
}

#[test]
fn each_value_has_its_origin_and_lines_are_short() {
    let text = "[server]\nflavour = 'sandbox'\nhttp = '8080'\npublic_urls = ['http://a']\n\n[v3]\ngzip = true\n";
    let config = Config::from_toml(text, Path::new(".")).unwrap().named("my.toml");
    let settings = vec![("http", "--http".to_owned()), ("public_urls", "MYINFO_MOCK_PUBLIC_URL".to_owned())];
    let given = Given { settings, beside: vec![("--seed 7".to_owned(), "MYINFO_MOCK_SEED".to_owned())] };
    let shown = document(&config, &given, Look::default());
    let beside = |key: &str| {
        let line = shown.lines().find(|line| line.trim_start_matches("# ").starts_with(key)).unwrap();
        line.rsplit_once("# ").unwrap().1
    };
    for (key, origin) in [
        ("flavour =", "my.toml:2"),
        ("http =", "--http"),
        ("public_urls =", "my.toml:4, MYINFO_MOCK_PUBLIC_URL"),
        ("gzip =", "my.toml:7"),
        ("skew_seconds =", "default"),
        ("https: off", "default"),
        ("  --seed 7", "MYINFO_MOCK_SEED"),
    ] {
        assert_eq!(beside(key), origin, "{key}: {shown}");
    }
    let long: Vec<&str> = shown.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn colours_change_nothing_but_colours_and_text_from_outside_brings_none() {
    let folder = folder();
    let config = Config::from_toml(&every_table(&|_, text| text.to_owned()), folder.path()).unwrap();
    let plain = document(&config, &Given::default(), SHOWN);
    let coloured = document(&config, &Given::default(), Look { colour: true, ..SHOWN });
    assert!(plain.chars().all(|character| character == '\n' || !crate::text::is_odd(character)), "{plain}");
    let bare =
        ["\u{1b}[2m", "\u{1b}[1m", "\u{1b}[0m"].iter().fold(coloured.clone(), |text, code| text.replace(code, ""));
    assert!(coloured != plain && bare == plain, "{coloured}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_settings_are_read_back_as_they_were(
        (text, name, realm) in (any::<String>(), any::<String>(), any::<String>()),
        (skew, status, seconds) in (1..1000_u32, 400..600_u32, 1..86_400_u32),
        (flag, other) in (any::<bool>(), any::<bool>()),
    ) {
        let file = json!({
            "server": {"auto_login": text, "explain": flag, "client_seconds": 1 + seconds % 600},
            "v3": {"gov_realm": realm, "skew_seconds": skew, "nonce_window_seconds": 2 * skew + 1,
                "bad_signature_status": status, "gzip": flag, "refresh_token": other},
            "fapi": {"code_lifetime_seconds": seconds, "strict": other, "agencies_down": ["CPFB"]},
            "oidc": {"profile": if flag { "bridge" } else { "direct" }, "pkce_required": other},
            "client": [{"id": "APP", "name": name, "redirect_uris": ["http://localhost/"],
                "v3": {"secret": "hush", "flavour": "sandbox", "esvc_ids": [realm]}}],
        });
        let (config, shown, again) = shown_and_read(&toml::to_string(&file).unwrap(), Path::new("."));
        prop_assert_eq!(facts(&config), facts(&again), "{}", shown);
    }
}

const EVERY_TABLE: &str = r#"
[server]
http = "8080"
https = "localhost:8443"
proxy = "[::1]:8888"
https_faults = ["expired=127.0.0.1:5443", "wrong-host=5444"]
state_dir = "state"
public_urls = ["https://test.api.myinfo.gov.sg", "http://localhost:5156/base/"]
redirect_uris = ["http://localhost:4000/callback", "http://localhost:3001/callback"]
personas = "people"
flavour = "sandbox"
auto_login = "S6005048A"
explain = true
admin_token = "an-admin-token-that-is-secret"
client_seconds = 7
journal_exchanges = 12

[tls]
key = {own_key}
certificate = {own}

[service.rsa]
key = {key}
certificate = {certificate}
passphrase = "open"

[v3]
error_description = "both"
token_error_code = "number"
person_error_code = "text"
unknown_attribute_text = "client"
repeated_parameters = "last"
missing_items = "omitted"
bad_signature_status = 401
skew_seconds = 5
nonce_window_seconds = 11
text_limit = 9
gov_realm = "realm"
issuer_origin = "https://issuer.example"
legacy_callback = true
refresh_token = false

[fapi]
strict = true
request_uri_seconds = 1
jwks_tries = 2
jwks_ca = {certificate}
agencies_down = ["CPFB", "IRAS"]
userinfo_enc = "A256CBC-HS512"

[oidc]
profile = "bridge"
pkce_required = false
userinfo_enc = "A256GCM"

[[client]]
id = "T5sM5a53Yaw3URyDEv2y9129CbElCN2F"
redirect_uris = ["http://localhost:3001/callback"]
auto_login = "S9812381D"
[client.v3]
secret = "the-secret-of-one-client"
certificate = {certificate}
private_key = {key}
passphrase = "open"
kid = "a kid of its own"
attributes = ["uinfin", "name", "vehicles.vehicleno"]
flavour = "test"
sub = "uinfin"
esvc_ids = ["E1", "E2"]
[client.fapi]
app = "myinfo"
jwks = {jwks}
scopes = ["openid", "uinfin", "name"]
acr = true
[client.oidc]
profile = "direct"

[[client]]
id = "NAME \u202e é 'x"
name = "\u001b]0;title\u0007\n[[client]]\t\r \u007f é \\"
redirect_uris = ["https://app.example/a", "my.app://login/x"]
fapi.app = "login"
fapi.jwks_url = "https://app.example/jwks"
"#;
