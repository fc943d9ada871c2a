//! Cases of the token answer: errors, retries, and answers that are none.

use crate::case::connector::{ConnectorCase, Plan, verbs};
use crate::connector::driver::{Class, Outcome};
use crate::connector::outcome::class_name;
use crate::connector::session::Session;
use crate::connector::wire::v3::readable;
use crate::profile::Endpoint;
use crate::profile::v3::TOKEN;
use crate::verdict::Level;
use crate::verdict::Step;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "v3.token.clock-apart",
        code: "V3-TOK-11",
        level: Level::Should,
        clauses: &["v3-sign-clock", "v3-sign-nonce", "rfc9110-retry", "v3-errors-distinct"],
        other: "answers 401 for the timestamp, with a Date ten minutes ahead",
        good: "names the clock as the cause, and signs each of few retries anew",
        why: "A drifting clock stops every login, and a bare 401 makes people search in their keys",
        fix: "Compare the answer's Date with your clock and report the difference; retry at most twice, with a new nonce and time",
        plan: verbs!(clock, with["token-401-timestamp"]),
    },
    ConnectorCase {
        id: "v3.token.retry-signed-anew",
        code: "V3-TOK-12",
        level: Level::Must,
        clauses: &["v3-sign-nonce", "v3-sign-timestamp", "rfc9110-retry", "rfc6749-code-once"],
        other: "answers 500 once and would succeed next",
        good: "retries with a new nonce and timestamp, or reports the error",
        why: "The old header is refused as a replay, which hides the first error",
        fix: "Sign inside the retry loop, not before it, and report the first error if the code turns out to be used",
        plan: verbs!(server_error_once, with["token-500"]),
    },
    ConnectorCase {
        id: "v3.token.code-used",
        code: "V3-TOK-13",
        level: Level::Must,
        clauses: &["v3-token-code-once", "v3-error-status"],
        other: "answers 400, because the code was used before",
        good: "refuses the login and does not call person",
        why: "A used code may mean that somebody else had it first",
        fix: "Treat a 400 of token as the end of this login, do not send the code again, and offer a new login",
        plan: Plan::Refuse(&["token-400"]),
    },
    ConnectorCase {
        id: "v3.token.html",
        code: "V3-TOK-14",
        level: Level::Must,
        clauses: &["rfc6749-token-response", "v3-error-status"],
        other: "answers 200 with a page of HTML, with broken JSON, and with nothing",
        good: "refuses it as malformed, without a crash",
        why: "Proxies and maintenance pages answer so, and the user should see an error, not a stack trace",
        fix: "Parse the body as JSON with an error path, and report a body that is none as malformed",
        plan: Plan::RefuseAs(&["token-html", "token-not-json", "token-empty"], &[Class::Malformed]),
    },
    ConnectorCase {
        id: "v3.token.access-token-missing",
        code: "V3-TOK-15",
        level: Level::Must,
        clauses: &["rfc6749-token-response", "v3-token-response"],
        other: "answers 200 with JSON that has no access_token",
        good: "refuses it and does not call person",
        why: "A missing token that is read as empty or as null goes out as the word undefined",
        fix: "Require access_token to be a text that is not empty before you go on",
        plan: Plan::Refuse(&["token-no-access-token", "token-access-token-null"]),
    },
    ConnectorCase {
        id: "v3.token.type-lower-case",
        code: "V3-TOK-16",
        level: Level::Should,
        clauses: &["rfc6749-token-type-case"],
        other: "spells token_type as bearer",
        good: "accepts it",
        why: "The value has no case, so a server may spell it in any way",
        fix: "Compare token_type without regard to case",
        plan: Plan::Accept(&["token-type-lower-case"]),
    },
    ConnectorCase {
        id: "v3.token.unknown-members",
        code: "V3-TOK-17",
        level: Level::Must,
        clauses: &["rfc6749-ignore-unknown-members"],
        other: "adds members to the answer that nobody knows",
        good: "ignores them and goes on",
        why: "The service has added refresh_token and others over the years",
        fix: "Read the members that you need and let your parser ignore the rest",
        plan: Plan::Accept(&["token-extra-members"]),
    },
    ConnectorCase {
        id: "v3.token.cut-off",
        code: "V3-TOK-19",
        level: Level::Must,
        clauses: &["rfc6749-token-response", "v3-time-limit"],
        other: "closes the connection in the middle of the body",
        good: "reports a transport error, and does not hang",
        why: "Half an answer is no answer, and a request that never ends blocks a worker",
        fix: "Set a time limit for the whole request and report a short body as a transport error",
        plan: Plan::RefuseAs(&["token-cut"], &[Class::Transport]),
    },
    ConnectorCase {
        id: "v3.token.sandbox",
        code: "V3-TOK-20",
        level: Level::Should,
        clauses: &["v3-sandbox-unsigned", "v3-sandbox-bearer", "v3-sign-required"],
        other: "serves the sandbox, without signatures and encryption",
        good: "works when configured for it, and only then",
        why: "Who takes plain answers everywhere takes them from an attacker in production, too",
        fix: "Make the sandbox a setting of its own that is off by default, and never fall back to it",
        plan: verbs!(sandbox, in sandboxed),
    },
];

