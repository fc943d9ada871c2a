//! Cases of whole flows: several at once, clocks, Login apps, keys and TLS.

use crate::case::connector::{ConnectorCase, Plan, verbs};
use crate::connector::driver::{Configured, Outcome};
use crate::connector::session::{Begun, Login, Session};
use crate::connector::setup::fapi::private_jwks;
use crate::connector::testbed::{CANARY_ID, WrongTls};
use crate::connector::wire::{parameters, value};
use crate::profile::fapi::{DISCOVERY, ENCRYPTION_KID, PAR, SIGNING_KID, TOKEN, USERINFO};
use crate::verdict::{Level, Step, Stop};
use myinfo_fixtures::keys::ec;
use serde_json::{Value, json};

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "fapi.flows.interleaved",
        code: "F-X-01",
        level: Level::Must,
        clauses: &["rfc7636-verifier", "fapi-dpop-key", "fapi-callback-state"],
        other: "serves ten logins of two people that are under way at once, and answers in another order",
        good: "finishes each with the person who logged in",
        why: "A verifier, key or nonce that two logins share fails under load, or mixes people up",
        fix: "Keep everything of a login under its state, in the session of its browser, and nothing in the process",
        plan: verbs!(interleaved),
    },
    ConnectorCase {
        id: "fapi.flows.log",
        code: "F-X-02",
        level: Level::Must,
        clauses: &["rfc6749-token-confidential", "fapi-log-discreet"],
        other: "serves a login that goes well, one whose ID token belongs to another login, and one with somebody else's data",
        good: "writes no name, number, key, verifier, assertion, proof, token or document into its log",
        why: "A log is read by more people than the data were given to, and kept for longer; a key or token in it works for whoever reads it",
        fix: "Log what was done and what kind of thing was wrong; never a request, an answer, a session or a token as a whole",
        plan: verbs!(log, with["fapi-id-token-nonce", "fapi-userinfo-sub"]),
    },
    ConnectorCase {
        id: "fapi.flows.clock",
        code: "F-X-03",
        level: Level::Should,
        clauses: &["rfc7519-exp-leeway", "fapi-id-token-claims"],
        other: "has a clock that is 45 seconds ahead, and one that is 45 seconds behind",
        good: "accepts both",
        why: "Clocks differ by seconds everywhere; without leeway logins fail now and then",
        fix: "Allow a minute for iat and exp",
        plan: verbs!(clock),
    },
    ConnectorCase {
        id: "fapi.flows.login-app",
        code: "F-X-07",
        level: Level::Must,
        clauses: &["fapi-par-context", "fapi-app-kind"],
        other: "serves a Login app",
        good: "sends the context as it was configured, takes who it is from the ID token, and never calls userinfo",
        why: "A Login app without context is refused, and userinfo is not for it",
        fix: "Send authentication_context_type with every pushed request of a Login app, and end after the ID token",
        plan: verbs!(login_app),
    },
    ConnectorCase {
        id: "fapi.keys.unusable",
        code: "F-KEY-02",
        level: Level::Should,
        clauses: &["fapi-id-token-form"],
        other: "hands over a set that lacks the encryption key, one that lacks the signing key, and one with public keys alone",
        good: "says that the configuration cannot work, before any call",
        why: "What is wrong with a configuration is found by who deploys it, or by the first person who logs in",
        fix: "Check at the start that there is a private key to sign with and one to be encrypted for",
        plan: verbs!(unusable_keys),
    },
    ConnectorCase {
        id: "fapi.tls.wrong",
        code: "F-KEY-03",
        level: Level::Must,
        clauses: &["rfc6749-tls-certificate", "rfc9110-https-identity", "rfc6749-tls-credentials"],
        other: "has a TLS certificate by an unknown authority, and one for another host",
        good: "refuses both, and pushes nothing",
        why: "Whoever stands between gets assertions, codes and people",
        fix: "Verify certificate and host name, and have no switch that turns it off",
        plan: verbs!(wrong_tls),
    },
    ConnectorCase {
        id: "fapi.flows.two-tabs",
        code: "F-AZ-03",
        level: Level::Should,
        clauses: &["fapi-callback-state"],
        other: "lets a login finish that began before another one in the same application",
        good: "finishes both",
        why: "People open two tabs; the one they look at should work",
        fix: "Keep logins by their state, not one for each session",
        plan: verbs!(two_tabs),
    },
    ConnectorCase {
        id: "fapi.flows.somebody-else",
        code: "F-X-10",
        level: Level::Info,
        clauses: &["oidc-userinfo-sub"],
        other: "sends somebody else's data under the right `sub`",
        good: "does either; the report says which",
        why: "Only who asks for `uinfin` in both places can see it, and no document demands that",
        fix: "Where you have the NRIC of the ID token, compare it with that of person_info",
        plan: Plan::Either(&["fapi-data-somebody-else"]),
    },
];

