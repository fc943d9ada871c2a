//! Finding personas by words: names, numbers, situations and properties, `no address`, `over 60`.

use super::Persona;
use super::properties::Properties;
use time::Date;

/// Words that stand for a property, and for nothing else: a name that begins with `PR` is no permanent resident.
const SHORT: [(&str, &str); 13] = [
    ("pr", "permanent resident"),
    ("prs", "permanent resident"),
    ("spr", "permanent resident"),
    ("sc", "citizen"),
    ("citizen", "citizen"),
    ("citizens", "citizen"),
    ("fin", "foreigner, FIN"),
    ("foreigner", "foreigner, FIN"),
    ("foreigners", "foreigner, FIN"),
    ("man", "male"),
    ("men", "male"),
    ("woman", "female"),
    ("women", "female"),
];

/// Words that stand between `no` or `with` and what is meant: `with a car`, `no Myinfo data`.
const BETWEEN: [&str; 4] = ["a", "an", "any", "myinfo"];

/// Words that say how what stands behind them is meant.
const BEFORE: [&str; 7] = ["over", "above", "under", "below", "no", "without", "with"];

/// Whether a word means something by itself, whoever there is.
pub(crate) fn is_understood(word: &str) -> bool {
    let of_kind = SHORT.iter().any(|(short, _)| *short == word);
    of_kind || BEFORE.contains(&word) || BETWEEN.contains(&word)
}

/// What somebody looks for: every term must hold.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Search(Vec<Term>);

#[derive(Debug, PartialEq, Eq)]
enum Term {
    /// At least so many years and one more: `over 60`.
    Over(i32),
    /// Fewer years: `under 21`.
    Under(i32),
    /// The record has nothing of it, or the description says so: `no address`.
    No(String),
    /// A property begins with it: `permanent resident` for `PR`.
    Property(&'static str),
    /// A word of name, description or properties begins with it, or the number holds it.
    Word(String),
}

impl Search {
    /// Reads what was typed.
    pub(crate) fn read(typed: &str) -> Self {
        let lower = typed.to_lowercase();
        let words: Vec<&str> =
            lower.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()).collect();
        let mut rest = words.as_slice();
        let mut terms = Vec::new();
        while let [word, after @ ..] = rest {
            let after = if ["no", "without", "with"].contains(word) { meant(after) } else { after };
            rest = after;
            if *word == "with" && !after.is_empty() {
                continue;
            }
            let next = after.first();
            let years = || next.and_then(|next| next.parse().ok());
            let of_two = match *word {
                "over" | "above" => years().map(Term::Over),
                "under" | "below" => years().map(Term::Under),
                "no" | "without" => next.map(|next| Term::No((*next).to_owned())),
                _ => None,
            };
            rest = after.get(usize::from(of_two.is_some())..).unwrap_or_default();
            terms.push(of_two.unwrap_or_else(|| Self::word(word)));
        }
        Self(terms)
    }

    fn word(word: &str) -> Term {
        if let Some(years) = word.strip_suffix('+').and_then(|years| years.parse::<i32>().ok()) {
            return Term::Over(years.saturating_sub(1));
        }
        let short = SHORT.iter().find(|(short, _)| *short == word);
        short.map_or_else(|| Term::Word(word.to_owned()), |(_, property)| Term::Property(property))
    }

    /// Whether a persona is meant, of whom everything is to be looked up first.
    pub(crate) fn finds(&self, persona: &Persona, today: Date) -> bool {
        if self.0.is_empty() {
            return true;
        }
        self.fits(persona, &Properties::of(persona, today))
    }

    /// Whether a persona with these properties is meant.
    pub(crate) fn fits(&self, persona: &Persona, properties: &Properties) -> bool {
        self.0.iter().all(|term| term.holds(persona, properties))
    }
}

/// The words without those in between; as they are where there are no others.
fn meant<'w, 't>(words: &'w [&'t str]) -> &'w [&'t str] {
    let start = words.iter().position(|word| !BETWEEN.contains(word));
    start.and_then(|start| words.get(start..)).unwrap_or(words)
}

