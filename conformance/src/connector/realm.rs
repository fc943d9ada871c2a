//! A server of its own for one case: what does not change of it, and what a case asks of it; or the tape of one that there was.

use super::recorder::Recorded;
use super::tape::Tape;
use super::testbed::{CANARY_ID, Testbed, WrongTls};
use crate::quote::without_keys;
use crate::text::plain;
use anyhow::{Context, Result, bail, ensure};
use reqwest::{Method, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What of the testbed does not change during a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// The realm's name; none where the server is this case's alone, under the real names.
    pub name: String,
    /// The address at which the connector finds the server: the recorder's, or the real name, with scheme.
    pub origin: String,
    /// The canary's name: it must not turn up where no person was accepted.
    pub canary_name: String,
    /// The authority of the mock's TLS, as PEM.
    pub authority_pem: String,
    /// The realm over TLS: right, signed by an authority that nobody trusts, for another host.
    pub https: [Option<String>; 3],
}

impl Scene {
    /// Whether all of the server is behind TLS, which its own authority vouches for.
    pub fn is_tls(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// The origin that a request was sent to: under the real names there are several.
    pub fn origin_of(&self, call: &Recorded) -> String {
        match call.header("host").filter(|_| self.is_tls()) {
            Some(host) => format!("https://{host}"),
            None => self.origin.clone(),
        }
    }
}

/// Whether a browser can be sent to an address: a whole one, over HTTP.
fn browsable(url: &str) -> Result<()> {
    let parsed = Url::parse(url).ok();
    let right = parsed.is_some_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host());
    ensure!(
        right,
        "the connector sends the browser to `{}`, which is no whole address of http or https: the address of a login begins with that of the server",
        without_keys(&plain(url, 80))
    );
    Ok(())
}

/// What a target serves at an address of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// The status.
    pub status: u16,
    /// The media type; nothing where there is none.
    pub content_type: String,
    /// The body.
    pub body: String,
}

/// A server of its own for one case; or the tape of one that there was.
#[derive(Debug)]
pub struct Realm<'s> {
    /// Nobody, where a tape is played.
    testbed: Option<&'s Testbed>,
    /// Where the mock itself serves it.
    address: String,
    scene: Scene,
    tape: Tape,
}

impl<'s> Realm<'s> {
    /// A realm of a testbed, at an address of the mock itself.
    pub(super) fn new(testbed: &'s Testbed, address: String, scene: Scene) -> Self {
        Self { testbed: Some(testbed), address, scene, tape: Tape::empty() }
    }

    /// A realm of which there is a tape alone.
    pub const fn played(scene: Scene, tape: Tape) -> Self {
        Self { testbed: None, address: String::new(), scene, tape }
    }

    /// What does not change.
    pub const fn scene(&self) -> &Scene {
        &self.scene
    }

    /// What was asked and answered so far.
    pub const fn tape(&self) -> &Tape {
        &self.tape
    }

    /// What its paths begin with.
    pub fn prefix(&self) -> String {
        if self.scene.name.is_empty() { String::new() } else { format!("/_realm/{}", self.scene.name) }
    }

    /// Its address through the recorder, without `/com/v3`.
    pub fn base_url(&self) -> String {
        format!("{}{}", self.scene.origin, self.prefix())
    }

    /// Its address over TLS that is wrong on purpose, or right.
    pub fn https_base(&self, wrong: Option<WrongTls>) -> Option<String> {
        let [right, unknown_authority, another_host] = &self.scene.https;
        match wrong {
            None => right.clone(),
            Some(WrongTls::UnknownAuthority) => unknown_authority.clone(),
            Some(WrongTls::AnotherHost) => another_host.clone(),
        }
    }

    /// The requests below a path, as they were on the wire, after the one with this number.
    pub fn requests(&self, below: &str, after: u64) -> Vec<Recorded> {
        self.ask_now(&format!("requests {below}"), |testbed| testbed.recorder().requests(below, after))
    }

    /// The number of the newest request.
    pub fn newest_request(&self) -> u64 {
        self.ask_now("newest request", |testbed| testbed.recorder().newest())
    }

    /// The stage at which a fault acts, as the mock names it; nothing where there is no such fault.
    pub fn stage_of(&self, fault: &str) -> String {
        self.ask_now(&format!("stage of {fault}"), |testbed| testbed.stage_of(fault))
    }

    /// The time in milliseconds since 1970.
    pub fn now(&self) -> u64 {
        self.ask_now("time", |_| crate::clock::milliseconds())
    }

    /// What needs no waiting. A tape that has no answer has nothing.
    fn ask_now<T: Serialize + DeserializeOwned + Default>(&self, asked: &str, live: impl FnOnce(&Testbed) -> T) -> T {
        let Some(testbed) = self.testbed else {
            return self.tape.next::<T, String>(asked).ok().and_then(Result::ok).unwrap_or_default();
        };
        let answer = live(testbed);
        self.tape.keep::<_, String>(asked, &Ok(&answer));
        answer
    }

    async fn admin(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let asked = format!("{method} {path}");
        self.tape
            .ask(&asked, async {
                let testbed = self.testbed.context("there is no testbed")?;
                let (status, answer) = testbed.admin(&self.address, method, path, body).await?;
                if status >= 300 {
                    bail!("the mock refused {path}: {answer}");
                }
                Ok(answer)
            })
            .await
    }

