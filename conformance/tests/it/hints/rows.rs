//! The kinds of mistakes, one request each: in the header, in the form, in a list of attributes.

use super::Wrong::{Authorise, Header, Person, PersonHeader, Token as InToken};
use super::{Case, GENUINE, PRESENT};
use crate::support::NOW;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use myinfo_conformance::server::client::v3::Draft;
use myinfo_fixtures::keys::CLIENT_SECRET;

const FORM: &str = "v3.signature.header-form";
const SECRET: &str = "v3.token.client-secret";
const CODE: &str = "v3.token.code-known";
const CLOCK: &str = "v3.signature.timestamp";

pub(super) const HEADERS: &[Case] = &[
    (
        FORM,
        "AUTHZ-SCHEME",
        "the scheme is `PKI-SIGN`; it is `PKI_SIGN`",
        Header(|sent| sent.replace("PKI_SIGN", "PKI-SIGN")),
    ),
    (FORM, "AUTHZ-SCHEME", "the scheme is `pki_sign`", Header(|sent| sent.replace("PKI_SIGN", "pki_sign"))),
    (FORM, "AUTHZ-SCHEME", "begins with `app_id=`", Header(|sent| sent.replace("PKI_SIGN ", ""))),
    (FORM, "AUTHZ-SCHEME", "behind PKI_SIGN stands `;`", Header(|sent| sent.replace("PKI_SIGN ", "PKI_SIGN; "))),
    (FORM, "AUTHZ-SCHEME", "behind PKI_SIGN stands `&`", Header(|sent| sent.replace("PKI_SIGN ", "PKI_SIGN&"))),
    (FORM, "AUTHZ-SCHEME", "behind PKI_SIGN stands `,`", Header(|sent| sent.replace("PKI_SIGN ", "PKI_SIGN, "))),
    (FORM, "AUTHZ-SCHEME", "stands `;`; pairs are separated by commas", Header(|sent| sent.replace("\",", "\";"))),
    (FORM, "AUTHZ-SCHEME", "stands `&`; pairs are separated by commas", Header(|sent| sent.replace("\",", "\"&"))),
    (FORM, "AUTHZ-SCHEME", "`appId` is to be called `app_id`", Header(|sent| sent.replace("app_id=", "appId="))),
    (
        FORM,
        "AUTHZ-SCHEME",
        "`signature_method` is missing; `signatureMethod` is to be called `signature_method`",
        Header(|sent| sent.replace("signature_method=", "signatureMethod=")),
    ),
    (FORM, "AUTHZ-SCHEME", "`sign` is to be called `signature`", Header(|sent| sent.replace(",signature=", ",sign="))),
    (FORM, "AUTHZ-SCHEME", "`NONCE` is to be called `nonce`", Header(|sent| sent.replace("nonce=", "NONCE="))),
    (
        FORM,
        "AUTHZ-SCHEME",
        "`client_id` is to be called `app_id`",
        Header(|sent| sent.replace("app_id=", "client_id=")),
    ),
    (FORM, "AUTHZ-SCHEME", "the value of `app_id` stands in single quotes", Header(|sent| sent.replace('"', "'"))),
    (FORM, "AUTHZ-SCHEME", "the value of `app_id` has no quotes", Header(|sent| sent.replace('"', ""))),
    (FORM, "AUTHZ-SCHEME", "backslash before them", Header(|sent| sent.replace('"', "\\\""))),
    (
        FORM,
        "AUTHZ-SCHEME",
        "the value of `nonce` holds a double quote",
        Header(|sent| sent.replace("nonce=\"", "nonce=\"a\"b")),
    ),
    (FORM, "AUTHZ-SCHEME", "the whole header stands in quotes", Header(|sent| format!("'{sent}'"))),
    (FORM, "AUTHZ-SCHEME", "the header's own name", Header(|sent| format!("Authorization: {sent}"))),
    (
        FORM,
        "AUTHZ-SCHEME",
        "behind PKI_SIGN stands JSON",
        Header(|_| "PKI_SIGN {\"app_id\":\"TESTBED-CLIENT\"}".to_owned()),
    ),
    (PRESENT, "AUTHZ-SCHEME", "the Bearer token stands before PKI_SIGN", Header(|sent| format!("Bearer a.b.c,{sent}"))),
    (PRESENT, "ENV-MIX", "a token request has no Bearer token, but is signed", Header(|_| "Bearer a.b.c".to_owned())),
    (PRESENT, "ENV-MIX", "has a Bearer token and no PKI_SIGN part", PersonHeader(|_| "Bearer a.b.c".to_owned())),
    (FORM, "AUTHZ-SCHEME", "`bearer` is to be written `Bearer`", PersonHeader(|sent| sent.replace("Bearer", "bearer"))),
    (FORM, "AUTHZ-SCHEME", "behind Bearer stands `=`", PersonHeader(|sent| sent.replace("Bearer ", "Bearer="))),
    (
        FORM,
        "AUTHZ-SCHEME",
        "the word Bearer is there twice",
        PersonHeader(|sent| sent.replace("Bearer ", "Bearer Bearer ")),
    ),
    (FORM, "AUTHZ-SCHEME", "stands `;`; pairs", PersonHeader(|sent| sent.replace("\",Bearer", "\";Bearer"))),
    (
        FORM,
        "AUTHZ-SCHEME",
        "behind Bearer stands JSON: only the member `access_token`",
        PersonHeader(|sent| format!("{},Bearer {{\"access_token\":\"a.b.c\",\"expires_in\":1799}}", alone(sent))),
    ),
    (GENUINE, "TOKEN-WHY", "it is in quotes", PersonHeader(|sent| format!("{},Bearer \"a.b.c\"", alone(sent)))),
    (GENUINE, "TOKEN-WHY", "`undefined`", PersonHeader(|sent| format!("{},Bearer undefined", alone(sent)))),
    (GENUINE, "TOKEN-WHY", "variable", PersonHeader(|sent| format!("{},Bearer {{{{access_token}}}}", alone(sent)))),
    (
        "v3.signature.app-id-known",
        "",
        "is not registered: it is the text `undefined`",
        InToken(|draft| {
            draft.header.app_id = "undefined".into();
        }),
    ),
];

