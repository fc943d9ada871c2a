//! A relying party to play: the requests of a login one after the other, with the published keys of the samples.

use super::returned::{self, Issuer};
use crate::app::App;
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::page::playground::{Opened, Unlike};
use std::collections::BTreeMap;
use warp::http::{HeaderName, header};

/// The steps of a login in one profile with one client, in their order.
#[derive(Debug)]
pub(crate) struct Play {
    /// What the page's address calls it.
    pub(crate) id: &'static str,
    /// What it is called on the page.
    pub(crate) title: &'static str,
    /// One of the testbed's own clients: its private keys are published.
    pub(crate) client: &'static str,
    /// What is asked for, as the profile writes it.
    pub(crate) asks_for: &'static str,
    /// The issuer of its callbacks; nothing where the protocol has none.
    pub(crate) issuer: fn(&Player<'_>) -> Option<Issuer>,
    pub(crate) steps: &'static [Step],
}

/// One request of a login.
#[derive(Debug)]
pub(crate) struct Step {
    /// What the journal calls it.
    pub(crate) event: &'static str,
    /// What it is for, in a sentence.
    pub(crate) says: &'static str,
    /// The request that a good relying party would send.
    pub(crate) draft: fn(&Player<'_>) -> anyhow::Result<Draft>,
    /// Signs a request again that was changed; nothing where it carries no signature.
    pub(crate) sign: Option<fn(&Player<'_>, &mut Draft) -> anyhow::Result<()>>,
    /// What the answer tells of it, by name; what the next step needs is missing where the request was refused.
    pub(crate) learn: fn(&Answer) -> Vec<(&'static str, String)>,
    /// What of that the next step needs.
    pub(crate) needs: &'static [&'static str],
    /// What the answer holds that is encrypted or signed, opened with the client's key.
    pub(crate) opens: fn(&Answer) -> Vec<Opened>,
    /// What came back otherwise than it was sent, in the answer and what was opened of it.
    pub(crate) compares: Compare,
    /// What a refusal asks for that the request, signed anew, has: in a sentence; nothing where it asks for nothing.
    pub(crate) demands: fn(&Answer) -> Option<&'static str>,
}

/// Holds what came back against what was sent.
type Compare = fn(&Player<'_>, &Answer, &[Opened]) -> Vec<Unlike>;

impl Step {
    /// A request of the browser: it carries no signature, and brings the code.
    pub(crate) const fn of_browser(event: &'static str, draft: fn(&Player<'_>) -> anyhow::Result<Draft>) -> Self {
        Self {
            event,
            says: "The browser is sent away; the header stands for the person who logs in and agrees.",
            draft,
            sign: None,
            learn: |answer| in_location(answer, "code").map(|code| ("code", code)).into_iter().collect(),
            needs: &["code"],
            opens: |_| Vec::new(),
            compares: returned::callback,
            demands: |_| None,
        }
    }
}

/// Who plays, and what is known so far.
pub(crate) struct Player<'a> {
    pub(crate) app: &'a App,
    pub(crate) play: &'static Play,
    /// The address below which this realm is served.
    pub(crate) base_url: &'a str,
    /// The person who logs in.
    pub(crate) persona: &'a str,
    /// What was drawn and learned in this login, by name.
    pub(crate) memo: &'a BTreeMap<String, String>,
}

impl Player<'_> {
    /// The header of the mock that stands for the pages of a login.
    pub(crate) fn persona_header(&self) -> String {
        format!("X-Myinfo-Mock-Persona: {}", self.persona)
    }

    /// What is known by this name; empty where nothing is.
    pub(crate) fn known(&self, name: &str) -> &str {
        self.memo.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The first redirect URI of the client, or the one that all samples have.
    pub(crate) fn redirect_uri(&self) -> String {
        let own = self.app.book().client(self.play.client).and_then(|client| client.redirect_uris.first().cloned());
        own.unwrap_or_else(|| myinfo_fixtures::keys::CLIENT_REDIRECT_URI.to_owned())
    }
}

/// What a relying party draws for a login, by name.
pub(crate) fn drawn(app: &App) -> BTreeMap<String, String> {
    ["state", "nonce", "verifier"].map(|name| (name.to_owned(), app.entropy.hex(48))).into()
}

/// A request as it is shown and changed: text throughout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) method: String,
    pub(crate) url: String,
    /// A line each: `Name: value`.
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

impl Draft {
    pub(crate) fn get(url: String) -> Self {
        Self { method: "GET".to_owned(), url, ..Self::default() }
    }

