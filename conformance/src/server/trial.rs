//! What a case against a server works with: an instance of the server, a client that keeps every rule, and the verbs of hostile requests.

use super::http::{NoAnswer, whole};
use super::instance::Instance;
use super::login::Landing;
use crate::http::ANSWER_LIMIT;
use crate::notebook::Notebook;
use crate::server::client::v3::ApiCall;
use crate::server::client::v3::{Draft, OracleClient, Token};
use crate::verdict::Step;
use crate::verdict::Stop;
use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use myinfo_oracle::{jwe, jws};
use reqwest::{RequestBuilder, Url};
use serde_json::Value;
use std::ops::{Deref, DerefMut};

/// A state with the characters that servers get wrong when they send it back.
pub const STATE: &str = "a state+1/ü&x=%26";

/// One case against a server, under way.
#[derive(Debug)]
pub struct Trial {
    /// The server, and the client that speaks to it.
    pub server: Instance,
    notebook: Notebook,
}

impl Deref for Trial {
    type Target = Notebook;

    fn deref(&self) -> &Notebook {
        &self.notebook
    }
}

impl DerefMut for Trial {
    fn deref_mut(&mut self) -> &mut Notebook {
        &mut self.notebook
    }
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The media type, without parameters.
    pub media_type: String,
    /// The codings of the body.
    pub coding: String,
    /// The body, as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON, where it is that.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.bytes).ok()
    }

    /// Status and beginning. Tokens and documents are left out.
    fn told(&self) -> String {
        let (status, text) = (self.status, self.text());
        match self.json() {
            Some(body) if body.get("access_token").is_some() => format!("{status} with an access token"),
            None if text.split('.').count() == 5 => format!("{status} with a document"),
            None if text.trim_start().starts_with('<') && has_trace(&text) => {
                format!("{status} and an HTML page with a stack trace")
            }
            None if text.trim_start().starts_with('<') => format!("{status} and an HTML page"),
            _ => format!("{status} {text}"),
        }
    }
}

/// A person answer, opened as far as it can be.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The JWE's header.
    pub jwe_header: Value,
    /// Whether the JWS stood in a JSON string.
    pub quoted: bool,
    /// The JWS's header.
    pub jws_header: Value,
    /// The payload.
    pub payload: String,
}

/// A request with one defect.
#[derive(Debug, Clone, Copy)]
pub enum Defect {
    /// A parameter has another value, or is there at all; the signature is right.
    With(&'static str, &'static str),
    /// A parameter is missing; the signature is right.
    Without(&'static str),
    /// A parameter has another value, or is there at all, since the request was signed.
    Later(&'static str, &'static str),
    /// Anything else that is made before signing: the signature is right.
    Signed(fn(&mut Draft)),
    /// The request is sent as it is made here, out of one that keeps every rule.
    Sent(fn(&OracleClient, &Draft) -> RequestBuilder),
}

impl Trial {
    /// At an instance, with nothing written down.
    pub fn new(server: Instance) -> Self {
        Self { server, notebook: Notebook::new("in the usual flow") }
    }

    /// What was written down, and the instance, to be ended.
    pub fn close(self) -> (Notebook, Instance) {
        (self.notebook, self.server)
    }

    /// An answer in a few words, without the server's address, which is another one in every run, and without the secret.
    fn told(&self, answer: &Answer) -> String {
        let client = &self.server.client;
        let told = answer
            .told()
            .replace(&client.base_url, "(the server)")
            .replace(&client.client_secret, "(the client secret)");
        let start: String = told.lines().next().unwrap_or_default().chars().take(110).collect();
        if start.len() < told.len() { format!("{start}…") } else { start }
    }

    /// The attributes as one list.
    pub fn attributes(&self) -> String {
        self.server.attributes.join(",")
    }

    /// The authorise address of a client that keeps every rule.
    ///
    /// # Errors
    /// When the base URL is none.
    pub fn authorise_url(&self) -> Step<Url> {
        Ok(self.server.client.authorise_url(&self.attributes(), STATE)?)
    }

