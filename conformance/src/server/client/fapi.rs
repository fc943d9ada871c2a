//! A client of FAPI, or of the API before it, made of the oracle's plain rules: every part of a request can be changed before it is signed or sent.

use myinfo_oracle::assertion::{self, Assertion};
use myinfo_oracle::dpop::Proof;
use myinfo_oracle::ec::{Curve, EcPrivateKey};
use myinfo_oracle::{jws, pkce};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use url::Url;

/// How long an assertion of ours lives: what Singpass allows at most.
const ASSERTION_SECONDS: u64 = 120;
/// The media type of forms.
const FORM: &str = "application/x-www-form-urlencoded";

/// Where a server is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The issuer.
    pub issuer: String,
    /// The discovery document.
    pub discovery: String,
    /// The service's keys.
    pub keys: String,
    /// PAR.
    pub par: String,
    /// Where the browser logs in.
    pub auth: String,
    /// Token.
    pub token: String,
    /// Userinfo.
    pub userinfo: String,
}

/// Which of the two APIs a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// FAPI: requests are pushed, tokens are bound.
    Fapi,
    /// The one before: the browser brings the whole request, and there are no proofs.
    Before,
}

/// A registered application, speaking to a server.
#[derive(Debug)]
pub struct FapiClient {
    /// What it speaks.
    pub api: Api,
    /// The HTTP client: no redirects, no proxy.
    pub http: Client,
    /// The server.
    pub at: Endpoints,
    /// The client id.
    pub client_id: String,
    /// The registered callback.
    pub redirect_uri: String,
    /// The scopes of every login, separated by blanks.
    pub scope: String,
    /// What a Login app says of its logins (`authentication_context_type`).
    pub context_type: Option<String>,
    /// The key that signs, and its registered name.
    pub signing: (String, EcPrivateKey),
    /// The key that documents are encrypted for.
    pub encryption: EcPrivateKey,
    /// What every `jti` begins with: another text for each client that speaks to the same server.
    pub mark: String,
    /// By how many seconds its clock is ahead.
    pub ahead: u64,
    /// How many texts were made that have to be new.
    pub counter: AtomicU64,
    /// The time in milliseconds since 1970.
    pub clock: fn() -> u64,
}

/// What belongs to one login.
#[derive(Debug, Clone)]
pub struct Flow {
    /// The state.
    pub state: String,
    /// The nonce.
    pub nonce: String,
    /// The PKCE verifier.
    pub verifier: String,
    /// The key of its proofs.
    pub key: EcPrivateKey,
}

/// A JWT before it is signed.
#[derive(Debug, Clone)]
pub struct Unsigned {
    /// The header.
    pub header: Value,
    /// The claims.
    pub claims: Value,
    /// The key that will sign.
    pub key: EcPrivateKey,
    /// What is done to the signed text.
    pub forged: Option<fn(&str) -> String>,
}

/// A request before it is signed: change what you like.
#[derive(Debug, Clone)]
pub struct Draft {
    /// `POST` or `GET`.
    pub method: &'static str,
    /// The address.
    pub url: String,
    /// The form of a POST, but for the assertion.
    pub form: Vec<(String, String)>,
    /// The client assertion.
    pub assertion: Option<Unsigned>,
    /// The proof.
    pub proof: Option<Unsigned>,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The media type of the form.
    pub content_type: &'static str,
    /// Whether the form stands in the address instead.
    pub in_query: bool,
}

impl Unsigned {
    /// The JWT.
    pub fn signed(&self) -> String {
        let signed = jws::sign(&self.header.to_string(), &self.claims.to_string(), &self.key);
        match self.forged {
            Some(forge) => forge(&signed),
            None => signed,
        }
    }

    /// Gives a claim another value.
    pub fn claim(&mut self, name: &str, value: impl Into<Value>) {
        put(&mut self.claims, name, value.into());
    }

    /// Gives a member of the header another value.
    pub fn says(&mut self, name: &str, value: impl Into<Value>) {
        put(&mut self.header, name, value.into());
    }

    /// Takes a claim out.
    pub fn without(&mut self, name: &str) {
        take(&mut self.claims, name);
    }

    /// Takes a member of the header out.
    pub fn silent(&mut self, name: &str) {
        take(&mut self.header, name);
    }

    /// Moves its times by seconds.
    pub fn shift(&mut self, seconds: i64) {
        for name in ["iat", "exp"] {
            if let Some(time) = self.claims.get(name).and_then(Value::as_u64) {
                self.claim(name, time.saturating_add_signed(seconds));
            }
        }
    }
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn take(object: &mut Value, name: &str) {
    if let Some(members) = object.as_object_mut() {
        members.shift_remove(name);
    }
}

impl Draft {
    /// Gives a parameter another value; adds it where it is missing.
    pub fn set(&mut self, name: &str, value: &str) {
        match self.form.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.form.push((name.to_owned(), value.to_owned())),
        }
    }

    /// Takes a parameter out.
    pub fn remove(&mut self, name: &str) {
        self.form.retain(|(known, _)| known != name);
    }

    /// Changes the assertion, where there is one.
    pub fn assertion(&mut self, change: impl FnOnce(&mut Unsigned)) {
        if let Some(assertion) = &mut self.assertion {
            change(assertion);
        }
    }

