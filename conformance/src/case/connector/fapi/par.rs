//! Cases of the pushed request: its parameters, and what the browser is sent away with.

use crate::case::connector::{ConnectorCase, verbs};
use crate::connector::recorder::Recorded;
use crate::connector::session::Session;
use crate::connector::wire::{decoded, parameters, value};
use crate::profile::fapi::{PAR, TOKEN};
use crate::verdict::{Level, Step};
use myinfo_oracle::{assertion, pkce};
use std::collections::BTreeSet;

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "fapi.par.parameters",
        code: "F-PAR-01",
        level: Level::Must,
        clauses: &["fapi-par-parameters"],
        other: "takes the pushed request",
        good: "posts a form with everything that the documents demand, as it was configured",
        why: "Without one of them, or with another value, there is no login",
        fix: "Send response_type, scope, state, nonce, client_id, redirect_uri, code_challenge, code_challenge_method and the assertion pair in the form",
        plan: verbs!(form),
    },
    ConnectorCase {
        id: "fapi.par.state-and-nonce",
        code: "F-PAR-03",
        level: Level::Must,
        clauses: &["fapi-par-state", "rfc6749-unguessable", "rfc6749-csrf"],
        other: "serves 20 logins",
        good: "sends another state and another nonce each time, unguessable, of allowed characters and length",
        why: "Who can guess them can put a login of their own into a victim's browser",
        fix: "Take at least 16 bytes from a secure random source for each of the two, and write them in base64url",
        plan: verbs!(fresh),
    },
    ConnectorCase {
        id: "fapi.par.nonce-length",
        code: "F-PAR-04",
        level: Level::Should,
        clauses: &["fapi2-nonce-length"],
        other: "looks at the length of the nonce",
        good: "sends 64 characters at most",
        why: "The FAPI profile allows a server to refuse longer ones, and others do",
        fix: "Use 16 to 32 random bytes in base64url",
        plan: verbs!(nonce_length),
    },
    ConnectorCase {
        id: "fapi.par.scope",
        code: "F-PAR-05",
        level: Level::Must,
        clauses: &["fapi-par-scope"],
        other: "expects several scopes",
        good: "sends them separated by single blanks, openid among them",
        why: "Commas, as v3 had them, make one long scope that nobody knows",
        fix: "Join the scopes with a blank, and always ask for openid",
        plan: verbs!(scope),
    },
    ConnectorCase {
        id: "fapi.par.pkce",
        code: "F-PAR-06",
        level: Level::Must,
        clauses: &["rfc7636-challenge", "rfc7636-verifier"],
        other: "compares the challenge with the verifier of the token request, over five logins",
        good: "sends S256 and the unpadded base64url of the verifier's SHA-256, another one each time",
        why: "A stolen code is worth nothing without the verifier, unless the verifier is guessed, or the challenge is the verifier",
        fix: "Make a verifier of 32 random bytes for each login, and hash its characters",
        plan: verbs!(challenge),
    },
    ConnectorCase {
        id: "fapi.par.context-of-a-myinfo-app",
        code: "F-PAR-14",
        level: Level::Must,
        clauses: &["fapi-par-context"],
        other: "serves a Myinfo app",
        good: "sends neither authentication_context_type nor authentication_context_message",
        why: "They are for Login apps; the service refuses them from others",
        fix: "Send the context parameters for Login apps alone",
        plan: verbs!(no_context),
    },
    ConnectorCase {
        id: "fapi.par.old-parameters",
        code: "F-X-04",
        level: Level::Should,
        clauses: &["fapi-par-parameters"],
        other: "looks for parameters of v3 and v4",
        good: "sends none of attributes, purpose, purpose_id, client_secret, app_id and authmode",
        why: "They mean nothing here, and show a move that was made by half; a secret among them leaks",
        fix: "Build the form from the parameters of FAPI alone",
        plan: verbs!(old_parameters),
    },
    ConnectorCase {
        id: "fapi.auth.parameters",
        code: "F-AZ-01",
        level: Level::Must,
        clauses: &["fapi-auth-parameters", "rfc9126-request-uri"],
        other: "reads the address that the browser is sent to",
        good: "has client_id and request_uri there, and nothing else of the pushed request",
        why: "What stands in the address is in histories and logs, and can be changed on the way",
        fix: "Send the browser to the authorization endpoint with client_id and request_uri alone",
        plan: verbs!(browser),
    },
];

