//! A client whose JWK Set is at an address: fetched as Singpass fetches it, kept for an hour, and told of when it is unusable.

use super::party::{LOGIN, MYINFO, PERSONA, Party, REDIRECT};
use myinfo_fixtures::keys::ec;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

/// An application's server, as far as it serves keys.
struct KeyServer {
    url: String,
    served: Arc<AtomicUsize>,
    answer: Arc<Mutex<(u16, String)>>,
    /// Where the server waits before it answers, and the test before it lets it answer.
    held: Arc<Mutex<Option<Arc<Barrier>>>>,
}

impl KeyServer {
    fn new(status: u16, body: impl Into<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/.well-known/jwks.json", listener.local_addr().unwrap());
        let (served, answer) = (Arc::<AtomicUsize>::default(), Arc::new(Mutex::new((status, body.into()))));
        let held = Arc::<Mutex<Option<Arc<Barrier>>>>::default();
        let (count, current, gate) = (Arc::clone(&served), Arc::clone(&answer), Arc::clone(&held));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 2000]).unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let gate = gate.lock().unwrap().clone();
                if let Some(gate) = gate {
                    gate.wait();
                }
                let (status, body) = current.lock().unwrap().clone();
                let start = format!("HTTP/1.1 {status} X\r\nLocation: /other\r\nConnection: close\r\nContent-Length: ");
                stream.write_all(format!("{start}{}\r\n\r\n{body}", body.len()).as_bytes()).unwrap();
            }
        });
        Self { url, served, answer, held }
    }

    fn serve(&self, status: u16, body: impl Into<String>) {
        *self.answer.lock().unwrap() = (status, body.into());
    }

    fn served(&self) -> usize {
        self.served.load(Ordering::SeqCst)
    }

    async fn party(&self) -> Party {
        let client = format!(
            "[fapi]\njwks_patience_seconds = 60\n[[client]]\nid = '{MYINFO}'\nredirect_uris = ['{REDIRECT}']\n[client.fapi]\napp = 'myinfo'\njwks_url = '{}'",
            self.url
        );
        Party::with(MYINFO, &client).await
    }
}

/// The client's set, of these keys alone.
fn with(kids: &[&str]) -> String {
    let mut set: Value = serde_json::from_str(ec::CLIENT_JWKS).unwrap();
    set["keys"].as_array_mut().unwrap().retain(|key| kids.iter().any(|kid| key["kid"] == *kid));
    set.to_string()
}

fn whole() -> String {
    with(&["client-sig-p256", "client-enc-p256"])
}

#[tokio::test]
async fn a_set_is_fetched_once_an_hour_and_serves_the_whole_flow() {
    let server = KeyServer::new(200, whole());
    let party = server.party().await;
    for _ in 0..2 {
        let told = party.send(&party.userinfo(&party.access_token().await)).await;
        let [.., person] = Party::opened(&told.body);
        assert_eq!(person["person_info"]["uinfin"]["value"], PERSONA);
    }
    assert_eq!(server.served(), 1);
    party.clock.advance_seconds(3599);
    assert_eq!(party.send(&party.par()).await.status, 201);
    assert_eq!(server.served(), 1);
    party.clock.advance_seconds(1);
    assert_eq!(party.send(&party.par()).await.status, 201);
    assert_eq!(server.served(), 2);
}

#[tokio::test]
async fn a_key_that_was_added_is_known_after_an_hour_and_the_refusal_says_so() {
    let server = KeyServer::new(200, with(&["client-sig-p384", "client-enc-p256"]));
    let party = server.party().await;
    for _ in 0..2 {
        let (told, hint) = refused(&party).await;
        assert_eq!((told, server.served()), ((401, json!("invalid_client"), "fapi.assertion.signature".to_owned()), 1));
        assert!(
            hint.contains("is not in the client's JWK Set") && hint.contains("0 s ago") && hint.contains("3600 s old")
        );
        server.serve(200, whole());
    }
    party.clock.advance_seconds(3600);
    assert_eq!(party.send(&party.par()).await.status, 201);
}

#[tokio::test]
async fn what_cannot_be_fetched_or_used_is_named_and_the_next_request_tries_again() {
    let server = KeyServer::new(500, "");
    let party = server.party().await;
    let unreachable = || (502, json!("upstream_dependency_error"), "fapi.client.keys".to_owned());
    let unusable = || (401, json!("invalid_client"), "fapi.client.keys".to_owned());
    for (status, body, told, says, fetches) in [
        (500, "", unreachable(), "HTTP status 500, expected 200", 3),
        (404, "", unreachable(), "HTTP status 404, expected 200", 1),
        (302, "", unreachable(), "redirects are not followed", 1),
        (200, "<html>", unusable(), "a page of HTML", 1),
        (200, ec::CLIENT_JWKS_PRIVATE, unusable(), "it is a private key", 1),
        (200, &*with(&["client-sig-p256"]), unusable(), "no key with `use`: `enc`", 1),
    ] {
        let before = server.served();
        server.serve(status, body);
        let (refusal, hint) = refused(&party).await;
        assert_eq!(refusal, told, "{hint}");
        assert!(hint.contains(says) && hint.contains(&server.url) && hint.len() < 1_500, "{hint}");
        assert_eq!(server.served() - before, fetches, "{hint}");
    }
    server.serve(200, whole());
    assert_eq!(party.send(&party.par()).await.status, 201);
}

#[tokio::test]
async fn a_slow_server_of_keys_is_asked_once_and_holds_up_nobody_else() {
    let server = KeyServer::new(200, whole());
    let mut party = server.party().await;
    let gate = Arc::new(Barrier::new(2));
    *server.held.lock().unwrap() = Some(Arc::clone(&gate));
    let drafts: Vec<_> = (0..30).map(|_| party.par()).collect();
    let waiting: Vec<_> = drafts.iter().map(|draft| tokio::spawn(party.request(draft).send())).collect();
    while server.served() == 0 {
        tokio::task::yield_now().await;
    }
    party.client_id = LOGIN;
    assert_eq!(party.send(&party.par()).await.status, 201, "thirty requests wait, and this one does not");
    tokio::task::spawn_blocking(move || gate.wait()).await.unwrap();
    for waiting in waiting {
        assert_eq!(waiting.await.unwrap().unwrap().status(), 201);
    }
    assert_eq!(server.served(), 1);
}

/// Status, error and rule of a pushed request that must be refused, and the hint.
async fn refused(party: &Party) -> ((u16, Value, String), String) {
    let told = party.send(&party.par()).await;
    let problem = party.newest().await["refused"].clone();
    let text = |name: &str| problem[name].as_str().unwrap_or_else(|| panic!("{problem:#}")).to_owned();
    ((told.status, told.json()["error"].clone(), text("rule")), text("cause"))
}
