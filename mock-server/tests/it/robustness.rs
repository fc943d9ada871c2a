//! Hostile input: whatever comes, there is an answer below 500, no panic, no hang, and the server lives on.

use myinfo_mock_server::MockServer;
use myinfo_mock_server::config::Config;
use proptest::prelude::*;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Sends bytes, closes the sending side, and returns whatever comes back.
pub(crate) fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

pub(crate) fn status(answer: &str) -> u16 {
    answer
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3))
        .and_then(|code| code.parse().ok())
        .unwrap_or_default()
}

#[test]
fn a_request_for_a_proxy_is_told_where_the_proxy_is() {
    let runtime = Runtime::new().unwrap();
    let mock = runtime.block_on(MockServer::builder().start()).unwrap();
    let host = "test.api.myinfo.gov.sg:443";
    for line in [format!("CONNECT {host}"), "GET localhost".to_owned(), "CONNECT localhost:5156".to_owned()] {
        let answer = exchange(mock.address(), format!("{line} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
        assert_eq!(status(&answer), 400, "{line}: {answer}");
        let (_, text) = answer.split_once("\r\n\r\n").unwrap();
        assert!(text.starts_with(&format!("`{line}` is a request to a proxy, or has no path.\n")), "{text}");
        assert!(text.contains("This is the HTTP port; there is no proxy: start the mock with --proxy"), "{text}");
        assert_eq!(text.lines().count(), 3, "{text}");
    }
    assert_eq!(status(&exchange(mock.address(), b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")), 404);
    let config = Config::from_toml("[server]\nproxy = '127.0.0.1:0'", Path::new(".")).unwrap();
    let state = tempfile::tempdir().unwrap();
    let builder = MockServer::builder().config(config).address(([127, 0, 0, 1], 0).into()).state_dir(state.path());
    let mock = runtime.block_on(builder.start()).unwrap();
    let answer = exchange(mock.address(), format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
    assert!(answer.contains("the proxy listens where the line `ready proxy://"), "{answer}");
}

#[test]
fn broken_requests_get_a_clear_4xx() {
    let runtime = Runtime::new().unwrap();
    let mock = runtime.block_on(MockServer::builder().start()).unwrap();
    let long = "a".repeat(200_000);
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    for (name, request) in [
        ("no HTTP at all", "hello\r\n\r\n".to_owned()),
        ("a head that is too large", format!("GET / HTTP/1.1\r\nHost: x\r\nX: {long}\r\n\r\n")),
        ("an address that is too long", format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n")),
        (
            "two lengths",
            "POST /com/v3/token HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab".to_owned(),
        ),
        (
            "a length that is no number",
            "POST /com/v3/token HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\nab".to_owned(),
        ),
        (
            "a body that breaks off",
            format!("POST /com/v3/token HTTP/1.1\r\nHost: x\r\n{form}Content-Length: 100\r\n\r\ncode=1"),
        ),
        (
            "a chunk that is no chunk",
            format!("POST /com/v3/token HTTP/1.1\r\nHost: x\r\n{form}Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        ),
        (
            "bytes that are no text in a header",
            "GET /com/v3/person/x HTTP/1.1\r\nHost: x\r\nAuthorization: \u{ff}\r\n\r\n".to_owned(),
        ),
        (
            "two Authorization headers",
            "GET /com/v3/person/x HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n".to_owned(),
        ),
        ("two hosts", "GET /com/v3/person-sample/S6005048A HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned()),
        ("a host that is no text", "GET /com/v3/person-sample/S6005048A HTTP/1.1\r\nHost: \u{e9}\r\n\r\n".to_owned()),
        ("an unknown method", "BREW /com/v3/token HTTP/1.1\r\nHost: x\r\n\r\n".to_owned()),
        ("an odd path", "GET /com/v3/person/%zz/%00//../ HTTP/1.1\r\nHost: x\r\n\r\n".to_owned()),
        ("an odd query", "GET /com/v3/authorise?=&&a&%=%&client_id HTTP/1.1\r\nHost: x\r\n\r\n".to_owned()),
        ("no host", "GET /com/v3/authorise?client_id=x HTTP/1.1\r\n\r\n".to_owned()),
    ] {
        let answer = exchange(mock.address(), request.as_bytes());
        // a request that broke off may also be left without an answer: nobody is there to read it
        let broken_off = name.contains("breaks off") || name.contains("no chunk");
        assert!((400..500).contains(&status(&answer)) || (broken_off && answer.is_empty()), "{name}: {answer}");
    }
    assert_eq!(
        status(&exchange(mock.address(), b"GET /_mock/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")),
        200
    );
}

#[test]
fn a_client_that_is_too_slow_is_told_so_and_holds_nobody_up() {
    let runtime = Runtime::new().unwrap();
    let config = Config::from_toml("[server]\nclient_seconds = 1", Path::new(".")).unwrap();
    let address = ([127, 0, 0, 1], 0).into();
    let mock = runtime.block_on(MockServer::builder().config(config).address(address).start()).unwrap();
    // three that never finish: nothing sent, half a head, half a body
    let slow: Vec<TcpStream> =
        ["", "GET / HTTP/1.1\r\nHost: x\r\n", "POST /com/v3/token HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"]
            .iter()
            .map(|start| {
                let mut stream = TcpStream::connect(mock.address()).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                stream.write_all(start.as_bytes()).unwrap();
                stream
            })
            .collect();
    assert_eq!(
        status(&exchange(mock.address(), b"GET /_mock/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")),
        200
    );
    for mut stream in slow {
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 408");
    }
}

#[test]
fn a_client_that_writes_a_large_body_before_it_reads_gets_its_answer() {
    let runtime = Runtime::new().unwrap();
    let mock = runtime.block_on(MockServer::builder().start()).unwrap();
    let size = 5_000_000;
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    let head = format!("POST /com/v3/token HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&vec![b'a'; size]).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), 413, "{answer}");
}

#[test]
fn no_request_makes_it_fail() {
    let runtime = Runtime::new().unwrap();
    let mock = runtime.block_on(MockServer::builder().start()).unwrap();
    let paths = prop::sample::select(vec![
        "com/v3/authorise",
        "gov/v3/authorise",
        "com/v3/token",
        "gov/v3/token",
        "com/v3/person",
        "gov/v3/person",
        "com/v3/login",
        "com/v3/consent",
        "com/v3/person-sample",
        "gov/v3/person-basic",
        "_mock",
        "",
    ]);
    proptest!(ProptestConfig::with_cases(300), |(
        method in prop::sample::select(vec!["GET", "POST", "PUT", "HEAD", "DELETE"]),
        path in paths,
        tail in "[/a-zA-Z0-9%.?&=+]{0,30}",
        authorization in "(PKI_SIGN |Bearer )?[ -~]{0,80}",
        body in prop::collection::vec(any::<u8>(), 0..200),
    )| {
        let head = format!(
            "{method} /{path}{tail} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let answer = exchange(mock.address(), &[head.as_bytes(), &body].concat());
        prop_assert!((200..500).contains(&status(&answer)), "{} {}", head, answer);
        prop_assert!(!answer.contains("panicked"));
    });
}

#[test]
fn what_cannot_be_read_opens_no_door_of_the_admin_api() {
    let runtime = Runtime::new().unwrap();
    let mock = runtime.block_on(MockServer::builder().start()).unwrap();
    let post = |headers: &str| {
        let body = "{\"advance_seconds\": 60}";
        let head = format!("POST /_mock/clock HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        status(&exchange(mock.address(), format!("{head}{headers}\r\n{body}").as_bytes()))
    };
    let json = "Content-Type: application/json\r\n";
    assert!(![0, 403, 415].contains(&post(&format!("Host: localhost\r\n{json}"))), "a program of this machine");
    assert_eq!(post(&format!("Host: \u{e9}vil.example\r\n{json}")), 403, "a host that is no text is nobody's");
    assert_eq!(post(&format!("Host: localhost\r\nHost: evil.example\r\n{json}")), 403, "two hosts");
    assert_eq!(post(&format!("Host: localhost\r\nOrigin: \u{e9}vil\r\n{json}")), 403, "an origin that is no text");
    assert_eq!(post(&format!("Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil\r\n{json}")), 403);
    assert_eq!(post("Host: localhost\r\nContent-Type: text/plain; x=json\r\n"), 415, "a web page may send this");
}
