//! The library: a server in a test, on a free port, gone when dropped.

use myinfo_mock_server::MockServer;
use std::net::TcpStream;

#[tokio::test(flavor = "multi_thread")]
async fn ten_servers_run_in_one_process_and_know_nothing_of_each_other() {
    const SEED: u64 = 7;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let mut servers = Vec::new();
    for number in 0..10 {
        let persona = if number % 2 == 0 { "S6005048A" } else { "S9812381D" };
        servers.push((persona, MockServer::builder().auto_login(persona).seed(SEED).start().await.unwrap()));
    }
    // each gets one login more than the one before it, and the last one a persona of its own
    let mut codes: Vec<Vec<String>> = Vec::new();
    for (number, (_, server)) in servers.iter().enumerate() {
        let url = format!(
            "{}/com/v3/authorise?client_id=TESTBED-CLIENT&attributes=name&purpose=p&state=s&redirect_uri=http://localhost:3001/callback",
            server.base_url()
        );
        let mut own = Vec::new();
        for _ in 0..=number {
            let answer = http.get(&url).send().await.unwrap();
            own.push(answer.headers()["location"].to_str().unwrap().to_owned());
        }
        codes.push(own);
    }
    let last = servers[9].1.base_url();
    let renamed = http.patch(format!("{last}/_mock/personas/S6005048A")).header("content-type", "application/json");
    let renamed = renamed.body(r#"{"name": {"value": "SOMEBODY ELSE"}}"#).send().await.unwrap();
    assert_eq!(renamed.status(), 200);
    for (number, (persona, server)) in servers.iter().enumerate() {
        assert_eq!(codes[number][0], codes[0][0], "one seed gives one first code, whatever the others drew");
        let journal = http.get(format!("{}/_mock/exchanges?personal=1", server.base_url())).send().await.unwrap();
        let journal: serde_json::Value = serde_json::from_str(&journal.text().await.unwrap()).unwrap();
        let exchanges = journal["exchanges"].as_array().unwrap();
        assert_eq!(exchanges.len(), number + 1, "a journal holds its own server's exchanges");
        assert!(exchanges.iter().all(|exchange| exchange["persona"] == *persona), "{persona}");
        let andy = http.get(format!("{}/_mock/personas/S6005048A", server.base_url())).send().await.unwrap();
        assert_eq!(andy.text().await.unwrap().contains("SOMEBODY ELSE"), number == 9);
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
    // the accept loop is told at once; it needs its turn on the runtime to hear it, and gets it within so many connections
    let mut tries = 0..10_000;
    while TcpStream::connect(address).is_ok() {
        assert!(tries.next().is_some(), "a dropped server still listens");
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
