//! The rules of v3, each once: id, document, section, sentence, and what to do when it is broken.

use crate::rule::{Rule, common, rules};

rules! {
    AUTHORISE_SHAPE "v3.authorise.well-formed" ("guess", "undefined in the documents")
        "the query is UTF-8, repeats no parameter, and state and purpose are no longer than `text_limit`"
        => "send each parameter once, percent-encoded from UTF-8; keep long data on your side, and a reference to it in state"
    AUTHORISE_CLIENT "v3.authorise.client-registered" ("guess", "no document says how an unknown client is answered")
        "the client_id is registered"
        => "use a registered client_id, or register this one with --config"
    AUTHORISE_REDIRECT "v3.authorise.redirect-uri-registered" ("SPEC", "authorise; the text is quoted in clients' code")
        "the redirect_uri equals a registered one, character by character"
        => "send the registered redirect_uri, or register this one"
    AUTHORISE_REQUIRED "v3.authorise.required-parameters" ("SPEC", "authorise")
        "attributes, purpose and state are present, and sp_esvcId for gov"
        => "add the missing parameter"
    AUTHORISE_RESPONSE_TYPE "v3.authorise.response-type" ("SPEC", "authorise")
        "response_type is code or absent"
        => "send response_type=code, or leave it out"
    AUTHORISE_ATTRIBUTES "v3.authorise.attributes-known" ("SPEC", "Appendix A")
        "every attribute is in the catalogue, dotted members included"
        => "use the catalogue's names, separated by commas"
    AUTHORISE_PERMITTED "v3.authorise.attributes-permitted" ("SPEC", "authorise")
        "every attribute is one that the client may ask for"
        => "leave the attribute out, or add it to the client's registration"
    FORM "v3.token.form" ("SPEC", "token")
        "the body is application/x-www-form-urlencoded, UTF-8, and repeats no parameter"
        => "send a form, each parameter once"
    QUERY "v3.person.query" ("SPEC", "person")
        "the query is UTF-8 and repeats no parameter"
        => "send each parameter once, percent-encoded from UTF-8"
    AUTHORIZATION_FORM "v3.signature.header-form" ("SPEC", "Authorization header")
        "the header is PKI_SIGN followed by key=\"value\" pairs"
        => "write PKI_SIGN, one space, then the five pairs separated by commas, values in double quotes"
    AUTHORIZATION "v3.signature.header-present" ("SPEC", "error code: No security header")
        "the request carries an Authorization header of the scheme PKI_SIGN"
        => "sign the request: Authorization: PKI_SIGN app_id=\"…\",nonce=\"…\",signature_method=\"RS256\",signature=\"…\",timestamp=\"…\""
    APP_ID "v3.signature.app-id-known" ("SPEC", "token, 401")
        "app_id is a registered client that has a certificate"
        => "use the registered client id as app_id"
    METHOD "v3.signature.method" ("SPEC", "Authorization header")
        "signature_method is RS256"
        => "send signature_method=\"RS256\", and sign so"
    TIMESTAMP "v3.signature.timestamp" ("SPEC", "token, 401")
        "timestamp is in milliseconds and near the server's clock"
        => "send milliseconds since 1970, taken when the request is made"
    SIGNATURE_ENCODING "v3.signature.encoding" ("SPEC", "Authorization header, sample value; twelve clients")
        "the signature is standard Base64 of as many bytes as the client's key has"
        => "encode the signature with the standard alphabet, without line breaks"
    SIGNATURE "v3.signature.valid" ("SPEC", "token and person, 500; partner support: Invalid PKI Signature")
        "the signature verifies over the base string with the client's certificate"
        => "compare your base string with the expected one, and your key with the registered certificate"
    NONCE remembered "v3.signature.nonce-once" ("SPEC", "token, 401")
        "a nonce is used once"
        => "make a new nonce and timestamp for every request, retries included"
    SAME_CLIENT "v3.request.one-client" ("SPEC", "Authorization header: app_id is the client_id")
        "app_id and client_id name the same client"
        => "send the same id in both places"
    TOKEN_REQUIRED "v3.token.required-parameters" ("SPEC", "token")
        "code, client_id, client_secret and redirect_uri are present"
        => "add the missing parameter to the form"
    CLIENT_SECRET "v3.token.client-secret" ("SPEC", "token")
        "client_secret is the registered one"
        => "send the secret that is registered for this client_id"
    GRANT_TYPE "v3.token.grant-type" ("SPEC", "token")
        "grant_type is authorization_code or absent"
        => "send grant_type=authorization_code"
    CODE remembered "v3.token.code-known" ("SPEC", "token, 400")
        "the code was given out by this server"
        => "pass the code of the callback on as it came"
    CODE_CLIENT remembered "v3.token.code-own" ("SPEC", "token, 400")
        "the code was given to this client, and by the same context (com or gov)"
        => "exchange a code with the client, and in the context, that it was given to"
    CODE_ONCE remembered "v3.token.code-once" ("SPEC", "token, 400")
        "a code is exchanged once"
        => "exchange a code once; when the answer is lost, start a new login"
    CODE_ALIVE remembered "v3.token.code-unexpired" ("guess", "the document says short-lived, without a number")
        "the code is not expired"
        => "exchange the code as soon as the callback brings it"
    REDIRECT_SAME remembered "v3.token.redirect-uri-same" ("SPEC", "token")
        "redirect_uri is the one of the authorise request"
        => "send the same redirect_uri in both requests, character by character"
    PERSON_REQUIRED "v3.person.required-parameters" ("SPEC", "person")
        "client_id and attributes are present, and sp_esvcId for gov"
        => "add the missing parameter to the query"
    BEARER "v3.person.bearer-present" ("SPEC", "person, 401")
        "the Authorization header carries a Bearer token"
        => "append `,Bearer <access token>` to the Authorization header"
    BEARER_SIGNED "v3.person.bearer-genuine" ("SPEC", "person, 401")
        "the Bearer token is one that this service signed with RS256"
        => "pass the access token on unchanged"
    BEARER_CONTEXT "v3.person.bearer-context" ("SPEC", "Available environments")
        "the Bearer token is used in the context (com or gov) that it was given for"
        => "call person in the same context as token"
    BEARER_ALIVE "v3.person.bearer-unexpired" ("SPEC", "person, 401")
        "the Bearer token is neither expired nor revoked, and no reset came after it"
        => "fetch the person right after the token; a token lives 30 minutes"
    BEARER_CLIENT "v3.person.bearer-own" ("SPEC", "person, 401")
        "the Bearer token was given to this client"
        => "use each client's token with that client's client_id and key"
    SUBJECT "v3.person.subject" ("SPEC", "person, 401")
        "the id in the path is the subject of the token"
        => "put the token's `sub` into the path, as one percent-encoded segment"
    CONSENTED "v3.person.attributes-consented" ("SPEC", "person, 403 and 401")
        "every attribute was consented to"
        => "ask person for no attribute that was not in the authorise request"
    UINFIN "v3.person.uinfin-known" ("SPEC", "person, 404")
        "the id is that of a person with a Myinfo profile"
        => "use the id of one of the personas"
    ESERVICE "v3.person-basic.eservice" ("SPEC", "person-basic, 403")
        "sp_esvcId is present and registered"
        => "send the registered sp_esvcId, at /gov/v3"
    BASIC_PERMITTED "v3.person-basic.attributes-permitted" ("SPEC", "person-basic, 401")
        "person-basic is asked for nothing of CPF and IRAS"
        => "leave the attribute out"
    SAMPLE_ATTRIBUTES "v3.person-sample.attributes-known" ("SPEC", "Appendix A")
        "every attribute of a sample request is in the catalogue"
        => "use the catalogue's names, separated by commas"
}

