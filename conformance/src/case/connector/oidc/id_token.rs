//! Cases of the ID token: its form by the client's profile, its subject, and what makes it invalid.

use crate::case::connector::{ConnectorCase, Plan, verbs};
use crate::connector::driver::Outcome;
use crate::connector::session::Session;
use crate::verdict::{Level, Step};
use serde_json::{Value, json};

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "oidc.id-token.direct",
        code: "V5-02",
        level: Level::Must,
        clauses: &["oidc-id-token-profiles", "oidc-id-token"],
        other: "knows the application with the profile `direct`: its ID tokens are signed and not encrypted",
        good: "verifies the ID token, and finishes the login",
        why: "The profile decides about the form; a client that always decrypts fails for every such application",
        fix: "Where the application is registered as `direct`, verify the JWS as it comes",
        plan: verbs!(direct, in direct_realm),
    },
    ConnectorCase {
        id: "oidc.id-token.encrypted",
        code: "V5-03",
        level: Level::Must,
        clauses: &["oidc-id-token-profiles", "rfc7516-kid"],
        other: "encrypts the ID token, as the profile with personal data has it, and names an unknown kid in a second login",
        good: "decrypts and accepts both",
        why: "A kid is a hint: an application that has one key to decrypt with need not know its name",
        fix: "Decrypt with your encryption keys, the one of this kid first, then verify what is inside",
        plan: Plan::Accept(&["oidc-id-token-kid-unknown"]),
    },
    ConnectorCase {
        id: "oidc.id-token.subject",
        code: "V5-04",
        level: Level::Should,
        clauses: &["oidc-subject"],
        other: "writes `sub` with the NRIC in it, as a foreign account's, or as FAPI does",
        good: "passes it on whole, or takes it apart by its members' names, or refuses the form that is FAPI's",
        why: "Who cuts at fixed places takes a UUID for an NRIC, or one person for another",
        fix: "Split at commas and equals signs and read members by name; never by position",
        plan: verbs!(subjects, with["oidc-id-token-sub-foreign", "oidc-id-token-sub-fapi"]),
    },
    ConnectorCase {
        id: "oidc.id-token.subject-uuid",
        code: "V5-07",
        level: Level::Must,
        clauses: &["oidc-subject"],
        other: "writes `sub` as `u=<uuid>` alone, as for an application without the NRIC",
        good: "accepts, and passes it on whole",
        why: "An application that is not allowed the NRIC gets no `s=`: who demands one is down, who makes one up is wrong",
        fix: "Treat every member of `sub` but `u` as optional",
        plan: verbs!(uuid_alone, in direct_realm),
    },
    ConnectorCase {
        id: "oidc.id-token.not-encrypted",
        code: "V5-17",
        level: Level::Should,
        clauses: &["oidc-id-token-profiles"],
        other: "sends an ID token that is only signed to an application whose profile has personal data",
        good: "refuses it",
        why: "The registration promises encryption; who takes less can be given less by whoever stands between",
        fix: "Demand the form of the registered profile",
        plan: Plan::Refuse(&["oidc-id-token-not-encrypted"]),
    },
    ConnectorCase {
        id: "oidc.id-token.invalid",
        code: "V5-08",
        level: Level::Must,
        clauses: &["oidc-id-token", "rfc7519-exp", "rfc8725-audience"],
        other: "gives an ID token of another nonce, audience or issuer, one that expired, or one that lacks nonce, exp or sub",
        good: "refuses each, and does not call userinfo",
        why: "Each check that is missing lets a token of another login, application or service in",
        fix: "Compare iss, aud and nonce as texts, demand exp as a number and compare it with the clock, demand sub",
        plan: Plan::Refuse(&[
            "oidc-id-token-nonce",
            "oidc-id-token-nonce-longer",
            "oidc-id-token-no-nonce",
            "oidc-id-token-audience",
            "oidc-id-token-issuer",
            "oidc-id-token-expired",
            "oidc-id-token-no-exp",
            "oidc-id-token-exp-text",
            "oidc-id-token-no-sub",
        ]),
    },
    ConnectorCase {
        id: "oidc.id-token.issuer-fapi",
        code: "V5-18",
        level: Level::Must,
        clauses: &["oidc-id-token", "oidc-one-api"],
        other: "names FAPI's issuer, the host and /fapi, as `iss`, or a stranger beside the client as `aud`",
        good: "refuses both, and does not call userinfo",
        why: "One key signs for both APIs: only the whole issuer says for which",
        fix: "Compare the whole issuer, its path included, and refuse audiences beside your own",
        plan: Plan::Refuse(&["oidc-id-token-issuer-fapi", "oidc-id-token-audience-strangers"]),
    },
    ConnectorCase {
        id: "oidc.id-token.signature",
        code: "V5-19",
        level: Level::Must,
        clauses: &["oidc-keys", "rfc7515-signature", "rfc7518-none", "rfc8725-algorithms", "rfc7516-decryption"],
        other: "changes signature or encryption, signs with a key that is not published, says alg none, or signs with HS256",
        good: "refuses each, without crashing, and does not call userinfo",
        why: "A token that decrypts is not a token that the service made: anybody can encrypt for a public key",
        fix: "Verify with a key of the published set and ES256 alone, whatever the header says",
        plan: Plan::Refuse(&[
            "oidc-id-token-signature",
            "oidc-id-token-signer",
            "oidc-id-token-signer-unknown",
            "oidc-id-token-none",
            "oidc-id-token-hs256",
            "oidc-id-token-tag",
            "oidc-id-token-key",
        ]),
    },
];