pub(super) async fn form(session: &mut Session<'_>) -> Step {
    let call = session.usual_call(PAR).await?;
    let (client_id, redirect_uri) = (session.setup.common.client_id.clone(), session.setup.common.redirect_uri.clone());
    let exactly = [
        ("response_type", "code"),
        ("client_id", client_id.as_str()),
        ("redirect_uri", redirect_uri.as_str()),
        ("code_challenge_method", "S256"),
        ("client_assertion_type", assertion::TYPE),
    ];
    expect_form(session, &call, &exactly, &["scope", "state", "nonce", "code_challenge", "client_assertion"]);
    Ok(())
}

/// A call must be a form without a query, with some parameters of exactly these values, and some of any.
pub(crate) fn expect_form(session: &mut Session<'_>, call: &Recorded, exactly: &[(&str, &str)], any: &[&str]) {
    let kind = call.header("content-type").unwrap_or_default().to_owned();
    let is_form = kind.split(';').next().is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded");
    session.expect(is_form, "has the type application/x-www-form-urlencoded", || kind);
    session.expect(call.query().is_empty(), "sends no query", || call.query().to_owned());
    let sent = parameters(call);
    for (name, expected) in exactly {
        let found = value(&sent, name);
        session.expect(found == Some(expected), &format!("sends {name}: {expected}"), || {
            found.map_or_else(|| format!("{name} is missing"), |found| format!("{name} is `{found}`"))
        });
    }
    for name in any {
        let there = value(&sent, name).is_some_and(|value| !value.is_empty());
        session.expect(there, &format!("sends {name}"), || format!("{name} is missing"));
    }
}

/// How many logins the case of freshness begins.
const MANY: usize = 20;

/// Begins logins, and gives back the forms that were pushed for them.
async fn pushed(session: &mut Session<'_>, logins: usize) -> Step<Vec<Vec<(String, String)>>> {
    session.configure().await?;
    session.mark().await?;
    for _ in 0..logins {
        // one that is refused was pushed all the same
        drop(session.begin().await?);
    }
    session.when(match logins {
        1 => "in the pushed request of a login".to_owned(),
        more => format!("in the pushed requests of {more} logins"),
    });
    Ok(session.calls(PAR).iter().map(parameters).collect())
}

pub(super) async fn fresh(session: &mut Session<'_>) -> Step {
    let forms = pushed(session, MANY).await?;
    for name in ["state", "nonce"] {
        let values: BTreeSet<&str> = forms.iter().filter_map(|form| value(form, name)).collect();
        session.expect(values.len() == MANY, &format!("sends another {name} each time"), || {
            format!("{} different ones in {MANY} logins", values.len())
        });
        let short = values.iter().map(|value| value.len()).min().unwrap_or_default();
        session.expect(short >= 22, &format!("sends a {name} of 128 bits or more"), || format!("{short} characters"));
        session.expect_light(short >= 30, &format!("sends a {name} of 30 characters or more"), || {
            format!("{short} characters")
        });
        let long = values.iter().map(|value| value.len()).max().unwrap_or_default();
        session
            .expect(long <= 255, &format!("sends a {name} of 255 characters at most"), || format!("{long} characters"));
    }
    let allowed = |character: char| character.is_ascii_alphanumeric() || "/+_-=.".contains(character);
    let odd = forms.iter().filter_map(|form| value(form, "state")).find(|state| !state.chars().all(allowed));
    session.expect(odd.is_none(), "sends a state of letters, digits and / + _ - = . alone", || {
        odd.unwrap_or_default().to_owned()
    });
    Ok(())
}

