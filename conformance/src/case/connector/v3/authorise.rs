//! Cases of the authorisation request: what the browser is sent away with.

use crate::case::connector::{ConnectorCase, Plan, verbs};
use crate::connector::driver::Class;
use crate::connector::session::Session;
use crate::connector::testbed::CALLBACK_QUERIES;
use crate::connector::wire::{decoded, raw, value};
use crate::profile::v3::key_mark;
use crate::verdict::Level;
use crate::verdict::Step;
use myinfo_fixtures::keys;
use std::collections::BTreeSet;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "v3.authorise.parameters",
        code: "V3-AUTH-01",
        level: Level::Must,
        clauses: &["v3-authorise-parameters", "v3-authorise-response-type", "rfc6749-redirect-uri-registered"],
        other: "shows login and consent",
        good: "sends client_id, attributes, purpose, state and redirect_uri exactly as configured",
        why: "Without one of them, or with another value, the service shows an error instead of the login",
        fix: "Send the five parameters in the authorise URL with the configured values, and response_type only as code",
        plan: verbs!(parameters),
    },
    ConnectorCase {
        id: "v3.authorise.attributes-comma",
        code: "V3-AUTH-02",
        level: Level::Must,
        clauses: &["v3-authorise-attributes"],
        other: "expects several attributes",
        good: "joins them with commas, without spaces, in the names of the catalogue",
        why: "A name with a space in front, or an unknown one, ends the login with invalid_scope",
        fix: "Join the attributes with a bare comma and take their names from the catalogue, dotted members included",
        plan: verbs!(attributes),
    },
    ConnectorCase {
        id: "v3.authorise.purpose-encoded",
        code: "V3-AUTH-03",
        level: Level::Must,
        clauses: &["rfc6749-request-encoding", "v3-authorise-parameters"],
        other: "expects a purpose that has blanks, &, ü and +",
        good: "encodes it once, so that it decodes to the original",
        why: "The user consents to the text on the page, and a raw & cuts it off and adds a parameter",
        fix: "Build the query with a form encoder from UTF-8, and do not encode a value that is encoded already",
        plan: verbs!(purpose),
    },
    ConnectorCase {
        id: "v3.authorise.redirect-uri-encoded",
        code: "V3-AUTH-04",
        level: Level::Must,
        clauses: &["rfc6749-redirect-uri-query", "rfc6749-request-encoding"],
        other: "expects a redirect URI that has a query of its own",
        good: "encodes it, so that nothing of it spills into the outer query",
        why: "What spills over is read as a parameter of authorise, and the rest is no registered redirect URI",
        fix: "Percent-encode the whole redirect_uri, its ?, & and = included, before it goes into the query",
        plan: verbs!(redirect_query),
    },
    ConnectorCase {
        id: "v3.authorise.state-fresh",
        code: "V3-AUTH-05",
        level: Level::Must,
        clauses: &["v3-authorise-state-unique", "rfc6749-unguessable", "rfc6749-csrf"],
        other: "serves 50 logins",
        good: "sends another state each time, of 128 bits or more",
        why: "Who can guess the state can make a victim's browser finish the login of somebody else",
        fix: "Take at least 16 bytes from a secure random source for each login; use no counter, time or constant",
        plan: verbs!(states),
    },
    ConnectorCase {
        id: "v3.authorise.no-secret",
        code: "V3-AUTH-06",
        level: Level::Must,
        clauses: &["rfc6749-secret-not-in-url"],
        other: "looks for secrets in the authorise URL",
        good: "puts no client secret, key or token into it",
        why: "The URL is in the browser's history, in logs and in the Referer of the next page",
        fix: "Leave client_secret, keys and tokens out of the authorise URL; the secret belongs in the body of the token request",
        plan: verbs!(no_secrets),
    },
    ConnectorCase {
        id: "v3.authorise.esvcid",
        code: "V3-AUTH-07",
        level: Level::Must,
        clauses: &["v3-authorise-esvcid", "v3-person-esvcid"],
        other: "serves the gov context",
        good: "sends sp_esvcId to authorise and to person",
        why: "The service does not know the e-service without it, and it is part of the signed text of person",
        fix: "Make sp_esvcId a setting for gov and send it with authorise and person, spelled in this case",
        plan: verbs!(eservice),
    },
    ConnectorCase {
        id: "v3.callback.access-denied",
        code: "V3-AUTH-08",
        level: Level::Must,
        clauses: &["v3-authorise-errors", "rfc6749-error-response"],
        other: "redirects with error=access_denied and the state, because the user refused",
        good: "ends the login as refused and does not call token",
        why: "A refusal is not a fault; who treats it as one alarms the user and the operator",
        fix: "Look for error in the callback before code, and give access_denied to the application as an outcome of its own",
        plan: Plan::RefuseAs(&["callback-error-access-denied"], &[Class::AccessDenied]),
    },
    ConnectorCase {
        id: "v3.callback.maintenance",
        code: "V3-AUTH-09",
        level: Level::Should,
        clauses: &["v3-authorise-errors", "v3-person-alternative", "v3-errors-distinct"],
        other: "redirects with error=503, because of maintenance",
        good: "reports that the service is away for now and does not call token",
        why: "Maintenance is announced and passes; the user should be told to try later or to fill in by hand",
        fix: "Map error=503 of the callback to a temporary outcome, apart from refusals and mistakes",
        plan: Plan::RefuseAs(&["callback-error-503"], &[Class::Upstream]),
    },
    ConnectorCase {
        id: "v3.callback.error-and-code",
        code: "V3-AUTH-10",
        level: Level::Should,
        clauses: &["rfc6749-error-response"],
        other: "redirects with an error and a code",
        good: "treats it as an error and does not call token",
        why: "Such a callback cannot come from a login that went well, so its code is not to be trusted",
        fix: "Check error first, and do not use a code that comes with it",
        plan: Plan::Refuse(&["callback-error-and-code"]),
    },
];

