//! What v3's endpoints take and answer, for their description.

use super::parameters::{
    AUTHORISE_PARAMETERS, AUTHORISE_REQUIRED, OF_GOV, PERSON_PARAMETERS, PERSON_REQUIRED, TOKEN_PARAMETERS,
    TOKEN_REQUIRED,
};
use crate::operation::{Description, Operation, Parameters, Reply};
use serde_json::json;

pub(super) static DESCRIPTION: Description = Description {
    title: "Myinfo v3 of the mock server",
    says: "Myinfo v3 as this mock serves it, for companies (`com`) and for the government (`gov`). Statuses are those of the settings at the start; `[v3]` of the configuration changes some. A request that breaks a rule is told the first one in `message`; the journal, `/_mock/`, tells all.",
    parameters: PARAMETERS,
    schemes: &[
        (
            "PKI_SIGN",
            "PKI_SIGN",
            "`PKI_SIGN app_id=\"…\",nonce=\"…\",signature_method=\"RS256\",signature=\"…\",timestamp=\"…\"`: a signature over the base string of the request. The sandbox wants none.",
        ),
        (
            "PKI_SIGN-and-Bearer",
            "PKI_SIGN",
            "The same, and behind it `,Bearer <access token>`. The sandbox wants the token alone.",
        ),
    ],
    schemas: || {
        json!({
            "Token": {
                "type": "object",
                "required": ["access_token", "token_type", "expires_in", "scope"],
                "properties": {
                    "access_token": {"type": "string", "description": "A JWS, RS256; its `sub` is the id for person."},
                    "refresh_token": {"type": "string", "description": "Nobody uses it; `refresh_token` of `[v3]` leaves it out."},
                    "token_type": {"const": "Bearer"},
                    "expires_in": {"type": "integer", "description": "In seconds."},
                    "scope": {"type": "string", "description": "The attributes, blanks between them."},
                },
            },
            "Person": {
                "type": "object",
                "description": "The items that were asked for, by their names; what it is in clear, or what a JWE of a JWS holds.",
                "additionalProperties": {"type": ["object", "array", "string"]},
            },
            "Error": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {
                    "code": {"type": ["string", "integer"], "description": "The status."},
                    "message": {"type": "string", "description": "What is wrong, in a few words."},
                    "fields": {"type": "string", "description": "An older third member; `error_fields` of `[v3]` sends it."},
                },
            },
        })
    },
};

const PARAMETERS: &[(&str, &str)] = &[
    ("client_id", "As given at onboarding."),
    ("attributes", "What is asked for, commas between the names of the catalogue."),
    ("purpose", "What the person reads on the consent page."),
    ("state", "Comes back in the callback as it is."),
    ("redirect_uri", "A registered one, character by character."),
    ("response_type", "`code`, or left out."),
    ("authmode", "Is taken, and changes nothing."),
    ("login_type", "Is taken, and changes nothing."),
    ("appLaunchURL", "Is taken, and changes nothing."),
    ("sp_esvcId", "The Singpass e-service of a client of the government."),
    ("code", "The authorisation code of the callback: it is exchanged once."),
    ("client_secret", "As given at onboarding."),
    ("grant_type", "`authorization_code`, or left out."),
    ("txnNo", "A number of the client's own; it is part of the signature."),
    ("subentity", "On whose behalf the client asks; older name."),
    ("subentity_id", "On whose behalf the client asks."),
    ("sub", "The `sub` of the access token, as one segment."),
    ("uinfin", "The NRIC or FIN of a persona."),
];

const AUTHORISE_ANSWERS: &[Reply] = &[
    Reply::redirect(
        302,
        &[(
            "Location",
            "The login page; or the redirect URI, with `code` and `state`, or with `error`, its description and `state`.",
        )],
    ),
    Reply::page(
        400,
        "What forbids a redirect is told on a page: an unknown client, a redirect URI that is not registered, a query that cannot be read, a persona that does not exist.",
    ),
    Reply::new(404, "Behind /gov/v3/authorise stands something else than an NRIC or FIN.", JSON),
];

