//! TLS: the mock's own authority, the real host names, the forward proxy, and certificates that are wrong on purpose.

use crate::support::now;
use myinfo_conformance::server::client::v3::OracleClient;
use myinfo_mock_server::MockServer;
use myinfo_mock_server::ambient::{Clock, ManualClock, Timestamp};
use myinfo_mock_server::config::{Config, TlsFault};
use openssl::ssl::{SslConnector, SslMethod, SslStream, SslVersion};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Proxy};
use serde_json::Value;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

const TEST: &str = "test.api.myinfo.gov.sg";
const SANDBOX: &str = "sandbox.api.myinfo.gov.sg";

/// A mock with every kind of listener, and the directory of its authority.
struct Secure {
    mock: MockServer,
    _state: tempfile::TempDir,
}

fn any() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

async fn secure() -> Secure {
    let state = tempfile::tempdir().unwrap();
    let config = Config::from_toml("[server]\nclient_seconds = 1", Path::new(".")).unwrap();
    let mut builder =
        MockServer::builder().config(config).address(any()).https(any()).proxy(any()).state_dir(state.path());
    for (_, fault) in TlsFault::NAMES {
        builder = builder.https_fault(fault, any());
    }
    Secure { mock: builder.start().await.unwrap(), _state: state }
}

impl Secure {
    fn https(&self) -> SocketAddr {
        self.mock.https_address().unwrap()
    }

    /// A client that trusts the mock's authority and nothing else.
    fn client(&self, more: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let authority = Certificate::from_pem(self.mock.authority_pem().unwrap().as_bytes()).unwrap();
        let builder = Client::builder().redirect(Policy::none()).no_proxy().gzip(false).tls_certs_only([authority]);
        more(builder).build().unwrap()
    }

