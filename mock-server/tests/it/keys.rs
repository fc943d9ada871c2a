//! Damaged keys on the command line: recognised, and never shown.

use crate::command_line::{mock, text};
use myinfo_fixtures::damage::{Damage, shown_in};
use myinfo_fixtures::keys;
use std::fs;

#[test]
fn no_command_shows_a_key_however_it_was_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    for key in [keys::CLIENT_KEY_PEM, keys::CLIENT_CERT_PEM, keys::ec::CLIENT_PEMS[0].sec1] {
        for damage in Damage::ALL {
            let content = damage.done_to(key, 400);
            let pasted = String::from_utf8_lossy(&content).replace('\0', "");
            let given = file("given", &content);
            let config = file("mock.toml", b"[service.rsa]\nkey = 'given'\ncertificate = 'given'\n");
            let inline = format!("[service.rsa]\nkey = '''{pasted}'''\ncertificate = '''{pasted}'''\n");
            let inline = file("inline.toml", inline.as_bytes());
            for arguments in [
                vec!["config", "check", &config],
                vec!["config", "check", &inline],
                vec!["config", "check", &given],
                vec!["config", "check", &pasted],
                vec!["--config", &inline],
                vec!["doctor", "token", &config, "--key", &given],
                vec!["doctor", "token", &config, "--key", &pasted],
                vec!["doctor", "request", &given],
                vec!["persona", "check", &given],
                vec!["--auto-login", &pasted, "config", "show"],
            ] {
                let output = mock(&arguments);
                let says = format!("{}{}", text(&output.stdout), text(&output.stderr));
                assert_eq!(shown_in(&says, key), None, "{damage:?} {}: {says}", arguments.join(" "));
            }
        }
    }
}

#[test]
fn a_key_in_one_piece_is_taken_for_no_name_of_a_file() {
    let body: String = keys::CLIENT_KEY_PEM.lines().filter(|line| !line.starts_with('-')).collect();
    for piece in [body.as_str(), &body[..200]] {
        for arguments in [vec!["--personas", piece, "config", "show"], vec!["export", piece]] {
            let output = mock(&arguments);
            let says = format!("{}{}", text(&output.stdout), text(&output.stderr));
            assert_eq!(shown_in(&says, keys::CLIENT_KEY_PEM), None, "{}: {says}", arguments.join(" "));
            assert_eq!(output.status.code(), Some(2), "{says}");
        }
    }
}

#[test]
fn a_key_in_place_of_a_file_s_name_is_told_in_one_sentence() {
    let output = mock(&["doctor", "token", "-", "--key", keys::CLIENT_KEY_PEM]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "myinfo-mock: an argument holds the text of a key: write it to a file of its own, and give the name of that file\n"
    );
}

#[test]
fn config_check_and_the_doctor_note_what_they_read_past() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("key.pem"), Damage::Indented.done_to(keys::MYINFO_KEY_PEM, 0)).unwrap();
    fs::write(at("cert.pem"), Damage::Utf16.done_to(keys::MYINFO_CERT_PEM, 0)).unwrap();
    fs::write(at("mock.toml"), "[service.rsa]\nkey = 'key.pem'\ncertificate = 'cert.pem'\n").unwrap();
    let output = mock(&["config", "check", &at("mock.toml")]);
    let says = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{says}");
    assert!(says.contains("note: line 2: `service.rsa.key`: its lines are indented"), "{says}");
    assert!(says.contains("\nnote: line 3: `service.rsa.certificate`: it is UTF-16 text"), "{says}");
    let output = mock(&["doctor", "token", &at("mock.toml"), "--key", &at("cert.pem")]);
    assert!(text(&output.stdout).contains("cert.pem: it is UTF-16 text"), "{}", text(&output.stdout));
}
