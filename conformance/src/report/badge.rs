//! The numbers of a run as a small picture for a README. SVG, for it needs no service that draws it and fetches the numbers: a
//! repository that nobody else can read has a badge, too.

use super::escaped;
use crate::run::Summary;

const NAME: &str = "Myinfo conformance";
/// How wide a character is taken to be: a little more than the widest usual letters need.
const CHARACTER: usize = 7;

/// The picture.
pub(super) fn picture(summary: &Summary) -> String {
    let (says, colour) = told(summary);
    let wide = |text: &str| text.chars().count() * CHARACTER + 12;
    let (left, right) = (wide(NAME), wide(&says));
    let (all, middle, end) = (left + right, left / 2, left + right / 2);
    let says = escaped(&says);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{all}" height="20" role="img" aria-label="{NAME}: {says}"><title>{NAME}: {says}</title><rect width="{all}" height="20" rx="3" fill="#444c56"/><path d="M{left} 0h{inner}q3 0 3 3v14q0 3-3 3H{left}z" fill="{colour}"/><g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle"><text x="{middle}" y="14">{NAME}</text><text x="{end}" y="14">{says}</text></g></svg>
"##,
        inner = right - 3,
    )
}

/// What the badge says, and its colour: dark enough for white letters.
fn told(summary: &Summary) -> (String, &'static str) {
    let broken = summary.failed + summary.stale;
    let of = format!("{} of {} kept", summary.passed, summary.cases);
    if broken > 0 {
        (format!("{broken} failed, {of}"), "#b42318")
    } else if summary.inconclusive > 0 {
        (format!("{} inconclusive, {of}", summary.inconclusive), "#57606a")
    } else {
        (of, if summary.warned + summary.known > 0 { "#8a5300" } else { "#116329" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_broken_comes_before_what_was_kept() {
        let told = |failed, inconclusive, warned| {
            let summary = Summary { cases: 9, passed: 5, failed, inconclusive, warned, ..Summary::default() };
            told(&summary)
        };
        assert_eq!(told(0, 0, 0), ("5 of 9 kept".to_owned(), "#116329"));
        assert_eq!(told(0, 0, 1), ("5 of 9 kept".to_owned(), "#8a5300"));
        assert_eq!(told(0, 2, 1), ("2 inconclusive, 5 of 9 kept".to_owned(), "#57606a"));
        assert_eq!(told(3, 2, 1), ("3 failed, 5 of 9 kept".to_owned(), "#b42318"));
    }

    #[test]
    fn the_picture_says_it_in_words_too() {
        let svg = picture(&Summary { cases: 2, passed: 2, ..Summary::default() });
        assert!(svg.contains(r#"aria-label="Myinfo conformance: 2 of 2 kept""#), "{svg}");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
    }
}
