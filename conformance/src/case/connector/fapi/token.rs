//! Cases of the token endpoint: its request, and its answer.

use super::answers::not_followed;
use super::par::expect_form;
use super::proofs::expect_proof;
use crate::case::connector::stalled::{gives_up, limited};
use crate::case::connector::{ConnectorCase, Plan, refused_as, verbs};
use crate::connector::driver::Class;
use crate::connector::session::Session;
use crate::connector::wire::{parameters, value};
use crate::profile::fapi::{TOKEN, USERINFO};
use crate::verdict::{Level, Step};
use myinfo_oracle::assertion;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "fapi.token.parameters",
        code: "F-TOK-01",
        level: Level::Must,
        clauses: &["fapi-token-request", "rfc6749-token-post", "rfc6749-redirect-uri-identical"],
        other: "takes the token request",
        good: "posts grant_type, code, the redirect URI of PAR, the verifier and the assertion pair, and no client secret",
        why: "Without one of them, or with another value, the service answers invalid_grant or invalid_request",
        fix: "Send the six parameters in a form, without a query, and authenticate by the assertion alone",
        plan: verbs!(form),
    },
    ConnectorCase {
        id: "fapi.token.proof",
        code: "F-TOK-03",
        level: Level::Must,
        clauses: &["fapi-dpop", "rfc9449-proof"],
        other: "verifies the proof of the token request",
        good: "sends one for the token endpoint and POST",
        why: "A proof that is kept from PAR names another address and is refused",
        fix: "Make the proof when the request is made, from its method and its address",
        plan: verbs!(proof),
    },
    ConnectorCase {
        id: "fapi.token.grant-refused",
        code: "F-TOK-04",
        level: Level::Must,
        clauses: &["fapi-token-once", "rfc6749-code-once"],
        other: "answers invalid_grant, invalid_client or invalid_dpop_proof",
        good: "ends the login, and does not send the code again; once with a new proof, where the proof was refused",
        why: "A code that was used once may be taken for stolen when it comes again",
        fix: "Exchange a code once; an error ends the login, and the person begins again",
        plan: verbs!(refused, with["fapi-token-400", "fapi-token-401-client", "fapi-token-401-proof"]),
    },
    ConnectorCase {
        id: "fapi.token.unavailable",
        code: "F-TOK-13",
        level: Level::Should,
        clauses: &["fapi-retries", "fapi-token-once"],
        other: "answers 500 or 503",
        good: "says that the service is away for now",
        why: "An outage of the service passes; the person should be told to try later",
        fix: "Map 5xx to a temporary outcome of its own",
        plan: Plan::RefuseAs(&["fapi-token-500", "fapi-token-503"], &[Class::Upstream]),
    },
    ConnectorCase {
        id: "fapi.token.cut",
        code: "F-TOK-10",
        level: Level::Must,
        clauses: &["fapi-token-once", "rfc6749-code-once"],
        other: "breaks the connection inside its answer, after the code was used",
        good: "ends the login, and does not send the code again",
        why: "Nobody knows whether the code was used: sending it again looks like theft",
        fix: "Never repeat a token request whose answer did not come; let the person log in again",
        plan: verbs!(cut, with["fapi-token-cut"]),
    },
    ConnectorCase {
        id: "fapi.token.type-case",
        code: "F-TOK-06",
        level: Level::Must,
        clauses: &["rfc6749-token-type-case"],
        other: "writes token_type as `dPOP`",
        good: "accepts",
        why: "The type is compared without regard to case, and servers differ in it",
        fix: "Compare token_type without regard to case",
        plan: Plan::Accept(&["fapi-token-type-odd-case"]),
    },
    ConnectorCase {
        id: "fapi.token.bearer",
        code: "F-TOK-07",
        level: Level::Must,
        clauses: &["rfc9449-token-type", "fapi-token-answer"],
        other: "gives a Bearer token",
        good: "refuses it",
        why: "A token that is bound to no key is worth as much to whoever steals it",
        fix: "Accept token_type DPoP alone",
        plan: Plan::Refuse(&["fapi-token-type-bearer"]),
    },
    ConnectorCase {
        id: "fapi.token.members-missing",
        code: "F-TOK-08",
        level: Level::Must,
        clauses: &["fapi-token-answer", "rfc6749-input-validation"],
        other: "answers without id_token, without access_token, or with an HTML page",
        good: "refuses the answer, without crashing",
        why: "Without the ID token nobody knows who logged in, and whose data userinfo would be",
        fix: "Demand access_token, id_token and token_type as texts before you use one of them",
        plan: Plan::Refuse(&["fapi-token-no-id-token", "fapi-token-no-access-token", "fapi-token-html"]),
    },
    ConnectorCase {
        id: "fapi.token.unknown-members",
        code: "F-TOK-14",
        level: Level::Must,
        clauses: &["rfc6749-ignore-unknown-members"],
        other: "adds members to the answer that nobody knows",
        good: "ignores them, and goes on",
        why: "Services grow members; a strict reader breaks on the day they do",
        fix: "Read the members that you need by name",
        plan: Plan::Accept(&["fapi-token-extra-members"]),
    },
    ConnectorCase {
        id: "fapi.token.expires-in",
        code: "F-TOK-09",
        level: Level::Should,
        clauses: &["fapi-token-answer"],
        other: "says expires_in; in every other case it does not, as the service does not",
        good: "accepts both",
        why: "The member is recommended by OAuth and left out by Singpass: a client must live with both",
        fix: "Treat expires_in as optional",
        plan: Plan::Accept(&["fapi-token-expires-in"]),
    },
    ConnectorCase {
        id: "fapi.token.redirect",
        code: "F-TOK-12",
        level: Level::Must,
        clauses: &["rfc9110-redirect-headers", "rfc9110-redirect-preserved"],
        other: "redirects the token request to another host",
        good: "takes neither its assertion nor its proof there",
        why: "Code, verifier and assertion together are the whole login",
        fix: "Turn off the following of redirects for calls that carry credentials",
        plan: verbs!(not_followed, with["fapi-token-redirect"]),
    },
    ConnectorCase {
        id: "fapi.token.stalled",
        code: "F-TOK-15",
        level: Level::Should,
        clauses: &["fapi-token-once"],
        other: "sends half of the answers of token and userinfo, and then nothing, for ever",
        good: "gives up within its time limit",
        why: "Threads and people that wait for ever are how one slow service takes others down",
        fix: "Set a time limit for the whole answer, not only for the connection",
        plan: verbs!(stalled, with["fapi-token-stalled", "fapi-userinfo-stalled"]),
    },
];

