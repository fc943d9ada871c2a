//! The rules of v3, each once: id, source, sentence. Refusals name them.

use crate::rule::Rule;

macro_rules! rules {
    ($($name:ident $id:literal $source:literal $says:literal)*) => {
        $(pub(super) const $name: &Rule = &Rule { id: $id, source: $source, says: $says };)*
        /// Every rule of v3, for the documentation and its test.
        #[cfg(test)]
        pub(super) const ALL: &[&Rule] = &[$($name),*];
    };
}

rules! {
    AUTHORISE_CLIENT "v3.authorise.client-registered" "guess: no document says how an unknown client is answered" "the client_id is registered"
    AUTHORISE_REDIRECT "v3.authorise.redirect-uri-registered" "SPEC authorise; quoted in clients' code" "the redirect_uri equals a registered one, character by character"
    AUTHORISE_REQUIRED "v3.authorise.required-parameters" "SPEC authorise" "attributes, purpose and state are present, and sp_esvcId for gov"
    AUTHORISE_RESPONSE_TYPE "v3.authorise.response-type" "SPEC authorise" "response_type is code or absent"
    AUTHORISE_ATTRIBUTES "v3.authorise.attributes-known" "SPEC Appendix A" "every attribute is in the catalogue, dotted members included"
    AUTHORISE_PERMITTED "v3.authorise.attributes-permitted" "SPEC authorise" "every attribute is one that the client may ask for"
    AUTHORISE_SHAPE "v3.authorise.well-formed" "guess: undefined in the documents" "the query is UTF-8 and repeats no parameter"
    AUTHORISE_PERSONA "v3.authorise.persona-known" "this mock" "the persona of X-Myinfo-Mock-Persona or --auto-login exists"
    TRANSACTION "v3.login.transaction-alive" "guess: by analogy with v4" "the login belongs to a transaction that is under way"
    BODY "v3.request.body-readable" "guess: undefined in the documents" "the body arrives whole, in time and within the limit"
    FORM "v3.token.form" "SPEC token" "the body is application/x-www-form-urlencoded, UTF-8, and repeats no parameter"
    QUERY "v3.person.query" "SPEC person" "the query is UTF-8 and repeats no parameter"
    AUTHORIZATION "v3.signature.header-present" "SPEC: No security header" "the request carries an Authorization header of the scheme PKI_SIGN"
    AUTHORIZATION_FORM "v3.signature.header-form" "SPEC Authorization header" "the header is PKI_SIGN followed by key=\"value\" pairs"
    APP_ID "v3.signature.app-id-known" "SPEC token, 401" "app_id is a registered client that has a certificate"
    METHOD "v3.signature.method" "SPEC Authorization header" "signature_method is RS256"
    TIMESTAMP "v3.signature.timestamp" "SPEC token, 401" "timestamp is in milliseconds and near the server's clock"
    NONCE "v3.signature.nonce-once" "SPEC token, 401" "a nonce is used once"
    SIGNATURE "v3.signature.valid" "SPEC token and person, 500; partner support: Invalid PKI Signature" "the signature verifies over the base string with the client's certificate"
    SAME_CLIENT "v3.request.one-client" "SPEC: app_id equals client_id" "app_id and client_id name the same client"
    TOKEN_REQUIRED "v3.token.required-parameters" "SPEC token" "code, client_id, client_secret and redirect_uri are present"
    CLIENT_SECRET "v3.token.client-secret" "SPEC token" "client_secret is the registered one"
    GRANT_TYPE "v3.token.grant-type" "SPEC token" "grant_type is authorization_code or absent"
    CODE "v3.token.code-valid" "SPEC token, 400" "the code was given out, is not expired and belongs to this client"
    CODE_ONCE "v3.token.code-once" "SPEC token, 400" "a code is exchanged once"
    REDIRECT_SAME "v3.token.redirect-uri-same" "SPEC token" "redirect_uri is the one of the authorise request"
    PERSON_REQUIRED "v3.person.required-parameters" "SPEC person" "client_id and attributes are present, and sp_esvcId for gov"
    BEARER "v3.person.bearer" "SPEC person, 401" "the Bearer token is one that this service signed, unexpired and for this client"
    SUBJECT "v3.person.subject" "SPEC person, 401" "the id in the path is the subject of the token"
    CONSENTED "v3.person.attributes-consented" "SPEC person, 403 and 401" "every attribute was consented to"
    UINFIN "v3.person.uinfin-known" "SPEC person, 404" "the id is that of a person with a Myinfo profile"
    ESERVICE "v3.person-basic.eservice" "SPEC person-basic, 403" "sp_esvcId is present and registered"
    SAMPLE_ATTRIBUTES "v3.person-sample.attributes-known" "SPEC Appendix A" "every attribute of a sample request is in the catalogue"
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_every_rule_says_its_source() {
        let ids: BTreeSet<&str> = ALL.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), ALL.len());
        for rule in ALL {
            assert!(rule.id.starts_with("v3.") && !rule.source.is_empty() && !rule.says.is_empty(), "{}", rule.id);
        }
    }
}
