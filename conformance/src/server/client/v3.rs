//! A v3 client made of the oracle's plain rules: every part of a request can be changed before it is sent.

use crate::http::{self, ANSWER_LIMIT};
use anyhow::{Context, Result, bail};
use myinfo_oracle::v3::{HeaderFields, authorization, base_string, sign};
use myinfo_oracle::{jwe, jws, key};
use reqwest::{Client, RequestBuilder, Response};
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use url::Url;

/// The testbed's own client, speaking to a server at a base URL.
#[derive(Debug)]
pub struct OracleClient {
    /// The HTTP client: no redirects, no proxy.
    pub http: Client,
    /// The server, without `/com/v3`.
    pub base_url: String,
    /// `com` or `gov`.
    pub context: &'static str,
    /// The path before the endpoints, where it is not that of the context.
    pub path: Option<String>,
    /// The e-service id, sent in the gov context.
    pub esvc_id: String,
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub client_secret: String,
    /// The registered callback.
    pub redirect_uri: String,
    /// The key that signs requests and opens documents.
    pub key: RsaPrivateKey,
    /// The key that verifies tokens and documents.
    pub myinfo: RsaPublicKey,
    /// What nonces begin with: another text for each client that speaks to the same server.
    pub nonce: String,
    /// By how many milliseconds its clock is ahead.
    pub ahead: u64,
    nonces: AtomicU64,
    clock: fn() -> u64,
}

/// The two calls that a client makes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiCall {
    /// `POST …/token`.
    Token,
    /// `GET …/person/{sub}`.
    Person,
}

/// A request before it is signed: change what you like.
#[derive(Debug, Clone)]
pub struct Draft {
    /// `POST` or `GET`.
    pub method: &'static str,
    /// The address that is called, without query.
    pub url: String,
    /// The address that is signed; the same unless changed.
    pub signed_url: String,
    /// Form fields or query parameters.
    pub parameters: Vec<(String, String)>,
    /// The four signed header fields.
    pub header: HeaderFields,
    /// The access token, for person.
    pub bearer: Option<String>,
}

impl Draft {
    /// Replaces a parameter's value, or adds the parameter.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        match self.parameters.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.parameters.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Takes a parameter out.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        self.parameters.retain(|(known, _)| known != name);
        self
    }

    /// The base string as it is to be signed.
    pub fn base_string(&self) -> String {
        base_string(self.method, &self.signed_url, &self.header, &self.parameters)
    }
}

/// A token answer, opened and taken apart.
#[derive(Debug, Clone)]
pub struct Token {
    /// The token as sent.
    pub token: String,
    /// The whole answer.
    pub answer: Value,
    /// The token's header, as text.
    pub header: String,
    /// The token's payload, as text.
    pub payload: String,
    /// The token's `sub`.
    pub subject: String,
}

/// A person answer, opened layer by layer.
#[derive(Debug, Clone)]
pub struct Document {
    /// The JWE's header, as text.
    pub jwe_header: String,
    /// What the JWE holds: a JSON string with its quotes.
    pub plaintext: String,
    /// The JWS's header, as text.
    pub jws_header: String,
    /// The person document, as text.
    pub payload: String,
}

impl OracleClient {
    /// The testbed's own client with its own key, in the given context.
    ///
    /// # Errors
    /// When a fixture key cannot be read.
    pub fn new(base_url: &str, context: &'static str, clock: fn() -> u64) -> Result<Self> {
        Self::over(http::client()?, base_url, context, clock)
    }

    /// The same over an HTTP client that there is already.
    ///
    /// # Errors
    /// When a fixture key cannot be read.
    pub fn over(http: Client, base_url: &str, context: &'static str, clock: fn() -> u64) -> Result<Self> {
        use myinfo_fixtures::keys;
        Ok(Self {
            http,
            base_url: base_url.to_owned(),
            context,
            path: None,
            esvc_id: "MYINFO-CONSENTPLATFORM".to_owned(),
            client_id: keys::CLIENT_ID.to_owned(),
            client_secret: keys::CLIENT_SECRET.to_owned(),
            redirect_uri: keys::CLIENT_REDIRECT_URI.to_owned(),
            key: key::private(keys::CLIENT_KEY_PEM)?,
            myinfo: key::public(keys::MYINFO_PUBLIC_KEY_PEM)?,
            nonce: "nonce".to_owned(),
            ahead: 0,
            nonces: AtomicU64::new(0),
            clock,
        })
    }

    /// The address of an endpoint.
    pub fn endpoint(&self, name: &str) -> String {
        let path = self.path.as_ref().map_or_else(|| format!("/{}/v3", self.context), Clone::clone);
        format!("{}{path}/{name}", self.base_url)
    }

    /// The authorise address for attributes and a state.
    ///
    /// # Errors
    /// When the base URL is no address.
    pub fn authorise_url(&self, attributes: &str, state: &str) -> Result<Url> {
        let mut url = Url::parse(&self.endpoint("authorise"))?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("attributes", attributes)
            .append_pair("purpose", "a test")
            .append_pair("state", state)
            .append_pair("redirect_uri", &self.redirect_uri);
        if self.context == "gov" {
            url.query_pairs_mut().append_pair("sp_esvcId", &self.esvc_id);
        }
        Ok(url)
    }

