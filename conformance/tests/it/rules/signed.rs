//! Hostile requests of token and person, of person-basic and person-sample, and of what stands beside them.

use super::{Case, CodeOf, FOREIGN, Hostile, TokenKind};
use crate::support::NOW;

pub(super) const CASES: &[Case] = &[
    (
        "v3.person.query",
        None,
        400,
        "`attributes` was sent more than once",
        Hostile::Person(|draft| draft.parameters.push(("attributes".into(), "name".into()))),
    ),
    (
        "v3.signature.header-form",
        Some("AUTHZ-SCHEME"),
        401,
        "the scheme is `Basic`",
        Hostile::RawToken(|rig, draft| rig.client.request(&draft, Some("Basic dXNlcjpwYXNz"))),
    ),
    (
        "v3.signature.header-form",
        Some("AUTHZ-SCHEME"),
        401,
        "`nonce` is missing",
        Hostile::RawToken(|rig, draft| rig.client.request(&draft, Some("PKI_SIGN app_id=\"TESTBED-CLIENT\""))),
    ),
    (
        "v3.signature.header-form",
        Some("AUTHZ-SCHEME"),
        401,
        "`nonce` is empty",
        Hostile::Token(|draft| draft.header.nonce.clear()),
    ),
    (
        "v3.signature.header-present",
        Some("ENV-MIX"),
        401,
        "as in the sandbox",
        Hostile::RawToken(|rig, draft| rig.client.request(&draft, None)),
    ),
    (
        "v3.signature.app-id-known",
        None,
        401,
        "app_id `TESTBED-CLEINT` is not registered; did you mean",
        Hostile::RawToken(|rig, mut draft| {
            draft.header.app_id = "TESTBED-CLEINT".into();
            draft.remove("client_id").set("client_id", "TESTBED-CLEINT");
            rig.client.request(&draft, Some(&rig.client.authorization(&draft)))
        }),
    ),
    (
        "v3.signature.method",
        None,
        401,
        "`RSA-SHA256`, expected `RS256`",
        Hostile::Token(|draft| draft.header.signature_method = "RSA-SHA256".into()),
    ),
    (
        "v3.signature.timestamp",
        Some("CLOCK"),
        401,
        "is in seconds, the wrong unit",
        Hostile::Token(|draft| draft.header.timestamp = (NOW / 1000).to_string()),
    ),
    (
        "v3.signature.timestamp",
        Some("CLOCK"),
        401,
        "is in microseconds",
        Hostile::Token(|draft| draft.header.timestamp = (NOW * 1000).to_string()),
    ),
    (
        "v3.signature.timestamp",
        Some("CLOCK"),
        401,
        "301 s behind the server's clock",
        Hostile::Token(|draft| draft.header.timestamp = (NOW - 301_000).to_string()),
    ),
    (
        "v3.signature.timestamp",
        Some("CLOCK"),
        401,
        "28800 s ahead of the server's clock",
        Hostile::Token(|draft| draft.header.timestamp = (NOW + 28_800_000).to_string()),
    ),
    (
        "v3.signature.encoding",
        Some("SIG-ENCODING"),
        500,
        "has 3 bytes: was it cut off, or is it no signature?",
        Hostile::RawToken(|rig, draft| {
            rig.client.request(&draft, Some(&myinfo_oracle::v3::authorization(&draft.header, "YWJj")))
        }),
    ),
    (
        "v3.signature.valid",
        Some("SIG-BASE"),
        500,
        "a slash at the end more, or less (one more)",
        Hostile::Token(|draft| draft.signed_url.push('/')),
    ),
    (
        "v3.signature.nonce-once",
        Some("NONCE-REPLAY"),
        401,
        "first used 0 s ago, at 2023-11-14T22:13:20.000Z, on token",
        Hostile::Token(|draft| draft.header.nonce = "used".into()),
    ),
    (
        "v3.request.one-client",
        None,
        401,
        "app_id is `TESTBED-CLIENT` and client_id is `NARROW`",
        Hostile::Person(|draft| {
            draft.set("client_id", "NARROW");
        }),
    ),
    (
        "v3.token.required-parameters",
        None,
        400,
        "`client_secret` is missing",
        Hostile::Token(|draft| {
            draft.remove("client_secret");
        }),
    ),
    (
        "v3.token.required-parameters",
        None,
        400,
        "`client_secret` and `redirect_uri` are missing",
        Hostile::Token(|draft| {
            draft.remove("client_secret").remove("redirect_uri");
        }),
    ),
    (
        "v3.token.client-secret",
        None,
        401,
        "not the registered one of `TESTBED-CLIENT` (5 characters were sent)",
        Hostile::Token(|draft| {
            draft.set("client_secret", "wrong");
        }),
    ),
    (
        "v3.token.grant-type",
        None,
        400,
        "`client_credentials`, expected `authorization_code`",
        Hostile::Token(|draft| {
            draft.set("grant_type", "client_credentials");
        }),
    ),
    (
        "v3.token.code-known",
        Some("CODE-OTHER"),
        400,
        "never given out, or long ago: codes have 40 characters",
        Hostile::Token(|draft| {
            draft.set("code", "0000");
        }),
    ),
    ("v3.token.code-own", Some("CODE-OTHER"), 400, "comes from /gov/v3/authorise", Hostile::Code(CodeOf::OtherContext)),
    (
        "v3.token.code-once",
        Some("CODE-REUSE"),
        400,
        "was exchanged 0 s ago by `TESTBED-CLIENT`",
        Hostile::Code(CodeOf::Redeemed),
    ),
    (
        "v3.token.code-unexpired",
        Some("CODE-EXPIRED"),
        400,
        "is 301 s old and expired 1 s ago; codes live 300 s",
        Hostile::Code(CodeOf::Expired),
    ),
    (
        "v3.token.redirect-uri-same",
        Some("REDIRECT-DIFF"),
        400,
        "the difference: the port",
        Hostile::Token(|draft| {
            draft.set("redirect_uri", "http://localhost:3000/callback");
        }),
    ),
    (
        "v3.person.required-parameters",
        None,
        400,
        "`attributes` is missing",
        Hostile::Person(|draft| {
            draft.remove("attributes");
        }),
    ),
    ("v3.person.bearer-present", None, 401, "has no Bearer token", Hostile::Person(|draft| draft.bearer = None)),
    (
        "v3.person.bearer-genuine",
        Some("TOKEN-WHY"),
        401,
        "five parts",
        Hostile::Person(|draft| draft.bearer = Some("a.b.c.d.e".into())),
    ),
    (
        "v3.person.bearer-genuine",
        Some("TOKEN-WHY"),
        401,
        "it was altered, or made by another key",
        Hostile::Person(|draft| {
            let token = draft.bearer.take().unwrap();
            let (start, end) = token.split_at(token.len() - 20);
            draft.bearer = Some(format!("{start}{}", end.chars().rev().collect::<String>()));
        }),
    ),
    (
        "v3.person.bearer-genuine",
        Some("ENV-MIX"),
        401,
        "by another service: its issuer is `https://test.api.myinfo.gov.sg/serviceauth/myinfo-com`",
        Hostile::Person(|draft| draft.bearer = Some(FOREIGN.into())),
    ),
    (
        "v3.person.bearer-context",
        Some("ENV-MIX"),
        401,
        "com and gov do not mix",
        Hostile::TokenOf(TokenKind::OtherContext),
    ),
    (
        "v3.person.bearer-unexpired",
        Some("TOKEN-WHY"),
        401,
        "the token expired 0 s ago",
        Hostile::TokenOf(TokenKind::Expired),
    ),
    (
        "v3.person.bearer-own",
        Some("TOKEN-WHY"),
        401,
        "the token was given to `NARROW`, not to `TESTBED-CLIENT`",
        Hostile::TokenOf(TokenKind::OtherClient),
    ),
    (
        "v3.person.subject",
        Some("SUB"),
        401,
        "the path has the id `*****048A`; the token's subject is",
        Hostile::Person(|draft| {
            let start = draft.url.find("/person/").unwrap();
            draft.url = format!("{}/person/S6005048A/", &draft.url[..start]);
            draft.signed_url.clone_from(&draft.url);
        }),
    ),
    (
        "v3.person.attributes-consented",
        Some("ATTR"),
        403,
        "not consented: dob,race; the consent covers uinfin,name,sex",
        Hostile::Person(|draft| {
            draft.set("attributes", "name,dob,race");
        }),
    ),
    (
        "v3.person.uinfin-known",
        None,
        404,
        "no persona has this NRIC",
        Hostile::Raw(|rig| rig.client.http.get(rig.client.endpoint("person-sample/S0000002G"))),
    ),
    (
        "http.path",
        None,
        404,
        "call /gov/v3/person-basic",
        Hostile::Raw(|rig| rig.client.http.get(rig.client.endpoint("person-basic/S6005048A"))),
    ),
    (
        "v3.person-basic.eservice",
        None,
        403,
        "sp_esvcId is missing",
        Hostile::Raw(|rig| {
            let url = rig.client.endpoint("person-basic/S6005048A").replace("/com/", "/gov/");
            let draft = rig.client.draft("GET", url, &[("client_id", "TESTBED-CLIENT")]);
            rig.client.request(&draft, Some(&rig.client.authorization(&draft)))
        }),
    ),
    (
        "v3.person-basic.attributes-permitted",
        None,
        401,
        "person-basic has no `cpfbalances`",
        Hostile::Raw(|rig| {
            let url = rig.client.endpoint("person-basic/S6005048A").replace("/com/", "/gov/");
            let draft = rig.client.draft(
                "GET",
                url,
                &[("attributes", "cpfbalances"), ("client_id", "TESTBED-CLIENT"), ("sp_esvcId", "X")],
            );
            rig.client.request(&draft, Some(&rig.client.authorization(&draft)))
        }),
    ),
    (
        "v3.person-sample.attributes-known",
        Some("SCOPE"),
        403,
        "`nam` is no v3 attribute; near to it: name",
        Hostile::Raw(|rig| rig.client.http.get(rig.client.endpoint("person-sample/S6005048A?attributes=nam"))),
    ),
    (
        "mock.elsewhere",
        Some("AUTHZ-SCHEME"),
        404,
        "carried its Authorization header there",
        Hostile::Raw(|rig| {
            rig.client
                .http
                .get(format!("{}/_elsewhere/com/v3/token", rig.client.base_url))
                .header("Authorization", "Bearer x")
        }),
    ),
];
