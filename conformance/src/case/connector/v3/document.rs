//! Cases of the person document's protection.

use crate::case::connector::{ConnectorCase, Plan, verbs};
use crate::connector::driver::{Class, Outcome};
use crate::connector::outcome::class_name;
use crate::connector::session::Session;
use crate::verdict::Level;
use crate::verdict::Step;
use myinfo_fixtures::keys;
use serde_json::{Value, json};

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "v3.document.valid",
        code: "V3-DEC-01",
        level: Level::Must,
        clauses: &[
            "v3-document-algorithms",
            "v3-document-quoted",
            "v3-document-rs256",
            "v3-document-media-type",
            "rfc7518-rsa-oaep",
        ],
        other: "sends RSA-OAEP and A256GCM around a quoted JWS, as the real service",
        good: "accepts it",
        why: "This is the form of the real service, and the good case for the refusals below",
        fix: "Decrypt, parse the plain text as a JSON string, and verify the JWS in it with RS256 and Myinfo's certificate",
        plan: verbs!(real_shape),
    },
    ConnectorCase {
        id: "v3.document.quotes-missing",
        code: "V3-DEC-02",
        level: Level::Should,
        clauses: &["v3-document-bare"],
        other: "sends the inner JWS without the quotes",
        good: "accepts it",
        why: "Other test servers send it so, and the quotes carry no meaning",
        fix: "Take the quotes off only if the plain text begins with one",
        plan: Plan::Accept(&["jwe-plaintext-unquoted"]),
    },
    ConnectorCase {
        id: "v3.document.tag-changed",
        code: "V3-DEC-03",
        level: Level::Must,
        clauses: &["rfc7516-tag", "rfc8725-validate-all", "rfc7518-gcm"],
        other: "changes a bit of the authentication tag, and of the IV",
        good: "refuses the document and shows nothing of it",
        why: "Without the tag, anybody can change the encrypted data on the way",
        fix: "Use the library's authenticated decryption and drop everything when it fails",
        plan: Plan::Refuse(&["jwe-tag", "jwe-iv"]),
    },
    ConnectorCase {
        id: "v3.document.shortened",
        code: "V3-DEC-04",
        level: Level::Must,
        clauses: &["rfc7516-decryption", "rfc7518-gcm"],
        other: "shortens the ciphertext, or sends an IV of another length",
        good: "refuses the document",
        why: "Odd lengths crash careless code or weaken the cipher",
        fix: "Require an IV of 12 bytes and a tag of 16 bytes, and treat a failed decryption as an error",
        plan: Plan::Refuse(&["jwe-ciphertext-short", "jwe-iv-short", "jwe-tag-short"]),
    },
    ConnectorCase {
        id: "v3.document.segments",
        code: "V3-DEC-05",
        level: Level::Must,
        clauses: &["rfc7516-compact", "rfc7516-decryption"],
        other: "sends a JWE of four or six parts, a page of HTML, and nothing",
        good: "refuses it, without a crash",
        why: "Code that takes the fifth part without counting fails in an unexpected place",
        fix: "Count the parts before you use them, and refuse any other number than five",
        plan: Plan::Refuse(&["jwe-4-segments", "jwe-6-segments", "person-html", "person-empty"]),
    },
    ConnectorCase {
        id: "v3.document.other-recipient",
        code: "V3-DEC-06",
        level: Level::Must,
        clauses: &["rfc7516-decryption", "v3-document-steps"],
        other: "encrypts to another client's certificate",
        good: "reports that it cannot decrypt, and which key it tried",
        why: "After a change of keys this is the usual mistake, and the key's name ends the search",
        fix: "Report a decryption error with the kid of the document and the name of your key, never the key itself",
        plan: Plan::RefuseAs(&["jwe-recipient"], &[Class::Decryption]),
    },
    ConnectorCase {
        id: "v3.document.rsa1-5",
        code: "V3-DEC-07",
        level: Level::Must,
        clauses: &["v3-document-algorithms", "rfc8725-algorithms", "rfc8725-rsa15"],
        other: "wraps the key with RSA1_5",
        good: "refuses the document",
        why: "It is not documented, and decrypting it can be abused to read other messages",
        fix: "Allow RSA-OAEP alone as alg",
        plan: Plan::Refuse(&["jwe-alg-rsa1-5"]),
    },
    ConnectorCase {
        id: "v3.document.symmetric-alg",
        code: "V3-DEC-08",
        level: Level::Must,
        clauses: &["v3-document-algorithms", "rfc8725-algorithms"],
        other: "says alg dir or A128KW",
        good: "refuses the document",
        why: "With these, a public value could be taken for a shared secret",
        fix: "Allow RSA-OAEP alone as alg, and choose the kind of key by configuration, not by the header",
        plan: Plan::Refuse(&["jwe-alg-dir", "jwe-alg-a128kw"]),
    },
    ConnectorCase {
        id: "v3.document.cbc-content",
        code: "V3-DEC-09",
        level: Level::Info,
        clauses: &["v3-document-algorithms", "rfc7516-algorithm-acceptable"],
        other: "encrypts the content with A128CBC-HS256, and wraps the key with RSA-OAEP-256",
        good: "does either; the report says which",
        why: "They are not the documented algorithms, but sound, and a test server has used the first",
        fix: "Nothing is wrong either way; allowing RSA-OAEP and A256GCM alone is the stricter choice",
        plan: Plan::Either(&["jwe-enc-cbc", "jwe-alg-oaep-256"]),
    },
    ConnectorCase {
        id: "v3.document.zip-bomb",
        code: "V3-DEC-10",
        level: Level::Should,
        clauses: &["v3-document-size", "rfc8725-compression"],
        other: "sends a small document with zip DEF that unpacks to a huge one",
        good: "refuses it, or bounds the memory",
        why: "A few kilobytes can fill the memory of the application",
        fix: "Refuse a JWE that has zip, or stop unpacking at a few megabytes",
        plan: Plan::Refuse(&["jwe-zip-bomb"]),
    },
    ConnectorCase {
        id: "v3.document.inner-signature-changed",
        code: "V3-DEC-11",
        level: Level::Must,
        clauses: &["v3-document-steps", "rfc8725-validate-all", "rfc7515-signature"],
        other: "changes the signature of the inner JWS",
        good: "refuses the document and shows nothing of it",
        why: "Anybody can encrypt to a public certificate; only the signature says that it is Myinfo's",
        fix: "Verify the inner JWS before you parse or show its payload",
        plan: Plan::Refuse(&["jws-signature"]),
    },
    ConnectorCase {
        id: "v3.document.inner-alg-none",
        code: "V3-DEC-12",
        level: Level::Must,
        clauses: &["v3-document-rs256", "rfc7518-none", "rfc8725-algorithms"],
        other: "says alg none inside, with an empty signature",
        good: "refuses the document and shows nothing of it",
        why: "Encryption proves no origin, so this is data from anybody",
        fix: "Pass RS256 as the only algorithm to the verification of the inner JWS",
        plan: Plan::Refuse(&["jws-none", "jws-hs256"]),
    },
    ConnectorCase {
        id: "v3.document.inner-stranger",
        code: "V3-DEC-13",
        level: Level::Must,
        clauses: &["v3-document-steps", "rfc7515-signature", "rfc8725-validate-all"],
        other: "signs the inner JWS with an unknown key",
        good: "refuses the document and shows nothing of it",
        why: "The data is well formed, but it was signed by somebody else",
        fix: "Verify with the configured Myinfo certificate, whatever key the JWS names",
        plan: Plan::Refuse(&["jws-key"]),
    },
    ConnectorCase {
        id: "v3.document.not-encrypted",
        code: "V3-DEC-14",
        level: Level::Must,
        clauses: &["v3-document-protected", "v3-document-steps"],
        other: "sends the document signed but not encrypted",
        good: "refuses it in the test and production flavours",
        why: "Personal data in the clear means that something on the way is wrong",
        fix: "Demand a JWE of five parts unless the sandbox is configured; do not go by the form of the answer",
        plan: Plan::Refuse(&["jwe-bare-jws"]),
    },
    ConnectorCase {
        id: "v3.document.bare-json",
        code: "V3-DEC-15",
        level: Level::Must,
        clauses: &["v3-document-protected", "v3-document-steps"],
        other: "sends the data as bare JSON",
        good: "refuses it in the test and production flavours",
        why: "Accepting it drops signature and encryption together",
        fix: "Accept plain JSON only where the sandbox is configured, whatever the content type says",
        plan: Plan::Refuse(&["jwe-bare-json", "jwe-plaintext-json"]),
    },
    ConnectorCase {
        id: "v3.document.not-an-object",
        code: "V3-DEC-16",
        level: Level::Must,
        clauses: &["v3-document-object"],
        other: "signs a payload that is a JSON list or text",
        good: "refuses it as malformed",
        why: "Code that expects an object fails later and far away from the cause",
        fix: "Require the verified payload to be a JSON object",
        plan: Plan::Refuse(&["jws-payload-array", "jws-payload-string", "jws-payload-not-json"]),
    },
    ConnectorCase {
        id: "v3.document.kid-unknown",
        code: "V3-DEC-17",
        level: Level::Should,
        clauses: &["rfc7516-kid"],
        other: "names an unknown kid in the outer header; the key is the right one",
        good: "accepts it",
        why: "The kid is a hint, and the service names it after the certificate, which changes",
        fix: "Try your own key whatever kid says, and use kid only to choose among several keys",
        plan: Plan::Accept(&["jwe-kid-unknown"]),
    },
    ConnectorCase {
        id: "v3.document.trailing-newline",
        code: "V3-DEC-18",
        level: Level::Should,
        clauses: &["v3-document-newline"],
        other: "puts a newline behind the JWE",
        good: "accepts it",
        why: "Proxies and text tools add one, and it changes nothing",
        fix: "Trim white space at the end of the body before you split it",
        plan: Plan::Accept(&["person-line-end"]),
    },
    ConnectorCase {
        id: "v3.document.header-changed",
        code: "V3-DEC-19",
        level: Level::Must,
        clauses: &["rfc7516-tag", "rfc8725-validate-all"],
        other: "changes the outer header; the tag was computed over the old one",
        good: "refuses the document",
        why: "The header is covered by the tag, so that nobody can swap its values",
        fix: "Give the header to the decryption as it was received, as additional data; do not write it anew",
        plan: Plan::Refuse(&["jwe-header-changed"]),
    },
    ConnectorCase {
        id: "v3.document.no-oracle",
        code: "V3-DEC-20",
        level: Level::Should,
        clauses: &["rfc7516-oracle"],
        other: "sends three kinds of broken encrypted keys",
        good: "reports the same class of error for all of them",
        why: "Differences between the errors let an attacker decrypt a message by trying",
        fix: "Report one decryption error for all failures of the key, and go on with a random key so that the time is equal",
        plan: verbs!(same_refusal, with ["jwe-key", "jwe-recipient", "jwe-tag"]),
    },
    ConnectorCase {
        id: "v3.document.certificate-rotated",
        code: "V3-DEC-21",
        level: Level::Should,
        clauses: &["v3-certificate-rollover", "v3-errors-distinct"],
        other: "signs with the key of a new Myinfo certificate",
        good: "accepts it if both are configured, else names the unknown key",
        why: "Certificates run out, and without two at once every login fails on that day",
        fix: "Let the configuration hold several Myinfo certificates, and name the kid that none of them fits",
        plan: verbs!(rotation, in new_key),
    },
];

