//! Cases of the token request: what a server must refuse beside a wrong signature, and what it must take.

use crate::case::server::{Plan, ServerCase, verbs};
use crate::server::answer::token;
use crate::server::client::v3::ApiCall;
use crate::server::client::v3::{Draft, OracleClient};
use crate::server::trial::Defect::{Later, Sent, Signed, With, Without};
use crate::server::trial::Trial;
use crate::verdict::Step;
use crate::verdict::{Level, Stop};
use reqwest::RequestBuilder;

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "v3.server-token.form",
        code: "SRV-TOK-01",
        level: Level::Must,
        clauses: &["v3-token-form", "rfc6749-token-post"],
        other: "sends the parameters as JSON, in the query, and by GET",
        good: "refuses",
        why: "A secret in an address ends up in logs, and other forms are not those of the documents",
        fix: "Take POST with application/x-www-form-urlencoded and no other",
        plan: Plan::Token(
            &[],
            &[
                ("with a body in JSON", Sent(as_json)),
                ("with the parameters in the query of a POST", Sent(in_query)),
                ("by GET", Sent(by_get)),
            ],
        ),
    },
    ServerCase {
        id: "v3.server-token.parameter-missing",
        code: "SRV-TOK-02",
        level: Level::Must,
        clauses: &["v3-token-parameters"],
        other: "leaves out code, client_id, client_secret and redirect_uri, one by one",
        good: "refuses with 400 or 401",
        why: "A client that forgets one would work here and nowhere else",
        fix: "Check that every required parameter is there",
        plan: Plan::Token(
            &[400, 401, 404],
            &[
                ("without code", Without("code")),
                ("without client_id", Without("client_id")),
                ("without client_secret", Without("client_secret")),
                ("without redirect_uri", Without("redirect_uri")),
            ],
        ),
    },
    ServerCase {
        id: "v3.server-token.parameter-twice",
        code: "SRV-TOK-03",
        level: Level::Must,
        clauses: &["rfc6749-parameter-once"],
        other: "sends the code twice, with different values",
        good: "refuses",
        why: "Which of them was signed and checked is a guess",
        fix: "Refuse a form in which a name stands twice",
        plan: Plan::Token(
            &[],
            &[("with a second code", Signed(|draft| draft.parameters.push(("code".to_owned(), "another".to_owned()))))],
        ),
    },
    ServerCase {
        id: "v3.server-token.secret",
        code: "SRV-TOK-04",
        level: Level::Must,
        clauses: &["v3-token-parameters"],
        other: "sends a wrong client secret, signed as it is sent, and signed as the right one",
        good: "refuses with 401",
        why: "The secret is the client's second proof beside its key",
        fix: "Compare client_secret with the registered one, in constant time",
        plan: Plan::Token(
            &[401, 400, 403, 500],
            &[
                ("with a wrong secret", With("client_secret", "wrong")),
                ("with an empty secret", With("client_secret", "")),
                ("with a wrong secret, where the right one was signed", Later("client_secret", "wrong")),
            ],
        ),
    },
    ServerCase {
        id: "v3.server-token.grant-type",
        code: "SRV-TOK-05",
        level: Level::Must,
        clauses: &["rfc6749-grant-type"],
        other: "asks for grant_type=client_credentials",
        good: "refuses with 400",
        why: "There is no other grant, and no token without a person's consent",
        fix: "Compare grant_type with authorization_code",
        plan: Plan::Token(
            &[400, 401],
            &[("with grant_type=client_credentials", With("grant_type", "client_credentials"))],
        ),
    },
    ServerCase {
        id: "v3.server-token.code-unknown",
        code: "SRV-TOK-06",
        level: Level::Must,
        clauses: &["v3-token-code-once"],
        other: "sends a code that was never given out, and an empty one",
        good: "refuses with 400",
        why: "A code that is not looked up is no protection",
        fix: "Look the code up, and answer 400 where it is unknown",
        plan: Plan::Token(
            &[400],
            &[
                ("with a code that nobody gave out", With("code", "0123456789abcdef0123456789abcdef01234567")),
                ("with an empty code", With("code", "")),
            ],
        ),
    },
    ServerCase {
        id: "v3.server-token.code-once",
        code: "SRV-TOK-07",
        level: Level::Must,
        clauses: &["v3-token-code-once", "rfc6749-code-once"],
        other: "exchanges a code a second time",
        good: "refuses with 400",
        why: "A code that was seen on its way must be worth nothing any more",
        fix: "Mark a code as used before its token is made",
        plan: verbs!(code_once),
    },
    ServerCase {
        id: "v3.server-token.code-at-once",
        code: "SRV-TOK-08",
        level: Level::Must,
        clauses: &["v3-token-code-once", "rfc6749-code-once"],
        other: "exchanges one code eight times at once",
        good: "serves one of the requests at most",
        why: "Looking the code up and marking it as used must be one step",
        fix: "Take the code out of the store, and make the token of what was taken out",
        plan: verbs!(code_at_once),
    },
    ServerCase {
        id: "v3.server-token.code-expired",
        code: "SRV-TOK-09",
        level: Level::Must,
        clauses: &["v3-token-code-once"],
        other: "exchanges a code seven minutes after it was given out",
        good: "refuses with 400",
        why: "A code lives for a few minutes, so that it cannot be collected",
        fix: "Note when a code was given out, and refuse it after a few minutes",
        plan: verbs!(code_expired),
    },
    ServerCase {
        id: "v3.server-token.code-of-another",
        code: "SRV-TOK-10",
        level: Level::Must,
        clauses: &["rfc9700-code-injection", "v3-token-code-once"],
        other: "exchanges a code that another client was given",
        good: "refuses with 400",
        why: "A stolen code must be worth nothing to anybody else",
        fix: "Note for whom a code was made, and compare",
        plan: verbs!(code_of_another),
    },
    ServerCase {
        id: "v3.server-token.redirect-uri-same",
        code: "SRV-TOK-11",
        level: Level::Must,
        clauses: &["rfc6749-redirect-uri-identical"],
        other: "names another redirect_uri than in the authorise request",
        good: "refuses with 400",
        why: "It is what binds a code to the place that it was sent to",
        fix: "Note the redirect_uri with the code, and compare it character by character",
        plan: Plan::Token(
            &[400, 401, 403, 500],
            &[
                ("with another redirect_uri", With("redirect_uri", "http://attacker.invalid/callback")),
                (
                    "with another redirect_uri, where the right one was signed",
                    Later("redirect_uri", "http://attacker.invalid/callback"),
                ),
            ],
        ),
    },
    ServerCase {
        id: "v3.server-token.body-bounded",
        code: "SRV-TOK-12",
        level: Level::Must,
        clauses: &["v3-error-status"],
        other: "sends a form of 4 MB",
        good: "refuses, and goes on serving",
        why: "Nothing that a stranger sends may exhaust the memory",
        fix: "Bound the body: a token request has less than 2 kB",
        plan: verbs!(body_bounded),
    },
    ServerCase {
        id: "v3.server-token.state-signed",
        code: "SRV-TOK-13",
        level: Level::Must,
        clauses: &["v3-token-state", "v3-sign-all-parameters", "v3-sign-raw-values"],
        other: "sends the optional state, with blanks, signs and letters beyond ASCII, and signs it",
        good: "serves the request",
        why: "Most of the official connectors send the state",
        fix: "Take every parameter that came into the base string, decoded",
        plan: verbs!(state_signed),
    },
];