    /// Logs a persona in without pages and returns the callback address.
    ///
    /// # Errors
    /// When the server does not answer with a redirect.
    pub async fn callback(&self, url: Url, persona: &str) -> Result<Url> {
        let answer = self.http.get(url).header("X-Myinfo-Mock-Persona", persona).send().await?;
        let Some(location) = answer.headers().get("location") else { bail!("no redirect, but {}", answer.status()) };
        Ok(Url::parse(location.to_str()?)?)
    }

    /// Logs a persona in without pages and returns the code.
    ///
    /// # Errors
    /// When there is no code in the callback.
    pub async fn code(&self, attributes: &str, persona: &str) -> Result<String> {
        let callback = self.callback(self.authorise_url(attributes, "a state")?, persona).await?;
        let code = callback.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code.into_owned());
        code.with_context(|| format!("no code in {callback}"))
    }

    /// A token request that keeps every rule.
    pub fn token_draft(&self, code: &str) -> Draft {
        let parameters = [
            ("code", code),
            ("client_id", &self.client_id),
            ("client_secret", &self.client_secret),
            ("redirect_uri", &self.redirect_uri),
            ("grant_type", "authorization_code"),
        ];
        self.draft("POST", self.endpoint("token"), &parameters)
    }

    /// A person request that keeps every rule.
    pub fn person_draft(&self, token: &Token, attributes: &str) -> Draft {
        let mut draft = self.draft("GET", format!("{}/", self.endpoint(&format!("person/{}", token.subject))), &[]);
        draft.set("client_id", &self.client_id).set("attributes", attributes);
        if self.context == "gov" {
            draft.set("sp_esvcId", &self.esvc_id);
        }
        draft.bearer = Some(token.token.clone());
        draft
    }

    /// Any signed request.
    pub fn draft(&self, method: &'static str, url: String, parameters: &[(&str, &str)]) -> Draft {
        Draft {
            method,
            signed_url: url.clone(),
            url,
            parameters: parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            header: HeaderFields {
                app_id: self.client_id.clone(),
                nonce: format!("{}-{}", self.nonce, self.nonces.fetch_add(1, Ordering::Relaxed)),
                signature_method: "RS256".to_owned(),
                timestamp: ((self.clock)() + self.ahead).to_string(),
            },
            bearer: None,
        }
    }

    /// The `Authorization` header of a draft, signed with the client's key.
    pub fn authorization(&self, draft: &Draft) -> String {
        let header = authorization(&draft.header, &sign(&draft.base_string(), &self.key));
        draft.bearer.as_ref().map_or_else(|| header.clone(), |token| format!("{header},Bearer {token}"))
    }

    /// The request of a draft, with a header of one's choice.
    pub fn request(&self, draft: &Draft, authorization: Option<&str>) -> RequestBuilder {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(&draft.parameters);
        let encoded = form.finish();
        let request = if draft.method == "POST" {
            self.http.post(&draft.url).header("Content-Type", "application/x-www-form-urlencoded").body(encoded)
        } else {
            self.http.get(format!("{}?{encoded}", draft.url))
        };
        match authorization {
            Some(authorization) => request.header("Authorization", authorization),
            None => request,
        }
    }

    /// Signs and sends a draft.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn send(&self, draft: &Draft) -> Result<Response> {
        Ok(self.request(draft, Some(&self.authorization(draft))).send().await?)
    }

    /// Exchanges a code for a token and opens it.
    ///
    /// # Errors
    /// When the answer is no token of Myinfo's.
    pub async fn token(&self, code: &str) -> Result<Token> {
        let response = self.send(&self.token_draft(code)).await?;
        let status = response.status();
        let answer = http::json(response).await?;
        let token = answer.get("access_token").and_then(Value::as_str);
        let token = token.with_context(|| format!("{status} {answer}"))?.to_owned();
        let opened = jws::open(&token, &self.myinfo)?;
        let claims: Value = serde_json::from_str(&opened.payload)?;
        let subject = claims.get("sub").and_then(Value::as_str).context("no sub")?.to_owned();
        Ok(Token { token, answer, header: opened.header, payload: opened.payload, subject })
    }

    /// Fetches the person in the flavour `test` and opens the document layer by layer.
    ///
    /// # Errors
    /// When the answer is no document for this client by Myinfo.
    pub async fn person(&self, token: &Token, attributes: &str) -> Result<Document> {
        let answer = self.send(&self.person_draft(token, attributes)).await?;
        let status = answer.status();
        let body = http::text(answer, ANSWER_LIMIT).await?;
        self.open(&body).with_context(|| format!("{status} {body}"))
    }

    /// Opens a person answer: JWE, JSON string, JWS.
    ///
    /// # Errors
    /// When it is no document for this client by Myinfo.
    pub fn open(&self, body: &str) -> Result<Document> {
        let outer = jwe::open(body, &self.key)?;
        let inner: String = serde_json::from_str(&outer.plaintext).context("the plaintext is no JSON string")?;
        let signed = jws::open(&inner, &self.myinfo)?;
        Ok(Document {
            jwe_header: outer.header,
            plaintext: outer.plaintext,
            jws_header: signed.header,
            payload: signed.payload,
        })
    }
}
