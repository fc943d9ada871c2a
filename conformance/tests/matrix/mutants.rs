//! The mutants: the reference connector with one defect each.

use crate::driver::{Mutant, NONE, Network, untold};
use crate::mend;
use myinfo_conformance::connector::driver::{Class, Outcome};
use myinfo_connector::ambient::{Ambient, System};
use myinfo_fixtures::keys;
use serde_json::{Map, Value, json};

/// Replaces a parameter's raw value in an address.
fn raw(url: &str, name: &str, change: impl Fn(&str) -> Option<String>) -> String {
    let Some((address, query)) = url.split_once('?') else { return url.to_owned() };
    let pairs = query.split('&').filter_map(|pair| {
        let (known, value) = pair.split_once('=')?;
        if known == name { change(value).map(|value| format!("{known}={value}")) } else { Some(pair.to_owned()) }
    });
    format!("{address}?{}", pairs.collect::<Vec<_>>().join("&"))
}

fn class_of(outcome: &Outcome) -> Option<Class> {
    match outcome {
        Outcome::Rejected { class, .. } => Some(*class),
        Outcome::Accepted { .. } | Outcome::Crash { .. } => None,
    }
}

/// Tells nothing where the refusal is of one kind.
fn untold_if(outcome: Outcome, class: Class) -> Outcome {
    if class_of(&outcome) == Some(class) { untold(outcome) } else { outcome }
}

fn crash_if(outcome: Outcome, class: Class) -> Outcome {
    if class_of(&outcome) == Some(class) {
        Outcome::Crash { message: "TypeError: undefined".to_owned() }
    } else {
        outcome
    }
}

/// Changes the person that the application gets.
fn handed(outcome: Outcome, change: impl Fn(&mut Map<String, Value>)) -> Outcome {
    match outcome {
        Outcome::Accepted { person: Value::Object(mut person) } => {
            change(&mut person);
            Outcome::Accepted { person: Value::Object(person) }
        }
        other => other,
    }
}

fn in_every_item(person: &mut Map<String, Value>, change: impl Fn(&mut Map<String, Value>)) {
    person.values_mut().filter_map(Value::as_object_mut).for_each(change);
}

/// Signs the token anew where its header says one algorithm.
fn resign_if(answer: &mut myinfo_connector::transport::Response, alg: &str) {
    mend::token(answer, |jws| (jws.alg() == alg).then(|| jws.signed()));
}

fn resign_inner_if(answer: &mut myinfo_connector::transport::Response, algs: &[&str]) {
    mend::inner(answer, |text| {
        let jws = mend::Jws::read(text)?;
        algs.contains(&jws.alg()).then(|| jws.signed())
    });
}

fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

fn is_text(answer: &myinfo_connector::transport::Response, start: &str) -> bool {
    answer.status == 200 && answer.body.starts_with(start.as_bytes())
}

macro_rules! mutants {
    ($($id:literal $says:literal { $($field:ident: $value:expr),* $(,)? })*) => {
        /// Every mutant.
        pub(crate) static ALL: &[Mutant] = &[$(Mutant { id: $id, says: $says, $($field: $value,)* ..NONE }),*];
    };
}

