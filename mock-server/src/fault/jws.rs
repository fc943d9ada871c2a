//! Faults of the signed document inside the encrypted one.

use super::access_token::signed_as;
use super::draft::{JwsDraft, Signer};
use super::{Change, Fault};
use serde_json::{Value, json};

const SIGNED: &str = "SPEC, security: the person is signed by Myinfo with RS256";
const PAYLOAD: &str = "SPEC, person: the payload is a JSON object of data items";

pub(super) const FAULTS: &[Fault] = &[
    fault("jws-signature", "changes one bit of the signature", "rejects, shows no data", SIGNED, |draft| {
        draft.break_signature = true;
    }),
    fault("jws-none", "says alg `none`, with an empty signature", "rejects, shows no data", SIGNED, |draft| {
        signed_as(draft, "none", Signer::Nobody);
    }),
    fault("jws-key", "signs with another key", "rejects, shows no data", SIGNED, |draft| {
        draft.signer = Signer::Stranger
    }),
    fault("jws-hs256", "signs with HS256, keyed with the certificate", "rejects, shows no data", SIGNED, |draft| {
        signed_as(draft, "HS256", Signer::HmacOfCertificate);
    }),
    fault("jws-rs512", "signs with RS512 by the right key", "rejects: RS256 is the documented one", SIGNED, |draft| {
        signed_as(draft, "RS512", Signer::Rs512);
    }),
    fault("jws-payload-array", "signs a JSON array around the person", "rejects as malformed", PAYLOAD, |draft| {
        let person: Value = serde_json::from_slice(&draft.payload).unwrap_or(Value::Null);
        draft.payload = json!([person]).to_string().into_bytes();
    }),
    fault("jws-payload-string", "signs the person as a JSON string", "rejects as malformed", PAYLOAD, |draft| {
        draft.payload = json!(String::from_utf8_lossy(&draft.payload)).to_string().into_bytes();
    }),
    fault("jws-payload-not-json", "signs something that is no JSON", "rejects as malformed", PAYLOAD, |draft| {
        draft.payload = b"this is no JSON".to_vec();
    }),
];

const fn fault(
    id: &'static str,
    says: &'static str,
    good_client: &'static str,
    clause: &'static str,
    change: fn(&mut JwsDraft),
) -> Fault {
    Fault { id, says, good_client, clause, change: Change::Jws(change) }
}