/// The realm in which clients are told the UUID alone.
fn direct_realm() -> Value {
    json!({"oidc": {"profile": "direct"}})
}

pub(super) async fn direct(session: &mut Session<'_>) -> Step {
    session.make_direct();
    session.when("with an ID token that is signed alone");
    let outcome = session.flow_anew().await?;
    session.accepted(&outcome).await
}

/// The subject as the application got it, where it says.
fn subject(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Accepted { claims, .. } => claims.as_ref()?.get("sub")?.as_str(),
        Outcome::Rejected { .. } | Outcome::Crash { .. } => None,
    }
}

/// A subject that is told has to be of some form.
fn expect_form(session: &mut Session<'_>, outcome: &Outcome, form: &str, fits: impl FnOnce(&str) -> bool) {
    let found = subject(outcome);
    session.expect(found.is_none_or(fits), &format!("passes `sub` on whole, as {form}"), || json!(found).to_string());
}

pub(super) async fn uuid_alone(session: &mut Session<'_>) -> Step {
    session.make_direct();
    session.when("with a `sub` that is `u=<uuid>` alone");
    let outcome = session.flow_anew().await?;
    session.accepted(&outcome).await?;
    expect_form(session, &outcome, "u=<uuid>", |sub| sub.starts_with("u=") && !sub.contains(','));
    Ok(())
}

pub(super) async fn subjects(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with the NRIC in `sub`");
    session.mark().await?;
    let outcome = session.flow().await?;
    session.accepted(&outcome).await?;
    expect_form(session, &outcome, "s=<number>,u=<uuid>", |sub| sub.starts_with("s=") && sub.contains(",u="));
    session.need("login_app")?;
    session.make_login_app();
    session.ready().await?;
    session.when("with the `sub` of a foreign account");
    let outcome = session.flow_with("oidc-id-token-sub-foreign").await?;
    match &outcome {
        Outcome::Accepted { .. } => {
            expect_form(session, &outcome, "s=…,fid=…,coi=…,u=<uuid>", |sub| {
                sub.contains(",fid=") && sub.contains(",u=")
            });
        }
        Outcome::Rejected { message, .. } => session.find("accepts it", format!("it was refused: {message}")),
        Outcome::Crash { .. } => session.find("does not crash", "it crashed"),
    }
    session.when("with a `sub` as FAPI writes it");
    let outcome = session.flow_with("oidc-id-token-sub-fapi").await?;
    if matches!(outcome, Outcome::Crash { .. }) {
        session.find("does not crash", "it crashed");
    }
    expect_form(session, &outcome, "the bare UUID", |sub| !sub.contains('='));
    Ok(())
}
