//! Cases of what PAR answers.

use crate::case::connector::{ConnectorCase, Plan, verbs};
use crate::connector::driver::{Class, Outcome};
use crate::connector::session::Session;
use crate::connector::wire::fapi::{assertion, proof};
use crate::profile::Endpoint;
use crate::profile::fapi::{AUTH, PAR, TOKEN, USERINFO};
use crate::verdict::{Level, Step};
use std::collections::BTreeSet;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "fapi.par.refused",
        code: "F-PAR-09",
        level: Level::Must,
        clauses: &["fapi-par-answer", "rfc9126-no-answer"],
        other: "answers the pushed request with 400",
        good: "ends the login with an error, and does not send the browser away",
        why: "A person who is sent to the service without a request meets a page that explains nothing",
        fix: "Treat everything but 201 as the end of the login, and log error and error_description for the developer",
        plan: Plan::Refuse(&["fapi-par-400"]),
    },
    ConnectorCase {
        id: "fapi.par.client-refused",
        code: "F-PAR-10",
        level: Level::Must,
        clauses: &["fapi-par-answer", "rfc9126-no-answer"],
        other: "answers the pushed request with 401 invalid_client",
        good: "ends the login with an error, and tries no weaker way",
        why: "A fallback to another kind of client authentication, or to a plain request, is what an attacker would provoke",
        fix: "Have one way to authenticate, and stop where it is refused",
        plan: Plan::Refuse(&["fapi-par-401"]),
    },
    ConnectorCase {
        id: "fapi.par.unknown-members",
        code: "F-PAR-11",
        level: Level::Must,
        clauses: &["rfc6749-ignore-unknown-members"],
        other: "adds members to the answer that nobody knows",
        good: "ignores them, and goes on",
        why: "Services grow members; a strict reader breaks on the day they do",
        fix: "Read request_uri and expires_in by name, and nothing else",
        plan: Plan::Accept(&["fapi-par-extra-members"]),
    },
    ConnectorCase {
        id: "fapi.par.no-request-uri",
        code: "F-PAR-12",
        level: Level::Must,
        clauses: &["fapi-par-answer", "rfc6749-input-validation"],
        other: "answers without request_uri, or with an HTML page",
        good: "refuses the answer, without crashing",
        why: "A browser that is sent away with `request_uri=undefined` is lost",
        fix: "Demand a request_uri that is a text and not empty",
        plan: Plan::Refuse(&["fapi-par-no-request-uri", "fapi-par-html"]),
    },
    ConnectorCase {
        id: "fapi.par.redirect",
        code: "F-PAR-16",
        level: Level::Must,
        clauses: &["rfc9110-redirect-headers", "rfc9110-redirect-preserved"],
        other: "redirects the pushed request to another host",
        good: "takes neither its assertion nor its proof there",
        why: "Whoever receives a fresh assertion can be the client for two minutes",
        fix: "Turn off the following of redirects for calls that carry credentials",
        plan: verbs!(not_followed, with["fapi-par-redirect"]),
    },
    ConnectorCase {
        id: "fapi.par.retried",
        code: "F-PAR-13",
        level: Level::Must,
        clauses: &["fapi-assertion", "fapi-dpop", "fapi-retries"],
        other: "fails once at PAR with 500, and once with 503",
        good: "gives up as the service's fault, or tries again with a new assertion and a new proof",
        why: "A jti is used once: the same request sent again is refused for it, and the real cause is hidden",
        fix: "Make assertion and proof inside the loop that tries, not before it",
        plan: verbs!(retried, with["fapi-par-500", "fapi-par-503"]),
    },
    ConnectorCase {
        id: "fapi.par.later",
        code: "F-PAR-17",
        level: Level::Should,
        clauses: &["fapi-retries", "rfc6585-too-many-requests"],
        other: "says at PAR for ever that it is overloaded, or under maintenance",
        good: "tries four times at most, and says that the service is away for now",
        why: "Clients that ask again and again keep an overloaded service down",
        fix: "Bound the tries, and report what is left as temporary",
        plan: verbs!(later, with["fapi-par-429", "fapi-par-503"]),
    },
    ConnectorCase {
        id: "fapi.par.dpop-nonce",
        code: "F-PAR-18",
        level: Level::Info,
        clauses: &["rfc9449-nonce"],
        other: "demands a nonce in the proofs of PAR and token, once each",
        good: "does either; the report says which",
        why: "Singpass demands none today; a client that knows the answer goes on working on the day it does",
        fix: "Where an answer says use_dpop_nonce, put its DPoP-Nonce into a new proof and send the request once more",
        plan: verbs!(nonce, with["fapi-par-dpop-nonce", "fapi-token-dpop-nonce"]),
    },
    ConnectorCase {
        id: "fapi.auth.expired",
        code: "F-AZ-02",
        level: Level::Must,
        clauses: &["fapi-auth-parameters", "rfc9126-request-uri"],
        other: "lets the browser come after the pushed request expired, and then begin again",
        good: "pushes another request for the new login, which succeeds",
        why: "A request_uri that is kept and used again locks a person out for as long as the session lasts",
        fix: "Push a request whenever a login begins, and keep no request_uri",
        plan: verbs!(expired),
    },
];

/// How often a request may be tried: once, and three times more.
const TRIES: usize = 4;

