//! Cases of the token request.

use crate::case::connector::{ConnectorCase, verbs};
use crate::connector::recorder::Recorded;
use crate::connector::session::Session;
use crate::connector::testbed::CALLBACK_QUERIES;
use crate::connector::wire::v3::{authorization, expected_base_string, is_signed, readable};
use crate::connector::wire::{decoded, parameters, value};
use crate::profile::v3::{PERSON, TOKEN};
use crate::verdict::{Level, Step, Stop};
use myinfo_fixtures::keys;
use std::collections::BTreeSet;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "v3.token.parameters",
        code: "V3-TOK-01",
        level: Level::Must,
        clauses: &["v3-token-form", "rfc6749-token-post", "v3-token-parameters", "rfc6749-grant-type"],
        other: "waits for the token request",
        good: "posts a form with grant_type, code, redirect_uri, client_id and client_secret",
        why: "Without one of them the service gives no token",
        fix: "Send a POST in application/x-www-form-urlencoded with all five fields, each once",
        plan: verbs!(form),
    },
    ConnectorCase {
        id: "v3.token.signature",
        code: "V3-TOK-02",
        level: Level::Must,
        clauses: &[
            "v3-sign-required",
            "v3-sign-method",
            "v3-sign-key",
            "v3-sign-base64",
            "rfc7518-rs256",
            "v3-sign-certificate",
        ],
        other: "verifies the signature with the client's certificate",
        good: "signs the base string with RSA and SHA-256 and the registered key",
        why: "The signature is what proves who calls; the service answers a wrong one with 500",
        fix: "Sign the UTF-8 bytes of the base string with RSASSA-PKCS1-v1_5 and SHA-256, with the key of the registered certificate",
        plan: verbs!(signature),
    },
    ConnectorCase {
        id: "v3.token.byte-order",
        code: "V3-TOK-03",
        level: Level::Must,
        clauses: &["v3-sign-sorted", "v3-sign-base-string"],
        other: "expects parameters whose order differs by locale",
        good: "sorts all of them by their bytes, those of the header among them",
        why: "The service sorts by bytes; a sort by locale makes another text and the signature is wrong",
        fix: "Merge header fields and parameters first, then sort the names by their bytes, without a locale",
        plan: verbs!(byte_order),
    },
    ConnectorCase {
        id: "v3.token.raw-values",
        code: "V3-TOK-04",
        level: Level::Must,
        clauses: &["v3-sign-raw-values", "rfc6749-request-encoding"],
        other: "expects a redirect URI with reserved characters",
        good: "signs the raw value and sends the encoded one",
        why: "Mixing the two up is the commonest cause of the error Invalid PKI Signature",
        fix: "Build the base string from the values before they are encoded, and encode only the body",
        plan: verbs!(redirect_raw),
    },
    ConnectorCase {
        id: "v3.token.timestamp",
        code: "V3-TOK-05",
        level: Level::Must,
        clauses: &["v3-sign-timestamp", "v3-sign-clock"],
        other: "checks the timestamp",
        good: "sends milliseconds, near the server's time",
        why: "The service refuses old and future requests with 401, to keep captured ones from being used",
        fix: "Take the time in milliseconds since 1970, in UTC, when you sign, and keep the machine's clock in step",
        plan: verbs!(timestamp),
    },
    ConnectorCase {
        id: "v3.token.nonce-fresh",
        code: "V3-TOK-06",
        level: Level::Must,
        clauses: &["v3-sign-nonce"],
        other: "records the nonces of 50 token and person requests",
        good: "never sends a nonce twice",
        why: "A nonce that comes twice is taken for a replay and answered with 401",
        fix: "Make a nonce of at least 16 random bytes for every request; the time alone repeats under load",
        plan: verbs!(nonces),
    },
    ConnectorCase {
        id: "v3.token.app-id",
        code: "V3-TOK-07",
        level: Level::Must,
        clauses: &["v3-sign-app-id"],
        other: "compares app_id with client_id",
        good: "sends the same id in both places",
        why: "The service looks up the certificate by app_id, so another id means another key",
        fix: "Fill app_id from the same setting as client_id",
        plan: verbs!(app_id),
    },
    ConnectorCase {
        id: "v3.token.header-form",
        code: "V3-TOK-08",
        level: Level::Must,
        clauses: &["v3-sign-header", "v3-sign-method", "v3-sign-base64"],
        other: "reads the Authorization header strictly",
        good: "sends PKI_SIGN, a space, and the five quoted fields, separated by commas",
        why: "A gateway that cannot read the header answers No security header",
        fix: "Write one line: PKI_SIGN, then app_id, nonce, signature_method RS256, signature and timestamp, values in double quotes",
        plan: verbs!(header),
    },
    ConnectorCase {
        id: "v3.token.redirect-uri-same",
        code: "V3-TOK-09",
        level: Level::Must,
        clauses: &["rfc6749-redirect-uri-identical"],
        other: "compares redirect_uri with that of the authorise request",
        good: "sends the identical text",
        why: "The code is bound to it, so a slash or a port more and the exchange fails",
        fix: "Keep the redirect_uri as one setting and use it unchanged in both requests",
        plan: verbs!(same_redirect),
    },
    ConnectorCase {
        id: "v3.token.state-signed",
        code: "V3-TOK-10",
        level: Level::Must,
        clauses: &["v3-token-state", "v3-sign-all-parameters"],
        other: "takes an optional state in the body",
        good: "signs the state if it sends it, and not if it does not",
        why: "What is sent and not signed, or signed and not sent, makes the signature wrong",
        fix: "Build body and base string from one list of parameters, state included if you send it",
        plan: verbs!(state_signed),
    },
    ConnectorCase {
        id: "v3.token.url-signed",
        code: "V3-TOK-18",
        level: Level::Must,
        clauses: &["v3-sign-url", "v3-sign-base-string"],
        other: "listens at com and at gov",
        good: "signs the URL that it calls, with its path and without a query",
        why: "A fixed or rewritten URL in the base string fails for the other context or behind a proxy",
        fix: "Take the URL of the base string from the request itself: scheme, host, path, and no query",
        plan: verbs!(url_called),
    },
    ConnectorCase {
        id: "v3.token.address-exact",
        code: "V3-TOK-21",
        level: Level::Must,
        clauses: &["v3-endpoint-address", "v3-sign-url"],
        other: "serves each endpoint at its address alone, and answers 404 below it: token/token, for example",
        good: "calls exactly the configured addresses",
        why: "A path that is put together twice, or from parts, works with a lenient server and with no other",
        fix: "Take the whole address from the configuration, or join host and path in one place; never append to an address",
        plan: verbs!(address_exact),
    },
];

