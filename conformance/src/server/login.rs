//! The person's side of a login: a browser with cookies and without script, which fills in the forms that it meets.

use super::http::{NoAnswer, whole};
use crate::http::PAGE_LIMIT;
use crate::page;
use anyhow::{Context, Result, bail, ensure};
use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response, Url};
use scraper::{ElementRef, Selector};
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Origin;

/// How many forms of a page are looked at.
const MOST_FORMS: usize = 50;
/// How many redirects and pages a login may have.
const STEPS: usize = 20;

/// How a person logs in at a server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Login {
    /// A header that every request of the browser has: `Name: value`.
    pub header: Option<String>,
    /// What the person fills into forms, by the names of the fields.
    pub fields: BTreeMap<String, String>,
    /// The header of a person who declines, where the login is by header.
    pub declining_header: Option<String>,
    /// The same as `fields`, for a person who declines.
    pub declining: BTreeMap<String, String>,
    /// Other servers that the login leads over, by scheme, host and port.
    pub origins: Vec<String>,
}

/// Where a browser ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Landing {
    /// It was sent away from the server: to the client's callback, if all is right.
    Away(Url),
    /// At a page that leads no further.
    Page {
        /// Its address.
        url: Url,
        /// Its status.
        status: u16,
        /// Its text.
        body: String,
    },
}

impl Login {
    /// Whether it can be said how a person declines.
    pub fn can_decline(&self) -> bool {
        self.declining_header.is_some() || !self.declining.is_empty()
    }

    /// The header that every request of the browser has, and what is filled into forms.
    fn of_person(&self, declines: bool) -> (Option<&str>, &BTreeMap<String, String>) {
        let header = self.header.as_deref();
        match (declines, &self.declining_header) {
            (true, declining) => (declining.as_deref().or(header), &self.declining),
            (false, _) => (header, &self.fields),
        }
    }

    /// The first request of a login.
    pub(super) fn opening(&self, browser: &Client, start: Url, declines: bool) -> RequestBuilder {
        with_header(browser.get(start), self.of_person(declines).0)
    }

    fn stays(&self, home: &Origin, next: &Url) -> bool {
        next.origin() == *home || self.origins.contains(&next.origin().ascii_serialization())
    }

    /// Goes from an address through redirects and forms until the browser leaves the server or a page leads no further.
    ///
    /// # Errors
    /// When the server does not answer, or sends the browser round in circles.
    pub async fn visit(&self, start: Url, declines: bool, http: &Client) -> Result<Landing> {
        let (header, fields) = self.of_person(declines);
        let browser = Browser { header, cookies: Jar::default() };
        let home = start.origin();
        let mut request = http.get(start.clone());
        let mut url = start;
        for _ in 0..STEPS {
            let answer = browser.send(request, &url).await?;
            let status = answer.status();
            if let Some(location) = answer.headers().get("location").filter(|_| status.is_redirection()) {
                let location = location.to_str().context("the redirect's address is no text")?;
                let next = url.join(location).with_context(|| format!("`{location}` is no address"))?;
                if !self.stays(&home, &next) {
                    return Ok(Landing::Away(next));
                }
                request = http.get(next.clone());
                url = next;
                continue;
            }
            let body = whole(answer, PAGE_LIMIT).await.with_context(|| format!("the page at {}", url.path()))?;
            let body = String::from_utf8_lossy(&body).into_owned();
            let asks = status.is_success() && !fields.is_empty();
            let Some(form) = (if asks { Form::meant(&body, fields)? } else { None }) else {
                return Ok(Landing::Page { url, status: status.as_u16(), body });
            };
            let next = url.join(&form.action).with_context(|| format!("`{}` is no address", form.action))?;
            // what a person fills in is sent to nobody else
            ensure!(
                self.stays(&home, &next),
                "the form at {url} leads to another server, {next}: name it in `origins`"
            );
            let pairs = form.filled(fields);
            request = if form.posts {
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                let body = form.extend_pairs(&pairs).finish();
                http.post(next.clone()).header("Content-Type", "application/x-www-form-urlencoded").body(body)
            } else {
                let mut next = next.clone();
                next.query_pairs_mut().clear().extend_pairs(&pairs);
                http.get(next)
            };
            url = next;
        }
        bail!("the login did not end within {STEPS} redirects and pages; the last was {url}")
    }
}

