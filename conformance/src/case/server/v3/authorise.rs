//! Cases of the authorise request, and of what comes back to the client's callback.

use crate::case::server::{Plan, ServerCase, changed, no_code, set, verbs, without};
use crate::server::login::Landing;
use crate::server::trial::{STATE, Trial, count, pair};
use crate::verdict::Step;
use crate::verdict::{Level, Stop};
use reqwest::Url;
use std::collections::BTreeSet;

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "v3.server-authorise.code",
        code: "SRV-AUT-01",
        level: Level::Must,
        clauses: &["rfc6749-code-required", "rfc6749-parameter-once"],
        other: "sends a browser to authorise, and the person agrees",
        good: "sends the browser back to the callback with one code, and with no error",
        why: "Without a code there is no token; with two, nobody knows which is right",
        fix: "Redirect to the registered redirect_uri with code and state, each once",
        plan: verbs!(code),
    },
    ServerCase {
        id: "v3.server-authorise.state",
        code: "SRV-AUT-02",
        level: Level::Must,
        clauses: &["v3-state-echo", "rfc6749-parameter-once"],
        other: "sends a state with blanks, signs and letters beyond ASCII",
        good: "sends exactly this state back, once",
        why: "The client compares it byte for byte, and refuses any other",
        fix: "Keep the decoded state, and encode it once for the redirect",
        plan: verbs!(state),
    },
    ServerCase {
        id: "v3.server-authorise.nothing-else",
        code: "SRV-AUT-03",
        level: Level::Should,
        clauses: &["rfc6749-code-required"],
        other: "looks at what else stands in the callback",
        good: "sends code and state alone, as recorded from the real service",
        why: "There are clients that refuse every other name, though they should not",
        fix: "Leave scope, iss and client_id out, or make them an option",
        plan: verbs!(nothing_else),
    },
    ServerCase {
        id: "v3.server-authorise.code-unguessable",
        code: "SRV-AUT-04",
        level: Level::Must,
        clauses: &["rfc6749-unguessable"],
        other: "logs in five times",
        good: "gives out five codes that are long, and have nothing in common",
        why: "Who can guess a code can have the person's data",
        fix: "Make codes of 128 random bits or more",
        plan: verbs!(unguessable),
    },
    ServerCase {
        id: "v3.server-authorise.redirect-uri-query",
        code: "SRV-AUT-05",
        level: Level::Must,
        clauses: &["rfc6749-redirect-uri-query"],
        other: "has a registered redirect_uri with a query of its own",
        good: "keeps that query, and adds code and state to it",
        why: "The application finds its way by it",
        fix: "Add the parameters to the parsed address instead of appending `?`",
        plan: verbs!(own_query),
    },
    ServerCase {
        id: "v3.server-authorise.declined",
        code: "SRV-AUT-06",
        level: Level::Must,
        clauses: &["v3-authorise-errors", "rfc6749-error-response", "v3-state-echo"],
        other: "lets the person decline",
        good: "sends error=access_denied and the state, and no code",
        why: "The application has to tell the person what happened",
        fix: "Redirect with error and state; the description is optional",
        plan: verbs!(declined),
    },
    ServerCase {
        id: "v3.server-authorise.client-unknown",
        code: "SRV-AUT-07",
        level: Level::Must,
        clauses: &["rfc6749-redirect-uri-registered"],
        other: "uses a client id that is not registered, and one that is empty",
        good: "shows an error page and sends the browser nowhere",
        why: "A server that takes any client sends codes to anybody, and hides mistakes of configuration",
        fix: "Look the client up before anything else",
        plan: verbs!(client_unknown),
    },
    ServerCase {
        id: "v3.server-authorise.redirect-uri-unregistered",
        code: "SRV-AUT-08",
        level: Level::Must,
        clauses: &["rfc6749-redirect-uri-registered", "rfc6749-redirect-uri-identical"],
        other: "asks to be sent back to addresses that are nearly the registered one",
        good: "shows an error page and sends the browser nowhere",
        why: "An open redirect gives the code to whoever made the link",
        fix: "Compare redirect_uri with the registered ones, character by character",
        plan: verbs!(redirect_uri_unregistered),
    },
    ServerCase {
        id: "v3.server-authorise.parameter-missing",
        code: "SRV-AUT-09",
        level: Level::Must,
        clauses: &["v3-authorise-parameters"],
        other: "leaves out attributes, purpose, state and redirect_uri, one by one",
        good: "refuses",
        why: "The real service refuses, so the mistake would be found much later",
        fix: "Check that every required parameter is there and not empty",
        plan: Plan::Authorise(&[
            ("without attributes", |pairs| without(pairs, "attributes")),
            ("with empty attributes", |pairs| set(pairs, "attributes", "")),
            ("without purpose", |pairs| without(pairs, "purpose")),
            ("without state", |pairs| without(pairs, "state")),
            ("without redirect_uri", |pairs| without(pairs, "redirect_uri")),
        ]),
    },
    ServerCase {
        id: "v3.server-authorise.response-type",
        code: "SRV-AUT-10",
        level: Level::Must,
        clauses: &["v3-authorise-response-type"],
        other: "asks for response_type=token",
        good: "refuses",
        why: "The protocol knows no other flow than that with a code",
        fix: "Take response_type=code, or none, and refuse every other",
        plan: Plan::Authorise(&[("with response_type=token", |pairs| {
            pairs.push(("response_type".to_owned(), "token".to_owned()));
        })]),
    },
    ServerCase {
        id: "v3.server-authorise.attribute-unknown",
        code: "SRV-AUT-11",
        level: Level::Must,
        clauses: &["v3-authorise-attributes"],
        other: "asks for an attribute that is in no catalogue, and for a list separated by blanks",
        good: "refuses, with error=invalid_scope",
        why: "A misspelled attribute would be missing in production without a word",
        fix: "Split the list at commas and look every name up in the catalogue",
        plan: Plan::Authorise(&[
            ("with the attribute `natonality`", |pairs| set(pairs, "attributes", "name,natonality")),
            ("with a list separated by blanks", |pairs| set(pairs, "attributes", "name sex")),
        ]),
    },
    ServerCase {
        id: "v3.server-authorise.attribute-forbidden",
        code: "SRV-AUT-12",
        level: Level::Must,
        clauses: &["v3-authorise-errors", "v3-authorise-attributes"],
        other: "is registered for the name alone and asks for the date of birth, too",
        good: "refuses, with error=invalid_scope",
        why: "Each application is approved for a list of attributes, and gets no other",
        fix: "Compare the attributes with those of the client's registration",
        plan: verbs!(attribute_forbidden),
    },
    ServerCase {
        id: "v3.server-authorise.parameter-twice",
        code: "SRV-AUT-13",
        level: Level::Must,
        clauses: &["rfc6749-parameter-once"],
        other: "sends redirect_uri and attributes twice, with different values",
        good: "refuses",
        why: "Two parts of a server that each take another one of them can be played against each other",
        fix: "Refuse a request in which a parameter stands twice",
        plan: Plan::Authorise(&[
            ("with a second redirect_uri", |pairs| {
                pairs.push(("redirect_uri".to_owned(), "http://attacker.invalid/".to_owned()));
            }),
            ("with a second list of attributes", |pairs| pairs.push(("attributes".to_owned(), "dob".to_owned()))),
        ]),
    },
];

