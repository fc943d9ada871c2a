//! An answer of a server, read whole, and what is told of it.

use super::http::{NoAnswer, whole};
use crate::http::ANSWER_LIMIT;
use crate::server::client::v3::Token;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::Response;
use serde_json::Value;

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The media type, without parameters.
    pub media_type: String,
    /// The challenge of a 401.
    pub challenge: String,
    /// The codings of the body.
    pub coding: String,
    /// The body, as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Reads one whole.
    ///
    /// # Errors
    /// When it breaks off, or is too long.
    pub(super) async fn of(answer: Response) -> Result<Self, NoAnswer> {
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = header("content-type").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let (coding, challenge) = (header("content-encoding").to_owned(), header("www-authenticate").to_owned());
        let status = answer.status().as_u16();
        let bytes = whole(answer, ANSWER_LIMIT).await?;
        Ok(Self { status, media_type, challenge, coding, bytes })
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON, where it is that.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.bytes).ok()
    }

    /// The body, without tokens and documents.
    pub(super) fn body_told(&self) -> String {
        let text = self.text();
        match self.json() {
            Some(body) if body.get("access_token").is_some() => "(JSON with an access token)".to_owned(),
            None if text.split('.').count() == 5 => "(a document)".to_owned(),
            _ => text,
        }
    }

    /// Status and beginning. Tokens and documents are left out.
    pub(super) fn told(&self) -> String {
        let (status, text) = (self.status, self.text());
        match self.json() {
            Some(body) if body.get("access_token").is_some() => format!("{status} with an access token"),
            Some(body) if body.get("request_uri").is_some() => format!("{status} with a request_uri"),
            None if text.split('.').count() == 5 => format!("{status} with a document"),
            None if text.trim_start().starts_with('<') && has_trace(&text) => {
                format!("{status} and an HTML page with a stack trace")
            }
            None if text.trim_start().starts_with('<') => format!("{status} and an HTML page"),
            _ => format!("{status} {text}"),
        }
    }
}

/// The token of an answer; whether its signature is right is another question.
pub fn token(answer: &Answer) -> Option<Token> {
    let body = answer.json().filter(|_| answer.status == 200)?;
    let token = body.get("access_token")?.as_str().filter(|token| !token.is_empty())?.to_owned();
    let text = |place: usize| String::from_utf8(decoded(&token, place)?).ok();
    let (header, payload) = (text(0).unwrap_or_default(), text(1).unwrap_or_default());
    let claims: Value = serde_json::from_str(&payload).unwrap_or_default();
    let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Token { token, answer: body, header, payload, subject })
}

/// A part of a compact document as JSON; of its signature nothing is said.
pub(super) fn part(document: &str, place: usize) -> Option<Value> {
    serde_json::from_slice(&decoded(document, place)?).ok()
}

fn decoded(document: &str, place: usize) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(document.split('.').nth(place)?).ok()
}

/// Whether a text shows where in its code a program failed.
pub(super) fn has_trace(text: &str) -> bool {
    ["\n    at ", "&nbsp;at ", "Traceback (most"].iter().any(|mark| text.contains(mark))
}
