//! The known mistakes in a base string, each once: id, sentence, remedy.

use crate::doctor::mistake::MistakeKind;

macro_rules! kinds {
    ($($name:ident $id:literal $says:literal => $fix:literal)*) => {
        $(pub(super) const $name: &MistakeKind = &MistakeKind { id: $id, says: $says, fix: $fix };)*
        /// Every kind.
        pub(crate) const ALL: &[&MistakeKind] = &[$($name),*];
    };
}

kinds! {
    ENCODED "values-encoded" "the values were percent-encoded before signing"
        => "sign the values as they are; encode them only for the wire"
    ENCODED_TWICE "values-encoded-twice" "the values were percent-encoded twice before signing"
        => "sign the values as they are; encode them only for the wire"
    PLUS "plus-for-space" "spaces were signed as `+`"
        => "sign spaces as spaces; `+` belongs on the wire alone"
    OAUTH "encoded-as-a-whole" "URL and parameters were percent-encoded as a whole, as OAuth 1 does"
        => "join method, URL and parameters with `&`, encoding nothing"
    UNSORTED "unsorted" "the parameters were signed in the order in which they were sent"
        => "sort header fields and parameters together, by name"
    SORTED_OTHERWISE "sorted-another-way" "the parameters were sorted, but not by name in byte order"
        => "sort all of them together by name, byte by byte, A to z"
    MISSING "parameter-missing" "a parameter that was sent was not signed"
        => "sign every header field and every parameter that is sent, except `signature`"
    EXTRA "parameter-extra" "a parameter was signed that was not sent"
        => "send the parameter, or leave it out of the base string"
    SCHEME "scheme" "the URL was signed with another scheme"
        => "sign the URL that is called; behind a proxy, tell the mock its address with --public-url"
    PORT "port" "the URL was signed with another port"
        => "sign the URL that is called, with its port where it shows one"
    HOST "host" "the URL was signed with another host"
        => "sign the URL that is called; if it is reached under several names, tell the mock with --public-url"
    SLASH "slash-at-the-end" "the URL was signed with a slash at the end more, or less"
        => "sign the path exactly as it is called, with or without its final slash"
    PATH "path" "the URL was signed with another path"
        => "sign the whole path that is called"
    QUERY "query-in-url" "the query was left in the URL that was signed"
        => "cut the URL at `?`; its parameters stand behind it, sorted"
    METHOD "method" "another method was signed, or not in capitals"
        => "sign the method that is used, in capitals"
    SECONDS "timestamp-in-seconds" "the timestamp was signed in seconds and sent in milliseconds"
        => "use one value for both: milliseconds"
    QUOTED "values-quoted" "values were signed with their quotes"
        => "the quotes belong to the header alone: sign the values inside them"
    LIST "list-re-ordered" "the list of attributes was re-ordered, or joined otherwise, before signing"
        => "sign the list exactly as it is sent"
    BEARER "bearer-included" "the Bearer token was signed, too"
        => "leave the Bearer token out: it is appended to the finished header"
    SIGNATURE "signature-inside" "a parameter `signature` was signed"
        => "leave `signature` out: it is made from the base string"
    LINE_END "line-end" "a line break or blank was signed at the end"
        => "strip what stands behind the last value, or write the text without a final line break"
    BYTE_ORDER_MARK "byte-order-mark" "a byte-order mark was signed at the start"
        => "write the text as UTF-8 without a byte-order mark"
    DOUBLE_HASH "double-hash" "the hash was hashed again"
        => "give the text to RSA-SHA256, or the hash to bare RSA: not the hash to RSA-SHA256"
    HASH_AS_TEXT "hash-as-text" "the hash was signed as text"
        => "give the base string itself to RSA-SHA256"
    TEXT_AS_BASE64 "base-string-in-base64" "the base string was written in Base64 before signing"
        => "give the base string itself to RSA-SHA256"
    ALGORITHM "signature-method-name" "another name of the signature method was signed"
        => "sign signature_method=RS256, as it stands in the header"
    LATIN "latin-1" "the text was signed in Latin-1"
        => "sign the UTF-8 bytes of the text"
    SEPARATOR "separator" "method, URL and parameters were joined otherwise"
        => "join method, URL and parameters with a single `&`"
}