mutants! {
    // the authorisation request
    "authorise-no-purpose" "sends no purpose" { authorise: Some(|_, url| raw(&url, "purpose", |_| None)) }
    "authorise-no-state" "sends an empty state" { authorise: Some(|_, url| raw(&url, "state", |_| Some(String::new()))) }
    "attributes-by-space" "joins the attributes with spaces" {
        authorise: Some(|_, url| raw(&url, "attributes", |value| Some(value.replace("%2C", "%20"))))
    }
    "purpose-raw" "does not encode the purpose" {
        authorise: Some(|setup, url| raw(&url, "purpose", |_| Some(setup.v3().purpose.replace(' ', "%20"))))
    }
    "purpose-encoded-twice" "encodes the purpose twice" {
        authorise: Some(|_, url| raw(&url, "purpose", |value| Some(encode(value))))
    }
    "redirect-uri-raw" "does not encode the redirect URI" {
        authorise: Some(|setup, url| raw(&url, "redirect_uri", |_| Some(setup.common.redirect_uri.clone())))
    }
    "state-constant" "has one state for every login" { state: Some(|_| "0123456789abcdef0123456789abcdef".to_owned()) }
    "state-counter" "counts its states" { state: Some(|number| format!("state-{number}")) }
    "secret-in-address" "puts the client secret into the address" {
        authorise: Some(|setup, url| format!("{url}&client_secret={}", setup.v3().client_secret))
    }
    "esvcid-missing" "sends no e-service id" { authorise: Some(|_, url| raw(&url, "sp_esvcId", |_| None)) }

    // the callback
    "state-unchecked" "takes any state" {
        callback: Some(|url, state| {
            let url = raw(&url, "state", |_| None);
            let joint = if url.ends_with('?') { "" } else { "&" };
            format!("{url}{joint}state={state}")
        })
    }
    "state-missing-taken" "takes a callback without a state" {
        callback: Some(|url, state| {
            let has = url.split(['?', '&']).any(|pair| pair.starts_with("state=") && pair != "state=");
            let url = if has { url } else { raw(&url, "state", |_| None) };
            if has { url } else { format!("{url}&state={state}") }
        })
    }
    "code-missing-posted" "posts an empty code" {
        callback: Some(|url, _| {
            let has = url.split(['?', '&']).any(|pair| pair.starts_with("code=") && pair != "code=" || pair.starts_with("error="));
            if has { url } else { format!("{}&code=none", raw(&url, "code", |_| None)) }
        })
    }
    "code-first-of-two" "takes the first of two codes" {
        callback: Some(|url, _| {
            let first = url.split(['?', '&']).find(|pair| pair.starts_with("code=")).map(str::to_owned);
            let url = raw(&url, "code", |_| None);
            first.map_or(url.clone(), |first| format!("{url}&{first}"))
        })
    }
    "code-decoded-twice" "decodes the code twice" {
        code: Some(|code| percent_encoding::percent_decode_str(&code).decode_utf8_lossy().into_owned())
    }
    "code-plus-as-space" "takes `+` in the code for a space" { code: Some(|code| code.replace('+', " ")) }
    "callback-strict" "refuses parameters that it does not know" {
        callback: Some(|url, state| if url.contains("session_hint") { format!("?state={state}") } else { url })
    }
    "callback-again" "finishes a login as often as it is asked" { keeps_sessions: true }
    "error-ignored" "takes the code beside an error" {
        callback: Some(|url, _| if url.contains("code=") { raw(&url, "error", |_| None) } else { url })
    }
    "access-denied-untold" "does not tell that the person refused" {
        outcome: Some(|outcome| untold_if(outcome, Class::AccessDenied))
    }
    "later-untold" "does not tell that the service is not available" {
        outcome: Some(|outcome| untold_if(outcome, Class::Upstream))
    }

    // the token request
    "token-no-grant-type" "sends no grant_type" { token: Some(|parts| parts.drop("grant_type")) }
    "token-no-redirect-uri" "sends no redirect_uri with token" { token: Some(|parts| parts.drop("redirect_uri")) }
    "token-redirect-uri-other" "sends another redirect_uri with token" {
        token: Some(|parts| { let uri = parts.value("redirect_uri"); parts.set("redirect_uri", &format!("{uri}/")); })
    }
    "token-secret-other" "sends its client id as the secret" { token: Some(|parts| parts.set("client_secret", keys::CLIENT_ID)) }
    "token-as-json" "names the form JSON" { token: Some(|parts| parts.content_type = Some("application/json".to_owned())) }
    "token-query" "sends the client id in the query, too" { token: Some(|parts| parts.url.push_str("?client_id=TESTBED-CLIENT")) }
    "signed-encoded" "signs encoded values" {
        token: Some(|parts| parts.signed = Some(parts.sent.iter().map(|(name, value)| (name.clone(), encode(value))).collect()))
    }
    "signed-unsorted" "signs the parameters as they are sent" {
        token: Some(|parts| parts.base = |text| {
            let mut pieces: Vec<&str> = text.split('&').collect();
            if let Some(pairs) = pieces.get_mut(2..) { pairs.reverse(); }
            pieces.join("&")
        })
    }
    "signed-slash" "signs the URL with a slash at its end" { token: Some(|parts| parts.signed_url.push('/')) }
    "signed-https" "signs https for http" {
        token: Some(|parts| parts.signed_url = parts.signed_url.replace("http://", "https://"))
    }
    "signed-lower-case" "signs the method in small letters" { token: Some(|parts| parts.base = |text| text.replacen("POST", "post", 1)) }
    "state-unsigned" "sends the state with token, and does not sign it" {
        token: Some(|parts| { parts.signed = Some(parts.sent.clone()); parts.set("state", "s"); })
    }
    "timestamp-seconds" "sends the time in seconds" {
        token: Some(|parts| parts.fields.timestamp.truncate(10))
    }
    "timestamp-old" "sends a time of ten minutes ago" {
        token: Some(|parts| {
            let time: u64 = parts.fields.timestamp.parse().unwrap_or_default();
            parts.fields.timestamp = (time - 600_000).to_string();
        })
    }
    "nonce-constant" "has one nonce for every request" { token: Some(|parts| "1".clone_into(&mut parts.fields.nonce)) }
    "nonce-for-both" "has one nonce for both requests of a flow" { one_nonce: true }
    "app-id-other" "sends another app_id than the client id" { token: Some(|parts| parts.fields.app_id.push_str("-APP")) }
    "header-unquoted" "leaves out the quotes of the header" { token: Some(|parts| parts.header = |text| text.replace('"', "")) }
    "header-lower-case" "writes the scheme in small letters" { token: Some(|parts| parts.header = |text| text.replace("PKI_SIGN", "pki_sign")) }
    "header-method-name" "names the method RSA-SHA256" {
        token: Some(|parts| "RSA-SHA256".clone_into(&mut parts.fields.signature_method))
    }

    // the token's answer
    "clock-untold" "does not tell that the clocks differ" {
        outcome: Some(|outcome| untold_if(outcome, Class::TokenRequest))
    }
    "repeats-unsigned" "sends a refused request again as it is" { repeats: 1 }
    "repeats-often" "sends a refused request four times more" { repeats: 4 }
    "malformed-crash" "crashes on an answer of another form" { outcome: Some(|outcome| crash_if(outcome, Class::Malformed)) }
    "access-token-absent-taken" "goes on without an access token" {
        token_answer: Some(|answer, setup| {
            let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
            if answer.status == 200 && body.is_object() && body["access_token"].is_null() {
                let until = System.now_seconds() + 60;
                let claims = json!({"sub": "none", "aud": keys::CLIENT_ID, "iss": setup.common.issuer, "exp": until});
                let jws = mend::Jws { header: Map::new(), payload: claims.to_string().into_bytes() };
                answer.body = json!({"access_token": jws.signed()}).to_string().into_bytes();
            }
        })
    }
    "token-type-case" "wants token_type with a capital" {
        token_answer: Some(|answer, _| if String::from_utf8_lossy(&answer.body).contains("\"bearer\"") { answer.body.clear(); })
    }
    "members-strict" "refuses members that it does not know" {
        token_answer: Some(|answer, _| if String::from_utf8_lossy(&answer.body).contains("session_hint") { answer.body.clear(); })
    }
    "cut-untold" "does not tell that the connection broke off" { outcome: Some(|outcome| untold_if(outcome, Class::Transport)) }
    "sandbox-always" "takes plain answers, whatever is configured" {
        person_answer: Some(|answer| if is_text(answer, "{") {
            let jws = mend::Jws { header: Map::new(), payload: answer.body.clone() };
            answer.body = mend::sealed(json!(jws.signed()).to_string().as_bytes());
        })
    }
    "sandbox-refused" "refuses what the sandbox answers" {
        outcome: Some(|outcome| outcome),
        setup: Some(|setup| "test".clone_into(&mut setup.v3_mut().flavour))
    }

    // the access token
    "token-unverified" "does not verify the access token" {
        token_answer: Some(|answer, _| mend::token(answer, |jws| Some(jws.signed())))
    }
    "token-none" "takes alg none" { token_answer: Some(|answer, _| resign_if(answer, "none")) }
    "token-hs256" "takes HS256 by the certificate" { token_answer: Some(|answer, _| resign_if(answer, "HS256")) }
    "token-other-alg" "takes RS512 and PS256" {
        token_answer: Some(|answer, _| { resign_if(answer, "RS512"); resign_if(answer, "PS256"); })
    }
    "token-embedded-key" "trusts a key that the token brings along" {
        token_answer: Some(|answer, _| mend::token(answer, |jws| {
            ["jwk", "jku", "x5c"].iter().any(|name| jws.header.contains_key(*name)).then(|| jws.signed())
        }))
    }
    "token-expired-taken" "takes expired tokens" {
        token_answer: Some(|answer, _| mend::claims(answer, |claims| {
            claims.insert("exp".to_owned(), json!(System.now_seconds() + 60));
        }))
    }
    "token-future-taken" "takes tokens that are not valid yet" {
        token_answer: Some(|answer, _| mend::claims(answer, |claims| { claims.remove("nbf"); claims.remove("iat"); }))
    }
    "token-no-subject-taken" "goes on without a subject" {
        token_answer: Some(|answer, _| mend::claims(answer, |claims| {
            if claims.get("sub").and_then(Value::as_str).is_none_or(str::is_empty) {
                claims.insert("sub".to_owned(), json!("undefined"));
            }
        }))
    }
    "token-issuer-unchecked" "takes tokens by any issuer" {
        token_answer: Some(|answer, setup| mend::claims(answer, |claims| {
            claims.insert("iss".to_owned(), json!(setup.common.issuer));
        }))
    }
    "token-audience-unchecked" "takes tokens for other clients" {
        token_answer: Some(|answer, _| mend::claims(answer, |claims| { claims.insert("aud".to_owned(), json!(keys::CLIENT_ID)); }))
    }
    "subject-raw" "puts the subject into the path as it is" {
        person: Some(|parts| {
            let decoded = percent_encoding::percent_decode_str(&parts.url).decode_utf8_lossy().into_owned();
            decoded.clone_into(&mut parts.url);
            parts.signed_url = decoded;
        })
    }

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
            Some(Class::PersonRequest) => Outcome::Accepted { person: json!({}) },
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
            let own = ["S9000001H", "S9000002F"].map(Value::from);
            if person.get("uinfin").is_some_and(|uinfin| !own.contains(&uinfin["value"])) {
                person.shift_remove("uinfin");
            }
        }))
    }

    // keys and TLS
    "pkcs1-refused" "claims PKCS#1 and does not read it" {
        setup: Some(|setup| if setup.v3().private_key.format == "pkcs1" { setup.v3_mut().private_key.text = Some("-----BEGIN X-----".to_owned()); })
    }
    "configuration-late" "takes a certificate for the private key until it has to sign" { takes_any_configuration: true }
    "mismatch-untold" "does not tell that its request was not accepted as signed" {
        outcome: Some(|outcome| match &outcome {
            Outcome::Rejected { message, .. } if message.contains("500") => untold(outcome),
            _ => outcome,
        })
    }
    "tls-any-certificate" "trusts any certificate" { network: Network::TrustsAnyCertificate }
    "tls-any-host" "trusts a certificate for any host" { network: Network::TrustsAnyHost }

    // what is told
    "tells-the-token" "puts the client secret into its errors" {
        outcome: Some(|outcome| match outcome {
            Outcome::Rejected { class, native, message } => {
                Outcome::Rejected { class, native, message: format!("{message}: {}", keys::CLIENT_SECRET) }
            }
            other => other,
        })
    }
    "refuses-everything" "refuses every callback" { callback: Some(|_, _| "?".to_owned()) }
    "accepts-nothing-changed" "changes the name of every person" {
        outcome: Some(|outcome| handed(outcome, |person| { person.insert("name".to_owned(), json!({"value": "SOMEBODY"})); }))
    }
}
