//! The library: a server in a test, on a free port, gone when dropped.

use myinfo_mock_server::MockServer;
use std::net::TcpStream;

#[tokio::test(flavor = "multi_thread")]
async fn ten_servers_run_in_one_process_and_know_nothing_of_each_other() {
    let mut servers = Vec::new();
    for number in 0..10 {
        let persona = if number % 2 == 0 { "S6005048A" } else { "S9812381D" };
        servers.push((persona, MockServer::builder().auto_login(persona).seed(number).start().await.unwrap()));
    }
    let ports: std::collections::BTreeSet<u16> = servers.iter().map(|(_, server)| server.address().port()).collect();
    assert_eq!(ports.len(), 10);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let mut codes = std::collections::BTreeSet::new();
    for (_, server) in &servers {
        let url = format!(
            "{}/com/v3/authorise?client_id=TESTBED-CLIENT&attributes=name&purpose=p&state=s&redirect_uri=http://localhost:3001/callback",
            server.base_url()
        );
        let answer = http.get(url).send().await.unwrap();
        assert!(codes.insert(answer.headers()["location"].to_str().unwrap().to_owned()));
    }
    for (_, server) in servers {
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_stopped_or_dropped_no_longer_listens() {
    let stopped = MockServer::builder().start().await.unwrap();
    let address = stopped.address();
    assert!(TcpStream::connect(address).is_ok());
    stopped.stop().await;
    assert!(TcpStream::connect(address).is_err());
    let dropped = MockServer::builder().start().await.unwrap();
    let address = dropped.address();
    drop(dropped);
    // the accept loop is told at once; it needs its turn on the runtime to hear it
    while TcpStream::connect(address).is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn mistakes_are_errors_and_not_panics() {
    let error = MockServer::builder().auto_login("nobody at all").start().await.unwrap_err();
    assert!(error.to_string().contains("auto-login"), "{error}");
    let error = MockServer::builder().public_url("not a url").start().await.unwrap_err();
    assert!(error.to_string().contains("no base URL"), "{error}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let error = MockServer::builder().address(taken.local_addr().unwrap()).start().await.unwrap_err();
    assert!(error.to_string().contains("cannot listen on"), "{error}");
    let error = MockServer::builder().personas("/nonexistent").start().await.unwrap_err();
    assert!(error.to_string().contains("/nonexistent"), "{error}");
}