pub(super) async fn form(session: &mut Session<'_>) -> Step {
    let call = session.usual_call(TOKEN).await?;
    let redirect_uri = session.setup.common.redirect_uri.clone();
    let exactly = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", redirect_uri.as_str()),
        ("client_assertion_type", assertion::TYPE),
    ];
    expect_form(session, &call, &exactly, &["code", "code_verifier", "client_assertion"]);
    let sent = parameters(&call);
    session.expect(value(&sent, "client_secret").is_none(), "sends no client secret", || "it sent one".to_owned());
    let authorization = call.header("authorization").is_none();
    session.expect(authorization, "sends no Authorization header", || "it sent one".to_owned());
    let client_id = session.setup.common.client_id.clone();
    let named = value(&sent, "client_id").is_none_or(|found| found == client_id);
    session.expect(named, "sends its own client_id, or none", || "it is another one".to_owned());
    Ok(())
}

pub(super) async fn proof(session: &mut Session<'_>) -> Step {
    session.usual_call(TOKEN).await?;
    expect_proof(session, TOKEN)
}

pub(super) async fn refused(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    for (fault, most) in session.faults().iter().zip([1, 1, 2]) {
        session.when(format!("with the fault {fault}"));
        let outcome = session.flow_with(fault).await?;
        refused_as(session, fault, &outcome, &[]).await?;
        let calls = session.calls(TOKEN).len();
        session.expect(calls <= most, "does not send the code again", || format!("token was called {calls} times"));
    }
    Ok(())
}

pub(super) async fn cut(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with the fault fapi-token-cut");
    let outcome = session.flow_with("fapi-token-cut").await?;
    session.refused(&outcome);
    session.no_call(USERINFO);
    let calls = session.calls(TOKEN).len();
    session.expect(calls == 1, "exchanges a code once", || format!("token was called {calls} times"));
    Ok(())
}

pub(super) async fn stalled(session: &mut Session<'_>) -> Step {
    limited(session).await?;
    for fault in session.faults() {
        if !gives_up(session, fault).await? {
            break;
        }
    }
    Ok(())
}
