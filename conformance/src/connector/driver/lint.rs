//! A scripted conversation with a driver, before any case: the first thing that is not as the protocol says, in plain words.

use super::stdio::{StdioDriver, StdioDrivers};
use super::{Configured, DriverError, Hello, Started, VERSION};
use crate::connector::keys::FORMATS;
use crate::connector::setup::Setup;
use crate::profile::{ProfileId, capabilities};
use crate::text::meant;
use serde_json::{Value, json};

/// One step of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What was asked.
    pub step: &'static str,
    /// What is wrong, where something is.
    pub problem: Option<String>,
}

/// Goes through the conversation, at a server with this address; stops where nothing more can be said.
pub async fn lint(drivers: &StdioDrivers, base_url: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Err((step, problem)) = converse(drivers, base_url, &mut lines).await {
        lines.push(Line { step, problem: Some(problem) });
    }
    lines
}

/// The usual configuration for a driver that said of itself what it reads; an unknown key format was told already.
fn setup_for(hello: &Hello, base_url: &str) -> Result<Setup, String> {
    let known = hello.key_formats.iter().map(String::as_str).find(|format| FORMATS.contains(format));
    let profile = hello.first_profile().unwrap_or(ProfileId::V3);
    let setup = Setup::usual(profile, base_url.to_owned(), hello.redirect_uri.as_deref(), known.unwrap_or(FORMATS[0]));
    setup.map_err(|error| format!("{error:#}"))
}

type Failure = (&'static str, String);

async fn converse(drivers: &StdioDrivers, base_url: &str, lines: &mut Vec<Line>) -> Result<(), Failure> {
    let told = |step: &'static str| move |error: DriverError| (step, error.to_string());
    let mut done = |step: &'static str, problem: Option<String>| lines.push(Line { step, problem });
    let mut driver = StdioDriver::spawn(drivers).map_err(told("start"))?;
    driver.greet().await.map_err(told("hello"))?;
    done("hello", hello_problem(super::Driver::hello(&driver)));
    let setup = setup_for(super::Driver::hello(&driver), base_url).map_err(|problem| ("configure", problem))?;
    let configured: Configured =
        driver.ask("configure", json!({"setup": setup, "unknown": [1]})).await.map_err(told("configure"))?;
    let problem = match configured {
        Configured::Ok => None,
        Configured::ConfigError { message } => Some(format!("it refuses a configuration that is right: {message}")),
        Configured::Unsupported { message } => Some(format!("it does not support the usual configuration: {message}")),
    };
    done("configure, with a member that it does not know", problem);
    let first = start(&mut driver, &setup).await.map_err(|problem| ("start", problem))?;
    done("start", None);
    let second = start(&mut driver, &setup).await.map_err(|problem| ("start, a second browser", problem))?;
    done("start, a second browser", (first == second).then(|| format!("both sessions are called `{first}`")));
    let unknown = driver.ask::<Value>("no-such-message", json!({})).await;
    let problem = match unknown {
        Err(DriverError::Unsupported(_)) => None,
        Err(error) => return Err(("a message that it does not know", error.to_string())),
        Ok(_) => Some("it must be answered with {\"unsupported\": true}".to_owned()),
    };
    done("a message that it does not know", problem);
    driver.ask::<Value>("reset", json!({})).await.map_err(told("reset"))?;
    done("reset", None);
    driver.ask::<Value>("bye", json!({})).await.map_err(told("bye"))?;
    let left = driver.gone().await;
    done("bye", (!left).then(|| "it did not leave within two seconds".to_owned()));
    Ok(())
}

fn hello_problem(hello: &Hello) -> Option<String> {
    if hello.name.is_empty() {
        return Some("`name` is missing".to_owned());
    }
    if hello.version != VERSION {
        return Some(format!("`version` is {}", hello.version));
    }
    if let Some(unknown) = hello.profiles.iter().find_map(|name| name.parse::<ProfileId>().err()) {
        return Some(unknown.to_string());
    }
    let known = capabilities();
    let odd = hello.capabilities.iter().find(|name| !known.contains(&name.as_str()));
    if let Some(odd) = odd {
        let meant = meant(odd, known.iter().copied());
        return Some(format!("`{odd}` is no capability; there are {}{meant}", known.join(", ")));
    }
    let odd = hello.key_formats.iter().find(|name| !FORMATS.contains(&name.as_str()));
    odd.map(|odd| format!("`{odd}` is no key format; there are {}{}", FORMATS.join(", "), meant(odd, FORMATS)))
}

async fn start(driver: &mut StdioDriver, setup: &Setup) -> Result<String, String> {
    match driver.ask("start", json!({})).await.map_err(|error| error.to_string())? {
        Started::Url { url, session } if url.starts_with(setup.login_url()) => Ok(session),
        Started::Url { url, .. } => Err(format!("the browser is sent to `{url}`, not to {}", setup.login_url())),
        Started::Error { message, .. } => Err(format!("it begins no login: {message}")),
    }
}
