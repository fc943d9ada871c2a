//! Hostile requests that come without a signature: of no endpoint, of the login, of a form that is none.

use super::{Case, Hostile, drop_pair, set};

pub(super) const CASES: &[Case] = &[
    (
        "http.path",
        None,
        404,
        "did you mean /com/v3/token",
        Hostile::Raw(|rig| rig.client.http.get(format!("{}/v3/token", rig.client.base_url))),
    ),
    (
        "http.method",
        None,
        405,
        "GET was sent; this path takes POST",
        Hostile::Raw(|rig| rig.client.http.get(rig.client.endpoint("token"))),
    ),
    (
        "http.host",
        None,
        400,
        "more than once",
        Hostile::Raw(|rig| rig.client.http.post(rig.client.endpoint("token")).header("host", "a").header("host", "b")),
    ),
    (
        "http.body",
        None,
        413,
        "larger than",
        Hostile::RawToken(|rig, draft| {
            rig.client.request(&draft, Some(&rig.client.authorization(&draft))).body(vec![b'a'; 100_000])
        }),
    ),
    (
        "v3.authorise.well-formed",
        None,
        400,
        "`state` was sent more than once",
        Hostile::Authorise(|pairs| pairs.push(("state".into(), "b".into()))),
    ),
    (
        "v3.authorise.client-registered",
        None,
        400,
        "did you mean `TESTBED-CLIENT`",
        Hostile::Authorise(|pairs| set(pairs, "client_id", "TESTBED-CLEINT")),
    ),
    (
        "v3.authorise.redirect-uri-registered",
        Some("REDIRECT-DIFF"),
        400,
        "the slash at the end",
        Hostile::Authorise(|pairs| set(pairs, "redirect_uri", "http://localhost:3001/callback/")),
    ),
    (
        "v3.authorise.required-parameters",
        None,
        302,
        "`purpose` is missing",
        Hostile::Authorise(|pairs| drop_pair(pairs, "purpose")),
    ),
    (
        "v3.authorise.response-type",
        None,
        302,
        "response_type is token",
        Hostile::Authorise(|pairs| pairs.push(("response_type".into(), "token".into()))),
    ),
    (
        "v3.authorise.attributes-known",
        Some("SCOPE"),
        302,
        "near to it: nationality",
        Hostile::Authorise(|pairs| set(pairs, "attributes", "natonality")),
    ),
    (
        "v3.authorise.attributes-known",
        Some("SCOPE"),
        302,
        "a list separated by spaces",
        Hostile::Authorise(|pairs| set(pairs, "attributes", "name sex")),
    ),
    (
        "v3.authorise.attributes-permitted",
        Some("SCOPE"),
        302,
        "`dob` is not among the `attributes`",
        Hostile::Authorise(|pairs| {
            set(pairs, "client_id", "NARROW");
            set(pairs, "attributes", "name,dob");
        }),
    ),
    (
        "mock.persona",
        None,
        400,
        "did you mean `*****048A`",
        Hostile::Raw(|rig| {
            rig.client
                .http
                .get(rig.client.authorise_url("name", "s").unwrap())
                .header("X-Myinfo-Mock-Persona", "S6005048B")
        }),
    ),
    (
        "login.alive",
        None,
        400,
        "logins live 15 minutes",
        Hostile::Raw(|rig| rig.client.http.get(format!("{}?transaction=0", rig.client.endpoint("login")))),
    ),
    (
        "v3.token.form",
        Some("BODY-FORM"),
        415,
        "Content-Type is `application/json`",
        Hostile::RawToken(|rig, draft| {
            let authorization = rig.client.authorization(&draft);
            rig.client
                .http
                .post(&draft.url)
                .header("Content-Type", "application/json")
                .header("Authorization", authorization)
                .body("{}")
        }),
    ),
];
