//! The rules of FAPI, each once: id, document, section, sentence, and what to do when it is broken.

use crate::rule::client_assertion::AssertionRules;
use crate::rule::dpop::DpopRules;
use crate::rule::{Rule, rules};

rules! {
    FORM "fapi.form" ("DOC", "1. Authorization request; 3. Token exchange")
        "the body is application/x-www-form-urlencoded, UTF-8, and repeats no parameter"
        => "send a form, each parameter once"
    CLIENT "fapi.client.registered" ("DOC", "1. Authorization request, invalid_client")
        "client_id is registered for FAPI, and the form names one client alone"
        => "use a registered client_id, or register this one with --config"
    CLIENT_KEYS remembered "fapi.client.keys" ("DOC", "Technical concepts, JWKS")
        "the client's JWK Set can be fetched, and holds public keys to sign and to be encrypted for"
        => "serve the public JWK Set at the registered address: status 200 within 3 s, no redirect"
    ASSERTION "fapi.assertion.form" ("DOC", "Technical concepts, client assertion")
        "client_assertion is a signed JWT of the type jwt-bearer, with ES256, ES384 or ES512"
        => "send a JWT with `typ` JWT as client_assertion, signed by the client's key with ES256, ES384 or ES512"
    ASSERTION_SIGNATURE "fapi.assertion.signature" ("DOC", "Technical concepts, client assertion")
        "a signing key of the client's JWK Set made the signature"
        => "sign header.payload as they are sent, with a registered key whose `use` is `sig`; r and s side by side, no DER"
    ASSERTION_SUBJECT "fapi.assertion.subject" ("DOC", "Technical concepts, client assertion")
        "iss and sub are the client_id"
        => "put the client_id into both claims"
    ASSERTION_AUDIENCE "fapi.assertion.audience" ("DOC", "Technical concepts, client assertion")
        "aud is the issuer identifier"
        => "use the `issuer` of the discovery document as `aud`, as a text; requests_oauth2client has `aud=` for it"
    ASSERTION_LIFETIME "fapi.assertion.lifetime" ("DOC", "Technical concepts, client assertion")
        "iat and exp are numbers in seconds, at most two minutes apart, and the assertion has not expired"
        => "take iat from the clock when the request is made, and exp at most 120 s later"
    ASSERTION_ONCE remembered "fapi.assertion.once" ("DOC", "Technical concepts, client assertion")
        "jti is used once"
        => "make a new assertion for every request, retries included"
    DPOP "fapi.dpop.form" ("RFC 9449", "§4.2")
        "the DPoP header holds one proof: dpop+jwt, ES256, ES384 or ES512, the public key as jwk"
        => "send one proof with every request to PAR, token and userinfo: `typ` dpop+jwt, the public key alone as `jwk`"
    DPOP_SIGNATURE "fapi.dpop.signature" ("RFC 9449", "§4.3, check 6")
        "the proof is signed by the key in its jwk"
        => "sign the proof with the private half of the key in its header; r and s side by side, no DER"
    DPOP_METHOD "fapi.dpop.method" ("RFC 9449", "§4.3, check 8")
        "htm is the method of the request"
        => "put POST for PAR and token, GET for userinfo"
    DPOP_ADDRESS "fapi.dpop.address" ("RFC 9449", "§4.3, check 9")
        "htu is the address of the request, without query and fragment"
        => "put the address that is called, as it is called"
    DPOP_FRESH "fapi.dpop.fresh" ("DOC", "Technical concepts, DPoP")
        "iat is a number in seconds and near the server's clock"
        => "make the proof when the request is made"
    DPOP_ONCE remembered "fapi.dpop.once" ("DOC", "Technical concepts, DPoP")
        "jti is used once"
        => "make a new proof for every request, retries included"
    DPOP_NONCE "fapi.dpop.nonce" ("RFC 9449", "§8, §9")
        "the proof carries the nonce that the server gave, where it demands one"
        => "put the value of the answer's header DPoP-Nonce into a new proof, and send the request again, once"
    DPOP_TOKEN "fapi.dpop.token-hash" ("RFC 9449", "§4.3, check 11")
        "ath is the hash of the access token, at userinfo"
        => "put base64url(SHA-256(access token)) into `ath`"
    DPOP_KEY remembered "fapi.dpop.key" ("DOC", "Technical concepts, DPoP")
        "PAR, token and userinfo of one login are proved with one key"
        => "make a key for each login, and keep it in the login's session"
    RESPONSE_TYPE "fapi.par.response-type" ("DOC", "1. Authorization request")
        "response_type is code"
        => "send response_type=code"
    SCOPE "fapi.par.scope" ("DOC", "1. Authorization request; data catalogue")
        "scope has openid, and otherwise only what is in the catalogue and the client may ask for"
        => "ask for `openid` and scopes of the catalogue that the client may have, separated by blanks"
    STATE "fapi.par.state" ("DOC", "1. Authorization request")
        "state has 1 to 255 letters, digits and / + _ - = ."
        => "send 30 random characters or more"
    NONCE "fapi.par.nonce" ("DOC", "1. Authorization request")
        "nonce has 1 to 255 characters"
        => "send 30 random characters or more, new for each login"
    REDIRECT "fapi.par.redirect-uri" ("DOC", "1. Authorization request")
        "redirect_uri equals a registered one, character by character"
        => "send the registered redirect_uri, or register this one"
    PKCE "fapi.par.code-challenge" ("DOC", "Technical concepts, PKCE")
        "code_challenge is a hash in base64url, and code_challenge_method is S256"
        => "send base64url(SHA-256(verifier)) and S256"
    CONTEXT "fapi.par.authentication-context" ("DOC", "1. Authorization request")
        "a Login app names an authentication_context_type of the list, a Myinfo app sends neither type nor message"
        => "send authentication_context_type in Login apps alone"
    ACR "fapi.par.acr-values" ("DOC", "1. Authorization request")
        "acr_values are Singpass' levels, and the client may ask for them"
        => "leave acr_values out, or have them allowed for the client"
    NESTED "fapi.par.no-request-uri" ("RFC 9126", "§2.1")
        "the pushed request has no request_uri of its own"
        => "leave request_uri out of the pushed request"
    REQUEST_URI remembered "fapi.auth.request-uri" ("DOC", "2. Redirection to Singpass")
        "request_uri was pushed by this client within the last minute, and no login came of it yet"
        => "push a request for each login, and send the browser there at once"
    AUTH_CLIENT "fapi.auth.client" ("DOC", "2. Redirection to Singpass")
        "client_id and request_uri are there, once each, and client_id is registered"
        => "send the browser to auth with client_id and request_uri"
    GRANT_TYPE "fapi.token.grant-type" ("DOC", "3. Token exchange")
        "grant_type is authorization_code"
        => "send grant_type=authorization_code"
    TOKEN_REQUIRED "fapi.token.required-parameters" ("DOC", "3. Token exchange")
        "code, redirect_uri and code_verifier are present"
        => "add the missing parameter to the form"
    CODE remembered "fapi.token.code" ("DOC", "3. Token exchange, invalid_grant")
        "the code was given to this client within the last minute, and is exchanged once"
        => "exchange the code of the callback at once, and once"
    TOKEN_REDIRECT remembered "fapi.token.redirect-uri" ("DOC", "3. Token exchange, invalid_grant")
        "redirect_uri is that of the pushed request"
        => "send the same redirect_uri in both requests, character by character"
    VERIFIER remembered "fapi.token.code-verifier" ("RFC 7636", "§4.6")
        "code_verifier gives the code_challenge of the pushed request"
        => "keep the verifier in the login's session"
    BEARER "fapi.userinfo.token" ("DOC", "5. Requesting for userinfo")
        "the Authorization header has the scheme DPoP and an access token of this service, and the address has no query"
        => "send `Authorization: DPoP <access token>` to the address without a query"
    BEARER_ALIVE remembered "fapi.userinfo.token-alive" ("DOC", "5. Requesting for userinfo, invalid_token")
        "the access token has not expired, and no reset came after it"
        => "fetch userinfo right after the token; a token lives 30 minutes"
    APP remembered "fapi.userinfo.app" ("DOC", "5. Requesting for userinfo")
        "the token was given to a Myinfo app"
        => "Login apps have no userinfo: what they get stands in the ID token"
    PERSON remembered "fapi.userinfo.person" ("DOC", "5. Requesting for userinfo, invalid_request")
        "the person has Myinfo data"
        => "log in as another persona"
}

