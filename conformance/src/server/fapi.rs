//! What a case against a server of FAPI works with: an instance of the server, and the verbs of hostile requests.

use super::answer::{Answer, has_trace};
use super::client::fapi::{Api, Draft, FapiClient, Flow};
use super::curl::Curl;
use super::http::NoAnswer;
use super::instance::OwnRealm;
use super::login::{Landing, Login};
use super::trial::{control, pair};
use crate::notebook::Notebook;
use crate::verdict::{Step, Stop};
use anyhow::Result;
use myinfo_oracle::{jwe, jwk, jws};
use reqwest::{RequestBuilder, Url};
use serde_json::{Map, Value};
use std::ops::{Deref, DerefMut};

/// A server of FAPI as a case sees it.
#[derive(Debug)]
pub struct FapiInstance {
    /// A Myinfo app.
    pub client: FapiClient,
    /// Another Myinfo app at the same server.
    pub other: Option<FapiClient>,
    /// A Login app there.
    pub login_app: Option<FapiClient>,
    /// How the person logs in.
    pub login: Login,
    /// The service's JWK Set, as it is known without asking the server for it; nothing where it is to be asked.
    pub keys: Option<Value>,
    /// The NRIC or FIN of the person, where it is known.
    pub uinfin: Option<String>,
    /// How requests are written for whoever wants to send them again.
    pub curl: Curl,
    pub(super) realm: Option<OwnRealm>,
}

impl FapiInstance {
    /// Whether the server's clock can be moved.
    pub const fn has_clock(&self) -> bool {
        self.realm.is_some()
    }

    /// Moves the clock of the server and of the clients.
    ///
    /// # Errors
    /// When the mock does not do it.
    pub async fn advance(&mut self, seconds: u64) -> Result<()> {
        OwnRealm::advance(self.realm.as_ref(), seconds).await?;
        for client in [Some(&mut self.client), self.other.as_mut(), self.login_app.as_mut()].into_iter().flatten() {
            client.ahead += seconds;
        }
        Ok(())
    }

    /// Ends the realm.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub async fn end(self) -> Result<()> {
        OwnRealm::end(self.realm.as_ref()).await
    }
}

/// One case against a server of FAPI, under way.
#[derive(Debug)]
pub struct FapiTrial {
    /// The server, and the clients that speak to it.
    pub server: FapiInstance,
    notebook: Notebook,
}

impl Deref for FapiTrial {
    type Target = Notebook;

    fn deref(&self) -> &Notebook {
        &self.notebook
    }
}

impl DerefMut for FapiTrial {
    fn deref_mut(&mut self) -> &mut Notebook {
        &mut self.notebook
    }
}

/// A document that was decrypted and verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The header of the encryption.
    pub outer: Map<String, Value>,
    /// The header of the signature.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
}

impl FapiTrial {
    /// At an instance, with nothing written down.
    pub fn new(server: FapiInstance) -> Self {
        Self { server, notebook: Notebook::new("in the usual flow") }
    }

    /// What was written down, and the instance, to be ended.
    pub fn close(self) -> (Notebook, FapiInstance) {
        (self.notebook, self.server)
    }

    /// An answer in a few words, without the server's address, which is another one in every run.
    pub fn told(&self, answer: &Answer) -> String {
        let issuer = &self.server.client.at.issuer;
        let told = answer.told().replace(issuer.as_str(), "(the issuer)");
        let start: String = told.lines().next().unwrap_or_default().chars().take(110).collect();
        if start.len() < told.len() { format!("{start}…") } else { start }
    }

    /// Sends a request and reads its answer whole. What is found from here on rests on it.
    ///
    /// # Errors
    /// When no whole answer comes.
    pub async fn read(&self, request: RequestBuilder) -> Result<Answer, NoAnswer> {
        let (http, request) = request.build_split();
        let request = request?;
        self.notebook.asks(self.server.curl.shown(&request));
        let answer = Answer::of(http.execute(request).await?).await?;
        self.notebook.answered(answer.status, self.server.curl.shown_answer(&answer));
        Ok(answer)
    }

    /// Signs and sends a draft.
    ///
    /// # Errors
    /// When no whole answer comes.
    pub async fn send(&self, draft: &Draft) -> Result<Answer, NoAnswer> {
        self.read(self.server.client.request(draft)).await
    }

    /// Reads what the server publishes at an address.
    ///
    /// # Errors
    /// When no whole answer comes.
    pub async fn published(&self, url: &str) -> Result<Answer, NoAnswer> {
        self.read(self.server.client.http.get(url)).await
    }