/// Neither assertion nor proof nor token may travel to another host.
pub(super) async fn not_followed(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    for fault in session.faults() {
        let endpoint = session.place_of(fault)?.stage.at.name;
        session.when(format!("with the fault {fault}, a redirect of {endpoint} to another host"));
        let outcome = session.flow_with(fault).await?;
        session.refused(&outcome);
        let followed = session.all_calls().into_iter().find(|call| call.path().contains("/_elsewhere/"));
        if let Some(call) = followed {
            let carried = ["authorization", "dpop"].into_iter().any(|name| call.header(name).is_some())
                || String::from_utf8_lossy(&call.body).contains("client_assertion");
            session.expect(!carried, "takes no token, proof or assertion to another host", || {
                "it followed the redirect, and had them with it".to_owned()
            });
            session.note(format!("it followed the redirect of {endpoint}"));
        }
    }
    Ok(())
}

/// A fault that passes, at whichever endpoint it strikes: new proofs and assertions, and the person or the service's fault.
pub(super) async fn retried(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    for fault in session.faults() {
        session.when(format!("with the fault {fault}, once"));
        session.mark().await?;
        session.arm(fault, Some(1)).await?;
        let outcome = session.flow().await?;
        session.realm.disarm().await?;
        let endpoint = session.place_of(fault)?.stage.at;
        fresh_tries(session, endpoint)?;
        upstream_or_person(session, &outcome, endpoint).await?;
    }
    Ok(())
}

/// Every try of a call must have a proof, and an assertion, of its own.
fn fresh_tries(session: &mut Session<'_>, endpoint: &'static Endpoint) -> Step {
    let calls = session.calls(endpoint);
    let proofs: BTreeSet<String> =
        calls.iter().filter_map(|call| Some(proof(call).ok()?.claim("jti").to_owned())).collect();
    let proved = calls.iter().filter(|call| call.header("dpop").is_some()).count();
    session.expect(proofs.len() == proved, "makes a new proof for every try", || {
        format!("{} ids in {proved} proofs", proofs.len())
    });
    if endpoint == USERINFO {
        return Ok(());
    }
    let mut ids = BTreeSet::new();
    for call in &calls {
        ids.insert(assertion(call)?.claim("jti").to_owned());
    }
    session.expect(ids.len() == calls.len(), "makes a new assertion for every try", || {
        format!("{} ids in {} assertions", ids.len(), calls.len())
    });
    Ok(())
}

/// After a fault that passes: who tries again must get the person, who does not must say that the service failed.
async fn upstream_or_person(session: &mut Session<'_>, outcome: &Outcome, endpoint: &'static Endpoint) -> Step {
    let Outcome::Rejected { class, .. } = outcome else { return session.accepted(outcome).await };
    session.refused(outcome);
    let tries = session.calls(endpoint).len();
    session.note(format!("it gave up after {} of {}", times(tries), endpoint.name));
    session.expect_light(*class == Class::Upstream, "says that the service failed", || "another reason".to_owned());
    Ok(())
}

/// How often, in words.
fn times(tries: usize) -> String {
    if tries == 1 { "1 try".to_owned() } else { format!("{tries} tries") }
}

pub(super) async fn later(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    for fault in session.faults() {
        away_for_ever(session, fault).await?;
    }
    Ok(())
}

/// A fault that does not pass: a bounded number of tries, and then the service's fault.
async fn away_for_ever(session: &mut Session<'_>, fault: &str) -> Step {
    let endpoint = session.place_of(fault)?.stage.at;
    session.when(format!("with the fault {fault}, for ever"));
    let outcome = session.flow_with(fault).await?;
    let class = session.refused(&outcome);
    let tries = session.calls(endpoint).len();
    session.expect(tries <= TRIES, &format!("tries {TRIES} times at most"), || format!("{tries} times"));
    session.expect_light(class == Some(Class::Upstream), "says that the service is away for now", || {
        "another reason".to_owned()
    });
    Ok(())
}

pub(super) async fn nonce(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    for (fault, endpoint) in session.faults().iter().zip([PAR, TOKEN]) {
        session.when(format!("with the fault {fault}, once"));
        session.mark().await?;
        session.arm(fault, Some(1)).await?;
        let outcome = session.flow().await?;
        session.realm.disarm().await?;
        let tries = session.calls(endpoint).len();
        match outcome {
            Outcome::Accepted { .. } => session.note(format!("{}: sent again with the nonce", endpoint.name)),
            Outcome::Rejected { .. } => session.note(format!("{}: refused after {}", endpoint.name, times(tries))),
            Outcome::Crash { .. } => session.find("does not crash", "it crashed"),
        }
    }
    Ok(())
}

pub(super) async fn expired(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with a browser that comes too late, and begins again");
    session.mark().await?;
    let late = session.start().await?;
    session.realm.clock(serde_json::json!({"advance_seconds": 61})).await?;
    // the service shows a page of its own, or sends the browser back with an error
    let shown = session.realm.visit(&late.url, crate::connector::testbed::CANARY_ID).await;
    let came_back = shown.as_ref().is_ok_and(|callback| callback.contains("code="));
    session.realm.clock_back().await?;
    if came_back {
        return Err(crate::verdict::Stop::Inconclusive(format!("{} took an expired request", AUTH.name)));
    }
    let again = session.start().await?;
    if again.url == late.url {
        session.find("pushes another request for the new login", "it sent the browser to the address of the old one");
        return Ok(());
    }
    let callback = session.realm.visit(&again.url, crate::connector::testbed::CANARY_ID).await?;
    let outcome = session.finish(&again.browser, &callback).await?;
    session.accepted(&outcome).await?;
    let pushed = session.calls(PAR).len();
    session.expect(pushed == 2, "pushes a request for each login", || format!("{pushed} requests"));
    Ok(())
}
