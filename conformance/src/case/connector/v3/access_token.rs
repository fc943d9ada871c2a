//! Cases of the access token.

use crate::case::connector::{ConnectorCase, Plan, refuses, verbs};
use crate::connector::driver::Class;
use crate::connector::session::Session;
use crate::profile::v3::PERSON;
use crate::verdict::Level;
use crate::verdict::Step;
use serde_json::json;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "v3.access-token.valid",
        code: "V3-ATK-01",
        level: Level::Must,
        clauses: &["v3-access-token-verify", "v3-access-token-sub", "v3-person-subject"],
        other: "gives a valid token, signed with RS256",
        good: "verifies it and calls person for its sub",
        why: "This is the good case that all the refusals below are measured by",
        fix: "Verify the token with Myinfo's certificate and put its sub into the path of person",
        plan: verbs!(super::person::for_subject),
    },
    ConnectorCase {
        id: "v3.access-token.signature-changed",
        code: "V3-ATK-02",
        level: Level::Must,
        clauses: &["v3-access-token-verify", "rfc7515-signature", "rfc8725-validate-all"],
        other: "changes one bit of the token's signature",
        good: "refuses it and does not call person",
        why: "A token that is only decoded can be written by anybody on the way",
        fix: "Verify the signature before you read a claim; use the verify call of your library, not decode",
        plan: Plan::Refuse(&["access-token-signature"]),
    },
    ConnectorCase {
        id: "v3.access-token.stranger",
        code: "V3-ATK-03",
        level: Level::Must,
        clauses: &["v3-access-token-verify", "rfc8725-issuer-keys", "rfc7515-signature"],
        other: "signs the token with another RSA key",
        good: "refuses it and does not call person",
        why: "Any key makes a valid signature; only Myinfo's key says that it is Myinfo's",
        fix: "Verify with the key of the configured Myinfo certificate and with no other",
        plan: Plan::Refuse(&["access-token-key"]),
    },
    ConnectorCase {
        id: "v3.access-token.alg-none",
        code: "V3-ATK-04",
        level: Level::Must,
        clauses: &["rfc7518-none", "rfc8725-algorithms", "v3-access-token-verify"],
        other: "says alg none and leaves the signature empty",
        good: "refuses it and does not call person",
        why: "Such a token is signed by nobody, and some libraries accept it unless told otherwise",
        fix: "Pass the list of allowed algorithms, RS256 alone, to the library",
        plan: Plan::Refuse(&["access-token-none"]),
    },
    ConnectorCase {
        id: "v3.access-token.hs256",
        code: "V3-ATK-05",
        level: Level::Must,
        clauses: &["rfc8725-algorithms", "v3-access-token-rs256"],
        other: "signs with HS256, keyed with the bytes of the public certificate",
        good: "refuses it and does not call person",
        why: "The certificate is public, so anybody can make such a signature",
        fix: "Fix the algorithm to RS256 and hand over a parsed public key, never the text of the certificate",
        plan: Plan::Refuse(&["access-token-hs256"]),
    },
    ConnectorCase {
        id: "v3.access-token.expired",
        code: "V3-ATK-06",
        level: Level::Must,
        clauses: &["rfc7519-exp"],
        other: "gives a token that expired an hour ago, and one that expired ten minutes ago",
        good: "refuses it and does not call person",
        why: "An old token may have been captured, and person would refuse it anyway",
        fix: "Check exp against the clock with a leeway of a minute or so",
        plan: verbs!(expired, with["access-token-expired"]),
    },
    ConnectorCase {
        id: "v3.access-token.expired-leeway",
        code: "V3-ATK-07",
        level: Level::Info,
        clauses: &["rfc7519-exp", "rfc7519-exp-leeway"],
        other: "gives a token that expired 30 seconds ago, and one that does not say when it expires",
        good: "does either; the report says which",
        why: "It shows how much leeway the connector allows for clocks that differ, and whether it needs an end",
        fix: "Nothing is wrong either way; a leeway of a few seconds to a minute is usual",
        plan: Plan::Either(&["access-token-expired-30-seconds", "access-token-no-exp"]),
    },
    ConnectorCase {
        id: "v3.access-token.future",
        code: "V3-ATK-08",
        level: Level::Should,
        clauses: &["rfc7519-nbf", "v3-access-token-nbf"],
        other: "gives a token that becomes valid in an hour",
        good: "refuses it and does not call person",
        why: "A few seconds are normal, an hour means a wrong clock or a forged token",
        fix: "Check nbf with a leeway of a minute or so, rather than not at all",
        plan: Plan::Refuse(&["access-token-future"]),
    },
    ConnectorCase {
        id: "v3.access-token.sub-missing",
        code: "V3-ATK-09",
        level: Level::Must,
        clauses: &["v3-access-token-sub", "v3-person-subject"],
        other: "gives a token whose sub is missing or empty",
        good: "refuses it and does not call person",
        why: "Without sub nobody knows whose data to ask for, and an empty path is another endpoint",
        fix: "Require sub to be a text that is not empty before you build the path",
        plan: Plan::Refuse(&["access-token-no-sub", "access-token-sub-empty", "access-token-sub-number"]),
    },
    ConnectorCase {
        id: "v3.access-token.sub-path",
        code: "V3-ATK-10",
        level: Level::Must,
        clauses: &["rfc6749-input-validation", "v3-person-subject"],
        other: "gives a token whose sub is ../token?x= or another path trick",
        good: "encodes it as one segment of the path, or refuses it",
        why: "A sub that walks in the path makes the client send its token to another address",
        fix: "Percent-encode sub as a single path segment, slashes and dots included, or accept only the known forms",
        plan: verbs!(super::person::subject_tricks, with ["access-token-sub-path", "access-token-sub-slashes"]),
    },
    ConnectorCase {
        id: "v3.access-token.embedded-key",
        code: "V3-ATK-11",
        level: Level::Must,
        clauses: &["v3-access-token-verify", "rfc8725-issuer-keys", "rfc8725-received-claims"],
        other: "embeds an attacker's jwk, jku or x5c and signs with that key",
        good: "ignores it, refuses the token and does not call person",
        why: "A token that brings its own key proves nothing, and following its jku calls the attacker",
        fix: "Take the key from the configuration alone, and use no header of a token to find one",
        plan: Plan::Refuse(&["access-token-jwk", "access-token-jku", "access-token-x5c"]),
    },
    ConnectorCase {
        id: "v3.access-token.issuer-audience",
        code: "V3-ATK-12",
        level: Level::Should,
        clauses: &["rfc7519-aud", "rfc8725-audience", "rfc8725-issuer-keys"],
        other: "names another issuer, or another client as audience",
        good: "refuses it",
        why: "One key signs the tokens of all clients, so a token for another service verifies as well",
        fix: "Compare aud with the client_id, and iss with a configured value",
        plan: Plan::Refuse(&["access-token-issuer", "access-token-audience"]),
    },
    ConnectorCase {
        id: "v3.access-token.not-json",
        code: "V3-ATK-13",
        level: Level::Must,
        clauses: &["rfc7519-valid"],
        other: "signs a payload that is no JSON",
        good: "refuses it as malformed",
        why: "A right signature does not make the content readable, and a crash is no answer",
        fix: "Parse the payload with an error path after the signature is verified",
        plan: Plan::RefuseAs(&["access-token-not-json"], &[Class::Malformed]),
    },
    ConnectorCase {
        id: "v3.access-token.alg-other",
        code: "V3-ATK-14",
        level: Level::Should,
        clauses: &["v3-access-token-rs256", "rfc7515-algorithm-acceptable", "rfc8725-algorithms"],
        other: "signs with RS512 or PS256 and the right key",
        good: "refuses it, as RS256 is the documented algorithm",
        why: "A key is meant for one algorithm, and a list that is too long hides mistakes",
        fix: "Allow RS256 alone, not all algorithms that fit an RSA key",
        plan: Plan::Refuse(&["access-token-rs512", "access-token-ps256"]),
    },
];

/// By how many seconds the clock that tokens are written by is put back: tokens live 30 minutes, so they expired 10 ago.
const FORTY_MINUTES: i64 = 40 * 60;

pub(super) async fn expired(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    refuses(session, "access-token-expired").await?;
    session.when("with a token that expired ten minutes ago");
    session.mark().await?;
    session.realm.clock(json!({"skew_seconds": -FORTY_MINUTES})).await?;
    let outcome = session.flow().await?;
    session.refused(&outcome);
    session.no_call(PERSON);
    Ok(())
}
