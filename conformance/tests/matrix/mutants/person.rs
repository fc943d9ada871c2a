//! What a connector does wrong with the person endpoint, the document, the data, its keys, and what it tells.

use super::{
    class_of, crashes_where, handed, in_every_item, is_text, mutants, records, refused_where, resign_inner_if, text_of,
    today, untold_if,
};
use crate::driver::untold;
use crate::mend;
use crate::network::Network;
use myinfo_conformance::connector::driver::{Class, Outcome};
use myinfo_fixtures::keys;
use serde_json::{Map, Value, json};

mutants! {
    // the person request
    "subject-other" "asks for a person by NRIC" {
        person: Some(|parts| {
            let start = parts.url.find("/person/").unwrap_or_default();
            parts.url = format!("{}/person/S9000001H/", &parts.url[..start]);
            parts.signed_url.clone_from(&parts.url);
        })
    }
    "person-no-bearer" "sends no Bearer token with person" { person: Some(|parts| parts.bearer = None) }
    "person-no-attributes" "asks person for nothing but the name" { person: Some(|parts| parts.set("attributes", "name")) }
    "person-signed-query" "signs the query as a part of the URL" {
        person: Some(|parts| parts.signed_url.push_str("?client_id=TESTBED-CLIENT"))
    }
    "person-signed-no-slash" "signs the person's URL without its slash" {
        person: Some(|parts| parts.signed_url = parts.signed_url.trim_end_matches('/').to_owned())
    }
    "consent-ignored" "asks for everything, whatever was consented to" {
        person: Some(|parts| parts.set("attributes", "uinfin,name,sex,dob,email,regadd"))
    }
    "txnno-missing" "sends no txnNo" { person: Some(|parts| parts.drop("txnNo")) }
    "txnno-unsigned" "does not sign txnNo" {
        person: Some(|parts| parts.signed = Some(parts.sent.iter().filter(|(name, _)| name != "txnNo").cloned().collect()))
    }

    // the person's answer
    "refused-as-empty" "hands out an empty person when it is refused" {
        outcome: Some(|outcome| match class_of(&outcome) {
            Some(Class::PersonRequest) => Outcome::Accepted { person: json!({}), claims: None },
            _ => outcome,
        })
    }
    "no-profile-untold" "does not tell a missing profile from a failure" {
        outcome: Some(|outcome| match class_of(&outcome) {
            Some(Class::NoProfile | Class::Upstream) => untold(outcome),
            _ => outcome,
        })
    }
    "exchanges-again" "exchanges the code again when person fails" { exchanges_again: true }
    "too-many-no-wait" "does not wait when it is told to" { network: Network::DoesNotWait }
    "follows-redirects" "follows redirects with its credentials" { network: Network::FollowsRedirects }
    "follows-preserving" "follows redirects with 307 and 308, and sends the same request there" { network: Network::FollowsPreserving }
    "time-limit-ignored" "waits for an answer longer than it was told to" { network: Network::WaitsForEver }
    "gzip-left" "asks for gzip and does not decompress" { network: Network::LeavesGzip }

    // the document's protection
    "quotes-wanted" "refuses a document without quotes" {
        person_answer: Some(|answer| if mend::Opened::read(&answer.body).is_some_and(|opened| opened.authentic && opened.plaintext.starts_with(b"ey")) {
            answer.body = b"a.b.c.d.e".to_vec();
        })
    }
    "tag-unchecked" "does not check the tag" { person_answer: Some(|answer| mend::resealed(answer, mend::Opened::is_usual)) }
    "tag-short-taken" "takes a tag of twelve bytes" {
        person_answer: Some(|answer| mend::resealed(answer, |opened| {
            opened.alg() == "RSA-OAEP" && opened.parts.get(4).is_some_and(|tag| tag.len() == 12)
        }))
    }
    "segments-unchecked" "takes documents of any number of parts" {
        person_answer: Some(|answer| mend::resealed(answer, |opened| opened.parts.len() != 5))
    }
    "header-unauthenticated" "does not check that the header belongs to the tag" {
        person_answer: Some(|answer| mend::resealed(answer, |opened| opened.header.contains_key("x")))
    }
    "decryption-untold" "does not tell that decryption failed" { outcome: Some(|outcome| untold_if(outcome, Class::Decryption)) }
    "rsa1-5-taken" "takes RSA1_5" { person_answer: Some(|answer| mend::resealed(answer, |opened| opened.alg() == "RSA1_5")) }
    "dir-taken" "takes alg dir with a public key" { person_answer: Some(|answer| mend::resealed(answer, |opened| opened.alg() == "dir")) }
    "zip-taken" "decompresses without a limit" {
        person_answer: Some(|answer| mend::resealed(answer, |opened| opened.header.contains_key("zip")))
    }
    "document-unverified" "does not verify the document" {
        person_answer: Some(|answer| mend::inner(answer, |text| mend::Jws::read(text).map(|jws| jws.signed())))
    }
    "document-none" "takes documents with alg none" { person_answer: Some(|answer| resign_inner_if(answer, &["none"])) }
    "document-hs256" "takes documents with HS256 by the certificate" { person_answer: Some(|answer| resign_inner_if(answer, &["HS256"])) }
    "document-bare-jws" "takes documents without encryption" {
        person_answer: Some(|answer| if is_text(answer, "ey") && answer.body.split(|byte| *byte == b'.').count() == 3 {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            answer.body = mend::sealed(json!(text).to_string().as_bytes());
        })
    }
    "document-bare-json" "takes documents without encryption and signature" {
        person_answer: Some(|answer| if is_text(answer, "{\"uinfin") {
            let jws = mend::Jws { header: Map::new(), payload: answer.body.clone() };
            answer.body = mend::sealed(json!(jws.signed()).to_string().as_bytes());
        })
    }
    "document-unsigned" "takes encrypted documents without a signature" {
        person_answer: Some(|answer| if let Some(opened) = mend::Opened::read(&answer.body).filter(|opened| opened.plaintext.starts_with(b"{")) {
            let jws = mend::Jws { header: Map::new(), payload: opened.plaintext };
            answer.body = mend::sealed(json!(jws.signed()).to_string().as_bytes());
        })
    }
    "document-array" "takes the first of an array for the person" {
        person_answer: Some(|answer| mend::inner(answer, |text| {
            let mut jws = mend::Jws::read(text)?;
            let Ok(Value::Array(mut items)) = serde_json::from_slice(&jws.payload) else { return None };
            jws.payload = items.remove(0).to_string().into_bytes();
            Some(jws.signed())
        }))
    }
    "kid-wanted" "refuses a kid that it does not know" {
        person_answer: Some(|answer| if mend::Opened::read(&answer.body).is_some_and(|opened| opened.header.get("kid") == Some(&json!("unknown"))) {
            answer.body = b"a.b.c.d.e".to_vec();
        })
    }
    "line-end-refused" "refuses a line break behind the document" {
        person_answer: Some(|answer| if answer.body.ends_with(b"\n") { answer.body.clear(); })
    }
    "padding-told" "tells how decryption failed" {
        outcome: Some(|outcome| outcome),
        person_answer: Some(|answer| if answer.status == 200 && answer.body.starts_with(b"ey") && mend::Opened::read(&answer.body).is_none() {
            answer.body = b"not a document".to_vec();
        })
    }
    "one-certificate" "looks at the first certificate only" { setup: Some(|setup| setup.v3_mut().myinfo_certificates.truncate(1)) }
    "stranger-trusted" "trusts a key that was never configured" {
        setup: Some(|setup| setup.v3_mut().myinfo_certificates.push(keys::STRANGER_CERT_PEM.to_owned()))
    }

    // the data
    "empty-dropped" "drops what is empty or unavailable" {
        outcome: Some(|outcome| handed(outcome, |person| person.retain(|_, item| item["value"] != "" && item["unavailable"] != true)))
    }
    "addresses-formatted" "knows addresses in Singapore only" {
        outcome: Some(|outcome| handed(outcome, |person| person.retain(|_, item| item["type"] != "UNFORMATTED")))
    }
    "names-ascii" "keeps only ASCII of a text" {
        outcome: Some(|outcome| handed(outcome, |person| in_every_item(person, |item| {
            if let Some(Value::String(text)) = item.get_mut("value") { text.retain(|character| character.is_ascii()); }
        })))
    }
    "quotes-stripped" "strips quotes and backslashes" {
        outcome: Some(|outcome| handed(outcome, |person| in_every_item(person, |item| {
            if let Some(Value::String(text)) = item.get_mut("value") { text.retain(|character| !"\"\\".contains(character)); }
        })))
    }
    "codes-known" "drops codes that are in no table" {
        outcome: Some(|outcome| handed(outcome, |person| person.retain(|_, item| item["code"] != "ZZ9")))
    }
    "lists-single" "makes a list of one its only entry" {
        outcome: Some(|outcome| handed(outcome, |person| person.values_mut().for_each(|item| {
            if let Value::Array(entries) = item && entries.len() == 1 { *item = entries.remove(0); }
        })))
    }
    "numbers-as-floats" "reads numbers as 64-bit floats" {
        outcome: Some(|outcome| handed(outcome, |person| in_every_item(person, |item| in_every_item(item, |part| {
            if let Some(number) = part.get("value").and_then(Value::as_f64) { part.insert("value".to_owned(), json!(number)); }
        }))))
    }
    "person-unchecked" "does not compare the document with the subject" {
        person_answer: Some(|answer| mend::person(answer, |person| {
            let own = ["S9000001H", "S9000002F", "M5012345J"].map(Value::from);
            if person.get("uinfin").is_some_and(|uinfin| !own.contains(&uinfin["value"])) {
                person.shift_remove("uinfin");
            }
        }))
    }

    // the people
    "m-series-refused" "knows the numbers of S, T, F and G alone" {
        outcome: Some(|outcome| refused_where(outcome, |person| {
            text_of(person, "uinfin").is_some_and(|number| !number.starts_with(['S', 'T', 'F', 'G']))
        }))
    }
    "surname-wanted" "wants a name of two words" {
        outcome: Some(|outcome| refused_where(outcome, |person| {
            text_of(person, "name").is_some_and(|name| !name.contains(' '))
        }))
    }
    "name-cut" "keeps 60 characters of a name" {
        outcome: Some(|outcome| handed(outcome, |person| if let Some(name) = text_of(person, "name") {
            let kept: String = name.chars().take(60).collect();
            person["name"]["value"] = json!(kept);
        }))
    }
    "future-birth-refused" "refuses a date of birth that lies ahead of its clock" {
        outcome: Some(|outcome| refused_where(outcome, |person| {
            text_of(person, "dob").is_some_and(|born| born > today())
        }))
    }
    "child-name-read" "reads a child's name without looking whether there is one" {
        outcome: Some(|outcome| crashes_where(outcome, |person| {
            records(person, "childrenbirthrecords").iter().any(|child| child["name"]["value"].as_str().is_none())
        }))
    }
    "child-born-wanted" "wants the date of birth of every child" {
        outcome: Some(|outcome| refused_where(outcome, |person| {
            records(person, "childrenbirthrecords").iter().any(|child| child["dob"]["value"] == "")
        }))
    }
    "first-vehicle-read" "reads the first of no vehicles" {
        outcome: Some(|outcome| crashes_where(outcome, |person| {
            person.contains_key("vehicles") && records(person, "vehicles").is_empty()
        }))
    }
    "floor-read" "reads the floor of every home" {
        outcome: Some(|outcome| crashes_where(outcome, |person| {
            person.get("regadd").is_some_and(|home| home["type"] == "SG" && home.get("floor").is_none())
        }))
    }
    "blank-refused" "refuses a blank occupation" {
        outcome: Some(|outcome| refused_where(outcome, |person| text_of(person, "occupation").as_deref() == Some("")))
    }
    "value-read" "reads the value of every item" {
        outcome: Some(|outcome| crashes_where(outcome, |person| {
            let names = ["lastupdated", "source", "classification"];
            person.values().filter_map(Value::as_object).any(|item| item.keys().all(|name| names.contains(&name.as_str())))
        }))
    }

    // keys and TLS
    "pkcs1-refused" "claims PKCS#1 and does not read it" {
        setup: Some(|setup| if setup.v3().private_key.format == "pkcs1" { setup.v3_mut().private_key.text = Some("-----BEGIN X-----".to_owned()); })
    }
    "configuration-late" "takes a certificate for the private key until it has to sign" { takes_any_configuration: true }
    "mismatch-untold" "does not tell that its request was not accepted as signed" {
        outcome: Some(|outcome| match &outcome {
            Outcome::Rejected { message, .. } if message.as_said().contains("500") => untold(outcome),
            _ => outcome,
        })
    }
    "tls-any-certificate" "trusts any certificate" { network: Network::TrustsAnyCertificate }
    "tls-any-host" "trusts a certificate for any host" { network: Network::TrustsAnyHost }

    // what is told
    "tells-the-token" "puts the client secret into its errors" {
        outcome: Some(|outcome| match outcome {
            Outcome::Rejected { class, native, message } => {
                Outcome::Rejected { class, native, message: format!("{message}: {}", keys::CLIENT_SECRET).into() }
            }
            other => other,
        })
    }
    "refuses-everything" "refuses every callback" { callback: Some(|_, _| "?".to_owned()) }
    "accepts-nothing-changed" "changes the name of every person" {
        outcome: Some(|outcome| handed(outcome, |person| { person.insert("name".to_owned(), json!({"value": "SOMEBODY"})); }))
    }
}
