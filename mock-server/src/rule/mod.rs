//! What several profiles share: rules as values, nonces, attributes and scopes, signed and encrypted documents.

pub(crate) mod nested_jwe;
pub(crate) mod replay;
pub(crate) mod scope;

/// One requirement that the server enforces.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The stable name: `profile.subject.rule`.
    pub(crate) id: &'static str,
    /// Where the requirement comes from; `guess` where no document or recording says.
    pub(crate) source: &'static str,
    /// The requirement in one sentence.
    pub(crate) says: &'static str,
}
