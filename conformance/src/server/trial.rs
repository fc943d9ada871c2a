//! What a case against a server works with: an instance of the server, a client that keeps every rule, and the verbs of hostile requests.

use super::answer::{Answer, has_trace, token};
use super::http::NoAnswer;
use super::instance::Instance;
use super::login::Landing;
use crate::notebook::Notebook;
use crate::server::client::v3::ApiCall;
use crate::server::client::v3::{Draft, OracleClient, Token};
use crate::verdict::Step;
use crate::verdict::Stop;
use anyhow::{Context, Result};
use futures_util::future::join_all;
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
        let opening = self.server.login.opening(&self.server.client.http, url.clone(), declines);
        // what a page asks for is filled in by hand: its fields follow from what the server says in between
        self.notebook.asks(self.server.curl.shown(&opening.build().map_err(anyhow::Error::from)?));
        Ok(self.server.login.visit(url, declines, &self.server.client.http).await?)
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
        let answer = self.read(client.request(&draft, Some(&client.authorization(&draft)))).await;
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
        self.read(client.request(draft, Some(&client.authorization(draft)))).await
    }

    /// Sends drafts of the usual client, all of them at once.
    pub async fn send_at_once(&self, drafts: &[Draft]) -> Vec<Result<Answer, NoAnswer>> {
        let client = &self.server.client;
        let answers = join_all(drafts.iter().map(|draft| self.send(draft))).await;
        let requests = drafts.iter().map(|draft| client.request(draft, Some(&client.authorization(draft))));
        let lines: Vec<String> =
            requests.filter_map(|request| Some(self.server.curl.line(&request.build().ok()?))).collect();
        self.notebook.repeated_by(format!("{} & wait", lines.join(" & ")));
        answers
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
                return self.read(client.request(draft.set(name, value), Some(&signed))).await;
            }
            Defect::Sent(make) => return self.read(make(client, &draft)).await,
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

pub(crate) fn control(what: &str) -> Stop {
    Stop::Inconclusive(format!("the control failed: {what}"))
}

/// A parameter of an address.
pub fn pair(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// How often a parameter stands in an address.
pub fn count(url: &Url, name: &str) -> usize {
    url.query_pairs().filter(|(known, _)| known == name).count()
}
