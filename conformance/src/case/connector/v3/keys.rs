//! Cases of keys, certificates and TLS.

use crate::case::connector::{ConnectorCase, verbs};
use crate::connector::driver::{Configured, Outcome};
use crate::connector::keys::{FORMATS, key_material};
use crate::connector::outcome::class_name;
use crate::connector::session::{Begun, Session};
use crate::connector::testbed::{CANARY_ID, WrongTls};
use crate::verdict::Step;
use crate::verdict::{Level, Stop};
use myinfo_fixtures::keys;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "v3.keys.formats",
        code: "V3-KEY-01",
        level: Level::Must,
        clauses: &["v3-key-rsa", "v3-sign-key", "rfc7518-rs256"],
        other: "registers each key format that the driver declares",
        good: "signs and decrypts with each, those with a passphrase too",
        why: "Keys are handed out in several formats, and converting them by hand goes wrong",
        fix: "Read every format that you declare, with its passphrase, or stop declaring it",
        plan: verbs!(formats),
    },
    ConnectorCase {
        id: "v3.keys.certificate-for-key",
        code: "V3-KEY-02",
        level: Level::Should,
        clauses: &["v3-key-checked"],
        other: "hands over a certificate where the private key belongs",
        good: "reports an error of the configuration before any request",
        why: "Found at the start it takes a minute, found as a failed login it takes a day",
        fix: "Parse the key when the configuration is read, and name the label that was found and the one that is needed",
        plan: verbs!(certificate_as_key),
    },
    ConnectorCase {
        id: "v3.keys.mismatch",
        code: "V3-KEY-03",
        level: Level::Should,
        clauses: &["v3-sign-certificate", "v3-errors-distinct"],
        other: "registers a certificate that does not belong to the private key",
        good: "reports trouble with its signing key, not a bad token",
        why: "It is the first cause that the support names for Invalid PKI Signature",
        fix: "Map the service's error about the signature to a class of its own, with the certificate to compare",
        plan: verbs!(wrong_key),
    },
    ConnectorCase {
        id: "v3.keys.tls-unknown-authority",
        code: "V3-KEY-04",
        level: Level::Must,
        clauses: &["rfc6749-tls-certificate"],
        other: "shows a TLS certificate from an unknown authority",
        good: "refuses the connection and sends no credentials",
        why: "Anybody on the way could read the secret, the code and the token",
        fix: "Leave certificate verification on, and add a test authority as a trust anchor, rather than switching it off",
        plan: verbs!(unknown_authority),
    },
    ConnectorCase {
        id: "v3.keys.tls-wrong-host",
        code: "V3-KEY-05",
        level: Level::Must,
        clauses: &["rfc9110-https-identity", "rfc6749-tls-certificate"],
        other: "shows a TLS certificate for another host",
        good: "refuses the connection and sends no credentials",
        why: "A valid certificate of somebody else's host proves nothing about this one",
        fix: "Leave the check of the host name on, with your own trust anchors, too",
        plan: verbs!(wrong_host),
    },
];

pub(super) async fn formats(session: &mut Session<'_>) -> Step {
    let formats = session.key_formats();
    if formats.is_empty() {
        let (who, place) = (session.kind().name(), session.kind().says_in("key_formats"));
        return Err(Stop::Skip(format!("{who} names no key formats: {place} has those that it reads")));
    }
    for format in formats {
        session.when(format!("with the private key as {format}"));
        if !FORMATS.contains(&format.as_str()) {
            session.note(format!("{format} is none of the formats that this suite can hand over"));
            continue;
        }
        session.setup.v3_mut().private_key = key_material(keys::CLIENT_KEY_PEM, &format)?;
        match session.try_configure().await? {
            Configured::Ok => {}
            Configured::Unsupported { message } => {
                session.note(message.to_string());
                continue;
            }
            Configured::ConfigError { message } => {
                session.find("reads a format that it claims", format!("it refuses the key: {}", message.short()));
                continue;
            }
        }
        session.mark().await?;
        let outcome = session.flow().await?;
        session.accepted(&outcome).await?;
    }
    Ok(())
}