/// How many logins the cases of freshness begin.
const MANY: usize = 50;

/// The query of the address that the browser is sent to.
async fn query(session: &mut Session<'_>) -> Step<String> {
    session.when("sending the browser to authorise");
    let url = session.start().await?.url;
    let expected = &session.setup.v3().authorise_url;
    let holds = url.split('?').next() == Some(expected.as_str());
    let expected = format!("sends the browser to {expected}");
    session.expect(holds, &expected, || url.split('?').next().unwrap_or_default().to_owned());
    Ok(url.split_once('?').map_or_else(String::new, |(_, query)| query.to_owned()))
}

/// A parameter must have a value.
fn expect_value(session: &mut Session<'_>, query: &str, name: &str, expected: &str) {
    let pairs = decoded(query);
    let found = value(&pairs, name).map(str::to_owned);
    let text = format!("sends {name}={expected}");
    session.expect(found.as_deref() == Some(expected), &text, || {
        found.map_or_else(|| format!("{name} is missing"), |found| format!("{name}={found}"))
    });
    let times = pairs.iter().filter(|(known, _)| known == name).count();
    session.expect(times < 2, &format!("sends {name} once"), || format!("{name} stands there {times} times"));
}

pub(super) async fn parameters(session: &mut Session<'_>) -> Step {
    session.configure().await?;
    let query = query(session).await?;
    let (common, purpose) = (session.setup.common.clone(), session.setup.v3().purpose.clone());
    expect_value(session, &query, "client_id", &common.client_id);
    expect_value(session, &query, "purpose", &purpose);
    expect_value(session, &query, "redirect_uri", &common.redirect_uri);
    let pairs = decoded(&query);
    for name in ["attributes", "state"] {
        let found = value(&pairs, name).is_some_and(|value| !value.is_empty());
        session.expect(found, &format!("sends {name}"), || format!("{name} is missing or empty"));
    }
    Ok(())
}

pub(super) async fn attributes(session: &mut Session<'_>) -> Step {
    session.configure().await?;
    let query = query(session).await?;
    let expected = session.setup.v3().attributes.join(",");
    expect_value(session, &query, "attributes", &expected);
    Ok(())
}

pub(super) async fn purpose(session: &mut Session<'_>) -> Step {
    let purpose = "a form & its ü, 1+1=2 %41 #x";
    purpose.clone_into(&mut session.setup.v3_mut().purpose);
    session.configure().await?;
    let query = query(session).await?;
    expect_value(session, &query, "purpose", purpose);
    Ok(())
}