    /// Sends a browser to an address.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn visit(&self, url: Url) -> Step<Landing> {
        self.visit_as(url, false).await
    }

    /// The same for a person who may decline.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn visit_as(&self, url: Url, declines: bool) -> Step<Landing> {
        Ok(self.server.login.visit(url, declines, &self.server.http_options).await?)
    }

    /// A login in which nothing is wrong, by one of the clients; the code.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when it brings none.
    pub async fn code_of(&self, client: &OracleClient, attributes: &str) -> Step<String> {
        let url = client.authorise_url(attributes, STATE)?;
        match self.visit(url).await? {
            Landing::Away(url) => pair(&url, "code")
                .filter(|code| !code.is_empty())
                .ok_or_else(|| control("a login without any fault brought no code")),
            Landing::Page { url, status, .. } => {
                Err(control(&format!("a login without any fault ended at {} with {status}", url.path())))
            }
        }
    }

    /// The same by the usual client, for the usual attributes.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when it brings none.
    pub async fn code(&self) -> Step<String> {
        self.code_of(&self.server.client, &self.attributes()).await
    }

    /// A token out of a flow in which nothing is wrong, by one of the clients. Its signature is not looked at here.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when there is none.
    pub async fn token_of(&self, client: &OracleClient, attributes: &str) -> Step<Token> {
        let code = self.code_of(client, attributes).await?;
        let draft = client.token_draft(&code);
        let answer = read(client.request(&draft, Some(&client.authorization(&draft)))).await;
        let answer = answer.map_err(|error| control(&format!("token broke off: {error}")))?;
        token(&answer).ok_or_else(|| {
            control(&format!("token answered {}, in which there is no access token that is a text", self.told(&answer)))
        })
    }

    /// The same by the usual client, for the usual attributes.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when there is none.
    pub async fn token(&self) -> Step<Token> {
        self.token_of(&self.server.client, &self.attributes()).await
    }

    /// A request that keeps every rule, with all that comes before it done.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when what comes before it fails.
    pub async fn draft(&self, endpoint: ApiCall) -> Step<Draft> {
        Ok(match endpoint {
            ApiCall::Token => self.server.client.token_draft(&self.code().await?),
            ApiCall::Person => self.server.client.person_draft(&self.token().await?, &self.attributes()),
        })
    }

    /// The positive control: a request that keeps every rule must succeed.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when it does not.
    pub async fn control(&self, endpoint: ApiCall) -> Step {
        let draft = self.draft(endpoint).await?;
        let answer = self.send(&draft).await.map_err(|error| control(&format!("{endpoint:?} broke off: {error:#}")))?;
        let good = match endpoint {
            ApiCall::Token => token(&answer).is_some(),
            ApiCall::Person => answer.status == 200,
        };
        if good { Ok(()) } else { Err(control(&format!("a request that keeps every rule got {}", self.told(&answer)))) }
    }

    /// Signs and sends a draft of the usual client.
    ///
    /// # Errors
    /// When no whole answer comes.
    pub async fn send(&self, draft: &Draft) -> Result<Answer, NoAnswer> {
        let client = &self.server.client;
        read(client.request(draft, Some(&client.authorization(draft)))).await
    }

    /// Sends a request with a defect.
    ///
    /// # Errors
    /// When no whole answer comes.
    pub async fn sent(&self, defect: Defect, mut draft: Draft) -> Result<Answer, NoAnswer> {
        let client = &self.server.client;
        match defect {
            Defect::With(name, value) => {
                draft.set(name, value);
            }
            Defect::Without(name) => {
                draft.remove(name);
            }
            Defect::Signed(change) => change(&mut draft),
            Defect::Later(name, value) => {
                let signed = client.authorization(&draft);
                return read(client.request(draft.set(name, value), Some(&signed))).await;
            }
            Defect::Sent(make) => return read(make(client, &draft)).await,
        }
        self.send(&draft).await
    }

    /// An answer must be a refusal, in the documented form.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when the request did not reach the server: then nothing was shown.
    pub fn refused(&mut self, answer: Result<Answer, NoAnswer>, documented: &[u16]) -> Step {
        let Some(answer) = self.arrived(answer, "refuses with an error")? else { return Ok(()) };
        if answer.status < 400 {
            let found = self.told(&answer);
            self.find("refuses", found);
            return Ok(());
        }
        let text = answer.text();
        let told = answer.json().is_some_and(|body| body.get("code").is_some() && body.get("message").is_some());
        let statuses: Vec<String> = documented.iter().map(u16::to_string).collect();
        let which = if statuses.is_empty() { "an error".to_owned() } else { statuses.join(" or ") };
        let right = (documented.is_empty() || documented.contains(&answer.status)) && told && !has_trace(&text);
        let found = self.told(&answer);
        self.expect_light(right, &format!("answers {which}, with code and message in a JSON object"), || found);
        Ok(())
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

    /// A request that keeps every rule, though in an unusual way, must be served.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when the request did not reach the server: then nothing was shown.
    pub fn served(&mut self, answer: Result<Answer, NoAnswer>) -> Step<Option<Answer>> {
        let Some(answer) = self.arrived(answer, "serves the request")? else { return Ok(None) };
        if answer.status == 200 {
            return Ok(Some(answer));
        }
        let found = self.told(&answer);
        self.find("serves the request", found);
        Ok(None)
    }

    /// Opens a person answer as a lenient client would.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open(&self, body: &str) -> Result<Opened> {
        let client = &self.server.client;
        let outer = jwe::open(body.trim(), &client.key)?;
        let inner: Option<String> = serde_json::from_str(&outer.plaintext).ok();
        let quoted = inner.is_some();
        let signed = jws::open(inner.as_deref().unwrap_or(&outer.plaintext), &client.myinfo)?;
        Ok(Opened {
            jwe_header: serde_json::from_str(&outer.header).context("the header of the JWE is no JSON")?,
            quoted,
            jws_header: serde_json::from_str(&signed.header).context("the header of the JWS is no JSON")?,
            payload: signed.payload,
        })
    }
}