fn as_json(client: &OracleClient, draft: &Draft) -> RequestBuilder {
    let fields: serde_json::Map<String, serde_json::Value> =
        draft.parameters.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    client.http.post(&draft.url).header("Authorization", client.authorization(draft)).json(&fields)
}

fn in_query(client: &OracleClient, draft: &Draft) -> RequestBuilder {
    client.http.post(with_query(draft)).header("Authorization", client.authorization(draft))
}

fn by_get(client: &OracleClient, draft: &Draft) -> RequestBuilder {
    let mut signed = draft.clone();
    signed.method = "GET";
    client.http.get(with_query(draft)).header("Authorization", client.authorization(&signed))
}

fn with_query(draft: &Draft) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    format!("{}?{}", draft.url, query.extend_pairs(&draft.parameters).finish())
}

/// A token request that keeps every rule and is served: the code is used.
async fn exchange(trial: &Trial, code: &str) -> Step {
    match trial.send(&trial.server.client.token_draft(code)).await {
        Ok(answer) if token(&answer).is_some() => Ok(()),
        _ => {
            Err(Stop::Inconclusive("the control failed: a token request that keeps every rule was refused".to_owned()))
        }
    }
}

pub(super) async fn code_once(trial: &mut Trial) -> Step {
    let code = trial.code().await?;
    exchange(trial, &code).await?;
    trial.when("with a code that was exchanged before");
    let draft = trial.server.client.token_draft(&code);
    let answer = trial.send(&draft).await;
    trial.refused(answer, &[400])?;
    Ok(())
}

