//! Cases of the callback: what comes back with the browser.

use crate::case::connector::callback::{other_session, twice, with_code_of};
use crate::case::connector::{ConnectorCase, Plan, refused_as, verbs};
use crate::connector::driver::Class;
use crate::connector::session::Session;
use crate::profile::fapi::USERINFO;
use crate::verdict::{Level, Step};

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "fapi.callback.state-different",
        code: "F-CB-01",
        level: Level::Must,
        clauses: &["fapi-callback-state", "rfc6749-csrf"],
        other: "returns another state than the one that was sent; one that differs in a single character, and its first half",
        good: "refuses the login and calls no endpoint",
        why: "An attacker could otherwise finish a login of their own in the victim's browser",
        fix: "Compare the callback's state with the one kept in the session, before anything else, and stop if they differ",
        plan: Plan::Refuse(&["fapi-callback-state-wrong", "fapi-callback-state-last", "fapi-callback-state-cut"]),
    },
    ConnectorCase {
        id: "fapi.callback.state-missing",
        code: "F-CB-02",
        level: Level::Must,
        clauses: &["fapi-callback-state", "rfc6749-csrf", "rfc6749-parameter-once"],
        other: "returns no state, or two",
        good: "refuses the login and calls no endpoint",
        why: "A check that runs only where there is one state protects from nobody",
        fix: "Treat a missing state, and one that is there twice, as a wrong one",
        plan: Plan::Refuse(&["fapi-callback-state-missing", "fapi-callback-state-twice"]),
    },
    ConnectorCase {
        id: "fapi.callback.errors",
        code: "F-CB-03",
        level: Level::Must,
        clauses: &["fapi-callback-errors", "rfc6749-error-response"],
        other: "redirects with access_denied, server_error or temporarily_unavailable",
        good: "ends the login, tells a refusal from an outage, and does not call token",
        why: "A person who refused wants another way, one who met an outage wants to come back: they need different words",
        fix: "Look for `error` before `code`, and map access_denied and the temporary errors to outcomes of their own",
        plan: verbs!(errors, with["fapi-callback-error-access-denied", "fapi-callback-error-server", "fapi-callback-error-unavailable"]),
    },
    ConnectorCase {
        id: "fapi.callback.error-and-code",
        code: "F-CB-12",
        level: Level::Should,
        clauses: &["fapi-callback-errors", "rfc6749-error-response"],
        other: "redirects with an error and a code",
        good: "treats it as an error and does not call token",
        why: "Such a callback cannot come from a login that went well, so its code is not to be trusted",
        fix: "Check error first, and do not use a code that comes with it",
        plan: Plan::Refuse(&["fapi-callback-error-and-code"]),
    },
    ConnectorCase {
        id: "fapi.callback.foreign-text",
        code: "F-CB-04",
        level: Level::Must,
        clauses: &["fapi-callback-own-words"],
        other: "puts HTML into the description of an error",
        good: "repeats none of it",
        why: "Whoever can make a person follow a link can make the application's page say anything, or run a script in it",
        fix: "Show words of your own for each error, and log the description, encoded",
        plan: verbs!(script, with["fapi-callback-error-script"]),
    },
    ConnectorCase {
        id: "fapi.callback.issuer-different",
        code: "F-CB-05",
        level: Level::Must,
        clauses: &["rfc9207-compare"],
        other: "returns the `iss` of somebody else, that of the API before FAPI, or one that goes on behind the issuer",
        good: "refuses the login and calls no endpoint",
        why: "A client that serves several servers would take a code of the one to the other, which is the mix-up attack",
        fix: "Compare `iss` with the issuer that the request was pushed to, character by character",
        plan: Plan::Refuse(&["fapi-callback-iss-wrong", "fapi-callback-iss-legacy", "fapi-callback-iss-longer"]),
    },
    ConnectorCase {
        id: "fapi.callback.issuer-missing",
        code: "F-CB-06",
        level: Level::Must,
        clauses: &["rfc9207-compare"],
        other: "returns no `iss`, though its discovery document announces one",
        good: "refuses the login and calls no endpoint",
        why: "Leaving a parameter out must not turn its check off",
        fix: "Demand `iss` where authorization_response_iss_parameter_supported is true",
        plan: Plan::Refuse(&["fapi-callback-iss-missing"]),
    },
    ConnectorCase {
        id: "fapi.callback.issuer-not-announced",
        code: "F-CB-08",
        level: Level::Must,
        clauses: &["rfc9207-compare"],
        other: "announces no `iss` and returns none, as the service did until June 2026",
        good: "accepts",
        why: "A server that does not know RFC 9207 cannot be asked for it",
        fix: "Demand `iss` only where the discovery document announces it",
        plan: verbs!(no_issuer, with["fapi-discovery-no-iss", "fapi-callback-iss-missing"]),
    },
    ConnectorCase {
        id: "fapi.callback.issuer-encoded",
        code: "F-CB-09",
        level: Level::Must,
        clauses: &["fapi-callback-iss", "rfc9207-compare"],
        other: "writes `iss` percent-encoded; in every other case it stands in the query as it is, as the service sends it",
        good: "accepts both",
        why: "A colon and a slash may stand in a query unencoded; firewalls and strict parsers have stopped such callbacks",
        fix: "Decode the query once with the usual parser, and compare what it gives",
        plan: Plan::Accept(&["fapi-callback-iss-encoded"]),
    },
    ConnectorCase {
        id: "fapi.callback.code-missing",
        code: "F-CB-13",
        level: Level::Must,
        clauses: &["rfc6749-code-required"],
        other: "returns neither code nor error",
        good: "refuses the login and does not call token",
        why: "There is nothing to exchange, and a token request without code is a fault of the client",
        fix: "Refuse a callback that has neither code nor error before you build the token request",
        plan: Plan::Refuse(&["fapi-callback-code-missing"]),
    },
    ConnectorCase {
        id: "fapi.callback.code-twice",
        code: "F-CB-14",
        level: Level::Should,
        clauses: &["rfc6749-parameter-once"],
        other: "sends code twice, with different values",
        good: "refuses the login and neither joins nor picks",
        why: "Whichever is picked is a guess, and one of the two was put there by somebody else",
        fix: "Count code, state, iss and error in the raw query, and refuse a callback that has one of them twice",
        plan: Plan::Refuse(&["fapi-callback-code-twice"]),
    },
    ConnectorCase {
        id: "fapi.callback.opened-twice",
        code: "F-CB-07",
        level: Level::Should,
        clauses: &["rfc9700-state-one-time", "fapi-token-once"],
        other: "lets the browser open the same callback twice",
        good: "refuses the second one itself and calls token once",
        why: "A reload or a stolen address would use the code again",
        fix: "Delete what was kept of the login when a callback uses it, before the token request goes out",
        plan: verbs!(twice),
    },
    ConnectorCase {
        id: "fapi.callback.other-session",
        code: "F-CB-15",
        level: Level::Must,
        clauses: &["rfc6749-csrf", "rfc9700-state-one-time"],
        other: "returns the callback of another browser's session",
        good: "refuses the login and calls no endpoint",
        why: "A state that is valid for anybody lets an attacker pass their own login on to a victim",
        fix: "Keep the state in the session of the browser that began, not in a store for all",
        plan: verbs!(other_session),
    },
    ConnectorCase {
        id: "fapi.callback.codes-swapped",
        code: "F-CB-11",
        level: Level::Must,
        clauses: &["rfc9700-code-injection", "rfc7636-verifier"],
        other: "begins two logins in one browser, and returns the code of the one with the state of the other",
        good: "refuses: the code belongs to another verifier, key and nonce",
        why: "A stolen code that is put into one's own callback is what PKCE and the nonce are there to stop",
        fix: "Keep verifier, nonce and key with the state that they were made for, and take all of them by the state that came back",
        plan: verbs!(swapped),
    },
];

