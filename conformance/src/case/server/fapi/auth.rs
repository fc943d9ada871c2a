//! Cases of the authorisation endpoint: what the browser brings there, and with what it is sent back.

use super::{defects, need_clock, other, verbs};
use crate::case::server::{ServerCase, set, without};
use crate::server::fapi::FapiTrial;
use crate::server::login::Landing;
use crate::server::trial::{count, pair};
use crate::verdict::{Level, Step, Stop};
use reqwest::Url;

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "fapi.server-auth.callback",
        code: "FSRV-AUT-01",
        level: Level::Must,
        clauses: &["rfc6749-redirect-answer", "fapi2-server-iss"],
        other: "goes through a login in which nothing is wrong",
        good: "sends the browser to the registered redirect_uri with one code, the state as it was sent, and its own issuer as iss",
        why: "State and iss are what clients hold against forged callbacks and mixed-up servers",
        fix: "Send code, state and iss, each once",
        plan: verbs!(callback),
    },
    ServerCase {
        id: "fapi.server-auth.declined",
        code: "FSRV-AUT-02",
        level: Level::Must,
        clauses: &["rfc6749-error-response", "fapi2-server-iss"],
        other: "lets the person decline",
        good: "sends the browser back with error=access_denied, the state and iss, and without a code",
        why: "A person who declined wants to get back, and gave nothing away",
        fix: "Redirect with error, state and iss",
        plan: verbs!(declined),
    },
    ServerCase {
        id: "fapi.server-auth.client",
        code: "FSRV-AUT-03",
        level: Level::Must,
        clauses: &["rfc9126-bound"],
        other: "brings a good request_uri with the client_id of nobody, and with none",
        good: "gives no code",
        why: "A request belongs to the client that pushed it",
        fix: "Compare client_id with the one that pushed",
        plan: defects!(
            Auth,
            &[
                ("with an unknown client_id", |pairs| set(pairs, "client_id", "NOBODYxKNOWSxTHISxCLIENTx0000001")),
                ("without client_id", |pairs| without(pairs, "client_id")),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-auth.client-of-another",
        code: "FSRV-AUT-04",
        level: Level::Must,
        clauses: &["rfc9126-bound"],
        other: "brings a good request_uri with the client_id of another registered application",
        good: "gives no code",
        why: "One application could otherwise begin logins with what another one pushed",
        fix: "Compare client_id with the one that pushed",
        plan: verbs!(of_another),
    },
    ServerCase {
        id: "fapi.server-auth.request-uri-unknown",
        code: "FSRV-AUT-05",
        level: Level::Must,
        clauses: &["rfc9126-bound"],
        other: "brings a request_uri that nobody gave out, and an address of somebody else's",
        good: "gives no code, and fetches nothing",
        why: "What stands behind an address was checked by nobody",
        fix: "Take the request_uris alone that PAR gave out",
        plan: defects!(
            Auth,
            &[
                ("with an unknown one", |pairs| set(
                    pairs,
                    "request_uri",
                    "urn:ietf:params:oauth:request_uri:000000000000000000000"
                )),
                ("with an address", |pairs| set(pairs, "request_uri", "http://attacker.invalid/request.jwt")),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-auth.not-pushed",
        code: "FSRV-AUT-06",
        level: Level::Must,
        clauses: &["fapi2-server-par-alone"],
        other: "brings a whole request in the address, without pushing it",
        good: "gives no code",
        why: "Whatever stands in the address can be changed by whoever passes the link on",
        fix: "Take pushed requests alone",
        plan: verbs!(not_pushed),
    },
    ServerCase {
        id: "fapi.server-auth.request-uri-expired",
        code: "FSRV-AUT-07",
        level: Level::Must,
        clauses: &["rfc9126-expires"],
        other: "brings a request_uri an hour after it was pushed",
        good: "gives no code",
        why: "A link that works for ever will be sent to somebody",
        fix: "Forget pushed requests after the seconds that were told",
        plan: verbs!(expired),
    },
    ServerCase {
        id: "fapi.server-auth.request-uri-once",
        code: "FSRV-AUT-08",
        level: Level::Should,
        clauses: &["rfc9126-once"],
        other: "brings a request_uri again after a login came of it",
        good: "gives no second code",
        why: "Two logins with one state and one challenge can be mixed up",
        fix: "Forget a pushed request when a login came of it",
        plan: verbs!(again),
    },
];

/// The callback of a usual login, and its state.
async fn arrived(trial: &mut FapiTrial, declines: bool) -> Step<Option<(Url, String)>> {
    let client = &trial.server.client;
    let flow = client.login();
    let uri = trial.request_uri_of(client, &flow).await?;
    let landing = trial.visit(client.auth_url(&uri).map_err(anyhow::Error::from)?, declines).await?;
    let registered = client.redirect_uri.clone();
    match landing {
        Landing::Away(url) => {
            let to = url.as_str().split('?').next().unwrap_or_default().to_owned();
            trial.expect(to == registered, &format!("sends the browser to {registered}"), || {
                format!("it was sent to {to}")
            });
            Ok(Some((url, flow.state)))
        }
        Landing::Page { status, .. } => {
            trial.find("sends the browser to the callback", format!("it ended at a page with {status}"));
            Ok(None)
        }
    }
}

/// State and issuer of a callback must be right.
fn bound(trial: &mut FapiTrial, url: &Url, state: &str) {
    for (name, expected) in [("state", state.to_owned()), ("iss", trial.server.client.at.issuer.clone())] {
        let found: Vec<String> =
            url.query_pairs().filter(|(known, _)| known == name).map(|(_, value)| value.into_owned()).collect();
        let shown = found.join("` and `").replace(&trial.server.client.at.issuer, "(the issuer)");
        trial.expect(found == [expected], &format!("sends {name} once, as it must be"), || {
            if found.is_empty() { "it is missing".to_owned() } else { format!("`{shown}`") }
        });
    }
}

pub(super) async fn callback(trial: &mut FapiTrial) -> Step {
    let Some((url, state)) = arrived(trial, false).await? else { return Ok(()) };
    let codes = count(&url, "code");
    trial.expect(codes == 1, "sends one code", || format!("there are {codes}"));
    let error = pair(&url, "error");
    trial.expect(error.is_none(), "sends no error", || format!("error={}", error.unwrap_or_default()));
    bound(trial, &url, &state);
    // what may stand in a query unencoded is the server's to choose; Singpass leaves the issuer as it is
    let encoded = url.query().is_some_and(|query| query.contains("iss=http%3A") || query.contains("iss=https%3A"));
    trial.expect_light(!encoded, "leaves `iss` unencoded, as the service does", || "it is percent-encoded".to_owned());
    Ok(())
}

pub(super) async fn declined(trial: &mut FapiTrial) -> Step {
    if !trial.server.login.can_decline() {
        return Err(Stop::Skip("the target file does not say how a person declines".to_owned()));
    }
    trial.code_of(&trial.server.client, &trial.server.client.login()).await?;
    trial.when("when the person declines");
    let Some((url, state)) = arrived(trial, true).await? else { return Ok(()) };
    let error = pair(&url, "error").unwrap_or_default();
    trial.expect(error == "access_denied", "sends error=access_denied", || format!("error={error}"));
    let codes = count(&url, "code");
    trial.expect(codes == 0, "sends no code", || "there is one".to_owned());
    bound(trial, &url, &state);
    Ok(())
}

/// No code may come of an address.
async fn nothing_comes(trial: &mut FapiTrial, url: Url) -> Step {
    let landing = trial.visit(url, false).await?;
    super::no_code(trial, &landing);
    Ok(())
}

pub(super) async fn of_another(trial: &mut FapiTrial) -> Step {
    let theirs = other(trial)?;
    trial.code_of(theirs, &theirs.login()).await?;
    let client = &trial.server.client;
    let uri = trial.request_uri_of(client, &client.login()).await?;
    let url = other(trial)?.auth_url(&uri).map_err(anyhow::Error::from)?;
    trial.when("with the client_id of another application");
    nothing_comes(trial, url).await
}

pub(super) async fn not_pushed(trial: &mut FapiTrial) -> Step {
    let client = &trial.server.client;
    trial.code_of(client, &client.login()).await?;
    let draft = client.par(&client.login());
    let url = Url::parse_with_params(&client.at.auth, &draft.form).map_err(anyhow::Error::from)?;
    trial.when("with the whole request in the address");
    nothing_comes(trial, url).await
}

pub(super) async fn expired(trial: &mut FapiTrial) -> Step {
    need_clock(trial)?;
    let client = &trial.server.client;
    let uri = trial.request_uri_of(client, &client.login()).await?;
    let url = client.auth_url(&uri).map_err(anyhow::Error::from)?;
    trial.server.advance(3600).await?;
    trial.when("after an hour");
    nothing_comes(trial, url).await
}

pub(super) async fn again(trial: &mut FapiTrial) -> Step {
    let client = &trial.server.client;
    let uri = trial.request_uri_of(client, &client.login()).await?;
    let url = client.auth_url(&uri).map_err(anyhow::Error::from)?;
    let first = trial.visit(url.clone(), false).await?;
    if !matches!(&first, Landing::Away(url) if count(url, "code") > 0) {
        return Err(Stop::Inconclusive("the control failed: a login without any fault brought no code".to_owned()));
    }
    trial.when("a second time");
    nothing_comes(trial, url).await
}
