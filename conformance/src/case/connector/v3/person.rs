//! Cases of the person request, and of the answers that are no document.

use super::token::expect_signed;
use super::token_answer::{bounded_and_fresh, says_later};
use crate::case::connector::{ConnectorCase, Plan, verbs};
use crate::connector::driver::{Class, Outcome};
use crate::connector::outcome::class_name;
use crate::connector::recorder::Recorded;
use crate::connector::session::Session;
use crate::connector::wire::v3::readable;
use crate::connector::wire::{parameters, raw, value};
use crate::profile::v3::{PERSON, TOKEN};
use crate::verdict::Step;
use crate::verdict::{Level, Stop};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use myinfo_fixtures::keys;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "v3.person.request",
        code: "V3-PER-01",
        level: Level::Must,
        clauses: &["v3-person-parameters", "v3-person-subject", "v3-person-bearer", "v3-sign-header"],
        other: "waits for the person request",
        good: "sends GET person/{sub}, client_id, attributes, and PKI_SIGN with the Bearer token",
        why: "Without one of them the service answers 401 or 500 and gives no data",
        fix: "Call GET person/{sub} with client_id and attributes, and append a comma, Bearer and the token to the signature header",
        plan: verbs!(form),
    },
    ConnectorCase {
        id: "v3.person.signature",
        code: "V3-PER-02",
        level: Level::Must,
        clauses: &["v3-sign-required", "v3-sign-url", "v3-sign-all-parameters", "v3-sign-raw-values"],
        other: "verifies the signature with the client's certificate",
        good: "signs the exact path that it calls, and all parameters of the query",
        why: "One slash or comma that differs makes the signature wrong",
        fix: "Build base string and request from the same path and the same list, with commas as they are, not as %2C",
        plan: verbs!(signature),
    },
    ConnectorCase {
        id: "v3.person.attributes-consented",
        code: "V3-PER-03",
        level: Level::Must,
        clauses: &["v3-person-consented", "v3-access-token-scope"],
        other: "lets the user consent to some of the attributes",
        good: "asks for no attribute that was not consented to",
        why: "The service refuses the whole request with 403, and the user did not agree",
        fix: "Ask person for the attributes that are in the token's scope, not for the configured list",
        plan: verbs!(consented, with["access-token-scope"]),
    },
    ConnectorCase {
        id: "v3.person.txnno-signed",
        code: "V3-PER-04",
        level: Level::Must,
        clauses: &["v3-person-txnno", "v3-sign-all-parameters"],
        other: "expects the configured txnNo",
        good: "sends it in the query and signs it",
        why: "A parameter that is sent but not signed makes the signature wrong",
        fix: "Add txnNo, spelled in this case, to the one list from which query and base string are built",
        plan: verbs!(txn_no),
    },
    ConnectorCase {
        id: "v3.person.nonce-fresh",
        code: "V3-PER-05",
        level: Level::Must,
        clauses: &["v3-sign-nonce", "v3-sign-timestamp"],
        other: "compares the person request with the token request",
        good: "sends a nonce and a timestamp of its own",
        why: "Taking over the header of the token request is answered with 401 as a replay",
        fix: "Make nonce and timestamp anew for each request, not once for a login",
        plan: verbs!(fresh),
    },
    ConnectorCase {
        id: "v3.person.nonce-refused",
        code: "V3-PER-06",
        level: Level::Must,
        clauses: &["v3-error-status", "v3-sign-nonce", "rfc9110-retry"],
        other: "answers 401, because the nonce was used before",
        good: "reports the error and does not loop",
        why: "A loop of refused requests looks like an attack and blocks the application",
        fix: "Report a 401 of person; if you retry, do it once, with a new nonce",
        plan: verbs!(nonce_refused, with["person-401-nonce"]),
    },
    ConnectorCase {
        id: "v3.person.attribute-refused",
        code: "V3-PER-07",
        level: Level::Must,
        clauses: &["v3-error-status", "v3-person-consented"],
        other: "answers 403, because an attribute is not allowed",
        good: "refuses, and gives nothing to the application",
        why: "Half a set of data looks like a whole one to the application",
        fix: "Treat every status but 200 as an error without data, and pass on its code and message",
        plan: Plan::Refuse(&["person-403"]),
    },
    ConnectorCase {
        id: "v3.person.no-profile",
        code: "V3-PER-08",
        level: Level::Should,
        clauses: &["v3-person-no-profile", "v3-errors-distinct"],
        other: "answers 404, because the user has no Myinfo profile",
        good: "gives an outcome of its own that the application can show",
        why: "It is no fault; the user has to fill in the form by hand",
        fix: "Map the 404 of person to an outcome such as no profile, apart from technical errors",
        plan: verbs!(no_profile, with ["person-404", "person-500"]),
    },
    ConnectorCase {
        id: "v3.person.unavailable",
        code: "V3-PER-09",
        level: Level::Should,
        clauses: &["v3-error-status", "v3-person-alternative", "rfc6749-code-once", "v3-errors-distinct"],
        other: "answers 500 or 503",
        good: "reports the service as faulty and does not use the code again",
        why: "A second exchange of the code fails and may revoke the token",
        fix: "Report 5xx as a fault of the service; a retry repeats the person request, signed anew, and never the token request",
        plan: verbs!(upstream, with ["person-500", "person-503"]),
    },
    ConnectorCase {
        id: "v3.person.too-many-requests",
        code: "V3-PER-10",
        level: Level::Should,
        clauses: &["rfc6585-too-many-requests", "rfc9110-retry-after", "rfc9110-retry"],
        other: "answers 429 with Retry-After",
        good: "waits as told, and asks three times at most",
        why: "Clients that ask at once again keep an overloaded service down",
        fix: "Read Retry-After, in seconds or as a date, wait that long, and stop after two retries or report it at once",
        plan: verbs!(too_many, with["person-429"]),
    },
];

