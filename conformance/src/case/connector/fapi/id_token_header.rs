//! Cases of the header of the ID token's signature: what it may say, and what it must not decide.

use crate::case::connector::{ConnectorCase, Plan};
use crate::verdict::Level;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "fapi.id-token.brings-key",
        code: "F-IDT-35",
        level: Level::Must,
        clauses: &["rfc8725-issuer-keys", "rfc8725-received-claims"],
        other: "signs with a key that is not published, and carries it along as `jwk`",
        good: "refuses it, and does not call userinfo",
        why: "A token that says by itself whom to believe can be made by anybody",
        fix: "Never read a key out of a header: neither jwk, jku nor x5c",
        plan: Plan::Refuse(&["fapi-id-token-jwk"]),
    },
    ConnectorCase {
        id: "fapi.id-token.typ",
        code: "F-IDT-26",
        level: Level::Should,
        clauses: &["fapi-id-token-form", "rfc7515-typ"],
        other: "writes the `typ` of the inner signature as `application/jwt`",
        good: "accepts",
        why: "A typ is a media type: it has no case, and the part before the slash may be there or not",
        fix: "Demand no typ of an ID token, or compare it as a media type",
        plan: Plan::Accept(&["fapi-id-token-typ"]),
    },
];