    /// Sends a browser to an address.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn visit(&self, url: Url, declines: bool) -> Step<Landing> {
        let opening = self.server.login.opening(&self.server.client.http, url.clone(), declines);
        self.notebook.asks(self.server.curl.shown(&opening.build().map_err(anyhow::Error::from)?));
        Ok(self.server.login.visit(url, declines, &self.server.client.http).await?)
    }

    /// What PAR gives for a request that keeps every rule, by one of the clients.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when it gives none.
    pub async fn request_uri_of(&self, client: &FapiClient, flow: &Flow) -> Step<String> {
        let answer = self.read(client.request(&client.par(flow))).await;
        let answer = answer.map_err(|error| control(&format!("PAR broke off: {error}")))?;
        let uri = answer.json().filter(|_| answer.status < 300);
        let uri = uri.and_then(|body| Some(body.get("request_uri")?.as_str()?.to_owned()));
        uri.ok_or_else(|| control(&format!("a pushed request that keeps every rule got {}", self.told(&answer))))
    }

    /// The address to which a login in which nothing is wrong sends the browser, by one of the clients.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when PAR refuses it.
    pub async fn login_url(&self, client: &FapiClient, flow: &Flow) -> Step<Url> {
        let url = match client.api {
            Api::Before => client.whole_url(flow),
            Api::Fapi => client.auth_url(&self.request_uri_of(client, flow).await?),
        };
        Ok(url.map_err(anyhow::Error::from)?)
    }

    /// The address at which a login in which nothing is wrong arrives, by one of the clients.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when it arrives nowhere.
    pub async fn callback_of(&self, client: &FapiClient, flow: &Flow) -> Step<Url> {
        match self.visit(self.login_url(client, flow).await?, false).await? {
            Landing::Away(url) => Ok(url),
            Landing::Page { url, status, .. } => {
                Err(control(&format!("a login without any fault ended at {} with {status}", url.path())))
            }
        }
    }

    /// The code of such a login.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when there is none.
    pub async fn code_of(&self, client: &FapiClient, flow: &Flow) -> Step<String> {
        let callback = self.callback_of(client, flow).await?;
        let code = pair(&callback, "code").filter(|code| !code.is_empty());
        code.ok_or_else(|| control("a login without any fault brought no code"))
    }

    /// What token gives for such a login.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when it gives no access token.
    pub async fn tokens_of(&self, client: &FapiClient, flow: &Flow) -> Step<Value> {
        let code = self.code_of(client, flow).await?;
        let answer = self.read(client.request(&client.token(flow, &code))).await;
        let answer = answer.map_err(|error| control(&format!("token broke off: {error}")))?;
        let tokens = answer.json().filter(|body| answer.status == 200 && access_token(body).is_some());
        tokens.ok_or_else(|| control(&format!("a token request that keeps every rule got {}", self.told(&answer))))
    }

    /// The access token of such a login of the usual client.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when there is none.
    pub async fn access_token(&self, flow: &Flow) -> Step<String> {
        let tokens = self.tokens_of(&self.server.client, flow).await?;
        Ok(access_token(&tokens).unwrap_or_default())
    }

    /// An answer must be a refusal, by one of these errors as the documents have them.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when the request did not reach the server: then nothing was shown.
    pub fn refused(&mut self, answer: Result<Answer, NoAnswer>, errors: &[&str]) -> Step {
        let Some(answer) = self.arrived(answer, "refuses with an error")? else { return Ok(()) };
        if answer.status < 400 {
            let found = self.told(&answer);
            self.find("refuses", found);
            return Ok(());
        }
        let error = answer.json().and_then(|body| Some(body.get("error")?.as_str()?.to_owned())).unwrap_or_default();
        let named = errors.is_empty() || errors.contains(&error.as_str());
        let right = answer.status < 500 && named && !has_trace(&answer.text());
        let which = if errors.is_empty() { "an error".to_owned() } else { errors.join(" or ") };
        let found = self.told(&answer);
        self.expect_light(right, &format!("answers 4xx with {which}"), || found);
        Ok(())
    }

    /// An answer must be one of success.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when the request did not reach the server: then nothing was shown.
    pub fn served(&mut self, answer: Result<Answer, NoAnswer>, status: u16) -> Step<Option<Answer>> {
        let Some(answer) = self.arrived(answer, "serves the request")? else { return Ok(None) };
        if answer.status == status {
            return Ok(Some(answer));
        }
        let found = self.told(&answer);
        self.find(format!("answers {status}"), found);
        Ok(None)
    }

    /// The answer to a request that reached the server; none is a finding.
    fn arrived(&mut self, answer: Result<Answer, NoAnswer>, expected: &str) -> Step<Option<Answer>> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(NoAnswer::NotConnected) => {
                Err(Stop::Inconclusive("no connection to the server could be made".to_owned()))
            }
            Err(error) => {
                self.find(expected, format!("no answer: {error}"));
                Ok(None)
            }
        }
    }

    /// Opens a document as a relying party must: decrypted with the client's key, verified with one of the service's.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open(&self, keys: &Value, document: &str) -> Result<Opened> {
        let outer = jwe::open(document.trim(), &self.server.client.encryption)?;
        let kid = jws_kid(&outer.plaintext);
        let key = jwk::public(jwk::find(keys, &kid)?)?;
        let signed = jws::accept(&outer.plaintext, &key)?;
        Ok(Opened {
            outer: serde_json::from_str(&outer.header)?,
            header: serde_json::from_str(&signed.header)?,
            claims: serde_json::from_str(&signed.payload)?,
        })
    }
}

/// The access token of an answer.
pub fn access_token(tokens: &Value) -> Option<String> {
    tokens.get("access_token")?.as_str().filter(|token| !token.is_empty()).map(str::to_owned)
}

fn jws_kid(signed: &str) -> String {
    let header = super::answer::part(signed, 0);
    header.and_then(|header| Some(header.get("kid")?.as_str()?.to_owned())).unwrap_or_default()
}
