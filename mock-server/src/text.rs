//! Small things about text: the nearest of several names, percent-encoding, and what is safe to show on one line.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::hash::Hash;

#[cfg(test)]
pub(crate) use tests::compared;

/// Everything but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes a value for a query.
pub(crate) fn encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

/// Bytes in lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Whether a character ends or turns a line, or does something else to a terminal than to stand there.
pub(crate) fn is_odd(character: char) -> bool {
    let turns = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    character.is_control() || turns
}

/// The text on one line, as it is: control characters and those that turn the writing direction become escapes.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_odd(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The word with its first letter in capitals.
pub(crate) fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A remark as a sentence: with a capital letter, and with a full stop unless it ends as a question.
pub(crate) fn sentence(remark: &str) -> String {
    let stop = if remark.ends_with(['.', '?']) { "" } else { "." };
    format!("{}{stop}", capitalised(remark))
}

/// The lines of a text, each as [`visible`] shows it: what stands in a file is shown, not obeyed by a terminal.
pub(crate) fn on_lines(text: &str) -> String {
    text.lines().map(|line| visible(line) + "\n").collect()
}

/// Whether a text can be a parameter's name. A whole body that was taken for one may hold anything.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]".contains(&byte))
}

/// Each item once, in the order of its first appearance.
pub(crate) fn distinct<T: Eq + Hash + Copy>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.filter(|item| seen.insert(*item)).collect()
}

/// The longest text for which near names are looked for: none of ours has so many bytes.
const LONGEST: usize = 80;

/// The candidates that look most like `name`: at most three, best first, none that is far off.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    if name.len() > LONGEST {
        return Vec::new();
    }
    let wanted = name.to_lowercase();
    let mut scored: Vec<(f64, &str)> = candidates
        .map(|candidate| (similarity(&wanted, candidate), candidate))
        .filter(|(score, _)| *score > 0.8)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

fn similarity(wanted: &str, candidate: &str) -> f64 {
    #[cfg(test)]
    tests::COMPARED.set(tests::COMPARED.get() + 1);
    strsim::jaro_winkler(wanted, &candidate.to_lowercase())
}

/// `; did you mean …?` with the nearest name, or nothing.
pub(crate) fn meant<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    nearest(name, candidates).first().map_or_else(String::new, |best| format!("; did you mean `{best}`?"))
}

/// How many there are of what is called so: `1 part`, `2 parts`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Names in backticks, with the verb that fits; nothing for none.
pub(crate) fn listed<'n>(names: impl Iterator<Item = &'n str>) -> Option<String> {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("{one} is")),
        [first @ .., last] => Some(format!("{} and {last} are", first.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::hash::Hasher;

    thread_local! {
        /// How many names were compared in this thread: what a search for near names costs.
        pub(super) static COMPARED: Cell<usize> = const { Cell::new(0) };
        static EQUATED: Cell<usize> = const { Cell::new(0) };
    }

    /// What `work` returns, and how many names it compared.
    pub(crate) fn compared<T>(work: impl FnOnce() -> T) -> (T, usize) {
        let before = COMPARED.get();
        let done = work();
        (done, COMPARED.get() - before)
    }

    /// A number that counts how often it is compared.
    #[derive(Clone, Copy, Eq)]
    struct Counted(usize);

    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            EQUATED.set(EQUATED.get() + 1);
            self.0 == other.0
        }
    }

    impl Hash for Counted {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    #[test]
    fn one_is_counted_as_one() {
        let counts = [(0, "part"), (1, "rule"), (2, "time")].map(|(count, what)| counted(count, what));
        assert_eq!(counts, ["0 parts", "1 rule", "2 times"]);
    }

    #[test]
    fn what_is_there_twice_is_found_in_linear_work() {
        assert_eq!(distinct("mississippi".chars()), ['m', 'i', 's', 'p']);
        let items = (0..10_000).chain(0..10_000).map(Counted);
        assert_eq!(distinct(items).len(), 10_000);
        assert!(EQUATED.get() < 40_000, "{} comparisons for 20,000 items", EQUATED.get());
    }

    #[test]
    fn what_is_too_long_for_a_name_has_no_near_one() {
        let known = ["nationality", "name"];
        assert_eq!(nearest("natonality", known.into_iter()), ["nationality"]);
        let (near, compared) = compared(|| nearest(&"nationality".repeat(1_000), known.into_iter()));
        assert_eq!((near.len(), compared), (0, 0));
    }

    #[test]
    fn what_turns_or_ends_a_line_is_shown_as_an_escape() {
        assert_eq!(visible("a\nb\u{202e}c ü"), "a\\u{a}b\\u{202e}c ü");
    }

    #[test]
    fn a_question_ends_as_one() {
        assert_eq!(["there is none", "is it `x`?", "no."].map(sentence), ["There is none.", "Is it `x`?", "No."]);
    }

    #[test]
    fn a_first_letter_may_be_of_any_script() {
        assert_eq!(
            [capitalised("uri"), capitalised("ßa"), capitalised("😀x"), capitalised("")],
            ["Uri", "SSa", "😀x", ""]
        );
    }
}