/// The rules that an Authorization header and its signature must keep.
pub(super) const SIGNED: &[&Rule] =
    &[AUTHORIZATION_FORM, AUTHORIZATION, APP_ID, METHOD, TIMESTAMP, SIGNATURE_ENCODING, SIGNATURE, NONCE, SAME_CLIENT];

/// The rules of an authorise request.
pub(super) const OF_AUTHORISE: &[&Rule] = &[
    AUTHORISE_SHAPE,
    AUTHORISE_CLIENT,
    AUTHORISE_REDIRECT,
    AUTHORISE_REQUIRED,
    AUTHORISE_RESPONSE_TYPE,
    AUTHORISE_ATTRIBUTES,
    AUTHORISE_PERMITTED,
];
/// Those of the login's pages.
pub(super) const OF_PAGES: &[&Rule] = &[common::LOGIN];
/// Those of a token request, beside its signature.
pub(super) const OF_TOKEN: &[&Rule] =
    &[FORM, TOKEN_REQUIRED, CLIENT_SECRET, GRANT_TYPE, CODE, CODE_CLIENT, CODE_ONCE, CODE_ALIVE, REDIRECT_SAME];
/// Those of a person request, beside its signature.
pub(super) const OF_PERSON: &[&Rule] = &[
    QUERY,
    PERSON_REQUIRED,
    BEARER,
    BEARER_SIGNED,
    BEARER_CONTEXT,
    BEARER_ALIVE,
    BEARER_CLIENT,
    SUBJECT,
    CONSENTED,
    UINFIN,
];
/// Those of a person-basic request, beside its signature.
pub(super) const OF_PERSON_BASIC: &[&Rule] = &[QUERY, ESERVICE, UINFIN, BASIC_PERMITTED];
/// Those of a person-sample request.
pub(super) const OF_PERSON_SAMPLE: &[&Rule] = &[QUERY, UINFIN, SAMPLE_ATTRIBUTES];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_every_rule_says_its_source() {
        let ids: BTreeSet<&str> = ALL.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), ALL.len());
        for rule in ALL {
            assert!(rule.id.starts_with("v3.") && rule.says.len() > 10 && rule.fix.len() > 10, "{}", rule.id);
            assert!(!rule.document.is_empty() && !rule.section.is_empty(), "{}", rule.id);
        }
    }
}
