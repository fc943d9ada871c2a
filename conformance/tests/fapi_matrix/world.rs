//! The network of a mutant: its requests are changed before they go out, answers are mended before it looks.

use crate::document::{Document, part, private};
use crate::driver::Mutant;
use futures_util::future::BoxFuture;
use myinfo_conformance::connector::setup::Setup;
use myinfo_conformance::connector::wire::{Pair, decoded};
use myinfo_connector::error::{Endpoint, Error, TransportProblem};
use myinfo_connector::transport::{Network, Request, Response, Transport};
use myinfo_oracle::dpop::ath;
use myinfo_oracle::ec::{Curve, EcPrivateKey};
use myinfo_oracle::{jwk, jws};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

/// How the network is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    AsItShould,
    FollowsRedirects,
    TrustsAnyCertificate,
    WaitsForEver,
    /// A request that failed is sent again as it is, so often.
    Repeats(u32),
    /// The code is exchanged again, whatever came of it.
    RepeatsToken,
    /// Where userinfo refuses, the token is sent as Bearer.
    FallsBackToBearer,
    /// Keys that were fetched once are kept for ever.
    KeepsKeys,
    /// The discovery document of the API before FAPI is fetched, too.
    AsksTheOldApi,
    /// What is called a JWT in another way is taken for none.
    ComparesMediaType,
    /// The keys are fetched three times each time.
    FetchesKeysOften,
}

/// What the world remembers; clones share it.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) mutant: &'static Mutant,
    pub(crate) setup: Arc<Setup>,
    pub(crate) transport: Transport,
    pub(crate) seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
pub(crate) struct Seen {
    /// What the browser kept of the login that is being finished.
    pub(crate) kept: Value,
    /// The keys that stand in for those of the proofs, by thumbprint.
    keys: HashMap<String, EcPrivateKey>,
    first_keys: Option<Response>,
    pub(crate) last_token: Option<Request>,
    pub(crate) access_token: String,
    pub(crate) id_token: String,
}

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.mutant.id)
    }
}

/// What a mend may look at.
pub(crate) struct Context<'c> {
    pub(crate) setup: &'c Setup,
    /// The nonce of the login that is being finished.
    pub(crate) nonce: String,
    pub(crate) access_token: String,
    pub(crate) now: u64,
}

impl Context<'_> {
    /// Whole claims of an ID token, where nothing can be read of the one that came.
    pub(crate) fn claims(&self) -> Map<String, Value> {
        let token = part(&self.access_token, 1).unwrap_or_default();
        let claims = json!({
            "iat": self.now, "exp": self.now + 600, "iss": self.setup.common.issuer, "sub": token.get("sub"),
            "aud": self.setup.common.client_id, "amr": ["pwd"], "sub_type": "user", "nonce": self.nonce,
            "acr": "urn:singpass:authentication:loa:2",
        });
        claims.as_object().cloned().unwrap_or_default()
    }
}

