//! The connector on a network that misbehaves: redirects, endless and cut answers, silence, and "later".

use flate2::Compression;
use flate2::write::GzEncoder;
use myinfo_connector::Connector;
use myinfo_connector::error::{Endpoint, Error, TransportProblem};
use myinfo_connector::transport::{Transport, TransportOptions};
use myinfo_connector::v3::authorise::Code;
use myinfo_connector::v3::{Config, Environment, Flavour};
use myinfo_fixtures::keys;
use myinfo_oracle::{jwe, jws, key};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A server that answers the first request with the first answer, and so on, and remembers every request's head.
struct Script {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Script {
    fn start(answers: impl FnOnce(SocketAddr) -> Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (answers, seen) = (answers(address), Arc::clone(&heads));
        std::thread::spawn(move || {
            for answer in answers {
                let Ok((mut stream, _)) = listener.accept() else { return };
                seen.lock().unwrap().push(head_of(&mut stream));
                let _ = stream.write_all(&answer);
                if answer.is_empty() {
                    // says nothing until the client gives up
                    let _ = stream.read(&mut [0; 1]);
                }
            }
        });
        Self { address, heads }
    }

    fn connector(&self) -> Connector {
        let config = Config::builder(Environment::Custom {
            base_url: format!("http://{}", self.address),
            flavour: Flavour::Protected,
        })
        .client(keys::CLIENT_ID, keys::CLIENT_SECRET)
        .redirect_uri(keys::CLIENT_REDIRECT_URI)
        .attributes(["name", "sex"])
        .private_key(keys::CLIENT_KEY_PEM.as_bytes(), None)
        .unwrap()
        .myinfo_key(keys::MYINFO_CERT_PEM.as_bytes())
        .unwrap();
        let options = TransportOptions { time_limit: Some(Duration::from_secs(2)), ..TransportOptions::default() };
        Connector::with_network(config.build().unwrap(), Transport::new(&options).unwrap())
    }

