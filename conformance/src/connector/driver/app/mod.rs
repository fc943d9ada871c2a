//! A finished web application as a target: started as a file says, visited like by a browser without script.

mod crash;
pub mod init;
pub mod lint;
mod person;
mod target_file;
mod unstarted;
mod untouched;
mod values;

use self::crash::{Broken, MEND_CALLBACK, MEND_LOGIN, PATIENCE};
use self::person::{MEND_POINTER, leads_nowhere, person_on};
use self::target_file::{Patterns, TargetFile, class_of};
use self::values::filled;
use super::{
    Class, Configured, Driver, DriverError, Drivers, Hello, Kind, Outcome, Started, Unstarted, VERSION, Words,
};
use crate::connector::setup::Setup;
use crate::http::{self, PAGE_LIMIT};
use crate::masked::masked;
use crate::page::described;
use crate::program::{self, Log, NotUp, Program};
use anyhow::Result;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::BoxFuture;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How many redirects a visit follows.
const HOPS: usize = 10;

/// Makes drivers of an application.
#[derive(Debug, Clone)]
pub struct Apps {
    target: Arc<TargetFile>,
    patterns: Arc<Patterns>,
    /// What applications find in their environment before the target file has its say.
    env: Vec<(String, String)>,
    /// Whether the pointer of the target file has led to a person in any login so far.
    pointer_fits: Arc<AtomicBool>,
}

impl Apps {
    /// Reads a target file.
    ///
    /// # Errors
    /// When the file cannot be read, says something that means nothing, or is the template that nobody has changed.
    pub fn read(path: &Path) -> Result<Self> {
        let target = lint::usable(path)?;
        let patterns = Patterns::of(&target)?;
        let pointer_fits = Arc::default();
        Ok(Self { target: Arc::new(target), patterns: Arc::new(patterns), env: Vec::new(), pointer_fits })
    }

    /// With more in the environment of the applications.
    #[must_use]
    pub fn with_env(self, env: Vec<(String, String)>) -> Self {
        Self { env, ..self }
    }
}

impl Drivers for Apps {
    fn fresh(&self) -> BoxFuture<'_, Result<Box<dyn Driver>, DriverError>> {
        Box::pin(async move {
            let failed = |error: std::io::Error| DriverError::NotStarted(error.to_string());
            let port = program::free_port().map_err(failed)?;
            let target = &self.target;
            let hello = Hello {
                version: VERSION,
                name: target.name.clone(),
                connector_version: target.version.clone(),
                language: target.language.clone(),
                profiles: target.profiles.iter().map(ToString::to_string).collect(),
                capabilities: target.capabilities.clone(),
                key_formats: target.key_formats.clone(),
                redirect_uri: Some(target.redirect_uri.replace("{port}", &port.to_string())),
                jwks_uri: target.jwks.as_ref().map(|address| address.replace("{port}", &port.to_string())),
            };
            let folder = tempfile::tempdir().map_err(failed)?;
            Ok(Box::new(App {
                apps: self.clone(),
                hello,
                port,
                folder,
                program: None,
                unstarted: None,
                to_do: None,
                setup: None,
                sessions: HashMap::new(),
                counter: 0,
                log: Log::default(),
            }) as Box<dyn Driver>)
        })
    }
}

struct App {
    apps: Apps,
    hello: Hello,
    port: u16,
    folder: tempfile::TempDir,
    program: Option<Program>,
    /// Why it did not start with the last configuration, where it did not.
    unstarted: Option<Unstarted>,
    /// What to do about the last visit, where it failed in a way that says so.
    to_do: Option<&'static str>,
    setup: Option<Setup>,
    /// A browser each: its cookies.
    sessions: HashMap<String, Client>,
    counter: u64,
    log: Log,
}

impl App {
    /// A text of the target file with the values of a configuration.
    fn filled(&self, text: &str, setup: &Setup) -> String {
        let own = text.replace("{port}", &self.port.to_string());
        filled(&own.replace("{dir}", &self.folder.path().display().to_string()), setup)
    }

    /// The same, with `{file:NAME}` for the path of a file, or for nothing where its content comes to nothing.
    fn with_files(&self, text: &str, setup: &Setup) -> String {
        let files = self.apps.target.files.iter();
        let text = files.fold(text.to_owned(), |text, (name, content)| {
            let empty = self.file_content(content, setup).is_empty();
            let path = if empty { "" } else { &format!("{{dir}}/{name}") };
            text.replace(&format!("{{file:{name}}}"), path)
        });
        self.filled(&text, setup)
    }

