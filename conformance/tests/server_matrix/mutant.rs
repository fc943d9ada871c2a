//! Mutant servers: the mock behind a door that takes, refuses or says what it should not.

use myinfo_conformance::connector::recorder::{Recorded, parse};
use myinfo_conformance::http::client as http;
use myinfo_conformance::profile::ProfileId;
use reqwest::{Client, Method, Url};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// An answer on its way to the client.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What a mutant remembers between two requests.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pushed: Mutex<Option<Reply>>,
    token: Mutex<Option<Reply>>,
    person: Mutex<Option<Reply>>,
    counter: AtomicU64,
    /// The realms whose server broke.
    broken: Mutex<BTreeSet<String>>,
}

/// A server with one defect.
pub(crate) struct Mutant {
    pub(crate) profile: ProfileId,
    pub(crate) id: &'static str,
    pub(crate) says: &'static str,
    /// What it makes of the mock's answer.
    change: fn(&Recorded, Reply, &Memory) -> Reply,
}

pub(crate) const ALL: &[Mutant] = &[
    Mutant {
        profile: ProfileId::V3,
        id: "takes-any-login",
        says: "sends a code whatever is wrong with the authorise request",
        change: any_login,
    },
    Mutant {
        profile: ProfileId::V3,
        id: "takes-any-token-request",
        says: "gives a token whatever is wrong with the request",
        change: any_token,
    },
    Mutant {
        profile: ProfileId::V3,
        id: "takes-any-person-request",
        says: "gives a document whatever is wrong with the request",
        change: any_person,
    },
    Mutant {
        profile: ProfileId::V3,
        id: "counts-codes",
        says: "gives out codes that are numbers",
        change: counted_codes,
    },
    Mutant {
        profile: ProfileId::V3,
        id: "wants-the-printed-order",
        says: "refuses a header whose fields come in another order",
        change: printed_order,
    },
    Mutant {
        profile: ProfileId::V3,
        id: "refuses-state",
        says: "refuses a token request that has the optional state",
        change: no_state,
    },
    Mutant {
        profile: ProfileId::V3,
        id: "refuses-txnno",
        says: "refuses a person request that has the optional txnNo",
        change: no_txn_no,
    },
    Mutant {
        profile: ProfileId::V3,
        id: "wants-the-slash",
        says: "refuses a person request without a slash at the end",
        change: slash,
    },
    Mutant {
        profile: ProfileId::V3,
        id: "repeats-the-request",
        says: "shows the whole form in its errors",
        change: repeated,
    },
    Mutant {
        profile: ProfileId::V3,
        id: "breaks-on-large-bodies",
        says: "serves no token any more after a large body",
        change: fragile,
    },
    Mutant {
        profile: ProfileId::Fapi,
        id: "fapi-takes-any-pushed-request",
        says: "gives a request_uri whatever is wrong with the pushed request",
        change: any_pushed,
    },
    Mutant {
        profile: ProfileId::Fapi,
        id: "fapi-takes-any-login",
        says: "sends a code whatever the browser brings",
        change: any_browser,
    },
    Mutant {
        profile: ProfileId::Fapi,
        id: "fapi-takes-any-token-request",
        says: "gives tokens whatever is wrong with the request",
        change: any_exchange,
    },
    Mutant {
        profile: ProfileId::Fapi,
        id: "fapi-takes-any-userinfo-request",
        says: "gives a document whatever is wrong with the request",
        change: any_userinfo,
    },
    Mutant {
        profile: ProfileId::Fapi,
        id: "fapi-gives-one-request-uri",
        says: "gives every pushed request the first one's request_uri",
        change: one_request_uri,
    },
    Mutant {
        profile: ProfileId::Oidc,
        id: "oidc-takes-any-login",
        says: "sends a code whatever the browser brings",
        change: any_browser,
    },
    Mutant {
        profile: ProfileId::Oidc,
        id: "oidc-takes-any-token-request",
        says: "gives tokens whatever is wrong with the request",
        change: any_exchange,
    },
    Mutant {
        profile: ProfileId::Oidc,
        id: "oidc-takes-any-userinfo-request",
        says: "gives a document whatever is wrong with the request",
        change: any_userinfo,
    },
];

fn is(request: &Recorded, endpoint: &str) -> bool {
    request.path().contains(&format!("/v3/{endpoint}"))
}

fn refused() -> Reply {
    Reply {
        status: 400,
        headers: vec![("content-type".into(), "application/json".into())],
        body: br#"{"code":400,"message":"refused"}"#.to_vec(),
    }
}

fn any_login(request: &Recorded, reply: Reply, _: &Memory) -> Reply {
    let address = reply.headers.iter().find(|(name, _)| name == "location").map(|(_, value)| value.as_str());
    if !is(request, "authorise") || address.is_some_and(|address| address.contains("code=")) {
        return reply;
    }
    let whole = Url::parse(&format!("http://server{}", request.target)).unwrap();
    let asked = whole.query_pairs().find(|(name, _)| name == "redirect_uri").map(|(_, value)| value.into_owned());
    let to = asked.unwrap_or_else(|| "http://localhost:3001/callback".to_owned());
    let location = format!("{to}{}code=taken", if to.contains('?') { '&' } else { '?' });
    Reply { status: 302, headers: vec![("location".into(), location)], body: Vec::new() }
}

fn any_pushed(request: &Recorded, reply: Reply, memory: &Memory) -> Reply {
    if request.path().ends_with("/fapi/par") { good_again(reply, &memory.pushed) } else { reply }
}

