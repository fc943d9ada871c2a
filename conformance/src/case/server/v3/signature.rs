//! Cases of the request signature: `PKI_SIGN`, its header, its base string and its key.

use super::wrongly_signed::{encoded, header_last, instead, lacking, later, over, signed_by, unsorted};
use crate::case::server::{Named, Plan, ServerCase, verbs};
use crate::server::client::v3::ApiCall;
use crate::server::trial::Defect::{Later, Sent, Signed, With};
use crate::server::trial::Trial;
use crate::verdict::Step;
use crate::verdict::{Level, Stop};
use myinfo_fixtures::keys;
use myinfo_oracle::key;

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "v3.server-signature.missing",
        code: "SRV-SIG-01",
        level: Level::Must,
        clauses: &["v3-sign-required", "v3-error-status"],
        other: "sends a token request without Authorization, and with other schemes",
        good: "refuses with 401",
        why: "A request that nobody signed can come from anybody who knows the secret",
        fix: "Refuse every token request whose Authorization header is not PKI_SIGN",
        plan: Plan::Token(
            &[401],
            &[
                ("without an Authorization header", Sent(|client, draft| client.request(draft, None))),
                ("with Basic authentication", Sent(|client, draft| client.request(draft, Some("Basic dXNlcjpwYXNz")))),
                (
                    "with the scheme in lower case",
                    Sent(|client, draft| {
                        client.request(draft, Some(&client.authorization(draft).replace("PKI_SIGN", "pki_sign")))
                    }),
                ),
            ],
        ),
    },
    ServerCase {
        id: "v3.server-signature.missing-at-person",
        code: "SRV-SIG-02",
        level: Level::Must,
        clauses: &["v3-sign-required", "v3-person-bearer"],
        other: "sends a person request with the Bearer token alone",
        good: "refuses with 401",
        why: "A stolen token must be worth nothing without the client's key",
        fix: "Refuse every person request that has no PKI_SIGN before the Bearer token",
        plan: Plan::Person(
            &[401],
            &[(
                "with the Bearer token alone",
                Sent(|client, draft| {
                    client.request(draft, Some(&format!("Bearer {}", draft.bearer.as_deref().unwrap_or_default())))
                }),
            )],
        ),
    },
    ServerCase {
        id: "v3.server-signature.header-form",
        code: "SRV-SIG-03",
        level: Level::Must,
        clauses: &["v3-sign-header"],
        other: "leaves the fields of the header out, one by one, and writes values without quotes",
        good: "refuses",
        why: "The real service answers No security header, or fails",
        fix: "Read the five fields as quoted values, and name the one that is missing",
        plan: Plan::Token(
            &[401],
            &[
                ("without app_id", Sent(|client, draft| lacking(client, draft, "app_id"))),
                ("without nonce", Sent(|client, draft| lacking(client, draft, "nonce"))),
                ("without signature_method", Sent(|client, draft| lacking(client, draft, "signature_method"))),
                ("without signature", Sent(|client, draft| lacking(client, draft, "signature"))),
                ("without timestamp", Sent(|client, draft| lacking(client, draft, "timestamp"))),
                (
                    "with values that are not in quotes",
                    Sent(|client, draft| client.request(draft, Some(&client.authorization(draft).replace('"', "")))),
                ),
                ("with an empty nonce", Signed(|draft| draft.header.nonce.clear())),
                ("with nothing behind the scheme", Sent(|client, draft| client.request(draft, Some("PKI_SIGN")))),
            ],
        ),
    },
    ServerCase {
        id: "v3.server-signature.header-order",
        code: "SRV-SIG-04",
        level: Level::Should,
        clauses: &["v3-sign-header-order", "v3-sign-header"],
        other: "writes the fields in another order, as the official samples do, and blanks behind the commas",
        good: "serves the request",
        why: "Six orders work in the field",
        fix: "Read the fields by name",
        plan: verbs!(header_order),
    },
    ServerCase {
        id: "v3.server-signature.method",
        code: "SRV-SIG-05",
        level: Level::Must,
        clauses: &["v3-sign-method"],
        other: "names RS512 and RSA-SHA256 as signature_method",
        good: "refuses with 401",
        why: "The only method of the documents is RS256",
        fix: "Compare signature_method with RS256",
        plan: Plan::Token(
            &[401],
            &[
                ("with signature_method RS512", Signed(|draft| "RS512".clone_into(&mut draft.header.signature_method))),
                (
                    "with signature_method RSA-SHA256",
                    Signed(|draft| {
                        "RSA-SHA256".clone_into(&mut draft.header.signature_method);
                    }),
                ),
            ],
        ),
    },
    ServerCase {
        id: "v3.server-signature.key",
        code: "SRV-SIG-06",
        level: Level::Must,
        clauses: &["v3-sign-key", "v3-sign-certificate"],
        other: "signs token and person requests with a key that is not the client's",
        good: "refuses with 500, as documented, or 401",
        why: "The signature is all that proves who calls",
        fix: "Verify with the certificate that is registered for the app_id",
        plan: verbs!(another_key),
    },
    ServerCase {
        id: "v3.server-signature.base-string",
        code: "SRV-SIG-07",
        level: Level::Must,
        clauses: &[
            "v3-sign-base-string",
            "v3-sign-url",
            "v3-sign-sorted",
            "v3-sign-all-parameters",
            "v3-sign-raw-values",
        ],
        other: "makes each of the common mistakes in the base string",
        good: "refuses with 500, as documented, or 401",
        why: "The real service refuses, so a client that passes here would fail there",
        fix: "Build the base string from the request by the letter, and verify over that alone",
        plan: Plan::Token(
            &[500, 401],
            &[
                ("with a slash behind the signed URL", Signed(|draft| draft.signed_url.push('/'))),
                ("with a query in the signed URL", Signed(|draft| draft.signed_url.push_str("?x=1"))),
                (
                    "with the signed URL of another host",
                    Signed(|draft| {
                        draft.signed_url = draft.signed_url.replacen("://", "://another.", 1);
                    }),
                ),
                (
                    "with the method signed in lower case",
                    Sent(|client, draft| over(client, draft, &draft.base_string().replacen("POST", "post", 1))),
                ),
                (
                    "without client_secret in the base string",
                    Sent(|client, draft| {
                        let mut signed = draft.clone();
                        signed.remove("client_secret");
                        over(client, draft, &signed.base_string())
                    }),
                ),
                ("with values encoded in the base string", Sent(|client, draft| over(client, draft, &encoded(draft)))),
                (
                    "with unsorted parameters in the base string",
                    Sent(|client, draft| over(client, draft, &unsorted(draft))),
                ),
                (
                    "with the header's fields behind the parameters",
                    Sent(|client, draft| over(client, draft, &header_last(draft))),
                ),
            ],
        ),
    },
    ServerCase {
        id: "v3.server-signature.changed-on-the-way",
        code: "SRV-SIG-08",
        level: Level::Must,
        clauses: &["v3-sign-all-parameters", "v3-sign-required"],
        other: "changes a parameter, or adds one, after signing",
        good: "refuses with 500, as documented, or 401",
        why: "A signature that does not cover everything protects nothing",
        fix: "Verify over all parameters that came, and over no others",
        plan: Plan::Token(
            &[500, 401, 400],
            &[
                ("with a state added after signing", Later("state", "added")),
                ("with another code than the signed one", Later("code", "0123456789abcdef0123456789abcdef01234567")),
                (
                    "with grant_type taken out after signing",
                    Sent(|client, draft| {
                        later(client, draft, |sent| {
                            sent.remove("grant_type");
                        })
                    }),
                ),
                (
                    "with another nonce than the signed one",
                    Sent(|client, draft| {
                        client
                            .request(draft, Some(&client.authorization(draft).replace("nonce=\"", "nonce=\"another-")))
                    }),
                ),
                (
                    "with another timestamp than the signed one",
                    Sent(|client, draft| {
                        let later = draft.header.timestamp.parse::<u64>().unwrap_or_default() + 1;
                        let header = client.authorization(draft);
                        client.request(draft, Some(&header.replace(&draft.header.timestamp, &later.to_string())))
                    }),
                ),
            ],
        ),
    },
    ServerCase {
        id: "v3.server-signature.changed-at-person",
        code: "SRV-SIG-09",
        level: Level::Must,
        clauses: &["v3-sign-all-parameters", "v3-sign-url"],
        other: "changes the attributes of a person request after signing, and signs another path",
        good: "refuses with 500, as documented, or 401",
        why: "Otherwise a stolen header can be used to ask for more",
        fix: "Verify the signature over the path and the query that came",
        plan: Plan::Person(
            &[500, 401],
            &[
                ("with txnNo added after signing", Later("txnNo", "1")),
                ("with fewer attributes than were signed", Later("attributes", "name")),
                (
                    "with another path than the signed one",
                    Signed(|draft| {
                        draft.signed_url = draft.signed_url.replacen("/person/", "/person-basic/", 1);
                    }),
                ),
            ],
        ),
    },
    ServerCase {
        id: "v3.server-signature.encoding",
        code: "SRV-SIG-10",
        level: Level::Must,
        clauses: &["v3-sign-base64", "rfc7518-rs256"],
        other: "sends signatures that are no Base64, or too short",
        good: "refuses with 500, as documented, or 401",
        why: "A server that breaks on them is of no help, and one that takes them checks nothing",
        fix: "Decode the signature, compare its length with the key's, and refuse what does not fit",
        plan: Plan::Token(
            &[500, 401],
            &[
                ("with a signature of 3 bytes", Sent(|client, draft| instead(client, draft, "YWJj"))),
                ("with a signature that is no Base64", Sent(|client, draft| instead(client, draft, "***"))),
                ("with an empty signature", Sent(|client, draft| instead(client, draft, ""))),
            ],
        ),
    },
    ServerCase {
        id: "v3.server-signature.app-id-unknown",
        code: "SRV-SIG-13",
        level: Level::Must,
        clauses: &["v3-sign-app-id"],
        other: "names an app_id that is not registered",
        good: "refuses with 401",
        why: "There is no certificate with which its signature could be verified",
        fix: "Look the app_id up, and refuse an unknown one",
        plan: Plan::Token(
            &[401],
            &[(
                "with an unknown app_id",
                Signed(|draft| {
                    "NOBODY-KNOWS-THIS-CLIENT".clone_into(&mut draft.header.app_id);
                }),
            )],
        ),
    },
    ServerCase {
        id: "v3.server-signature.one-client",
        code: "SRV-SIG-14",
        level: Level::Must,
        clauses: &["v3-sign-app-id"],
        other: "signs as one registered client and names another one as client_id",
        good: "refuses",
        why: "Otherwise one client can act in the name of another",
        fix: "Compare app_id with client_id",
        plan: verbs!(one_client),
    },
    ServerCase {
        id: "v3.server-signature.discreet",
        code: "SRV-SIG-15",
        level: Level::Should,
        clauses: &["error-discreet"],
        other: "makes mistakes in token requests that carry its secret",
        good: "refuses without repeating the secret",
        why: "Errors end up in logs, tickets and chats",
        fix: "Mask client_secret wherever an error shows a base string or a parameter",
        plan: verbs!(discreet),
    },
];

