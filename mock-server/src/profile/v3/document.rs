//! The person document of v3: selected, signed, encrypted for the client, and the headers as recorded.

use super::call::Call;
use super::client::{Client, ClientKey};
use crate::config::Flavour;
use crate::examination::Examination;
use crate::fault::draft::{JweDraft, JwsDraft};
use crate::fault::{Stage, When};
use crate::http::exchange::Answer;
use crate::jose::jws::Alg;
use crate::jose::nested::ascii_json;
use crate::persona::{Persona, dates};
use crate::refusal::Failure;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use warp::http::StatusCode;

/// The header of a signed token, as recorded.
pub(super) fn token_header(kid: &str) -> Map<String, Value> {
    [("typ", "JWT"), ("alg", "RS256"), ("kid", kid)]
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .into_iter()
        .collect()
}

/// The header of a signed document: as recorded, it does not tell its type.
fn document_header(kid: &str) -> Map<String, Value> {
    [("alg", "RS256"), ("kid", kid)].map(|(name, value)| (name.to_owned(), json!(value))).into_iter().collect()
}

/// The header of an encrypted document: exactly these members as recorded. RSA-OAEP is the one with SHA-1.
fn encrypted_header(kid: &str) -> Map<String, Value> {
    let members = [("alg", "RSA-OAEP"), ("enc", "A256GCM"), ("kid", kid)];
    members.map(|(name, value)| (name.to_owned(), json!(value))).into_iter().collect()
}

/// Whose data go to whom.
#[derive(Clone, Copy)]
pub(super) struct Delivery<'a> {
    pub(super) client: Client<'a>,
    pub(super) flavour: Flavour,
    pub(super) persona: &'a Persona,
    /// The attributes that are sent.
    pub(super) attributes: &'a [String],
}

/// The answer to a request that keeps every rule.
pub(super) fn deliver(call: &Call<'_>, exam: &mut Examination, delivery: Delivery<'_>) -> Option<Answer> {
    exam.persona = Some(delivery.persona.id.clone());
    let mut reply = call.reply(call.settings.person_error_code);
    if call.app.faults.reply(Stage::PersonResponse, When::Instead, &mut reply, exam) {
        return Some(reply.answer);
    }
    let answer = match (delivery.flavour, &delivery.client.v3.key) {
        (Flavour::Test, Some(key)) => encrypted(call, exam, delivery, key),
        (Flavour::Test | Flavour::Sandbox, _) => {
            Ok(Answer::api(StatusCode::OK, "application/json", payload(call, exam, delivery)))
        }
    };
    reply.answer = answer.map_err(|failure| exam.failed(failure)).ok()?;
    call.app.faults.reply(Stage::PersonResponse, When::After, &mut reply, exam);
    Some(reply.answer)
}

/// The data of a persona, as JSON.
fn payload(call: &Call<'_>, exam: &mut Examination, delivery: Delivery<'_>) -> String {
    let person = call.shared.person_data(exam, delivery.persona, delivery.attributes, call.writing());
    ascii_json(&Value::Object(person))
}

/// The signed document: from memory, or made now. What a fault may change is not remembered.
fn signed(call: &Call<'_>, exam: &mut Examination, delivery: Delivery<'_>) -> Result<Arc<str>, Failure> {
    let app = call.app;
    let mut write = || {
        let payload = payload(call, exam, delivery).into_bytes();
        let header = document_header(app.signing.kid());
        let draft = JwsDraft::by_service(Alg::Rs256, header, payload, delivery.client.id);
        call.signed(exam, Stage::PersonJws, draft)
    };
    if app.faults.any() {
        return write().map(Arc::from);
    }
    let today = dates::singapore_day(app.clock.shown());
    // settings do not change while the server runs; personas carry their edition, relative dates follow the day
    let name = format!("v3 {} {} {today} {}", call.book.edition, delivery.persona.id, delivery.attributes.join(","));
    app.documents.of(name, write)
}

/// The signed document, encrypted for the client.
fn encrypted(
    call: &Call<'_>,
    exam: &mut Examination,
    delivery: Delivery<'_>,
    key: &ClientKey,
) -> Result<Answer, Failure> {
    let signed = signed(call, exam, delivery)?;
    exam.document = Some(Arc::clone(&signed));
    let mut draft = JweDraft {
        header: encrypted_header(&key.kid),
        // recorded: the plaintext is a JSON string, quotes included; a compact JWS needs no escaping inside it
        plaintext: format!("\"{signed}\"").into_bytes(),
        recipient: key.material.key.clone(),
        segments: Vec::new(),
        instead: None,
        signed,
    };
    call.app.faults.jwe(Stage::PersonJwe, &mut draft, exam);
    if let Some((content_type, body)) = draft.instead {
        return Ok(Answer::api(StatusCode::OK, content_type, body));
    }
    let body = draft.write(&call.app.entropy).map_err(|error| Failure::signing(&error))?;
    Ok(Answer::api(StatusCode::OK, "application/jose", body))
}