fn any_browser(request: &Recorded, reply: Reply, _: &Memory) -> Reply {
    let address = reply.headers.iter().find(|(name, _)| name == "location").map(|(_, value)| value.as_str());
    if !request.path().ends_with("/auth") || address.is_some_and(|address| address.contains("code=")) {
        return reply;
    }
    let location = "http://localhost:3001/callback?code=taken".to_owned();
    Reply { status: 302, headers: vec![("location".into(), location)], body: Vec::new() }
}

fn any_exchange(request: &Recorded, reply: Reply, memory: &Memory) -> Reply {
    if request.path().ends_with("/token") && !request.path().contains("/v3/") {
        good_again(reply, &memory.token)
    } else {
        reply
    }
}

fn any_userinfo(request: &Recorded, reply: Reply, memory: &Memory) -> Reply {
    if request.path().ends_with("/userinfo") { good_again(reply, &memory.person) } else { reply }
}

fn one_request_uri(request: &Recorded, reply: Reply, memory: &Memory) -> Reply {
    let mut first = memory.pushed.lock().unwrap();
    if !request.path().ends_with("/fapi/par") || reply.status >= 300 {
        return reply;
    }
    first.get_or_insert(reply).clone()
}

/// The last good answer in the place of a refusal.
fn good_again(reply: Reply, last: &Mutex<Option<Reply>>) -> Reply {
    let mut last = last.lock().unwrap();
    if reply.status < 300 {
        *last = Some(reply.clone());
        return reply;
    }
    last.clone().unwrap_or(reply)
}

fn any_token(request: &Recorded, reply: Reply, memory: &Memory) -> Reply {
    if is(request, "token") { good_again(reply, &memory.token) } else { reply }
}

fn any_person(request: &Recorded, reply: Reply, memory: &Memory) -> Reply {
    if is(request, "person/") { good_again(reply, &memory.person) } else { reply }
}

fn counted_codes(_: &Recorded, mut reply: Reply, memory: &Memory) -> Reply {
    for (_, value) in reply.headers.iter_mut().filter(|(name, value)| name == "location" && value.contains("code=")) {
        let number = memory.counter.fetch_add(1, Ordering::Relaxed);
        let state = value.split('&').find(|pair| pair.starts_with("state=")).unwrap_or_default().to_owned();
        *value = format!("{}?code={number:040}&{state}", value.split('?').next().unwrap_or_default());
    }
    reply
}

fn printed_order(request: &Recorded, reply: Reply, _: &Memory) -> Reply {
    let other = request.header("authorization").is_some_and(|header| !header.starts_with("PKI_SIGN app_id="));
    if other { refused() } else { reply }
}

fn no_state(request: &Recorded, reply: Reply, _: &Memory) -> Reply {
    let has = String::from_utf8_lossy(&request.body).contains("state=");
    if is(request, "token") && has { refused() } else { reply }
}

fn no_txn_no(request: &Recorded, reply: Reply, _: &Memory) -> Reply {
    if request.query().contains("txnNo=") { refused() } else { reply }
}

fn slash(request: &Recorded, reply: Reply, _: &Memory) -> Reply {
    if is(request, "person/") && !request.path().ends_with('/') { refused() } else { reply }
}

fn repeated(request: &Recorded, mut reply: Reply, _: &Memory) -> Reply {
    if is(request, "token") && reply.status >= 400 {
        let form = String::from_utf8_lossy(&request.body).replace('"', "'");
        reply.body = format!(r#"{{"code":{},"message":"refused: {form}"}}"#, reply.status).into_bytes();
    }
    reply
}

fn fragile(request: &Recorded, reply: Reply, memory: &Memory) -> Reply {
    let realm = request.path().split("/com/").next().unwrap_or_default();
    let mut broken = memory.broken.lock().unwrap();
    if request.body.len() > 1 << 20 {
        broken.insert(realm.to_owned());
    }
    let broken = is(request, "token") && broken.contains(realm);
    if broken { Reply { status: 503, ..refused() } } else { reply }
}

/// Starts a mutant in front of the mock; its address.
pub(crate) async fn start(mutant: &'static Mutant, mock: &str) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (mock, memory, client) = (mock.to_owned(), Arc::new(Memory::default()), http().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, mutant, mock.clone(), client.clone(), Arc::clone(&memory)));
        }
    });
    address
}

/// One request on one connection.
async fn serve(mut stream: TcpStream, mutant: &'static Mutant, mock: String, client: Client, memory: Arc<Memory>) {
    let mut bytes = Vec::new();
    let request = loop {
        if let Some((request, _)) = parse(&bytes) {
            break request;
        }
        let mut some = [0; 8192];
        match stream.read(&mut some).await {
            Ok(0) | Err(_) => return,
            Ok(size) => bytes.extend_from_slice(&some[..size]),
        }
    };
    let method = Method::from_bytes(request.method.as_bytes()).unwrap();
    let mut passed = client.request(method, format!("{mock}{}", request.target)).body(request.body.clone());
    for (name, value) in &request.headers {
        if !["content-length", "transfer-encoding", "connection"].contains(&name.to_ascii_lowercase().as_str()) {
            passed = passed.header(name, value);
        }
    }
    let Ok(answer) = passed.send().await else { return };
    let header = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned())
    };
    let reply = Reply {
        status: answer.status().as_u16(),
        headers: answer.headers().iter().map(header).collect(),
        body: answer.bytes().await.unwrap_or_default().to_vec(),
    };
    let reply = (mutant.change)(&request, reply, &memory);
    let mut head =
        format!("HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {}\r\n", reply.status, reply.body.len());
    for (name, value) in &reply.headers {
        if !["content-length", "transfer-encoding", "connection"].contains(&name.as_str()) {
            let _ = write!(head, "{name}: {value}\r\n");
        }
    }
    let _ = stream.write_all(format!("{head}\r\n").as_bytes()).await;
    let _ = stream.write_all(&reply.body).await;
    let _ = stream.shutdown().await;
}
