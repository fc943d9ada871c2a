//! The signed requests of v3, read once more by the oracle's rules.

use super::parameters;
use crate::connector::recorder::Recorded;
use crate::verdict::Stop;
use myinfo_oracle::v3::{Authorized, base_string, read_authorization, verify};
use myinfo_oracle::{OracleError, key};

/// The `Authorization` header, read strictly.
///
/// # Errors
/// How it differs from the documented form.
pub fn authorization(call: &Recorded) -> Result<Authorized, OracleError> {
    read_authorization(call.header("authorization").unwrap_or_default())
}

/// The same for a case that is about something else.
///
/// # Errors
/// [`Stop::Inconclusive`] when it cannot be read: another case tells.
pub fn readable(call: &Recorded) -> Result<Authorized, Stop> {
    authorization(call).map_err(|error| Stop::Inconclusive(format!("the Authorization header cannot be read: {error}")))
}

/// The base string that a request must have been signed over, the address being `origin` and the path as sent.
pub fn expected_base_string(call: &Recorded, authorized: &Authorized, origin: &str) -> String {
    base_string(&call.method, &format!("{origin}{}", call.path()), &authorized.fields, &parameters(call))
}

/// Whether the client's registered key signed a text.
pub fn is_signed(text: &str, signature: &str) -> bool {
    let key = key::public(myinfo_fixtures::keys::CLIENT_PUBLIC_KEY_PEM);
    key.is_ok_and(|key| verify(text, signature, &key).is_ok())
}