    /// Arms a fault; without a number it strikes for ever.
    ///
    /// # Errors
    /// When there is no such fault.
    pub(super) async fn arm(&self, fault: &str, times: Option<u32>) -> Result<()> {
        let body = times.map_or_else(|| json!({"id": fault}), |times| json!({"id": fault, "times": times}));
        self.admin(Method::POST, "faults", Some(body)).await.map(drop)
    }

    /// Disarms everything.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub async fn disarm(&self) -> Result<()> {
        self.admin(Method::DELETE, "faults", None).await.map(drop)
    }

    /// Changes the clock, as `POST /_mock/clock` says.
    ///
    /// # Errors
    /// When the mock refuses.
    pub async fn clock(&self, change: Value) -> Result<()> {
        self.admin(Method::POST, "clock", Some(change)).await.map(drop)
    }

    /// Puts the clock back to the machine's.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub async fn clock_back(&self) -> Result<()> {
        self.admin(Method::DELETE, "clock", None).await.map(drop)
    }

    /// Changes the service's signing keys, as `POST /_mock/keys` says.
    ///
    /// # Errors
    /// When the mock refuses.
    pub async fn change_keys(&self, change: &str) -> Result<()> {
        self.admin(Method::POST, "keys", Some(json!({"change": change}))).await.map(drop)
    }

    /// Adds or replaces a persona, laid over the canary.
    ///
    /// # Errors
    /// When the mock refuses the document.
    pub async fn persona(&self, id: &str, document: Value) -> Result<()> {
        self.admin(Method::PUT, &format!("personas/{id}?base={CANARY_ID}"), Some(document)).await.map(drop)
    }

    /// The exchanges behind one, persons included; `query` are more conditions.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub async fn exchanges(&self, after: u64, query: &str) -> Result<Vec<Value>> {
        let mut answer = self.admin(Method::GET, &format!("exchanges?after={after}&personal=1{query}"), None).await?;
        Ok(answer.get_mut("exchanges").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default())
    }

    /// Every exchange, persons masked, to be shown: it is on no tape, for no verdict follows from it.
    pub(super) async fn shown(&self) -> Vec<Value> {
        let Some(testbed) = self.testbed else { return Vec::new() };
        let answer = testbed.admin(&self.address, Method::GET, "exchanges", None).await;
        let exchanges = answer.ok().and_then(|(_, mut answer)| Some(answer.get_mut("exchanges")?.take()));
        exchanges.and_then(|exchanges| serde_json::from_value(exchanges).ok()).unwrap_or_default()
    }

    /// The number of the newest exchange.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub async fn newest(&self) -> Result<u64> {
        let answer = self.admin(Method::GET, "exchanges?after=18446744073709551615", None).await?;
        Ok(answer.get("newest").and_then(Value::as_u64).unwrap_or_default())
    }

    /// Sends a browser to an address, logs the persona in without pages, and gives back where it is sent.
    ///
    /// # Errors
    /// When there is no redirect.
    pub async fn visit(&self, url: &str, persona: &str) -> Result<String> {
        self.tape
            .ask("visit", async {
                let testbed = self.testbed.context("there is no testbed")?;
                browsable(url)?;
                let request = testbed.browser().get(url).header("X-Myinfo-Mock-Persona", persona);
                let answer =
                    request.send().await.with_context(|| format!("the login address `{url}` cannot be visited"))?;
                let Some(location) = answer.headers().get("location") else {
                    let status = answer.status();
                    bail!("the login address `{url}` was answered with {status} instead of a redirect");
                };
                Ok(location.to_str()?.to_owned())
            })
            .await
    }

    /// What the target serves at an address of its own.
    ///
    /// # Errors
    /// When nothing answers there, or without end.
    pub async fn fetch(&self, url: &str) -> Result<Fetched> {
        self.tape
            .ask("fetch", async {
                let testbed = self.testbed.context("there is no testbed")?;
                let answer = testbed.browser().get(url).send().await;
                let answer = answer.with_context(|| format!("`{url}` cannot be fetched"))?;
                let content_type = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok());
                let (status, content_type) = (answer.status().as_u16(), content_type.unwrap_or_default().to_owned());
                let body = crate::http::text(answer, crate::http::PAGE_LIMIT).await?;
                Ok(Fetched { status, content_type, body })
            })
            .await
    }

    /// Ends the realm.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub async fn end(self) -> Result<()> {
        let Some(testbed) = self.testbed else { return Ok(()) };
        testbed.end(&self.scene).await
    }
}

#[cfg(test)]
mod tests {
    use super::browsable;

    #[test]
    fn a_login_address_that_no_browser_can_visit_is_told_in_one_sentence() {
        for url in ["/fapi/auth?x=1", "javascript:alert(1)", "about:blank", "", "ftp://server/auth"] {
            let told = browsable(url).map_err(|error| error.to_string());
            let says = format!("the connector sends the browser to `{url}`, which is no whole address");
            assert!(told.is_err_and(|told| told.starts_with(&says)), "{url}");
        }
        assert!(browsable("http://127.0.0.1:5156/fapi/auth").is_ok());
    }
}
