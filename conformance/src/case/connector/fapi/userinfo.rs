//! Cases of the userinfo request, and of its status.

use super::answers::{later, not_followed, retried};
use super::proofs::expect_proof;
use crate::case::connector::{ConnectorCase, Plan, verbs};
use crate::connector::driver::Class;
use crate::connector::session::Session;
use crate::connector::wire::fapi::proof;
use crate::profile::fapi::USERINFO;
use crate::verdict::{Level, Step};
use myinfo_oracle::dpop;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "fapi.userinfo.request",
        code: "F-UI-01",
        level: Level::Must,
        clauses: &["fapi-userinfo-request", "rfc9449-ath", "rfc9449-scheme"],
        other: "takes the userinfo request",
        good: "sends a GET without query, the scheme DPoP, and a proof with the hash of the token",
        why: "A token that is sent as Bearer, or a proof that fits any token, gives away what DPoP protects",
        fix: "Send `Authorization: DPoP TOKEN` and a proof with ath, the unpadded base64url of the token's SHA-256",
        plan: verbs!(request),
    },
    ConnectorCase {
        id: "fapi.userinfo.bearer-challenge",
        code: "F-UI-02",
        level: Level::Must,
        clauses: &["rfc9449-scheme"],
        other: "asks for a Bearer token",
        good: "refuses, and never sends its token as one",
        why: "A challenge is what an attacker can write; a fallback gives them a token that any holder can use",
        fix: "Have one scheme, and end where it is refused",
        plan: verbs!(no_bearer, with["fapi-userinfo-bearer"]),
    },
    ConnectorCase {
        id: "fapi.userinfo.token-refused",
        code: "F-UI-09",
        level: Level::Must,
        clauses: &["fapi-userinfo-errors", "fapi-token-once"],
        other: "answers 401 invalid_token",
        good: "ends with an error, and does not exchange the code again",
        why: "The code was used; the person has to log in again",
        fix: "Treat a refusal of userinfo as the end of the login",
        plan: Plan::Refuse(&["fapi-userinfo-401"]),
    },
    ConnectorCase {
        id: "fapi.userinfo.media-type",
        code: "F-UI-15",
        level: Level::Must,
        clauses: &["fapi-userinfo-form", "rfc9110-media-type"],
        other: "calls its answer `Application/JWT;Charset=\"UTF-8\"`; in every other case `application/jwt; charset=utf-8`, as the service does",
        good: "accepts both",
        why: "The service sends a parameter behind the type, and nobody promises how it is written",
        fix: "Compare type and subtype without case and without parameters, or go by the document alone",
        plan: Plan::Accept(&["fapi-userinfo-media-type"]),
    },
    ConnectorCase {
        id: "fapi.userinfo.error-as-jwt",
        code: "F-UI-10",
        level: Level::Must,
        clauses: &["fapi-userinfo-errors", "rfc6749-input-validation"],
        other: "answers 400 with JSON and calls it application/jwt, as the service has done",
        good: "ends with an error, without crashing",
        why: "Who chooses the parser by the media type alone ends in an exception",
        fix: "Look at the status before the body, and read an error defensively",
        plan: Plan::Refuse(&["fapi-userinfo-400-jwt"]),
    },
    ConnectorCase {
        id: "fapi.userinfo.no-data",
        code: "F-UI-22",
        level: Level::Should,
        clauses: &["fapi-userinfo-errors"],
        other: "answers 400 because the person has no Myinfo data",
        good: "tells the application so",
        why: "A foreign account, and one that was made for testing, logs in and has no data: the person needs a form, not an alarm",
        fix: "Map 400 invalid_request of userinfo to an outcome of its own",
        plan: Plan::RefuseAs(&["fapi-userinfo-no-data"], &[Class::NoProfile]),
    },
    ConnectorCase {
        id: "fapi.userinfo.retried",
        code: "F-UI-11",
        level: Level::Should,
        clauses: &["fapi-userinfo-errors", "fapi-dpop", "fapi-retries"],
        other: "fails once with 502, 503, 500 or 429, and would answer then",
        good: "tries again with a new proof, or says that the service is away for now",
        why: "Agencies have their windows, and most failures pass; a proof that is sent twice is refused for that",
        fix: "Make the proof inside the loop that tries, and bound the loop",
        plan: verbs!(retried, with["fapi-userinfo-502", "fapi-userinfo-503", "fapi-userinfo-500", "fapi-userinfo-429"]),
    },
    ConnectorCase {
        id: "fapi.userinfo.later",
        code: "F-UI-12",
        level: Level::Should,
        clauses: &["fapi-userinfo-errors", "fapi-retries", "rfc6585-too-many-requests"],
        other: "fails for ever with 502, or is overloaded",
        good: "tries four times at most, and says that the service is away for now",
        why: "Clients that ask again and again keep an overloaded service down",
        fix: "Bound the tries, and report what is left as temporary",
        plan: verbs!(later, with["fapi-userinfo-502", "fapi-userinfo-429"]),
    },
    ConnectorCase {
        id: "fapi.userinfo.redirect",
        code: "F-UI-24",
        level: Level::Must,
        clauses: &["rfc9110-redirect-headers"],
        other: "redirects userinfo to another host",
        good: "takes neither token nor proof there",
        why: "Token and proof together are what the data are given for",
        fix: "Turn off the following of redirects for calls that carry credentials",
        plan: verbs!(not_followed, with["fapi-userinfo-redirect"]),
    },
];

pub(super) async fn request(session: &mut Session<'_>) -> Step {
    let call = session.usual_call(USERINFO).await?;
    session.expect(call.method == "GET", "is a GET", || call.method.clone());
    session.expect(call.query().is_empty(), "sends no query", || call.query().to_owned());
    let header = call.header("authorization").unwrap_or_default().to_owned();
    let (scheme, token) = header.split_once(' ').unwrap_or((&header, ""));
    session.expect(scheme.eq_ignore_ascii_case("dpop"), "has the scheme DPoP", || format!("`{scheme}`"));
    expect_proof(session, USERINFO)?;
    let found = proof(&call)?.claim("ath").to_owned();
    session.expect(found == dpop::ath(token), "has the hash of the token as ath", || {
        if found.is_empty() { "there is no ath".to_owned() } else { format!("`{found}`") }
    });
    Ok(())
}

pub(super) async fn no_bearer(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with the fault fapi-userinfo-bearer");
    let outcome = session.flow_with("fapi-userinfo-bearer").await?;
    session.refused(&outcome);
    let bearer = session.calls(USERINFO).iter().any(|call| {
        call.header("authorization").is_some_and(|header| header.to_ascii_lowercase().starts_with("bearer"))
    });
    session.expect(!bearer, "never sends its token as Bearer", || "it did".to_owned());
    Ok(())
}