/// The callback of a usual login.
async fn callback(trial: &mut Trial) -> Step<Option<Url>> {
    let url = trial.authorise_url()?;
    let landing = trial.visit(url).await?;
    Ok(match landing {
        Landing::Away(url) => {
            let registered = trial.server.client.redirect_uri.clone();
            let there = url.as_str().split('?').next() == registered.split('?').next();
            trial.expect(there, &format!("sends the browser to {registered}"), || {
                format!("it was sent to {}", url.as_str().split('?').next().unwrap_or_default())
            });
            there.then_some(url)
        }
        Landing::Page { url, status, .. } => {
            trial.find("sends the browser to the callback", format!("it ended at {} with {status}", url.path()));
            None
        }
    })
}

pub(super) async fn code(trial: &mut Trial) -> Step {
    let Some(url) = callback(trial).await? else { return Ok(()) };
    let codes = count(&url, "code");
    trial.expect(codes == 1, "sends one code", || format!("there are {codes}"));
    let empty = pair(&url, "code").is_some_and(|code| code.is_empty());
    trial.expect(!empty, "sends a code", || "it is empty".to_owned());
    let error = pair(&url, "error");
    trial.expect(error.is_none(), "sends no error", || format!("error={}", error.unwrap_or_default()));
    Ok(())
}