pub(super) async fn discreet(trial: &mut Trial) -> Step {
    trial.control(ApiCall::Token).await?;
    let wrong: [Named; 3] = [
        ("with a signature over another text", Signed(|draft| draft.signed_url.push('/'))),
        ("with a signature that is none", Sent(|client, draft| instead(client, draft, "YWJj"))),
        ("with a wrong redirect_uri", With("redirect_uri", "http://attacker.invalid/callback")),
    ];
    for (what, defect) in wrong {
        let draft = trial.draft(ApiCall::Token).await?;
        trial.when(what);
        let Ok(answer) = trial.sent(defect, draft).await else { continue };
        let leaks = answer.text().contains(&trial.server.client.client_secret);
        trial.expect(!leaks, "keeps the client secret out of its answer", || "it stands there".to_owned());
    }
    Ok(())
}

pub(super) async fn header_order(trial: &mut Trial) -> Step {
    trial.control(ApiCall::Token).await?;
    for (what, separator) in
        [("with the fields in the order of the official samples", ","), ("with blanks behind the commas", ", ")]
    {
        let draft = trial.draft(ApiCall::Token).await?;
        trial.when(what);
        let client = &trial.server.client;
        let whole = client.authorization(&draft);
        let mut fields: Vec<&str> = whole.trim_start_matches("PKI_SIGN ").split(',').collect();
        fields.reverse();
        let request = client.request(&draft, Some(&format!("PKI_SIGN {}", fields.join(separator))));
        let answer = trial.read(request).await;
        trial.served(answer)?;
    }
    Ok(())
}