    async fn launch(&mut self, setup: &Setup) -> Result<Configured, DriverError> {
        let failed = |error: std::io::Error| DriverError::NotStarted(error.to_string());
        self.end().await;
        self.unstarted = None;
        let target = Arc::clone(&self.apps.target);
        for (name, content) in &target.files {
            let path: PathBuf = self.folder.path().join(name);
            std::fs::write(path, self.file_content(content, setup)).map_err(failed)?;
        }
        let mut command = program::shell(&self.filled(&target.start, setup));
        command.envs(self.apps.env.iter().cloned());
        for (name, value) in &target.env {
            let value = self.with_files(value, setup);
            if !value.is_empty() {
                command.env(name, value);
            }
        }
        let ready = self.filled(&target.ready, setup);
        match program::up(command, &ready, target.start_seconds, &self.log).await {
            Ok(program) => {
                self.program = Some(program);
                Ok(Configured::Ok)
            }
            Err(error) => {
                let told = unstarted::told(&error, &target.start, &ready);
                let cause = without_secrets(&told.cause, setup);
                self.unstarted = Some(Unstarted { cause: cause.clone(), ..told });
                // an application that ends at once did not like its configuration
                let ended = matches!(error, NotUp::Ended { .. });
                if ended {
                    Ok(Configured::ConfigError { message: cause.into() })
                } else {
                    Err(DriverError::NotUp(cause))
                }
            }
        }
    }

    /// A file's content: a key that is no text is written as its bytes.
    fn file_content(&self, content: &str, setup: &Setup) -> Vec<u8> {
        let base64 = setup.as_v3().and_then(|v3| v3.private_key.base64.as_ref());
        match base64 {
            Some(base64) if content.trim() == "{private_key}" => BASE64_STANDARD.decode(base64).unwrap_or_default(),
            _ => self.filled(content, setup).into_bytes(),
        }
    }

    async fn end(&mut self) {
        if let Some(program) = self.program.take() {
            program.end().await;
        }
        self.sessions.clear();
    }

    /// Visits an address with a browser's cookies, following redirects until one leads to `stop`, or to a page.
    async fn visit(&self, browser: &Client, url: &str, stop: &str) -> Result<Visit, Broken> {
        let mut url = Url::parse(url).map_err(|error| format!("`{url}`: {error}"))?;
        for _ in 0..HOPS {
            let answer = browser.get(url.clone()).send().await.map_err(|error| Broken::by(&url, self.port, &error))?;
            let location = answer.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
            let Some(location) = location.filter(|_| answer.status().is_redirection()) else {
                let status = answer.status().as_u16();
                let text = http::text(answer, PAGE_LIMIT).await.map_err(|error| format!("{url}: {error}"))?;
                return Ok(Visit::Page { url, status, text });
            };
            let next = url.join(&location).map_err(|error| format!("`{location}`: {error}"))?;
            if is_at(&next, stop) {
                return Ok(Visit::Away(location));
            }
            url = next;
        }
        Err(format!("more than {HOPS} redirects").into())
    }

    /// The application's own word for a refusal on a page of its own, and the class that the target file has for it.
    fn word_of(&self, page: &str) -> Option<(Class, Words)> {
        let found = self.apps.patterns.failure.captures(page)?;
        let native = found.iter().skip(1).flatten().next()?.as_str().to_owned();
        let class = self.apps.target.classes.get(&native).map_or(Class::Other, |class| class_of(class));
        Some((class, native.into()))
    }

    /// What the application made of a callback.
    async fn outcome(&mut self, session: &str, callback: &str) -> Result<Outcome, DriverError> {
        let (url, status, text) = match self.last_page(session, callback).await {
            Ok(page) => page,
            // an application that breaks the connection crashed
            Err(broken) => {
                self.to_do = Some(MEND_CALLBACK);
                let message = broken.told(self.program.as_mut(), &self.log).await.into();
                return Ok(Outcome::Crash { message });
            }
        };
        if (200..300).contains(&status) && self.apps.patterns.success.is_match(&text) {
            let person = self.person(url.path(), text)?;
            return Ok(Outcome::Accepted { person, claims: None });
        }
        Ok(match self.word_of(&text) {
            Some((class, native)) => Outcome::Rejected { class, native, message: text.into() },
            None if status >= 500 => {
                self.to_do = Some(MEND_CALLBACK);
                Outcome::Crash { message: format!("{} answered {status}: {text}", url.path()).into() }
            }
            None => {
                let message = format!("{}\n{text}", unfit(&url, status, &text));
                Outcome::Rejected { class: Class::Other, native: status.to_string().into(), message: message.into() }
            }
        })
    }

    /// The page at which a browser is in the end that comes to the callback: its address, status and text.
    async fn last_page(&self, session: &str, callback: &str) -> Result<(Url, u16, String), Broken> {
        let Some(browser) = self.sessions.get(session) else { return Err(no_session(session)) };
        let Visit::Page { url, status, text } = self.visit(browser, callback, "").await? else {
            return Err("it went away from the application".to_owned().into());
        };
        let follow = self.apps.patterns.follow.as_ref();
        let next = follow.and_then(|follow| Some(follow.captures(&text)?.get(1)?.as_str().to_owned()));
        if let Some(next) = next {
            let next = url.join(&next.replace("&amp;", "&")).map_err(|error| error.to_string())?;
            if let Visit::Page { url, status, text } = self.visit(browser, next.as_str(), "").await? {
                return Ok((url, status, text));
            }
        }
        Ok((url, status, text))
    }