    pub(crate) fn form(url: String, pairs: &[(&str, impl AsRef<str>)]) -> Self {
        let headers = vec!["Content-Type: application/x-www-form-urlencoded".to_owned()];
        Self { method: "POST".to_owned(), url, headers, body: form(pairs) }
    }

    /// The same with one header more.
    pub(crate) fn with(mut self, header: String) -> Self {
        self.headers.push(header);
        self
    }

    /// The address without its query, and the query.
    pub(crate) fn address(&self) -> (&str, &str) {
        self.url.split_once('?').unwrap_or((&self.url, ""))
    }

    /// The value of a header, the first one.
    pub(crate) fn header(&self, wanted: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| value_of(line, wanted))
    }

    /// Puts another value into a header; adds none.
    pub(crate) fn replace(&mut self, wanted: &str, value: &str) {
        let line = self.headers.iter_mut().find(|line| value_of(line, wanted).is_some());
        if let Some(line) = line {
            *line = format!("{wanted}: {value}");
        }
    }
}

fn value_of<'l>(line: &'l str, wanted: &str) -> Option<&'l str> {
    let (name, value) = line.split_once(':')?;
    name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
}

/// Pairs as a form or query.
pub(crate) fn form(pairs: &[(&str, impl AsRef<str>)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", crate::text::encode(value.as_ref())));
    pairs.collect::<Vec<_>>().join("&")
}

/// The value of a parameter in the address that an answer leads to.
pub(crate) fn in_location(answer: &Answer, wanted: &str) -> Option<String> {
    let location = header_of(answer, &header::LOCATION)?;
    let query = location.split_once('?')?.1;
    let pairs = Pairs::parse(query.split('#').next().unwrap_or_default()).ok()?;
    pairs.value(wanted).map(str::to_owned)
}

/// Where an answer leads to the login page of this mock; nothing where it does not.
pub(crate) fn login_page(answer: &Answer) -> Option<&str> {
    header_of(answer, &header::LOCATION).filter(|location| is_login_page(location))
}

/// Whether an address is of the login page of this mock.
pub(crate) fn is_login_page(address: &str) -> bool {
    let (path, query) = address.split_once('?').unwrap_or_default();
    let own = path.starts_with('/') && !path.starts_with("//") && path.ends_with("/login");
    own && query.starts_with("transaction=")
}

/// `state`, `nonce` and `redirect_uri` of the request that begins a login, each with what was sent: a person may have changed them, or
/// left them out.
pub(crate) fn sent(draft: &Draft) -> [(&'static str, Option<String>); 3] {
    let text = if draft.method == "GET" { draft.address().1 } else { &draft.body };
    let pairs = Pairs::parse(text).unwrap_or_default();
    ["state", "nonce", "redirect_uri"].map(|name| (name, pairs.value(name).map(str::to_owned)))
}

/// A member of an answer that is a JSON object, where it is a text.
pub(crate) fn in_json(answer: &Answer, wanted: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    body.get(wanted)?.as_str().map(str::to_owned)
}

/// The value of a header of an answer, the first one, where it is a text.
pub(crate) fn header_of<'a>(answer: &'a Answer, wanted: &HeaderName) -> Option<&'a str> {
    answer.headers.iter().find(|(name, _)| name == wanted).and_then(|(_, value)| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_and_replaced_in_any_case_and_never_added() {
        let mut draft = Draft::form("http://x/y?a=1".to_owned(), &[("a b", "c&d")]).with("dpop:  one".to_owned());
        assert_eq!((draft.header("DPoP"), draft.body.as_str()), (Some("one"), "a b=c%26d"));
        draft.replace("DPoP", "two");
        draft.replace("Authorization", "none");
        assert_eq!(draft.headers[1..], ["DPoP: two"]);
        assert_eq!(draft.address(), ("http://x/y", "a=1"));
    }
}