/// Whether a text shows where in its code a program failed.
fn has_trace(text: &str) -> bool {
    ["\n    at ", "&nbsp;at ", "Traceback (most"].iter().any(|mark| text.contains(mark))
}

fn control(what: &str) -> Stop {
    Stop::Inconclusive(format!("the control failed: {what}"))
}

/// Sends a request and reads its answer whole.
///
/// # Errors
/// When no whole answer comes.
pub async fn read(request: RequestBuilder) -> Result<Answer, NoAnswer> {
    let answer = request.send().await?;
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = header("content-type").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (status, coding) = (answer.status().as_u16(), header("content-encoding").to_owned());
    let bytes = whole(answer, ANSWER_LIMIT).await?;
    Ok(Answer { status, media_type, coding, bytes })
}

/// The token of an answer; whether its signature is right is another question.
pub fn token(answer: &Answer) -> Option<Token> {
    let body = answer.json().filter(|_| answer.status == 200)?;
    let token = body.get("access_token")?.as_str().filter(|token| !token.is_empty())?.to_owned();
    let part = |place: usize| -> Option<String> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(place)?).ok()?;
        String::from_utf8(bytes).ok()
    };
    let (header, payload) = (part(0).unwrap_or_default(), part(1).unwrap_or_default());
    let claims: Value = serde_json::from_str(&payload).unwrap_or_default();
    let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Token { token, answer: body, header, payload, subject })
}

/// A parameter of an address.
pub fn pair(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// How often a parameter stands in an address.
pub fn count(url: &Url, name: &str) -> usize {
    url.query_pairs().filter(|(known, _)| known == name).count()
}
