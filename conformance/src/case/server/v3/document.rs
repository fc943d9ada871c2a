//! Cases of the person answer: the encrypted and signed document, and the data in it.

use crate::case::server::v3::answer::thumbprint;
use crate::case::server::{ServerCase, verbs};
use crate::connector::outcome::difference;
use crate::server::answer::Answer;
use crate::server::client::v3::ApiCall;
use crate::server::trial::{Opened, Trial};
use crate::text::short;
use crate::verdict::Step;
use crate::verdict::{Level, Stop};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "v3.server-document.encrypted",
        code: "SRV-DOC-01",
        level: Level::Must,
        clauses: &["v3-document-protected", "v3-document-algorithms", "rfc7516-compact", "rfc7516-tag", "v3-gzip"],
        other: "sends a person request that keeps every rule",
        good: "answers 200 with a compact JWE for the client's key: RSA-OAEP and A256GCM",
        why: "It is what every client decrypts",
        fix: "Encrypt for the key of the client's certificate, with the two documented algorithms",
        plan: verbs!(encrypted),
    },
    ServerCase {
        id: "v3.server-document.signed",
        code: "SRV-DOC-02",
        level: Level::Must,
        clauses: &["v3-document-rs256", "v3-document-steps", "v3-document-object"],
        other: "verifies what it decrypted",
        good: "holds a JSON object that is signed with RS256 and the key of the server's certificate",
        why: "A good client uses nothing that is not signed",
        fix: "Sign the person with RS256 first, and encrypt the compact JWS",
        plan: verbs!(signed),
    },
    ServerCase {
        id: "v3.server-document.quoted",
        code: "SRV-DOC-03",
        level: Level::Must,
        clauses: &["v3-document-quoted"],
        other: "looks at what it decrypted",
        good: "encrypts the JWS as a JSON string, with its quotes, as recorded from the real service",
        why: "Most of the public clients parse it as JSON, and fail without the quotes",
        fix: "Encrypt the JSON string that holds the JWS, not the bare JWS",
        plan: verbs!(quoted),
    },
    ServerCase {
        id: "v3.server-document.recorded-form",
        code: "SRV-DOC-04",
        level: Level::Should,
        clauses: &["v3-document-media-type", "v3-document-algorithms"],
        other: "compares media type, headers and body with recorded ones",
        good: "sends application/jose, alg, enc and kid in the JWE, alg and kid in the JWS, and nothing behind the document",
        why: "Some clients look the key up by kid, and some trip over a line break",
        fix: "Write the headers as recorded: the JWE's kid is the common name of the client's certificate",
        plan: verbs!(recorded),
    },
    ServerCase {
        id: "v3.server-document.items",
        code: "SRV-DOC-05",
        level: Level::Must,
        clauses: &["v3-person-parameters", "v3-data-lists"],
        other: "reads which items came",
        good: "sends exactly the items that were asked for",
        why: "What is missing breaks the form, and what is too much was not consented to",
        fix: "Select the items by the attributes of the request; what has no data is sent as unavailable",
        plan: verbs!(items),
    },
    ServerCase {
        id: "v3.server-document.metadata",
        code: "SRV-DOC-06",
        level: Level::Must,
        clauses: &["v3-data-unavailable", "v3-data-not-applicable"],
        other: "reads the metadata of each item",
        good: "sends source, classification and lastupdated with each item",
        why: "They tell whether a value may be edited, and whether it applies at all",
        fix: "Give every item, and every entry of a list, its metadata",
        plan: verbs!(metadata),
    },
    ServerCase {
        id: "v3.server-document.codes",
        code: "SRV-DOC-07",
        level: Level::Must,
        clauses: &["v3-data-json"],
        other: "looks the codes up",
        good: "sends codes of the published tables",
        why: "Applications fill lists from these tables",
        fix: "Check your data against the tables of the documents",
        plan: verbs!(codes),
    },
    ServerCase {
        id: "v3.server-document.own-person",
        code: "SRV-DOC-08",
        level: Level::Must,
        clauses: &["v3-person-own-user"],
        other: "reads whose data came",
        good: "sends the data of the person who logged in",
        why: "Anything else is a breach",
        fix: "Look the person up by the token's sub",
        plan: verbs!(own_person),
    },
    ServerCase {
        id: "v3.server-document.values",
        code: "SRV-DOC-09",
        level: Level::Must,
        clauses: &["v3-data-json", "v3-data-precision"],
        other: "compares every value with what the server is known to have",
        good: "sends each value as it is",
        why: "A value that changes on its way is wrong data with a signature",
        fix: "Serialise the data once, and sign that",
        plan: verbs!(values),
    },
    ServerCase {
        id: "v3.server-document.gzip",
        code: "SRV-DOC-10",
        level: Level::Must,
        clauses: &["v3-gzip", "rfc9110-content-encoding"],
        other: "asks for gzip, and does not",
        good: "compresses for the one that asked at most, and says so",
        why: "A client that did not ask cannot read it",
        fix: "Compress only where Accept-Encoding allows it, and name it in Content-Encoding",
        plan: verbs!(gzip),
    },
];

