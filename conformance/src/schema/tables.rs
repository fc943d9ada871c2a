//! The files, key by key. Tests hold the names against the types that are read, and every committed file against the schemas.

use super::{Key, Kind, Schema, Table};
use crate::connector::keys::FORMATS;

/// Every kind of file.
pub static ALL: [Schema; 3] = [
    Schema {
        name: "app",
        title: "A finished web application, judged with myinfo-conformance --app (docs/web-app-target.md)",
        forms: &[APP],
    },
    Schema {
        name: "target",
        title: "A server, judged with myinfo-conformance server --target (docs/judging-servers.md)",
        forms: &[FAPI_SERVER, V3_SERVER],
    },
    Schema {
        name: "baseline",
        title: "Known failures, for --baseline (docs/baseline.md)",
        forms: &[Table {
            keys: &[optional("known", Kind::Tables(&KNOWN), "One known failure, or several that a pattern names")],
        }],
    },
];

const fn required(name: &'static str, kind: Kind, says: &'static str) -> Key {
    Key { name, kind, required: true, says }
}

const fn optional(name: &'static str, kind: Kind, says: &'static str) -> Key {
    Key { name, kind, required: false, says }
}

const APP: Table = Table {
    keys: &[
        required("name", Kind::Text, "For the report"),
        optional("version", Kind::Text, "For the report"),
        optional("language", Kind::Text, "For the report"),
        required("start", Kind::Text, "The command of the shell that starts it; it stays in the foreground"),
        required("ready", Kind::Text, "An address that answers 200 once it is up"),
        optional("start_seconds", Kind::StartSeconds, "How many seconds that may take, 600 at most; 10 unless given"),
        required("redirect_uri", Kind::Text, "Its callback"),
        required("login", Kind::Text, "The page at which a login begins"),
        optional("jwks", Kind::Text, "Where it serves its public JWK Set, for FAPI"),
        optional("profiles", Kind::Profiles, "What it speaks; v3 unless given"),
        optional("capabilities", Kind::Capabilities, "What it can do beside a login (docs/driver-protocol.md)"),
        optional("key_formats", Kind::OneOf(&FORMATS), "In which forms it reads its private key, the usual one first"),
        optional("env", Kind::ByName, "Environment variables; one that comes to nothing is not set"),
        optional("files", Kind::ByName, "Files that are written into {dir} before the start"),
        optional(
            "follow",
            Kind::Text,
            "A pattern in the callback's page whose first group is an address to visit next",
        ),
        required("success", Kind::Table(&SUCCESS), "How the last page of a login looks that went well"),
        required("failure", Kind::Table(&FAILURE), "How a refusal looks"),
        optional("classes", Kind::ByName, "The application's words for refusals, in the suite's"),
    ],
};

const SUCCESS: Table = Table {
    keys: &[
        required("text", Kind::Text, "A pattern that the last page has, with a status of 2xx"),
        optional("person", Kind::Text, "Where the person stands, if the page is JSON: a pointer such as /data"),
    ],
};

const FAILURE: Table = Table {
    keys: &[required(
        "code",
        Kind::Text,
        "A pattern whose first group that fits is the application's word for the refusal",
    )],
};

const V3_SERVER: Table = Table {
    keys: &[
        optional("profile", Kind::Only("v3"), "v3, or nothing"),
        required("name", Kind::Text, "For the report"),
        optional("version", Kind::Text, "For the report"),
        optional("start", Kind::Text, "The command of the shell that starts it, where the suite is to"),
        optional("env", Kind::ByName, "Environment variables of the command"),
        optional("ready", Kind::Text, "An address that answers with success once it is up"),
        optional("start_seconds", Kind::StartSeconds, "How many seconds that may take, 600 at most; 20 unless given"),
        optional("context", Kind::Text, "com or gov; com unless given"),
        optional("path", Kind::Text, "The path before the endpoints, where it is not /com/v3 or /gov/v3"),
        required("certificate", Kind::Text, "The certificate, or public key, of its signatures: a PEM file"),
        optional("issuer", Kind::Text, "The issuer of its access tokens, where it is known"),
        optional("attributes", Kind::Texts, "What flows ask for"),
        required("client", Kind::Table(&V3_CLIENT), "A registered client"),
        optional("other_client", Kind::Table(&V3_CLIENT), "Another one"),
        optional("login", Kind::Table(&LOGIN), "How a person logs in"),
        optional("uinfin", Kind::Text, "The NRIC or FIN of the person who logs in"),
        optional("other_uinfin", Kind::Text, "Of another person"),
        optional("person", Kind::Text, "What the server knows of the person: a JSON file"),
    ],
};

const V3_CLIENT: Table = Table {
    keys: &[
        required("id", Kind::Text, "Its client id"),
        required("secret", Kind::Text, "Its client secret"),
        required("redirect_uri", Kind::Text, "Its callback"),
        optional("private_key", Kind::Text, "Its private key, PKCS#8 as PEM; the testbed's own unless given"),
        optional("esvc_id", Kind::Text, "Its e-service id, for government"),
        optional("name_only", Kind::Flag, "Whether it may ask for the name alone"),
    ],
};

const FAPI_SERVER: Table = Table {
    keys: &[
        required("profile", Kind::Only("fapi"), "fapi"),
        required("name", Kind::Text, "For the report"),
        optional("version", Kind::Text, "For the report"),
        optional("start", Kind::Text, "The command of the shell that starts it, where the suite is to"),
        optional("env", Kind::ByName, "Environment variables of the command"),
        optional("ready", Kind::Text, "An address that answers with success once it is up"),
        optional("start_seconds", Kind::StartSeconds, "How many seconds that may take, 600 at most; 20 unless given"),
        required("issuer", Kind::Text, "Its issuer; {base} stands for its address"),
        required("client", Kind::Table(&FAPI_CLIENT), "A registered application"),
        optional("other_client", Kind::Table(&FAPI_CLIENT), "Another one"),
        optional("login_app", Kind::Table(&FAPI_CLIENT), "A Login app"),
        optional("login", Kind::Table(&LOGIN), "How a person logs in"),
        optional("uinfin", Kind::Text, "The NRIC or FIN of the person who logs in"),
    ],
};

const FAPI_CLIENT: Table = Table {
    keys: &[
        required("id", Kind::Text, "Its client id"),
        required("redirect_uri", Kind::Text, "Its callback"),
        optional("scope", Kind::Text, "What it asks for; openid unless given"),
        optional("context_type", Kind::Text, "Its authentication_context_type, where it is sent"),
        optional("jwks", Kind::Text, "A file with its private JWK Set; the testbed's own unless given"),
    ],
};

const LOGIN: Table = Table {
    keys: &[
        optional("header", Kind::Text, "A header that every request of the browser has: Name: value"),
        optional("fields", Kind::ByName, "What the person fills into forms, by the names of the fields"),
        optional("declining_header", Kind::Text, "The header of a person who declines"),
        optional("declining", Kind::ByName, "What a person who declines fills into forms"),
        optional("origins", Kind::Texts, "Other servers that the login leads over"),
    ],
};

const KNOWN: Table = Table {
    keys: &[
        required("case", Kind::Text, "The id of a case, or a pattern with *"),
        required("reason", Kind::Text, "Why it fails"),
        optional("issue", Kind::Text, "Where it is being worked on"),
        required("expires", Kind::Day, "The last day on which it is accepted"),
    ],
};