/// How many flows the case of nonces goes through: two requests each.
const MANY: usize = 25;

pub(super) async fn form(session: &mut Session<'_>) -> Step {
    let call = session.usual_call(TOKEN).await?;
    let kind = call.header("content-type").unwrap_or_default().to_owned();
    session.expect(call.method == "POST", "is a POST", || call.method.clone());
    let form = kind.split(';').next().is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded");
    session.expect(form, "has the type application/x-www-form-urlencoded", || kind);
    let sent = parameters(&call);
    let wanted = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", &session.setup.common.redirect_uri.clone()),
        ("client_id", keys::CLIENT_ID),
        ("client_secret", keys::CLIENT_SECRET),
    ];
    for (name, expected) in wanted {
        let found = value(&sent, name).map(str::to_owned);
        let shown = if name == "client_secret" { "the registered one" } else { expected };
        session.expect(found.as_deref() == Some(expected), &format!("sends {name}: {shown}"), || match found {
            None => format!("{name} is missing"),
            Some(_) if name == "client_secret" => "another one".to_owned(),
            Some(found) => format!("{name} is `{found}`"),
        });
    }
    session
        .expect(value(&sent, "code").is_some_and(|code| !code.is_empty()), "sends the code", || "no code".to_owned());
    Ok(())
}

