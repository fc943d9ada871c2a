//! Configuration files: every mistake with its line, its key and the nearest valid name; half a server never starts.

use crate::command_line::{mock, text};
use myinfo_fixtures::keys;
use myinfo_mock_server::config::Config;
use std::fs;
use std::path::Path;

/// What `config check` says about a text.
fn checked(toml: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mock.toml");
    fs::write(&file, toml).unwrap();
    for (name, content) in [
        ("cert.pem", keys::CLIENT_CERT_PEM),
        ("key.pem", keys::CLIENT_KEY_PEM),
        ("other-key.pem", keys::STRANGER_KEY_PEM),
    ] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let output = mock(&["config", "check", file.to_str().unwrap()]);
    let said = text(&output.stdout).replace(&format!("{}/", folder.path().display()), "");
    (output.status.code(), said)
}

/// A certificate for a key of the fixtures that was valid for one day of 2024.
fn expired_certificate() -> String {
    use openssl::{asn1::Asn1Time, hash::MessageDigest, pkey::PKey, x509::X509Builder, x509::X509NameBuilder};
    let key = PKey::private_key_from_pem(keys::CLIENT_KEY_PEM.as_bytes()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "of-2024").unwrap();
    let name = name.build();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&Asn1Time::from_str("20240101000000Z").unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_str("20240102000000Z").unwrap()).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    String::from_utf8(builder.build().to_pem().unwrap()).unwrap()
}

#[test]
fn an_expired_certificate_and_a_second_one_are_warnings_with_which_the_file_can_be_used() {
    let client = |certificate: &str| {
        let head = "[[client]]\nid = 'APP'\nredirect_uris = ['http://localhost/cb']\nv3.secret = 'a-secret'\n";
        checked(&format!("{head}v3.certificate = \"\"\"{certificate}\"\"\""))
    };
    let (code, said) = client(&expired_certificate());
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.starts_with("warning: the certificate of the client `APP` expired at Jan  2 00:00:00 2024 GMT"),
        "{said}"
    );
    assert!(said.contains("mock.toml: can be used, "), "{said}");
    let (code, said) = client(&format!("{}\n{}", keys::CLIENT_CERT_PEM, keys::STRANGER_CERT_PEM));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("warning: ") && said.contains("in one file with `stranger`"), "{said}");
    let (code, said) = client(keys::CLIENT_CERT_PEM);
    assert_eq!((code, said.contains("warning")), (Some(0), false), "{said}");
}

#[test]
fn all_mistakes_are_named_at_once() {
    let (code, said) = checked(
        r#"
[server]
flavor = "test"
http = "localhost"
public_urls = ["test.api.myinfo.gov.sg"]

[v3]
skew_seconds = "300"
error_description = "hypen"
bad_signature_status = 200
gzip = "yes"

[[client]]
id = "MY-APP"
secret = "s"
redirect_uris = ["/callback", "http://localhost/#x", "https://*.example/"]

[client.v3]
secrets = "s"
attributes = ["name", "natonality", "vehicles"]
certificate = "missing.pem"

[[client]]
id = "OF-NOBODY"
redirect_uris = ["http://localhost/callback"]

[service]
key = "key.pem"
"#,
    );
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(said);
}

#[test]
fn keys_of_the_wrong_kind_are_named_in_plain_words() {
    let client = |rest: &str| {
        let (code, said) = checked(&format!(
            "[[client]]\nid = 'A'\nredirect_uris = ['http://localhost/cb']\n[client.v3]\nsecret = 's'\n{rest}"
        ));
        assert_eq!(code, Some(1), "{said}");
        said
    };
    assert!(
        client("certificate = 'key.pem'")
            .contains("`client[0].v3.certificate`: this is a private key (PEM label `PRIVATE KEY`)")
    );
    assert!(
        client("certificate = 'cert.pem'\nprivate_key = 'cert.pem'")
            .contains("`client[0].v3.private_key`: this is a certificate (PEM label `CERTIFICATE`)")
    );
    assert!(
        client("certificate = 'cert.pem'\nprivate_key = 'other-key.pem'")
            .contains("does not belong to the certificate")
    );
    assert!(client("").contains("`client[0].v3.certificate`: is missing"));
    let encrypted = openssl::pkey::PKey::private_key_from_pem(keys::CLIENT_KEY_PEM.as_bytes())
        .unwrap()
        .private_key_to_pem_pkcs8_passphrase(openssl::symm::Cipher::aes_256_cbc(), b"open")
        .unwrap();
    assert!(
        client(&format!("certificate = 'cert.pem'\nprivate_key = '''{}'''", text(&encrypted)))
            .contains("no passphrase was given")
    );
    let (_, said) = checked("[service.rsa]\nkey = 'cert.pem'\ncertificate = 'cert.pem'");
    assert!(said.contains("`service.rsa.key`: this is a certificate"), "{said}");
    let (_, said) = checked("[service.rsa]\nkey = 'key.pem'");
    assert!(said.contains("belong together"), "{said}");
}

#[test]
fn a_redirect_uri_that_leads_to_no_application_is_refused_in_a_file() {
    for (uri, says) in [
        ("javascript://%0aalert(1)", "leads to no application, but to the browser itself"),
        ("JavaScript://localhost/x", "leads to no application, but to the browser itself"),
        ("data://text/html,x", "leads to no application, but to the browser itself"),
        ("http://", "has no host"),
        ("https:///callback", "has no host"),
        ("://", "begins with no scheme"),
        ("://localhost/callback", "begins with no scheme"),
        ("", "is no absolute address"),
    ] {
        let (code, said) = checked(&format!(
            "[[client]]\nid = 'A'\nredirect_uris = ['{uri}']\nv3.secret = 'abcdefgh'\nv3.flavour = 'sandbox'"
        ));
        assert_eq!(code, Some(1), "{uri}: {said}");
        assert!(said.contains("line 3: `client[0].redirect_uris`") && said.contains(says), "{uri}: {said}");
    }
}

