//! A relying party made of the oracle's rules, every part of whose requests can be changed before it is sent.

use crate::support::{NOW, plain_http};
use myinfo_fixtures::keys::ec;
use myinfo_mock_server::MockServer;
use myinfo_mock_server::ambient::{Clock, ManualClock, Timestamp};
use myinfo_mock_server::config::Config;
use myinfo_oracle::assertion::{self, Assertion};
use myinfo_oracle::dpop::Proof;
use myinfo_oracle::ec::EcPrivateKey;
use myinfo_oracle::{jwe, jwk, jws, pkce};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use url::Url;

pub(crate) const MYINFO: &str = "TESTBEDxMYINFOxAPPx0000000000001";
pub(crate) const LOGIN: &str = "TESTBEDxLOGINxAPPx00000000000002";
pub(crate) const VERIFIER: &str = "6I9tQd5tKn7Uy9ZfwEqd-YC71gSVfzcfVcyXLc34vQo";
pub(crate) const REDIRECT: &str = "http://localhost:3001/callback";
pub(crate) const PERSONA: &str = "S6005048A";

/// A key of the fixtures.
pub(crate) fn key(kid: &str) -> EcPrivateKey {
    jwk::private(&ec::private(kid).unwrap()).unwrap()
}

/// A server on a clock that stands still, and one application.
pub(crate) struct Party {
    pub(crate) mock: MockServer,
    pub(crate) clock: ManualClock,
    pub(crate) http: reqwest::Client,
    pub(crate) client_id: &'static str,
    /// Where it reaches the server.
    base: String,
    counter: AtomicU64,
    /// What stands before the paths of its realm; nothing for the default one.
    realm: String,
}

/// A JWT before it is signed.
#[derive(Clone)]
pub(crate) struct Unsigned {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) kid: &'static str,
    /// What is put in place of the signature, where it is not the right one.
    pub(crate) forged: Option<Forged>,
}

/// Signs header and payload in a way of its own; gives the third part of the token.
pub(crate) type Forged = fn(&Unsigned) -> String;

impl Unsigned {
    pub(crate) fn signed(&self) -> String {
        let (header, claims) = (self.header.to_string(), self.claims.to_string());
        let right = jws::sign(&header, &claims, &key(self.kid));
        match (self.forged, right.rsplit_once('.')) {
            (Some(forged), Some((text, _))) => format!("{text}.{}", forged(self)),
            _ => right,
        }
    }
}

/// A request before it is sent.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) method: &'static str,
    pub(crate) url: String,
    pub(crate) form: Vec<(String, String)>,
    pub(crate) assertion: Option<Unsigned>,
    pub(crate) proof: Option<Unsigned>,
    pub(crate) authorization: Option<String>,
    pub(crate) content_type: &'static str,
}

impl Draft {
    /// Gives a parameter of the form another value; adds it where it is missing.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        match self.form.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.form.push((name.to_owned(), value.to_owned())),
        }
    }

    /// Takes a parameter out of the form.
    pub(crate) fn remove(&mut self, name: &str) {
        self.form.retain(|(known, _)| known != name);
    }

    pub(crate) fn assertion(&mut self) -> &mut Unsigned {
        self.assertion.as_mut().unwrap()
    }

    pub(crate) fn proof(&mut self) -> &mut Unsigned {
        self.proof.as_mut().unwrap()
    }
}

/// Status, headers and body of an answer.
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.status, self.body))
    }
}

impl Party {
    pub(crate) async fn new(client_id: &'static str) -> Self {
        Self::with(client_id, "").await
    }

    pub(crate) async fn with(client_id: &'static str, toml: &str) -> Self {
        let config = Config::from_toml(toml, Path::new(".")).unwrap_or_else(|problems| panic!("{problems:?}"));
        let clock = ManualClock::starting_at(Timestamp(NOW));
        let builder = MockServer::builder().config(config).address(([127, 0, 0, 1], 0).into());
        let mock = builder.clock(Clock::Manual(clock.clone())).seed(1).start().await.unwrap();
        let (http, base) = (plain_http(), mock.base_url());
        Self { mock, clock, http, client_id, base, counter: AtomicU64::new(0), realm: String::new() }
    }

