//! What several profiles share: rules as values, and the checks that take a profile's rules and policy.

pub(crate) mod client_assertion;
pub(crate) mod common;
pub(crate) mod dpop;
pub(crate) mod extra_parameters;
pub(crate) mod jwt;
pub(crate) mod pkce;
pub(crate) mod redirect;
pub(crate) mod replay;
pub(crate) mod source;
pub(crate) mod wrong_signature;

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
    /// Whether only a server can judge it which remembers codes, tokens and logins.
    pub(crate) needs_memory: bool,
}

/// Rules as a table: name, id, source, sentence, remedy; `remembered` behind the name where [`Rule::needs_memory`] holds.
macro_rules! rules {
    (@memory) => { false };
    (@memory remembered) => { true };
    ($($name:ident $($memory:ident)? $id:literal ($document:literal, $section:literal) $says:literal => $fix:literal)*) => {
        $(pub(crate) const $name: &$crate::rule::Rule = &$crate::rule::Rule {
            id: $id,
            document: $document,
            section: $section,
            says: $says,
            fix: $fix,
            needs_memory: $crate::rule::rules!(@memory $($memory)?),
        };)*
        /// Every rule of this table.
        pub(crate) const ALL: &[&$crate::rule::Rule] = &[$($name),*];
    };
}
pub(crate) use rules;

impl Rule {
    /// Document and section in one text.
    pub(crate) fn source(&self) -> String {
        format!("{}, {}", self.document, self.section)
    }

    /// What the wire says where it is broken: what is required. What was received is the developer's business alone.
    pub(crate) fn required(&self) -> String {
        format!("required: {}", self.says)
    }

    /// Where that place can be read, where a document says it.
    pub(crate) fn link(&self) -> Option<String> {
        source::link(self.document, self.section)
    }
}