    /// The person on the last page of a login: the whole page, unless the target file says where on it.
    fn person(&mut self, path: &str, page: String) -> Result<Value, DriverError> {
        let target = Arc::clone(&self.apps.target);
        let Some(pointer) = &target.success.person else { return Ok(Value::String(page)) };
        match person_on(&page, pointer) {
            Ok(person) => {
                self.apps.pointer_fits.store(true, Ordering::Relaxed);
                Ok(person)
            }
            Err(_) if !self.can("person") => Ok(Value::String(page)),
            // where it has led to a person before, this page has none
            Err(_) if self.apps.pointer_fits.load(Ordering::Relaxed) => Ok(Value::Null),
            Err(instead) => {
                self.to_do = Some(MEND_POINTER);
                Err(DriverError::NoPerson(leads_nowhere(pointer, path, &instead)))
            }
        }
    }
}

/// What is to be said of a last page that neither pattern of the target file fits, on one line.
fn unfit(url: &Url, status: u16, page: &str) -> String {
    let (path, met) = (url.path(), described(page));
    if (200..300).contains(&status) {
        return format!(
            "the target file's `success.text` does not fit the page {path}, nor does `failure.code`: {met}"
        );
    }
    format!("the page {path} answered {status}, and the target file's `failure.code` does not fit it: {met}")
}

/// Why an application is not up, without the secrets that it was given: its last words may have them.
fn without_secrets(told: &str, setup: &Setup) -> String {
    let told = setup.as_v3().map_or_else(|| told.to_owned(), |v3| told.replace(&v3.client_secret, "[secret]"));
    masked(&told)
}

fn no_session(name: &str) -> Broken {
    Broken::Way(format!("there is no session `{name}`"))
}

/// Where a visit ended.
enum Visit {
    /// The browser is sent to Myinfo.
    Away(String),
    /// At a page.
    Page { url: Url, status: u16, text: String },
}

/// Whether an address is the one that is waited for, or has its path at another host: the login may be on one.
fn is_at(url: &Url, wanted: &str) -> bool {
    let same_path = |wanted: Url| wanted.path().len() > 1 && wanted.path() == url.path();
    !wanted.is_empty() && (url.as_str().starts_with(wanted) || Url::parse(wanted).is_ok_and(same_path))
}

fn browser() -> reqwest::Result<Client> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    http::built(|| Client::builder().redirect(Policy::none()).cookie_store(true).no_proxy().timeout(PATIENCE))
}

impl Driver for App {
    fn hello(&self) -> &Hello {
        &self.hello
    }

    fn configure<'a>(&'a mut self, setup: &'a Setup) -> BoxFuture<'a, Result<Configured, DriverError>> {
        Box::pin(async move {
            self.setup = Some(setup.clone());
            self.launch(setup).await
        })
    }

    fn start(&mut self) -> BoxFuture<'_, Result<Started, DriverError>> {
        Box::pin(async move {
            self.to_do = None;
            let Some(setup) = &self.setup else {
                return Ok(Started::failed("not configured"));
            };
            let login = self.filled(&self.apps.target.login, setup);
            let client = browser().map_err(|error| DriverError::NotStarted(error.to_string()))?;
            let authorise = setup.login_url().to_owned();
            let url = match self.visit(&client, &login, &authorise).await {
                Ok(Visit::Away(url)) => url,
                Ok(Visit::Page { url, status, text }) => {
                    let met = described(&text);
                    let message = format!("{login} led to {url} ({status}) instead of {authorise}: {met}");
                    return Ok(match self.word_of(&text) {
                        Some((class, native)) => {
                            Started::Error { message: format!("{message}\n{text}").into(), class, native }
                        }
                        None => Started::failed(message),
                    });
                }
                Err(broken) => {
                    self.to_do = Some(MEND_LOGIN);
                    return Ok(Started::failed(broken.told(self.program.as_mut(), &self.log).await));
                }
            };
            self.counter += 1;
            let session = format!("browser-{}", self.counter);
            self.sessions.insert(session.clone(), client);
            Ok(Started::Url { url, session })
        })
    }

    fn callback<'a>(&'a mut self, session: &'a str, url: &'a str) -> BoxFuture<'a, Result<Outcome, DriverError>> {
        self.to_do = None;
        Box::pin(self.outcome(session, url))
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<(), DriverError>> {
        self.sessions.clear();
        Box::pin(async { Ok(()) })
    }

    fn logs(&mut self) -> String {
        self.log.take()
    }

    fn kind(&self) -> Kind {
        Kind::Application
    }

    fn unstarted(&self) -> Option<Unstarted> {
        self.unstarted.clone()
    }

    fn to_do(&self) -> Option<&'static str> {
        self.to_do
    }

    fn leave(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move { self.end().await })
    }
}
