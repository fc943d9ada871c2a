//! Cases of a move that was made by half: what is left of v3, v4 or the API before FAPI. They run with `--migrating-from`.

use crate::case::connector::{ConnectorCase, accepts, verbs};
use crate::connector::driver::Outcome;
use crate::connector::session::Session;
use crate::verdict::{Level, Step};
use serde_json::{Value, json};

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "fapi.migration.old-addresses",
        code: "F-MIG-01",
        level: Level::Must,
        clauses: &["fapi-discovery"],
        other: "watches a whole login for calls of addresses that v3, v4 and the API before FAPI have",
        good: "calls none of them, and sends the browser to none",
        why: "What still goes there works until the old API is switched off, and not a day longer",
        fix: "Configure the issuer that ends in /fapi, and take every address out of its discovery document",
        plan: verbs!(old_addresses),
    },
    ConnectorCase {
        id: "fapi.migration.person-in-one-place",
        code: "F-MIG-02",
        level: Level::Must,
        clauses: &["fapi-person-info"],
        other: "has somebody else's items at the root of userinfo, where v3, v4 and the API before FAPI had the person, beside person_info",
        good: "accepts, and takes the person from person_info",
        why: "Code that looks at the root first shows the wrong person as soon as anything stands there",
        fix: "Read the data in person_info, and nothing but sub, iss, aud and iat at the root",
        plan: verbs!(one_place, with["fapi-userinfo-root-beside"]),
    },
    ConnectorCase {
        id: "fapi.migration.factors",
        code: "F-MIG-03",
        level: Level::Should,
        clauses: &["fapi-id-token-open"],
        other: "lists all factors of the login in amr, by their names of today: pwd, otp-sms, face",
        good: "accepts, and passes the list on as it is",
        why: "The API before FAPI said `sms`, `fv` or `fv-alt`, one at a time: comparisons with those names fail after the move",
        fix: "Go by acr; where you look at amr, take it as a list, with sms as otp-sms, fv as face and fv-alt as face-alt",
        plan: verbs!(factors, with["fapi-id-token-factors"]),
    },
];

/// What an address of the older APIs is, below the server.
fn is_old(path: &str) -> bool {
    let versions = ["/com/", "/gov/", "/serviceauth/"];
    let root = ["/auth", "/token", "/userinfo", "/.well-known/openid-configuration"];
    versions.iter().any(|old| path.starts_with(old)) || root.contains(&path)
}

pub(super) async fn old_addresses(session: &mut Session<'_>) -> Step {
    session.mark().await?;
    session.ready().await?;
    session.when("in a whole login");
    let prefix = session.realm.prefix();
    let calls = session.all_calls();
    let paths = calls.iter().map(|call| call.path().strip_prefix(prefix.as_str()).unwrap_or_default());
    let mut old: Vec<String> = paths.filter(|path| is_old(path)).map(str::to_owned).collect();
    old.sort();
    old.dedup();
    for path in old {
        session.find("calls no address of the older APIs", format!("{path} was called"));
    }
    Ok(())
}

pub(super) async fn one_place(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    accepts(session, "fapi-userinfo-root-beside").await
}

pub(super) async fn factors(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with the fault fapi-id-token-factors");
    let outcome = session.flow_with("fapi-id-token-factors").await?;
    session.accepted(&outcome).await?;
    let Outcome::Accepted { claims: Some(claims), .. } = &outcome else { return Ok(()) };
    let found = claims.get("amr").cloned().unwrap_or(Value::Null);
    session.expect(found == json!(["pwd", "otp-sms", "face"]), "passes amr on as it is", || found.to_string());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_old;

    #[test]
    fn the_addresses_of_fapi_are_none_of_the_older_apis() {
        for path in ["/fapi/par", "/fapi/auth", "/fapi/token", "/fapi/userinfo", "/.well-known/keys", "/authx"] {
            assert!(!is_old(path), "{path}");
        }
        for path in ["/com/v3/token", "/gov/v3/person/x", "/com/v4/person/x", "/auth", "/token", "/userinfo"] {
            assert!(is_old(path), "{path}");
        }
        assert!(is_old("/.well-known/openid-configuration"));
    }
}
