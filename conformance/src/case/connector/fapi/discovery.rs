//! Cases of what the service publishes: the discovery document and its keys.

use crate::case::connector::{ConnectorCase, Plan, verbs};
use crate::connector::driver::Class;
use crate::connector::session::{Begun, Session};
use crate::connector::testbed::CANARY_ID;
use crate::profile::fapi::{DISCOVERY, KEYS, PAR, TOKEN, USERINFO};
use crate::verdict::{Level, Step, Stop};

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "fapi.discovery.issuer",
        code: "F-DISC-02",
        level: Level::Must,
        clauses: &["rfc8414-issuer", "fapi-discovery"],
        other: "names another issuer in the discovery document than the one that was configured",
        good: "refuses it, and pushes nothing",
        why: "Metadata of somebody else lead codes, assertions and proofs to addresses of theirs",
        fix: "Compare `issuer` of the document with the configured issuer, character by character, before you use anything of it",
        plan: Plan::Refuse(&["fapi-discovery-issuer"]),
    },
    ConnectorCase {
        id: "fapi.discovery.addresses",
        code: "F-DISC-01",
        level: Level::Must,
        clauses: &["fapi-discovery", "rfc6749-endpoint-query"],
        other: "names PAR and token at other addresses than one would guess: each has a query",
        good: "calls them there, as they are written, with htu without the query",
        why: "The document is there so that addresses can change; whoever puts them together is down on that day",
        fix: "Take every address out of the discovery document as it stands, and cut query and fragment for htu alone",
        plan: verbs!(addresses, with["fapi-discovery-addresses"]),
    },
    ConnectorCase {
        id: "fapi.discovery.login-host",
        code: "F-X-06",
        level: Level::Must,
        clauses: &["fapi-discovery"],
        other: "names the authorisation endpoint on another host than the issuer's",
        good: "sends the browser there, and finishes the login",
        why: "The service's login page has another host than its issuer: a list of allowed hosts, or an address put together, stops there",
        fix: "Send the browser to authorization_endpoint, whatever its host; what binds the login is state, iss and nonce",
        plan: verbs!(login_host, with["fapi-discovery-login-host"]),
    },
    ConnectorCase {
        id: "fapi.discovery.cached",
        code: "F-DISC-03",
        level: Level::Should,
        clauses: &["fapi-discovery-cached", "fapi-keys"],
        other: "counts how often its documents are fetched during five logins",
        good: "fetches the discovery document once and the keys once",
        why: "Every login would wait for two more answers, and the service asks for it not to be done",
        fix: "Keep the document and the keys for an hour, in one place for all logins",
        plan: verbs!(cached),
    },
    ConnectorCase {
        id: "fapi.discovery.no-par",
        code: "F-DISC-04",
        level: Level::Must,
        clauses: &["fapi-discovery", "rfc9126-no-answer"],
        other: "leaves the PAR endpoint out of the discovery document, as that of the API before FAPI does",
        good: "refuses it, and never sends the browser away with plain parameters",
        why: "Who falls back to a plain request gives up all that FAPI protects; who read the wrong document never notices",
        fix: "Demand `pushed_authorization_request_endpoint`, and say that the document is not one of FAPI where it is missing",
        plan: Plan::Refuse(&["fapi-discovery-no-par"]),
    },
    ConnectorCase {
        id: "fapi.discovery.unavailable",
        code: "F-DISC-05",
        level: Level::Should,
        clauses: &["fapi-discovery", "fapi-retries"],
        other: "answers 500 where the discovery document should be",
        good: "says that the service is away for now",
        why: "An outage of the service passes; a login that fails without that word alarms the wrong people",
        fix: "Map 5xx, and no answer, to a temporary outcome of its own",
        plan: Plan::RefuseAs(&["fapi-discovery-500"], &[Class::Upstream, Class::Transport]),
    },
    ConnectorCase {
        id: "fapi.discovery.no-document",
        code: "F-DISC-06",
        level: Level::Must,
        clauses: &["fapi-discovery", "rfc6749-input-validation"],
        other: "answers 200 with an HTML page where the discovery document should be",
        good: "refuses it, without crashing",
        why: "A gateway or a maintenance page answers so, and a parser's exception is no answer to a person",
        fix: "Parse the document defensively, and treat what is no JSON object as a malformed answer",
        plan: Plan::Refuse(&["fapi-discovery-html"]),
    },
    ConnectorCase {
        id: "fapi.keys.shuffled",
        code: "F-IDT-22",
        level: Level::Must,
        clauses: &["fapi-keys"],
        other: "publishes its keys in another order, among a key of an unknown kind and one for encryption",
        good: "takes the signing key by its kid, and finishes the login",
        why: "The set changes without a word: a fixed position picks another key one day, an unknown `kty` breaks a strict reader",
        fix: "Choose by kid among keys that are for signing, and pass over those that you do not know",
        plan: verbs!(shuffled, with["fapi-keys-shuffled"]),
    },
    ConnectorCase {
        id: "fapi.keys.none",
        code: "F-IDT-21",
        level: Level::Must,
        clauses: &["fapi-keys", "rfc7515-signature"],
        other: "publishes no key at all, for ever",
        good: "refuses the ID token, after fetching the keys twice at most, and does not call userinfo",
        why: "A token that no published key signed proves nothing; asking again and again only adds load to an outage",
        fix: "On an unknown kid fetch the set once more, and refuse where it is still unknown",
        plan: verbs!(no_keys, with["fapi-keys-empty"]),
    },
    ConnectorCase {
        id: "fapi.keys.unavailable",
        code: "F-IDT-33",
        level: Level::Must,
        clauses: &["fapi-keys", "rfc7515-signature"],
        other: "answers 500, or an HTML page, where its keys should be",
        good: "refuses the login, and does not call userinfo",
        why: "Without keys nothing can be verified: a client that goes on has a switch that an outage turns off",
        fix: "Make verification unconditional: no keys, no person",
        plan: verbs!(unavailable, with["fapi-keys-500", "fapi-keys-html"]),
    },
];

