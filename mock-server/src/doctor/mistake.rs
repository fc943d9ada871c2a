//! A kind of mistake that can be proved: what was done, and what to do instead.

/// One kind of mistake.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MistakeKind {
    /// The stable name.
    pub(crate) id: &'static str,
    /// What was done.
    pub(crate) says: &'static str,
    /// What to do instead.
    pub(crate) fix: &'static str,
}
