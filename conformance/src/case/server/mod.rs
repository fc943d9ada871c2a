//! The cases of servers: requests with one defect each, or verbs, a folder for each profile.

pub mod fapi;
pub mod oidc;
pub mod v3;

use super::Case;
use crate::notebook::Notebook;
use crate::server::client::v3::ApiCall;
use crate::server::login::Landing;
use crate::server::trial::{Defect, Trial, pair};
use crate::verdict::{Step, Stop};
use futures_util::future::LocalBoxFuture;
use reqwest::Url;

/// A case of a server.
pub type ServerCase = Case<Plan>;
/// A case's verbs.
pub type Verbs = for<'a> fn(&'a mut Trial) -> LocalBoxFuture<'a, Step>;
/// A request with one defect, and what to call it.
pub type Named = (&'static str, Defect);
/// The pairs of an authorise address with one defect, and what to call it.
pub type Query = (&'static str, fn(&mut Vec<(String, String)>));

/// How a case is done. Each defect is sent alone, after a request without any.
#[derive(Debug, Clone, Copy)]
pub enum Plan {
    /// Each login is refused: no code comes to the client.
    Authorise(&'static [Query]),
    /// Each token request is refused, with one of these statuses by the documents.
    Token(&'static [u16], &'static [Named]),
    /// Each person request is refused, with one of these statuses by the documents.
    Person(&'static [u16], &'static [Named]),
    /// Something else.
    Verbs(Verbs),
    /// A plan of FAPI, or of the API before it.
    Fapi(fapi::Plan),
}

/// Does a case of v3. Findings stay with the trial.
///
/// # Errors
/// [`crate::verdict::Stop`] when it cannot be done.
pub async fn run(case: &ServerCase, trial: &mut Trial) -> Step {
    match case.plan {
        Plan::Authorise(queries) => {
            trial.code().await?;
            for (what, change) in queries {
                trial.when(*what);
                let url = changed(&trial.authorise_url()?, *change);
                let landing = trial.visit(url).await?;
                no_code(trial, &landing);
            }
            Ok(())
        }
        Plan::Token(statuses, defects) => each_defect(trial, ApiCall::Token, statuses, defects).await,
        Plan::Person(statuses, defects) => each_defect(trial, ApiCall::Person, statuses, defects).await,
        Plan::Verbs(verbs) => verbs(trial).await,
        Plan::Fapi(_) => Err(Stop::Inconclusive(format!("{} is no case of v3: a mistake of ours", case.id))),
    }
}

async fn each_defect(trial: &mut Trial, endpoint: ApiCall, statuses: &[u16], defects: &[Named]) -> Step {
    trial.control(endpoint).await?;
    for (what, defect) in defects {
        let draft = trial.draft(endpoint).await?;
        trial.when(*what);
        let answer = trial.sent(*defect, draft).await;
        trial.refused(answer, statuses)?;
    }
    Ok(())
}

/// An address with its pairs changed.
fn changed(url: &Url, change: impl FnOnce(&mut Vec<(String, String)>)) -> Url {
    let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    change(&mut pairs);
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url
}

/// A login must have been refused: no code may come to anybody.
fn no_code(notebook: &mut Notebook, landing: &Landing) {
    if let Landing::Away(url) = landing {
        let code = pair(url, "code").is_some_and(|code| !code.is_empty());
        let to = url.as_str().split('?').next().unwrap_or_default();
        notebook.expect(!code, "sends no code", || format!("a code was sent to {to}"));
    }
}

/// Replaces a value in a list of pairs.
fn set(pairs: &mut [(String, String)], name: &str, value: &str) {
    pairs.iter_mut().filter(|(known, _)| known == name).for_each(|(_, old)| value.clone_into(old));
}

/// Takes a pair out.
fn without(pairs: &mut Vec<(String, String)>, name: &str) {
    pairs.retain(|(known, _)| known != name);
}

/// Boxes an async function as verbs.
macro_rules! verbs {
    ($function:path) => {
        $crate::case::server::Plan::Verbs(|trial| Box::pin($function(trial)))
    };
}
use verbs;
