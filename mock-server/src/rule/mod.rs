//! What several profiles share: rules as values, nonces, attributes and scopes, signed and encrypted documents.

pub(crate) mod nested_jwe;
pub(crate) mod replay;
pub(crate) mod scope;

/// One requirement that the server enforces.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The stable name: `profile.subject.rule`.
    pub(crate) id: &'static str,
    /// The document that it comes from, by the short names of `docs/rules.md`; `guess` where nothing says.
    pub(crate) document: &'static str,
    /// The place in the document.
    pub(crate) section: &'static str,
    /// The requirement in one sentence.
    pub(crate) says: &'static str,
    /// What to do when it is broken, where the diagnosis knows nothing better.
    pub(crate) fix: &'static str,
}

impl Rule {
    /// Document and section in one text.
    pub(crate) fn source(&self) -> String {
        format!("{}, {}", self.document, self.section)
    }
}
