//! What FAPI's endpoints take and answer, for their description.

use super::parameters::{OF_AUTH, OF_PAR, OF_TOKEN};
use crate::operation::{Description, Header, Operation, Parameters, Reply};
use serde_json::{Value, json};

pub(super) static DESCRIPTION: Description = Description {
    title: "Singpass FAPI 2.0 of the mock server: Myinfo v5 and Login",
    says: "FAPI 2.0 with pushed requests, client assertions and DPoP, as this mock serves it. The issuer is `/fapi` of the address that is called. A request that breaks a rule is told the first one in `error` and `error_description`; the journal, `/_mock/`, tells all.",
    parameters: PARAMETERS,
    schemes: &[(
        "DPoP",
        "DPoP",
        "`DPoP <access token>`, with a proof in the header `DPoP` whose `ath` is the token's hash.",
    )],
    schemas,
};

fn schemas() -> Value {
    json!({
        "Discovery": discovery(),
        "JwkSet": jwk_set(),
        "Pushed": {
            "type": "object",
            "required": ["request_uri", "expires_in"],
            "properties": {
                "request_uri": {"type": "string", "description": "For the browser: `request_uri` at auth."},
                "expires_in": {"type": "integer", "description": "In seconds."},
            },
        },
        "Token": token("DPoP"),
        "Error": {
            "type": "object",
            "required": ["error", "error_description"],
            "properties": {
                "error": {"type": "string"},
                "error_description": {"type": "string"},
                "state": {"type": "string", "description": "That of the pushed request, where it has a good one."},
            },
        },
    })
}

/// OpenID Connect Discovery §3, as far as every client reads it.
pub(in crate::profile) fn discovery() -> Value {
    let address = json!({"type": "string", "format": "uri"});
    let names = ["issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"];
    let properties = names.map(|name| (name.to_owned(), address.clone()));
    json!({
        "type": "object",
        "required": names,
        "properties": properties.into_iter().collect::<serde_json::Map<_, _>>(),
    })
}

/// RFC 7517 §5.
fn jwk_set() -> Value {
    json!({
        "type": "object",
        "required": ["keys"],
        "properties": {"keys": {"type": "array", "items": {"type": "object", "required": ["kty", "kid"]}}},
    })
}

/// What token answers, whose access token is of this type.
pub(in crate::profile) fn token(kind: &str) -> Value {
    json!({
        "type": "object",
        "required": ["access_token", "id_token", "token_type"],
        "properties": {
            "access_token": {"type": "string"},
            "id_token": {"type": "string", "description": "A JWS, mostly in a JWE for the client's key of the use `enc`."},
            "token_type": {"const": kind},
            "expires_in": {"type": "integer", "description": "In seconds, where the settings have it sent."},
        },
    })
}

const PARAMETERS: &[(&str, &str)] = &[
    ("response_type", "`code`."),
    ("scope", "`openid`, and what is asked for: blanks between the names of the catalogue."),
    ("state", "1 to 255 letters, digits and / + _ - = . that come back in the callback."),
    ("nonce", "1 to 255 characters that come back in the ID token."),
    ("client_id", "As the developer portal gave it; where it is left out of a form, the assertion names the client."),
    ("redirect_uri", "A registered one, character by character; at token that of the pushed request."),
    ("client_assertion_type", "`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`."),
    ("client_assertion", "A JWT of at most two minutes, signed with the client's key, for the issuer. RFC 7523 §3."),
    ("code_challenge", "The hash of the verifier in base64url. RFC 7636 §4.2."),
    ("code_challenge_method", "`S256`."),
    (
        "dpop_jkt",
        "The thumbprint of the key that the login is bound to; with it the proof may be left out. RFC 9449 §10.",
    ),
    ("acr_values", "Singpass' levels, of clients that may ask for one."),
    ("authentication_context_type", "What the login is for; of Login apps alone, which have to send it."),
    ("authentication_context_message", "A message for the person; of Login apps alone."),
    ("redirect_uri_https_type", "Is taken, and changes nothing."),
    ("app_launch_url", "Is taken, and changes nothing."),
    ("request_uri", "At auth the name of the pushed request; a pushed request has none of its own."),
    ("grant_type", "`authorization_code`."),
    ("code", "The authorisation code of the callback: it is exchanged once."),
    ("code_verifier", "What the code challenge is the hash of. RFC 7636 §4.5."),
];

