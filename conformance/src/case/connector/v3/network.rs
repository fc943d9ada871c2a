//! Cases of the network below token and person: redirects, compression, and answers that never come.

use super::token_answer::bounded_and_fresh;
use crate::case::connector::stalled::{gives_up, limited};
use crate::case::connector::{ConnectorCase, verbs};
use crate::connector::session::Session;
use crate::profile::v3::PERSON;
use crate::verdict::{Level, Step};
use myinfo_fixtures::keys;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "v3.person.redirect",
        code: "V3-PER-11",
        level: Level::Must,
        clauses: &["rfc6749-token-confidential", "rfc9110-redirect-headers"],
        other: "redirects person, and then token, to another host",
        good: "does not send the Authorization header or the secret there",
        why: "The token and the signature would be in the hands of that host",
        fix: "Switch off the following of redirects for token and person, and report 3xx as an error",
        plan: verbs!(redirect, with ["person-redirect", "token-redirect"]),
    },
    ConnectorCase {
        id: "v3.person.gzip",
        code: "V3-PER-12",
        level: Level::Should,
        clauses: &["v3-gzip", "rfc9110-content-encoding"],
        other: "compresses the body with gzip if the client asked for it",
        good: "decodes it",
        why: "Who asks for gzip and does not unpack it fails as soon as the service does as asked",
        fix: "Send Accept-Encoding: gzip only if your HTTP client decodes the answer, or leave it out",
        plan: verbs!(gzip, with["person-gzip"]),
    },
    ConnectorCase {
        id: "v3.person.stalled",
        code: "V3-PER-13",
        level: Level::Should,
        clauses: &["v3-time-limit", "v3-errors-distinct"],
        other: "sends half of its answer to token, and then to person, and nothing more for ever",
        good: "gives up within the time limit that it was given, as a failure of the network",
        why: "A request that never ends holds a thread or a connection, and a few of them stop the application",
        fix: "Set a limit for the whole exchange, body included; a limit for the connection alone does not end it",
        plan: verbs!(stalled, with ["token-stalled", "person-stalled"]),
    },
    ConnectorCase {
        id: "v3.person.redirect-preserving",
        code: "V3-PER-14",
        level: Level::Must,
        clauses: &["rfc6749-token-confidential", "rfc9110-redirect-headers", "rfc9110-redirect-preserved"],
        other: "redirects token, and then person, to another host with 307 and 308, which ask for the same request there",
        good: "does not send the secret, the code, the token or the signature there",
        why: "HTTP clients that follow these send the form with the client secret once more, to whoever they are told",
        fix: "Switch off the following of redirects for token and person, and report 3xx as an error",
        plan: verbs!(redirect, with ["token-redirect-307", "token-redirect-308", "person-redirect-307", "person-redirect-308"]),
    },
];

pub(super) async fn redirect(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    for fault in session.faults() {
        let endpoint = session.place_of(fault)?.stage.at.name;
        session.when(format!("with the fault {fault}, a redirect of {endpoint} to another host"));
        let outcome = session.flow_with(fault).await?;
        session.refused(&outcome);
        let followed = session.all_calls().into_iter().find(|call| call.path().contains("/_elsewhere/"));
        if let Some(call) = followed {
            let carried = call.header("authorization").is_some();
            session.expect(!carried, "takes its Authorization header to no other host", || {
                "it followed the redirect and carried the header there".to_owned()
            });
            let secret = String::from_utf8_lossy(&call.body).contains(keys::CLIENT_SECRET);
            session.expect(!secret, "takes its secret to no other host", || "it sent its form there".to_owned());
            session.note(format!("it followed the redirect of {endpoint}"));
        }
    }
    Ok(())
}

pub(super) async fn gzip(session: &mut Session<'_>) -> Step {
    let call = session.usual_call(PERSON).await?;
    if !call.header("accept-encoding").is_some_and(|coding| coding.contains("gzip")) {
        session.note("it asks for no compressed answer");
        return Ok(());
    }
    session.when("with a compressed answer, as it asked for");
    session.mark().await?;
    session.arm("person-gzip", Some(1)).await?;
    let outcome = session.flow().await?;
    session.accepted(&outcome).await
}

pub(super) async fn stalled(session: &mut Session<'_>) -> Step {
    limited(session).await?;
    for fault in session.faults() {
        if !gives_up(session, fault).await? {
            break;
        }
        let endpoint = session.place_of(fault)?.stage.at;
        bounded_and_fresh(session, endpoint)?;
    }
    Ok(())
}
