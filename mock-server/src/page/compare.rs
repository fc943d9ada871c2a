//! A text of one's own beside what a request signed.

use super::difference::{Cut, cuts};
use super::render;
use crate::http::exchange::Answer;
use crate::refusal::Failure;
use askama::Template;

/// How many characters a text of one's own may have.
pub(crate) const LENGTH: usize = 16 * 1024;

/// The page that shows both.
#[derive(Template)]
#[template(path = "compare.html")]
pub(crate) struct ComparePage<'a> {
    pub(crate) base: &'a str,
    pub(crate) exchange: u64,
    pub(crate) transaction: u64,
    /// What can be compared, in words.
    pub(crate) names: String,
    pub(crate) seen: Seen,
}

impl ComparePage<'_> {
    const fn length() -> usize {
        LENGTH
    }
}

/// What became of the comparison.
pub(crate) enum Seen {
    /// The two are the same.
    Same(&'static str),
    /// They differ only in what is masked.
    Masked(&'static str),
    Text(&'static str, [Cut; 2]),
    Members(&'static str, Vec<Member>),
    /// The text cannot be compared, and why.
    Unusable(String),
}

impl Seen {
    /// Two texts of this name, and both as they may be shown.
    pub(crate) fn texts(name: &'static str, [came, own]: [&str; 2], [came_shown, own_shown]: [&str; 2]) -> Self {
        match cuts(("Expected of this request", came_shown), ("Yours", own_shown)) {
            _ if came == own => Self::Same(name),
            Some(cuts) => Self::Text(name, cuts),
            None => Self::Masked(name),
        }
    }

    /// How many members differ that need not.
    fn differing(members: &[Member]) -> usize {
        members.iter().filter(|member| member.differs() && !member.always_new).count()
    }
}

/// A member of two tokens.
pub(crate) struct Member {
    /// `header` or `claims`.
    pub(crate) part: &'static str,
    pub(crate) name: String,
    /// As they may be shown.
    pub(crate) came: Option<String>,
    pub(crate) own: Option<String>,
    /// Whether it is another one in every request.
    pub(crate) always_new: bool,
    /// Whether the two are the same.
    pub(crate) same: bool,
}

impl Member {
    const fn differs(&self) -> bool {
        !self.same
    }

    /// Both values, cut where they differ.
    fn cuts(&self) -> Option<[Cut; 2]> {
        if self.same || self.always_new {
            return None;
        }
        cuts(("Came", self.came.as_ref()?), ("Yours", self.own.as_ref()?))
    }
}

/// Renders the comparison.
pub(crate) fn compare(page: &ComparePage<'_>) -> Result<Answer, Failure> {
    render(page)
}
