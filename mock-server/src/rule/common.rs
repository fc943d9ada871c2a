//! The rules that belong to no profile: HTTP, the login's pages, and what the mock itself asks for.

use super::rules;

rules! {
    PATH "http.path" ("RFC 9110", "§15.5.5")
        "the path is that of an endpoint"
        => "correct the base URL of your client"
    METHOD "http.method" ("RFC 9110", "§15.5.6")
        "an endpoint is called with its method"
        => "call the endpoint with the method of the document"
    HOST "http.host" ("RFC 9112", "§3.2")
        "a request has one Host header"
        => "send the Host header once; which of two was signed would be a guess"
    BODY "http.body" ("guess", "undefined in the documents")
        "the body arrives whole, in time and within the limit"
        => "send the whole body at once; a token request has less than 2 kB"
    LOGIN "login.alive" ("guess", "by analogy with v4")
        "the login belongs to a transaction that is under way"
        => "go back to the application and start again"
    PERSONA remembered "mock.persona" ("this mock", "docs/configuration.md")
        "the persona of X-Myinfo-Mock-Persona, --auto-login or the login queue exists"
        => "choose one of `myinfo-mock persona list`"
    ELSEWHERE "mock.elsewhere" ("SPEC", "no redirects are documented; v3.md, security check 39")
        "an Authorization header is not carried to where a redirect points"
        => "do not follow redirects of the API"
}
