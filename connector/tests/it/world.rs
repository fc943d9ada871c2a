//! A world for a connector: a clock that only waiting moves, chance that repeats itself, and answers that were written down.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use myinfo_connector::Connector;
use myinfo_connector::ambient::Ambient;
use myinfo_connector::error::Error;
use myinfo_connector::transport::{Network, Request, Response};
use myinfo_connector::v3::{Config, Environment};
use myinfo_fixtures::{keys, vectors};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The moment at which every test begins: 14 November 2023, 22:13:20 UTC.
pub(crate) const NOW: u64 = 1_700_000_000_000;

const NO_CHANCE: u8 = u8::MAX;

/// Clones share everything.
#[derive(Debug, Clone)]
pub(crate) struct World(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    now: AtomicU64,
    waits: Mutex<Vec<Duration>>,
    /// How many times chance was asked; the number is what it gives.
    draws: AtomicU8,
    answers: Mutex<VecDeque<Result<Response, Error>>>,
    requests: Mutex<Vec<Request>>,
}

impl World {
    /// A world that answers the first request with the first answer, and so on.
    pub(crate) fn answering(answers: impl IntoIterator<Item = Response>) -> Self {
        Self(Arc::new(Shared {
            now: AtomicU64::new(NOW),
            waits: Mutex::default(),
            draws: AtomicU8::new(0),
            answers: Mutex::new(answers.into_iter().map(Ok).collect()),
            requests: Mutex::default(),
        }))
    }

    /// The same, and then nothing but this failure.
    pub(crate) fn then_failing(self, error: Error) -> Self {
        self.0.answers.lock().unwrap().push_back(Err(error));
        self
    }

    /// The same, where the system has no randomness to give.
    pub(crate) fn without_chance(self) -> Self {
        self.0.draws.store(NO_CHANCE, Ordering::Relaxed);
        self
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.0.now.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }

    /// How long the connector waited, each time, in seconds.
    pub(crate) fn waits(&self) -> Vec<u64> {
        self.0.waits.lock().unwrap().iter().map(Duration::as_secs).collect()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.0.requests.lock().unwrap().clone()
    }

    /// A connector of this world, for the client and the keys of the golden vectors.
    pub(crate) fn connector(&self) -> Connector {
        let config = Config::builder(Environment::Test)
            .client(keys::CLIENT_ID, keys::CLIENT_SECRET)
            .redirect_uri(keys::CLIENT_REDIRECT_URI)
            .attributes(["uinfin", "name"])
            .private_key(keys::CLIENT_KEY_PEM.as_bytes(), None)
            .unwrap()
            .myinfo_key(keys::MYINFO_CERT_PEM.as_bytes())
            .unwrap();
        Connector::with_network(config.build().unwrap(), self.clone()).with_ambient(self.clone())
    }
}

impl Ambient for World {
    fn now_milliseconds(&self) -> u64 {
        self.0.now.load(Ordering::Relaxed)
    }

    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        let draw = self.0.draws.load(Ordering::Relaxed);
        if draw == NO_CHANCE {
            return Err(std::io::ErrorKind::Unsupported.into());
        }
        self.0.draws.store(draw + 1, Ordering::Relaxed);
        bytes.fill(draw);
        Ok(())
    }

    fn wait(&self, time: Duration) -> BoxFuture<'_, ()> {
        self.0.waits.lock().unwrap().push(time);
        self.pass(time);
        std::future::ready(()).boxed()
    }
}

impl Network for World {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Error>> {
        self.0.requests.lock().unwrap().push(request);
        // a request too many fails the test
        let answer = self.0.answers.lock().unwrap().pop_front();
        std::future::ready(answer.unwrap()).boxed()
    }
}

pub(crate) fn answer(status: u16, retry_after: Option<u64>, body: impl Into<Vec<u8>>) -> Response {
    Response { status, retry_after, body: body.into(), ..Response::default() }
}

/// The token answer with the golden access token.
pub(crate) fn token() -> Response {
    let token = golden(vectors::ACCESS_TOKEN_JSON, "token");
    answer(200, None, json!({"access_token": token, "token_type": "Bearer"}).to_string())
}

/// The person answer with the golden document.
pub(crate) fn person() -> Response {
    answer(200, None, golden(vectors::PERSON_JWE_JSON, "jwe"))
}

fn golden(vector: &str, member: &str) -> String {
    let vector: Value = serde_json::from_str(vector).unwrap();
    vector.get(member).and_then(Value::as_str).unwrap().to_owned()
}