/// The answer to a person request that keeps every rule.
async fn answered(trial: &mut Trial) -> Step<Option<Answer>> {
    let draft = trial.draft(ApiCall::Person).await?;
    trial.when("in the person answer");
    let answer = trial.send(&draft).await;
    trial.served(answer)
}

/// The same where this case shows nothing without it: that there is one at all is another case.
async fn given(trial: &mut Trial) -> Step<Answer> {
    let draft = trial.draft(ApiCall::Person).await?;
    let answer = trial.send(&draft).await.map_err(|error| Stop::Inconclusive(format!("person: {error}")))?;
    trial.when("in the person answer");
    if answer.status == 200 {
        return Ok(answer);
    }
    Err(Stop::Inconclusive(format!("the control failed: person answered {}", answer.status)))
}

/// The document, opened; that it opens at all is another case.
async fn opened(trial: &mut Trial) -> Step<(Answer, Opened)> {
    let answer = given(trial).await?;
    trial.when("in the document");
    let document = trial.open(&answer.text());
    let document = document.map_err(|error| Stop::Inconclusive(format!("the document does not open: {error:#}")))?;
    Ok((answer, document))
}

/// The person in the document.
async fn person(trial: &mut Trial) -> Step<Map<String, Value>> {
    let (_, opened) = opened(trial).await?;
    let person: Option<Map<String, Value>> = serde_json::from_str(&opened.payload).ok();
    person.ok_or_else(|| Stop::Inconclusive("the document holds no JSON object".to_owned()))
}

pub(super) async fn encrypted(trial: &mut Trial) -> Step {
    let Some(answer) = answered(trial).await? else { return Ok(()) };
    let body = answer.text();
    match myinfo_oracle::jwe::open(body.trim(), &trial.server.client.key) {
        Err(error) => trial.find("opens with the client's key", format!("{error}: {}", short(&body))),
        Ok(outer) => {
            let header: Value = serde_json::from_str(&outer.header).unwrap_or_default();
            for (name, value) in [("alg", "RSA-OAEP"), ("enc", "A256GCM")] {
                let found = header.get(name).cloned().unwrap_or_default();
                trial.expect(found == value, &format!("has {name} {value}"), || found.to_string());
            }
            trial.expect(header.get("zip").is_none(), "is not compressed inside", || "there is zip".to_owned());
        }
    }
    // RFC 7518 §8.4: an initialisation vector is never used twice with a key
    let again = given(trial).await?.text();
    let vector = |text: &str| text.split('.').nth(2).map(str::to_owned);
    trial.when("in two person answers");
    trial.expect(vector(&again) != vector(&body), "makes the initialisation vector anew for each document", || {
        "it is the same in both".to_owned()
    });
    Ok(())
}

pub(super) async fn signed(trial: &mut Trial) -> Step {
    let answer = given(trial).await?;
    if myinfo_oracle::jwe::open(answer.text().trim(), &trial.server.client.key).is_err() {
        return Err(Stop::Inconclusive("the document does not decrypt".to_owned()));
    }
    match trial.open(&answer.text()) {
        Err(error) => trial.find("is signed with the key of the server's certificate", format!("{error:#}")),
        Ok(opened) => {
            let algorithm = opened.jws_header.get("alg").cloned().unwrap_or_default();
            trial.expect(algorithm == "RS256", "has alg RS256", || algorithm.to_string());
            let object = serde_json::from_str::<Map<String, Value>>(&opened.payload).is_ok();
            trial.expect(object, "holds a JSON object", || short(&opened.payload));
        }
    }
    Ok(())
}

pub(super) async fn quoted(trial: &mut Trial) -> Step {
    let (_, opened) = opened(trial).await?;
    trial.expect(opened.quoted, "encrypts a JSON string", || "it encrypts the bare JWS".to_owned());
    Ok(())
}

pub(super) async fn recorded(trial: &mut Trial) -> Step {
    let (answer, opened) = opened(trial).await?;
    trial.expect(answer.media_type == "application/jose", "has the media type application/jose", || {
        answer.media_type.clone()
    });
    let body = answer.text();
    trial.expect(body.trim() == body, "has nothing behind the document", || "there is white space".to_owned());
    let jwe = [
        ("alg", Some("RSA-OAEP".to_owned())),
        ("enc", Some("A256GCM".to_owned())),
        ("kid", trial.server.common_name.clone()),
    ];
    let jws = [("alg", Some("RS256".to_owned())), ("kid", Some(thumbprint(&trial.server.client.myinfo)))];
    for (layer, header, members) in [("JWE", &opened.jwe_header, &jwe[..]), ("JWS", &opened.jws_header, &jws[..])] {
        for (name, value) in members {
            let found = header.get(name).and_then(Value::as_str).map(str::to_owned);
            let expected = value.clone().unwrap_or_else(|| "of any value".to_owned());
            let fits = found.is_some() && (value.is_none() || found == *value);
            trial.expect(fits, &format!("the {layer} has {name} {expected}"), || {
                found.unwrap_or_else(|| "there is none".to_owned())
            });
        }
        let known: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
        let names = header.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        let more: Vec<&str> = names.filter(|name| !known.contains(name)).collect();
        trial.expect(more.is_empty(), &format!("the {layer} has no other member"), || more.join(", "));
    }
    Ok(())
}

