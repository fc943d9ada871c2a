//! What Singpass signs and encrypts: documents, as a fault of their stage may change them.

use super::service_keys;
use super::settings::FapiSettings;
use crate::call::Call;
use crate::examination::Examination;
use crate::fault::Stage;
use crate::fault::draft::{JweDraft, JwsDraft, Signers};
use crate::jose::jwk_set::JwkSet;
use crate::jose::jws::Alg;
use crate::refusal::Failure;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A document before it is signed.
pub(in crate::profile) struct Unsigned<'a> {
    pub(in crate::profile) stage: Stage,
    /// The `typ` of its header.
    pub(in crate::profile) kind: &'static str,
    pub(in crate::profile) client_id: &'a str,
    /// Its claims, as JSON.
    pub(in crate::profile) payload: Vec<u8>,
}

/// A JWS of the service: `alg`, `typ`, `kid`.
pub(in crate::profile) fn signed(
    call: &Call<'_>,
    exam: &mut Examination,
    settings: &FapiSettings,
    unsigned: Unsigned<'_>,
) -> Result<String, Failure> {
    let own = service_keys::of(call.app, settings);
    let header = header(&[("alg", own.curve.algorithm()), ("typ", unsigned.kind), ("kid", &own.kid)]);
    let mut draft = JwsDraft::by_service(Alg::Es(own.curve), header, unsigned.payload, unsigned.client_id);
    call.app.faults.jws(unsigned.stage, &mut draft, exam);
    let stranger = || Ok(own.stranger.clone());
    let keys = Signers {
        service: &own.signing,
        stranger: &stranger,
        certificate_pem: &own.public_pem,
        repeats: call.app.entropy.repeats(),
    };
    draft.write(&keys).map_err(|error| Failure::signing(&error))
}

/// A signed document before it is encrypted.
pub(in crate::profile) struct Unencrypted {
    pub(in crate::profile) stage: Stage,
    pub(in crate::profile) enc: &'static str,
    pub(in crate::profile) signed: Arc<str>,
}

/// What a client receives of a document.
pub(in crate::profile) struct Encrypted {
    /// The content type, where a fault sends something else than a JWE.
    pub(in crate::profile) content_type: Option<&'static str>,
    pub(in crate::profile) text: String,
}

/// A document for the client's key: `cty`, `enc`, `alg`, `kid` and `epk`, as in the documented sample.
pub(in crate::profile) fn encrypted(
    call: &Call<'_>,
    exam: &mut Examination,
    keys: &JwkSet,
    unencrypted: Unencrypted,
) -> Result<Encrypted, Failure> {
    let key = keys.encryption().ok_or_else(Failure::nothing_to_say)?;
    let alg = key.alg.as_deref().unwrap_or_default();
    let mut draft = JweDraft {
        header: header(&[("cty", "JWT"), ("enc", unencrypted.enc), ("alg", alg), ("kid", &key.kid)]),
        plaintext: unencrypted.signed.as_bytes().to_vec(),
        recipient: key.key.key.clone(),
        segments: Vec::new(),
        instead: None,
        signed: unencrypted.signed,
    };
    call.app.faults.jwe(unencrypted.stage, &mut draft, exam);
    if let Some((content_type, body)) = draft.instead {
        let text = String::from_utf8_lossy(&body).into_owned();
        return Ok(Encrypted { content_type: Some(content_type), text });
    }
    let text = draft.write(&call.app.entropy).map_err(|error| Failure::signing(&error))?;
    Ok(Encrypted { content_type: None, text })
}

fn header(members: &[(&str, &str)]) -> Map<String, Value> {
    members.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}
