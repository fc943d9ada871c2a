//! The load over FAPI: whole flows against a mock, stage by stage, and pushed requests alone against any server.

use super::Load;
use crate::clock::milliseconds;
use crate::http::{self, ANSWER_LIMIT};
use anyhow::{Context, Result, ensure};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use myinfo_fixtures::keys::ec;
use myinfo_oracle::assertion::{self, Assertion};
use myinfo_oracle::dpop::Proof;
use myinfo_oracle::ec::{Curve, EcPrivateKey};
use myinfo_oracle::{jwk, pkce};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use url::Url;
use url::form_urlencoded::Serializer;

/// A stage of the flow that a batch went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// `POST /par`.
    Pushed,
    /// `GET /auth`, with a persona that agrees.
    Authorised,
    /// `POST /token`.
    Exchanged,
    /// `GET /userinfo`.
    Told,
}

impl Stage {
    /// In the order of the flow.
    pub const ALL: [Self; 4] = [Self::Pushed, Self::Authorised, Self::Exchanged, Self::Told];
}

/// The client: the mock's sample, whose key is published.
pub const CLIENT: &str = "TESTBEDxMYINFOxAPPx0000000000001";
const KEY: &str = "client-sig-p256";
const REDIRECT: &str = "http://localhost:3001/callback";
/// What v3's load asks for, as far as there is such a scope.
const SCOPE: &str = "openid uinfin name sex race nationality dob email mobileno regadd housingtype hdbtype marital noa-basic ownerprivate cpfcontributions cpfbalances.oa";
const PERSONA: &str = "S6005048A";

/// The client in front of a server, and where that is.
struct Party {
    http: Client,
    key: EcPrivateKey,
    issuer: String,
    endpoints: Value,
    counter: AtomicU64,
}

/// A login on its way; each has a proof key and a verifier of its own.
struct Login {
    proof_key: EcPrivateKey,
    verifier: String,
    /// What the stage before gave: a request URI, a code, an access token.
    holds: String,
}

/// Runs whole flows; tells after each stage of a batch, so that the server's time can be read.
///
/// # Errors
/// When an exchange does not end as it should.
pub async fn run(issuer: &str, load: Load, mut after: impl FnMut(Stage, usize)) -> Result<()> {
    let party = Party::at(issuer).await?;
    let mut done = 0;
    while done < load.flows {
        let batch = load.batch.min(load.flows - done);
        let mut logins: Vec<Login> = (0..batch).map(|_| party.login()).collect();
        for stage in Stage::ALL {
            logins = party.go(stage, logins, load.in_flight).await?;
            after(stage, done + batch);
        }
        done += batch;
    }
    Ok(())
}

/// Pushes requests, and nothing more.
///
/// # Errors
/// When one is refused.
pub async fn push(issuer: &str, load: Load) -> Result<()> {
    let party = Party::at(issuer).await?;
    let logins = (0..load.flows).map(|_| party.login()).collect();
    party.go(Stage::Pushed, logins, load.in_flight).await.map(drop)
}

impl Party {
    /// Reads the discovery document of an issuer.
    async fn at(issuer: &str) -> Result<Self> {
        let http = http::client()?;
        let answer = http.get(format!("{issuer}/.well-known/openid-configuration")).send().await?;
        let endpoints = serde_json::from_slice(&http::whole(answer, ANSWER_LIMIT).await?)?;
        let key = jwk::private(&ec::private(KEY).context("the sample client's key")?)?;
        // a server that ran before remembers what was used
        let counter = AtomicU64::new(milliseconds() * 1_000_000);
        Ok(Self { http, key, issuer: issuer.to_owned(), endpoints, counter })
    }

    fn endpoint(&self, name: &str) -> Result<&str> {
        self.endpoints.get(name).and_then(Value::as_str).with_context(|| format!("no {name} in the metadata"))
    }

    fn fresh(&self) -> String {
        format!("{:0>43}", self.counter.fetch_add(1, Ordering::Relaxed))
    }

    fn login(&self) -> Login {
        Login { proof_key: EcPrivateKey::random(Curve::P256), verifier: self.fresh(), holds: String::new() }
    }

    /// Takes logins through a stage. Everything is signed before anything is sent, so that the server never waits for the load.
    async fn go(&self, stage: Stage, logins: Vec<Login>, in_flight: usize) -> Result<Vec<Login>> {
        let signed: Vec<(Login, RequestBuilder)> = logins
            .into_iter()
            .map(|login| {
                let request = self.request(stage, &login)?;
                Ok((login, request))
            })
            .collect::<Result<_>>()?;
        let steps = signed.into_iter().map(|(login, request)| async move {
            let holds = given(stage, request.send().await?).await?;
            anyhow::Ok(Login { holds, ..login })
        });
        stream::iter(steps).buffer_unordered(in_flight).try_collect().await
    }