/// A header without its Bearer token.
fn alone(header: &str) -> &str {
    header.split(",Bearer").next().unwrap()
}

pub(super) const FORMS: &[Case] = &[
    (
        SECRET,
        "SECRET",
        "is that of `NARROW`, not that of `TESTBED-CLIENT`",
        InToken(|draft| secret(draft, "a-secret-of-its-own")),
    ),
    (
        SECRET,
        "SECRET",
        "is the registered one in quotes",
        InToken(|draft| secret(draft, &format!("\"{CLIENT_SECRET}\""))),
    ),
    (SECRET, "SECRET", "is cut: 12 of its 21 characters came", InToken(|draft| secret(draft, &CLIENT_SECRET[..12]))),
    (
        SECRET,
        "SECRET",
        "is the registered one in Base64",
        InToken(|draft| secret(draft, &BASE64_STANDARD.encode(CLIENT_SECRET))),
    ),
    (SECRET, "SECRET", "in another case", InToken(|draft| secret(draft, &CLIENT_SECRET.to_uppercase()))),
    (SECRET, "SECRET", "is a placeholder", InToken(|draft| secret(draft, "YOUR_CLIENT_SECRET"))),
    (SECRET, "SECRET", "is the name of a variable", InToken(|draft| secret(draft, "${MYINFO_CLIENT_SECRET}"))),
    (SECRET, "SECRET", "is the text `undefined`", InToken(|draft| secret(draft, "undefined"))),
    (SECRET, "SECRET", "is empty", InToken(|draft| secret(draft, ""))),
    (SECRET, "SECRET", "space or line break around it", InToken(|draft| secret(draft, &format!("{CLIENT_SECRET}\n")))),
    (SECRET, "SECRET", "is the value of `client_id`", InToken(|draft| secret(draft, "TESTBED-CLIENT"))),
    (
        CODE,
        "CODE-OTHER",
        "more of the callback behind it (`state`)",
        InToken(|draft| code(draft, |code| format!("{code}&state=abc"))),
    ),
    (CODE, "CODE-OTHER", "is in capitals", InToken(|draft| code(draft, str::to_uppercase))),
    (CODE, "CODE-OTHER", "is the `state` of the login", InToken(|draft| code(draft, |_| "a state".to_owned()))),
    (
        CODE,
        "CODE-OTHER",
        "is the value of `state`",
        InToken(|draft| {
            draft.set("state", "another state");
            code(draft, |_| "another state".to_owned());
        }),
    ),
    (CODE, "CODE-OTHER", "in quotes", InToken(|draft| code(draft, |code| format!("\"{code}\"")))),
    (
        CODE,
        "CODE-OTHER",
        "is the callback's address or query",
        InToken(|draft| {
            code(draft, |code| format!("http://localhost:3001/callback?code={code}"));
        }),
    ),
    (CODE, "CODE-OTHER", "is a JWT", InToken(|draft| code(draft, |_| "eyJh.eyJi.c2ln".to_owned()))),
    (CODE, "CODE-OTHER", "is the text `null`", InToken(|draft| code(draft, |_| "null".to_owned()))),
    (CODE, "CODE-OTHER", "was it percent-encoded twice?", InToken(|draft| code(draft, |_| "a%2Fb".to_owned()))),
    (
        "v3.token.required-parameters",
        "",
        "`redirect_uri` is missing (`redirectUri` is to be called `redirect_uri`)",
        InToken(|draft| {
            draft.remove("redirect_uri").set("redirectUri", "http://localhost:3001/callback");
        }),
    ),
    (
        "v3.person.required-parameters",
        "",
        "`client_id` is missing (`clientId` is to be called `client_id`)",
        Person(|draft| {
            draft.remove("client_id").set("clientId", "TESTBED-CLIENT");
        }),
    ),
    (
        CLOCK,
        "CLOCK",
        "is in seconds, the wrong unit; the clock itself is right",
        InToken(|draft| time(draft, NOW / 1000)),
    ),
    (CLOCK, "CLOCK", "is in microseconds", InToken(|draft| time(draft, NOW * 1000))),
    (CLOCK, "CLOCK", "is in nanoseconds", InToken(|draft| time(draft, NOW * 1_000_000))),
    (CLOCK, "CLOCK", "is in .NET ticks", InToken(|draft| time(draft, (NOW + 62_135_596_800_000) * 10_000))),
    (CLOCK, "CLOCK", "read as seconds, it is 3700 s behind", InToken(|draft| time(draft, NOW / 1000 - 3_700))),
    (CLOCK, "CLOCK", "2592000 s ahead of the server's clock", InToken(|draft| time(draft, NOW + 2_592_000_000))),
    (
        CLOCK,
        "CLOCK",
        "a date in the form of ISO 8601",
        InToken(|draft| draft.header.timestamp = "2023-11-14T22:13:20Z".into()),
    ),
    (CLOCK, "CLOCK", "is the text `undefined`", InToken(|draft| draft.header.timestamp = "undefined".into())),
    (CLOCK, "CLOCK", "with a fraction", Person(|draft| draft.header.timestamp = "1700000000.5".into())),
    ("v3.authorise.client-registered", "", "it is a placeholder", Authorise(&[("client_id", Some("<client id>"))])),
    (
        "v3.authorise.client-registered",
        "",
        "`client_id`, `purpose` and `state` are missing from the authorise URL",
        Authorise(&[("client_id", None), ("purpose", None), ("state", None)]),
    ),
    (
        "v3.authorise.redirect-uri-registered",
        "REDIRECT-DIFF",
        "`redirect_uri` and `state` are missing",
        Authorise(&[("redirect_uri", None), ("state", None)]),
    ),
    (
        "v3.authorise.required-parameters",
        "",
        "`attributes`, `purpose` and `state` are missing",
        Authorise(&[("attributes", None), ("purpose", None), ("state", None)]),
    ),
];

