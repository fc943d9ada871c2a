//! The sender's key of a document that was encrypted by agreement on a curve (RFC 7518 §4.6.1.1), before it is used.

use super::Header;
use crate::error::Error;
use crate::key::{Curve, fixed_length};
use serde_json::Value;

/// The curve of the ephemeral key, where its form is right: josekit takes coordinates of any length, and a private part.
///
/// That it is a point on the curve OpenSSL checks (RFC 7518 §8.1, SP 800-56A §5.6.2.3).
pub(super) fn curve(header: &Header) -> Result<Curve, Error> {
    let malformed = |problem| Error::Malformed { what: header.what, problem };
    let key = header.members.get("epk").and_then(Value::as_object);
    let key = key.ok_or_else(|| malformed("it has no ephemeral key"))?;
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let curve = text("crv").filter(|_| text("kty") == Some("EC")).and_then(Curve::named);
    let curve = curve.ok_or_else(|| malformed("its ephemeral key is on no curve that Singpass uses"))?;
    if ["x", "y"].iter().any(|name| fixed_length(key.get(*name), curve).is_none()) {
        return Err(malformed("a coordinate of its ephemeral key has not the length that its curve wants"));
    }
    if key.contains_key("d") {
        return Err(malformed("its ephemeral key shows a private part"));
    }
    Ok(curve)
}