/// Those of a client assertion.
pub(super) const ASSERTIONS: AssertionRules = AssertionRules {
    form: ASSERTION,
    signature: ASSERTION_SIGNATURE,
    subject: ASSERTION_SUBJECT,
    audience: ASSERTION_AUDIENCE,
    lifetime: ASSERTION_LIFETIME,
    once: ASSERTION_ONCE,
};
/// Those of a DPoP proof.
pub(super) const PROOFS: DpopRules = DpopRules {
    form: DPOP,
    signature: DPOP_SIGNATURE,
    method: DPOP_METHOD,
    address: DPOP_ADDRESS,
    fresh: DPOP_FRESH,
    once: DPOP_ONCE,
    nonce: DPOP_NONCE,
    token_hash: DPOP_TOKEN,
    key: DPOP_KEY,
};

/// Who is calling.
pub(super) const OF_CLIENT: &[&Rule] = &[
    FORM,
    CLIENT,
    CLIENT_KEYS,
    ASSERTION,
    ASSERTION_SIGNATURE,
    ASSERTION_SUBJECT,
    ASSERTION_AUDIENCE,
    ASSERTION_LIFETIME,
    ASSERTION_ONCE,
];
/// What every proof must keep.
pub(super) const OF_PROOF: &[&Rule] =
    &[DPOP, DPOP_SIGNATURE, DPOP_METHOD, DPOP_ADDRESS, DPOP_FRESH, DPOP_ONCE, DPOP_NONCE];
/// What a pushed request asks for.
pub(super) const OF_PAR: &[&Rule] = &[RESPONSE_TYPE, SCOPE, STATE, NONCE, REDIRECT, PKCE, CONTEXT, ACR, NESTED];
/// What the browser brings.
pub(super) const OF_AUTH: &[&Rule] = &[AUTH_CLIENT, REQUEST_URI];
/// What is exchanged.
pub(super) const OF_TOKEN: &[&Rule] = &[GRANT_TYPE, TOKEN_REQUIRED, CODE, TOKEN_REDIRECT, VERIFIER, DPOP_KEY];
/// What a userinfo request must keep beside its proof.
pub(super) const OF_USERINFO: &[&Rule] = &[BEARER, BEARER_ALIVE, CLIENT_KEYS, DPOP_TOKEN, DPOP_KEY, APP, PERSON];