pub(super) async fn items(trial: &mut Trial) -> Step {
    let person = person(trial).await?;
    let found: BTreeSet<&str> = person.keys().map(String::as_str).collect();
    let attributes = trial.server.attributes.clone();
    let asked: BTreeSet<&str> = attributes.iter().map(|name| name.split('.').next().unwrap_or_default()).collect();
    let missing: Vec<&str> = asked.difference(&found).copied().collect();
    let more: Vec<&str> = found.difference(&asked).copied().collect();
    trial.expect(missing.is_empty(), "sends every item that was asked for", || {
        format!("missing: {}", missing.join(", "))
    });
    trial.expect(more.is_empty(), "sends no other item", || format!("also sent: {}", more.join(", ")));
    Ok(())
}

pub(super) async fn metadata(trial: &mut Trial) -> Step {
    let person = person(trial).await?;
    for (name, item) in &person {
        let entries = item.as_array().map_or_else(|| std::slice::from_ref(item), Vec::as_slice);
        for entry in entries {
            for member in ["source", "classification", "lastupdated"] {
                // an item that has no such member at its top can have it one level below, as grouped items do
                let there = entry.get(member).is_some()
                    || entry.as_object().is_some_and(|group| {
                        !group.is_empty() && group.values().all(|below| below.get(member).is_some())
                    });
                trial.expect(there, &format!("{name} has {member}"), || "there is none".to_owned());
            }
        }
    }
    Ok(())
}

pub(super) async fn codes(trial: &mut Trial) -> Step {
    let person = person(trial).await?;
    let tables: Map<String, Value> = serde_json::from_str(myinfo_fixtures::CODE_TABLES_JSON)
        .map_err(|error| Stop::Inconclusive(format!("the code tables cannot be read: {error}")))?;
    for (name, item) in &person {
        let Some(code) = item.get("code").and_then(Value::as_str).filter(|code| !code.is_empty()) else { continue };
        let table = match name.as_str() {
            "birthcountry" => "countryplace",
            name => name,
        };
        let known = match tables.get(table) {
            Some(Value::Object(table)) => table.contains_key(code),
            Some(Value::Array(codes)) => codes.iter().any(|known| known == code),
            _ => true,
        };
        trial.expect(known, &format!("{name} has a code of the table {table}"), || format!("`{code}`"));
    }
    Ok(())
}

pub(super) async fn own_person(trial: &mut Trial) -> Step {
    let person = person(trial).await?;
    let found = person.get("uinfin").and_then(|item| item.get("value")).and_then(Value::as_str).unwrap_or_default();
    let Some(expected) = trial.server.uinfin.clone() else {
        return Err(Stop::Skip("the target file does not say who logs in".to_owned()));
    };
    trial.expect(found == expected, &format!("sends the data of {expected}"), || format!("those of `{found}`"));
    Ok(())
}

pub(super) async fn values(trial: &mut Trial) -> Step {
    let Some(known) = trial.server.person.clone() else {
        return Err(Stop::Skip("it is not known what the server has of the person".to_owned()));
    };
    let person = person(trial).await?;
    for (name, item) in &person {
        let Some(expected) = known.get(name).filter(|expected| *expected != item) else { continue };
        trial.find(format!("sends {name} as it is"), difference(expected, item));
    }
    Ok(())
}

pub(super) async fn gzip(trial: &mut Trial) -> Step {
    let plain = given(trial).await?;
    trial.expect(plain.coding.is_empty() || plain.coding == "identity", "sends it as it is, unasked", || {
        format!("Content-Encoding: {}", plain.coding)
    });
    let draft = trial.draft(ApiCall::Person).await?;
    trial.when("with Accept-Encoding: gzip");
    let client = &trial.server.client;
    let request = client.request(&draft, Some(&client.authorization(&draft))).header("Accept-Encoding", "gzip");
    let answer = trial.read(request).await;
    let Some(answer) = trial.served(answer)? else { return Ok(()) };
    let compressed = answer.bytes.starts_with(&[0x1f, 0x8b]);
    trial.expect(compressed == (answer.coding == "gzip"), "says in Content-Encoding what the body is", || {
        let body = if compressed { "is gzip" } else { "is not" };
        format!("Content-Encoding is `{}`, and the body {body}", answer.coding)
    });
    trial.note(if compressed { "it compresses when asked" } else { "it does not compress" });
    Ok(())
}