pub(super) async fn interleaved(session: &mut Session<'_>) -> Step {
    const OTHER: &str = "S6005048A";
    session.ready().await?;
    session.when("with ten logins at once");
    let mut logins = Vec::new();
    for number in 0..10 {
        let persona = if number % 2 == 0 { CANARY_ID } else { OTHER };
        logins.push((persona, session.start().await?));
    }
    let mut back = Vec::new();
    for (persona, Begun { browser, url }) in logins.into_iter().rev() {
        let callback = session.realm.visit(&url, persona).await?;
        back.push((persona, Login { browser, url, callback }));
    }
    back.rotate_left(3);
    for (persona, login) in back {
        session.mark().await?;
        let outcome = session.finish(&login.browser, &login.callback).await?;
        session.accepted(&outcome).await?;
        let who = match &outcome {
            Outcome::Accepted { person, .. } => person.pointer("/uinfin/value").and_then(Value::as_str),
            Outcome::Rejected { .. } | Outcome::Crash { .. } => None,
        };
        let right = who.is_none_or(|who| who == persona);
        session.expect(right, "gives the application the person who logged in", || "it was somebody else".to_owned());
    }
    Ok(())
}

pub(super) async fn log(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("while it is started and configured");
    session.no_leaks_at_start();
    session.when("in a login that goes well");
    session.mark().await?;
    session.control().await?;
    session.no_leaks_in_log();
    for fault in session.faults() {
        session.when(format!("with the fault {fault}"));
        session.flow_with(fault).await?;
        session.no_leaks_in_log();
    }
    Ok(())
}

pub(super) async fn clock(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    for ahead in [45, -45] {
        session.when(format!("with the server's clock {ahead} s ahead"));
        session.mark().await?;
        session.realm.clock(json!({"skew_seconds": ahead})).await?;
        let outcome = session.flow().await?;
        session.realm.clock_back().await?;
        session.accepted(&outcome).await?;
    }
    Ok(())
}

pub(super) async fn login_app(session: &mut Session<'_>) -> Step {
    session.need("login_app")?;
    session.ready().await?;
    session.make_login_app();
    session.configure().await?;
    session.mark().await?;
    let outcome = session.flow().await?;
    session.when("in the login of a Login app");
    let pushed = parameters(&session.call(PAR)?);
    let fapi = session.setup.as_fapi().cloned();
    let wanted = fapi.map(|fapi| [("type", fapi.context_type), ("message", fapi.context_message)]);
    for (name, expected) in wanted.into_iter().flatten() {
        let name = format!("authentication_context_{name}");
        let found = value(&pushed, &name).map(str::to_owned);
        session.expect(found == expected, &format!("sends {name} as configured"), || {
            found.map_or_else(|| "it is missing".to_owned(), |found| format!("`{found}`"))
        });
    }
    session.no_call(USERINFO);
    match &outcome {
        Outcome::Accepted { claims, .. } if session.can("claims") => {
            let number = claims.as_ref().and_then(|claims| claims.pointer("/sub_attributes/identity_number"));
            let right = number.and_then(Value::as_str) == Some(CANARY_ID);
            session.expect(right, "gives the application who logged in", || json!(number).to_string());
        }
        Outcome::Accepted { .. } => {}
        Outcome::Rejected { message, .. } | Outcome::Crash { message } => {
            session.find("accepts", format!("it was refused: {}", message.short()));
        }
    }
    Ok(())
}

pub(super) async fn unusable_keys(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    let public = [SIGNING_KID, ENCRYPTION_KID].map(ec::public);
    let public = json!({"keys": public}).to_string();
    for (what, set) in [
        ("without an encryption key", private_jwks(&[SIGNING_KID])?),
        ("without a signing key", private_jwks(&[ENCRYPTION_KID])?),
        ("of public keys alone", public),
    ] {
        session.when(format!("with a JWK Set {what}"));
        session.mark().await?;
        session.setup.fapi_mut().private_jwks = set;
        let configured = session.try_configure().await?;
        if let Configured::Unsupported { message } = configured {
            return Err(Stop::Skip(message.to_string()));
        }
        let refused = matches!(configured, Configured::ConfigError { .. });
        session.expect(refused, "says that the configuration cannot work", || "it was taken".to_owned());
        session.no_call(PAR);
        session.no_call(TOKEN);
    }
    Ok(())
}

pub(super) async fn wrong_tls(session: &mut Session<'_>) -> Step {
    session.need("custom_ca")?;
    session.setup.common.ca = Some(session.realm.scene().authority_pem.clone());
    let flaws = [
        (None, "with a TLS certificate that is right"),
        (Some(WrongTls::UnknownAuthority), "with a TLS certificate by an unknown authority"),
        (Some(WrongTls::AnotherHost), "with a TLS certificate for another host"),
    ];
    for (flaw, when) in flaws {
        session.when(when);
        let base = session.realm.https_base(flaw).ok_or_else(|| Stop::Inconclusive("no TLS".to_owned()))?;
        session.setup.common.base_url = base;
        session.mark().await?;
        let began = session.begins_anew().await?;
        if flaw.is_none() {
            if let Err(Outcome::Rejected { message, .. }) = &began {
                return Err(Stop::Inconclusive(format!("the control over TLS failed: {}", message.short())));
            }
            continue;
        }
        session.expect(began.is_err(), "begins no login", || "the browser was sent away".to_owned());
        let reached = session.journal("").await?.len();
        session.expect(reached == 0, "sends nothing to it", || {
            format!("{reached} requests went there, {} or others", DISCOVERY.name)
        });
    }
    Ok(())
}

pub(super) async fn two_tabs(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with a login that began before another one");
    let first = session.login().await?;
    let second = session.login().await?;
    for login in [first, second] {
        session.mark().await?;
        let outcome = session.finish(&login.browser, &login.callback).await?;
        session.accepted(&outcome).await?;
    }
    Ok(())
}