/// How many logins share what was fetched.
const LOGINS: usize = 5;

pub(super) async fn cached(session: &mut Session<'_>) -> Step {
    session.mark().await?;
    session.configure().await?;
    for _ in 0..LOGINS {
        session.control().await?;
    }
    session.when(format!("during {LOGINS} logins"));
    for endpoint in [DISCOVERY, KEYS] {
        let calls = session.calls(endpoint).len();
        session.expect(calls <= 1, &format!("fetches {} once", endpoint.name), || format!("{calls} times"));
    }
    let pushed = session.calls(PAR).len();
    session.expect(pushed == LOGINS, "pushes a request for each login", || format!("{pushed} requests"));
    Ok(())
}

pub(super) async fn addresses(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with the fault fapi-discovery-addresses");
    let outcome = session.flow_with("fapi-discovery-addresses").await?;
    for endpoint in [PAR, TOKEN] {
        let call = session.calls(endpoint).into_iter().next_back();
        let found = call.map(|call| call.query().to_owned());
        session.expect(
            found.as_deref() == Some("by=discovery"),
            &format!("calls {} at the address that the document names", endpoint.name),
            || found.map_or_else(|| "it was not called".to_owned(), |query| format!("its query was `{query}`")),
        );
    }
    session.accepted(&outcome).await
}

pub(super) async fn login_host(session: &mut Session<'_>) -> Step {
    if session.realm.scene().is_tls() {
        return Err(Stop::Skip("under the real names there is no other host that leads to the server".to_owned()));
    }
    session.ready().await?;
    session.when("with the fault fapi-discovery-login-host");
    session.mark().await?;
    session.arm("fapi-discovery-login-host", None).await?;
    let answer = session.begins_anew().await?;
    session.realm.disarm().await?;
    let Begun { browser, url } = match answer {
        Ok(begun) => begun,
        Err(refusal) => return session.accepted(&refusal).await,
    };
    let (here, there) = (session.realm.scene().origin.clone(), url.clone());
    session.expect(!there.starts_with(&here), "sends the browser to the host that the document names", || {
        "the browser was sent to the host of the issuer".to_owned()
    });
    let callback = session.realm.visit(&url, CANARY_ID).await?;
    let outcome = session.finish(&browser, &callback).await?;
    session.accepted(&outcome).await
}

pub(super) async fn shuffled(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with the fault fapi-keys-shuffled");
    let outcome = session.flow_with("fapi-keys-shuffled").await?;
    if session.calls(KEYS).is_empty() {
        return Err(Stop::Skip("it fetches no keys: fapi.id-token.signature says what that means".to_owned()));
    }
    session.accepted(&outcome).await
}

/// Who fetches no keys gets nothing of the fault, and accepts what nobody verified.
pub(super) async fn unavailable(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    for fault in session.faults() {
        session.when(format!("with the fault {fault}"));
        let outcome = session.flow_with(fault).await?;
        session.refused(&outcome);
        session.no_call(USERINFO);
    }
    Ok(())
}

pub(super) async fn no_keys(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with the fault fapi-keys-empty");
    let outcome = session.flow_with("fapi-keys-empty").await?;
    session.refused(&outcome);
    session.no_call(USERINFO);
    let calls = session.calls(KEYS).len();
    session.expect(calls <= 2, "fetches the keys twice at most", || format!("{calls} times"));
    Ok(())
}