pub(super) async fn state(trial: &mut Trial) -> Step {
    let Some(url) = callback(trial).await? else { return Ok(()) };
    let found: Vec<String> =
        url.query_pairs().filter(|(name, _)| name == "state").map(|(_, value)| value.into_owned()).collect();
    trial.expect(found == [STATE], &format!("sends the state `{STATE}` back"), || match found.as_slice() {
        [] => "there is none".to_owned(),
        values => format!("`{}`", values.join("` and `")),
    });
    Ok(())
}

pub(super) async fn nothing_else(trial: &mut Trial) -> Step {
    let Some(url) = callback(trial).await?.filter(|url| count(url, "code") > 0) else {
        return Err(Stop::Inconclusive("the control failed: a login without any fault brought no code".to_owned()));
    };
    let names: BTreeSet<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    let more: Vec<&str> = names.iter().map(String::as_str).filter(|name| !["code", "state"].contains(name)).collect();
    trial.expect(more.is_empty(), "sends code and state alone", || format!("there is also {}", more.join(", ")));
    Ok(())
}

pub(super) async fn unguessable(trial: &mut Trial) -> Step {
    let mut codes = BTreeSet::new();
    for _ in 0..5 {
        codes.insert(trial.code().await?);
    }
    trial.expect(codes.len() == 5, "gives out another code each time", || format!("{} of 5 differ", codes.len()));
    // what all of them have in common, in front and behind, is no secret
    let codes: Vec<Vec<u8>> = codes.into_iter().map(String::into_bytes).collect();
    let front = common(codes.iter().cloned());
    let behind = common(codes.iter().map(|code| code.iter().skip(front).rev().copied().collect()));
    let own: Vec<&[u8]> = codes.iter().map(|code| code.get(front..code.len() - behind).unwrap_or_default()).collect();
    let shortest = own.iter().map(|code| code.len()).min().unwrap_or_default();
    // 128 bits are 22 characters of Base64
    trial.expect(shortest >= 22, "makes codes that differ in 22 characters or more", || {
        "they differ in fewer: time or a counter is in them".to_owned()
    });
    let alike = |one: &[u8], other: &[u8]| one.iter().zip(other).filter(|(one, other)| one == other).count();
    let most = own.iter().zip(own.iter().skip(1)).map(|(one, next)| alike(one, next)).max().unwrap_or_default();
    trial.expect(most <= shortest / 2 || shortest < 22, "makes every code anew", || {
        "two codes are alike in most of their places".to_owned()
    });
    Ok(())
}

/// How many bytes all texts begin with.
fn common(texts: impl Iterator<Item = Vec<u8>>) -> usize {
    let texts: Vec<Vec<u8>> = texts.collect();
    let Some((first, others)) = texts.split_first() else { return 0 };
    let same = |place: &usize| others.iter().all(|other| other.get(*place) == first.get(*place));
    (0..first.len()).take_while(same).count()
}