pub(super) async fn no_issuer(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with an `iss` that is neither announced nor sent");
    session.mark().await?;
    for fault in session.faults() {
        session.arm(fault, None).await?;
    }
    let outcome = session.flow_anew().await?;
    session.realm.disarm().await?;
    session.accepted(&outcome).await
}

pub(super) async fn errors(session: &mut Session<'_>) -> Step {
    const EXPECTED: [&[Class]; 3] =
        [&[Class::AccessDenied], &[Class::Upstream, Class::Authorisation], &[Class::Upstream]];
    session.ready().await?;
    for (fault, classes) in session.faults().iter().zip(EXPECTED) {
        session.when(format!("with the fault {fault}"));
        let outcome = session.flow_with(fault).await?;
        refused_as(session, fault, &outcome, classes).await?;
    }
    Ok(())
}

pub(super) async fn script(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with the fault fapi-callback-error-script");
    let outcome = session.flow_with("fapi-callback-error-script").await?;
    refused_as(session, "fapi-callback-error-script", &outcome, &[]).await?;
    let said = serde_json::to_string(&outcome).unwrap_or_default();
    session.expect(
        !said.contains("<script") && !said.contains("onerror="),
        "repeats no markup of the callback",
        || "the markup stands in its answer as it came".to_owned(),
    );
    Ok(())
}

/// The browser is that of the first login: its state, and with it the other one's code.
pub(super) async fn swapped(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with the code of another login behind the right state");
    session.mark().await?;
    let first = session.login().await?;
    let second = session.login().await?;
    let callback = with_code_of(&first.callback, &second.callback);
    let outcome = session.finish(&first.browser, &callback).await?;
    session.refused(&outcome);
    session.no_call(USERINFO);
    Ok(())
}