/// What a connector made of a flow, in a few words.
fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted { .. } => "it accepted a person without a request".to_owned(),
        Outcome::Rejected { class, message, .. } => format!("it refused: {}: {}", class_name(*class), message.short()),
        Outcome::Crash { message } => format!("it crashed: {}", message.short()),
    }
}

/// The claims of the token that a person request carries.
fn claims(call: &Recorded) -> Option<Value> {
    let token = call.header("authorization")?.rsplit_once("Bearer ")?.1;
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?).ok()
}

/// The segment behind `person/`, decoded.
fn subject_in_path(call: &Recorded) -> String {
    let segment = call.path().split("/person/").nth(1).unwrap_or_default().trim_end_matches('/');
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

pub(super) async fn for_subject(session: &mut Session<'_>) -> Step {
    let call = session.usual_call(PERSON).await?;
    let subject = claims(&call).and_then(|claims| Some(claims.get("sub")?.as_str()?.to_owned())).unwrap_or_default();
    let found = subject_in_path(&call);
    session
        .expect(found == subject, "asks for the subject of the token", || format!("`{found}` instead of `{subject}`"));
    Ok(())
}

pub(super) async fn form(session: &mut Session<'_>) -> Step {
    let call = session.usual_call(PERSON).await?;
    session.expect(call.method == "GET", "is a GET", || call.method.clone());
    let sent = parameters(&call);
    let client_id = value(&sent, "client_id").unwrap_or_default().to_owned();
    session.expect(client_id == keys::CLIENT_ID, "sends the client id", || format!("`{client_id}`"));
    let attributes = value(&sent, "attributes").unwrap_or_default().to_owned();
    let expected = session.setup.v3().attributes.join(",");
    session.expect(attributes == expected, &format!("asks for {expected}"), || format!("`{attributes}`"));
    let read = readable(&call)?;
    session.expect(read.bearer.is_some(), "appends `,Bearer` and the access token to the signature header", || {
        "there is no Bearer token".to_owned()
    });
    Ok(())
}

pub(super) async fn signature(session: &mut Session<'_>) -> Step {
    let call = session.usual_call(PERSON).await?;
    expect_signed(session, &call).await
}

pub(super) async fn consented(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with a token whose consent covers the name alone");
    session.mark().await?;
    session.arm("access-token-scope", Some(1)).await?;
    let outcome = session.flow().await?;
    if let Outcome::Rejected { .. } = outcome {
        session.refused(&outcome);
        if session.calls(PERSON).is_empty() {
            session.note("it refuses a token with less consent than it asked for");
            return Ok(());
        }
    }
    let sent = parameters(&session.call(PERSON)?);
    let attributes = value(&sent, "attributes").unwrap_or_default().to_owned();
    let outside = attributes.split(',').any(|name| !name.is_empty() && name != "name");
    session.expect(!outside, "asks for nothing outside the consent", || format!("it asks for `{attributes}`"));
    Ok(())
}

pub(super) async fn txn_no(session: &mut Session<'_>) -> Step {
    session.need("txn_no")?;
    session.ready().await?;
    let number = "T 1+1/é%";
    session.setup.v3_mut().txn_no = Some(number.to_owned());
    session.configure().await?;
    session.when(format!("with the transaction number `{number}`"));
    session.mark().await?;
    let outcome = session.flow().await?;
    let Some(call) = session.calls(PERSON).pop() else {
        session.find("sends the person request", told(&outcome));
        return Ok(());
    };
    let sent = parameters(&call);
    let found = value(&sent, "txnNo").map(str::to_owned);
    session.expect(found.as_deref() == Some(number), &format!("sends txnNo={number}"), || format!("{found:?}"));
    expect_signed(session, &call).await
}

pub(super) async fn fresh(session: &mut Session<'_>) -> Step {
    let person = readable(&session.usual_call(PERSON).await?)?.fields;
    let token = readable(&session.call(TOKEN)?)?.fields;
    session.expect(person.nonce != token.nonce, "makes a new nonce", || "that of the token request again".to_owned());
    let fresh = person.timestamp >= token.timestamp;
    session.expect(fresh, "takes a new timestamp", || format!("{} after {}", person.timestamp, token.timestamp));
    Ok(())
}

/// A person endpoint that refuses for ever: the error is seen, and nothing loops.
async fn refused_for_ever(session: &mut Session<'_>, fault: &str) -> Step<Option<Class>> {
    session.when(format!("with the fault {fault}"));
    let outcome = session.flow_with(fault).await?;
    if session.calls(PERSON).is_empty() {
        return Err(Stop::Inconclusive("person was never called".to_owned()));
    }
    let class = session.refused(&outcome);
    bounded_and_fresh(session, PERSON)?;
    let calls = session.calls(TOKEN).len();
    session.expect(calls == 1, "exchanges the code once", || format!("token was called {calls} times"));
    Ok(class)
}

pub(super) async fn nonce_refused(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    refused_for_ever(session, "person-401-nonce").await.map(drop)
}

pub(super) async fn no_profile(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.mark().await?;
    let mut told = Vec::new();
    for fault in session.faults() {
        session.when(format!("with the fault {fault}"));
        let outcome = session.flow_with(fault).await?;
        session.refused(&outcome);
        if let Outcome::Rejected { class, native, .. } = outcome {
            told.push((class, native));
        }
    }
    session.when("with a person who has no profile");
    if let [missing, failed] = told.as_slice() {
        session.expect(missing != failed, "tells it apart from a failure of the service", || {
            format!("both are {} `{}`", class_name(missing.0), missing.1)
        });
    }
    Ok(())
}

pub(super) async fn upstream(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    for fault in session.faults() {
        let class = refused_for_ever(session, fault).await?;
        says_later(session, class);
    }
    Ok(())
}

pub(super) async fn too_many(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    refused_for_ever(session, "person-429").await?;
    let calls = session.calls(PERSON);
    let soonest = calls.iter().zip(calls.iter().skip(1)).map(|(one, next)| next.at.saturating_sub(one.at)).min();
    if let Some(soonest) = soonest {
        let waited = soonest.as_millis() >= 900;
        session.expect(waited, "waits as long as Retry-After says: 1 second", || format!("{} ms", soonest.as_millis()));
    }
    Ok(())
}

pub(super) async fn subject_tricks(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    for (fault, subject) in
        [("access-token-sub-path", "../token?x="), ("access-token-sub-slashes", "a/../../%2e%2e/b#c")]
    {
        session.when(format!("with a token whose subject is `{subject}`"));
        let outcome = session.flow_with(fault).await?;
        if let Outcome::Crash { .. } = outcome {
            session.refused(&outcome);
        }
        let person = format!("{}/person/", session.realm.prefix() + "/com/v3");
        let token = format!("{}/token", session.realm.prefix() + "/com/v3");
        for call in session.all_calls() {
            let path = call.path().to_owned();
            let fine = (path == token && call.method == "POST")
                || path.starts_with(&format!("{}/com/v3/authorise", session.realm.prefix()))
                || (path.starts_with(&person) && subject_in_path(&call) == subject && !segment(&path).contains('/'));
            session.expect(fine, "puts the subject into the path as one encoded segment, or refuses it", || {
                format!("{} {}", call.method, call.target)
            });
        }
        let spilled = session.calls(PERSON).iter().any(|call| raw(call.query()).iter().any(|(name, _)| name == "x"));
        session
            .expect(!spilled, "lets nothing of the subject spill into the query", || "the query has an `x`".to_owned());
    }
    Ok(())
}

/// What stands behind `person/`, without a slash at the end.
fn segment(path: &str) -> &str {
    path.split("/person/").nth(1).unwrap_or_default().trim_end_matches('/')
}