#[test]
fn what_would_stop_the_server_is_told_by_the_check() {
    let (code, said) = checked("[server]\nauto_login = 'nobody'");
    assert_eq!(code, Some(1));
    assert!(said.starts_with("mock.toml:2: `server.auto_login`: no persona has the id or name `nobody`"), "{said}");
    let (code, said) = checked("[[client]]\nid = ''\nredirect_uris = []\nv3.secret = ''\nv3.flavour = 'sandbox'");
    assert_eq!(code, Some(1));
    for key in ["id", "v3.secret", "redirect_uris"] {
        assert!(said.contains(&format!("`client[0].{key}`: ")), "{said}");
    }
    let (_, said) = checked("[server]\npublic_urls = ['http://a:70000']");
    assert!(said.contains("no base URL"), "{said}");
}

#[test]
fn an_automatic_login_of_nobody_is_named_with_its_line_beside_other_mistakes() {
    let client =
        "\n[[client]]\nid = 'A'\nredirect_uris = ['http://localhost/']\nauto_login = 'ANDI LAU'\nv3.secret = 's'\n";
    let toml = format!("[server]\nflavor = 'test'\nauto_login = 'nobody'\n{client}v3.flavour = 'sandbox'\n");
    let (code, said) = checked(&toml);
    assert_eq!(code, Some(1));
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 4, "{said}");
    assert!(lines[1].starts_with("  line 2: `server.flavor`: no such key"), "{said}");
    assert!(lines[2].starts_with("  line 3: `server.auto_login`: no persona has the id or name `nobody`"), "{said}");
    assert!(lines[3].starts_with("  line 8: `client[0].auto_login`: ") && said.contains("`ANDY LAU`"), "{said}");
    let (_, alone) = checked(&toml.replace("flavor", "flavour"));
    for place in ["mock.toml:3: `server.auto_login`", "mock.toml:8: `client[0].auto_login`"] {
        assert!(alone.contains(place), "{alone}");
    }
    // who is given by an option stands in no line
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mock.toml");
    fs::write(&file, "[server]\nauto_login = 'S6005048A'\n").unwrap();
    let output = mock(&["--http", "127.0.0.1:0", "--config", file.to_str().unwrap(), "--auto-login", "nobody"]);
    assert!(text(&output.stderr).contains("auto-login of the server: no persona has"), "{output:?}");
}

#[test]
fn a_value_that_does_not_fit_another_is_named_with_its_own_line() {
    for (settings, line) in [
        ("gzip = true\nnonce_window_seconds = 10", 3),
        ("gzip = true\nskew_seconds = 301", 3),
        ("skew_seconds = 10\ngzip = true\nnonce_window_seconds = 19", 4),
    ] {
        let (code, said) = checked(&format!("[v3]\n{settings}\n"));
        assert_eq!(code, Some(1));
        let says = format!("line {line}: `v3.nonce_window_seconds`: must be at least twice `skew_seconds`");
        assert!(said.contains(&says), "{settings}: {said}");
    }
    let client = "[[client]]\nid = ''\nredirect_uris = []\n[client.v3]\nflavour = 'sandbox'\nsecret = ''\n";
    let (_, said) = checked(client);
    for place in ["line 2: `client[0].id`", "line 3: `client[0].redirect_uris`", "line 6: `client[0].v3.secret`"] {
        assert!(said.contains(place), "{place}: {said}");
    }
}

#[test]
fn broken_toml_is_named_with_its_line() {
    let (code, said) = checked("[server]\nhttp = \n");
    assert_eq!(code, Some(1));
    assert!(said.contains("line 2"), "{said}");
}

#[test]
fn a_good_file_is_taken_and_a_bad_one_never_starts_a_server() {
    let (code, said) = checked(
        "[[client]]\nid = 'A'\nredirect_uris = ['http://localhost/cb']\n[client.v3]\nsecret = 's'\ncertificate = 'cert.pem'\n",
    );
    assert_eq!((code, said.as_str()), (Some(0), "mock.toml: can be used, 8 clients\n"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mock.toml");
    fs::write(&file, "[server]\nflavor = 'test'\n").unwrap();
    let output = mock(&["--config", file.to_str().unwrap(), "--http", "127.0.0.1:0"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()));
    assert!(
        text(&output.stderr).contains("line 2: `server.flavor`: no such key; did you mean `flavour`?"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn the_settings_page_names_every_setting() {
    let page = include_str!("../../../docs/configuration.md");
    for problem in Config::from_toml(
        "[v3]\nx = 1\n[server]\nx = 1\n[[client]]\nx = 1\n[client.v3]\nx = 1\n[client.fapi]\nx = 1\n[client.oidc]\nx = 1\n[oidc]\nx = 1\n[fapi]\nx = 1\n[service]\nx = 1\n[service.rsa]\nx = 1\n[tls]\nx = 1",
        Path::new("."),
    )
    .unwrap_err()
    {
        let Some((_, names)) = problem.message.split_once("the keys here are ") else { continue };
        for name in names.split(", ") {
            assert!(page.contains(&format!("`{name}`")), "docs/configuration.md does not name {name}");
        }
    }
}