pub(super) async fn nonce_length(session: &mut Session<'_>) -> Step {
    let forms = pushed(session, 1).await?;
    let length = forms.first().and_then(|form| value(form, "nonce")).unwrap_or_default().len();
    session.expect(length <= 64, "sends 64 characters at most", || format!("{length} characters"));
    Ok(())
}

pub(super) async fn scope(session: &mut Session<'_>) -> Step {
    let forms = pushed(session, 1).await?;
    let sent = forms.first().and_then(|form| value(form, "scope")).unwrap_or_default().to_owned();
    let wanted: BTreeSet<&str> =
        session.setup.as_fapi().map_or_else(BTreeSet::new, |fapi| fapi.scopes.split(' ').collect());
    let found: BTreeSet<&str> = sent.split(' ').collect();
    let same = found == wanted;
    session.expect(same, "asks for the configured scopes, separated by blanks", || format!("`{sent}`"));
    Ok(())
}

pub(super) async fn challenge(session: &mut Session<'_>) -> Step {
    const LOGINS: usize = 5;
    session.configure().await?;
    session.mark().await?;
    for _ in 0..LOGINS {
        session.flow().await?;
    }
    session.when(format!("in {LOGINS} logins"));
    let of = |calls: Vec<Recorded>, name: &str| -> Vec<String> {
        calls.iter().map(|call| value(&parameters(call), name).unwrap_or_default().to_owned()).collect()
    };
    let (challenges, verifiers) = (of(session.calls(PAR), "code_challenge"), of(session.calls(TOKEN), "code_verifier"));
    let different: BTreeSet<&String> = challenges.iter().collect();
    session.expect(different.len() == challenges.len(), "sends another challenge each time", || {
        format!("{} different ones in {} requests", different.len(), challenges.len())
    });
    for (challenge, verifier) in challenges.iter().zip(&verifiers) {
        session.expect(*challenge == pkce::challenge(verifier), "sends the hash of its verifier", || {
            let plain = if challenge == verifier { ", but the verifier itself" } else { "" };
            format!("the challenge of {} characters is not that hash{plain}", challenge.len())
        });
        let allowed = |character: char| character.is_ascii_alphanumeric() || "-_.~".contains(character);
        let fit = (43..=128).contains(&verifier.len()) && verifier.chars().all(allowed);
        session.expect(fit, "sends a verifier of 43 to 128 allowed characters", || {
            format!("one of {} characters", verifier.len())
        });
    }
    Ok(())
}

/// None of these parameters may be pushed.
async fn none_of(session: &mut Session<'_>, names: &[&str]) -> Step {
    let forms = pushed(session, 1).await?;
    let sent: Vec<&str> = forms.iter().flatten().map(|(name, _)| name.as_str()).collect();
    for name in names.iter().filter(|name| sent.contains(name)) {
        session.find(format!("does not send {name}"), format!("{name} was sent"));
    }
    Ok(())
}

pub(super) async fn no_context(session: &mut Session<'_>) -> Step {
    none_of(session, &["authentication_context_type", "authentication_context_message"]).await
}

pub(super) async fn old_parameters(session: &mut Session<'_>) -> Step {
    none_of(session, &["attributes", "purpose", "purpose_id", "client_secret", "app_id", "authmode", "sp_esvcId"]).await
}

pub(super) async fn browser(session: &mut Session<'_>) -> Step {
    session.configure().await?;
    session.when("sending the browser to auth");
    let url = session.start().await?.url;
    let (address, query) = url.split_once('?').unwrap_or((&url, ""));
    let expected = session.setup.login_url().to_owned();
    session.expect(address == expected, &format!("sends the browser to {expected}"), || address.to_owned());
    let sent = decoded(query);
    for name in ["client_id", "request_uri"] {
        session.expect(value(&sent, name).is_some(), &format!("sends {name}"), || format!("{name} is missing"));
    }
    let allowed = ["client_id", "request_uri", "redirect_uri_https_type"];
    for (name, _) in sent.iter().filter(|(name, _)| !allowed.contains(&name.as_str())) {
        session.find("sends nothing else", format!("{name} stands in the address"));
    }
    Ok(())
}
