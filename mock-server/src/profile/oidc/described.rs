//! What the endpoints of the API before FAPI take and answer, for their description.

use super::parameters::{OF_AUTH, OF_TOKEN};
use crate::operation::{Description, Operation, Parameters, Reply};
use crate::profile::fapi::described::{discovery, token};
use serde_json::json;

pub(super) static DESCRIPTION: Description = Description {
    title: "Singpass' API before FAPI of the mock server",
    says: "OpenID Connect with client assertions and `Bearer`, as it was before FAPI 2.0, at the root of the host. The service's keys are at `/.well-known/keys`, which FAPI's description has. What is wrong at auth is told on a page; at token and userinfo in `error`; the journal, `/_mock/`, tells all that is wrong.",
    parameters: PARAMETERS,
    schemes: &[("Bearer", "bearer", "`Bearer <access token>`.")],
    schemas: || {
        json!({
            "Discovery": discovery(),
            "Token": token("Bearer"),
            "Error": {
                "type": "object",
                "required": ["id", "error", "error_description", "trace_id"],
                "properties": {
                    "id": {"type": "string"},
                    "error": {"type": "string"},
                    "error_description": {"type": "string"},
                    "trace_id": {"type": "string"},
                },
            },
        })
    },
};

const PARAMETERS: &[(&str, &str)] = &[
    ("scope", "`openid`, in a Myinfo app with what is asked for: blanks between the names of the catalogue."),
    ("response_type", "`code`."),
    ("client_id", "As the developer portal gave it; where it is left out of the form, the assertion names the client."),
    ("redirect_uri", "A registered one, character by character; at token that of the authorisation request."),
    ("nonce", "1 to 255 characters that come back in the ID token."),
    ("state", "1 to 255 characters that come back in the callback."),
    (
        "code_challenge",
        "The hash of the verifier in base64url; `pkce_required` of `[oidc]` says whether it has to be there.",
    ),
    ("code_challenge_method", "`S256`."),
    ("redirect_uri_https_type", "Is taken, and changes nothing."),
    ("app_launch_url", "Is taken, and changes nothing."),
    ("esrvc", "For the service's own use; is taken, and changes nothing."),
    ("acr_values", "For the service's own use; is taken, and changes nothing."),
    ("request_uri", "Belongs to FAPI: with it the request is refused, and told so."),
    ("grant_type", "`authorization_code`."),
    ("code", "The authorisation code of the callback: it is exchanged once."),
    ("client_assertion_type", "`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`."),
    ("client_assertion", "A JWT of at most two minutes, signed with the client's key, for the issuer."),
    ("code_verifier", "What the code challenge is the hash of; where there was none, it is left out."),
];

pub(super) static AUTH: Operation = Operation {
    query: Parameters::new(
        OF_AUTH,
        &[
            "scope",
            "response_type",
            "client_id",
            "redirect_uri",
            "nonce",
            "state",
            "code_challenge",
            "code_challenge_method",
        ],
    ),
    ..Operation::new(
        "The browser begins here: login, for Myinfo apps consent, and back to the client",
        &[
            Reply::redirect(
                302,
                &[("Location", "The login page; or the redirect URI, with `code` and `state`, or with `error`.")],
            ),
            Reply::page(400, "Singpass' page of an error, with a code that begins with PX-."),
        ],
    )
};

pub(super) static TOKEN: Operation = Operation {
    form: Parameters::new(
        OF_TOKEN,
        &["redirect_uri", "grant_type", "code", "client_assertion_type", "client_assertion"],
    ),
    ..Operation::new(
        "An authorisation code against an access token and an ID token",
        &[
            Reply::new(200, "The tokens.", &[("application/json", "Token")]),
            Reply::error(
                400,
                &["invalid_request", "unsupported_grant_type", "invalid_grant"],
                "The form lacks something, or the code cannot be exchanged so.",
            ),
            Reply::error(
                401,
                &["invalid_client"],
                "Who calls is not who it says: client, assertion, or a JWK Set that cannot be fetched or used.",
            ),
        ],
    )
};

pub(super) static USERINFO: Operation = Operation {
    schemes: &["Bearer"],
    ..Operation::new(
        "The person document, for Myinfo apps",
        &[
            Reply::new(200, "A JWE whose content is a JWS of the person.", &[("application/jwt; charset=utf-8", "")]),
            Reply::error(
                400,
                &["CLIENT_SIDE_ERROR"],
                "The person has no Myinfo data, or the client's keys cannot be used.",
            ),
            Reply {
                headers: &[("WWW-Authenticate", "The error once more. RFC 6750 §3.")],
                ..Reply::error(401, &["invalid_token"], "The token is not good.")
            },
            Reply::error(502, &["SERVER_SIDE_ERROR"], "A source agency does not answer."),
        ],
    )
};