/// Attribute lists as authorise, person and person-sample get them, and what each says.
pub(super) const LISTS: &[(&str, &str)] = &[
    ("name sex", "`name sex` is a list separated by spaces"),
    ("name;sex", "`name;sex` is a list separated by semicolons"),
    ("name|sex", "a list separated by bars"),
    ("name%2Csex", "percent-encoded twice"),
    ("Name,sex", "names are in small letters: `name`"),
    ("nric", "`nric` is no v3 attribute; it is called `uinfin`"),
    ("'name'", "is in quotes"),
    ("natonality", "near to it: nationality"),
    ("assessableincome", "v2's `assessableincome` is `noa-basic` in v3"),
    ("cpfbalances.oa", "`cpfbalances.oa` is a v5 name; v3 has `cpfbalances`"),
    ("chas", "`chas` is a v4 and v5 name"),
    ("regadd.postal", "v3 has `regadd` as a whole"),
];

fn secret(draft: &mut Draft, value: &str) {
    draft.set("client_secret", value);
}

fn code(draft: &mut Draft, change: impl Fn(&str) -> String) {
    let code = draft.parameters.iter().find(|(name, _)| name == "code").map(|(_, code)| change(code)).unwrap();
    draft.set("code", &code);
}

fn time(draft: &mut Draft, timestamp: u64) {
    draft.header.timestamp = timestamp.to_string();
}
