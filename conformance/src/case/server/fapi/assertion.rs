//! Cases of the client assertion, at PAR and at token.

use super::{defects, verbs, with_code};
use crate::case::server::ServerCase;
use crate::server::client::fapi::{Draft, Unsigned};
use crate::server::fapi::FapiTrial;
use crate::server::own_fapi::key;
use crate::verdict::{Level, Step};

const CLIENT: &[&str] = &["invalid_client"];
/// Some servers call a form without credentials a wrong request.
const MISSING: &[&str] = &["invalid_client", "invalid_request"];

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "fapi.server-assertion.missing",
        code: "FSRV-AST-01",
        level: Level::Must,
        clauses: &["rfc9126-authenticates", "fapi2-server-authenticates"],
        other: "pushes a request without an assertion, with another client_assertion_type, and with an empty assertion",
        good: "refuses each",
        why: "Without it anybody may begin a login in the application's name",
        fix: "Authenticate every client at PAR as at token, by private_key_jwt",
        plan: defects!(
            Par,
            MISSING,
            &[
                ("without an assertion", |draft| draft.assertion = None),
                ("with another type", |draft| draft
                    .set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer")),
                ("with an empty assertion", |draft| draft
                    .assertion(|assertion| assertion.forged = Some(|_| String::new()))),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-assertion.signature",
        code: "FSRV-AST-02",
        level: Level::Must,
        clauses: &["rfc7523-signature", "rfc7518-none"],
        other: "signs with a key that is not registered, changes the signature, leaves it out, and says alg none",
        good: "refuses each",
        why: "The signature is all that tells the application from anybody else",
        fix: "Verify by ES256, ES384 or ES512 with a registered key, whatever the header says",
        plan: defects!(
            Par,
            CLIENT,
            &[
                ("with the key of a stranger", |draft| draft.assertion(by_stranger)),
                ("with one character of the signature changed", |draft| draft
                    .assertion(|assertion| assertion.forged = Some(changed))),
                ("without a signature", |draft| draft.assertion(|assertion| assertion.forged = Some(cut))),
                ("with alg none and no signature", |draft| draft.assertion(|assertion| {
                    assertion.says("alg", "none");
                    assertion.forged = Some(cut);
                })),
                ("with alg HS256 in the header", |draft| draft.assertion(|assertion| assertion.says("alg", "HS256"))),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-assertion.subject",
        code: "FSRV-AST-03",
        level: Level::Must,
        clauses: &["rfc7523-claims"],
        other: "names another client as sub, another one as iss, and leaves each out",
        good: "refuses each",
        why: "An assertion about somebody else is none of this client",
        fix: "Demand the client_id in iss and in sub",
        plan: defects!(
            Par,
            CLIENT,
            &[
                ("with another sub", |draft| draft.assertion(|assertion| assertion.claim("sub", "somebody-else"))),
                ("with another iss", |draft| draft.assertion(|assertion| assertion.claim("iss", "somebody-else"))),
                ("without sub", |draft| draft.assertion(|assertion| assertion.without("sub"))),
                ("without iss", |draft| draft.assertion(|assertion| assertion.without("iss"))),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-assertion.audience",
        code: "FSRV-AST-04",
        level: Level::Must,
        clauses: &["rfc7523-claims", "fapi2-server-audience"],
        other: "makes the assertion for another server, and for nobody",
        good: "refuses both",
        why: "A server that the application speaks to could otherwise use its assertions here",
        fix: "Demand the own issuer as aud",
        plan: defects!(
            Par,
            CLIENT,
            &[
                ("for another server", |draft| draft
                    .assertion(|assertion| assertion.claim("aud", "https://somebody.invalid/fapi"))),
                ("without aud", |draft| draft.assertion(|assertion| assertion.without("aud"))),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-assertion.expired",
        code: "FSRV-AST-05",
        level: Level::Must,
        clauses: &["rfc7523-claims"],
        other: "sends an assertion that expired ten minutes ago, one without exp, and one with exp as a text",
        good: "refuses each",
        why: "Assertions turn up in logs and dumps; they must be worth nothing there",
        fix: "Demand exp as a number in the future",
        plan: defects!(
            Par,
            CLIENT,
            &[
                ("that expired ten minutes ago", |draft| draft.assertion(|assertion| assertion.shift(-720))),
                ("without exp", |draft| draft.assertion(|assertion| assertion.without("exp"))),
                ("with exp as a text", |draft| draft.assertion(|assertion| {
                    let exp = assertion.claims.get("exp").map(ToString::to_string).unwrap_or_default();
                    assertion.claim("exp", exp);
                })),
            ]
        ),
    },
    ServerCase {
        id: "fapi.server-assertion.lifetime",
        code: "FSRV-AST-06",
        level: Level::Must,
        clauses: &["fapi-assertion"],
        other: "sends an assertion that lives five minutes",
        good: "refuses it",
        why: "Two minutes are enough to use one, and what lives longer can be stolen for longer",
        fix: "Refuse exp more than 120 seconds behind iat",
        plan: defects!(
            Par,
            CLIENT,
            &[("that lives five minutes", |draft| draft.assertion(|assertion| {
                let made = assertion.claims.get("iat").and_then(serde_json::Value::as_u64).unwrap_or_default();
                assertion.claim("exp", made + 300);
            }))]
        ),
    },
    ServerCase {
        id: "fapi.server-assertion.once",
        code: "FSRV-AST-07",
        level: Level::Must,
        clauses: &["oidc-assertion-once"],
        other: "sends an assertion a second time, at PAR and then at token, and one without jti",
        good: "refuses each",
        why: "Whoever reads one on its way could use it beside the application",
        fix: "Remember every jti until its assertion expires, for all endpoints together",
        plan: verbs!(once),
    },
    ServerCase {
        id: "fapi.server-assertion.at-token",
        code: "FSRV-AST-08",
        level: Level::Must,
        clauses: &["fapi2-server-authenticates", "rfc7523-signature"],
        other: "exchanges a good code without an assertion, with the signature of a stranger, and with an assertion for another server",
        good: "refuses each",
        why: "A code that leaked must be worth nothing without the application's key",
        fix: "Authenticate the client before the code is looked at",
        plan: defects!(
            Token,
            MISSING,
            &[
                ("without an assertion", |draft| draft.assertion = None),
                ("with the key of a stranger", |draft| draft.assertion(by_stranger)),
                ("for another server", |draft| draft
                    .assertion(|assertion| assertion.claim("aud", "https://somebody.invalid/fapi"))),
            ]
        ),
    },
];

/// The key of somebody whom nobody registered, under the registered name.
pub(in crate::case::server) fn by_stranger(assertion: &mut Unsigned) {
    if let Ok(stranger) = key("stranger-sig-p256") {
        assertion.key = stranger;
    }
}

/// The signature's first character changed: the last one has bits that say nothing. Of a token that is no JWT it is the token's.
pub(in crate::case::server) fn changed(signed: &str) -> String {
    let (text, signature) = signed.rsplit_once('.').map_or(("", signed), |(text, signature)| (text, signature));
    let (joint, other) = (if text.is_empty() { "" } else { "." }, if signature.starts_with('A') { 'B' } else { 'A' });
    format!("{text}{joint}{other}{}", signature.get(1..).unwrap_or_default())
}

pub(in crate::case::server) fn cut(signed: &str) -> String {
    signed.rsplit_once('.').map_or_else(String::new, |(text, _)| format!("{text}."))
}

pub(super) async fn once(trial: &mut FapiTrial) -> Step {
    let client = &trial.server.client;
    let first = client.par(&client.login());
    trial.request_uri_of(client, &client.login()).await?;
    let sent = trial.send(&first).await;
    if trial.served(sent, 201)?.is_none() {
        return Ok(());
    }
    trial.when("with the assertion of a request before, at PAR");
    let again = |draft: Draft| Draft { assertion: first.assertion.clone(), ..draft };
    let client = &trial.server.client;
    let answer = trial.send(&again(client.par(&client.login()))).await;
    trial.refused(answer, CLIENT)?;
    let (flow, code) = with_code(trial).await?;
    trial.when("with the assertion of PAR, at token");
    let answer = trial.send(&again(trial.server.client.token(&flow, &code))).await;
    trial.refused(answer, CLIENT)?;
    trial.when("without jti");
    let client = &trial.server.client;
    let mut nameless = client.par(&client.login());
    nameless.assertion(|assertion| assertion.without("jti"));
    let answer = trial.send(&nameless).await;
    trial.refused(answer, CLIENT)
}

#[cfg(test)]
mod tests {
    use super::changed;

    #[test]
    fn a_token_is_changed_whether_it_is_a_jwt_or_not() {
        assert_eq!(changed("h.p.Abc"), "h.p.Bbc");
        assert_eq!(changed("xbc"), "Abc");
        assert_eq!(changed("Abc"), "Bbc");
    }
}