/// The signature of a call must be one over the address that was called and the parameters that were sent.
pub(super) async fn expect_signed(session: &mut Session<'_>, call: &Recorded) -> Step {
    let authorized = readable(call)?;
    let origin = session.realm.scene().origin_of(call);
    let text = expected_base_string(call, &authorized, &origin);
    if is_signed(&text, &authorized.signature) {
        return Ok(());
    }
    // the mock's doctor says why: the second opinion of somebody who saw the same request
    let exchanges = session.journal("").await?;
    let why = exchanges.iter().rev().find_map(|exchange| {
        let problem = exchange.get("refused").filter(|problem| !problem.is_null())?;
        Some(format!("{}; {}", problem.get("cause")?.as_str()?, problem.get("fix")?.as_str()?))
    });
    let found = why.map_or_else(String::new, |why| format!(": {why}"));
    session.find("is signed with the client's key over the documented base string", format!("it is not{found}"));
    Ok(())
}

pub(super) async fn signature(session: &mut Session<'_>) -> Step {
    let call = session.usual_call(TOKEN).await?;
    expect_signed(session, &call).await
}

pub(super) async fn byte_order(session: &mut Session<'_>) -> Step {
    // `txnNo` stands before `a…` in no locale, and behind every small letter's capital in byte order
    session.need("txn_no")?;
    session.setup.v3_mut().txn_no = Some("B-a-1".to_owned());
    session.configure().await?;
    session.mark().await?;
    session.flow().await?;
    for endpoint in [TOKEN, PERSON] {
        session.when("in a request whose names sort otherwise in a locale");
        let call = session.call(endpoint)?;
        expect_signed(session, &call).await?;
    }
    Ok(())
}

pub(super) async fn redirect_raw(session: &mut Session<'_>) -> Step {
    session.need("redirect_query")?;
    let uri = session.setup.common.redirect_uri.clone() + CALLBACK_QUERIES[1];
    session.setup.common.redirect_uri.clone_from(&uri);
    let call = session.usual_call(TOKEN).await?;
    let body = String::from_utf8_lossy(&call.body).into_owned();
    let sent = decoded(&body);
    let found = value(&sent, "redirect_uri").unwrap_or_default().to_owned();
    session.expect(found == uri, "encodes the redirect URI once in the body", || found);
    expect_signed(session, &call).await
}

pub(super) async fn timestamp(session: &mut Session<'_>) -> Step {
    let call = session.usual_call(TOKEN).await?;
    let sent = readable(&call)?.fields.timestamp;
    let now = session.realm.now();
    let near = sent.parse::<u64>().is_ok_and(|sent| sent.abs_diff(now) < 300_000);
    session.expect(near, "sends milliseconds since 1970, within five minutes of the server's clock", || {
        format!("`{sent}`, at {now}")
    });
    Ok(())
}

pub(super) async fn nonces(session: &mut Session<'_>) -> Step {
    session.configure().await?;
    session.mark().await?;
    session.flow().await?;
    session.call(TOKEN)?;
    for _ in 0..MANY {
        session.flow().await?;
    }
    session.when(format!("in the requests of {MANY} flows"));
    let calls = [session.calls(TOKEN), session.calls(PERSON)].concat();
    let mut nonces = BTreeSet::new();
    for call in &calls {
        nonces.insert(readable(call)?.fields.nonce);
    }
    session.expect(nonces.len() == calls.len(), "makes a new nonce for each request", || {
        format!("{} nonces in {} requests", nonces.len(), calls.len())
    });
    Ok(())
}

pub(super) async fn app_id(session: &mut Session<'_>) -> Step {
    let call = session.usual_call(TOKEN).await?;
    let app_id = readable(&call)?.fields.app_id;
    let sent = parameters(&call);
    let client_id = value(&sent, "client_id").unwrap_or_default().to_owned();
    session.expect(app_id == client_id, "sends the client id as app_id", || {
        format!("app_id is `{app_id}`, client_id `{client_id}`")
    });
    Ok(())
}

