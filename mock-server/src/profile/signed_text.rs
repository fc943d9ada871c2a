//! What a client signed in one request, as far as the mock can tell: to hold a text of one's own against.

/// A text that was signed, or should have been.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SignedText {
    /// What it is called: `base string`.
    pub(crate) name: &'static str,
    pub(crate) content: Content,
}

/// Its content, by its form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// The whole of it counts, character by character.
    Text(String),
    /// A JWT of this type, in compact form: its members count, not their order.
    Token {
        /// The `typ` of its header, where its kind has one.
        kind: Option<&'static str>,
        token: String,
    },
}