/// What is a browser's own in one login. Its connections are those of a client that there is: one that keeps cookies by itself would be
/// made for each login, and reads all of the system's authorities when it is made.
struct Browser<'l> {
    /// What every request has: `Name: value`.
    header: Option<&'l str>,
    cookies: Jar,
}

impl Browser<'_> {
    /// Sends a request with the cookies that belong to its address, and keeps those that come.
    async fn send(&self, request: RequestBuilder, url: &Url) -> Result<Response> {
        let request = match self.cookies.cookies(url).filter(|_| !self.names_cookies()) {
            Some(cookies) => request.header(COOKIE, cookies),
            None => request,
        };
        let answer = with_header(request, self.header).send().await.map_err(NoAnswer::from);
        let answer = answer.with_context(|| format!("the login at {}", url.path()))?;
        self.cookies.set_cookies(&mut answer.headers().get_all(SET_COOKIE).iter(), url);
        Ok(answer)
    }

    /// Whether the header of every request is that of the cookies.
    fn names_cookies(&self) -> bool {
        let name = self.header.and_then(|header| Some(header.split_once(':')?.0));
        name.is_some_and(|name| name.trim().eq_ignore_ascii_case(COOKIE.as_str()))
    }
}

/// A request with a header, `Name: value`, where there is one.
fn with_header(request: RequestBuilder, header: Option<&str>) -> RequestBuilder {
    match header.and_then(|header| header.split_once(':')) {
        Some((name, value)) => request.header(name.trim(), value.trim()),
        None => request,
    }
}

/// A form of a page, with the values that it would send untouched.
#[derive(Debug, PartialEq, Eq)]
struct Form {
    action: String,
    posts: bool,
    pairs: Vec<(String, String)>,
    /// Every name that a person can give a value to; buttons are among them.
    names: Vec<String>,
}

impl Form {
    /// The first form of a page that has one of the person's fields; without such, the first one.
    ///
    /// # Errors
    /// When the page is one that no person could fill in.
    fn meant(page: &str, fields: &BTreeMap<String, String>) -> Result<Option<Self>> {
        let page = page::parsed(page)?;
        let Ok(every) = Selector::parse("form") else { return Ok(None) };
        let mut forms: Vec<Self> = page.select(&every).take(MOST_FORMS).filter_map(Self::read).collect();
        let asks = |form: &Self| form.names.iter().any(|name| fields.contains_key(name));
        let place = forms.iter().position(asks).unwrap_or_default();
        Ok((place < forms.len()).then(|| forms.swap_remove(place)))
    }

    fn read(form: ElementRef<'_>) -> Option<Self> {
        let mut found = Self {
            action: form.attr("action").unwrap_or_default().to_owned(),
            posts: form.attr("method").is_some_and(|method| method.eq_ignore_ascii_case("post")),
            pairs: Vec::new(),
            names: Vec::new(),
        };
        for control in form.select(&Selector::parse("input, select, textarea, button").ok()?) {
            let Some(name) = control.attr("name") else { continue };
            found.names.push(name.to_owned());
            if let Some(value) = untouched(control) {
                found.pairs.push((name.to_owned(), value));
            }
        }
        Some(found)
    }

    fn filled(&self, fields: &BTreeMap<String, String>) -> Vec<(String, String)> {
        let mut pairs = self.pairs.clone();
        for (name, value) in fields.iter().filter(|(name, _)| self.names.contains(name)) {
            pairs.retain(|(known, _)| known != name);
            pairs.push((name.clone(), value.clone()));
        }
        pairs
    }
}

