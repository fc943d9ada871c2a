//! Two texts side by side, with what differs marked: the range between what they begin with and what they end with alike.

use crate::text::visible;

/// A text cut around the range in which it differs from another one.
pub(crate) struct Cut {
    pub(crate) title: &'static str,
    /// What both begin with.
    pub(crate) before: String,
    pub(crate) mark: String,
    /// What both end with.
    pub(crate) behind: String,
}

impl Cut {
    fn new(title: &'static str, text: &str, shared: Shared) -> Self {
        let length = text.chars().count();
        let part = |from: usize, to: usize| -> String {
            visible(&text.chars().skip(from).take(to.saturating_sub(from)).collect::<String>())
        };
        let end = length.saturating_sub(shared.end);
        let mark = part(shared.start, end);
        let (before, behind) = (part(0, shared.start), part(end, length));
        // a text that lacks something differs, too
        let nothing = if behind.is_empty() { "⟨end⟩" } else { "⟨nothing⟩" };
        Self { title, before, mark: if mark.is_empty() { nothing.to_owned() } else { mark }, behind }
    }
}

/// How many characters two texts have in common at the start and at the end.
#[derive(Clone, Copy)]
struct Shared {
    start: usize,
    end: usize,
}

impl Shared {
    fn of(one: &str, other: &str) -> Self {
        let start = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
        // what was counted from the start is not counted again
        let left = one.chars().count().min(other.chars().count()) - start;
        let backwards = one.chars().rev().zip(other.chars().rev());
        let end = backwards.take(left).take_while(|(one, other)| one == other).count();
        Self { start, end }
    }
}

/// Both texts with their titles, cut where they differ; nothing where they are equal.
pub(crate) fn cuts((title, one): (&'static str, &str), (other_title, other): (&'static str, &str)) -> Option<[Cut; 2]> {
    if one == other {
        return None;
    }
    let shared = Shared::of(one, other);
    Some([Cut::new(title, one, shared), Cut::new(other_title, other, shared)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(one: &str, other: &str) -> [[String; 3]; 2] {
        let cuts = cuts(("one", one), ("other", other)).unwrap();
        cuts.map(|cut| [cut.before, cut.mark, cut.behind])
    }

    #[test]
    fn the_range_that_differs_is_marked_and_nothing_else() {
        for (one, other, wanted) in [
            ("a=1&b=2&c=3", "a=1&b=9&c=3", [["a=1&b=", "2", "&c=3"], ["a=1&b=", "9", "&c=3"]]),
            ("GET&x", "GET&x/", [["GET&x", "⟨end⟩", ""], ["GET&x", "/", ""]]),
            ("ab", "axb", [["a", "⟨nothing⟩", "b"], ["a", "x", "b"]]),
            ("aa", "aaa", [["aa", "⟨end⟩", ""], ["aa", "a", ""]]),
            ("", "x", [["", "⟨end⟩", ""], ["", "x", ""]]),
            ("aüb", "aöb", [["a", "ü", "b"], ["a", "ö", "b"]]),
        ] {
            assert_eq!(marked(one, other), wanted, "{one} {other}");
        }
        assert!(cuts(("one", "same"), ("other", "same")).is_none());
    }

    #[test]
    fn what_would_turn_a_line_is_shown_and_not_obeyed() {
        assert_eq!(marked("a\u{202e}b", "ab")[0][1], "\\u{202e}");
        assert_eq!(marked("a\nb", "ab")[0][1], "\\u{a}");
    }
}