    async fn outcome(&self) -> Result<String, Error> {
        let person = self.connector().redeem(Code::new("c").into()).await?;
        Ok(person.json().to_owned())
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// Reads a request: its head, and as much body as the head announces.
fn head_of(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut one = [0; 1];
    while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut one).unwrap_or(0) > 0 {
        bytes.extend_from_slice(&one);
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let length =
        head.to_lowercase().split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next()?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    let _ = stream.read_exact(&mut body);
    head
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A good token answer of the server at this address, made by the oracle.
fn token(address: SocketAddr) -> Vec<u8> {
    let claims = json!({
        "sub": "a-subject", "aud": keys::CLIENT_ID, "iss": format!("http://{address}/serviceauth/myinfo-com"),
        "exp": 4_000_000_000_u64, "scope": ["name"],
    });
    let token = jws::sign(r#"{"alg":"RS256"}"#, &claims.to_string(), &key::private(keys::MYINFO_KEY_PEM).unwrap());
    answer("200 OK", "", json!({"access_token": token, "token_type": "Bearer"}).to_string().as_bytes())
}

const PERSON: &str = r#"{"name":{"value":"ANDY LAU"}}"#;

/// A good person document, made by the oracle.
fn person() -> String {
    let signed = jws::sign(r#"{"alg":"RS256"}"#, PERSON, &key::private(keys::MYINFO_KEY_PEM).unwrap());
    jwe::seal(
        r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#,
        &format!("\"{signed}\""),
        &key::public(keys::CLIENT_PUBLIC_KEY_PEM).unwrap(),
    )
    .unwrap()
}

fn problem(endpoint: Endpoint, problem: TransportProblem) -> Result<String, Error> {
    Err(Error::Transport { endpoint, problem })
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_credentials_stay_here() {
    let elsewhere = Script::start(|_| vec![answer("200 OK", "", b"{}")]);
    let location = format!("Location: http://{}/\r\n", elsewhere.address);
    let script = Script::start(|_| vec![answer("302 Found", &location, b"")]);
    assert_eq!(script.outcome().await, problem(Endpoint::Token, TransportProblem::Redirect));
    let script = Script::start(|address| vec![token(address), answer("307 Temporary Redirect", &location, b"")]);
    assert_eq!(script.outcome().await, problem(Endpoint::Person, TransportProblem::Redirect));
    assert!(elsewhere.heads().is_empty(), "nobody called there");
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_refused_packed_or_not() {
    let large = vec![b' '; 5 * 1024 * 1024];
    let script = Script::start(|_| vec![answer("200 OK", "", &large)]);
    assert_eq!(script.outcome().await, problem(Endpoint::Token, TransportProblem::TooLarge));
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..40 {
        packer.write_all(&large).unwrap();
    }
    let bomb = packer.finish().unwrap();
    assert!(bomb.len() < 300_000, "200 MB in {} bytes", bomb.len());
    let script = Script::start(|_| vec![answer("200 OK", "Content-Encoding: gzip\r\n", &bomb)]);
    assert_eq!(script.outcome().await, problem(Endpoint::Token, TransportProblem::TooLarge));
}

#[tokio::test]
async fn a_cut_and_a_silent_connection_are_told_apart() {
    let script = Script::start(|_| vec![b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec()]);
    assert_eq!(script.outcome().await, problem(Endpoint::Token, TransportProblem::BrokenOff));
    let script = Script::start(|_| vec![Vec::new()]);
    assert_eq!(script.outcome().await, problem(Endpoint::Token, TransportProblem::Timeout));
}

#[tokio::test]
async fn a_packed_person_is_read() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(person().as_bytes()).unwrap();
    let packed = gzip.finish().unwrap();
    let script = Script::start(|address| vec![token(address), answer("200 OK", "Content-Encoding: gzip\r\n", &packed)]);
    assert_eq!(script.outcome().await.unwrap(), PERSON);
}

#[tokio::test]
async fn later_is_believed_a_bounded_number_of_times_with_a_fresh_signature_each() {
    let later = || answer("429 Too Many Requests", "Retry-After: 0\r\n", b"");
    let script =
        Script::start(|address| vec![token(address), later(), later(), answer("200 OK", "", person().as_bytes())]);
    assert_eq!(script.outcome().await.unwrap(), PERSON);
    let heads = script.heads();
    let nonces: BTreeSet<&str> =
        heads.iter().map(|head| head.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap()).collect();
    assert_eq!((heads.len(), nonces.len()), (4, 4), "every attempt has a nonce of its own");
    let script = Script::start(|address| vec![token(address), later(), later(), later(), later()]);
    assert_eq!(script.outcome().await, Err(Error::Upstream { endpoint: Endpoint::Person, status: 429 }));
    assert_eq!(script.heads().len(), 4, "three tries and no more");
    let much_later = answer("503 Service Unavailable", "Retry-After: 3600\r\n", b"");
    let script = Script::start(|address| vec![token(address), much_later]);
    assert_eq!(script.outcome().await, Err(Error::Upstream { endpoint: Endpoint::Person, status: 503 }));
}

#[tokio::test]
async fn the_token_request_is_never_repeated() {
    let script = Script::start(|_| {
        vec![answer("503 Service Unavailable", "Retry-After: 0\r\n", b""), answer("200 OK", "", b"{}")]
    });
    assert_eq!(script.outcome().await, Err(Error::Upstream { endpoint: Endpoint::Token, status: 503 }));
    assert_eq!(script.heads().len(), 1);
}

#[tokio::test]
async fn only_what_was_consented_is_asked_for() {
    let script = Script::start(|address| vec![token(address), answer("200 OK", "", person().as_bytes())]);
    script.outcome().await.unwrap();
    let request = &script.heads()[1];
    assert!(
        request.starts_with("GET /com/v3/person/a-subject/?client_id=TESTBED-CLIENT&attributes=name HTTP/1.1"),
        "{request}"
    );
}