/// What a control sends if nobody touches it (HTML, "constructing the entry list").
fn untouched(control: ElementRef<'_>) -> Option<String> {
    let value = || control.attr("value").unwrap_or_default().to_owned();
    if control.attr("disabled").is_some() {
        return None;
    }
    match (control.value().name(), control.attr("type").unwrap_or_default()) {
        ("button", _) | ("input", "submit" | "button" | "image" | "reset" | "file") => None,
        ("input", "radio" | "checkbox") => {
            let value = control.attr("value").unwrap_or("on").to_owned();
            control.attr("checked").map(|_| value)
        }
        ("select", _) => {
            let options: Vec<ElementRef<'_>> = control.select(&Selector::parse("option").ok()?).collect();
            let chosen = options.iter().find(|option| option.attr("selected").is_some()).or_else(|| options.first())?;
            Some(chosen.attr("value").map_or_else(|| chosen.text().collect(), str::to_owned))
        }
        ("textarea", _) => Some(control.text().collect()),
        _ => Some(value()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[test]
    fn a_form_is_sent_as_a_browser_would_with_what_the_person_fills_in() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let page = r#"<form action="search"><input name="q"></form><form action="/next?x=1" method="POST"><input name="state" value="a &amp; b" readonly>
            <input type="radio" name="decision" value="allow" checked><input type="radio" name="decision" value="deny">
            <input type="checkbox" name="newsletter"><select name="who"><option value="1">One<option selected>Two</select>
            <button name="do" value="login">Log in</button><input type="submit" name="other" value="Other"></form>"#;
        let fields = [("do", "login"), ("decision", "deny"), ("elsewhere", "x")];
        let fields = fields.map(|(name, value)| pair(name, value)).into_iter().collect();
        let form = Form::meant(page, &fields).unwrap().unwrap();
        assert_eq!((form.action.as_str(), form.posts), ("/next?x=1", true));
        assert_eq!(form.pairs, [pair("state", "a & b"), pair("decision", "allow"), pair("who", "Two")]);
        let filled = form.filled(&fields);
        assert_eq!(filled, [pair("state", "a & b"), pair("who", "Two"), pair("decision", "deny"), pair("do", "login")]);
    }

    /// A server that sends whoever shows no cookie on with one, and away whoever shows one, with the cookies as they were shown.
    async fn with_cookies() -> Url {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let start = format!("http://{}/begin", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4096];
                let size = stream.read(&mut request).await.unwrap();
                let request = String::from_utf8_lossy(&request[..size]).to_lowercase();
                let shown = request.lines().find_map(|line| line.strip_prefix("cookie: "));
                let answer = match shown {
                    Some(shown) => format!("location: https://away.invalid/?shown={shown}"),
                    None => "location: /next\r\nset-cookie: who=me; path=/".to_owned(),
                };
                let answer =
                    format!("HTTP/1.1 302 Found\r\n{answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Url::parse(&start).unwrap()
    }

    #[tokio::test]
    async fn a_login_keeps_its_cookies_and_shows_none_of_another_one() {
        let (start, http) = (with_cookies().await, crate::http::client().unwrap());
        let shown = async |login: &Login| match login.visit(start.clone(), false, &http).await.unwrap() {
            Landing::Away(url) => url.query().unwrap().to_owned(),
            Landing::Page { .. } => panic!("it went nowhere"),
        };
        for _ in 0..2 {
            assert_eq!(shown(&Login::default()).await, "shown=who=me", "the first request showed none");
        }
        let own = Login { header: Some("Cookie: own=1".to_owned()), ..Login::default() };
        assert_eq!(shown(&own).await, "shown=own=1");
    }

    #[test]
    fn a_page_that_nobody_could_fill_in_is_refused_before_it_is_parsed() {
        let none = BTreeMap::new();
        let deep = format!("{}<form><input name=a>", "<div>".repeat(100_000));
        assert!(Form::meant(&deep, &none).unwrap_err().to_string().contains("nested more than"));
        let wide = format!("<form {}><input name=a></form>", "a=1 ".repeat(50_000));
        assert!(Form::meant(&wide, &none).unwrap_err().to_string().contains("a tag of the page"));
        let usual = format!("{}<form><input name=a></form>", "<p>one<br>two".repeat(100));
        assert!(Form::meant(&usual, &none).unwrap().is_some());
    }
}