    fn request(&self, stage: Stage, login: &Login) -> Result<RequestBuilder> {
        match stage {
            Stage::Pushed => self.pushing(login),
            Stage::Authorised => self.authorising(login),
            Stage::Exchanged => self.exchanging(login),
            Stage::Told => self.asking(login),
        }
    }

    fn pushing(&self, login: &Login) -> Result<RequestBuilder> {
        let (state, challenge) = (self.fresh(), pkce::challenge(&login.verifier));
        let form = [
            ("response_type", "code"),
            ("scope", SCOPE),
            ("state", &state),
            ("nonce", &state),
            ("redirect_uri", REDIRECT),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        self.form("pushed_authorization_request_endpoint", login, &form)
    }

    fn authorising(&self, login: &Login) -> Result<RequestBuilder> {
        let query = [("client_id", CLIENT), ("request_uri", &login.holds)];
        let url = Url::parse_with_params(self.endpoint("authorization_endpoint")?, query)?;
        Ok(self.http.get(url).header("X-Myinfo-Mock-Persona", PERSONA))
    }

    fn exchanging(&self, login: &Login) -> Result<RequestBuilder> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &login.holds),
            ("redirect_uri", REDIRECT),
            ("code_verifier", &login.verifier),
        ];
        self.form("token_endpoint", login, &form)
    }

    fn asking(&self, login: &Login) -> Result<RequestBuilder> {
        let url = self.endpoint("userinfo_endpoint")?;
        let proof = self.proof(login, ("GET", url), Some(&login.holds));
        Ok(self.http.get(url).header("Authorization", format!("DPoP {}", login.holds)).header("DPoP", proof))
    }

    /// A form with the client's assertion, and a proof beside it.
    fn form(&self, endpoint: &str, login: &Login, form: &[(&str, &str)]) -> Result<RequestBuilder> {
        let (url, id) = (self.endpoint(endpoint)?, self.fresh());
        let issued_at = milliseconds() / 1000;
        let claims = Assertion { client_id: CLIENT, audience: &self.issuer, id: &id, issued_at, lifetime: 120 };
        let assertion = claims.sign(&self.key, KEY);
        let mut body = Serializer::new(String::new());
        body.extend_pairs(form);
        body.append_pair("client_id", CLIENT);
        body.append_pair("client_assertion_type", assertion::TYPE).append_pair("client_assertion", &assertion);
        let request = self.http.post(url).header("Content-Type", "application/x-www-form-urlencoded");
        Ok(request.header("DPoP", self.proof(login, ("POST", url), None)).body(body.finish()))
    }

    fn proof(&self, login: &Login, (method, url): (&str, &str), access_token: Option<&str>) -> String {
        let id = self.fresh();
        let issued_at = milliseconds() / 1000;
        Proof { method, url, id: &id, issued_at, access_token, nonce: None }.sign(&login.proof_key)
    }
}

/// What a stage's answer gives for the next one.
async fn given(stage: Stage, answer: Response) -> Result<String> {
    match stage {
        Stage::Pushed => member(answer, 201, "request_uri").await,
        Stage::Authorised => code(&answer),
        Stage::Exchanged => member(answer, 200, "access_token").await,
        Stage::Told => document(answer).await,
    }
}

fn code(answer: &Response) -> Result<String> {
    let location = answer.headers().get("location").context("no redirect")?.to_str()?;
    let callback = Url::parse(location)?;
    let code = callback.query_pairs().find(|(name, _)| name == "code").context("no code")?;
    Ok(code.1.into_owned())
}

async fn document(answer: Response) -> Result<String> {
    let status = answer.status();
    let document = http::text(answer, ANSWER_LIMIT).await?;
    ensure!(document.split('.').count() == 5, "{status} {document}");
    Ok(document)
}

/// A member of a JSON answer that has the wanted status.
async fn member(answer: Response, wanted: u16, name: &str) -> Result<String> {
    let status = answer.status().as_u16();
    let text = http::text(answer, ANSWER_LIMIT).await?;
    ensure!(status == wanted, "{status} {text}");
    let body: Value = serde_json::from_str(&text)?;
    Ok(body.get(name).and_then(Value::as_str).with_context(|| format!("no {name}: {text}"))?.to_owned())
}
