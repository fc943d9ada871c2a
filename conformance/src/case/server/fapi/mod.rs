//! The cases of FAPI's servers, a file for each part of the protocol that a hostile client attacks.

mod assertion;
mod auth;
mod document;
mod par;
mod proof;
mod published;
mod token;
mod userinfo;

use super::{Query, ServerCase, changed as address_changed, no_code};
use crate::server::client::fapi::{Draft, FapiClient, Flow};
use crate::server::fapi::FapiTrial;
use crate::server::trial::control;
use crate::verdict::{Step, Stop};
pub(super) use assertion::{by_stranger, changed, cut};
pub(super) use document::{document_of, equal, items, opened, printed, times, tokens};
use futures_util::future::LocalBoxFuture;
pub(super) use published::published;
pub(super) use userinfo::{expired_token, of_login_app};

/// A case's verbs.
pub type Verbs = for<'a> fn(&'a mut FapiTrial) -> LocalBoxFuture<'a, Step>;
/// A change to a request that is otherwise right, and what to call it.
pub type Named = (&'static str, fn(&mut Draft));

/// How a case is done. Each defect is sent alone, after a request without any.
#[derive(Debug, Clone, Copy)]
pub enum Plan {
    /// Each pushed request is refused, by one of these errors as the documents have them.
    Par(&'static [&'static str], &'static [Named]),
    /// The same of a Login app.
    LoginPar(&'static [&'static str], &'static [Named]),
    /// Each login is refused: no code comes to the client.
    Auth(&'static [Query]),
    /// Each token request is refused, by one of these errors.
    Token(&'static [&'static str], &'static [Named]),
    /// Each userinfo request is refused, by one of these errors.
    Userinfo(&'static [&'static str], &'static [Named]),
    /// Something else.
    Verbs(Verbs),
}

/// Every case, in the order of the flow.
pub fn cases() -> impl Iterator<Item = &'static ServerCase> {
    [
        published::CASES,
        par::CASES,
        assertion::CASES,
        proof::CASES,
        auth::CASES,
        token::CASES,
        document::ID_TOKEN,
        userinfo::CASES,
        document::USERINFO,
    ]
    .into_iter()
    .flatten()
}

/// Does a case of FAPI. Findings stay with the trial.
///
/// # Errors
/// [`Stop`] when it cannot be done.
pub async fn run(case: &ServerCase, trial: &mut FapiTrial) -> Step {
    let super::Plan::Fapi(plan) = case.plan else {
        return Err(Stop::Inconclusive(format!("{} is no case of FAPI: a mistake of ours", case.id)));
    };
    match plan {
        Plan::Par(errors, defects) => pushed(trial, errors, defects).await,
        Plan::LoginPar(errors, defects) => {
            let login_app = trial.server.login_app.take();
            let Some(login_app) = login_app else { return Err(Stop::Skip("no Login app is known".to_owned())) };
            trial.server.client = login_app;
            pushed(trial, errors, defects).await
        }
        Plan::Auth(queries) => logins(trial, queries).await,
        Plan::Token(errors, defects) => exchanged(trial, errors, defects).await,
        Plan::Userinfo(errors, defects) => asked(trial, errors, defects).await,
        Plan::Verbs(verbs) => verbs(trial).await,
    }
}

async fn pushed(trial: &mut FapiTrial, errors: &[&str], defects: &[Named]) -> Step {
    trial.request_uri_of(&trial.server.client, &trial.server.client.login()).await?;
    for (what, change) in defects {
        trial.when(*what);
        let client = &trial.server.client;
        let draft = with(client.par(&client.login()), *change);
        let answer = trial.send(&draft).await;
        trial.refused(answer, errors)?;
    }
    Ok(())
}

async fn logins(trial: &mut FapiTrial, queries: &[Query]) -> Step {
    trial.code_of(&trial.server.client, &trial.server.client.login()).await?;
    for (what, change) in queries {
        trial.when(*what);
        let client = &trial.server.client;
        let url = trial.login_url(client, &client.login()).await?;
        let landing = trial.visit(address_changed(&url, *change), false).await?;
        no_code(trial, &landing);
    }
    Ok(())
}

async fn exchanged(trial: &mut FapiTrial, errors: &[&str], defects: &[Named]) -> Step {
    trial.tokens_of(&trial.server.client, &trial.server.client.login()).await?;
    for (what, change) in defects {
        let (flow, code) = with_code(trial).await?;
        trial.when(*what);
        let draft = with(trial.server.client.token(&flow, &code), *change);
        let answer = trial.send(&draft).await;
        trial.refused(answer, errors)?;
    }
    Ok(())
}

pub(super) async fn asked(trial: &mut FapiTrial, errors: &[&str], defects: &[Named]) -> Step {
    let (flow, token) = with_token(trial).await?;
    let answer = trial.send(&trial.server.client.userinfo(&flow, &token)).await;
    if !answer.as_ref().is_ok_and(|answer| answer.status == 200) {
        return Err(control("a userinfo request that keeps every rule was refused"));
    }
    for (what, change) in defects {
        trial.when(*what);
        let draft = with(trial.server.client.userinfo(&flow, &token), *change);
        let answer = trial.send(&draft).await;
        trial.refused(answer, errors)?;
    }
    Ok(())
}

fn with(mut draft: Draft, change: fn(&mut Draft)) -> Draft {
    change(&mut draft);
    draft
}

/// A login of the usual client that came back, and its code.
pub(super) async fn with_code(trial: &FapiTrial) -> Step<(Flow, String)> {
    let client = &trial.server.client;
    let flow = client.login();
    let code = trial.code_of(client, &flow).await?;
    Ok((flow, code))
}

/// A login of the usual client, and its access token.
pub(super) async fn with_token(trial: &FapiTrial) -> Step<(Flow, String)> {
    let flow = trial.server.client.login();
    let token = trial.access_token(&flow).await?;
    Ok((flow, token))
}

/// Another application of the server.
pub(super) fn other(trial: &FapiTrial) -> Step<&FapiClient> {
    trial.server.other.as_ref().ok_or_else(|| Stop::Skip("no second client is known".to_owned()))
}

/// That the server's clock can be moved.
pub(super) fn need_clock(trial: &FapiTrial) -> Step {
    if trial.server.has_clock() { Ok(()) } else { Err(Stop::Skip("the server's clock cannot be moved".to_owned())) }
}

/// Boxes an async function as verbs.
macro_rules! verbs {
    ($function:path) => {
        $crate::case::server::Plan::Fapi($crate::case::server::fapi::Plan::Verbs(|trial| Box::pin($function(trial))))
    };
}
pub(super) use verbs;

/// A plan of defects.
macro_rules! defects {
    (Auth, $queries:expr) => {
        $crate::case::server::Plan::Fapi($crate::case::server::fapi::Plan::Auth($queries))
    };
    ($kind:ident, $errors:expr, $defects:expr) => {
        $crate::case::server::Plan::Fapi($crate::case::server::fapi::Plan::$kind($errors, $defects))
    };
}
pub(super) use defects;