pub(super) async fn header(session: &mut Session<'_>) -> Step {
    let call = session.usual_call(TOKEN).await?;
    match authorization(&call) {
        Err(error) => session.find("writes the header as the document prints it", error.to_string()),
        Ok(read) => {
            let method = read.fields.signature_method;
            session.expect(method == "RS256", "sends signature_method=\"RS256\"", || method.clone());
        }
    }
    Ok(())
}

pub(super) async fn same_redirect(session: &mut Session<'_>) -> Step {
    session.configure().await?;
    session.mark().await?;
    let login = session.login().await?;
    session.finish(&login.browser, &login.callback).await?;
    session.when("in the token request");
    let asked = decoded(login.url.split_once('?').map_or("", |(_, query)| query));
    let asked = value(&asked, "redirect_uri").unwrap_or_default().to_owned();
    let sent = parameters(&session.call(TOKEN)?);
    let sent = value(&sent, "redirect_uri").unwrap_or_default().to_owned();
    session.expect(asked == sent, "sends the redirect URI of the authorise request", || {
        format!("`{asked}` first, then `{sent}`")
    });
    Ok(())
}

pub(super) async fn state_signed(session: &mut Session<'_>) -> Step {
    let call = session.usual_call(TOKEN).await?;
    if value(&parameters(&call), "state").is_none() {
        session.note("it sends no state with token");
        return Ok(());
    }
    expect_signed(session, &call).await
}

pub(super) async fn url_called(session: &mut Session<'_>) -> Step {
    for context in ["com", "gov"] {
        if context == "gov" && super::authorise::gov(session).is_err() {
            let who = session.kind().name();
            session.note(format!("not for government: {who} does not claim it"));
            break;
        }
        session.setup.common.issuer.clear();
        session.configure().await?;
        session.mark().await?;
        session.flow().await?;
        session.when(format!("in the token request to {context}"));
        let call = session.call(TOKEN)?;
        let query = call.query().to_owned();
        session.expect(query.is_empty(), "sends no query with token", || query);
        expect_signed(session, &call).await?;
    }
    Ok(())
}

pub(super) async fn address_exact(session: &mut Session<'_>) -> Step {
    session.configure().await?;
    session.mark().await?;
    session.flow().await?;
    let (scene, v3) = (session.realm.scene().clone(), session.setup.v3().clone());
    let address = |call: &Recorded| format!("{}{}", scene.origin_of(call), call.path());
    let called = session.all_calls().into_iter().map(|call| (call.method.clone(), address(&call)));
    let called: Vec<(String, String)> = called.filter(|(_, url)| *url != v3.authorise_url).collect();
    if called.is_empty() {
        return Err(Stop::Inconclusive("it called neither token nor person".to_owned()));
    }
    session.when("calling the service");
    let expected = format!("calls {} and {}/… alone", v3.token_url, v3.person_url);
    for (method, url) in called.iter().filter(|(_, url)| *url != v3.token_url && !is_person(url, &v3.person_url)) {
        session.find(&expected, format!("{method} {url}"));
    }
    Ok(())
}

/// Whether an address is that of person with one segment behind it, and with a slash at the end or without.
fn is_person(url: &str, person_url: &str) -> bool {
    let subject = url.strip_prefix(person_url).and_then(|rest| rest.strip_prefix('/'));
    subject.is_some_and(|subject| !subject.strip_suffix('/').unwrap_or(subject).contains('/'))
}

#[cfg(test)]
mod tests {
    use super::is_person;

    #[test]
    fn one_segment_behind_person_is_its_subject_and_two_are_another_address() {
        let is = |rest: &str| is_person(&format!("http://h/com/v3/person{rest}"), "http://h/com/v3/person");
        assert!(is("/S1") && is("/S1/") && is("/"));
        assert!(!is("") && !is("/person/S1") && !is("-basic/S1") && !is("/S1//"));
    }
}
