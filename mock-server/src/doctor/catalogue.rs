//! The diagnoses, each once: id, when it is made, what it tells.

/// One kind of finding. The ids are stable: tests and scripts may rely on them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    pub(crate) id: &'static str,
    /// When it is made.
    pub(crate) when: &'static str,
    /// What it tells the developer.
    pub(crate) tells: &'static str,
}

macro_rules! diagnoses {
    ($($name:ident $id:literal $when:literal => $tells:literal)*) => {
        $(pub(crate) const $name: &Diagnosis = &Diagnosis { id: $id, when: $when, tells: $tells };)*
        /// Every diagnosis.
        pub(crate) const ALL: &[&Diagnosis] = &[$($name),*];
    };
}

diagnoses! {
    SIG_BASE "SIG-BASE" "a signature by the right key over another text, which a known mistake explains"
        => "the mistake, proved; the expected and the signed base string with their first difference"
    SIG_TEXT "SIG-TEXT" "a signature by the right key over a text that no known mistake explains"
        => "the expected base string, and which part of the request each field came from"
    SIG_KEY "SIG-KEY" "a signature that does not open with the client's registered key"
        => "whose key made it, where the mock knows that key; and whether the text was right"
    SIG_HASH "SIG-HASH" "a signature by the right key with another hash algorithm"
        => "which hash was used, and whether the text was right"
    SIG_PADDING "SIG-PADDING" "a signature by the right key with another padding than PKCS#1 v1.5"
        => "which padding was used: PSS, or a hash without its algorithm's name"
    SIG_ENCODING "SIG-ENCODING" "a signature that is no Base64, or has a length of its own"
        => "what was sent instead: Base64url, hexadecimal, line breaks, percent-escapes, another key's size"
    AUTHZ_SCHEME "AUTHZ-SCHEME" "an Authorization header of another scheme or form"
        => "the scheme, mark, quote, field or header name that was sent, and the nearest right form"
    PEM_KIND "PEM-KIND" "a key or certificate of the wrong kind in a registration or on the command line"
        => "what was found (label, format, size) and what belongs there"
    CLOCK "CLOCK" "a timestamp outside the window, or none"
        => "the difference in seconds; a wrong unit (seconds, micro- and nanoseconds, .NET ticks, file time); a date as text"
    NONCE_REPLAY "NONCE-REPLAY" "a nonce that was used before"
        => "when and where it was first used"
    CODE_REUSE "CODE-REUSE" "a code that was exchanged before"
        => "when it was exchanged"
    CODE_EXPIRED "CODE-EXPIRED" "a code that was exchanged too late"
        => "its age and how long codes live"
    CODE_OTHER "CODE-OTHER" "a code of another client, of the other context, or of nobody"
        => "whose it is, where the mock knows it; what stands behind it; the state, a token, a placeholder in its place"
    SECRET "SECRET" "a client secret of which the mock can prove what it is instead of the registered one"
        => "another client's, quoted, cut, encoded, another case, raw in a form, a placeholder or a variable's name"
    BODY_FORM "BODY-FORM" "a body that is no form, or does not say that it is one"
        => "what was sent: the Content-Type, or JSON, XML or multipart under the name of a form"
    REDIRECT_DIFF "REDIRECT-DIFF" "a redirect URI that is not the registered one, or not that of the authorise request"
        => "the first difference by character, and its kind: slash, port, case, scheme, encoding"
    SCOPE "SCOPE" "an attribute that does not exist or is not permitted"
        => "the nearest names; other separators than commas; names of v2, v4 and v5; capitals, quotes, encoded twice"
    SUB "SUB" "an id in the path that is not the token's subject"
        => "both values, masked"
    ATTR "ATTR" "an attribute outside the consent"
        => "which attributes, and what the consent covers"
    TOKEN_WHY "TOKEN-WHY" "a Bearer token that this service did not give out, or not for this"
        => "what the token is instead: expired, altered, of another issuer, an encrypted token, a code, no token at all"
    ENV_MIX "ENV-MIX" "signs of another environment: a signature in the sandbox, none in test, com at gov"
        => "which environment answers how, and which side to change"
    FORWARDED "FORWARDED" "the request came through a proxy that names another host or scheme"
        => "the address that the mock computed, and the headers that tell another"
    OLD_API "OLD-API" "a sign of FAPI at the API before it: its discovery document read, a DPoP proof, a request URI"
        => "which API this is, and FAPI's address for the same"
    EXTRA_PARAM "EXTRA-PARAM" "a parameter that this endpoint does not know"
        => "that it is ignored, and which version or endpoint has it"
    TAKEN "TAKEN" "something of FAPI that the documents want otherwise, and that is taken unless `strict` is set"
        => "what it is, what the documents want, and what a library calls it"
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_capitals() {
        let ids: BTreeSet<&str> = ALL.iter().map(|diagnosis| diagnosis.id).collect();
        assert_eq!(ids.len(), ALL.len());
        assert!(ids.iter().all(|id| id.chars().all(|character| character.is_ascii_uppercase() || character == '-')));
        assert!(ALL.iter().all(|diagnosis| !diagnosis.when.is_empty() && !diagnosis.tells.is_empty()));
    }
}