pub(super) async fn clock(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with a server whose clock is ten minutes ahead, and says so");
    session.mark().await?;
    session.realm.clock(json!({"skew_seconds": 600})).await?;
    session.arm("token-401-timestamp", None).await?;
    let outcome = session.flow().await?;
    session.refused(&outcome);
    bounded_and_fresh(session, TOKEN)?;
    if let Outcome::Rejected { message, native, .. } = &outcome {
        let said = format!("{} {}", native.as_said(), message.as_said()).to_lowercase();
        let names_it = ["clock", "time", "date"].iter().any(|word| said.contains(word));
        session.expect(names_it, "names the clock as the cause", || format!("it says: {message}"));
    }
    Ok(())
}

/// At most three tries, each with a nonce of its own.
pub(super) fn bounded_and_fresh(session: &mut Session<'_>, endpoint: &Endpoint) -> Step {
    let calls = session.calls(endpoint);
    session.expect(calls.len() <= 3, "tries at most three times", || format!("{} times", calls.len()));
    let mut nonces = BTreeSet::new();
    for call in &calls {
        nonces.insert(readable(call)?.fields.nonce);
    }
    session.expect(nonces.len() == calls.len(), "signs every try anew", || {
        format!("{} nonces in {} tries", nonces.len(), calls.len())
    });
    Ok(())
}

pub(super) async fn server_error_once(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with a server that fails once");
    session.mark().await?;
    session.arm("token-500", Some(1)).await?;
    let outcome = session.flow().await?;
    bounded_and_fresh(session, TOKEN)?;
    match &outcome {
        Outcome::Accepted { .. } => session.note("it tried again, and got the person"),
        Outcome::Rejected { class, .. } => session.note(format!("it gave up: {}", class_name(*class))),
        Outcome::Crash { .. } => drop(session.refused(&outcome)),
    }
    Ok(())
}

fn sandboxed() -> Value {
    json!({"server": {"flavour": "sandbox"}})
}

pub(super) async fn sandbox(session: &mut Session<'_>) -> Step {
    session.need("sandbox")?;
    "sandbox".clone_into(&mut session.setup.v3_mut().flavour);
    session.configure().await?;
    session.when("configured for the sandbox");
    session.mark().await?;
    let outcome = session.flow().await?;
    session.accepted(&outcome).await?;
    let signed = session.call(TOKEN)?.header("authorization").is_some_and(|header| header.contains("PKI_SIGN"));
    session.note(if signed {
        "it signs requests to the sandbox, too"
    } else {
        "it does not sign requests to the sandbox"
    });
    session.when("configured for test, and answered as the sandbox does");
    "test".clone_into(&mut session.setup.v3_mut().flavour);
    session.configure().await?;
    session.mark().await?;
    let outcome = session.flow().await?;
    session.refused(&outcome);
    Ok(())
}

/// The refusal says that it is worth trying later.
pub(super) fn says_later(session: &mut Session<'_>, class: Option<Class>) {
    let Some(class) = class else { return };
    session.expect(class == Class::Upstream, "says that the service is not available: upstream", || class_name(class));
}