impl Term {
    fn holds(&self, persona: &Persona, properties: &Properties) -> bool {
        match self {
            Self::Over(years) => properties.age.is_some_and(|age| age > *years),
            Self::Under(years) => properties.age.is_some_and(|age| age < *years),
            Self::No(what) => {
                let stem = what.strip_suffix('s').unwrap_or(what);
                properties.lacks.iter().any(|lack| lack.starts_with(stem)) || says(&persona.why, &["no", what])
            }
            Self::Property(property) => properties.shown.iter().any(|shown| shown.starts_with(property)),
            Self::Word(word) => {
                let texts = [&persona.name, &persona.why].into_iter().chain(&properties.shown);
                persona.id.to_lowercase().contains(word) || texts.into_iter().any(|text| says(text, &[word]))
            }
        }
    }
}

/// Whether words follow each other in a text, the last one perhaps with more letters behind it.
fn says(text: &str, wanted: &[&str]) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && !"'.-@/".contains(c)).collect();
    let Some((last, first)) = wanted.split_last() else { return false };
    words
        .windows(wanted.len())
        .any(|window| window.split_last().is_some_and(|(end, start)| start == first && end.starts_with(last)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persona::{Personas, dates};

    fn found(typed: &str) -> Vec<String> {
        let personas = Personas::built_in().unwrap();
        let today = dates::parse_day("2026-11-26").unwrap();
        personas.search(typed, today).map(|persona| persona.id.clone()).collect()
    }

    fn property(id: &str) -> Properties {
        let personas = Personas::built_in().unwrap();
        Properties::of(personas.find(id).unwrap(), dates::parse_day("2026-11-26").unwrap())
    }

    #[test]
    fn pr_finds_the_nine_permanent_residents_and_nobody_else() {
        let found = found("PR");
        assert_eq!(found.len(), 9);
        assert!(found.iter().all(|id| property(id).shown.contains(&"permanent resident".to_owned())));
    }

    #[test]
    fn male_and_female_are_two_words() {
        let (men, women) = (found("male"), found("female"));
        assert!(men.len() > 20 && women.len() > 15, "{} and {}", men.len(), women.len());
        assert!(men.iter().all(|id| !women.contains(id)));
    }

    #[test]
    fn age_and_what_is_missing_are_asked_for_in_words() {
        let old = found("over 60");
        assert!(!old.is_empty() && old.iter().all(|id| property(id).age.unwrap() > 60), "{old:?}");
        let young = found("under 21, female");
        assert!(young.iter().all(|id| property(id).age.unwrap() < 21), "{young:?}");
        let homeless = found("no address");
        assert!(homeless.contains(&"G1612350T".to_owned()) && !homeless.contains(&"S0000005A".to_owned()));
        assert!(found("without children married").contains(&"S6005048A".to_owned()));
    }

    #[test]
    fn what_people_are_called_in_the_plural_and_what_they_have_is_understood() {
        for (typed, same) in [
            ("women", "female"),
            ("Men", "male"),
            ("citizens", "citizen"),
            ("Foreigners", "FIN"),
            ("PRs", "PR"),
            ("60+", "over 59"),
            ("with a car", "car"),
            ("with children", "children"),
            ("No Myinfo data", "no data"),
            ("without an address", "no address"),
        ] {
            assert_eq!(found(typed), found(same), "{typed}");
            assert!(!found(typed).is_empty(), "{typed}");
        }
        assert!(found("60+").len() >= found("over 60").len());
    }

    #[test]
    fn names_parts_of_numbers_and_situations_are_found_as_before() {
        assert_eq!(found("andy"), ["S6005048A"]);
        assert_eq!(found("05048a"), ["S6005048A"]);
        assert!(found("o'sullivan").contains(&"T0000004Z".to_owned()));
        assert_eq!(found("").len(), 54);
        assert!(
            found("zzz over x").is_empty() && found("over").len() < 54,
            "words without what belongs to them are words"
        );
    }
}