    /// A client that is led to the mock for the real names, as by a hosts file.
    fn led_here(&self) -> Client {
        let address = self.https();
        self.client(|builder| builder.resolve(TEST, address).resolve(SANDBOX, address))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_flow_works_under_a_real_name_and_everything_says_that_name() {
    for context in ["com", "gov"] {
        let rig = secure().await;
        let port = rig.https().port();
        let mut client =
            OracleClient::new(&format!("https://{TEST}:{port}"), context, myinfo_conformance::clock::milliseconds)
                .unwrap();
        client.http = rig.led_here();
        let token = client.token(&client.code("uinfin,name", "S6005048A").await.unwrap()).await.unwrap();
        let claims: Value = serde_json::from_str(&token.payload).unwrap();
        assert_eq!(claims["iss"], format!("https://{TEST}:{port}/serviceauth/myinfo-{context}"));
        let document = client.person(&token, "uinfin,name").await.unwrap();
        assert!(document.payload.contains("ANDY LAU"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_name_answers_as_the_sandbox_does() {
    let rig = secure().await;
    let mut client = OracleClient::new(&format!("https://{SANDBOX}:{}", rig.https().port()), "com", now).unwrap();
    client.http = rig.led_here();
    let code = client.code("name", "S6005048A").await.unwrap();
    let answer = client.request(&client.token_draft(&code), None).send().await.unwrap();
    assert_eq!(answer.status(), 200, "no signature is needed there");
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_1_2_and_1_3_are_spoken_http_2_is_offered_and_older_versions_are_not() {
    let rig = secure().await;
    let (address, pem) = (rig.https(), rig.mock.authority_pem().unwrap().to_owned());
    let connect = move |version: SslVersion, protocols: &'static [u8]| {
        let mut builder = SslConnector::builder(SslMethod::tls()).unwrap();
        let mut store = X509StoreBuilder::new().unwrap();
        store.add_cert(X509::from_pem(pem.as_bytes()).unwrap()).unwrap();
        builder.set_cert_store(store.build());
        builder.set_min_proto_version(Some(version)).unwrap();
        builder.set_max_proto_version(Some(version)).unwrap();
        builder.set_alpn_protos(protocols).unwrap();
        let stream = builder.build().connect("localhost", TcpStream::connect(address).unwrap());
        stream.map(|stream| stream.ssl().selected_alpn_protocol().map(<[u8]>::to_vec)).map_err(|_| ())
    };
    let outcomes = tokio::task::spawn_blocking(move || {
        [
            connect(SslVersion::TLS1_2, b"\x02h2\x08http/1.1"),
            connect(SslVersion::TLS1_3, b"\x02h2\x08http/1.1"),
            connect(SslVersion::TLS1_3, b"\x08http/1.1"),
            connect(SslVersion::TLS1_1, b"\x08http/1.1"),
        ]
    })
    .await
    .unwrap();
    assert_eq!(outcomes, [Ok(Some(b"h2".to_vec())), Ok(Some(b"h2".to_vec())), Ok(Some(b"http/1.1".to_vec())), Err(())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_answers_for_the_real_names_and_refuses_every_other() {
    let rig = secure().await;
    let proxy = format!("http://{}", rig.mock.proxy_address().unwrap());
    let http = rig.client(|builder| builder.proxy(Proxy::all(proxy).unwrap()));
    for url in [
        format!("https://{TEST}/_mock/health"),
        "https://id.singpass.gov.sg/_mock/health".to_owned(),
        format!("http://{TEST}/_mock/health"),
    ] {
        assert_eq!(http.get(&url).send().await.unwrap().status(), 200, "{url}");
    }
    // a whole flow, with the built-in address and nothing else
    let mut client =
        OracleClient::new(&format!("https://{TEST}"), "gov", myinfo_conformance::clock::milliseconds).unwrap();
    client.http = http.clone();
    let token = client.token(&client.code("uinfin", "S6005048A").await.unwrap()).await.unwrap();
    assert!(token.payload.contains(&format!("\"iss\":\"https://{TEST}/serviceauth/myinfo-gov\"")), "{}", token.payload);
    assert!(client.person(&token, "uinfin").await.is_ok());
    let posing = http.get(format!("https://{TEST}/")).header("Host", "evil.example").send().await.unwrap();
    assert!(posing.text().await.unwrap().contains(&format!("https://{TEST}/com/v3")), "a tunnel is for one host");
    let refused = http.get("http://www.example.com/").send().await.unwrap();
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.unwrap().contains("not for www.example.com"));
    assert!(http.get("https://www.example.com/").send().await.is_err());
    let direct = TcpStream::connect(rig.mock.proxy_address().unwrap());
    let mut stream = direct.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: test.api.myinfo.gov.sg\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "a request that is no proxy request: {answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_faulty_certificate_is_refused_and_the_good_one_is_not() {
    let rig = secure().await;
    let get = |address: SocketAddr| {
        rig.client(|builder| builder).get(format!("https://localhost:{}/_mock/health", address.port())).send()
    };
    assert_eq!(get(rig.https()).await.unwrap().status(), 200, "the control");
    for (name, fault) in TlsFault::NAMES {
        let error = get(rig.mock.faulty_address(fault).unwrap()).await.unwrap_err();
        let said = format!("{error:?}");
        let reason = match fault {
            TlsFault::Expired => "Expired",
            TlsFault::WrongHost => "NotValidForName",
            TlsFault::UnknownAuthority | TlsFault::SelfSigned => "UnknownIssuer",
        };
        assert!(said.contains(reason), "{name}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authority_is_served_and_its_key_is_not() {
    let rig = secure().await;
    let http = rig.client(|builder| builder);
    let get = |path: &str| http.get(format!("{}{path}", rig.mock.base_url())).send();
    assert_eq!(get("/_mock/ca.pem").await.unwrap().text().await.unwrap(), rig.mock.authority_pem().unwrap());
    for path in ["/_mock/ca-key.pem", "/_mock/leaf-key.pem", "/_mock/../ca-key.pem", "/_mock/state"] {
        let answer = get(path).await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
        assert!(!answer.text().await.unwrap().contains("PRIVATE"));
    }
    let plain = MockServer::builder().start().await.unwrap();
    assert_eq!(http.get(format!("{}/_mock/ca.pem", plain.base_url())).send().await.unwrap().status(), 404);
}

/// A connection to this address, led through a tunnel where there is a proxy.
fn connected(address: SocketAddr, tunnel: bool) -> TcpStream {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    if tunnel {
        socket.write_all(format!("CONNECT {TEST}:443 HTTP/1.1\r\nHost: {TEST}:443\r\n\r\n").as_bytes()).unwrap();
        let (mut head, mut one) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            socket.read_exact(&mut one).unwrap();
            head.extend_from_slice(&one);
        }
        assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    }
    socket
}

/// TLS over a connection, with the protocol that is to be agreed on.
fn secured(socket: TcpStream, protocol: &'static [u8]) -> SslStream<TcpStream> {
    let mut builder = SslConnector::builder(SslMethod::tls()).unwrap();
    builder.set_verify(openssl::ssl::SslVerifyMode::NONE);
    builder.set_alpn_protos(protocol).unwrap();
    let stream = builder.build().connect(TEST, socket).unwrap();
    assert_eq!(stream.ssl().selected_alpn_protocol(), Some(&protocol[1..]));
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_behind_the_handshake_of_http_2_is_dropped_in_a_tunnel_too() {
    let rig = secure().await;
    for (address, tunnel) in [(rig.https(), false), (rig.mock.proxy_address().unwrap(), true)] {
        let ended = tokio::task::spawn_blocking(move || {
            let mut stream = secured(connected(address, tunnel), b"\x02h2");
            match stream.read_to_end(&mut Vec::new()) {
                Ok(_) => true,
                Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
            }
        });
        assert!(ended.await.unwrap(), "the server closes it after a second, long before the client gives up: {tunnel}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_a_proxy_behind_tls_is_told_where_the_proxy_is() {
    let rig = secure().await;
    for (address, tunnel) in [(rig.https(), false), (rig.mock.proxy_address().unwrap(), true)] {
        for line in [format!("CONNECT {TEST}:443"), "GET localhost".to_owned()] {
            let request = format!("{line} HTTP/1.1\r\nHost: {TEST}\r\nConnection: close\r\n\r\n");
            let answer = tokio::task::spawn_blocking(move || {
                let mut stream = secured(connected(address, tunnel), b"\x08http/1.1");
                stream.write_all(request.as_bytes()).unwrap();
                let mut answer = Vec::new();
                // whether TLS was ended well is not the question
                let _ = stream.read_to_end(&mut answer);
                String::from_utf8(answer).unwrap()
            });
            let answer = answer.await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 400"), "{line}: {answer}");
            let (_, text) = answer.split_once("\r\n\r\n").unwrap();
            assert_eq!(text.lines().count(), 3, "{text}");
            assert!(text.starts_with(&format!("`{line}` is a request to a proxy, or has no path.\n")), "{text}");
            assert!(
                text.contains("This is the HTTPS port; the proxy listens where the line `ready proxy://"),
                "{text}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_silent_clients_stop_nobody_and_are_dropped() {
    let rig = secure().await;
    for address in [rig.https(), rig.mock.proxy_address().unwrap(), rig.mock.address()] {
        let silent: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(address).unwrap()).collect();
        assert_eq!(
            rig.led_here()
                .get(format!("https://{TEST}:{}/_mock/health", rig.https().port()))
                .send()
                .await
                .unwrap()
                .status(),
            200
        );
        let ended = tokio::task::spawn_blocking(move || {
            silent.into_iter().all(|mut stream| {
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                stream.read_to_end(&mut Vec::new()).is_ok()
            })
        });
        assert!(ended.await.unwrap(), "every silent connection is closed by the server");
    }
}

#[tokio::test]
async fn a_certificate_of_ones_own_is_served_instead() {
    let key = openssl::pkey::PKey::private_key_from_pem(myinfo_fixtures::keys::STRANGER_KEY_PEM.as_bytes()).unwrap();
    assert!(key.bits() >= 2048);
    let toml = format!(
        "[tls]\ncertificate = '''{}'''\nkey = '''{}'''",
        myinfo_fixtures::keys::STRANGER_CERT_PEM,
        myinfo_fixtures::keys::STRANGER_KEY_PEM
    );
    let state = tempfile::tempdir().unwrap();
    let config = Config::from_toml(&toml, Path::new(".")).unwrap();
    let clock = Clock::Manual(ManualClock::starting_at(Timestamp(now())));
    let mock = MockServer::builder()
        .config(config)
        .clock(clock)
        .address(any())
        .https(any())
        .state_dir(state.path())
        .start()
        .await
        .unwrap();
    let address = mock.https_address().unwrap();
    let shown = tokio::task::spawn_blocking(move || {
        let mut builder = SslConnector::builder(SslMethod::tls()).unwrap();
        builder.set_verify(openssl::ssl::SslVerifyMode::NONE);
        let stream = builder.build().connect("localhost", TcpStream::connect(address).unwrap()).unwrap();
        stream.ssl().peer_certificate().unwrap().to_pem().unwrap()
    });
    assert_eq!(String::from_utf8(shown.await.unwrap()).unwrap(), myinfo_fixtures::keys::STRANGER_CERT_PEM);
    let wrong = toml
        .replace("STRANGER", "")
        .replace(myinfo_fixtures::keys::STRANGER_KEY_PEM, myinfo_fixtures::keys::CLIENT_KEY_PEM);
    let problems = Config::from_toml(&wrong, Path::new(".")).unwrap_err();
    assert!(problems[0].message.contains("does not belong to the certificate"), "{problems:?}");
}