const JSON: &[(&str, &str)] = &[("application/json", "Error")];
const DOCUMENT: &[(&str, &str)] = &[("application/jose", ""), ("application/json", "Person")];
const WRONG_SIGNATURE: Reply =
    Reply::error(500, &[], "The signature is wrong: 500 by the document, `bad_signature_status` of `[v3]`.");

pub(super) static AUTHORISE: Operation = Operation {
    query: Parameters {
        required_below: &[("/gov/", OF_GOV)],
        ..Parameters::new(AUTHORISE_PARAMETERS, required_of_all(AUTHORISE_REQUIRED))
    },
    ..Operation::new("The browser begins here: login, consent, and back to the client", AUTHORISE_ANSWERS)
};

pub(super) static TOKEN: Operation = Operation {
    form: Parameters::new(TOKEN_PARAMETERS, TOKEN_REQUIRED),
    schemes: &["PKI_SIGN"],
    ..Operation::new(
        "An authorisation code against an access token",
        &[
            Reply::new(200, "The access token.", &[("application/json", "Token")]),
            Reply::error(400, &[], "Parameters are missing, or the code cannot be exchanged."),
            Reply::error(401, &[], "Who calls is not who it says, or the request is old or was sent before."),
            Reply::error(415, &[], "The body is no form."),
            WRONG_SIGNATURE,
        ],
    )
};

pub(super) static PERSON: Operation = Operation {
    query: Parameters {
        required_below: &[("/gov/", OF_GOV)],
        ..Parameters::new(PERSON_PARAMETERS, required_of_all(PERSON_REQUIRED))
    },
    schemes: &["PKI_SIGN-and-Bearer"],
    ..Operation::new(
        "The person document",
        &[
            Reply::new(
                200,
                "A JWE whose content is a JWS of the person; in the sandbox the person in clear.",
                DOCUMENT,
            ),
            Reply::error(400, &[], "The query cannot be read, or parameters are missing."),
            Reply::error(401, &[], "Signature or token are not good for this request."),
            Reply::error(403, &[], "An attribute is outside the consent."),
            Reply::error(404, &[], "The person has no Myinfo profile."),
            WRONG_SIGNATURE,
        ],
    )
};

pub(super) static PERSON_BASIC: Operation = Operation {
    query: Parameters::new(PERSON_PARAMETERS, &[OF_GOV]),
    schemes: &["PKI_SIGN"],
    ..Operation::new(
        "The person document by NRIC or FIN, without consent: deprecated, for the government alone",
        &[
            Reply::new(200, "As person answers.", DOCUMENT),
            Reply::error(400, &[], "The query cannot be read."),
            Reply::error(401, &[], "The signature is not good, or an attribute is not for person-basic."),
            Reply::error(403, &[], "The e-service is not registered."),
            Reply::error(404, &[], "Nobody has this NRIC or FIN."),
            WRONG_SIGNATURE,
        ],
    )
};

pub(super) static PERSON_SAMPLE: Operation = Operation {
    query: Parameters::new(&["attributes"], &[]),
    ..Operation::new(
        "Sample data in clear, for anybody",
        &[
            Reply::new(200, "The person.", &[("application/json", "Person")]),
            Reply::error(400, &[], "The query cannot be read."),
            Reply::error(403, &[], "An attribute is not in the catalogue."),
            Reply::error(404, &[], "Nobody has this NRIC or FIN."),
        ],
    )
};

pub(super) static NOT_SERVED: Operation =
    Operation::new("Not served", &[Reply::error(404, &[], "Why it is not served here.")]);

/// A list without its last name, which is [`OF_GOV`]: a test holds that it is.
const fn required_of_all(all: &'static [&'static str]) -> &'static [&'static str] {
    match all.split_last() {
        Some((_, others)) => others,
        None => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_government_alone_has_to_send_stands_last() {
        for all in [AUTHORISE_REQUIRED, PERSON_REQUIRED] {
            assert_eq!(all.last(), Some(&OF_GOV));
            assert!(!required_of_all(all).contains(&OF_GOV));
        }
    }
}