pub(super) async fn own_query(trial: &mut Trial) -> Step {
    let Some(registered) = trial.server.redirect_uri_with_query.clone() else {
        return Err(Stop::Skip("no redirect_uri with a query of its own is known to be registered".to_owned()));
    };
    trial.code().await?;
    trial.when(format!("with the redirect_uri {registered}"));
    trial.server.client.redirect_uri.clone_from(&registered);
    let Some(url) = callback(trial).await? else { return Ok(()) };
    let kept = url.as_str().starts_with(&registered);
    trial.expect(kept, &format!("begins with {registered}"), || url.as_str().to_owned());
    trial.expect(count(&url, "code") == 1, "adds the code", || "there is none".to_owned());
    Ok(())
}

pub(super) async fn declined(trial: &mut Trial) -> Step {
    if !trial.server.login.can_decline() {
        return Err(Stop::Skip("the target file does not say how a person declines".to_owned()));
    }
    trial.code().await?;
    trial.when("when the person declines");
    let url = trial.authorise_url()?;
    let landing = trial.visit_as(url, true).await?;
    no_code(trial, &landing);
    let Landing::Away(url) = landing else {
        trial.find("sends the browser back with the error", "it ended at a page");
        return Ok(());
    };
    let error = pair(&url, "error").unwrap_or_default();
    trial.expect(error == "access_denied", "sends error=access_denied", || format!("error={error}"));
    let state = pair(&url, "state").unwrap_or_default();
    trial.expect(state == STATE, "sends the state back", || format!("`{state}`"));
    Ok(())
}

/// The browser must not be sent anywhere.
fn nowhere(trial: &mut Trial, landing: &Landing) {
    match landing {
        Landing::Away(url) => {
            let to = url.as_str().split('?').next().unwrap_or_default().to_owned();
            let what = if url.as_str().contains("code=") { " with a code" } else { "" };
            trial.find("shows an error page", format!("the browser was sent to {to}{what}"));
        }
        Landing::Page { status, .. } => {
            trial.expect(*status >= 400, "shows an error page", || format!("a page with {status}"));
        }
    }
}

pub(super) async fn client_unknown(trial: &mut Trial) -> Step {
    trial.code().await?;
    for id in ["NOBODY-KNOWS-THIS-CLIENT", ""] {
        trial.when(format!("with the client id `{id}`"));
        let url = changed(&trial.authorise_url()?, |pairs| set(pairs, "client_id", id));
        let landing = trial.visit(url).await?;
        nowhere(trial, &landing);
    }
    Ok(())
}

pub(super) async fn redirect_uri_unregistered(trial: &mut Trial) -> Step {
    trial.code().await?;
    let registered = trial.server.client.redirect_uri.clone();
    let near = [
        "http://attacker.invalid/callback".to_owned(),
        format!("{registered}/"),
        format!("{registered}/../elsewhere"),
        format!("{registered}?next=x"),
        format!("{registered}#x"),
        registered.replacen("://", "://sub.", 1),
        another_port(&registered),
        registered.replacen("://", "://attacker.invalid@", 1),
    ];
    for uri in near {
        trial.when(format!("with the redirect_uri {uri}"));
        trial.server.client.redirect_uri.clone_from(&uri);
        let url = trial.authorise_url()?;
        let landing = trial.visit(url).await?;
        nowhere(trial, &landing);
    }
    trial.server.client.redirect_uri = registered;
    Ok(())
}

/// The same address at another port.
fn another_port(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else { return format!("{address}:8000") };
    let port = url.port_or_known_default().map_or(8000, |port| port ^ 1);
    let _ = url.set_port(Some(port));
    url.into()
}

pub(super) async fn attribute_forbidden(trial: &mut Trial) -> Step {
    let Some(other) = trial.server.other.as_ref().filter(|_| trial.server.other_name_only) else {
        return Err(Stop::Skip("no client is known that may ask for the name alone".to_owned()));
    };
    trial.code_of(other, "name").await?;
    let url = other.authorise_url("name,dob", STATE)?;
    trial.when("with the attributes name,dob");
    let landing = trial.visit(url).await?;
    no_code(trial, &landing);
    Ok(())
}