/// A proof; at PAR another parameter may stand for it.
const fn proof(required: bool) -> Header {
    Header { name: "DPoP", required, says: "A proof of the login's key for this request. RFC 9449 §4." }
}

const UPSTREAM: Reply = Reply::error(
    502,
    &["upstream_dependency_error"],
    "The client's JWK Set cannot be fetched from its address; at userinfo also a source agency that does not answer.",
);
const UNKNOWN_CLIENT: &str = "Who calls is not who it says: client, assertion, or a JWK Set that cannot be used.";

/// That of either API.
pub(in crate::profile) static DISCOVERY: Operation = Operation::new(
    "The discovery document",
    &[Reply::new(200, "Addresses and abilities.", &[("application/json", "Discovery")])],
);

pub(super) static KEYS: Operation = Operation::new(
    "The service's public keys, for both APIs of this host",
    &[Reply::new(200, "A JWK Set.", &[("application/json", "JwkSet")])],
);

pub(super) static PAR: Operation = Operation {
    form: Parameters::new(
        OF_PAR,
        &[
            "response_type",
            "scope",
            "state",
            "nonce",
            "redirect_uri",
            "client_assertion_type",
            "client_assertion",
            "code_challenge",
            "code_challenge_method",
        ],
    ),
    headers: &[proof(false)],
    ..Operation::new(
        "A request is pushed, before the browser begins",
        &[
            Reply::new(201, "The request waits for the browser.", &[("application/json", "Pushed")]),
            Reply::error(
                400,
                &["invalid_request", "invalid_scope", "invalid_dpop_proof", "use_dpop_nonce"],
                "The request asks for something that it cannot have, or its proof is not good.",
            ),
            Reply::error(401, &["invalid_client"], UNKNOWN_CLIENT),
            UPSTREAM,
        ],
    )
};

pub(super) static AUTH: Operation = Operation {
    query: Parameters::new(OF_AUTH, &["client_id", "request_uri"]),
    ..Operation::new(
        "The browser brings the pushed request: login, for Myinfo apps consent, and back to the client",
        &[
            Reply::redirect(
                302,
                &[(
                    "Location",
                    "The login page; or the redirect URI, with `code`, `state` and `iss`, or with `error`.",
                )],
            ),
            Reply::page(400, "Singpass' page of an error, with a code that begins with PX-."),
        ],
    )
};

pub(super) static TOKEN: Operation = Operation {
    form: Parameters::new(
        OF_TOKEN,
        &["grant_type", "code", "redirect_uri", "code_verifier", "client_assertion_type", "client_assertion"],
    ),
    headers: &[proof(true)],
    ..Operation::new(
        "An authorisation code against an access token and an ID token",
        &[
            Reply::new(200, "The tokens.", &[("application/json", "Token")]),
            Reply::error(
                400,
                &["invalid_request", "unsupported_grant_type", "invalid_grant", "invalid_dpop_proof", "use_dpop_nonce"],
                "The code cannot be exchanged so, or the proof is not good.",
            ),
            Reply::error(
                401,
                &["invalid_client", "invalid_dpop_proof"],
                "As at PAR; or the proof is by another key than the login's.",
            ),
            UPSTREAM,
        ],
    )
};

pub(super) static USERINFO: Operation = Operation {
    headers: &[proof(true)],
    schemes: &["DPoP"],
    ..Operation::new(
        "The person document, for Myinfo apps",
        &[
            Reply::new(
                200,
                "A JWE whose content is a JWS of `person_info`.",
                &[("application/jwt; charset=utf-8", "")],
            ),
            Reply {
                headers: CHALLENGE,
                ..Reply::error(400, &["invalid_request"], "The address has a query, or the person has no Myinfo data.")
            },
            Reply {
                headers: CHALLENGE,
                ..Reply::error(
                    401,
                    &["invalid_token", "invalid_dpop_proof", "invalid_client", "use_dpop_nonce"],
                    "Token or proof are not good for this request.",
                )
            },
            UPSTREAM,
        ],
    )
};

const CHALLENGE: &[(&str, &str)] = &[("WWW-Authenticate", "The error once more. RFC 9449 §7.1.")];