pub(super) async fn certificate_as_key(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with a certificate where the private key belongs");
    session.setup.v3_mut().private_key.text = Some(keys::CLIENT_CERT_PEM.to_owned());
    session.setup.v3_mut().private_key.base64 = None;
    "pkcs8".clone_into(&mut session.setup.v3_mut().private_key.format);
    session.setup.v3_mut().private_key.passphrase = None;
    session.mark().await?;
    let configured = session.try_configure().await?;
    if let Configured::Unsupported { message } = configured {
        return Err(Stop::Skip(message.to_string()));
    }
    if configured == Configured::Ok {
        // it did not look at the key yet: the first login must not reach the server with it
        let outcome = session.flow().await;
        let calls = session.all_calls().iter().filter(|call| !call.path().ends_with("/authorise")).count();
        session.expect(calls == 0, "says so before any call", || format!("it called the service {calls} times"));
        if let Ok(outcome) = outcome {
            session.refused(&outcome);
        }
    }
    Ok(())
}

pub(super) async fn wrong_key(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with a private key that is not that of the registered certificate");
    let format = session.setup.v3().private_key.format.clone();
    session.setup.v3_mut().private_key = key_material(keys::STRANGER_KEY_PEM, &format)?;
    session.mark().await?;
    if let Configured::ConfigError { .. } = session.try_configure().await? {
        return Ok(());
    }
    let outcome = session.flow().await?;
    session.refused(&outcome);
    if let Outcome::Rejected { class, native, message } = &outcome {
        let said = format!("{} {}", native.as_said(), message.as_said()).to_lowercase();
        let told = ["key", "sign", "certificate"].iter().any(|word| said.contains(word));
        session.expect(told, "speaks of the key or the signature of the request", || {
            format!("it says {} `{native}`: {}", class_name(*class), message.short())
        });
    }
    Ok(())
}

pub(super) async fn unknown_authority(session: &mut Session<'_>) -> Step {
    behind_wrong_tls(session, WrongTls::UnknownAuthority, "with a TLS certificate by an unknown authority").await
}

pub(super) async fn wrong_host(session: &mut Session<'_>) -> Step {
    behind_wrong_tls(session, WrongTls::AnotherHost, "with a TLS certificate for another host").await
}

/// The browser logs in over plain HTTP; the connector's own calls go to a server whose certificate is wrong.
async fn behind_wrong_tls(session: &mut Session<'_>, wrong: WrongTls, when: &str) -> Step {
    session.need("custom_ca")?;
    let plain = session.setup.common.base_url.clone();
    session.setup.common.ca = Some(session.realm.scene().authority_pem.clone());
    for (fault, when) in [(None, "with a TLS certificate that is right"), (Some(wrong), when)] {
        session.when(when);
        let base = session.realm.https_base(fault).ok_or_else(|| Stop::Inconclusive("no TLS".to_owned()))?;
        base.clone_into(&mut session.setup.common.base_url);
        session.setup.common.issuer.clear();
        session.configure().await?;
        session.mark().await?;
        let Begun { browser, url } = session.start().await?;
        let callback = session.realm.visit(&url.replacen(&base, &plain, 1), CANARY_ID).await?;
        let outcome = session.finish(&browser, &callback).await?;
        if fault.is_none() {
            if let Outcome::Rejected { message, .. } = outcome {
                return Err(Stop::Inconclusive(format!("the control over TLS failed: {}", message.short())));
            }
            continue;
        }
        session.refused(&outcome);
        let reached = session.journal("").await?.iter().any(|exchange| exchange["event"] == "token");
        session.expect(!reached, "sends nothing to it", || "the token request went there".to_owned());
    }
    Ok(())
}