pub(super) async fn real_shape(session: &mut Session<'_>) -> Step {
    session.configure().await?;
    session.mark().await?;
    let outcome = session.flow().await?;
    session.accepted(&outcome).await
}

pub(super) async fn same_refusal(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    let mut told = Vec::new();
    for fault in session.faults() {
        session.when(format!("with the fault {fault}"));
        let outcome = session.flow_with(fault).await?;
        session.refused(&outcome);
        if let Outcome::Rejected { class, native, .. } = outcome {
            told.push((class, native));
        }
    }
    session.when("with three ways in which decryption fails");
    let same = told.iter().all(|one| Some(one) == told.first());
    session.expect(same, "refuses all of them alike", || {
        let each = told.iter().map(|(class, native)| format!("{} `{native}`", class_name(*class)));
        each.collect::<Vec<_>>().join(", ")
    });
    Ok(())
}

/// The service signs with the key that is new to the connector.
fn new_key() -> Value {
    json!({"service": {"rsa": {"key": keys::STRANGER_KEY_PEM, "certificate": keys::STRANGER_CERT_PEM}}})
}

pub(super) async fn rotation(session: &mut Session<'_>) -> Step {
    session.need("two_keys")?;
    // the realm signs with another key than the usual one
    session.setup.v3_mut().myinfo_certificates =
        vec![keys::MYINFO_CERT_PEM.to_owned(), keys::STRANGER_CERT_PEM.to_owned()];
    session.configure().await?;
    session.when("with the old and the new certificate configured, and the new key in use");
    session.mark().await?;
    let outcome = session.flow().await?;
    session.accepted(&outcome).await?;
    session.when("with the old certificate alone");
    session.setup.v3_mut().myinfo_certificates = vec![keys::MYINFO_CERT_PEM.to_owned()];
    session.configure().await?;
    session.mark().await?;
    let outcome = session.flow().await?;
    let class = session.refused(&outcome);
    if let Some(class) = class {
        let told = class == Class::Signature;
        session.expect(told, "says that a signature does not verify", || class_name(class));
    }
    Ok(())
}
