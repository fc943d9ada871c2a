//! Cases of the callback: what comes back with the browser.

use crate::case::connector::callback::{other_session, twice, with_code_of};
use crate::case::connector::{ConnectorCase, Plan, verbs};
use crate::connector::driver::Outcome;
use crate::connector::outcome::class_name;
use crate::connector::session::Session;
use crate::connector::wire::{decoded, raw, value};
use crate::profile::v3::TOKEN;
use crate::verdict::Level;
use crate::verdict::Step;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "v3.callback.state-different",
        code: "V3-CB-01",
        level: Level::Must,
        clauses: &["v3-state-check", "v3-state-echo", "rfc6749-csrf"],
        other: "returns another state than the one that was sent; one that differs in a single character, and its first half",
        good: "refuses the login and calls no endpoint",
        why: "An attacker could otherwise finish a login of their own in the victim's browser",
        fix: "Compare the callback's state with the one kept in the session, before anything else, and stop if they differ",
        plan: Plan::Refuse(&["callback-state-wrong", "callback-state-last", "callback-state-cut"]),
    },
    ConnectorCase {
        id: "v3.callback.state-missing",
        code: "V3-CB-02",
        level: Level::Must,
        clauses: &["v3-state-check", "v3-state-echo", "rfc6749-csrf"],
        other: "returns no state",
        good: "refuses the login and calls no endpoint",
        why: "A check that runs only where there is a state protects from nobody",
        fix: "Treat a missing or empty state as a wrong one",
        plan: Plan::Refuse(&["callback-state-missing", "callback-state-empty"]),
    },
    ConnectorCase {
        id: "v3.callback.state-of-another-session",
        code: "V3-CB-03",
        level: Level::Must,
        clauses: &["rfc6749-csrf", "rfc9700-state-one-time", "v3-state-check"],
        other: "returns the state of another browser's session",
        good: "refuses the login and calls no endpoint",
        why: "A state that is valid for anybody lets an attacker pass their own login on to a victim",
        fix: "Keep the state in the session of the browser that began, not in a store for all, and compare with that one",
        plan: verbs!(other_session),
    },
    ConnectorCase {
        id: "v3.callback.code-missing",
        code: "V3-CB-04",
        level: Level::Must,
        clauses: &["rfc6749-code-required", "v3-token-parameters"],
        other: "returns the state but no code",
        good: "refuses the login and does not call token",
        why: "There is nothing to exchange, and a token request without code is a fault of the client",
        fix: "Refuse a callback that has neither code nor error, or an empty code, before you build the token request",
        plan: Plan::Refuse(&["callback-code-missing", "callback-code-empty"]),
    },
    ConnectorCase {
        id: "v3.callback.opened-twice",
        code: "V3-CB-05",
        level: Level::Should,
        clauses: &["rfc9700-state-one-time", "rfc6749-code-once"],
        other: "lets the browser open the same callback twice",
        good: "refuses the second one itself and calls token once",
        why: "A reload or a stolen URL would use the code again, which fails and may revoke the first token",
        fix: "Delete the state from the session when a callback uses it, before the token request goes out",
        plan: verbs!(twice),
    },
    ConnectorCase {
        id: "v3.callback.code-verbatim",
        code: "V3-CB-06",
        level: Level::Must,
        clauses: &["rfc6749-code-unchanged", "rfc6749-request-encoding"],
        other: "gives a code that has +, /, = and %2B",
        good: "posts it byte for byte",
        why: "A code decoded twice or not at all is another code, and the login fails now and then",
        fix: "Decode the callback's query once and encode the form once; never trim, decode again or rebuild the code",
        plan: verbs!(odd_code, with["callback-code-odd"]),
    },
    ConnectorCase {
        id: "v3.callback.unknown-parameters",
        code: "V3-CB-07",
        level: Level::Must,
        clauses: &["rfc6749-ignore-unknown-parameters"],
        other: "adds parameters to the callback that nobody knows",
        good: "ignores them and finishes the login",
        why: "The service has sent iss, scope and client_id there at times; a strict reader breaks on it",
        fix: "Read code, state and error by name, and ignore every other parameter",
        plan: Plan::Accept(&["callback-extra"]),
    },
    ConnectorCase {
        id: "v3.callback.code-twice",
        code: "V3-CB-08",
        level: Level::Should,
        clauses: &["rfc6749-parameter-once"],
        other: "sends code twice, with different values",
        good: "refuses the login and neither joins nor picks",
        why: "Whichever is picked is a guess, and one of the two was put there by somebody else",
        fix: "Count code, state and error in the raw query, and refuse a callback that has one of them twice",
        plan: Plan::Refuse(&["callback-code-twice"]),
    },
    ConnectorCase {
        id: "v3.callback.codes-swapped",
        code: "V3-CB-09",
        level: Level::Info,
        clauses: &["rfc9700-code-injection", "rfc9700-state-one-time"],
        other: "begins two logins in one browser, and returns the code of the one with the state of the other",
        good: "does either; the report says which",
        why: "v3 binds no code to a login, so a stolen code can be put into one's own callback and nobody sees it",
        fix: "Nothing can be done in v3; a protocol with PKCE or a nonce, as v4 and v5 are, refuses it",
        plan: verbs!(swapped),
    },
];

pub(super) async fn odd_code(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with a code that holds `+ / = %2B`");
    session.mark().await?;
    session.arm("callback-code-odd", Some(1)).await?;
    let login = session.login().await?;
    let pairs = decoded(login.callback.split_once('?').map_or("", |(_, query)| query));
    let code = value(&pairs, "code").unwrap_or_default().to_owned();
    let outcome = session.finish(&login.browser, &login.callback).await?;
    let call = session.call(TOKEN)?;
    let body = String::from_utf8_lossy(&call.body).into_owned();
    let posted = decoded(&body);
    let posted = value(&posted, "code").unwrap_or_default().to_owned();
    let sent = raw(&body);
    let sent = value(&sent, "code").unwrap_or_default().to_owned();
    session.expect(posted == code, "posts the code as it came", || {
        format!("the code ended in `{}`; `{}` was posted, as `{}`", tail(&code), tail(&posted), tail(&sent))
    });
    session.accepted(&outcome).await
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
    match &outcome {
        Outcome::Accepted { .. } => session.note("accepted: the protocol gives no means to see it"),
        Outcome::Rejected { class, .. } => session.note(format!("refused as {}", class_name(*class))),
        Outcome::Crash { .. } => drop(session.refused(&outcome)),
    }
    Ok(())
}

fn tail(code: &str) -> String {
    let characters: Vec<char> = code.chars().collect();
    characters.iter().skip(characters.len().saturating_sub(8)).collect()
}