    /// Changes the proof, where there is one.
    pub fn proof(&mut self, change: impl FnOnce(&mut Unsigned)) {
        if let Some(proof) = &mut self.proof {
            change(proof);
        }
    }
}

impl FapiClient {
    fn seconds(&self) -> u64 {
        (self.clock)() / 1000 + self.ahead
    }

    /// A text that was not there before, of letters, digits and minus.
    pub fn fresh(&self, what: &str) -> String {
        format!("{what}-{}-{:08}", self.mark, self.counter.fetch_add(1, Ordering::Relaxed))
    }

    /// What a new login needs.
    pub fn login(&self) -> Flow {
        // a verifier has 43 characters at least (RFC 7636 §4.1)
        let verifier = format!("{:-<43}", self.fresh("verifier"));
        Flow {
            state: self.fresh("state-0123456789-0123456789"),
            nonce: self.fresh("nonce-0123456789"),
            verifier,
            key: EcPrivateKey::random(Curve::P256),
        }
    }

    fn asserted(&self) -> Unsigned {
        let (kid, key) = &self.signing;
        let id = self.fresh("assertion");
        let claims = Assertion {
            client_id: &self.client_id,
            audience: &self.at.issuer,
            id: &id,
            issued_at: self.seconds(),
            lifetime: ASSERTION_SECONDS,
        };
        Unsigned { header: Assertion::header(key, kid), claims: claims.claims(), key: key.clone(), forged: None }
    }

    /// A proof, where the API has them.
    fn proven(&self, (method, url): (&str, &str), key: &EcPrivateKey, access_token: Option<&str>) -> Option<Unsigned> {
        if self.api == Api::Before {
            return None;
        }
        let id = self.fresh("proof");
        let proof = Proof { method, url, id: &id, issued_at: self.seconds(), access_token, nonce: None };
        Some(Unsigned { header: Proof::header(key), claims: proof.claims(), key: key.clone(), forged: None })
    }

    fn posted(&self, url: &str, flow: &Flow, form: &[(&str, &str)]) -> Draft {
        Draft {
            method: "POST",
            url: url.to_owned(),
            form: form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            assertion: Some(self.asserted()),
            proof: self.proven(("POST", url), &flow.key, None),
            authorization: None,
            content_type: FORM,
            in_query: false,
        }
    }

    /// A pushed request that keeps every rule.
    pub fn par(&self, flow: &Flow) -> Draft {
        let challenge = pkce::challenge(&flow.verifier);
        let mut draft = self.posted(
            &self.at.par,
            flow,
            &[
                ("response_type", "code"),
                ("scope", &self.scope),
                ("state", &flow.state),
                ("nonce", &flow.nonce),
                ("client_id", &self.client_id),
                ("redirect_uri", &self.redirect_uri),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
            ],
        );
        if let Some(context) = &self.context_type {
            draft.set("authentication_context_type", context);
        }
        draft
    }

    /// The address to which the browser is sent.
    ///
    /// # Errors
    /// When the server's address is none.
    pub fn auth_url(&self, request_uri: &str) -> Result<Url, url::ParseError> {
        Url::parse_with_params(&self.at.auth, [("client_id", self.client_id.as_str()), ("request_uri", request_uri)])
    }

    /// The address to which the browser is sent with the whole request, before FAPI.
    ///
    /// # Errors
    /// When the server's address is none.
    pub fn whole_url(&self, flow: &Flow) -> Result<Url, url::ParseError> {
        Url::parse_with_params(&self.at.auth, &self.par(flow).form)
    }

    /// A token request that keeps every rule.
    pub fn token(&self, flow: &Flow, code: &str) -> Draft {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", &flow.verifier),
            ("client_id", &self.client_id),
        ];
        self.posted(&self.at.token, flow, &form)
    }

    /// A userinfo request that keeps every rule.
    pub fn userinfo(&self, flow: &Flow, access_token: &str) -> Draft {
        let url = &self.at.userinfo;
        let scheme = if self.api == Api::Fapi { "DPoP" } else { "Bearer" };
        Draft {
            method: "GET",
            proof: self.proven(("GET", url), &flow.key, Some(access_token)),
            authorization: Some(format!("{scheme} {access_token}")),
            assertion: None,
            ..self.posted(url, flow, &[])
        }
    }

    /// The request of a draft.
    pub fn request(&self, draft: &Draft) -> RequestBuilder {
        let mut form = draft.form.clone();
        if let Some(assertion) = &draft.assertion {
            form.push(("client_assertion".to_owned(), assertion.signed()));
            if !form.iter().any(|(name, _)| name == "client_assertion_type") {
                form.push(("client_assertion_type".to_owned(), assertion::TYPE.to_owned()));
            }
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let method = Method::from_bytes(draft.method.as_bytes()).unwrap_or_default();
        let mut request = match (draft.in_query, draft.method) {
            (true, _) => self.http.request(method, format!("{}?{body}", draft.url)),
            (false, "GET") => self.http.request(method, &draft.url),
            (false, _) => self.http.request(method, &draft.url).header("content-type", draft.content_type).body(body),
        };
        if let Some(proof) = &draft.proof {
            request = request.header("dpop", proof.signed());
        }
        if let Some(authorization) = &draft.authorization {
            request = request.header("authorization", authorization);
        }
        request
    }
}
