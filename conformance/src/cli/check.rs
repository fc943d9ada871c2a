//! `myinfo-conformance check`: judges a connector, at addresses of its realm or under the real names.

use super::exit::{NOTHING, UNUSABLE, stopped};
use super::how::chosen;
use super::options::{Check, RealNames, Which};
use crate::case::connector::ConnectorCase;
use crate::case::{Side, of_connectors, of_migrations};
use crate::connector::driver::Drivers;
use crate::connector::driver::app::Apps;
use crate::connector::driver::reference::Reference;
use crate::connector::driver::stdio::StdioDrivers;
use crate::connector::real_names::Place;
use crate::connector::real_names::network::Network;
use crate::connector::run::{Options, mark, run_at};
use crate::connector::testbed::Testbed;
use crate::profile::ProfileId;
use crate::report::moved::Moved;
use crate::run::Outcome;
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::io::Write;

/// Judges a connector; the exit code.
pub(super) async fn check(options: &Check) -> Result<u8> {
    let how = &options.how;
    let which = which(options);
    let cases = match chosen(&which, all(options)) {
        Ok(cases) => cases,
        Err(error) => return Ok(stopped(&error, NOTHING)),
    };
    if options.migrating_from.is_some() && !cases.iter().any(|case| case.profile() == ProfileId::Fapi) {
        bail!("--migrating-from is about a move to FAPI, and the chosen cases have none of it: add --profile fapi");
    }
    let baseline = how.baseline(all(options))?;
    let apps = options.app.as_deref().map(Apps::read).transpose()?;
    how.prepare()?;
    let testbed = match testbed(options).await {
        Ok(testbed) => testbed,
        Err(error) => return Ok(stopped(&error, UNUSABLE)),
    };
    let drivers = drivers(options, apps, testbed.variables())?;
    let what = Options { cases, strict: how.strict, seed: options.seed, jobs: how.jobs(usual_jobs(options)) };
    let mut terminal = how.terminal(Side::Connector);
    match run_at(testbed, &what, &*drivers, (&baseline, |event: &_| terminal.tell(event))).await {
        Ok(outcome) => {
            let outcome = Outcome { migrating_from: options.migrating_from, ..outcome };
            how.keep_replays(&outcome, |judged, folder| judged.replay.as_ref().map(|replay| replay.write(folder)))?;
            let code = how.finish(terminal, &outcome)?;
            if let Some(moved) = Moved::of(&outcome) {
                say(&moved.text());
            }
            Ok(code)
        }
        Err(error) => Ok(stopped(&error, UNUSABLE)),
    }
}

/// Every case that may be chosen.
fn all(options: &Check) -> impl Iterator<Item = &'static ConnectorCase> {
    of_connectors().chain(of_migrations().filter(|_| options.migrating_from.is_some()))
}

/// Which cases are asked for: a move to FAPI is judged by those of FAPI, unless something else is said.
fn which(options: &Check) -> Which {
    let mut which = options.how.which.clone();
    if options.migrating_from.is_some() && which.profile.is_empty() {
        which.profile.push(ProfileId::Fapi);
    }
    which
}

/// The server that the connector meets.
async fn testbed(options: &Check) -> Result<Testbed> {
    let mark = mark(options.seed);
    let Some(way) = options.real_names else {
        return Testbed::start(&mark).await.context("the testbed does not start");
    };
    let place = place(way)?;
    let testbed = Testbed::under_real_names(&mark, place).await;
    let testbed = testbed.context("the server does not answer under the real names")?;
    say(match place {
        Place::Here => "The server answers under the real names on port 443 of 127.0.0.1.",
        Place::Proxy => "The server answers under the real names behind a proxy: HTTPS_PROXY says where.",
    });
    Ok(testbed)
}

/// Where the server is to answer under the real names. In a network of its own this program begins anew.
fn place(way: RealNames) -> Result<Place> {
    let network = match way {
        RealNames::Here => return Ok(Place::Here),
        RealNames::Proxy => return Ok(Place::Proxy),
        RealNames::Auto | RealNames::Network => Network::found(),
    };
    match network {
        Ok(network) => {
            say("In a network of its own, which has no way out.");
            network.become_this_program(&inside())?;
            Ok(Place::Here)
        }
        Err(error) if way == RealNames::Network => {
            Err(error.context("the system gives no network of its own; --real-names=proxy needs none"))
        }
        Err(error) => {
            say(&format!("The system gives no network of its own: {error:#}."));
            Ok(Place::Proxy)
        }
    }
}

/// What this program was told, for the same in a network of its own.
fn inside() -> Vec<OsString> {
    let is_switch = |argument: &OsString| argument.to_str().is_some_and(|text| text.starts_with("--real-names"));
    let arguments = std::env::args_os().skip(1);
    arguments.map(|argument| if is_switch(&argument) { "--real-names=here".into() } else { argument }).collect()
}

/// Says something before the report. A reader that went away is no error.
fn say(text: &str) {
    let _ = writeln!(anstream::stdout(), "{text}");
}

/// How many cases at once where nothing was said: the reference connector needs no process of its own for each.
const fn usual_jobs(options: &Check) -> u8 {
    if options.stdio.is_none() && options.exec.is_none() && options.app.is_none() { 8 } else { 4 }
}

/// What drives the connector, with more in the environment of its programs.
fn drivers(options: &Check, apps: Option<Apps>, env: Vec<(String, String)>) -> Result<Box<dyn Drivers>> {
    let answer_seconds = options.answer_seconds;
    Ok(match (&options.stdio, &options.exec, apps) {
        (.., Some(apps)) => Box::new(apps.with_env(env)),
        (Some(command), ..) => Box::new(StdioDrivers { env, ..stdio(command, answer_seconds) }),
        (None, Some(command), _) => Box::new(StdioDrivers { env, one_a_case: true, ..stdio(command, answer_seconds) }),
        (None, None, None) if env.is_empty() => Box::new(Reference),
        // what stands in the environment is for another process: that of the reference connector
        (None, None, None) => {
            let program = std::env::current_exe().context("this program is not found")?;
            let command = format!("'{}' driver reference", program.display().to_string().replace('\'', r"'\''"));
            Box::new(StdioDrivers { env, ..stdio(&command, answer_seconds) })
        }
    })
}

/// Drivers by a command of the shell.
pub(super) fn stdio(command: &str, answer_seconds: u64) -> StdioDrivers {
    StdioDrivers { command: command.to_owned(), answer_seconds, one_a_case: false, env: Vec::new() }
}