pub(super) async fn redirect_query(session: &mut Session<'_>) -> Step {
    session.need("redirect_query")?;
    let uri = session.setup.common.redirect_uri.clone() + CALLBACK_QUERIES[0];
    session.setup.common.redirect_uri.clone_from(&uri);
    session.configure().await?;
    let query = query(session).await?;
    expect_value(session, &query, "redirect_uri", &uri);
    let spilled = raw(&query).iter().any(|(name, _)| name == "to" || name == "from");
    session.expect(!spilled, "encodes the redirect URI as one value", || {
        "its own parameters stand in the outer query".to_owned()
    });
    Ok(())
}

pub(super) async fn states(session: &mut Session<'_>) -> Step {
    session.configure().await?;
    session.when(format!("beginning {MANY} logins"));
    let mut states = Vec::new();
    for _ in 0..MANY {
        let url = session.start().await?.url;
        let pairs = decoded(url.split_once('?').map_or("", |(_, query)| query));
        states.push(value(&pairs, "state").unwrap_or_default().to_owned());
    }
    let different: BTreeSet<&String> = states.iter().collect();
    session.expect(different.len() == states.len(), "makes a state of its own for each login", || {
        format!("{} of {} states are different", different.len(), states.len())
    });
    let bits = material(&states);
    let found = format!("at most {bits:.0} bits: `{}`", states.first().map_or("", String::as_str));
    let expected = "has at least 128 bits of material in a state";
    if bits < A_UUID {
        session.find(expected, found);
    } else if bits < 128.0 {
        session.find_light(expected, format!("{found}; a UUID has 122 random bits, 16 random bytes have 128"));
    }
    Ok(())
}

/// The random bits of a UUID: fewer than RFC 6749 §10.10 asks for, and out of reach of anybody who guesses.
const A_UUID: f64 = 122.0;

/// How many bits the changing characters of the texts can hold at most: an upper bound, so that nobody is blamed wrongly.
#[expect(clippy::cast_precision_loss, reason = "the number of different characters is small")]
fn material(texts: &[String]) -> f64 {
    let shortest = texts.iter().map(|text| text.chars().count()).min().unwrap_or_default();
    let columns: Vec<BTreeSet<char>> =
        (0..shortest).map(|place| texts.iter().filter_map(|text| text.chars().nth(place)).collect()).collect();
    let alphabet: BTreeSet<char> = columns.iter().filter(|column| column.len() > 1).flatten().copied().collect();
    let changing = columns.iter().filter(|column| column.len() > 1).count();
    changing as f64 * (alphabet.len().max(1) as f64).log2()
}

pub(super) async fn no_secrets(session: &mut Session<'_>) -> Step {
    session.configure().await?;
    session.when("sending the browser to authorise");
    let url = session.start().await?.url;
    let plain = url::form_urlencoded::parse(url.as_bytes()).map(|(name, value)| format!("{name}={value}\n"));
    let plain: String = plain.collect();
    for (what, secret) in [("the client secret", keys::CLIENT_SECRET), ("the private key", key_mark())] {
        let leaks = url.contains(secret) || plain.contains(secret);
        session.expect(!leaks, "keeps secrets out of addresses", || format!("{what} stands in the address"));
    }
    Ok(())
}

pub(super) async fn eservice(session: &mut Session<'_>) -> Step {
    gov(session)?;
    session.configure().await?;
    let query = query(session).await?;
    expect_value(session, &query, "sp_esvcId", "MYINFO-CONSENTPLATFORM");
    Ok(())
}

/// Turns a setup to the government's API.
pub(super) fn gov(session: &mut Session<'_>) -> Step {
    session.need("gov")?;
    "gov".clone_into(&mut session.setup.v3_mut().context);
    session.setup.v3_mut().esvc_id = Some("MYINFO-CONSENTPLATFORM".to_owned());
    session.setup.common.issuer.clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_material_of_states_is_never_underestimated_by_much_and_counters_are_seen() {
        let random: Vec<String> = (0..50_u64)
            .map(|seed| {
                (0..32_u64)
                    .map(|place| {
                        char::from(b"0123456789abcdef"[usize::try_from((seed * 7919 + place * 104_729) % 16).unwrap()])
                    })
                    .collect()
            })
            .collect();
        assert!(material(&random) >= 128.0);
        let counters: Vec<String> =
            (0..50).map(|number| format!("state-000000000000000000000000{number:02}")).collect();
        assert!(material(&counters) < 16.0);
        assert!(material(&["same".to_owned(), "same".to_owned()]) < 1.0);
    }
}
