//! Cases of what a relying party sends: to the browser, to token, to userinfo, and to no endpoint of the other API.

use crate::case::connector::fapi::{expect_assertion, expect_form};
use crate::case::connector::{ConnectorCase, verbs};
use crate::connector::session::Session;
use crate::connector::wire::fapi::assertion;
use crate::connector::wire::{Pair, decoded, parameters, value};
use crate::profile::oidc::{TOKEN, USERINFO};
use crate::profile::{Endpoint, fapi};
use crate::verdict::{Level, Step};
use myinfo_oracle::pkce;
use std::collections::BTreeSet;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "oidc.authorise.parameters",
        code: "V5-01",
        level: Level::Must,
        clauses: &["oidc-auth-parameters", "rfc7636-challenge", "rfc6749-csrf"],
        other: "reads the address to which the browser is sent, in five logins",
        good: "sends the whole request there: the documented parameters, a fresh state, nonce and S256 challenge for each login",
        why: "A login without nonce or challenge can be finished with somebody else's token or code",
        fix: "Send scope, response_type, client_id, redirect_uri, nonce, state, code_challenge and code_challenge_method=S256",
        plan: verbs!(address),
    },
    ConnectorCase {
        id: "oidc.discovery.one-api",
        code: "V5-06",
        level: Level::Should,
        clauses: &["oidc-one-api", "oidc-discovery"],
        other: "serves FAPI beside this API, and announces FAPI's PAR endpoint in the discovery document of this one",
        good: "calls no endpoint of FAPI, and finishes the login",
        why: "The two APIs share host and keys: a request pushed to the one does not work at the other",
        fix: "Take every address out of the discovery document of the configured issuer, and use PAR with FAPI alone",
        plan: verbs!(one_api, with["oidc-discovery-par"]),
    },
    ConnectorCase {
        id: "oidc.token.request",
        code: "V5-09",
        level: Level::Must,
        clauses: &["oidc-token-request", "oidc-assertion", "rfc7636-verifier"],
        other: "reads the token request",
        good: "sends the documented form, the verifier of its challenge, and a client assertion of its own for the issuer",
        why: "Whatever is missing there makes the service refuse, or the login forgeable",
        fix: "Sign a new assertion for each token request: iss and sub are the client, aud is the issuer, two minutes at most",
        plan: verbs!(token),
    },
    ConnectorCase {
        id: "oidc.userinfo.request",
        code: "V5-10",
        level: Level::Must,
        clauses: &["oidc-userinfo-request"],
        other: "reads the userinfo request",
        good: "is a GET that carries the access token in the Authorization header alone, with the scheme Bearer",
        why: "A token in an address stands in the logs of every server and proxy on the way",
        fix: "Send `Authorization: Bearer <access token>`, and no query",
        plan: verbs!(userinfo),
    },
];

/// How many logins are looked at.
const LOGINS: usize = 5;

pub(super) async fn address(session: &mut Session<'_>) -> Step {
    session.configure().await?;
    session.when(format!("sending the browser to auth, in {LOGINS} logins"));
    let mut logins: Vec<Vec<Pair>> = Vec::new();
    for _ in 0..LOGINS {
        let url = session.start().await?.url;
        let (address, query) = url.split_once('?').unwrap_or((&url, ""));
        let expected = session.setup.login_url().to_owned();
        session.expect(address == expected, &format!("sends the browser to {expected}"), || address.to_owned());
        logins.push(decoded(query));
    }
    for sent in &logins {
        documented(session, sent);
    }
    for name in ["state", "nonce", "code_challenge"] {
        let values: BTreeSet<&str> = logins.iter().filter_map(|sent| value(sent, name)).collect();
        session.expect(values.len() == LOGINS, &format!("sends another {name} each time"), || {
            format!("{} different ones", values.len())
        });
        let short = values.iter().map(|value| value.len()).min().unwrap_or_default();
        session.expect(short >= 22, &format!("sends a {name} of 128 bits or more"), || format!("{short} characters"));
    }
    Ok(())
}

/// The parameters whose values follow from the setup.
fn documented(session: &mut Session<'_>, sent: &[Pair]) {
    let common = session.setup.common.clone();
    let exactly = [
        ("response_type", "code"),
        ("client_id", common.client_id.as_str()),
        ("redirect_uri", common.redirect_uri.as_str()),
        ("code_challenge_method", "S256"),
    ];
    for (name, expected) in exactly {
        let found = value(sent, name);
        session.expect(found == Some(expected), &format!("sends {name}: {expected}"), || {
            found.map_or_else(|| format!("{name} is missing"), |found| format!("{name} is `{found}`"))
        });
    }
    let wanted = session.setup.as_oidc().map(|oidc| oidc.scopes.clone()).unwrap_or_default();
    let scopes = |text: &str| text.split(' ').map(str::to_owned).collect::<BTreeSet<String>>();
    let found = value(sent, "scope").unwrap_or_default();
    session.expect(scopes(found) == scopes(&wanted), "asks for the configured scopes, separated by blanks", || {
        format!("`{found}`")
    });
}

/// FAPI's own endpoints; the keys are those of both.
const OF_FAPI: [&Endpoint; 5] = [fapi::DISCOVERY, fapi::PAR, fapi::AUTH, fapi::TOKEN, fapi::USERINFO];

pub(super) async fn one_api(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with the fault oidc-discovery-par");
    let outcome = session.flow_with("oidc-discovery-par").await?;
    for endpoint in OF_FAPI {
        let calls = session.calls(endpoint).len();
        session.expect(calls == 0, &format!("does not call {}", endpoint.path), || format!("{calls} calls"));
    }
    session.accepted(&outcome).await
}

pub(super) async fn token(session: &mut Session<'_>) -> Step {
    session.configure().await?;
    session.mark().await?;
    let login = session.login().await?;
    session.finish(&login.browser, &login.callback).await?;
    session.when("in the token request");
    let call = session.call(TOKEN)?;
    let common = session.setup.common.clone();
    let exactly = [("grant_type", "authorization_code"), ("redirect_uri", common.redirect_uri.as_str())];
    expect_form(session, &call, &exactly, &["code", "code_verifier", "client_assertion", "client_assertion_type"]);
    let query = login.url.split_once('?').map_or("", |(_, query)| query);
    let challenge = value(&decoded(query), "code_challenge").unwrap_or_default().to_owned();
    let verifier = value(&parameters(&call), "code_verifier").unwrap_or_default().to_owned();
    session.expect(pkce::challenge(&verifier) == challenge, "sends the verifier of its challenge", || {
        format!("one of {} characters, which has another hash", verifier.len())
    });
    let sent = assertion(&call)?;
    expect_assertion(session, &sent);
    let audience = sent.claims.get("aud").map_or_else(|| "missing".to_owned(), ToString::to_string);
    session.expect(sent.claim("aud") == common.issuer, "names the issuer as aud, as a text", || audience);
    session.expect_light(!sent.claim("jti").is_empty(), "has a jti", || "there is none".to_owned());
    Ok(())
}

pub(super) async fn userinfo(session: &mut Session<'_>) -> Step {
    let call = session.usual_call(USERINFO).await?;
    session.expect(call.method == "GET", "is a GET", || call.method.clone());
    session.expect(call.query().is_empty(), "sends no query", || call.query().to_owned());
    let header = call.header("authorization").unwrap_or_default().to_owned();
    let scheme = header.split(' ').next().unwrap_or_default().to_owned();
    session.expect(scheme.eq_ignore_ascii_case("bearer"), "has the scheme Bearer", || format!("`{scheme}`"));
    Ok(())
}