    /// One whose server begins with this seed, and is reached by a name: a port is another one in every run.
    pub(super) async fn seeded(client_id: &'static str, seed: u64) -> Self {
        let party = Self::new(client_id).await;
        let builder = MockServer::builder().clock(Clock::Manual(party.clock.clone())).seed(seed);
        let mock = builder.start().await.unwrap();
        let (http, base) = crate::support::by_name(&mock);
        Self { mock, http, base, ..party }
    }

    /// The same in a realm, which need not be there yet.
    pub(super) fn in_realm(self, name: &str) -> Self {
        Self { realm: format!("/_realm/{name}"), ..self }
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{}{}/fapi", self.base, self.realm)
    }

    pub(crate) fn seconds(&self) -> u64 {
        Clock::Manual(self.clock.clone()).now().seconds()
    }

    fn fresh(&self) -> String {
        format!("id-{}", self.counter.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn assertion(&self) -> Unsigned {
        let (audience, id) = (self.issuer(), self.fresh());
        let claims = Assertion {
            client_id: self.client_id,
            audience: &audience,
            id: &id,
            issued_at: self.seconds(),
            lifetime: 120,
        };
        let header = Assertion::header(&key("client-sig-p256"), "client-sig-p256");
        Unsigned { header, claims: claims.claims(), kid: "client-sig-p256", forged: None }
    }

    /// A proof by a key that stands for the login's.
    pub(crate) fn proof(&self, method: &str, url: &str, access_token: Option<&str>) -> Unsigned {
        let id = self.fresh();
        let claims = Proof { method, url, id: &id, issued_at: self.seconds(), access_token, nonce: None }.claims();
        Unsigned { header: Proof::header(&key("ephemeral-p256")), claims, kid: "ephemeral-p256", forged: None }
    }

    fn draft(&self, path: &str, form: &[(&str, &str)]) -> Draft {
        let url = format!("{}/{path}", self.issuer());
        let form: Vec<(String, String)> =
            form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Draft {
            method: "POST",
            proof: Some(self.proof("POST", &url, None)),
            url,
            form,
            assertion: Some(self.assertion()),
            authorization: None,
            content_type: "application/x-www-form-urlencoded",
        }
    }

    pub(crate) fn par(&self) -> Draft {
        let challenge = pkce::challenge(VERIFIER);
        let mut draft = self.draft(
            "par",
            &[
                ("response_type", "code"),
                ("scope", "openid uinfin name"),
                ("state", "state-0123456789-0123456789-012345"),
                ("nonce", "nonce-0123456789-0123456789-012345"),
                ("client_id", self.client_id),
                ("redirect_uri", REDIRECT),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
            ],
        );
        if self.client_id == LOGIN {
            draft.set("scope", "openid user.identity name");
            draft.set("authentication_context_type", "APP_AUTHENTICATION_DEFAULT");
        }
        draft
    }

    pub(crate) fn token(&self, code: &str) -> Draft {
        self.draft(
            "token",
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", REDIRECT),
                ("code_verifier", VERIFIER),
            ],
        )
    }

    pub(crate) fn userinfo(&self, access_token: &str) -> Draft {
        let mut draft = self.draft("userinfo", &[]);
        draft.method = "GET";
        draft.assertion = None;
        draft.proof = Some(self.proof("GET", &draft.url, Some(access_token)));
        draft.authorization = Some(format!("DPoP {access_token}"));
        draft
    }

    pub(crate) async fn send(&self, draft: &Draft) -> Told {
        told(self.request(draft)).await
    }

    /// The signed request, unsent.
    pub(crate) fn request(&self, draft: &Draft) -> reqwest::RequestBuilder {
        let mut form = draft.form.clone();
        if let Some(assertion) = &draft.assertion {
            form.push(("client_assertion".to_owned(), assertion.signed()));
            if !form.iter().any(|(name, _)| name == "client_assertion_type") {
                form.push(("client_assertion_type".to_owned(), assertion::TYPE.to_owned()));
            }
        }
        let mut request = self.http.request(draft.method.parse().unwrap(), &draft.url);
        if draft.method == "POST" {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            request = request.header("content-type", draft.content_type).body(body);
        }
        if let Some(proof) = &draft.proof {
            request = request.header("dpop", proof.signed());
        }
        if let Some(authorization) = &draft.authorization {
            request = request.header("authorization", authorization);
        }
        request
    }

    /// Arms a fault for every time.
    pub(crate) async fn arm(&self, fault: &str) {
        let url = format!("{}/_mock/faults", self.base);
        let told = told(self.http.post(url).json(&json!({"id": fault}))).await;
        assert!(told.status < 300, "{fault}: {}", told.body);
    }

    /// The address to which the browser is sent with a request URI.
    pub(crate) fn auth_url(&self, request_uri: &str) -> String {
        let pairs = [("client_id", self.client_id), ("request_uri", request_uri)];
        Url::parse_with_params(&format!("{}/auth", self.issuer()), pairs).unwrap().into()
    }

    pub(crate) async fn visit(&self, url: &str) -> Told {
        self.visit_as(PERSONA, url).await
    }

    /// The browser of a persona that agrees to everything.
    pub(crate) async fn visit_as(&self, persona: &str, url: &str) -> Told {
        told(self.http.get(url).header("x-myinfo-mock-persona", persona)).await
    }

    /// The tokens of a login that begins with this pushed request.
    pub(crate) async fn tokens_of(&self, draft: &Draft, persona: &str) -> Value {
        let pushed = self.send(draft).await.json();
        let told = self.visit_as(persona, &self.auth_url(pushed["request_uri"].as_str().unwrap())).await;
        let callback = Url::parse(&told.headers["location"]).unwrap();
        let code = callback.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let told = self.send(&self.token(&code)).await;
        assert_eq!(told.status, 200, "{}", told.body);
        told.json()
    }

    pub(crate) async fn pushed(&self) -> String {
        let told = self.send(&self.par()).await;
        assert_eq!(told.status, 201, "{}", told.body);
        told.json()["request_uri"].as_str().unwrap().to_owned()
    }

    /// The callback's parameters for a login that keeps every rule.
    pub(crate) async fn callback(&self) -> HashMap<String, String> {
        let told = self.visit(&self.auth_url(&self.pushed().await)).await;
        assert_eq!(told.status, 302, "{}", told.body);
        Url::parse(&told.headers["location"]).unwrap().query_pairs().into_owned().collect()
    }

    pub(crate) async fn code(&self) -> String {
        self.callback().await["code"].clone()
    }

    pub(crate) async fn tokens(&self) -> Value {
        let told = self.send(&self.token(&self.code().await)).await;
        assert_eq!(told.status, 200, "{}", told.body);
        told.json()
    }

    pub(crate) async fn access_token(&self) -> String {
        self.tokens().await["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn admin(&self, path: &str) -> Value {
        told(self.http.get(format!("{}{}/_mock/{path}", self.base, self.realm))).await.json()
    }

    pub(crate) async fn newest(&self) -> Value {
        let exchanges = self.admin("exchanges").await;
        exchanges["exchanges"].as_array().unwrap().last().unwrap().clone()
    }

    /// Decrypts a document with the client's key and verifies it with the service's: its JWE header, JWS header and claims.
    pub(crate) fn opened(document: &str) -> [Value; 3] {
        let opened = jwe::open(document, &key("client-enc-p256")).unwrap();
        let service = jwk::public(&ec::public(ec::SERVICE_KID).unwrap()).unwrap();
        let inner = jws::accept(&opened.plaintext, &service).unwrap();
        [&opened.header, &inner.header, &inner.payload].map(|text| serde_json::from_str(text).unwrap())
    }
}

pub(crate) async fn told(request: reqwest::RequestBuilder) -> Told {
    let answer = request.send().await.unwrap();
    let headers = answer.headers().iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    Told { status: answer.status().as_u16(), headers, body: answer.text().await.unwrap() }
}

/// A JSON object's members, in their order.
pub(crate) fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The persona's `sub`, whoever asks.
pub(crate) fn is_uuid(text: &Value) -> bool {
    let parts: Vec<usize> = text.as_str().unwrap().split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12]
}

/// A claim taken out.
pub(crate) fn without(value: &mut Value, name: &str) {
    value.as_object_mut().unwrap().shift_remove(name);
}

/// A claim set.
pub(crate) fn with(value: &mut Value, name: &str, claim: impl Into<Value>) {
    value[name] = claim.into();
}

/// Two shifted by seconds.
pub(crate) fn shift(claims: &mut Value, seconds: i64) {
    for name in ["iat", "exp"] {
        if let Some(time) = claims[name].as_u64() {
            claims[name] = json!(time.saturating_add_signed(seconds));
        }
    }
}
