//! What each fault changes.

use crate::facts::Upto;

/// A fault, how far the flow goes with it, and what must differ: beginnings of facts' names, each with a part of the new
/// value; the whole of it behind `=`, `-` where the fact is gone.
pub(super) type Row = (&'static str, Upto, &'static [(&'static str, &'static str)]);

pub(super) const ROWS: &[Row] = &[
    ("callback-state-wrong", Upto::Person, &[("callback.state", "etats a-wrong")]),
    ("callback-state-last", Upto::Person, &[("callback.state", "a statx")]),
    ("callback-state-cut", Upto::Person, &[("callback.state", "a s")]),
    ("callback-state-missing", Upto::Person, &[("callback.state", "-")]),
    ("callback-state-empty", Upto::Person, &[("callback.state", "=")]),
    ("callback-state-another", Upto::Person, &[("callback.state", "=of another browser")]),
    ("callback-state-twice", Upto::Person, &[("callback.state+more", "a state-second")]),
    ("callback-code-missing", Upto::Callback, &[("callback.code", "-")]),
    ("callback-code-empty", Upto::Callback, &[("callback.code", "=")]),
    ("callback-code-twice", Upto::Person, &[("callback.code+more", "<code>")]),
    ("callback-code-odd", Upto::Person, &[("callback.code", "<code>+/=%2B")]),
    ("callback-extra", Upto::Person, &[("callback.session_hint", "x&y=z"), ("callback.iss", "https://nobody.invalid")]),
    (
        "callback-error-access-denied",
        Upto::Callback,
        &[
            ("callback.code", "-"),
            ("callback.error", "access_denied"),
            ("callback.error-description", "Resource Owner did not authorize the request"),
        ],
    ),
    (
        "callback-error-invalid-scope",
        Upto::Callback,
        &[("callback.code", "-"), ("callback.error", "invalid_scope"), ("callback.error-description", "scope")],
    ),
    (
        "callback-error-500",
        Upto::Callback,
        &[("callback.code", "-"), ("callback.error", "500"), ("callback.error-description", "unexpected")],
    ),
    (
        "callback-error-503",
        Upto::Callback,
        &[("callback.code", "-"), ("callback.error", "503"), ("callback.error-description", "maintenance")],
    ),
    (
        "callback-error-script",
        Upto::Callback,
        &[("callback.code", "-"), ("callback.error", "access_denied"), ("callback.error-description", "<script>")],
    ),
    ("callback-error-and-code", Upto::Person, &[("callback.error", "access_denied")]),
    ("token-400", Upto::Token, TOKEN_400),
    ("token-401-timestamp", Upto::Token, &[("token.status", "401"), ("token.body", "Invalid timestamp"), GONE]),
    ("token-401-nonce", Upto::Token, &[("token.status", "401"), ("token.body", "Invalid nonce"), GONE]),
    ("token-403", Upto::Token, &[("token.status", "403"), ("token.body", "Forbidden"), GONE]),
    ("token-404", Upto::Token, &[("token.status", "404"), ("token.body", "Not found"), GONE]),
    ("token-500", Upto::Token, &[("token.status", "500"), ("token.body", "Unknown error"), GONE]),
    ("token-503", Upto::Token, &[("token.status", "503"), ("token.body", "Under maintenance"), GONE]),
    (
        "token-redirect",
        Upto::Token,
        &[("token.status", "302"), TOKEN_AWAY, ("token.content-type", "-"), NO_TOKEN, GONE],
    ),
    (
        "token-redirect-307",
        Upto::Token,
        &[("token.status", "307"), TOKEN_AWAY, ("token.content-type", "-"), NO_TOKEN, GONE],
    ),
    (
        "token-redirect-308",
        Upto::Token,
        &[("token.status", "308"), TOKEN_AWAY, ("token.content-type", "-"), NO_TOKEN, GONE],
    ),
    ("token-html", Upto::Token, &[("token.content-type", "text/html"), ("token.body", "Sorry"), GONE]),
    ("token-empty", Upto::Token, &[("token.body", "="), GONE]),
    ("token-not-json", Upto::Token, &[("token.body", "{\"access_token\":"), GONE]),
    ("token-no-access-token", Upto::Token, &[("token.body.access_token", "-"), GONE]),
    ("token-access-token-null", Upto::Token, &[("token.body.access_token", "null"), GONE]),
    ("token-type-lower-case", Upto::Person, &[("token.body.token_type", "\"bearer\"")]),
    ("token-type-other", Upto::Person, &[("token.body.token_type", "\"mac\"")]),
    ("token-extra-members", Upto::Person, &[("token.body.session_hint", "null")]),
    ("token-cut", Upto::Token, &[("token.delivery", "cut"), ("token.body", "="), GONE]),
    ("token-stalled", Upto::Token, &[("token.delivery", "stalled"), ("token.body", "="), GONE]),
    ("access-token-signature", Upto::Token, &[("access-token.signature", "RS256 by the service, one bit changed")]),
    ("access-token-key", Upto::Token, &[("access-token.signature", "RS256 by a stranger")]),
    ("access-token-none", Upto::Token, &[("access-token.header.alg", "\"none\""), ("access-token.signature", "none")]),
    ("access-token-hs256", Upto::Token, HS256),
    (
        "access-token-rs512",
        Upto::Token,
        &[("access-token.header.alg", "RS512"), ("access-token.signature", "RS512 by the service")],
    ),
    (
        "access-token-ps256",
        Upto::Token,
        &[("access-token.header.alg", "PS256"), ("access-token.signature", "PS256 by the service")],
    ),
    ("access-token-jwk", Upto::Token, &[("access-token.header.jwk", "\"kty\":\"RSA\""), STRANGER]),
    ("access-token-jku", Upto::Token, &[("access-token.header.jku", "https://nobody.invalid/jwks.json"), STRANGER]),
    ("access-token-x5c", Upto::Token, &[("access-token.header.x5c", "[\"MII"), STRANGER]),
    ("access-token-kid-unknown", Upto::Person, &[("access-token.header.kid", "../../unknown")]),
    (
        "access-token-expired",
        Upto::Token,
        &[
            ("access-token.claims.iat", "=1699994600"),
            ("access-token.claims.nbf", "=1699994600"),
            ("access-token.claims.exp", "=1699996400"),
        ],
    ),
    (
        "access-token-expired-30-seconds",
        Upto::Token,
        &[
            ("access-token.claims.iat", "=1699998170"),
            ("access-token.claims.nbf", "=1699998170"),
            ("access-token.claims.exp", "=1699999970"),
        ],
    ),
    (
        "access-token-future",
        Upto::Token,
        &[
            ("access-token.claims.iat", "=1700003600"),
            ("access-token.claims.nbf", "=1700003600"),
            ("access-token.claims.exp", "=1700005400"),
        ],
    ),
    ("access-token-no-exp", Upto::Token, &[("access-token.claims.exp", "-")]),
    ("access-token-no-sub", Upto::Token, &[("access-token.claims.sub", "-")]),
    ("access-token-sub-empty", Upto::Token, &[("access-token.claims.sub", "\"\"")]),
    ("access-token-sub-number", Upto::Token, &[("access-token.claims.sub", "60050480")]),
    ("access-token-sub-path", Upto::Token, &[("access-token.claims.sub", "\"../token?x=\"")]),
    ("access-token-sub-slashes", Upto::Token, &[("access-token.claims.sub", "\"a/../../%2e%2e/b#c\"")]),
    ("access-token-issuer", Upto::Person, &[("access-token.claims.iss", "nobody.invalid")]),
    ("access-token-audience", Upto::Token, &[("access-token.claims.aud", "-ANOTHER")]),
    ("access-token-scope", Upto::Token, &[("access-token.claims.scope", "[\"name\"]")]),
    ("access-token-not-json", Upto::Token, &[("access-token.claims", "this is no JSON")]),
    ("person-401-nonce", Upto::Person, &[("person.status", "401"), ("person.body", "Invalid nonce"), REST, JSON]),
    (
        "person-401-token",
        Upto::Person,
        &[("person.status", "401"), ("person.body", "Invalid access token"), REST, JSON],
    ),
    ("person-403", Upto::Person, &[("person.status", "403"), ("person.body", "not consented"), REST, JSON]),
    ("person-404", Upto::Person, &[("person.status", "404"), ("person.body", "UIN/FIN is invalid"), REST, JSON]),
    ("person-428", Upto::Person, &[("person.status", "428"), ("person.body", "not an existing"), REST, JSON]),
    (
        "person-429",
        Upto::Person,
        &[("person.status", "429"), ("person.retry-after", "1"), ("person.body", "Too many"), REST, JSON],
    ),
    ("person-500", Upto::Person, &[("person.status", "500"), ("person.body", "Unknown error"), REST, JSON]),
    ("person-502", Upto::Person, &[("person.status", "502"), ("person.body", "Bad gateway"), REST, JSON]),
    ("person-503", Upto::Person, &[("person.status", "503"), ("person.body", "Under maintenance"), REST, JSON]),
    (
        "person-redirect",
        Upto::Person,
        &[("person.status", "302"), PERSON_AWAY, ("person.content-type", "-"), NO_PERSON, REST],
    ),
    (
        "person-redirect-307",
        Upto::Person,
        &[("person.status", "307"), PERSON_AWAY, ("person.content-type", "-"), NO_PERSON, REST],
    ),
    (
        "person-redirect-308",
        Upto::Person,
        &[("person.status", "308"), PERSON_AWAY, ("person.content-type", "-"), NO_PERSON, REST],
    ),
    ("person-html", Upto::Person, &[("person.content-type", "text/html"), ("person.body", "Sorry"), REST]),
    ("person-empty", Upto::Person, &[("person.body", "="), REST]),
    ("person-gzip", Upto::Person, &[("person.content-encoding", "gzip")]),
    (
        "person-gzip-bomb",
        Upto::Person,
        &[("person.content-encoding", "gzip"), ("person.body", "104857600 bytes"), ("person.behind", "-"), REST],
    ),
    ("person-line-end", Upto::Person, &[("person.behind-the-body", "\\n")]),
    ("person-cut", Upto::Person, &[("person.delivery", "cut"), ("person.body", "="), REST]),
    ("person-stalled", Upto::Person, &[("person.delivery", "stalled"), ("person.body", "="), REST]),
    ("jwe-tag", Upto::Person, &[("person-jwe.opens", "by the client, one bit of the tag changed")]),
    ("jwe-iv", Upto::Person, &[("person-jwe.opens", "by the client, one bit of the iv changed")]),
    ("jwe-ciphertext", Upto::Person, &[("person-jwe.opens", "by the client, one bit of the ciphertext changed")]),
    ("jwe-key", Upto::Person, &[("person-jwe.opens", "by the client, one bit of the key changed")]),
    (
        "jwe-ciphertext-short",
        Upto::Person,
        &[("person-jwe.opens", "by the client, the last byte of the ciphertext missing")],
    ),
    (
        "jwe-iv-short",
        Upto::Person,
        &[("person-jwe.opens", "by the client, the last byte of the iv missing"), ("person-jwe.iv.bytes", "11")],
    ),
    ("jwe-tag-short", Upto::Person, &[("person-jwe.tag.bytes", "12")]),
    (
        "jwe-4-segments",
        Upto::Person,
        &[("person-jwe.segments", "4"), ("person-jwe.tag", "-"), ("person-jwe.opens", "by nobody"), INSIDE],
    ),
    ("jwe-6-segments", Upto::Person, &[("person-jwe.segments", "6"), ("person-jwe.opens", "by nobody"), INSIDE]),
    ("jwe-recipient", Upto::Person, &[("person-jwe.opens", "by a stranger")]),
    ("jwe-alg-rsa1-5", Upto::Person, &[("person-jwe.header.alg", "RSA1_5")]),
    ("jwe-alg-oaep-256", Upto::Person, &[("person-jwe.header.alg", "RSA-OAEP-256")]),
    (
        "jwe-alg-dir",
        Upto::Person,
        &[
            ("person-jwe.header.alg", "\"dir\""),
            ("person-jwe.key.bytes", "0"),
            ("person-jwe.opens", "with a public value"),
        ],
    ),
    (
        "jwe-alg-a128kw",
        Upto::Person,
        &[
            ("person-jwe.header.alg", "A128KW"),
            ("person-jwe.key.bytes", "40"),
            ("person-jwe.opens", "with a public value"),
        ],
    ),
    ("jwe-enc-cbc", Upto::Person, &[("person-jwe.header.enc", "A128CBC-HS256"), ("person-jwe.iv.bytes", "16")]),
    ("jwe-zip-bomb", Upto::Person, &[("person-jwe.header.zip", "DEF"), ("plaintext.blanks-before", "67108864")]),
    ("jwe-kid-unknown", Upto::Person, &[("person-jwe.header.kid", "unknown")]),
    (
        "jwe-header-changed",
        Upto::Person,
        &[("person-jwe.header.x", "1"), ("person-jwe.opens", "by the client, another header")],
    ),
    ("jwe-plaintext-unquoted", Upto::Person, &[("plaintext.form", "a bare JWS")]),
    ("jwe-plaintext-json", Upto::Person, &[("plaintext.form", "JSON"), ("person-jws", "-")]),
    ("jwe-bare-jws", Upto::Person, &[("person.body", "a JWS"), ("person-jwe", "-"), ("plaintext", "-")]),
    (
        "jwe-bare-json",
        Upto::Person,
        &[
            ("person.body", "{\"uinfin\""),
            ("person.content-type", "application/json"),
            ("person-jwe", "-"),
            ("plaintext", "-"),
            ("person-jws", "-"),
        ],
    ),
    ("jws-signature", Upto::Person, &[("person-jws.signature", "RS256 by the service, one bit changed")]),
    ("jws-none", Upto::Person, &[("person-jws.header.alg", "\"none\""), ("person-jws.signature", "none")]),
    ("jws-key", Upto::Person, &[("person-jws.signature", "RS256 by a stranger")]),
    (
        "jws-hs256",
        Upto::Person,
        &[("person-jws.header.alg", "HS256"), ("person-jws.signature", "HS256 by the certificate")],
    ),
    (
        "jws-rs512",
        Upto::Person,
        &[("person-jws.header.alg", "RS512"), ("person-jws.signature", "RS512 by the service")],
    ),
    ("jws-payload-array", Upto::Person, &[("person-jws.payload", "array")]),
    ("jws-payload-string", Upto::Person, &[("person-jws.payload", "string")]),
    ("jws-payload-not-json", Upto::Person, &[("person-jws.payload", "no JSON"), ("data", "=this is no JSON")]),
    (
        "data-somebody-else",
        Upto::Person,
        &[
            ("data.uinfin", "\"value\":\"S9812351B\""),
            ("data.name", "\"value\":\"TAN CHONG HO\""),
            ("data.sex", "\"code\":\"M\""),
            ("data.dob", "\"value\":\"1988-10-06\""),
            ("data.householdincome", "\"high\":{\"value\":0}"),
        ],
    ),
    ("data-extra-item", Upto::Person, &[("data.favouritecolour", "RED")]),
    ("data-missing-item", Upto::Person, &[("data.uinfin", "-")]),
    ("data-unavailable", Upto::Person, &[("data.uinfin", "\"unavailable\":true")]),
    (
        "data-no-metadata",
        Upto::Person,
        &[
            ("data.uinfin", "{\"value\":\"S6005048A\"}"),
            ("data.name", "{\"value\""),
            ("data.sex", "{"),
            ("data.dob", "{\"value\""),
            ("data.householdincome", "{"),
        ],
    ),
    (
        "data-envelope-alone",
        Upto::Person,
        &[("data.uinfin", "={\"lastupdated\":\"2023-04-26\",\"source\":\"1\",\"classification\":\"C\"}")],
    ),
    (
        "data-source-user",
        Upto::Person,
        &[
            ("data.uinfin", "\"source\":\"2\""),
            ("data.name", "\"source\":\"2\""),
            ("data.sex", "\"source\":\"2\""),
            ("data.dob", "\"source\":\"2\""),
            ("data.householdincome", "\"source\":\"2\""),
        ],
    ),
    ("data-unknown-codes", Upto::Person, &[("data.sex", "ZZ9")]),
    ("data-nasty-text", Upto::Person, &[("data.name", "中文")]),
    ("data-precise-numbers", Upto::Person, &[("data.householdincome", "9007199254740993")]),
];

/// The token and all that is inside is missing.
const GONE: (&str, &str) = ("access-token", "-");
/// Where a redirect of token leads, and what is left of its body.
const TOKEN_AWAY: (&str, &str) = ("token.location", "/_elsewhere/com/v3/token");
const NO_TOKEN: (&str, &str) = ("token.body", "=");
/// The same of person.
const PERSON_AWAY: (&str, &str) = ("person.location", "/_elsewhere/com/v3/person");
const NO_PERSON: (&str, &str) = ("person.body", "=");
/// The document and all that is inside is missing.
const REST: (&str, &str) = ("person-jwe", "-");
/// What is inside the encrypted document is missing.
const INSIDE: (&str, &str) = ("plaintext", "-");
const JSON: (&str, &str) = ("person.content-type", "application/json");
const STRANGER: (&str, &str) = ("access-token.signature", "RS256 by a stranger");
const TOKEN_400: &[(&str, &str)] = &[("token.status", "400"), ("token.body", "Invalid authorization code"), GONE];
const HS256: &[(&str, &str)] =
    &[("access-token.header.alg", "HS256"), ("access-token.signature", "HS256 by the certificate")];