pub(super) async fn another_key(trial: &mut Trial) -> Step {
    trial.control(ApiCall::Person).await?;
    let stranger = key::private(keys::STRANGER_KEY_PEM).map_err(|error| Stop::Inconclusive(error.to_string()))?;
    for (what, endpoint) in [
        ("with a token request signed by another key", ApiCall::Token),
        ("with a person request signed by another key", ApiCall::Person),
    ] {
        let draft = trial.draft(endpoint).await?;
        trial.when(what);
        let answer = trial.read(signed_by(&trial.server.client, &draft, &stranger)).await;
        trial.refused(answer, &[500, 401])?;
    }
    Ok(())
}

pub(super) async fn one_client(trial: &mut Trial) -> Step {
    let Some(other) = &trial.server.other else {
        return Err(Stop::Skip("no second client is known".to_owned()));
    };
    let (other_id, other_key) = (other.client_id.clone(), other.key.clone());
    trial.control(ApiCall::Person).await?;
    for (what, endpoint) in [
        ("in a token request signed as the other one", ApiCall::Token),
        ("in a person request signed as the other one", ApiCall::Person),
    ] {
        let mut draft = trial.draft(endpoint).await?;
        draft.header.app_id.clone_from(&other_id);
        trial.when(what);
        let answer = trial.read(signed_by(&trial.server.client, &draft, &other_key)).await;
        trial.refused(answer, &[401])?;
    }
    let mut draft = trial.draft(ApiCall::Person).await?;
    draft.set("client_id", &other_id);
    trial.when("in a person request that names the other one as client_id");
    let answer = trial.send(&draft).await;
    trial.refused(answer, &[401])?;
    Ok(())
}