pub(super) async fn code_at_once(trial: &mut Trial) -> Step {
    trial.control(ApiCall::Token).await?;
    let code = trial.code().await?;
    let drafts: Vec<Draft> = (0..8).map(|_| trial.server.client.token_draft(&code)).collect();
    let answers = trial.send_at_once(&drafts).await;
    let served = answers.iter().flatten().filter(|answer| token(answer).is_some()).count();
    trial.when("with eight requests at once");
    trial.expect(served <= 1, "serves one of them at most", || format!("{served} were served"));
    Ok(())
}

pub(super) async fn code_expired(trial: &mut Trial) -> Step {
    if !trial.server.has_clock() {
        return Err(Stop::Skip("the server's clock cannot be moved".to_owned()));
    }
    trial.control(ApiCall::Token).await?;
    let code = trial.code().await?;
    trial.server.advance(420).await?;
    trial.when("with a code that is seven minutes old");
    let draft = trial.server.client.token_draft(&code);
    let answer = trial.send(&draft).await;
    trial.refused(answer, &[400])?;
    Ok(())
}

pub(super) async fn code_of_another(trial: &mut Trial) -> Step {
    let Some(other) = &trial.server.other else {
        return Err(Stop::Skip("no second client is known".to_owned()));
    };
    let code = trial.code_of(other, "name").await?;
    trial.control(ApiCall::Token).await?;
    trial.when("with a code that another client was given");
    let draft = trial.server.client.token_draft(&code);
    let answer = trial.send(&draft).await;
    trial.refused(answer, &[400])?;
    if trial.server.both_contexts {
        trial.server.client.context = "gov";
        let code = trial.code().await?;
        trial.server.client.context = "com";
        trial.when("with a code of the gov context, at com");
        let draft = trial.server.client.token_draft(&code);
        let answer = trial.send(&draft).await;
        trial.refused(answer, &[400])?;
    }
    Ok(())
}

pub(super) async fn body_bounded(trial: &mut Trial) -> Step {
    trial.control(ApiCall::Token).await?;
    let mut draft = trial.draft(ApiCall::Token).await?;
    draft.set("state", &"a".repeat(4 << 20));
    trial.when("with a form of 4 MB");
    let client = &trial.server.client;
    // a server that closes the connection on it has refused, too
    match trial.read(client.request(&draft, Some(&client.authorization(&draft)))).await {
        Ok(answer) => trial.expect(answer.status >= 400, "refuses", || format!("{}", answer.status)),
        Err(error) => trial.note(format!("it refused without an answer: {error:#}")),
    }
    trial.when("after a form of 4 MB");
    if let Err(Stop::Inconclusive(what) | Stop::Skip(what)) = trial.control(ApiCall::Token).await {
        trial.find("goes on serving", what);
    }
    Ok(())
}

pub(super) async fn state_signed(trial: &mut Trial) -> Step {
    trial.control(ApiCall::Token).await?;
    for state in ["plain", "a state+1/ü&x=%26 \"quoted\"", ""] {
        let mut draft = trial.draft(ApiCall::Token).await?;
        draft.set("state", state);
        trial.when(format!("with the state `{state}`"));
        let answer = trial.send(&draft).await;
        trial.served(answer)?;
    }
    Ok(())
}
