//! What a message may quote is decided three times, as no crate imports another: in mock, connector and suite alike.

use myinfo_conformance::quote as suite;
use myinfo_connector::quote as connector;
use myinfo_fixtures::keys;
use myinfo_mock_server::quote as mock;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// Whether each of them shows a text that stands in quotes in a message, and as the name of a file.
fn verdicts(text: &str) -> [(&'static str, bool); 6] {
    let message = format!("`{text}` cannot be read");
    let name = format!("`{text}`");
    [
        ("mock", mock::without_keys(&message) == message),
        ("connector", connector::without_keys(&message) == message),
        ("suite", suite::without_keys(&message) == message),
        ("mock, a name", mock::quoted(text) == name),
        ("connector, a name", connector::quoted(text) == name),
        ("suite, a name", suite::file_name(text) == text),
    ]
}

/// The verdict, where all have one.
fn shown(text: &str) -> Result<bool, String> {
    let all = verdicts(text);
    let [(_, first), others @ ..] = all;
    if others.iter().all(|(_, verdict)| *verdict == first) { Ok(first) } else { Err(format!("{text}: {all:?}")) }
}

fn body(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with('-')).collect()
}

const NAMES: &[&str] = &[
    "client-key.pem",
    "/home/anna/Projects/my-company/backend/config/keys/myinfo/Client2024_Key",
    "/srv/BACKEND keys/CERTIFICATE-2024.pem",
    "C:\\backend\\v3\\configX/anna/config/usersX.pem",
    "./prod/Server2024X/config",
    "/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/key.pem",
    "/tmp/.tmpA1b2C3/state",
    "http://localhost:3001/callback?keep=this",
    "childrenbirthrecords.vaccinationrequirements",
    "ExportSubjectPublicKeyInfoPem",
    "5d41402abc4b2a76b9719d911017c592",
    "9e6a3b5c-0000-4000-8000-000000000000",
    "TESTBEDxMYINFOxAPPx0000000000001",
    "STG2-MYINFO-SELF-TEST",
    "",
    "ü",
    "😀",
];

#[test]
fn names_are_shown_by_all_and_pieces_of_keys_by_none() {
    for name in NAMES {
        assert_eq!(shown(name), Ok(true));
    }
    for pem in [keys::CLIENT_KEY_PEM, keys::CLIENT_KEY_ENCRYPTED_PEM, keys::CLIENT_CERT_PEM, keys::STRANGER_KEY_PEM] {
        let body = body(pem);
        for (from, length) in (0..body.len() - 400).step_by(97).flat_map(|from| [(from, 40), (from, 64), (from, 400)]) {
            assert_eq!(shown(&body[from..from + length]), Ok(false));
        }
        assert_eq!(shown(&body), Ok(false));
    }
    // the end of an encrypted key's first line, where the line was cut
    assert_eq!(shown("MAwGCCqGSIb3DQIJBQAw"), Ok(false));
}

/// Words that people make names of files from.
const WORDS: &[&str] = &[
    "anna",
    "Projects",
    "backend",
    "keys",
    "Myinfo",
    "Server2024",
    "KEY",
    "RSA",
    "CamelCaseName",
    "v3",
    "2024-11",
    "usersX",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: Some(Box::new(FileFailurePersistence::Off)), ..ProptestConfig::with_cases(500) })]

    #[test]
    fn of_any_name_all_say_the_same(
        words in prop::collection::vec(prop::sample::select(WORDS), 1..8),
        between in prop::sample::select(&["/", "_", "-", ".", " ", "\\"][..]),
        end in prop::sample::select(&["", ".pem", ".key"][..]),
    ) {
        let name = format!("{}{end}", words.join(between));
        prop_assert!(shown(&name).is_ok(), "{:?}", shown(&name));
    }

    #[test]
    fn of_any_piece_of_a_key_all_say_the_same(from in 0..1_500_usize, length in 16..200_usize, before in "[a-z/. ]{0,6}") {
        let body = body(keys::CLIENT_KEY_PEM);
        let from = from % (body.len() - length);
        let text = format!("{before}{}", &body[from..from + length]);
        prop_assert!(shown(&text).is_ok(), "{:?}", shown(&text));
    }
}