impl World {
    fn context(&self) -> Context<'_> {
        let seen = self.seen.lock().unwrap();
        let kept = &seen.kept[self.mutant.speaks.name()];
        let nonce = kept.get("nonce").and_then(Value::as_str).unwrap_or_default().to_owned();
        let now = myinfo_conformance::clock::milliseconds() / 1000;
        Context { setup: &self.setup, nonce, access_token: seen.access_token.clone(), now }
    }

    /// The request as the mutant makes it.
    fn changed(&self, mut request: Request) -> Request {
        if let (Some(change), Some(body)) = (self.mutant.form, &request.body) {
            let mut form = decoded(body);
            change(request.endpoint, &mut form);
            request.body = Some(encoded(&form));
        }
        if let (Some(change), Some(body)) = (self.mutant.assertion, &request.body) {
            let mut form = decoded(body);
            for (_, value) in form.iter_mut().filter(|(name, _)| name == "client_assertion") {
                *value = changed_assertion(value, |header, claims| change(&request, header, claims));
            }
            request.body = Some(encoded(&form));
        }
        if let Some(change) = self.mutant.proof {
            let made = request.headers.iter().position(|(name, _)| name.eq_ignore_ascii_case("dpop"));
            if let Some(at) = made {
                let proof = self.changed_proof(&request, &request.headers[at].1.clone(), change);
                request.headers[at].1 = proof;
            }
        }
        if let Some(change) = self.mutant.request {
            change(&mut request);
        }
        request
    }

    /// The proof, changed and signed by a key that stands in for that of the login.
    fn changed_proof(&self, request: &Request, proof: &str, change: crate::driver::ChangeProof) -> String {
        let (mut header, mut claims) = (part(proof, 0).unwrap(), part(proof, 1).unwrap());
        let thumbprint = jwk::thumbprint(&header["jwk"]).unwrap();
        let standing_in = {
            let mut seen = self.seen.lock().unwrap();
            seen.keys.entry(thumbprint).or_insert_with(|| EcPrivateKey::random(Curve::P256)).clone()
        };
        let key = change(request, &mut claims).unwrap_or(standing_in);
        header.insert("jwk".to_owned(), jwk::of_public(&key.public()));
        jws::sign(&Value::Object(header).to_string(), &Value::Object(claims).to_string(), &key)
    }

    async fn exchange(&self, request: Request) -> Result<Response, Error> {
        let endpoint = request.endpoint;
        if self.mutant.wire == Wire::KeepsKeys && endpoint == Endpoint::Keys {
            let kept = self.seen.lock().unwrap().first_keys.clone();
            if let Some(kept) = kept {
                return Ok(kept);
            }
        }
        if endpoint == Endpoint::Token {
            self.seen.lock().unwrap().last_token = Some(request.clone());
        }
        if self.mutant.wire == Wire::AsksTheOldApi && endpoint == Endpoint::Discovery {
            let old = Request { url: request.url.replace("/fapi/", "/"), ..request.clone() };
            drop(self.transport.send(old).await);
        }
        if self.mutant.wire == Wire::ComparesMediaType && endpoint == Endpoint::Person {
            return compared(request).await;
        }
        let mut answer = self.transport.send(request.clone()).await;
        let mut repeats = self.repeats(endpoint);
        while repeats > 0 && failed(self.mutant.wire, &answer) {
            repeats -= 1;
            answer = self.transport.send(request.clone()).await;
        }
        if self.mutant.wire == Wire::FallsBackToBearer && answer.as_ref().is_ok_and(|answer| answer.status == 401) {
            let mut bearer = request;
            for (_, value) in bearer.headers.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
                *value = value.replace("DPoP ", "Bearer ");
            }
            answer = self.transport.send(bearer).await;
        }
        let refused = answer.as_ref().is_ok_and(|answer| answer.status == 401);
        if self.mutant.wire == Wire::RepeatsToken && refused && endpoint == Endpoint::Person {
            let token = self.seen.lock().unwrap().last_token.clone();
            drop(self.transport.send(token.unwrap()).await);
        }
        if endpoint == Endpoint::Keys && self.mutant.wire == Wire::KeepsKeys {
            self.seen.lock().unwrap().first_keys = answer.as_ref().ok().cloned();
        }
        answer
    }

    fn repeats(&self, endpoint: Endpoint) -> u32 {
        match (self.mutant.wire, endpoint) {
            (Wire::Repeats(times), Endpoint::Pushed | Endpoint::Person) => times,
            (Wire::RepeatsToken, Endpoint::Token) => 1,
            (Wire::FetchesKeysOften, Endpoint::Keys) => 3,
            _ => 0,
        }
    }

    /// The answer as the mutant sees it.
    fn mended(&self, endpoint: Endpoint, mut answer: Response) -> Response {
        if endpoint == Endpoint::Token {
            let answer = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
            let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let mut seen = self.seen.lock().unwrap();
            (seen.access_token, seen.id_token) = (text("access_token"), text("id_token"));
        }
        let context = self.context();
        if let Some(mend) = self.mutant.answer {
            mend(endpoint, &mut answer, &context);
        }
        if let (Some(mend), Endpoint::Token, 200) = (self.mutant.id_token, endpoint, answer.status) {
            mend_id_token(&mut answer, mend, &context);
        }
        if let (Some(mend), Endpoint::Person, 200) = (self.mutant.userinfo, endpoint, answer.status) {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            if let Some(text) = mend(&text, Document::read(&text), &context) {
                answer.body = text.into_bytes();
            }
        }
        answer
    }
}

/// Userinfo, whose body is passed over where its media type is not written as it is usually.
async fn compared(request: Request) -> Result<Response, Error> {
    let failed = |problem| Error::Transport { endpoint: Endpoint::Person, problem };
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let client = client.timeout(std::time::Duration::from_secs(5)).build().unwrap();
    let asked =
        request.headers.iter().fold(client.get(&request.url), |asked, (name, value)| asked.header(*name, value));
    let answer = asked.send().await.map_err(|_| failed(TransportProblem::BrokenOff))?;
    if answer.status().is_redirection() {
        return Err(failed(TransportProblem::Redirect));
    }
    let status = answer.status().as_u16();
    let usual = answer.headers().get("content-type").is_some_and(|kind| kind == "application/jwt; charset=utf-8");
    let body = answer.bytes().await.map_err(|_| failed(TransportProblem::BrokenOff))?;
    Ok(Response {
        status,
        body: if usual || status != 200 { body.to_vec() } else { Vec::new() },
        ..Response::default()
    })
}

fn failed(wire: Wire, answer: &Result<Response, Error>) -> bool {
    wire == Wire::FetchesKeysOften || answer.as_ref().map_or(true, |answer| answer.status >= 400)
}

fn mend_id_token(answer: &mut Response, mend: crate::driver::Mend, context: &Context<'_>) {
    let Ok(Value::Object(mut members)) = serde_json::from_slice::<Value>(&answer.body) else { return };
    let Some(token) = members.get("id_token").and_then(Value::as_str) else { return };
    if let Some(mended) = mend(token, Document::read(token), context) {
        members.insert("id_token".to_owned(), json!(mended));
        answer.body = Value::Object(members).to_string().into_bytes();
    }
}

fn changed_assertion(assertion: &str, change: impl Fn(&mut Map<String, Value>, &mut Map<String, Value>)) -> String {
    let (mut header, mut claims) = (part(assertion, 0).unwrap(), part(assertion, 1).unwrap());
    change(&mut header, &mut claims);
    let (header, claims) = (Value::Object(header).to_string(), Value::Object(claims).to_string());
    jws::sign(&header, &claims, &private("client-sig-p256"))
}

fn encoded(form: &[Pair]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

/// The hash of the token in a request, as a proof has it.
pub(crate) fn hash_of(request: &Request) -> Option<String> {
    let (_, value) = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"))?;
    Some(ath(value.split_once(' ')?.1))
}

impl Network for World {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Error>> {
        Box::pin(async move {
            let endpoint = request.endpoint;
            let answer = self.exchange(self.changed(request)).await?;
            Ok(self.mended(endpoint, answer))
        })
    }
}
